//! Whether two sandboxes hold the same, whatever ids and times say.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::prepared::Place;

/// What differs from one run to the next, and what an API keeps only for itself.
const TIMES: &[&str] = &["created", "updated", "created_at", "updated_at", "last_used_at", "deleted_at"];
const APART: &[&str] = &["audit_logs", "api_keys", "idempotency_records", "organizations"];

/// Everything stored, deleted objects too, and the ledger: with names for ids, without times.
pub(super) fn state(place: &Place) -> (Vec<String>, Value) {
    let rows = place.rows();
    let mut objects: BTreeMap<String, Value> = BTreeMap::new();
    for ((kind, id), row) in &rows {
        if !APART.contains(&kind.as_str()) {
            let mut row = row.clone();
            without_times(&mut row);
            parts(&row, kind, &mut objects);
            objects.insert(id.clone(), labelled(kind, row));
        }
    }
    let names = names(&objects);
    let top = rows.keys().filter(|(kind, _)| !APART.contains(&kind.as_str()));
    let mut lines: Vec<String> = top.map(|(_, id)| named(&objects[id], &names).to_string()).collect();
    lines.sort();
    let mut ledger = named(&place.ledger(), &names);
    let map = ledger.as_object_mut().unwrap();
    // How often it was saved, by which run, and for which port.
    for field in ["serial", "run", "target"] {
        map.remove(field);
    }
    (lines, ledger)
}

fn labelled(kind: &str, row: Value) -> Value {
    Value::Object(Map::from_iter([(kind.to_owned(), row)]))
}

/// Objects with an id inside of others.
fn parts(value: &Value, kind: &str, objects: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(id)) = map.get("id") {
                objects.insert(id.clone(), labelled(kind, value.clone()));
            }
            map.values().for_each(|value| parts(value, kind, objects));
        }
        Value::Array(items) => items.iter().for_each(|value| parts(value, kind, objects)),
        _ => {}
    }
}

fn without_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !TIMES.contains(&key.as_str()));
            map.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// A name for every id that follows from what the object says and from what the objects say that it refers to: equal
/// in two sandboxes that hold the same.
fn names(objects: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = objects.keys().map(|id| (id.clone(), "?".to_owned())).collect();
    // As often as one object refers to the next: a filter's value, its filter, its charge, its plan.
    for _ in 0..4 {
        names = objects
            .iter()
            .map(|(id, object)| {
                let text = named(object, &names).to_string();
                let hash = Sha256::digest(text.as_bytes());
                let hash: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
                (id.clone(), format!("{}-{hash}", label(object)))
            })
            .collect();
    }
    names
}

/// For whoever reads it.
fn label(object: &Value) -> String {
    let (kind, row) = object.as_object().and_then(|map| map.iter().next()).unwrap();
    let word = ["code", "slug", "interval", "key", "name"].iter().find_map(|field| row[field].as_str());
    format!("{kind}:{}", word.unwrap_or_default())
}

fn named(value: &Value, names: &BTreeMap<String, String>) -> Value {
    let name = |text: &String| names.get(text).unwrap_or(text).clone();
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (name(key), named(value, names))).collect(),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| named(item, names)).collect();
            // Parts of an object: they stand in the order of their ids, which is nobody's. Lists of values are left.
            if items.iter().all(|item| item.get("id").or(item.get("feature")).is_some()) {
                items.sort_by_key(ToString::to_string);
            }
            Value::Array(items)
        }
        Value::String(text) => name(text).into(),
        other => other.clone(),
    }
}

/// The lines that only one of them has.
pub(super) fn compare(what: &str, expected: &[String], found: &[String]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let only = |these: &[String], those: &[String]| {
        let mut those = those.to_vec();
        let mut only = Vec::new();
        for line in these {
            match those.iter().position(|other| other == line) {
                Some(at) => drop(those.remove(at)),
                None => only.push(line.clone()),
            }
        }
        only.join("\n    ")
    };
    Err(format!("{what}\n  too much:\n    {}\n  too little:\n    {}", only(found, expected), only(expected, found)))
}

pub(super) fn compare_ledgers(expected: &Value, found: &Value) -> Result<(), String> {
    let lines = |ledger: &Value| {
        let mut lines = Vec::new();
        for (field, value) in ledger.as_object().unwrap() {
            match value {
                Value::Object(map) => lines.extend(map.iter().map(|(key, value)| format!("{field} {key}: {value}"))),
                other => lines.push(format!("{field}: {other}")),
            }
        }
        lines
    };
    compare("the ledger says", &lines(expected), &lines(found))
}
