//! Random offers, markets, market prices, price variants, credit packs and promo codes.

use serde_json::{Map, Value, json};

use super::super::{Choices, names, text};
use super::{INTERVALS, MONEY, metadata};

const COUNTRIES: &[&str] = &["AR", "BO", "BR", "CL", "PE", "PY", "UY"];
/// A price in a market has one currency; here it is always the same one.
const MARKETS: &[(&str, &str)] = &[("north", "usd"), ("south", "ars"), ("islands", "clp"), ("coast", "eur")];
const DAYS: &[&str] = &["2027-01-01T00:00:00Z", "2027-06-30T12:30:00Z"];

/// Each country is in one market at most, and not always in the same one.
pub(super) fn markets(c: &mut Choices<'_>) -> Map<String, Value> {
    let mut names = names(c);
    let mut free = COUNTRIES.to_vec();
    c.shuffle(&mut free);
    let mut markets = Map::new();
    for (key, _) in MARKETS {
        if free.is_empty() || !c.chance(2) {
            continue;
        }
        let more = c.below(free.len().min(3));
        let countries = free.split_off(free.len() - 1 - more);
        let mut map =
            Map::from_iter([("name".into(), json!(names.next().unwrap())), ("countries".into(), json!(countries))]);
        if c.chance(4) {
            map.insert("metadata".into(), metadata(c));
        }
        markets.insert((*key).into(), Value::Object(map));
    }
    markets
}

fn market_prices(c: &mut Choices<'_>, among: &[&str]) -> Map<String, Value> {
    let mut prices = Map::new();
    for key in among {
        let (_, currency) = MARKETS.iter().find(|(known, _)| known == key).unwrap();
        let amount = if *currency == "clp" { c.one_of(&["1000", "49000"]) } else { c.one_of(MONEY) };
        prices.insert((*key).into(), json!({ *currency: amount }));
    }
    prices
}

/// Prices in markets, variants of them, and metadata.
pub(super) fn of_price(c: &mut Choices<'_>, markets: &Map<String, Value>, price: &mut Map<String, Value>) {
    let known: Vec<&str> = markets.keys().map(String::as_str).collect();
    let sold = c.some(&known, 2);
    let mut variants = Map::new();
    let mut names = names(c);
    for key in c.some(&["founding", "loyal"], 3) {
        let mut own = c.some(&sold, 2);
        if own.is_empty() {
            own.extend(sold.first());
        }
        if own.is_empty() {
            break;
        }
        let mut map = Map::from_iter([
            ("name".into(), json!(names.next().unwrap())),
            ("markets".into(), market_prices(c, &own).into()),
        ]);
        if c.chance(3) {
            map.insert("metadata".into(), metadata(c));
        }
        variants.insert(key.into(), Value::Object(map));
    }
    if !sold.is_empty() {
        price.insert("markets".into(), market_prices(c, &sold).into());
    }
    if !variants.is_empty() {
        price.insert("variants".into(), variants.into());
    }
    if c.chance(3) {
        price.insert("metadata".into(), metadata(c));
    }
}

fn amounts(c: &mut Choices<'_>) -> Value {
    let mut map = Map::from_iter([("usd".into(), json!(c.one_of(&["5", "9.99", "10.00"])))]);
    for (currency, amount) in [("ars", "1200.50"), ("clp", "900")] {
        if c.chance(3) {
            map.insert(currency.into(), json!(amount));
        }
    }
    Value::Object(map)
}

fn phase(c: &mut Choices<'_>, last: bool) -> Value {
    let mut phase = match c.below(3) {
        0 => json!({ "percentage": c.one_of(&["20%", "12.5%", "100%", "0.01%"]) }),
        1 => json!({ "amount_off": amounts(c) }),
        _ => json!({ "fixed_price": amounts(c) }),
    };
    if !last || c.chance(2) {
        phase["cycles"] = json!(1 + c.below(3));
        if c.chance(3) {
            phase["interval"] = json!(c.one_of(&INTERVALS[..4]));
        }
    }
    phase
}

/// Those that promo codes give are always there, because the API cannot give a code another offer. Nobody else has
/// their names.
pub(super) fn offers(c: &mut Choices<'_>) -> Map<String, Value> {
    let (mut offers, mut names) = (Map::new(), names(c));
    for key in ["summer", "winter"] {
        let terms = if c.chance(2) { json!({ "percentage": "25%" }) } else { json!({ "amount_off": amounts(c) }) };
        offers.insert(key.into(), json!({ "name": format!("In {key}"), "phases": [terms] }));
    }
    for key in c.some(&["launch", "welcome", "return"], 2) {
        let mut phases = Vec::new();
        if c.chance(3) {
            phases.push(json!({ "free_trial": 7 * (1 + c.below(3)) }));
        }
        let more = usize::from(phases.is_empty()) + c.below(3);
        phases.extend((0..more).map(|at| phase(c, at + 1 == more)));
        let mut map = Map::from_iter([("name".into(), json!(names.next().unwrap())), ("phases".into(), phases.into())]);
        if c.chance(4) {
            map.insert("active".into(), json!(false));
        }
        if c.chance(3) {
            map.insert("starts_at".into(), json!("2026-12-01T00:00:00Z"));
        }
        if c.chance(3) {
            map.insert("ends_at".into(), json!(c.one_of(DAYS)));
        }
        map.insert("metadata".into(), metadata(c));
        offers.insert(key.into(), Value::Object(map));
    }
    offers
}

pub(super) fn credit_packs(c: &mut Choices<'_>) -> Map<String, Value> {
    let (mut packs, mut names) = (Map::new(), names(c));
    for key in c.some(&["small", "large", "huge"], 3) {
        let mut map = Map::from_iter([
            ("name".into(), json!(names.next().unwrap())),
            ("credits".into(), json!([1, 500, 5000][c.below(3)])),
            ("price".into(), json!(c.one_of(&MONEY[1..]))),
        ]);
        text(c, &mut map, "description");
        packs.insert(key.into(), Value::Object(map));
    }
    packs
}

/// What a code gives is for good, and no code is ever deleted: each always gives the same.
pub(super) fn promo_codes(c: &mut Choices<'_>, newer: bool, plans: &[&str]) -> Map<String, Value> {
    let mut codes = Map::new();
    for code in c.some(&["SUMMER", "WINTER-1"], 3) {
        let mut map = match (code, newer) {
            ("SUMMER", true) => json!({ "offer": "summer" }),
            ("SUMMER", false) => json!({ "percentage": "12.5%", "cycles": 3 }),
            (_, true) => json!({ "offer": "winter" }),
            (_, false) => json!({ "amount_off": "5.00" }),
        };
        if c.chance(3) {
            map["billing_interval"] = json!(c.one_of(&INTERVALS[..4]));
        }
        if c.chance(3) {
            map["max_redemptions"] = json!([1, 100][c.below(2)]);
        }
        if c.chance(3) {
            map["expires_at"] = json!(c.one_of(DAYS));
        }
        if c.chance(3) {
            map["active"] = json!(false);
        }
        if c.chance(2) {
            map["plans"] = json!(c.some(plans, 2));
        }
        codes.insert(code.into(), map);
    }
    codes
}
