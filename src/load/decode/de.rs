use std::cell::RefCell;

use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Entries, Items};
use super::error::Error;
use super::{State, identity};
use crate::load::node::{Node, Value};
use crate::load::scalar::{self, Scalar};

/// A node as serde's input. Plain scalars are handed over as their own text wherever text is asked for, so that
/// money never passes a binary float.
#[derive(Clone, Copy)]
pub(super) struct De<'a, 's> {
    pub(super) node: &'a Node,
    pub(super) state: &'s RefCell<State<'a>>,
}

impl<'a, 's> De<'a, 's> {
    pub(super) fn root(node: &'a Node, state: &'s RefCell<State<'a>>) -> Self {
        Self { node, state }
    }

    /// `resume`: whether entries that were found good may be skipped. Fields of a struct may not: it would miss them.
    fn entries(self, resume: bool) -> Option<Entries<'a, 's>> {
        let map = self.node.as_map()?;
        Some(Entries::new(identity(self.node), map.entries(), resume, self.state))
    }

    fn wrong(self, expected: &str) -> Error {
        Error::wrong(expected, &found(self.node))
    }

    fn whole_number(self) -> Result<&'a str, Error> {
        match &self.node.value {
            Value::Plain(text) => match whole_number(text) {
                Ok(()) => Ok(text),
                Err(why) => Err(why.map_or_else(
                    || self.wrong("a whole number"),
                    |why| Error::number(format!("{why}; write it like 1000")),
                )),
            },
            _ => Err(self.wrong("a whole number")),
        }
    }
}

/// What stands there, for people.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Plain(text) => quote(text),
        Value::Quoted(text) => format!("the text {}", quote(text)),
        _ => node.kind().to_owned(),
    }
}

/// A text in backquotes, cut when it is long.
pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// Plain digits only. The error says why not, if it looks like a number at all.
fn whole_number(text: &str) -> Result<(), Option<&'static str>> {
    let first = text.bytes().next().unwrap_or_default();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return if first == b'0' && text.len() > 1 { Err(Some("a whole number has no leading zeros")) } else { Ok(()) };
    }
    let digit = first.is_ascii_digit();
    Err(match first {
        b'-' => Some("a whole number cannot be negative"),
        b'+' => Some("a whole number has no sign"),
        _ if digit && text.contains(['_', ',', '\'', ' ']) => Some("a whole number has no separators"),
        _ if digit && text[1..].starts_with(['x', 'o', 'b']) => Some("a whole number is written in decimal digits"),
        _ if digit && text.contains(['e', 'E']) => Some("a whole number is written out, without an exponent"),
        _ if digit && text.contains('.') => Some("a whole number has no decimals"),
        _ if digit => Some("a whole number is only digits, without a unit"),
        _ => None,
    })
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let text = self.whole_number()?;
            let number: $type = text.parse().map_err(|_| Error::number("this number is too large"))?;
            visitor.$visit(number)
        }
    )*};
}

impl<'de> Deserializer<'de> for De<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Quoted(text) => visitor.visit_str(text),
            Value::Seq(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
            Value::Plain(text) => match scalar::resolve(text) {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(flag) => visitor.visit_bool(flag),
                Scalar::Signed(number) => visitor.visit_i64(number),
                Scalar::Unsigned(number) => visitor.visit_u64(number),
                // JSON has neither, and they would silently become null.
                Scalar::Float(number) if !number.is_finite() => {
                    Err(Error::number("not a finite number; write it like 1.5 or in quotes"))
                }
                Scalar::Float(number) => visitor.visit_f64(number),
                Scalar::Text => visitor.visit_str(text),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Plain(text) if &**text == "true" => visitor.visit_bool(true),
            Value::Plain(text) if &**text == "false" => visitor.visit_bool(false),
            _ => Err(self.wrong("true or false")),
        }
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Plain(text) | Value::Quoted(text) => visitor.visit_str(text),
            Value::Null => Err(Error::invalid_type(Unexpected::Unit, &visitor)),
            Value::Seq(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Map(_) => Err(Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A list of which all items were commented out is an empty list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Seq(items) => visitor.visit_seq(Items::new(identity(self.node), items, self.state)),
            Value::Null => visitor.visit_seq(Items::new(identity(self.node), &[], self.state)),
            _ => Err(self.wrong("a list")),
        }
    }

    /// A section of which all entries were commented out is an empty map.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.entries(true) {
            Some(entries) => visitor.visit_map(entries),
            None if matches!(self.node.value, Value::Null) => {
                visitor.visit_map(Entries::new(identity(self.node), &[], false, self.state))
            }
            None => Err(self.wrong("a map")),
        }
    }

    /// A scalar is handed to the visitor, because some objects have a short form.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Map(_) => match self.entries(false) {
                Some(entries) => visitor.visit_map(entries.only(fields)),
                None => Err(self.wrong("a map")),
            },
            Value::Plain(text) => match &**text {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                _ => visitor.visit_str(text),
            },
            Value::Quoted(text) => visitor.visit_str(text),
            Value::Seq(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Null => Err(Error::invalid_type(Unexpected::Unit, &visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.node.text() {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(self.wrong("a word")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct }
}
