//! What subscribers are billed: usage and the preview of an invoice (bxb-api.md §6.2, §6.3, §6.9, §7, §8).

use serde_json::{Value, json};

use super::client::{Api, all, charge, id, sandbox};

/// Puts events of a metric on the customer `c`.
async fn events(api: &Api, code: &str, properties: &[Value]) {
    for (n, properties) in properties.iter().enumerate() {
        let body = json!({
            "transaction_id": format!("{code}{n}"), "external_customer_id": "c", "code": code, "properties": properties,
        });
        api.post("/events/", body).await.created();
    }
}

async fn usage(api: &Api) -> Value {
    api.get("/customers/c/current_usage?subscription_id=c").await.ok()
}

async fn preview(api: &Api, subscription: &str) -> Value {
    api.post("/invoices/preview", json!({ "subscription_id": subscription })).await.ok()
}

#[tokio::test]
async fn charges_and_when_they_change() {
    let (api, _running) = sandbox().await;
    let api = api.default_organization();
    let metric = api.metric("m").await;
    let plan = id(&api.plan("p", json!([])).await);
    let subscription = api.subscribe(&plan, "c").await;
    events(&api, "m", &vec![json!({ "unit_price": "2", "quantity": 1.5 }); 5]).await;
    let base =
        json!({ "rate": 10, "base_amount": 1000, "event_count": 5, "fixed_amount": 2, "free_units_per_events": 1 });
    let parts = json!([{ "from_value": 0, "to_value": null, "rate": 10 }]);
    for (model, properties, cents) in [
        ("standard", json!({ "amount": "3" }), "15.00"),
        ("standard", json!({ "amount": "3", "min_price": "20" }), "20.00"),
        ("standard", json!({ "amount": "3", "max_price": "10", "min_price": 0 }), "10.00"),
        ("percentage", json!({ "rate": 10 }), "0.00"),
        ("percentage", base, "108.00"),
        ("graduated_percentage", json!({ "graduated_percentage_ranges": parts }), "0.50"),
        ("custom", json!({ "custom_amount": "7" }), "7.00"),
        ("dynamic", json!({}), "15.00"),
    ] {
        // The subscriber pays the plan's current charges.
        let replacement = json!({ "charges": [charge(&metric, model, properties.clone())] });
        api.put(&format!("/plans/{plan}"), replacement).await.ok();
        let line = usage(&api).await["charges"][0].clone();
        assert_eq!((&line["amount_cents"], &line["units"]), (&json!(cents), &json!("5")), "{model} {properties}");
        assert_eq!(preview(&api, &subscription).await["subtotal_cents"], cents);
    }
    for broken in [json!({ "amount": null }), json!({ "amount": "much" }), json!({ "amount": "NaN" })] {
        let charges = json!([charge(&metric, "standard", broken), charge(&metric, "standard", json!({}))]);
        api.put(&format!("/plans/{plan}"), json!({ "charges": charges })).await.ok();
        api.get("/customers/c/current_usage?subscription_id=c").await.crashes();
        api.post("/invoices/preview", json!({ "subscription_id": subscription })).await.crashes();
    }
}

#[tokio::test]
async fn filters_bill_only_what_they_match() {
    let (api, _running) = sandbox().await;
    let api = api.default_organization();
    let metric = api.metric("m").await;
    let region = api.filter("m", "region", json!(["eu", "us", "1"])).await;
    let mut filtered = charge(&metric, "standard", json!({ "amount": "1", "max_price": "100" }));
    filtered["filters"] = json!([
        { "billable_metric_filter_id": region, "values": ["eu", "us"], "properties": { "amount": "10" } },
        { "billable_metric_filter_id": region, "values": ["us", "1"], "invoice_display_name": "Again" },
    ]);
    let plan = id(&api.plan("p", json!([filtered])).await);
    let subscription = api.subscribe(&plan, "c").await;
    let regions = [json!("eu"), json!("us"), json!("us"), json!("asia"), json!(1)];
    events(&api, "m", &regions.map(|region| json!({ "region": region }))).await;
    let charges = usage(&api).await["charges"].clone();
    let line = |line: &Value| {
        format!("{} {} {}", line["filters"]["region"].as_str().unwrap(), line["units"], line["amount_cents"])
    };
    let mut lines: Vec<_> = charges.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    // Twice the value, twice the bill; the number 1 is not the text; asia is nobody's.
    assert_eq!(lines, [r#"1 "0" "0.00""#, r#"eu "1" "10.00""#, r#"us "2" "2.00""#, r#"us "2" "20.00""#]);
    let invoice = preview(&api, &subscription).await;
    assert_eq!(invoice["subtotal_cents"], "32.00");
    let mut described = all(&invoice["fees"], "description");
    described.sort();
    assert_eq!(described, ["Again", "m", "m"]);
    // Without its values a filter matches nothing, and the charge bills nothing at all.
    api.delete(&format!("/billable_metrics/m/filters/{region}")).await.gone();
    assert_eq!(usage(&api).await["charges"], json!([]));
}

#[tokio::test]
async fn commitments_taxes_and_coupons() {
    let (api, _running) = sandbox().await;
    let api = api.default_organization();
    let metric = api.metric("m").await;
    let plan = api.plan("p", json!([charge(&metric, "standard", json!({ "amount": "87" }))])).await;
    let subscription = api.subscribe(&id(&plan), "c").await;
    events(&api, "m", &[json!({})]).await;
    for body in [
        json!({ "amount_cents": 1000 }),
        json!({ "amount_cents": 1000 }),
        json!({ "amount_cents": 5, "commitment_type": "other" }),
    ] {
        api.post("/plans/p/commitments", body).await.created();
    }
    let invoice = preview(&api, &subscription).await;
    let mut cents = all(&invoice["fees"], "amount_cents");
    cents.sort();
    assert_eq!(cents, ["87.00", "913.00", "913.00"], "each is billed in full");
    for commitment in api.get("/plans/p/commitments").await.ok().as_array().unwrap() {
        api.delete(&format!("/commitments/{}", id(commitment))).await.gone();
    }

    let taxed = || async { preview(&api, &subscription).await["tax_amount_cents"].clone() };
    assert_eq!(taxed().await, "0.00");
    for (code, rate) in [("general", "0.1"), ("of_plan", "0.2"), ("of_charge", "0.3")] {
        api.tax(code, rate).await;
    }
    api.put("/taxes/general", json!({ "applied_to_organization": true })).await.ok();
    assert_eq!(taxed().await, "8.70");
    let apply =
        |code: &str, kind: &str, id: &Value| json!({ "tax_code": code, "taxable_type": kind, "taxable_id": id });
    api.post("/taxes/apply", apply("of_plan", "plan", &plan["id"])).await.created();
    assert_eq!(taxed().await, "17.40");
    api.post("/taxes/apply", apply("of_charge", "charge", &plan["charges"][0]["id"])).await.created();
    assert_eq!(taxed().await, "26.10", "the charge's beat the plan's");
    api.put("/taxes/of_charge", json!({ "rate": 1 })).await.ok();
    assert_eq!(taxed().await, "87.00", "by the rate as it is now");
    api.put(&format!("/plans/{}", id(&plan)), json!({ "charges": plan["charges"] })).await.ok();
    assert_eq!(taxed().await, "17.40", "a new charge is not taxed");

    let coupon =
        json!({ "code": "c", "name": "c", "coupon_type": "percentage", "frequency": "once", "percentage_rate": 50 });
    api.post("/coupons/", coupon).await.created();
    let customer = api.get("/customers/").await.ok()[0]["id"].clone();
    api.post("/coupons/apply", json!({ "coupon_code": "c", "customer_id": customer })).await.created();
    api.delete("/coupons/c").await.gone();
    let invoice = preview(&api, &subscription).await;
    assert_eq!((&invoice["coupons_amount_cents"], &invoice["total_cents"]), (&json!("43.50"), &json!("60.90")));
}

#[tokio::test]
async fn metrics_add_up() {
    let (api, _running) = sandbox().await;
    let api = api.default_organization();
    let values = [json!(1.25), json!("3"), json!(3), json!(2)];
    let mut charges = Vec::new();
    for aggregation in ["count", "sum", "max", "latest", "unique_count"] {
        let body = json!({
            "code": aggregation, "name": aggregation, "aggregation_type": aggregation, "field_name": "gb",
            "rounding_function": "ceil", "rounding_precision": 1,
        });
        let metric = id(&api.post("/billable_metrics/", body).await.created());
        charges.push(charge(&metric, "standard", json!({ "amount": "1" })));
        events(&api, aggregation, &values.clone().map(|value| json!({ "gb": value }))).await;
    }
    let plan = id(&api.plan("p", json!(charges)).await);
    api.subscribe(&plan, "c").await;
    let charges = usage(&api).await["charges"].clone();
    let line = |line: &Value| format!("{} {}", line["billable_metric"]["code"].as_str().unwrap(), line["units"]);
    let mut lines: Vec<_> = charges.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    let expected = [r#"count "4""#, r#"latest "2""#, r#"max "3""#, r#"sum "9.3""#, r#"unique_count "4""#];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn elsewhere_it_does_not_work() {
    let (api, _running) = sandbox().await;
    let plan = id(&api.plan("p", json!([])).await);
    let subscription = api.subscribe(&plan, "c").await;
    api.get("/customers/c/current_usage?subscription_id=c").await.crashes();
    api.post("/invoices/preview", json!({ "subscription_id": subscription })).await.crashes();
    api.get("/customers/c/current_usage").await.invalid(&["missing query.subscription_id"]);
    api.get("/customers/none/current_usage?subscription_id=c").await.says(404, "Customer not found");
}
