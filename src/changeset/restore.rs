//! A saved changeset's changes, typed again: what the ledger needs to know of what was written. Pure.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::changeset::{ChangeDoc, Document, FieldDoc};
use crate::diff::{Action, Change, FieldChange};
use crate::ledger::Ledger;
use crate::model::{
    Address, Currency, DesiredObject, Directives, FieldKind, Fields, KindSpec, Live, LiveObject, Resource, Value,
};

/// The changes of a document that is about to be applied, and what it wants the objects to be. What the document does
/// not say of an object is as it is live, or as it was last written.
pub fn restore(
    document: &Document,
    kinds: &'static [KindSpec],
    live: &Live,
    ledger: &Ledger,
) -> (Vec<Change>, BTreeMap<Address, DesiredObject>) {
    let mut wanted = BTreeMap::new();
    let changes = document
        .changes
        .iter()
        .filter_map(|doc| {
            let kind = kinds.iter().find(|kind| kind.name == doc.kind)?;
            let found = live.objects.get(&doc.address);
            // What was to be adopted as it was, and is something else by now, is left to the next plan.
            let adopted = doc.action == Action::Adopt;
            if adopted && found.map(LiveObject::fingerprint) != doc.fingerprint {
                return None;
            }
            let change = change(doc, kind, found);
            if change.action != Action::Delete {
                wanted.insert(change.address.clone(), object(&change, found, ledger));
            }
            Some(change)
        })
        .collect();
    (changes, wanted)
}

fn change(doc: &ChangeDoc, kind: &'static KindSpec, found: Option<&LiveObject>) -> Change {
    let currency = doc
        .fields
        .iter()
        // A field that names its own currency says nothing of the object's.
        .filter(|field| kind.field(&field.field).is_some_and(|(_, spec)| !spec.path.ends_with(".*")))
        .find_map(|field| field.currency.as_deref()?.parse::<Currency>().ok())
        .or_else(|| found.and_then(|found| found.resource.currency));
    Change {
        address: doc.address.clone(),
        kind,
        name: doc.name.clone(),
        action: doc.action,
        reason: doc.reason.clone(),
        currency,
        fields: doc.fields.iter().filter_map(|one| field(one, kind, doc)).collect(),
        effect: doc.effect,
        source: doc.source.clone(),
        fingerprint: doc.fingerprint.clone(),
        price_changes: doc.price_changes,
        owned: false,
        protected: false,
    }
}

fn field(doc: &FieldDoc, kind: &'static KindSpec, change: &ChangeDoc) -> Option<FieldChange> {
    let (_, spec) = kind.field(&doc.field)?;
    Some(FieldChange {
        field: doc.field.clone().into(),
        spec,
        before: value(&doc.before, doc.kind, doc.before_derived),
        after: value(&doc.after, doc.kind, doc.after_derived),
        origin: doc.origin,
        effect: doc.effect,
        blocked: doc.immutable,
        unknown: doc.unknown,
        price_changes: change.price_changes,
        kept: false,
    })
}

fn object(change: &Change, found: Option<&LiveObject>, ledger: &Ledger) -> DesiredObject {
    let entry = ledger.objects.get(&change.address);
    let mut fields = Fields::new();
    if change.action != Action::Create {
        for (path, value) in found.map(|found| &found.resource.fields).into_iter().flatten() {
            fields.insert(path.clone(), value.clone());
        }
        for (path, value) in entry.map(|entry| &entry.written).into_iter().flatten() {
            let write_only =
                change.kind.field(path).is_some_and(|(_, spec)| spec.read == crate::model::Readability::WriteOnly);
            if write_only {
                fields.insert(path.clone(), value.clone());
            }
        }
    }
    for field in &change.fields {
        match &field.after {
            Some(after) => fields.insert(field.field.clone(), after.clone()),
            None => fields.remove(&field.field),
        };
    }
    DesiredObject {
        resource: Resource {
            address: change.address.clone(),
            kind: change.kind,
            name: change.name.clone(),
            currency: change.currency,
            fields,
        },
        source: change.source.clone(),
        directives: Directives { protect: entry.is_some_and(|entry| entry.protect), ..Directives::default() },
        needs: Vec::new(),
        moot: &[],
    }
}

/// The value that a document writes so.
fn value(json: &Json, kind: FieldKind, derived: bool) -> Option<Value> {
    let number = |text: &str| Decimal::from_str_exact(text.trim_end_matches('%')).ok();
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(count) => match count.as_i64() {
            Some(count) => Value::Count(count),
            None => Value::Decimal(Decimal::from_str_exact(&count.to_string()).ok()?),
        },
        Json::String(text) => match (kind, number(text)) {
            (FieldKind::Money | FieldKind::UnitPrice | FieldKind::Percent | FieldKind::Rate, Some(number)) => {
                if derived { Value::Derived(number) } else { Value::Decimal(number) }
            }
            _ => Value::Text(text.as_str().into()),
        },
        Json::Array(items) => Value::List(items.iter().filter_map(|item| value(item, kind, false)).collect()),
        Json::Object(map) => {
            let entries = map.iter().filter_map(|(key, item)| Some((key.clone(), value(item, kind, false)?)));
            Value::Map(Box::new(entries.collect()))
        }
    })
}
