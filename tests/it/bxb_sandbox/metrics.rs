//! Billable metrics and their filters (bxb-api.md §6.1).

use serde_json::{Value, json};

use super::client::{all, charge, id, sandbox};

fn metric(aggregation: &str, more: Value) -> Value {
    let mut body = json!({ "code": aggregation, "name": "n", "aggregation_type": aggregation });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn rules_hold_when_a_metric_is_made_and_not_later() {
    let (api, _running) = sandbox().await;
    for (aggregation, more) in [
        ("sum", json!({})),
        ("max", json!({ "field_name": "" })),
        ("unique_count", json!({ "field_name": null })),
        ("weighted_sum", json!({})),
        ("latest", json!({})),
        ("custom", json!({})),
        ("sum", json!({ "field_name": "f", "recurring": true })),
        ("count", json!({ "rounding_precision": 2 })),
    ] {
        let body = metric(aggregation, more);
        let refused = api.post("/billable_metrics/", body.clone()).await;
        refused.invalid(&["value_error body"]);
        assert_eq!(refused.json()["detail"][0]["input"], body);
        assert_eq!(refused.json()["detail"][0]["ctx"], json!({ "error": {} }));
    }
    let refused = api.post("/billable_metrics/", metric("sum", json!({}))).await.json();
    assert_eq!(refused["detail"][0]["msg"], "Value error, field_name is required for aggregation_type 'sum'");
    for (more, issue) in [
        (json!({ "rounding_precision": 16, "rounding_function": "round" }), "less_than_equal body.rounding_precision"),
        (json!({ "rounding_function": "up" }), "enum body.rounding_function"),
        (json!({ "code": "x".repeat(256) }), "string_too_long body.code"),
        (json!({ "recurring": null }), "bool_type body.recurring"),
    ] {
        api.post("/billable_metrics/", metric("count", more)).await.invalid(&[issue]);
    }
    let more = json!({ "field_name": "gb", "recurring": true, "rounding_function": "ceil", "rounding_precision": 15 });
    let made = api.post("/billable_metrics/", metric("max", more)).await.created();
    let expected = json!({
        "id": made["id"], "code": "max", "name": "n", "description": null, "aggregation_type": "max",
        "field_name": "gb", "recurring": true, "rounding_function": "ceil", "rounding_precision": 15,
        "expression": null, "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let kept = api.post("/billable_metrics/", metric("count", json!({ "field_name": "f" }))).await.created();
    assert_eq!(kept["field_name"], "f");

    let sum = api.post("/billable_metrics/", metric("sum", json!({ "field_name": "f" }))).await.created();
    let change = json!({
        "field_name": null, "recurring": true, "rounding_precision": 3, "aggregation_type": "count", "code": "other",
        "description": "d",
    });
    let updated = api.put(&format!("/billable_metrics/{}", id(&sum)), change).await.ok();
    assert_eq!((&updated["field_name"], &updated["recurring"]), (&Value::Null, &json!(true)));
    assert_eq!((&updated["rounding_precision"], &updated["description"]), (&json!(3), &json!("d")));
    assert_eq!((&updated["aggregation_type"], &updated["code"]), (&json!("sum"), &json!("sum")), "silently ignored");
    let stats = api.get("/billable_metrics/stats").await.ok();
    assert_eq!(stats, json!({ "total": 3, "by_aggregation_type": { "count": 1, "max": 1, "sum": 1 } }));
    assert_eq!(api.get(&format!("/billable_metrics/{}", id(&sum))).await.ok(), updated);
    api.delete(&format!("/billable_metrics/{}", id(&sum))).await.gone();
    api.post("/billable_metrics/", metric("sum", json!({ "field_name": "f" }))).await.created();
}

#[tokio::test]
async fn filters() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let path = "/billable_metrics/m/filters";
    let values = json!(["eu", "eu", 1, null, { "a": [] }]);
    let made = api.post(path, json!({ "key": "region", "values": values })).await.created();
    let expected = json!({
        "id": made["id"], "billable_metric_id": metric, "key": "region", "values": values,
        "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let empty = api.post(path, json!({ "key": "tier" })).await.created();
    assert_eq!(empty["values"], json!([]));
    let mut keys = all(&api.get(path).await.ok(), "key");
    keys.sort();
    assert_eq!(keys, ["region", "tier"]);
    api.get(&format!("/billable_metrics/{metric}/filters")).await.says(404, "Billable metric not found");
    let one = format!("{path}/{}", id(&made));
    assert_eq!(api.put(&one, json!({})).await.status, 405, "there is no update");
    api.delete(&one).await.gone();
    api.delete(&one).await.says(404, "Filter not found");
}

/// Replacing a filter takes the values from every charge that used it.
#[tokio::test]
async fn a_deleted_filter_takes_its_values_along() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let (region, tier) =
        (api.filter("m", "region", json!(["eu", "us"])).await, api.filter("m", "tier", json!([])).await);
    let mut one = charge(&metric, "standard", json!({}));
    one["filters"] = json!([
        { "billable_metric_filter_id": region, "values": ["eu", "us"], "properties": { "amount": "3" } },
        { "billable_metric_filter_id": tier, "values": ["gold", "gold"], "invoice_display_name": "Gold" },
        { "billable_metric_filter_id": tier, "values": [] },
    ]);
    let plan = api.plan("p", json!([one])).await;
    assert!(plan["charges"][0].get("filters").is_none(), "no answer has them");
    let stored = || async { api.get(&format!("/sandbox/charge_filters/{}", id(&plan))).await.ok() };
    let mut values = all(&stored().await, "value");
    values.sort();
    assert_eq!(values, ["eu", "gold", "gold", "us"]);
    api.delete(&format!("/billable_metrics/m/filters/{region}")).await.gone();
    let values = || async {
        let rows = stored().await;
        let mut values: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["value"].to_string()).collect();
        values.sort();
        values
    };
    let left = ["\"gold\"", "\"gold\"", "null", "null"];
    assert_eq!(values().await, left, "the filters stay, without values");
    let read = api.get(&format!("/plans/{}", id(&plan))).await.ok();
    assert_eq!(read["charges"], plan["charges"], "nothing of that can be seen");
    api.delete(&format!("/billable_metrics/{metric}")).await.crashes();
    assert_eq!(values().await, left);
}
