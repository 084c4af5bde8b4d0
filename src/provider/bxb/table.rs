//! The table of kinds and fields: what each field is, how it can change, whether the API shows it, and whom a
//! change reaches. Sections are those of bxb-api.md.
//!
//! Nothing in bxb has versions: subscribers read their plan's current values, so what changes on a plan or on what
//! it is built of reaches them at once (§6).

use crate::model::{
    Effect, EffectRule, FieldKind, FieldSpec, KindSpec, Mutability, Reach, Readability, Remade, Versions,
};
use crate::provider::bxb::effects;

/// Taxes, by code.
pub static TAX: &KindSpec = &TABLE[0];
/// Billable metrics, by code.
pub static METRIC: &KindSpec = &TABLE[1];
/// Filters of a metric, by the event property that they look at.
pub static METRIC_FILTER: &KindSpec = &TABLE[2];
/// Features, by code.
pub static FEATURE: &KindSpec = &TABLE[3];
/// Plans, by code.
pub static PLAN: &KindSpec = &TABLE[4];
/// Charges of a plan, by a key of ours.
pub static CHARGE: &KindSpec = &TABLE[5];
/// Taxes on a plan or on a charge, by the tax's code.
pub static APPLIED_TAX: &KindSpec = &TABLE[6];
/// Entitlements of a plan, by feature code.
pub static ENTITLEMENT: &KindSpec = &TABLE[7];
/// Commitments of a plan, by type.
pub static COMMITMENT: &KindSpec = &TABLE[8];
/// Usage thresholds of a plan, by amount.
pub static THRESHOLD: &KindSpec = &TABLE[9];
/// Add-ons, by code.
pub static ADD_ON: &KindSpec = &TABLE[10];
/// Coupons, by code.
pub static COUPON: &KindSpec = &TABLE[11];

/// A field that is changed in place, is shown by reads, and reaches nobody: names and descriptions.
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

const fn reaching(effect: EffectRule, spec: FieldSpec) -> FieldSpec {
    FieldSpec { effect, ..spec }
}

/// What existing subscribers are charged.
const fn price(effect: EffectRule, spec: FieldSpec) -> FieldSpec {
    FieldSpec { priced: true, effect, ..spec }
}

const fn defaults(default: &'static str, spec: FieldSpec) -> FieldSpec {
    FieldSpec { default, ..spec }
}

const fn fixed(spec: FieldSpec) -> FieldSpec {
    FieldSpec { change: Mutability::Replace, ..spec }
}

/// The properties of a charge model (§7): on the charge itself, and again below every value of a filter.
macro_rules! charge_fields {
    ($($own:expr),* $(,)?; $($name:literal $kind:ident $default:literal $rule:ident)*; $($more:expr),* $(,)?) => {
        &[
            $($own,)*
            $(defaults($default, price(effects::$rule, field($name, FieldKind::$kind, "§7"))),)*
            $($more,)*
            $(price(
                effects::$rule,
                field(concat!("filters.*.*.", $name), FieldKind::$kind, "§6.2, §7; read from Pricebook's copy"),
            ),)*
            reaching(
                effects::ON_INVOICES,
                field("filters.*.*.invoice_display_name", FieldKind::Text, "§6.2; read from Pricebook's copy"),
            ),
            // The values of each filter. Last, because its star takes every path below `filters`.
            reaching(effects::CHARGED, field("filters.*", FieldKind::List, "§6.2; read from Pricebook's copy")),
        ]
    };
}

/// Every kind, in the order in which objects come into being.
pub static TABLE: [KindSpec; 12] = [
    KindSpec {
        name: "tax",
        collection: "taxes",
        created: Reach::new(
            Effect::None,
            "nobody is charged it until it is applied, or is the one of the whole organization",
        ),
        removed: Reach::new(Effect::None, "no invoice charges it any more"),
        anew: "deleted and made anew",
        source: "§6.9",
        fields: &[
            field("name", FieldKind::Text, "§6.9"),
            reaching(
                effects::TAX_RATE,
                field("rate", FieldKind::Percent, "§6.9: invoices read the tax's current rate"),
            ),
            field("description", FieldKind::Text, "§6.9"),
            field("category", FieldKind::Text, "§6.9"),
            defaults("false", reaching(effects::TAX_OF_ALL, field("applied_to_organization", FieldKind::Flag, "§6.9"))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "billable metric",
        collection: "billable_metrics",
        created: Reach::new(Effect::None, "nobody is charged for it until a plan does"),
        removed: Reach::new(Effect::None, "no plan charges for it any more"),
        anew: "deleted and made anew with its filters; the plans that charge for it are written again",
        remade: Remade::Asked,
        source: "§6.1",
        fields: &[
            field("name", FieldKind::Text, "§6.1"),
            field("description", FieldKind::Text, "§6.1"),
            fixed(reaching(
                effects::COUNTING_FOR_GOOD,
                field("aggregation_type", FieldKind::Choice, "§6.1, §10: silently ignored on update"),
            )),
            reaching(effects::COUNTING, field("field_name", FieldKind::Text, "§6.1")),
            defaults("false", reaching(effects::COUNTING, field("recurring", FieldKind::Flag, "§6.1"))),
            reaching(effects::COUNTING, field("rounding_function", FieldKind::Choice, "§6.1")),
            reaching(effects::COUNTING, field("rounding_precision", FieldKind::Count, "§6.1")),
            reaching(effects::COUNTING, field("expression", FieldKind::Text, "§6.1")),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "metric filter",
        collection: "filters",
        parent: Some("billable metric"),
        created: Reach::new(Effect::None, "nobody is charged by it until a charge does"),
        removed: Reach::new(Effect::Now, "charges can no longer be told apart by it"),
        anew: "made anew; the plans that use it are written again right after, existing subscribers are charged by it from then on",
        remade: Remade::Always,
        source: "§6.1",
        fields: &[fixed(reaching(
            effects::FILTER_VALUES,
            field("values", FieldKind::List, "§6.1: there is no update, so it is made anew"),
        ))],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "feature",
        collection: "features",
        created: Reach::new(Effect::None, "nobody is entitled to it until a plan does"),
        removed: Reach::new(Effect::None, "no plan entitles to it any more"),
        anew: "deleted and made anew with every entitlement to it",
        remade: Remade::Asked,
        source: "§6.5",
        fields: &[
            field("name", FieldKind::Text, "§6.5"),
            field("description", FieldKind::Text, "§6.5"),
            fixed(reaching(
                effects::FEATURE_TYPE,
                field("feature_type", FieldKind::Choice, "§6.5, §10: silently ignored on update"),
            )),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "plan",
        collection: "plans",
        created: Reach::new(Effect::NewCustomers, "new customers can subscribe to it"),
        removed: Reach::new(Effect::None, "nobody ever subscribed to it"),
        anew: "deleted and made anew, which the API only does while nobody ever subscribed",
        sold: true,
        remade: Remade::Asked,
        source: "§6.2, §9",
        fields: &[
            field("name", FieldKind::Text, "§6.2"),
            field("description", FieldKind::Text, "§6.2"),
            fixed(reaching(
                effects::INTERVAL,
                field("interval", FieldKind::Choice, "§6.2, §10: silently ignored on update"),
            )),
            defaults(
                "0",
                price(
                    effects::AMOUNT,
                    field("amount", FieldKind::Money, "§6.2: subscribers read the plan's current values"),
                ),
            ),
            defaults(
                "USD",
                reaching(
                    effects::CURRENCY,
                    field("currency", FieldKind::Choice, "§6.2: mutable, also with subscribers"),
                ),
            ),
            defaults("0", reaching(effects::TRIAL, field("trial_period_days", FieldKind::Count, "§6.2"))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "charge",
        collection: "charges",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers are charged for this usage from now on"),
        removed: Reach::new(Effect::Now, "existing subscribers are no longer charged for this usage"),
        anew: "written again with its plan",
        fleeting: true,
        source: "§6.2, §7",
        fields: charge_fields![
            reaching(effects::CHARGED, field("billable_metric", FieldKind::Choice, "§6.2")),
            reaching(effects::CHARGED, field("charge_model", FieldKind::Choice, "§6.2")),
            ;
            "amount" UnitPrice "none" DEARER
            "min_price" UnitPrice "none" CHARGED
            "max_price" UnitPrice "none" CHARGED
            "package_size" Count "1" CHARGED
            "free_units" Count "0" FREE
            "rate" Percent "none" DEARER
            "base_amount" UnitPrice "none" DEARER
            "event_count" Count "0" CHARGED
            "fixed_amount" UnitPrice "none" DEARER
            "free_units_per_events" Count "0" FREE
            "per_transaction_min_amount" UnitPrice "none" CHARGED
            "per_transaction_max_amount" UnitPrice "none" CHARGED
            "custom_amount" UnitPrice "none" DEARER
            "unit_price" UnitPrice "none" DEARER
            "price_field" Text "unit_price" CHARGED
            "quantity_field" Text "quantity" CHARGED
            "ranges.*.up_to" Count "none" CHARGED
            "ranges.*.per_unit" UnitPrice "0" DEARER
            "ranges.*.rate" Percent "0" DEARER
            "ranges.*.flat" UnitPrice "0" DEARER
            ;
            // What stands in the server's properties and cannot be written in a file.
            reaching(effects::CHARGED, field("properties.*", FieldKind::Any, "§7")),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "applied tax",
        collection: "taxes",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers are charged it from now on"),
        removed: Reach::new(Effect::Now, "it is no longer charged here"),
        anew: "applied again",
        source: "§6.9",
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "entitlement",
        collection: "entitlements",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers have it from now on"),
        removed: Reach::new(Effect::Now, "existing subscribers lose it"),
        anew: "deleted and made anew",
        source: "§6.6",
        fields: &[reaching(effects::ENTITLEMENT, field("value", FieldKind::Text, "§6.6"))],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "commitment",
        collection: "commitments",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers are held to it from now on"),
        removed: Reach::new(Effect::Now, "existing subscribers are no longer held to it"),
        anew: "deleted and made anew",
        source: "§6.3",
        fields: &[
            price(effects::COMMITMENT, field("amount", FieldKind::Money, "§6.3")),
            field("invoice_display_name", FieldKind::Text, "§6.3"),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "usage threshold",
        collection: "usage_thresholds",
        parent: Some("plan"),
        created: Reach::new(Effect::Now, "existing subscribers get an invoice at it from now on"),
        removed: Reach::new(
            Effect::Now,
            "no invoice is made at it any more; the API refuses once a subscription has crossed it",
        ),
        anew: "deleted and made anew; the API refuses once a subscription has crossed it",
        remade: Remade::Always,
        source: "§6.4",
        fields: &[
            // Its identity here; shown when it comes into being.
            fixed(reaching(
                effects::THRESHOLD,
                field("amount", FieldKind::Money, "§6.4: there is no update, so it is made anew"),
            )),
            fixed(reaching(effects::THRESHOLD, field("currency", FieldKind::Choice, "§6.4: the plan's"))),
            defaults("false", fixed(reaching(effects::THRESHOLD, field("recurring", FieldKind::Flag, "§6.4")))),
            fixed(reaching(effects::THRESHOLD, field("threshold_display_name", FieldKind::Text, "§6.4"))),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "add-on",
        collection: "add_ons",
        created: Reach::new(Effect::NewCustomers, "it can be applied to customers"),
        removed: Reach::new(Effect::NewCustomers, "it can no longer be applied"),
        anew: "deleted and made anew",
        sold: true,
        source: "§6.7, §9",
        fields: &[
            field("name", FieldKind::Text, "§6.7"),
            field("description", FieldKind::Text, "§6.7"),
            price(effects::ADD_ON, field("amount", FieldKind::Money, "§6.7")),
            defaults("USD", reaching(effects::ADD_ON, field("currency", FieldKind::Choice, "§6.7"))),
            field("invoice_display_name", FieldKind::Text, "§6.7"),
        ],
        ..KindSpec::PLAIN
    },
    KindSpec {
        name: "coupon",
        collection: "coupons",
        created: Reach::new(Effect::NewCustomers, "customers can get it"),
        removed: Reach::new(
            Effect::NewCustomers,
            "it is terminated: nobody can get it any more, who has it keeps it, and its code stays taken for ever",
        ),
        sold: true,
        source: "§6.8",
        fields: &[
            field("name", FieldKind::Text, "§6.8"),
            field("description", FieldKind::Text, "§6.8"),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("coupon_type", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("amount", FieldKind::Money, "§6.8, §10"))),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("currency", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("rate", FieldKind::Percent, "§6.8, §10"))),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("frequency", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(effects::COUPON_FOR_GOOD, field("duration", FieldKind::Count, "§6.8, §10"))),
            defaults(
                "true",
                fixed(reaching(effects::COUPON_FOR_GOOD, field("reusable", FieldKind::Flag, "§6.8, §10"))),
            ),
            defaults(
                "no_expiration",
                reaching(effects::COUPON_OFFERED, field("expiration", FieldKind::Choice, "§6.8: who has it keeps it")),
            ),
            reaching(effects::COUPON_OFFERED, field("expiration_at", FieldKind::Text, "§6.8")),
            defaults("active", reaching(effects::COUPON_OFFERED, field("status", FieldKind::Choice, "§6.8"))),
        ],
        ..KindSpec::PLAIN
    },
];
