use std::collections::BTreeMap;

use crate::model::{Address, Currency};

/// What a subscription is, as far as a price list goes. Those that are alike are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subscription {
    /// The plan, by its address.
    pub plan: Address,
    /// How often it is billed: `monthly`. Nothing on a plan without prices.
    pub interval: Option<String>,
    /// What it is paid in. Nothing where the plan says it.
    pub currency: Option<Currency>,
    /// Whether it pays, and goes on.
    pub standing: Standing,
    /// It keeps a price that is not sold any more: what changes on today's prices is not for it.
    pub archived: bool,
}

/// Whether a subscription pays, and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It pays, and renews.
    Paying,
    /// It is in a trial, and will pay.
    Trialing,
    /// It is canceled, and ends with its period.
    Ending,
}

/// Who subscribes today. Subscriptions that are over are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// How many there are of each.
    pub counts: BTreeMap<Subscription, u64>,
    /// How many are on plans that the API does not list: deleted ones.
    pub elsewhere: u64,
    /// What was taken for granted in reading them, a sentence each.
    pub assumptions: Vec<String>,
}

impl Subscriptions {
    /// Counts some more of these.
    pub fn add(&mut self, subscription: Subscription, count: u64) {
        let counted = self.counts.entry(subscription).or_default();
        *counted = counted.saturating_add(count);
    }
}
