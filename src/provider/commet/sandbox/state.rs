//! All that the one organization holds.

use std::hash::{BuildHasher, RandomState};

use super::failure::Failure;
use super::rows::{Addon, CreditPack, Customer, Feature, Group, Market, Offer, Plan, PromoCode, Subscription};
use super::table::{Row, Table};
use crate::sandbox::api::Change;

#[derive(Default)]
pub(super) struct State {
    pub(super) features: Table<Feature>,
    pub(super) plans: Table<Plan>,
    pub(super) groups: Table<Group>,
    pub(super) addons: Table<Addon>,
    pub(super) customers: Table<Customer>,
    pub(super) subscriptions: Table<Subscription>,
    pub(super) credit_packs: Table<CreditPack>,
    pub(super) promo_codes: Table<PromoCode>,
    pub(super) markets: Table<Market>,
    pub(super) offers: Table<Offer>,
    random: RandomState,
    ids: u64,
}

impl State {
    /// A new public id, such as `pln_` and 16 letters and digits. Ids differ from one sandbox to the next, so an id
    /// of another sandbox is unknown here, as it is on the real API.
    pub(super) fn new_id(&mut self, prefix: &str) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        self.ids += 1;
        let random =
            u128::from(self.random.hash_one((self.ids, 0))) << 64 | u128::from(self.random.hash_one((self.ids, 1)));
        let letters = (0..16).map(|n| char::from(ALPHABET[(random >> (5 * n) & 31) as usize]));
        prefix.chars().chain(letters).collect()
    }

    /// A feature by public id.
    pub(super) fn feature(&self, id: &str) -> Result<&Feature, Failure> {
        self.features.get(id).ok_or_else(|| Failure::new("feature_not_found", format!("No feature `{id}`")))
    }

    /// A feature by public id or code.
    pub(super) fn feature_or_code(&self, id: &str) -> Result<&Feature, Failure> {
        self.features.by("code", id).next().map_or_else(|| self.feature(id), Ok)
    }

    /// A plan by public id, to be changed and put back.
    pub(super) fn plan(&self, id: &str) -> Result<Plan, Failure> {
        self.plans.get(id).cloned().ok_or_else(|| Failure::new("plan_not_found", format!("No plan `{id}`")))
    }

    pub(super) fn group(&self, id: &str) -> Result<&Group, Failure> {
        self.groups.get(id).ok_or_else(|| Failure::new("plan_group_not_found", format!("No plan group `{id}`")))
    }

    pub(super) fn market(&self, id: &str) -> Result<&Market, Failure> {
        self.markets.get(id).ok_or_else(|| Failure::new("market_not_found", format!("No market `{id}`")))
    }

    pub(super) fn offer(&self, id: &str) -> Result<&Offer, Failure> {
        self.offers.get(id).ok_or_else(|| Failure::new("offer_not_found", format!("No offer `{id}`")))
    }

    /// An add-on by public id or slug.
    pub(super) fn addon(&self, id: &str) -> Result<&Addon, Failure> {
        let by_slug = || self.addons.by("slug", id).next();
        let found = self.addons.get(id).or_else(by_slug);
        found.ok_or_else(|| Failure::new("addon_not_found", format!("No add-on `{id}`")))
    }

    /// A customer by public id or the id that its maker gave it.
    pub(super) fn customer(&self, id: &str) -> Result<&Customer, Failure> {
        let external = || self.customers.by("external", id).next();
        let found = self.customers.get(id).or_else(external);
        found.ok_or_else(|| Failure::new("customer_not_found", format!("No customer `{id}`")))
    }

    pub(super) fn subscription(&self, id: &str) -> Result<Subscription, Failure> {
        let found = self.subscriptions.get(id).cloned();
        found.ok_or_else(|| Failure::new("subscription_not_found", format!("No subscription `{id}`")))
    }

    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        self.features.take_changes(&mut changes);
        self.plans.take_changes(&mut changes);
        self.groups.take_changes(&mut changes);
        self.addons.take_changes(&mut changes);
        self.customers.take_changes(&mut changes);
        self.subscriptions.take_changes(&mut changes);
        self.credit_packs.take_changes(&mut changes);
        self.promo_codes.take_changes(&mut changes);
        self.markets.take_changes(&mut changes);
        self.offers.take_changes(&mut changes);
        changes
    }

    pub(super) fn restore(&mut self, kind: &str, bytes: &[u8]) -> Result<(), String> {
        match kind {
            Feature::KIND => self.features.restore(bytes),
            Plan::KIND => self.plans.restore(bytes),
            Group::KIND => self.groups.restore(bytes),
            Addon::KIND => self.addons.restore(bytes),
            Customer::KIND => self.customers.restore(bytes),
            Subscription::KIND => self.subscriptions.restore(bytes),
            CreditPack::KIND => self.credit_packs.restore(bytes),
            PromoCode::KIND => self.promo_codes.restore(bytes),
            Market::KIND => self.markets.restore(bytes),
            Offer::KIND => self.offers.restore(bytes),
            other => Err(format!("`{other}` is no kind of object that this version knows")),
        }
    }
}
