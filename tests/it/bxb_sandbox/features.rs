//! Features and entitlements (bxb-api.md §6.5, §6.6).

use serde_json::{Value, json};

use super::client::{NOBODY, all, id, sandbox};

#[tokio::test]
async fn features() {
    let (api, _running) = sandbox().await;
    let body = json!({ "code": "f", "name": "F", "feature_type": "quantity" });
    let made = api.post("/features/", body.clone()).await.created();
    let expected = json!({
        "id": made["id"], "code": "f", "name": "F", "description": null, "feature_type": "quantity",
        "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let long = json!({ "code": "x".repeat(101), "name": "F", "feature_type": "seats" });
    api.post("/features/", long).await.invalid(&["string_too_long body.code", "enum body.feature_type"]);
    let change = json!({ "name": "G", "description": "d", "feature_type": "boolean", "code": "g" });
    let changed = api.patch("/features/f", change).await.ok();
    assert_eq!((&changed["name"], &changed["description"]), (&json!("G"), &json!("d")));
    assert_eq!((&changed["code"], &changed["feature_type"]), (&json!("f"), &json!("quantity")), "silently ignored");
    assert_eq!(api.patch("/features/f", json!({ "description": null })).await.ok()["description"], Value::Null);

    let plan = id(&api.plan("p", json!([])).await);
    let entitlement = api.entitle(&plan, &id(&made)).await;
    assert_eq!(api.get("/features/plan_counts").await.ok(), json!({ id(&made): 1 }));
    api.delete("/features/f").await.says(400, "Cannot delete feature with existing entitlements");
    api.delete(&format!("/entitlements/{entitlement}")).await.gone();
    api.delete("/features/f").await.gone();
    api.delete("/features/f").await.says(404, "Feature not found");
    api.post("/features/", body).await.created();
    // A code that is also a route can be made, but not read.
    api.feature("plan_counts").await;
    assert_eq!(api.get("/features/plan_counts").await.ok(), json!({}));
    assert_eq!(api.patch("/features/plan_counts", json!({ "name": "n" })).await.ok()["name"], "n");
}

#[tokio::test]
async fn entitlements() {
    let (api, _running) = sandbox().await;
    let (one, two) = (id(&api.plan("one", json!([])).await), id(&api.plan("two", json!([])).await));
    let (f, g) = (api.feature("f").await, api.feature("g").await);
    let body = |value: Value| json!({ "plan_id": one, "feature_id": f, "value": value });
    for wrong in [json!(5), json!(true), json!(null)] {
        api.post("/entitlements/", body(wrong)).await.invalid(&["string_type body.value"]);
    }
    api.post("/entitlements/", body(json!(""))).await.invalid(&["string_too_short body.value"]);
    let made = api.post("/entitlements/", body(json!("not a number"))).await.created();
    let expected = json!({
        "id": made["id"], "plan_id": one, "feature_id": f, "value": "not a number", "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected, "the value is not checked against the feature's type");
    let twice = api.post("/entitlements/", body(json!("x"))).await;
    twice.says(409, "Entitlement for this plan and feature already exists");
    let unknown = json!({ "plan_id": NOBODY, "feature_id": f, "value": "x" });
    api.post("/entitlements/", unknown).await.says(400, &format!("Plan {NOBODY} not found"));
    let path = format!("/entitlements/{}", id(&made));
    let changed = api.patch(&path, json!({ "value": " 10 ", "plan_id": two, "feature_id": g })).await.ok();
    assert_eq!((&changed["value"], &changed["plan_id"]), (&json!(" 10 "), &json!(one)));
    api.patch(&path, json!({ "value": "" })).await.invalid(&["string_too_short body.value"]);

    api.entitle(&one, &g).await;
    api.entitle(&two, &g).await;
    let copy = json!({ "source_plan_id": one, "target_plan_id": two });
    let copied = api.post("/entitlements/copy", copy.clone()).await.created();
    assert_eq!((all(&copied, "plan_id"), all(&copied, "feature_id")), (vec![two.clone()], vec![f.clone()]));
    assert_eq!(api.post("/entitlements/copy", copy).await.created(), json!([]));
    let same = json!({ "source_plan_id": one, "target_plan_id": one });
    api.post("/entitlements/copy", same).await.says(400, "Source and target plan must be different");
    api.subscribe(&two, "sub").await;
    let read = api.get("/subscriptions/sub/entitlements").await.ok();
    assert_eq!(read.as_array().unwrap().len(), 2);
    api.delete(&path).await.gone();
    api.delete(&path).await.says(404, "Entitlement not found");
}
