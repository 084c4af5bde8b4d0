//! Schemas of parts of a catalog: the `defaults:` block, and overlays. Made from the catalog's schema.

use serde_json::{Map, Value as Json, json};

use super::language::{Language, object, resolved};

/// Says what may stand in the `defaults:` block of a catalog with this schema.
pub fn with_defaults(mut schema: Json, short: &[(&'static str, &'static str)]) -> Json {
    let language = Language::new(&schema, short);
    let (mut properties, mut parts) = (Map::new(), Map::new());
    for block in language.all() {
        let Some(fields) = of_block(&schema, &block.path) else { continue };
        let own: Map<String, Json> =
            fields.iter().filter(|(field, _)| !block.has_child(field)).map(|(f, s)| (f.clone(), s.clone())).collect();
        let name = format!("{}Defaults", camel(&block.path));
        let description = format!("For every object in `{}` that does not say its own.", block.path);
        properties.insert(
            block.path.clone(),
            json!({ "description": description, "$ref": format!("#/$defs/{name}"), "default": {} }),
        );
        let part = json!({
            "description": format!("Fields of the objects in `{}`.", block.path),
            "type": "object", "properties": own, "additionalProperties": false
        });
        parts.insert(name, part);
    }
    if let Some(defaults) = schema.pointer_mut("/properties/defaults/properties") {
        *defaults = Json::Object(properties);
    }
    if let Some(definitions) = schema.get_mut("$defs").and_then(Json::as_object_mut) {
        definitions.extend(parts);
    }
    schema
}

/// The properties of the objects of a collection.
fn of_block<'s>(schema: &'s Json, path: &str) -> Option<&'s Map<String, Json>> {
    let mut at = schema;
    for name in path.split('.') {
        let mut node = resolved(schema, at.get("properties")?.get(name)?);
        while let Some(inside) = ["additionalProperties", "items"]
            .iter()
            .find_map(|word| node.get(*word))
            .filter(|inside| inside.is_object())
        {
            node = resolved(schema, inside);
        }
        at = object(schema, node)?;
    }
    at.get("properties")?.as_object()
}

/// `plans.prices` → `PlansPrices`.
fn camel(path: &str) -> String {
    path.split(['.', '_'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

/// The schema of an overlay over a catalog with this schema: nothing is required, and `null` takes away.
pub fn overlay(mut schema: Json, title: &str) -> Json {
    relax(&mut schema);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".into(), json!(title));
        schema.insert(
            "description".into(),
            json!(
                "What one environment changes in the catalog: maps merge, values and lists replace, null takes away."
            ),
        );
    }
    schema
}

fn relax(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(relax),
        Json::Object(map) => {
            map.values_mut().for_each(relax);
            if let Some(properties) = map.get_mut("properties").and_then(Json::as_object_mut) {
                for property in properties.values_mut() {
                    let old = property.take();
                    *property = or_null(old);
                }
                map.remove("required");
                // Which fields go together can be said of the whole only.
                map.remove("allOf");
            }
            if let Some(inside) = map.get_mut("additionalProperties").filter(|inside| inside.is_object()) {
                let old = inside.take();
                *inside = or_null(old);
            }
        }
        _ => {}
    }
}

/// The same, or nothing. What a field is when it is left out is the catalog's to say.
fn or_null(mut schema: Json) -> Json {
    let Some(map) = schema.as_object_mut() else { return schema };
    map.remove("default");
    let description = map.remove("description");
    let mut either = json!({ "anyOf": [schema, { "type": "null" }] });
    if let Some(description) = description {
        either["description"] = description;
    }
    either
}
