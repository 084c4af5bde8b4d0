//! Live resources → the catalog that says them: the reverse of `desired`. Pure.
//!
//! What the API derives is left out, what it never shows is not invented.

mod sales;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::desired::derived;
use super::metadata;
use super::table::INTERVALS;
use crate::edit::{Entry, Layout, Map, Tree};
use crate::model::{Address, FieldKind, Fields, Live, LiveObject, Value};
use crate::provider::writing::{Section, Written, all, children, fields, json, object, part, said, said_of_all};

const HEAD: &[&str] = &[
    "What a changed price does to existing subscribers. Say it before a price changes, with one of:",
    "price_changes: grandfather    # they keep what they have: the old price is archived, a new one added",
    "price_changes: reprice        # they pay the new amount from their next renewal",
];

pub(super) fn write(live: &Live) -> Written {
    let mut listed: Vec<&LiveObject> = all(live, "groups").collect();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for group in &listed {
        *named.entry(&group.resource.name).or_default() += 1;
    }
    // What everybody sees comes first.
    listed.sort_by_key(|group| group.resource.fields.get("public") == Some(&Value::Flag(false)));
    let mut order: Vec<&str> = Vec::new();
    let mut groups = Vec::new();
    for group in listed {
        let shared = named.get(group.resource.name.as_str()).is_some_and(|count| *count > 1);
        groups.push(self::group(live, group, shared, &mut order));
    }
    let plans = in_order(live, &order).into_iter().map(|plan| self::plan(live, plan));
    let mut sections = vec![
        Section::new("features", all(live, "features").map(feature)),
        Section::new("groups", groups),
        Section::new("plans", plans),
        Section::new("addons", all(live, "addons").map(|addon| self::addon(live, addon))),
    ];
    sections.extend(sales::sections(live));
    Written { head: HEAD.to_vec(), sections, unsayable: Vec::new() }
}

fn feature(feature: &LiveObject) -> Entry {
    object(&feature.resource.address, fields(&feature.resource, &["code"]))
}

/// `shared`: another group has the same name, so that only the id tells which is which.
fn group<'l>(live: &Live, group: &'l LiveObject, shared: bool, order: &mut Vec<&'l str>) -> Entry {
    let mut map = fields(&group.resource, &["plans"]);
    map.layout = Layout::Block;
    if let Some(id) = group.id.as_ref().filter(|_| shared) {
        map.put("id", Tree::text(id));
    }
    if let Some(Value::List(plans)) = group.resource.fields.get("plans") {
        let codes: Vec<&str> = plans.iter().filter_map(Value::text).collect();
        let list: Vec<Tree> = codes.iter().map(|code| Tree::text(*code)).collect();
        map.put_named("plans", list, said_of_all(live, "plans", codes.iter().copied()));
        order.extend(codes);
    }
    object(&group.resource.address, map)
}

/// As the groups list them, low to high; then those in no group, free ones first, by price.
fn in_order<'l>(live: &'l Live, listed: &[&str]) -> Vec<&'l LiveObject> {
    let mut seen = BTreeSet::new();
    let mut plans: Vec<&LiveObject> = listed
        .iter()
        .filter(|code| seen.insert(**code))
        .filter_map(|code| live.objects.get(&Address::new("plans", code)))
        .collect();
    let mut rest: Vec<&LiveObject> =
        all(live, "plans").filter(|plan| !seen.contains(plan.resource.address.key())).collect();
    rest.sort_by_cached_key(|plan| {
        let prices = children(live, &plan.resource.address, "prices");
        let default = plan.resource.fields.get("default_price").and_then(Value::text);
        let price = prices.iter().find(|price| Some(price.resource.address.key()) == default).or(prices.first());
        (
            price.and_then(|price| price.resource.fields.get("amount")).and_then(Value::number),
            plan.resource.address.clone(),
        )
    });
    plans.extend(rest);
    plans
}

fn plan(live: &Live, plan: &LiveObject) -> Entry {
    let address = &plan.resource.address;
    let prices = children(live, address, "prices");
    let default = plan.resource.fields.get("default_price").and_then(Value::text);
    // With one price it is that one.
    let only = matches!(prices.as_slice(), [price] if Some(price.resource.address.key()) == default);
    let mut map = fields(&plan.resource, &["code", "default_price"]);
    map.layout = Layout::Block;
    if let Tree::Map(own) = json(&metadata::rebuild(&plan.resource.fields))
        && !own.entries.is_empty()
    {
        map.put("metadata", own);
    }
    if let Some(default) = default.filter(|_| !only) {
        map.put("default_price", Tree::text(default));
    }
    let mut block = Map::block();
    for price in &prices {
        let mut map = fields(&price.resource, &[]);
        sales::of_price(live, price, &mut map);
        block.put(price.resource.address.key(), short(map));
    }
    put_block(&mut map, "prices", block, None);
    let mut block = Map::block();
    let features = children(live, address, "features");
    for feature in &features {
        let code = feature.resource.address.key();
        block.put_named(code, plan_feature(feature), said(live, "features", code));
    }
    put_block(&mut map, "features", block, not_shown(plan, &features));
    let mut block = Map::block();
    for region in children(live, address, "regions") {
        // A currency without a price is one that was removed as far as it can be (commet-api.md §3.5).
        if region.resource.fields.keys().any(|path| path.starts_with("prices.")) {
            block.put(region.resource.address.key(), self::region(live, address, region));
        }
    }
    let offers = prices.iter().any(|price| price.resource.fields.contains_key("intro_offer.cycles"));
    let offers =
        offers.then_some("The API never shows an intro_offer that was set for a currency: add it where there is one");
    put_block(&mut map, "regions", block, offers);
    object(address, map)
}

/// What no read returns, on plans where it has a meaning.
fn not_shown(plan: &LiveObject, features: &[&LiveObject]) -> Option<&'static str> {
    let has = |field: &str| features.iter().any(|feature| feature.resource.fields.contains_key(field));
    match plan.resource.fields.get("consumption_model").and_then(Value::text)? {
        "credits" if !has("credits_per_unit") => Some("The API never shows credits_per_unit: add it where it was set"),
        "balance" if !has("pricing_mode") && !has("margin") => {
            Some("The API never shows pricing_mode and margin: add them where they were set")
        }
        _ => None,
    }
}

fn put_block(map: &mut Map, key: &str, block: Map, above: Option<&str>) {
    if !block.entries.is_empty() {
        let above = above.into_iter().map(str::to_owned).collect();
        map.entries.push(Entry { key: key.to_owned(), value: block.into(), remark: None, above });
    }
}

/// An amount alone stands for its map.
fn short(map: Map) -> Tree {
    match map.entries.as_slice() {
        [only] if only.key == "amount" => only.value.clone(),
        _ => map.into(),
    }
}

/// `true` or `false` alone stands for its map.
fn plan_feature(feature: &LiveObject) -> Tree {
    let enabled = feature.resource.fields.get("enabled") != Some(&Value::Flag(false));
    let map = fields(&feature.resource, &["enabled"]);
    if map.entries.is_empty() {
        return Tree::plain(enabled.to_string());
    }
    if enabled {
        return map.into();
    }
    let mut whole = Map::default();
    whole.put("enabled", Tree::plain("false"));
    whole.entries.extend(map.entries);
    whole.into()
}

/// The values that were set by hand; the API derives the others at the rate.
fn region(live: &Live, plan: &Address, region: &LiveObject) -> Map {
    let resource = &region.resource;
    let mut map = fields(resource, &[]);
    let by_hand = |path: &str| match resource.fields.get(path) {
        None | Some(Value::Derived(_)) => None,
        Some(_) => part(resource.kind, &resource.fields, path, resource.currency),
    };
    for interval in INTERVALS {
        let mut price = Map::default();
        for field in
            ["amount", "included_balance", "intro_offer.percentage", "intro_offer.amount", "intro_offer.cycles"]
        {
            let path = format!("prices.{interval}.{field}");
            if field == "included_balance" && follows(live, plan, interval, resource) {
                continue;
            }
            if let Some(value) = by_hand(&path) {
                price.put_at(&field.split('.').collect::<Vec<_>>(), value);
            }
        }
        if !price.entries.is_empty() {
            map.put_at(&["prices", interval], short(price));
        }
    }
    for feature in children(live, plan, "features") {
        let code = feature.resource.address.key();
        // Where overage is off, what stands in the region's row has no meaning.
        let charged = feature.resource.fields.contains_key("overage");
        if let Some(value) = by_hand(&format!("features.{code}.overage")).filter(|_| charged) {
            map.put_at(&["features", code, "overage"], value);
        }
    }
    map
}

/// Whether a balance beside a price that was set by hand is the number that the API derives: then nobody set it.
fn follows(live: &Live, plan: &Address, interval: &str, region: &crate::model::Resource) -> bool {
    let number = |fields: &Fields, path: &str| fields.get(path).and_then(Value::number);
    let base = || number(&live.objects.get(&plan.child("prices", interval))?.resource.fields, "included_balance");
    let expected = || -> Option<Decimal> {
        let rate = number(&region.fields, "exchange_rate")?;
        Some(derived(base()?, rate, FieldKind::Money, region.currency?))
    };
    let own = number(&region.fields, &format!("prices.{interval}.included_balance"));
    own.is_some() && own == expected()
}

fn addon(live: &Live, addon: &LiveObject) -> Entry {
    let mut map = fields(&addon.resource, &[]);
    map.layout = Layout::Block;
    let feature = addon.resource.fields.get("feature").and_then(Value::text).unwrap_or_default();
    if let Some(entry) = map.entries.iter_mut().find(|entry| entry.key == "feature") {
        entry.remark = said(live, "features", feature);
    }
    object(&addon.resource.address, map)
}
