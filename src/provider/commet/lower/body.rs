//! Values → what the API wants to read: cents, ten-thousandths, basis points (commet-api.md §3.9).

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value as Json, json};

use crate::model::{Currency, Fields, Value};

/// A JSON object under construction.
#[derive(Default)]
pub(super) struct Body(pub Map<String, Json>);

impl Body {
    pub(super) fn put(&mut self, key: &str, value: impl Into<Json>) -> &mut Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Puts a field that holds something; leaves it out otherwise.
    pub(super) fn some(&mut self, key: &str, value: Option<Json>) -> &mut Self {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value);
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn json(self) -> Option<Json> {
        Some(Json::Object(self.0))
    }
}

/// A whole number of the smallest unit. The rules refuse what does not fit.
fn scaled(value: &Value, places: u32) -> Json {
    let whole = value
        .number()
        .and_then(|number| number.checked_mul(Decimal::from(10_u64.pow(places))))
        .map(|number| number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
        .and_then(|number| number.to_i64());
    whole.map_or(Json::Null, Json::from)
}

/// Minor units of the currency.
pub(super) fn money(value: &Value, currency: Currency) -> Json {
    scaled(value, currency.exponent())
}

/// Ten-thousandths of the currency's unit.
pub(super) fn unit_price(value: &Value) -> Json {
    scaled(value, 4)
}

/// Basis points.
pub(super) fn basis_points(value: &Value) -> Json {
    scaled(value, 2)
}

/// A plain JSON value: text, flag, count, rate.
pub(super) fn plain(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => Json::from(*flag),
        Value::Count(count) => Json::from(*count),
        Value::Text(text) => Json::from(&**text),
        Value::Decimal(number) | Value::Derived(number) => {
            let number = number.normalize().to_string();
            number.parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
        }
        Value::Null | Value::List(_) | Value::Map(_) => Json::Null,
    }
}

/// A field as plain JSON, or nothing.
pub(super) fn field(fields: &Fields, path: &str) -> Option<Json> {
    fields.get(path).map(plain)
}

/// An intro offer with this prefix, complete; switched off when there is none.
pub(super) fn offer(fields: &Fields, prefix: &str, currency: Currency) -> Json {
    offer_terms(fields, prefix, currency).map_or_else(
        || json!({ "enabled": false, "discountType": null, "discountValue": null, "durationCycles": null }),
        |terms| {
            let mut offer = Map::new();
            offer.insert("enabled".into(), Json::Bool(true));
            offer.extend(terms);
            Json::Object(offer)
        },
    )
}

/// Type, value and cycles of the intro offer with this prefix.
pub(super) fn offer_terms(fields: &Fields, prefix: &str, currency: Currency) -> Option<Map<String, Json>> {
    let get = |name: &str| fields.get(format!("{prefix}intro_offer.{name}").as_str());
    let cycles = get("cycles")?;
    let mut terms = Map::new();
    if let Some(amount) = get("amount") {
        terms.insert("discountType".into(), "amount".into());
        terms.insert("discountValue".into(), money(amount, currency));
    } else {
        terms.insert("discountType".into(), "percentage".into());
        terms.insert("discountValue".into(), get("percentage").map_or(Json::from(0), basis_points));
    }
    terms.insert("durationCycles".into(), plain(cycles));
    Some(terms)
}
