//! Refusals: their shapes, and the bare 500 (bxb-api.md §2).

use serde_json::{Value, json};

use super::client::{NOBODY, charge, id, sandbox};

#[tokio::test]
async fn schema_errors_say_everything_at_once() {
    let (api, _running) = sandbox().await;
    let empty = api.post("/plans/", json!({})).await;
    empty.invalid(&["missing body.code", "missing body.name", "missing body.interval"]);
    let first = json!({ "type": "missing", "loc": ["body", "code"], "msg": "Field required", "input": {} });
    assert_eq!(empty.json()["detail"][0], first);

    let body = json!({
        "code": "", "name": 5, "interval": "daily", "amount_cents": -1, "currency": "EURO", "trial_period_days": 10.5,
        "charges": [{ "charge_model": "flat", "properties": [], "filters": [{ "values": [1] }] }, 7],
    });
    let refused = api.post("/plans/", body).await;
    refused.invalid(&[
        "string_too_short body.code",
        "string_type body.name",
        "enum body.interval",
        "greater_than_equal body.amount_cents",
        "string_too_long body.currency",
        "int_from_float body.trial_period_days",
        "missing body.charges.0.billable_metric_id",
        "enum body.charges.0.charge_model",
        "dict_type body.charges.0.properties",
        "missing body.charges.0.filters.0.billable_metric_filter_id",
        "string_type body.charges.0.filters.0.values.0",
        "model_attributes_type body.charges.1",
    ]);
    let expected = "'weekly', 'monthly', 'quarterly' or 'yearly'";
    let item = json!({
        "type": "enum", "loc": ["body", "interval"], "msg": format!("Input should be {expected}"), "input": "daily",
        "ctx": { "expected": expected },
    });
    assert_eq!(refused.json()["detail"][2], item);
    for null in ["amount_cents", "charges", "currency"] {
        let mut body = json!({ "code": "p", "name": "p", "interval": "weekly" });
        body[null] = Value::Null;
        assert_eq!(api.post("/plans/", body).await.status, 422, "{null}");
    }
}

#[tokio::test]
async fn bad_json_and_bad_parameters() {
    let (api, _running) = sandbox().await;
    let bad = api.send("POST", "/plans/", "{bad").await.unwrap();
    let item = json!({
        "type": "json_invalid", "loc": ["body", 1], "msg": "JSON decode error", "input": {},
        "ctx": { "error": "Expecting property name enclosed in double quotes" },
    });
    assert_eq!((bad.status, bad.json()), (422, json!({ "detail": [item] })));
    let path = api.get("/plans/abc").await;
    path.invalid(&["uuid_parsing path.plan_id"]);
    let complaint = "invalid length: expected length 32 for simple format, found 3";
    let item = json!({
        "type": "uuid_parsing", "loc": ["path", "plan_id"],
        "msg": format!("Input should be a valid UUID, {complaint}"), "input": "abc", "ctx": { "error": complaint },
    });
    assert_eq!(path.json()["detail"][0], item);
    let both = api.put("/plans/abc", json!({ "name": "" })).await;
    both.invalid(&["uuid_parsing path.plan_id", "string_too_short body.name"]);
    let limit = api.get("/plans/?limit=1001").await;
    let item = json!({
        "type": "less_than_equal", "loc": ["query", "limit"], "msg": "Input should be less than or equal to 1000",
        "input": "1001", "ctx": { "le": 1000 },
    });
    assert_eq!((limit.status, limit.json()), (422, json!({ "detail": [item] })));
}

#[tokio::test]
async fn references_and_codes() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let filter = api.filter("m", "region", json!(["eu", "us"])).await;
    let plan = |charges: Value| json!({ "code": "p", "name": "p", "interval": "yearly", "charges": charges });
    let filtered = |filter: &str, values: Value| {
        let mut charge = charge(&metric, "standard", json!({}));
        charge["filters"] = json!([{ "billable_metric_filter_id": filter, "values": values }]);
        plan(json!([charge]))
    };
    let unknown = plan(json!([charge(NOBODY, "standard", json!({}))]));
    api.post("/plans/", unknown.clone()).await.says(400, &format!("Billable metric {NOBODY} not found"));
    let answer = api.post("/plans/", filtered(NOBODY, json!(["eu"]))).await;
    answer.says(400, &format!("Billable metric filter {NOBODY} not found"));
    let answer = api.post("/plans/", filtered(&filter, json!(["eu", "asia"]))).await;
    answer.says(400, "Value 'asia' is not allowed for filter 'region'. Allowed values: ['eu', 'us']");
    // Before the plan is looked for.
    let put = api.put(&format!("/plans/{NOBODY}"), json!({ "charges": unknown["charges"] })).await;
    put.says(400, &format!("Billable metric {NOBODY} not found"));
    api.put(&format!("/plans/{NOBODY}"), json!({})).await.says(404, "Plan not found");
    assert_eq!(api.get("/plans/").await.ok(), json!([]), "nothing of a refused plan stays");

    for (path, title, body) in [
        ("/billable_metrics/", "Billable metric", json!({ "code": "x", "name": "x", "aggregation_type": "count" })),
        ("/plans/", "Plan", json!({ "code": "x", "name": "x", "interval": "monthly" })),
        ("/coupons/", "Coupon", json!({ "code": "x", "name": "x", "coupon_type": "percentage", "frequency": "once" })),
        ("/add_ons/", "Add-on", json!({ "code": "x", "name": "x", "amount_cents": 1 })),
        ("/taxes/", "Tax", json!({ "code": "x", "name": "x", "rate": 0 })),
        ("/features/", "Feature", json!({ "code": "x", "name": "x", "feature_type": "custom" })),
    ] {
        api.post(path, body.clone()).await.created();
        api.post(path, body).await.says(409, &format!("{title} with this code already exists"));
    }
    for (path, detail) in [
        (format!("/billable_metrics/{NOBODY}"), "Billable metric not found"),
        (format!("/plans/{NOBODY}"), "Plan not found"),
        ("/coupons/none".into(), "Coupon not found"),
        ("/add_ons/none".into(), "Add-on not found"),
        ("/taxes/none".into(), "Tax not found"),
        ("/features/none".into(), "Feature not found"),
        (format!("/entitlements/{NOBODY}"), "Entitlement not found"),
        (format!("/commitments/{NOBODY}"), "Commitment not found"),
        (format!("/usage_thresholds/{NOBODY}"), "Usage threshold not found"),
        (format!("/taxes/applied/{NOBODY}"), "Applied tax not found"),
        (format!("/billable_metrics/m/filters/{NOBODY}"), "Filter not found"),
    ] {
        api.delete(&path).await.says(404, detail);
    }
    api.get(&format!("/plans/{NOBODY}/commitments")).await.says(404, "Plan not found");
}

/// What the database refuses: client errors that the server says nothing about.
#[tokio::test]
async fn crashes() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let plan = id(&api.plan("p", json!([])).await);
    let feature = api.feature("f").await;
    let entitlement = api.entitle(&plan, &feature).await;
    let commitment = id(&api.post("/plans/p/commitments", json!({ "amount_cents": 1 })).await.created());
    api.post("/add_ons/", json!({ "code": "a", "name": "a", "amount_cents": 1 })).await.created();
    let coupon = json!({ "code": "c", "name": "c", "coupon_type": "percentage", "frequency": "once" });
    api.post("/coupons/", coupon.clone()).await.created();
    api.tax("t", "0.1").await;
    let nulls = [
        ("PUT", format!("/plans/{plan}"), vec!["name", "amount_cents", "currency", "trial_period_days"]),
        ("PUT", format!("/billable_metrics/{metric}"), vec!["name", "recurring"]),
        ("PATCH", "/features/f".into(), vec!["name"]),
        ("PATCH", format!("/entitlements/{entitlement}"), vec!["value"]),
        ("PUT", format!("/commitments/{commitment}"), vec!["amount_cents"]),
        ("PUT", "/add_ons/a".into(), vec!["name", "amount_cents", "amount_currency"]),
        ("PUT", "/taxes/t".into(), vec!["name", "applied_to_organization"]),
        ("PUT", "/coupons/c".into(), vec!["name", "expiration", "status"]),
    ];
    for (method, path, fields) in nulls {
        for field in fields {
            api.call(method, &path, json!({ field: null })).await.crashes();
        }
    }
    let long = "x".repeat(256);
    let mut filtered = charge(&metric, "standard", json!({}));
    let any = api.filter("m", "region", json!([])).await;
    filtered["filters"] = json!([{ "billable_metric_filter_id": any, "values": [long] }]);
    let named = |field: &str, value: Value| {
        let mut body = json!({ "code": "new", "name": "new", "interval": "monthly" });
        body[field] = value;
        body
    };
    let percent = |rate: Value| {
        let mut body = coupon.clone();
        body["code"] = json!("new");
        body["percentage_rate"] = rate;
        body
    };
    for (path, body) in [
        ("/plans/", named("amount_cents", json!(2_147_483_648_u64))),
        ("/plans/", named("trial_period_days", json!(2_147_483_648_u64))),
        ("/plans/", named("name", json!("a\0b"))),
        ("/plans/", named("charges", json!([charge(&metric, "standard", json!({ "a": ["\0"] }))]))),
        ("/plans/", named("charges", json!([filtered]))),
        ("/plans/p/commitments", json!({ "amount_cents": 100_000_000 })),
        ("/plans/p/usage_thresholds", json!({ "amount_cents": "99999999.99995" })),
        ("/add_ons/", json!({ "code": "new", "name": "n", "amount_cents": "-1e8" })),
        ("/taxes/", json!({ "code": "new", "name": "n", "rate": 20 })),
        ("/taxes/", json!({ "code": "new", "name": "n", "rate": -10 })),
        ("/coupons/", percent(json!(1000))),
        ("/billable_metrics/m/filters", json!({ "key": "region" })),
    ] {
        api.post(path, body).await.crashes();
    }
    let number = r#"[{"billable_metric_id":"METRIC","charge_model":"standard","properties":{"a":1E400}}]"#;
    let body = format!(r#"{{"code":"new","name":"n","interval":"weekly","charges":{number}}}"#);
    api.send("POST", "/plans/", body.replace("METRIC", &metric)).await.unwrap().crashes();
    let body = json!({ "code": "new", "name": "n", "feature_type": "custom" });
    api.with("idempotency-key", &long).post("/features/", body).await.crashes();
    for (path, total) in [("/plans/", 1), ("/features/", 1), ("/add_ons/", 1), ("/taxes/", 1), ("/coupons/", 1)] {
        assert_eq!(api.get(path).await.ok().as_array().unwrap().len(), total, "{path}: all of it was rolled back");
    }
    for order in ["metadata", "registry", "__table__"] {
        api.get(&format!("/plans/?order_by={order}")).await.crashes();
    }
}
