//! The changes in lines: what goes, what reaches subscribers, and the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::changeset::{ChangeDoc, FieldDoc};
use crate::diff::{Action, Origin, Reason};
use crate::model::{Address, FieldKind};
use crate::render::markdown::{code, label, prose};
use crate::render::review::{Facts, Room, lines, prices, title};
use crate::render::words::{moved, phrase, reason, value};

/// What is deleted, or deleted and created again.
pub(super) fn removed(facts: &Facts<'_>, room: &Room, out: &mut String) {
    // Whole plans before what is inside of others.
    let mut gone: Vec<&ChangeDoc> = facts.document.changes.iter().filter(|change| is_removed(change)).collect();
    gone.sort_by_key(|change| change.address.depth());
    let gone: Vec<String> = gone.into_iter().map(|change| removal(facts, change)).collect();
    if gone.is_empty() {
        return;
    }
    let _ = writeln!(out, "#### Removed ({})\n", gone.len());
    lines(&gone, room.large, "removed", out);
    out.push('\n');
}

fn is_removed(change: &ChangeDoc) -> bool {
    match change.action {
        Action::Delete => true,
        Action::Replace => !matches!(change.reason, Reason::Grandfather { .. } | Reason::Follows { .. }),
        _ => false,
    }
}

/// - **`Legacy`** (plan), `$19.00` monthly: no longer in the files; existing subscribers go on.
fn removal(facts: &Facts<'_>, change: &ChangeDoc) -> String {
    let words =
        if change.words.is_empty() { change.consequence.clone().unwrap_or_default() } else { change.words.clone() };
    let mut said = vec![prose(&reason(change)), prose(&words)];
    said.retain(|part| !part.is_empty());
    let was = prices::was(facts, change);
    format!("- {}{was}: {}", title(change), said.join("; "))
}

/// What touches who pays today.
pub(super) fn reaching(facts: &Facts<'_>, room: &Room, out: &mut String) {
    let mut said = Vec::new();
    for change in large(facts) {
        match change.action {
            Action::Create => said.push(format!("- {}", creation(change, room))),
            _ => said.extend(
                change.fields.iter().filter(|field| reaches(field)).map(|field| format!("- {}", line(change, field))),
            ),
        }
    }
    if said.is_empty() {
        return;
    }
    let _ = writeln!(out, "#### Reaches existing subscribers\n");
    lines(&said, room.large, "that reach existing subscribers", out);
    out.push('\n');
}

fn large<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = &'f ChangeDoc> {
    facts.document.changes.iter().filter(|change| match change.action {
        Action::Create => change.effect.reaches_subscribers() && !facts.is_new(change),
        Action::Update => true,
        Action::Replace => !is_removed(change),
        Action::Delete | Action::Adopt | Action::Move => false,
    })
}

fn reaches(field: &FieldDoc) -> bool {
    field.effect.reaches_subscribers() && !field.immutable
}

/// **`Pro`**, price `monthly`: `$49.00` → `$59.00` (+20.4 %): new customers pay it today; …
fn line(change: &ChangeDoc, field: &FieldDoc) -> String {
    let whole = if is_amount(change, field) { String::new() } else { format!("{} ", label(&field.field)) };
    format!("{}: {whole}{}{}", title(change), step(field), effect(field))
}

/// `$49.00` → `$59.00` (+20.4 %)
fn step(field: &FieldDoc) -> String {
    let shown = |one: &serde_json::Value| match one {
        serde_json::Value::Null => "none".to_owned(),
        one => Some(code(&value(one, field))).filter(|text| !text.is_empty()).unwrap_or_else(|| "nothing".into()),
    };
    let before = if field.unknown { "unknown".to_owned() } else { shown(&field.before) };
    let derived = if field.after_derived { " (by the exchange rate)" } else { "" };
    let percent =
        moved(&field.before, &field.after, field.kind).map(|percent| format!(" ({percent})")).unwrap_or_default();
    format!("{before} → {}{derived}{percent}", shown(&field.after))
}

/// `: existing subscribers have more included from now on`
fn effect(field: &FieldDoc) -> String {
    let mut said = if field.immutable {
        vec!["**the API cannot change it**".to_owned()]
    } else {
        vec![prose(&phrase(&field.words, field.effect, true))]
    };
    match field.origin {
        Origin::Catalog => {}
        Origin::Live => said.push("somebody changed it outside of git; it goes back to what the file says".into()),
        Origin::Both => said.push("changed in the file, and outside of git too; the file wins".into()),
    }
    said.retain(|part| !part.is_empty());
    if said.is_empty() { String::new() } else { format!(": {}", said.join("; ")) }
}

/// The amount is what a price is about.
fn is_amount(change: &ChangeDoc, field: &FieldDoc) -> bool {
    field.field == "amount" && change.address.parent().is_some()
}

/// **`Pro`**, plan feature `sso`: added: existing subscribers have it from now on
fn creation(change: &ChangeDoc, room: &Room) -> String {
    let mut text = format!("{}: added", title(change));
    let held = held(change, room);
    if !held.is_empty() {
        let _ = write!(text, ", {held}");
    }
    let mut said = vec![prose(&reason(change)), prose(&change.words)];
    said.retain(|part| !part.is_empty());
    if !said.is_empty() {
        let _ = write!(text, ": {}", said.join("; "));
    }
    text
}

/// What a new object says; what is at its default or derived is left out.
fn held(change: &ChangeDoc, room: &Room) -> String {
    let is_root = change.address.is_root();
    let fields =
        change.fields.iter().filter(|one| !(one.is_default || one.after_derived || is_root && one.field == "name"));
    let mut said: Vec<String> = fields
        .map(|field| match (field.kind, &field.after) {
            (FieldKind::Flag, serde_json::Value::Bool(true)) => label(&field.field),
            (FieldKind::Flag, serde_json::Value::Bool(false)) => format!("not {}", label(&field.field)),
            _ => format!("{} {}", label(&field.field), code(&value(&field.after, field))),
        })
        .collect();
    let derived = change.fields.iter().filter(|field| field.after_derived).count();
    if derived > 0 {
        said.push(format!("{derived} more by the exchange rate"));
    }
    if let Some(more) = said.len().checked_sub(room.fields).filter(|more| *more > 0) {
        said.truncate(room.fields);
        said.push(format!("{more} more"));
    }
    said.join(", ")
}

/// Everything that is said nowhere else, by the object that it is in. What is in a plan with a table of prices stands
/// under that table.
pub(super) fn others(facts: &Facts<'_>, room: &Room, out: &mut String) {
    let shown: BTreeSet<&Address> = facts.tables.iter().take(room.tables).map(|table| table.address).collect();
    let mut by_root: BTreeMap<Address, Vec<String>> = BTreeMap::new();
    let mut order: Vec<Address> = Vec::new();
    for change in &facts.document.changes {
        let root = change.address.root();
        if shown.contains(&root) {
            continue;
        }
        let said = small(facts, change, room, false);
        if said.is_empty() {
            continue;
        }
        if !by_root.contains_key(&root) {
            order.push(root.clone());
        }
        by_root.entry(root).or_default().extend(said);
    }
    let adopted = facts.document.changes.iter().filter(|change| change.action == Action::Adopt).count();
    if order.is_empty() && adopted == 0 {
        return;
    }
    out.push_str("#### Other changes\n\n");
    for root in order.iter().take(room.objects) {
        lines(by_root.get(root).map_or(&[], Vec::as_slice), room.small, "changes in it", out);
    }
    if let Some(more) = order.len().checked_sub(room.objects).filter(|more| *more > 0) {
        let _ = writeln!(out, "- … and changes in {more} more objects");
    }
    if adopted > 0 {
        let (objects, are) = if adopted == 1 { ("object is", "it is") } else { ("objects are", "they are") };
        let _ = writeln!(out, "- {adopted} {objects} live as the files say already; from now on {are} managed here");
    }
    out.push('\n');
}

/// What reaches nobody who pays today. `priced`: amounts stand in a table above.
pub(super) fn small(facts: &Facts<'_>, change: &ChangeDoc, room: &Room, priced: bool) -> Vec<String> {
    match change.action {
        Action::Create if change.effect.reaches_subscribers() && !facts.is_new(change) => Vec::new(),
        Action::Create if priced && change.address.collection() == "prices" => Vec::new(),
        Action::Create => vec![format!("- {}", creation(change, room))],
        Action::Move => {
            vec![format!("- {}: renamed, {}; nothing changes for anybody", title(change), prose(&reason(change)))]
        }
        Action::Delete | Action::Adopt => Vec::new(),
        Action::Update | Action::Replace => {
            let mut said: Vec<String> = Vec::new();
            let fields = change.fields.iter().filter(|field| !reaches(field) || is_removed(change));
            for field in fields {
                said.push(match priced && is_amount(change, field) {
                    true => format!("- {}{}", title(change), effect(field)),
                    false => format!("- {}", line(change, field)),
                });
            }
            // Made anew for another's sake.
            let why = reason(change);
            if change.fields.is_empty() && !why.is_empty() && !is_removed(change) {
                said.push(format!("- {}: {}", title(change), prose(&why)));
            }
            said
        }
    }
}
