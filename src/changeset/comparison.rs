//! Two live environments side by side: the document of `diff`. Pure.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::changeset::EnvironmentRef;
use crate::changeset::build::value;
use crate::diff::{Action, Change, Diff, Unverifiable};
use crate::model::{Address, FieldKind, KindSpec, Live, Value};

/// The name and version of this format.
pub const COMPARISON_FORMAT: &str = "pricebook.diff/1";

/// Two live environments, compared address by address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The name and version of this format: `pricebook.diff/1`.
    pub format: String,
    /// One side.
    pub from: EnvironmentRef,
    /// The other side.
    pub to: EnvironmentRef,
    /// How many objects are on both sides and say the same.
    pub equal: usize,
    /// Where the sides differ, one entry for each address, in the order of a changeset.
    pub differences: Vec<Difference>,
    /// Fields that cannot be compared: the API never shows them, and not both ledgers know them.
    pub incomparable: Vec<Unverifiable>,
    /// Things worth knowing that are no difference.
    pub remarks: Vec<String>,
}

/// One object that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Which object.
    pub address: Address,
    /// What it is: `plan`, `price`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What people call the top-level object that it is in; empty for a top-level object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// Where it is.
    pub side: Side,
    /// The fields that differ, where it is on both sides.
    pub fields: Vec<ComparedField>,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// On both sides, and fields differ.
    Both,
    /// Only on the side of `from`.
    OnlyFrom,
    /// Only on the side of `to`.
    OnlyTo,
}

/// A field that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedField {
    /// Its path below the object.
    pub field: String,
    /// What the side of `from` says; null is nothing.
    pub from: Json,
    /// What the side of `to` says; null is nothing.
    pub to: Json,
    /// What it holds.
    pub kind: FieldKind,
    /// The unit of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// On the side of `from` the API works it out from the exchange rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_derived: bool,
    /// On the side of `to` the API works it out from the exchange rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_derived: bool,
}

/// Reads a diff between one side, as what should exist, and the other. `table` is the provider's.
pub fn compare(
    diff: &Diff,
    to_live: &Live,
    mut incomparable: Vec<Unverifiable>,
    (from, to): (EnvironmentRef, EnvironmentRef),
    table: &'static [KindSpec],
) -> Comparison {
    incomparable.extend(diff.unverifiable.iter().cloned());
    let mut found: Vec<Difference> = diff.changes.iter().filter_map(|change| difference(change, to_live)).collect();
    for address in &diff.unmanaged {
        let Some(object) = to_live.objects.get(address) else { continue };
        found.push(Difference {
            address: address.clone(),
            kind: object.resource.kind.name.to_owned(),
            name: object.resource.name.clone(),
            within: String::new(),
            side: Side::OnlyTo,
            fields: Vec::new(),
        });
    }
    let whole: BTreeSet<Address> =
        found.iter().filter(|one| one.side != Side::Both).map(|one| one.address.clone()).collect();
    let inside =
        |one: &Difference| std::iter::successors(one.address.parent(), Address::parent).any(|up| whole.contains(&up));
    found.retain(|one| !inside(one));
    // The changes are in their order; objects of the other side alone go between them.
    let kind =
        |root: &Address| table.iter().position(|row| row.parent.is_none() && row.collection == root.collection());
    found.sort_by_cached_key(|one| {
        let root = one.address.root();
        (kind(&root), root.key().to_owned())
    });
    let adopted = diff.changes.iter().filter(|change| change.action == Action::Adopt).count();
    Comparison {
        format: COMPARISON_FORMAT.to_owned(),
        from,
        to,
        equal: diff.unchanged + adopted,
        differences: found,
        incomparable: merged(incomparable),
        remarks: diff.remarks.clone(),
    }
}

impl Comparison {
    /// The document as it is printed.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn difference(change: &Change, to_live: &Live) -> Option<Difference> {
    let side = match change.action {
        Action::Create => Side::OnlyFrom,
        Action::Delete => Side::OnlyTo,
        Action::Update | Action::Replace if !change.fields.is_empty() => Side::Both,
        _ => return None,
    };
    let derived = |value: &Option<Value>| matches!(value, Some(Value::Derived(_)));
    let field = |field: &crate::diff::FieldChange| {
        let kind = field.spec.kind;
        let currency = field.spec.currency(&field.field, change.currency);
        let money = matches!(kind, FieldKind::Money | FieldKind::UnitPrice);
        ComparedField {
            field: field.field.to_string(),
            from: value(field.after.as_ref(), kind, currency),
            to: value(field.before.as_ref(), kind, currency),
            kind,
            currency: currency.filter(|_| money).map(|currency| currency.code().to_owned()),
            from_derived: derived(&field.after),
            to_derived: derived(&field.before),
        }
    };
    let root = to_live.objects.get(&change.address.root()).map(|object| object.resource.name.clone());
    Some(Difference {
        address: change.address.clone(),
        kind: change.kind.name.to_owned(),
        name: change.name.clone(),
        within: change.address.parent().and(root).unwrap_or_default(),
        side,
        fields: if side == Side::Both { change.fields.iter().map(field).collect() } else { Vec::new() },
    })
}

/// One entry for each address, with each field once.
fn merged(all: Vec<Unverifiable>) -> Vec<Unverifiable> {
    let mut by_address = std::collections::BTreeMap::<Address, BTreeSet<String>>::new();
    for one in all {
        by_address.entry(one.address).or_default().extend(one.fields);
    }
    by_address
        .into_iter()
        .map(|(address, fields)| Unverifiable { address, fields: fields.into_iter().collect() })
        .collect()
}
