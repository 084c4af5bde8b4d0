//! Commet under the laws, and what only its objects can do in part.

use serde_json::{Value, json};

use super::{Case, for_every_law};
use crate::project::{Project, everything, with};
use crate::subject::COMMET;

for_every_law!(CASE);

const CASE: Case = Case {
    subject: COMMET,
    edited,
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
    several_fields,
    several_calls: 4,
};

/// Something of every action.
fn edited() -> Value {
    with(
        &everything(),
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
        (
            "plans.pro.prices.yearly",
            json!({ "amount": "310.00", "trial_days": 3, "intro_offer": { "percentage": "5%", "cycles": 1 } }),
        ),
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
    project.write(&edited());
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
