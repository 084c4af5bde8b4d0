//! Commet's part of the histories.

use serde_json::{Value, json};

use super::{Party, Random, Thing};
use crate::project::Project;
use crate::random_pairs::commet::{of_july11, of_july31};

pub(super) const JULY11: Party =
    Party { name: "commet@2026-07-11", catalog: of_july11, named, live, rename, change, delete, make };

pub(super) const JULY31: Party = Party { name: "commet@2026-07-31", catalog: of_july31, ..JULY11 };

fn named(catalog: &Value) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for (collection, field) in [
        ("features", ""),
        ("plans", ""),
        ("groups", "name"),
        ("addons", "feature"),
        ("offers", "name"),
        ("markets", "name"),
        ("credit_packs", "name"),
        ("promo_codes", ""),
    ] {
        for (key, object) in catalog[collection].as_object().into_iter().flatten() {
            let natural = if field.is_empty() { key } else { object[field].as_str().unwrap() };
            out.push((collection, natural.to_owned()));
        }
    }
    out
}

fn live(project: &Project) -> Vec<Thing> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut out = Vec::new();
    for (collection, path, key) in [
        ("features", "/features?limit=100", "code"),
        ("plans", "/plans?includePrivate=true&limit=100", "code"),
        ("groups", "/plan-groups?limit=100", "name"),
        ("addons", "/addons?limit=100", "featureCode"),
    ] {
        for shown in project.get(path).as_array().unwrap() {
            out.push(Thing { collection, key: text(&shown[key]), id: text(&shown["id"]), shown: shown.clone() });
        }
    }
    // Shown in either version, whichever made them.
    for (collection, path, key) in [
        ("offers", "/offers?limit=100", "name"),
        ("markets", "/markets", "name"),
        ("credit_packs", "/credit-packs", "name"),
        ("promo_codes", "/promo-codes?limit=100", "code"),
    ] {
        let list = project.newer("GET", path, Value::Null);
        for shown in list["data"].as_array().unwrap() {
            // A code that is switched off is as good as gone. The discounts of codes and the introductory offers of prices
            // are offers behind them.
            let gone = shown["isActive"] == false && !wanted(project, collection, &shown[key]);
            let intro = shown["name"].as_str().is_some_and(|name| name.ends_with(" intro offer"));
            let behind = collection == "offers" && (intro || list_has(&codes(project), "code", &shown["name"]));
            if !gone && !behind {
                out.push(Thing { collection, key: text(&shown[key]), id: text(&shown["id"]), shown: shown.clone() });
            }
        }
    }
    out
}

fn codes(project: &Project) -> Value {
    project.get("/promo-codes?limit=100")
}

fn list_has(list: &Value, field: &str, value: &Value) -> bool {
    list.as_array().unwrap().iter().any(|one| one[field] == *value)
}

/// Whether the catalog of now names a code.
fn wanted(project: &Project, collection: &str, code: &Value) -> bool {
    let text = std::fs::read_to_string(project.path("catalog.yaml")).unwrap_or_default();
    let catalog: Value = serde_json::from_str(&text).unwrap_or_default();
    collection != "promo_codes" || catalog["promo_codes"].get(code.as_str().unwrap()).is_some()
}

/// The keys of groups and add-ons are ours.
fn rename(catalog: &mut Value, random: &mut Random, number: usize) {
    let collection = if random.below(2) == 0 { "groups" } else { "addons" };
    let Some(objects) = catalog[collection].as_object_mut() else { return };
    let keys: Vec<String> = objects.keys().cloned().collect();
    let Some(old) = random.one_of(&keys) else { return };
    let mut object = objects.remove(old).unwrap();
    object["previously"] = json!(old);
    // Also the name, so that nothing but the ledger tells which one it was.
    if collection == "groups" && random.below(2) == 0 {
        object["name"] = json!(format!("Renamed {number}"));
    }
    objects.insert(format!("renamed_{number}"), object);
}

fn path_of(thing: &Thing) -> String {
    match thing.collection {
        "features" => format!("/features/{}/manage", thing.key),
        "plans" => format!("/plans/{}/manage", thing.id),
        "groups" => format!("/plan-groups/{}", thing.id),
        "offers" => format!("/offers/{}", thing.id),
        "markets" => format!("/markets/{}", thing.id),
        "credit_packs" => format!("/credit-packs/{}", thing.id),
        "promo_codes" => format!("/promo-codes/{}", thing.id),
        _ => format!("/addons/{}", thing.id),
    }
}

fn change(project: &Project, thing: &Thing, random: &mut Random, number: usize) {
    if thing.collection == "plans" && random.below(2) == 0 {
        let body = json!({ "billingInterval": "weekly", "price": 1500 });
        let prices = thing.shown["prices"].as_array().map_or(0, Vec::len);
        if prices == 0 || random.below(2) == 0 {
            // A price more, which the API may refuse.
            project.raw("POST", &format!("/plans/{}/prices", thing.id), body);
            return;
        }
        if let Some(interval) = thing.shown["prices"][0]["billingInterval"].as_str() {
            let id = project.price_id(&thing.key, interval);
            project.raw("PUT", &format!("/plans/{}/prices/{id}", thing.id), json!({ "price": 4321 }));
        }
        return;
    }
    match thing.collection {
        // An update replaces all of it.
        "offers" | "markets" => {
            let mut body = json!({ "name": thing.shown["name"], "metadata": { "by": number } });
            let rest = if thing.collection == "offers" { "phases" } else { "countryCodes" };
            body[rest] = thing.shown[rest].clone();
            project.raw_newer("PATCH", &path_of(thing), body);
            return;
        }
        "promo_codes" => {
            project.raw("PUT", &path_of(thing), json!({ "maxRedemptions": number }));
            return;
        }
        _ => {}
    }
    let body = match random.below(2) {
        0 => json!({ "name": format!("Changed {number}") }),
        _ => json!({ "description": format!("Changed {number}") }),
    };
    project.raw("PUT", &path_of(thing), body);
}

/// What is in use is refused, which is as good.
fn delete(project: &Project, thing: &Thing, random: &mut Random) {
    if thing.collection == "plans" && random.below(2) == 0 {
        if let Some(interval) = thing.shown["prices"][0]["billingInterval"].as_str() {
            let id = project.price_id(&thing.key, interval);
            project.raw("DELETE", &format!("/plans/{}/prices/{id}", thing.id), Value::Null);
        }
        return;
    }
    match thing.collection {
        // What a code gives is for good: without its offer it can only be replaced by another code.
        "offers" if thing.key.starts_with("In ") => {}
        "offers" | "markets" => drop(project.raw_newer("DELETE", &path_of(thing), Value::Null)),
        "promo_codes" => drop(project.raw("PUT", &path_of(thing), json!({ "active": false }))),
        _ => drop(project.raw("DELETE", &path_of(thing), Value::Null)),
    }
}

/// Under a key of their own, or under one that a catalog may name one day.
fn make(project: &Project, random: &mut Random, number: usize) {
    let name = format!("Theirs {number}");
    let code = |random: &mut Random, pool: &[&str]| {
        if random.below(3) == 0 { (*random.one_of(pool).unwrap()).to_owned() } else { format!("theirs_{number}") }
    };
    match random.below(4) {
        0 => {
            let code = code(random, &["api", "cars", "extra"]);
            let body = json!({ "name": name, "code": code, "type": "boolean" });
            project.raw("POST", "/features/manage", body);
        }
        1 => {
            let code = code(random, &["alpha", "gamma"]);
            let (status, made) = project.raw("POST", "/plans/manage", json!({ "name": name, "code": code }));
            if let Some(id) = made["data"]["id"].as_str().filter(|_| status < 300) {
                let body = json!({ "billingInterval": "monthly", "price": 700 });
                project.raw("POST", &format!("/plans/{id}/prices"), body);
            }
        }
        2 => {
            project.raw("POST", "/plan-groups", json!({ "name": name }));
        }
        _ => {
            let feature = format!("theirs_{number}");
            project.raw("POST", "/features/manage", json!({ "name": name, "code": feature, "type": "boolean" }));
            let body = json!({ "name": name, "basePrice": 100, "featureId": feature, "consumptionModel": "boolean" });
            project.raw("POST", "/addons", body);
        }
    }
}
