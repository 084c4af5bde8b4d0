//! Simulation and previews (bxb-api.md §7, §8).

use serde_json::{Value, json};

use super::client::{charge, id, sandbox};

#[tokio::test]
async fn every_model_is_simulated() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let range = |from: Value, to: Value, per: &str, flat: &str| json!({ "from_value": from, "to_value": to, "per_unit_amount": per, "flat_amount": flat });
    let part = |from: i64, to: Value, rate: &str, flat: &str| json!({ "from_value": from, "to_value": to, "rate": rate, "flat_amount": flat });
    let from_zero = json!([range(json!(0), json!(10), "1", "0"), range(json!(11), json!(null), "0.5", "3")]);
    let from_one = json!([range(json!(11), json!(null), "0.5", "3"), range(json!(1), json!(10), "1", "0")]);
    let bounded = json!([range(json!(1), json!(10), "1", "0")]);
    let mixed = json!([range(json!("1"), json!(10), "1", "0"), range(json!(11), json!(null), "1", "0")]);
    let parts = json!([part(0, json!(100), "10", "1"), part(100, json!(null), "5", "2")]);
    let crash = None;
    let cases: Vec<(&str, Value, Value, Option<i64>)> = vec![
        ("standard", json!({ "amount": "2" }), json!(5), Some(1000)),
        ("standard", json!({ "amount": 2, "unit_price": 9, "min_price": 99, "max_price": 1 }), json!(5), Some(1000)),
        ("standard", json!({ "unit_price": "0.015" }), json!(1), Some(1)),
        ("standard", json!({}), json!(5), Some(0)),
        ("standard", json!({ "amount": "-1" }), json!("1.5"), Some(-150)),
        ("standard", json!({ "amount": null }), json!(1), crash),
        ("standard", json!({ "amount": "NaN" }), json!(1), crash),
        ("standard", json!({ "amount": "much" }), json!(1), crash),
        ("graduated", json!({ "graduated_ranges": from_zero }), json!(11), Some(1100)),
        ("graduated", json!({ "graduated_ranges": from_zero }), json!(12), Some(1100 + 50 + 300)),
        ("graduated", json!({ "graduated_ranges": from_one }), json!(12), Some(1000 + 100 + 300)),
        ("graduated", json!({ "graduated_ranges": from_one }), json!(0), Some(0)),
        ("graduated", json!({ "graduated_ranges": bounded }), json!(50), Some(1000)),
        ("graduated", json!({ "graduated_ranges": mixed }), json!(5), crash),
        (
            "graduated",
            json!({ "tiers": [{ "up_to": 10, "unit_price": "1" }, { "unit_price": "2" }] }),
            json!(12),
            Some(1400),
        ),
        ("graduated", json!({ "tiers": [{ "up_to": 10, "unit_price": "1" }, { "up_to": null }] }), json!(12), crash),
        ("volume", json!({ "volume_ranges": from_one }), json!(10), Some(1000)),
        ("volume", json!({ "volume_ranges": from_one }), json!(20), Some(1000 + 300)),
        ("volume", json!({ "volume_ranges": [range(json!(0), json!(10), "1", "7")] }), json!(0), Some(700)),
        ("volume", json!({ "volume_ranges": [range(json!(0), json!(10), "1", "7")] }), json!(20), Some(2700)),
        ("package", json!({ "amount": "3", "package_size": 10, "free_units": 5 }), json!(16), Some(600)),
        ("package", json!({ "amount": "3", "package_size": 10, "free_units": 5 }), json!(5), Some(0)),
        ("package", json!({ "amount": "3", "package_size": 0 }), json!(5), crash),
        ("percentage", json!({ "rate": "10", "fixed_amount": "2" }), json!(50), Some(500)),
        ("percentage", json!({ "percentage": 10, "per_transaction_max_amount": "4" }), json!(50), Some(400)),
        ("percentage", json!({ "rate": 10, "per_transaction_min_amount": 8 }), json!(50), Some(800)),
        ("graduated_percentage", json!({ "graduated_percentage_ranges": parts }), json!(100), Some(1100)),
        ("graduated_percentage", json!({ "graduated_percentage_ranges": parts }), json!(200), Some(1100 + 500 + 200)),
        (
            "graduated_percentage",
            json!({ "graduated_percentage_ranges": parts, "base_amount": 100 }),
            json!(1),
            Some(1100),
        ),
        ("custom", json!({ "custom_amount": "9", "unit_price": "1" }), json!(0), Some(900)),
        ("custom", json!({ "unit_price": "1.5" }), json!(2), Some(300)),
        ("dynamic", json!({ "price_field": "p" }), json!(50), Some(0)),
    ];
    for (n, (model, properties, units, expected)) in cases.into_iter().enumerate() {
        let plan = id(&api.plan(&format!("p{n}"), json!([charge(&metric, model, properties.clone())])).await);
        let answer = api.post(&format!("/plans/{plan}/simulate"), json!({ "units": units })).await;
        let Some(expected) = expected else {
            answer.crashes();
            continue;
        };
        assert_eq!(answer.ok()["charges"][0]["amount_cents"], expected, "{model} {properties} {units}");
    }
}

#[tokio::test]
async fn the_shape_of_a_simulation() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let body = json!({
        "code": "p", "name": "p", "interval": "monthly", "amount_cents": 2000,
        "charges": [charge(&metric, "standard", json!({ "amount": "2" }))],
    });
    let plan = api.post("/plans/", body).await.created();
    let path = format!("/plans/{}/simulate", id(&plan));
    let expected = json!({
        "plan_id": plan["id"], "base_amount_cents": 2000, "currency": "USD", "total_amount_cents": 3000,
        "charges": [{
            "charge_id": plan["charges"][0]["id"], "billable_metric_id": metric, "charge_model": "standard",
            "units": 5.0, "amount_cents": 1000, "properties": { "amount": "2" },
        }],
    });
    assert_eq!(api.post(&path, json!({ "units": 5 })).await.ok(), expected);
    api.post(&path, json!({})).await.invalid(&["missing body.units"]);
    api.post(&path, json!({ "units": -1 })).await.invalid(&["greater_than_equal body.units"]);
}

#[tokio::test]
async fn a_change_of_plan() {
    let (api, _running) = sandbox().await;
    let plan = |code: &str, interval: &str, cents: i64| json!({ "code": code, "name": code, "interval": interval, "amount_cents": cents });
    let old = id(&api.post("/plans/", plan("old", "monthly", 3000)).await.created());
    let new = id(&api.post("/plans/", plan("new", "yearly", 36_000)).await.created());
    let subscription = api.subscribe(&old, "s").await;
    let path = format!("/subscriptions/{subscription}/change_plan_preview");
    let preview = api.post(&path, json!({ "new_plan_id": new })).await.ok();
    assert_eq!((&preview["current_plan"]["code"], &preview["new_plan"]["interval"]), (&json!("old"), &json!("yearly")));
    let expected = json!({
        "days_remaining": 30, "total_days": 30, "current_plan_credit_cents": 3000, "new_plan_charge_cents": 36_000,
        "net_amount_cents": 33_000,
    });
    assert_eq!(preview["proration"], expected, "over the current plan's interval");
}
