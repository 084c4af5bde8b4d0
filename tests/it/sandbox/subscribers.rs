//! Customers and subscriptions, and what they hold on to.

use serde_json::{Value, json};

use crate::support::{id, sandbox};

#[tokio::test]
async fn what_subscribers_hold_on_to() {
    let (api, _running) = sandbox(|_| ()).await;
    let plan = api.plan("pro", json!({ "consumptionModel": "metered" })).await;
    let none = api.post(
        "/customers",
        json!({ "email": "a@example.com", "externalId": "user_1", "address": { "country": "br" } }),
    );
    let customer = none.await.data();
    assert!(id(&customer).starts_with("cus_"));
    api.post("/customers", json!({ "email": "b@example.com", "id": "user_1" })).await.fails(409, "duplicate");
    api.post("/customers", json!({})).await.invalid(&["email"]);
    assert_eq!(api.get("/customers/user_1").await.data(), customer);
    assert_eq!(api.get("/customers?externalId=user_1").await.data(), json!([customer]));
    api.get("/customers/nobody").await.fails(404, "customer_not_found");

    let subscribe = |more: Value| {
        let mut body = json!({ "customerId": "user_1", "planCode": "pro" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    api.post("/subscriptions", subscribe(json!({}))).await.fails(409, "no_prices_configured");
    let monthly = api.price(&plan, "monthly", 4900).await;
    let yearly = api.price(&plan, "yearly", 49_000).await;
    let missing = subscribe(json!({ "billingInterval": "weekly" }));
    api.post("/subscriptions", missing).await.fails(404, "price_not_found");
    let overrides = json!({ "overrides": [{ "currency": "brl", "price": 24900 }] });
    api.put(&format!("/plans/{plan}/prices/{monthly}/regional"), overrides).await.data();
    // The plan is sold in reais, this price is not.
    let yearly_first = subscribe(json!({ "billingInterval": "yearly" }));
    api.post("/subscriptions", yearly_first).await.fails(400, "missing_regional_price");
    let subscription = api.post("/subscriptions", subscribe(json!({ "priceId": monthly }))).await;
    assert_eq!(subscription.status, 201);
    let subscription = subscription.data();
    assert!(id(&subscription).starts_with("sub_"));
    assert_eq!(subscription["plan"], json!({ "id": plan, "name": "pro", "basePrice": 24900 }));
    assert_eq!((&subscription["status"], &subscription["currency"]), (&json!("active"), &json!("brl")));

    api.delete(&format!("/plans/{plan}/prices/{monthly}/regional")).await.fails(409, "price_in_use");
    // Archived: the subscriber keeps it, at its current value.
    api.delete(&format!("/plans/{plan}/prices/{monthly}")).await.data();
    let path = format!("/subscriptions/{}", id(&subscription));
    assert_eq!(api.get(&path).await.data()["plan"]["basePrice"], 24_900);
    api.delete(&format!("/plans/{plan}/manage")).await.data();
    assert_eq!(api.get(&path).await.data()["plan"]["name"], "pro");
    assert_eq!(api.get("/subscriptions?customerId=user_1&status=active").await.data().as_array().unwrap().len(), 1);

    let scheduled = api.post(&format!("{path}/cancel"), json!({ "reason": "why" })).await.data();
    assert_eq!(scheduled["status"], "active");
    assert_eq!(api.get(&path).await.data()["cancelAtPeriodEnd"], true);
    let canceled = api.delete(&path).await.data();
    assert_eq!(canceled["status"], "canceled");
    api.delete(&path).await.invalid(&["id"]);
    api.post("/subscriptions", subscribe(json!({}))).await.fails(404, "plan_not_found");
    assert!(!yearly.is_empty());
}

#[tokio::test]
async fn addons_on_a_subscription() {
    let (api, _running) = sandbox(|_| ()).await;
    let plan = api.plan("pro", json!({ "consumptionModel": "metered" })).await;
    api.price(&plan, "monthly", 4900).await;
    let customer = id(&api.post("/customers", json!({ "email": "a@example.com" })).await.data());
    let subscription = json!({ "customerId": customer, "planId": plan, "billingInterval": "monthly" });
    let subscription = id(&api.post("/subscriptions", subscription).await.data());
    let addon = async |code: &str, model: &str, terms: Value| {
        api.feature(code, "usage").await;
        let mut body = json!({ "name": code, "basePrice": 1500, "featureId": code, "consumptionModel": model });
        body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        id(&api.post("/addons", body).await.data())
    };
    let sms = addon("sms", "metered", json!({ "includedUnits": 1, "overageRate": 1 })).await;
    let credits = addon("credits", "credits", json!({ "creditCost": 1 })).await;
    let path = format!("/subscriptions/{subscription}/addons");
    api.post(&path, json!({})).await.invalid(&["addonId"]);
    api.post(&path, json!({ "addonId": "adn_nothing" })).await.fails(404, "addon_not_found");
    api.post(&path, json!({ "addonId": credits })).await.invalid(&["addonId"]);
    api.post("/subscriptions/sub_nothing/addons", json!({ "addonId": sms })).await.fails(404, "subscription_not_found");
    let active = api.post(&path, json!({ "addonId": sms })).await.data();
    assert_eq!(
        active,
        json!({ "addonId": sms, "status": "active", "proratedCharge": 1500, "object": "subscription", "livemode": false })
    );
    api.post(&path, json!({ "addonId": sms })).await.fails(409, "duplicate");
    api.delete(&format!("/addons/{sms}")).await.fails(409, "addon_has_activations");

    api.get("/active-addons").await.invalid(&["customerId"]);
    let listed = api.get(&format!("/active-addons?customerId={customer}")).await.data();
    assert_eq!(
        listed,
        json!([{
            "slug": "sms", "name": "sms", "basePrice": 1500, "featureCode": "sms", "featureName": "sms",
            "featureType": "usage", "consumptionModel": "metered", "activatedAt": listed[0]["activatedAt"],
            "object": "addon", "livemode": false,
        }])
    );
    let off = api.delete(&format!("{path}/{sms}")).await.data();
    assert_eq!((&off["id"], &off["status"], &off["object"]), (&json!(sms), &json!("inactive"), &json!("subscription")));
    api.delete(&format!("{path}/{sms}")).await.fails(404, "addon_not_found");
    api.delete(&format!("/addons/{sms}")).await.data();
}
