//! bxb's part of the histories. Codes never change, so nothing is renamed.

use serde_json::{Value, json};

use super::{Party, Random, Thing};
use crate::project::Project;
use crate::random_pairs::bxb::catalog;

pub(super) const PARTY: Party = Party { name: "bxb", catalog, named, live, rename, change, delete, make };

const COLLECTIONS: [&str; 6] = ["taxes", "billable_metrics", "features", "plans", "add_ons", "coupons"];

fn named(catalog: &Value) -> Vec<(&'static str, String)> {
    COLLECTIONS
        .into_iter()
        .flat_map(|collection| {
            let objects = catalog[collection].as_object().into_iter().flatten();
            objects.map(move |(code, _)| (collection, code.clone()))
        })
        .collect()
}

fn live(project: &Project) -> Vec<Thing> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut out = Vec::new();
    for collection in COLLECTIONS {
        let (status, list) = project.raw("GET", &format!("/{collection}/?limit=1000"), Value::Null);
        assert_eq!(status, 200, "{list}");
        // A terminated coupon is one that is gone.
        for shown in list.as_array().unwrap().iter().filter(|shown| shown["status"] != "terminated") {
            out.push(Thing { collection, key: text(&shown["code"]), id: text(&shown["id"]), shown: shown.clone() });
        }
    }
    out
}

fn rename(_: &mut Value, _: &mut Random, _: usize) {}

fn path_of(thing: &Thing) -> String {
    match thing.collection {
        "plans" | "billable_metrics" => format!("/{}/{}", thing.collection, thing.id),
        collection => format!("/{collection}/{}", thing.key),
    }
}

fn change(project: &Project, thing: &Thing, random: &mut Random, number: usize) {
    let method = if thing.collection == "features" { "PATCH" } else { "PUT" };
    let body = match (thing.collection, random.below(3)) {
        (_, 0) => json!({ "name": format!("Changed {number}") }),
        ("taxes", 1) => json!({ "rate": "0.07" }),
        ("plans", 1) => json!({ "amount_cents": 4321 }),
        // All charges and all that is on them.
        ("plans", _) => json!({ "charges": [] }),
        ("add_ons", 1) => json!({ "amount_cents": "4321" }),
        _ => json!({ "description": format!("Changed {number}") }),
    };
    project.raw(method, &path_of(thing), body);
}

/// What is in use is refused, which is as good.
fn delete(project: &Project, thing: &Thing, random: &mut Random) {
    if thing.collection == "plans" && random.below(2) == 0 {
        let (_, list) = project.raw("GET", "/entitlements/?limit=1000", Value::Null);
        let its = list.as_array().unwrap().iter().find(|one| one["plan_id"] == json!(thing.id));
        if let Some(id) = its.and_then(|one| one["id"].as_str()) {
            project.raw("DELETE", &format!("/entitlements/{id}"), Value::Null);
            return;
        }
    }
    project.raw("DELETE", &path_of(thing), Value::Null);
}

/// Under a key of their own, or under one that a catalog may name one day.
fn make(project: &Project, random: &mut Random, number: usize) {
    let name = format!("Theirs {number}");
    let code = |random: &mut Random, pool: &[&str]| {
        if random.below(3) == 0 { (*random.one_of(pool).unwrap()).to_owned() } else { format!("theirs_{number}") }
    };
    let (path, body) = match random.below(5) {
        0 => ("/taxes/", json!({ "code": code(random, &["city"]), "name": name, "rate": "0.1" })),
        1 => ("/features/", json!({ "code": code(random, &["api", "cars"]), "name": name, "feature_type": "boolean" })),
        2 => (
            "/billable_metrics/",
            json!({ "code": code(random, &["calls", "users"]), "name": name, "aggregation_type": "count" }),
        ),
        3 => (
            "/plans/",
            json!({ "code": code(random, &["alpha", "beta"]), "name": name, "interval": "monthly", "amount_cents": 700, "currency": "EUR" }),
        ),
        _ => ("/add_ons/", json!({ "code": code(random, &["setup"]), "name": name, "amount_cents": "700" })),
    };
    project.raw("POST", path, body);
}
