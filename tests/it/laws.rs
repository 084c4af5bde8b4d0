//! Laws that hold for every changeset: the same bytes for the same inputs, nothing but reads while planning, a number
//! of requests that does not grow with the catalog, calls in an order that can run, and not one more than needed.

use std::collections::BTreeSet;

use pricebook::load::schema;
use serde_json::{Value, json};

use crate::project::{Plan, Project, Request, everything, with};

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

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let project = Project::with(&everything());
    project.write(&edited());
    for format in ["human", "json"] {
        let run = || project.run(&["plan", "--format", format]).exits(0).stdout;
        let first = run();
        assert!(!first.is_empty());
        assert!(run() == first && run() == first, "{format}");
    }
}

#[test]
fn order_and_comments_of_the_files_do_not_matter() {
    fn turned(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().rev().map(|(key, value)| (key.clone(), turned(value))).collect(),
            other => other.clone(),
        }
    }
    let project = Project::with(&everything());
    let first = project.plan_of(&edited());
    let yaml = serde_yaml::to_string(&turned(&edited())).unwrap();
    project.write_text(&format!("# A word\n{}", yaml.replace("\nplans:\n", "\n# Plans\nplans:   # of ours\n")));
    let second = project.plan();
    assert_eq!(first.0["digest"], second.0["digest"]);
    assert_eq!(first.lines(), second.lines());

    // The same in a folder of several files.
    std::fs::remove_file(project.path("catalog.yaml")).unwrap();
    std::fs::create_dir(project.path("parts")).unwrap();
    for (at, section) in ["plans", "addons", "features", "groups"].iter().enumerate() {
        let part = json!({ "provider": "commet", *section: edited()[section] });
        std::fs::write(project.path(&format!("parts/{at}.yaml")), serde_yaml::to_string(&part).unwrap()).unwrap();
    }
    std::fs::write(project.path("parts/z.yaml"), "provider: commet\nprice_changes: reprice\n").unwrap();
    let parts = project.path("parts");
    let third = project.plan_with(&["--catalog", parts.to_str().unwrap()]);
    assert_eq!(first.0["digest"], third.0["digest"]);
    assert_eq!(first.lines(), third.lines());
}

#[test]
fn planning_only_reads() {
    let project = Project::with(&everything());
    project.write(&edited());
    let before = project.writes();
    let saved = project.path("saved.json");
    let saved = saved.to_str().unwrap();
    project.run(&["plan"]).exits(0);
    project.run(&["plan", "--out", saved]).exits(0);
    project.run(&["plan", "--write-unreadable", "--detailed-exitcode"]).exits(2);
    let requests = project.requests().len();
    project.run(&["validate"]).exits(0);
    project.run_plain(&["show", saved]).exits(0);
    assert_eq!(project.requests().len(), requests, "validate and show need no API");
    assert_eq!(project.writes(), before);
    // Without a yes, apply is a plan.
    let refused = project.run(&["apply", "--ack", "PB-G05"]);
    assert_ne!(refused.code, 0);
    assert_eq!(project.writes(), before);
}

#[test]
fn a_saved_changeset_prints_the_same_bytes() {
    let project = Project::with(&everything());
    project.write(&edited());
    let saved = project.path("saved.json");
    let saved = saved.to_str().unwrap();
    let planned = project.run(&["plan", "--out", saved]).exits(0).stdout;
    let json = project.run(&["plan", "--format", "json"]).exits(0).stdout;
    assert_eq!(std::fs::read_to_string(saved).unwrap(), json);
    let shown = project.run_plain(&["show", saved]).exits(0).stdout;
    // `plan --out` may say where it saved; what it shows is the same.
    assert_eq!(shown, planned);
    assert_eq!(project.run_plain(&["show", saved, "--format", "json"]).exits(0).stdout, json);
}

#[test]
fn the_document_is_as_its_schema_says() {
    let schema = schema::of::<pricebook::changeset::Document>("Changeset");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let project = Project::new();
    let mut documents = vec![project.plan_of(&everything())];
    project.apply(&documents[0]).exits(0);
    documents.push(project.plan());
    documents.push(project.plan_of(&edited()));
    documents.push(project.plan_with(&["--only", "plans.pro"]));
    documents.push(project.plan_of(&with(&everything(), &[("plans.bare.free", json!(true))])));
    std::fs::remove_file(project.ledger_path()).unwrap();
    documents.push(project.plan());
    documents.push(project.plan_with(&["--write-unreadable"]));
    for Plan(document) in &documents {
        let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    assert!(!validator.is_valid(&json!({ "format": "pricebook.changeset/1" })));
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

#[test]
fn the_number_of_reads_does_not_grow_with_the_catalog() {
    let reads = |project: &Project| {
        let before = project.requests().len();
        project.in_sync();
        let paths = project.requests().split_off(before);
        let paths: Vec<String> = paths.into_iter().map(|Request { method, path }| format!("{method} {path}")).collect();
        let mut sorted = paths;
        sorted.sort();
        sorted
    };
    let project = Project::new();
    project.write(&many(10));
    project.run(&["apply", "--yes", "-q"]).exits(0);
    let few = reads(&project);
    assert!(few.len() <= 8, "{few:#?}");
    project.write(&many(300));
    project.run(&["apply", "--yes", "-q", "--parallel", "16"]).exits(0);
    assert_eq!(reads(&project), few);
}

#[test]
fn a_partial_changeset_sends_what_was_chosen_and_deletes_nothing() {
    let project = Project::with(&everything());
    project.write(&edited());
    let whole = project.plan();
    assert!(whole.0["catalog"].get("partial").is_none());

    let plan = project.plan_with(&["--only", "plans.pro.*.monthly", "--only", "features.calls"]);
    assert_eq!(plan.lines(), ["~ features.calls name", "~ plans.pro.prices.monthly amount"]);
    assert!(plan.0["catalog"]["partial"].as_str().unwrap().contains("plans.pro.*.monthly"));
    let human = project.run(&["plan", "--only", "plans.pro"]).exits(0).stdout;
    assert!(human.contains("only plans.pro"), "{human}");
    let before = project.writes().len();
    project.apply_with(&plan, &["--only", "plans.pro.*.monthly", "--only", "features.calls"]).exits(0);
    let sent = project.writes().split_off(before);
    assert_eq!(sent.len(), 2, "{sent:?}");

    let plan = project.plan_with(&["--except", "plans", "--except", "groups"]);
    assert_eq!(plan.lines(), ["replace features.spare", "~ features.spare type"]);
    let plan = project.plan_with(&["--only", "*"]);
    assert!(plan.lines().iter().all(|line| !line.starts_with("delete")), "{:?}", plan.lines());
    // What is replaced is deleted and made again; nothing else is deleted.
    let deletes: Vec<_> = plan.requests().into_iter().filter(|call| call.starts_with("DELETE")).collect();
    assert_eq!(deletes, ["DELETE /features/spare/manage"], "{:?}", plan.requests());
    project.apply_with(&plan, &["--only", "*"]).exits(0);
    let rest = project.plan();
    assert_eq!(
        rest.lines(),
        ["delete plans.bal.features.calls", "delete plans.pro.prices.weekly", "delete addons.flag"]
    );
    project.apply(&rest).exits(0);
    project.in_sync();
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

#[test]
fn every_call_comes_after_what_it_waits_for_and_none_is_too_many() {
    let project = Project::new();
    let first = project.plan_of(&everything());
    first.is_ordered();
    project.apply(&first).exits(0);
    let plan = project.plan_of(&edited());
    plan.is_ordered();
    // No call for an object that does not change.
    let changed: BTreeSet<&str> = plan.changes().map(|change| change["address"].as_str().unwrap()).collect();
    for call in plan.calls() {
        assert!(changed.contains(call["address"].as_str().unwrap()), "{call}");
    }
    let mut requests = plan.requests();
    let sent = requests.len();
    requests.sort();
    requests.dedup();
    // POSTs to a collection may be several; each update and each delete is one.
    let updates = plan.requests().into_iter().filter(|call| !call.starts_with("POST")).count();
    let distinct = requests.iter().filter(|call| !call.starts_with("POST")).count();
    assert!(updates - distinct <= 2, "only /regional is called once per currency: {:#?}", plan.requests());
    let before = project.writes().len();
    project.apply(&plan).exits(0);
    assert_eq!(project.writes().len() - before, sent, "as many requests as calls");

    // Several fields of one object are one update.
    let many_fields = with(
        &edited(),
        &[
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
        ],
    );
    let plan = project.plan_of(&many_fields);
    let regional = plan.requests().iter().filter(|call| call.ends_with("/regional")).count();
    assert_eq!(plan.calls().count() - regional, 4, "{:#?}", plan.summaries());
    project.apply(&plan).exits(0);
    project.in_sync();
}
