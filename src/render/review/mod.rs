//! A changeset as Markdown: for a comment on a pull or merge request, read by people who are no engineers. What takes
//! something away and what reaches who pays today comes first, calls come last and folded.

mod changes;
mod foot;
mod head;
mod prices;

use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::{ChangeDoc, Document};
use crate::diff::{Action, Reason};
use crate::model::{Address, PlanCard};
use crate::render::markdown::{code, prose};

/// How much of each list is shown. Shortening takes from the details: calls first, then lists of fields, then small
/// changes. That something is deleted or refused is always said, with how many.
#[derive(Clone, Copy, Debug)]
struct Room {
    calls: usize,
    /// Fields of a new object, items of a plan.
    fields: usize,
    /// Changes that reach nobody who pays today, in each object.
    small: usize,
    /// Objects with such changes.
    objects: usize,
    /// Plans with a table of prices.
    tables: usize,
    /// Rows of each.
    rows: usize,
    /// Changes that reach subscribers, and what is removed.
    large: usize,
    /// Messages of each guard, and notes.
    notes: usize,
}

const ALL: usize = usize::MAX;

/// From everything to little.
const ROOMS: [Room; 10] = [
    Room { calls: ALL, fields: ALL, small: ALL, objects: ALL, tables: ALL, rows: ALL, large: ALL, notes: ALL },
    Room { calls: 100, fields: ALL, small: ALL, objects: ALL, tables: ALL, rows: ALL, large: ALL, notes: 50 },
    Room { calls: 20, fields: 20, small: ALL, objects: ALL, tables: ALL, rows: ALL, large: ALL, notes: 20 },
    Room { calls: 0, fields: 8, small: 20, objects: ALL, tables: ALL, rows: ALL, large: ALL, notes: 10 },
    Room { calls: 0, fields: 4, small: 5, objects: 100, tables: ALL, rows: 20, large: ALL, notes: 5 },
    Room { calls: 0, fields: 2, small: 2, objects: 30, tables: 150, rows: 10, large: 200, notes: 5 },
    Room { calls: 0, fields: 1, small: 1, objects: 10, tables: 80, rows: 8, large: 100, notes: 3 },
    Room { calls: 0, fields: 0, small: 1, objects: 5, tables: 30, rows: 6, large: 50, notes: 3 },
    Room { calls: 0, fields: 0, small: 1, objects: 3, tables: 10, rows: 6, large: 20, notes: 1 },
    Room { calls: 0, fields: 0, small: 1, objects: 1, tables: 3, rows: 4, large: 8, notes: 1 },
];

/// The changeset as Markdown that is no longer than `limit` bytes, as long as that is more than a few lines.
pub fn markdown(document: &Document, limit: usize) -> String {
    let facts = Facts::of(document);
    let mut shown = String::new();
    for (at, room) in ROOMS.iter().enumerate() {
        shown = whole(&facts, room, at > 0);
        if shown.len() <= limit {
            return shown;
        }
    }
    let little = brief(&facts);
    if little.len() < shown.len() { little } else { shown }
}

/// The one line for a changeset that changes nothing.
pub fn nothing_to_change(document: &Document) -> String {
    format!("No pricing changes for {}: it is as the files say.\n", code(&document.environment.name))
}

/// What is looked up again and again.
struct Facts<'d> {
    document: &'d Document,
    /// Top-level objects that are new.
    born: BTreeSet<&'d Address>,
    /// Changes by the top-level object that they are in.
    inside: BTreeMap<Address, Vec<&'d ChangeDoc>>,
    /// Plans as they are.
    before: BTreeMap<&'d Address, &'d PlanCard>,
    tables: Vec<prices::Table<'d>>,
}

impl<'d> Facts<'d> {
    fn of(document: &'d Document) -> Self {
        let mut inside: BTreeMap<Address, Vec<&ChangeDoc>> = BTreeMap::new();
        for change in &document.changes {
            inside.entry(change.address.root()).or_default().push(change);
        }
        let new = document.changes.iter().filter(|one| one.action == Action::Create && one.address.is_root());
        let plans = document.page.iter().flat_map(|page| &page.before.plans);
        let before: BTreeMap<&Address, &PlanCard> = plans.map(|plan| (&plan.address, plan)).collect();
        Self {
            born: new.map(|change| &change.address).collect(),
            tables: prices::plans(document, &before),
            document,
            inside,
            before,
        }
    }

    /// A child of something new has no subscribers yet.
    fn is_new(&self, change: &ChangeDoc) -> bool {
        change.action == Action::Create
            && change.reason == Reason::NotLive
            && change.address.parent().is_some()
            && self.born.contains(&change.address.root())
    }
}

fn whole(facts: &Facts<'_>, room: &Room, shortened: bool) -> String {
    let mut out = String::new();
    let document = facts.document;
    head::write(facts, &mut out);
    changes::removed(facts, room, &mut out);
    changes::reaching(facts, room, &mut out);
    prices::write(facts, room, &mut out);
    changes::others(facts, room, &mut out);
    foot::guards(document, room, &mut out);
    foot::notes(document, room, &mut out);
    foot::impact(document, room, &mut out);
    foot::calls(document, room, &mut out);
    foot::end(document, shortened, &mut out);
    out
}

/// When not even the shortest form fits: what is changed in numbers, and what refuses it.
fn brief(facts: &Facts<'_>) -> String {
    let mut out = String::new();
    let document = facts.document;
    head::write(facts, &mut out);
    foot::codes(document, &mut out);
    foot::end(document, true, &mut out);
    out
}

/// Writes lines, and how many more there are.
fn lines(lines: &[String], most: usize, what: &str, out: &mut String) {
    for line in lines.iter().take(most) {
        out.push_str(line);
        out.push('\n');
    }
    if let Some(more) = lines.len().checked_sub(most).filter(|more| *more > 0) {
        let begin = if most == 0 { "" } else { "and " };
        let more_word = if most == 0 { "" } else { " more" };
        out.push_str(&format!("- … {begin}{more}{more_word} {what}\n"));
    }
}

/// What people call an object: **`Pro`**, price `monthly`.
fn title(change: &ChangeDoc) -> String {
    let named = |name: &str, key: &str| {
        let shown = code(name);
        if shown.is_empty() { code(key) } else { shown }
    };
    let own = named(&change.name, change.address.key());
    let kind = prose(&change.kind);
    if change.address.is_root() {
        return format!("**{own}** ({kind})");
    }
    format!("**{}**, {kind} {own}", named(&change.within, change.address.root().key()))
}
