//! Changes that need several calls in the right order, against the sandbox, which refuses the wrong ones.

use serde_json::{Value, json};

use crate::project::{Plan, Project, everything, with};

/// Where the first call that starts with these words stands.
#[track_caller]
fn at(plan: &Plan, words: &str) -> usize {
    let summaries = plan.summaries();
    summaries.iter().position(|summary| summary.starts_with(words)).unwrap_or_else(|| panic!("{words}: {summaries:#?}"))
}

#[track_caller]
fn before(plan: &Plan, first: &str, then: &str) {
    assert!(at(plan, first) < at(plan, then), "{first} / {then}: {:#?}", plan.summaries());
    // Not by luck: the one waits for the other.
    let calls: Vec<&Value> = plan.calls().collect();
    let (first, mut open) = (calls[at(plan, first)]["id"].as_str().unwrap(), vec![calls[at(plan, then)]]);
    while let Some(call) = open.pop() {
        let waits: Vec<&str> = call["after"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        if waits.contains(&first) {
            return;
        }
        open.extend(calls.iter().filter(|call| waits.contains(&call["id"].as_str().unwrap())));
    }
    panic!("nothing makes it wait: {:#?}", plan.0["calls"]);
}

#[test]
fn removing_a_currency_keeps_the_others_as_they_were() {
    let start = with(
        &everything(),
        &[(
            "plans.pro.regions",
            json!({
                "brl": { "exchange_rate": "5.40", "prices": { "monthly": { "amount": "149.00" } }, "features": { "seats": { "overage": "66.00" } } },
                "jpy": { "exchange_rate": "150" },
                "eur": { "exchange_rate": "0.92", "prices": { "monthly": { "amount": "29.00", "intro_offer": { "percentage": "10%", "cycles": 1 } } } },
            }),
        )],
    );
    let project = Project::with(&start);
    let plan = project.plan_of(&with(&start, &[("plans.pro.regions.jpy", Value::Null)]));
    assert_eq!(plan.lines(), ["delete plans.pro.regions.jpy"]);
    // Five prices lose all their currencies, two currencies are written again.
    assert_eq!(plan.calls().count(), 7, "{:#?}", plan.summaries());
    for price in ["weekly", "monthly", "quarterly", "yearly", "one_time"] {
        before(&plan, &format!("Remove JPY from the {price} price"), "Write the BRL");
        before(&plan, &format!("Remove JPY from the {price} price"), "Write the EUR");
    }
    project.apply(&plan).exits(0);
    project.in_sync();
    // By hand as by hand, derived through the rate.
    let live = project.live_plan("pro");
    for price in live["prices"].as_array().unwrap() {
        let mut rows: Vec<(String, bool)> = price["regionalPrices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["currency"].as_str().unwrap().to_owned(), row["autoSynced"].as_bool().unwrap()))
            .collect();
        rows.sort();
        let derived = price["billingInterval"] != "monthly";
        assert_eq!(rows, [("brl".to_owned(), derived), ("eur".to_owned(), derived)], "{price}");
    }
    let seats = live["features"].as_array().unwrap().iter().find(|feature| feature["code"] == "seats").unwrap();
    let brl = seats["regionalPrices"].as_array().unwrap().iter().find(|row| row["currency"] == "brl").unwrap();
    assert_eq!((&brl["overageUnitPrice"], &brl["autoSynced"]), (&json!(660_000), &json!(false)));

    // The rate that stays is mentioned, once it is all that is left.
    let plan = project.plan();
    assert!(plan.0["warnings"].to_string().contains("JPY"), "{}", plan.0["warnings"]);
    // The last one goes, too, and one comes back.
    project.reach(&with(&start, &[("plans.pro.regions", Value::Null)]));
    project.reach(&start);
}

#[test]
fn a_plan_leaves_its_group_before_it_joins_another() {
    let project = Project::with(&everything());
    let moved =
        with(&everything(), &[("groups.main.plans", json!(["free"])), ("groups.side.plans", json!(["bare", "basic"]))]);
    let plan = project.plan_of(&moved);
    assert_eq!(plan.lines(), ["~ groups.main plans", "+ groups.side plans"]);
    before(&plan, "Take basic out of the plan group main", "Put basic into the plan group side");
    project.apply(&plan).exits(0);
    project.in_sync();

    // Both ways at once, each at the other's place.
    let start = with(
        &everything(),
        &[
            ("groups.main.plans", json!(["free", "basic", "pro"])),
            ("groups.side.plans", json!(["bare", "creds", "bal"])),
        ],
    );
    project.reach(&start);
    let plan = project.plan_of(&with(
        &start,
        &[
            ("groups.main.plans", json!(["creds", "free", "pro"])),
            ("groups.side.plans", json!(["bare", "bal", "basic"])),
        ],
    ));
    before(&plan, "Take basic out of the plan group main", "Put basic into the plan group side");
    before(&plan, "Take creds out of the plan group side", "Put creds into the plan group main");
    before(&plan, "Put creds into the plan group main", "Order the plan group main: creds, free, pro");
    assert_eq!(plan.calls().count(), 5, "{:#?}", plan.summaries());
    project.apply(&plan).exits(0);
    project.in_sync();

    // From a group that goes.
    let plan = project.plan_of(&with(
        &start,
        &[("groups.main", Value::Null), ("groups.side.plans", json!(["bare", "creds", "bal", "free"]))],
    ));
    before(&plan, "Delete plan group Main", "Put free into the plan group side");
    project.apply(&plan).exits(0);
    project.in_sync();
    // From a group that the files do not know.
    let foreign = project.call("POST", "/plan-groups", json!({ "name": "Foreign" }));
    let path = format!("/plan-groups/{}/plans", foreign["id"].as_str().unwrap());
    project.call("POST", &path, json!({ "planId": project.plan_id("basic") }));
    let plan = project.plan_of(&with(
        &start,
        &[("groups.main", Value::Null), ("groups.side.plans", json!(["basic", "bare", "creds", "bal", "free"]))],
    ));
    before(&plan, "Take basic out of the plan group foreign", "Put basic into the plan group side");
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn reordering_a_group_is_one_call() {
    let start = with(&everything(), &[("groups.main.plans", json!(["free", "basic", "pro"]))]);
    let project = Project::with(&start);
    let plan = project.plan_of(&with(&start, &[("groups.main.plans", json!(["pro", "free", "basic"]))]));
    assert_eq!(plan.summaries(), ["Order the plan group main: pro, free, basic"]);
    project.apply(&plan).exits(0);
    project.in_sync();
    // A plan that is made anew comes back to its place.
    let replaced = with(
        &start,
        &[
            ("groups.main.plans", json!(["pro", "free", "basic"])),
            ("plans.free.free", json!(false)),
            ("plans.free.replace", json!(true)),
        ],
    );
    let plan = project.plan_of(&replaced);
    before(&plan, "Delete plan Free", "Create plan Free");
    before(&plan, "Create plan Free", "Order the plan group main");
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn the_default_price_changes_hands() {
    let project = Project::with(&everything());
    let plan = project.plan_of(&with(&everything(), &[("plans.pro.default_price", json!("yearly"))]));
    assert_eq!(plan.summaries(), ["Make the yearly price the default of Pro"]);
    project.apply(&plan).exits(0);
    project.in_sync();

    // To a price that changes at the same time: one call.
    let yearly = with(&everything(), &[("plans.pro.prices.monthly.amount", json!("31.00"))]);
    let plan = project.plan_of(&yearly);
    assert_eq!(plan.summaries(), ["Update the monthly price of Pro"]);
    project.apply(&plan).exits(0);
    project.in_sync();

    // The old one is deleted: another is the default before that.
    let deleted =
        with(&yearly, &[("plans.pro.default_price", json!("quarterly")), ("plans.pro.prices.monthly", Value::Null)]);
    let plan = project.plan_of(&deleted);
    assert_eq!(plan.lines(), ["~ plans.pro default_price", "delete plans.pro.prices.monthly"]);
    assert_eq!(plan.guards(), ["PB-G05"]);
    before(&plan, "Make the quarterly price the default of Pro", "Archive the monthly price of Pro");
    project.apply(&plan).exits(0);
    project.in_sync();

    // To a price that is new.
    let plan = project.plan_of(&with(
        &deleted,
        &[
            ("plans.pro.prices.monthly", json!({ "amount": "32.00" })),
            ("plans.pro.default_price", json!("monthly")),
            ("plans.pro.prices.quarterly", Value::Null),
        ],
    ));
    before(&plan, "Add the monthly price to Pro", "Archive the quarterly price of Pro");
    before(&plan, "Add the monthly price to Pro", "Write the BRL prices of Pro");
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn the_last_price_goes_only_when_a_person_says_so() {
    let project = Project::with(&everything());
    let plan = project.plan_of(&with(&everything(), &[("plans.basic.prices", Value::Null)]));
    assert_eq!(plan.lines(), ["delete plans.basic.prices.monthly"]);
    assert_eq!(plan.guards(), ["PB-G05", "PB-G09"]);
    let sent = project.writes().len();
    for acknowledged in [&["--ack", "PB-G05"][..], &["--ack", "PB-G09"], &[]] {
        project.run(&[&["apply", "--yes"], acknowledged].concat()).exits(4);
    }
    project.run(&["apply", "--yes", "--ack", "PB-G99"]).exits(3);
    assert_eq!(project.writes().len(), sent);
    project.apply(&plan).exits(0);
    project.in_sync();
    // The last price of a plan with currencies.
    project.reach(&with(
        &everything(),
        &[
            ("plans.pro.prices", Value::Null),
            ("plans.pro.default_price", Value::Null),
            ("plans.pro.regions", Value::Null),
        ],
    ));
    project.reach(&everything());
}

#[test]
fn a_feature_whose_type_changes_leaves_everything_and_comes_back() {
    let start = with(
        &everything(),
        &[
            ("plans.pro.regions.brl.features", json!({ "seats": { "overage": "66.00" } })),
            ("plans.basic.features.seats", json!({ "included_amount": 2 })),
            (
                "addons.chairs",
                json!({ "name": "Chairs", "feature": "seats", "consumption_model": "balance", "base_price": "1.00", "overage_rate": "0.5" }),
            ),
        ],
    );
    let project = Project::with(&start);
    let plan = project
        .plan_of(&with(&start, &[("features.seats.type", json!("quota")), ("features.seats.replace", json!(true))]));
    assert_eq!(
        plan.lines(),
        [
            "replace features.seats",
            "~ features.seats type",
            "replace plans.basic.features.seats",
            "replace plans.pro.features.seats",
            "replace addons.chairs",
        ]
    );
    for (first, then) in [
        ("Remove seats from Pro", "Delete feature Seats"),
        ("Remove seats from Basic", "Delete feature Seats"),
        ("Delete add-on Chairs", "Delete feature Seats"),
        ("Delete feature Seats", "Create feature Seats"),
        ("Create feature Seats", "Add seats to Pro"),
        ("Create feature Seats", "Create add-on Chairs"),
        ("Add seats to Pro", "Write the BRL prices of Pro"),
        ("Add seats to Pro", "Write the JPY prices of Pro"),
    ] {
        before(&plan, first, then);
    }
    project.apply(&plan).exits(0);
    project.in_sync();
    let seats = project.live_plan("pro")["features"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["code"] == "seats")
        .unwrap()
        .clone();
    assert_eq!(seats["type"], "quota");
    assert_eq!(seats["regionalPrices"].as_array().unwrap().len(), 2, "{seats}");
}

#[test]
fn grandfathering_archives_and_adds_with_every_currency() {
    let start = with(
        &everything(),
        &[
            ("price_changes", json!("grandfather")),
            (
                "plans.pro.regions.brl.prices",
                json!({ "monthly": { "amount": "149.00", "intro_offer": { "amount": "9.00", "cycles": 2 } } }),
            ),
        ],
    );
    let project = Project::with(&start);
    let old = project.price_id("pro", "monthly");
    let dearer = with(&start, &[("plans.pro.prices.monthly.amount", json!("35.00"))]);
    let plan = project.plan_of(&dearer);
    assert_eq!(plan.lines(), ["replace plans.pro.prices.monthly", "~ plans.pro.prices.monthly amount"]);
    assert_eq!(plan.guards(), Vec::<String>::new());
    before(&plan, "Archive the monthly price of Pro", "Add the monthly price to Pro");
    before(&plan, "Add the monthly price to Pro", "Write the BRL prices of Pro");
    before(&plan, "Add the monthly price to Pro", "Write the JPY prices of Pro");
    project.apply(&plan).exits(0);
    project.in_sync();
    assert_ne!(project.price_id("pro", "monthly"), old);
    let live = project.live_plan("pro");
    let monthly =
        live["prices"].as_array().unwrap().iter().find(|price| price["billingInterval"] == "monthly").unwrap();
    assert_eq!(monthly["isDefault"], true);
    assert_eq!(monthly["regionalPrices"].as_array().unwrap().len(), 2);

    // A price by hand in a currency is part of its price.
    let regional = with(&dearer, &[("plans.pro.regions.brl.prices.monthly.amount", json!("159.00"))]);
    let plan = project.plan_of(&regional);
    assert_eq!(plan.lines(), ["replace plans.pro.prices.monthly", "~ plans.pro.regions.brl prices.monthly.amount"]);
    project.apply(&plan).exits(0);
    project.in_sync();
    // What is no price is changed in place.
    let plan = project.plan_of(&with(&regional, &[("plans.pro.prices.monthly.trial_days", json!(7))]));
    assert_eq!(plan.summaries(), ["Update the monthly price of Pro"]);
    // What the API cannot keep for existing subscribers needs a word.
    let plan = project.plan_of(&with(&regional, &[("plans.pro.features.seats.overage", json!("13.00"))]));
    assert_eq!(plan.guards(), ["PB-G03"]);
    // Nobody said what a changed price does.
    let plan = project.plan_of(&with(
        &regional,
        &[("price_changes", Value::Null), ("plans.pro.prices.yearly.amount", json!("310.00"))],
    ));
    assert_eq!(plan.guards(), ["PB-G01"]);
    project.apply_with(&Plan(json!({ "guards": [] })), &[]).exits(4);
}

#[test]
fn a_plan_with_a_new_code_keeps_its_name() {
    let project = Project::with(&everything());
    let mut renamed =
        with(&everything(), &[("plans.basic", Value::Null), ("groups.main.plans", json!(["free", "starter"]))]);
    renamed["plans"]["starter"] = everything()["plans"]["basic"].clone();
    let plan = project.plan_of(&renamed);
    assert_eq!(
        plan.lines(),
        ["~ groups.main plans", "delete plans.basic", "create plans.starter", "create plans.starter.prices.monthly"]
    );
    before(&plan, "Delete plan Basic", "Create plan Basic");
    project.apply(&plan).exits(0);
    project.in_sync();
    // A feature: it leaves its plans, goes, and the new one takes the name.
    let mut next = with(&renamed, &[("features.seats", Value::Null), ("plans.pro.features.seats", Value::Null)]);
    next["features"]["users"] = everything()["features"]["seats"].clone();
    next["plans"]["pro"]["features"]["users"] = everything()["plans"]["pro"]["features"]["seats"].clone();
    let plan = project.plan_of(&next);
    before(&plan, "Delete feature Seats", "Create feature Seats");
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn names_are_swapped() {
    let project = Project::with(&everything());
    let name = |of: &str| everything()["plans"][of]["name"].clone();
    // Two, and a ring of three; features, too.
    let swapped = with(
        &everything(),
        &[
            ("plans.pro.name", name("basic")),
            ("plans.basic.name", name("pro")),
            ("plans.free.name", name("bare")),
            ("plans.bare.name", name("creds")),
            ("plans.creds.name", name("free")),
            ("features.calls.name", json!("Seats")),
            ("features.seats.name", json!("Calls")),
        ],
    );
    let plan = project.plan_of(&swapped);
    plan.is_ordered();
    // One detour for each ring.
    assert_eq!(plan.calls().count(), 7 + 3, "{:#?}", plan.summaries());
    project.apply(&plan).exits(0);
    project.in_sync();
    // A chain needs none: the last one has a new name.
    let plan = project.plan_of(&with(
        &swapped,
        &[
            ("plans.pro.name", json!("Pro")),
            ("plans.basic.name", json!("New")),
            ("plans.fresh", json!({ "name": "Basic" })),
        ],
    ));
    assert_eq!(plan.calls().count(), 3, "{:#?}", plan.summaries());
    project.apply(&plan).exits(0);
    project.in_sync();
}

/// An add-on is its feature: when keys of the files trade features, the live ones stay, and what no key sells any
/// more goes.
#[test]
fn addons_change_keys() {
    let project = Project::with(&everything());
    let base = everything();
    let mut traded = base.clone();
    traded["addons"]["text"] = base["addons"]["pictures"].clone();
    traded["addons"]["pictures"] = base["addons"]["text"].clone();
    let plan = project.plan_of(&traded);
    assert_eq!(plan.lines(), Vec::<String>::new());
    project.apply(&plan).exits(0);
    // One takes over another's, and its own is left over.
    let taken = with(&traded, &[("addons.text", base["addons"]["words"].clone()), ("addons.words", Value::Null)]);
    let plan = project.plan_of(&taken);
    assert_eq!(plan.lines(), ["delete addons.images"]);
    project.apply(&plan).exits(0);
    project.in_sync();
}
