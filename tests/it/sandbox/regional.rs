//! Prices in other currencies: derived, by hand, derived again.

use serde_json::{Value, json};

use crate::support::{Client, sandbox};

struct World {
    api: Client,
    plan: String,
    price: String,
    calls: String,
}

/// A plan at $49.00 with $10.00 included and calls at $0.0015.
async fn world(api: Client) -> World {
    let calls = api.feature("calls", "usage").await;
    let flag = api.feature("flag", "boolean").await;
    let plan = api.plan("pro", json!({ "consumptionModel": "balance" })).await;
    let body = json!({ "billingInterval": "monthly", "price": 4900, "includedBalance": 1005 });
    let price = crate::support::id(&api.post(&format!("/plans/{plan}/prices"), body).await.data());
    let features = format!("/plans/{plan}/features");
    let body = json!({ "featureId": calls, "overage": { "enabled": true, "unitPrice": 15 } });
    api.post(&features, body).await.data();
    api.post(&features, json!({ "featureId": flag })).await.data();
    World { api, plan, price, calls }
}

impl World {
    async fn set(&self, body: Value) -> crate::support::Reply {
        self.api.put(&format!("/plans/{}/regional", self.plan), body).await
    }

    fn price_path(&self, suffix: &str) -> String {
        format!("/plans/{}/prices/{}{suffix}", self.plan, self.price)
    }

    /// Price, balance, unit price and whether each row is derived, in one currency.
    async fn row(&self, currency: &str) -> (Value, Value) {
        let plan = self.api.get("/plans/pro").await.data();
        let of = |rows: &Value| {
            let rows = rows["regionalPrices"].as_array().unwrap();
            rows.iter().find(|row| row["currency"] == currency).cloned().unwrap_or_default()
        };
        let features = plan["features"].as_array().unwrap();
        let calls = features.iter().find(|feature| feature["code"] == "calls").unwrap();
        let flag = features.iter().find(|feature| feature["code"] == "flag").unwrap();
        assert_eq!(of(flag), Value::Null);
        (of(&plan["prices"][0]), of(calls))
    }
}

fn price(currency: &str, price: i64, balance: i64, auto: bool) -> Value {
    json!({ "currency": currency, "price": price, "includedBalance": balance, "autoSynced": auto })
}

fn unit(currency: &str, price: i64, auto: bool) -> Value {
    json!({ "currency": currency, "overageUnitPrice": price, "autoSynced": auto })
}

#[tokio::test]
async fn a_rate_derives_everything() {
    let (api, _running) = sandbox(|_| ()).await;
    let world = world(api).await;
    let set = world.set(json!({ "currency": "brl", "exchangeRate": 5.4 })).await.data();
    assert_eq!(
        set,
        json!({
            "planId": world.plan, "currency": "brl", "exchangeRate": 5.4, "pricesConfigured": 1,
            "featuresConfigured": 1, "object": "plan", "livemode": false,
        })
    );
    assert_eq!(world.row("brl").await, (price("brl", 26_460, 5427, true), unit("brl", 81, true)));
    // Currencies without a minor unit are counted in whole units.
    world.set(json!({ "currency": "jpy", "exchangeRate": 150 })).await.data();
    assert_eq!(world.row("jpy").await, (price("jpy", 7350, 1508, true), unit("jpy", 2250, true)));
    world.set(json!({ "currency": "clp", "exchangeRate": 950.5 })).await.data();
    assert_eq!(world.row("clp").await, (price("clp", 46_575, 9553, true), unit("clp", 14_258, true)));
    // Half away from zero: 15 × 0.1 = 1.5, 1005 × 0.1 = 100.5.
    world.set(json!({ "currency": "eur", "exchangeRate": 0.1 })).await.data();
    assert_eq!(world.row("eur").await, (price("eur", 490, 101, true), unit("eur", 2, true)));
    let rates = world.api.get("/plans/pro").await.data()["exchangeRates"].clone();
    assert_eq!(rates.as_array().unwrap().len(), 4);
    assert!(rates.as_array().unwrap().contains(&json!({ "currency": "jpy", "exchangeRate": 150 })));

    // The base moves: derived values follow.
    world.api.put(&world.price_path(""), json!({ "price": 5000, "includedBalance": 1000 })).await.data();
    let feature = format!("/plans/{}/features/{}", world.plan, world.calls);
    world.api.put(&feature, json!({ "overage": { "unitPrice": 20 } })).await.data();
    assert_eq!(world.row("brl").await, (price("brl", 27_000, 5400, true), unit("brl", 108, true)));
    assert_eq!(world.row("jpy").await, (price("jpy", 7500, 1500, true), unit("jpy", 3000, true)));
}

#[tokio::test]
async fn by_hand_stays_until_a_rate_is_set_again() {
    let (api, _running) = sandbox(|_| ()).await;
    let world = world(api).await;
    world.set(json!({ "currency": "mxn", "exchangeRate": 17.5 })).await.data();
    let overrides = json!({ "overrides": [{ "currency": "brl", "price": 24900, "includedBalance": 5000 }] });
    let upserted = world.api.put(&world.price_path("/regional"), overrides.clone()).await.data();
    assert_eq!(
        upserted,
        json!({ "priceId": world.price, "overrides": overrides["overrides"], "object": "plan", "livemode": false })
    );
    assert_eq!(world.row("brl").await, (price("brl", 24_900, 5000, false), Value::Null));
    assert_eq!(world.row("mxn").await.0["autoSynced"], true);

    let listed = json!({
        "currency": "brl", "exchangeRate": 5.2, "prices": [{ "priceId": world.price, "price": 27900 }],
        "features": [{ "featureId": world.calls, "overageUnitPrice": 450 }],
        "introOffers": [{ "priceId": world.price, "discountType": "amount", "discountValue": 500, "durationCycles": 2 }],
    });
    world.set(listed).await.data();
    assert_eq!(world.row("brl").await, (price("brl", 27_900, 5226, false), unit("brl", 450, false)));
    // A moved base leaves what was set by hand.
    world.api.put(&world.price_path(""), json!({ "price": 10_000 })).await.data();
    assert_eq!(world.row("brl").await.0["price"], 27_900);
    assert_eq!(world.row("mxn").await.0["price"], 175_000);
    // What is not listed is derived, also what was set by hand.
    world.set(json!({ "currency": "brl", "exchangeRate": 5 })).await.data();
    assert_eq!(world.row("brl").await, (price("brl", 50_000, 5025, true), unit("brl", 75, true)));

    let deleted = world.api.delete(&world.price_path("/regional")).await.data();
    assert_eq!(deleted, json!({ "deleted": true, "object": "plan", "livemode": false }));
    let plan = world.api.get("/plans/pro").await.data();
    assert_eq!(plan["prices"][0]["regionalPrices"], json!([]));
    assert_eq!(plan["exchangeRates"].as_array().unwrap().len(), 2);
    world.api.put(&world.price_path(""), json!({ "price": 1 })).await.data();
    assert_eq!(world.api.get("/plans/pro").await.data()["prices"][0]["regionalPrices"], json!([]));
}

#[tokio::test]
async fn what_is_added_later_has_no_regional_rows() {
    let (api, _running) = sandbox(|_| ()).await;
    let world = world(api).await;
    world.set(json!({ "currency": "eur", "exchangeRate": 0.92 })).await.data();
    let yearly = world.api.price(&world.plan, "yearly", 49_000).await;
    let plan = world.api.get("/plans/pro").await.data();
    let rows = |plan: &Value, interval: &str| {
        let prices = plan["prices"].as_array().unwrap();
        let price = prices.iter().find(|price| price["billingInterval"] == interval).unwrap();
        price["regionalPrices"].as_array().unwrap().len()
    };
    assert_eq!((rows(&plan, "monthly"), rows(&plan, "yearly")), (1, 0));
    let set = world.set(json!({ "currency": "eur", "exchangeRate": 0.92 })).await.data();
    assert_eq!(set["pricesConfigured"], 2);
    assert_eq!(rows(&world.api.get("/plans/pro").await.data(), "yearly"), 1);
    assert!(!yearly.is_empty());
}

#[tokio::test]
async fn refusals() {
    let (api, _running) = sandbox(|_| ()).await;
    let world = world(api).await;
    let foreign = world.api.plan("foreign", json!({})).await;
    let foreign = world.api.price(&foreign, "monthly", 1).await;
    for rate in [json!(0), json!(-1), json!("5.4"), Value::Null] {
        world.set(json!({ "currency": "brl", "exchangeRate": rate })).await.invalid(&["exchangeRate"]);
    }
    for currency in ["EUR", "gbp", "xyz", ""] {
        world.set(json!({ "currency": currency, "exchangeRate": 1 })).await.invalid(&["currency"]);
        let overrides = json!({ "overrides": [{ "currency": currency, "price": 1 }] });
        world.api.put(&world.price_path("/regional"), overrides).await.invalid(&["overrides.0.currency"]);
    }
    world.set(json!({ "currency": "brl", "exchangeRate": 1e15 })).await.invalid(&["exchangeRate"]);
    world.set(json!({})).await.invalid(&["currency", "exchangeRate"]);
    let eur = |more: Value| {
        let mut body = json!({ "currency": "eur", "exchangeRate": 1 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let prices = json!({ "prices": [{ "priceId": foreign, "price": 1 }] });
    world.set(eur(prices)).await.fails(404, "price_not_found");
    let features = json!({ "features": [{ "featureId": "calls", "overageUnitPrice": 1 }] });
    world.set(eur(features)).await.fails(404, "feature_not_found");
    let twice = json!({ "priceId": world.price, "price": 1 });
    world.set(eur(json!({ "prices": [twice, twice] }))).await.invalid(&["prices.1.priceId"]);
    world.set(eur(json!({ "prices": [{ "price": -1 }] }))).await.invalid(&["prices.0.priceId", "prices.0.price"]);
    let twice = json!({ "overrides": [{ "currency": "eur", "price": 1 }, { "currency": "eur", "price": 2 }] });
    world.api.put(&world.price_path("/regional"), twice).await.invalid(&["overrides.1.currency"]);
    world.api.put(&world.price_path("/regional"), json!({})).await.invalid(&["overrides"]);
    // None of it left anything behind.
    assert_eq!(world.api.get("/plans/pro").await.data()["exchangeRates"], json!([]));
}
