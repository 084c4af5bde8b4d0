//! Which changes cannot be made without which others, by Commet's rules. Pure.

use std::collections::BTreeMap;

use crate::diff::{Action, Change, Requirement};
use crate::model::{Address, Live, LiveObject, Value};
use crate::provider::commet::table::{ADDON, CREDIT_PACK, FEATURE, GROUP, MARKET, PLAN};

pub(super) fn requires(changes: &[Change], live: &Live) -> Vec<Requirement> {
    let by_address: BTreeMap<&Address, &Change> = changes.iter().map(|change| (&change.address, change)).collect();
    let mut holders = Holders::new();
    for LiveObject { resource, .. } in live.objects.values() {
        let unique = match resource.kind {
            kind if kind == FEATURE || kind == PLAN || kind == CREDIT_PACK => "name",
            kind if kind == ADDON => "feature",
            _ => continue,
        };
        if let Some(text) = resource.fields.get(unique).and_then(Value::text) {
            holders.insert((resource.kind.name, text), &resource.address);
        }
    }
    let mut out = Vec::new();
    for change in changes.iter().filter(|change| change.action != Action::Delete) {
        if change.kind == FEATURE || change.kind == PLAN || change.kind == CREDIT_PACK {
            out.extend(held(change, "name", &by_address, &holders));
        }
        if change.kind == ADDON {
            out.extend(held(change, "feature", &by_address, &holders));
        }
        if change.kind == PLAN && change.action == Action::Update {
            out.extend(default_price(change, &by_address));
        }
        if change.kind == GROUP {
            out.extend(joins(change, &by_address, live));
        }
        if change.kind == MARKET {
            out.extend(takes_countries(change, &by_address, live));
        }
    }
    out
}

/// Who has what only one can have, by kind.
type Holders<'l> = BTreeMap<(&'static str, &'l str), &'l Address>;

fn after<'c>(change: &'c Change, field: &str) -> Option<&'c Value> {
    change.fields.iter().find(|one| one.field == field)?.after.as_ref()
}

/// Names of features, of plans and of credit packs are unique, and so is an add-on's feature (commet-api.md §3.1, §3.2, §3.7, §3.8): who takes
/// one waits for who has it.
fn held(
    change: &Change,
    field: &str,
    changes: &BTreeMap<&Address, &Change>,
    holders: &Holders<'_>,
) -> Option<Requirement> {
    let takes = after(change, field)?.text()?;
    let needs = *holders.get(&(change.kind.name, takes))?;
    let gives_up = changes.get(needs).is_some_and(|other| {
        matches!(other.action, Action::Delete | Action::Replace) || other.fields.iter().any(|one| one.field == field)
    });
    (gives_up && *needs != change.address).then(|| Requirement {
        change: change.address.clone(),
        needs: needs.clone(),
        why: format!("it has the {field} “{takes}” that {} takes", change.address),
    })
}

/// A price becomes the default once it is there.
fn default_price(change: &Change, changes: &BTreeMap<&Address, &Change>) -> Option<Requirement> {
    let price = change.address.child("prices", after(change, "default_price")?.text()?);
    let made = changes.get(&price).is_some_and(|price| matches!(price.action, Action::Create | Action::Replace));
    made.then(|| Requirement {
        change: change.address.clone(),
        needs: price,
        why: format!("it becomes the default price of {}", change.address),
    })
}

/// A plan is in one group at most (§3.6): it leaves one before it joins another. A group that the files do not name is
/// left by the call of the one that is joined.
fn joins(change: &Change, changes: &BTreeMap<&Address, &Change>, live: &Live) -> Vec<Requirement> {
    let Some(Value::List(members)) = after(change, "plans") else { return Vec::new() };
    let groups = || live.objects.values().filter(|object| object.resource.kind == GROUP);
    let leaves = |plan: &Value| {
        let left = groups().find(|group| {
            group.resource.address != change.address
                && matches!(group.resource.fields.get("plans"), Some(Value::List(list)) if list.contains(plan))
        })?;
        let needs = &left.resource.address;
        let lets_go = changes.get(needs).is_some_and(|other| other.action == Action::Update);
        lets_go.then(|| Requirement {
            change: change.address.clone(),
            needs: needs.clone(),
            why: format!("plans.{} leaves it for {}", plan.text().unwrap_or_default(), change.address),
        })
    };
    members.iter().filter_map(leaves).collect()
}

/// A country is in one market at most (§3.8): it leaves one before it joins another.
fn takes_countries(change: &Change, changes: &BTreeMap<&Address, &Change>, live: &Live) -> Vec<Requirement> {
    let Some(Value::List(countries)) = after(change, "countries") else { return Vec::new() };
    let markets = || live.objects.values().filter(|object| object.resource.kind == MARKET);
    let leaves = |country: &Value| {
        let left = markets().find(|market| {
            market.resource.address != change.address
                && matches!(market.resource.fields.get("countries"), Some(Value::List(list)) if list.contains(country))
        })?;
        let needs = &left.resource.address;
        changes.contains_key(needs).then(|| Requirement {
            change: change.address.clone(),
            needs: needs.clone(),
            why: format!("{} leaves it for {}", country.text().unwrap_or_default(), change.address),
        })
    };
    countries.iter().filter_map(leaves).collect()
}
