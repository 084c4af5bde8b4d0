//! Prices by market, variants, and the metadata of prices (2026-07-31).

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

struct World {
    api: Client,
    plan: String,
    prices: String,
    ar: String,
    cone: String,
}

async fn world() -> (World, pricebook::sandbox::Running) {
    let (old, running) = sandbox(|_| ()).await;
    let api = old.with("commet-version", "2026-07-31");
    let plan = id(&api.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let ar = id(&api.post("/markets", json!({ "name": "Argentina", "countryCodes": ["AR"] })).await.bare());
    let cone = id(&api.post("/markets", json!({ "name": "Cone", "countryCodes": ["UY", "PY"] })).await.bare());
    (World { api, prices: format!("/plans/{plan}/prices"), plan, ar, cone }, running)
}

fn at(market: &str, currency: &str, price: i64) -> Value {
    json!({ "marketGroupId": market, "currency": currency, "price": price })
}

impl World {
    /// A monthly price of $49.00 with both markets.
    async fn base(&self) -> String {
        let list = json!([at(&self.ar, "ars", 6_490_000), at(&self.cone, "usd", 3900)]);
        let body = json!({ "billingInterval": "monthly", "price": 4900, "isDefault": true, "marketPrices": list });
        id(&self.api.post(&self.prices, body).await.bare())
    }

    fn variant(&self, base: &str, list: Value) -> Value {
        json!({ "billingInterval": "monthly", "inheritsFromPriceId": base, "marketPrices": list })
    }

    fn price(&self, id: &str) -> String {
        format!("{}/{id}", self.prices)
    }

    async fn read(&self, id: &str) -> Value {
        let plan = self.api.get("/plans/pro").await.bare();
        plan["prices"].as_array().unwrap().iter().find(|price| price["id"] == id).cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn market_prices_are_replaced_as_a_whole() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let list = json!([at(&world.ar, "ars", 6_490_000), at(&world.cone, "usd", 3900)]);
    assert_eq!(world.read(&base).await["marketPrices"], list);
    // Left out they stay, sent they are all there is.
    let renamed = world.api.patch(&world.price(&base), json!({ "price": 5900 })).await.bare();
    assert_eq!((&renamed["marketPrices"], &renamed["price"]), (&list, &json!(5900)));
    let one = json!([at(&world.cone, "usd", 3800)]);
    let updated = world.api.patch(&world.price(&base), json!({ "marketPrices": one })).await.bare();
    assert_eq!((&updated["marketPrices"], &updated["object"]), (&one, &json!("plan_price")));
    assert_eq!(world.read(&base).await["marketPrices"], one);
    let none = world.api.patch(&world.price(&base), json!({ "marketPrices": [] })).await.bare();
    assert_eq!(none["marketPrices"], json!([]));
}

#[tokio::test]
async fn what_market_prices_must_be() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let bad = [
        (json!({}), vec!["marketPrices"]),
        (json!(null), vec!["marketPrices"]),
        (json!([{}]), vec!["marketPrices.0.marketGroupId", "marketPrices.0.currency", "marketPrices.0.price"]),
        (json!([at(&world.ar, "ARS", -1)]), vec!["marketPrices.0.currency", "marketPrices.0.price"]),
        (json!([at(&world.ar, "ars", 1), at(&world.ar, "usd", 1)]), vec!["marketPrices.1.marketGroupId"]),
    ];
    for (list, fields) in bad {
        let body = json!({ "billingInterval": "yearly", "price": 1, "marketPrices": list });
        world.api.post(&world.prices, body).await.invalid(&fields);
        world.api.patch(&world.price(&base), json!({ "marketPrices": list })).await.invalid(&fields);
    }
    let unknown = json!({ "marketPrices": [at("pmg_nothing", "usd", 1)] });
    let refused = world.api.patch(&world.price(&base), unknown).await;
    refused.fails(404, "market_not_found");
    assert_eq!(refused.body["error"]["param"], "marketPrices.0.marketGroupId");
    let body = json!({ "billingInterval": "yearly", "price": 1, "marketPrices": [at("pmg_nothing", "usd", 1)] });
    world.api.post(&world.prices, body).await.fails(404, "market_not_found");
    assert_eq!(world.api.get("/plans/pro").await.bare()["prices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_variant_has_what_its_base_price_has() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let set = json!({ "currency": "eur", "exchangeRate": 0.9 });
    let set = world.api.put(&format!("/plans/{}/regional", world.plan), set).await.bare();
    assert_eq!((&set["pricesConfigured"], &set["object"]), (&json!(1), &json!("plan_regional_pricing")));
    let list = json!([at(&world.ar, "ars", 3_990_000)]);
    let mut body = world.variant(&base, list.clone());
    body["metadata"] = json!({ "name": "Founding customers" });
    let created = world.api.post(&world.prices, body).await;
    assert_eq!(created.status, 201);
    let variant = created.bare();
    assert_eq!((&variant["inheritsFromPriceId"], &variant["marketPrices"]), (&json!(base), &list));
    assert_eq!((&variant["price"], &variant["isDefault"]), (&json!(4900), &json!(false)));
    assert_eq!(variant["metadata"], json!({ "name": "Founding customers" }));
    let of_base = world.read(&base).await;
    assert_eq!(of_base["inheritsFromPriceId"], Value::Null);
    assert_eq!(world.read(&id(&variant)).await["regionalPrices"], of_base["regionalPrices"]);

    // The base moves, its variants with it; what they override stays.
    let phases = json!([{ "type": "free_trial", "durationDays": 7 }]);
    let offer = id(&world.api.post("/offers", json!({ "name": "o", "phases": phases })).await.bare());
    let attach = |price: &str| format!("/sandbox/plans/{}/prices/{price}/offer", world.plan);
    world.api.put(&attach(&base), json!({ "offerId": offer })).await.bare();
    world.api.put(&attach(&id(&variant)), json!({ "offerId": offer })).await.invalid(&["offerId"]);
    world.api.patch(&world.price(&base), json!({ "price": 5900, "trialDays": 3 })).await.bare();
    let read = world.read(&id(&variant)).await;
    assert_eq!((&read["price"], &read["trialDays"], &read["offerId"]), (&json!(5900), &json!(3), &json!(offer)));
    assert_eq!(read["marketPrices"], list);
    assert_eq!(read["regionalPrices"], world.read(&base).await["regionalPrices"]);
    // Several may stand beside each other, and 2026-07-11 knows none of them.
    world.api.post(&world.prices, world.variant(&base, list)).await.bare();
    assert_eq!(world.api.get("/plans/pro").await.bare()["prices"].as_array().unwrap().len(), 3);
    let old = world.api.with("commet-version", "2026-07-11");
    assert_eq!(old.get("/plans/pro").await.data()["prices"].as_array().unwrap().len(), 1);
    // A second base price of the interval is refused as ever, and the older version makes no variants.
    let again = json!({ "billingInterval": "monthly", "price": 1 });
    world.api.post(&world.prices, again).await.fails(409, "duplicate");
    let dropped = json!({ "billingInterval": "monthly", "inheritsFromPriceId": base, "price": 1 });
    old.post(&world.prices, dropped).await.fails(409, "duplicate");
}

#[tokio::test]
async fn what_a_variant_must_be() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let yearly = json!({ "billingInterval": "yearly", "price": 49000 });
    let yearly = id(&world.api.post(&world.prices, yearly).await.bare());
    let list = json!([at(&world.ar, "ars", 1)]);
    let with = |more: Value| {
        let mut body = world.variant(&base, list.clone());
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        (json!({ "inheritsFromPriceId": base }), vec!["billingInterval", "marketPrices"]),
        (with(json!({ "marketPrices": [] })), vec!["marketPrices"]),
        (
            with(json!({ "price": 1, "trialDays": 0, "includedCredits": 5 })),
            vec!["price", "trialDays", "includedCredits"],
        ),
        (with(json!({ "isDefault": false })), vec!["isDefault"]),
        (with(json!({ "billingInterval": "yearly" })), vec!["billingInterval"]),
        (
            with(json!({ "inheritsFromPriceId": yearly, "billingInterval": "yearly" })),
            vec!["marketPrices.0.marketGroupId"],
        ),
        (with(json!({ "marketPrices": [at(&world.ar, "usd", 1)] })), vec!["marketPrices.0.currency"]),
    ];
    for (body, fields) in cases {
        world.api.post(&world.prices, body).await.invalid(&fields);
    }
    let other = id(&world.api.post("/plans", json!({ "name": "Other", "code": "other" })).await.bare());
    let foreign = world.variant(&base, list.clone());
    world.api.post(&format!("/plans/{other}/prices"), foreign).await.fails(404, "price_not_found");
    let variant = id(&world.api.post(&world.prices, with(json!({}))).await.bare());
    let of_variant = with(json!({ "inheritsFromPriceId": variant }));
    world.api.post(&world.prices, of_variant).await.invalid(&["inheritsFromPriceId"]);

    // What it has from its base price cannot be set on it.
    let path = world.price(&variant);
    world.api.patch(&path, json!({ "price": 1, "isDefault": true })).await.invalid(&["price", "isDefault"]);
    world.api.put(&format!("{path}/default"), json!({})).await.invalid(&["priceId"]);
    let overrides = json!({ "overrides": [{ "currency": "eur", "price": 1 }] });
    world.api.put(&format!("{path}/regional"), overrides).await.invalid(&["priceId"]);
    world.api.delete(&format!("{path}/regional")).await.invalid(&["priceId"]);
    let listed = json!({ "currency": "eur", "exchangeRate": 1, "prices": [{ "priceId": variant, "price": 1 }] });
    world.api.put(&format!("/plans/{}/regional", world.plan), listed).await.invalid(&["priceId"]);
    world.api.patch(&path, json!({ "marketPrices": [] })).await.invalid(&["marketPrices"]);
    let moved = json!({ "marketPrices": [at(&world.cone, "usd", 1)], "billingInterval": "weekly" });
    let moved = world.api.patch(&path, moved).await.bare();
    assert_eq!((&moved["marketPrices"][0]["price"], &moved["billingInterval"]), (&json!(1), &json!("monthly")));
}

#[tokio::test]
async fn what_a_variant_depends_on_is_in_use() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let list = json!([at(&world.ar, "ars", 1)]);
    let variant = id(&world.api.post(&world.prices, world.variant(&base, list)).await.bare());
    let path = world.price(&base);
    for list in [json!([]), json!([at(&world.cone, "usd", 1)]), json!([at(&world.ar, "usd", 1)])] {
        world.api.patch(&path, json!({ "marketPrices": list, "price": 1 })).await.fails(409, "price_in_use");
    }
    assert_eq!(world.read(&base).await["price"], 4900);
    // Another amount, and dropping a market that no variant overrides, is fine.
    world.api.patch(&path, json!({ "marketPrices": [at(&world.ar, "ars", 2)] })).await.bare();
    world.api.delete(&path).await.fails(409, "price_in_use");
    world.api.delete(&world.price(&variant)).await.bare();
    world.api.patch(&path, json!({ "marketPrices": [] })).await.bare();
    world.api.delete(&path).await.bare();
    assert_eq!(world.api.get("/plans/pro").await.bare()["prices"], json!([]));
}

#[tokio::test]
async fn a_subscription_picks_a_variant_by_its_id_only() {
    let (world, _running) = world().await;
    let base = world.base().await;
    let list = json!([at(&world.ar, "ars", 1)]);
    let variant = id(&world.api.post(&world.prices, world.variant(&base, list)).await.bare());
    world.api.post("/customers", json!({ "email": "a@example.com", "externalId": "a" })).await.bare();
    for more in [json!({}), json!({ "billingInterval": "monthly" })] {
        let mut body = json!({ "customerId": "a", "planId": world.plan });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(world.api.post("/subscriptions", body).await.bare()["priceId"], base.as_str());
    }
    let chosen = json!({ "customerId": "a", "planId": world.plan, "priceId": variant });
    assert_eq!(world.api.post("/subscriptions", chosen).await.bare()["priceId"], variant.as_str());
    // A currency of the base is one of the variant, which somebody pays.
    let overrides = json!({ "overrides": [{ "currency": "eur", "price": 1 }] });
    let regional = format!("{}/regional", world.price(&base));
    world.api.put(&regional, overrides).await.bare();
    let paying = json!({ "customerId": "a", "planId": world.plan, "priceId": variant, "currency": "eur" });
    world.api.post("/subscriptions", paying).await.bare();
    world.api.delete(&regional).await.fails(409, "price_in_use");
}

#[tokio::test]
async fn metadata_of_a_price_is_merged() {
    let (world, _running) = world().await;
    let body = json!({ "billingInterval": "monthly", "price": 1, "metadata": { "a": 1, "b": { "c": 2, "d": 3 } } });
    let price = id(&world.api.post(&world.prices, body).await.bare());
    let update = json!({ "metadata": { "a": 2, "b": { "c": 4 }, "e": null } });
    let updated = world.api.patch(&world.price(&price), update).await.bare();
    // Key by key, not deeper; and no key ever goes.
    assert_eq!(updated["metadata"], json!({ "a": 2, "b": { "c": 4 }, "e": null }));
    world.api.patch(&world.price(&price), json!({ "metadata": {} })).await.bare();
    assert_eq!(world.read(&price).await["metadata"], updated["metadata"]);
    world.api.patch(&world.price(&price), json!({ "metadata": null })).await.invalid(&["metadata"]);
    // The older version neither writes nor shows it, and leaves it and the market prices alone.
    let list = json!([at(&world.ar, "ars", 1)]);
    world.api.patch(&world.price(&price), json!({ "marketPrices": list })).await.bare();
    let old = world.api.with("commet-version", "2026-07-11");
    let written =
        old.put(&world.price(&price), json!({ "price": 2, "metadata": { "a": 9 }, "marketPrices": [] })).await;
    assert_eq!(written.data().get("metadata"), None);
    let read = world.read(&price).await;
    assert_eq!((&read["metadata"]["a"], &read["marketPrices"]), (&json!(2), &list));
}
