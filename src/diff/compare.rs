//! One object against one object, field by field.

use std::cmp::Ordering;

use crate::diff::{FieldChange, Options, Origin};
use crate::ledger::Entry;
use crate::model::{
    DesiredObject, Effect, FieldPath, FieldSpec, KindSpec, LiveObject, Mutability, Readability, Value, path_segments,
};

pub(super) struct Compared {
    pub fields: Vec<FieldChange>,
    pub unverifiable: Vec<String>,
}

/// What differs, in the table's order.
pub(super) fn fields(wanted: &DesiredObject, found: &LiveObject, last: Option<&Entry>, options: Options) -> Compared {
    let kind = wanted.resource.kind;
    let mut out = Compared { fields: Vec::new(), unverifiable: Vec::new() };
    let (mut left, mut right) = (wanted.resource.fields.iter().peekable(), found.resource.fields.iter().peekable());
    // Both maps are sorted: one pass over the two of them.
    loop {
        let (first, second) = (left.peek().copied(), right.peek().copied());
        let (path, after, before) = match (first, second) {
            (None, None) => break,
            (Some((path, after)), None) => (path, Some(after), None),
            (None, Some((path, before))) => (path, None, Some(before)),
            (Some((path, after)), Some((other, before))) => match path.cmp(other) {
                Ordering::Less => (path, Some(after), None),
                Ordering::Greater => (other, None, Some(before)),
                Ordering::Equal => (path, Some(after), Some(before)),
            },
        };
        if after.is_some() {
            left.next();
        }
        if before.is_some() {
            right.next();
        }
        if before == after || wanted.ignores(path) {
            continue;
        }
        let Some((_, spec)) = kind.field(path) else { continue };
        if spec.read == Readability::WriteOnly {
            continue;
        }
        out.fields.push(change(wanted, path.clone(), spec, before, after, last));
    }
    write_only(wanted, last, options, &mut out);
    out.fields.sort_by_cached_key(|field| rank(kind, &field.field));
    out
}

/// All fields of an object that is created. What is ignored is left alone only once it exists.
pub(super) fn all(wanted: &DesiredObject, origin: Origin) -> Vec<FieldChange> {
    let kind = wanted.resource.kind;
    let mut fields: Vec<FieldChange> = wanted
        .resource
        .fields
        .iter()
        .filter_map(|(path, value)| {
            let (_, spec) = kind.field(path)?;
            Some(FieldChange {
                field: path.clone(),
                spec,
                before: None,
                after: Some(value.clone()),
                origin,
                effect: Effect::None,
                blocked: false,
                unknown: false,
                price_changes: None,
                kept: false,
            })
        })
        .collect();
    fields.sort_by_cached_key(|field| rank(kind, &field.field));
    fields
}

/// Fields that no read returns, against what was written last.
fn write_only(wanted: &DesiredObject, last: Option<&Entry>, options: Options, out: &mut Compared) {
    let kind = wanted.resource.kind;
    if kind.fields.iter().all(|spec| spec.read == Readability::Returned) {
        return;
    }
    let empty = Entry::default();
    let entry = last.unwrap_or(&empty);
    for spec in kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly) {
        if last.is_none() || entry.unknown.contains(spec.path) {
            if wanted.ignores(spec.path) || wanted.moot.contains(&spec.path) {
                continue;
            }
            // What cannot be changed in place cannot be sent either, unless the file lets the object be replaced.
            let can_be_sent = spec.change == Mutability::InPlace || wanted.directives.replace;
            if !(options.write_unreadable && can_be_sent) {
                out.unverifiable.push(spec.path.to_owned());
                continue;
            }
            let mut sent: Vec<_> =
                wanted.resource.fields.iter().filter(|(path, _)| spec.matches(path) && !wanted.ignores(path)).collect();
            // The file says that there is nothing: that is sent, too.
            let nothing = (FieldPath::fixed(spec.path), Value::Null);
            if sent.is_empty() {
                sent.push((&nothing.0, &nothing.1));
            }
            for (path, value) in sent {
                let after = Some(value).filter(|value| !matches!(value, Value::Null));
                let mut change = change(wanted, path.clone(), spec, None, after, None);
                change.unknown = true;
                out.fields.push(change);
            }
            continue;
        }
        let mut differing = |path: FieldPath| {
            let (before, after) = (entry.written.get(&path), wanted.resource.fields.get(&path));
            if before != after && !wanted.ignores(&path) {
                out.fields.push(change(wanted, path, spec, before, after, last));
            }
        };
        if spec.path.contains('*') {
            let both = wanted.resource.fields.keys().chain(entry.written.keys());
            let mut paths: Vec<&FieldPath> = both.filter(|path| spec.matches(path)).collect();
            paths.sort_unstable();
            paths.dedup();
            paths.into_iter().cloned().for_each(differing);
        } else {
            differing(FieldPath::fixed(spec.path));
        }
    }
}

fn change(
    wanted: &DesiredObject,
    path: FieldPath,
    spec: &'static FieldSpec,
    before: Option<&Value>,
    after: Option<&Value>,
    last: Option<&Entry>,
) -> FieldChange {
    // Of an object that a run did not finish, nothing is known of what was written.
    let known = last.filter(|entry| !entry.written.is_empty());
    let origin = known.map_or(Origin::Catalog, |entry| {
        let written = entry.written.get(path.as_ref());
        if written == before {
            Origin::Catalog
        } else if written == after {
            Origin::Live
        } else {
            Origin::Both
        }
    });
    FieldChange {
        effect: spec.effect.of(before, after).map_or(Effect::None, |reach| reach.effect),
        field: path,
        spec,
        before: before.cloned(),
        after: after.cloned(),
        origin,
        blocked: false,
        unknown: false,
        price_changes: wanted.directives.price_changes,
        kept: false,
    }
}

/// The table's order; inside one row, the order of keys. The parts of a list (`ranges.2.per_unit`) go number by
/// number, so that what belongs together stands together, also what has keys of its own (`phases.2.amount_off.usd`).
fn rank(kind: &KindSpec, path: &str) -> (usize, Vec<(usize, String)>, usize, String) {
    let Some((at, spec)) = kind.field(path) else { return (usize::MAX, Vec::new(), usize::MAX, path.to_owned()) };
    let mut keys: Vec<(usize, String)> = path_segments(spec.path)
        .zip(path_segments(path))
        .filter(|(pattern, _)| *pattern == "*")
        .map(|(_, key)| (key.parse().unwrap_or(0), key.to_owned()))
        .collect();
    let number = keys.iter().rposition(|(number, _)| *number > 0);
    let (Some(number), Some((list, _))) = (number, spec.path.split_once('*')) else {
        return (at, Vec::new(), at, path.to_owned());
    };
    keys.truncate(number + 1);
    let same = |row: &FieldSpec| row.path.split_once('*').is_some_and(|(other, _)| other == list);
    (kind.fields.iter().position(same).unwrap_or(at), keys, at, path.to_owned())
}
