//! Values → what the server reads (bxb-api.md §5): cents as integers or as decimals in text, taxes as fractions.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json};

use crate::diff::Change;
use crate::model::{Fields, Value};
use crate::provider::bxb::properties::{minor, text_of};

/// How a field travels.
#[derive(Clone, Copy)]
pub(super) enum As {
    /// As it is: text, flags, whole numbers, lists of text.
    Plain,
    /// Minor units as a JSON integer.
    Cents,
    /// Minor units as a decimal in text.
    DecimalCents,
    /// A percentage as a fraction in text.
    Fraction,
    /// A percentage as a number of percent in text.
    Percent,
}

/// A field of ours, the server's name for it, and how it travels.
pub(super) type Row = (&'static str, &'static str, As);

/// One value on its way.
pub(super) fn json(value: &Value, way: As, exponent: u32) -> Json {
    let text = |number: Option<Decimal>| number.map_or(Json::Null, |number| Json::from(text_of(number)));
    match way {
        As::Plain => plain(value),
        As::Cents => {
            let cents = value.number().and_then(|number| minor(number, exponent).normalize().to_i64());
            cents.map_or(Json::Null, Json::from)
        }
        As::DecimalCents => text(value.number().map(|number| minor(number, exponent))),
        As::Fraction => text(value.number().map(|number| number / Decimal::ONE_HUNDRED)),
        As::Percent => text(value.number()),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => Json::from(*flag),
        Value::Count(count) => Json::from(*count),
        Value::Text(text) => Json::from(&**text),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Decimal(number) | Value::Derived(number) => Json::from(text_of(*number)),
        Value::Null | Value::Map(_) => Json::Null,
    }
}

/// The body of a create: every field that holds something.
pub(super) fn create(fields: &Fields, rows: &[Row], exponent: u32) -> Map<String, Json> {
    rows.iter()
        .filter_map(|(ours, theirs, way)| Some(((*theirs).to_owned(), json(fields.get(ours)?, *way, exponent))))
        .collect()
}

/// The body of an update: the fields that change, null for what is cleared. Only nullable fields are ever cleared:
/// the catalog has a value for every other one (§10, 9).
pub(super) fn update(change: &Change, rows: &[Row], exponent: u32) -> Map<String, Json> {
    let mut body = Map::new();
    for changed in change.fields.iter().filter(|changed| !changed.blocked) {
        let Some((_, theirs, way)) = rows.iter().find(|(ours, ..)| changed.field == **ours) else { continue };
        let value = changed.after.as_ref().map_or(Json::Null, |value| json(value, *way, exponent));
        body.insert((*theirs).to_owned(), value);
    }
    body
}
