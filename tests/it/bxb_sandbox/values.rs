//! How values go in and come out (bxb-api.md §5).

use serde_json::{Value, json};

use super::client::{charge, id, sandbox};

#[tokio::test]
async fn integers_are_coerced() {
    let (api, _running) = sandbox().await;
    for (n, (given, expected)) in
        [(json!(1000), 1000), (json!("1000"), 1000), (json!(1000.0), 1000), (json!(true), 1), (json!(" 7 "), 7)]
            .into_iter()
            .enumerate()
    {
        let body = json!({ "code": n.to_string(), "name": "n", "interval": "weekly", "amount_cents": given });
        assert_eq!(api.post("/plans/", body).await.created()["amount_cents"], expected, "{given}");
    }
    for (given, kind) in [
        (json!(10.5), "int_from_float"),
        (json!("ten"), "int_parsing"),
        (json!([]), "int_type"),
        (json!(-1), "greater_than_equal"),
    ] {
        let body = json!({ "code": "x", "name": "n", "interval": "weekly", "trial_period_days": given });
        api.post("/plans/", body).await.invalid(&[&format!("{kind} body.trial_period_days")]);
    }
}

#[tokio::test]
async fn decimals_are_strings_of_their_scale() {
    let (api, _running) = sandbox().await;
    for (n, (given, expected)) in [
        ("1000", "1000.0000"),
        ("\"1000\"", "1000.0000"),
        ("\"1e3\"", "1000.0000"),
        ("\"0.12345\"", "0.1235"),
        ("0.12345", "0.1235"),
        ("\"1.00005\"", "1.0001"),
        ("-0.00005", "-0.0001"),
        ("99999999.9999", "99999999.9999"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = format!(r#"{{"code":"a{n}","name":"a","amount_cents":{given}}}"#);
        let made = api.send("POST", "/add_ons/", body).await.unwrap().created();
        assert_eq!(made["amount_cents"], expected, "{given}");
        assert_eq!(api.get(&format!("/add_ons/a{n}")).await.ok(), made);
    }
    for (given, kind) in [
        ("\"NaN\"", "finite_number"),
        ("Infinity", "finite_number"),
        ("\"much\"", "decimal_parsing"),
        ("{}", "decimal_type"),
    ] {
        let body = format!(r#"{{"code":"x","name":"a","amount_cents":{given}}}"#);
        api.send("POST", "/add_ons/", body).await.unwrap().invalid(&[&format!("{kind} body.amount_cents")]);
    }
    for (n, (given, expected)) in
        [(json!("12.345"), "12.35"), (json!(10), "10.00"), (json!("-5"), "-5.00"), (json!(250), "250.00")]
            .into_iter()
            .enumerate()
    {
        let body = json!({
            "code": format!("c{n}"), "name": "c", "coupon_type": "percentage", "frequency": "once",
            "percentage_rate": given,
        });
        assert_eq!(api.post("/coupons/", body).await.created()["percentage_rate"], expected);
    }
    let tax = api.post("/taxes/", json!({ "code": "t", "name": "t", "rate": 0.2 })).await.created();
    assert_eq!(tax["rate"], "0.2000");
}

#[tokio::test]
async fn strings_are_verbatim() {
    let (api, _running) = sandbox().await;
    for code in ["m_count", "M_COUNT", " m ", "caf\u{e9}", "cafe\u{301}", "a\nb", "a b+c%d?"] {
        assert_eq!(api.feature(code).await.len(), 36);
    }
    for code in ["m_count", "M_COUNT", "%20m%20", "caf%C3%A9", "cafe%CC%81", "a%0Ab", "a%20b+c%25d%3F"] {
        assert_eq!(api.get(&format!("/features/{code}")).await.status, 200, "{code}");
    }
    // A slash is decoded before the route is looked for.
    api.feature("a/b").await;
    api.get("/features/a%2Fb").await.says(404, "Not Found");
    for currency in ["usd", "$$$", "   "] {
        let body = json!({ "code": currency, "name": "n", "interval": "weekly", "currency": currency });
        assert_eq!(api.post("/plans/", body).await.created()["currency"], currency);
    }
    let empty = json!({ "code": "e", "name": "e", "amount_cents": 0, "description": "", "invoice_display_name": "" });
    let made = api.post("/add_ons/", empty).await.created();
    assert_eq!((&made["description"], &made["invoice_display_name"]), (&json!(""), &json!("")));
    let cleared = api.put("/add_ons/e", json!({ "description": null })).await.ok();
    assert_eq!(cleared["description"], Value::Null);
    for wrong in [json!(1), json!(true)] {
        api.put("/add_ons/e", json!({ "name": wrong })).await.invalid(&["string_type body.name"]);
    }
}

#[tokio::test]
async fn flags_moments_and_ids() {
    let (api, _running) = sandbox().await;
    let threshold = |recurring: Value| json!({ "amount_cents": 1, "recurring": recurring });
    api.plan("p", json!([])).await;
    for (given, expected) in [(json!("yes"), true), (json!("true"), true), (json!(0), false), (json!(1), true)] {
        let made = api.post("/plans/p/usage_thresholds", threshold(given)).await.created();
        assert_eq!(made["recurring"], expected);
    }
    api.post("/plans/p/usage_thresholds", threshold(json!("maybe"))).await.invalid(&["bool_parsing body.recurring"]);
    let coupon = json!({ "code": "c", "name": "c", "coupon_type": "fixed_amount", "frequency": "once" });
    api.post("/coupons/", coupon).await.created();
    for (given, expected) in [
        (json!("2030-01-02T03:04:05+02:00"), "2030-01-02T01:04:05Z"),
        (json!("2030-01-02"), "2030-01-02T00:00:00Z"),
        (json!("2030-01-02T03:04:05"), "2030-01-02T03:04:05Z"),
        (json!(1_893_553_445), "2030-01-02T03:04:05Z"),
    ] {
        let read = api.put("/coupons/c", json!({ "expiration_at": given })).await.ok();
        assert_eq!(read["expiration_at"], expected);
    }
    let metric = api.metric("m").await;
    let plain = metric.replace('-', "");
    for form in [plain.to_uppercase(), format!("{{{metric}}}"), plain] {
        let plan = api.plan(&form, json!([charge(&form, "dynamic", json!({}))])).await;
        assert_eq!(plan["charges"][0]["billable_metric_id"], metric);
    }
    let mut body =
        json!({ "code": "own", "name": "n", "interval": "weekly", "id": metric, "created_at": "2020-01-01" });
    let made = api.post("/plans/", body.clone()).await.created();
    assert_ne!(id(&made), metric, "a supplied id is ignored");
    let created = made["created_at"].as_str().unwrap();
    assert!(created.len() == "2026-11-20T07:12:13.960353Z".len() && created.ends_with('Z'), "{created}");
    body["amount_cents"] = json!(0);
    let same = api.put(&format!("/plans/{}", id(&made)), body).await.ok();
    assert_eq!(same, made, "equal values change nothing, updated_at neither");
    let moved = api.put(&format!("/plans/{}", id(&made)), json!({ "amount_cents": 5 })).await.ok();
    assert_ne!(moved["updated_at"], made["updated_at"]);
}

#[tokio::test]
async fn properties_come_back_but_for_their_doubles() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let properties = concat!(
        r#"{"z":"1.10","a":1.10,"e":1e3,"s":1e-7,"d":0.1234567890123456789,"big":123456789012345678901234567890,"#,
        r#""n":null,"deep":[{"x":[true]}],"twice":1,"twice":2}"#
    );
    let stored = concat!(
        r#"{"z":"1.10","a":1.1,"e":1000.0,"s":1e-7,"d":0.12345678901234568,"big":123456789012345678901234567890,"#,
        r#""n":null,"deep":[{"x":[true]}],"twice":2}"#
    );
    let body = format!(
        r#"{{"code":"p","name":"p","interval":"weekly","charges":[{{"billable_metric_id":"{metric}","charge_model":"standard","code":"c","min_amount_cents":5,"pay_in_advance":true,"properties":{properties}}}]}}"#
    );
    let made = api.send("POST", "/plans/", body).await.unwrap();
    let plan = made.created();
    let read = api.get(&format!("/plans/{}", id(&plan))).await;
    for answer in [&made, &read, &api.get("/plans/").await] {
        assert!(answer.text.contains(&format!(r#""properties":{stored}"#)), "{}", answer.text);
    }
    let mut fields: Vec<_> = plan["charges"][0].as_object().unwrap().keys().cloned().collect();
    fields.sort();
    let expected = ["billable_metric_id", "charge_model", "created_at", "id", "plan_id", "properties", "updated_at"];
    assert_eq!(fields, expected, "unknown fields are dropped");
}
