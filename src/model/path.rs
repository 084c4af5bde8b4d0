use std::borrow::Borrow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field's path below its object: `amount`, `metadata.tier`, `prices.monthly.amount`.
///
/// There are few different ones and very many of each, so that one text is shared by all that say the same.
#[derive(Clone)]
pub struct FieldPath(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

/// Paths beyond this number are not shared any more: metadata can hold any number of keys.
const MOST_SHARED: usize = 100_000;

thread_local! {
    static SHARED: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

fn shared(path: &str) -> Arc<str> {
    SHARED.with_borrow_mut(|shared| match shared.get(path) {
        Some(known) => Arc::clone(known),
        None => {
            let new: Arc<str> = path.into();
            if shared.len() < MOST_SHARED {
                shared.insert(Arc::clone(&new));
            }
            new
        }
    })
}

impl FieldPath {
    /// A path that is known when the program is built.
    pub const fn fixed(path: &'static str) -> Self {
        Self(Text::Static(path))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(path) => path,
            Text::Shared(path) => path,
        }
    }
}

impl From<&'static str> for FieldPath {
    fn from(path: &'static str) -> Self {
        Self::fixed(path)
    }
}

impl From<String> for FieldPath {
    fn from(path: String) -> Self {
        Self(Text::Shared(shared(&path)))
    }
}

impl Deref for FieldPath {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for FieldPath {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for FieldPath {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for FieldPath {}

impl PartialEq<str> for FieldPath {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for FieldPath {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for FieldPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FieldPath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for FieldPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Path;
        impl Visitor<'_> for Path {
            type Value = FieldPath;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a field")
            }

            fn visit_str<E>(self, path: &str) -> Result<FieldPath, E> {
                Ok(FieldPath(Text::Shared(shared(path))))
            }
        }
        deserializer.deserialize_str(Path)
    }
}
