//! A map against what it should say.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::edit::emit;
use crate::edit::language::{Language, Shape};
use crate::edit::patch::edit::{Editor, Result, Spot, same};
use crate::edit::patch::flow::{Flow, Segment};
use crate::edit::patch::place::{Edit, Part, apply};
use crate::edit::syntax::{Kind, Node, Pair};
use crate::edit::tree::{Entry, Layout, Map, Tree};

/// What must happen to the entries of one map.
struct Work<'w> {
    /// By place in the file: whether an entry goes.
    gone: Vec<bool>,
    /// By place in the file: the edits inside an entry that stays.
    inside: Vec<Vec<Edit>>,
    /// Entries that are not there yet, in canonical order.
    added: Vec<Cow<'w, Entry>>,
}

impl Editor<'_> {
    /// Edits a map. `old` is what it says now, merged maps included.
    pub(super) fn map(&self, shape: Shape<'_>, node: &Node, old: &Map, new: &Map, spot: &Spot) -> Result<Vec<Edit>> {
        let Kind::Map { flow, entries } = &node.kind else { return Ok(Vec::new()) };
        let order = Order::of(shape, new);
        let work = self.work(shape, entries, old, new, spot, *flow, &order)?;
        let structural = work.gone.iter().any(|gone| *gone) || !work.added.is_empty();
        if !structural {
            return Ok(work.inside.into_iter().flatten().collect());
        }
        if *flow {
            self.flow_map(node, entries, work, &order)
        } else {
            self.block_map(shape, entries, work, &order, spot)
        }
    }

    #[allow(clippy::too_many_arguments, reason = "all of it is one step")]
    fn work<'w>(
        &self,
        shape: Shape<'_>,
        entries: &[Pair],
        old: &Map,
        new: &'w Map,
        spot: &Spot,
        flow: bool,
        order: &Order<'_>,
    ) -> Result<Work<'w>> {
        let places: HashMap<&str, usize> = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.is_merge())
            .map(|(at, entry)| (entry.name(), at))
            .collect();
        let own = |key: &str| places.get(key).copied();
        let (said, wanted) = (by_key(old), by_key(new));
        let merges = entries.iter().any(Pair::is_merge);
        let mut work =
            Work { gone: vec![false; entries.len()], inside: vec![Vec::new(); entries.len()], added: Vec::new() };
        let mut written_out = false;
        for entry in old.entries.iter().filter(|entry| !wanted.contains_key(entry.key.as_str())) {
            match own(&entry.key) {
                Some(at) => work.gone[at] = true,
                // Nothing can be said to be missing beside a merged map, so that map is written out.
                None if merges && self.how.through_aliases => written_out = true,
                // It comes from the catalog's defaults.
                None if self.how.through_aliases && !spot.path.is_empty() => {
                    work.added.push(Cow::Owned(Entry { value: Tree::plain("null"), ..entry.clone() }))
                }
                None => {}
            }
        }
        let direct = |entry: &Entry| {
            let scalar = matches!(entry.value, Tree::Scalar(_));
            scalar && !said.get(entry.key.as_str()).is_some_and(|before| same(before, &entry.value))
        };
        let tidy = self.how.tidy.is_some_and(|depth| spot.path.matches('.').count() >= depth);
        if tidy && !shape.order().is_empty() && !spot.path.is_empty() && new.entries.iter().any(direct) {
            for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| !entry.is_merge()) {
                let name = entry.name();
                work.gone[at] |=
                    !said.contains_key(name) && !wanted.contains_key(name) && !Language::is_about_managing(name);
            }
        }
        if written_out {
            for (at, _) in entries.iter().enumerate().filter(|(_, entry)| entry.is_merge()) {
                work.gone[at] = true;
            }
        }
        for entry in &new.entries {
            let before = said.get(entry.key.as_str()).copied();
            let differs = !before.is_some_and(|before| same(before, &entry.value));
            match own(&entry.key) {
                Some(at) if differs => {
                    let pair = &entries[at];
                    let inner = Spot {
                        column: self.syntax.column(pair.start()),
                        flow,
                        key_end: Some(pair.key.end),
                        path: format!("{}.{}", spot.path, entry.key),
                    };
                    work.inside[at] = self.value(shape.child(&entry.key), &pair.value, before, &entry.value, &inner)?;
                }
                Some(_) => {}
                None if written_out => work.added.push(Cow::Borrowed(entry)),
                // What comes through a merged map may follow when that map is edited; what then still differs is
                // overridden here.
                None if differs && (before.is_none() || !merges || self.how.through_aliases) => {
                    work.added.push(Cow::Borrowed(entry));
                }
                None => {}
            }
        }
        work.added.sort_by_key(|entry| order.rank(&entry.key));
        Ok(work)
    }

    fn flow_map(&self, node: &Node, entries: &[Pair], work: Work<'_>, order: &Order<'_>) -> Result<Vec<Edit>> {
        let parts: Vec<_> = entries
            .iter()
            .zip(&work.inside)
            .map(|(entry, edits)| (entry.start()..entry.end(), edits.clone()))
            .collect();
        let mut flow = Flow::split(self.syntax, node, &parts).ok_or("brackets that are laid out unusually")?;
        let mut keys: Vec<Option<&str>> =
            entries.iter().map(|entry| (!entry.is_merge()).then(|| entry.name())).collect();
        for at in (0..entries.len()).rev().filter(|at| work.gone[*at]) {
            flow.segments.remove(at);
            keys.remove(at);
        }
        for entry in &work.added {
            let Entry { key, value, .. } = &**entry;
            let at = match neighbour(&keys, order, key) {
                Neighbour::After(at) => at + 1,
                Neighbour::Before(at) => at,
                Neighbour::Alone => keys.len(),
            };
            flow.segments.insert(at, Segment::new(emit::pair(key, value)));
            keys.insert(at, Some(key));
        }
        Ok(vec![flow.join(self.syntax)])
    }

    fn block_map(
        &self,
        shape: Shape<'_>,
        entries: &[Pair],
        work: Work<'_>,
        order: &Order<'_>,
        spot: &Spot,
    ) -> Result<Vec<Edit>> {
        let syntax = self.syntax;
        let part = |at: usize| Part { start: entries[at].start(), end: entries[at].end() };
        let kept: Vec<usize> = (0..entries.len()).filter(|at| !work.gone[*at]).collect();
        let column = entries.first().map_or(0, |entry| syntax.column(entry.start()));
        let is_section = spot.path.matches('.').count() == 1;
        let layout = if spot.path.is_empty() { Some(Layout::Block) } else { layout(shape, entries, &kept) };
        let apart = self.are_apart(entries, &kept, spot.path.is_empty());
        let aligned = self.aligned(entries, &kept);
        let keys: Vec<Option<&str>> = entries
            .iter()
            .zip(&work.gone)
            .map(|(entry, gone)| (!gone && !entry.is_merge()).then(|| entry.name()))
            .collect();
        let render = |entry: &Entry| -> String {
            let mut lines = emit::entry(entry, column, layout);
            if let ([only], Some(to)) = (&mut lines[..], aligned) {
                align(only, &entry.key, column, to);
            }
            lines.join(syntax.newline)
        };
        let gap = if apart { syntax.newline } else { "" };
        // What is added inside an entry stands before what is added after it, though at the same place.
        let mut edits: Vec<Edit> = kept.iter().flat_map(|at| work.inside[*at].iter().cloned()).collect();
        let mut removals: Vec<usize> = (0..entries.len()).filter(|at| work.gone[*at]).collect();
        if kept.is_empty() {
            // What is new takes the place of what goes.
            let first = part(removals.remove(0));
            let added: Vec<String> = work.added.iter().map(|entry| render(entry)).collect();
            let text = added.join(&format!("{}{gap}", syntax.newline));
            let range = syntax.lines(first);
            let inline = !syntax.begins_line(first.start);
            edits.push(if inline {
                Edit { range: first.start..range.end, text: text.trim_start().to_owned() }
            } else {
                Edit { range, text }
            });
        } else {
            for entry in &work.added {
                let text = render(entry);
                // Objects stand in the order of whoever wrote the file: a new one comes after another, or at the end.
                let place = match neighbour(&keys, order, &entry.key) {
                    Neighbour::Before(_) if is_section => Neighbour::Alone,
                    place => place,
                };
                edits.push(match place {
                    Neighbour::After(at) => {
                        Edit::insert(syntax.tail(part(at)), format!("{0}{gap}{text}", syntax.newline))
                    }
                    Neighbour::Before(at) if syntax.begins_line(entries[at].start()) => {
                        Edit::insert(syntax.head(part(at)), format!("{text}{0}{gap}", syntax.newline))
                    }
                    Neighbour::Before(at) => {
                        let pad = " ".repeat(column);
                        Edit::insert(entries[at].start(), format!("{}{}{pad}", text.trim_start(), syntax.newline))
                    }
                    Neighbour::Alone => {
                        let last = kept.last().copied().unwrap_or_default();
                        Edit::insert(syntax.tail(part(last)), format!("{0}{gap}{text}", syntax.newline))
                    }
                });
            }
        }
        for at in removals {
            let (before, after) = (kept.iter().any(|kept| *kept < at), kept.iter().any(|kept| *kept > at));
            if !syntax.begins_line(part(at).start) {
                edits.push(self.first_of_an_item(entries, &kept, at)?);
                continue;
            }
            edits.push(syntax.removal(part(at), before || kept.is_empty(), after));
        }
        Ok(edits)
    }

    /// Takes away the entry that stands behind a dash: what follows moves up to it.
    fn first_of_an_item(&self, entries: &[Pair], kept: &[usize], at: usize) -> Result<Edit> {
        let next = kept.iter().copied().find(|kept| *kept > at).ok_or("an entry behind a dash")?;
        let end = entries[next].start();
        let start = entries[at].start();
        let own = self.syntax.line_end(entries[at].end());
        if !self.syntax.comments_in(own..end).is_empty() {
            return Err("comments between the entries of an item".into());
        }
        Ok(Edit::delete(start..end))
    }

    /// Whether the larger entries of a map stand apart.
    fn are_apart(&self, entries: &[Pair], kept: &[usize], root: bool) -> bool {
        let large: Vec<bool> = kept
            .iter()
            .skip(1)
            .filter(|at| entries[**at].value.is_block() || !root)
            .map(|at| self.syntax.is_apart(Part { start: entries[*at].start(), end: entries[*at].end() }))
            .collect();
        if large.is_empty() {
            return root;
        }
        large.iter().filter(|apart| **apart).count() * 2 > large.len()
    }

    /// The column in which the values of one-line entries begin, if they were brought into line.
    fn aligned(&self, entries: &[Pair], kept: &[usize]) -> Option<usize> {
        let mut seen: Vec<(usize, bool)> = Vec::new();
        for entry in kept.iter().map(|at| &entries[*at]) {
            if self.syntax.line_start(entry.start()) == self.syntax.line_start(entry.value.start) {
                let gap = self.syntax.text[entry.key.end..entry.value.start].ends_with("  ");
                seen.push((self.syntax.column(entry.value.start), gap));
            }
        }
        let (column, _) = *seen.iter().find(|(_, gap)| *gap)?;
        let together = seen.iter().filter(|(other, _)| *other == column).count();
        (together >= 2 && together * 2 >= seen.len()).then_some(column)
    }

    /// Applies the edits of a part that is moved.
    pub(super) fn moved(&self, part: Part, edits: Vec<Edit>) -> String {
        apply(self.syntax.text, self.syntax.lines(part), edits)
    }
}

/// Brings the value of a one-line entry into the column of the others.
fn align(line: &mut String, key: &str, indent: usize, to: usize) {
    let value = indent + key.len() + 2;
    if line.get(indent..value).is_some_and(|own| own.strip_prefix(key) == Some(": "))
        && let Some(more) = to.checked_sub(indent + key.chars().count() + 2)
    {
        line.insert_str(value, &" ".repeat(more));
    }
}

fn by_key(map: &Map) -> HashMap<&str, &Tree> {
    map.entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

/// The order of the entries: the schema's, or where keys are the user's own, that in which they are written.
struct Order<'o>(HashMap<&'o str, usize>);

impl<'o> Order<'o> {
    fn of(shape: Shape<'o>, new: &'o Map) -> Self {
        let order = shape.order();
        let order = if order.is_empty() { new.entries.iter().map(|entry| entry.key.as_str()).collect() } else { order };
        Self(order.into_iter().enumerate().map(|(at, key)| (key, at)).collect())
    }

    /// Keys that it does not know come last.
    fn rank(&self, key: &str) -> usize {
        self.0.get(key).copied().unwrap_or(usize::MAX)
    }
}

enum Neighbour {
    After(usize),
    Before(usize),
    Alone,
}

/// Where canonical order puts a key among those that are there.
fn neighbour(keys: &[Option<&str>], order: &Order<'_>, key: &str) -> Neighbour {
    let own = order.rank(key);
    let known = || {
        let all = keys.iter().enumerate().filter_map(|(at, other)| Some((order.rank((*other)?), at)));
        all.filter(|(rank, _)| *rank < usize::MAX)
    };
    let before = known().filter(|(rank, _)| *rank < own).max();
    let after = known().filter(|(rank, _)| *rank > own).min();
    match (before, after) {
        (Some((_, at)), _) => Neighbour::After(at),
        (None, Some((_, at))) => Neighbour::Before(at),
        (None, None) => Neighbour::Alone,
    }
}

/// New entries look like their siblings, if all of those look alike.
fn layout(shape: Shape<'_>, entries: &[Pair], kept: &[usize]) -> Option<Layout> {
    if !shape.order().is_empty() {
        return None;
    }
    let mut maps =
        kept.iter().map(|at| &entries[*at].value).filter(|value| matches!(value.kind, Kind::Map { .. })).peekable();
    maps.peek()?;
    maps.all(Node::is_block).then_some(Layout::Block)
}
