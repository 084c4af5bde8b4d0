use std::collections::{BTreeMap, BTreeSet};

use crate::apply::Report;
use crate::diff::{Action, Change, Memory, Reason};
use crate::ledger::{Entry, Ledger};
use crate::model::{Address, Desired, DesiredObject, KindSpec, Live, Readability};

/// The ledger after a run: what was written, what was adopted, what is gone. What was not finished stays as it was.
/// `partial` runs remember only what they changed.
pub fn remember(
    before: &Ledger,
    desired: &Desired,
    live: &Live,
    changes: &[Change],
    report: &Report,
    partial: bool,
) -> Ledger {
    let mut ledger = Ledger { format: crate::ledger::FORMAT, pending: BTreeSet::new(), ..before.clone() };
    let memory = Memory::new(before, live);
    let unfinished = report.unfinished();
    let finished: BTreeSet<&Address> = report.applied.iter().map(|one| &one.address).collect();
    let changed: BTreeMap<&Address, &Change> = changes.iter().map(|change| (&change.address, change)).collect();
    for change in changes {
        match (&change.reason, change.action) {
            (_, Action::Delete) if !unfinished.contains(&change.address) => {
                ledger.objects.retain(|address, _| !address.is_within(&change.address));
            }
            (Reason::Renamed { from }, _) => {
                ledger.objects.remove(from);
            }
            _ => {}
        }
    }
    // What somebody else deleted, and the files no longer ask for.
    ledger.objects.retain(|address, _| live.objects.contains_key(address) || desired.objects.contains_key(address));
    for (address, wanted) in &desired.objects {
        let change = changed.get(address).copied();
        // A part without a call of its own is made by the call of what it is in.
        let open = unfinished.contains(address)
            || !finished.contains(address) && unfinished.iter().any(|open| address.is_within(open));
        let left_out = change.is_none() && partial && !report.learned.contains_key(address);
        if open && change.is_some_and(|change| change.action == Action::Create) && finished.contains(address) {
            let id = report.learned.get(address).or_else(|| live.objects.get(address)?.id.as_ref());
            ledger.objects.insert(address.clone(), begun(wanted, id));
        }
        if open || left_out {
            continue;
        }
        let created = change.is_some_and(|change| matches!(change.action, Action::Create | Action::Replace));
        if change.is_none() && !live.objects.contains_key(address) {
            continue;
        }
        // A child whose parent was not made was not made either.
        if created
            && address.parent().is_some_and(|parent| {
                unfinished.contains(&parent)
                    && !report.learned.contains_key(&parent)
                    && !live.objects.contains_key(&parent)
            })
        {
            continue;
        }
        // What a run that goes on took away for a moment is not there to be asked for its id.
        let last = match live.objects.get(address) {
            Some(found) => memory.of(found),
            None => before.objects.get(address),
        };
        let entry = entry(wanted, last, live, change, report, created);
        ledger.objects.insert(address.clone(), entry);
    }
    still_there(&mut ledger, &memory, live, &changed, &unfinished);
    ledger
}

/// An object of ours that is still live while its key belongs to another one by now (an add-on is its feature): it is
/// remembered under the address that it has, so that it can be removed later.
fn still_there(
    ledger: &mut Ledger,
    memory: &Memory<'_>,
    live: &Live,
    changed: &BTreeMap<&Address, &Change>,
    unfinished: &BTreeSet<&Address>,
) {
    let known: BTreeSet<String> = ledger.objects.values().filter_map(|entry| entry.id.clone()).collect();
    for object in live.objects.values().filter(|object| object.resource.address.is_root()) {
        let address = &object.resource.address;
        let Some(id) = object.id.as_ref().filter(|id| !known.contains(*id)) else { continue };
        let Some(last) = memory.of(object) else { continue };
        let went = changed.get(address).is_some_and(|change| matches!(change.action, Action::Delete | Action::Replace));
        if (!went || unfinished.contains(address)) && !ledger.owns(address) {
            let entry = Entry { id: Some(id.clone()), protect: last.protect, ..Entry::default() };
            ledger.objects.insert(address.clone(), entry);
        }
    }
}

/// An object that was created and not finished: it is ours, and nothing is known of what it holds.
pub(super) fn begun(wanted: &DesiredObject, id: Option<&String>) -> Entry {
    Entry { protect: wanted.directives.protect, ..unknown(wanted.resource.kind, id) }
}

/// An object of ours of which nothing is known but that it is there.
pub(super) fn unknown(kind: &KindSpec, id: Option<&String>) -> Entry {
    let write_only = kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly);
    Entry { id: id.cloned(), unknown: write_only.map(|spec| spec.path.to_owned()).collect(), ..Entry::default() }
}

fn entry(
    wanted: &DesiredObject,
    before: Option<&Entry>,
    live: &Live,
    change: Option<&Change>,
    report: &Report,
    created: bool,
) -> Entry {
    let address = &wanted.resource.address;
    let found = live.objects.get(address);
    let id = report.learned.get(address).cloned().or_else(|| found.and_then(|object| object.id.clone()));
    let write_only = || wanted.resource.kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly);
    let unknown = if created {
        Default::default()
    } else {
        let sent = |path: &str| {
            change.is_some_and(|change| change.fields.iter().any(|field| field.spec.path == path && !field.blocked))
        };
        match before {
            Some(before) => before.unknown.iter().filter(|path| !sent(path)).cloned().collect(),
            None => write_only().map(|spec| spec.path.to_owned()).filter(|path| !sent(path)).collect(),
        }
    };
    let mut entry = Entry { id, unknown, protect: wanted.directives.protect, ..Entry::default() };
    for (path, value) in &wanted.resource.fields {
        let known = write_only().all(|spec| !spec.matches(path) || !entry.unknown.contains(spec.path));
        if known {
            entry.written.insert(path.clone(), value.clone());
        }
    }
    entry
}
