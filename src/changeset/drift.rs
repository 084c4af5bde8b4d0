//! What changed outside since the last apply, apart from what the files ask for: the document of `drift`. Pure.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::changeset::build::value;
use crate::changeset::{CatalogRef, EnvironmentRef};
use crate::diff::{Action, Change, Diff, Memory, Origin, Reason};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, FieldKind, FieldPath, Live, LiveObject, SourceRef, Value};

/// The name and version of this format.
pub const DRIFT_FORMAT: &str = "pricebook.drift/1";

/// What changed outside since the last apply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// The name and version of this format: `pricebook.drift/1`.
    pub format: String,
    /// Where it was looked.
    pub environment: EnvironmentRef,
    /// The files that it was compared with.
    pub catalog: CatalogRef,
    /// What tells that something was changed outside.
    pub compared_with: Basis,
    /// How many objects there are in `drifted`.
    pub count: usize,
    /// What changed, one entry for each address, in the order of a changeset.
    pub drifted: Vec<Drifted>,
}

/// What tells that something was changed outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The ledger: what Pricebook wrote last.
    Ledger,
    /// The files alone. Without a ledger nobody knows who made a difference.
    Files,
}

/// What happened to one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drifted {
    /// Which object.
    pub address: Address,
    /// What it is: `plan`, `price`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What people call the top-level object that it is in; empty for a top-level object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// What happened.
    pub happened: Happened,
    /// The fields that changed; of an added object, all that hold something.
    pub fields: Vec<DriftField>,
    /// Where the object stands in the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceRef>,
}

/// What happened to an object outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Fields were changed.
    Changed,
    /// It was deleted. Without a ledger: it is not there.
    Deleted,
    /// It was added to an object that is managed here.
    Added,
}

/// A field that was changed outside. Money, unit prices, rates and percentages are exact decimals in text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftField {
    /// Its path below the object.
    pub field: String,
    /// What Pricebook wrote last; null is nothing, or not known.
    pub written: Json,
    /// What is live; null is nothing.
    pub live: Json,
    /// What the files ask for; null is nothing.
    pub wanted: Json,
    /// What it holds.
    pub kind: FieldKind,
    /// The unit of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `live`: only the live object changed. `both`: the files changed too. `catalog`: without a ledger, not known.
    pub origin: Origin,
    /// What is live is worked out by the API from the exchange rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub live_derived: bool,
    /// What the files ask for is that the API works it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wanted_derived: bool,
}

/// Picks out of a settled diff what was changed outside.
pub fn drift(
    diff: &Diff,
    desired: &Desired,
    live: &Live,
    ledger: &Ledger,
    environment: EnvironmentRef,
    catalog: CatalogRef,
) -> Drift {
    let basis = if ledger.objects.is_empty() { Basis::Files } else { Basis::Ledger };
    let picker = Picker { desired, live, ledger, memory: Memory::new(ledger, live), basis };
    let found: Vec<Drifted> = diff.changes.iter().filter_map(|change| picker.pick(change)).collect();
    // An object that came or went as a whole stands for what is inside it.
    let whole: BTreeSet<Address> =
        found.iter().filter(|one| one.happened != Happened::Changed).map(|one| one.address.clone()).collect();
    let inside =
        |one: &Drifted| std::iter::successors(one.address.parent(), Address::parent).any(|up| whole.contains(&up));
    let drifted: Vec<Drifted> = found.into_iter().filter(|one| !inside(one)).collect();
    Drift { format: DRIFT_FORMAT.to_owned(), environment, catalog, compared_with: basis, count: drifted.len(), drifted }
}

impl Drift {
    /// The document as it is printed.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

struct Picker<'a> {
    desired: &'a Desired,
    live: &'a Live,
    ledger: &'a Ledger,
    memory: Memory<'a>,
    basis: Basis,
}

impl Picker<'_> {
    fn pick(&self, change: &Change) -> Option<Drifted> {
        let guess = self.basis == Basis::Files;
        let root = change.address.root();
        let (happened, fields) = match change.action {
            Action::Create if change.reason == Reason::DeletedOutside || guess => (Happened::Deleted, Vec::new()),
            Action::Create | Action::Adopt | Action::Move => return None,
            Action::Delete if change.address.is_root() && !(guess && change.reason == Reason::Absent) => {
                return None;
            }
            Action::Delete if !guess && (change.owned || !self.ledger.owns(&root)) => return None,
            Action::Delete => (Happened::Added, self.live.objects.get(&change.address).map(held).unwrap_or_default()),
            Action::Update | Action::Replace => (Happened::Changed, self.changed(change, guess)),
        };
        if happened == Happened::Changed && fields.is_empty() {
            return None;
        }
        let top = self.desired.objects.get(&root).map(|object| &object.resource.name);
        let top = top.or_else(|| self.live.objects.get(&root).map(|object| &object.resource.name));
        Some(Drifted {
            address: change.address.clone(),
            kind: change.kind.name.to_owned(),
            name: change.name.clone(),
            within: change.address.parent().and(top).cloned().unwrap_or_default(),
            happened,
            fields,
            source: change.source.clone(),
        })
    }

    fn changed(&self, change: &Change, guess: bool) -> Vec<DriftField> {
        let found = self.live.objects.get(&change.address);
        let last = found.and_then(|found| self.memory.of(found));
        // A rename that was not applied yet shows as another code, and nobody but the files asked for it.
        let renamed = self.desired.objects.get(&change.address).is_some_and(|one| one.directives.previously.is_some());
        let fields = change.fields.iter().filter(|field| guess || field.origin != Origin::Catalog);
        let fields = fields.filter(|field| !(field.unknown || renamed && field.field == "code"));
        let derived = |value: &Option<Value>| matches!(value, Some(Value::Derived(_)));
        fields
            .map(|field| {
                let kind = field.spec.kind;
                let currency = field.spec.currency(&field.field, change.currency);
                let money = matches!(kind, FieldKind::Money | FieldKind::UnitPrice);
                let written = last.and_then(|last| last.written.get(field.field.as_ref()));
                DriftField {
                    field: field.field.to_string(),
                    written: value(written, kind, currency),
                    live: value(field.before.as_ref(), kind, currency),
                    wanted: value(field.after.as_ref(), kind, currency),
                    kind,
                    currency: currency.filter(|_| money).map(|currency| currency.code().to_owned()),
                    origin: field.origin,
                    live_derived: derived(&field.before),
                    wanted_derived: derived(&field.after),
                }
            })
            .collect()
    }
}

/// What an added object holds.
fn held(object: &LiveObject) -> Vec<DriftField> {
    let resource = &object.resource;
    let field = |(path, found): (&FieldPath, &Value)| {
        let (at, spec) = resource.kind.field(path)?;
        let currency = spec.currency(path, resource.currency);
        let money = matches!(spec.kind, FieldKind::Money | FieldKind::UnitPrice);
        let field = DriftField {
            field: path.to_string(),
            written: Json::Null,
            live: value(Some(found), spec.kind, currency),
            wanted: Json::Null,
            kind: spec.kind,
            currency: currency.filter(|_| money).map(|currency| currency.code().to_owned()),
            origin: Origin::Live,
            live_derived: matches!(found, Value::Derived(_)),
            wanted_derived: false,
        };
        Some((at, found.to_string() == spec.default, field))
    };
    let mut fields: Vec<_> = resource.fields.iter().filter_map(field).filter(|(_, default, _)| !default).collect();
    fields.sort_by_key(|(at, ..)| *at);
    fields.into_iter().map(|(_, _, field)| field).collect()
}
