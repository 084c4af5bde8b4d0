//! Random catalogs for bxb.

use pricebook::provider::bxb::catalog::ChargeModel;
use serde_json::{Map, Value, json};

use super::{Choices, names, text};

const TAXES: &[&str] = &["vat", "city", "eco.1"];
const METRICS: &[&str] = &["calls", "storage", "users", "mix", "spare"];
/// No charge is for this one.
const UNUSED: &str = "spare";
const FEATURES: &[&str] = &["api", "boxes", "cars"];
const PLANS: &[&str] = &["alpha", "beta", "gamma"];
const CHARGES: &[&str] = &["one", "two", "three", "four"];
const COUPONS: &[&str] = &["WELCOME", "half", "loyal"];
const MONEY: &[&str] = &["0", "9.99", "10", "49.00", "99999.99"];
const WHOLE: &[&str] = &["0", "10", "499", "100000", "7"];
const UNITS: &[&str] = &["0", "0.0001", "0.00123456789", "1", "12.5"];
const RATES: &[&str] = &["0%", "2.9%", "12.5%", "100%"];
const VALUES: &[&str] = &["eu", "us", "x.y", "a \"b\" c", "größe"];

fn metric(c: &mut Choices<'_>, at: usize, name: &str) -> Value {
    // One that charges use cannot be made anew.
    let types = ["count", "sum", "unique_count", "custom", "max", "latest", "weighted_sum"];
    let kind = types[if METRICS[at] == UNUSED { c.below(types.len()) } else { at }];
    let mut map = Map::from_iter([
        ("name".into(), json!(name)),
        ("aggregation_type".into(), json!(kind)),
        ("replace".into(), json!(true)),
    ]);
    text(c, &mut map, "description");
    if !matches!(kind, "count" | "custom") || c.chance(4) {
        map.insert("field_name".into(), json!(c.one_of(&["gb", "id"])));
    }
    if kind == "custom" {
        map.insert("expression".into(), json!(c.one_of(&["a + b", "(a - 1) * 2"])));
    }
    if matches!(kind, "count" | "max" | "latest") && c.chance(3) {
        map.insert("recurring".into(), json!(true));
    }
    if c.chance(3) {
        map.insert("rounding_function".into(), json!(c.one_of(&["round", "ceil", "floor"])));
        if c.chance(2) {
            map.insert("rounding_precision".into(), json!(c.below(4)));
        }
    }
    let mut filters = Map::new();
    for key in c.some(&["region", "tier", "odd key"], 2) {
        filters.insert(key.into(), json!(c.some(VALUES, 2)));
    }
    map.insert("filters".into(), Value::Object(filters));
    Value::Object(map)
}

fn ranges(c: &mut Choices<'_>, model: ChargeModel) -> Value {
    let mut list = Vec::new();
    let mut up_to = 0;
    let bounded = c.below(3);
    for at in 0..=bounded {
        let mut range = Map::new();
        if at < bounded {
            up_to += [1, 10, 1000][c.below(3)];
            range.insert("up_to".into(), json!(up_to));
        }
        if model.takes_rates() {
            range.insert("rate".into(), json!(c.one_of(RATES)));
        } else {
            range.insert("per_unit".into(), json!(c.one_of(UNITS)));
        }
        if c.chance(3) {
            range.insert("flat".into(), json!(c.one_of(UNITS)));
        }
        list.push(Value::Object(range));
    }
    Value::Array(list)
}

/// Properties of this model: those that it cannot do without, and some of the others.
fn properties(c: &mut Choices<'_>, map: &mut Map<String, Value>, model: ChargeModel, all_needed: bool) {
    let (needed, known) = model.properties();
    for (at, name) in known.iter().enumerate() {
        let custom = model == ChargeModel::Custom && *name == "unit_price" && !map.contains_key("custom_amount");
        if !(all_needed && (at < needed || custom)) && !c.chance(3) {
            continue;
        }
        let value = match *name {
            "ranges" => ranges(c, model),
            "rate" => json!(c.one_of(RATES)),
            "package_size" => json!([1, 7, 1000][c.below(3)]),
            "free_units" | "event_count" | "free_units_per_events" => json!([0, 5, 100][c.below(3)]),
            "price_field" | "quantity_field" => json!(c.one_of(&["unit_price", "quantity", "p"])),
            "min_price" | "per_transaction_min_amount" => json!(c.one_of(&["0", "0.5"])),
            "max_price" | "per_transaction_max_amount" => json!(c.one_of(&["1", "200"])),
            _ => json!(c.one_of(UNITS)),
        };
        map.insert((*name).into(), value);
    }
    if model == ChargeModel::Percentage {
        // Without its base it brings nothing.
        for (name, base, value) in [("rate", "base_amount", json!("100")), ("fixed_amount", "event_count", json!(3))] {
            if map.contains_key(name) && (all_needed || !map.contains_key(base)) {
                map.entry(base).or_insert(value);
            }
        }
    }
}

fn charge(c: &mut Choices<'_>, at: usize, metrics: &Map<String, Value>, taxes: &[&str]) -> Option<Value> {
    let codes: Vec<&str> = metrics.keys().map(String::as_str).filter(|code| *code != UNUSED).collect();
    if codes.is_empty() {
        return None;
    }
    let metric = c.one_of(&codes);
    let model = ChargeModel::ALL[if c.chance(3) { c.below(8) } else { at % 8 }];
    let mut map = Map::from_iter([
        ("billable_metric".into(), json!(metric)),
        ("charge_model".into(), json!(model.word())),
        ("taxes".into(), json!(c.some(taxes, 3))),
    ]);
    properties(c, &mut map, model, true);
    let mut filters = Map::new();
    for (key, allowed) in metrics[metric]["filters"].as_object().unwrap() {
        let allowed: Vec<&str> = allowed.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
        let mut values = Map::new();
        for value in c.some(if allowed.is_empty() { VALUES } else { &allowed }, 3) {
            let mut own = Map::new();
            if c.chance(2) {
                properties(c, &mut own, model, false);
            }
            if c.chance(3) {
                own.insert("invoice_display_name".into(), json!(c.one_of(&["Europe", "Größe: \"XL\""])));
            }
            values.insert(value.into(), Value::Object(own));
        }
        if !values.is_empty() {
            filters.insert(key.clone(), Value::Object(values));
        }
    }
    map.insert("filters".into(), Value::Object(filters));
    Some(Value::Object(map))
}

fn plan(
    c: &mut Choices<'_>,
    at: usize,
    name: &str,
    metrics: &Map<String, Value>,
    features: &Map<String, Value>,
    taxes: &[&str],
) -> Value {
    let intervals = ["monthly", "yearly", "weekly", "quarterly"];
    let interval = intervals[if c.chance(6) { c.below(4) } else { at % 4 }];
    let currency = c.one_of(&["USD", "EUR", "JPY"]);
    let money = if currency == "JPY" { WHOLE } else { MONEY };
    let mut map = Map::from_iter([
        ("name".into(), json!(name)),
        ("interval".into(), json!(interval)),
        ("currency".into(), json!(currency)),
        ("replace".into(), json!(true)),
        ("taxes".into(), json!(c.some(taxes, 2))),
    ]);
    text(c, &mut map, "description");
    if c.chance(2) {
        map.insert("amount".into(), json!(c.one_of(money)));
    }
    if c.chance(4) {
        map.insert("trial_period_days".into(), json!(14));
    }
    let mut charges = Map::new();
    for key in c.some(CHARGES, 2) {
        let at = c.below(8);
        if let Some(charge) = charge(c, at, metrics, taxes) {
            charges.insert(key.into(), charge);
        }
    }
    map.insert("charges".into(), Value::Object(charges));
    let mut entitlements = Map::new();
    for (code, feature) in features {
        if c.chance(2) {
            let value = match feature["feature_type"].as_str().unwrap() {
                "boolean" => json!(true),
                "quantity" => json!([5, 10][c.below(2)]),
                _ => json!(c.one_of(&["fast", "a: b", "{plans.alpha#id}"])),
            };
            entitlements.insert(code.clone(), value);
        }
    }
    map.insert("entitlements".into(), Value::Object(entitlements));
    if c.chance(2) {
        let mut commitment = Map::from_iter([("amount".into(), json!(c.one_of(&["7", "100"])))]);
        if c.chance(2) {
            commitment.insert("invoice_display_name".into(), json!("Least"));
        }
        map.insert("commitments".into(), json!([commitment]));
    }
    let thresholds = c.some(&["1", "250", "500.00"], 2).into_iter().filter(|amount| {
        // Nothing below one yen.
        currency != "JPY" || !amount.contains('.')
    });
    let mut list = Vec::new();
    for amount in thresholds {
        let mut threshold = Map::from_iter([("amount".into(), json!(amount))]);
        if c.chance(3) {
            threshold.insert("recurring".into(), json!(true));
        }
        text(c, &mut threshold, "threshold_display_name");
        list.push(Value::Object(threshold));
    }
    map.insert("usage_thresholds".into(), Value::Array(list));
    Value::Object(map)
}

/// Its code is taken for ever and most of it can never change: that follows from the code.
fn coupon(c: &mut Choices<'_>, code: &str, name: &str) -> Value {
    let mut map = Map::from_iter([("name".into(), json!(name))]);
    let fixed = match code {
        "WELCOME" => json!({ "coupon_type": "percentage", "rate": "20%", "frequency": "once" }),
        "half" => json!({ "coupon_type": "percentage", "rate": "50%", "frequency": "recurring", "duration": 3 }),
        _ => json!({ "coupon_type": "fixed_amount", "amount": "5.00", "frequency": "forever", "reusable": false }),
    };
    map.extend(fixed.as_object().unwrap().clone());
    text(c, &mut map, "description");
    if c.chance(3) {
        map.insert("expiration_at".into(), json!(c.one_of(&["2040-01-31", "2041-01-31T18:00:00+01:00"])));
    }
    Value::Object(map)
}

/// A valid catalog. Two of them share codes, names and filters, so that types, models, currencies and references
/// change.
pub(crate) fn catalog(bytes: &[u8]) -> Value {
    let c = &mut Choices { bytes };
    let mut free_names = names(c);
    let mut taxes = Map::new();
    // One of them always: an empty file says nothing.
    for (at, code) in TAXES.iter().enumerate() {
        if at > 0 && c.chance(3) {
            continue;
        }
        let mut map = Map::from_iter([
            ("name".into(), json!(free_names.next().unwrap())),
            ("rate".into(), json!(c.one_of(&["21%", "5.55%", "0%"]))),
        ]);
        text(c, &mut map, "description");
        if c.chance(6) {
            map.insert("applied_to_organization".into(), json!(true));
        }
        taxes.insert((*code).into(), Value::Object(map));
    }
    let tax_codes: Vec<&str> = taxes.keys().map(String::as_str).collect();
    let (mut metrics, mut free_names) = (Map::new(), names(c));
    for (at, code) in METRICS.iter().enumerate() {
        if !c.chance(3) {
            metrics.insert((*code).into(), metric(c, at, free_names.next().unwrap()));
        }
    }
    let (mut features, mut free_names) = (Map::new(), names(c));
    for (at, code) in FEATURES.iter().enumerate() {
        if c.chance(3) {
            continue;
        }
        let types = ["boolean", "quantity", "custom"];
        let kind = types[if c.chance(6) { c.below(3) } else { at }];
        let mut map = Map::from_iter([
            ("name".into(), json!(free_names.next().unwrap())),
            ("feature_type".into(), json!(kind)),
            ("replace".into(), json!(true)),
        ]);
        text(c, &mut map, "description");
        features.insert((*code).into(), Value::Object(map));
    }
    let (mut plans, mut free_names) = (Map::new(), names(c));
    for (at, code) in PLANS.iter().enumerate() {
        if c.chance(2) {
            let name = free_names.next().unwrap();
            plans.insert((*code).into(), plan(c, at, name, &metrics, &features, &tax_codes));
        }
    }
    let (mut add_ons, mut free_names) = (Map::new(), names(c));
    for code in c.some(&["setup", "training"], 2) {
        let currency = c.one_of(&["USD", "JPY"]);
        let money = if currency == "JPY" { WHOLE } else { MONEY };
        let mut map = Map::from_iter([
            ("name".into(), json!(free_names.next().unwrap())),
            ("amount".into(), json!(c.one_of(money))),
            ("currency".into(), json!(currency)),
        ]);
        text(c, &mut map, "description");
        add_ons.insert(code.into(), Value::Object(map));
    }
    let (mut coupons, mut free_names) = (Map::new(), names(c));
    for code in c.some(COUPONS, 2) {
        coupons.insert(code.into(), coupon(c, code, free_names.next().unwrap()));
    }
    json!({
        "provider": "bxb",
        "price_changes": "reprice",
        "taxes": taxes,
        "billable_metrics": metrics,
        "features": features,
        "plans": plans,
        "add_ons": add_ons,
        "coupons": coupons,
    })
}
