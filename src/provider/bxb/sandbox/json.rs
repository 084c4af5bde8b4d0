//! JSON as the server's Python knows it: integers of any size, doubles, objects in their order (bxb-api.md §5).

use std::fmt::{self, Display, Formatter};

/// One JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Json {
    #[default]
    Null,
    Bool(bool),
    /// Its digits: an integer keeps its size.
    Int(String),
    /// Anything written with a point or an exponent.
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// Pairs in their order; a name stands once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object(Vec<(String, Json)>);

static NULL: Json = Json::Null;

impl Object {
    /// Takes pairs whose names differ.
    pub(super) fn of_distinct(pairs: Vec<(String, Json)>) -> Self {
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// What stands there; null when nothing does.
    pub(super) fn at(&self, name: &str) -> &Json {
        self.get(name).unwrap_or(&NULL)
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The same with one pair more.
    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A text, empty when it is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.at(name).as_text().unwrap_or_default()
    }

    pub(super) fn int(&self, name: &str) -> i64 {
        self.at(name).as_int().unwrap_or_default()
    }

    pub(super) fn id(&self) -> &str {
        self.text("id")
    }
}

impl<const N: usize> From<[(&str, Json); N]> for Object {
    fn from(pairs: [(&str, Json); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<T: IntoIterator<Item = (String, Json)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Json {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Json]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether a value that no database column takes is somewhere inside: NUL in a text, a number that is none.
    pub(super) fn is_unstorable(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) => false,
            Self::Float(number) => !number.is_finite(),
            Self::Text(text) => text.contains('\0'),
            Self::List(items) => items.iter().any(Self::is_unstorable),
            Self::Object(object) => object.0.iter().any(|(name, value)| name.contains('\0') || value.is_unstorable()),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Int(number.to_string())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Int(number.to_string())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<const N: usize> From<[(&str, Json); N]> for Json {
    fn from(pairs: [(&str, Json); N]) -> Self {
        Self::Object(pairs.into())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Int(digits) => f.write_str(digits),
            Self::Float(number) => f.write_str(&plain(number)),
            Self::Text(text) => f.write_str(&plain(text)),
            Self::List(items) => {
                f.write_str("[")?;
                for (n, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if n > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(object) => {
                f.write_str("{")?;
                for (n, (name, value)) in object.0.iter().enumerate() {
                    write!(f, "{}{}:{value}", if n > 0 { "," } else { "" }, plain(name))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A text or a double as JSON writes it; a number that is none is null.
fn plain(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
