//! Live state → a catalog and the ledger that goes with it. Pure.
//!
//! What comes out is what the tool itself reads: every object goes through the loader, the rules and the comparison
//! before it is called written, and what does not come through is left out and said.

mod check;
mod files;
mod in_place;
mod layers;
mod read;

use std::collections::BTreeMap;

use crate::apply::{Report, remember};
use crate::diff::{Diff, Memory, Unverifiable};
use crate::edit::{Entry, Map, Tree};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, Live, Readability};
use crate::provider::{Provider, Written};

pub use files::{File, Shape, files};
pub use in_place::{Existing, InPlace, in_place};
pub use read::read;

/// A catalog that says what is live.
#[derive(Debug)]
pub struct Pulled {
    /// The objects as they are written.
    pub written: Written,
    /// What the written catalog asks for: what is live.
    pub desired: Desired,
    /// The ledger that has them all.
    pub ledger: Ledger,
    /// What the API never shows of what was written.
    pub unseen: Vec<Unverifiable>,
    /// What is live and not in the catalog.
    pub left_out: Vec<LeftOut>,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
}

/// A live object that a file cannot say.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// The object.
    pub address: Address,
    /// What people call it.
    pub name: String,
    /// Why, in words.
    pub why: String,
}

/// Why nothing can be written although there is something: a mistake of ours.
#[derive(Debug, thiserror::Error)]
#[error("the pulled catalog cannot be read: {0}")]
pub struct Unreadable(pub String);

/// Writes a catalog that says what is live. `live` was read without files.
pub fn pull(provider: &dyn Provider, live: &Live, before: &Ledger) -> Result<Pulled, Unreadable> {
    let live = recalled(live, before);
    let mut ledger = before.clone();
    let mut written = provider.write(&live);
    protect(&mut written, &ledger);
    let mut left_out: Vec<LeftOut> = Vec::new();
    let mut refused: check::Refused = std::mem::take(&mut written.unsayable).into_iter().collect();
    // Every round but the first leaves something out, so there is an end.
    loop {
        let followed = !left_out.is_empty();
        for (address, why) in refused {
            if !leave_out(&mut written, &address) {
                return Err(Unreadable(format!("{address}: {why}")));
            }
            // What is in the ledger and not in the files would be deleted.
            ledger.objects.retain(|owned, _| !owned.is_within(&address));
            let name = live.objects.get(&address).map_or_else(String::new, |object| object.resource.name.clone());
            let why = if followed { check::followed(why) } else { why };
            left_out.push(LeftOut { address, name, why });
        }
        refused = match check::read(provider, &written)? {
            Ok(desired) => {
                let mut live = live.clone();
                provider.align(&mut live, &desired);
                let diff = crate::diff::diff(&desired, &live, &ledger, crate::diff::Options::default());
                let refused = check::differences(&diff);
                if refused.is_empty() {
                    return Ok(finish(written, desired, &live, &ledger, diff, left_out));
                }
                refused
            }
            Err(refused) => refused,
        };
    }
}

fn finish(
    written: Written,
    desired: Desired,
    live: &Live,
    before: &Ledger,
    diff: Diff,
    mut left_out: Vec<LeftOut>,
) -> Pulled {
    let mut ledger = remember(before, &desired, live, &diff.changes, &Report::default(), false);
    // Of these nobody knows everything, and the ledger must not say that somebody does.
    ledger.objects.retain(|address, _| !live.hidden.contains(address));
    let mut unseen = diff.unverifiable;
    let hidden = live.hidden.iter().filter(|address| desired.objects.contains_key(address));
    unseen.extend(hidden.map(|address| Unverifiable { address: address.clone(), fields: vec!["filters".into()] }));
    left_out.sort_by(|one, other| one.address.cmp(&other.address));
    Pulled { written, desired, ledger, unseen, left_out, remarks: diff.remarks }
}

/// The live state with the fields that no read returns and that the ledger knows.
fn recalled(live: &Live, ledger: &Ledger) -> Live {
    let mut recalled = live.clone();
    let memory = Memory::new(ledger, live);
    for (address, object) in &live.objects {
        let Some(entry) = memory.of(object) else { continue };
        let specs = object.resource.kind.fields.iter().filter(|spec| spec.read == Readability::WriteOnly);
        for spec in specs.filter(|spec| !entry.unknown.contains(spec.path)) {
            let known = entry.written.iter().filter(|(path, _)| spec.matches(path));
            let Some(own) = recalled.objects.get_mut(address) else { continue };
            own.resource.fields.extend(known.map(|(path, value)| (path.clone(), value.clone())));
        }
    }
    recalled
}

/// What the ledger protects is protected in the file, too: leaving the word out would end it.
fn protect(written: &mut Written, ledger: &Ledger) {
    for section in &mut written.sections {
        for entry in &mut section.objects.entries {
            let address = Address::new(section.collection, &entry.key);
            if ledger.objects.get(&address).is_some_and(|entry| entry.protect)
                && let Tree::Map(map) = &mut entry.value
            {
                map.put("protect", Tree::plain("true"));
            }
        }
    }
}

/// Whether it was there.
fn leave_out(written: &mut Written, address: &Address) -> bool {
    let Some(section) = written.sections.iter_mut().find(|section| section.collection == address.collection()) else {
        return false;
    };
    let before = section.objects.entries.len();
    section.objects.entries.retain(|entry| entry.key != address.key());
    section.objects.entries.len() < before
}

/// The sections that hold something, as a map of maps.
fn root(written: &Written) -> Map {
    let filled = written.sections.iter().filter(|section| !section.objects.entries.is_empty());
    let entry = |section: &crate::provider::Section| Entry {
        key: section.collection.to_owned(),
        value: section.objects.clone().into(),
        remark: None,
        above: Vec::new(),
    };
    Map { entries: filled.map(entry).collect(), ..Map::block() }
}

/// How many objects of each collection were written.
pub fn counts(written: &Written) -> BTreeMap<&'static str, usize> {
    written.sections.iter().map(|section| (section.collection, section.objects.entries.len())).collect()
}
