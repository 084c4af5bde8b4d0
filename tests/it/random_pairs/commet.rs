//! Random catalogs for Commet.

mod sales;

use serde_json::{Map, Value, json};

use super::{Choices, names, text};

const FEATURES: &[&str] = &["api", "boxes", "cars", "disk", "extra", "films"];
const PLANS: &[&str] = &["alpha", "beta", "gamma", "delta"];
const INTERVALS: &[&str] = &["weekly", "monthly", "quarterly", "yearly", "one_time"];
const MONEY: &[&str] = &["0", "9.99", "10", "49.00", "100.5", "1234567.89"];
const WHOLE: &[&str] = &["0", "10", "499", "100000", "1000", "7"];
const UNITS: &[&str] = &["0", "0.0001", "0.002", "1", "12.5"];

fn offer(c: &mut Choices<'_>, most: &str) -> Value {
    let cycles = 1 + c.below(3);
    if c.chance(2) {
        let most: f64 = most.parse().unwrap();
        let fitting: Vec<&str> =
            ["0", "5", "9"].into_iter().filter(|amount| amount.parse::<f64>().unwrap() <= most).collect();
        json!({ "amount": c.one_of(&fitting), "cycles": cycles })
    } else {
        json!({ "percentage": c.one_of(&["20%", "12.5%", "100%", "0.01%"]), "cycles": cycles })
    }
}

fn metadata(c: &mut Choices<'_>) -> Value {
    let mut map = Map::new();
    for key in c.some(&["tier", "a.b", "odd \"key\"", "ключ", "nested"], 3) {
        let value = match c.below(6) {
            0 => json!(2),
            1 => json!(1.5),
            2 => json!("x: y"),
            3 => json!({ "deep": { "er.": [1, null, { "k": false }] } }),
            4 => json!([]),
            _ => json!(true),
        };
        map.insert(key.into(), value);
    }
    Value::Object(map)
}

/// What a boolean feature has not.
fn plan_feature(c: &mut Choices<'_>, model: Option<&str>, kind: &str) -> Value {
    let mut map = Map::from_iter([("replace".into(), json!(true))]);
    if c.chance(5) {
        map.insert("enabled".into(), json!(false));
    }
    if kind == "boolean" {
        return Value::Object(map);
    }
    let charges = matches!(model, Some("metered" | "balance"));
    match c.below(4) {
        1 => {
            map.insert("unlimited".into(), json!(true));
        }
        2 if charges => {
            map.insert("overage".into(), json!(c.one_of(UNITS)));
        }
        0 => {
            map.insert("included_amount".into(), json!([0, 5, 1000][c.below(3)]));
        }
        _ => {}
    }
    if model == Some("credits") && c.chance(2) {
        map.insert("credits_per_unit".into(), json!(1 + c.below(3)));
    }
    if model == Some("balance") && c.chance(3) {
        map.insert("pricing_mode".into(), json!("ai_model"));
        if c.chance(2) {
            map.insert("margin".into(), json!(c.one_of(&["15%", "2.5%"])));
        }
    }
    Value::Object(map)
}

fn region(c: &mut Choices<'_>, shop: &Shop, currency: &str, model: Option<&str>, plan: &Map<String, Value>) -> Value {
    let zero_decimal = matches!(currency, "jpy" | "clp" | "krw");
    let money = if zero_decimal { WHOLE } else { MONEY };
    let mut prices = Map::new();
    for interval in plan["prices"].as_object().unwrap().keys() {
        if c.chance(3) {
            let amount = c.one_of(money);
            let mut price = Map::from_iter([("amount".into(), json!(amount))]);
            if model == Some("balance") && c.chance(2) {
                price.insert("included_balance".into(), json!(c.one_of(money)));
            }
            if shop.has == Has::July11 && c.chance(3) {
                price.insert("intro_offer".into(), offer(c, amount));
            }
            prices.insert(interval.clone(), Value::Object(price));
        }
    }
    let mut features = Map::new();
    for (code, feature) in plan["features"].as_object().unwrap() {
        if feature.get("overage").is_some() && c.chance(2) {
            features.insert(code.clone(), json!({ "overage": c.one_of(UNITS) }));
        }
    }
    let rate = c.one_of(&["5.40", "150", "0.92", "950.525", "1"]);
    json!({ "exchange_rate": rate, "prices": prices, "features": features })
}

fn plan(c: &mut Choices<'_>, shop: &Shop, code: &str, name: &str) -> Value {
    let mut map = Map::from_iter([("name".into(), json!(name)), ("replace".into(), json!(true))]);
    text(c, &mut map, "description");
    let free = c.chance(8);
    let models = [Some("metered"), Some("balance"), Some("credits"), None];
    let usual = PLANS.iter().position(|known| *known == code).unwrap_or(0);
    let model = models[if c.chance(5) { c.below(4) } else { usual }];
    if let Some(model) = model {
        map.insert("consumption_model".into(), json!(model));
    }
    if free {
        map.insert("free".into(), json!(true));
    }
    if model == Some("balance") && c.chance(6) {
        map.insert("block_on_exhaustion".into(), json!(true));
    }
    if c.chance(4) {
        map.insert("public".into(), json!(false));
    }
    map.insert("metadata".into(), metadata(c));
    let mut prices = Map::new();
    if !free {
        for interval in c.some(INTERVALS, 2) {
            let amount = c.one_of(MONEY);
            let mut price = Map::from_iter([("amount".into(), json!(amount))]);
            if interval != "one_time" && c.chance(3) {
                price.insert("trial_days".into(), json!([7, 14][c.below(2)]));
            }
            if model == Some("balance") && c.chance(2) {
                price.insert("included_balance".into(), json!(c.one_of(MONEY)));
            }
            if model == Some("credits") && c.chance(2) {
                price.insert("included_credits".into(), json!([0, 100, 500][c.below(3)]));
            }
            if shop.has == Has::July11 && c.chance(3) {
                price.insert("intro_offer".into(), offer(c, amount));
            }
            if shop.has == Has::July31 {
                sales::of_price(c, shop.markets, &mut price);
            }
            prices.insert(interval.into(), Value::Object(price));
        }
    }
    if prices.len() > 1 {
        let keys: Vec<&str> = prices.keys().map(String::as_str).collect();
        map.insert("default_price".into(), json!(c.one_of(&keys)));
    }
    map.insert("prices".into(), Value::Object(prices));
    let mut features = Map::new();
    for (code, kind) in shop.kinds {
        let kind = kind.as_str().unwrap();
        // A usage feature needs a model.
        if c.chance(2) && (kind != "usage" || model.is_some() || free) {
            let model = model.filter(|_| !free);
            features.insert(code.clone(), plan_feature(c, model, kind));
        }
    }
    if free {
        for feature in features.values_mut() {
            for field in ["credits_per_unit", "pricing_mode", "margin"] {
                feature.as_object_mut().unwrap().remove(field);
            }
        }
    }
    map.insert("features".into(), Value::Object(features));
    if !map["prices"].as_object().unwrap().is_empty() {
        let mut regions = Map::new();
        for currency in c.some(&["eur", "jpy", "brl", "clp"], 3) {
            regions.insert(currency.into(), region(c, shop, currency, model, &map));
        }
        map.insert("regions".into(), Value::Object(regions));
    }
    Value::Object(map)
}

fn addon(c: &mut Choices<'_>, name: &str, feature: &str) -> Value {
    let models = ["metered", "boolean", "balance", "credits"];
    let usual = FEATURES.iter().position(|known| *known == feature).unwrap_or(0) % 4;
    let model = if c.chance(5) { c.one_of(&models) } else { models[usual] };
    let mut map = Map::from_iter([
        ("name".into(), json!(name)),
        ("feature".into(), json!(feature)),
        ("consumption_model".into(), json!(model)),
        ("base_price".into(), json!(c.one_of(MONEY))),
        ("replace".into(), json!(true)),
    ]);
    text(c, &mut map, "description");
    if model == "metered" {
        map.insert("included_units".into(), json!([0, 100][c.below(2)]));
    }
    if model == "metered" || model == "balance" {
        map.insert("overage_rate".into(), json!(c.one_of(UNITS)));
    }
    if model == "credits" {
        map.insert("credit_cost".into(), json!(1 + c.below(3)));
    }
    Value::Object(map)
}

/// What a catalog has beside what every version of the API has.
#[derive(Clone, Copy, PartialEq)]
enum Has {
    Nothing,
    July11,
    July31,
}

/// What plans are made of.
struct Shop<'s> {
    has: Has,
    /// The types of the features, by code.
    kinds: &'s Map<String, Value>,
    markets: &'s Map<String, Value>,
}

/// A valid catalog that says nothing which only one version of the API has.
pub(crate) fn of_both(bytes: &[u8]) -> Value {
    catalog(bytes, Has::Nothing)
}

/// A valid catalog for 2026-07-11.
pub(crate) fn of_july11(bytes: &[u8]) -> Value {
    catalog(bytes, Has::July11)
}

/// A valid catalog for 2026-07-31.
pub(crate) fn of_july31(bytes: &[u8]) -> Value {
    catalog(bytes, Has::July31)
}

/// Two of them share codes, names and features, so that names are swapped, plans change groups, add-ons change features
/// and countries change markets.
fn catalog(bytes: &[u8], has: Has) -> Value {
    let c = &mut Choices { bytes };
    let mut kinds = Map::new();
    let (mut features, mut free_names) = (Map::new(), names(c));
    for (at, code) in FEATURES.iter().enumerate() {
        if c.chance(4) {
            continue;
        }
        // Mostly the same, so that most pairs update what they have and some replace it.
        let types = ["usage", "boolean", "seats", "quota"];
        let kind = if c.chance(6) { c.one_of(&types) } else { types[at % 4] };
        let mut map = Map::from_iter([
            ("name".into(), json!(free_names.next().unwrap())),
            ("type".into(), json!(kind)),
            ("replace".into(), json!(true)),
        ]);
        text(c, &mut map, "description");
        text(c, &mut map, "unit_name");
        kinds.insert((*code).into(), json!(kind));
        features.insert((*code).into(), Value::Object(map));
    }
    let markets = if has == Has::July31 { sales::markets(c) } else { Map::new() };
    let shop = Shop { has, kinds: &kinds, markets: &markets };
    let (mut plans, mut free_names) = (Map::new(), names(c));
    for code in c.some(PLANS, 2) {
        let name = free_names.next().unwrap();
        plans.insert(code.into(), plan(c, &shop, code, name));
    }
    let (mut groups, mut free_names) = (Map::new(), names(c));
    let mut codes: Vec<String> = plans.keys().cloned().collect();
    c.shuffle(&mut codes);
    for key in c.some(&["one", "two", "three"], 2) {
        let members = codes.split_off(codes.len() - c.below(codes.len() + 1));
        let mut map =
            Map::from_iter([("name".into(), json!(free_names.next().unwrap())), ("plans".into(), json!(members))]);
        text(c, &mut map, "description");
        if c.chance(4) {
            map.insert("public".into(), json!(false));
        }
        groups.insert(key.into(), Value::Object(map));
    }
    let (mut addons, mut free_names) = (Map::new(), names(c));
    let mut codes: Vec<&str> = kinds.keys().map(String::as_str).collect();
    c.shuffle(&mut codes);
    for key in c.some(&["first", "second", "third"], 2) {
        let Some(feature) = codes.pop() else { break };
        addons.insert(key.into(), addon(c, free_names.next().unwrap(), feature));
    }
    let price_changes = c.one_of(&["reprice", "grandfather"]);
    let mut catalog = json!({
        "provider": "commet",
        "price_changes": price_changes,
        "features": features,
        "groups": groups,
        "addons": addons,
        "credit_packs": sales::credit_packs(c),
    });
    if has == Has::July31 {
        catalog["offers"] = sales::offers(c).into();
    }
    if has != Has::Nothing {
        let codes: Vec<&str> = plans.keys().map(String::as_str).collect();
        catalog["promo_codes"] = sales::promo_codes(c, has == Has::July31, &codes).into();
    }
    catalog["markets"] = markets.into();
    catalog["plans"] = plans.into();
    catalog
}
