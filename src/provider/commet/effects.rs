//! Whom a change reaches at Commet, and when: the effect and the words of each rule stand side by side, with the section
//! of commet-api.md that says so. The table of kinds names the rule of every field.

use crate::model::Effect::{AtRenewal, NewCustomers, NextPeriod, None as Nobody, Now};
use crate::model::{EffectRule, Reach};

const fn reach(effect: crate::model::Effect, words: &'static str) -> Reach {
    Reach::new(effect, words)
}

/// Names and descriptions.
pub(super) const TEXT: EffectRule =
    EffectRule::always(Nobody, "only a text changes: nobody pays or gets anything else", "§3");

/// The maker's own data.
pub(super) const METADATA: EffectRule =
    EffectRule::always(Nobody, "only your own data change: nobody pays or gets anything else", "§3.2");

/// A feature's type.
pub(super) const FEATURE_TYPE: EffectRule = EffectRule::always(
    Nobody,
    "nobody by this alone; plans and add-ons that have the feature show what it means for them",
    "§3.1, §4: immutable",
);

/// A code.
pub(super) const CODE: EffectRule =
    EffectRule::always(Nobody, "the API cannot change a code: nobody gets anything else", "§3.1, §3.2: immutable");

/// Whether a plan group is shown.
pub(super) const GROUP_SHOWN: EffectRule = EffectRule {
    up: reach(NewCustomers, "new customers see the group; existing subscribers keep their plans"),
    down: reach(NewCustomers, "new customers no longer see the group; existing subscribers keep their plans"),
    ..EffectRule::always(
        NewCustomers,
        "new customers see the group or not; existing subscribers keep their plans",
        "§3.6",
    )
};

/// The plans of a group, in their order.
pub(super) const LADDER: EffectRule = EffectRule::always(
    Now,
    "what existing subscribers can switch to, and what is an upgrade, changes now",
    "§3.6, §6: plan groups",
);

/// What a plan is for good.
pub(super) const PLAN_FOR_GOOD: EffectRule = EffectRule::always(
    NewCustomers,
    "new customers of the plan that is made anew; existing subscribers stay on the old one",
    "§3.2, §4: immutable",
);

/// Whether a plan is shown.
pub(super) const PLAN_SHOWN: EffectRule = EffectRule {
    up: reach(NewCustomers, "new customers see it and can buy it"),
    down: reach(NewCustomers, "new customers no longer see it; existing subscribers keep it, who leaves cannot return"),
    ..EffectRule::always(NewCustomers, "new customers see it or not; existing subscribers keep it", "§6: hide")
};

/// The price that is meant when none is named.
pub(super) const DEFAULT_PRICE: EffectRule = EffectRule::always(
    NewCustomers,
    "new customers get this price when they choose none; existing subscribers keep theirs",
    "§3.3",
);

/// A base price.
pub(super) const BASE_PRICE: EffectRule = EffectRule {
    kept: Some("new customers pay it; existing subscribers keep {before} (archived price)"),
    ..EffectRule::always(
        AtRenewal,
        "new customers pay it today; existing subscribers from their next renewal",
        "§6: base price change",
    )
};

/// A trial.
pub(super) const TRIAL: EffectRule = EffectRule {
    down: reach(NewCustomers, "who starts a trial from now on has a shorter one"),
    cleared: reach(NewCustomers, "who subscribes from now on has no trial"),
    ..EffectRule::always(NewCustomers, "who starts a trial from now on", "§3.3, §6: trial")
};

/// An introductory offer.
pub(super) const OFFER: EffectRule = EffectRule {
    cleared: reach(NewCustomers, "new customers no longer get it; offers that run go on"),
    ..EffectRule::always(NewCustomers, "new customers only, from now on", "§6: intro offer")
};

/// What is included: units, balance, credits.
pub(super) const INCLUDED: EffectRule = EffectRule {
    up: reach(Now, "existing subscribers have more included from now on"),
    down: reach(AtRenewal, "existing subscribers have less included from their next renewal"),
    set: reach(Now, "existing subscribers have it included from now on"),
    cleared: reach(AtRenewal, "existing subscribers have none included from their next renewal"),
    kept: None,
    source: "§6: limits/features",
};

/// Whether a plan's feature is switched on.
pub(super) const ENABLED: EffectRule = EffectRule {
    up: reach(Now, "existing subscribers have it from now on"),
    down: reach(AtRenewal, "existing subscribers lose it at their next renewal"),
    set: reach(Now, "existing subscribers have it from now on"),
    cleared: reach(AtRenewal, "existing subscribers lose it at their next renewal"),
    kept: None,
    source: "§6: limits/features",
};

/// Whether a plan's feature has no limit.
pub(super) const UNLIMITED: EffectRule = EffectRule {
    up: reach(Now, "existing subscribers have no limit from now on"),
    down: reach(AtRenewal, "existing subscribers have a limit from their next renewal"),
    set: reach(Now, "existing subscribers have no limit from now on"),
    cleared: reach(AtRenewal, "existing subscribers have a limit from their next renewal"),
    kept: None,
    source: "§6: limits/features",
};

/// The price of one more unit. Switching overage on lets usage go on, which is more; switching it off is less.
pub(super) const UNIT_PRICE: EffectRule = EffectRule {
    up: reach(NextPeriod, "existing subscribers pay more per unit from their next billing period"),
    down: reach(Now, "existing subscribers pay less per unit from now on"),
    set: reach(Now, "existing subscribers can go beyond what is included from now on, at this price"),
    cleared: reach(AtRenewal, "existing subscribers cannot go beyond what is included from their next renewal"),
    kept: None,
    source: "§6: unit prices, limits/features",
};

/// Credits for one unit.
pub(super) const CREDITS: EffectRule = EffectRule {
    up: reach(AtRenewal, "existing subscribers spend more credits per unit from their next renewal"),
    down: reach(Now, "existing subscribers spend fewer credits per unit from now on"),
    set: reach(AtRenewal, "existing subscribers spend credits on it from their next renewal"),
    cleared: reach(Now, "existing subscribers spend no credits on it from now on"),
    kept: None,
    source: "§6: credits per unit",
};

/// How the units of a plan's feature are priced.
pub(super) const PRICING_MODE: EffectRule = EffectRule::always(
    NextPeriod,
    "made anew on the plan; existing subscribers are charged this way from their next billing period",
    "§3.4: immutable; §6: unit prices",
);

/// A plan's exchange rate. `kept`: every amount of the plan is set by hand.
pub(super) const EXCHANGE_RATE: EffectRule = EffectRule {
    kept: Some("no amount of this plan is derived at it; add-ons are converted at it"),
    ..EffectRule::always(
        AtRenewal,
        "amounts derived at it: new customers pay them today; existing subscribers from their next renewal",
        "§3.5, §6: base price change",
    )
};

/// What an add-on is for good.
pub(super) const ADDON_FOR_GOOD: EffectRule = EffectRule::always(
    NewCustomers,
    "who adds the add-on that is made anew; the API refuses while a subscription has the old one",
    "§3.7, §5: addon_has_activations",
);

/// An add-on's price for each cycle.
pub(super) const ADDON_PRICE: EffectRule = EffectRule::always(
    AtRenewal,
    "who adds it from now on pays it at once; who has it, from their next renewal",
    "§6: add-ons, base price change",
);

/// The terms of an offer.
pub(super) const TERMS: EffectRule = EffectRule::always(
    NewCustomers,
    "who gets the offer from now on; who has it keeps the terms that were accepted",
    "§3.8",
);

/// Whether an offer can be applied.
pub(super) const OFFERED: EffectRule = EffectRule {
    up: reach(NewCustomers, "it can be applied from now on"),
    down: reach(NewCustomers, "it can no longer be applied; who has it keeps the terms that were accepted"),
    ..EffectRule::always(
        NewCustomers,
        "it can be applied or not; who has it keeps the terms that were accepted",
        "§3.8",
    )
};

/// The countries of a market. What a subscriber renews at whose country moves is not documented: the sooner is said.
pub(super) const COUNTRIES: EffectRule = EffectRule::always(
    AtRenewal,
    "new customers of these countries pay the market's prices today; existing subscribers from their next renewal",
    "§3.8, §6: base price change",
);

/// What a credit pack holds and costs.
pub(super) const PACK: EffectRule =
    EffectRule::always(NewCustomers, "who buys the pack from now on; credits that were bought stay", "§3.8, §6");

/// Whether a credit pack can be bought.
pub(super) const PACK_SOLD: EffectRule = EffectRule {
    up: reach(NewCustomers, "it can be bought from now on"),
    down: reach(NewCustomers, "it can no longer be bought; credits that were bought stay"),
    ..EffectRule::always(NewCustomers, "it can be bought or not; credits that were bought stay", "§3.8, §6")
};

/// What a promo code is worth: for good.
pub(super) const WORTH: EffectRule = EffectRule::always(
    NewCustomers,
    "the API cannot change what a code is worth; who redeemed it keeps the discount",
    "§3.8: immutable",
);

/// Who can redeem a promo code.
pub(super) const REDEEMED: EffectRule =
    EffectRule::always(NewCustomers, "who redeems it from now on; discounts that were redeemed go on", "§3.8, §6");

/// Whether a promo code can be redeemed.
pub(super) const CODE_ACTIVE: EffectRule = EffectRule {
    up: reach(NewCustomers, "it can be redeemed from now on"),
    down: reach(NewCustomers, "it can no longer be redeemed; discounts that were redeemed go on"),
    ..EffectRule::always(NewCustomers, "it can be redeemed or not; discounts that were redeemed go on", "§3.8, §6")
};
