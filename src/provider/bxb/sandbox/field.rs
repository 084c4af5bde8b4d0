//! The schemas of requests, as tables, and the server's way of reading values by them (bxb-api.md §2, §5): what it
//! coerces, what it refuses and in which words. Every schema error of a request is reported.

use super::decimal::{self, Parsed};
use super::issue::Issue;
use super::json::{Json, Object};
use super::{time, uuid};

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text of so many characters, verbatim.
    Text(usize, usize),
    /// An integer between these.
    Int(i64, i64),
    /// A decimal, maybe not below zero.
    Decimal {
        from_zero: bool,
    },
    /// A double not below zero.
    Units,
    Flag,
    Id,
    OneOf(&'static [&'static str]),
    Moment,
    /// An object with anything in it.
    Map,
    /// A list of anything.
    Any,
    Texts,
    /// Objects of their own schema.
    Models(&'static [Field]),
}

/// What a field is when the request leaves it out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Missing {
    Refused,
    Null,
    Text(&'static str),
    Int(i64),
    Flag(bool),
    NoItems,
    NoPairs,
    /// Not set: an update keeps what is there.
    Unset,
}

/// One field of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
    nullable: bool,
    missing: Missing,
}

pub(super) const NAME: Kind = Kind::Text(1, 255);
pub(super) const UP_TO_255: Kind = Kind::Text(0, 255);
pub(super) const FREE: Kind = Kind::Text(0, usize::MAX);
pub(super) const CURRENCY: Kind = Kind::Text(3, 3);
pub(super) const COUNT: Kind = Kind::Int(0, i64::MAX);
pub(super) const AMOUNT: Kind = Kind::Decimal { from_zero: true };
pub(super) const SIGNED: Kind = Kind::Decimal { from_zero: false };

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: false, missing: Missing::Refused }
}

/// May be null, and is when left out.
pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, missing: Missing::Null }
}

/// May not be null, but be left out.
pub(super) const fn or(name: &'static str, kind: Kind, missing: Missing) -> Field {
    Field { name, kind, nullable: false, missing }
}

/// A field of an update: the schema takes null everywhere, whatever the database says to it.
pub(super) const fn settable(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, missing: Missing::Unset }
}

impl Missing {
    fn value(self) -> Option<Json> {
        Some(match self {
            Self::Refused | Self::Unset => return None,
            Self::Null => Json::Null,
            Self::Text(text) => text.into(),
            Self::Int(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::NoItems => Json::List(Vec::new()),
            Self::NoPairs => Json::Object(Object::default()),
        })
    }
}

/// Reads an object by its schema. What is not in the schema is dropped.
pub(super) fn read(fields: &[Field], input: &Json, place: &mut Vec<Json>, issues: &mut Vec<Issue>) -> Object {
    let Some(given) = input.as_object() else {
        let issue =
            Issue::new("model_attributes_type", "Input should be a valid dictionary or object to extract fields from");
        issues.push(issue.at(place, input));
        return Object::default();
    };
    let mut pairs = Vec::new();
    for field in fields {
        place.push(field.name.into());
        let value = match (given.get(field.name), field.missing) {
            (Some(Json::Null), _) if field.nullable => Some(Json::Null),
            (Some(value), _) => field.kind.read(value, place, issues),
            (None, Missing::Refused) => {
                issues.push(Issue::new("missing", "Field required").at(place, input));
                None
            }
            (None, missing) => missing.value(),
        };
        place.pop();
        pairs.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    Object::of_distinct(pairs)
}

impl Kind {
    /// The value as it is kept, or issues.
    pub(super) fn read(self, value: &Json, place: &mut Vec<Json>, issues: &mut Vec<Issue>) -> Option<Json> {
        let items = |kind: Self, place: &mut Vec<Json>, issues: &mut Vec<Issue>| {
            let Some(items) = value.as_list() else {
                issues.push(Issue::new("list_type", "Input should be a valid list").at(place, value));
                return None;
            };
            let mut read = Vec::new();
            for (n, item) in items.iter().enumerate() {
                place.push(n.into());
                read.extend(kind.read(item, place, issues));
                place.pop();
            }
            Some(Json::List(read))
        };
        match self {
            Self::Texts => items(FREE, place, issues),
            Self::Models(fields) => {
                let Some(list) = value.as_list() else {
                    issues.push(Issue::new("list_type", "Input should be a valid list").at(place, value));
                    return None;
                };
                let mut read_items = Vec::new();
                for (n, item) in list.iter().enumerate() {
                    place.push(n.into());
                    read_items.push(Json::Object(read(fields, item, place, issues)));
                    place.pop();
                }
                Some(Json::List(read_items))
            }
            plain => match plain.read_plain(value) {
                Ok(read) => Some(read),
                Err(issue) => {
                    issues.push(issue.at(place, value));
                    None
                }
            },
        }
    }

    fn read_plain(self, value: &Json) -> Result<Json, Issue> {
        match self {
            Self::Text(least, most) => text(value, least, most),
            Self::Int(least, most) => int(value, least, most),
            Self::Decimal { from_zero } => number(value, from_zero),
            Self::Units => units(value),
            Self::Flag => flag(value),
            Self::Id => id(value),
            Self::OneOf(known) => one_of(value, known),
            Self::Moment => moment(value),
            Self::Map if value.as_object().is_some() => Ok(value.clone()),
            Self::Map => Err(Issue::new("dict_type", "Input should be a valid dictionary")),
            Self::Any | Self::Texts | Self::Models(_) if value.as_list().is_some() => Ok(value.clone()),
            Self::Any | Self::Texts | Self::Models(_) => Err(Issue::new("list_type", "Input should be a valid list")),
        }
    }
}

fn text(value: &Json, least: usize, most: usize) -> Result<Json, Issue> {
    let text = value.as_text().ok_or_else(|| Issue::new("string_type", "Input should be a valid string"))?;
    let length = text.chars().count();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    if length < least {
        let message = format!("String should have at least {least} character{}", plural(least));
        return Err(Issue::new("string_too_short", message).context("min_length", least));
    }
    if length > most {
        let message = format!("String should have at most {most} character{}", plural(most));
        return Err(Issue::new("string_too_long", message).context("max_length", most));
    }
    Ok(value.clone())
}

/// `1000`, `"1000"`, `1000.0` and `true` are integers; `10.5` is none.
fn int(value: &Json, least: i64, most: i64) -> Result<Json, Issue> {
    const VALID: &str = "Input should be a valid integer";
    let parsing = || Issue::new("int_parsing", format!("{VALID}, unable to parse string as an integer"));
    let digits = match value {
        Json::Int(digits) => digits.clone(),
        Json::Bool(flag) => i64::from(*flag).to_string(),
        Json::Float(number) if !number.is_finite() => {
            return Err(Issue::new("finite_number", "Input should be a finite number"));
        }
        Json::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Json::Float(_) => {
            return Err(Issue::new("int_from_float", format!("{VALID}, got a number with a fractional part")));
        }
        Json::Text(text) => whole(text).ok_or_else(parsing)?,
        _ => return Err(Issue::new("int_type", VALID)),
    };
    // Digits that do not fit are larger than any limit.
    let negative = digits.starts_with('-');
    let number = digits.parse::<i64>().unwrap_or(if negative { i64::MIN } else { i64::MAX });
    if number < least {
        let message = format!("Input should be greater than or equal to {least}");
        return Err(Issue::new("greater_than_equal", message).context("ge", least));
    }
    if number > most {
        let message = format!("Input should be less than or equal to {most}");
        return Err(Issue::new("less_than_equal", message).context("le", most));
    }
    Ok(Json::Int(if digits == "-0" { "0".to_owned() } else { digits }))
}

/// The digits of an integer in a text: ` 1_000 `, `+5`, `10.0`.
fn whole(text: &str) -> Option<String> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole.strip_prefix('+').unwrap_or(whole)),
    };
    let digits = digits.replace('_', "");
    let sound = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && fraction.bytes().all(|byte| byte == b'0');
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    sound.then(|| format!("{}{digits}", if digits == "0" { "" } else { sign }))
}

fn number(value: &Json, from_zero: bool) -> Result<Json, Issue> {
    let parsed = decimal::of(value).ok_or_else(|| {
        Issue::new("decimal_type", "Decimal input should be an integer, float, string or Decimal object")
    })?;
    match parsed {
        Parsed::NotFinite => Err(Issue::new("finite_number", "Input should be a finite number")),
        Parsed::NoDecimal => Err(Issue::new("decimal_parsing", "Input should be a valid decimal")),
        Parsed::Finite(plain) if from_zero && decimal::is_negative(&plain) => {
            let issue = Issue::new("greater_than_equal", "Input should be greater than or equal to 0");
            Err(issue.context("ge", 0_i64))
        }
        Parsed::Finite(plain) => Ok(Json::Text(plain)),
    }
}

fn units(value: &Json) -> Result<Json, Issue> {
    let number = match value {
        Json::Int(digits) | Json::Text(digits) => digits.trim().parse::<f64>().ok(),
        Json::Float(number) => Some(*number),
        Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => return Err(Issue::new("float_type", "Input should be a valid number")),
    };
    let number = number.ok_or_else(|| {
        Issue::new("float_parsing", "Input should be a valid number, unable to parse string as a number")
    })?;
    if number < 0.0 {
        let issue = Issue::new("greater_than_equal", "Input should be greater than or equal to 0");
        return Err(issue.context("ge", 0_i64));
    }
    Ok(Json::Float(number))
}

fn flag(value: &Json) -> Result<Json, Issue> {
    const WORDS: [&[&str]; 2] =
        [&["0", "off", "f", "false", "n", "no", "0.0"], &["1", "on", "t", "true", "y", "yes", "1.0"]];
    let word = match value {
        Json::Bool(_) => return Ok(value.clone()),
        Json::Text(text) => text.to_ascii_lowercase(),
        Json::Int(digits) => digits.clone(),
        Json::Float(number) => format!("{number:?}"),
        _ => return Err(Issue::new("bool_type", "Input should be a valid boolean")),
    };
    let found = WORDS.iter().position(|words| words.contains(&word.as_str()));
    found
        .map(|at| (at == 1).into())
        .ok_or_else(|| Issue::new("bool_parsing", "Input should be a valid boolean, unable to interpret input"))
}

fn id(value: &Json) -> Result<Json, Issue> {
    let text = value
        .as_text()
        .ok_or_else(|| Issue::new("uuid_type", "UUID input should be a string, bytes or UUID object"))?;
    uuid::parse(text).map(Json::Text).map_err(|complaint| {
        let message = format!("Input should be a valid UUID, {complaint}");
        Issue::new("uuid_parsing", message).context("error", complaint)
    })
}

fn one_of(value: &Json, known: &[&str]) -> Result<Json, Issue> {
    if value.as_text().is_some_and(|text| known.contains(&text)) {
        return Ok(value.clone());
    }
    let quoted: Vec<_> = known.iter().map(|name| format!("'{name}'")).collect();
    let expected = match quoted.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        all => all.concat(),
    };
    Err(Issue::new("enum", format!("Input should be {expected}")).context("expected", expected))
}

fn moment(value: &Json) -> Result<Json, Issue> {
    let read = match value {
        Json::Text(text) => time::parse(text),
        Json::Int(digits) => digits.parse().ok().and_then(time::of_seconds),
        Json::Float(seconds) => time::of_seconds(*seconds),
        _ => return Err(Issue::new("datetime_type", "Input should be a valid datetime")),
    };
    read.map(Json::from).ok_or_else(|| {
        let complaint = "invalid datetime";
        let message = format!("Input should be a valid datetime or date, {complaint}");
        Issue::new("datetime_from_date_parsing", message).context("error", complaint)
    })
}
