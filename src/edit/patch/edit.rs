//! One value against what it should say, with the least edit that makes it so.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use rust_decimal::Decimal;

use crate::edit::emit;
use crate::edit::language::Shape;
use crate::edit::patch::place::{Edit, Part};
use crate::edit::quote::Place;
use crate::edit::syntax::{Kind, Node, Style, Syntax};
use crate::edit::text;
use crate::edit::tree::{Entry, Map, Scalar, Tree};

/// The error says, in words, why a person has to make the edit.
pub(super) type Result<T> = std::result::Result<T, Cow<'static, str>>;

/// Edits one file.
#[derive(Debug)]
pub(super) struct Editor<'s> {
    pub syntax: &'s Syntax<'s>,
    pub how: How,
}

/// How far an edit may go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// Whether values that come through an alias or a merged map are changed where they are used. First the others
    /// are: an alias may then say the right thing by itself.
    pub through_aliases: bool,
    /// From which depth on defaults that are written out go where something else changes: beside other values they may
    /// be wrong.
    pub tidy: Option<usize>,
    /// Whether `null` is written where something should go that does not stand there: it comes from `defaults:`.
    pub nulls: bool,
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The column of its key or dash.
    pub column: usize,
    /// Whether that is in brackets.
    pub flow: bool,
    /// The end of its key; nothing for an item of a list.
    pub key_end: Option<usize>,
    /// For people.
    pub path: String,
}

impl Editor<'_> {
    /// Edits a value. `old` is what it says now, if that was written down.
    pub(super) fn value(
        &self,
        shape: Shape<'_>,
        node: &Node,
        old: Option<&Tree>,
        new: &Tree,
        spot: &Spot,
    ) -> Result<Vec<Edit>> {
        if old.is_some_and(|old| same(old, new)) {
            return Ok(Vec::new());
        }
        if let Kind::Alias(name) = &node.kind {
            return if self.how.through_aliases { self.alias(node, name, old, new, spot) } else { Ok(Vec::new()) };
        }
        let short = shape.short();
        if let (Some(field), Kind::Scalar { text, style }) = (short, &node.kind) {
            let mut wanted = long(new, field);
            if self.how.nulls {
                // A default of the catalog is still there: it is taken away here.
                let gone = old.into_iter().flat_map(|old| long(old, field).entries);
                for entry in
                    gone.filter(|entry| entry.key != field && wanted.get(&entry.key).is_none()).collect::<Vec<_>>()
                {
                    wanted.put(entry.key, Tree::plain("null"));
                }
            }
            let mut edit = self.lengthen(node, text, *style, field, &wanted, spot);
            edit.text = self.with_comment(node, edit.text);
            return Ok(vec![edit]);
        }
        let (old, new) = match short {
            Some(field) => {
                (old.map(|old| Cow::Owned(Tree::Map(long(old, field)))), Cow::Owned(Tree::Map(long(new, field))))
            }
            None => (old.map(Cow::Borrowed), Cow::Borrowed(new)),
        };
        let nothing = (Map::default(), Vec::new());
        match (&node.kind, &*new) {
            (Kind::Scalar { text, style }, Tree::Scalar(scalar)) => {
                let is_number = matches!(old.as_deref(), Some(Tree::Scalar(Scalar::Plain(_))));
                let style = plain_unless(*style, scalar, is_number);
                let text = self.restyle(node, text, style, scalar, spot);
                Ok(vec![Edit { range: node.value..node.end, text: self.with_comment(node, text) }])
            }
            (Kind::Map { flow: false, .. }, Tree::Map(new)) if new.entries.is_empty() => {
                self.replace(node, &Tree::Map(Map::default()), spot)
            }
            (Kind::List { flow: false, .. }, Tree::List(new)) if new.is_empty() => {
                self.replace(node, &Tree::List(Vec::new()), spot)
            }
            (Kind::Map { .. }, Tree::Map(new)) => {
                let old = match old.as_deref() {
                    Some(Tree::Map(old)) => old,
                    _ => &nothing.0,
                };
                self.map(shape, node, old, new, spot)
            }
            (Kind::List { .. }, Tree::List(new)) => {
                let old = match old.as_deref() {
                    Some(Tree::List(old)) => old,
                    _ => &nothing.1,
                };
                self.list(shape, node, old, new, spot)
            }
            _ => self.replace(node, &new, spot),
        }
    }

    /// A block of text can have its comment behind its header.
    fn with_comment(&self, node: &Node, mut text: String) -> String {
        let header = &self.syntax.text[node.value..self.syntax.line_end(node.value).min(node.end)];
        if let (Kind::Scalar { style: Style::Literal | Style::Folded, .. }, Some(at)) = (&node.kind, header.find(" #"))
        {
            let end = text.find(['\r', '\n']).unwrap_or(text.len());
            text.insert_str(end, &header[header[..at].trim_end().len()..]);
        }
        text
    }

    fn restyle(&self, node: &Node, old: &str, style: Style, new: &Scalar, spot: &Spot) -> String {
        let place = if spot.flow { Place::Flow } else { Place::Block };
        // The lines of a block of text begin where they began.
        let next = self.syntax.next_line(node.value);
        let indent = self.syntax.text[next.min(node.end)..node.end]
            .lines()
            .find(|line| !line.trim().is_empty())
            .map_or(spot.column + 2, |line| line.len() - line.trim_start().len());
        text::restyle(old, style, new, place, indent.max(spot.column + 1), self.syntax.newline)
    }

    /// `49.00` becomes `59.00`, or `{ amount: 49.00, trial_days: 14 }` when more has to be said.
    fn lengthen(&self, node: &Node, old: &str, style: Style, field: &str, new: &Map, spot: &Spot) -> Edit {
        let range = node.value..node.end;
        let own = |scalar: &Scalar, flow: bool| {
            let unchanged =
                text_of(scalar) == old || number(text_of(scalar)).is_some_and(|new| number(old) == Some(new));
            if unchanged {
                return self.syntax.text[range.clone()].to_owned();
            }
            self.restyle(node, old, style, scalar, &Spot { flow: flow || spot.flow, ..spot.clone() })
        };
        if let ([Entry { key, value: Tree::Scalar(scalar), .. }], true) = (&new.entries[..], new.entries.len() == 1)
            && key == field
        {
            return Edit { text: own(scalar, false), range };
        }
        let entries: Vec<String> = new
            .entries
            .iter()
            .map(|entry| match &entry.value {
                Tree::Scalar(scalar) if entry.key == field => format!("{field}: {}", own(scalar, true)),
                value => emit::pair(&entry.key, value),
            })
            .collect();
        Edit { text: format!("{{ {} }}", entries.join(", ")), range }
    }

    /// Writes a value anew.
    fn replace(&self, node: &Node, new: &Tree, spot: &Spot) -> Result<Vec<Edit>> {
        let syntax = self.syntax;
        let lines = match (spot.key_end, spot.flow) {
            (Some(_), false) => {
                let mut holder = Map::default();
                holder.put("x", new.clone());
                holder.entries.iter().flat_map(|entry| emit::entry(entry, spot.column, None)).collect()
            }
            _ => vec![format!("x: {}", emit::flow(new))],
        };
        let first =
            lines.first().and_then(|line| line.trim_start().strip_prefix("x:")).unwrap_or_default().trim_start();
        let rest: String = lines.iter().skip(1).map(|line| format!("{}{line}", syntax.newline)).collect();
        let Some(key_end) = spot.key_end else {
            return Ok(vec![Edit { range: node.value..node.end, text: first.to_owned() }]);
        };
        let colon = syntax.text[key_end..].find(':').map_or(key_end, |found| key_end + found + 1);
        if node.is_block() {
            let line = syntax.line_end(colon);
            let mut edits = vec![Edit::delete(line..syntax.tail(Part { start: key_end, end: node.end }))];
            if !first.is_empty() {
                edits.push(Edit::insert(colon, format!(" {first}")));
            }
            edits.push(Edit::insert(line, rest));
            return Ok(edits);
        }
        if rest.is_empty() {
            let space = if syntax.text[..node.start].ends_with(':') { " " } else { "" };
            let text = self.with_comment(node, format!("{space}{first}"));
            return Ok(vec![Edit { range: node.start..node.end, text }]);
        }
        Ok(vec![Edit::delete(self.up_to_comment(colon, node)), Edit::insert(syntax.line_end(node.end), rest)])
    }

    /// A value that leaves the line of its key: with the space before it, or that before the comment behind it.
    fn up_to_comment(&self, colon: usize, node: &Node) -> Range<usize> {
        let rest = &self.syntax.text[node.end..self.syntax.line_end(node.end)];
        match rest.find('#') {
            Some(comment) => node.start..node.end + comment,
            None => colon..node.end + rest.len(),
        }
    }

    /// A value that is an alias is changed here only. Of a map, what differs is said beside it; anything else takes
    /// the alias's place.
    fn alias(&self, node: &Node, name: &str, old: Option<&Tree>, new: &Tree, spot: &Spot) -> Result<Vec<Edit>> {
        let (Some(Tree::Map(old)), Tree::Map(new), Some(key_end)) = (old, new, spot.key_end) else {
            return self.replace(node, new, spot);
        };
        if old.entries.iter().any(|entry| new.get(&entry.key).is_none()) {
            return self.replace(node, &Tree::Map(new.clone()), spot);
        }
        let own: Vec<&Entry> = new
            .entries
            .iter()
            .filter(|entry| !old.get(&entry.key).is_some_and(|before| same(before, &entry.value)))
            .collect();
        if spot.flow {
            let own: Vec<String> = own.iter().map(|entry| emit::pair(&entry.key, &entry.value)).collect();
            let text = format!("{{ <<: *{name}, {} }}", own.join(", "));
            return Ok(vec![Edit { range: node.start..node.end, text }]);
        }
        let syntax = self.syntax;
        let column = spot.column + 2;
        let mut text = format!("{}{}<<: *{name}", syntax.newline, " ".repeat(column));
        for line in own.into_iter().flat_map(|entry| emit::entry(entry, column, None)) {
            text.push_str(syntax.newline);
            text.push_str(&line);
        }
        let colon = syntax.text[key_end..].find(':').map_or(key_end, |found| key_end + found + 1);
        Ok(vec![Edit::delete(self.up_to_comment(colon, node)), Edit::insert(syntax.line_end(node.end), text)])
    }
}

/// Only a number that was one in quotes already can stay in them: in the user's own data it would be a text.
fn plain_unless(style: Style, new: &Scalar, was_number: bool) -> Style {
    match (new, style) {
        (Scalar::Plain(_), Style::Single | Style::Double) if !was_number => Style::Plain,
        _ => style,
    }
}

/// A short form in its long form.
pub(super) fn long(tree: &Tree, field: &str) -> Map {
    match tree {
        Tree::Map(map) => map.clone(),
        other => {
            let mut map = Map::default();
            map.put(field, other.clone());
            map
        }
    }
}

fn text_of(scalar: &Scalar) -> &str {
    match scalar {
        Scalar::Plain(text) | Scalar::Text(text) => text,
    }
}

fn number(text: &str) -> Option<Decimal> {
    text.trim_end_matches('%').parse().ok()
}

/// Whether two trees say the same; how they are laid out says nothing.
pub(super) fn same(one: &Tree, other: &Tree) -> bool {
    match (one, other) {
        (Tree::Scalar(one), Tree::Scalar(other)) => one == other,
        (Tree::List(one), Tree::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Tree::Map(one), Tree::Map(other)) if one.entries.len() == other.entries.len() => {
            let by_key: BTreeMap<&str, &Tree> =
                other.entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
            one.entries
                .iter()
                .all(|entry| by_key.get(entry.key.as_str()).is_some_and(|value| same(&entry.value, value)))
        }
        _ => false,
    }
}

/// Whether a node in a file may be what a tree says: how numbers are written and what is left out does not count.
pub(super) fn like(node: &Node, tree: &Tree) -> bool {
    match (&node.kind, tree) {
        (Kind::Scalar { text, .. }, Tree::Scalar(scalar)) => {
            let wanted = text_of(scalar);
            &**text == wanted || number(text).is_some_and(|one| number(wanted) == Some(one))
        }
        (Kind::Map { entries, .. }, Tree::Map(map)) => map.entries.iter().all(|entry| {
            entries.iter().find(|pair| pair.name() == entry.key).is_some_and(|pair| like(&pair.value, &entry.value))
        }),
        (Kind::List { items, .. }, Tree::List(trees)) => {
            items.len() == trees.len() && items.iter().zip(trees).all(|(item, tree)| like(&item.node, tree))
        }
        _ => false,
    }
}
