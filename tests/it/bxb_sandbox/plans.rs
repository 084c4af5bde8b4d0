//! Plans, charges, commitments, usage thresholds (bxb-api.md §6.2 to §6.4).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client::{all, charge, id, sandbox};

const MODELS: [&str; 8] =
    ["standard", "graduated", "volume", "package", "percentage", "graduated_percentage", "custom", "dynamic"];

#[tokio::test]
async fn a_plan_and_what_can_change() {
    let (api, _running) = sandbox().await;
    let made = api.post("/plans/", json!({ "code": "p", "name": "P", "interval": "quarterly" })).await.created();
    let expected = json!({
        "id": made["id"], "code": "p", "name": "P", "description": null, "interval": "quarterly", "amount_cents": 0,
        "currency": "USD", "trial_period_days": 0, "charges": [], "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let path = format!("/plans/{}", id(&made));
    api.subscribe(&id(&made), "s").await;
    let change = json!({
        "name": "Q", "description": "d", "amount_cents": 2_147_483_647, "currency": "EUR", "trial_period_days": 7,
        "interval": "yearly", "code": "other", "unknown": 1,
    });
    let changed = api.put(&path, change).await.ok();
    let expected = json!({
        "id": made["id"], "code": "p", "name": "Q", "description": "d", "interval": "quarterly",
        "amount_cents": 2_147_483_647, "currency": "EUR", "trial_period_days": 7, "charges": [],
        "created_at": made["created_at"], "updated_at": changed["updated_at"],
    });
    assert_eq!(changed, expected, "immutable fields are accepted and ignored");
    assert_eq!(api.put(&path, json!({ "description": null })).await.ok()["description"], Value::Null);
    assert_eq!(api.get(&path).await.ok()["name"], "Q");
}

#[tokio::test]
async fn charges_are_replaced_as_a_whole() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let charges: Vec<_> =
        MODELS.iter().map(|model| charge(&metric, model, json!({ "amount": "NaN", "of": model }))).collect();
    let made = api.plan("p", json!(charges)).await;
    let path = format!("/plans/{}", id(&made));
    let models: BTreeSet<_> = all(&made["charges"], "charge_model").into_iter().collect();
    assert_eq!(models, MODELS.map(str::to_owned).into(), "nothing in the properties is looked at");
    assert!(made["charges"].as_array().unwrap().iter().all(|charge| charge["plan_id"] == made["id"]));
    let ids = |plan: &Value| all(&plan["charges"], "id").into_iter().collect::<BTreeSet<_>>();

    for untouched in [json!({ "name": "n" }), json!({ "charges": null })] {
        assert_eq!(ids(&api.put(&path, untouched).await.ok()), ids(&made));
    }
    let before = api.get(&path).await.ok();
    let replaced = api.put(&path, json!({ "charges": made["charges"] })).await.ok();
    assert!(ids(&replaced).is_disjoint(&ids(&made)), "each gets a new id");
    assert_eq!(replaced["charges"].as_array().unwrap().len(), 8);
    assert_eq!(replaced["updated_at"], before["updated_at"], "the plan itself did not change");
    assert_ne!(replaced["charges"][0]["created_at"], made["charges"][0]["created_at"]);
    let twice = json!([charge(&metric, "standard", json!({})), charge(&metric, "standard", json!({}))]);
    let twice = api.put(&path, json!({ "charges": twice })).await.ok();
    assert_eq!(ids(&twice).len(), 2, "one metric, one model, two charges");
    assert_eq!(api.put(&path, json!({ "charges": [] })).await.ok()["charges"], json!([]));
}

/// The order of charges is no order: within a few replacements it is not the one that was sent.
#[tokio::test]
async fn the_order_of_charges_is_not_kept() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let charges: Vec<_> = (0..20).map(|n| charge(&metric, "standard", json!({ "n": n }))).collect();
    let plan = api.plan("p", json!(charges)).await;
    let order = |plan: &Value| -> Vec<i64> {
        plan["charges"].as_array().unwrap().iter().map(|charge| charge["properties"]["n"].as_i64().unwrap()).collect()
    };
    let path = format!("/plans/{}", id(&plan));
    let first = order(&plan);
    assert_ne!(first, (0..20).collect::<Vec<_>>());
    assert_eq!(order(&api.get(&path).await.ok()), first, "between writes it stays");
    let second = order(&api.put(&path, json!({ "charges": charges })).await.ok());
    assert_ne!(first, second);
}

/// Filters are checked against what they allow, and against nothing else.
#[tokio::test]
async fn a_filter_of_another_metric_does() {
    let (api, _running) = sandbox().await;
    let (one, _other) = (api.metric("one").await, api.metric("other").await);
    let filter = api.filter("other", "region", json!(["eu"])).await;
    let mut filtered = charge(&one, "standard", json!({}));
    let long = "x".repeat(256);
    filtered["filters"] =
        json!([{ "billable_metric_filter_id": filter, "values": ["eu"], "invoice_display_name": long }]);
    let body = json!({ "code": "p", "name": "p", "interval": "weekly", "charges": [filtered.clone()] });
    let refused = api.post("/plans/", body).await;
    refused.invalid(&["string_too_long body.charges.0.filters.0.invoice_display_name"]);
    filtered["filters"][0]["invoice_display_name"] = json!("EU");
    let plan = api.plan("p", json!([filtered])).await;
    let stored = api.get(&format!("/sandbox/charge_filters/{}", id(&plan))).await.ok();
    assert_eq!(all(&stored, "invoice_display_name"), ["EU"]);
}

/// A plan that is refused after some of its charges leaves nothing, not even in the audit trail.
#[tokio::test]
async fn a_refused_plan_leaves_nothing() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let charges = json!([charge(&metric, "standard", json!({})), charge(&metric, "standard", json!({ "a": "\0" }))]);
    let body = json!({ "code": "p", "name": "p", "interval": "weekly", "charges": charges });
    api.post("/plans/", body).await.crashes();
    assert_eq!(api.get("/audit_logs/?resource_type=plan").await.ok(), json!([]));
    assert_eq!(api.default_organization().get("/billable_metrics/plan_counts").await.ok(), json!({}));
    api.plan("p", json!([])).await;
}

#[tokio::test]
async fn commitments() {
    let (api, _running) = sandbox().await;
    let plan = id(&api.plan("p", json!([])).await);
    let path = "/plans/p/commitments";
    let made = api.post(path, json!({ "amount_cents": "1000" })).await.created();
    let expected = json!({
        "id": made["id"], "plan_id": plan, "commitment_type": "minimum_commitment", "amount_cents": "1000.0000",
        "invoice_display_name": null, "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    api.post(path, json!({ "amount_cents": -1 })).await.invalid(&["greater_than_equal body.amount_cents"]);
    let long = json!({ "amount_cents": 1, "commitment_type": "x".repeat(51) });
    api.post(path, long).await.invalid(&["string_too_long body.commitment_type"]);
    let again = api.post(path, json!({ "amount_cents": "1000", "commitment_type": "" })).await.created();
    assert_eq!(api.get(path).await.ok().as_array().unwrap().len(), 2, "nothing keeps duplicates away");
    api.get(&format!("/plans/{plan}/commitments")).await.says(404, "Plan not found");
    let one = format!("/commitments/{}", id(&again));
    let changed = api.put(&one, json!({ "amount_cents": 0.00005, "invoice_display_name": "M" })).await.ok();
    assert_eq!((&changed["amount_cents"], &changed["invoice_display_name"]), (&json!("0.0001"), &json!("M")));
    assert_eq!(api.put(&one, json!({ "invoice_display_name": null })).await.ok()["invoice_display_name"], json!(null));
    api.delete(&one).await.gone();
    api.delete(&one).await.says(404, "Commitment not found");
}

#[tokio::test]
async fn usage_thresholds() {
    let (api, _running) = sandbox().await;
    let body = json!({ "code": "p", "name": "p", "interval": "weekly", "currency": "EUR" });
    let plan = id(&api.post("/plans/", body).await.created());
    let path = "/plans/p/usage_thresholds";
    let made = api.post(path, json!({ "amount_cents": 5 })).await.created();
    let expected = json!({
        "id": made["id"], "plan_id": plan, "subscription_id": null, "amount_cents": "5.0000", "currency": "USD",
        "recurring": false, "threshold_display_name": null, "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected, "USD, whatever the plan's currency is");
    api.post(path, json!({ "amount_cents": -1 })).await.invalid(&["greater_than_equal body.amount_cents"]);
    api.post(path, json!({ "amount_cents": 5 })).await.created();
    assert_eq!(api.get(path).await.ok().as_array().unwrap().len(), 2);
    let one = format!("/usage_thresholds/{}", id(&made));
    assert_eq!(api.put(&one, json!({})).await.status, 405, "there is no update");
    api.delete(&one).await.gone();
    api.delete(&one).await.says(404, "Usage threshold not found");
}
