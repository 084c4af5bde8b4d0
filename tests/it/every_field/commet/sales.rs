//! Rows of offers, markets, prices in markets, price variants, credit packs and promo codes.

use serde_json::{Value, json};

use super::super::{Fixed, Rows, constant, edit, optional, presence, rows, step};
use crate::subject::Subject;

const LAUNCH: &str = "offers.launch";
const MONTHLY: &str = "plans.pro.prices.monthly";
const FOUNDING: &str = "plans.pro.prices.monthly.variants.founding";

pub(super) fn all(subject: Subject) -> Rows {
    let mut all = vec![credit_packs(), promo_codes(subject)];
    if subject.has("offer", "name") {
        all.extend([offers(), phases(), markets(), market_prices(), variants()]);
    }
    rows(all)
}

/// Off and on again, which is what leaving it out means.
fn switched(address: &str) -> Rows {
    let (path, line) = (format!("{address}.active"), format!("~ {address} active"));
    vec![edit(&path, json!(false), vec![line.clone()]), edit(&path, Value::Null, vec![line])]
}

fn credit_packs() -> Rows {
    let small = "credit_packs.small";
    rows([
        constant(small, "name", json!("Small: \"10\""), json!("Small pack")),
        optional(small, "description", json!("For a try"), json!("For a busy month")),
        constant(small, "credits", json!(600), json!(500)),
        constant(small, "price", json!("12.50"), json!("10.00")),
        // The API hides it meanwhile, and what is changed meanwhile is known.
        vec![
            step(&[("credit_packs.small.active", json!(false))], &["~ credit_packs.small active"]),
            step(&[("credit_packs.small.credits", json!(700))], &["~ credit_packs.small credits"]),
            step(&[("credit_packs.small.credits", json!(500))], &["~ credit_packs.small credits"]),
            step(&[("credit_packs.small.active", Value::Null)], &["~ credit_packs.small active"]),
        ],
        presence("credit_packs.fresh", "credit_packs.fresh", json!({ "name": "Fresh", "credits": 1, "price": "1.00" })),
    ])
}

/// The code of a promo code that the catalog of everything has.
fn code(subject: Subject) -> (&'static str, Value) {
    if subject.has("promo code", "offer") {
        ("promo_codes.WELCOME", json!({ "offer": "third" }))
    } else {
        ("promo_codes.FIVER", json!({ "percentage": "33.33%" }))
    }
}

fn promo_codes(subject: Subject) -> Rows {
    let (code, other) = code(subject);
    rows([
        optional(code, "billing_interval", json!("monthly"), json!("yearly")),
        optional(code, "max_redemptions", json!(100), json!(50)),
        optional(code, "expires_at", json!("2026-12-31T23:59:59Z"), json!("2027-01-31T00:00:00Z")),
        optional(code, "plans", json!(["pro", "bal"]), json!(["bal"])),
        switched(code),
        presence("promo_codes.FRESH", "promo_codes.FRESH", other),
    ])
}

fn offers() -> Rows {
    rows([
        constant(LAUNCH, "name", json!("Launch: \"2026\""), json!("Launch")),
        switched(LAUNCH),
        optional(LAUNCH, "starts_at", json!("2026-12-01T00:00:00Z"), json!("2026-12-02T12:00:00Z")),
        optional(LAUNCH, "ends_at", json!("2027-12-01T00:00:00Z"), json!("2027-12-02T12:00:00Z")),
        optional(LAUNCH, "metadata.campaign", json!("2026"), json!(2027)),
        presence(
            "offers.fresh",
            "offers.fresh",
            json!({ "name": "Fresh", "phases": [{ "fixed_price": { "usd": "0" } }] }),
        ),
    ])
}

/// The phases are one list in the file, and each of their fields is one of the offer.
fn phases() -> Rows {
    let start = || {
        vec![json!({ "free_trial": 14 }), json!({ "percentage": "50%", "cycles": 3 }), json!({ "percentage": "20%" })]
    };
    let second = |phase: Value, lines: &[&str]| {
        let mut all = start();
        all[1] = phase;
        step(&[("offers.launch.phases", Value::Array(all))], lines)
    };
    let first = |days: u64, lines: &[&str]| {
        let mut all = start();
        all[0] = json!({ "free_trial": days });
        step(&[("offers.launch.phases", Value::Array(all))], lines)
    };
    vec![
        first(7, &["~ offers.launch phases.1.free_trial"]),
        first(14, &["~ offers.launch phases.1.free_trial"]),
        second(json!({ "percentage": "12.5%", "cycles": 3 }), &["~ offers.launch phases.2.percentage"]),
        second(json!({ "percentage": "12.5%", "cycles": 4 }), &["~ offers.launch phases.2.cycles"]),
        second(
            json!({ "percentage": "12.5%", "cycles": 4, "interval": "monthly" }),
            &["+ offers.launch phases.2.interval"],
        ),
        second(
            json!({ "percentage": "12.5%", "cycles": 4, "interval": "yearly" }),
            &["~ offers.launch phases.2.interval"],
        ),
        second(json!({ "percentage": "12.5%", "cycles": 4 }), &["- offers.launch phases.2.interval"]),
        second(
            json!({ "amount_off": { "usd": "5.00", "clp": "4900" }, "cycles": 4 }),
            &[
                "- offers.launch phases.2.percentage",
                "+ offers.launch phases.2.amount_off.clp",
                "+ offers.launch phases.2.amount_off.usd",
            ],
        ),
        second(
            json!({ "amount_off": { "usd": "6.00", "clp": "5900" }, "cycles": 4 }),
            &["~ offers.launch phases.2.amount_off.clp", "~ offers.launch phases.2.amount_off.usd"],
        ),
        second(json!({ "amount_off": { "usd": "6.00" }, "cycles": 4 }), &["- offers.launch phases.2.amount_off.clp"]),
        second(
            json!({ "fixed_price": { "usd": "1.00", "ars": "1500.50" }, "cycles": 4 }),
            &[
                "- offers.launch phases.2.amount_off.usd",
                "+ offers.launch phases.2.fixed_price.ars",
                "+ offers.launch phases.2.fixed_price.usd",
            ],
        ),
        second(
            json!({ "fixed_price": { "usd": "0" }, "cycles": 4 }),
            &["- offers.launch phases.2.fixed_price.ars", "~ offers.launch phases.2.fixed_price.usd"],
        ),
        second(
            json!({ "percentage": "50%", "cycles": 3 }),
            &[
                "+ offers.launch phases.2.percentage",
                "- offers.launch phases.2.fixed_price.usd",
                "~ offers.launch phases.2.cycles",
            ],
        ),
        // Without its first phase the others move up.
        step(
            &[("offers.launch.phases", json!([{ "percentage": "50%", "cycles": 3 }]))],
            &[
                "- offers.launch phases.1.free_trial",
                "+ offers.launch phases.1.percentage",
                "+ offers.launch phases.1.cycles",
                "- offers.launch phases.2.percentage",
                "- offers.launch phases.2.cycles",
                "- offers.launch phases.3.percentage",
            ],
        ),
        step(
            &[("offers.launch.phases", Value::Array(start()))],
            &[
                "+ offers.launch phases.1.free_trial",
                "- offers.launch phases.1.percentage",
                "- offers.launch phases.1.cycles",
                "+ offers.launch phases.2.percentage",
                "+ offers.launch phases.2.cycles",
                "+ offers.launch phases.3.percentage",
            ],
        ),
    ]
}

fn markets() -> Rows {
    let cone = |codes: &[&str]| ("markets.cone.countries", json!(codes));
    rows([
        constant("markets.argentina", "name", json!("Argentina: \"AR\""), json!("Argentina")),
        optional("markets.argentina", "metadata.team", json!("south"), json!("north")),
        vec![
            step(&[cone(&["UY", "BO", "PE"])], &["~ markets.cone countries"]),
            // One leaves a market and joins the other.
            step(
                &[cone(&["UY", "BO"]), ("markets.argentina.countries", json!(["AR", "PE"]))],
                &["~ markets.argentina countries", "~ markets.cone countries"],
            ),
            step(
                &[cone(&["PE", "BO", "UY"]), ("markets.argentina.countries", json!(["AR"]))],
                &["~ markets.argentina countries", "~ markets.cone countries"],
            ),
            step(&[cone(&["PY", "BO", "UY"])], &["~ markets.cone countries"]),
        ],
        presence("markets.fresh", "markets.fresh", json!({ "name": "Fresh", "countries": ["BR"] })),
    ])
}

/// In a market there is one currency.
fn priced(address: &str, market: &str) -> Rows {
    let path = format!("{address}.markets.{market}");
    let field = format!("{address} markets.{market}");
    vec![
        edit(&path, json!({ "brl": "99.00" }), vec![format!("+ {field}.brl")]),
        edit(&path, json!({ "brl": "89.00" }), vec![format!("~ {field}.brl")]),
        edit(&path, json!({ "jpy": "2900" }), vec![format!("- {field}.brl"), format!("+ {field}.jpy")]),
        edit(&path, Value::Null, vec![format!("- {field}.jpy")]),
    ]
}

fn market_prices() -> Rows {
    let mut rows = rows([
        priced("plans.pro.prices.yearly", "cone"),
        priced("plans.bal.prices.monthly", "argentina"),
        optional(MONTHLY, "metadata.experiment", json!("control"), json!("b")),
    ]);
    // The API merges metadata key by key, not deeper.
    rows.extend([
        step(
            &[("plans.pro.prices.monthly.metadata", json!({ "a": { "b": 1, "c": 2 }, "d": [1] }))],
            &[
                "+ plans.pro.prices.monthly metadata.a.b",
                "+ plans.pro.prices.monthly metadata.a.c",
                "+ plans.pro.prices.monthly metadata.d",
            ],
        ),
        step(
            &[("plans.pro.prices.monthly.metadata", json!({ "a": { "b": 2 }, "d": [1] }))],
            &["~ plans.pro.prices.monthly metadata.a.b", "- plans.pro.prices.monthly metadata.a.c"],
        ),
        step(
            &[("plans.pro.prices.monthly.metadata", Value::Null)],
            &["- plans.pro.prices.monthly metadata.a.b", "- plans.pro.prices.monthly metadata.d"],
        ),
    ]);
    rows
}

fn variants() -> Rows {
    let (cone, line) =
        (format!("{FOUNDING}.markets.cone"), |sign: &str| vec![format!("{sign} {FOUNDING} markets.cone.usd")]);
    let fresh = format!("{MONTHLY}.variants.fresh");
    rows([
        constant(FOUNDING, "name", json!("Founders: \"us\""), json!("Founding")),
        optional(FOUNDING, "metadata.by", json!("sales"), json!("support")),
        constant(FOUNDING, "markets.argentina.ars", json!("29900.00"), json!("39900.00")),
        vec![
            edit(&cone, json!({ "usd": "9.00" }), line("+")),
            edit(&cone, json!({ "usd": "8.00" }), line("~")),
            edit(&cone, Value::Null, line("-")),
        ],
        presence(&fresh, &fresh, json!({ "name": "Fresh", "markets": { "cone": { "usd": "7.00" } } })),
    ])
}

/// What a promo code gives is for good: no code is ever deleted.
pub(super) fn fixed(subject: Subject) -> Vec<Fixed> {
    let row = |address, sign, field, path: &'static str, value: Value| Fixed {
        address,
        sign,
        field,
        edits: vec![(path, value)],
        replaceable: false,
        follows: &[],
    };
    if subject.has("promo code", "offer") {
        return vec![row("promo_codes.WELCOME", '~', "offer", "promo_codes.WELCOME.offer", json!("third"))];
    }
    vec![
        row("promo_codes.TENTH", '~', "percentage", "promo_codes.TENTH.percentage", json!("20%")),
        row("promo_codes.TENTH", '~', "cycles", "promo_codes.TENTH.cycles", json!(4)),
        row("promo_codes.FIVER", '+', "cycles", "promo_codes.FIVER.cycles", json!(4)),
        row("promo_codes.FIVER", '~', "amount_off", "promo_codes.FIVER.amount_off", json!("6.00")),
    ]
}
