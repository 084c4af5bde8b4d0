//! Offers: phases, their rules, updates that replace everything, deletes, pages.

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

async fn new() -> (Client, pricebook::sandbox::Running) {
    let (old, running) = sandbox(|_| ()).await;
    (old.with("commet-version", "2026-07-31"), running)
}

fn offer(phases: Value) -> Value {
    json!({ "name": "Launch", "phases": phases })
}

#[tokio::test]
async fn every_kind_of_phase_is_shown_as_it_was_written() {
    let (api, _running) = new().await;
    let phases = json!([
        { "type": "free_trial", "durationDays": 14 },
        { "type": "percentage", "durationCycles": 3, "percentage": 5000 },
        { "type": "amount_off", "durationCycles": 2, "durationInterval": "monthly",
          "amounts": [{ "currency": "usd", "amount": 500 }, { "currency": "ars", "amount": 650_000 }] },
        { "type": "fixed_price", "durationCycles": null, "durationInterval": null,
          "prices": [{ "currency": "jpy", "amount": 0 }, { "currency": "usd", "amount": 2900 }] },
    ]);
    let body = json!({
        "name": "Launch", "phases": phases, "metadata": { "campaign": "launch" },
        "startsAt": "2026-08-01T00:00:00Z", "endsAt": "2026-09-01T00:00:00Z", "active": false,
    });
    let created = api.post("/offers", body).await;
    assert_eq!(created.status, 201);
    let created = created.bare();
    assert!(id(&created).starts_with("ofr_"));
    let names: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    let fields = [
        "id",
        "name",
        "phases",
        "metadata",
        "startsAt",
        "endsAt",
        "active",
        "createdAt",
        "updatedAt",
        "object",
        "livemode",
    ];
    assert_eq!(names, fields);
    // An interval that was not said reads as null.
    let mut shown = phases.clone();
    shown[1]["durationInterval"] = Value::Null;
    assert_eq!(created["phases"], shown);
    assert_eq!(created["phases"][1].as_object().unwrap().keys().next().unwrap(), "type");
    assert_eq!((&created["object"], &created["active"]), (&json!("offer"), &json!(false)));
    assert_eq!(
        (&created["metadata"], &created["endsAt"]),
        (&json!({ "campaign": "launch" }), &json!("2026-09-01T00:00:00Z"))
    );
    assert_eq!(api.get(&format!("/offers/{}", id(&created))).await.bare(), created);

    let plain = api.post("/offers", offer(json!([{ "type": "free_trial", "durationDays": 1 }]))).await.bare();
    assert_eq!((&plain["metadata"], &plain["active"]), (&json!({}), &json!(true)));
    assert_eq!((&plain["startsAt"], &plain["endsAt"]), (&Value::Null, &Value::Null));
    // Names are no identity.
    assert_ne!(id(&plain), id(&created));
}

#[tokio::test]
async fn what_phases_must_be() {
    let (api, _running) = new().await;
    let usd = json!([{ "currency": "usd", "amount": 500 }]);
    let percent = json!({ "type": "percentage", "durationCycles": 1, "percentage": 1000 });
    let forever = json!({ "type": "percentage", "durationCycles": null, "percentage": 1000 });
    let cases = [
        (json!([]), vec!["phases"]),
        (json!(vec![percent.clone(); 11]), vec!["phases"]),
        (json!({}), vec!["phases"]),
        (json!([{ "type": "discount" }, {}, 3]), vec!["phases.0.type", "phases.1.type", "phases.2.type"]),
        (json!([{ "type": "free_trial" }]), vec!["phases.0.durationDays"]),
        (json!([{ "type": "free_trial", "durationDays": 0 }]), vec!["phases.0.durationDays"]),
        (json!([percent, { "type": "free_trial", "durationDays": 7 }]), vec!["phases.1.type"]),
        // Null must be said.
        (json!([{ "type": "percentage", "percentage": 1000 }]), vec!["phases.0.durationCycles"]),
        (
            json!([{ "type": "percentage", "durationCycles": 0, "percentage": 0 }]),
            vec!["phases.0.durationCycles", "phases.0.percentage"],
        ),
        (json!([{ "type": "percentage", "durationCycles": 1, "percentage": 10_001 }]), vec!["phases.0.percentage"]),
        (json!([forever, percent]), vec!["phases.0.durationCycles"]),
        (
            json!([{ "type": "percentage", "durationCycles": 1, "durationInterval": "one_time", "percentage": 1 }]),
            vec!["phases.0.durationInterval"],
        ),
        (
            json!([{ "type": "percentage", "durationCycles": null, "durationInterval": "monthly", "percentage": 1 }]),
            vec!["phases.0.durationInterval"],
        ),
        (json!([{ "type": "amount_off", "durationCycles": 1 }]), vec!["phases.0.amounts"]),
        (json!([{ "type": "amount_off", "durationCycles": 1, "amounts": [] }]), vec!["phases.0.amounts"]),
        // Dollars are needed: no currency stands in for another.
        (
            json!([{ "type": "amount_off", "durationCycles": 1, "amounts": [{ "currency": "eur", "amount": 5 }] }]),
            vec!["phases.0.amounts"],
        ),
        (
            json!([{ "type": "amount_off", "durationCycles": 1, "amounts": [{ "currency": "usd", "amount": 0 }] }]),
            vec!["phases.0.amounts.0.amount"],
        ),
        (
            json!([{ "type": "fixed_price", "durationCycles": 1, "prices": [{ "currency": "USD", "amount": -1 }] }]),
            vec!["phases.0.prices.0.currency", "phases.0.prices.0.amount"],
        ),
        (
            json!([{ "type": "fixed_price", "durationCycles": 1, "prices": [usd[0], usd[0]] }]),
            vec!["phases.0.prices.1.currency"],
        ),
        (json!([{ "type": "fixed_price", "durationCycles": 1, "amounts": usd }]), vec!["phases.0.prices"]),
    ];
    for (phases, fields) in cases {
        api.post("/offers", offer(phases)).await.invalid(&fields);
    }
    api.post("/offers", json!({})).await.invalid(&["name", "phases"]);
    let wrong = json!({ "name": "", "phases": [percent], "metadata": [], "startsAt": "now", "active": 1 });
    api.post("/offers", wrong).await.invalid(&["name", "metadata", "startsAt", "active"]);
    let backwards = json!({
        "name": "n", "phases": [percent], "startsAt": "2026-09-01T00:00:00Z", "endsAt": "2026-08-01T00:00:00Z",
    });
    api.post("/offers", backwards).await.invalid(&["endsAt"]);
    assert_eq!(api.get("/offers").await.bare()["data"], json!([]));
    // What belongs to another type is dropped without a word, as unknown keys are.
    let mixed = json!([{ "type": "percentage", "durationCycles": 1, "percentage": 1000, "amounts": "?", "typo": 1 }]);
    let mixed = api.post("/offers", offer(mixed)).await.bare();
    let shown = json!([{ "type": "percentage", "durationCycles": 1, "durationInterval": null, "percentage": 1000 }]);
    assert_eq!(mixed["phases"], shown);
    api.post("/offers", offer(json!(vec![percent; 10]))).await.bare();
}

#[tokio::test]
async fn an_update_replaces_everything() {
    let (api, _running) = new().await;
    let trial = json!([{ "type": "free_trial", "durationDays": 7 }]);
    let body = json!({
        "name": "Old", "phases": trial, "metadata": { "a": 1 }, "active": false, "endsAt": "2030-01-01T00:00:00Z",
    });
    let created = api.post("/offers", body).await.bare();
    let path = format!("/offers/{}", id(&created));
    api.patch(&path, json!({})).await.invalid(&["name", "phases"]);
    api.patch(&path, json!({ "name": "New" })).await.invalid(&["phases"]);
    let updated = api.patch(&path, json!({ "name": "New", "phases": trial, "metadata": { "b": 2 } })).await.bare();
    assert_eq!((&updated["name"], &updated["metadata"]), (&json!("New"), &json!({ "b": 2 })));
    assert_eq!((&updated["active"], &updated["endsAt"]), (&json!(true), &Value::Null));
    assert_eq!((&updated["id"], &updated["createdAt"]), (&created["id"], &created["createdAt"]));
    let updated = api.patch(&path, json!({ "name": "New", "phases": trial, "active": false })).await.bare();
    assert_eq!((&updated["active"], &updated["metadata"]), (&json!(false), &json!({})));
    assert_eq!(api.get(&path).await.bare(), updated);
    api.patch("/offers/ofr_nothing", json!({ "name": "n", "phases": trial })).await.fails(404, "offer_not_found");
    api.put(&path, json!({})).await.fails(404, "not_found");
}

#[tokio::test]
async fn deletes_are_soft_and_answer_without_an_id() {
    let (api, _running) = new().await;
    let plan = id(&api.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let price = json!({ "billingInterval": "monthly", "price": 4900 });
    let price = id(&api.post(&format!("/plans/{plan}/prices"), price).await.bare());
    let phases = json!([{ "type": "percentage", "durationCycles": 3, "percentage": 3000 }]);
    let offer = id(&api.post("/offers", offer(phases.clone())).await.bare());
    let promo = api.post("/promo-codes", json!({ "code": "P", "offerId": offer })).await.bare();
    let attach = format!("/sandbox/plans/{plan}/prices/{price}/offer");
    api.put(&attach, json!({ "offerId": offer })).await.bare();

    let path = format!("/offers/{offer}");
    let deleted = api.delete(&path).await.bare();
    assert_eq!(deleted, json!({ "deleted": true, "object": "offer", "livemode": false }));
    for reply in [
        api.get(&path).await,
        api.delete(&path).await,
        api.patch(&path, json!({ "name": "n", "phases": phases })).await,
    ] {
        reply.fails(404, "offer_not_found");
    }
    assert_eq!(api.get("/offers").await.bare()["data"], json!([]));
    // The code goes on, nothing new can use the offer, and the price has lost it.
    assert_eq!(api.get(&format!("/promo-codes/{}", id(&promo))).await.bare(), promo);
    api.post("/promo-codes", json!({ "code": "Q", "offerId": offer })).await.fails(404, "offer_not_found");
    api.put(&attach, json!({ "offerId": offer })).await.fails(404, "offer_not_found");
    assert_eq!(api.get("/plans/pro").await.bare()["prices"][0]["offerId"], Value::Null);
}

#[tokio::test]
async fn lists_have_pages_and_a_filter() {
    let (api, _running) = new().await;
    let phases = json!([{ "type": "free_trial", "durationDays": 7 }]);
    let mut made = std::collections::BTreeSet::new();
    for number in 0..5 {
        let body = json!({ "name": format!("O{number}"), "phases": phases, "active": number > 0 });
        made.insert(id(&api.post("/offers", body).await.bare()));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut next = "/offers?limit=2".to_owned();
    for (size, more) in [(2, true), (2, true), (1, false)] {
        let page = api.get(&next).await.bare();
        assert_eq!((&page["object"], &page["hasMore"]), (&json!("list"), &json!(more)));
        assert_eq!((page["data"].as_array().unwrap().len(), page.get("nextCursor").is_some()), (size, more));
        seen.extend(page["data"].as_array().unwrap().iter().map(id));
        next = format!("/offers?limit=2&cursor={}", page["nextCursor"].as_str().unwrap_or_default());
    }
    assert_eq!(seen, made);
    assert_eq!(api.get("/offers?active=true").await.bare()["data"].as_array().unwrap().len(), 4);
    assert_eq!(api.get("/offers?active=false").await.bare()["data"][0]["name"], "O0");
    api.get("/offers?active=1").await.invalid(&["active"]);
    api.get("/offers?limit=101").await.invalid(&["limit"]);
}

/// The dashboard's part, which is a route of the sandbox's own.
#[tokio::test]
async fn an_offer_is_attached_to_a_base_price() {
    let (api, _running) = new().await;
    let old = api.with("commet-version", "2026-07-11");
    let plan = id(&api.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let prices = format!("/plans/{plan}/prices");
    let price = id(&api.post(&prices, json!({ "billingInterval": "monthly", "price": 4900 })).await.bare());
    let make = |phases: Value| {
        let api = api.clone();
        async move { id(&api.post("/offers", offer(phases)).await.bare()) }
    };
    let percent = |cycles: Value| json!({ "type": "percentage", "durationCycles": cycles, "percentage": 3000 });
    let fixed = json!({ "type": "fixed_price", "durationCycles": 1, "prices": [{ "currency": "usd", "amount": 1 }] });
    let fine = make(json!([{ "type": "free_trial", "durationDays": 14 }, percent(json!(3))])).await;
    let attach = format!("/sandbox/plans/{plan}/prices/{price}/offer");
    for phases in [json!([percent(Value::Null)]), json!([fixed]), json!([percent(json!(1)), percent(json!(1))])] {
        let bad = make(phases.clone()).await;
        api.put(&attach, json!({ "offerId": bad })).await.invalid(&["offerId"]);
    }
    api.put(&attach, json!({})).await.invalid(&["offerId"]);
    api.put(&attach, json!({ "offerId": "ofr_nothing" })).await.fails(404, "offer_not_found");
    let wrong = format!("/sandbox/plans/{plan}/prices/pp_nothing/offer");
    api.put(&wrong, json!({ "offerId": fine })).await.fails(404, "price_not_found");

    assert_eq!(api.put(&attach, json!({ "offerId": fine })).await.bare()["offerId"], fine.as_str());
    assert_eq!(api.get("/plans/pro").await.bare()["prices"][0]["offerId"], fine.as_str());
    assert_eq!(old.get("/plans/pro").await.data()["prices"][0].get("offerId"), None);
    // No call of the API moves it.
    let path = format!("{prices}/{price}");
    let updated = api.patch(&path, json!({ "price": 5900, "offerId": null })).await.bare();
    assert_eq!((&updated["price"], &updated["offerId"]), (&json!(5900), &json!(fine)));
    // While it is attached, its terms have to suit a price.
    let open = json!({ "name": "n", "phases": [percent(Value::Null)] });
    api.patch(&format!("/offers/{fine}"), open.clone()).await.invalid(&["phases"]);
    assert_eq!(old.put(&attach, json!({ "offerId": null })).await.data()["id"], price.as_str());
    assert_eq!(api.get("/plans/pro").await.bare()["prices"][0]["offerId"], Value::Null);
    api.patch(&format!("/offers/{fine}"), open).await.bare();
}

/// What 2026-07-11 writes inline is an offer in the newer version, and the other way round.
#[tokio::test]
async fn an_intro_offer_is_an_offer() {
    let (new, _running) = new().await;
    let old = new.with("commet-version", "2026-07-11");
    let plan = id(&new.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let prices = format!("/plans/{plan}/prices");
    let ten = json!({ "enabled": true, "discountType": "amount", "discountValue": 1000, "durationCycles": 2 });
    let body = json!({ "billingInterval": "monthly", "price": 4900, "introOffer": ten });
    let price = id(&old.post(&prices, body).await.data());
    let path = format!("{prices}/{price}");
    let attached = || async { new.get("/plans/pro").await.bare()["prices"][0]["offerId"].clone() };
    let inline = || async { old.get("/plans/pro").await.data()["prices"][0]["introOffer"].clone() };
    let offers = || async { new.get("/offers").await.bare()["data"].as_array().unwrap().clone() };

    let made = offers().await;
    assert_eq!((made.len(), &made[0]["name"]), (1, &json!("Pro monthly intro offer")));
    let dollars = json!({ "currency": "usd", "amount": 1000 });
    let phase = |amounts: Value| json!([{ "type": "amount_off", "durationCycles": 2, "durationInterval": null, "amounts": amounts }]);
    assert_eq!((&made[0]["phases"], attached().await), (&phase(json!([dollars])), made[0]["id"].clone()));
    assert_eq!(inline().await, ten);
    // A currency that the older version derives is an amount of the offer.
    let regional = format!("/plans/{plan}/regional");
    old.put(&regional, json!({ "currency": "brl", "exchangeRate": 5.4 })).await.data();
    assert_eq!(offers().await[0]["phases"], phase(json!([dollars, { "currency": "brl", "amount": 5400 }])));

    // The newer version changes the terms: the older one shows them, as long as it has words for them.
    let offer = format!("/offers/{}", made[0]["id"].as_str().unwrap());
    let percent = json!([{ "type": "percentage", "durationCycles": 3, "percentage": 2000 }]);
    new.patch(&offer, json!({ "name": "Own", "phases": percent })).await.bare();
    let twenty = json!({ "enabled": true, "discountType": "percentage", "discountValue": 2000, "durationCycles": 3 });
    assert_eq!(inline().await, twenty);
    old.put(&path, json!({ "introOffer": { "durationCycles": 1 } })).await.data();
    assert_eq!(offers().await[0]["phases"][0]["durationCycles"], 1);
    assert_eq!(offers().await[0]["name"], "Own");
    let trial = json!([{ "type": "free_trial", "durationDays": 7 }]);
    new.patch(&offer, json!({ "name": "Own", "phases": trial })).await.bare();
    assert_eq!(inline().await, Value::Null);
    old.put(&path, json!({ "price": 5900 })).await.data();
    old.put(&regional, json!({ "currency": "brl", "exchangeRate": 5 })).await.data();
    assert_eq!(offers().await[0]["phases"], trial, "who does not speak of it leaves it alone");

    // Switched off, it goes.
    old.put(&path, json!({ "introOffer": { "enabled": false } })).await.data();
    assert_eq!(
        (offers().await.len(), attached().await, inline().await["enabled"].clone()),
        (0, Value::Null, json!(false))
    );
    // What the dashboard attaches takes its place.
    old.put(&path, json!({ "introOffer": ten })).await.data();
    let own = id(&new.post("/offers", json!({ "name": "Launch", "phases": percent })).await.bare());
    new.put(&format!("/sandbox/plans/{plan}/prices/{price}/offer"), json!({ "offerId": own })).await.bare();
    assert_eq!((offers().await.len(), inline().await), (1, twenty));
    // An archived price takes its own along, and no other.
    old.put(&path, json!({ "introOffer": ten })).await.data();
    assert_eq!(offers().await.len(), 2);
    new.delete(&path).await.bare();
    let left = offers().await;
    assert_eq!((left.len(), id(&left[0])), (1, own));
}
