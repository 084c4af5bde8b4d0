//! What a body must look like, as tables: every route lists its fields, one function checks them all.
//!
//! Unknown keys are dropped without a word, as the real API does (commet-api.md §2.7).

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use super::body::Body;
use super::failure::{Detail, Failure};

/// The largest integer that JSON carries safely: 2^53 − 1.
pub(super) const SAFE: i64 = 9_007_199_254_740_991;

/// One field of a body.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    need: Need,
}

enum Need {
    Required,
    Optional,
    /// May also be null, which clears.
    Nullable,
}

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Text of at least and at most so many characters.
    Text(usize, usize),
    /// `^[a-z0-9_]+$`.
    Code,
    /// `^[A-Za-z0-9-]+$`, of a promo code.
    PromoCode,
    /// True or false.
    Flag,
    /// A whole number from this to 2^53 − 1.
    Int(i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A map of anything.
    Map,
    /// A number above zero.
    Rate,
    /// A date and time, ISO 8601.
    Time,
    /// A list of at least so many non-empty texts.
    Texts(usize),
    /// An object of its own.
    Object(&'static [Field]),
    /// A list of objects.
    Objects(&'static [Field]),
}

/// Any text.
pub(super) const TEXT: Kind = Kind::Text(0, usize::MAX);
/// Text that is not empty.
pub(super) const NAME: Kind = Kind::Text(1, usize::MAX);
/// A count or an amount.
pub(super) const COUNT: Kind = Kind::Int(0);

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::Required }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::Optional }
}

pub(super) const fn nullable(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::Nullable }
}

/// Reads a body: the fields of the table and nothing else, or everything that is wrong with it.
pub(super) fn read(bytes: &[u8], fields: &[Field]) -> Result<Body, Failure> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Failure::new("invalid_json", format!("The request body is not valid JSON: {error}")))?;
    let mut details = Vec::new();
    let checked = object(&value, fields, "", &mut details);
    Failure::unless_empty(details)?;
    Ok(Body::new(checked))
}

fn object(value: &Value, fields: &[Field], path: &str, details: &mut Vec<Detail>) -> Map<String, Value> {
    let Some(map) = value.as_object() else {
        details.push(Detail::new(path, "Expected an object"));
        return Map::new();
    };
    let mut kept = Map::new();
    for field in fields {
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        match (map.get(field.name), &field.need) {
            (None, Need::Required) => details.push(Detail::new(path, "Required")),
            (None, _) => {}
            (Some(Value::Null), Need::Nullable) => {
                kept.insert(field.name.into(), Value::Null);
            }
            (Some(value), _) => {
                kept.insert(field.name.into(), check(value, field.kind, &path, details));
            }
        }
    }
    kept
}

fn check(value: &Value, kind: Kind, path: &str, details: &mut Vec<Detail>) -> Value {
    let checked = match kind {
        Kind::Object(fields) => return Value::Object(object(value, fields, path, details)),
        Kind::Objects(fields) => match value.as_array() {
            Some(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(n, item)| Value::Object(object(item, fields, &format!("{path}.{n}"), details)));
                return Value::Array(items.collect());
            }
            None => Err("Expected a list".into()),
        },
        Kind::Texts(least) => texts(value, least),
        Kind::Flag => value.as_bool().map(|_| ()).ok_or("Expected a boolean".into()),
        Kind::Int(least) => int(value, least),
        Kind::OneOf(words) => match value.as_str() {
            Some(word) if words.contains(&word) => Ok(()),
            _ => Err(format!("Expected one of: {}", words.join(", "))),
        },
        Kind::Map => value.as_object().map(|_| ()).ok_or("Expected an object".into()),
        Kind::Rate => match value.as_number().and_then(decimal) {
            Some(rate) if rate > Decimal::ZERO => Ok(()),
            _ => Err("Expected a number greater than 0".into()),
        },
        Kind::Text(..) | Kind::Code | Kind::PromoCode | Kind::Time => match value.as_str() {
            Some(text) => check_text(text, kind),
            None => Err("Expected a string".into()),
        },
    };
    if let Err(message) = checked {
        details.push(Detail::new(path, message));
    }
    value.clone()
}

fn check_text(text: &str, kind: Kind) -> Result<(), String> {
    let fits = |pattern: fn(u8) -> bool| !text.is_empty() && text.bytes().all(pattern);
    match kind {
        Kind::Text(least, most) => {
            let length = text.chars().count();
            if length < least {
                Err(format!("Must have at least {least} character(s)"))
            } else if length > most {
                Err(format!("Must have at most {most} characters"))
            } else {
                Ok(())
            }
        }
        Kind::Code if !fits(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) => {
            Err("Only lowercase letters, digits and underscores".into())
        }
        Kind::PromoCode if !fits(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            Err("Only letters, digits and hyphens".into())
        }
        Kind::Time if super::time::Time::parse(text).is_none() => Err("Expected an ISO 8601 date and time".into()),
        _ => Ok(()),
    }
}

fn int(value: &Value, least: i64) -> Result<(), String> {
    match value.as_number() {
        Some(number) if !number.is_f64() => match number.as_i64() {
            Some(number) if number < least => Err(format!("Must be at least {least}")),
            Some(number) if number <= SAFE => Ok(()),
            _ => Err(format!("Must be at most {SAFE}")),
        },
        _ => Err("Expected an integer".into()),
    }
}

fn texts(value: &Value, least: usize) -> Result<(), String> {
    let items = value.as_array().ok_or("Expected a list")?;
    if items.len() < least {
        return Err(format!("Must have at least {least} item(s)"));
    }
    let fine = items.iter().all(|item| item.as_str().is_some_and(|text| !text.is_empty()));
    if fine { Ok(()) } else { Err("Expected a list of non-empty strings".into()) }
}

/// The number as it was written: the shortest text of a double gives back up to 15 digits unharmed.
pub(super) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}
