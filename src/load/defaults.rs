//! The `defaults:` block of a catalog: values for every object of a kind that does not say its own.
//!
//! They are merged into the located tree before anything is decoded, so a value that came from there is read, checked
//! and reported like any other, at the place where it stands.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, IgnoredAny};

use super::document::Document;
use super::language::{Block, Language};
use super::node::{Entry, Key, Map, Node, Value};
use crate::diagnostic::{Code, Finding, Sink, Span, did_you_mean, one_of};

/// The key of the block.
const KEY: &str = "defaults";

/// Nodes that defaults may add to a catalog; more is a mistake or an attack.
const MOST_NODES: usize = 5_000_000;

/// The block as catalog types see it: it has been merged into the objects by then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults;

impl<'de> Deserialize<'de> for Defaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl JsonSchema for Defaults {
    fn schema_name() -> Cow<'static, str> {
        "Defaults".into()
    }

    fn inline_schema() -> bool {
        true
    }

    /// What it holds follows from the rest of the schema and is filled in when that is known.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "properties": {}, "additionalProperties": false })
    }
}

/// A document whose objects have their defaults.
#[derive(Debug)]
pub struct Spread {
    /// The document.
    pub document: Document,
    /// Where default keys and values stand. What is found there is found for every object that has the default.
    pub places: HashSet<Span>,
}

/// The defaults of each collection, by its path.
type Accepted<'d> = BTreeMap<&'d str, Vec<Entry>>;

/// Merges the defaults under the objects. `None` if the catalog has no such block.
pub fn spread(document: &Document, language: impl FnOnce() -> Language, sink: &mut Sink) -> Option<Spread> {
    let block = document.root().get(KEY)?;
    let language = language();
    let accepted = accept(block, &language, sink);
    let mut places = HashSet::new();
    accepted.values().flatten().for_each(|entry| mark(entry, &mut places));
    let mut root = document.root().clone();
    let mut work = Spreading { accepted: &accepted, left: MOST_NODES };
    if let Value::Map(sections) = &mut root.value {
        for block in language.blocks() {
            if let Some(section) = sections.get_mut(&block.name) {
                work.collection(block, section, block.depth);
            }
        }
    }
    if work.left == 0 {
        let finding = Finding::new(Code::AliasBomb, "these defaults make the catalog too large");
        sink.push(finding.at(sink.locate(block.key.span)).help("write less into `defaults`"));
        return None;
    }
    Some(Spread { document: document.with_root(root), places })
}

/// The defaults that there can be; a finding for each of the others.
fn accept<'l>(block: &Entry, language: &'l Language, sink: &mut Sink) -> Accepted<'l> {
    let mut accepted = Accepted::new();
    let wrong = |what: &str, node: &Node| {
        Finding::new(Code::WrongType, format!("{what}: expected a map, found {}", node.kind()))
    };
    let Value::Map(collections) = &block.value.value else {
        if !matches!(block.value.value, Value::Null) {
            sink.push(wrong("`defaults`", &block.value).at(sink.locate(block.value.span)));
        }
        return accepted;
    };
    let paths: Vec<&str> = language.all().iter().map(|block| block.path.as_str()).collect();
    for entry in collections.entries() {
        let name = &*entry.key.text;
        let Some(block) = language.block(name) else {
            let finding = Finding::new(Code::UnknownField, format!("there is no collection `{name}` to give defaults"))
                .suggest(did_you_mean(name, paths.iter().copied()))
                .help(format!("the collections are {}", one_of(paths.iter().copied()).replace(" or ", " and ")));
            sink.push(finding.at(sink.locate(entry.key.span)));
            continue;
        };
        let Value::Map(fields) = &entry.value.value else {
            if !matches!(entry.value.value, Value::Null) {
                sink.push(wrong(&format!("`{name}`"), &entry.value).at(sink.locate(entry.value.span)));
            }
            continue;
        };
        let own: Vec<&str> = block.fields.iter().map(String::as_str).filter(|field| !block.has_child(field)).collect();
        for field in fields.entries() {
            let key = &*field.key.text;
            if own.contains(&key) {
                accepted.entry(block.path.as_str()).or_default().push(field.clone());
                continue;
            }
            let finding = if block.has_child(key) {
                Finding::new(Code::UnknownField, format!("`{key}` are objects of their own"))
                    .help(format!("write their defaults under `{name}.{key}`"))
            } else {
                Finding::new(Code::UnknownField, format!("`{name}` have no field `{key}`"))
                    .suggest(did_you_mean(key, own.iter().copied()))
                    .help(format!("the fields are {}", one_of(own.iter().copied()).replace(" or ", " and ")))
            };
            sink.push(finding.at(sink.locate(field.key.span)));
        }
    }
    accepted
}

/// Notes where a default stands.
fn mark(entry: &Entry, places: &mut HashSet<Span>) {
    fn values(node: &Node, places: &mut HashSet<Span>) {
        places.insert(node.span);
        match &node.value {
            Value::Map(map) => map.entries().iter().for_each(|entry| mark(entry, places)),
            Value::Seq(items) => items.iter().for_each(|item| values(item, places)),
            _ => {}
        }
    }
    places.insert(entry.key.span);
    values(&entry.value, places);
}

struct Spreading<'a> {
    accepted: &'a Accepted<'a>,
    left: usize,
}

impl Spreading<'_> {
    fn collection(&mut self, block: &Block, node: &mut Node, depth: usize) {
        match &mut node.value {
            _ if depth == 0 => self.object(block, node),
            Value::Map(map) => map.values_mut().for_each(|node| self.collection(block, node, depth - 1)),
            Value::Seq(items) => items.iter_mut().for_each(|node| self.collection(block, node, depth - 1)),
            _ => {}
        }
    }

    fn object(&mut self, block: &Block, node: &mut Node) {
        if let Some(own) = self.accepted.get(block.path.as_str()) {
            expand(block, node);
            if let Value::Map(map) = &mut node.value {
                self.beneath(map, own);
            }
        }
        let Value::Map(map) = &mut node.value else { return };
        for child in &block.children {
            if let Some(node) = map.get_mut(&child.name) {
                self.collection(child, node, child.depth);
            }
        }
    }

    /// Adds what the map does not say itself. `null` says that there is nothing, not even a default.
    fn beneath(&mut self, map: &mut Map, defaults: &[Entry]) {
        let mut entries = std::mem::take(map).into_entries();
        for default in defaults {
            let Some(at) = entries.iter().position(|entry| entry.key.text == default.key.text) else {
                self.left = self.left.saturating_sub(default.value.count());
                if self.left > 0 {
                    entries.push(default.clone());
                }
                continue;
            };
            match (&mut entries[at].value.value, &default.value.value) {
                (Value::Null, _) => drop(entries.remove(at)),
                (Value::Map(own), Value::Map(more)) => self.beneath(own, more.entries()),
                _ => {}
            }
        }
        *map = Map::new(entries).0;
    }
}

/// Writes a short form out: `49.00` as `{ amount: 49.00 }`, at the same place.
pub(super) fn expand(block: &Block, node: &mut Node) {
    let Some(field) = block.short.filter(|_| node.text().is_some()) else { return };
    let key = Key { text: field.into(), span: node.span };
    let value = Node { span: node.span, value: std::mem::replace(&mut node.value, Value::Null) };
    node.value = Value::Map(Map::new(vec![Entry { key, value }]).0);
}
