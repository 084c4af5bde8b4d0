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
    /// May be null, but not left out.
    Present,
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
    /// A list of objects whose fields depend on the word in their `type`.
    Typed(&'static [(&'static str, &'static [Field])]),
    /// A list of at least one country, each once: ISO 3166, upper case.
    Countries,
}

/// Every country of ISO 3166-1, by its two letters.
const COUNTRIES: &str = "
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
    UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
";

/// Any text.
pub(super) const TEXT: Kind = Kind::Text(0, usize::MAX);
/// Text that is not empty.
pub(super) const NAME: Kind = Kind::Text(1, usize::MAX);
/// A count or an amount.
pub(super) const COUNT: Kind = Kind::Int(0);

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::Required }
}

pub(super) const fn present(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::Present }
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
            (None, Need::Required | Need::Present) => details.push(Detail::new(path, "Required")),
            (None, _) => {}
            (Some(Value::Null), Need::Nullable | Need::Present) => {
                kept.insert(field.name.into(), Value::Null);
            }
            (Some(value), _) => {
                kept.insert(field.name.into(), check(value, field.kind, &path, details));
            }
        }
    }
    kept
}

/// An object of one of several types; fields of the other types are unknown to it.
fn typed(
    value: &Value,
    types: &[(&'static str, &'static [Field])],
    path: &str,
    details: &mut Vec<Detail>,
) -> Map<String, Value> {
    let found = value.get("type").and_then(Value::as_str);
    let Some((name, fields)) = types.iter().find(|(name, _)| found == Some(name)) else {
        let names: Vec<_> = types.iter().map(|(name, _)| *name).collect();
        details.push(Detail::new(format!("{path}.type"), format!("Expected one of: {}", names.join(", "))));
        return Map::new();
    };
    let mut kept = object(value, fields, path, details);
    kept.insert("type".into(), (*name).into());
    kept
}

fn check(value: &Value, kind: Kind, path: &str, details: &mut Vec<Detail>) -> Value {
    let checked = match kind {
        Kind::Object(fields) => return Value::Object(object(value, fields, path, details)),
        Kind::Objects(_) | Kind::Typed(_) => match value.as_array() {
            Some(items) => {
                let items = items.iter().enumerate().map(|(n, item)| {
                    let path = format!("{path}.{n}");
                    Value::Object(match kind {
                        Kind::Objects(fields) => object(item, fields, &path, details),
                        Kind::Typed(types) => typed(item, types, &path, details),
                        _ => Map::new(),
                    })
                });
                return Value::Array(items.collect());
            }
            None => Err("Expected a list".into()),
        },
        Kind::Countries => countries(value),
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

fn countries(value: &Value) -> Result<(), String> {
    texts(value, 1)?;
    let codes: Vec<_> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(unknown) = codes.iter().find(|code| !COUNTRIES.split_whitespace().any(|known| known == **code)) {
        return Err(format!("`{unknown}` is no country code (ISO 3166, two capital letters)"));
    }
    let twice = codes.iter().enumerate().find(|(n, code)| codes[..*n].contains(code));
    twice.map_or(Ok(()), |(_, code)| Err(format!("`{code}` is listed twice")))
}

/// The number as it was written: the shortest text of a double gives back up to 15 digits unharmed.
pub(super) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}
