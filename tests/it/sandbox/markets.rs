//! Markets: groups of countries, and what stands against their delete.

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

async fn new() -> (Client, pricebook::sandbox::Running) {
    let (old, running) = sandbox(|_| ()).await;
    (old.with("commet-version", "2026-07-31"), running)
}

fn market(name: &str, countries: Value) -> Value {
    json!({ "name": name, "countryCodes": countries })
}

#[tokio::test]
async fn made_read_replaced_and_deleted() {
    let (api, _running) = new().await;
    let body = json!({ "name": "Southern Cone", "countryCodes": ["UY", "BO", "PY"], "metadata": { "a": 1 } });
    let created = api.post("/markets", body).await;
    assert_eq!(created.status, 201);
    let created = created.bare();
    assert!(id(&created).starts_with("pmg_"));
    let names: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["id", "name", "countryCodes", "metadata", "createdAt", "updatedAt", "object", "livemode"]);
    assert_eq!((&created["object"], &created["countryCodes"]), (&json!("market"), &json!(["UY", "BO", "PY"])));
    let path = format!("/markets/{}", id(&created));
    assert_eq!(api.get(&path).await.bare(), created);
    // No pages, but the envelope of every list.
    let list = api.get("/markets?limit=nonsense").await.bare();
    assert_eq!(list, json!({ "object": "list", "data": [created], "hasMore": false }));

    api.patch(&path, json!({})).await.invalid(&["name", "countryCodes"]);
    api.patch(&path, json!({ "name": "n" })).await.invalid(&["countryCodes"]);
    let updated = api.patch(&path, market("Cone", json!(["UY", "CL"]))).await.bare();
    assert_eq!((&updated["name"], &updated["countryCodes"]), (&json!("Cone"), &json!(["UY", "CL"])));
    assert_eq!((&updated["metadata"], &updated["createdAt"]), (&json!({}), &created["createdAt"]));

    let deleted = api.delete(&path).await.bare();
    assert_eq!(deleted, json!({ "id": id(&created), "deleted": true, "object": "market", "livemode": false }));
    for reply in [api.get(&path).await, api.delete(&path).await, api.patch(&path, market("n", json!(["AR"]))).await] {
        reply.fails(404, "market_not_found");
    }
    assert_eq!(api.get("/markets").await.bare()["data"], json!([]));
    api.put(&path, json!({})).await.fails(404, "not_found");
}

#[tokio::test]
async fn a_country_is_in_one_market() {
    let (api, _running) = new().await;
    let first = id(&api.post("/markets", market("One", json!(["AR", "BR"]))).await.bare());
    api.post("/markets", market("Two", json!(["UY", "AR"]))).await.fails(409, "duplicate");
    // Names are free.
    let second = id(&api.post("/markets", market("One", json!(["UY"]))).await.bare());
    api.patch(&format!("/markets/{second}"), market("Two", json!(["BR"]))).await.fails(409, "duplicate");
    api.patch(&format!("/markets/{first}"), market("One", json!(["BR"]))).await.bare();
    api.patch(&format!("/markets/{second}"), market("Two", json!(["UY", "AR"]))).await.bare();
    api.delete(&format!("/markets/{first}")).await.bare();
    api.patch(&format!("/markets/{second}"), market("Two", json!(["BR"]))).await.bare();
}

#[tokio::test]
async fn what_a_market_must_be() {
    let (api, _running) = new().await;
    api.post("/markets", json!({})).await.invalid(&["name", "countryCodes"]);
    for bad in [
        json!([]),
        json!("AR"),
        json!([""]),
        json!([1]),
        json!(["ar"]),
        json!(["ARG"]),
        json!(["ZZ"]),
        json!(["AR", "AR"]),
    ] {
        api.post("/markets", market("n", bad)).await.invalid(&["countryCodes"]);
    }
    let wrong = json!({ "name": "", "countryCodes": ["AR"], "metadata": null });
    api.post("/markets", wrong).await.invalid(&["name", "metadata"]);
    assert_eq!(api.get("/markets").await.bare()["data"], json!([]));
}

#[tokio::test]
async fn a_market_that_prices_name_stays() {
    let (api, _running) = new().await;
    let market = id(&api.post("/markets", market("AR", json!(["AR"]))).await.bare());
    let plan = id(&api.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let prices = format!("/plans/{plan}/prices");
    let of_market = json!([{ "marketGroupId": market, "currency": "ars", "price": 1 }]);
    let body = json!({ "billingInterval": "monthly", "price": 4900, "marketPrices": of_market });
    let price = id(&api.post(&prices, body).await.bare());
    let path = format!("/markets/{market}");
    api.delete(&path).await.fails(409, "market_in_use");
    // Its countries may move meanwhile.
    let moved = json!({ "name": "South", "countryCodes": ["AR", "UY"] });
    api.patch(&path, moved).await.bare();

    // Archived, but a subscription pays it.
    api.post("/customers", json!({ "email": "a@example.com", "externalId": "a" })).await.bare();
    let subscription = json!({ "customerId": "a", "planId": plan, "priceId": price });
    let subscription = id(&api.post("/subscriptions", subscription).await.bare());
    api.delete(&format!("{prices}/{price}")).await.bare();
    api.delete(&path).await.fails(409, "market_in_use");
    api.delete(&format!("/plans/{plan}")).await.bare();
    api.delete(&path).await.fails(409, "market_in_use");
    api.delete(&format!("/subscriptions/{subscription}")).await.bare();
    api.delete(&path).await.bare();
}
