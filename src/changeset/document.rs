//! The changeset document: what `plan` produces, and the only thing that renderers and the executor read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::changeset::{Care, Guard, Impact, Learns};
use crate::diff::{Action, Origin, Reason, Unverifiable};
use crate::model::{Address, Effect, FieldKind, Pages, PriceChanges, SourceRef};

/// The name and version of this format.
pub const FORMAT: &str = "pricebook.changeset/1";

/// The ordered calls that make an environment say what a catalog says, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The name and version of this format: `pricebook.changeset/1`.
    pub format: String,
    /// What the calls go to.
    pub environment: EnvironmentRef,
    /// What asked for them.
    pub catalog: CatalogRef,
    /// Of the typed effects and the target. A comment or a reordering in the files keeps it.
    pub digest: String,
    /// Counts.
    pub summary: Summary,
    /// What must happen, one entry for each address.
    pub changes: Vec<ChangeDoc>,
    /// The calls, in an order that can run. Calls that do not wait for one another may run at the same time.
    pub calls: Vec<Call>,
    /// Live objects that calls write again or take away without a change of their own: the other currencies of a
    /// price, what is inside a deleted plan. The changeset is bound to them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_touched: Vec<Touched>,
    /// Live objects that nobody here manages. They are left alone.
    pub unmanaged: Vec<Address>,
    /// Fields that can be set but not be compared: the API never shows them and the ledger has no record.
    pub unverifiable: Vec<Unverifiable>,
    /// Rules that refuse this changeset until a person acknowledges them.
    pub guards: Vec<Guard>,
    /// Things worth knowing that stop nothing.
    pub warnings: Vec<String>,
    /// What customers can buy, before and after: the plans and add-ons that change, and the plans of their groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Pages>,
    /// Whom it touches and what it does to the monthly revenue, where that was asked for. Not part of the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
}

/// A live object that a changeset was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Touched {
    /// Which object.
    pub address: Address,
    /// What it said.
    pub fingerprint: String,
}

/// Which environment a changeset is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentRef {
    /// Its name in the project file; the URL's host without one.
    pub name: String,
    /// The provider, as files write it.
    pub provider: String,
    /// The provider, as people write it.
    pub title: String,
    /// The version of the API.
    pub api_version: String,
    /// The base URL, without credentials.
    pub url: String,
    /// `sandbox` or `live`, where it is known.
    pub mode: Option<Mode>,
}

/// Whether real money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// No real money moves.
    Sandbox,
    /// Real customers pay.
    Live,
}

/// Which files asked for a changeset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogRef {
    /// The file or folder, as it was given.
    pub path: String,
    /// The environment's overlay, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
    /// The flags with which `pricebook apply` plans the same again, as they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// The environment whose live state asked for it, not files: `promote`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Of the files' bytes.
    pub digest: String,
    /// The git revision that was checked out, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Addresses that were chosen with `--only` or left out with `--except`: the changeset is partial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// Counts of changes by action and effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Objects to create.
    pub create: usize,
    /// Objects to update.
    pub update: usize,
    /// Objects to replace.
    pub replace: usize,
    /// Objects to delete.
    pub delete: usize,
    /// Objects that are live as the files say and become ours.
    pub adopt: usize,
    /// Objects whose key changes.
    #[serde(rename = "move")]
    pub moved: usize,
    /// Objects that are as the files say.
    pub unchanged: usize,
    /// Calls to make.
    pub calls: usize,
    /// Changes by effect.
    pub effects: BTreeMap<Effect, usize>,
}

/// What must happen to one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeDoc {
    /// Which object.
    pub address: Address,
    /// What it is: `plan`, `price`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What people call the top-level object that it is in; empty for a top-level object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// What must happen.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The fields that differ; on creation, all that hold something.
    pub fields: Vec<FieldDoc>,
    /// The strongest effect of all fields.
    pub effect: Effect,
    /// Whom it reaches and when, in a sentence without a full stop. Explanation: not part of the digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// On removal: what it means for who already subscribes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequence: Option<String>,
    /// What a changed amount does to existing subscribers, if the files say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_changes: Option<PriceChanges>,
    /// Where the object stands in the files.
    pub source: Option<SourceRef>,
    /// Of the live object that this was computed from.
    pub fingerprint: Option<String>,
}

/// One field's change. Money, unit prices, rates and percentages are exact decimals in text: `"49.00"`, `"20%"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDoc {
    /// Its path below the object.
    pub field: String,
    /// What is live; null is nothing, or not known.
    pub before: Json,
    /// What the files say; null is nothing.
    pub after: Json,
    /// What it holds.
    pub kind: FieldKind,
    /// The unit of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Who changed it.
    pub origin: Origin,
    /// Whom it reaches.
    pub effect: Effect,
    /// Whom it reaches and when, in a sentence without a full stop. Explanation: not part of the digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// `before` is worked out by the API from the exchange rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before_derived: bool,
    /// `after` is worked out by the API from the exchange rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_derived: bool,
    /// The API cannot make this change in place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub immutable: bool,
    /// `after` is what leaving the field out means.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
    /// What is live is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// Its name in this changeset.
    pub id: String,
    /// Whose change it belongs to.
    pub address: Address,
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Below the base URL; `{plans.pro#id}` stands for an id that is not known yet.
    pub path: String,
    /// The JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// Where in the body an id stands that is not known yet, as JSON pointers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Calls that must have succeeded before.
    pub after: Vec<String>,
    /// The id that the answer tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learns: Option<Learns>,
    /// Other ids that the answer tells: those of the parts that it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_learns: Vec<Learns>,
    /// Where the API has no idempotency keys: how the call is made all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care: Option<Care>,
    /// What it does, in words.
    pub summary: String,
}

impl Document {
    /// Whether anything must be done or asked.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|change| !matches!(change.action, Action::Adopt | Action::Move))
    }

    /// The document as it is printed and saved.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
