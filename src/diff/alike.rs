//! A removal beside a similar addition is mostly a key that was changed: what looks like a rename, and is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::diff::{Action, Diff, Reason};
use crate::model::{Address, Desired, Live, LiveObject, Readability, Renaming, Resource, SourceRef, Value};

/// More pairs than this are not compared field by field: that many additions and removals are no rename.
const MOST_PAIRS: usize = 100_000;

/// Something that is created, and looks like something that goes or that nobody manages.
#[derive(Clone, Debug)]
pub struct LookAlike {
    /// What is created.
    pub created: Address,
    /// What it looks like.
    pub gone: Address,
    /// Whether what it looks like is deleted; otherwise it is live and nobody manages it.
    pub deleted: bool,
    /// The API's id of what it looks like.
    id: Option<String>,
    kind: &'static crate::model::KindSpec,
    source: Option<SourceRef>,
}

impl fmt::Display for LookAlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, gone, deleted, id, kind, source } = self;
        if *deleted {
            write!(f, "{created} looks like {gone} under a new key")?;
        } else {
            write!(f, "{created} looks like {gone}, which is live and not managed here")?;
        }
        if let Some(SourceRef { file, line }) = source {
            write!(f, " ({file}:{line})")?;
        }
        match (kind.renaming, deleted, id) {
            (Renaming::Free, true, _) => {
                write!(f, ": write `previously: {}` in it to rename instead of removing and adding", gone.key())
            }
            (Renaming::Free, false, Some(id)) => {
                write!(f, ": write `id: {id}` in it to take that one over instead of adding another")
            }
            _ => write!(
                f,
                ". The API cannot change the code of a {0}, so `previously: {1}` does not rename it either. If it is \
                 the same {0}, keep the key `{1}`",
                kind.name,
                gone.key()
            ),
        }
    }
}

/// Finds them: of one kind, and with the same name; or at least three quarters of what either says is the same, with
/// two things or more to go by. What is at its default says nothing. Each object is in one pair at most.
pub fn look_alikes(diff: &Diff, desired: &Desired, live: &Live) -> Vec<LookAlike> {
    let created: Vec<&Address> = diff
        .changes
        .iter()
        .filter(|change| change.action == Action::Create && change.address.is_root())
        .filter(|change| change.reason == Reason::NotLive && change.kind.renaming != Renaming::Never)
        .map(|change| &change.address)
        .collect();
    let deleted = diff.changes.iter().filter(|change| {
        change.action == Action::Delete && change.reason == Reason::NotInFile && change.address.is_root()
    });
    let gone: Vec<(&LiveObject, bool)> = deleted
        .map(|change| (&change.address, true))
        .chain(diff.unmanaged.iter().map(|address| (address, false)))
        .filter_map(|(address, deleted)| Some((live.objects.get(address)?, deleted)))
        .filter(|(object, _)| object.resource.kind.renaming != Renaming::Never)
        .collect();
    if created.is_empty() || gone.is_empty() {
        return Vec::new();
    }
    let few = created.len().saturating_mul(gone.len()) <= MOST_PAIRS;
    let facts_gone: Vec<BTreeSet<String>> = gone.iter().map(|(object, _)| live_facts(object, live)).collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for address in created {
        let Some(wanted) = desired.objects.get(address) else { continue };
        let facts = desired_facts(address, desired);
        let likeness = |(at, (object, deleted)): (usize, &(&LiveObject, bool))| {
            let resource = &object.resource;
            if resource.kind != wanted.resource.kind || taken.contains(&at) {
                return None;
            }
            let named = resource.name.trim().eq_ignore_ascii_case(wanted.resource.name.trim());
            let share = if few { share(&facts, &facts_gone[at]) } else { 0 };
            // What is deleted is a rename sooner than what nobody manages.
            (named || share >= 75).then_some((*deleted, named, share, usize::MAX - at))
        };
        let Some((deleted, _, _, rest)) = gone.iter().enumerate().filter_map(likeness).max() else { continue };
        let at = usize::MAX - rest;
        taken.insert(at);
        let object = gone[at].0;
        // Where a key is free, and nothing tells which object is meant, there is nothing to write.
        if wanted.resource.kind.renaming == Renaming::Free && !deleted && object.id.is_none() {
            continue;
        }
        found.push(LookAlike {
            created: address.clone(),
            gone: object.resource.address.clone(),
            deleted,
            id: object.id.clone(),
            kind: wanted.resource.kind,
            source: wanted.source.clone(),
        });
    }
    found
}

/// How much of what two objects say is the same, in percent.
fn share(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    if one.len() < 2 || other.len() < 2 {
        return 0;
    }
    let common = one.intersection(other).count();
    common * 100 / (one.len() + other.len() - common)
}

fn desired_facts(address: &Address, desired: &Desired) -> BTreeSet<String> {
    let below = desired.objects.range(address.clone()..).take_while(|(other, _)| other.is_within(address));
    below.flat_map(|(_, object)| facts(&object.resource)).collect()
}

fn live_facts(object: &LiveObject, live: &Live) -> BTreeSet<String> {
    let address = &object.resource.address;
    let below = live.objects.range(address.clone()..).take_while(|(other, _)| other.is_within(address));
    below.flat_map(|(_, object)| facts(&object.resource)).collect()
}

/// What an object says beside its name and its key, a line each; a list says each of its items.
fn facts(resource: &Resource) -> Vec<String> {
    let place = resource.address.below_root();
    let fields = resource.fields.iter().filter(|(path, _)| !matches!(path.as_ref(), "name" | "code"));
    let mut by_path: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, value) in fields {
        let Some((_, spec)) = resource.kind.field(path) else { continue };
        let text = value.to_string();
        if spec.read == Readability::WriteOnly || matches!(value, Value::Derived(_)) || text == spec.default {
            continue;
        }
        let said = match value {
            Value::List(items) => items.iter().map(ToString::to_string).collect(),
            _ => vec![text],
        };
        by_path.insert(path, said);
    }
    by_path
        .into_iter()
        .flat_map(|(path, said)| said.into_iter().map(move |value| (path, value)))
        .map(|(path, value)| format!("{place}.{path}={value}"))
        .collect()
}
