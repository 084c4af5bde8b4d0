//! The database as its migrations make it: columns, unique keys, foreign keys (bxb-api.md §1, §2, §6, §9). What it
//! refuses, the server answers with a bare 500.
//!
//! Every table also has `id`, `organization_id`, `created_at` and `updated_at`.

/// What a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Text of at most so many characters.
    Text(usize),
    Int32,
    /// So many digits, so many of them behind the point.
    Numeric(usize, usize),
    Flag,
    Moment,
    /// A UUID, often of another table's row.
    Id,
    Json,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) nullable: bool,
    /// Found by its value.
    pub(super) indexed: bool,
}

/// What becomes of a row when the row that it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDelete {
    /// The delete is refused.
    Refuse,
    /// It goes with it.
    Cascade,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// Columns whose values together stand in one row only, across all organizations.
    pub(super) unique: &'static [&'static [&'static str]],
    pub(super) references: &'static [(&'static str, &'static str, OnDelete)],
}

const fn column(name: &'static str, holds: Holds) -> Column {
    Column { name, holds, nullable: false, indexed: matches!(holds, Holds::Id) }
}

const fn text(name: &'static str) -> Column {
    column(name, Holds::Text(255))
}

const fn free(name: &'static str) -> Column {
    column(name, Holds::Text(usize::MAX))
}

const fn amount(name: &'static str) -> Column {
    column(name, Holds::Numeric(12, 4))
}

const fn id(name: &'static str) -> Column {
    column(name, Holds::Id)
}

const fn int(name: &'static str) -> Column {
    column(name, Holds::Int32)
}

const fn flag(name: &'static str) -> Column {
    column(name, Holds::Flag)
}

const fn moment(name: &'static str) -> Column {
    column(name, Holds::Moment)
}

const fn json(name: &'static str) -> Column {
    column(name, Holds::Json)
}

const fn null(mut column: Column) -> Column {
    column.nullable = true;
    column
}

const fn indexed(mut column: Column) -> Column {
    column.indexed = true;
    column
}

const CODE: Column = indexed(text("code"));
const DESCRIPTION: Column = null(free("description"));
const DISPLAY_NAME: Column = null(text("invoice_display_name"));

use OnDelete::{Cascade, Refuse};

pub(super) static TABLES: &[Table] = &[
    Table {
        name: "organizations",
        columns: &[
            text("name"),
            indexed(text("slug")),
            text("default_currency"),
            text("timezone"),
            null(text("hmac_key")),
            null(free("logo_url")),
            null(text("portal_accent_color")),
            null(free("portal_welcome_message")),
        ],
        unique: &[&["slug"]],
        references: &[],
    },
    Table {
        name: "api_keys",
        columns: &[
            null(text("name")),
            text("key_prefix"),
            indexed(text("key_hash")),
            null(moment("expires_at")),
            null(moment("last_used_at")),
            null(moment("revoked_at")),
        ],
        unique: &[&["key_hash"]],
        references: &[],
    },
    Table {
        name: "idempotency_records",
        columns: &[indexed(text("idempotency_key")), int("response_status"), json("response_body")],
        unique: &[],
        references: &[],
    },
    Table {
        name: "audit_logs",
        columns: &[
            text("resource_type"),
            id("resource_id"),
            text("action"),
            json("changes"),
            text("actor_type"),
            null(text("actor_id")),
            null(json("metadata_")),
        ],
        unique: &[],
        references: &[],
    },
    Table {
        name: "billable_metrics",
        columns: &[
            CODE,
            text("name"),
            DESCRIPTION,
            text("aggregation_type"),
            null(text("field_name")),
            flag("recurring"),
            null(text("rounding_function")),
            null(int("rounding_precision")),
            null(free("expression")),
        ],
        unique: &[&["code"]],
        references: &[],
    },
    Table {
        name: "billable_metric_filters",
        columns: &[id("billable_metric_id"), text("key"), json("values")],
        unique: &[&["billable_metric_id", "key"]],
        references: &[("billable_metric_id", "billable_metrics", Cascade)],
    },
    Table {
        name: "plans",
        columns: &[
            CODE,
            text("name"),
            DESCRIPTION,
            text("interval"),
            int("amount_cents"),
            text("currency"),
            int("trial_period_days"),
        ],
        unique: &[&["code"]],
        references: &[],
    },
    Table {
        name: "charges",
        columns: &[id("plan_id"), id("billable_metric_id"), text("charge_model"), json("properties")],
        unique: &[],
        references: &[("plan_id", "plans", Cascade), ("billable_metric_id", "billable_metrics", Refuse)],
    },
    Table {
        // One row for each value of a filter (bxb-api.md §6.2), which stays when its value goes.
        name: "charge_filters",
        columns: &[id("charge_id"), json("properties"), null(text("invoice_display_name"))],
        unique: &[],
        references: &[("charge_id", "charges", Cascade)],
    },
    Table {
        name: "charge_filter_values",
        columns: &[id("charge_filter_id"), id("billable_metric_filter_id"), text("value")],
        unique: &[],
        references: &[
            ("charge_filter_id", "charge_filters", Cascade),
            ("billable_metric_filter_id", "billable_metric_filters", Cascade),
        ],
    },
    Table {
        name: "commitments",
        columns: &[id("plan_id"), column("commitment_type", Holds::Text(50)), amount("amount_cents"), DISPLAY_NAME],
        unique: &[],
        references: &[("plan_id", "plans", Refuse)],
    },
    Table {
        name: "usage_thresholds",
        columns: &[
            id("plan_id"),
            null(id("subscription_id")),
            text("currency"),
            amount("amount_cents"),
            flag("recurring"),
            null(text("threshold_display_name")),
        ],
        unique: &[],
        references: &[("plan_id", "plans", Refuse)],
    },
    Table {
        name: "features",
        columns: &[CODE, text("name"), DESCRIPTION, text("feature_type")],
        unique: &[&["organization_id", "code"]],
        references: &[],
    },
    Table {
        name: "entitlements",
        columns: &[id("plan_id"), id("feature_id"), free("value")],
        unique: &[&["plan_id", "feature_id"]],
        references: &[("plan_id", "plans", Refuse), ("feature_id", "features", Refuse)],
    },
    Table {
        name: "add_ons",
        columns: &[CODE, text("name"), DESCRIPTION, amount("amount_cents"), text("amount_currency"), DISPLAY_NAME],
        unique: &[&["code"]],
        references: &[],
    },
    Table {
        name: "applied_add_ons",
        columns: &[id("add_on_id"), id("customer_id"), amount("amount_cents"), text("amount_currency")],
        unique: &[],
        references: &[("add_on_id", "add_ons", Refuse), ("customer_id", "customers", Refuse)],
    },
    Table {
        name: "coupons",
        columns: &[
            CODE,
            text("name"),
            DESCRIPTION,
            text("coupon_type"),
            null(amount("amount_cents")),
            null(text("amount_currency")),
            null(column("percentage_rate", Holds::Numeric(5, 2))),
            text("frequency"),
            null(int("frequency_duration")),
            flag("reusable"),
            text("expiration"),
            null(moment("expiration_at")),
            text("status"),
        ],
        unique: &[&["code"]],
        references: &[],
    },
    Table {
        name: "applied_coupons",
        columns: &[id("coupon_id"), id("customer_id"), text("status")],
        unique: &[],
        references: &[("coupon_id", "coupons", Refuse), ("customer_id", "customers", Refuse)],
    },
    Table {
        name: "taxes",
        columns: &[
            CODE,
            text("name"),
            column("rate", Holds::Numeric(5, 4)),
            DESCRIPTION,
            null(column("category", Holds::Text(100))),
            flag("applied_to_organization"),
        ],
        unique: &[&["code"]],
        references: &[],
    },
    Table {
        // What it is applied to is not checked, so nothing refers to it.
        name: "applied_taxes",
        columns: &[
            id("tax_id"),
            column("taxable_type", Holds::Text(50)),
            id("taxable_id"),
            column("tax_rate", Holds::Numeric(5, 4)),
            amount("tax_amount_cents"),
        ],
        unique: &[&["tax_id", "taxable_type", "taxable_id"]],
        references: &[("tax_id", "taxes", Refuse)],
    },
    Table {
        name: "customers",
        columns: &[indexed(text("external_id")), text("name"), null(text("email")), text("currency")],
        unique: &[&["organization_id", "external_id"]],
        references: &[],
    },
    Table {
        name: "subscriptions",
        columns: &[
            indexed(text("external_id")),
            id("customer_id"),
            id("plan_id"),
            text("status"),
            null(moment("started_at")),
            null(moment("canceled_at")),
        ],
        unique: &[&["organization_id", "external_id"]],
        references: &[("customer_id", "customers", Refuse), ("plan_id", "plans", Refuse)],
    },
    Table {
        name: "events",
        columns: &[
            indexed(text("transaction_id")),
            indexed(text("external_customer_id")),
            text("code"),
            moment("timestamp"),
            json("properties"),
        ],
        unique: &[&["organization_id", "transaction_id"]],
        references: &[],
    },
    Table {
        // Written by billing, which the sandbox does not do: its own routes place them (bxb-api.md §9).
        name: "fees",
        columns: &[null(id("charge_id")), null(id("commitment_id")), null(id("tax_id"))],
        unique: &[],
        references: &[
            ("charge_id", "charges", Refuse),
            ("commitment_id", "commitments", Refuse),
            ("tax_id", "taxes", Refuse),
        ],
    },
    Table {
        name: "applied_usage_thresholds",
        columns: &[id("usage_threshold_id")],
        unique: &[],
        references: &[("usage_threshold_id", "usage_thresholds", Refuse)],
    },
    Table {
        name: "billing_entities",
        columns: &[
            CODE,
            text("name"),
            null(text("legal_name")),
            null(text("address_line1")),
            null(text("address_line2")),
            null(text("city")),
            null(text("state")),
            null(text("country")),
            null(text("zip_code")),
            text("currency"),
            text("timezone"),
            text("document_locale"),
            null(text("invoice_prefix")),
            int("next_invoice_number"),
            int("invoice_grace_period"),
            int("net_payment_term"),
            null(free("invoice_footer")),
            flag("is_default"),
        ],
        unique: &[&["organization_id", "code"]],
        references: &[],
    },
    Table {
        name: "dunning_campaigns",
        columns: &[
            CODE,
            text("name"),
            DESCRIPTION,
            int("max_attempts"),
            int("days_between_attempts"),
            json("bcc_emails"),
            text("status"),
            json("thresholds"),
        ],
        unique: &[&["organization_id", "code"]],
        references: &[],
    },
];
