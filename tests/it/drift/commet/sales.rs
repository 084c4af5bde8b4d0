//! Rows of offers, markets, prices in markets, price variants, credit packs and promo codes.

use serde_json::{Value, json};

use super::super::{Row, row};
use crate::project::Project;
use crate::subject::Subject;

/// Every optional field that can be read holds something.
pub(super) fn full(subject: Subject) -> Vec<(&'static str, Value)> {
    let mut edits = vec![("credit_packs.small.description", json!("For a try"))];
    if subject.has("offer", "name") {
        edits.extend([
            ("offers.launch.starts_at", json!("2026-12-01T00:00:00Z")),
            ("offers.launch.ends_at", json!("2027-12-01T00:00:00Z")),
            ("offers.launch.metadata", json!({ "campaign": "2026" })),
            (
                "offers.launch.phases",
                json!([
                    { "free_trial": 14 },
                    { "fixed_price": { "usd": "1.00" }, "cycles": 3, "interval": "monthly" },
                    { "percentage": "20%" },
                ]),
            ),
            ("markets.cone.metadata", json!({ "team": "south" })),
            ("plans.pro.prices.monthly.metadata", json!({ "experiment": "control" })),
            ("plans.pro.prices.monthly.variants.founding.metadata", json!({ "by": "sales" })),
        ]);
    }
    edits
}

fn newer(method: &'static str, path: impl Into<String>, body: Value, plan: &[&str]) -> Row {
    Row { newer: true, ..row(method, path, body, plan) }
}

/// A code that the catalog of everything has.
fn code(subject: Subject) -> &'static str {
    if subject.has("offer", "name") { "WELCOME" } else { "FIVER" }
}

fn promo_id(project: &Project, code: &str) -> String {
    let codes = project.get("/promo-codes?limit=100");
    let found = codes.as_array().unwrap().iter().find(|promo| promo["code"] == code);
    found.unwrap_or_else(|| panic!("no {code}: {codes}"))["id"].as_str().unwrap().to_owned()
}

pub(super) fn fields(subject: Subject, project: &Project) -> Vec<Row> {
    let pack = format!("/credit-packs/{}", project.id_of("credit-packs", "Small pack"));
    let code = code(subject);
    let promo = format!("/promo-codes/{}", promo_id(project, code));
    let at = |sign: &str, field: &str| format!("{sign} promo_codes.{code} {field}");
    let of_code = |body: Value, line: &str| row("PUT", promo.as_str(), body, &[line]);
    let mut rows = vec![
        row("PUT", &pack, json!({ "name": "X" }), &["~ credit_packs.small name"]),
        row("PUT", &pack, json!({ "description": "X" }), &["~ credit_packs.small description"]),
        row("PUT", &pack, json!({ "description": "" }), &["+ credit_packs.small description"]),
        row("PUT", &pack, json!({ "credits": 1 }), &["~ credit_packs.small credits"]),
        row("PUT", &pack, json!({ "price": 1 }), &["~ credit_packs.small price"]),
        of_code(json!({ "billingInterval": "monthly" }), &at("-", "billing_interval")),
        of_code(json!({ "maxRedemptions": 1 }), &at("-", "max_redemptions")),
        of_code(json!({ "expiresAt": "2027-01-01T00:00:00.000Z" }), &at("-", "expires_at")),
        of_code(json!({ "active": false }), &at("~", "active")),
    ];
    if subject.has("offer", "name") {
        rows.extend(of_offers(project));
        rows.extend(of_markets(project));
    }
    rows
}

/// An update replaces all terms: each row sends those of the catalog with one thing changed.
fn of_offers(project: &Project) -> Vec<Row> {
    let id = |name: &str| format!("/offers/{}", project.id_of("offers", name));
    let launch = || {
        json!({
            "name": "Launch", "startsAt": "2026-12-01T00:00:00Z", "endsAt": "2027-12-01T00:00:00Z", "active": true,
            "metadata": { "campaign": "2026" },
            "phases": [
                { "type": "free_trial", "durationDays": 14 },
                {
                    "type": "fixed_price", "prices": [{ "currency": "usd", "amount": 100 }], "durationCycles": 3,
                    "durationInterval": "monthly",
                },
                { "type": "percentage", "percentage": 2000, "durationCycles": null },
            ],
        })
    };
    let launched = |pointer: &str, value: Value, line: &str| {
        let mut terms = launch();
        *terms.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        newer("PATCH", id("Launch"), terms, &[line])
    };
    let welcome = json!({
        "name": "Welcome",
        "phases": [{ "type": "amount_off", "amounts": [{ "currency": "usd", "amount": 900 }], "durationCycles": 2 }],
    });
    vec![
        launched("/name", json!("X"), "~ offers.launch name"),
        launched("/startsAt", Value::Null, "+ offers.launch starts_at"),
        launched("/endsAt", json!("2028-12-01T00:00:00Z"), "~ offers.launch ends_at"),
        launched("/active", json!(false), "~ offers.launch active"),
        launched("/metadata", json!({ "campaign": 1 }), "~ offers.launch metadata.campaign"),
        launched("/phases/0/durationDays", json!(7), "~ offers.launch phases.1.free_trial"),
        launched("/phases/1/prices/0/amount", json!(0), "~ offers.launch phases.2.fixed_price.usd"),
        launched("/phases/1/durationCycles", json!(4), "~ offers.launch phases.2.cycles"),
        launched("/phases/1/durationInterval", json!("yearly"), "~ offers.launch phases.2.interval"),
        launched("/phases/2/percentage", json!(1), "~ offers.launch phases.3.percentage"),
        newer("PATCH", id("Welcome"), welcome, &["~ offers.welcome phases.1.amount_off.usd"]),
    ]
}

fn of_markets(project: &Project) -> Vec<Row> {
    let cone = format!("/markets/{}", project.id_of("markets", "Southern Cone"));
    let body = |name: &str, codes: &[&str], team: &str| json!({ "name": name, "countryCodes": codes, "metadata": { "team": team } });
    let all = ["BO", "PY", "UY"];
    let monthly = format!("/plans/{}/prices/{}", project.plan_id("pro"), project.price_id("pro", "monthly"));
    let founding = format!("/plans/{}/prices/{}", project.plan_id("pro"), variant_id(project));
    let prices = |argentina: u64, cone: u64| {
        json!({ "marketPrices": [
            { "marketGroupId": project.id_of("markets", "Argentina"), "currency": "ars", "price": argentina },
            { "marketGroupId": project.id_of("markets", "Southern Cone"), "currency": "usd", "price": cone },
        ] })
    };
    vec![
        newer("PATCH", &cone, body("X", &all, "south"), &["~ markets.cone name"]),
        newer("PATCH", &cone, body("Southern Cone", &["BO"], "south"), &["~ markets.cone countries"]),
        newer("PATCH", &cone, body("Southern Cone", &all, "north"), &["~ markets.cone metadata.team"]),
        newer("PATCH", &monthly, prices(6_490_000, 1), &["~ plans.pro.prices.monthly markets.cone.usd"]),
        newer(
            "PATCH",
            &monthly,
            json!({ "metadata": { "experiment": "b" } }),
            &["~ plans.pro.prices.monthly metadata.experiment"],
        ),
        newer(
            "PATCH",
            &founding,
            json!({ "metadata": { "name": "X" } }),
            &["~ plans.pro.prices.monthly.variants.founding name"],
        ),
        newer(
            "PATCH",
            &founding,
            json!({ "metadata": { "by": null } }),
            &["+ plans.pro.prices.monthly.variants.founding metadata.by"],
        ),
        newer(
            "PATCH",
            &founding,
            prices(1, 2),
            &[
                "~ plans.pro.prices.monthly.variants.founding markets.argentina.ars",
                "- plans.pro.prices.monthly.variants.founding markets.cone.usd",
            ],
        ),
    ]
}

/// The only variant.
pub(super) fn variant_id(project: &Project) -> String {
    let plan = project.newer("GET", "/plans/pro", Value::Null);
    let mut prices = plan["prices"].as_array().unwrap().iter();
    let variant = prices.find(|price| price["inheritsFromPriceId"].is_string());
    variant.unwrap_or_else(|| panic!("{plan}"))["id"].as_str().unwrap().to_owned()
}

/// Whole objects; what stands for them afterwards is as the files say.
pub(super) fn come_and_go(subject: Subject, project: &Project) {
    let undo = |expected: &[&str]| {
        let plan = project.plan();
        assert_eq!(plan.lines(), expected);
        project.apply(&plan).exits(0);
        project.in_sync();
    };
    project.call("DELETE", &format!("/credit-packs/{}", project.id_of("credit-packs", "Large pack")), Value::Null);
    undo(&["create credit_packs.large"]);
    if !subject.has("offer", "name") {
        return;
    }
    let delete = |path: String| project.newer("DELETE", &path, Value::Null);
    delete(format!("/offers/{}", project.id_of("offers", "Launch")));
    undo(&["create offers.launch"]);
    delete(format!("/plans/{}/prices/{}", project.plan_id("pro"), variant_id(project)));
    undo(&["create plans.pro.prices.monthly.variants.founding"]);
    let base = project.price_id("pro", "monthly");
    let market = project.id_of("markets", "Southern Cone");
    let more = json!({
        "billingInterval": "monthly", "inheritsFromPriceId": base, "metadata": { "name": "Theirs" },
        "marketPrices": [{ "marketGroupId": market, "currency": "usd", "price": 5 }],
    });
    project.newer("POST", &format!("/plans/{}/prices", project.plan_id("pro")), more);
    undo(&["delete plans.pro.prices.monthly.variants.theirs"]);
    // A market that no price names any more can go, and comes back with its prices.
    project.newer(
        "PATCH",
        &format!("/plans/{}/prices/{}", project.plan_id("pro"), variant_id(project)),
        json!({
            "marketPrices": [{ "marketGroupId": market, "currency": "usd", "price": 5 }],
        }),
    );
    project.newer(
        "PATCH",
        &format!("/plans/{}/prices/{base}", project.plan_id("pro")),
        json!({
            "marketPrices": [{ "marketGroupId": market, "currency": "usd", "price": 2000 }],
        }),
    );
    delete(format!("/markets/{}", project.id_of("markets", "Argentina")));
    undo(&[
        "+ plans.pro.prices.monthly markets.argentina.ars",
        "+ plans.pro.prices.monthly.variants.founding markets.argentina.ars",
        "- plans.pro.prices.monthly.variants.founding markets.cone.usd",
        "create markets.argentina",
    ]);
    // A code that somebody else made, and one that gives an offer that is gone: the API cannot give it another one.
    delete(format!("/offers/{}", project.id_of("offers", "Welcome")));
    let plan = project.plan();
    assert_eq!(plan.lines(), ["create offers.welcome", "~ promo_codes.WELCOME offer!"]);
    assert_eq!(plan.guards(), ["PB-G11"]);
    project.write(&crate::project::with(
        &super::full(subject),
        &[("promo_codes.WELCOME", Value::Null), ("promo_codes.WELCOME2", json!({ "offer": "welcome" }))],
    ));
    undo(&["create offers.welcome", "delete promo_codes.WELCOME", "create promo_codes.WELCOME2"]);
}
