//! 2026-07-31 beside 2026-07-11.

use serde_json::json;

use crate::support::{id, sandbox};

#[tokio::test]
async fn reads_of_2026_07_31() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("Commet-Version", "2026-07-31");
    let calls = old.feature("calls", "usage").await;
    let group = id(&old.post("/plan-groups", json!({ "name": "g" })).await.data());
    let plan = old.plan("pro", json!({ "consumptionModel": "metered", "planGroupId": group })).await;
    let price = old.price(&plan, "monthly", 4900).await;
    old.post(&format!("/plans/{plan}/features"), json!({ "featureId": calls })).await.data();

    let list = new.get("/plans").await.body;
    assert_eq!((&list["object"], &list["hasMore"], list.get("success")), (&json!("list"), &json!(false), None));
    let read = new.get("/plans/pro").await.body;
    assert_eq!(list["data"], json!([read]));
    assert_eq!(
        read["prices"],
        json!([{
            "id": price, "billingInterval": "monthly", "price": 4900, "isDefault": false, "trialDays": 0,
            "includedBalance": null, "includedCredits": null, "offerId": null, "inheritsFromPriceId": null,
            "metadata": {}, "marketPrices": [], "regionalPrices": [],
        }])
    );
    assert_eq!(new.get("/features/calls").await.body["object"], "feature");
    let groups = new.get("/plan-groups").await.body;
    assert_eq!((groups["data"][0].get("plans"), &groups["object"]), (None, &json!("list")));
    assert_eq!(new.get(&format!("/plan-groups/{group}")).await.body["plans"][0]["id"], plan.as_str());
    assert_eq!(new.get("/addons").await.body, json!({ "object": "list", "data": [], "hasMore": false }));
    new.get("/plans/nothing").await.fails(404, "plan_not_found");
}

#[tokio::test]
async fn writes_of_2026_07_31() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    let feature = new.post("/features", json!({ "name": "F", "code": "f", "type": "usage" })).await;
    assert_eq!((feature.status, &feature.body["code"]), (201, &json!("f")));
    let renamed = new.call("PATCH", "/features/f", json!({ "name": "G" })).await;
    assert_eq!(renamed.body["name"], "G");
    let plan = id(&new.post("/plans", json!({ "name": "P", "code": "p", "consumptionModel": "metered" })).await.body);
    let prices = format!("/plans/{plan}/prices");
    let offer = json!({ "enabled": true, "discountType": "amount", "discountValue": 1, "durationCycles": 1 });
    let body = json!({ "billingInterval": "monthly", "price": 1, "introOffer": offer, "metadata": { "a": 1 } });
    let price = new.post(&prices, body).await.body;
    assert_eq!((&price["object"], price.get("introOffer")), (&json!("plan_price"), None));
    assert_eq!((&price["metadata"], &price["offerId"]), (&json!({ "a": 1 }), &json!(null)));
    assert_eq!(old.get("/plans/p").await.data()["prices"][0]["introOffer"], json!(null));
    let path = format!("{prices}/{}", id(&price));
    assert_eq!(new.call("PATCH", &path, json!({ "price": 2 })).await.body["price"], 2);
    assert_eq!(new.put(&format!("{path}/default"), json!({})).await.body["planId"], plan.as_str());
    let visible = new.put(&format!("/plans/{plan}/visibility"), json!({ "isPublic": false })).await.body;
    assert_eq!(visible["code"], "p");
    let attached = new.post(&format!("/plans/{plan}/features"), json!({ "featureId": feature.body["id"] })).await;
    assert_eq!(attached.body["object"], "plan_feature");
    assert_eq!(new.delete(&format!("/plans/{plan}")).await.body["deleted"], true);
    assert_eq!(new.delete("/features/f").await.body["deleted"], true);
    let pack = new.post("/credit-packs", json!({ "name": "500", "credits": 500, "price": 1 })).await.body;
    assert_eq!(
        new.call("PATCH", &format!("/credit-packs/{}", id(&pack)), json!({ "price": 2 })).await.body["price"],
        2
    );
}

#[tokio::test]
async fn who_sees_a_private_plan() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    let hidden = old.plan("hidden", json!({ "isPublic": false })).await;
    let shown = old.plan("shown", json!({})).await;
    let free = old.plan("free", json!({ "isFree": true })).await;
    for api in [&old, &new] {
        let ids = |list: serde_json::Value| {
            let plans = list["data"].as_array().unwrap().clone();
            plans.iter().map(id).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(ids(api.get("/plans").await.body), [shown.clone(), free.clone()].into());
        let all = api.get("/plans?includePrivate=true").await.body;
        assert_eq!(ids(all), [shown.clone(), free.clone(), hidden.clone()].into());
        // Asked for by name it is there.
        for path in ["/plans/hidden".to_owned(), format!("/plans/{hidden}")] {
            assert_eq!(api.get(&path).await.status, 200);
        }
        let price = json!({ "billingInterval": "monthly", "price": 0 });
        api.post(&format!("/plans/{free}/prices"), price).await.invalid(&["price"]);
    }
}

#[tokio::test]
async fn parts_have_names_of_their_own_since_2026_07_31() {
    for newer in [false, true] {
        let (old, _running) = sandbox(|_| ()).await;
        let calls = old.feature("calls", "usage").await;
        let group = id(&old.post("/plan-groups", json!({ "name": "g" })).await.data());
        let plan = old.plan("pro", json!({ "consumptionModel": "metered" })).await;
        let price = old.price(&plan, "monthly", 4900).await;
        let addon = json!({ "name": "SMS", "basePrice": 1, "featureId": "calls", "consumptionModel": "boolean" });
        let addon = id(&old.post("/addons", addon).await.data());
        old.post("/customers", json!({ "email": "a@example.com", "externalId": "a" })).await.data();
        let one = id(&old.post("/subscriptions", json!({ "customerId": "a", "planId": plan })).await.data());

        let plans = format!("/plan-groups/{group}/plans");
        let regional = format!("/plans/{plan}/prices/{price}/regional");
        let overrides = json!({ "overrides": [{ "currency": "eur", "price": 1 }] });
        let rate = json!({ "currency": "eur", "exchangeRate": 1 });
        let addons = format!("/subscriptions/{one}/addons");
        let features = format!("/plans/{plan}/features");
        let api = if newer { old.with("commet-version", "2026-07-31") } else { old };
        for (method, path, body, names) in [
            ("POST", plans.clone(), json!({ "planId": plan }), ["plan_group", "plan_group_membership"]),
            ("PUT", format!("{plans}/reorder"), json!({ "planIds": [plan] }), ["plan_group", "plan_group_order"]),
            ("DELETE", format!("{plans}/{plan}"), json!(null), ["plan_group", "plan_group_membership"]),
            ("PUT", regional.clone(), overrides, ["plan", "plan_regional_pricing"]),
            ("DELETE", regional, json!(null), ["plan", "plan_regional_pricing"]),
            ("PUT", format!("/plans/{plan}/regional"), rate, ["plan", "plan_regional_pricing"]),
            ("POST", addons.clone(), json!({ "addonId": addon }), ["subscription", "subscription_addon"]),
            ("DELETE", format!("{addons}/{addon}"), json!(null), ["subscription", "subscription_addon"]),
            ("POST", features.clone(), json!({ "featureId": calls }), ["plan", "plan_feature"]),
            ("DELETE", format!("{features}/{calls}"), json!(null), ["plan", "plan_feature"]),
            ("DELETE", format!("/plans/{plan}/prices/{price}"), json!(null), ["plan", "plan_price"]),
        ] {
            let reply = api.call(method, &path, body).await;
            let reply = if newer { reply.bare() } else { reply.data() };
            assert_eq!(reply["object"], names[usize::from(newer)], "{method} {path}");
        }
        // What only 2026-07-11 has is dropped without a word later, however wrong it is.
        let offers = json!({ "currency": "eur", "exchangeRate": 1, "introOffers": "?" });
        let reply = api.put(&format!("/plans/{plan}/regional"), offers).await;
        if newer { assert_eq!(reply.bare()["currency"], "eur") } else { reply.invalid(&["introOffers"]) }
    }
}

#[tokio::test]
async fn a_patch_is_repeated_by_its_key() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    let plan = old.plan("pro", json!({})).await;
    let path = format!("/plans/{plan}");
    let keyed = new.with("idempotency-key", "k");
    let first = keyed.patch(&path, json!({ "name": "One" })).await.bare();
    new.patch(&path, json!({ "name": "Two" })).await.bare();
    assert_eq!(keyed.patch(&path, json!({ "name": "One" })).await.bare(), first);
    assert_eq!(new.get("/plans/pro").await.bare()["name"], "Two");
    let refused = keyed.patch(&path, json!({ "name": "Three" })).await;
    refused.fails(409, "idempotency_key_mismatch");
    let url = refused.body["error"]["doc_url"].as_str().unwrap();
    assert_eq!(url, "https://commet.co/docs/api-reference/2026-07-31/errors/idempotency_key_mismatch");
}

#[tokio::test]
async fn an_endpoint_of_the_other_version_is_not_available() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    for (method, path) in [
        ("POST", "/features/manage"),
        ("PUT", "/features/f/manage"),
        ("DELETE", "/features/f/manage"),
        ("POST", "/plans/manage"),
        ("PUT", "/plans/p/manage"),
        ("DELETE", "/plans/p/manage"),
        ("PUT", "/plans/p/prices/x"),
        ("PUT", "/plans/p/features/x"),
        ("PUT", "/plan-groups/g"),
        ("PUT", "/addons/a"),
        ("POST", "/credit-packs/manage"),
        ("PUT", "/credit-packs/c"),
        ("PUT", "/promo-codes/p"),
        // Of 2026-07-24 only.
        ("GET", "/pricing/market-groups"),
        ("PATCH", "/pricing/market-groups/m"),
    ] {
        new.call(method, path, json!({})).await.fails(404, "endpoint_not_available");
    }
    for (method, path) in [
        ("POST", "/features"),
        ("PATCH", "/plans/p"),
        ("DELETE", "/plans/p"),
        ("PATCH", "/plans/p/prices/x"),
        ("PATCH", "/plans/p/features/x"),
        ("PATCH", "/plan-groups/g"),
        ("PATCH", "/addons/a"),
        ("POST", "/credit-packs"),
        ("PATCH", "/credit-packs/c"),
        ("PATCH", "/promo-codes/p"),
        ("GET", "/offers"),
        ("POST", "/offers"),
        ("GET", "/offers/o"),
        ("PATCH", "/offers/o"),
        ("DELETE", "/offers/o"),
        ("GET", "/markets"),
        ("POST", "/markets"),
        ("GET", "/markets/m"),
        ("PATCH", "/markets/m"),
        ("DELETE", "/markets/m"),
        ("POST", "/pricing/market-groups"),
    ] {
        old.call(method, path, json!({})).await.fails(404, "endpoint_not_available");
    }
    for api in [&old, &new] {
        api.get("/nothing").await.fails(404, "not_found");
        api.get("/plans/p/nothing").await.fails(404, "not_found");
        api.call("PATCH", "/plans", json!({})).await.fails(404, "not_found");
        api.get("/plans/").await.fails(404, "not_found");
    }
    old.with("commet-version", "2020-01-01").get("/plans").await.invalid(&["commet-version"]);
    assert_eq!(old.with("commet-version", "2026-07-11").get("/plans").await.status, 200);
}
