//! Whether the rest of a changeset still fits what is live, when a run of it was cut off. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::changeset::build::value;
use crate::changeset::stale::{currency, current, is, is_unknown, moved, unlike, words};
use crate::changeset::{Call, ChangeDoc, Document, FieldDoc, Moved};
use crate::diff::Action;
use crate::ledger::Ledger;
use crate::model::{Address, Live, LiveObject};

/// Objects that somebody else changed and that the run has not begun to change. `begun` are the calls that left.
///
/// What the run did shows in neighbours that it has not come to: a price that is gone takes its regional prices along,
/// a plan that was written has other charges. So beside what was begun, and in what waits for it, a field may say what
/// it said, what it is to say, or nothing; elsewhere nothing may have moved at all.
pub fn moved_meanwhile(document: &Document, live: &Live, ledger: &Ledger, begun: &BTreeSet<&str>) -> Vec<Moved> {
    let calls: BTreeMap<&str, &Call> = document.calls.iter().map(|call| (call.id.as_str(), call)).collect();
    let mut own: BTreeSet<&Address> = BTreeSet::new();
    let mut near: BTreeSet<Address> = BTreeSet::new();
    for call in &document.calls {
        if begun.contains(call.id.as_str()) {
            own.insert(&call.address);
            near.insert(call.address.root());
        }
    }
    // Calls stand behind those that they wait for, so one pass finds all that depends on what was begun.
    for call in &document.calls {
        let waits = |id: &String| calls.get(id.as_str()).is_some_and(|before| near.contains(&before.address.root()));
        if call.after.iter().any(waits) {
            near.insert(call.address.root());
        }
    }
    let mut out = Vec::new();
    for change in document.changes.iter().filter(|change| !matches!(change.action, Action::Adopt | Action::Move)) {
        if own.contains(&change.address) {
            continue;
        }
        if near.contains(&change.address.root()) {
            out.extend(disturbed(change, live, ledger));
        } else {
            out.extend(moved(change, live, ledger));
        }
    }
    for touched in document.also_touched.iter().filter(|touched| !near.contains(&touched.address.root())) {
        let found = live.objects.get(&touched.address);
        if found.is_none_or(|found| found.fingerprint() != touched.fingerprint) {
            out.extend(unlike(&touched.address, &[], found, ledger));
        }
    }
    out
}

/// A field that says neither what it said, nor what it is to say, nor nothing.
fn disturbed(change: &ChangeDoc, live: &Live, ledger: &Ledger) -> Option<Moved> {
    let found = live.objects.get(&change.address)?;
    change.fields.iter().find_map(|field| {
        let now = current(field, &change.address, found, ledger);
        let now = value(now, field.kind, currency(field, found));
        let expected = now == Json::Null
            || is_unknown(field, &change.address, found, ledger)
            || says(field, false, change, found, ledger)
            || says(field, true, change, found, ledger)
            || is_between(&now, field);
        (!expected).then(|| Moved {
            message: format!(
                "{} of {} was {}, and is {} now; the changeset sets {}",
                field.field,
                change.address,
                words(&field.before),
                words(&now),
                words(&field.after)
            ),
            address: change.address.clone(),
            field: Some(field.field.clone()),
            before: field.before.clone(),
            now,
        })
    })
}

/// Whether a list is on its way from what it was to what it is to be.
fn is_between(now: &Json, field: &FieldDoc) -> bool {
    let (Json::Array(now), Json::Array(before), Json::Array(after)) = (now, &field.before, &field.after) else {
        return false;
    };
    now.iter().all(|item| before.contains(item) || after.contains(item))
}

fn says(field: &FieldDoc, before: bool, change: &ChangeDoc, found: &LiveObject, ledger: &Ledger) -> bool {
    let (wanted, derived) =
        if before { (&field.before, field.before_derived) } else { (&field.after, field.after_derived) };
    is(field, wanted, derived, change, found, ledger)
}
