//! A text with its syntax tree: unlike the loader's tree, it knows aliases, merge keys, styles and comments, so that
//! a part can be changed and every other byte kept.

mod build;
mod lines;

use std::ops::Range;

use saphyr_parser::{Event, Parser};

use build::Builder;

/// A text and what stands where in it.
#[derive(Debug)]
pub(in crate::edit) struct Syntax<'t> {
    pub text: &'t str,
    pub root: Node,
    /// Comments from `#` to the end of their line, in the order of the text.
    pub comments: Vec<Range<usize>>,
    /// How its lines end.
    pub newline: &'static str,
}

/// A value and its place in bytes.
#[derive(Clone, Debug)]
pub(in crate::edit) struct Node {
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
pub(in crate::edit) enum Kind {
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
pub(in crate::edit) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(in crate::edit) struct Item {
    /// Where its dash stands; in a flow list, where it begins.
    pub dash: usize,
    pub node: Node,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(in crate::edit) struct Pair {
    pub key: Node,
    pub value: Node,
}

impl Pair {
    /// The key's text; empty for a key that is no scalar.
    pub(in crate::edit) fn name(&self) -> &str {
        match &self.key.kind {
            Kind::Scalar { text, .. } => text,
            _ => "",
        }
    }

    /// Whether this is `<<`.
    pub(in crate::edit) fn is_merge(&self) -> bool {
        matches!(&self.key.kind, Kind::Scalar { text, style: Style::Plain } if &**text == "<<")
    }

    pub(in crate::edit) fn start(&self) -> usize {
        self.key.start
    }

    pub(in crate::edit) fn end(&self) -> usize {
        self.value.end.max(self.key.end)
    }
}

impl Node {
    /// Whether it is written in brackets or as a scalar: it needs no lines of its own.
    pub(in crate::edit) fn is_block(&self) -> bool {
        matches!(self.kind, Kind::List { flow: false, .. } | Kind::Map { flow: false, .. })
    }

    /// The names of all anchors in here.
    pub(in crate::edit) fn anchors<'n>(&'n self, out: &mut Vec<&'n str>) {
        self.visit(&mut |node| out.extend(node.anchor.as_deref()));
    }

    /// The names of all aliases in here.
    pub(in crate::edit) fn aliases<'n>(&'n self, out: &mut Vec<&'n str>) {
        self.visit(&mut |node| {
            if let Kind::Alias(name) = &node.kind {
                out.push(name);
            }
        });
    }

    pub(in crate::edit) fn visit<'n>(&'n self, see: &mut impl FnMut(&'n Node)) {
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
pub(in crate::edit) fn parse(text: &str) -> Result<Syntax<'_>, String> {
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = &text[base..];
    // The parser counts characters.
    let wide: Option<Vec<usize>> = (!text.is_ascii())
        .then(|| body.char_indices().map(|(at, _)| at + base).chain(std::iter::once(text.len())).collect());
    let byte = |index: usize| match &wide {
        Some(table) => table.get(index).copied().unwrap_or(text.len()),
        None => (index + base).min(text.len()),
    };
    let mut builder = Builder::new(text, base);
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
            Event::Alias(anchor) => builder.alias(anchor, start)?,
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
