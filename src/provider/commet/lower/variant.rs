//! Calls for prices in markets and for the variants of a price (commet-api.md §3.3).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::Lowering;
use super::body::{Body, money, plain};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Fields};
use crate::provider::commet::markets::{self, MarketPrice};
use crate::provider::commet::metadata;
use crate::provider::commet::table::{MARKET, VARIANT};

impl<'a> Lowering<'a> {
    /// `marketPrices` of a price or a variant: the whole list, because a write replaces it. Markets that are created
    /// with it are named by placeholders.
    pub(super) fn market_prices(&self, fields: &Fields, ids: &mut Vec<String>) -> Json {
        let mut list = Vec::new();
        for MarketPrice { market: key, currency: code, amount } in markets::prices(fields) {
            let Ok(currency) = code.parse::<Currency>() else { continue };
            let market = Address::new(MARKET.collection, &key);
            let id = if self.created(&market) {
                ids.push(format!("/marketPrices/{}/marketGroupId", list.len()));
                self.id(&market)
            } else if self.live.objects.contains_key(&market) {
                self.live_id(&market)
            } else {
                // A market that no list shows stands here under its id.
                key.into_owned()
            };
            list.push(json!({ "marketGroupId": id, "currency": code, "price": money(amount, currency) }));
        }
        Json::Array(list)
    }

    /// What of a price's metadata changes. The API merges it into what is there key by key, not deeper, and nothing
    /// takes a key away but null.
    pub(super) fn merged_metadata(&self, change: &Change) -> Option<Json> {
        let wanted = metadata::rebuild(self.wanted(&change.address));
        let changed: Map<String, Json> = change
            .fields
            .iter()
            .filter_map(|changed| metadata::key(&changed.field))
            .map(|key| {
                let value = wanted.get(&key).cloned().unwrap_or(Json::Null);
                (key, value)
            })
            .collect();
        (!changed.is_empty()).then_some(Json::Object(changed))
    }

    pub(super) fn variant(&mut self, change: &'a Change) {
        let address = &change.address;
        let Some(price) = address.parent() else { return };
        let Some(plan) = price.parent() else { return };
        let of = format!("of the {} price of {}", price.key(), self.name(&plan));
        if matches!(change.action, Action::Delete | Action::Replace) {
            let path = format!("/plans/{}/prices/{}", self.id(&plan), self.live_id(address));
            let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
            draft.summary = format!("Archive the variant {} {of}", change.name);
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            let fields = self.wanted(address);
            let path = format!("/plans/{}/prices", self.id(&plan));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", path);
            let mut body = Body::default();
            body.put("billingInterval", price.key());
            body.put("inheritsFromPriceId", self.id(&price));
            if self.created(&price) {
                draft.ids.push("/inheritsFromPriceId".into());
            }
            let prices = self.market_prices(fields, &mut draft.ids);
            body.put("marketPrices", prices);
            body.put("metadata", named_metadata(fields));
            draft.body = body.json();
            draft.learns = self.learns(address);
            draft.after = vec![format!("{price}:update")];
            // Its currencies are those that the price has in the end.
            if self.action(&price) == Some(Action::Update) && self.held_by_variants(&price).is_some() {
                draft.after.push(format!("{price}:trim"));
            }
            if change.action == Action::Replace {
                draft.after.push(format!("{address}:delete"));
            }
            draft.summary = format!("Add the variant {} {of}", change.name);
            self.push(draft);
        }
        if change.action == Action::Update {
            let path = format!("/plans/{}/prices/{}", self.id(&plan), self.live_id(address));
            let mut draft = Draft::new(format!("{address}:update"), address, self.dialect.update(), path);
            let mut body = Body::default();
            if change.fields.iter().any(|changed| markets::is_price(&changed.field)) {
                let prices = self.market_prices(self.wanted(address), &mut draft.ids);
                body.put("marketPrices", prices);
            }
            let mut metadata = match self.merged_metadata(change) {
                Some(Json::Object(map)) => map,
                _ => Map::new(),
            };
            if let Some(name) = change.fields.iter().find(|changed| changed.field == "name") {
                metadata.insert("name".into(), name.after.as_ref().map_or(Json::Null, plain));
            }
            if !metadata.is_empty() {
                body.put("metadata", Json::Object(metadata));
            }
            if body.is_empty() {
                return;
            }
            draft.body = body.json();
            draft.after = vec![format!("{price}:update")];
            draft.summary = format!("Update the variant {} {of}", change.name);
            self.push(draft);
        }
    }

    /// Markets that a base price gives up, or has in another currency, while a variant of it still has them: the variant
    /// goes first, and the base price keeps them until then (§3.3: `price_in_use`).
    pub(super) fn held_by_variants(&self, price: &Address) -> Option<Fields> {
        let of_price =
            |address: &Address| address.parent().as_ref() == Some(price) && address.collection() == VARIANT.collection;
        let variants = self.live.objects.keys().filter(|address| of_price(address));
        let (wanted, found) = (self.wanted(price), self.found(price));
        let held: BTreeSet<Cow<'_, str>> = variants
            .filter(|address| self.changes.contains_key(address))
            .flat_map(|address| markets::markets(self.found(address)))
            .filter(|market| {
                let live = currencies(found, market);
                !live.is_empty() && live != currencies(wanted, market)
            })
            .collect();
        if held.is_empty() {
            return None;
        }
        let mut fields = wanted.clone();
        fields.retain(|path, _| !markets::market_of(path).is_some_and(|market| held.contains(&market)));
        let kept =
            found.iter().filter(|(path, _)| markets::market_of(path).is_some_and(|market| held.contains(&market)));
        fields.extend(kept.map(|(path, value)| (path.clone(), value.clone())));
        Some(fields)
    }

    /// A price that goes is archived after its variants (§3.3: `price_in_use`). Their calls belong to its change.
    pub(super) fn archive_variants(&mut self, price: &Address) -> Vec<String> {
        let Some(plan) = price.parent() else { return Vec::new() };
        let of_price =
            |address: &Address| address.parent().as_ref() == Some(price) && address.collection() == VARIANT.collection;
        let variants: Vec<Address> = self
            .live
            .objects
            .range(price.clone()..)
            .map(|(address, _)| address)
            .take_while(|address| address.is_within(price))
            .filter(|address| of_price(address) && !self.changes.contains_key(address))
            .cloned()
            .collect();
        let mut keys = Vec::new();
        for variant in variants {
            let key = format!("{variant}:delete");
            let path = format!("/plans/{}/prices/{}", self.id(&plan), self.live_id(&variant));
            let mut draft = Draft::new(key.clone(), price, "DELETE", path);
            draft.summary = format!(
                "Archive the variant {} of the {} price of {}",
                self.name(&variant),
                price.key(),
                self.name(&plan)
            );
            self.push(draft);
            keys.push(key);
        }
        keys
    }

    /// The calls of a price's variants.
    pub(super) fn calls_of_variants(&self, price: &Address) -> Vec<String> {
        let of_price = |change: &&&Change| change.kind == VARIANT && change.address.parent().as_ref() == Some(price);
        let verbs = |change: &&Change| match change.action {
            Action::Update => format!("{}:update", change.address),
            _ => format!("{}:delete", change.address),
        };
        self.changes.values().filter(of_price).map(verbs).collect()
    }
}

/// The currencies of a price in a market.
fn currencies<'f>(fields: &'f Fields, market: &str) -> BTreeSet<&'f str> {
    markets::prices(fields).filter(|price| price.market == market).map(|price| price.currency).collect()
}

fn named_metadata(fields: &Fields) -> Json {
    let mut map = match metadata::rebuild(fields) {
        Json::Object(map) => map,
        _ => Map::new(),
    };
    map.insert("name".into(), fields.get("name").map_or(Json::Null, plain));
    Json::Object(map)
}
