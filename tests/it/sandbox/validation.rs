//! What the API is believed to refuse, field by field.

use serde_json::{Value, json};

use crate::support::sandbox;

const TOO_LARGE: i64 = 9_007_199_254_740_992;

#[tokio::test]
async fn bodies() {
    let (api, _running) = sandbox(|_| ()).await;
    for bad in ["", "{", "nope", "{\"name\": }"] {
        api.send("POST", "/features/manage", bad).await.unwrap().fails(400, "invalid_json");
    }
    api.send("POST", "/features/manage", "[]").await.unwrap().invalid(&[""]);
    api.send("POST", "/features/manage", "null").await.unwrap().invalid(&[""]);
    api.post("/features/manage", json!({})).await.invalid(&["name", "code", "type"]);
    let wrong = json!({ "name": "", "code": "Not-a code", "type": "metered", "description": 3, "unitName": null });
    api.post("/features/manage", wrong).await.invalid(&["name", "code", "type", "description", "unitName"]);
    let wrong =
        json!({ "name": 1, "code": "", "isPublic": "true", "isFree": 1, "metadata": [], "consumptionModel": "seats" });
    let fields = ["name", "code", "consumptionModel", "isPublic", "isFree", "metadata"];
    api.post("/plans/manage", wrong).await.invalid(&fields);
    // Nothing was made meanwhile.
    assert_eq!(api.get("/features").await.data(), json!([]));
    assert_eq!(api.get("/plans?includePrivate=true").await.data(), json!([]));
}

#[tokio::test]
async fn prices() {
    let (api, _running) = sandbox(|_| ()).await;
    let plan = api.plan("pro", json!({})).await;
    let free = api.plan("free", json!({ "isFree": true })).await;
    let path = format!("/plans/{plan}/prices");
    for bad in [json!(-1), json!(19.5), json!("4900"), json!(TOO_LARGE), json!(1e300), Value::Null, json!(true)] {
        api.post(&path, json!({ "billingInterval": "monthly", "price": bad })).await.invalid(&["price"]);
    }
    api.post(&path, json!({ "billingInterval": "biweekly", "trialDays": -1 })).await.invalid(&[
        "billingInterval",
        "price",
        "trialDays",
    ]);
    let trial = json!({ "billingInterval": "one_time", "price": 1, "trialDays": 7 });
    api.post(&path, trial).await.invalid(&["trialDays"]);
    let offer = |offer: Value| json!({ "billingInterval": "monthly", "price": 1, "introOffer": offer });
    api.post(&path, offer(json!({}))).await.invalid(&["introOffer.enabled"]);
    api.post(&path, offer(json!({ "enabled": true }))).await.invalid(&[
        "introOffer.discountType",
        "introOffer.discountValue",
        "introOffer.durationCycles",
    ]);
    let much = json!({ "enabled": true, "discountType": "percentage", "discountValue": 10_001, "durationCycles": 1 });
    api.post(&path, offer(much)).await.invalid(&["introOffer.discountValue"]);
    api.post(&path, offer(Value::Null)).await.invalid(&["introOffer"]);
    let monthly = json!({ "billingInterval": "monthly", "price": 100 });
    api.post(&format!("/plans/{free}/prices"), monthly).await.invalid(&["price"]);
    let price = api.price(&plan, "yearly", 9_007_199_254_740_991).await;
    api.put(&format!("{path}/{price}"), json!({ "price": -5 })).await.invalid(&["price"]);
}

#[tokio::test]
async fn plan_features() {
    let (api, _running) = sandbox(|_| ()).await;
    let usage = api.feature("usage", "usage").await;
    let flag = api.feature("flag", "boolean").await;
    let overage = json!({ "enabled": true, "unitPrice": 10 });
    let metered = api.plan("metered", json!({ "consumptionModel": "metered" })).await;
    let path = |plan: &str| format!("/plans/{plan}/features");
    let mut cases = vec![
        (metered.clone(), json!({}), "featureId"),
        (metered.clone(), json!({ "featureId": usage, "includedAmount": -1 }), "includedAmount"),
        (metered.clone(), json!({ "featureId": usage, "includedAmount": TOO_LARGE }), "includedAmount"),
        (metered.clone(), json!({ "featureId": usage, "includedAmount": null }), "includedAmount"),
        (metered.clone(), json!({ "featureId": usage, "overage": { "enabled": true } }), "overage.unitPrice"),
        (metered.clone(), json!({ "featureId": usage, "unlimited": true, "includedAmount": 1 }), "includedAmount"),
        (metered.clone(), json!({ "featureId": usage, "unlimited": true, "overage": overage }), "overage"),
        (metered.clone(), json!({ "featureId": flag, "includedAmount": 1 }), "featureId"),
        (metered.clone(), json!({ "featureId": flag, "unlimited": true }), "featureId"),
        (metered.clone(), json!({ "featureId": usage, "pricingMode": "ai_model" }), "pricingMode"),
        (metered.clone(), json!({ "featureId": usage, "pricingMode": "magic" }), "pricingMode"),
    ];
    for model in [json!({ "consumptionModel": "credits" }), json!({})] {
        let plan = api.plan(&format!("plan_{}", cases.len()), model).await;
        cases.push((plan, json!({ "featureId": usage, "overage": overage }), "overage"));
    }
    let free = api.plan("free", json!({ "isFree": true, "consumptionModel": "metered" })).await;
    cases.push((free, json!({ "featureId": usage, "overage": overage }), "overage"));
    for (plan, body, field) in cases {
        api.post(&path(&plan), body).await.invalid(&[field]);
    }
    // An update is judged by what it leaves.
    api.post(&path(&metered), json!({ "featureId": usage, "includedAmount": 5 })).await.data();
    let update = format!("{}/{usage}", path(&metered));
    api.put(&update, json!({ "unlimited": true })).await.invalid(&["includedAmount"]);
    api.put(&update, json!({ "unlimited": true, "includedAmount": 0 })).await.data();
}

/// Every field that any body has, with every kind of value, on every writing endpoint of both versions.
#[tokio::test]
async fn hostile_bodies_never_break_it() {
    const FIELDS: &[&str] = &[
        "name",
        "code",
        "type",
        "description",
        "unitName",
        "consumptionModel",
        "isPublic",
        "isFree",
        "metadata",
        "planGroupId",
        "billingInterval",
        "price",
        "trialDays",
        "isDefault",
        "includedBalance",
        "includedCredits",
        "introOffer",
        "featureId",
        "enabled",
        "includedAmount",
        "unlimited",
        "overage",
        "creditsPerUnit",
        "pricingMode",
        "margin",
        "overrides",
        "currency",
        "exchangeRate",
        "prices",
        "features",
        "introOffers",
        "planId",
        "sortOrder",
        "planIds",
        "basePrice",
        "includedUnits",
        "overageRate",
        "creditCost",
        "addonId",
        "customerId",
        "planCode",
        "priceId",
        "email",
        "address",
        "credits",
        "discountType",
        "discountValue",
        "expiresAt",
        "phases",
        "startsAt",
        "endsAt",
        "active",
        "countryCodes",
        "marketPrices",
        "inheritsFromPriceId",
        "offerId",
    ];
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    let plan = old.plan("pro", json!({ "consumptionModel": "metered" })).await;
    let price = old.price(&plan, "monthly", 1).await;
    let feature = old.feature("f", "usage").await;
    old.post(&format!("/plans/{plan}/features"), json!({ "featureId": feature })).await.data();
    let phases = json!([{ "type": "free_trial", "durationDays": 1 }]);
    let offer = crate::support::id(&new.post("/offers", json!({ "name": "o", "phases": phases })).await.bare());
    let market = json!({ "name": "m", "countryCodes": ["AR"] });
    let market = crate::support::id(&new.post("/markets", market).await.bare());
    let paths = [
        "/features/manage".to_owned(),
        "/features".into(),
        "/features/f/manage".into(),
        "/features/f".into(),
        "/plans/manage".into(),
        "/plans".into(),
        format!("/plans/{plan}/manage"),
        format!("/plans/{plan}"),
        format!("/plans/{plan}/visibility"),
        format!("/plans/{plan}/prices"),
        format!("/plans/{plan}/prices/{price}"),
        format!("/plans/{plan}/features"),
        format!("/plans/{plan}/features/{feature}"),
        format!("/plans/{plan}/prices/{price}/regional"),
        format!("/plans/{plan}/regional"),
        "/plan-groups".into(),
        "/addons".into(),
        "/customers".into(),
        "/subscriptions".into(),
        "/credit-packs/manage".into(),
        "/promo-codes".into(),
        "/credit-packs".into(),
        "/offers".into(),
        format!("/offers/{offer}"),
        "/markets".into(),
        format!("/markets/{market}"),
        format!("/sandbox/plans/{plan}/prices/{price}/offer"),
    ];
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e308),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("pro"),
        json!("é\u{0}\u{1F980}"),
        json!("9".repeat(400)),
        json!([]),
        json!([null, {}, [[]]]),
        json!({}),
        json!({ "enabled": {}, "unitPrice": [] }),
        json!([{ "currency": 1, "priceId": {}, "price": "x" }]),
        json!([{ "type": "percentage", "percentage": {}, "durationCycles": "x" }, { "type": [] }, { "type": "fixed_price" }]),
        json!([{ "type": "amount_off", "durationCycles": null, "durationInterval": 1, "amounts": [{ "currency": "usd" }] }]),
        json!([{ "marketGroupId": market, "currency": "usd", "price": 1 }]),
    ];
    for value in &values {
        let body: serde_json::Map<_, _> = FIELDS.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
        for path in &paths {
            for (api, method) in [(&old, "POST"), (&old, "PUT"), (&new, "POST"), (&new, "PUT"), (&new, "PATCH")] {
                let reply = api.call(method, path, Value::Object(body.clone())).await;
                assert!(reply.status < 500, "{method} {path} {value}: {}", reply.body);
            }
        }
    }
    for path in [
        "//",
        "/plans//prices",
        "/plans/%00",
        "/plans/%FF%FE",
        "/plans?includePrivate=%FF",
        "/addons?limit=%",
        "/plans/..%2F",
    ] {
        assert!(old.get(path).await.status < 500, "{path}");
    }
}
