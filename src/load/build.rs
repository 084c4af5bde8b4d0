//! Text → parser events → tree.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::node::{Entry, Key, Map, Node, Value};
use super::offsets::Offsets;
use super::scalar;
use crate::diagnostic::{Code, Finding, Sink, Source, Span};

/// Nothing in a catalog is nested this deeply; a hostile file is, and recursion over it must stay safe.
pub(super) const DEEPEST: usize = 64;
/// Nodes that aliases may add to one file.
const ALIAS_BUDGET: usize = 500_000;

/// Keys of one map that are reported as standing there twice; nobody reads more.
const MOST_DUPLICATES: usize = 1_000;

/// Less text than this is read by one thread: others would not be quicker.
const WORTH_A_THREAD: usize = 128 * 1024;

/// Reads files, on all processors where there is much to read. Their findings stand in the order of the files.
pub(super) fn all(files: &[(u32, Arc<Source>)], sink: &mut Sink) -> Vec<Node> {
    let size: usize = files.iter().map(|(_, source)| source.text().len()).sum();
    let most = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = most.min(files.len()).min(size / WORTH_A_THREAD);
    if threads < 2 {
        return files.iter().filter_map(|(file, source)| build(*file, source.text(), sink)).collect();
    }
    let next = AtomicUsize::new(0);
    let sources = sink.sources();
    let work = || {
        let mut read = Vec::new();
        while let Some((at, (file, source))) =
            Some(next.fetch_add(1, Relaxed)).and_then(|at| Some((at, files.get(at)?)))
        {
            let mut found = Sink::with_sources(sources);
            let root = build(*file, source.text(), &mut found);
            read.push((at, root, found));
        }
        read
    };
    let mut read = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        for other in others {
            match other.join() {
                Ok(more) => read.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        read
    });
    read.sort_unstable_by_key(|(at, ..)| *at);
    let built = read.into_iter().filter_map(|(_, root, found)| {
        sink.append(found);
        root
    });
    built.collect()
}

/// Reads one file. Problems become findings; `None` if there is nothing that could be worked with.
pub(super) fn build(file: u32, text: &str, sink: &mut Sink) -> Option<Node> {
    let mut builder = Builder {
        text,
        offsets: Offsets::new(file, text),
        sink,
        frames: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        budget: ALIAS_BUDGET,
    };
    builder.printable()?;
    builder.events()?;
    builder.finish(file)
}

/// A container that is not closed yet.
struct Frame {
    start: u32,
    end: u32,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    Seq(Vec<Node>),
    Map { entries: Vec<Entry>, merged: Vec<Node>, key: Pending },
}

/// What a map waits for.
enum Pending {
    Key,
    Value(Key),
    /// The value of `<<`.
    Merge,
    /// The value of a key that was refused.
    Dropped,
}

struct Anchored {
    node: Node,
    nodes: usize,
    depth: usize,
}

struct Builder<'a, 's> {
    text: &'a str,
    offsets: Offsets<'a>,
    sink: &'s mut Sink,
    frames: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    budget: usize,
}

impl<'a> Builder<'a, '_> {
    fn fail(&mut self, span: Span, finding: Finding) {
        let location = self.sink.locate(span);
        self.sink.push(finding.at(location));
    }

    /// The parser would stop at a NUL as at the end of the file, so these are looked for first.
    fn printable(&mut self) -> Option<()> {
        let bad = |byte: &u8| (*byte < 0x20 && !b"\t\n\r".contains(byte)) || *byte == 0x7f;
        let Some(at) = self.text.bytes().position(|byte| bad(&byte)) else { return Some(()) };
        let byte = self.text.as_bytes()[at];
        let name = if byte == 0 { "a NUL byte".to_owned() } else { format!("the control character 0x{byte:02x}") };
        let span = self.offsets.bytes(at, at + 1);
        self.fail(span, Finding::new(Code::ControlCharacter, format!("{name} in the text")).help("delete it"));
        None
    }

    fn events(&mut self) -> Option<()> {
        let body = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let mut parser = Parser::new_from_str(body);
        let mut documents = 0;
        while let Some(next) = parser.next_event() {
            let (event, at) = match next {
                Ok(event) => event,
                Err(error) => {
                    self.syntax(&error);
                    return None;
                }
            };
            let span = self.offsets.span(at);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(&text, style, tag.as_deref(), span);
                    let span = if anchor != 0 || tag.is_some() { self.without_properties(span) } else { span };
                    self.done(Node { span, value }, anchor);
                }
                Event::SequenceStart(anchor, tag) => {
                    self.open(span, anchor, tag.as_deref(), Kind::Seq(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    let kind = Kind::Map { entries: Vec::new(), merged: Vec::new(), key: Pending::Key };
                    self.open(span, anchor, tag.as_deref(), kind)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(span),
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let finding = Finding::new(Code::SeveralDocuments, "a second document begins here");
                        self.fail(
                            span,
                            finding.help("put it into a file of its own; the files of a folder are merged"),
                        );
                        return None;
                    }
                }
                Event::StreamEnd => break,
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            }
        }
        Some(())
    }

    fn finish(&mut self, file: u32) -> Option<Node> {
        let top = Span { file, start: 0, end: 0 };
        let finding = match self.root.take() {
            Some(root) if matches!(root.value, Value::Map(_)) => return Some(root),
            None | Some(Node { value: Value::Null, .. }) => {
                let what = if self.text.trim().is_empty() { "the file is empty" } else { "the file says nothing" };
                self.fail(
                    top,
                    Finding::new(Code::Empty, what).help("remove it, or write what it is for: `provider: ...`"),
                );
                return None;
            }
            Some(root) => {
                let found = root.kind();
                let span = Span { end: root.span.end.min(root.span.start + 1), ..root.span };
                (span, Finding::new(Code::NotAMap, format!("expected a map at the top level, found {found}")))
            }
        };
        self.fail(finding.0, finding.1.help("begin with keys such as `provider:` or `plans:`"));
        None
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        let mut plain = style == ScalarStyle::Plain;
        if let Some(tag) = tag {
            self.tag(tag, span);
            plain &= !(tag.is_yaml_core_schema() && tag.suffix == "str");
        }
        match text {
            _ if !plain => Value::Quoted(text.into()),
            _ if scalar::is_null(text) => Value::Null,
            _ => Value::Plain(text.into()),
        }
    }

    fn tag(&mut self, tag: &Tag, span: Span) {
        let known = ["str", "int", "float", "bool", "null", "map", "seq"];
        if !(tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str())) {
            let finding = Finding::new(Code::CustomTag, format!("the tag `{tag}` has no meaning here"));
            self.fail(span, finding.help("write the value without the tag"));
        }
    }

    fn open(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, kind: Kind) -> Option<()> {
        if let Some(tag) = tag {
            self.tag(tag, span);
        }
        if self.frames.len() >= DEEPEST {
            self.too_deep(span);
            return None;
        }
        let span = if anchor != 0 || tag.is_some() { self.without_properties(span) } else { span };
        self.frames.push(Frame { start: span.start, end: span.end, anchor, kind });
        Some(())
    }

    /// The span of a value whose span begins with its anchor (`&name`) or tag (`!!str`).
    fn without_properties(&self, span: Span) -> Span {
        let rest = |start: u32| self.text.get(start as usize..).unwrap_or_default();
        let mut start = span.start;
        while rest(start).starts_with(['&', '!']) {
            let Some(length) = rest(start).find(|char: char| char.is_whitespace()) else { return span };
            let Some(gap) = rest(start)[length..].find(|char: char| char != ' ') else { return span };
            start += u32::try_from(length + gap).unwrap_or_default();
        }
        // The value is on another line, or there is none.
        if rest(start).starts_with(['\r', '\n', '#']) { span } else { Span { start, end: span.end.max(start), ..span } }
    }

    fn too_deep(&mut self, span: Span) {
        let finding = Finding::new(Code::TooDeep, format!("nested more than {DEEPEST} levels deep"));
        self.fail(span, finding.help("is a bracket not closed?"));
    }

    fn close(&mut self, end: Span) {
        let Some(frame) = self.frames.pop() else { return };
        // A block has no end of its own; the parser reports it where the next thing begins.
        let flow = self.text.as_bytes().get(frame.start as usize).is_some_and(|byte| b"[{".contains(byte));
        let span = Span { file: end.file, start: frame.start, end: if flow { end.end } else { frame.end } };
        let value = match frame.kind {
            Kind::Seq(items) => Value::Seq(items),
            Kind::Map { entries, merged, .. } => {
                let (map, again) = Map::new(entries);
                for (entry, first) in again.into_iter().take(MOST_DUPLICATES) {
                    let first = self.sink.locate(first);
                    let finding = Finding::new(
                        Code::DuplicateKey,
                        format!("the key `{}` stands twice in this map", entry.key.text),
                    )
                    .related(first, "it stands here first")
                    .help("keep one of them");
                    self.fail(entry.key.span, finding);
                }
                Value::Map(self.merge(map, merged))
            }
        };
        self.done(Node { span, value }, frame.anchor);
    }

    /// Adds the fields of merged maps that the map does not set itself.
    fn merge(&mut self, map: Map, merged: Vec<Node>) -> Map {
        if merged.is_empty() {
            return map;
        }
        let mut seen: HashSet<Box<str>> = map.keys().map(Into::into).collect();
        let mut entries = map.into_entries();
        for node in merged {
            let span = node.span;
            let maps = match node.value {
                Value::Map(map) => vec![Value::Map(map)],
                Value::Seq(items) => items.into_iter().map(|item| item.value).collect(),
                other => vec![other],
            };
            for value in maps {
                let Value::Map(map) = value else {
                    let finding = Finding::new(Code::BadMerge, "`<<` takes a map or a list of maps");
                    self.fail(span, finding.help("write it like `<<: *anchor`"));
                    continue;
                };
                entries.extend(map.into_entries().into_iter().filter(|entry| seen.insert(entry.key.text.clone())));
            }
        }
        Map::new(entries).0
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Option<()> {
        let Some(found) = self.anchors.get(&anchor) else {
            let finding = Finding::new(Code::BadAlias, "this alias stands inside the value that it repeats");
            self.fail(span, finding);
            return None;
        };
        let (nodes, depth) = (found.nodes, found.depth);
        if self.frames.len() + depth > DEEPEST {
            self.too_deep(span);
            return None;
        }
        let Some(left) = self.budget.checked_sub(nodes) else {
            let finding = Finding::new(Code::AliasBomb, "aliases of aliases make this file too large");
            self.fail(span, finding.help("write the values out, or repeat less"));
            return None;
        };
        self.budget = left;
        let node = found.node.clone();
        self.done(node, 0);
        // The container that holds the alias ends after it, not where the anchor was.
        if let Some(frame) = self.frames.last_mut() {
            frame.end = frame.end.max(span.end);
        }
        Some(())
    }

    /// A node is complete: it goes into what is open, as a key, a value or an item.
    fn done(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let (nodes, depth) = measure(&node);
            // An anchor holds a copy, so anchors inside anchors are paid for like aliases.
            if let Some(left) = self.budget.checked_sub(nodes) {
                self.budget = left;
                self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, depth });
            }
        }
        let span = node.span;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.end = frame.end.max(span.end);
        let (entries, merged, key) = match &mut frame.kind {
            Kind::Seq(items) => return items.push(node),
            Kind::Map { entries, merged, key } => (entries, merged, key),
        };
        match std::mem::replace(key, Pending::Key) {
            Pending::Value(key) => entries.push(Entry { key, value: node }),
            Pending::Merge => merged.push(node),
            Pending::Dropped => {}
            Pending::Key => match node.value {
                Value::Plain(text) if &*text == "<<" => *key = Pending::Merge,
                Value::Plain(text) | Value::Quoted(text) if !text.is_empty() => {
                    *key = Pending::Value(Key { text, span });
                }
                _ => {
                    *key = Pending::Dropped;
                    let found = node.kind();
                    let found = if found == "text" { "an empty text" } else { found };
                    self.fail(span, Finding::new(Code::BadKey, format!("expected text as a key, found {found}")));
                }
            },
        }
    }

    fn syntax(&mut self, error: &ScanError) {
        let at = self.offsets.byte(error.marker().index());
        let span = self.offsets.bytes(at, at + 1);
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let indent = self.text[line..].chars().take_while(|char| char.is_whitespace() && *char != '\n');
        let tab = self.text[at..].starts_with('\t') || indent.clone().any(|char| char == '\t');
        if tab {
            let column = self.text[line..].find('\t').map_or(at, |tab| line + tab);
            let finding = Finding::new(Code::Tab, "a tab in the indentation");
            let span = self.offsets.bytes(column, column + 1);
            return self.fail(span, finding.help("indent with spaces; YAML takes no tabs there"));
        }
        let info = error.info();
        if info.contains("unknown anchor") {
            let finding = Finding::new(Code::BadAlias, "this alias has no anchor above it");
            return self.fail(span, finding.help("write `&name` before the value that `*name` repeats"));
        }
        if info.contains("recursion limit") {
            return self.too_deep(span);
        }
        // At the end of the file nothing can be marked, so the last thing before it is.
        let before = self.text[..at].trim_end();
        let span = match before.char_indices().last() {
            Some((last, _)) if self.text[at..].trim().is_empty() => self.offsets.bytes(last, before.len()),
            _ => span,
        };
        let info = if info.contains("simple key expect ':'") { "a key without its colon" } else { info };
        let finding = Finding::new(Code::Syntax, format!("not valid YAML: {info}"));
        self.fail(span, finding.help("look for a missing quote, colon or bracket, here or on the line before"));
    }
}

/// How many nodes a value has, and how deeply it is nested.
fn measure(node: &Node) -> (usize, usize) {
    let under = |(nodes, depth): (usize, usize), (more, deeper): (usize, usize)| (nodes + more, depth.max(deeper + 1));
    match &node.value {
        Value::Seq(items) => items.iter().map(measure).fold((1, 1), under),
        Value::Map(map) => map.entries().iter().map(|entry| measure(&entry.value)).fold((1, 1), under),
        _ => (1, 0),
    }
}
