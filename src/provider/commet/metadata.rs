//! A plan's metadata: any JSON object, compared leaf by leaf. A nested map becomes longer field paths; a key that
//! holds a dot is quoted, so that the way back is exact. Nulls and empty maps hold nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use crate::model::{Fields, Value};

/// Adds every leaf as `metadata.<key>…`.
pub(super) fn flatten<'a>(fields: &mut Fields, entries: impl IntoIterator<Item = (&'a String, &'a Json)>) {
    for (key, value) in entries {
        leaf(fields, format!("metadata.{}", quoted(key)), value);
    }
}

fn leaf(fields: &mut Fields, path: String, value: &Json) {
    match value {
        Json::Null => {}
        Json::Object(map) => {
            for (key, value) in map {
                leaf(fields, format!("{path}.{}", quoted(key)), value);
            }
        }
        other => {
            fields.insert(path.into(), any(other));
        }
    }
}

/// The object that the leaves came from, to be written as a whole.
pub(super) fn rebuild(fields: &Fields) -> Json {
    let mut root = Map::new();
    for (path, value) in fields {
        let Some(rest) = path.strip_prefix("metadata.") else { continue };
        let keys = keys(rest);
        let Some((last, parents)) = keys.split_last() else { continue };
        let mut at = &mut root;
        for key in parents {
            let slot = at.entry(key.clone()).or_insert_with(|| Json::Object(Map::new()));
            // A leaf and a map under one key cannot come out of one object.
            let Json::Object(map) = slot else { return Json::Object(root) };
            at = map;
        }
        at.insert(last.clone(), json(value));
    }
    Json::Object(root)
}

/// The outermost key of a field in it.
pub(super) fn key(path: &str) -> Option<String> {
    keys(path.strip_prefix("metadata.")?).into_iter().next()
}

fn quoted(key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain { key.to_owned() } else { Json::String(key.to_owned()).to_string() }
}

fn keys(path: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if rest.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let Some(Ok(key)) = stream.next() else { return keys };
            rest = &rest[stream.byte_offset()..];
            keys.push(key);
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            keys.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    keys
}

fn any(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => number.as_i64().map_or_else(
            || {
                let text = number.to_string();
                Decimal::from_str_exact(&text)
                    .or_else(|_| Decimal::from_scientific(&text))
                    .map_or_else(|_| Value::from(text.as_str()), Value::Decimal)
            },
            Value::Count,
        ),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(any).collect()),
        Json::Object(map) => {
            Value::Map(Box::new(map.iter().map(|(key, value)| (key.clone(), any(value))).collect::<BTreeMap<_, _>>()))
        }
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Flag(flag) => Json::Bool(*flag),
        Value::Count(count) => Json::from(*count),
        // Metadata is the user's own data; JSON has only doubles for a fraction.
        Value::Decimal(number) | Value::Derived(number) => {
            number.to_string().parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
        }
        Value::Text(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was() {
        let metadata = serde_json::json!({
            "tier": 2, "a.b": {"c": true, "": 1.5}, "list": [1, null, {"x": "y"}], "emoji 🎈": "\"quoted\""
        });
        let mut fields = Fields::new();
        flatten(&mut fields, metadata.as_object().unwrap());
        assert!(fields.contains_key("metadata.tier"));
        assert!(fields.contains_key("metadata.\"a.b\".c"));
        assert_eq!(rebuild(&fields), metadata);
    }
}
