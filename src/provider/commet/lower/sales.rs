//! Calls for offers, markets, price variants, credit packs and promo codes (commet-api.md §3.3, §3.8).

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::Lowering;
use super::body::{Body, basis_points, field, money, plain};
use crate::changeset::{Draft, ids_used};
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Fields, Value, path_segments};
use crate::provider::commet::metadata;
use crate::provider::commet::table::{MARKET, PLAN, PRICE, VARIANT};

/// Countries of ISO 3166-1 where nobody lives: Bouvet Island, Heard and McDonald Islands, South Georgia, the French
/// Southern Territories, the United States Minor Outlying Islands, Antarctica.
const UNINHABITED: &[&str] = &["BV", "HM", "GS", "TF", "UM", "AQ"];

impl<'a> Lowering<'a> {
    /// An update replaces all terms, so that it says all of them.
    pub(super) fn offer(&mut self, change: &'a Change) {
        let address = &change.address;
        let mut draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/offers");
                // A promo code that gives it is switched off or gone before.
                draft.after = self.drafts_of("promo_codes");
                draft.summary = format!("Delete the offer {}", change.name);
                draft
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/offers");
                draft.body = Some(terms(self.wanted(address)));
                draft.summary = format!("Write the terms of the offer {}", change.name);
                draft
            }
            _ => {
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/offers");
                draft.body = Some(terms(self.wanted(address)));
                draft.learns = self.learns(address);
                draft.summary = format!("Create the offer {}", change.name);
                draft
            }
        };
        draft.after.retain(|key| !key.is_empty());
        self.push(draft);
    }

    /// An update replaces name, countries and metadata. A country is in one market at most: it leaves one before it
    /// joins another.
    pub(super) fn market(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let body = || {
            json!({
                "name": fields.get("name").map_or(Json::Null, plain),
                "countryCodes": words(fields.get("countries")),
                "metadata": metadata::rebuild(fields),
            })
        };
        let mut draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/markets");
                draft.summary = format!("Delete the market {}", change.name);
                draft.after = self.users_of_market(address);
                draft
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/markets");
                draft.body = Some(body());
                draft.summary = format!("Write the market {}", change.name);
                draft
            }
            _ => {
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/markets");
                draft.body = Some(body());
                draft.learns = self.learns(address);
                draft.summary = format!("Create the market {}", change.name);
                draft
            }
        };
        if change.action != Action::Delete {
            draft.after.extend(self.givers(address));
        }
        self.push(draft);
    }

    /// Where countries move around in a ring, one market steps back before the others move: to what no other one gets,
    /// or, as a market has at least one country, to one where nobody lives. The same for a market that goes when its
    /// prices have left it, and they leave it for one that gets its countries.
    pub(super) fn market_rings(&mut self) {
        let of_markets = |change: &&&Change| change.kind == MARKET;
        let moving: Vec<(Address, String)> = self
            .changes
            .values()
            .filter(of_markets)
            .filter_map(|change| match change.action {
                Action::Update => Some((change.address.clone(), format!("{}:update", change.address))),
                Action::Delete => Some((change.address.clone(), format!("{}:delete", change.address))),
                _ => None,
            })
            .collect();
        let mut empty = self.uninhabited().into_iter();
        for (address, own) in moving {
            if !self.waits_for_itself(&own) {
                continue;
            }
            let taken: BTreeSet<&str> = self
                .changes
                .values()
                .filter(of_markets)
                .filter(|change| change.address != address && change.action != Action::Delete)
                .flat_map(|change| countries(self.wanted(&change.address)))
                .collect();
            let mut kept: Vec<&str> =
                countries(self.found(&address)).into_iter().filter(|code| !taken.contains(code)).collect();
            if kept.is_empty() {
                kept.extend(empty.next());
            }
            if kept.is_empty() {
                continue;
            }
            let key = format!("{address}:aside");
            let fields = self.found(&address);
            let path = format!("/markets/{}", self.live_id(&address));
            let mut draft = Draft::new(key.clone(), &address, self.dialect.update(), path);
            draft.body = Some(json!({
                "name": fields.get("name").map_or(Json::Null, plain),
                "countryCodes": kept,
                "metadata": metadata::rebuild(fields),
            }));
            draft.summary = format!("Take the countries out of {} that other markets get", address.key());
            // Who waited for its countries waits for this call only.
            for other in self.drafts.iter_mut().filter(|other| other.key != own) {
                for after in other.after.iter_mut().filter(|after| **after == own) {
                    after.clone_from(&key);
                }
            }
            if let Some(own) = self.drafts.iter_mut().find(|draft| draft.key == own) {
                own.after.push(key);
            }
            self.push(draft);
        }
    }

    /// Countries of no market, of no customer either: a market borrows one for a moment.
    fn uninhabited(&self) -> Vec<&'static str> {
        let live = self.live.objects.values().map(|object| &object.resource);
        let wanted = self.desired.objects.values().map(|object| &object.resource);
        let taken: BTreeSet<&str> = live
            .chain(wanted)
            .filter(|resource| resource.kind == MARKET)
            .flat_map(|resource| countries(&resource.fields))
            .collect();
        UNINHABITED.iter().copied().filter(|code| !taken.contains(code)).collect()
    }

    /// Whether a draft can only come after itself. What a draft has a placeholder of comes before it, too.
    fn waits_for_itself(&self, own: &str) -> bool {
        let (mut open, mut seen) = (vec![own.to_owned()], BTreeSet::new());
        while let Some(key) = open.pop() {
            for draft in self.drafts.iter().filter(|draft| draft.key == key) {
                let learned = ids_used(draft).map(|address| format!("{address}:create"));
                for after in draft.after.iter().cloned().chain(learned) {
                    if after == own {
                        return true;
                    }
                    if seen.insert(after.clone()) {
                        open.push(after);
                    }
                }
            }
        }
        false
    }

    /// The calls by which other markets let go of countries that this one gets.
    fn givers(&self, market: &Address) -> Vec<String> {
        let wanted = countries(self.wanted(market));
        let gives = |change: &&&Change| {
            change.kind == MARKET
                && change.address != *market
                && countries(self.found(&change.address)).iter().any(|code| wanted.contains(code))
        };
        let verb = |change: &&Change| match change.action {
            Action::Delete => format!("{}:delete", change.address),
            _ => format!("{}:update", change.address),
        };
        self.changes.values().filter(gives).map(verb).collect()
    }

    /// The calls after which no price is in a market any more.
    fn users_of_market(&self, market: &Address) -> Vec<String> {
        let uses = |address: &Address| {
            self.found(address).keys().any(|path| {
                let mut segments = path_segments(path);
                segments.next() == Some("markets") && segments.next() == Some(market.key())
            })
        };
        let mut keys = Vec::new();
        for change in self.changes.values().filter(|change| change.kind == PRICE || change.kind == VARIANT) {
            if uses(&change.address) {
                let verb = if change.action == Action::Update { "update" } else { "delete" };
                keys.push(format!("{}:{verb}", change.address));
                keys.push(format!("{}:trim", change.address));
            }
        }
        let goes = |change: &&&Change| matches!(change.action, Action::Delete | Action::Replace);
        for change in self.changes.values().filter(|change| change.kind == PLAN).filter(goes) {
            keys.push(format!("{}:delete", change.address));
        }
        keys
    }

    /// `marketPrices` of a price or a variant: the whole list, because a write replaces it. Markets that are created
    /// with it are named by placeholders.
    pub(super) fn market_prices(&self, fields: &Fields, ids: &mut Vec<String>) -> Json {
        let mut list = Vec::new();
        for (path, value) in fields {
            let mut segments = path_segments(path);
            let (Some("markets"), Some(key), Some(code)) = (segments.next(), segments.next(), segments.next()) else {
                continue;
            };
            let Ok(currency) = code.parse::<Currency>() else { continue };
            let market = Address::new(MARKET.collection, key);
            let id = if self.created(&market) {
                ids.push(format!("/marketPrices/{}/marketGroupId", list.len()));
                self.id(&market)
            } else if self.live.objects.contains_key(&market) {
                self.live_id(&market)
            } else {
                // A market that no list shows stands here under its id.
                key.to_owned()
            };
            list.push(json!({ "marketGroupId": id, "currency": code, "price": money(value, currency) }));
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
            if change.fields.iter().any(|changed| changed.field.starts_with("markets.")) {
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
        let held: BTreeSet<String> = variants
            .filter(|address| self.changes.contains_key(address))
            .flat_map(|address| markets(self.found(address)))
            .filter(|market| {
                let of = |fields: &Fields| currencies(fields, market);
                !of(found).is_empty() && of(found) != of(wanted)
            })
            .collect();
        if held.is_empty() {
            return None;
        }
        let mut fields = wanted.clone();
        fields.retain(|path, _| !market_of(path).is_some_and(|market| held.contains(market)));
        let kept = found.iter().filter(|(path, _)| market_of(path).is_some_and(|market| held.contains(market)));
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

    pub(super) fn credit_pack(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/credit-packs");
                draft.summary = format!("Delete the credit pack {}", change.name);
                draft
            }
            Action::Update => {
                let mut body = Body::default();
                for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                    let after = changed.after.as_ref();
                    match changed.field.as_ref() {
                        "name" => body.some("name", after.map(plain)),
                        // Whether null clears it is not documented: an empty text says the same.
                        "description" => body.put("description", after.map_or(Json::from(""), plain)),
                        "credits" => body.some("credits", after.map(plain)),
                        "price" => body.some("price", after.map(|price| money(price, Currency::USD))),
                        "active" => body.some("isActive", after.map(plain)),
                        _ => continue,
                    };
                }
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/credit-packs");
                draft.body = body.json();
                draft.summary = format!("Update the credit pack {}", change.name);
                draft
            }
            _ => {
                let mut body = Body::default();
                body.some("name", field(fields, "name"));
                body.some("description", field(fields, "description"));
                body.some("credits", field(fields, "credits"));
                body.some("price", fields.get("price").map(|price| money(price, Currency::USD)));
                body.some("isActive", field(fields, "active"));
                let path = self.dialect.collection("/credit-packs");
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", path);
                draft.body = body.json();
                draft.learns = self.learns(address);
                draft.summary = format!("Create the credit pack {}", change.name);
                draft
            }
        };
        self.push(draft);
    }

    /// There is no delete: a code that is not wanted is switched off.
    pub(super) fn promo_code(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        match change.action {
            Action::Delete => {
                if self.found(address).get("active") == Some(&Value::Flag(false)) {
                    return;
                }
                let mut draft = self.sales_draft(change, "delete", self.dialect.update(), "/promo-codes");
                draft.body = Some(json!({ "active": false }));
                draft.summary = format!("Switch the promo code {} off", change.name);
                self.push(draft);
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/promo-codes");
                let mut body = Body::default();
                for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                    let after = || changed.after.as_ref().map_or(Json::Null, plain);
                    match changed.field.as_ref() {
                        "billing_interval" => body.put("billingInterval", after()),
                        "max_redemptions" => body.put("maxRedemptions", after()),
                        "expires_at" => body.put("expiresAt", after()),
                        "active" => body.put("active", after()),
                        "plans" => {
                            let plans = self.plan_ids(fields, &mut draft.ids);
                            body.put("planIds", plans)
                        }
                        _ => continue,
                    };
                }
                if body.is_empty() {
                    return;
                }
                draft.body = body.json();
                draft.summary = format!("Update the promo code {}", change.name);
                self.push(draft);
            }
            _ => self.create_promo_code(change),
        }
    }

    fn create_promo_code(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/promo-codes");
        let mut body = Body::default();
        body.put("code", address.key());
        if let Some(offer) = fields.get("offer").and_then(Value::text) {
            let offer = Address::new("offers", offer);
            body.put("offerId", self.id(&offer));
            if self.created(&offer) {
                draft.ids.push("/offerId".into());
            }
        }
        if let Some(amount) = fields.get("amount_off") {
            body.put("discountType", "amount").put("discountValue", money(amount, Currency::USD));
        } else if let Some(percentage) = fields.get("percentage") {
            body.put("discountType", "percentage").put("discountValue", basis_points(percentage));
        }
        body.some("durationCycles", field(fields, "cycles"));
        body.some("billingInterval", field(fields, "billing_interval"));
        body.some("maxRedemptions", field(fields, "max_redemptions"));
        body.some("expiresAt", field(fields, "expires_at"));
        if fields.contains_key("plans") {
            let plans = self.plan_ids(fields, &mut draft.ids);
            body.put("planIds", plans);
        }
        draft.body = body.json();
        draft.learns = self.learns(address);
        draft.summary = format!("Create the promo code {}", change.name);
        self.push(draft);
        if fields.get("active") == Some(&Value::Flag(false)) {
            // It cannot be created switched off.
            let path = format!("/promo-codes/{}", self.id(address));
            let mut draft = Draft::new(format!("{address}:off"), address, self.dialect.update(), path);
            draft.body = Some(json!({ "active": false }));
            draft.summary = format!("Switch the promo code {} off", change.name);
            self.push(draft);
        }
    }

    fn plan_ids(&self, fields: &Fields, ids: &mut Vec<String>) -> Json {
        let codes = match fields.get("plans") {
            Some(Value::List(codes)) => codes.as_slice(),
            _ => &[],
        };
        let plans = codes.iter().filter_map(Value::text).map(|code| Address::new("plans", code));
        let id = |(at, plan): (usize, Address)| {
            if self.created(&plan) {
                ids.push(format!("/planIds/{at}"));
            }
            self.id(&plan)
        };
        plans.enumerate().map(id).collect::<Vec<_>>().into()
    }

    fn sales_draft(&self, change: &Change, verb: &str, method: &'static str, path: &str) -> Draft {
        let path = format!("{path}/{}", self.live_id(&change.address));
        Draft::new(format!("{}:{verb}", change.address), &change.address, method, path)
    }

    /// The calls that take away objects of a collection.
    fn drafts_of(&self, collection: &str) -> Vec<String> {
        let gone = self.changes.values().filter(|change| change.action == Action::Delete);
        let its = gone.filter(|change| change.address.collection() == collection);
        its.map(|change| format!("{}:delete", change.address)).collect()
    }
}

fn words(list: Option<&Value>) -> Json {
    match list {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).map(Json::from).collect(),
        _ => Json::Array(Vec::new()),
    }
}

fn countries(fields: &Fields) -> BTreeSet<&str> {
    match fields.get("countries") {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).collect(),
        _ => BTreeSet::new(),
    }
}

fn market_of(path: &str) -> Option<&str> {
    let mut segments = path_segments(path);
    (segments.next() == Some("markets")).then(|| segments.next()).flatten()
}

fn markets(fields: &Fields) -> BTreeSet<String> {
    fields.keys().filter_map(|path| market_of(path)).map(str::to_owned).collect()
}

/// The currencies of a price in a market.
fn currencies(fields: &Fields, market: &str) -> BTreeSet<String> {
    let its = fields.keys().filter(|path| market_of(path) == Some(market));
    its.filter_map(|path| path_segments(path).nth(2)).map(str::to_owned).collect()
}

fn named_metadata(fields: &Fields) -> Json {
    let mut map = match metadata::rebuild(fields) {
        Json::Object(map) => map,
        _ => Map::new(),
    };
    map.insert("name".into(), fields.get("name").map_or(Json::Null, plain));
    Json::Object(map)
}

/// The whole of an offer.
fn terms(fields: &Fields) -> Json {
    let mut phases = Vec::new();
    loop {
        let path = |name: &str| format!("phases.{}.{name}", phases.len() + 1);
        let get = |name: &str| fields.get(path(name).as_str());
        let mut phase = Map::new();
        let amounts = |name: &str| -> Option<Json> {
            let prefix = format!("{}.", path(name));
            let list: Vec<Json> = fields
                .iter()
                .filter_map(|(path, value)| {
                    let code = path.strip_prefix(prefix.as_str())?;
                    Some(json!({ "currency": code, "amount": money(value, code.parse().ok()?) }))
                })
                .collect();
            (!list.is_empty()).then_some(Json::Array(list))
        };
        if let Some(days) = get("free_trial") {
            phase.insert("type".into(), "free_trial".into());
            phase.insert("durationDays".into(), plain(days));
        } else {
            if let Some(percentage) = get("percentage") {
                phase.insert("type".into(), "percentage".into());
                phase.insert("percentage".into(), basis_points(percentage));
            } else if let Some(amounts) = amounts("amount_off") {
                phase.insert("type".into(), "amount_off".into());
                phase.insert("amounts".into(), amounts);
            } else if let Some(prices) = amounts("fixed_price") {
                phase.insert("type".into(), "fixed_price".into());
                phase.insert("prices".into(), prices);
            } else {
                break;
            }
            phase.insert("durationCycles".into(), get("cycles").map_or(Json::Null, plain));
            if let Some(interval) = get("interval") {
                phase.insert("durationInterval".into(), plain(interval));
            }
        }
        phases.push(Json::Object(phase));
    }
    json!({
        "name": fields.get("name").map_or(Json::Null, plain),
        "phases": phases,
        "metadata": metadata::rebuild(fields),
        "startsAt": fields.get("starts_at").map_or(Json::Null, plain),
        "endsAt": fields.get("ends_at").map_or(Json::Null, plain),
        "active": fields.get("active").map_or(Json::Bool(true), plain),
    })
}
