//! Guards that come from Commet's own rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::Guard;
use crate::diff::{Action, Change};
use crate::model::{Address, Desired, Value};
use crate::provider::commet::table::{GROUP, PLAN, PRICE, REGION};

pub(super) fn guards(changes: &[Change], desired: &Desired) -> Vec<Guard> {
    let mut found = currencies(changes, desired);
    found.extend(without_price(changes, desired));
    found
}

/// All plans of a group must support the same currencies (commet-api.md §3.5). Asked when a change touches it.
fn currencies(changes: &[Change], desired: &Desired) -> Vec<Guard> {
    let touched: BTreeSet<Address> = changes
        .iter()
        .filter(|change| change.kind == REGION || change.kind == GROUP)
        .filter(|change| matches!(change.action, Action::Create | Action::Update | Action::Delete))
        .map(|change| change.address.root())
        .collect();
    if touched.is_empty() {
        return Vec::new();
    }
    let mut by_plan: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    for object in desired.objects.values().filter(|object| object.resource.kind == REGION) {
        let address = &object.resource.address;
        by_plan.entry(address.root()).or_default().insert(address.key().to_ascii_uppercase());
    }
    let mut guards = Vec::new();
    for group in desired.objects.values().filter(|object| object.resource.kind == GROUP) {
        let Some(Value::List(members)) = group.resource.fields.get("plans") else { continue };
        let plans: Vec<Address> =
            members.iter().filter_map(Value::text).map(|code| Address::new("plans", code)).collect();
        let is_touched = touched.contains(&group.resource.address) || plans.iter().any(|plan| touched.contains(plan));
        // A free plan has no price in any currency.
        let paid: Vec<&Address> = plans
            .iter()
            .filter(|plan| {
                desired.objects.get(plan).is_some_and(|p| p.resource.fields.get("free") != Some(&Value::Flag(true)))
            })
            .collect();
        let all: BTreeSet<&String> = paid.iter().filter_map(|plan| by_plan.get(plan)).flatten().collect();
        let lacking: Vec<String> = paid
            .iter()
            .filter_map(|plan| {
                let own = by_plan.get(plan);
                let missing: Vec<&str> = all
                    .iter()
                    .filter(|currency| !own.is_some_and(|own| own.contains(**currency)))
                    .map(|currency| currency.as_str())
                    .collect();
                (!missing.is_empty()).then(|| format!("{} lacks {}", plan.key(), missing.join(", ")))
            })
            .collect();
        if is_touched && !lacking.is_empty() {
            guards.push(Guard::new(
                "PB-G08",
                format!(
                    "the plans of {} do not have the same currencies: {}. A customer cannot switch to a plan that lacks theirs",
                    group.resource.address,
                    lacking.join("; ")
                ),
                vec![group.resource.address.clone()],
            ));
        }
    }
    guards
}

/// A plan that had a price and has none any more cannot be bought.
fn without_price(changes: &[Change], desired: &Desired) -> Vec<Guard> {
    let mut plans: BTreeSet<Address> = changes
        .iter()
        .filter(|change| change.kind == PRICE && change.action == Action::Delete)
        .map(|change| change.address.root())
        .collect();
    plans.retain(|plan| {
        let free = desired
            .objects
            .get(plan)
            .is_none_or(|object| object.resource.fields.get("free") == Some(&Value::Flag(true)));
        let first = plan.child(PRICE.collection, "");
        let has_price = desired
            .objects
            .range(first..)
            .take_while(|(address, _)| address.is_within(plan))
            .any(|(_, object)| object.resource.kind == PRICE);
        debug_assert_eq!(plan.collection(), PLAN.collection);
        !free && !has_price
    });
    plans
        .into_iter()
        .map(|plan| Guard::new("PB-G09", format!("{plan} is left without a price: nobody can buy it"), vec![plan]))
        .collect()
}
