//! A saved changeset: what was reviewed is what runs.

use std::fs;

use serde_json::{Value, json};

use crate::subject::{Subject, at_every_version};
use crate::workspace::{SHOP, World, speaking};

at_every_version! {
    from_nothing_and_twice
    twice_without_a_ledger
    a_touched_object_that_changed
    what_it_does_not_touch_does_not_matter
    a_neighbour_that_is_written_again_matters
    a_child_that_came_into_a_deleted_plan_meanwhile_is_no_surprise_to_the_rest
    an_object_that_was_created_meanwhile
    an_edited_catalog_is_mentioned_and_no_more
    a_renamed_group_is_found_after_an_edit_of_the_catalog
    a_file_that_is_not_what_was_saved
    one_that_failed_halfway_is_resumed_or_planned_again
}

/// A world in which the shop is live, with another catalog's changeset saved as `saved.json`.
fn saved(from: &str, to: &str) -> World {
    let world = World::new(from);
    world.run(&["apply", "--yes", "--ack", "PB-G08"]).exits(0);
    world.catalog(to);
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    world.forget_log();
    world
}

fn dearer() -> World {
    saved(SHOP, &SHOP.replace("monthly: 49.00", "monthly: 59.00"))
}

fn from_nothing_and_twice(subject: Subject) {
    speaking(subject);
    let world = World::new(SHOP);
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    assert!(world.writes().is_empty());
    world.run(&["apply", "saved.json"]).exits(3).complains("--yes");
    world.run(&["apply", "saved.json", "--yes"]).exits(0).says("all of them succeeded");
    let (state, ledger) = (world.state(), world.ledger());
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    world.forget_log();
    world.run(&["apply", "saved.json", "--yes"]).exits(0).says("Already applied");
    let report = world.run(&["apply", "saved.json", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!((&report["exit"], &report["applied"]), (&json!(0), &json!([])));
    assert_eq!((world.writes(), world.state(), world.ledger()), (Vec::new(), state.clone(), ledger.clone()));
    // The ledger is what a plain apply would have written, ids apart.
    let plain = World::new(SHOP);
    plain.run(&["apply", "--yes"]).exits(0);
    assert_eq!(plain.state(), state);
    let without_ids = |ledger: &Value| {
        let mut objects = ledger["objects"].clone();
        for (_, entry) in objects.as_object_mut().unwrap() {
            entry.as_object_mut().unwrap().remove("id");
        }
        objects
    };
    assert_eq!(without_ids(&plain.ledger()), without_ids(&ledger));
}

fn twice_without_a_ledger(subject: Subject) {
    speaking(subject);
    // As after a crash between the last call and the ledger.
    let world = World::new(SHOP);
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    world.run(&["apply", "saved.json", "--yes"]).exits(0);
    fs::remove_file(world.ledger_path()).unwrap();
    world.forget_log();
    world.run(&["apply", "saved.json", "--yes"]).exits(0).says("Already applied");
    assert!(world.writes().is_empty());
    // What no read shows is not claimed to be known.
    let feature = &world.ledger()["objects"]["plans.pro.features.sso"];
    assert!(feature["unknown"].is_array() && feature["written"].get("pricing_mode").is_none(), "{feature}");
    world.run(&["plan", "--detailed-exitcode"]).exits(0).says("all unchanged");
}

fn a_touched_object_that_changed(subject: Subject) {
    speaking(subject);
    let world = dearer();
    let id = world.plan_id("pro");
    let price = price_id(&world, "pro", "monthly");
    world.call("PUT", &format!("/plans/{id}/prices/{price}"), json!({ "price": 5500 })).data();
    world.forget_log();
    world
        .run(&["apply", "saved.json", "--yes"])
        .exits(5)
        .complains("amount of plans.pro.prices.monthly was 49.00, and is 55.00 now")
        .complains("nothing was sent");
    // A field that the changeset does not set.
    world.call("PUT", &format!("/plans/{id}/prices/{price}"), json!({ "price": 4900, "trialDays": 9 })).data();
    world.forget_log();
    let report = world.run(&["apply", "saved.json", "--yes", "--format", "json"]).exits(5).json();
    assert_eq!(report["exit"], 5);
    assert_eq!(report["stale"][0]["address"], "plans.pro.prices.monthly");
    assert_eq!(report["stale"][0]["field"], "trial_days");
    assert_eq!((&report["stale"][0]["before"], &report["stale"][0]["now"]), (&json!(0), &json!(9)));
    world.call("DELETE", &format!("/plans/{id}/prices/{price}"), Value::Null);
    world.forget_log();
    world.run(&["apply", "saved.json", "--yes"]).exits(5).complains("plans.pro.prices.monthly is gone");
    assert!(world.writes().is_empty());
}

/// The id of a live price; the newer version tells it.
pub(crate) fn price_id(world: &World, plan: &str, interval: &str) -> String {
    let ledger = world.ledger();
    ledger["objects"][format!("plans.{plan}.prices.{interval}")]["id"].as_str().unwrap().to_owned()
}

fn what_it_does_not_touch_does_not_matter(subject: Subject) {
    speaking(subject);
    let world = dearer();
    let scale = world.plan_id("scale");
    world.call("PUT", &format!("/plans/{scale}/manage"), json!({ "description": "other" })).data();
    world.call("POST", "/features/manage", json!({ "name": "X", "code": "x", "type": "boolean" })).data();
    world.forget_log();
    world.run(&["apply", "saved.json", "--yes"]).exits(0);
    assert_eq!(world.writes().len(), 1, "{:?}", world.writes());
    assert_eq!(
        world.ledger()["objects"]["plans.pro.prices.monthly"]["written"]["amount"],
        json!({ "decimal": "59.00" })
    );
    // What somebody else changed shows in the next plan, as theirs.
    world.run(&["plan", "--detailed-exitcode"]).exits(2).says("plans.scale");
}

fn a_neighbour_that_is_written_again_matters(subject: Subject) {
    speaking(subject);
    let two = SHOP.replace(
        "      eur: { exchange_rate: 0.92 }\n",
        "      eur: { exchange_rate: 0.92 }\n      brl: { exchange_rate: 5.40 }\n",
    );
    let world = saved(&two, SHOP);
    let document: Value = serde_json::from_slice(&fs::read(world.path("saved.json")).unwrap()).unwrap();
    let also = document["also_touched"].as_array().unwrap();
    assert!(also.iter().any(|touched| touched["address"] == "plans.pro.regions.eur"), "{document:#}");
    let acks = ["apply", "saved.json", "--yes", "--ack", "PB-G05"];
    let id = world.plan_id("pro");
    world.call("PUT", &format!("/plans/{id}/regional"), json!({ "currency": "eur", "exchangeRate": 0.95 })).data();
    world.forget_log();
    world.run(&acks).exits(5).complains("exchange_rate of plans.pro.regions.eur was 0.92, and is 0.95 now");
    assert!(world.writes().is_empty());
    world.call("PUT", &format!("/plans/{id}/regional"), json!({ "currency": "eur", "exchangeRate": 0.92 })).data();
    world.run(&acks).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn a_child_that_came_into_a_deleted_plan_meanwhile_is_no_surprise_to_the_rest(subject: Subject) {
    speaking(subject);
    let without = SHOP
        .replace(&SHOP[SHOP.find("  scale:\n").unwrap()..SHOP.find("addons:").unwrap()], "")
        .replace(", scale]", "]");
    let world = saved(SHOP, &without);
    let acks = ["apply", "saved.json", "--yes", "--ack", "PB-G05"];
    let id = world.plan_id("scale");
    let price = price_id(&world, "scale", "monthly");
    world.call("PUT", &format!("/plans/{id}/prices/{price}"), json!({ "price": 20000 })).data();
    world.forget_log();
    world.run(&acks).exits(5).complains("amount of plans.scale.prices.monthly was 199.00, and is 200.00 now");
    world.call("PUT", &format!("/plans/{id}/prices/{price}"), json!({ "price": 19900 })).data();
    world.run(&acks).exits(0);
    assert_eq!(world.plan_codes(), ["free", "pro"]);
    world.run(&acks).exits(0).says("Already applied");
}

fn an_object_that_was_created_meanwhile(subject: Subject) {
    speaking(subject);
    let more = SHOP.replace("features:\n  sso", "features:\n  audit: { name: Audit log, type: boolean }\n  sso");
    let world = saved(SHOP, &more);
    world.call("POST", "/features/manage", json!({ "name": "Audit", "code": "audit", "type": "boolean" })).data();
    world.forget_log();
    world
        .run(&["apply", "saved.json", "--yes"])
        .exits(5)
        .complains("features.audit was to be created, and exists now: name is Audit, the changeset sets Audit log");
    world.call("PUT", "/features/audit/manage", json!({ "name": "Audit log" })).data();
    world.forget_log();
    world.run(&["apply", "saved.json", "--yes"]).exits(0).says("Already applied");
    assert!(world.writes().is_empty());
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn an_edited_catalog_is_mentioned_and_no_more(subject: Subject) {
    speaking(subject);
    let edits: [&dyn Fn() -> Option<String>; 4] = [
        &|| Some(SHOP.replace("monthly: 49.00", "monthly: 61.00").replace("name: Pro", "name: Pro plus")),
        &|| Some("provider: commet\n".into()),
        &|| Some("provider: [broken".into()),
        &|| None,
    ];
    for edit in edits {
        let world = dearer();
        match edit() {
            Some(text) => world.catalog(&text),
            None => fs::remove_file(world.path("catalog.yaml")).unwrap(),
        }
        world.run(&["apply", "saved.json", "--yes"]).exits(0).complains("was edited after the changeset was saved");
        assert_eq!(world.writes().len(), 1, "{:?}", world.writes());
        // The ledger knows everything as before, and what was written.
        world.catalog(&SHOP.replace("monthly: 49.00", "monthly: 59.00"));
        world.run(&["plan", "--detailed-exitcode"]).exits(0);
        let price = &world.ledger()["objects"]["plans.pro.prices.monthly"];
        assert_eq!(price["written"]["amount"], json!({ "decimal": "59.00" }));
        assert!(world.ledger()["objects"].as_object().unwrap().len() > 10);
    }
}

fn a_renamed_group_is_found_after_an_edit_of_the_catalog(subject: Subject) {
    speaking(subject);
    let world = saved(SHOP, &SHOP.replace("name: Main", "name: Everything"));
    fs::remove_file(world.ledger_path()).unwrap();
    world.catalog("provider: commet\n");
    // Without a ledger, nothing but the name tells which group it was.
    world.run(&["apply", "saved.json", "--yes"]).exits(5).complains("groups.main is gone");
}

#[test]
fn another_target_is_refused() {
    let world = dearer();
    let other = World::new(SHOP);
    for (arguments, words) in [
        (vec!["apply", "saved.json", "--yes", "-e", "test", "--url", other.url.as_str()], "is for the URL"),
        (vec!["apply", "saved.json", "--yes", "--api-version", "2026-07-31"], "is for the API version 2026-07-11"),
        (vec!["apply", "saved.json", "--yes", "--api-version", "2026-07-12"], "does not speak version"),
        (vec!["apply", "saved.json", "--yes", "-e", "nobody"], "nobody"),
        (vec!["apply", "saved.json", "--yes", "--only", "plans"], "--only"),
        (vec!["apply", "saved.json", "--yes", "--write-unreadable"], "--write-unreadable"),
    ] {
        world.run(&arguments).exits(3).complains(words);
    }
    world.project(&world.url, ", mode: live");
    world
        .run(&["apply", "saved.json", "--yes"])
        .exits(3)
        .complains("is for the mode sandbox, the environment test has live");
    // The key opens a live organization now.
    world.project(&world.url, "");
    let live = super::workspace::ended(
        world
            .command(&["apply", "saved.json", "--yes"])
            .env("PB_KEY", "ck_live_1")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap(),
    );
    live.exits(5).complains("is for sandbox, but the API answers as live");
    assert!(world.writes().is_empty() && other.writes().is_empty());
}

fn a_file_that_is_not_what_was_saved(subject: Subject) {
    speaking(subject);
    let world = saved(SHOP, &SHOP.replace("monthly: 49.00", "monthly: 490.00"));
    let text = fs::read_to_string(world.path("saved.json")).unwrap();
    world.run(&["apply", "saved.json", "--yes"]).exits(4).complains("PB-G04");
    let mut without_guards: Value = serde_json::from_str(&text).unwrap();
    without_guards["guards"] = json!([]);
    let mut other: Value = serde_json::from_str(&text).unwrap();
    other["calls"][0]["body"]["price"] = json!(1);
    let newer = text.replace("pricebook.changeset/1", "pricebook.changeset/2");
    for (bad, words) in [
        (without_guards.to_string(), "its digest does not fit"),
        (other.to_string(), "its digest does not fit"),
        (newer, "has the format pricebook.changeset/2"),
        ("{}".into(), "has the format none"),
        ("[".into(), "is not a changeset"),
        (text[..text.len() / 2].to_owned(), "is not a changeset"),
        (String::new(), "is not a changeset"),
    ] {
        fs::write(world.path("bad.json"), bad).unwrap();
        world.run(&["apply", "bad.json", "--yes", "--ack", "PB-G04"]).exits(3).complains(words);
        world.run(&["show", "bad.json"]).exits(3).complains(words);
    }
    world.run(&["apply", "missing.json", "--yes"]).exits(3).complains("missing.json cannot be read");
    assert!(world.writes().is_empty());
    // Whitespace is not content.
    let compact: Value = serde_json::from_str(&text).unwrap();
    fs::write(world.path("compact.json"), compact.to_string()).unwrap();
    world.run(&["apply", "compact.json", "--yes", "--ack", "PB-G04"]).exits(0);
}

fn one_that_failed_halfway_is_resumed_or_planned_again(subject: Subject) {
    speaking(subject);
    let world = World::with(SHOP, |options| options.faults = Some("nth=8,kind=500,on=POST".into()));
    world.project(&world.url, ", timeouts: { retry_budget: 0 }");
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    world.run(&["apply", "saved.json", "--yes", "--parallel", "1"]).exits(6);
    world.run(&["apply", "saved.json", "--yes"]).exits(5).complains("`pricebook apply --resume` goes on with it");
    world.run(&["apply", "--yes"]).exits(0);
    world.run(&["apply", "saved.json", "--yes"]).exits(0).says("Already applied");
}
