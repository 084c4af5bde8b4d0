//! Billing entities and dunning campaigns: settings beside the catalog (bxb-api.md §6.10).

use super::field::{
    AMOUNT, COUNT, CURRENCY, FREE, Field, Kind, Missing, NAME, UP_TO_255, optional, or, required, settable,
};
use super::resource::{Key, Resource};

const NUMBER: Kind = Kind::Int(1, i64::MAX);

pub(super) static BILLING_ENTITIES: Resource = Resource {
    table: "billing_entities",
    title: "Billing entity",
    audited: None,
    key: Key::Code,
    create: &[
        required("code", Kind::Text(1, 100)),
        required("name", NAME),
        optional("legal_name", UP_TO_255),
        optional("address_line1", UP_TO_255),
        optional("address_line2", UP_TO_255),
        optional("city", UP_TO_255),
        optional("state", UP_TO_255),
        optional("country", UP_TO_255),
        optional("zip_code", UP_TO_255),
        or("currency", CURRENCY, Missing::Text("USD")),
        or("timezone", UP_TO_255, Missing::Text("UTC")),
        or("document_locale", UP_TO_255, Missing::Text("en")),
        optional("invoice_prefix", UP_TO_255),
        or("next_invoice_number", NUMBER, Missing::Int(1)),
        or("invoice_grace_period", COUNT, Missing::Int(0)),
        or("net_payment_term", COUNT, Missing::Int(30)),
        optional("invoice_footer", FREE),
        or("is_default", Kind::Flag, Missing::Flag(false)),
    ],
    update: &[
        settable("name", NAME),
        settable("legal_name", UP_TO_255),
        settable("address_line1", UP_TO_255),
        settable("address_line2", UP_TO_255),
        settable("city", UP_TO_255),
        settable("state", UP_TO_255),
        settable("country", UP_TO_255),
        settable("zip_code", UP_TO_255),
        settable("currency", CURRENCY),
        settable("timezone", UP_TO_255),
        settable("document_locale", UP_TO_255),
        settable("invoice_prefix", UP_TO_255),
        settable("next_invoice_number", NUMBER),
        settable("invoice_grace_period", COUNT),
        settable("net_payment_term", COUNT),
        settable("invoice_footer", FREE),
        settable("is_default", Kind::Flag),
    ],
};

const THRESHOLD: &[Field] = &[required("currency", CURRENCY), required("amount_cents", AMOUNT)];
const STATUS: Kind = Kind::OneOf(&["active", "inactive"]);

pub(super) static DUNNING_CAMPAIGNS: Resource = Resource {
    table: "dunning_campaigns",
    title: "Dunning campaign",
    audited: None,
    key: Key::Id("campaign_id"),
    create: &[
        required("code", NAME),
        required("name", NAME),
        optional("description", FREE),
        or("max_attempts", NUMBER, Missing::Int(3)),
        or("days_between_attempts", NUMBER, Missing::Int(3)),
        or("bcc_emails", Kind::Texts, Missing::NoItems),
        or("status", STATUS, Missing::Text("active")),
        or("thresholds", Kind::Models(THRESHOLD), Missing::NoItems),
    ],
    update: &[
        settable("code", NAME),
        settable("name", NAME),
        settable("description", FREE),
        settable("max_attempts", NUMBER),
        settable("days_between_attempts", NUMBER),
        settable("bcc_emails", Kind::Texts),
        settable("status", STATUS),
        settable("thresholds", Kind::Models(THRESHOLD)),
    ],
};
