//! An environment's overlay: a merge patch over the merged catalog. Maps merge, scalars and lists replace, `null` takes
//! away (RFC 7386). It is applied to the located tree before anything is decoded, so what came from the overlay is
//! reported where it stands in the overlay.
//!
//! A short form is the same as what it is short for, on either side: `monthly: 59.00` changes the amount and nothing
//! else, whether the catalog says `49.00` or `{ amount: 49.00, trial_days: 14 }`.

use std::collections::HashMap;

use super::defaults::expand;
use super::language::{Block, Language};
use super::node::{Entry, Map, Node, Value};
use crate::diagnostic::{Code, Finding, Sink, did_you_mean};

/// The tree with the patch applied.
pub(super) fn merge(mut base: Node, mut patch: Node, language: &Language, sink: &mut Sink) -> Node {
    let mut merger = Merger { sink, path: Vec::new() };
    merger.provider(&base, &patch);
    // It has been compared; taken over, it could only be found wrong once more.
    if let Value::Map(map) = &mut patch.value {
        let entries = std::mem::take(map).into_entries();
        *map = Map::new(entries.into_iter().filter(|entry| &*entry.key.text != "provider").collect()).0;
    }
    merger.value(&mut base, patch, Place::Root(language.blocks()));
    base
}

/// Where in the language a value stands.
#[derive(Clone, Copy)]
enum Place<'l> {
    Root(&'l [Block]),
    /// A collection, with how many maps or lists there still are around its objects.
    Collection(&'l Block, usize),
    Object(&'l Block),
    Elsewhere,
}

impl<'l> Place<'l> {
    fn step(self, key: &str) -> Self {
        let named = |blocks: &'l [Block]| {
            blocks
                .iter()
                .find(|block| block.name == key)
                .map_or(Self::Elsewhere, |block| Self::Collection(block, block.depth))
        };
        match self {
            Self::Root(blocks) => named(blocks),
            Self::Collection(block, 1) => Self::Object(block),
            Self::Collection(block, depth) => Self::Collection(block, depth - 1),
            Self::Object(block) => named(&block.children),
            Self::Elsewhere => Self::Elsewhere,
        }
    }

    /// Whether a patch says something of what stands here, and not only of objects inside it.
    fn is_touched(self, patch: &Node) -> bool {
        match (self, &patch.value) {
            (Self::Collection(..), Value::Map(_)) => false,
            (Self::Object(block), Value::Map(map)) => map.keys().any(|key| !block.has_child(key)),
            _ => true,
        }
    }
}

struct Merger<'s> {
    sink: &'s mut Sink,
    path: Vec<Box<str>>,
}

impl Merger<'_> {
    /// An overlay is for the catalog's own provider.
    fn provider(&mut self, base: &Node, patch: &Node) {
        let (Some(base), Some(patch)) = (base.get("provider"), patch.get("provider")) else { return };
        let said = |entry: &Entry| entry.value.text().map(str::to_owned);
        if said(base) != said(patch) {
            let name = patch.value.text().unwrap_or("another one");
            let finding = Finding::new(
                Code::OverlayProvider,
                format!("the overlay is for {name}, the catalog for {}", base.value.text().unwrap_or("another one")),
            )
            .at(self.sink.locate(patch.value.span))
            .related(self.sink.locate(base.value.span), "the catalog says it here")
            .help("an environment's overlay changes the catalog that it belongs to; leave `provider` out of it");
            self.sink.push(finding);
        }
    }

    fn value(&mut self, base: &mut Node, mut patch: Node, place: Place<'_>) {
        if let Place::Object(block) = place {
            let maps = [&*base, &patch].iter().filter(|node| node.as_map().is_some()).count();
            if maps == 1 {
                expand(block, base);
                expand(block, &mut patch);
            }
        }
        match (&mut base.value, patch.value) {
            (Value::Map(own), Value::Map(more)) => {
                let own = std::mem::take(own);
                base.value = Value::Map(self.map(own, more, place));
            }
            (_, value) => *base = Node { span: patch.span, value },
        }
    }

    fn map(&mut self, base: Map, patch: Map, place: Place<'_>) -> Map {
        let mut entries: Vec<Option<Entry>> = base.into_entries().into_iter().map(Some).collect();
        let keys = |(at, entry): (usize, &Option<Entry>)| entry.as_ref().map(|entry| (entry.key.text.clone(), at));
        let known: HashMap<Box<str>, usize> = entries.iter().enumerate().filter_map(keys).collect();
        for entry in patch.into_entries() {
            let inner = place.step(&entry.key.text);
            let gone = matches!(entry.value.value, Value::Null);
            match known.get(&entry.key.text) {
                None if gone => self.nothing_there(&entry, &known),
                None if self.is_misspelled(&entry, inner, &known) => {}
                None => entries.push(Some(entry)),
                Some(at) if gone => entries[*at] = None,
                Some(at) => {
                    let Some(own) = entries[*at].as_mut() else { continue };
                    self.path.push(entry.key.text.clone());
                    if inner.is_touched(&entry.value) {
                        own.key = entry.key;
                    }
                    self.value(&mut own.value, entry.value, inner);
                    self.path.pop();
                }
            }
        }
        Map::new(entries.into_iter().flatten().collect()).0
    }

    /// The address or field that a key stands for.
    fn named(&self, key: &str) -> String {
        self.path.iter().map(AsRef::as_ref).chain([key]).collect::<Vec<_>>().join(".")
    }

    fn nothing_there(&mut self, entry: &Entry, known: &HashMap<Box<str>, usize>) {
        let key = &*entry.key.text;
        let finding = Finding::new(
            Code::OverlayRemoves,
            format!("the overlay takes away `{}`, which the catalog does not have", self.named(key)),
        )
        .at(self.sink.locate(entry.key.span))
        .suggest(did_you_mean(key, known.keys().map(AsRef::as_ref)))
        .help("`null` takes away what the catalog's files say; another value goes before a default");
        self.sink.push(finding);
    }

    /// A new object that cannot be one, with a key that is almost that of an object of the catalog.
    fn is_misspelled(&mut self, entry: &Entry, inner: Place<'_>, known: &HashMap<Box<str>, usize>) -> bool {
        let (Place::Object(block), Value::Map(fields)) = (inner, &entry.value.value) else { return false };
        let key = &*entry.key.text;
        let complete = block.required.iter().all(|field| fields.get(field).is_some());
        let Some(meant) = did_you_mean(key, known.keys().map(AsRef::as_ref)).filter(|_| !complete) else {
            return false;
        };
        let finding = Finding::new(
            Code::OverlayChanges,
            format!("the overlay changes `{}`, which the catalog does not have", self.named(key)),
        )
        .at(self.sink.locate(entry.key.span))
        .suggest(meant)
        .help(format!("for a new object, write all that it needs: {}", block.required.join(", ")));
        self.sink.push(finding);
        true
    }
}
