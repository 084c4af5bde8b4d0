//! The table of kinds and fields: what each field is, how it can change, whether the API shows it, and whom a
//! change reaches. Sections are those of commet-api.md.

use crate::model::{Effect, EffectRule, FieldKind, FieldSpec, KindSpec, Mutability, Readability, Renaming, Versions};

/// Features, by code.
pub static FEATURE: &KindSpec = &TABLE[0];
/// Plan groups, by a key of ours.
pub static GROUP: &KindSpec = &TABLE[1];
/// Plans, by code.
pub static PLAN: &KindSpec = &TABLE[2];
/// Prices of a plan, by billing interval.
pub static PRICE: &KindSpec = &TABLE[3];
/// Features on a plan, by feature code.
pub static PLAN_FEATURE: &KindSpec = &TABLE[4];
/// A plan's prices in one currency, by currency.
pub static REGION: &KindSpec = &TABLE[5];
/// Add-ons, by a key of ours.
pub static ADDON: &KindSpec = &TABLE[6];
/// Offers, by a key of ours.
pub static OFFER: &KindSpec = &TABLE[7];
/// Markets, by a key of ours.
pub static MARKET: &KindSpec = &TABLE[8];
/// Variants of a price, by a key of ours.
pub static VARIANT: &KindSpec = &TABLE[9];
/// Credit packs, by a key of ours.
pub static CREDIT_PACK: &KindSpec = &TABLE[10];
/// Promo codes, by code.
pub static PROMO_CODE: &KindSpec = &TABLE[11];

/// Billing intervals, short to long.
pub const INTERVALS: &[&str] = &["weekly", "monthly", "quarterly", "yearly", "one_time"];

/// A field that is changed in place, is shown by reads, and reaches nobody: the commonest row.
const fn field(path: &'static str, kind: FieldKind, source: &'static str) -> FieldSpec {
    FieldSpec {
        path,
        kind,
        default: "none",
        change: Mutability::InPlace,
        read: Readability::Returned,
        effect: EffectRule::Always(Effect::None),
        priced: false,
        versions: Versions::ALL,
        source,
    }
}

/// A field that every object of its kind has.
const fn required(spec: FieldSpec) -> FieldSpec {
    defaults("required", spec)
}

const fn reaching(effect: Effect, spec: FieldSpec) -> FieldSpec {
    FieldSpec { effect: EffectRule::Always(effect), ..spec }
}

const fn defaults(default: &'static str, spec: FieldSpec) -> FieldSpec {
    FieldSpec { default, ..spec }
}

const fn fixed(spec: FieldSpec) -> FieldSpec {
    FieldSpec { change: Mutability::Replace, ..spec }
}

const fn write_only(spec: FieldSpec) -> FieldSpec {
    FieldSpec { read: Readability::WriteOnly, ..spec }
}

/// What came with 2026-07-31 (§1.2).
const fn newer(spec: FieldSpec) -> FieldSpec {
    FieldSpec { versions: NEWER, ..spec }
}

/// What went with it.
const fn older(spec: FieldSpec) -> FieldSpec {
    FieldSpec { versions: OLDER, ..spec }
}

const NEWER: Versions = Versions::since("2026-07-31");
const OLDER: Versions = Versions::until("2026-07-11");

const fn priced(spec: FieldSpec) -> FieldSpec {
    FieldSpec { priced: true, ..spec }
}

/// More reaches everyone at once, less at renewal (§6, limits and features).
const fn allowance(spec: FieldSpec) -> FieldSpec {
    FieldSpec {
        effect: EffectRule::Direction {
            up: Effect::Now,
            down: Effect::AtRenewal,
            set: Effect::Now,
            cleared: Effect::AtRenewal,
        },
        ..spec
    }
}

/// Cheaper units at once, dearer ones from the next period (§6, unit prices). Switching overage on lets usage
/// go on, which is more; switching it off is less.
const fn unit_price(spec: FieldSpec) -> FieldSpec {
    FieldSpec {
        effect: EffectRule::Direction {
            up: Effect::NextPeriod,
            down: Effect::Now,
            set: Effect::Now,
            cleared: Effect::AtRenewal,
        },
        ..priced(spec)
    }
}

/// Credits per unit: dearer at renewal, cheaper at once (§6, limits and features).
const fn credits(spec: FieldSpec) -> FieldSpec {
    FieldSpec {
        effect: EffectRule::Direction {
            up: Effect::AtRenewal,
            down: Effect::Now,
            set: Effect::AtRenewal,
            cleared: Effect::Now,
        },
        ..spec
    }
}

/// Every kind, in the order in which objects come into being.
pub static TABLE: [KindSpec; 12] = [
    KindSpec {
        name: "feature",
        collection: "features",
        parent: None,
        keys: &[],
        created: Effect::None,
        removed: Effect::None,
        removal: "no plan and no add-on has it any more",
        sold: false,
        grandfathers: false,
        remade: true,
        renaming: Renaming::Fixed,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.1",
        fields: &[
            required(field("name", FieldKind::Text, "§3.1")),
            required(fixed(field("type", FieldKind::Choice, "§3.1, immutable"))),
            field("description", FieldKind::Text, "§3.1"),
            field("unit_name", FieldKind::Text, "§3.1"),
            fixed(field("code", FieldKind::Choice, "§3.1, immutable; seen after `previously`")),
        ],
    },
    KindSpec {
        name: "plan group",
        collection: "groups",
        parent: None,
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::Now,
        removal: "its plans stay, but customers can no longer switch between them",
        sold: true,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Free,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.6, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.6")),
            field("description", FieldKind::Text, "§3.6"),
            defaults("true", reaching(Effect::NewCustomers, field("public", FieldKind::Flag, "§3.6, §6"))),
            reaching(Effect::Now, field("plans", FieldKind::List, "§3.6, §6: the order decides what is an upgrade")),
        ],
    },
    KindSpec {
        name: "plan",
        collection: "plans",
        parent: None,
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "no new subscriptions; existing ones go on",
        sold: true,
        grandfathers: false,
        remade: true,
        renaming: Renaming::Fixed,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.2, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.2")),
            field("description", FieldKind::Text, "§3.2"),
            fixed(reaching(Effect::NewCustomers, field("consumption_model", FieldKind::Choice, "§3.2, immutable"))),
            defaults("true", reaching(Effect::NewCustomers, field("public", FieldKind::Flag, "§3.2, §6"))),
            defaults("false", fixed(reaching(Effect::NewCustomers, field("free", FieldKind::Flag, "§3.2, immutable")))),
            defaults(
                "false",
                fixed(reaching(Effect::NewCustomers, field("block_on_exhaustion", FieldKind::Flag, "§3.2, immutable"))),
            ),
            field("metadata.*", FieldKind::Any, "§3.2"),
            defaults(
                "the only price",
                reaching(Effect::NewCustomers, field("default_price", FieldKind::Choice, "§3.3")),
            ),
            fixed(field("code", FieldKind::Choice, "§3.2, immutable; seen after `previously`")),
        ],
    },
    KindSpec {
        name: "price",
        collection: "prices",
        parent: Some("plan"),
        keys: INTERVALS,
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "no new subscriptions at it; existing ones keep it",
        sold: true,
        grandfathers: true,
        remade: false,
        renaming: Renaming::Never,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.3, §6",
        fields: &[
            required(priced(reaching(
                Effect::AtRenewal,
                field("amount", FieldKind::Money, "§6: renewal reads the price's current value"),
            ))),
            defaults("0", reaching(Effect::NewCustomers, field("trial_days", FieldKind::Count, "§3.3, §6"))),
            allowance(field("included_balance", FieldKind::Money, "§3.3, §6")),
            allowance(field("included_credits", FieldKind::Count, "§3.3, §6")),
            older(reaching(Effect::NewCustomers, field("intro_offer.percentage", FieldKind::Percent, "§3.3, §6"))),
            older(reaching(Effect::NewCustomers, field("intro_offer.amount", FieldKind::Money, "§3.3, §6"))),
            older(reaching(Effect::NewCustomers, field("intro_offer.cycles", FieldKind::Count, "§3.3, §6"))),
            newer(priced(reaching(
                Effect::AtRenewal,
                field("markets.*.*", FieldKind::Money, "§3.3, §6: renewal reads the price's current value"),
            ))),
            newer(field("metadata.*", FieldKind::Any, "§3.3")),
        ],
    },
    KindSpec {
        name: "plan feature",
        collection: "features",
        parent: Some("plan"),
        keys: &[],
        created: Effect::Now,
        removed: Effect::AtRenewal,
        removal: "existing subscribers lose it at their renewal",
        sold: false,
        grandfathers: false,
        remade: true,
        renaming: Renaming::Never,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.4, §6",
        fields: &[
            defaults("true", allowance(field("enabled", FieldKind::Flag, "§3.4, §6"))),
            defaults("0", allowance(field("included_amount", FieldKind::Count, "§3.4, §6"))),
            defaults("false", allowance(field("unlimited", FieldKind::Flag, "§3.4, §6"))),
            unit_price(field("overage", FieldKind::UnitPrice, "§3.4, §6")),
            write_only(credits(field("credits_per_unit", FieldKind::Count, "§3.4, §6; no read shows it"))),
            defaults(
                "fixed",
                write_only(fixed(reaching(
                    Effect::NextPeriod,
                    field("pricing_mode", FieldKind::Choice, "§3.4, immutable; no read shows it"),
                ))),
            ),
            write_only(fixed(reaching(
                Effect::NextPeriod,
                field("margin", FieldKind::Percent, "§3.4, immutable; no read shows it"),
            ))),
        ],
    },
    KindSpec {
        name: "region",
        collection: "regions",
        parent: Some("plan"),
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::AtRenewal,
        removal: "subscribers who pay in it have no price in it at their renewal",
        sold: false,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Never,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.5, §6",
        fields: &[
            required(priced(reaching(Effect::AtRenewal, field("exchange_rate", FieldKind::Rate, "§3.5, §6")))),
            defaults(
                "derived",
                priced(reaching(Effect::AtRenewal, field("prices.*.amount", FieldKind::Money, "§3.5, §6"))),
            ),
            defaults("derived", allowance(field("prices.*.included_balance", FieldKind::Money, "§3.5, §6"))),
            older(write_only(reaching(
                Effect::NewCustomers,
                field("prices.*.intro_offer.percentage", FieldKind::Percent, "§3.5; no read shows it"),
            ))),
            older(write_only(reaching(
                Effect::NewCustomers,
                field("prices.*.intro_offer.amount", FieldKind::Money, "§3.5; no read shows it"),
            ))),
            older(write_only(reaching(
                Effect::NewCustomers,
                field("prices.*.intro_offer.cycles", FieldKind::Count, "§3.5; no read shows it"),
            ))),
            defaults("derived", unit_price(field("features.*.overage", FieldKind::UnitPrice, "§3.5, §6"))),
        ],
    },
    KindSpec {
        name: "add-on",
        collection: "addons",
        parent: None,
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "it can no longer be bought; the API refuses while a subscription has it",
        sold: true,
        grandfathers: false,
        remade: true,
        renaming: Renaming::Free,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.7, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.7")),
            field("description", FieldKind::Text, "§3.7"),
            required(fixed(reaching(Effect::NewCustomers, field("feature", FieldKind::Choice, "§3.7, immutable")))),
            required(fixed(reaching(
                Effect::NewCustomers,
                field("consumption_model", FieldKind::Choice, "§3.7, immutable"),
            ))),
            required(priced(reaching(Effect::AtRenewal, field("base_price", FieldKind::Money, "§3.7, §6")))),
            allowance(field("included_units", FieldKind::Count, "§3.7, §6")),
            unit_price(field("overage_rate", FieldKind::UnitPrice, "§3.7, §6")),
            fixed(reaching(Effect::NewCustomers, field("credit_cost", FieldKind::Count, "§3.7, immutable"))),
        ],
    },
    KindSpec {
        name: "offer",
        collection: "offers",
        parent: None,
        keys: &[],
        created: Effect::None,
        removed: Effect::NewCustomers,
        removal: "it can no longer be applied; who has it keeps the terms that were accepted",
        sold: true,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Free,
        fleeting: false,
        versions: NEWER,
        source: "§3.8",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            defaults("true", reaching(Effect::NewCustomers, field("active", FieldKind::Flag, "§3.8"))),
            reaching(Effect::NewCustomers, field("starts_at", FieldKind::Text, "§3.8")),
            reaching(Effect::NewCustomers, field("ends_at", FieldKind::Text, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.free_trial", FieldKind::Count, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.percentage", FieldKind::Percent, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.amount_off.*", FieldKind::Money, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.fixed_price.*", FieldKind::Money, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.cycles", FieldKind::Count, "§3.8")),
            reaching(Effect::NewCustomers, field("phases.*.interval", FieldKind::Choice, "§3.8")),
            field("metadata.*", FieldKind::Any, "§3.8"),
        ],
    },
    KindSpec {
        name: "market",
        collection: "markets",
        parent: None,
        keys: &[],
        created: Effect::None,
        removed: Effect::NewCustomers,
        removal: "its countries get the base prices; the API refuses while a price or a subscription has it",
        sold: true,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Free,
        fleeting: false,
        versions: NEWER,
        source: "§3.8",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            required(reaching(
                Effect::AtRenewal,
                field("countries", FieldKind::List, "§3.8; who renews where is not documented, so the sooner"),
            )),
            field("metadata.*", FieldKind::Any, "§3.8"),
        ],
    },
    KindSpec {
        name: "price variant",
        collection: "variants",
        parent: Some("price"),
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "no new subscriptions at it; existing ones keep it",
        sold: true,
        grandfathers: true,
        remade: false,
        renaming: Renaming::Never,
        fleeting: false,
        versions: NEWER,
        source: "§3.3, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.3, §4: kept in the price's metadata")),
            required(priced(reaching(
                Effect::AtRenewal,
                field("markets.*.*", FieldKind::Money, "§3.3, §6: renewal reads the price's current value"),
            ))),
            field("metadata.*", FieldKind::Any, "§3.3"),
        ],
    },
    KindSpec {
        name: "credit pack",
        collection: "credit_packs",
        parent: None,
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "it can no longer be bought; credits that were bought stay",
        sold: true,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Free,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.8, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            field("description", FieldKind::Text, "§3.8"),
            required(reaching(Effect::NewCustomers, field("credits", FieldKind::Count, "§3.8"))),
            required(reaching(Effect::NewCustomers, field("price", FieldKind::Money, "§3.8"))),
            defaults(
                "true",
                reaching(
                    Effect::NewCustomers,
                    field("active", FieldKind::Flag, "§3.8: inactive packs are never shown"),
                ),
            ),
        ],
    },
    KindSpec {
        name: "promo code",
        collection: "promo_codes",
        parent: None,
        keys: &[],
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "it is switched off, because the API deletes none; discounts that were redeemed go on",
        sold: true,
        grandfathers: false,
        remade: false,
        renaming: Renaming::Never,
        fleeting: false,
        versions: Versions::ALL,
        source: "§3.8, §6",
        fields: &[
            newer(required(fixed(reaching(
                Effect::NewCustomers,
                field("offer", FieldKind::Choice, "§3.8, immutable"),
            )))),
            older(fixed(reaching(Effect::NewCustomers, field("percentage", FieldKind::Percent, "§3.8, immutable")))),
            older(fixed(reaching(Effect::NewCustomers, field("amount_off", FieldKind::Money, "§3.8, immutable")))),
            older(fixed(reaching(Effect::NewCustomers, field("cycles", FieldKind::Count, "§3.8, immutable")))),
            reaching(Effect::NewCustomers, field("billing_interval", FieldKind::Choice, "§3.8")),
            reaching(Effect::NewCustomers, field("max_redemptions", FieldKind::Count, "§3.8")),
            reaching(Effect::NewCustomers, field("expires_at", FieldKind::Text, "§3.8")),
            write_only(reaching(Effect::NewCustomers, field("plans", FieldKind::List, "§3.8; no read shows it"))),
            defaults("true", reaching(Effect::NewCustomers, field("active", FieldKind::Flag, "§3.8"))),
        ],
    },
];
