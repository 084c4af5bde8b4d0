//! The table of kinds and fields: what each field is, how it can change, whether the API shows it, and whom a
//! change reaches. Sections are those of bxb-api.md.
//!
//! Nothing in bxb has versions: subscribers read their plan's current values, so what changes on a plan or on what
//! it is built of reaches them at once (§6).

use crate::model::{Effect, EffectRule, FieldKind, FieldSpec, KindSpec, Mutability, Readability, Renaming, Versions};

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
        effect: EffectRule::Always(Effect::None),
        priced: false,
        versions: Versions::ALL,
        source,
    }
}

const fn reaching(effect: Effect, spec: FieldSpec) -> FieldSpec {
    FieldSpec { effect: EffectRule::Always(effect), ..spec }
}

/// Existing subscribers, at once.
const fn now(path: &'static str, kind: FieldKind, source: &'static str) -> FieldSpec {
    reaching(Effect::Now, field(path, kind, source))
}

/// What existing subscribers are charged.
const fn price(path: &'static str, kind: FieldKind, source: &'static str) -> FieldSpec {
    FieldSpec { priced: true, ..now(path, kind, source) }
}

const fn defaults(default: &'static str, spec: FieldSpec) -> FieldSpec {
    FieldSpec { default, ..spec }
}

const fn fixed(spec: FieldSpec) -> FieldSpec {
    FieldSpec { change: Mutability::Replace, ..spec }
}

/// The properties of a charge model (§7): on the charge itself, and again below every value of a filter.
macro_rules! charge_fields {
    ($($own:expr),* $(,)?; $($name:literal $kind:ident $default:literal)*; $($more:expr),* $(,)?) => {
        &[
            $($own,)*
            $(defaults($default, price($name, FieldKind::$kind, "§7")),)*
            $($more,)*
            $(price(concat!("filters.*.*.", $name), FieldKind::$kind, "§6.2, §7; read from Pricebook's copy"),)*
            now("filters.*.*.invoice_display_name", FieldKind::Text, "§6.2; read from Pricebook's copy"),
            // The values of each filter. Last, because its star takes every path below `filters`.
            now("filters.*", FieldKind::List, "§6.2; read from Pricebook's copy"),
        ]
    };
}

/// A kind whose removal is nothing that was sold.
const PLAIN: KindSpec = KindSpec {
    name: "",
    collection: "",
    parent: None,
    keys: &[],
    created: Effect::None,
    removed: Effect::None,
    removal: "",
    sold: false,
    grandfathers: false,
    remade: false,
    renaming: Renaming::Never,
    fleeting: false,
    versions: Versions::ALL,
    source: "",
    fields: &[],
};

/// Every kind, in the order in which objects come into being.
pub static TABLE: [KindSpec; 12] = [
    KindSpec {
        name: "tax",
        collection: "taxes",
        removal: "no invoice charges it any more",
        source: "§6.9",
        fields: &[
            field("name", FieldKind::Text, "§6.9"),
            now("rate", FieldKind::Percent, "§6.9: invoices read the tax's current rate"),
            field("description", FieldKind::Text, "§6.9"),
            field("category", FieldKind::Text, "§6.9"),
            defaults("false", now("applied_to_organization", FieldKind::Flag, "§6.9")),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "billable metric",
        collection: "billable_metrics",
        removal: "no plan charges for it any more",
        remade: true,
        source: "§6.1",
        fields: &[
            field("name", FieldKind::Text, "§6.1"),
            field("description", FieldKind::Text, "§6.1"),
            fixed(now("aggregation_type", FieldKind::Choice, "§6.1, §10: silently ignored on update")),
            now("field_name", FieldKind::Text, "§6.1"),
            defaults("false", now("recurring", FieldKind::Flag, "§6.1")),
            now("rounding_function", FieldKind::Choice, "§6.1"),
            now("rounding_precision", FieldKind::Count, "§6.1"),
            now("expression", FieldKind::Text, "§6.1"),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "metric filter",
        collection: "filters",
        parent: Some("billable metric"),
        removed: Effect::Now,
        removal: "charges can no longer be told apart by it",
        remade: true,
        source: "§6.1",
        fields: &[fixed(now("values", FieldKind::List, "§6.1: there is no update, so it is made anew"))],
        ..PLAIN
    },
    KindSpec {
        name: "feature",
        collection: "features",
        removal: "no plan entitles to it any more",
        remade: true,
        source: "§6.5",
        fields: &[
            field("name", FieldKind::Text, "§6.5"),
            field("description", FieldKind::Text, "§6.5"),
            fixed(now("feature_type", FieldKind::Choice, "§6.5, §10: silently ignored on update")),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "plan",
        collection: "plans",
        created: Effect::NewCustomers,
        removal: "nobody ever subscribed to it",
        sold: true,
        remade: true,
        source: "§6.2, §9",
        fields: &[
            field("name", FieldKind::Text, "§6.2"),
            field("description", FieldKind::Text, "§6.2"),
            fixed(now("interval", FieldKind::Choice, "§6.2, §10: silently ignored on update")),
            defaults("0", price("amount", FieldKind::Money, "§6.2: subscribers read the plan's current values")),
            defaults("USD", now("currency", FieldKind::Choice, "§6.2: mutable, also with subscribers")),
            defaults("0", now("trial_period_days", FieldKind::Count, "§6.2")),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "charge",
        collection: "charges",
        parent: Some("plan"),
        created: Effect::Now,
        removed: Effect::Now,
        removal: "existing subscribers are no longer charged for this usage",
        fleeting: true,
        source: "§6.2, §7",
        fields: charge_fields![
            now("billable_metric", FieldKind::Choice, "§6.2"),
            now("charge_model", FieldKind::Choice, "§6.2"),
            ;
            "amount" UnitPrice "none"
            "min_price" UnitPrice "none"
            "max_price" UnitPrice "none"
            "package_size" Count "1"
            "free_units" Count "0"
            "rate" Percent "none"
            "base_amount" UnitPrice "none"
            "event_count" Count "0"
            "fixed_amount" UnitPrice "none"
            "free_units_per_events" Count "0"
            "per_transaction_min_amount" UnitPrice "none"
            "per_transaction_max_amount" UnitPrice "none"
            "custom_amount" UnitPrice "none"
            "unit_price" UnitPrice "none"
            "price_field" Text "unit_price"
            "quantity_field" Text "quantity"
            "ranges.*.up_to" Count "none"
            "ranges.*.per_unit" UnitPrice "0"
            "ranges.*.rate" Percent "0"
            "ranges.*.flat" UnitPrice "0"
            ;
            // What stands in the server's properties and cannot be written in a file.
            now("properties.*", FieldKind::Any, "§7"),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "applied tax",
        collection: "taxes",
        parent: Some("plan"),
        created: Effect::Now,
        removed: Effect::Now,
        removal: "it is no longer charged here",
        source: "§6.9",
        ..PLAIN
    },
    KindSpec {
        name: "entitlement",
        collection: "entitlements",
        parent: Some("plan"),
        created: Effect::Now,
        removed: Effect::Now,
        removal: "existing subscribers lose it",
        source: "§6.6",
        fields: &[now("value", FieldKind::Text, "§6.6")],
        ..PLAIN
    },
    KindSpec {
        name: "commitment",
        collection: "commitments",
        parent: Some("plan"),
        created: Effect::Now,
        removed: Effect::Now,
        removal: "existing subscribers are no longer held to it",
        source: "§6.3",
        fields: &[price("amount", FieldKind::Money, "§6.3"), field("invoice_display_name", FieldKind::Text, "§6.3")],
        ..PLAIN
    },
    KindSpec {
        name: "usage threshold",
        collection: "usage_thresholds",
        parent: Some("plan"),
        created: Effect::Now,
        removed: Effect::Now,
        removal: "no invoice is made at it any more; the API refuses once a subscription has crossed it",
        remade: true,
        source: "§6.4",
        fields: &[
            // Its identity here; shown when it comes into being.
            fixed(now("amount", FieldKind::Money, "§6.4: there is no update, so it is made anew")),
            fixed(now("currency", FieldKind::Choice, "§6.4: the plan's")),
            defaults("false", fixed(now("recurring", FieldKind::Flag, "§6.4"))),
            fixed(now("threshold_display_name", FieldKind::Text, "§6.4")),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "add-on",
        collection: "add_ons",
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "it can no longer be applied",
        sold: true,
        source: "§6.7, §9",
        fields: &[
            field("name", FieldKind::Text, "§6.7"),
            field("description", FieldKind::Text, "§6.7"),
            price("amount", FieldKind::Money, "§6.7"),
            defaults("USD", now("currency", FieldKind::Choice, "§6.7")),
            field("invoice_display_name", FieldKind::Text, "§6.7"),
        ],
        ..PLAIN
    },
    KindSpec {
        name: "coupon",
        collection: "coupons",
        created: Effect::NewCustomers,
        removed: Effect::NewCustomers,
        removal: "it is terminated: nobody can get it any more, who has it keeps it, and its code stays taken for ever",
        sold: true,
        source: "§6.8",
        fields: &[
            field("name", FieldKind::Text, "§6.8"),
            field("description", FieldKind::Text, "§6.8"),
            fixed(reaching(Effect::NewCustomers, field("coupon_type", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(Effect::NewCustomers, field("amount", FieldKind::Money, "§6.8, §10"))),
            fixed(reaching(Effect::NewCustomers, field("currency", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(Effect::NewCustomers, field("rate", FieldKind::Percent, "§6.8, §10"))),
            fixed(reaching(Effect::NewCustomers, field("frequency", FieldKind::Choice, "§6.8, §10"))),
            fixed(reaching(Effect::NewCustomers, field("duration", FieldKind::Count, "§6.8, §10"))),
            defaults("true", fixed(reaching(Effect::NewCustomers, field("reusable", FieldKind::Flag, "§6.8, §10")))),
            defaults(
                "no_expiration",
                reaching(Effect::NewCustomers, field("expiration", FieldKind::Choice, "§6.8: who has it keeps it")),
            ),
            reaching(Effect::NewCustomers, field("expiration_at", FieldKind::Text, "§6.8")),
            defaults("active", reaching(Effect::NewCustomers, field("status", FieldKind::Choice, "§6.8"))),
        ],
        ..PLAIN
    },
];
