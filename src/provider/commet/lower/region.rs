//! Currencies of a plan. One call writes one currency whole: its rate, what is set by hand, and everything else
//! derived (§3.5). No call removes a currency; see [`Lowering::remove_regions`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::Lowering;
use super::body::{Body, field, money, offer_terms, unit_price};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Value};
use crate::provider::commet::table::{PLAN_FEATURE, PRICE, REGION};

impl<'a> Lowering<'a> {
    /// All regional calls of one plan.
    pub(super) fn regions(&mut self, plan: &Address) {
        let changes: Vec<&'a Change> = self.plans.get(plan).cloned().unwrap_or_default();
        let removals = self.remove_regions(plan, &changes);
        let mut writes: BTreeMap<Address, Address> = BTreeMap::new();
        for (region, because) in self.rewritten(plan, &changes, !removals.is_empty()) {
            writes.entry(region).or_insert(because);
        }
        for (region, because) in writes {
            self.write_region(plan, &region, &because, &changes, &removals);
        }
    }

    /// Which currencies must be written, and whose change asks for it.
    fn rewritten(&self, plan: &Address, changes: &[&'a Change], removed: bool) -> Vec<(Address, Address)> {
        let regions: Vec<&Address> = self
            .desired
            .objects
            .range(plan.child("regions", "")..)
            .map(|(address, _)| address)
            .take_while(|address| address.is_within(plan))
            .filter(|address| address.collection() == REGION.collection)
            .collect();
        let mut out = Vec::new();
        for change in changes {
            let own = change.kind == REGION && matches!(change.action, Action::Create | Action::Update);
            if own && change.fields.iter().any(|field| !field.blocked) {
                out.push((change.address.clone(), change.address.clone()));
            }
        }
        let removal = changes.iter().find(|change| change.kind == REGION && change.action == Action::Delete);
        for region in regions {
            let needs = changes.iter().find(|change| self.moves_rows(change, region));
            if let Some(change) = needs.or(removal.filter(|_| removed)) {
                out.push((region.clone(), change.address.clone()));
            }
        }
        out
    }

    /// Whether a change leaves rows of this currency unwritten or stale: a new price or overage has none yet, and a
    /// price set by hand does not follow its included balance.
    fn moves_rows(&self, change: &Change, region: &Address) -> bool {
        let set = |name: &str| {
            change.fields.iter().any(|field| field.field == name && field.before.is_none() && field.after.is_some())
        };
        if change.kind == PRICE {
            let by_hand = matches!(
                self.wanted(region).get(format!("prices.{}.amount", change.address.key()).as_str()),
                Some(Value::Decimal(_))
            );
            let balance = change.fields.iter().any(|field| field.field == "included_balance");
            return self.created(&change.address) || balance && (by_hand || set("included_balance"));
        }
        if change.kind == PLAN_FEATURE {
            let has_overage = self.wanted(&change.address).contains_key("overage");
            return has_overage && (self.created(&change.address) || set("overage"));
        }
        false
    }

    /// One currency of a price cannot be deleted alone (§3.5): every override of the price is deleted, and the
    /// currencies that stay are written again. Returns the keys of the deleting calls.
    fn remove_regions(&mut self, plan: &Address, changes: &[&'a Change]) -> Vec<String> {
        let removed: Vec<&&Change> =
            changes.iter().filter(|change| change.kind == REGION && change.action == Action::Delete).collect();
        let Some(first) = removed.first() else { return Vec::new() };
        let mut prices: BTreeSet<String> = BTreeSet::new();
        for change in &removed {
            for path in self.found(&change.address).keys() {
                if let Some(interval) = path.strip_prefix("prices.").and_then(|rest| rest.split('.').next()) {
                    prices.insert(interval.to_owned());
                }
            }
        }
        let currencies: Vec<String> = removed.iter().map(|change| change.address.key().to_ascii_uppercase()).collect();
        let mut keys = Vec::new();
        for interval in prices {
            let price = plan.child("prices", &interval);
            // A price that is deleted or made anew takes its overrides along.
            if matches!(self.action(&price), Some(Action::Delete | Action::Replace)) {
                continue;
            }
            let key = format!("{price}:clear-regions");
            let path = format!("/plans/{}/prices/{}/regional", self.id(plan), self.live_id(&price));
            let mut draft = Draft::new(key.clone(), &first.address, "DELETE", path);
            draft.summary =
                format!("Remove {} from the {interval} price of {}", currencies.join(", "), self.name(plan));
            if self.action(&price) == Some(Action::Update) {
                draft.after.push(format!("{price}:update"));
            }
            self.push(draft);
            keys.push(key);
        }
        keys
    }

    fn write_region(
        &mut self,
        plan: &Address,
        region: &Address,
        because: &Address,
        changes: &[&'a Change],
        removals: &[String],
    ) {
        let Ok(currency) = region.key().parse::<Currency>() else { return };
        let fields = self.wanted(region);
        let mut draft =
            Draft::new(format!("{region}:write"), because, "PUT", format!("/plans/{}/regional", self.id(plan)));
        let mut body = Body::default();
        body.put("currency", region.key());
        body.some("exchangeRate", field(fields, "exchange_rate"));
        let mut prices = Vec::new();
        let mut offers = Vec::new();
        let mut features = Vec::new();
        // With `--only`, a price or a feature that the region says something about may not be there yet.
        let is_there = |address: &Address| self.live.objects.contains_key(address) || self.created(address);
        for (path, value) in fields {
            let mut parts = path.split('.');
            let owner = path.split('.').take(2).collect::<Vec<_>>();
            if let [collection, key] = owner[..]
                && !is_there(&plan.child(collection, key))
            {
                continue;
            }
            match (parts.next(), parts.next(), parts.next(), value) {
                (Some("prices"), Some(interval), Some("amount"), Value::Decimal(_)) => {
                    let price = plan.child("prices", interval);
                    let mut entry = Map::new();
                    entry.insert("priceId".into(), self.id(&price).into());
                    entry.insert("price".into(), money(value, currency));
                    let balance = fields.get(format!("prices.{interval}.included_balance").as_str());
                    if let Some(balance @ Value::Decimal(_)) = balance {
                        entry.insert("includedBalance".into(), money(balance, currency));
                    }
                    if self.created(&price) {
                        draft.ids.push(format!("/prices/{}/priceId", prices.len()));
                    }
                    prices.push(Json::Object(entry));
                }
                (Some("prices"), Some(interval), Some("intro_offer"), _) if parts.next() == Some("cycles") => {
                    let price = plan.child("prices", interval);
                    let Some(terms) = offer_terms(fields, &format!("prices.{interval}."), currency) else { continue };
                    let mut entry = Map::new();
                    entry.insert("priceId".into(), self.id(&price).into());
                    entry.extend(terms);
                    if self.created(&price) {
                        draft.ids.push(format!("/introOffers/{}/priceId", offers.len()));
                    }
                    offers.push(Json::Object(entry));
                }
                (Some("features"), Some(code), Some("overage"), Value::Decimal(_)) => {
                    let feature = Address::new("features", code);
                    if self.created(&feature) {
                        draft.ids.push(format!("/features/{}/featureId", features.len()));
                    }
                    features.push(json!({ "featureId": self.id(&feature), "overageUnitPrice": unit_price(value) }));
                }
                _ => {}
            }
        }
        for (key, list) in [("prices", prices), ("features", features), ("introOffers", offers)] {
            if !list.is_empty() {
                body.put(key, Json::Array(list));
            }
        }
        draft.body = body.json();
        draft.summary = format!("Write the {} prices of {}", currency.code(), self.name(plan));
        // Derived values come from the base values, so those are written first.
        for change in changes.iter().filter(|change| change.kind == PRICE || change.kind == PLAN_FEATURE) {
            let verb = match change.action {
                Action::Create | Action::Replace => "create",
                Action::Update => "update",
                _ => "delete",
            };
            draft.after.push(format!("{}:{verb}", change.address));
        }
        draft.after.extend(removals.iter().cloned());
        self.push(draft);
    }
}
