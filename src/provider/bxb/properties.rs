//! Fields of a charge ↔ the `properties` that the server's calculators read (bxb-api.md §7).
//!
//! Amounts are cents there (minor units of the plan's currency), fractions allowed, and travel as strings, because
//! JSON numbers pass through doubles (§5). Range bounds are JSON integers: strings and numbers mixed break the
//! server's sorting.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::catalog::ChargeModel;
use crate::model::{Fields, Value};

/// What a property holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Money,
    Number,
    Percent,
    Text,
}

/// Every property but the ranges; what means the same as leaving it out (on a charge; a filter's 0 overrides).
const SIMPLE: &[(&str, Unit, Option<&str>)] = &[
    ("amount", Unit::Money, None),
    ("min_price", Unit::Money, Some("0")),
    ("max_price", Unit::Money, Some("0")),
    ("package_size", Unit::Number, Some("1")),
    ("free_units", Unit::Number, Some("0")),
    ("rate", Unit::Percent, None),
    ("base_amount", Unit::Money, None),
    ("event_count", Unit::Number, Some("0")),
    ("fixed_amount", Unit::Money, Some("0")),
    ("free_units_per_events", Unit::Number, Some("0")),
    ("per_transaction_min_amount", Unit::Money, None),
    ("per_transaction_max_amount", Unit::Money, None),
    ("custom_amount", Unit::Money, None),
    ("unit_price", Unit::Money, None),
    ("price_field", Unit::Text, Some("unit_price")),
    ("quantity_field", Unit::Text, Some("quantity")),
];

/// Whether a property of a charge says the same as its absence.
pub(super) fn says_nothing(name: &str, value: &Value) -> bool {
    let nothing = SIMPLE.iter().find(|(known, ..)| *known == name).and_then(|(.., nothing)| *nothing);
    nothing.is_some_and(|nothing| value.to_string() == nothing)
}

/// Where the server looks for a model's ranges.
fn ranges_key(model: ChargeModel) -> &'static str {
    match model {
        ChargeModel::Volume => "volume_ranges",
        ChargeModel::GraduatedPercentage => "graduated_percentage_ranges",
        _ => "graduated_ranges",
    }
}

/// A number as the server's strings have it, without an exponent or needless zeros.
pub(super) fn text_of(number: Decimal) -> String {
    number.normalize().to_string()
}

/// Major → minor units, exactly.
pub(super) fn minor(number: Decimal, exponent: u32) -> Decimal {
    number.checked_mul(Decimal::from(10_u64.pow(exponent))).unwrap_or(Decimal::MAX)
}

/// Minor → major units, exactly.
pub(super) fn major(number: Decimal, exponent: u32) -> Decimal {
    number.checked_mul(Decimal::new(1, exponent)).unwrap_or(Decimal::MAX)
}

fn whole(number: Decimal) -> Value {
    use rust_decimal::prelude::ToPrimitive;
    let number = number.normalize();
    match number.to_i64() {
        Some(count) if number.scale() == 0 => Value::Count(count),
        _ => Value::Decimal(number),
    }
}

/// The properties below `prefix` (`` or `filters.region.eu.`), for the server.
pub(super) fn to_json(fields: &Fields, prefix: &str, model: ChargeModel, exponent: u32) -> Map<String, Json> {
    let mut out = Map::new();
    let get = |name: &str| fields.get(format!("{prefix}{name}").as_str());
    for (name, unit, _) in SIMPLE {
        let Some(value) = get(name) else { continue };
        let json = match (unit, value.number()) {
            (Unit::Money, Some(number)) => Json::from(text_of(minor(number, exponent))),
            (Unit::Percent, Some(number)) => Json::from(text_of(number)),
            (Unit::Number, Some(number)) => bound(number),
            _ => Json::from(value.text().unwrap_or_default()),
        };
        out.insert((*name).to_owned(), json);
    }
    let mut ranges = Vec::new();
    let mut before = Decimal::ZERO;
    loop {
        let at = ranges.len() + 1;
        let part = |name: &str| get(&format!("ranges.{at}.{name}")).and_then(Value::number);
        let (up_to, per_unit, rate) = (part("up_to"), part("per_unit"), part("rate"));
        if up_to.is_none() && per_unit.is_none() && rate.is_none() {
            break;
        }
        // graduated counts `to_value - from_value + 1` units, graduated_percentage `to_value - from_value`.
        let from = if model.takes_rates() { before } else { before.saturating_add(Decimal::ONE) };
        let mut range = Map::new();
        range.insert("from_value".into(), bound(from));
        range.insert("to_value".into(), up_to.map_or(Json::Null, bound));
        if model.takes_rates() {
            range.insert("rate".into(), Json::from(text_of(rate.unwrap_or_default())));
        } else {
            range.insert("per_unit_amount".into(), Json::from(text_of(minor(per_unit.unwrap_or_default(), exponent))));
        }
        range.insert("flat_amount".into(), Json::from(text_of(minor(part("flat").unwrap_or_default(), exponent))));
        ranges.push(Json::Object(range));
        before = up_to.unwrap_or(before);
    }
    if !ranges.is_empty() {
        out.insert(ranges_key(model).to_owned(), Json::Array(ranges));
    }
    out
}

/// A JSON integer where it is one.
fn bound(number: Decimal) -> Json {
    use rust_decimal::prelude::ToPrimitive;
    let number = number.normalize();
    match number.to_i64() {
        Some(whole) if number.scale() == 0 => json!(whole),
        _ => Json::from(number.to_string()),
    }
}

/// A number that the server would read: a JSON number or a string with one in it.
pub(super) fn number(json: &Json) -> Option<Decimal> {
    let text = match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// What the server holds, in the words of the catalog, below `prefix`. What cannot be written in a file (a value
/// that breaks billing, ranges of another shape) is kept as it is, so that it shows as a difference.
pub(super) fn from_json(
    fields: &mut Fields,
    prefix: &str,
    model: ChargeModel,
    properties: &Map<String, Json>,
    exponent: u32,
) {
    let overriding = !prefix.is_empty();
    let known = model.properties().1;
    for (name, unit, _) in SIMPLE.iter().filter(|(name, ..)| known.contains(name)) {
        // The calculators look for a second name where the first one is not there.
        let other = match (*name, model) {
            ("amount", ChargeModel::Standard | ChargeModel::Package) => "unit_price",
            ("rate", ChargeModel::Percentage) => "percentage",
            _ => name,
        };
        let (key, Some(json)) = (match properties.get(*name) {
            Some(json) => (*name, Some(json)),
            None => (other, properties.get(other)),
        }) else {
            continue;
        };
        let value = match unit {
            Unit::Money => number(json).map(|number| Value::Decimal(major(number, exponent).normalize())),
            Unit::Percent => number(json).map(Value::Decimal),
            Unit::Number => number(json).map(whole),
            Unit::Text => json.as_str().map(Value::from),
        };
        match value {
            Some(value) if !overriding && says_nothing(name, &value) => {}
            Some(value) => {
                fields.insert(format!("{prefix}{name}").into(), value);
            }
            None => raw(fields, prefix, key, json),
        }
    }
    if known.contains(&"ranges") {
        let key = ranges_key(model);
        match properties.get(key) {
            Some(json) => {
                if ranges(fields, prefix, model, json, exponent).is_none() {
                    raw(fields, prefix, key, json);
                }
            }
            None => {
                if let Some(tiers) = properties.get("tiers") {
                    raw(fields, prefix, "tiers", tiers);
                }
            }
        }
    }
}

fn raw(fields: &mut Fields, prefix: &str, key: &str, json: &Json) {
    let text = if prefix.is_empty() { json.to_string() } else { format!("{prefix}{key}: {json}") };
    fields.insert(format!("properties.{key}").into(), text.into());
}

/// Ranges by what they bill: the last unit in each follows from how many units the server counts into it.
fn ranges(fields: &mut Fields, prefix: &str, model: ChargeModel, json: &Json, exponent: u32) -> Option<()> {
    let mut all = Vec::new();
    for range in json.as_array()? {
        let optional = |key: &str| match range.get(key) {
            None => Some(Decimal::ZERO),
            Some(json) => number(json),
        };
        let to = match range.get("to_value") {
            None | Some(Json::Null) => None,
            Some(json) => Some(number(json)?),
        };
        let price = optional(if model.takes_rates() { "rate" } else { "per_unit_amount" })?;
        all.push((number(range.get("from_value")?)?, to, price, optional("flat_amount")?));
    }
    all.sort_by_key(|(from, ..)| *from);
    // Only the last range is open: what comes after an open one is never reached.
    let last = all.len().checked_sub(1)?;
    if all.iter().enumerate().any(|(at, (_, to, ..))| to.is_none() && at != last) {
        return None;
    }
    let mut before = Decimal::ZERO;
    let mut read = Fields::new();
    for (at, (from, to, price, flat)) in all.into_iter().enumerate() {
        let path = |name: &str| format!("{prefix}ranges.{}.{name}", at + 1);
        if let Some(to) = to {
            before = match model {
                ChargeModel::Volume => to,
                ChargeModel::GraduatedPercentage => before.checked_add(to.checked_sub(from)?)?,
                _ => before.checked_add(to.checked_sub(from)?)?.checked_add(Decimal::ONE)?,
            };
            read.insert(path("up_to").into(), whole(before));
        }
        if model.takes_rates() {
            read.insert(path("rate").into(), Value::Decimal(price.normalize()));
        } else {
            read.insert(path("per_unit").into(), Value::Decimal(major(price, exponent).normalize()));
        }
        if !flat.is_zero() {
            read.insert(path("flat").into(), Value::Decimal(major(flat, exponent).normalize()));
        }
    }
    fields.extend(read);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(model: ChargeModel, properties: Json) -> String {
        let mut fields = Fields::new();
        let Json::Object(properties) = properties else { panic!("an object") };
        from_json(&mut fields, "", model, &properties, 2);
        fields.iter().map(|(path, value)| format!("{path}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ranges_mean_what_the_server_counts() {
        let graduated = |ranges: Json| fields(ChargeModel::Graduated, json!({ "graduated_ranges": ranges }));
        assert_eq!(
            graduated(json!([
                { "from_value": 11, "to_value": null, "per_unit_amount": "0.2", "flat_amount": "0" },
                { "from_value": 1, "to_value": 10, "per_unit_amount": "0" }
            ])),
            "ranges.1.per_unit=0 ranges.1.up_to=10 ranges.2.per_unit=0.002"
        );
        // 0..10 holds eleven units.
        assert_eq!(
            graduated(json!([{ "from_value": 0, "to_value": 10 }, { "from_value": 11 }])),
            "ranges.1.per_unit=0 ranges.1.up_to=11 ranges.2.per_unit=0"
        );
        // Any of these breaks billing.
        let huge = "79228162514264337593543950335";
        for bad in [
            json!(null),
            json!([{ "from_value": 0, "flat_amount": null }]),
            json!([{ "to_value": 1 }]),
            json!([{ "from_value": format!("-{huge}"), "to_value": huge }]),
        ] {
            assert!(graduated(bad.clone()).starts_with("properties.graduated_ranges="), "{bad}");
        }
        assert_eq!(
            fields(
                ChargeModel::GraduatedPercentage,
                json!({ "graduated_percentage_ranges": [
                    { "from_value": 0, "to_value": 100, "rate": "1.50" },
                    { "from_value": 100, "to_value": null, "rate": 1, "flat_amount": "250" }
                ] })
            ),
            "ranges.1.rate=1.5 ranges.1.up_to=100 ranges.2.flat=2.5 ranges.2.rate=1"
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        for (model, written) in [
            (ChargeModel::Standard, json!({ "amount": "0.2", "min_price": "100", "max_price": "0" })),
            (ChargeModel::Package, json!({ "amount": "500", "package_size": 1000, "free_units": 10 })),
            (
                ChargeModel::Percentage,
                json!({ "rate": "2.9", "base_amount": "1000", "event_count": 5, "fixed_amount": "30" }),
            ),
            (ChargeModel::Custom, json!({ "custom_amount": "1000" })),
            (ChargeModel::Dynamic, json!({ "price_field": "price", "quantity_field": "quantity" })),
            (
                ChargeModel::Volume,
                json!({ "volume_ranges": [
                    { "from_value": 1, "to_value": 10, "per_unit_amount": "100", "flat_amount": "5" },
                    { "from_value": 11, "to_value": null, "per_unit_amount": "90.5", "flat_amount": "0" }
                ] }),
            ),
        ] {
            let mut fields = Fields::new();
            from_json(&mut fields, "", model, written.as_object().unwrap(), 2);
            let again = to_json(&fields, "", model, 2);
            let mut back = Fields::new();
            from_json(&mut back, "", model, &again, 2);
            assert_eq!(format!("{fields:?}"), format!("{back:?}"));
            assert!(!fields.keys().any(|path| path.starts_with("properties.")), "{fields:?}");
        }
        assert_eq!(fields(ChargeModel::Standard, json!({ "unit_price": 3, "_pricebook": {} })), "amount=0.03");
        assert_eq!(fields(ChargeModel::Standard, json!({ "amount": "NaN" })), "properties.amount=\"NaN\"");
        assert_eq!(fields(ChargeModel::Standard, json!({ "amount": null })), "properties.amount=null");
    }
}
