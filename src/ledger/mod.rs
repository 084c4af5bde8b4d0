//! What Pricebook remembers about an environment: which objects it manages, their ids, what it last wrote.
//!
//! Losing it is harmless: objects are found again by their natural keys, and pending deletes become "unmanaged".
//!
//! A [`Place`] holds the ledger and the lock of one environment; a [`Hold`] is the lock, and the only way to write.

mod format;
mod hold;
mod lock;
mod moment;
mod owner;
mod place;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{Address, FieldSpec, Fields, KindSpec};

pub use format::LedgerError;
pub use hold::{Hold, Loss, Predecessor, SaveError, TakeError, Taken, Then};
pub use lock::{Found, Lock, Standing};
pub use moment::Moment;
pub use owner::Process;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
pub use place::{Cloud, ObjectPlace};
pub use place::{Contents, FilePlace, GitPlace, Place, PlaceError, Replaced, Snapshot, file_stem};
pub use seen::Seen;

/// The version of the ledger's own format.
pub const FORMAT: u32 = 1;

/// Everything remembered about one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// How many times it was saved: tells an older copy from a newer one.
    #[serde(default)]
    pub serial: u64,
    /// The run that saved it last, by its name in the journal. Tells whether a journal still belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The provider and URL that the ids belong to.
    pub target: String,
    /// The objects that Pricebook manages.
    #[serde(deserialize_with = "format::all_at_once")]
    pub objects: BTreeMap<Address, Entry>,
    /// What a run was about to create when it saved this. Where that run and its journal are lost, those of them that
    /// are live are ours.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub pending: BTreeSet<Address>,
}

/// One managed object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The API's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it was when Pricebook last wrote or adopted it: every field that held something.
    #[serde(default)]
    pub written: Fields,
    /// Write-only fields that Pricebook has never written: it cannot know what they are.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown: BTreeSet<String>,
    /// The file protected it. Remembered, so that removing the block does not remove the protection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

impl Ledger {
    /// An empty ledger for a target.
    pub fn new(target: &str) -> Self {
        Self { format: FORMAT, target: target.to_owned(), ..Self::default() }
    }

    /// Whether two say the same, whoever saved them.
    pub fn says(&self, other: &Self) -> bool {
        (self.format, &self.target, &self.objects, &self.pending)
            == (other.format, &other.target, &other.objects, &other.pending)
    }

    /// Forgets the fields that a version of the API does not have: what was written to them in another version can
    /// neither be compared nor changed in this one.
    pub fn speaks(&mut self, kinds: &[KindSpec], version: &str) {
        let narrowed = kinds.iter().filter_map(|kind| {
            let lacks: Vec<&FieldSpec> = kind.fields.iter().filter(|spec| !spec.versions.has(version)).collect();
            let above = kind.parent.and_then(|name| kinds.iter().find(|one| one.name == name));
            (!lacks.is_empty()).then(|| (kind.collection, above.map(|above| above.collection), lacks))
        });
        let narrowed: Vec<_> = narrowed.collect();
        for (address, entry) in &mut self.objects {
            let own = |(collection, above, _): &&(&str, Option<&str>, _)| {
                *collection == address.collection() && *above == address.parent().as_ref().map(Address::collection)
            };
            let Some((.., lacks)) = narrowed.iter().find(own) else { continue };
            let has = |path: &str| !lacks.iter().any(|spec| spec.matches(path));
            entry.written.retain(|path, _| has(path));
            entry.unknown.retain(|path| has(path));
        }
    }

    /// Whether Pricebook manages this object.
    pub fn owns(&self, address: &Address) -> bool {
        self.objects.contains_key(address)
    }

    /// The remembered id of an object.
    pub fn id(&self, address: &Address) -> Option<&str> {
        self.objects.get(address)?.id.as_deref()
    }
}
