use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::node::{Entry, Map, Node, Value};
use crate::diagnostic::{Code, Finding, Location, Sink, Source, Span};
use crate::model::SourceRef;

/// The files of one load, merged into one tree that knows where everything stands.
#[derive(Debug)]
pub struct Document {
    root: Node,
    sources: Vec<Arc<Source>>,
    complete: bool,
}

impl Document {
    /// Merges the files' top levels. A section that is a map or a list is joined; what is set twice is a finding.
    /// `None` if there is nothing to merge.
    pub(super) fn merge(roots: Vec<Node>, sink: &mut Sink) -> Option<Self> {
        let complete = roots.len() == sink.sources().len() && !sink.has_errors();
        let span = roots.first()?.span;
        let mut sections: Vec<Entry> = Vec::new();
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        let mut single = true;
        for root in roots {
            let Value::Map(map) = root.value else { continue };
            for entry in map.into_entries() {
                match places.get(&entry.key.text) {
                    Some(at) => {
                        single = false;
                        join(&mut sections[*at], entry, sink);
                    }
                    None => {
                        places.insert(entry.key.text.clone(), sections.len());
                        sections.push(entry);
                    }
                }
            }
        }
        if !single {
            for section in &mut sections {
                settle(section, sink);
            }
        }
        let root = Node { span, value: Value::Map(Map::new(sections).0) };
        Some(Self { root, sources: sink.sources().to_vec(), complete })
    }

    /// The same files with another tree.
    pub(super) fn with_root(&self, root: Node) -> Self {
        Self { root, sources: self.sources.clone(), complete: self.complete }
    }

    /// The document with another one merged over it; the sink knows the files of both.
    pub(super) fn patched(
        self,
        patch: Option<Self>,
        complete: bool,
        sink: &mut Sink,
        merge: impl FnOnce(Node, Node, &mut Sink) -> Node,
    ) -> Self {
        let root = match patch {
            Some(patch) => merge(self.root, patch.root, sink),
            None => self.root,
        };
        Self { root, sources: sink.sources().to_vec(), complete }
    }

    /// The merged top level.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Whether every file could be read. If not, something that seems to be missing may stand in a broken file.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The files, in the order of their paths.
    pub fn sources(&self) -> &[Arc<Source>] {
        &self.sources
    }

    /// The value at a path of keys (numbers for places in a list).
    pub fn get(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, key| step(node, key).map(|(node, _)| node))
    }

    /// Where the value at a path stands; for a map or a list, where its key stands. Falls back to the deepest part
    /// of the path that exists. `None` only if no file could be read.
    pub fn locate(&self, path: &[&str]) -> Option<Location> {
        let (node, key, _) = self.walk(path);
        let own = match &node.value {
            Value::Seq(_) | Value::Map(_) => key,
            _ if node.span.is_empty() => key,
            _ => Some(node.span),
        };
        self.resolve(own.unwrap_or(Span { end: node.span.start, ..node.span }))
    }

    /// Where the key at the end of a path stands. Falls back as [`Document::locate`] does.
    pub fn locate_key(&self, path: &[&str]) -> Option<Location> {
        let (node, key, _) = self.walk(path);
        self.resolve(key.unwrap_or(Span { end: node.span.start, ..node.span }))
    }

    /// The line on which the key at the end of a path stands, as [`Document::locate_key`] finds it.
    pub fn line_of(&self, path: &[&str]) -> Option<SourceRef> {
        let (node, key, _) = self.walk(path);
        let span = key.unwrap_or(node.span);
        let source = self.sources.get(span.file as usize)?;
        let line = u32::try_from(source.line(span.start as usize)).unwrap_or(u32::MAX);
        Some(SourceRef { file: source.shared_path(), line })
    }

    /// Where the value at exactly this path stands, without falling back.
    pub fn locate_exact(&self, path: &[&str]) -> Option<Location> {
        self.get(path).and_then(|_| self.locate(path))
    }

    /// SHA-256 over the files' bytes in the order of their paths, as hexadecimal digits. The paths themselves do
    /// not count: a catalog that was moved is the same catalog.
    pub fn digest(&self) -> String {
        let mut files: Vec<_> = self.sources.iter().collect();
        files.sort_by_key(|source| source.path());
        let mut hash = Sha256::new();
        for source in files {
            hash.update((source.text().len() as u64).to_be_bytes());
            hash.update(source.text());
        }
        hash.finalize().iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// The deepest node on the path that exists, its key's span, and how many steps led there.
    fn walk(&self, path: &[&str]) -> (&Node, Option<Span>, usize) {
        let (mut node, mut span) = (&self.root, None);
        for (taken, key) in path.iter().enumerate() {
            match step(node, key) {
                Some((next, key)) => (node, span) = (next, key),
                None => return (node, span, taken),
            }
        }
        (node, span, path.len())
    }

    fn resolve(&self, span: Span) -> Option<Location> {
        let source = self.sources.get(span.file as usize)?;
        Some(Location::new(source, span.start as usize, span.end as usize))
    }
}

fn step<'a>(node: &'a Node, key: &str) -> Option<(&'a Node, Option<Span>)> {
    match &node.value {
        Value::Map(map) => map.get(key).map(|entry| (&entry.value, Some(entry.key.span))),
        Value::Seq(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item, Some(item.span))),
        _ => None,
    }
}

/// Adds a section of another file to the section of the same name. Keys that are then there twice are sorted out at
/// the end, because a catalog may have very many.
fn join(section: &mut Entry, other: Entry, sink: &mut Sink) {
    let name = section.key.text.clone();
    match (&mut section.value.value, other.value.value) {
        (Value::Map(map), Value::Map(more)) => {
            let mut entries = std::mem::take(map).into_entries();
            entries.extend(more.into_entries());
            *map = Map::unsettled(entries);
        }
        (_, Value::Null) => {}
        (value @ Value::Null, more) => {
            *value = more;
            section.key = other.key;
            section.value.span = other.value.span;
        }
        (value, more) => {
            let same = match (&*value, &more) {
                (Value::Plain(one) | Value::Quoted(one), Value::Plain(two) | Value::Quoted(two)) => one == two,
                _ => false,
            };
            if !same {
                let first = sink.locate(section.key.span);
                sink.push(
                    Finding::new(Code::Conflict, format!("`{name}` says something else in another file"))
                        .at(sink.locate(other.key.span))
                        .related(first, "the other one")
                        .help("say it in one file, or the same in all"),
                );
            }
        }
    }
}

/// Finds the addresses that were set twice. Lists under one key (`absent.plans`) are joined.
fn settle(section: &mut Entry, sink: &mut Sink) {
    let Value::Map(map) = &mut section.value.value else { return };
    let (mut settled, again) = Map::new(std::mem::take(map).into_entries());
    for (entry, first) in again {
        if let (Value::Seq(more), Some(Value::Seq(items))) =
            (&entry.value.value, settled.get_mut(&entry.key.text).map(|node| &mut node.value))
        {
            items.extend(more.iter().cloned());
            continue;
        }
        let first = sink.locate(first);
        sink.push(
            Finding::new(Code::SetTwice, format!("`{}.{}` is set twice", section.key.text, entry.key.text))
                .at(sink.locate(entry.key.span))
                .related(first, "it is set here first")
                .help("keep one of them"),
        );
    }
    *map = settled;
}
