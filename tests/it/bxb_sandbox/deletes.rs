//! What holds on to what (bxb-api.md §9).

use serde_json::{Value, json};

use super::client::{Api, charge, id, sandbox};

async fn billed(api: &Api, what: &str, id: &Value) {
    api.post("/sandbox/fees", json!({ what: id })).await.created();
}

#[tokio::test]
async fn plans_with_dependants_stay() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let feature = api.feature("f").await;
    let plan = api.plan("p", json!([charge(&metric, "standard", json!({}))])).await;
    let path = format!("/plans/{}", id(&plan));
    let entitlement = api.entitle(&id(&plan), &feature).await;
    api.delete(&path).await.crashes();
    api.delete(&format!("/entitlements/{entitlement}")).await.gone();
    for (children, child) in [("commitments", "commitments"), ("usage_thresholds", "usage_thresholds")] {
        let made = api.post(&format!("/plans/p/{children}"), json!({ "amount_cents": 1 })).await.created();
        api.delete(&path).await.crashes();
        api.delete(&format!("/{child}/{}", id(&made))).await.gone();
    }
    api.delete(&format!("/billable_metrics/{metric}")).await.crashes();
    api.delete(&path).await.gone();
    api.delete(&path).await.says(404, "Plan not found");
    // Its charges went with it, and its code is free.
    api.delete(&format!("/billable_metrics/{metric}")).await.gone();
    api.plan("p", json!([])).await;
}

#[tokio::test]
async fn a_plan_that_had_a_subscription_stays_for_ever() {
    let (api, _running) = sandbox().await;
    let plan = id(&api.plan("p", json!([])).await);
    let subscription = api.subscribe(&plan, "s").await;
    let path = format!("/plans/{plan}");
    api.delete(&path).await.crashes();
    api.delete(&format!("/subscriptions/{subscription}")).await.gone();
    let listed = api.get("/subscriptions/?plan_id=ignored").await.ok();
    assert_eq!((&listed[0]["status"], &listed[0]["plan_id"]), (&json!("terminated"), &json!(plan)));
    api.delete(&path).await.crashes();
    assert_eq!(api.get("/plans/subscription_counts").await.ok(), json!({ plan: 1 }));
    assert_eq!(api.default_organization().get("/plans/subscription_counts").await.ok(), json!({}));
}

#[tokio::test]
async fn what_was_billed_stays() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let plan = api.plan("p", json!([charge(&metric, "standard", json!({ "amount": "1" }))])).await;
    let path = format!("/plans/{}", id(&plan));
    let commitment = api.post("/plans/p/commitments", json!({ "amount_cents": 1 })).await.created();
    let threshold = api.post("/plans/p/usage_thresholds", json!({ "amount_cents": 1 })).await.created();
    billed(&api, "charge_id", &plan["charges"][0]["id"]).await;
    billed(&api, "commitment_id", &commitment["id"]).await;
    api.post("/sandbox/crossings", json!({ "usage_threshold_id": threshold["id"] })).await.created();
    for replacement in [json!([]), plan["charges"].clone()] {
        api.put(&path, json!({ "name": "lost", "charges": replacement })).await.crashes();
    }
    let read = api.get(&path).await.ok();
    assert_eq!((&read["charges"], &read["name"]), (&plan["charges"], &json!("p")), "nothing of it happened");
    assert_eq!(api.put(&path, json!({ "name": "kept" })).await.ok()["name"], "kept");
    api.delete(&format!("/commitments/{}", id(&commitment))).await.crashes();
    assert_eq!(api.put(&format!("/commitments/{}", id(&commitment)), json!({ "amount_cents": 2 })).await.status, 200);
    api.delete(&format!("/usage_thresholds/{}", id(&threshold))).await.crashes();
    api.delete(&path).await.crashes();
}
