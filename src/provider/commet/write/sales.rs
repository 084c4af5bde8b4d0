//! Offers, markets, price variants, credit packs and promo codes as the catalog says them.

use std::collections::BTreeMap;

use super::metadata;
use crate::edit::{Entry, Layout, Map, Tree};
use crate::model::{Currency, FieldKind, Fields, Live, LiveObject, Resource, Value};
use crate::provider::commet::markets::{self, MarketPrice};
use crate::provider::writing::{Section, all, children, fields, json, object, said, tree};

/// The sections after plans and add-ons.
pub(super) fn sections(live: &Live) -> [Section; 4] {
    let named = named(live);
    [
        Section::new("offers", all(live, "offers").map(|offer| self::offer(offer, &named))),
        Section::new("markets", all(live, "markets").map(|market| self::market(market, &named))),
        Section::new(
            "credit_packs",
            all(live, "credit_packs").map(|pack| object(&pack.resource.address, fields(&pack.resource, &[]))),
        ),
        Section::new("promo_codes", all(live, "promo_codes").map(|promo| promo_code(live, promo))),
    ]
}

/// How many offers and markets have a name.
type Named<'l> = BTreeMap<(&'l str, &'l str), usize>;

fn named(live: &Live) -> Named<'_> {
    let mut named = Named::new();
    for object in all(live, "offers").chain(all(live, "markets")) {
        *named.entry((object.resource.address.collection(), &object.resource.name)).or_default() += 1;
    }
    named
}

/// Where another one has the same name, only the id tells which is which.
fn bind(map: &mut Map, one: &LiveObject, named: &Named<'_>) {
    let shared = named.get(&(one.resource.address.collection(), one.resource.name.as_str()));
    if let Some(id) = one.id.as_ref().filter(|_| shared.is_some_and(|count| *count > 1)) {
        map.put("id", Tree::text(id));
    }
}

fn put_metadata(map: &mut Map, resource: &Resource) {
    if let Tree::Map(own) = json(&metadata::rebuild(&resource.fields))
        && !own.entries.is_empty()
    {
        map.put("metadata", own);
    }
}

fn offer(offer: &LiveObject, named: &Named<'_>) -> Entry {
    let resource = &offer.resource;
    let mut map = fields(resource, &[]);
    map.layout = Layout::Block;
    let mut phases: Vec<Tree> = Vec::new();
    loop {
        let prefix = format!("phases.{}.", phases.len() + 1);
        let mut phase = Map::default();
        for name in ["free_trial", "percentage", "cycles", "interval"] {
            let path = format!("{prefix}{name}");
            if name == "cycles" {
                for amounts in ["amount_off", "fixed_price"] {
                    let by_currency = amounts_at(&resource.fields, &format!("{prefix}{amounts}."));
                    if !by_currency.entries.is_empty() {
                        phase.put(amounts, by_currency);
                    }
                }
            }
            if let (Some(value), Some((_, spec))) = (resource.fields.get(path.as_str()), resource.kind.field(&path)) {
                phase.put(name, tree(spec.kind, value, None));
            }
        }
        if phase.entries.is_empty() {
            break;
        }
        phases.push(phase.into());
    }
    // After the name.
    let rest = map.entries.split_off(map.entries.len().min(1));
    map.put("phases", phases);
    map.entries.extend(rest);
    put_metadata(&mut map, resource);
    bind(&mut map, offer, named);
    object(&resource.address, map)
}

/// Amounts by currency below a path.
fn amounts_at(fields: &Fields, prefix: &str) -> Map {
    let mut map = Map::default();
    for (path, value) in fields {
        let Some(code) = path.strip_prefix(prefix) else { continue };
        map.put(code, tree(FieldKind::Money, value, code.parse::<Currency>().ok()));
    }
    map
}

fn market(market: &LiveObject, named: &Named<'_>) -> Entry {
    let mut map = fields(&market.resource, &[]);
    put_metadata(&mut map, &market.resource);
    bind(&mut map, market, named);
    object(&market.resource.address, map)
}

/// What a price has beside its own fields.
pub(super) fn of_price(live: &Live, price: &LiveObject, map: &mut Map) {
    put_markets(map, &price.resource.fields);
    let mut variants = Map::block();
    for variant in children(live, &price.resource.address, "variants") {
        let mut own = fields(&variant.resource, &[]);
        put_markets(&mut own, &variant.resource.fields);
        put_metadata(&mut own, &variant.resource);
        variants.put(variant.resource.address.key(), own);
    }
    if !variants.entries.is_empty() {
        map.put("variants", variants);
    }
    put_metadata(map, &price.resource);
}

fn put_markets(map: &mut Map, fields: &Fields) {
    let mut markets = Map::default();
    for MarketPrice { market, currency, amount } in markets::prices(fields) {
        markets.put_at(&[&market, currency], tree(FieldKind::Money, amount, currency.parse::<Currency>().ok()));
    }
    if !markets.entries.is_empty() {
        map.put("markets", markets);
    }
}

fn promo_code(live: &Live, promo: &LiveObject) -> Entry {
    let mut map = fields(&promo.resource, &[]);
    let offer = promo.resource.fields.get("offer").and_then(Value::text).unwrap_or_default();
    if let Some(entry) = map.entries.iter_mut().find(|entry| entry.key == "offer") {
        entry.remark = said(live, "offers", offer);
    }
    let mut entry = object(&promo.resource.address, map);
    if !promo.resource.fields.contains_key("plans") {
        entry.above.push("The API never shows the plans of a promo code: add `plans` where there are some".into());
    }
    entry
}
