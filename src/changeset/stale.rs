//! Whether a saved changeset still fits what is live. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::changeset::build::value;
use crate::changeset::{ChangeDoc, Document, FieldDoc};
use crate::diff::{Action, Reason};
use crate::ledger::Ledger;
use crate::model::{Address, Currency, Live, LiveObject, Readability, Value};

/// What became of the objects that a saved changeset touches.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// They are what they were.
    Fresh,
    /// Everything that the changeset wanted is so.
    Done,
    /// Some are not what they were.
    Stale(Vec<Moved>),
}

/// An object that is not what it was when the changeset was saved.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Moved {
    /// Which object.
    pub address: Address,
    /// Which field, where it can be told.
    pub field: Option<String>,
    /// What was live then.
    pub before: Json,
    /// What is live now.
    pub now: Json,
    /// What happened, in words.
    pub message: String,
}

/// Compares every object that the calls touch with what it was. What they do not touch does not matter.
pub fn standing(document: &Document, live: &Live, ledger: &Ledger) -> Standing {
    let effective = || document.changes.iter().filter(|change| !matches!(change.action, Action::Adopt | Action::Move));
    if effective().all(|change| is_done(change, live, ledger)) {
        return Standing::Done;
    }
    let mut moved: Vec<Moved> = effective().flat_map(|change| moved(change, live, ledger)).collect();
    for touched in &document.also_touched {
        let found = live.objects.get(&touched.address);
        if found.is_none_or(|found| found.fingerprint() != touched.fingerprint) {
            moved.extend(unlike(&touched.address, &[], found, ledger));
        }
    }
    if moved.is_empty() { Standing::Fresh } else { Standing::Stale(moved) }
}

/// Whether an object is as a change wants it, as far as reads and the ledger tell.
pub fn is_done(change: &ChangeDoc, live: &Live, ledger: &Ledger) -> bool {
    let Some(found) = live.objects.get(&change.address) else { return change.action == Action::Delete };
    if change.action == Action::Delete {
        return false;
    }
    // A replacement is another object than before, wherever the API tells one from another.
    let renewed = change.action != Action::Replace
        || found.id.is_none()
        || change.fingerprint.as_ref().is_none_or(|before| *before != found.fingerprint());
    // A new object's fields that no read shows are as unknown as they are to `plan`. An update of nothing but such
    // fields has not happened as long as nobody knows.
    let hidden =
        |field: &FieldDoc| change.action == Action::Create && is_unknown(field, &change.address, found, ledger);
    renewed
        && change
            .fields
            .iter()
            .all(|field| hidden(field) || is(field, &field.after, field.after_derived, change, found, ledger))
}

/// Whether nothing tells what a field holds now.
pub(super) fn is_unknown(field: &FieldDoc, address: &Address, found: &LiveObject, ledger: &Ledger) -> bool {
    found.resource.kind.field(&field.field).is_some_and(|(_, spec)| {
        spec.read == Readability::WriteOnly
            && ledger.objects.get(address).is_none_or(|entry| entry.unknown.contains(spec.path))
    })
}

/// Whether a field holds what the document says.
pub(super) fn is(
    field: &FieldDoc,
    wanted: &Json,
    derived: bool,
    change: &ChangeDoc,
    found: &LiveObject,
    ledger: &Ledger,
) -> bool {
    match current(field, &change.address, found, ledger) {
        Some(Value::Derived(_)) if derived => true,
        now => value(now, field.kind, currency(field, found)) == *wanted,
    }
}

/// The unit of a field's money.
pub(super) fn currency(field: &FieldDoc, found: &LiveObject) -> Option<Currency> {
    field.currency.as_deref().and_then(|code| code.parse().ok()).or(found.resource.currency)
}

/// What a field holds now, as far as that can be known.
pub(super) fn current<'a>(
    field: &FieldDoc,
    address: &Address,
    found: &'a LiveObject,
    ledger: &'a Ledger,
) -> Option<&'a Value> {
    let spec = found.resource.kind.field(&field.field).map(|(_, spec)| spec);
    if spec.is_some_and(|spec| spec.read == Readability::WriteOnly) {
        return ledger.objects.get(address)?.written.get(&field.field);
    }
    found.resource.fields.get(field.field.as_str())
}

pub(super) fn moved(change: &ChangeDoc, live: &Live, ledger: &Ledger) -> Vec<Moved> {
    let address = &change.address;
    let found = live.objects.get(address);
    match (&change.fingerprint, found) {
        (None, None) => Vec::new(),
        // A child of a plan that is deleted and created again is still there.
        (None, Some(_)) if matches!(change.reason, Reason::Follows { .. }) => Vec::new(),
        (None, Some(found)) => {
            let differs = |field: &&FieldDoc| {
                !is_unknown(field, address, found, ledger)
                    && !is(field, &field.after, field.after_derived, change, found, ledger)
            };
            let field = change.fields.iter().find(differs);
            let now = field.map_or(Json::Null, |field| {
                value(current(field, address, found, ledger), field.kind, currency(field, found))
            });
            let differs = field.map(|field| {
                format!(": {} is {}, the changeset sets {}", field.field, words(&now), words(&field.after))
            });
            let message = format!("{address} was to be created, and exists now{}", differs.unwrap_or_default());
            vec![Moved {
                address: address.clone(),
                field: field.map(|field| field.field.clone()),
                before: Json::Null,
                now,
                message,
            }]
        }
        (Some(before), Some(found)) if *before == found.fingerprint() => Vec::new(),
        (Some(_), found) => unlike(address, &change.fields, found, ledger),
    }
}

/// Which fields of an object make its fingerprint another one: those in the document, else those that are not what
/// was last written.
pub(super) fn unlike(
    address: &Address,
    fields: &[FieldDoc],
    found: Option<&LiveObject>,
    ledger: &Ledger,
) -> Vec<Moved> {
    let Some(found) = found else {
        let message = format!("{address} is gone");
        return vec![Moved { address: address.clone(), field: None, before: Json::Null, now: Json::Null, message }];
    };
    let currency = found.resource.currency;
    let one = |field: &str, before: Json, now: Json| Moved {
        message: format!("{field} of {address} was {}, and is {} now", words(&before), words(&now)),
        address: address.clone(),
        field: Some(field.to_owned()),
        before,
        now,
    };
    let mut moved = Vec::new();
    for field in fields {
        match current(field, address, found, ledger) {
            Some(Value::Derived(_)) if field.before_derived => {}
            now => {
                let now = value(now, field.kind, currency);
                if now != field.before {
                    moved.push(one(&field.field, field.before.clone(), now));
                }
            }
        }
    }
    if let (true, Some(entry)) = (moved.is_empty(), ledger.objects.get(address)) {
        for spec in found.resource.kind.fields.iter().filter(|spec| spec.read == Readability::Returned) {
            let shown = found.resource.fields.iter().filter(|(path, _)| spec.matches(path));
            let written = entry.written.iter().filter(|(path, _)| spec.matches(path));
            let mut paths: Vec<&str> = shown.chain(written).map(|(path, _)| path.as_ref()).collect();
            paths.sort_unstable();
            paths.dedup();
            for path in paths {
                let (before, now) = (entry.written.get(path), found.resource.fields.get(path));
                let listed = fields.iter().any(|field| field.field == path);
                if before != now && !listed {
                    moved.push(one(path, value(before, spec.kind, currency), value(now, spec.kind, currency)));
                }
            }
        }
    }
    if moved.is_empty() {
        let message = format!("{address} is not what it was: a field that the changeset does not set, or its id");
        moved.push(Moved { address: address.clone(), field: None, before: Json::Null, now: Json::Null, message });
    }
    moved
}

pub(super) fn words(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
