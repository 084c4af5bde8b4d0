use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a field holds, and so how it is shown and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Major units of the object's currency, with that currency's decimals.
    Money,
    /// Major units for one unit of usage; as many decimals as it needs.
    UnitPrice,
    /// A number of percent.
    Percent,
    /// An exchange rate: units of the currency for one US dollar.
    Rate,
    /// A whole number of things, days or cycles.
    Count,
    /// Free text.
    Text,
    /// One word out of a fixed set.
    Choice,
    /// Yes or no.
    Flag,
    /// An ordered list of keys.
    List,
    /// A value of the user's own (metadata).
    Any,
}

/// One field's value, the same on every side: in files, in the live API, in the ledger. A field that is at
/// "nothing" (no description, no included balance) is left out of the resource instead of being a value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A null inside metadata.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Count(i64),
    /// Money, unit price, rate (major units) or percent, by the field's kind.
    Decimal(Decimal),
    /// Text.
    Text(Box<str>),
    /// An ordered list.
    List(Box<[Value]>),
    /// A map inside a list of metadata (maps elsewhere are fields with a longer path).
    Map(Box<BTreeMap<String, Value>>),
    /// A number that the API works out by itself from the base value and the exchange rate. Two of them are
    /// always equal: keeping them in step is the API's business, the number is only there to be read.
    Derived(Decimal),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Derived(_), Self::Derived(_)) => true,
            (Self::Flag(a), Self::Flag(b)) => a == b,
            (Self::Count(a), Self::Count(b)) => a == b,
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            // Metadata: 2 and 2.0 are the same JSON number.
            (Self::Count(a), Self::Decimal(b)) | (Self::Decimal(b), Self::Count(a)) => Decimal::from(*a) == *b,
            _ => false,
        }
    }
}

impl Value {
    /// The number in it, if it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Count(count) => Some(Decimal::from(*count)),
            Self::Decimal(number) | Self::Derived(number) => Some(*number),
            _ => None,
        }
    }

    /// The text in it, if it is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<i64> for Value {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Decimal(number) | Self::Derived(number) => write!(f, "{}", number.normalize()),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
            Self::Map(map) => f.write_str(&serde_json::to_string(map).unwrap_or_default()),
        }
    }
}
