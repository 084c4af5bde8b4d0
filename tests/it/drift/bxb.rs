//! bxb's rows.

use serde_json::{Value, json};

use super::{Row, every_field, row, seen_and_taken_back};
use crate::every_field::bxb::everything;
use crate::project::{Project, with};
use crate::subject::BXB;

/// The catalog of these tests: without charge filters, which the API never shows and whoever writes a plan loses.
fn full() -> Value {
    let mut catalog = everything();
    catalog["plans"]["pro"]["charges"].as_object_mut().unwrap().retain(|key, _| key.starts_with("m_"));
    with(
        &catalog,
        &[
            ("plans.pro.description", json!("For teams")),
            ("plans.pro.commitments", json!([{ "amount": "100.00", "invoice_display_name": "Least" }])),
            ("taxes.vat.description", json!("On all")),
            ("billable_metrics.spare.rounding_function", json!("ceil")),
            ("billable_metrics.spare.rounding_precision", json!(2)),
            ("add_ons.setup.description", json!("Once")),
            ("coupons.part.expiration_at", json!("2030-01-31")),
        ],
    )
}

fn list(project: &Project, path: &str) -> Vec<Value> {
    let (status, list) = project.raw("GET", path, Value::Null);
    assert_eq!(status, 200, "{path}: {list}");
    list.as_array().unwrap().clone()
}

fn found(project: &Project, collection: &str, code: &str) -> Value {
    let all = list(project, &format!("/{collection}/?limit=1000"));
    all.into_iter().find(|object| object["code"] == code).unwrap_or_else(|| panic!("no {code} in {collection}"))
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

fn fields(project: &Project) -> Vec<Row> {
    let calls = found(project, "billable_metrics", "calls");
    let spare = found(project, "billable_metrics", "spare");
    let metric = format!("/billable_metrics/{}", id(&calls));
    let rounded = format!("/billable_metrics/{}", id(&spare));
    let pro = found(project, "plans", "pro");
    let plan = format!("/plans/{}", id(&pro));
    let bare = format!("/plans/{}", id(&found(project, "plans", "bare")));
    let seats = found(project, "features", "seats");
    let entitlements = list(project, "/entitlements/?limit=1000");
    let entitlement = entitlements.iter().find(|one| one["feature_id"] == seats["id"]).unwrap();
    let entitlement = format!("/entitlements/{}", id(entitlement));
    let commitment = format!("/commitments/{}", id(&list(project, "/plans/pro/commitments")[0]));
    let (tax, feature, add_on, coupon) = ("/taxes/vat", "/features/sso", "/add_ons/setup", "/coupons/part");
    let mut rows = vec![
        row("PUT", tax, json!({ "name": "X" }), &["~ taxes.vat name"]),
        row("PUT", tax, json!({ "rate": "0.2" }), &["~ taxes.vat rate"]),
        row("PUT", tax, json!({ "rate": "0.2", "category": "x" }), &["~ taxes.vat rate", "- taxes.vat category"]),
        row("PUT", tax, json!({ "description": "X" }), &["~ taxes.vat description"]),
        row("PUT", tax, json!({ "applied_to_organization": true }), &["~ taxes.vat applied_to_organization"]),
        row("PUT", &metric, json!({ "name": "X" }), &["~ billable_metrics.calls name"]),
        row("PUT", &metric, json!({ "description": "X" }), &["- billable_metrics.calls description"]),
        row("PUT", &metric, json!({ "field_name": "x" }), &["- billable_metrics.calls field_name"]),
        row("PUT", &metric, json!({ "recurring": true }), &["~ billable_metrics.calls recurring"]),
        row("PUT", &metric, json!({ "expression": "a" }), &["- billable_metrics.calls expression"]),
        row("PUT", &rounded, json!({ "rounding_function": "floor" }), &["~ billable_metrics.spare rounding_function"]),
        row("PUT", &rounded, json!({ "rounding_precision": 1 }), &["~ billable_metrics.spare rounding_precision"]),
        row("PATCH", feature, json!({ "name": "X" }), &["~ features.sso name"]),
        row("PATCH", feature, json!({ "description": "X" }), &["- features.sso description"]),
        row(
            "PUT",
            &plan,
            json!({ "name": "Other", "trial_period_days": 3 }),
            &["~ plans.pro name", "~ plans.pro trial_period_days"],
        ),
        row("PUT", &plan, json!({ "description": "X" }), &["~ plans.pro description"]),
        row("PUT", &plan, json!({ "amount_cents": 4901 }), &["~ plans.pro amount"]),
        row("PUT", &plan, json!({ "trial_period_days": 3 }), &["~ plans.pro trial_period_days"]),
        row("PUT", &bare, json!({ "currency": "USD" }), &["~ plans.bare currency"]),
        row("PATCH", &entitlement, json!({ "value": "6" }), &["~ plans.pro.entitlements.seats value"]),
        row("PUT", &commitment, json!({ "amount_cents": 1 }), &["~ plans.pro.commitments.minimum_commitment amount"]),
        row(
            "PUT",
            &commitment,
            json!({ "invoice_display_name": "X" }),
            &["~ plans.pro.commitments.minimum_commitment invoice_display_name"],
        ),
        row("PUT", add_on, json!({ "name": "X" }), &["~ add_ons.setup name"]),
        row("PUT", add_on, json!({ "description": "X" }), &["~ add_ons.setup description"]),
        row("PUT", add_on, json!({ "amount_cents": "25000.5" }), &["~ add_ons.setup amount"]),
        row("PUT", add_on, json!({ "amount_currency": "EUR" }), &["~ add_ons.setup currency"]),
        row("PUT", add_on, json!({ "invoice_display_name": "X" }), &["- add_ons.setup invoice_display_name"]),
        row("PUT", coupon, json!({ "name": "x" }), &["~ coupons.part name"]),
        row("PUT", coupon, json!({ "description": "x" }), &["- coupons.part description"]),
        row("PUT", coupon, json!({ "expiration": "no_expiration" }), &["~ coupons.part expiration"]),
        row("PUT", coupon, json!({ "expiration_at": "2031-01-31T00:00:00" }), &["~ coupons.part expiration_at"]),
        row("DELETE", coupon, Value::Null, &["~ coupons.part status"]),
    ];
    rows.extend(
        charges(&pro, &spare)
            .into_iter()
            .map(|(charges, line)| row("PUT", &plan, json!({ "charges": charges }), &[line.as_str()])),
    );
    rows
}

/// Every field of a charge, changed as a dashboard does it: all charges of the plan are sent back as they were shown,
/// with one change.
fn charges(pro: &Value, spare: &Value) -> Vec<(Value, String)> {
    let all: Vec<(String, Value)> = pro["charges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|charge| {
            let sent = json!({
                "billable_metric_id": charge["billable_metric_id"],
                "charge_model": charge["charge_model"],
                "properties": charge["properties"],
            });
            (charge["properties"]["_pricebook"]["key"].as_str().unwrap().to_owned(), sent)
        })
        .collect();
    let range = |key: &str| {
        let charge = &all.iter().find(|(name, _)| name == key).unwrap().1;
        let of = charge["properties"].as_object().unwrap().iter().find(|(name, _)| name.ends_with("ranges")).unwrap();
        of.1.clone()
    };
    let ranged = |key: &str, at: usize, field: &str, value: Value| {
        let mut ranges = range(key);
        ranges[at][field] = value;
        ranges
    };
    let bounds = |to: u64| {
        let mut ranges = range("m_graduated");
        ranges[0]["to_value"] = json!(to);
        ranges[1]["from_value"] = json!(to + 1);
        ranges
    };
    let rows: Vec<(&str, &str, Value, &str)> = vec![
        ("m_standard", "amount", json!("250"), "~ amount"),
        ("m_standard", "min_price", json!("1"), "- min_price"),
        ("m_standard", "max_price", json!(10000), "- max_price"),
        ("m_package", "amount", json!("1.5"), "~ amount"),
        ("m_package", "package_size", json!(10), "- package_size"),
        ("m_package", "free_units", json!(10), "- free_units"),
        ("m_percentage", "rate", json!("3"), "~ rate"),
        ("m_percentage", "base_amount", json!("1"), "- base_amount"),
        ("m_percentage", "event_count", json!(1), "- event_count"),
        ("m_percentage", "fixed_amount", json!("1"), "- fixed_amount"),
        ("m_percentage", "free_units_per_events", json!(1), "- free_units_per_events"),
        ("m_percentage", "per_transaction_min_amount", json!("1"), "- per_transaction_min_amount"),
        ("m_percentage", "per_transaction_max_amount", json!("1"), "- per_transaction_max_amount"),
        ("m_custom", "custom_amount", json!("1"), "- custom_amount"),
        ("m_custom", "unit_price", json!("1"), "~ unit_price"),
        ("m_dynamic", "price_field", json!("p"), "- price_field"),
        ("m_dynamic", "quantity_field", json!("q"), "- quantity_field"),
        ("m_graduated_percentage", "base_amount", json!("1"), "- base_amount"),
        ("m_graduated", "graduated_ranges", bounds(20), "~ ranges.1.up_to"),
        (
            "m_graduated",
            "graduated_ranges",
            ranged("m_graduated", 1, "per_unit_amount", json!("7")),
            "~ ranges.2.per_unit",
        ),
        ("m_volume", "volume_ranges", ranged("m_volume", 0, "flat_amount", json!("7")), "- ranges.1.flat"),
        (
            "m_graduated_percentage",
            "graduated_percentage_ranges",
            ranged("m_graduated_percentage", 0, "rate", json!("7")),
            "~ ranges.1.rate",
        ),
        // A value that breaks billing.
        ("m_dynamic", "price_field", json!(7), "- properties.price_field"),
        ("m_dynamic", "billable_metric_id", spare["id"].clone(), "~ billable_metric"),
        ("m_dynamic", "charge_model", json!("custom"), "~ charge_model"),
    ];
    rows.into_iter()
        .map(|(key, name, value, line)| {
            let charge = |(known, charge): &(String, Value)| {
                let mut charge = charge.clone();
                if known == key {
                    let at = if charge.get(name).is_some() { &mut charge } else { &mut charge["properties"] };
                    at[name] = value.clone();
                }
                charge
            };
            let (sign, field) = line.split_once(' ').unwrap();
            (all.iter().map(charge).collect(), format!("{sign} plans.pro.charges.{key} {field}"))
        })
        .collect()
}

#[test]
fn every_field_changed_live_is_seen_and_taken_back() {
    // The API never shows a charge's filters: they are lost as a whole, which has its own test.
    every_field(BXB, &full(), fields, &[("charge", "filters.")]);
}

#[test]
fn objects_that_come_and_go_live_are_seen_and_taken_back() {
    let project = BXB.with(&everything());
    let undo = |method, path: &str, body, plan: &[&str]| {
        seen_and_taken_back(&project, &row(method, path, body, plan));
        project.in_sync();
    };
    let pro = found(&project, "plans", "pro");
    let tax =
        |kind: &str, object: &Value| json!({ "tax_code": "extra", "taxable_type": kind, "taxable_id": id(object) });
    // What the files have and the API has no longer.
    undo("DELETE", "/add_ons/setup", Value::Null, &["create add_ons.setup"]);
    undo("DELETE", "/taxes/extra", Value::Null, &["create taxes.extra"]);
    let mixed = found(&project, "billable_metrics", "mixed");
    let path = format!("/billable_metrics/{}", id(&mixed));
    undo("DELETE", &path, Value::Null, &["create billable_metrics.mixed"]);
    undo("DELETE", "/features/support", Value::Null, &["create features.support"]);
    let seats = found(&project, "features", "seats");
    let entitlements = list(&project, "/entitlements/?limit=1000");
    let entitlement = entitlements.iter().find(|one| one["feature_id"] == seats["id"]).unwrap();
    let path = format!("/entitlements/{}", id(entitlement));
    undo("DELETE", &path, Value::Null, &["create plans.pro.entitlements.seats"]);
    let path = format!("/commitments/{}", id(&list(&project, "/plans/pro/commitments")[0]));
    undo("DELETE", &path, Value::Null, &["create plans.pro.commitments.minimum_commitment"]);
    let path = format!("/usage_thresholds/{}", id(&list(&project, "/plans/pro/usage_thresholds")[0]));
    undo("DELETE", &path, Value::Null, &["create plans.pro.usage_thresholds.500"]);
    // A plan goes after what stands on it only.
    let path = format!("/usage_thresholds/{}", id(&list(&project, "/plans/bare/usage_thresholds")[0]));
    assert_eq!(project.raw("DELETE", &path, Value::Null).0, 204);
    let stored = found(&project, "plans", "bare")["charges"][0].clone();
    let applied = list(&project, &format!("/taxes/applied?taxable_type=charge&taxable_id={}", id(&stored)));
    assert_eq!(project.raw("DELETE", &format!("/taxes/applied/{}", id(&applied[0])), Value::Null).0, 204);
    let path = format!("/plans/{}", id(&found(&project, "plans", "bare")));
    undo(
        "DELETE",
        &path,
        Value::Null,
        &[
            "create plans.bare",
            "create plans.bare.charges.stored",
            "create plans.bare.charges.stored.taxes.vat",
            "create plans.bare.usage_thresholds.\"12.5\"",
        ],
    );
    // What the API has and the files have not.
    let doubled = json!({ "amount_cents": 10000 });
    undo("POST", "/plans/pro/commitments", doubled, &["delete plans.pro.commitments.minimum_commitment_2"]);
    let threshold = json!({ "amount_cents": "50000" });
    undo("POST", "/plans/pro/usage_thresholds", threshold, &["delete plans.pro.usage_thresholds.500_2"]);
    undo("POST", "/taxes/apply", tax("plan", &pro), &["delete plans.pro.taxes.extra"]);
    let stored = found(&project, "plans", "bare")["charges"][0].clone();
    undo("POST", "/taxes/apply", tax("charge", &stored), &["delete plans.bare.charges.stored.taxes.extra"]);
    let support = found(&project, "features", "support");
    let entitled = json!({ "plan_id": id(&pro), "feature_id": id(&support), "value": "x" });
    undo("POST", "/entitlements/", entitled, &["delete plans.pro.entitlements.support"]);
    undo(
        "POST",
        "/billable_metrics/spare/filters",
        json!({ "key": "k", "values": ["v"] }),
        &["delete billable_metrics.spare.filters.k"],
    );

    // What somebody else made is counted and left alone.
    let made = project.raw("POST", "/features/", json!({ "code": "foreign", "name": "F", "feature_type": "boolean" }));
    assert!(made.0 < 300, "{made:?}");
    let made = project.raw("POST", "/plans/", json!({ "code": "foreign", "name": "F", "interval": "monthly" }));
    assert!(made.0 < 300, "{made:?}");
    let plan = project.plan();
    assert_eq!(plan.lines(), Vec::<String>::new());
    assert_eq!(plan.0["unmanaged"], json!(["features.foreign", "plans.foreign"]));
}
