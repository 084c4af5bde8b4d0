//! Pages, orders, totals; idempotency keys; the audit trail and the other neighbours (bxb-api.md §3, §4, §6.10).

use serde_json::{Value, json};

use super::client::{NOBODY, all, id, sandbox};

#[tokio::test]
async fn pages_and_orders() {
    let (api, _running) = sandbox().await;
    for code in ["b", "A", "c", "a", "10", "9"] {
        api.feature(code).await;
    }
    let codes = |list: &Value| all(list, "code").join(" ");
    for (query, expected) in [
        ("", "9 10 a c A b"),
        ("?order_by=code", "10 9 a A b c"),
        ("?order_by=code:asc", "10 9 a A b c"),
        ("?order_by=code:desc", "c b A a 9 10"),
        ("?order_by=code:upward", "c b A a 9 10"),
        ("?order_by=nothing", "9 10 a c A b"),
        ("?order_by=created_at", "b A c a 10 9"),
        ("?order_by=code:asc&skip=1&limit=2", "9 a"),
        ("?order_by=code:asc&skip=5&limit=2", "c"),
        ("?skip=6", ""),
        ("?skip=99999999999999999999", ""),
        ("?code=a&status=none", "9 10 a c A b"),
    ] {
        let list = api.get(&format!("/features/{query}")).await;
        assert_eq!((codes(&list.ok()).as_str(), list.total()), (expected, Some("6")), "{query}");
    }
    for (query, issue) in [
        ("limit=0", "greater_than_equal query.limit"),
        ("limit=1001", "less_than_equal query.limit"),
        ("skip=-1", "greater_than_equal query.skip"),
        ("skip=x", "int_parsing query.skip"),
    ] {
        api.get(&format!("/features/?{query}")).await.invalid(&[issue]);
    }
    for n in 0..101 {
        api.post("/taxes/", json!({ "code": format!("t{n}"), "name": "t", "rate": 0 })).await.created();
    }
    assert_eq!(api.get("/taxes/").await.ok().as_array().unwrap().len(), 100, "the default limit");
    assert_eq!(api.get("/taxes/?limit=1000").await.ok().as_array().unwrap().len(), 101);
}

#[tokio::test]
async fn totals_and_their_exceptions() {
    let (api, _running) = sandbox().await;
    for code in ["a", "b"] {
        let body = json!({ "code": code, "name": code, "coupon_type": "percentage", "frequency": "once" });
        api.post("/coupons/", body).await.created();
    }
    api.delete("/coupons/a").await.gone();
    let active = api.get("/coupons/?status=active").await;
    assert_eq!((all(&active.ok(), "code"), active.total()), (vec!["b".to_owned()], Some("2")));
    api.get("/coupons/?status=gone").await.invalid(&["enum query.status"]);

    let (one, two) = (id(&api.plan("one", json!([])).await), id(&api.plan("two", json!([])).await));
    for (plan, feature) in [(&one, "f"), (&one, "g"), (&two, "h")] {
        let feature = api.feature(feature).await;
        api.entitle(plan, &feature).await;
    }
    let all_of_it = api.get("/entitlements/?limit=1").await;
    assert_eq!((all_of_it.ok().as_array().unwrap().len(), all_of_it.total()), (1, Some("3")));
    let of_plan = api.get(&format!("/entitlements/?plan_id={one}&skip=1&limit=1&order_by=metadata")).await;
    assert_eq!((of_plan.ok().as_array().unwrap().len(), of_plan.total()), (2, Some("2")));

    api.post("/plans/one/commitments", json!({ "amount_cents": 1 })).await.created();
    for path in [
        "/plans/one/commitments",
        "/plans/one/usage_thresholds",
        "/audit_logs/",
        &format!("/taxes/applied?taxable_type=plan&taxable_id={one}"),
    ] {
        let list = api.get(path).await;
        assert!(list.ok().is_array() && list.total().is_none(), "{path}");
    }
    api.get("/taxes/applied").await.invalid(&["missing query.taxable_type", "missing query.taxable_id"]);
}

#[tokio::test]
async fn idempotency_keys_compare_nothing() {
    let (api, _running) = sandbox().await;
    let keyed = api.with("idempotency-key", "k");
    let feature = |code: &str| json!({ "code": code, "name": code, "feature_type": "boolean" });
    // Neither a schema error nor a refusal uses the key up.
    keyed.post("/features/", json!({})).await.invalid(&[
        "missing body.code",
        "missing body.name",
        "missing body.feature_type",
    ]);
    api.post("/features/", feature("taken")).await.created();
    keyed.post("/features/", feature("taken")).await.says(409, "Feature with this code already exists");
    let first = keyed.post("/features/", feature("f")).await;
    assert!(first.status == 201 && !first.headers.contains_key("idempotency-replayed"));
    let entitlement = json!({ "plan_id": NOBODY, "feature_id": NOBODY, "value": "x" });
    for (path, body) in
        [("/features/", feature("f")), ("/features/", feature("other")), ("/entitlements/", entitlement.clone())]
    {
        let again = keyed.post(path, body).await;
        assert_eq!((again.status, &again.text), (201, &first.text), "{path}");
        assert_eq!(again.headers["idempotency-replayed"], "true");
    }
    keyed.post("/features/", json!({})).await.invalid(&[
        "missing body.code",
        "missing body.name",
        "missing body.feature_type",
    ]);
    api.delete("/features/f").await.gone();
    assert_eq!(keyed.post("/features/", feature("f")).await.status, 201, "although it is gone");
    api.get("/features/f").await.says(404, "Feature not found");
    // Of one organization, and of no other route.
    let elsewhere = keyed.default_organization().post("/features/", feature("f")).await;
    assert!(elsewhere.status == 201 && !elsewhere.headers.contains_key("idempotency-replayed"));
    let plan = json!({ "code": "p", "name": "p", "interval": "weekly" });
    keyed.post("/plans/", plan.clone()).await.created();
    keyed.post("/plans/", plan).await.says(409, "Plan with this code already exists");
    keyed.post("/plans/p/commitments", json!({ "amount_cents": 1 })).await.created();
    keyed.post("/plans/p/commitments", json!({ "amount_cents": 1 })).await.created();
    assert_eq!(api.get("/plans/p/commitments").await.ok().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_audit_trail() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let plan = id(&api.plan("p", json!([])).await);
    let path = format!("/plans/{plan}");
    api.put(&path, json!({})).await.ok();
    api.put(&path, json!({ "name": "p" })).await.ok();
    let charge = json!([{ "billable_metric_id": metric, "charge_model": "standard" }]);
    api.put(&path, json!({ "charges": charge })).await.ok();
    api.put(&path, json!({ "name": "q" })).await.ok();
    api.post("/plans/p/usage_thresholds", json!({ "amount_cents": 1 })).await.created();
    api.delete(&path).await.crashes();
    let trail = api.get(&format!("/audit_logs/plan/{plan}?order_by=created_at:asc")).await.ok();
    assert_eq!(all(&trail, "action"), ["created", "updated", "deleted"], "a refused delete is there all the same");
    assert_eq!(trail[1]["changes"], json!({ "name": { "old": "p", "new": "q" } }));
    assert!(trail.as_array().unwrap().iter().all(|entry| entry["actor_id"].is_null()));
    let filtered = api.get("/audit_logs/?resource_type=plan&action=created").await.ok();
    assert_eq!(all(&filtered, "resource_id"), [plan]);
    assert_eq!(api.get("/audit_logs/?resource_type=usage_threshold").await.ok(), json!([]));
}

#[tokio::test]
async fn neighbours() {
    let (api, _running) = sandbox().await;
    let keyed = api.with("idempotency-key", "k");
    let entity = keyed.post("/billing_entities/", json!({ "code": "main", "name": "Main" })).await.created();
    assert_eq!(keyed.post("/billing_entities/", json!({ "code": "x", "name": "x" })).await.created(), entity);
    let change = json!({ "code": "other", "city": "Graz", "next_invoice_number": 7 });
    let changed = api.patch("/billing_entities/main", change).await.ok();
    assert_eq!((&changed["code"], &changed["city"]), (&json!("main"), &json!("Graz")));
    api.delete("/billing_entities/main").await.gone();

    let thresholds = json!([{ "currency": "EUR", "amount_cents": "5" }]);
    let body = json!({ "code": "soft", "name": "n", "thresholds": thresholds });
    let made = api.post("/dunning_campaigns/", body.clone()).await.created();
    assert_eq!(made["thresholds"], thresholds);
    api.post("/dunning_campaigns/", body).await.says(409, "Dunning campaign with this code already exists");
    let path = format!("/dunning_campaigns/{}", id(&made));
    let changed = api.put(&path, json!({ "code": "hard", "thresholds": [] })).await.ok();
    assert_eq!((&changed["code"], &changed["thresholds"]), (&json!("hard"), &json!([])), "its code can change");
}
