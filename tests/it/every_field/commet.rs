//! Commet's rows. What only one version has is asked of the table: a row for a field that another version lacks is left
//! out there.

mod sales;

use serde_json::{Value, json};

use super::{
    Blocks, Fixed, Line, Rows, constant, defaulted, edit, field_lines, go, optional, presence, refused_and_replaced,
    rows, schema_is_covered, step, table_is_covered,
};
use crate::project::{everything, with};
use crate::subject::{JULY11, JULY31, Subject, at_every_version};

/// An intro offer: set, each part changed, from a percentage to an amount and back, cleared.
fn offer(address: &str, within: &str) -> Rows {
    let field = |name: &str| format!("{address} {within}intro_offer.{name}");
    let path = format!("{address}.{within}intro_offer");
    let (percentage, amount, cycles) = (field("percentage"), field("amount"), field("cycles"));
    let line = |sign: &str, field: &str| format!("{sign} {field}");
    let steps = [
        (json!({ "percentage": "20%", "cycles": 3 }), vec![line("+", &percentage), line("+", &cycles)]),
        (json!({ "percentage": "12.5%", "cycles": 3 }), vec![line("~", &percentage)]),
        (json!({ "percentage": "12.5%", "cycles": 4 }), vec![line("~", &cycles)]),
        (json!({ "amount": "5.00", "cycles": 4 }), vec![line("-", &percentage), line("+", &amount)]),
        (json!({ "amount": "6.00", "cycles": 4 }), vec![line("~", &amount)]),
        (Value::Null, vec![line("-", &amount), line("-", &cycles)]),
    ];
    steps.into_iter().map(|(value, plan)| edit(&path, value, plan)).collect()
}

const INTERVALS: [&str; 5] = ["weekly", "monthly", "quarterly", "yearly", "one_time"];

fn features() -> Rows {
    rows([
        constant("features.calls", "name", json!("API calls: \"all\" of 'em # ☎"), json!("Calls")),
        optional("features.calls", "description", json!("What is called"), json!("What is called, and when")),
        optional("features.calls", "unit_name", json!("call"), json!("request")),
        presence("features.fresh", "features.fresh", json!({ "name": "Fresh", "type": "quota" })),
    ])
}

fn groups() -> Rows {
    let members = |plans: Value, plan: &str| step(&[("groups.main.plans", plans)], &[plan]);
    rows([
        constant("groups.main", "name", json!("Main plans"), json!("Main")),
        optional("groups.main", "description", json!("The plans"), json!("All plans")),
        defaulted("groups.main", "public", json!(false), json!(true)).into_iter().take(1).collect(),
        vec![step(&[("groups.main.public", Value::Null)], &["~ groups.main public"])],
        vec![
            members(json!(["basic", "free"]), "~ groups.main plans"),
            members(json!(["basic", "bare", "free"]), "~ groups.main plans"),
            members(json!(["bare"]), "~ groups.main plans"),
            members(Value::Null, "- groups.main plans"),
            members(json!(["free", "basic"]), "+ groups.main plans"),
        ],
        presence("groups.fresh", "groups.fresh", json!({ "name": "Fresh", "plans": ["bare"] })),
    ])
}

fn plans() -> Rows {
    rows([
        constant("plans.pro", "name", json!("Pro: the \"big\" one"), json!("Pro")),
        optional("plans.pro", "description", json!("For teams"), json!("For growing teams")),
        vec![
            step(&[("plans.pro.public", json!(false))], &["~ plans.pro public"]),
            step(&[("plans.pro.public", Value::Null)], &["~ plans.pro public"]),
        ],
        optional("plans.pro", "metadata.tier", json!(2), json!("two")),
        vec![
            step(
                &[("plans.pro.metadata", json!({ "a.b": { "c d": true }, "list": [1, { "x": null }], "n": 1.5 }))],
                &["+ plans.pro metadata.\"a.b\".\"c d\"", "+ plans.pro metadata.list", "+ plans.pro metadata.n"],
            ),
            step(
                &[("plans.pro.metadata", json!({ "a.b": { "c d": false }, "list": [1], "n": 1.5 }))],
                &["~ plans.pro metadata.\"a.b\".\"c d\"", "~ plans.pro metadata.list"],
            ),
            step(
                &[("plans.pro.metadata", Value::Null)],
                &["- plans.pro metadata.\"a.b\".\"c d\"", "- plans.pro metadata.list", "- plans.pro metadata.n"],
            ),
        ],
        constant("plans.pro", "default_price", json!("yearly"), json!("monthly")),
        presence("plans.fresh", "plans.fresh", json!({ "name": "Fresh" })),
    ])
}

fn prices(subject: Subject) -> Rows {
    let mut all = Vec::new();
    for interval in INTERVALS {
        let on = |plan: &str| format!("plans.{plan}.prices.{interval}");
        let amount = everything()["plans"]["pro"]["prices"][interval]["amount"].clone();
        all.push(constant(&on("pro"), "amount", json!("31.50"), amount));
        if interval != "one_time" {
            all.push(defaulted(&on("pro"), "trial_days", json!(14), json!(7)));
        }
        all.push(optional(&on("bal"), "included_balance", json!("20.00"), json!("25.50")));
        all.push(optional(&on("creds"), "included_credits", json!(1000), json!(500)));
        if subject.has("price", "intro_offer.cycles") {
            all.push(offer(&on("pro"), ""));
        }
    }
    // The default stays: another than the default one comes and goes.
    all.push(vec![
        step(&[("plans.pro.prices.weekly", Value::Null)], &["delete plans.pro.prices.weekly"]),
        step(&[("plans.pro.prices.weekly", json!({ "amount": "10.00" }))], &["create plans.pro.prices.weekly"]),
    ]);
    rows(all)
}

fn plan_features() -> Rows {
    rows([
        vec![
            step(&[("plans.pro.features.sso.enabled", json!(false))], &["~ plans.pro.features.sso enabled"]),
            step(&[("plans.pro.features.sso.enabled", Value::Null)], &["~ plans.pro.features.sso enabled"]),
        ],
        constant("plans.pro.features.calls", "included_amount", json!(2500), json!(1000)),
        defaulted("plans.creds.features.calls", "included_amount", json!(10), json!(20)),
        vec![
            step(
                &[("plans.pro.features.projects.unlimited", json!(true))],
                &["~ plans.pro.features.projects unlimited"],
            ),
            step(
                &[("plans.pro.features.projects.unlimited", Value::Null)],
                &["~ plans.pro.features.projects unlimited"],
            ),
        ],
        optional("plans.pro.features.calls", "overage", json!("0.002"), json!("0.0015")),
        optional("plans.creds.features.calls", "credits_per_unit", json!(2), json!(5)),
        optional("plans.bal.features.tokens", "overage", json!("1"), json!("0")),
        presence("plans.bare.features.projects", "plans.bare.features.projects", json!({ "included_amount": 3 })),
        presence("plans.pro.features.sms", "plans.pro.features.sms", json!({ "overage": "0.05" })),
    ])
}

fn regions(subject: Subject) -> Rows {
    let brl = "plans.pro.regions.brl";
    let by_hand = |value: Value, line: &str| step(&[("plans.pro.regions.brl.prices", value)], &[line]);
    rows([
        constant(brl, "exchange_rate", json!("5.62"), json!("5.40")),
        vec![
            by_hand(json!({ "monthly": { "amount": "149.00" } }), "~ plans.pro.regions.brl prices.monthly.amount"),
            by_hand(json!({ "monthly": { "amount": "159.00" } }), "~ plans.pro.regions.brl prices.monthly.amount"),
            // The number that the API derives, but set by hand: it stays when the rate moves.
            by_hand(json!({ "monthly": { "amount": "162.00" } }), "~ plans.pro.regions.brl prices.monthly.amount"),
            by_hand(Value::Null, "~ plans.pro.regions.brl prices.monthly.amount"),
        ],
        vec![
            step(
                &[("plans.pro.regions.jpy.prices", json!({ "yearly": { "amount": "45000" } }))],
                &["~ plans.pro.regions.jpy prices.yearly.amount"],
            ),
            step(&[("plans.pro.regions.jpy.prices", Value::Null)], &["~ plans.pro.regions.jpy prices.yearly.amount"]),
        ],
        vec![step(
            &[("plans.pro.regions.brl.prices", json!({ "monthly": { "amount": "149.00" } }))],
            &["~ plans.pro.regions.brl prices.monthly.amount"],
        )],
        if subject.has("region", "prices.monthly.intro_offer.cycles") {
            offer(brl, "prices.monthly.")
        } else {
            Rows::new()
        },
        vec![by_hand(Value::Null, "~ plans.pro.regions.brl prices.monthly.amount")],
        // A balance in a currency: without one on the price, and as an exception from the derived one.
        optional("plans.bal.regions.eur", "prices.monthly.included_balance", json!("18.00"), json!("19.00")),
        vec![step(
            &[("plans.bal.prices.monthly.included_balance", json!("20.00"))],
            &["+ plans.bal.prices.monthly included_balance"],
        )],
        vec![
            step(
                &[("plans.bal.regions.eur.prices.monthly.included_balance", json!("18.00"))],
                &["~ plans.bal.regions.eur prices.monthly.included_balance"],
            ),
            step(
                &[("plans.bal.regions.eur.prices.monthly.included_balance", json!("19.00"))],
                &["~ plans.bal.regions.eur prices.monthly.included_balance"],
            ),
            step(
                &[("plans.bal.regions.eur.prices.monthly.included_balance", Value::Null)],
                &["~ plans.bal.regions.eur prices.monthly.included_balance"],
            ),
        ],
        vec![step(
            &[("plans.bal.prices.monthly.included_balance", Value::Null)],
            &["- plans.bal.prices.monthly included_balance"],
        )],
        vec![
            step(
                &[("plans.pro.regions.brl.features", json!({ "seats": { "overage": "66.00" } }))],
                &["~ plans.pro.regions.brl features.seats.overage"],
            ),
            step(
                &[("plans.pro.regions.brl.features", json!({ "seats": { "overage": "66.0001" } }))],
                &["~ plans.pro.regions.brl features.seats.overage"],
            ),
            step(
                &[("plans.pro.regions.brl.features", Value::Null)],
                &["~ plans.pro.regions.brl features.seats.overage"],
            ),
        ],
        presence("plans.pro.regions.clp", "plans.pro.regions.clp", json!({ "exchange_rate": "950.5" })),
        presence("plans.basic.regions.eur", "plans.basic.regions.eur", json!({ "exchange_rate": "0.9" })),
    ])
}

fn addons() -> Rows {
    rows([
        constant("addons.text", "name", json!("Text messages"), json!("Text")),
        optional("addons.text", "description", json!("By SMS"), json!("By SMS, worldwide")),
        constant("addons.flag", "base_price", json!("5.50"), json!("5.00")),
        constant("addons.text", "base_price", json!("15.50"), json!("15.00")),
        constant("addons.text", "included_units", json!(1500), json!(1000)),
        constant("addons.text", "overage_rate", json!("0.025"), json!("0.03")),
        constant("addons.words", "overage_rate", json!("0.0025"), json!("0.002")),
        presence(
            "addons.fresh",
            "addons.fresh",
            json!({ "name": "Fresh", "feature": "spare", "consumption_model": "balance", "base_price": "1.00", "overage_rate": "0.1" }),
        ),
    ])
}

fn fixed() -> Vec<Fixed> {
    let row = |address, sign, field, edits: &[(&'static str, Value)], follows| Fixed {
        address,
        sign,
        field,
        edits: edits.to_vec(),
        replaceable: true,
        follows,
    };
    vec![
        row("features.spare", '~', "type", &[("features.spare.type", json!("seats"))], &[]),
        row(
            "features.renamed",
            '~',
            "code",
            &[
                ("features.spare", Value::Null),
                ("features.renamed", json!({ "name": "Spare", "type": "usage", "previously": "spare" })),
            ],
            &[],
        ),
        row("plans.bare", '+', "consumption_model", &[("plans.bare.consumption_model", json!("metered"))], &[]),
        row(
            "plans.basic",
            '~',
            "consumption_model",
            &[("plans.basic.consumption_model", json!("balance"))],
            &["create plans.basic.prices.monthly"],
        ),
        row(
            "plans.basic",
            '-',
            "consumption_model",
            &[("plans.basic.consumption_model", Value::Null)],
            &["create plans.basic.prices.monthly"],
        ),
        row("plans.bare", '~', "free", &[("plans.bare.free", json!(true))], &[]),
        row(
            "plans.bal",
            '~',
            "block_on_exhaustion",
            &[("plans.bal.block_on_exhaustion", json!(true))],
            &[
                "create plans.bal.prices.weekly",
                "create plans.bal.prices.monthly",
                "create plans.bal.prices.quarterly",
                "create plans.bal.prices.yearly",
                "create plans.bal.prices.one_time",
                "create plans.bal.features.calls",
                "create plans.bal.features.images",
                "create plans.bal.features.tokens",
                "create plans.bal.regions.brl",
                "create plans.bal.regions.eur",
            ],
        ),
        row(
            "plans.renamed",
            '~',
            "code",
            &[("plans.bare", Value::Null), ("plans.renamed", json!({ "name": "Bare", "previously": "bare" }))],
            &[],
        ),
        row(
            "plans.bal.features.tokens",
            '~',
            "pricing_mode",
            &[("plans.bal.features.tokens.pricing_mode", json!("ai_model"))],
            &[],
        ),
        row("plans.bal.features.images", '+', "margin", &[("plans.bal.features.images.margin", json!("15%"))], &[]),
        row("addons.text", '~', "feature", &[("addons.text.feature", json!("spare"))], &[]),
        row(
            "addons.words",
            '~',
            "consumption_model",
            &[("addons.words.consumption_model", json!("metered")), ("addons.words.included_units", json!(5))],
            &["+ addons.words included_units"],
        ),
        row("addons.pictures", '~', "credit_cost", &[("addons.pictures.credit_cost", json!(5))], &[]),
    ]
}

/// The catalog that immutable fields are changed in.
fn fixed_base(subject: Subject) -> Value {
    with(&(subject.everything)(), &[("plans.bal.features.images", json!({ "pricing_mode": "ai_model" }))])
}

fn of_features_and_groups(subject: Subject) {
    go(subject, rows([features(), groups()]));
}

fn of_plans_and_plan_features(subject: Subject) {
    go(subject, rows([plans(), plan_features()]));
}

fn of_prices(subject: Subject) {
    go(subject, prices(subject));
}

fn of_regions(subject: Subject) {
    go(subject, regions(subject));
}

fn of_addons(subject: Subject) {
    go(subject, addons());
}

fn of_sales(subject: Subject) {
    go(subject, sales::all(subject));
}

fn immutable_ones_are_shown_refused_and_replaced(subject: Subject) {
    let all = fixed().into_iter().chain(sales::fixed(subject)).collect();
    refused_and_replaced(subject, &fixed_base(subject), all);
}

fn lines(subject: Subject) -> Vec<Line> {
    let steps = rows([
        features(),
        groups(),
        plans(),
        prices(subject),
        plan_features(),
        regions(subject),
        addons(),
        sales::all(subject),
    ]);
    field_lines(subject, steps, fixed().into_iter().chain(sales::fixed(subject)).collect())
}

fn the_provider_table_is_covered(subject: Subject) {
    table_is_covered(subject, &lines(subject), &[]);
}

at_every_version! {
    of_features_and_groups
    of_plans_and_plan_features
    of_prices
    of_regions
    of_addons
    of_sales
    immutable_ones_are_shown_refused_and_replaced
    the_provider_table_is_covered
}

const BLOCKS: Blocks = Blocks {
    places: &[
        ("Feature", &[("feature", "")]),
        ("Group", &[("plan group", "")]),
        ("Plan", &[("plan", "")]),
        ("Price", &[("price", "")]),
        ("IntroOffer", &[("price", "intro_offer."), ("region", "prices.*.intro_offer.")]),
        ("PlanFeature", &[("plan feature", "")]),
        ("Region", &[("region", "")]),
        ("RegionPrice", &[("region", "prices.*.")]),
        ("RegionFeature", &[("region", "features.*.")]),
        ("Addon", &[("add-on", "")]),
        ("Offer", &[("offer", "")]),
        ("Phase", &[("offer", "phases.*.")]),
        ("Market", &[("market", "")]),
        ("Variant", &[("price variant", "")]),
        ("CreditPack", &[("credit pack", "")]),
        ("PromoCode", &[("promo code", "")]),
    ],
    holders: &[
        ("Plan", "prices"),
        ("Plan", "features"),
        ("Plan", "regions"),
        ("Price", "intro_offer"),
        ("Price", "variants"),
        ("Offer", "phases"),
        ("Region", "prices"),
        ("Region", "features"),
        ("RegionPrice", "intro_offer"),
    ],
    directives: &["protect", "ignore", "previously", "replace", "id", "price_changes"],
    top: &[
        "provider",
        "price_changes",
        "features",
        "groups",
        "plans",
        "addons",
        "offers",
        "markets",
        "credit_packs",
        "promo_codes",
        "absent",
    ],
    least: 75,
};

#[test]
fn the_catalog_types_are_covered() {
    // The language is one for all versions.
    let all: Vec<Line> = [JULY11, JULY31].into_iter().flat_map(lines).collect();
    schema_is_covered(&JULY31.schema(), &all, &BLOCKS);
}
