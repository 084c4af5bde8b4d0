//! A text with its syntax tree: unlike the loader's tree, it knows aliases, merge keys, styles and comments, so that
//! a part can be changed and every other byte kept.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// The loader refuses deeper nesting too; walking the tree must stay safe whatever comes.
const DEEPEST: usize = 64;

/// A text and what stands where in it.
#[derive(Debug)]
pub(super) struct Syntax<'t> {
    pub text: &'t str,
    pub root: Node,
    /// Comments from `#` to the end of their line, in the order of the text.
    pub comments: Vec<Range<usize>>,
    /// How its lines end.
    pub newline: &'static str,
}

/// A value and its place in bytes.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its first byte, anchor and tag included.
    pub start: usize,
    /// Its first byte without them. For a block, the first key or dash.
    pub value: usize,
    /// The byte after it. For a block, the end of its last value.
    pub end: usize,
    pub anchor: Option<Box<str>>,
    pub tag: bool,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Not written, as after `key:`. Its place is behind the colon.
    Nothing,
    /// `*name`.
    Alias(Box<str>),
    Scalar {
        text: Box<str>,
        style: Style,
    },
    List {
        flow: bool,
        items: Vec<Item>,
    },
    Map {
        flow: bool,
        entries: Vec<Pair>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Where its dash stands; in a flow list, where it begins.
    pub dash: usize,
    pub node: Node,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub key: Node,
    pub value: Node,
}

impl Pair {
    /// The key's text; empty for a key that is no scalar.
    pub(super) fn name(&self) -> &str {
        match &self.key.kind {
            Kind::Scalar { text, .. } => text,
            _ => "",
        }
    }

    /// Whether this is `<<`.
    pub(super) fn is_merge(&self) -> bool {
        matches!(&self.key.kind, Kind::Scalar { text, style: Style::Plain } if &**text == "<<")
    }

    pub(super) fn start(&self) -> usize {
        self.key.start
    }

    pub(super) fn end(&self) -> usize {
        self.value.end.max(self.key.end)
    }
}

impl Node {
    /// Whether it is written in brackets or as a scalar: it needs no lines of its own.
    pub(super) fn is_block(&self) -> bool {
        matches!(self.kind, Kind::List { flow: false, .. } | Kind::Map { flow: false, .. })
    }

    /// The names of all anchors in here.
    pub(super) fn anchors<'n>(&'n self, out: &mut Vec<&'n str>) {
        self.visit(&mut |node| out.extend(node.anchor.as_deref()));
    }

    /// The names of all aliases in here.
    pub(super) fn aliases<'n>(&'n self, out: &mut Vec<&'n str>) {
        self.visit(&mut |node| {
            if let Kind::Alias(name) = &node.kind {
                out.push(name);
            }
        });
    }

    pub(super) fn visit<'n>(&'n self, see: &mut impl FnMut(&'n Node)) {
        see(self);
        match &self.kind {
            Kind::List { items, .. } => items.iter().for_each(|item| item.node.visit(see)),
            Kind::Map { entries, .. } => entries.iter().for_each(|entry| {
                entry.key.visit(see);
                entry.value.visit(see);
            }),
            _ => {}
        }
    }
}

/// Reads a text. The error says, in words, why its layout cannot be worked with.
pub(super) fn parse(text: &str) -> Result<Syntax<'_>, String> {
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = &text[base..];
    // The parser counts characters.
    let wide: Option<Vec<usize>> = (!text.is_ascii())
        .then(|| body.char_indices().map(|(at, _)| at + base).chain(std::iter::once(text.len())).collect());
    let byte = |index: usize| match &wide {
        Some(table) => table.get(index).copied().unwrap_or(text.len()),
        None => (index + base).min(text.len()),
    };
    let mut builder =
        Builder { text, cursor: base, frames: Vec::new(), root: None, names: HashMap::new(), tokens: Vec::new() };
    let mut documents = 0;
    for next in Parser::new_from_str(body) {
        let (event, span) = next.map_err(|why| format!("not valid YAML: {}", why.info()))?;
        let start = byte(span.start.index());
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                builder.scalar(&value, style, start, byte(span.end.index()), anchor, tag.is_some())?;
            }
            Event::SequenceStart(anchor, tag) => builder.open(true, start, anchor, tag.is_some())?,
            Event::MappingStart(anchor, tag) => builder.open(false, start, anchor, tag.is_some())?,
            Event::SequenceEnd | Event::MappingEnd => builder.close(start)?,
            Event::Alias(anchor) => {
                let name = builder.names.get(&anchor).cloned().ok_or("an alias of nothing")?;
                let end = start + 1 + name.len();
                builder.tokens.push(start..end);
                builder.cursor = end;
                let node = Node { start, value: start, end, anchor: None, tag: false, kind: Kind::Alias(name) };
                builder.done(node)?;
            }
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err("a second document in one file".into());
                }
            }
            _ => {}
        }
    }
    let root = builder.root.take().ok_or("the file says nothing")?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let comments = comments(text, base, &builder.tokens);
    Ok(Syntax { text, root, comments, newline })
}

/// Comments stand between tokens only.
fn comments(text: &str, base: usize, tokens: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = base;
    for token in tokens.iter().cloned().chain(std::iter::once(text.len()..text.len())) {
        let mut at = from;
        while at < token.start {
            let Some(hash) = text[at..token.start].find('#').map(|found| at + found) else { break };
            let free = hash == base || text[..hash].ends_with([' ', '\t', '\n', '\r']);
            if !free {
                at = hash + 1;
                continue;
            }
            let end = hash + text[hash..].find('\n').unwrap_or(text.len() - hash);
            let end = hash + text[hash..end].trim_end_matches('\r').len();
            out.push(hash..end);
            at = end;
        }
        from = token.end.max(from);
    }
    out
}

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

struct Builder<'t> {
    text: &'t str,
    /// The end of the last token.
    cursor: usize,
    frames: Vec<Frame>,
    root: Option<Node>,
    names: HashMap<usize, Box<str>>,
    tokens: Vec<Range<usize>>,
}

impl Builder<'_> {
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

    fn scalar(
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

    fn open(&mut self, list: bool, start: usize, anchor: usize, tag: bool) -> Result<(), String> {
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

    fn close(&mut self, start: usize) -> Result<(), String> {
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

impl Syntax<'_> {
    /// Where the line of a place begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line of a place ends, without its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if end > at && self.text[..end].ends_with('\r') { end - 1 } else { end }
    }

    /// Where the line after the one of a place begins; the end of the text for the last one.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// Characters before a place on its line.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].trim_start_matches('\u{feff}').chars().count()
    }

    /// The comment that begins at exactly this place.
    pub(super) fn comment_at(&self, at: usize) -> Option<&Range<usize>> {
        self.comments.binary_search_by_key(&at, |comment| comment.start).ok().map(|found| &self.comments[found])
    }

    /// The comments in a range.
    pub(super) fn comments_in(&self, range: Range<usize>) -> &[Range<usize>] {
        let from = self.comments.partition_point(|comment| comment.start < range.start);
        let to = self.comments.partition_point(|comment| comment.start < range.end);
        &self.comments[from..to.max(from)]
    }

    /// Whether the line that begins here holds nothing.
    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.text[line..self.line_end(line)].trim().is_empty()
    }

    /// The column of the comment on a line that holds nothing else.
    pub(super) fn comment_line(&self, line: usize) -> Option<usize> {
        let text = &self.text[line..self.line_end(line)];
        let indent = text.len() - text.trim_start().len();
        self.comment_at(line + indent).map(|_| indent)
    }

    /// Whether nothing but space stands before a place on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim_start_matches('\u{feff}').trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every scalar, alias and comment, as it stands in the text.
    fn tokens(text: &str) -> Vec<String> {
        let syntax = parse(text).unwrap();
        let mut out = Vec::new();
        syntax.root.visit(&mut |node| {
            if let Kind::Scalar { .. } | Kind::Alias(_) = node.kind {
                out.push(text[node.value..node.end].to_owned());
            }
        });
        out.extend(syntax.comments.iter().map(|comment| text[comment.clone()].to_owned()));
        out
    }

    #[test]
    fn every_token_is_found() {
        assert_eq!(
            tokens(
                "# é\na: &x\n  b: \"q # \\\" x\" # hi\nc: |- # head\n  text # not\n\n  more\n\n# c\nd: *x\ne: {f: 'it''s', g: } # z\n"
            ),
            [
                "a",
                "b",
                "\"q # \\\" x\"",
                "c",
                "|- # head\n  text # not\n\n  more",
                "d",
                "*x",
                "e",
                "f",
                "'it''s'",
                "g",
                "# é",
                "# hi",
                "# c",
                "# z"
            ]
        );
        assert_eq!(tokens("a: >+\n  x\n\n\nb: 1 #y"), ["a", ">+\n  x\n\n", "b", "1", "#y"]);
    }

    #[test]
    fn anchors_and_dashes() {
        let text = "a: &x !!map\n  b: 1\nc:\n- &y 1\n-   d: 2\nn: &z\nm:\n";
        let syntax = parse(text).unwrap();
        let Kind::Map { entries, .. } = &syntax.root.kind else { panic!() };
        assert_eq!(entries[0].value.anchor.as_deref(), Some("x"));
        assert_eq!((entries[0].value.start, entries[0].value.value), (3, 14));
        let Kind::List { items, .. } = &entries[1].value.kind else { panic!() };
        assert!(items.iter().all(|item| text[item.dash..].starts_with('-')));
        assert_eq!(entries[2].value.anchor.as_deref(), Some("z"));
        assert!(text[..entries[3].value.end].ends_with("m:"));
        assert!(parse("? a\n: b\n").is_err() && parse("[1]: b\n").is_err());
    }
}
