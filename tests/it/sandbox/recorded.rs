//! What the published client sends, as it was recorded against a stub, replayed in its order. The stub invented its
//! ids; here each is replaced by the id that the sandbox gave in the same place.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

const RECORDED: &str = include_str!("../../sdk/commet-sdk-requests.json");

/// The stub's ids of the first part and which call made each of them; later parts get theirs from `prepare`.
const MADE_BY: &[(&str, &str)] = &[
    ("features.create usage", "ftr_1"),
    ("features.create boolean", "ftr_2"),
    ("features.create boolean (for add-on)", "ftr_3"),
    ("planGroups.create", "plg_4"),
    ("plans.create pro (in group)", "pln_5"),
    ("plans.create starter", "pln_6"),
    ("plans.addPrice monthly", "prc_7"),
    ("plans.addPrice yearly + introOffer", "prc_8"),
    ("addons.create", "adn_12"),
    ("creditPacks.create", "cpk_1"),
    ("promoCodes.create", "promo_1"),
];

/// What the second part of the recording takes for granted.
async fn prepare(api: &Client, call: &str, ids: &mut BTreeMap<String, String>) {
    let mut learn = |stub: &str, id: String| ids.insert(stub.to_owned(), id);
    match call {
        "addons.listActive" => {
            let plan = api.plan("extra", json!({ "consumptionModel": "metered" })).await;
            api.price(&plan, "monthly", 100).await;
            api.post("/customers", json!({ "email": "a@example.com", "externalId": "user_123" })).await.data();
            let subscription = json!({ "customerId": "user_123", "planId": plan });
            learn("sub_1", id(&api.post("/subscriptions", subscription).await.data()));
            learn("pln_1", plan);
            learn("ftr_1", api.feature("another", "usage").await);
            api.feature("sms_messages", "usage").await;
            api.feature("ai_summaries", "usage").await;
        }
        "subscriptions.activateAddon" => {
            learn("adn_1", id(&api.get("/addons/sms").await.data()));
        }
        "promoCodes.list" => {
            let first = json!({ "code": "FIRST", "discountType": "amount", "discountValue": 1 });
            let second = json!({ "code": "SECOND", "discountType": "amount", "discountValue": 1 });
            learn("promo_1", id(&api.post("/promo-codes", first).await.data()));
            api.post("/promo-codes", second).await.data();
            let cursor = api.get("/promo-codes?limit=1").await.body["nextCursor"].as_str().unwrap().to_owned();
            learn("cur_1", cursor);
        }
        "plans.addFeature ai_model" | "plans.addPrice balance" => {
            let code = format!("balance_{}", call.len());
            learn("pln_1", api.plan(&code, json!({ "consumptionModel": "balance" })).await);
        }
        "plans.addFeature credits" => {
            learn("pln_1", api.plan("credits", json!({ "consumptionModel": "credits" })).await);
        }
        _ => {}
    }
}

/// Replaces whole words, once: a new id may begin like another stub's.
fn replace(text: &str, ids: &BTreeMap<String, String>) -> String {
    let mut replaced = String::new();
    for part in text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        replaced += ids.get(word).map_or(word, String::as_str);
        replaced += &part[word.len()..];
    }
    replaced
}

#[tokio::test]
async fn every_recorded_request_succeeds() {
    let (api, _running) = sandbox(|_| ()).await;
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let requests = recorded["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 66);
    let mut ids = BTreeMap::new();
    for request in requests {
        let text = |field: &str| request[field].as_str().unwrap_or_default();
        let call = text("call");
        prepare(&api, call, &mut ids).await;
        let query = if text("query").is_empty() { String::new() } else { format!("?{}", text("query")) };
        let mut path = format!("{}{query}", text("path").strip_prefix("/api/v1").unwrap());
        path = replace(&path, &ids);
        if call == "addons.get by slug" {
            path = "/addons/hipaa-pack-demo".into();
        }
        let body = match &request["body"] {
            Value::Null => String::new(),
            body => replace(&body.to_string(), &ids),
        };
        let mut client = api.clone();
        for (name, value) in request["headers"].as_object().unwrap() {
            if !matches!(name.as_str(), "host" | "connection" | "content-length" | "accept-encoding") {
                client = client.with(name, value.as_str().unwrap());
            }
        }
        let reply = client.send(text("method"), &path, body).await.unwrap();
        assert!((200..300).contains(&reply.status), "{call}: {path}: {} {}", reply.status, reply.body);
        assert_eq!(reply.body["success"], true, "{call}");
        check(call, &reply.body);
        let made = MADE_BY.iter().find(|(maker, _)| *maker == call);
        if let Some((_, stub)) = made {
            ids.insert((*stub).to_owned(), id(&reply.body["data"]));
        }
    }
}

/// What the sequence makes certain.
fn check(call: &str, body: &Value) {
    let data = &body["data"];
    let of = |currency: &str, rows: &Value| {
        rows.as_array().unwrap().iter().find(|row| row["currency"] == currency).cloned().unwrap_or_default()
    };
    match call {
        "features.list" => assert_eq!(data.as_array().unwrap().len(), 3),
        "plans.get after setDefaultPrice" => {
            let default: Vec<_> =
                data["prices"].as_array().unwrap().iter().filter(|price| price["isDefault"] == true).collect();
            assert_eq!(default.len(), 1);
            assert_eq!(default[0]["billingInterval"], "yearly");
        }
        "plans.get regional" => {
            let prices = data["prices"].as_array().unwrap();
            let monthly = prices.iter().find(|price| price["billingInterval"] == "monthly").unwrap();
            assert_eq!(of("mxn", &monthly["regionalPrices"])["price"], 103_250);
            assert_eq!(of("brl", &monthly["regionalPrices"])["price"], 27_900);
            assert_eq!(of("eur", &monthly["regionalPrices"])["autoSynced"], false);
            let calls = data["features"].as_array().unwrap().iter().find(|one| one["type"] == "usage").unwrap();
            assert_eq!(of("mxn", &calls["regionalPrices"])["overageUnitPrice"], 1575);
            assert_eq!(of("brl", &calls["regionalPrices"])["overageUnitPrice"], 450);
        }
        "plans.update" => assert_eq!(data["metadata"], json!({ "tier": 3 })),
        "plans.list public" => assert_eq!(data.as_array().unwrap().len(), 1),
        "plans.list includePrivate" => assert_eq!(data.as_array().unwrap().len(), 2),
        "planGroups.get ordered" => {
            let plans = data["plans"].as_array().unwrap();
            let names: Vec<_> = plans.iter().map(|plan| (&plan["name"], &plan["sortOrder"])).collect();
            assert_eq!(names, [(&json!("Starter demo"), &json!(0)), (&json!("Pro Plus demo"), &json!(1))]);
        }
        "plans.get unlinked" => assert_eq!(data["planGroupId"], Value::Null),
        "plans.list after delete" => assert_eq!(*data, json!([])),
        _ => {}
    }
}
