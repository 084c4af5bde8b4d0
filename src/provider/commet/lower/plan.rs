use serde_json::{Value as Json, json};

use super::Lowering;
use super::body::{Body, basis_points, field, money, offer, plain, unit_price};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Value};
use crate::provider::commet::markets;
use crate::provider::commet::metadata;
use crate::provider::commet::table::PRICE;

impl<'a> Lowering<'a> {
    pub(super) fn plan(&mut self, change: &'a Change) {
        let address = &change.address;
        if matches!(change.action, Action::Delete | Action::Replace) {
            let path = self.dialect.object("/plans", &self.live_id(address));
            let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
            draft.summary = format!("Delete plan {}", change.name);
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            self.create_plan(change);
        }
        if change.action == Action::Update {
            self.update_plan(change);
        }
    }

    fn create_plan(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let mut body = Body::default();
        body.some("name", field(fields, "name"));
        body.put("code", address.key());
        body.some("description", field(fields, "description"));
        body.some("consumptionModel", field(fields, "consumption_model"));
        body.some("isPublic", field(fields, "public"));
        body.some("isFree", field(fields, "free"));
        if fields.get("block_on_exhaustion") == Some(&Value::Flag(true)) {
            body.put("blockOnExhaustion", true);
        }
        let metadata = metadata::rebuild(fields);
        if metadata.as_object().is_some_and(|map| !map.is_empty()) {
            body.put("metadata", metadata);
        }
        let mut draft = Draft::new(format!("{address}:create"), address, "POST", self.dialect.collection("/plans"));
        if let Some(group) = self.group_of(address) {
            let id = self.id(&group);
            if self.created(&group) {
                draft.ids.push("/planGroupId".into());
            }
            body.put("planGroupId", id);
        }
        draft.body = body.json();
        draft.learns = self.learns(address);
        draft.summary = format!("Create plan {}", change.name);
        if change.action == Action::Replace {
            draft.after.push(format!("{address}:delete"));
        }
        self.push(draft);
    }

    fn update_plan(&mut self, change: &'a Change) {
        let address = &change.address;
        let mut body = Body::default();
        for changed in change.fields.iter().filter(|changed| !changed.blocked) {
            let after = || changed.after.as_ref().map_or(Json::Null, plain);
            match changed.field.as_ref() {
                "name" => body.put("name", after()),
                "description" => body.put("description", after()),
                "public" => body.put("isPublic", after()),
                path if path.starts_with("metadata.") => {
                    // The API takes metadata as a whole (§3.2).
                    body.put("metadata", metadata::rebuild(self.wanted(address)))
                }
                _ => continue,
            };
        }
        if !body.is_empty() {
            let mut draft = Draft::new(
                format!("{address}:update"),
                address,
                self.dialect.update(),
                self.dialect.object("/plans", &self.live_id(address)),
            );
            draft.body = body.json();
            draft.summary = format!("Update plan {}", change.name);
            self.push(draft);
        }
        let default = change.fields.iter().find(|changed| changed.field == "default_price");
        let Some(interval) = default.and_then(|changed| changed.after.as_ref()).and_then(Value::text) else { return };
        let price = address.child("prices", interval);
        // A price that is written anyway becomes the default in the same call.
        if self.price_is_written(&price) {
            return;
        }
        let path = format!("/plans/{}/prices/{}/default", self.id(address), self.id(&price));
        let mut draft = Draft::new(format!("{address}:default"), address, "PUT", path);
        draft.body = Some(json!({}));
        draft.summary = format!("Make the {interval} price the default of {}", change.name);
        self.push(draft);
    }

    fn price_is_written(&self, price: &Address) -> bool {
        match self.changes.get(price) {
            Some(change) => {
                self.created(price) || change.action == Action::Update && change.fields.iter().any(|f| !f.blocked)
            }
            None => false,
        }
    }

    /// Whether this price is to become the default by the call that writes it.
    fn becomes_default(&self, price: &Address) -> bool {
        let Some(plan) = price.parent() else { return false };
        let wanted = self.wanted(&plan).get("default_price").and_then(Value::text) == Some(price.key());
        let is_default = self.found(&plan).get("default_price").and_then(Value::text) == Some(price.key());
        wanted && (!is_default || self.created(price))
    }

    pub(super) fn price(&mut self, change: &'a Change) {
        let address = &change.address;
        let Some(plan) = address.parent() else { return };
        let plan_name = self.name(&plan);
        let usd = Currency::USD;
        if matches!(change.action, Action::Delete | Action::Replace) {
            let path = format!("/plans/{}/prices/{}", self.id(&plan), self.live_id(address));
            let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
            draft.summary = format!("Archive the {} price of {plan_name}", change.name);
            draft.after = self.calls_of_variants(address);
            if change.action == Action::Delete {
                draft.after.extend(self.archive_variants(address));
            }
            if change.action == Action::Delete {
                // Never without a price and never without a default in between, where it can be helped.
                draft.after.extend(
                    self.children(&plan, PRICE.name)
                        .into_iter()
                        .filter(|other| self.created(&other.address) || self.becomes_default(&other.address))
                        .map(|other| {
                            let verb = if other.action == Action::Update { "update" } else { "create" };
                            format!("{}:{verb}", other.address)
                        }),
                );
                draft.after.push(format!("{plan}:default"));
            }
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            let fields = self.wanted(address);
            let mut body = Body::default();
            body.put("billingInterval", address.key());
            body.some("price", fields.get("amount").map(|amount| money(amount, usd)));
            if fields.get("trial_days") != Some(&Value::Count(0)) {
                body.some("trialDays", field(fields, "trial_days"));
            }
            body.put("isDefault", self.becomes_default(address));
            body.some("includedBalance", fields.get("included_balance").map(|amount| money(amount, usd)));
            body.some("includedCredits", field(fields, "included_credits"));
            if fields.contains_key("intro_offer.cycles") {
                body.put("introOffer", offer(fields, "", usd));
            }
            let metadata = metadata::rebuild(fields);
            if metadata.as_object().is_some_and(|map| !map.is_empty()) {
                body.put("metadata", metadata);
            }
            let mut draft =
                Draft::new(format!("{address}:create"), address, "POST", format!("/plans/{}/prices", self.id(&plan)));
            if fields.keys().any(|path| markets::is_price(path)) {
                let prices = self.market_prices(fields, &mut draft.ids);
                body.put("marketPrices", prices);
            }
            draft.body = body.json();
            draft.learns = self.learns(address);
            draft.summary = format!("Add the {} price to {plan_name}", change.name);
            if change.action == Action::Replace {
                draft.after.push(format!("{address}:delete"));
            }
            self.push(draft);
        }
        if change.action == Action::Update {
            let fields = self.wanted(address);
            let kept = self.held_by_variants(address);
            let mut ids = Vec::new();
            let mut body = Body::default();
            for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                let after = changed.after.as_ref();
                match changed.field.as_ref() {
                    "amount" => body.some("price", after.map(|amount| money(amount, usd))),
                    "trial_days" => body.put("trialDays", after.map_or(Json::from(0), plain)),
                    "included_balance" => {
                        body.put("includedBalance", after.map_or(Json::Null, |amount| money(amount, usd)))
                    }
                    "included_credits" => body.put("includedCredits", after.map_or(Json::Null, plain)),
                    path if path.starts_with("intro_offer.") => body.put("introOffer", offer(fields, "", usd)),
                    path if markets::is_price(path) => {
                        ids.clear();
                        let prices = self.market_prices(kept.as_ref().unwrap_or(fields), &mut ids);
                        body.put("marketPrices", prices)
                    }
                    _ => continue,
                };
            }
            if let Some(metadata) = self.merged_metadata(change) {
                body.put("metadata", metadata);
            }
            if self.becomes_default(address) {
                body.put("isDefault", true);
            }
            if body.is_empty() {
                return;
            }
            let path = format!("/plans/{}/prices/{}", self.id(&plan), self.live_id(address));
            if kept.is_some() {
                let mut trim = Draft::new(format!("{address}:trim"), address, self.dialect.update(), path.clone());
                let prices = self.market_prices(fields, &mut trim.ids);
                trim.body = Some(json!({ "marketPrices": prices }));
                trim.after = self.calls_of_variants(address);
                trim.after.push(format!("{address}:update"));
                trim.summary = format!("Take markets out of the {} price of {plan_name}", change.name);
                self.push(trim);
            }
            let mut draft = Draft::new(format!("{address}:update"), address, self.dialect.update(), path);
            draft.body = body.json();
            draft.ids = ids;
            draft.summary = format!("Update the {} price of {plan_name}", change.name);
            self.push(draft);
        }
    }

    pub(super) fn plan_feature(&mut self, change: &'a Change) {
        let address = &change.address;
        let Some(plan) = address.parent() else { return };
        let plan_name = self.name(&plan);
        let feature = Address::new("features", address.key());
        if matches!(change.action, Action::Delete | Action::Replace) {
            let path = format!("/plans/{}/features/{}", self.id(&plan), self.live_id(&feature));
            let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
            draft.summary = format!("Remove {} from {plan_name}", address.key());
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            let fields = self.wanted(address);
            let mut body = Body::default();
            body.put("featureId", self.id(&feature));
            body.some("enabled", field(fields, "enabled"));
            if self.wanted(&feature).get("type").and_then(Value::text) != Some("boolean") {
                body.some("includedAmount", field(fields, "included_amount"));
                body.some("unlimited", field(fields, "unlimited"));
                if let Some(price) = fields.get("overage") {
                    body.put("overage", json!({ "enabled": true, "unitPrice": unit_price(price) }));
                }
                body.some("creditsPerUnit", field(fields, "credits_per_unit"));
                if fields.get("pricing_mode").and_then(Value::text) == Some("ai_model") {
                    body.some("pricingMode", field(fields, "pricing_mode"));
                }
                body.some("margin", fields.get("margin").map(basis_points));
            }
            let mut draft =
                Draft::new(format!("{address}:create"), address, "POST", format!("/plans/{}/features", self.id(&plan)));
            draft.body = body.json();
            if self.created(&feature) {
                draft.ids.push("/featureId".into());
            }
            draft.summary = format!("Add {} to {plan_name}", address.key());
            if change.action == Action::Replace {
                draft.after.push(format!("{address}:delete"));
            }
            self.push(draft);
        }
        if change.action == Action::Update {
            let mut body = Body::default();
            for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                let after = changed.after.as_ref();
                match changed.field.as_ref() {
                    "enabled" => body.some("enabled", after.map(plain)),
                    "included_amount" => body.put("includedAmount", after.map_or(Json::from(0), plain)),
                    "unlimited" => body.some("unlimited", after.map(plain)),
                    "overage" => body.put(
                        "overage",
                        after.map_or_else(
                            || json!({ "enabled": false, "unitPrice": 0 }),
                            |price| json!({ "enabled": true, "unitPrice": unit_price(price) }),
                        ),
                    ),
                    "credits_per_unit" => body.put("creditsPerUnit", after.map_or(Json::Null, plain)),
                    _ => continue,
                };
            }
            if body.is_empty() {
                return;
            }
            let path = format!("/plans/{}/features/{}", self.id(&plan), self.live_id(&feature));
            let mut draft = Draft::new(format!("{address}:update"), address, self.dialect.update(), path);
            draft.body = body.json();
            draft.summary = format!("Update {} on {plan_name}", address.key());
            self.push(draft);
        }
    }
}
