//! Parser events → nodes with their places.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::{Item, Kind, Node, Pair, Style};

/// The loader refuses deeper nesting too; walking the tree must stay safe whatever comes.
const DEEPEST: usize = 64;

struct Frame {
    start: usize,
    anchor: Option<Box<str>>,
    tag: bool,
    flow: bool,
    kind: Open,
}

enum Open {
    List(Vec<Item>),
    Map(Vec<Pair>, Option<Node>),
}

pub(super) struct Builder<'t> {
    text: &'t str,
    /// The end of the last token.
    cursor: usize,
    frames: Vec<Frame>,
    pub(super) root: Option<Node>,
    /// Anchors by the parser's numbers.
    names: HashMap<usize, Box<str>>,
    /// What is no comment: scalars, aliases, brackets.
    pub(super) tokens: Vec<Range<usize>>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, base: usize) -> Self {
        Self { text, cursor: base, frames: Vec::new(), root: None, names: HashMap::new(), tokens: Vec::new() }
    }

    pub(super) fn alias(&mut self, anchor: usize, start: usize) -> Result<(), String> {
        let name = self.names.get(&anchor).cloned().ok_or("an alias of nothing")?;
        let end = start + 1 + name.len();
        self.tokens.push(start..end);
        self.cursor = end;
        self.done(Node { start, value: start, end, anchor: None, tag: false, kind: Kind::Alias(name) })
    }

    /// Reads the anchor and the tag at a place: where the value begins, and the anchor's name.
    fn properties(&mut self, start: usize, anchor: usize, tag: bool) -> (usize, Option<Box<str>>) {
        let (mut at, mut name) = (start, None::<Box<str>>);
        if anchor == 0 && !tag {
            return (at, None);
        }
        loop {
            let rest = &self.text[at..];
            let Some(mark) = rest.chars().next().filter(|mark| "&!".contains(*mark)) else { break };
            let stop = |c: char| c.is_whitespace() || (mark == '&' && ",[]{}".contains(c));
            let length = rest.find(stop).unwrap_or(rest.len());
            if mark == '&' {
                name = Some(Box::from(&rest[1..length]));
            }
            let gap = rest[length..].len() - rest[length..].trim_start_matches([' ', '\t']).len();
            at += length + gap;
        }
        if let Some(name) = &name {
            self.names.insert(anchor, name.clone());
        }
        (at, name)
    }

    pub(super) fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        start: usize,
        end: usize,
        anchor: usize,
        tag: bool,
    ) -> Result<(), String> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let block = matches!(style, Style::Literal | Style::Folded);
        // The parser's place of a block of text is where its first line begins, not where its header stands.
        let start = if block {
            self.header(start, anchor != 0 || tag).ok_or("a block of text without a header")?
        } else {
            start
        };
        let (at, name) = self.properties(start, anchor, tag);
        if style == Style::Plain && value.is_empty() {
            let place = if anchor == 0 && !tag { self.after_colon() } else { at };
            let start = if anchor == 0 && !tag { place } else { start };
            self.cursor = self.cursor.max(place);
            let place = if anchor == 0 && !tag { place } else { self.text[..at].trim_end().len() };
            return self.done(Node { start, value: place, end: place, anchor: name, tag, kind: Kind::Nothing });
        }
        let end = match style {
            Style::Plain => at + self.text[at..end.max(at)].trim_end().len(),
            Style::Double | Style::Single => self.quoted(at).ok_or("a quote that is not closed")?,
            Style::Literal | Style::Folded => {
                let header = &self.text[at..self.line_end(at)];
                let keeps = header.split('#').next().is_some_and(|header| header.contains('+'));
                let whole = &self.text[at..end.max(at)];
                let kept = if keeps {
                    let lines = whole.trim_end_matches(' ');
                    lines.strip_suffix("\r\n").or(lines.strip_suffix('\n')).unwrap_or(lines)
                } else {
                    whole.trim_end()
                };
                at + kept.len().max(header.trim_end().len().min(whole.len()))
            }
        };
        self.tokens.push(at..end);
        self.cursor = end;
        self.done(Node { start, value: at, end, anchor: name, tag, kind: Kind::Scalar { text: value.into(), style } })
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found)
    }

    /// Where the header of a block of text stands, between the last token and its first line.
    fn header(&self, first: usize, properties: bool) -> Option<usize> {
        let mut at = self.cursor;
        while at < first.max(self.cursor + 1) && at < self.text.len() {
            let rest = &self.text[at..];
            let next = rest.chars().next()?;
            match next {
                '#' => at = self.line_end(at),
                '|' | '>' => return Some(at),
                '&' | '!' if properties => return Some(at),
                _ => at += next.len_utf8(),
            }
        }
        None
    }

    fn quoted(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let quote = *bytes.get(at)?;
        let mut place = at + 1;
        while place < bytes.len() {
            match bytes[place] {
                b'\\' if quote == b'"' => place += 1,
                byte if byte == quote => {
                    if quote == b'\'' && bytes.get(place + 1) == Some(&b'\'') {
                        place += 1;
                    } else {
                        return Some(place + 1);
                    }
                }
                _ => {}
            }
            place += 1;
        }
        None
    }

    /// Where a value that is not written would stand: behind the colon or the dash before it.
    fn after_colon(&self) -> usize {
        let rest = &self.text[self.cursor..];
        let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match rest[space..].chars().next() {
            Some(':') if matches!(self.frames.last(), Some(Frame { kind: Open::Map(_, Some(_)), .. })) => {
                self.cursor + space + 1
            }
            _ => self.cursor,
        }
    }

    pub(super) fn open(&mut self, list: bool, start: usize, anchor: usize, tag: bool) -> Result<(), String> {
        if self.frames.len() >= DEEPEST {
            return Err("nested too deeply".into());
        }
        let (at, anchor) = self.properties(start, anchor, tag);
        let flow = self.text[at..].starts_with(if list { '[' } else { '{' });
        if flow {
            self.tokens.push(at..at + 1);
            self.cursor = at + 1;
        }
        let kind = if list { Open::List(Vec::new()) } else { Open::Map(Vec::new(), None) };
        self.frames.push(Frame {
            start: if flow || anchor.is_some() || tag { start } else { usize::MAX },
            anchor,
            tag,
            flow,
            kind,
        });
        Ok(())
    }

    pub(super) fn close(&mut self, start: usize) -> Result<(), String> {
        let frame = self.frames.pop().ok_or("an end without a beginning")?;
        let (mut first, mut last) = match &frame.kind {
            Open::List(items) => {
                (items.first().map(|item| item.dash), items.last().map(|item| item.node.end.max(item.dash + 1)))
            }
            Open::Map(pairs, _) => (pairs.first().map(Pair::start), pairs.last().map(Pair::end)),
        };
        if frame.flow {
            let bracket = self.text.as_bytes().get(start);
            if !matches!(bracket, Some(b']' | b'}')) {
                return Err("a pair in a list without braces".into());
            }
            let end = start + 1;
            self.tokens.push(start..end);
            self.cursor = end;
            let opened = frame.start;
            first = Some(self.text[opened..].find(['[', '{']).map_or(opened, |found| opened + found));
            last = Some(end);
        }
        let (first, last) = (first.ok_or("an empty block")?, last.ok_or("an empty block")?);
        let kind = match frame.kind {
            Open::List(items) => Kind::List { flow: frame.flow, items },
            Open::Map(entries, _) => Kind::Map { flow: frame.flow, entries },
        };
        let start = if frame.start == usize::MAX { first } else { frame.start };
        self.done(Node { start, value: first, end: last, anchor: frame.anchor, tag: frame.tag, kind })
    }

    /// A node is complete: it goes into what is open, as a key, a value or an item.
    fn done(&mut self, node: Node) -> Result<(), String> {
        let text = self.text;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.kind {
            Open::List(items) => {
                let dash = if frame.flow {
                    node.start
                } else {
                    dash(text, &node).ok_or("a list whose dashes cannot be found")?
                };
                items.push(Item { dash, node });
            }
            Open::Map(pairs, pending) => match pending.take() {
                Some(key) => pairs.push(Pair { key, value: node }),
                None => {
                    if !matches!(node.kind, Kind::Scalar { .. }) {
                        return Err("a key that is no text".into());
                    }
                    if text[..node.start].trim_end_matches([' ', '\n', '\r']).ends_with('?') {
                        return Err("a key that is written with `?`".into());
                    }
                    *pending = Some(node);
                }
            },
        }
        Ok(())
    }
}

/// The dash before an item, which stands on the item's first line.
fn dash(text: &str, node: &Node) -> Option<usize> {
    let before = text[..node.start].trim_end_matches([' ', '\t']);
    before.ends_with('-').then(|| before.len() - 1)
}
