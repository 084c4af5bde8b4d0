//! What a call needs at an API that has no idempotency keys, ignores fields without a word, or replaces whole lists:
//! look before trying again, compare the answer, read again just before writing. Neutral: paths, JSON pointers and
//! values, written by a provider's lowering and followed by the executor.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How a call is made where an answer may be lost and nothing but the API's own state tells what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Care {
    /// A read that must still say what the call was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<Unchanged>,
    /// How to find what the call makes, when its answer is unclear or says that it is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
    /// What the answer must say; otherwise the API ignored something that it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expect>,
}

/// A read of a list whose items must still be these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unchanged {
    /// The path of the read.
    pub path: String,
    /// Where the list stands in the answer, as a JSON pointer.
    pub list: String,
    /// Where an item's name stands in the item, as a JSON pointer.
    pub item: String,
    /// The names, sorted.
    pub names: Vec<String>,
    /// What it is, in words: `the charges of plans.pro`.
    pub what: String,
}

/// A read that shows what a call makes, if it has been made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lookup {
    /// The path of the read: of one object, or of a list.
    pub path: String,
    /// The query parameter that skips what earlier pages of a list showed, and the size of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
    /// How the object is known.
    pub fields: Vec<Expect>,
}

/// How a list is paged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pages {
    /// The query parameter: `skip`.
    pub skip: String,
    /// How many items a full page has.
    pub size: usize,
}

/// A value at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expect {
    /// The place, as a JSON pointer.
    pub at: String,
    /// The value. Numbers are compared as numbers, also in text; nothing and null are the same.
    pub value: Json,
    /// Whether the value is a placeholder for an id that is not known yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub id: bool,
}

impl Expect {
    /// A plain value at a place.
    pub fn new(at: impl Into<String>, value: impl Into<Json>) -> Self {
        Self { at: at.into(), value: value.into(), id: false }
    }

    /// An id, or the placeholder for one.
    pub fn id(at: impl Into<String>, id: impl Into<Json>) -> Self {
        Self { id: true, ..Self::new(at, id) }
    }

    /// Whether a JSON document says so.
    pub fn holds(&self, body: &Json) -> bool {
        same(&self.value, body.pointer(&self.at).unwrap_or(&Json::Null))
    }
}

/// Whether an API that normalises numbers says the same: `1000` and `"1000.0000"`.
fn same(asked: &Json, found: &Json) -> bool {
    let number = |value: &Json| match value {
        Json::Number(number) => number.to_string().parse::<Decimal>().ok(),
        Json::String(text) => text.parse::<Decimal>().ok(),
        _ => None,
    };
    match (asked, found) {
        (Json::Array(asked), Json::Array(found)) => {
            asked.len() == found.len() && asked.iter().zip(found).all(|(asked, found)| same(asked, found))
        }
        _ if asked == found => true,
        _ => matches!((number(asked), number(found)), (Some(asked), Some(found)) if asked == found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn normalised_numbers_are_the_same() {
        for (asked, found, equal) in [
            (json!("1000"), json!("1000.0000"), true),
            (json!(4900), json!("4900"), true),
            (json!("a"), json!("a"), true),
            (json!(["1", "b"]), json!(["1.0", "b"]), true),
            (json!(null), json!(""), false),
            (json!("monthly"), json!("yearly"), false),
            (json!(true), json!(1), false),
        ] {
            assert_eq!(Expect::new("/x", asked.clone()).holds(&json!({ "x": found })), equal, "{asked}");
        }
        assert!(Expect::new("/x", json!(null)).holds(&json!({})));
    }
}
