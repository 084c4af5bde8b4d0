//! Promo codes of both versions: an inline discount, or an offer. What one version makes the other reads.

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

async fn both() -> (Client, Client, pricebook::sandbox::Running) {
    let (old, running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    (old, new, running)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn offer(api: &Client, phases: Value) -> String {
    id(&api.post("/offers", json!({ "name": "o", "phases": phases })).await.bare())
}

#[tokio::test]
async fn by_an_offer() {
    let (old, new, _running) = both().await;
    let phases = json!([{ "type": "amount_off", "durationCycles": null, "amounts": [
        { "currency": "eur", "amount": 450 }, { "currency": "usd", "amount": 500 },
    ] }]);
    let offer = offer(&new, phases).await;
    let plan = new.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare();
    let body = json!({
        "code": "launch-50", "offerId": offer, "billingInterval": "yearly", "maxRedemptions": 100,
        "expiresAt": "2027-01-01T00:00:00Z", "planIds": [id(&plan)], "discountType": "amount", "discountValue": 1,
    });
    let created = new.post("/promo-codes", body).await;
    assert_eq!(created.status, 201);
    let created = created.bare();
    assert!(id(&created).starts_with("prc_"));
    // Which plans it is for is write-only.
    let fields = [
        "id",
        "code",
        "offerId",
        "billingInterval",
        "maxRedemptions",
        "expiresAt",
        "isActive",
        "redemptionCount",
        "createdAt",
        "updatedAt",
        "object",
        "livemode",
    ];
    assert_eq!(keys(&created), fields);
    assert_eq!((&created["code"], &created["offerId"]), (&json!("LAUNCH-50"), &json!(offer)));
    assert_eq!((&created["isActive"], &created["redemptionCount"]), (&json!(true), &json!(0)));
    let path = format!("/promo-codes/{}", id(&created));
    assert_eq!(new.get(&path).await.bare(), created);
    assert_eq!(new.get("/promo-codes").await.bare()["data"], json!([created]));

    // The older version reads the same code, with the discount in dollars.
    let read = old.get(&path).await.data();
    assert_eq!(keys(&read)[2..5], ["discountType", "discountValue", "durationCycles"]);
    assert_eq!((&read["discountType"], &read["discountValue"]), (&json!("amount"), &json!(500)));
    assert_eq!((&read["durationCycles"], read.get("offerId")), (&Value::Null, None));

    // Neither the code nor what it is worth can be changed.
    let update = json!({ "code": "OTHER", "offerId": "ofr_x", "active": false, "maxRedemptions": null, "planIds": [] });
    let updated = new.patch(&path, update).await.bare();
    assert_eq!((&updated["code"], &updated["offerId"]), (&created["code"], &created["offerId"]));
    assert_eq!((&updated["isActive"], &updated["maxRedemptions"]), (&json!(false), &Value::Null));
    assert_eq!(
        (&updated["billingInterval"], &updated["expiresAt"]),
        (&created["billingInterval"], &created["expiresAt"])
    );
    let cleared = new.patch(&path, json!({ "billingInterval": null, "expiresAt": null })).await.bare();
    assert_eq!((&cleared["billingInterval"], &cleared["expiresAt"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn which_offers_suit() {
    let (_, new, _running) = both().await;
    let percent = |value: i64| json!({ "type": "percentage", "durationCycles": 1, "percentage": value });
    let usd = json!([{ "currency": "usd", "amount": 500 }]);
    for phases in [
        json!([{ "type": "free_trial", "durationDays": 7 }]),
        json!([{ "type": "free_trial", "durationDays": 7 }, percent(1000)]),
        json!([percent(1000), percent(500)]),
        json!([{ "type": "fixed_price", "durationCycles": 1, "prices": usd }]),
        json!([percent(10_000)]),
    ] {
        let offer = offer(&new, phases).await;
        new.post("/promo-codes", json!({ "code": "X", "offerId": offer })).await.invalid(&["offerId"]);
    }
    new.post("/promo-codes", json!({ "code": "X", "offerId": "ofr_nothing" })).await.fails(404, "offer_not_found");
    let fine = offer(&new, json!([percent(9999)])).await;
    new.post("/promo-codes", json!({ "code": "X", "offerId": fine })).await.bare();
    // While a code names it, the offer has to go on suiting it.
    let path = format!("/offers/{fine}");
    let two = json!({ "name": "n", "phases": [percent(1), percent(2)] });
    new.patch(&path, two).await.invalid(&["phases"]);
    let less = json!({ "name": "n", "phases": [percent(1)] });
    new.patch(&path, less).await.bare();
}

#[tokio::test]
async fn by_an_inline_discount() {
    let (old, new, _running) = both().await;
    let body = json!({ "code": "half", "discountType": "percentage", "discountValue": 5000, "durationCycles": 3 });
    let half = old.post("/promo-codes", body).await.data();
    assert_eq!((&half["discountValue"], &half["durationCycles"]), (&json!(5000), &json!(3)));
    let body = json!({ "code": "FIVE", "discountType": "amount", "discountValue": 500 });
    let five = old.post("/promo-codes", body).await.data();
    assert_eq!((&five["discountType"], &five["durationCycles"]), (&json!("amount"), &Value::Null));
    let whole = json!({ "code": "ALL", "discountType": "percentage", "discountValue": 10_000 });
    old.post("/promo-codes", whole).await.invalid(&["discountValue"]);
    // The newer version sees an offer behind each, with the code's name.
    for (promo, name, phases) in [
        (
            &half,
            "HALF",
            json!([{ "type": "percentage", "durationCycles": 3, "durationInterval": null, "percentage": 5000 }]),
        ),
        (
            &five,
            "FIVE",
            json!([{ "type": "amount_off", "durationCycles": null, "durationInterval": null,
            "amounts": [{ "currency": "usd", "amount": 500 }] }]),
        ),
    ] {
        let read = new.get(&format!("/promo-codes/{}", id(promo))).await.bare();
        let offer = new.get(&format!("/offers/{}", read["offerId"].as_str().unwrap())).await.bare();
        assert_eq!((&offer["name"], &offer["phases"]), (&json!(name), &phases));
        assert_eq!(old.get(&format!("/promo-codes/{}", id(promo))).await.data(), *promo);
    }
}

#[tokio::test]
async fn rules_of_both_versions() {
    let (old, new, _running) = both().await;
    let offer = offer(&new, json!([{ "type": "percentage", "durationCycles": 1, "percentage": 1 }])).await;
    let worth_old = json!({ "discountType": "percentage", "discountValue": 1 });
    let worth_new = json!({ "offerId": offer });
    for (api, update, worth, needs) in [
        (&old, "PUT", worth_old, vec!["code", "discountType", "discountValue"]),
        (&new, "PATCH", worth_new, vec!["offerId", "code"]),
    ] {
        let with = |more: Value| {
            let mut body = worth.clone();
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        api.post("/promo-codes", json!({})).await.invalid(&needs);
        for code in ["", "A B", "ÄB", "A_B"] {
            api.post("/promo-codes", with(json!({ "code": code }))).await.invalid(&["code"]);
        }
        let wrong = json!({ "code": "A", "billingInterval": "daily", "maxRedemptions": 0, "expiresAt": "soon", "planIds": [""] });
        let fields = ["billingInterval", "maxRedemptions", "expiresAt", "planIds"];
        api.post("/promo-codes", with(wrong)).await.invalid(&fields);
        let nowhere = with(json!({ "code": "A", "planIds": ["pln_nothing"] }));
        api.post("/promo-codes", nowhere).await.fails(404, "plan_not_found");
        let code = if update == "PUT" { "old" } else { "new" };
        let created = api.post("/promo-codes", with(json!({ "code": code }))).await;
        let created = if update == "PUT" { created.data() } else { created.bare() };
        let again = with(json!({ "code": code.to_uppercase() }));
        api.post("/promo-codes", again).await.fails(409, "duplicate");
        let path = format!("/promo-codes/{}", id(&created));
        api.call(update, &path, json!({ "active": "no" })).await.invalid(&["active"]);
        api.call(update, &path, json!({ "planIds": ["pln_nothing"] })).await.fails(404, "plan_not_found");
        assert_eq!(api.call(update, &path, json!({})).await.status, 200);
        api.call(update, "/promo-codes/prc_nothing", json!({})).await.fails(404, "promo_code_not_found");
        api.get("/promo-codes/prc_nothing").await.fails(404, "promo_code_not_found");
        // No version deletes one.
        api.delete(&path).await.fails(404, "not_found");
        let other = if update == "PUT" { "PATCH" } else { "PUT" };
        api.call(other, &path, json!({})).await.fails(404, "endpoint_not_available");
    }
    // Pages in both.
    let first = new.get("/promo-codes?limit=1").await.bare();
    assert_eq!((first["data"].as_array().unwrap().len(), &first["hasMore"]), (1, &json!(true)));
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = old.get(&format!("/promo-codes?limit=1&cursor={cursor}")).await.body;
    assert_eq!((second["data"].as_array().unwrap().len(), &second["hasMore"]), (1, &json!(false)));
    assert_ne!(second["data"][0]["id"], first["data"][0]["id"]);
}
