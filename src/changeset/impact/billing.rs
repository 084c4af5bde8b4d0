use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::diff::{Change, FieldChange};
use crate::model::{Address, Currency, Live, Subscription, Value};

/// How one API bills a subscription. Pure.
pub trait Billing {
    /// What it pays for one of its intervals, before usage, in this state. Nothing for no such price.
    fn pays(&self, who: &Subscription, state: &State<'_>) -> Option<(Currency, Decimal)>;

    /// Whether a change of this field, or of the object as a whole, means anything to it. Nothing where its subscription
    /// does not tell.
    fn concerns(&self, who: &Subscription, change: &Change, field: Option<&FieldChange>, live: &Live) -> Option<bool>;

    /// Whether what a change of this field, or of the object as a whole, does to the money depends on usage.
    fn by_usage(&self, change: &Change, field: Option<&FieldChange>, live: &Live) -> bool;

    /// The intervals at which a plan can be subscribed to; none for a plan without prices.
    fn intervals(&self, plan: &Address, live: &Live) -> Vec<String>;

    /// What is taken for granted, a sentence each.
    fn assumptions(&self) -> &'static [&'static str];
}

/// What is live, with some changes made.
#[derive(Debug)]
pub struct State<'a> {
    live: &'a Live,
    moved: BTreeMap<(&'a Address, &'a str), Option<&'a Value>>,
    gone: BTreeSet<&'a Address>,
}

impl<'a> State<'a> {
    /// What is live.
    pub fn live(live: &'a Live) -> Self {
        Self { live, moved: BTreeMap::new(), gone: BTreeSet::new() }
    }

    /// With a field changed.
    pub(super) fn change(&mut self, address: &'a Address, field: &'a FieldChange) {
        self.moved.insert((address, &field.field), field.after.as_ref());
    }

    /// Without an object.
    pub(super) fn remove(&mut self, address: &'a Address) {
        self.gone.insert(address);
    }

    /// What a field holds.
    pub fn value(&self, address: &Address, field: &str) -> Option<&'a Value> {
        if self.gone.contains(address) {
            return None;
        }
        match self.moved.get(&(address, field)) {
            Some(after) => *after,
            None => self.live.objects.get(address)?.resource.fields.get(field),
        }
    }

    /// Whether a field is not what is live.
    pub fn is_moved(&self, address: &Address, field: &str) -> bool {
        self.moved.contains_key(&(address, field))
    }
}
