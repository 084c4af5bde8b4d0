use serde::{Deserialize, Serialize};

use crate::model::{
    Address, Currency, Effect, FieldPath, FieldSpec, KindSpec, LiveObject, PriceChanges, SourceRef, Value,
};

/// What must happen to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It does not exist.
    Create,
    /// Some fields differ.
    Update,
    /// It is deleted and created again, or archived and made anew.
    Replace,
    /// It must not exist.
    Delete,
    /// It exists as the files say, and from now on is ours. No call.
    Adopt,
    /// Its key in the files changed. No call.
    Move,
}

/// Why, as data: renderers find the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Reason {
    /// The API does not have it.
    NotLive,
    /// Pricebook made it, and somebody deleted it.
    DeletedOutside,
    /// Fields differ.
    Differs,
    /// No longer in the files.
    NotInFile,
    /// Inside an object that the files name, not in the files, and not written by Pricebook.
    NotOurs,
    /// The environment that another one is to be like does not have it.
    NotIn {
        /// The environment.
        environment: String,
    },
    /// Listed under `absent:`.
    Absent,
    /// Found in the API, not in the ledger.
    FoundLive,
    /// A field that the API cannot change in place differs.
    Immutable {
        /// The first such field.
        field: String,
    },
    /// The amount changes and existing subscribers keep the old one.
    Grandfather {
        /// The object whose change asks for it, when it is not this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Address>,
    },
    /// Something that it is built on is replaced.
    Follows {
        /// What.
        what: Address,
    },
    /// `previously:`.
    Renamed {
        /// The address before.
        from: Address,
    },
}

/// Where a difference came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The files changed.
    Catalog,
    /// The live object was changed outside.
    Live,
    /// Both.
    Both,
}

/// One object's change.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which object.
    pub address: Address,
    /// What it is.
    pub kind: &'static KindSpec,
    /// What people call it.
    pub name: String,
    /// What must happen.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The unit of its money fields.
    pub currency: Option<Currency>,
    /// The fields that differ; on creation, all that hold something. In the table's order.
    pub fields: Vec<FieldChange>,
    /// The strongest effect of all.
    pub effect: Effect,
    /// Where the object stands in the files.
    pub source: Option<SourceRef>,
    /// Of the live object that this was computed from.
    pub fingerprint: Option<String>,
    /// What a changed amount does to existing subscribers, if the files say.
    pub price_changes: Option<PriceChanges>,
    /// Whether the ledger has the object.
    pub owned: bool,
    /// Whether it is protected, by the files or from before.
    pub protected: bool,
}

/// One field's change.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Its path below the object.
    pub field: FieldPath,
    /// Its row in the provider's table.
    pub spec: &'static FieldSpec,
    /// What is live. `None` is nothing, or not known.
    pub before: Option<Value>,
    /// What the files say.
    pub after: Option<Value>,
    /// Who changed it.
    pub origin: Origin,
    /// Whom it reaches.
    pub effect: Effect,
    /// The API cannot make this change, and the file does not allow to replace the object.
    pub blocked: bool,
    /// The value before is not known: the API does not show it and the ledger has no record.
    pub unknown: bool,
    /// For a priced field: what the files say about existing subscribers.
    pub price_changes: Option<PriceChanges>,
    /// For a priced field: existing subscribers keep what they have.
    pub kept: bool,
}

/// Everything that the comparison found.
#[derive(Debug, Default)]
pub struct Diff {
    /// What must happen, in the order of the files' addresses.
    pub changes: Vec<Change>,
    /// Objects that are as the files say.
    pub unchanged: usize,
    /// How many live objects there are, ours or not.
    pub live: usize,
    /// Top-level live objects that nobody here manages.
    pub unmanaged: Vec<Address>,
    /// Fields that cannot be compared.
    pub unverifiable: Vec<Unverifiable>,
    /// Things worth knowing that are no change.
    pub remarks: Vec<String>,
}

/// Write-only fields whose live value nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Unverifiable {
    /// Which object.
    pub address: Address,
    /// Which fields.
    pub fields: Vec<String>,
}

impl Diff {
    /// Whether an object is to be created.
    pub fn creates(&self, address: &Address) -> bool {
        self.changes.iter().any(|change| change.action == Action::Create && change.address == *address)
    }
}

impl Change {
    /// The strongest of the fields' effects; a replacement by a new price reaches new customers only.
    pub fn settle_effect(&mut self) {
        if matches!(self.reason, Reason::Grandfather { .. }) {
            for field in self.fields.iter_mut() {
                field.effect = field.effect.min(Effect::NewCustomers);
                field.kept = true;
            }
        }
        self.effect = match self.action {
            Action::Create | Action::Delete => return,
            Action::Adopt | Action::Move => Effect::None,
            Action::Update | Action::Replace => {
                self.fields.iter().map(|field| field.effect).max().unwrap_or(Effect::None)
            }
        };
        if self.action == Action::Replace && !matches!(self.reason, Reason::Grandfather { .. }) {
            self.effect = self.effect.max(self.kind.removed.effect);
        }
    }

    /// Whether calls must be made for it.
    pub fn is_effective(&self) -> bool {
        !matches!(self.action, Action::Adopt | Action::Move)
    }
}

impl LiveObject {
    /// A short name for what the object says: the same fields, the same fingerprint.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        hash.update(self.id.as_deref().unwrap_or_default());
        // Not the aligned ones: those depend on the files, and a saved changeset outlives an edit of the files.
        for (path, value) in self.shown.as_ref().unwrap_or(&self.resource.fields) {
            hash.update(path.as_bytes());
            hash.update([0]);
            // A derived number moves with its base; the base has a fingerprint of its own.
            let value = if matches!(value, Value::Derived(_)) { "derived".to_owned() } else { value.to_string() };
            hash.update(value.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
