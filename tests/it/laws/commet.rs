//! Commet under the laws, and what only its objects can do in part.

use serde_json::{Value, json};

use super::{Case, for_every_law};
use crate::project::{Project, everything, with};
use crate::subject::{JULY11, JULY31};

for_every_law!(july11 JULY11_CASE);
for_every_law!(july31 JULY31_CASE);

const JULY11_CASE: Case = Case {
    subject: JULY11,
    edited: || edited(&(JULY11.everything)()),
    immutable: || ("plans.bare.free", json!(true)),
    chosen: &["--only", "plans.pro.*.monthly", "--only", "features.calls"],
    chosen_lines: &["~ features.calls name", "~ plans.pro.prices.monthly amount"],
    except: &["--except", "plans", "--except", "groups"],
    except_lines: &["replace features.spare", "~ features.spare type"],
    remade: &["/features/spare/manage"],
    left: &["delete plans.bal.features.calls", "delete plans.pro.prices.weekly", "delete addons.flag"],
    many,
    many_counts: (10, 300),
    reads_of_few: 8,
    reads_of_each: &[],
    // Once per currency.
    repeated: &["/regional"],
    repeats: 2,
    several_fields: || {
        let mut fields = several_fields();
        fields.push(("plans.pro.prices.yearly.intro_offer", json!({ "percentage": "5%", "cycles": 1 })));
        fields
    },
    several_calls: 4,
};

const JULY31_CASE: Case = Case {
    subject: JULY31,
    edited: || {
        let start = edited(&(JULY31.everything)());
        let founding = "plans.pro.prices.monthly.variants.founding";
        with(
            &start,
            &[
                ("markets.cone.countries", json!(["PY", "UY"])),
                ("markets.argentina.countries", json!(["AR", "BO"])),
                ("offers.welcome.phases", json!([{ "percentage": "15%", "cycles": 2 }])),
                ("promo_codes.THIRD.max_redemptions", json!(10)),
                (&format!("{founding}.markets.cone"), json!({ "usd": "15.00" })),
                ("credit_packs.small.price", json!("11.00")),
            ],
        )
    },
    immutable: || ("plans.bare.free", json!(true)),
    chosen: &["--only", "features.calls", "--only", "markets.cone"],
    chosen_lines: &["~ features.calls name", "~ markets.cone countries"],
    except: &["--except", "plans", "--except", "groups", "--except", "features", "--except", "offers"],
    except_lines: &[
        "~ markets.argentina countries",
        "~ credit_packs.small price",
        "+ promo_codes.THIRD max_redemptions",
    ],
    remade: &["/features/spare"],
    left: &["delete plans.bal.features.calls", "delete plans.pro.prices.weekly", "delete addons.flag"],
    many: |plans| {
        let mut catalog = many(plans);
        catalog["markets"] = json!({ "argentina": { "name": "Argentina", "countries": ["AR"] } });
        catalog["offers"] = json!({ "trial": { "name": "Trial", "phases": [{ "free_trial": 7 }] } });
        catalog["credit_packs"] = json!({ "pack": { "name": "Pack", "credits": 1, "price": "1.00" } });
        catalog["promo_codes"] = json!({});
        for plan in catalog["plans"].as_object_mut().unwrap().values_mut() {
            plan["prices"]["monthly"]["markets"] = json!({ "argentina": { "ars": "100.00" } });
        }
        catalog
    },
    many_counts: (10, 150),
    reads_of_few: 7,
    reads_of_each: &[],
    repeated: &["/regional"],
    repeats: 2,
    several_fields: || {
        let mut fields = several_fields();
        fields.push(("plans.pro.prices.yearly.metadata", json!({ "a": 1, "b": 2 })));
        fields.push(("offers.launch", json!({ "name": "L", "active": false, "phases": [{ "free_trial": 1 }] })));
        fields
    },
    several_calls: 5,
};

/// Something of every action.
fn edited(everything: &Value) -> Value {
    with(
        everything,
        &[
            ("features.calls.name", json!("API: \"calls\"")),
            ("features.spare.type", json!("seats")),
            ("features.spare.replace", json!(true)),
            ("plans.pro.prices.monthly.amount", json!("33.00")),
            ("plans.pro.prices.weekly", Value::Null),
            ("plans.pro.regions.eur", json!({ "exchange_rate": "0.92" })),
            ("plans.bal.features.calls", Value::Null),
            (
                "plans.fresh",
                json!({ "name": "Fresh", "prices": { "monthly": { "amount": "1.00" } }, "metadata": { "b": 1, "a": 2 } }),
            ),
            ("groups.main.plans", json!(["basic", "fresh", "free"])),
            ("addons.flag", Value::Null),
        ],
    )
}

fn many(plans: usize) -> Value {
    let plan = |at: usize| {
        let plan = json!({
            "name": format!("Plan {at}"), "consumption_model": "metered",
            "prices": { "monthly": { "amount": format!("{at}.00") } },
            "features": { "calls": { "included_amount": at } },
        });
        (format!("plan_{at}"), plan)
    };
    json!({
        "provider": "commet",
        "features": { "calls": { "name": "Calls", "type": "usage" } },
        "plans": (1..=plans).map(plan).collect::<serde_json::Map<_, _>>(),
    })
}

fn several_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("plans.pro.name", json!("Professional")),
        ("plans.pro.description", json!("For teams")),
        ("plans.pro.public", json!(false)),
        ("plans.pro.metadata", json!({ "a": 1, "b": 2 })),
        ("plans.pro.prices.yearly", json!({ "amount": "310.00", "trial_days": 3 })),
        ("plans.pro.default_price", json!("yearly")),
        ("plans.pro.features.calls", json!({ "included_amount": 1, "overage": "0.1" })),
        (
            "addons.text",
            json!({
                "name": "T", "description": "D", "feature": "sms", "consumption_model": "metered", "base_price": "1.00",
                "included_units": 1, "overage_rate": "1",
            }),
        ),
    ]
}

/// A group takes in a plan that is to be created: choosing the group chooses the plan, and what is inside it.
#[test]
fn what_was_chosen_brings_what_it_needs() {
    let project = Project::with(&everything());
    project.write(&edited(&everything()));
    let plan = project.plan_with(&["--only", "groups.main"]);
    assert_eq!(plan.lines(), ["~ groups.main plans", "create plans.fresh"]);
    plan.is_ordered();
    project.apply_with(&plan, &["--only", "groups.main"]).exits(0);
    assert_eq!(project.plan_with(&["--only", "groups.main"]).lines(), Vec::<String>::new());
    let plan = project.plan();
    project.apply(&plan).exits(0);
    project.in_sync();
}

/// A feature that is made anew leaves its plans first and comes back: choosing it chooses that. A group that was not
/// chosen takes nobody in and lets nobody go, also when one of its plans is made anew.
#[test]
fn what_was_chosen_brings_what_follows_it_and_nothing_else() {
    let start = with(&everything(), &[("groups.main.plans", json!(["free", "basic", "bare"]))]);
    let project = Project::with(&start);
    let changed = with(
        &start,
        &[
            ("features.seats.type", json!("quota")),
            ("features.seats.replace", json!(true)),
            ("plans.basic.consumption_model", json!("balance")),
            ("plans.basic.replace", json!(true)),
            ("groups.main.plans", json!(["pro", "free"])),
            ("groups.side.plans", json!(["basic"])),
            ("plans.pro.description", json!("For teams")),
        ],
    );
    project.write(&changed);
    let only = ["--only", "features"];
    let plan = project.plan_with(&only);
    assert_eq!(plan.lines(), ["replace features.seats", "~ features.seats type", "replace plans.pro.features.seats"]);
    project.apply_with(&plan, &only).exits(0);
    let only = ["--only", "plans.basic"];
    let plan = project.plan_with(&only);
    assert_eq!(
        plan.lines(),
        ["replace plans.basic", "~ plans.basic consumption_model", "create plans.basic.prices.monthly"]
    );
    project.apply_with(&plan, &only).exits(0);
    let rest = project.plan();
    assert_eq!(rest.lines(), ["~ groups.main plans", "+ groups.side plans", "+ plans.pro description"]);
    assert_eq!(rest.changes().next().unwrap()["fields"][0]["before"], json!(["free", "basic", "bare"]));
    project.apply(&rest).exits(0);
    project.in_sync();
}

/// A currency is written whole; what it says about a price that was not chosen and is not there yet waits.
#[test]
fn a_currency_does_not_wait_for_a_price_that_was_not_chosen() {
    let project = Project::with(&everything());
    let changed = with(
        &everything(),
        &[
            ("plans.basic.prices.yearly", json!({ "amount": "90.00" })),
            ("plans.basic.default_price", json!("monthly")),
            (
                "plans.basic.regions.eur",
                json!({ "exchange_rate": "0.9", "prices": { "monthly": { "amount": "8.00" }, "yearly": { "amount": "80.00" } } }),
            ),
        ],
    );
    project.write(&changed);
    let only = ["--only", "plans.basic.prices.monthly", "--only", "plans.pro"];
    assert_eq!(project.plan_with(&only).lines(), Vec::<String>::new());
    let except = ["--except", "plans.basic.prices.yearly"];
    let plan = project.plan_with(&except);
    assert_eq!(
        plan.lines(),
        ["create plans.basic.prices.yearly", "create plans.basic.regions.eur"],
        "it needs its prices"
    );
    project.reach(&with(
        &changed,
        &[("plans.basic.prices.yearly", Value::Null), ("plans.basic.regions.eur.prices.yearly", Value::Null)],
    ));
    let plan = project.plan_of(&with(&changed, &[("plans.basic.regions.eur.exchange_rate", json!("0.95"))]));
    assert_eq!(plan.guards(), Vec::<String>::new());
    project.apply(&plan).exits(0);
    project.in_sync();
}
