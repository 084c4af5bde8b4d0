use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{FieldPath, Value};

/// The fields of an object that hold something, in the order of their paths. A field that is not in here is at
/// "nothing".
///
/// Most objects have three or four, and there are three sides of each object: a list takes a fifth of a tree's memory.
#[derive(Clone, Default, PartialEq)]
pub struct Fields(Vec<(FieldPath, Value)>);

impl Fields {
    /// No fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    fn place(&self, path: &str) -> Result<usize, usize> {
        // Mostly they are put in their order.
        match self.0.last() {
            Some((last, _)) if last.as_ref() < path => Err(self.0.len()),
            _ => self.0.binary_search_by(|(known, _)| known.as_ref().cmp(path)),
        }
    }

    /// What a field holds.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.place(path).ok().map(|at| &self.0[at].1)
    }

    /// What a field holds, to be changed.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Value> {
        self.place(path).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether a field holds something.
    pub fn contains_key(&self, path: &str) -> bool {
        self.place(path).is_ok()
    }

    /// Sets a field. Returns what it held.
    pub fn insert(&mut self, path: FieldPath, value: Value) -> Option<Value> {
        match self.place(&path) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (path, value));
                None
            }
        }
    }

    /// Empties a field. Returns what it held.
    pub fn remove(&mut self, path: &str) -> Option<Value> {
        self.place(path).ok().map(|at| self.0.remove(at).1)
    }

    /// Keeps those that a test keeps.
    pub fn retain(&mut self, mut keep: impl FnMut(&FieldPath, &mut Value) -> bool) {
        self.0.retain_mut(|(path, value)| keep(path, value));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(path, value)| (path, value))
    }

    /// Their paths, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &FieldPath> {
        self.0.iter().map(|(path, _)| path)
    }

    /// What they hold, in the order of their paths.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Gives back what is held in reserve. There are very many of these.
    pub fn settle(&mut self) {
        self.0.shrink_to_fit();
    }
}

/// The fields in order.
#[allow(unreachable_pub, reason = "an associated type of a public one")]
pub type Iter<'a> =
    std::iter::Map<std::slice::Iter<'a, (FieldPath, Value)>, fn(&'a (FieldPath, Value)) -> (&'a FieldPath, &'a Value)>;

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a FieldPath, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.0.iter().map(|(path, value)| (path, value))
    }
}

impl IntoIterator for Fields {
    type Item = (FieldPath, Value);
    type IntoIter = std::vec::IntoIter<(FieldPath, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(FieldPath, Value)> for Fields {
    fn extend<I: IntoIterator<Item = (FieldPath, Value)>>(&mut self, fields: I) {
        for (path, value) in fields {
            self.insert(path, value);
        }
    }
}

impl FromIterator<(FieldPath, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (FieldPath, Value)>>(fields: I) -> Self {
        let mut all = Self::new();
        all.extend(fields);
        all.settle();
        all
    }
}

impl<const N: usize> From<[(FieldPath, Value); N]> for Fields {
    fn from(fields: [(FieldPath, Value); N]) -> Self {
        fields.into_iter().collect()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::new();
                while let Some((path, value)) = map.next_entry::<FieldPath, Value>()? {
                    fields.insert(path, value);
                }
                fields.settle();
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_stand_in_order_each_once() {
        let mut fields = Fields::new();
        for (path, value) in [("b", 1), ("a", 2), ("c", 3), ("b", 4), ("", 5)] {
            fields.insert(path.into(), Value::Count(value));
        }
        let all: Vec<(&str, Option<i64>)> = fields
            .iter()
            .map(|(path, value)| (path.as_ref(), value.number().map(|number| number.try_into().unwrap())))
            .collect();
        assert_eq!(all, [("", Some(5)), ("a", Some(2)), ("b", Some(4)), ("c", Some(3))]);
        assert_eq!(fields.remove("b"), Some(Value::Count(4)));
        assert!(fields.get("b").is_none() && fields.contains_key("c") && fields.len() == 3);
        let text = serde_json::to_string(&fields).unwrap();
        assert_eq!(serde_json::from_str::<Fields>(&text).unwrap(), fields);
    }
}
