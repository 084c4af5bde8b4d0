//! The catalog's JSON Schema, for editors.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::catalog::{Catalog, ChargeModel};
use crate::load::{partial, schema};

/// The schema of a bxb catalog.
pub fn catalog() -> Value {
    partial::with_defaults(schema::of::<Catalog>("Pricebook catalog for bxb"), &[])
}

/// The schema of one particular catalog: where a file refers to something, it lists what exists.
pub fn of_catalog(catalog: &Catalog) -> Value {
    let mut schema = self::catalog();
    let taxes: Vec<&str> = catalog.taxes.keys().map(String::as_str).collect();
    let metrics: Vec<&str> = catalog.billable_metrics.keys().map(String::as_str).collect();
    let features: Vec<&str> = catalog.features.keys().map(String::as_str).collect();
    let mut words = |object: &str, field: &str, place: &[&str], words: &[&str]| {
        let Some(mut node) = schema.pointer_mut(&format!("/$defs/{object}/properties/{field}")) else { return };
        for step in place {
            let Some(map) = node.as_object_mut() else { return };
            node = map.entry(*step).or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(map) = node.as_object_mut() {
            map.insert("enum".into(), json!(words));
        }
    };
    words("Plan", "taxes", &["items"], &taxes);
    words("Plan", "entitlements", &["propertyNames"], &features);
    words("Charge", "taxes", &["items"], &taxes);
    words("Charge", "billable_metric", &[], &metrics);
    schema
}

/// Each charge model takes some properties and needs some of them.
pub(super) fn models(schema: &mut Schema) {
    let all: Vec<&str> = {
        let mut all: Vec<&str> = ChargeModel::ALL.iter().flat_map(|model| model.properties().1).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let rules: Vec<Value> = ChargeModel::ALL
        .iter()
        .map(|model| {
            let (needed, known) = model.properties();
            let others: Map<String, Value> = all
                .iter()
                .filter(|name| !known.contains(name))
                .map(|name| ((*name).to_owned(), Value::Bool(false)))
                .collect();
            json!({
                "if": { "properties": { "charge_model": { "const": model.word() } }, "required": ["charge_model"] },
                "then": { "properties": others, "required": known[..needed] }
            })
        })
        .collect();
    schema.insert("allOf".to_owned(), Value::Array(rules));
}
