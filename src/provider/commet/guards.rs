//! Guards that come from Commet's own rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::Guard;
use crate::diff::{Action, Change, Reason};
use crate::model::{Address, Desired, Live, Resource, Value};
use crate::provider::commet::live::offer_named;
use crate::provider::commet::markets;
use crate::provider::commet::table::{ADDON, FEATURE, GROUP, MARKET, PLAN, PLAN_FEATURE, PRICE, REGION};

pub(super) fn guards(changes: &[Change], desired: &Desired, live: &Live) -> Vec<Guard> {
    let mut found = currencies(changes, desired);
    found.extend(without_price(changes, desired));
    found.extend(features_in_use(changes, live));
    found.extend(markets_in_use(changes, desired, live));
    found.extend(offers_lost(changes, live));
    found
}

/// The API deletes no feature that a plan or an add-on has (`feature_in_use`, commet-api.md §3.1). What gives it up in
/// this changeset does so before; what is not managed here, or was not chosen, keeps it.
fn features_in_use(changes: &[Change], live: &Live) -> Vec<Guard> {
    let gone: BTreeMap<&str, &Change> = changes
        .iter()
        .filter(|change| change.kind == FEATURE && matches!(change.action, Action::Delete | Action::Replace))
        .filter_map(|change| Some((live.objects.get(&change.address)?.natural_key.as_str(), change)))
        .collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let given_up: BTreeSet<&Address> = changes
        .iter()
        .filter(|change| matches!(change.action, Action::Delete | Action::Replace))
        .map(|change| &change.address)
        .collect();
    let mut users: BTreeMap<&Address, Vec<String>> = BTreeMap::new();
    for object in live.objects.values() {
        let Resource { address, kind, fields, .. } = &object.resource;
        let feature = match *kind {
            kind if kind == PLAN_FEATURE => Some(address.key()),
            kind if kind == ADDON => fields.get("feature").and_then(Value::text),
            _ => None,
        };
        let Some(change) = feature.and_then(|feature| gone.get(feature)) else { continue };
        if !given_up.contains(address) && !given_up.contains(&address.root()) {
            users.entry(&change.address).or_default().push(address.root().to_string());
        }
    }
    let guard = |(address, users): (&Address, Vec<String>)| {
        let have = if users.len() == 1 { "has" } else { "have" };
        let message = format!(
            "{address} cannot be deleted: {} {have} it, and nothing in this changeset takes it away there. Take it off first, or put its block back into the files",
            users.join(", ")
        );
        Guard::new("PB-G14", message, vec![address.clone()])
    };
    users.into_iter().map(guard).collect()
}

/// The API deletes no market that a price has (`market_in_use`, commet-api.md §3.8). What the files say of a price takes
/// it out before; what is not managed here keeps it.
fn markets_in_use(changes: &[Change], desired: &Desired, live: &Live) -> Vec<Guard> {
    let gone = changes.iter().filter(|change| change.kind == MARKET && change.action == Action::Delete);
    let deleted: BTreeSet<&Address> = changes
        .iter()
        .filter(|change| matches!(change.action, Action::Delete | Action::Replace))
        .map(|change| &change.address)
        .collect();
    let changed: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    let guard = |change: &Change| {
        let market = change.address.key();
        let holds = |address: &Address, resource: &Resource| {
            let mut around = std::iter::successors(Some(address.clone()), Address::parent);
            let goes = around.any(|around| deleted.contains(&around));
            let stays = match desired.objects.get(address) {
                Some(wanted) if changed.contains(address) => markets::names(&wanted.resource.fields, market),
                _ => true,
            };
            !goes && stays && markets::names(&resource.fields, market)
        };
        let users: Vec<String> = live
            .objects
            .iter()
            .filter(|(address, object)| holds(address, &object.resource))
            .map(|(address, _)| address.to_string())
            .collect();
        (!users.is_empty()).then(|| {
            let have = if users.len() == 1 { "has" } else { "have" };
            let message = format!(
                "{} cannot be deleted: {} {have} a price in it, and nothing in this changeset takes it away there. Take it out first, or put its block back into the files",
                change.address,
                users.join(", ")
            );
            Guard::new("PB-G14", message, vec![change.address.clone()])
        })
    };
    gone.filter_map(guard).collect()
}

/// Only the dashboard attaches an offer to a price (commet-api.md §1.2, §3.8): a price that is made anew comes without it.
fn offers_lost(changes: &[Change], live: &Live) -> Vec<Guard> {
    let anew = |change: &&Change| match (change.action, &change.reason) {
        (Action::Replace, _) | (Action::Create, Reason::Follows { .. }) => change.kind == PRICE,
        _ => false,
    };
    let guard = |change: &Change| {
        let offer = offer_named(live, live.attached.get(&change.address)?);
        let message = format!(
            "{} is made anew and loses {offer}, which new customers get with it: no call attaches an offer. Attach it to the new price in the dashboard afterwards, or write `price_changes: reprice`",
            change.address
        );
        Some(Guard::new("PB-G19", message, vec![change.address.clone()]))
    };
    changes.iter().filter(anew).filter_map(guard).collect()
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
