//! Whom a change reaches at bxb, and when: the effect and the words of each rule stand side by side, with the section of
//! bxb-api.md that says so. The table of kinds names the rule of every field.
//!
//! Nothing in bxb has versions: subscribers read their plan's current values, so almost everything reaches them now.

use crate::model::Effect::{self, NewCustomers, None as Nobody, Now};
use crate::model::{EffectRule, Reach};

const fn now(words: &'static str, source: &'static str) -> EffectRule {
    EffectRule::always(Now, words, source)
}

/// By direction, what is set for the first time like a rise and what is cleared like a fall.
const fn either(effect: Effect, up: &'static str, down: &'static str, source: &'static str) -> EffectRule {
    let (up, down) = (Reach::new(effect, up), Reach::new(effect, down));
    EffectRule { up, down, set: up, cleared: down, kept: None, source }
}

/// Names and descriptions.
pub(super) const TEXT: EffectRule =
    EffectRule::always(Nobody, "only a text changes: nobody pays or gets anything else", "§6");

/// A tax's rate.
pub(super) const TAX_RATE: EffectRule = now("every invoice with this tax reads the new rate from now on", "§6.9");

/// Whether a tax is the one of everything that has no other.
pub(super) const TAX_OF_ALL: EffectRule = either(
    Now,
    "charged from now on wherever charge, plan and customer have no tax of their own",
    "no longer charged from now on where charge, plan and customer have no tax of their own",
    "§6.9",
);

/// How usage is counted.
pub(super) const COUNTING: EffectRule =
    now("the usage of existing subscribers is counted this way from now on", "§6: nothing is versioned; §6.1");

/// How usage is counted, where only a metric that is made anew counts it differently.
pub(super) const COUNTING_FOR_GOOD: EffectRule = now(
    "only a metric that is made anew counts this way; existing subscribers are charged by it from now on",
    "§6.1, §10: silently ignored on update",
);

/// The values that a metric's filter knows.
pub(super) const FILTER_VALUES: EffectRule = now(
    "the filter is made anew and every charge with it written again; existing subscribers are charged by it from now on",
    "§6.1: there is no update",
);

/// What a feature is.
pub(super) const FEATURE_TYPE: EffectRule = now(
    "only a feature that is made anew has this type; existing subscribers read it from now on",
    "§6.5, §10: silently ignored on update",
);

/// How often a plan is billed.
pub(super) const INTERVAL: EffectRule = now(
    "only a plan that is made anew has it, from now on; one that anybody ever subscribed to cannot be deleted",
    "§6.2, §9, §10: silently ignored on update",
);

/// A plan's base amount.
pub(super) const AMOUNT: EffectRule =
    now("new customers and existing subscribers pay it from now on", "§6: nothing is versioned; §6.2");

/// A plan's currency.
pub(super) const CURRENCY: EffectRule =
    now("existing subscribers are charged in it from now on, also with the number unchanged", "§6.2: mutable");

/// A trial. Existing subscribers read their plan's current values here, too.
pub(super) const TRIAL: EffectRule =
    now("trials are this long from now on, also those of existing subscribers", "§6: nothing is versioned; §6.2");

/// What a charge costs, in whatever way its model reads it.
pub(super) const CHARGED: EffectRule =
    now("existing subscribers are charged for usage this way from now on", "§6: nothing is versioned; §7");

/// A price or a rate: more is dearer.
pub(super) const DEARER: EffectRule = EffectRule {
    set: CHARGED.set,
    cleared: CHARGED.cleared,
    ..either(
        Now,
        "existing subscribers pay more for usage from now on",
        "existing subscribers pay less for usage from now on",
        "§6: nothing is versioned; §7",
    )
};

/// Units or events that cost nothing: more is cheaper.
pub(super) const FREE: EffectRule = either(
    Now,
    "existing subscribers have more of it free from now on",
    "existing subscribers have less of it free from now on",
    "§6: nothing is versioned; §7",
);

/// What invoices call something.
pub(super) const ON_INVOICES: EffectRule =
    now("invoices of existing subscribers name it so from now on", "§6.2: filters are written with their plan");

/// What an entitlement says.
pub(super) const ENTITLEMENT: EffectRule =
    now("existing subscribers are entitled to this from now on", "§6: nothing is versioned; §6.6");

/// What subscribers pay at least.
pub(super) const COMMITMENT: EffectRule = either(
    Now,
    "existing subscribers pay at least this much from now on, which is more",
    "existing subscribers pay at least this much from now on, which is less",
    "§6: nothing is versioned; §6.3",
);

/// What makes an invoice before its time.
pub(super) const THRESHOLD: EffectRule =
    now("made anew: existing subscribers get an invoice at it from now on", "§6.4: there is no update");

/// What an add-on costs.
pub(super) const ADD_ON: EffectRule =
    now("whoever it is applied to from now on pays it", "§6: nothing is versioned; §6.7");

/// What a coupon is for good.
pub(super) const COUPON_FOR_GOOD: EffectRule = EffectRule::always(
    NewCustomers,
    "only a coupon under a new code can have it, for who gets that one; who has this one keeps it",
    "§6.8, §10: silently ignored on update",
);

/// Until when a coupon can be had.
pub(super) const COUPON_OFFERED: EffectRule =
    EffectRule::always(NewCustomers, "who gets the coupon after this; who has it keeps it", "§6.8");
