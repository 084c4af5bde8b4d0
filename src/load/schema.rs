//! JSON Schemas (draft 2020-12) of what files may say, from the same types that read them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of a type. Every field has a description; a field that may be left out also has its default.
pub fn of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(schemars::transform::RecursiveTransform(defaults));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    schema.to_value()
}

/// Writes down the defaults that the derive cannot: nothing, an empty list, an empty map.
fn defaults(schema: &mut Schema) {
    // A doc comment is broken into lines for the reader of the code.
    if let Some(description) = schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " ")) {
        schema.insert("description".to_owned(), json!(description));
    }
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    // The place of a choice (`{ env: NAME }`) is described on the choice.
    let choice = schema.get("description").cloned();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let only = properties.len() == 1;
    for (name, property) in properties {
        let Some(property) = property.as_object_mut() else { continue };
        if let Some(choice) = choice.clone().filter(|_| only && !property.contains_key("description")) {
            property.insert("description".into(), choice);
        }
        if required.iter().any(|field| field == name) || property.contains_key("default") {
            continue;
        }
        let default = match property.get("type").and_then(Value::as_str) {
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ if property.contains_key("const") => property["const"].clone(),
            _ if nullable(property) => Value::Null,
            _ => json!({}),
        };
        property.insert("default".into(), default);
    }
}

fn nullable(property: &serde_json::Map<String, Value>) -> bool {
    let null = |value: &Value| value == "null" || value.get("type").is_some_and(|kind| kind == "null");
    let among = |key: &str| property.get(key).and_then(Value::as_array).is_some_and(|list| list.iter().any(null));
    among("type") || among("anyOf")
}
