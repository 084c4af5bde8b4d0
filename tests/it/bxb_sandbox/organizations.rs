//! What is only half built for several organizations (bxb-api.md §1).

use serde_json::json;

use super::client::{all, charge, id, sandbox};

#[tokio::test]
async fn codes_are_unique_across_organizations() {
    let (api, _running) = sandbox().await;
    let other = api.default_organization();
    for (path, body) in [
        ("/billable_metrics/", json!({ "code": "x", "name": "x", "aggregation_type": "count" })),
        ("/plans/", json!({ "code": "x", "name": "x", "interval": "weekly" })),
        ("/coupons/", json!({ "code": "x", "name": "x", "coupon_type": "percentage", "frequency": "once" })),
        ("/add_ons/", json!({ "code": "x", "name": "x", "amount_cents": 1 })),
        ("/taxes/", json!({ "code": "x", "name": "x", "rate": 0 })),
    ] {
        api.post(path, body.clone()).await.created();
        other.post(path, body).await.crashes();
        assert_eq!(other.get(path).await.ok(), json!([]), "{path}");
    }
    api.feature("x").await;
    other.feature("x").await;
}

#[tokio::test]
async fn charges_belong_to_the_default_organization() {
    let (api, _running) = sandbox().await;
    let default = api.default_organization();
    let metric = api.metric("calls").await;
    let plan = api.plan("pro", json!([charge(&metric, "standard", json!({}))])).await;
    assert_eq!(api.get("/billable_metrics/plan_counts").await.ok(), json!({}));
    assert_eq!(api.get(&format!("/billable_metrics/{metric}/plans")).await.ok(), json!([]));
    assert_eq!(default.get("/billable_metrics/plan_counts").await.ok(), json!({ (&metric): 1 }));
    let seen = default.get(&format!("/billable_metrics/{metric}/plans")).await.ok();
    assert_eq!(seen, json!([{ "id": plan["id"], "name": "pro", "code": "pro", "interval": "monthly" }]));
    // Ids of another organization's metrics and filters do in charges.
    let filter = api.filter("calls", "region", json!([])).await;
    let mut foreign = charge(&metric, "standard", json!({}));
    foreign["filters"] = json!([{ "billable_metric_filter_id": filter, "values": ["eu"] }]);
    default.plan("other", json!([foreign])).await;
    // And its filters can be deleted, below any metric code.
    default.delete(&format!("/billable_metrics/nothing/filters/{filter}")).await.gone();
}

#[tokio::test]
async fn taxes_apply_in_the_default_organization_only() {
    let (api, _running) = sandbox().await;
    let default = api.default_organization();
    api.tax("mine", "0.1").await;
    default.tax("theirs", "0.2").await;
    let plan = id(&api.plan("p", json!([])).await);
    let apply = |code: &str| json!({ "tax_code": code, "taxable_type": "plan", "taxable_id": plan });
    api.post("/taxes/apply", apply("mine")).await.says(404, "Tax 'mine' not found");
    let applied = api.post("/taxes/apply", apply("theirs")).await.created();
    let path = format!("/taxes/applied?taxable_type=plan&taxable_id={plan}");
    assert_eq!(all(&default.get(&path).await.ok(), "id"), [id(&applied)]);
    assert_eq!(default.get("/taxes/application_counts").await.ok(), json!({ applied["tax_id"].as_str().unwrap(): 1 }));
    default.delete(&format!("/taxes/applied/{}", id(&applied))).await.gone();
}

#[tokio::test]
async fn objects_of_others_are_not_found() {
    let (api, _running) = sandbox().await;
    let default = api.default_organization();
    let plan = id(&api.plan("p", json!([])).await);
    api.feature("f").await;
    for path in [format!("/plans/{plan}"), "/features/f".into(), "/plans/p/commitments".into()] {
        assert_eq!(api.get(&path).await.status, 200);
        assert_eq!(default.get(&path).await.status, 404, "{path}");
    }
    let feature = default.feature("f").await;
    let body = json!({ "plan_id": plan, "feature_id": feature, "value": "x" });
    default.post("/entitlements/", body.clone()).await.says(400, &format!("Plan {plan} not found"));
    api.post("/entitlements/", body).await.says(400, &format!("Feature {feature} not found"));
}
