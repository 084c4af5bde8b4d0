//! The table of kinds and fields: what each field is, how it can change, whether the API shows it, and whom a
//! change reaches. Sections are those of commet-api.md.

use crate::model::{
    Effect, EffectRule, FieldKind, FieldSpec, KindSpec, Mutability, Reach, Readability, Remade, Renaming, Versions,
};
use crate::provider::commet::effects;

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
        effect: effects::TEXT,
        priced: false,
        versions: Versions::ALL,
        source,
    }
}

/// A field that every object of its kind has.
const fn required(spec: FieldSpec) -> FieldSpec {
    defaults("required", spec)
}

const fn reaching(effect: EffectRule, spec: FieldSpec) -> FieldSpec {
    FieldSpec { effect, ..spec }
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

/// Every kind, in the order in which objects come into being.
pub static TABLE: [KindSpec; 12] = [
    KindSpec {
        name: "feature",
        collection: "features",
        created: Reach::new(Effect::None, "nobody has it until a plan or an add-on does"),
        removed: Reach::new(Effect::None, "no plan and no add-on has it any more"),
        anew: "deleted and made anew; every plan and add-on that has it loses it first and gets it back after",
        remade: Remade::Asked,
        renaming: Renaming::Fixed,
        source: "§3.1",
        fields: &[
            required(field("name", FieldKind::Text, "§3.1")),
            required(fixed(reaching(effects::FEATURE_TYPE, field("type", FieldKind::Choice, "§3.1, immutable")))),
            field("description", FieldKind::Text, "§3.1"),
            field("unit_name", FieldKind::Text, "§3.1"),
            fixed(reaching(
                effects::CODE,
                field("code", FieldKind::Choice, "§3.1, immutable; seen after `previously`"),
            )),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "plan group",
        collection: "groups",
        created: Reach::new(Effect::NewCustomers, "customers can switch between its plans"),
        removed: Reach::new(Effect::Now, "its plans stay, but customers can no longer switch between them"),
        sold: true,
        renaming: Renaming::Free,
        source: "§3.6, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.6")),
            field("description", FieldKind::Text, "§3.6"),
            defaults("true", reaching(effects::GROUP_SHOWN, field("public", FieldKind::Flag, "§3.6, §6"))),
            reaching(
                effects::LADDER,
                field("plans", FieldKind::List, "§3.6, §6: the order decides what is an upgrade"),
            ),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "plan",
        collection: "plans",
        created: Reach::new(Effect::NewCustomers, "new customers can buy it"),
        removed: Reach::new(Effect::NewCustomers, "no new subscriptions; existing ones go on"),
        anew: "deleted and made anew: new customers buy the new one; existing subscribers stay on the old one",
        sold: true,
        remade: Remade::Asked,
        renaming: Renaming::Fixed,
        source: "§3.2, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.2")),
            field("description", FieldKind::Text, "§3.2"),
            fixed(reaching(effects::PLAN_FOR_GOOD, field("consumption_model", FieldKind::Choice, "§3.2, immutable"))),
            defaults("true", reaching(effects::PLAN_SHOWN, field("public", FieldKind::Flag, "§3.2, §6"))),
            defaults(
                "false",
                fixed(reaching(effects::PLAN_FOR_GOOD, field("free", FieldKind::Flag, "§3.2, immutable"))),
            ),
            defaults(
                "false",
                fixed(reaching(
                    effects::PLAN_FOR_GOOD,
                    field("block_on_exhaustion", FieldKind::Flag, "§3.2, immutable"),
                )),
            ),
            reaching(effects::METADATA, field("metadata.*", FieldKind::Any, "§3.2")),
            defaults(
                "the only price",
                reaching(effects::DEFAULT_PRICE, field("default_price", FieldKind::Choice, "§3.3")),
            ),
            fixed(reaching(
                effects::CODE,
                field("code", FieldKind::Choice, "§3.2, immutable; seen after `previously`"),
            )),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "price",
        collection: "prices",
        parent: Some("plan"),
        keys: INTERVALS,
        created: Reach::new(Effect::NewCustomers, "new customers can buy the plan at it"),
        removed: Reach::new(Effect::NewCustomers, "no new subscriptions at it; existing ones keep it"),
        anew: "archived and made anew: new customers pay the new one; existing subscribers keep the archived one",
        sold: true,
        grandfathers: true,
        source: "§3.3, §6",
        fields: &[
            required(priced(reaching(
                effects::BASE_PRICE,
                field("amount", FieldKind::Money, "§6: renewal reads the price's current value"),
            ))),
            defaults("0", reaching(effects::TRIAL, field("trial_days", FieldKind::Count, "§3.3, §6"))),
            reaching(effects::INCLUDED, field("included_balance", FieldKind::Money, "§3.3, §6")),
            reaching(effects::INCLUDED, field("included_credits", FieldKind::Count, "§3.3, §6")),
            older(reaching(effects::OFFER, field("intro_offer.percentage", FieldKind::Percent, "§3.3, §6"))),
            older(reaching(effects::OFFER, field("intro_offer.amount", FieldKind::Money, "§3.3, §6"))),
            older(reaching(effects::OFFER, field("intro_offer.cycles", FieldKind::Count, "§3.3, §6"))),
            newer(priced(reaching(effects::BASE_PRICE, field("markets.*.*", FieldKind::Money, "§3.3, §6")))),
            newer(reaching(effects::METADATA, field("metadata.*", FieldKind::Any, "§3.3"))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "plan feature",
        collection: "features",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers have it from now on"),
        removed: Reach::new(Effect::AtRenewal, "existing subscribers lose it at their renewal"),
        anew: "removed from the plan and added anew",
        remade: Remade::Asked,
        source: "§3.4, §6",
        fields: &[
            defaults("true", reaching(effects::ENABLED, field("enabled", FieldKind::Flag, "§3.4, §6"))),
            defaults("0", reaching(effects::INCLUDED, field("included_amount", FieldKind::Count, "§3.4, §6"))),
            defaults("false", reaching(effects::UNLIMITED, field("unlimited", FieldKind::Flag, "§3.4, §6"))),
            priced(reaching(effects::UNIT_PRICE, field("overage", FieldKind::UnitPrice, "§3.4, §6"))),
            write_only(reaching(
                effects::CREDITS,
                field("credits_per_unit", FieldKind::Count, "§3.4, §6; no read shows it"),
            )),
            defaults(
                "fixed",
                write_only(fixed(reaching(
                    effects::PRICING_MODE,
                    field("pricing_mode", FieldKind::Choice, "§3.4, immutable; no read shows it"),
                ))),
            ),
            write_only(fixed(reaching(
                effects::PRICING_MODE,
                field("margin", FieldKind::Percent, "§3.4, immutable; no read shows it"),
            ))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "region",
        collection: "regions",
        parent: Some("plan"),
        created: Reach::new(Effect::NewCustomers, "new customers can pay in it"),
        removed: Reach::new(Effect::AtRenewal, "subscribers who pay in it have no price in it at their renewal"),
        source: "§3.5, §6",
        fields: &[
            required(priced(reaching(effects::EXCHANGE_RATE, field("exchange_rate", FieldKind::Rate, "§3.5, §6")))),
            defaults(
                "derived",
                priced(reaching(effects::BASE_PRICE, field("prices.*.amount", FieldKind::Money, "§3.5, §6"))),
            ),
            defaults(
                "derived",
                reaching(effects::INCLUDED, field("prices.*.included_balance", FieldKind::Money, "§3.5, §6")),
            ),
            older(write_only(reaching(
                effects::OFFER,
                field("prices.*.intro_offer.percentage", FieldKind::Percent, "§3.5; no read shows it"),
            ))),
            older(write_only(reaching(
                effects::OFFER,
                field("prices.*.intro_offer.amount", FieldKind::Money, "§3.5; no read shows it"),
            ))),
            older(write_only(reaching(
                effects::OFFER,
                field("prices.*.intro_offer.cycles", FieldKind::Count, "§3.5; no read shows it"),
            ))),
            defaults(
                "derived",
                priced(reaching(effects::UNIT_PRICE, field("features.*.overage", FieldKind::UnitPrice, "§3.5, §6"))),
            ),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "add-on",
        collection: "addons",
        created: Reach::new(Effect::NewCustomers, "who subscribes can add it"),
        removed: Reach::new(
            Effect::NewCustomers,
            "it can no longer be bought; the API refuses while a subscription has it",
        ),
        anew: "deleted and made anew; the API refuses while a subscription has the old one",
        sold: true,
        remade: Remade::Asked,
        renaming: Renaming::Free,
        source: "§3.7, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.7")),
            field("description", FieldKind::Text, "§3.7"),
            required(fixed(reaching(effects::ADDON_FOR_GOOD, field("feature", FieldKind::Choice, "§3.7, immutable")))),
            required(fixed(reaching(
                effects::ADDON_FOR_GOOD,
                field("consumption_model", FieldKind::Choice, "§3.7, immutable"),
            ))),
            required(priced(reaching(effects::ADDON_PRICE, field("base_price", FieldKind::Money, "§3.7, §6")))),
            reaching(effects::INCLUDED, field("included_units", FieldKind::Count, "§3.7, §6")),
            priced(reaching(effects::UNIT_PRICE, field("overage_rate", FieldKind::UnitPrice, "§3.7, §6"))),
            fixed(reaching(effects::ADDON_FOR_GOOD, field("credit_cost", FieldKind::Count, "§3.7, immutable"))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "offer",
        collection: "offers",
        created: Reach::new(Effect::None, "nobody has it until it is applied"),
        removed: Reach::new(
            Effect::NewCustomers,
            "it can no longer be applied; who has it keeps the terms that were accepted",
        ),
        sold: true,
        renaming: Renaming::Free,
        versions: NEWER,
        source: "§3.8",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            reaching(effects::TERMS, field("phases.*.free_trial", FieldKind::Count, "§3.8")),
            reaching(effects::TERMS, field("phases.*.percentage", FieldKind::Percent, "§3.8")),
            reaching(effects::TERMS, field("phases.*.amount_off.*", FieldKind::Money, "§3.8")),
            reaching(effects::TERMS, field("phases.*.fixed_price.*", FieldKind::Money, "§3.8")),
            reaching(effects::TERMS, field("phases.*.cycles", FieldKind::Count, "§3.8")),
            reaching(effects::TERMS, field("phases.*.interval", FieldKind::Choice, "§3.8")),
            reaching(effects::TERMS, field("starts_at", FieldKind::Text, "§3.8")),
            reaching(effects::TERMS, field("ends_at", FieldKind::Text, "§3.8")),
            defaults("true", reaching(effects::OFFERED, field("active", FieldKind::Flag, "§3.8"))),
            reaching(effects::METADATA, field("metadata.*", FieldKind::Any, "§3.8")),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "market",
        collection: "markets",
        created: Reach::new(Effect::None, "nobody pays anything else until a price names it"),
        removed: Reach::new(
            Effect::NewCustomers,
            "new customers of its countries get the base prices; the API refuses while a price or a subscription has it",
        ),
        sold: true,
        renaming: Renaming::Free,
        versions: NEWER,
        source: "§3.8",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            required(reaching(effects::COUNTRIES, field("countries", FieldKind::List, "§3.8"))),
            reaching(effects::METADATA, field("metadata.*", FieldKind::Any, "§3.8")),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "price variant",
        collection: "variants",
        parent: Some("price"),
        created: Reach::new(Effect::NewCustomers, "new customers can be given it"),
        removed: Reach::new(Effect::NewCustomers, "no new subscriptions at it; existing ones keep it"),
        anew: "archived and made anew: new customers get the new one; existing subscribers keep the old one",
        sold: true,
        grandfathers: true,
        versions: NEWER,
        source: "§3.3, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.3, §4: kept in the price's metadata")),
            required(priced(reaching(effects::BASE_PRICE, field("markets.*.*", FieldKind::Money, "§3.3, §6")))),
            reaching(effects::METADATA, field("metadata.*", FieldKind::Any, "§3.3")),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "credit pack",
        collection: "credit_packs",
        created: Reach::new(Effect::NewCustomers, "customers of credits plans can buy it"),
        removed: Reach::new(Effect::NewCustomers, "it can no longer be bought; credits that were bought stay"),
        sold: true,
        renaming: Renaming::Free,
        source: "§3.8, §6",
        fields: &[
            required(field("name", FieldKind::Text, "§3.8")),
            required(reaching(effects::PACK, field("credits", FieldKind::Count, "§3.8"))),
            required(reaching(effects::PACK, field("price", FieldKind::Money, "§3.8"))),
            field("description", FieldKind::Text, "§3.8"),
            defaults(
                "true",
                reaching(effects::PACK_SOLD, field("active", FieldKind::Flag, "§3.8: inactive packs are never shown")),
            ),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "promo code",
        collection: "promo_codes",
        created: Reach::new(Effect::NewCustomers, "new customers can redeem it"),
        removed: Reach::new(
            Effect::NewCustomers,
            "it can no longer be redeemed: it is switched off, as the API deletes none; discounts that were redeemed go on",
        ),
        sold: true,
        source: "§3.8, §6",
        fields: &[
            newer(required(fixed(reaching(effects::WORTH, field("offer", FieldKind::Choice, "§3.8, immutable"))))),
            older(fixed(reaching(effects::WORTH, field("percentage", FieldKind::Percent, "§3.8, immutable")))),
            older(fixed(reaching(effects::WORTH, field("amount_off", FieldKind::Money, "§3.8, immutable")))),
            older(fixed(reaching(effects::WORTH, field("cycles", FieldKind::Count, "§3.8, immutable")))),
            reaching(effects::REDEEMED, field("billing_interval", FieldKind::Choice, "§3.8")),
            reaching(effects::REDEEMED, field("max_redemptions", FieldKind::Count, "§3.8")),
            reaching(effects::REDEEMED, field("expires_at", FieldKind::Text, "§3.8")),
            write_only(reaching(effects::REDEEMED, field("plans", FieldKind::List, "§3.8; no read shows it"))),
            defaults("true", reaching(effects::CODE_ACTIVE, field("active", FieldKind::Flag, "§3.8"))),
        ],
        ..KindSpec::PLAIN
    },
];
