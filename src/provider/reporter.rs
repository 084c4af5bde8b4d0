//! What rules report to: findings get their places from a path of keys. The same for every provider.

use std::collections::HashMap;

use crate::diagnostic::{Code, Finding, Location, Sink};
use crate::load::Document;

/// Takes findings from rules and gives them their places. Rules name a path of keys, so that the catalog's types need
/// no places of their own.
pub(in crate::provider) struct Reporter<'a> {
    document: &'a Document,
    /// Paths of what could not be decoded, by object (by section alone for a whole section).
    spoiled: HashMap<(&'a str, &'a str), Vec<&'a [String]>>,
    sink: &'a mut Sink,
}

impl<'a> Reporter<'a> {
    pub(in crate::provider) fn new(document: &'a Document, spoiled: &'a [Vec<String>], sink: &'a mut Sink) -> Self {
        let mut by_object: HashMap<_, Vec<_>> = HashMap::new();
        for path in spoiled {
            let segment = |at: usize| path.get(at).map_or("", String::as_str);
            by_object.entry((segment(0), segment(1))).or_default().push(path.as_slice());
        }
        Self { document, spoiled: by_object, sink }
    }

    /// A finding about the value at a path.
    pub(in crate::provider) fn value(&mut self, path: &[&str], finding: Finding) {
        let location = self.document.locate(path);
        self.sink.push(finding.at(location));
    }

    /// A finding about the key at the end of a path.
    pub(in crate::provider) fn key(&mut self, path: &[&str], finding: Finding) {
        let location = self.document.locate_key(path);
        self.sink.push(finding.at(location));
    }

    /// Whether something at this path, or what it is a part of, could not be decoded. A rule that is about something
    /// missing asks this first: it may be missing only because it was misspelled.
    pub(in crate::provider) fn is_spoiled(&self, path: &[&str]) -> bool {
        if self.spoiled.is_empty() {
            return false;
        }
        let section = path.first().copied().unwrap_or_default();
        let touches = |spoiled: &&[String]| spoiled.iter().zip(path).all(|(one, other)| one == other);
        let object = path.get(1).and_then(|key| self.spoiled.get(&(section, *key)));
        self.spoiled.contains_key(&(section, "")) || object.is_some_and(|paths| paths.iter().any(touches))
    }

    /// Whether an object stands in the files, even if it could not be decoded, or might stand in a file that could
    /// not be read.
    pub(in crate::provider) fn may_exist(&self, section: &str, key: &str) -> bool {
        !self.document.is_complete()
            || self.spoiled.contains_key(&(section, ""))
            || self.document.get(&[section, key]).is_some()
    }

    /// The keys of a section, decoded or not.
    pub(in crate::provider) fn keys(&self, section: &str) -> Vec<&'a str> {
        let map = self.document.get(&[section]).and_then(crate::load::Node::as_map);
        map.map(|map| map.keys().collect()).unwrap_or_default()
    }

    /// The place of another path, to be named as related.
    pub(in crate::provider) fn place(&self, path: &[&str]) -> Option<Location> {
        self.document.locate_exact(path)
    }
}

/// A finding, shorter to write where there are many.
pub(in crate::provider) fn finding(code: Code, message: impl Into<String>) -> Finding {
    Finding::new(code, message)
}
