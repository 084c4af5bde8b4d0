use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of one managed object: its path in the YAML, such as `plans.pro.prices.monthly`.
///
/// Segments alternate between a collection (`plans`) and a key (`pro`). A key that is not made of
/// `[A-Za-z0-9_-]` is written in double quotes.
///
/// There are several of each object (desired, live, in the ledger, in every map), so a copy costs nothing: one text, with
/// [`BETWEEN`] between the segments. Below every other character, that sorts a parent right before its children.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(Arc<str>);

const BETWEEN: char = '\0';

impl Address {
    /// A top-level object: `Address::new("plans", "pro")`.
    pub fn new(collection: &str, key: &str) -> Self {
        Self::of(&[collection, key])
    }

    /// A child of this object: `plan.child("prices", "monthly")`.
    pub fn child(&self, collection: &str, key: &str) -> Self {
        Self([&self.0, &*segment(collection), &*segment(key)].join("\0").into())
    }

    fn of(segments: &[&str]) -> Self {
        Self(segments.iter().map(|text| segment(text)).collect::<Vec<_>>().join("\0").into())
    }

    /// The object that holds this one; `None` for a top-level object.
    pub fn parent(&self) -> Option<Self> {
        let (above, _) = self.split_last();
        let (above, _) = above.rsplit_once(BETWEEN)?;
        Some(Self(above.into()))
    }

    /// The top-level object that this one belongs to (itself, if it is one).
    pub fn root(&self) -> Self {
        match self.0.match_indices(BETWEEN).nth(1) {
            Some((end, _)) => Self(self.0[..end].into()),
            None => self.clone(),
        }
    }

    /// What is before the last key, and that key.
    fn split_last(&self) -> (&str, &str) {
        let at = self.0.bytes().rposition(|byte| byte == BETWEEN as u8).unwrap_or_default();
        (&self.0[..at], self.0.get(at + 1..).unwrap_or_default())
    }

    /// The last key: `monthly` of `plans.pro.prices.monthly`.
    pub fn key(&self) -> &str {
        self.split_last().1
    }

    /// The collection that the last key is in: `prices` of `plans.pro.prices.monthly`.
    pub fn collection(&self) -> &str {
        let (above, _) = self.split_last();
        above.rsplit_once(BETWEEN).map_or(above, |(_, collection)| collection)
    }

    /// All segments, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split(BETWEEN)
    }

    /// How many objects it leads through, itself among them: 1 for a top-level object.
    pub fn depth(&self) -> usize {
        self.segments().count() / 2
    }

    /// Whether it is a top-level object.
    pub fn is_root(&self) -> bool {
        self.0.bytes().filter(|byte| *byte == BETWEEN as u8).count() == 1
    }

    /// Whether this is `other` or an object inside it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(BETWEEN))
    }

    /// The segments below the top-level object, as it is shown under that object's heading.
    pub fn below_root(&self) -> String {
        join(self.segments().skip(2))
    }
}

/// The top-level objects of one collection, in the order of their keys.
pub fn roots_of<'a, T>(
    objects: &'a BTreeMap<Address, T>,
    collection: &'a str,
) -> impl Iterator<Item = (&'a Address, &'a T)> {
    objects
        .range(Address::new(collection, "")..)
        .take_while(move |(address, _)| address.segments().next() == Some(collection))
        .filter(|(address, _)| address.is_root())
}

/// No API and no file has a key with a NUL in it; a hostile one would make one segment look like two.
fn segment(text: &str) -> Cow<'_, str> {
    if text.contains(BETWEEN) { Cow::Owned(text.replace(BETWEEN, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

fn join<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (at, segment) in segments.enumerate() {
        if at > 0 {
            out.push('.');
        }
        out.push_str(&path_segment(segment));
    }
    out
}

/// One segment of a path as it is written: in double quotes unless it is made of `[A-Za-z0-9_-]`.
pub fn path_segment(segment: &str) -> Cow<'_, str> {
    let plain =
        !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain { Cow::Borrowed(segment) } else { Cow::Owned(format!("{segment:?}")) }
}

/// The key in a written segment: the way back of `path_segment`.
pub fn path_key(segment: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = segment.strip_prefix('"') else { return Some(Cow::Borrowed(segment)) };
    let mut out = String::new();
    let mut chars = quoted.strip_suffix('"')?.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            'u' => {
                let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)?);
            }
            c => out.push(c),
        }
    }
    Some(Cow::Owned(out))
}

/// The segments of a written path, each as it is written: a dot inside double quotes divides nothing.
pub fn path_segments(path: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    path.split(move |c: char| {
        if escaped {
            escaped = false;
            return false;
        }
        match c {
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            '.' => return !quoted,
            _ => {}
        }
        false
    })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join(self.segments()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut segments: Vec<Cow<'_, str>> = Vec::new();
        let mut rest = text;
        loop {
            if rest.starts_with('"') {
                let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let Some(Ok(segment)) = stream.next() else { return Err(format!("`{text}` is not an address")) };
                rest = &rest[stream.byte_offset()..];
                segments.push(Cow::Owned(segment));
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                segments.push(Cow::Borrowed(&rest[..end]));
                rest = &rest[end..];
            }
            match rest.strip_prefix('.') {
                Some(more) => rest = more,
                None => break,
            }
        }
        if !rest.is_empty() || segments.len() % 2 == 1 || segments.iter().any(|segment| segment.is_empty()) {
            return Err(format!("`{text}` is not an address such as plans.pro or plans.pro.prices.monthly"));
        }
        Ok(Self::of(&segments.iter().map(AsRef::as_ref).collect::<Vec<_>>()))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The name of one managed object: its path in the YAML, such as plans.pro.prices.monthly",
            "type": "string"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["plans.pro", "plans.pro.prices.monthly", r#"plans."v1.2""#, r#"plans."a\"b".charges.x"#] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for bad in ["", "plans", "plans.", "plans..pro", "plans.\"x", "a.b.c"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn quoted_segments_come_back() {
        for text in ["eu.west", "a\"b\\c", "tab\tline\n", "\u{7f}\u{200b}é", " ", "plain"] {
            assert_eq!(path_key(&path_segment(text)).as_deref(), Some(text));
        }
    }

    #[test]
    fn quoted_segments_hold_dots() {
        let path = format!("filters.{}.{}.amount", path_segment("region"), path_segment("eu.\"w\".1"));
        assert_eq!(path, r#"filters.region."eu.\"w\".1".amount"#);
        let segments: Vec<&str> = path_segments(&path).collect();
        assert_eq!(segments, ["filters", "region", r#""eu.\"w\".1""#, "amount"]);
    }

    #[test]
    fn knows_its_family() {
        let price = Address::new("plans", "pro").child("prices", "monthly");
        assert_eq!(price.parent(), Some(Address::new("plans", "pro")));
        assert_eq!(price.root(), Address::new("plans", "pro"));
        assert!(price.is_within(&price.root()));
        assert_eq!((price.collection(), price.key()), ("prices", "monthly"));
        assert_eq!(price.below_root(), "prices.monthly");
        assert_eq!((price.depth(), price.is_root(), price.root().is_root()), (2, false, true));
        assert!(!Address::new("plans", "pro2").is_within(&price.root()));
    }

    #[test]
    fn a_family_stands_together() {
        let (pro, other) = (Address::new("plans", "pro"), Address::new("plans", "pro-2"));
        let mut all = [other.clone(), pro.child("prices", "yearly"), pro.clone(), pro.child("prices", "")];
        all.sort();
        assert_eq!(all, [pro.clone(), pro.child("prices", ""), pro.child("prices", "yearly"), other.clone()]);
        let more = [Address::new("planets", "mars"), Address::new("plansx", "y")];
        let objects: BTreeMap<Address, ()> = all.into_iter().chain(more).map(|address| (address, ())).collect();
        let roots: Vec<&Address> = roots_of(&objects, "plans").map(|(address, ())| address).collect();
        assert_eq!(roots, [&pro, &other]);
    }

    #[test]
    fn a_nul_makes_no_family() {
        let odd = Address::new("plans", "a\0prices\0b");
        assert!(odd.is_root() && odd.key().ends_with('b'));
    }
}
