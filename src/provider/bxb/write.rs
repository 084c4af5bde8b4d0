//! Live resources → the catalog that says them: the reverse of `desired`. Pure.
//!
//! What the API never shows is not invented.

use std::collections::BTreeSet;

use crate::edit::{Entry, Layout, Map, Tree};
use crate::model::{Address, FieldKind, Live, LiveObject, Resource, Value, path_segment};
use crate::provider::instant;
use crate::provider::writing::{Section, Written, all, children, fields, object, part, said, said_of_all, tree};

const HEAD: &[&str] = &[
    "What a changed amount does to existing subscribers. Say it before an amount changes, with one of:",
    "price_changes: reprice        # they pay the new amount at once: bxb keeps no versions",
    "price_changes: grandfather    # they keep what they have: such a change is refused, a new plan is the way",
];

pub(super) fn write(live: &Live) -> Written {
    let simple =
        |collection| all(live, collection).map(|one| object(&one.resource.address, fields(&one.resource, &[])));
    Written {
        head: HEAD.to_vec(),
        sections: vec![
            Section::new("taxes", simple("taxes")),
            Section::new("billable_metrics", all(live, "billable_metrics").map(|metric| self::metric(live, metric))),
            Section::new("features", simple("features")),
            Section::new("plans", all(live, "plans").map(|plan| self::plan(live, plan))),
            Section::new("add_ons", simple("add_ons")),
            Section::new("coupons", all(live, "coupons").map(coupon)),
        ],
        unsayable: unsayable(live),
    }
}

/// Plans with charges whose properties no calculator can use (bxb-api.md §7).
fn unsayable(live: &Live) -> Vec<(Address, String)> {
    let mut found = Vec::new();
    for plan in all(live, "plans") {
        for charge in children(live, &plan.resource.address, "charges") {
            let raw = charge
                .resource
                .fields
                .iter()
                .find_map(|(path, value)| Some((path.strip_prefix("properties.")?, value)));
            if let Some((property, value)) = raw {
                let key = charge.resource.address.below_root();
                let why = format!("{key}: the API holds {property}: {value}, which bills nothing or breaks billing");
                found.push((plan.resource.address.clone(), why));
                break;
            }
        }
    }
    found
}

fn metric(live: &Live, metric: &LiveObject) -> Entry {
    let address = &metric.resource.address;
    let mut map = fields(&metric.resource, &[]);
    for filter in children(live, address, "filters") {
        let values = filter.resource.fields.get("values");
        let list = part(filter.resource.kind, &filter.resource.fields, "values", None);
        // No values: any value.
        let list = values.and(list).unwrap_or_else(|| Vec::new().into());
        map.put_at(&["filters", filter.resource.address.key()], list);
    }
    object(address, map)
}

fn plan(live: &Live, plan: &LiveObject) -> Entry {
    let address = &plan.resource.address;
    let mut map = fields(&plan.resource, &[]);
    map.layout = Layout::Block;
    taxes(live, address, &mut map);
    let mut block = Map::block();
    let mut hidden = false;
    for charge in children(live, address, "charges") {
        hidden |= live.hidden.contains(&charge.resource.address);
        block.put(charge.resource.address.key(), self::charge(live, charge));
    }
    if !block.entries.is_empty() {
        let words =
            "The API never shows the filters of a charge: add them where there are any, before a charge changes";
        let above = hidden.then(|| words.to_owned()).into_iter().collect();
        map.entries.push(Entry { key: "charges".into(), value: block.into(), remark: None, above });
    }
    let mut entitlements = Map::default();
    for entitlement in children(live, address, "entitlements") {
        let code = entitlement.resource.address.key();
        let value = entitlement.resource.fields.get("value").and_then(Value::text).unwrap_or_default();
        entitlements.put_named(code, self::entitlement(live, code, value), said(live, "features", code));
    }
    if !entitlements.entries.is_empty() {
        map.put("entitlements", entitlements);
    }
    let commitments = children(live, address, "commitments");
    let types: BTreeSet<&str> = commitments.iter().map(|one| one.resource.address.key()).collect();
    let list: Vec<Tree> = commitments.iter().map(|one| commitment(&one.resource, &types)).collect();
    if !list.is_empty() {
        map.put("commitments", list);
    }
    let mut thresholds = children(live, address, "usage_thresholds");
    thresholds.sort_by_key(|one| one.resource.fields.get("amount").and_then(Value::number));
    // Their currency is the plan's.
    let list: Vec<Tree> = thresholds.iter().map(|one| fields(&one.resource, &["currency"]).into()).collect();
    if !list.is_empty() {
        map.put("usage_thresholds", list);
    }
    object(address, map)
}

/// The taxes on a plan or on a charge.
fn taxes(live: &Live, owner: &Address, map: &mut Map) {
    let taxes = children(live, owner, "taxes");
    let codes: Vec<&str> = taxes.iter().map(|tax| tax.resource.address.key()).collect();
    if !codes.is_empty() {
        let list: Vec<Tree> = codes.iter().map(|code| Tree::text(*code)).collect();
        map.put_named("taxes", list, said_of_all(live, "taxes", codes.iter().copied()));
    }
}

fn charge(live: &Live, charge: &LiveObject) -> Map {
    let resource = &charge.resource;
    let mut map = fields(resource, &[]);
    let metric = resource.fields.get("billable_metric").and_then(Value::text).unwrap_or_default();
    if let Some(entry) = map.entries.iter_mut().find(|entry| entry.key == "billable_metric") {
        entry.remark = said(live, "billable_metrics", metric);
    }
    ranges(resource, "", &mut map);
    for filter in children(live, &Address::new("billable_metrics", metric), "filters") {
        let key = filter.resource.address.key();
        let path = format!("filters.{}", path_segment(key));
        let Some(Value::List(values)) = resource.fields.get(path.as_str()) else { continue };
        for value in values.iter().filter_map(Value::text) {
            let prefix = format!("{path}.{}.", path_segment(value));
            map.put_at(&["filters", key, value], other(resource, &prefix));
        }
    }
    taxes(live, &resource.address, &mut map);
    map
}

/// What differs for one value of a filter. A default stands here: it stands in for what the charge says.
fn other(resource: &Resource, prefix: &str) -> Map {
    let mut map = Map::default();
    // What a filter can say has a row of its own below `filters`.
    let rows =
        resource.kind.fields.iter().filter_map(|spec| Some((spec.path.strip_prefix("filters.*.*.")?, spec.kind)));
    let (label, rows): (Vec<_>, Vec<_>) =
        rows.filter(|(name, _)| !name.contains('*')).partition(|(name, _)| *name == "invoice_display_name");
    let put = |map: &mut Map, (name, kind): (&str, FieldKind)| {
        if let Some(value) = resource.fields.get(format!("{prefix}{name}").as_str()) {
            map.put(name, tree(kind, value, resource.currency));
        }
    };
    rows.into_iter().for_each(|row| put(&mut map, row));
    ranges(resource, prefix, &mut map);
    label.into_iter().for_each(|row| put(&mut map, row));
    map
}

fn ranges(resource: &Resource, prefix: &str, map: &mut Map) {
    let mut list: Vec<Tree> = Vec::new();
    loop {
        let mut range = Map::default();
        for field in ["up_to", "per_unit", "rate", "flat"] {
            let path = format!("{prefix}ranges.{}.{field}", list.len() + 1);
            if let Some(value) = part(resource.kind, &resource.fields, &path, resource.currency) {
                range.put(field, value);
            }
        }
        if range.entries.is_empty() {
            break;
        }
        list.push(range.into());
    }
    if !list.is_empty() {
        map.put("ranges", list);
    }
}

/// `true`, a number or a text, by the type of the feature.
fn entitlement(live: &Live, code: &str, value: &str) -> Tree {
    let feature = live.objects.get(&Address::new("features", code));
    let kind = feature.and_then(|feature| feature.resource.fields.get("feature_type")).and_then(Value::text);
    let number = value.parse::<u64>().is_ok_and(|number| number.to_string() == value);
    match kind {
        Some("boolean") if value == "true" => Tree::plain(value),
        Some("quantity") if number => Tree::plain(value),
        _ => Tree::text(value),
    }
}

/// Its key is its type. A second one of a type has a number behind it, and cannot be told apart in a file.
fn commitment(resource: &Resource, types: &BTreeSet<&str>) -> Tree {
    let key = resource.address.key();
    let stem = key.rsplit_once('_').filter(|(stem, number)| types.contains(stem) && number.parse::<u64>().is_ok());
    let kind = stem.map_or(key, |(stem, _)| stem);
    let mut map = Map::default();
    if kind != "minimum_commitment" {
        map.put("commitment_type", Tree::text(kind));
    }
    map.entries.extend(fields(resource, &[]).entries);
    map.into()
}

fn coupon(coupon: &LiveObject) -> Entry {
    let resource = &coupon.resource;
    let text = |path: &str| resource.fields.get(path).and_then(Value::text);
    let ends = text("expiration_at");
    let implied = if ends.is_some() { "time_limit" } else { "no_expiration" };
    let follows = text("expiration") == Some(implied);
    // Coupons that are in force are the ones that are listed.
    let except: &[&str] = if follows { &["status", "expiration"] } else { &["status"] };
    let mut map = fields(resource, except);
    for entry in &mut map.entries {
        if let (true, Some(ends)) = (entry.key == "expiration_at", ends) {
            // Midnight in UTC is what a date means.
            let date = ends.split('T').next().filter(|date| instant::normalized(date).as_deref() == Some(ends));
            entry.value = Tree::text(date.unwrap_or(ends));
        }
    }
    object(&resource.address, map)
}
