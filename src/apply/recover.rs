//! What an unfinished run did, brought into the ledger: from its journal, or without one from what it was about to
//! create. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::remember::{begun, remember, unknown};
use crate::apply::{Applied, Became, Failed, Record, Report, Skipped};
use crate::changeset::{Call, ChangeDoc, is_done, restore};
use crate::diff::{Action, Change};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, KindSpec, Live, LiveObject, Readability};

/// The ledger that a run would have left if it had ended where it was cut off. What is live tells what became of calls
/// without an answer. Doing it twice changes nothing.
pub fn recover(record: &Record, kinds: &'static [KindSpec], desired: &Desired, live: &Live, ledger: &Ledger) -> Ledger {
    let document = &record.head.changeset;
    let (changes, wanted) = restore(document, kinds, live, ledger);
    let mut all = desired.clone();
    for (address, mut object) in wanted {
        object.directives.protect |= record.head.protect.contains(&address);
        all.objects.insert(address, object);
    }
    let report = report(record, live, ledger);
    // Objects without a change are left to the next plan.
    let mut after = remember(ledger, &all, live, &changes, &report, true);
    let touched: BTreeSet<&Address> =
        document.calls.iter().filter(|call| record.calls.contains_key(&call.id)).map(|call| &call.address).collect();
    let unfinished = report.unfinished();
    for change in changes.iter().filter(|change| unfinished.contains(&change.address)) {
        let (address, found) = (&change.address, live.objects.get(&change.address));
        match (change.action, found, all.objects.get(address)) {
            // A call without an answer made it, as far as anybody can tell.
            (Action::Create, Some(found), Some(wanted))
                if touched.contains(address) && !knows(&after, address, found) =>
            {
                after.objects.insert(address.clone(), begun(wanted, found.id.as_ref()));
            }
            (Action::Update, Some(_), _) if touched.contains(address) => written_so_far(&mut after, change, live),
            _ => {}
        }
    }
    // The journal knows better what was created.
    after.pending.clear();
    after
}

fn knows(ledger: &Ledger, address: &Address, found: &LiveObject) -> bool {
    ledger.objects.get(address).is_some_and(|entry| entry.id == found.id)
}

/// Of an update that was not finished: fields that are as they were to be.
fn written_so_far(ledger: &mut Ledger, change: &Change, live: &Live) {
    let (Some(entry), Some(found)) = (ledger.objects.get_mut(&change.address), live.objects.get(&change.address))
    else {
        return;
    };
    for field in change.fields.iter().filter(|field| field.spec.read == Readability::Returned) {
        match (&field.after, found.resource.fields.get(&field.field)) {
            (Some(after), Some(now)) if after == now => {
                entry.written.insert(field.field.clone(), after.clone());
            }
            (None, None) => {
                entry.written.remove(field.field.as_ref());
            }
            _ => {}
        }
    }
}

/// What the run would have reported.
fn report(record: &Record, live: &Live, ledger: &Ledger) -> Report {
    let document = &record.head.changeset;
    let changes: BTreeMap<&Address, &ChangeDoc> =
        document.changes.iter().map(|change| (&change.address, change)).collect();
    let mut report = Report { learned: record.learned.clone(), ..Report::default() };
    let mut begun: BTreeSet<&Address> = BTreeSet::new();
    for call in &document.calls {
        let first = begun.insert(&call.address);
        let is_there = || changes.get(&call.address).is_some_and(|change| shows(change, first, live, ledger));
        match record.calls.get(&call.id) {
            Some(Became::Done(attempts)) => report.applied.push(applied(call, *attempts)),
            Some(became) if became.is_doubtful() && is_there() => report.applied.push(applied(call, 1)),
            Some(_) => report.failed.push(Failed::without_answer(call, String::new())),
            None => report.skipped.push(Skipped::untried(call)),
        }
    }
    report
}

fn applied(call: &Call, attempts: u32) -> Applied {
    Applied { call: call.id.clone(), address: call.address.clone(), attempts }
}

/// Whether what is live shows that a call without an answer was done. `first`: no call of its object comes before.
fn shows(change: &ChangeDoc, first: bool, live: &Live, ledger: &Ledger) -> bool {
    let is_live = live.objects.contains_key(&change.address);
    match change.action {
        Action::Delete => !is_live,
        // It was not there before, and the first call makes it. What was known of an object that had its address before
        // says nothing of it.
        Action::Create => first && is_live && is_done(change, live, &Ledger::new(&ledger.target)),
        _ => is_done(change, live, ledger),
    }
}

/// Where a run was lost together with its journal: what it was about to create and is live now is ours. Returns whether
/// there was any.
pub fn claim(ledger: &mut Ledger, live: &Live) -> bool {
    let before = ledger.objects.len();
    for address in std::mem::take(&mut ledger.pending) {
        if let Some(found) = live.objects.get(&address).filter(|_| !ledger.owns(&address)) {
            ledger.objects.insert(address, unknown(found.resource.kind, found.id.as_ref()));
        }
    }
    ledger.objects.len() > before
}
