//! The catalog's JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::catalog::Catalog;
use super::short;
use crate::load::{partial, schema};

/// The schema of a Commet catalog.
pub fn catalog() -> Value {
    partial::with_defaults(schema::of::<Catalog>("Pricebook catalog for Commet"), short::FORMS)
}

/// The schema of one particular catalog: where a file refers to a plan or a feature, it lists those that exist.
pub fn of_catalog(catalog: &Catalog) -> Value {
    let mut schema = self::catalog();
    let features: Vec<&str> = catalog.features.keys().map(String::as_str).collect();
    let plans: Vec<&str> = catalog.plans.keys().map(String::as_str).collect();
    let mut words = |object: &str, field: &str, place: &[&str], words: &[&str]| {
        let Some(mut node) = object_of(&mut schema, object, field) else { return };
        for step in place {
            let Some(map) = node.as_object_mut() else { return };
            node = map.entry(*step).or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(map) = node.as_object_mut() {
            map.insert("enum".into(), json!(words));
        }
    };
    words("Plan", "features", &["propertyNames"], &features);
    words("Region", "features", &["propertyNames"], &features);
    words("Group", "plans", &["items"], &plans);
    words("Addon", "feature", &[], &features);
    let offers: Vec<&str> = catalog.offers.keys().map(String::as_str).collect();
    let markets: Vec<&str> = catalog.markets.keys().map(String::as_str).collect();
    words("PromoCode", "offer", &[], &offers);
    words("PromoCode", "plans", &["items"], &plans);
    words("Price", "markets", &["propertyNames"], &markets);
    words("Variant", "markets", &["propertyNames"], &markets);
    schema
}

fn object_of<'a>(schema: &'a mut Value, object: &str, field: &str) -> Option<&'a mut Value> {
    schema.get_mut("$defs")?.get_mut(object)?.get_mut("properties")?.get_mut(field)
}
