//! The changes in words: what, for whom, when. Deletions and what reaches existing subscribers come first.

use super::card::{NAME, TEXT};
use super::escape::{capital, shortened};
use super::impact::of_change;
use crate::changeset::{ChangeDoc, Document, FieldDoc};
use crate::diff::{Action, Reason};
use crate::model::{Address, Effect};
use crate::render::human::{count, is_new};
use crate::render::words::{moved, phrase, reach, reason, value};

/// Changes beyond these are only counted.
const ENTRIES: usize = 400;
/// Fields of one change beyond these are only counted.
const FIELDS: usize = 40;

/// Changes that reach the same people.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub class: &'static str,
    pub title: &'static str,
    pub entries: Vec<Entry>,
    /// How many are not shown.
    pub more: usize,
}

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub class: &'static str,
    pub action: &'static str,
    /// `Pro`.
    pub name: String,
    /// `monthly price`; empty for a top-level object.
    pub part: String,
    pub address: String,
    /// What is said of it as a whole.
    pub text: String,
    pub fields: Vec<Field>,
    pub more: usize,
    /// Whom it reaches, and when, where that is the same for all of it.
    pub who: String,
    /// Whom it touches today, and how their revenue moves.
    pub impact: String,
    /// Where it stands in the files.
    pub source: String,
}

/// One field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    /// Nothing for something new.
    pub before: String,
    pub after: String,
    pub note: String,
    pub who: String,
}

/// All changes, in the order in which they matter.
pub(super) fn groups(document: &Document) -> Vec<Group> {
    let shown =
        document.changes.iter().filter(|change| change.action != Action::Adopt && !inside_new(document, change));
    let mut lists: [Vec<&ChangeDoc>; 3] = Default::default();
    for change in shown {
        let list = match (change.action, change.effect) {
            (Action::Delete, _) => 0,
            (_, effect) if effect.reaches_subscribers() && !is_new(document, change) => 0,
            (Action::Create, _) | (_, Effect::NewCustomers) => 1,
            _ => 2,
        };
        if let Some(list) = lists.get_mut(list) {
            list.push(change);
        }
    }
    // Deletions first, then what comes soonest; the order of the document otherwise.
    lists[0].sort_by_key(|change| (change.action != Action::Delete, std::cmp::Reverse(change.effect)));
    let titles = [
        ("reaches", "Deletions, and what reaches existing subscribers"),
        ("fresh", "For new customers only"),
        ("quiet", "Nobody is charged or gets anything else"),
    ];
    let mut room = ENTRIES;
    let mut out = Vec::new();
    for (list, (class, title)) in lists.iter().zip(titles) {
        let taken = list.len().min(room);
        room -= taken;
        let entries = list.iter().take(taken).map(|change| entry(document, change)).collect();
        out.push(Group { class, title, entries, more: list.len() - taken });
    }
    out.retain(|group| !group.entries.is_empty() || group.more > 0);
    out
}

/// A part of something new is told with it.
fn inside_new(document: &Document, change: &ChangeDoc) -> bool {
    let root = change.address.root();
    change.address.parent().is_some()
        && change.action == Action::Create
        && document.changes.iter().any(|one| one.action == Action::Create && one.address == root)
}

fn entry(document: &Document, change: &ChangeDoc) -> Entry {
    let is_root = change.address.is_root();
    let (class, action) = match change.action {
        Action::Create => ("new", "New"),
        Action::Update => ("changed", "Changed"),
        Action::Replace => ("changed", "Replaced"),
        Action::Delete => ("gone", "Deleted"),
        Action::Move => ("changed", "New key"),
        Action::Adopt => ("same", "Found"),
    };
    // The words below say it.
    let told = matches!(change.reason, Reason::Grandfather { because: None });
    let mut said = vec![if told { String::new() } else { reason(change) }];
    let mut who = String::new();
    let mut fields = Vec::new();
    let mut more = 0;
    match change.action {
        Action::Create => {
            if is_root {
                said.push(with(document, &change.address));
            }
            let holds: Vec<&FieldDoc> = change.fields.iter().filter(|one| says_something(one, is_root)).collect();
            more = holds.len().saturating_sub(FIELDS);
            fields = holds.into_iter().take(FIELDS).map(|one| field(change, one)).collect();
            fields.iter_mut().for_each(|one| one.who.clear());
            let derived = change.fields.iter().filter(|one| one.after_derived).count();
            if derived > 0 {
                said.push(format!("{} converted at the exchange rate", count(derived, "amount")));
            }
            who = phrase(&change.words, change.effect, true);
        }
        Action::Delete if change.words.is_empty() => who = change.consequence.clone().unwrap_or_default(),
        Action::Delete => who = change.words.clone(),
        _ => {
            more = change.fields.len().saturating_sub(FIELDS);
            fields = change.fields.iter().take(FIELDS).map(|one| field(change, one)).collect();
            if fields.iter().all(|one| fields.first().is_some_and(|first| first.who == one.who)) {
                who = fields.iter_mut().map(|one| std::mem::take(&mut one.who)).last().unwrap_or_default();
            }
        }
    }
    said.retain(|part| !part.is_empty());
    let name = if is_root { &change.name } else { &change.within };
    Entry {
        class,
        action,
        name: shortened(if name.is_empty() { change.address.key() } else { name }, NAME),
        part: if is_root { shortened(&change.kind, NAME) } else { part(change) },
        address: shortened(&change.address.to_string(), NAME),
        text: capital(&shortened(&said.join("; "), TEXT)),
        fields,
        more,
        who: capital(&shortened(&who, TEXT)),
        impact: capital(&document.impact.as_ref().map(|impact| of_change(impact, &change.address)).unwrap_or_default()),
        source: change
            .source
            .as_ref()
            .map(|at| shortened(&format!("{}:{}", at.file, at.line), 200))
            .unwrap_or_default(),
    }
}

/// Whether a field of something new is worth a line.
fn says_something(field: &FieldDoc, is_root: bool) -> bool {
    !(field.is_default || field.after_derived || field.after.is_null() || is_root && field.field == "name")
}

/// `monthly price`, `sso plan feature`.
fn part(change: &ChangeDoc) -> String {
    shortened(&format!("{} {}", change.name, change.kind), NAME)
}

/// `with 2 prices, 5 plan features`.
fn with(document: &Document, root: &Address) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for change in document.changes.iter().filter(|one| one.address != *root && one.address.is_within(root)) {
        match kinds.iter_mut().find(|(kind, _)| *kind == change.kind) {
            Some((_, number)) => *number += 1,
            None => kinds.push((&change.kind, 1)),
        }
    }
    let parts: Vec<String> = kinds.into_iter().map(|(kind, number)| count(number, kind)).collect();
    if parts.is_empty() { String::new() } else { format!("with {}", parts.join(", ")) }
}

fn field(change: &ChangeDoc, field: &FieldDoc) -> Field {
    let side = |json: &serde_json::Value, derived: bool| {
        let text = shortened(&value(json, field), TEXT);
        if derived { format!("{text} (converted)") } else { text }
    };
    Field {
        name: shortened(&field.field.replace('_', " ").replace('.', " · "), NAME),
        before: match change.action {
            Action::Create => String::new(),
            _ if field.unknown => "unknown".to_owned(),
            _ => side(&field.before, field.before_derived),
        },
        after: side(&field.after, field.after_derived),
        note: moved(&field.before, &field.after, field.kind).unwrap_or_default(),
        who: capital(&shortened(&reach(change, field, true), TEXT)),
    }
}
