//! Add-ons and coupons (bxb-api.md §6.7, §6.8).

use serde_json::{Value, json};

use super::client::{all, id, sandbox};

#[tokio::test]
async fn add_ons() {
    let (api, _running) = sandbox().await;
    let made = api.post("/add_ons/", json!({ "code": "a", "name": "", "amount_cents": "-5" })).await.created();
    let expected = json!({
        "id": made["id"], "code": "a", "name": "", "description": null, "amount_cents": "-5.0000",
        "amount_currency": "USD", "invoice_display_name": null, "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let change = json!({ "code": "b", "name": "", "amount_cents": 7, "amount_currency": "EUR", "description": "d" });
    let changed = api.put("/add_ons/a", change).await.ok();
    assert_eq!((&changed["code"], &changed["amount_cents"]), (&json!("a"), &json!("7.0000")));
    assert_eq!((&changed["amount_currency"], &changed["description"]), (&json!("EUR"), &json!("d")));
    // A code that is empty, or a route: made, but never seen again.
    for code in ["", "application_counts"] {
        api.post("/add_ons/", json!({ "code": code, "name": "n", "amount_cents": 1 })).await.created();
    }
    assert_eq!(api.delete("/add_ons/").await.status, 405);
    assert_eq!(api.get("/add_ons/application_counts").await.ok(), json!({}));

    let customer = id(&api.post("/customers/", json!({ "external_id": "c", "name": "c" })).await.created());
    api.post("/add_ons/apply", json!({ "add_on_code": "a", "customer_id": customer })).await.created();
    assert_eq!(api.default_organization().get("/add_ons/application_counts").await.ok(), json!({ id(&made): 1 }));
    assert_eq!(api.get("/add_ons/a/applications").await.ok()[0]["customer_id"], customer);
    api.delete("/add_ons/a").await.crashes();
    assert_eq!(api.get("/add_ons/a").await.status, 200);
}

#[tokio::test]
async fn coupons() {
    let (api, _running) = sandbox().await;
    // Nothing between fields is checked, and the status is not for the client to say.
    let body = json!({
        "code": "c", "name": "C", "coupon_type": "fixed_amount", "frequency": "once", "expiration": "time_limit",
        "status": "terminated", "frequency_duration": -3, "percentage_rate": "101",
    });
    let made = api.post("/coupons/", body.clone()).await.created();
    let expected = json!({
        "id": made["id"], "code": "c", "name": "C", "description": null, "coupon_type": "fixed_amount",
        "amount_cents": null, "amount_currency": null, "percentage_rate": "101.00", "frequency": "once",
        "frequency_duration": -3, "reusable": true, "expiration": "time_limit", "expiration_at": null,
        "status": "active", "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let change = json!({
        "code": "d", "coupon_type": "percentage", "amount_cents": 5, "amount_currency": "EUR", "percentage_rate": 1,
        "frequency": "forever", "frequency_duration": 9, "reusable": false,
    });
    assert_eq!(api.put("/coupons/c", change).await.ok(), made, "all of it is silently ignored");
    let change =
        json!({ "name": "D", "description": "d", "expiration": "no_expiration", "expiration_at": "2030-01-01" });
    let changed = api.put("/coupons/c", change).await.ok();
    assert_eq!((&changed["name"], &changed["expiration"]), (&json!("D"), &json!("no_expiration")));
    assert_eq!(changed["expiration_at"], "2030-01-01T00:00:00Z", "kept, although nothing expires");
    assert_eq!(api.put("/coupons/c", json!({ "expiration_at": null })).await.ok()["expiration_at"], Value::Null);

    let customer = id(&api.post("/customers/", json!({ "external_id": "c", "name": "c" })).await.created());
    let applied = json!({ "coupon_code": "c", "customer_id": customer });
    let applied = api.post("/coupons/apply", applied).await.created();
    for _ in 0..2 {
        api.delete("/coupons/c").await.gone();
    }
    assert_eq!(api.get("/coupons/c").await.ok()["status"], "terminated");
    assert_eq!(api.get("/coupons/c/analytics").await.ok()["active_applications"], 1, "what is applied stays active");
    api.delete(&format!("/coupons/applied/{}", id(&applied))).await.gone();
    api.post("/coupons/", body).await.says(409, "Coupon with this code already exists");
    assert_eq!(all(&api.get("/coupons/?status=terminated").await.ok(), "code"), ["c"]);
    assert_eq!(api.put("/coupons/c", json!({ "status": "active" })).await.ok()["status"], "active");
    let copy = api.post("/coupons/c/duplicate", Value::Null).await.created();
    assert_eq!((&copy["code"], &copy["percentage_rate"]), (&json!("c_copy"), &json!("101.00")));
    api.delete("/coupons/none").await.says(404, "Coupon not found");
}
