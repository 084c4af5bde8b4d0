//! Exact numbers, read from the text that stands in a file and never through a binary float.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// Why a piece of text is not the number that is wanted there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadNumber(pub String);

/// Reads `49`, `49.00` or `0.0015`. Refuses signs, exponents, separators, symbols and NaN, because each
/// of them has been a wrong price somewhere.
fn plain_decimal(text: &str, example: &str) -> Result<Decimal, BadNumber> {
    let bad = |why: &str| Err(BadNumber(format!("{why}; write it like {example}")));
    if text.is_empty() {
        return bad("an amount is missing");
    }
    if text.starts_with('-') {
        return bad("an amount cannot be negative");
    }
    if text.starts_with('+') {
        return bad("an amount has no sign");
    }
    if text.contains(',') || text.contains('_') || text.contains(' ') || text.contains('\'') {
        return bad("an amount has no thousands separators, and its decimal mark is a dot");
    }
    let number = text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part));
    if !number {
        let lower = text.to_ascii_lowercase();
        if lower.contains("nan") || lower.contains("inf") {
            return bad("an amount is a finite number");
        }
        if text.bytes().next().is_some_and(|first| first.is_ascii_digit()) && lower.contains('e') {
            return bad("an amount is written out, without an exponent");
        }
        if text.bytes().any(|byte| byte.is_ascii_digit()) {
            return bad("an amount is digits and at most one dot, without a currency symbol or a unit");
        }
        return bad("this is not a number");
    }
    Decimal::from_str_exact(text).or_else(|_| bad("this number is too large or too long"))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number with its thousands apart, for people: `12500.50` → `12,500.50`.
pub fn grouped(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, part) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(part) = part {
        out.push('.');
        out.push_str(part);
    }
    out
}

macro_rules! exact_number {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $description:literal, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// Wraps an exact number that is known to be one.
            pub fn new(number: Decimal) -> Self {
                Self(number)
            }

            /// The exact number.
            pub fn decimal(self) -> Decimal {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = BadNumber;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let parse: fn(&str) -> Result<Decimal, BadNumber> = $parse;
                parse(text).map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($description)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                // `deserialize_str` makes the loader hand over the scalar's own text.
                deserializer.deserialize_str(Text)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": $description,
                    "anyOf": [
                        { "type": "number", "minimum": 0 },
                        { "type": "string", "pattern": $pattern }
                    ]
                })
            }
        }
    };
}

exact_number!(
    /// Money in major units (`49.00` is forty-nine dollars). How many decimals a value may have depends on
    /// its currency, so that is checked where the currency is known.
    Amount, r"^[0-9]+(\.[0-9]+)?$", "an amount of money in major units, such as 49.00",
    |text| plain_decimal(text, "49.00")
);
exact_number!(
    /// The price of one unit in major units, with at most 4 decimals: Commet counts unit prices in 1/10000
    /// (commet-api.md §3.9).
    UnitPrice, r"^[0-9]+(\.[0-9]+)?$", "the price of one unit in major units, such as 0.002",
    |text| plain_decimal(text, "0.002")
);
exact_number!(
    /// How many units of a currency one US dollar buys.
    Rate, r"^[0-9]+(\.[0-9]+)?$", "an exchange rate: units of the currency for one US dollar, such as 5.40",
    |text| plain_decimal(text, "5.40")
);

/// A percentage, written `20%` or `12.5%`; kept as the number before the sign. Commet counts it in basis
/// points (commet-api.md §3.9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

impl Percent {
    /// Wraps an exact number of percent.
    pub fn new(number: Decimal) -> Self {
        Self(number)
    }

    /// The exact number of percent: 20 for `20%`.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Percent {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(number) = text.strip_suffix('%') else {
            return Err(BadNumber("a percentage ends with a percent sign; write it like 20% or 12.5%".into()));
        };
        plain_decimal(number, "20% or 12.5%").map(Self)
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Percent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage such as 20%")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Percent, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A percentage, such as 20% or 12.5%",
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+)?%$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_and_strict() {
        for same in ["49", "49.0", "49.00"] {
            assert_eq!(same.parse::<Amount>(), "49.00".parse());
        }
        assert_eq!(
            "0.1234567890123456789".parse::<UnitPrice>().unwrap().decimal().to_string(),
            "0.1234567890123456789"
        );
        for bad in [
            "", "-1", "+1", "1e1", "$49", "49 USD", "1_000", "1,000", "12,50", "0x31", ".5", "5.", "NaN", "inf", "٤٩",
            "1.2.3",
        ] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
        assert_eq!("12.5%".parse::<Percent>().unwrap().decimal().to_string(), "12.5");
        assert!("20".parse::<Percent>().is_err());
    }

    #[test]
    fn numbers_are_grouped() {
        for (given, shown) in [("1", "1"), ("1000", "1,000"), ("1234567.5", "1,234,567.5"), ("-1000", "-1,000")] {
            assert_eq!(grouped(given), shown);
        }
    }
}
