//! Live state → edits inside the files that are there. Pure.
//!
//! What the files say now and what they should say both go through the provider's writer; what differs between the
//! two is edited, and nothing else. A field that is left to the dashboard stays as the file has it, a field that no
//! read shows as it was written last, and what the files want gone (`absent:`) stays listed.

use std::collections::{BTreeMap, BTreeSet};

use super::read::says;
use super::{LeftOut, Unreadable, check, layers};
use crate::apply::{Report, remember};
use crate::diff::{Action, Change, Diff, Memory, Options, Unverifiable, diff, leave_ignored};
use crate::edit::{File, Language, Object, Refusal, Tree, patch};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, DesiredObject, Live, LiveObject, Readability};
use crate::provider::Provider;

/// What an edit in place starts from.
#[derive(Clone, Copy)]
pub struct Existing<'e> {
    /// Whose catalog it is.
    pub provider: &'e dyn Provider,
    /// The catalog's files. They are valid.
    pub files: &'e [File],
    /// The files of the environment's overlay. They are read over the catalog's and never edited.
    pub overlay: &'e [File],
    /// What is live, read with these files.
    pub live: &'e Live,
    /// What was written last.
    pub ledger: &'e Ledger,
    /// Which addresses are pulled.
    pub chosen: &'e dyn Fn(&Address) -> bool,
    /// Whether that is fewer than all.
    pub partial: bool,
    /// The version of the API that `live` was read in: what it lacks leaves the files.
    pub version: &'e str,
}

/// Files that say what is live.
#[derive(Debug)]
pub struct InPlace {
    /// All files, changed or not.
    pub files: Vec<File>,
    /// Objects that came, changed and went.
    pub added: Vec<Address>,
    /// Objects whose blocks changed.
    pub changed: Vec<Address>,
    /// Objects that are no longer live.
    pub removed: Vec<Address>,
    /// Objects that a person has to edit.
    pub refused: Vec<Refusal>,
    /// What is live and cannot be said in a file.
    pub left_out: Vec<LeftOut>,
    /// Objects that are live although the files want them gone. They stay listed.
    pub unwanted: Vec<Address>,
    /// What the API never shows of what the files say.
    pub unseen: Vec<Unverifiable>,
    /// The ledger that has what the files name.
    pub ledger: Ledger,
}

/// Edits the files so that they say what is live.
pub fn in_place(existing: Existing<'_>) -> Result<InPlace, Unreadable> {
    let Existing { provider, files, overlay, live, ledger, chosen, partial, version } = existing;
    let desired = says(provider, files, &[overlay]).map_err(Unreadable)?;
    let unwanted = unwanted(&desired, live);
    let goal = objects(provider, &mixed(&desired, live, (ledger, version), chosen, &unwanted));
    let reading = |files: &[File]| -> Result<Vec<Object>, String> {
        says(provider, files, &[overlay]).map(|desired| objects(provider, &as_live(&desired, live)))
    };
    let language = Language::new(provider.schema());
    let mut patched = patch(files, &goal, &language, &reading, overlay.is_empty()).map_err(Unreadable)?;
    for refusal in &mut patched.refused {
        layers::explain(refusal, &patched.after, &goal, (&patched.files, overlay), &language, &|more: File| {
            let desired = says(provider, &patched.files, &[overlay, &[more]])?;
            Ok(objects(provider, &as_live(&desired, live)))
        });
    }

    let mut desired = says(provider, &patched.files, &[overlay]).map_err(Unreadable)?;
    leave_ignored(&mut desired, live, ledger);
    let mut seen = live.clone();
    provider.align(&mut seen, &desired);
    let found = diff(&desired, &seen, ledger, Options::default());
    let refused: BTreeSet<Address> =
        patched.refused.iter().map(|refusal| Address::new(&refusal.collection, &refusal.key)).collect();
    let unsaid = unsaid(&found, live, &refused, chosen);
    let (before, after) = (trees(&patched.before), trees(&patched.after));
    let changed = after.iter().filter(|(address, tree)| before.get(*address).is_some_and(|before| before != *tree));
    Ok(InPlace {
        added: after.keys().filter(|address| !before.contains_key(*address)).cloned().collect(),
        removed: before.keys().filter(|address| !after.contains_key(*address)).cloned().collect(),
        changed: changed.map(|(address, _)| address.clone()).collect(),
        ledger: remembered(ledger, &desired, &seen, &found, partial),
        unseen: found.unverifiable,
        files: patched.files,
        refused: patched.refused,
        left_out: unsaid,
        unwanted: unwanted.into_iter().collect(),
    })
}

fn objects(provider: &dyn Provider, live: &Live) -> Vec<Object> {
    let written = provider.write(live);
    let of = |section: crate::provider::Section| {
        let collection = section.collection;
        section.objects.entries.into_iter().map(move |entry| Object {
            collection: collection.to_owned(),
            key: entry.key,
            tree: entry.value,
        })
    };
    written.sections.into_iter().flat_map(of).collect()
}

fn trees(objects: &[Object]) -> BTreeMap<Address, &Tree> {
    objects.iter().map(|object| (Address::new(&object.collection, &object.key), &object.tree)).collect()
}

/// What the files say, in the place of what is live: so that one writer writes both.
fn as_live(desired: &Desired, live: &Live) -> Live {
    let mut out = Live { hidden: live.hidden.clone(), ..Live::default() };
    for (address, wanted) in &desired.objects {
        out.objects.insert(address.clone(), stand_in(wanted, live.objects.get(address)));
    }
    out
}

fn stand_in(wanted: &DesiredObject, found: Option<&LiveObject>) -> LiveObject {
    LiveObject {
        resource: wanted.resource.clone(),
        id: found.and_then(|found| found.id.clone()).or_else(|| wanted.directives.id.clone()),
        natural_key: found.map_or_else(|| wanted.resource.address.key().to_owned(), |found| found.natural_key.clone()),
        rank: found.map_or(0, |found| found.rank),
        shown: None,
    }
}

/// Live objects that the files want gone.
fn unwanted(desired: &Desired, live: &Live) -> BTreeSet<Address> {
    let listed: BTreeSet<(&str, &str)> =
        desired.absent.iter().map(|absence| (absence.collection, absence.key.as_str())).collect();
    live.objects
        .values()
        .map(|object| (&object.resource.address, object))
        .filter(|(address, object)| {
            address.is_root() && listed.contains(&(address.collection(), object.natural_key.as_str()))
        })
        .map(|(address, _)| address.clone())
        .collect()
}

/// What the files should say: of what was chosen what is live, of everything else what they say.
fn mixed(
    desired: &Desired,
    live: &Live,
    (ledger, version): (&Ledger, &str),
    chosen: &dyn Fn(&Address) -> bool,
    unwanted: &BTreeSet<Address>,
) -> Live {
    let memory = Memory::new(ledger, live);
    let mut out = Live { hidden: live.hidden.clone(), ..Live::default() };
    let addresses: BTreeSet<&Address> = desired.objects.keys().chain(live.objects.keys()).collect();
    for address in addresses {
        let (wanted, found) = (desired.objects.get(address), live.objects.get(address));
        if unwanted.contains(&address.root()) {
            continue;
        }
        let object = if chosen(address) {
            found.map(|found| taken(found, wanted, &memory, version))
        } else {
            wanted.map(|wanted| stand_in(wanted, found))
        };
        let Some(object) = object else { continue };
        if address.parent().is_none_or(|parent| out.objects.contains_key(&parent)) {
            out.objects.insert(address.clone(), object);
        }
    }
    out
}

/// A live object as the files should say it.
fn taken(found: &LiveObject, wanted: Option<&DesiredObject>, memory: &Memory<'_>, version: &str) -> LiveObject {
    let mut object = found.clone();
    let fields = &mut object.resource.fields;
    let last = memory.of(found);
    for spec in found.resource.kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly) {
        fields.retain(|path, _| !spec.matches(path));
        if !spec.versions.has(version) {
            continue;
        }
        match last.filter(|entry| !entry.unknown.contains(spec.path)) {
            Some(entry) => {
                let known = entry.written.iter().filter(|(path, _)| spec.matches(path));
                fields.extend(known.map(|(path, value)| (path.clone(), value.clone())));
            }
            None => {
                let said = wanted.into_iter().flat_map(|wanted| &wanted.resource.fields);
                let said = said.filter(|(path, _)| spec.matches(path));
                fields.extend(said.map(|(path, value)| (path.clone(), value.clone())));
            }
        }
    }
    if let Some(wanted) = wanted {
        fields.retain(|path, _| !wanted.ignores(path));
        let left = wanted.resource.fields.iter().filter(|(path, _)| wanted.ignores(path));
        fields.extend(left.map(|(path, value)| (path.clone(), value.clone())));
    }
    object
}

/// What still differs, because no file can say what is live.
fn unsaid(found: &Diff, live: &Live, refused: &BTreeSet<Address>, chosen: &dyn Fn(&Address) -> bool) -> Vec<LeftOut> {
    let changes = found
        .changes
        .iter()
        .filter(|change| chosen(&change.address) && !refused.contains(&change.address.root()))
        // Those are deleted by the next apply, as the files say.
        .filter(|change| change.action != Action::Delete || change.address.parent().is_some())
        .cloned()
        .collect();
    check::differences(&Diff { changes, ..Diff::default() })
        .into_iter()
        .map(|(address, why)| {
            let name = live.objects.get(&address).map_or_else(String::new, |object| object.resource.name.clone());
            LeftOut { address, name, why }
        })
        .collect()
}

/// The ledger has what the files name and what is as they say; what still differs is as it was.
fn remembered(before: &Ledger, desired: &Desired, live: &Live, found: &Diff, partial: bool) -> Ledger {
    let settled = |change: &&Change| matches!(change.action, Action::Adopt | Action::Move);
    let changes: Vec<Change> = found.changes.iter().filter(settled).cloned().collect();
    let mut ledger = remember(before, desired, live, &changes, &Report::default(), partial);
    let open: BTreeSet<Address> =
        found.changes.iter().filter(|change| !settled(change)).map(|change| change.address.root()).collect();
    let is_open = |address: &Address| open.contains(&address.root());
    ledger.objects.retain(|address, _| !is_open(address) && !live.hidden.contains(address));
    let kept = before.objects.iter().filter(|(address, _)| is_open(address));
    ledger.objects.extend(kept.map(|(address, entry)| (address.clone(), entry.clone())));
    ledger
}
