//! Desired × live × last written → changes. Pure and linear: every object is looked at once.

mod alike;
mod change;
mod compare;
mod ignore;
mod memory;
mod select;

pub use alike::{LookAlike, look_alikes};
pub use change::{Action, Change, Diff, FieldChange, Origin, Reason, Unverifiable};
pub use ignore::leave_ignored;
pub(crate) use memory::Memory;
pub use select::{Partial, Requirement, Selection};

use std::collections::BTreeSet;

use crate::ledger::Ledger;
use crate::model::{Absence, Address, Desired, DesiredObject, Effect, KindSpec, Live, LiveObject, PriceChanges};

/// What to send although it cannot be compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Send write-only fields whose live value nobody knows (`--write-unreadable`).
    pub write_unreadable: bool,
}

/// Compares everything that the files name, and everything live that belongs to it.
pub fn diff(desired: &Desired, live: &Live, ledger: &Ledger, options: Options) -> Diff {
    let mut out = Diff::default();
    let memory = Memory::new(ledger, live);
    // Both sides are in the order of their addresses: one pass over the two of them.
    let (mut found, mut others) = (live.objects.iter().peekable(), Vec::new());
    for (address, object) in &desired.objects {
        while let Some((_, other)) = found.next_if(|(other, _)| *other < address) {
            others.push(other);
        }
        let here = found.next_if(|(other, _)| *other == address);
        present(object, here.map(|(_, found)| found), &memory, options, &mut out);
    }
    others.extend(found.map(|(_, other)| other));
    inherit_creation(&mut out, desired);
    let absent: BTreeSet<(&str, &str)> =
        desired.absent.iter().map(|absence| (absence.collection, absence.key.as_str())).collect();
    for object in others {
        gone(object, desired, &memory, &absent, &mut out);
    }
    out.live = live.objects.len();
    out.remarks = live.remarks.clone();
    out
}

/// An object that the files name.
fn present(wanted: &DesiredObject, found: Option<&LiveObject>, memory: &Memory<'_>, options: Options, out: &mut Diff) {
    let address = &wanted.resource.address;
    let Some(found) = found else {
        out.changes.push(create(wanted, memory));
        return;
    };
    let last = memory.of(found);
    let compared = compare::fields(wanted, found, last, options);
    if !compared.unverifiable.is_empty() {
        out.unverifiable.push(Unverifiable { address: address.clone(), fields: compared.unverifiable });
    }
    let moved_from = wanted
        .directives
        .previously
        .as_deref()
        .map(|key| Address::new(address.collection(), key))
        .filter(|before| address.is_root() && memory.owns(before) && !memory.owns(address));
    let fixed: Vec<&str> = compared
        .fields
        .iter()
        .filter(|field| field.spec.change == crate::model::Mutability::Replace)
        .map(|field| field.field.as_ref())
        .collect();
    let repriced = compared.fields.iter().any(|field| field.spec.priced);
    let grandfathers = wanted.resource.kind.grandfathers
        && repriced
        && wanted.directives.price_changes == Some(PriceChanges::Grandfather);
    let (action, reason) = if let Some(field) = fixed.first() {
        let reason = Reason::Immutable { field: (*field).to_owned() };
        (if wanted.directives.replace { Action::Replace } else { Action::Update }, reason)
    } else if grandfathers {
        (Action::Replace, Reason::Grandfather { because: None })
    } else if !compared.fields.is_empty() {
        (Action::Update, moved_from.map_or(Reason::Differs, |from| Reason::Renamed { from }))
    } else if let Some(before) = moved_from {
        (Action::Move, Reason::Renamed { from: before })
    } else if address.is_root() && last.is_none() {
        (Action::Adopt, Reason::FoundLive)
    } else {
        out.unchanged += 1;
        return;
    };
    let blocked = matches!(reason, Reason::Immutable { .. }) && action == Action::Update;
    let mut change = Change {
        address: address.clone(),
        kind: wanted.resource.kind,
        name: wanted.resource.name.clone(),
        action,
        reason,
        currency: wanted.resource.currency,
        fields: compared.fields,
        effect: Effect::None,
        source: wanted.source.clone(),
        fingerprint: Some(found.fingerprint()),
        price_changes: wanted.directives.price_changes,
        owned: last.is_some(),
        protected: last.is_some_and(|entry| entry.protect) || wanted.directives.protect,
    };
    for field in &mut change.fields {
        field.blocked = blocked && field.spec.change == crate::model::Mutability::Replace;
    }
    change.settle_effect();
    out.changes.push(change);
}

fn create(wanted: &DesiredObject, memory: &Memory<'_>) -> Change {
    let mut change = create_change(wanted);
    if memory.owns(&change.address) && memory.is_gone(&change.address) {
        change.owned = true;
        change.reason = Reason::DeletedOutside;
        change.fields = compare::all(wanted, Origin::Live);
    }
    change
}

/// The creation of an object that the files name, with every field that holds something.
pub fn create_change(wanted: &DesiredObject) -> Change {
    let resource = &wanted.resource;
    Change {
        address: resource.address.clone(),
        kind: resource.kind,
        name: resource.name.clone(),
        action: Action::Create,
        reason: Reason::NotLive,
        currency: resource.currency,
        fields: compare::all(wanted, Origin::Catalog),
        effect: resource.kind.created.effect,
        source: wanted.source.clone(),
        fingerprint: None,
        price_changes: wanted.directives.price_changes,
        owned: false,
        protected: wanted.directives.protect,
    }
}

/// A child of something new reaches only who buys that.
fn inherit_creation(out: &mut Diff, desired: &Desired) {
    let born: BTreeSet<Address> = out
        .changes
        .iter()
        .filter(|change| change.action == Action::Create)
        .map(|change| change.address.clone())
        .collect();
    for change in &mut out.changes {
        if change.action == Action::Create && change.address.parent().is_some_and(|parent| born.contains(&parent)) {
            change.effect = change.effect.min(Effect::NewCustomers);
        }
    }
    debug_assert!(born.iter().all(|address| desired.objects.contains_key(address)));
}

/// A live object that the files do not name.
fn gone(object: &LiveObject, desired: &Desired, memory: &Memory<'_>, absent: &BTreeSet<(&str, &str)>, out: &mut Diff) {
    let address = &object.resource.address;
    // A key of ours that another object took since (an add-on is its feature) leaves the old one to be removed.
    let last = memory.of(object);
    let reason = match address.parent() {
        // The file is the whole truth about the parent. When the parent goes, its one delete covers this.
        Some(parent) if desired.objects.contains_key(&parent) && last.is_none() => Reason::NotOurs,
        Some(parent) if desired.objects.contains_key(&parent) => Reason::NotInFile,
        Some(_) => return,
        None if absent.contains(&(address.collection(), object.natural_key.as_str())) => Reason::Absent,
        None if last.is_some() => Reason::NotInFile,
        None => {
            out.unmanaged.push(address.clone());
            return;
        }
    };
    let source = match reason {
        Reason::Absent => desired
            .absent
            .iter()
            .find(|Absence { collection, key, .. }| *collection == address.collection() && *key == object.natural_key)
            .and_then(|absence| absence.source.clone()),
        _ => None,
    };
    out.changes.push(Change {
        address: address.clone(),
        kind: object.resource.kind,
        name: object.resource.name.clone(),
        action: Action::Delete,
        reason,
        currency: object.resource.currency,
        fields: Vec::new(),
        effect: object.resource.kind.removed.effect,
        source,
        fingerprint: Some(object.fingerprint()),
        price_changes: None,
        owned: last.is_some(),
        protected: last.is_some_and(|entry| entry.protect),
    });
}

/// Puts changes into the order in which people read them: by kind in the table's order, an object before its
/// children, keys in their kind's own order.
pub fn sort(changes: &mut [Change], table: &'static [KindSpec]) {
    let rank = |kind: &KindSpec| table.iter().position(|row| row == kind).unwrap_or(table.len());
    changes.sort_by_cached_key(|change| {
        let root = change.address.root();
        let owner = table.iter().position(|row| row.parent.is_none() && row.collection == root.collection());
        let inside = change.address.parent().map(|_| {
            let (at, key) = change.kind.key_rank(change.address.key());
            (rank(change.kind), at, key.to_owned())
        });
        (owner, root.key().to_owned(), inside)
    });
}
