//! bxb under the laws.

use serde_json::{Value, json};

use super::{Case, for_every_law};
use crate::every_field::bxb::everything;
use crate::project::with;
use crate::subject::BXB;

for_every_law!(v1 CASE);

const CASE: Case = Case {
    subject: BXB,
    edited,
    immutable: || ("plans.bare.interval", json!("weekly")),
    chosen: &["--only", "plans.pro.charges.m_standard", "--only", "billable_metrics.calls"],
    chosen_lines: &["~ billable_metrics.calls name", "~ plans.pro.charges.m_standard amount"],
    except: &["--except", "plans", "--except", "add_ons"],
    except_lines: &["replace features.sso", "~ features.sso feature_type", "replace plans.pro.entitlements.sso"],
    remade: &["/usage_thresholds/ID", "/entitlements/ID", "/features/sso"],
    left: &["delete plans.pro.charges.m_package", "delete plans.pro.entitlements.seats", "delete add_ons.setup"],
    many,
    many_counts: (10, 100),
    reads_of_few: 13,
    // No list holds them (bxb-api.md §6.3, §6.4).
    reads_of_each: &["/commitments", "/usage_thresholds"],
    repeated: &[],
    repeats: 0,
    several_fields,
    several_calls: 3,
};

/// Something of every action.
fn edited() -> Value {
    with(
        &everything(),
        &[
            ("billable_metrics.calls.name", json!("API: \"calls\"")),
            ("features.sso.feature_type", json!("custom")),
            ("features.sso.replace", json!(true)),
            ("plans.pro.amount", json!("59.00")),
            ("plans.pro.charges.m_standard.amount", json!("2.00")),
            ("plans.pro.charges.m_package", Value::Null),
            ("plans.pro.entitlements.seats", Value::Null),
            ("plans.pro.commitments", json!([{ "amount": "120.00" }])),
            ("plans.bare.usage_thresholds", json!([{ "amount": "12.50" }])),
            (
                "plans.fresh",
                json!({
                    "name": "Fresh", "interval": "weekly", "taxes": ["vat", "extra"],
                    "charges": {
                        "b": { "billable_metric": "spare", "charge_model": "standard", "amount": "1" },
                        "a": { "billable_metric": "calls", "charge_model": "dynamic", "filters": { "region": { "us": {}, "eu": {} } } },
                    },
                    "entitlements": { "sso": "full" },
                    "usage_thresholds": [{ "amount": "1" }, { "amount": "2", "recurring": true }],
                }),
            ),
            ("add_ons.setup", Value::Null),
        ],
    )
}

fn many(plans: usize) -> Value {
    let plan = |at: usize| {
        let plan = json!({
            "name": format!("Plan {at}"), "interval": "monthly", "amount": format!("{at}.00"),
            "charges": { "calls": { "billable_metric": "calls", "charge_model": "standard", "amount": "1" } },
            "entitlements": { "sso": true },
            "commitments": [{ "amount": "1" }],
            "usage_thresholds": [{ "amount": "1" }],
        });
        (format!("plan_{at}"), plan)
    };
    json!({
        "provider": "bxb",
        "taxes": { "vat": { "name": "VAT", "rate": "21%" } },
        "billable_metrics": { "calls": { "name": "Calls", "aggregation_type": "count" } },
        "features": { "sso": { "name": "SSO", "feature_type": "boolean" } },
        "plans": (1..=plans).map(plan).collect::<serde_json::Map<_, _>>(),
    })
}

fn several_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("plans.pro.name", json!("Professional")),
        ("plans.pro.description", json!("For teams")),
        ("plans.pro.trial_period_days", json!(14)),
        ("plans.pro.charges.m_standard.amount", json!("3")),
        ("plans.pro.charges.m_graduated.ranges", json!([{ "per_unit": "1" }])),
        ("plans.pro.charges.f_volume.filters", json!({ "region": { "us": {} } })),
        ("plans.pro.charges.f_custom", Value::Null),
        ("plans.pro.charges.fresh", json!({ "billable_metric": "spare", "charge_model": "dynamic" })),
        ("billable_metrics.mixed.name", json!("M")),
        ("billable_metrics.mixed.description", json!("D")),
        ("billable_metrics.mixed.expression", json!("a")),
        ("coupons.part.name", json!("P")),
        ("coupons.part.description", json!("D")),
        ("coupons.part.expiration_at", json!("2031-01-31")),
    ]
}
