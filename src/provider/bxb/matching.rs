//! Which live charge is which key of the files. The API has no name for a charge, its id changes with every write of
//! the plan, and the order of charges is not kept (bxb-api.md §3, §6.2): they are matched by Pricebook's own mark in
//! their properties, then by content.

use std::collections::{BTreeMap, BTreeSet};

use super::charges::ChargeModel;
use super::properties::from_json;
use super::wire;
use crate::model::{Fields, Value, path_segment};
use serde_json::{Map, Value as Json};

/// The private key in a charge's properties. The server returns unknown keys as they are, and no calculator reads
/// them (§6.2).
pub(super) const MARK: &str = "_pricebook";

/// A live charge in the words of the catalog.
pub(super) struct LiveCharge<'w> {
    pub wire: &'w wire::Charge,
    pub fields: Fields,
    /// The key that Pricebook gave it, if it wrote it.
    pub key: Option<String>,
}

/// Reads a charge. `filter_ids` are the ids that the metric's filters have now, by key, where they were read: a
/// filter that was made anew has taken the values of its charges with it (§6.1).
pub(super) fn read<'w>(
    charge: &'w wire::Charge,
    metric: &str,
    filter_ids: Option<&BTreeMap<&str, &str>>,
    exponent: u32,
) -> LiveCharge<'w> {
    let mut fields = Fields::new();
    fields.insert("billable_metric".into(), metric.into());
    fields.insert("charge_model".into(), charge.charge_model.as_str().into());
    let mark = charge.properties.get(MARK).and_then(Json::as_object);
    if let Some(model) = ChargeModel::from_word(&charge.charge_model) {
        from_json(&mut fields, "", model, &charge.properties, exponent);
        if let Some(mark) = mark {
            filters(&mut fields, mark, filter_ids, model, exponent);
        }
    }
    let key = mark.and_then(|mark| mark.get("key")).and_then(Json::as_str).map(str::to_owned);
    LiveCharge { wire: charge, fields, key }
}

/// The copy of the filters that Pricebook keeps, because no read returns them.
fn filters(
    fields: &mut Fields,
    mark: &Map<String, Json>,
    ids: Option<&BTreeMap<&str, &str>>,
    model: ChargeModel,
    exponent: u32,
) {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for filter in mark.get("filters").and_then(Json::as_array).into_iter().flatten() {
        let text = |key: &str| filter.get(key).and_then(Json::as_str);
        let (Some(key), Some(value)) = (text("key"), text("value")) else { continue };
        if ids.is_some_and(|ids| ids.get(key).copied() != text("filter")) {
            continue;
        }
        values.entry(key).or_default().insert(value);
        let prefix = format!("filters.{}.{}.", path_segment(key), path_segment(value));
        if let Some(properties) = filter.get("properties").and_then(Json::as_object) {
            from_json(fields, &prefix, model, properties, exponent);
        }
        if let Some(name) = text("invoice_display_name") {
            fields.insert(format!("{prefix}invoice_display_name").into(), name.into());
        }
    }
    for (key, values) in values {
        fields.insert(format!("filters.{}", path_segment(key)).into(), super::desired::sorted(values));
    }
}

/// A key for every charge, in their order. A key of ours that the files (or the ledger) still have comes first;
/// then the best match by content among the charges for the same metric; what is left is named after its metric.
pub(super) fn keys(
    charges: &[LiveCharge<'_>],
    wanted: &BTreeMap<&str, &Fields>,
    known: &BTreeSet<&str>,
) -> Vec<String> {
    let mut given: Vec<Option<String>> = vec![None; charges.len()];
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut pairs: Vec<(i64, &str, String, usize)> = Vec::new();
    for (at, charge) in charges.iter().enumerate() {
        for (key, fields) in wanted {
            let own = charge.key.as_deref() == Some(key);
            let same_metric = fields.get("billable_metric") == charge.fields.get("billable_metric");
            if own || same_metric {
                let score = likeness(fields, &charge.fields) + if own { 1_000_000 } else { 0 };
                pairs.push((-score, key, order(charge), at));
            }
        }
    }
    pairs.sort();
    for (_, key, _, at) in pairs {
        if given[at].is_none() && !taken.contains(key) {
            taken.insert(key.to_owned());
            given[at] = Some(key.to_owned());
        }
    }
    let mut rest: Vec<usize> = (0..charges.len()).filter(|at| given[*at].is_none()).collect();
    rest.sort_by_key(|at| order(&charges[*at]));
    for at in rest {
        let charge = &charges[at];
        let own = charge.key.as_deref().filter(|key| known.contains(key));
        let stem = own.or(charge.key.as_deref()).or_else(|| charge.fields.get("billable_metric").and_then(Value::text));
        // A metric's code may hold dots, a key may not.
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let stem: String = stem
            .filter(|stem| !stem.is_empty())
            .unwrap_or("charge")
            .chars()
            .map(|c| if fits(c) { c } else { '_' })
            .collect();
        let mut key = stem.clone();
        let mut number = 2;
        // Not a key of the files: they ask for another charge under it.
        while taken.contains(&key) || wanted.contains_key(key.as_str()) {
            key = format!("{stem}_{number}");
            number += 1;
        }
        taken.insert(key.clone());
        given[at] = Some(key);
    }
    given.into_iter().flatten().collect()
}

/// An order that does not depend on the API's.
fn order(charge: &LiveCharge<'_>) -> String {
    let mut text = String::new();
    for (path, value) in &charge.fields {
        text.push_str(&format!("{path}={value}\n"));
    }
    text + &charge.wire.id
}

/// How much two charges say the same.
fn likeness(one: &Fields, other: &Fields) -> i64 {
    let same = |path: &str| i64::from(one.get(path) == other.get(path));
    let equal = one.iter().filter(|(path, value)| other.get(path) == Some(*value)).count();
    let different = one.len() + other.len() - 2 * equal;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX / 4);
    same("billable_metric") * 100_000 + same("charge_model") * 10_000 + 10 * count(equal) - count(different)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn charge(id: &str, model: &str, properties: Json) -> wire::Charge {
        serde_json::from_value(json!({
            "id": id, "billable_metric_id": "m", "charge_model": model, "properties": properties
        }))
        .unwrap()
    }

    fn fields(pairs: &[(&'static str, &str)]) -> Fields {
        pairs
            .iter()
            .map(|(path, value)| ((*path).into(), value.parse().map_or((*value).into(), Value::Decimal)))
            .collect()
    }

    #[test]
    fn charges_are_known_by_mark_then_by_content() {
        let wire = [
            charge("1", "standard", json!({ "amount": "100" })),
            charge("2", "standard", json!({ "amount": "200" })),
            charge("3", "standard", json!({ "amount": "300", "_pricebook": { "key": "a" } })),
            charge("4", "package", json!({ "amount": "1", "_pricebook": { "key": "gone" } })),
        ];
        let live: Vec<LiveCharge<'_>> = wire.iter().map(|charge| read(charge, "m", None, 2)).collect();
        let a = fields(&[("billable_metric", "m"), ("charge_model", "standard"), ("amount", "1")]);
        let b = fields(&[("billable_metric", "m"), ("charge_model", "standard"), ("amount", "2")]);
        let wanted = BTreeMap::from([("a", &a), ("b", &b)]);
        assert_eq!(keys(&live, &wanted, &BTreeSet::new()), ["m", "b", "a", "gone"]);
        let mut turned: Vec<LiveCharge<'_>> = wire.iter().rev().map(|charge| read(charge, "m", None, 2)).collect();
        assert_eq!(keys(&turned, &wanted, &BTreeSet::new()), ["gone", "a", "b", "m"]);
        turned.truncate(0);
        assert!(keys(&turned, &wanted, &BTreeSet::new()).is_empty());
    }

    #[test]
    fn a_filter_that_was_made_anew_has_lost_its_values() {
        let mark = json!({ "amount": "1", "_pricebook": { "key": "a", "filters": [
            { "filter": "f1", "key": "region", "value": "eu.west", "properties": { "amount": "0" } }
        ] } });
        let wire = charge("1", "standard", mark);
        let kept = read(&wire, "m", Some(&BTreeMap::from([("region", "f1")])), 2).fields;
        assert_eq!(kept.get("filters.region").unwrap().to_string(), "eu.west");
        assert_eq!(kept.get("filters.region.\"eu.west\".amount").unwrap().to_string(), "0");
        let lost = read(&wire, "m", Some(&BTreeMap::from([("region", "f2")])), 2).fields;
        assert!(lost.keys().all(|path| !path.starts_with("filters")));
    }
}
