//! Add-ons: what goes together, slugs, one per feature.

use serde_json::{Value, json};

use crate::support::{id, sandbox};

#[tokio::test]
async fn addons() {
    let (api, _running) = sandbox(|_| ()).await;
    let sms = api.feature("sms", "usage").await;
    api.feature("hipaa", "boolean").await;
    let body = json!({
        "name": "SMS Channel", "basePrice": 1500, "featureId": "sms", "consumptionModel": "metered",
        "includedUnits": 1000, "overageRate": 300,
    });
    let created = api.post("/addons", body).await;
    assert_eq!(created.status, 201);
    let addon = created.data();
    assert!(id(&addon).starts_with("adn_"));
    let expected = json!({
        "id": addon["id"], "name": "SMS Channel", "slug": "sms-channel", "description": null, "basePrice": 1500,
        "consumptionModel": "metered", "featureCode": "sms", "featureName": "sms", "includedUnits": 1000,
        "overageRate": 300, "creditCost": null, "createdAt": addon["createdAt"], "updatedAt": addon["updatedAt"],
        "object": "addon", "livemode": false,
    });
    assert_eq!(addon, expected);
    for path in [format!("/addons/{}", id(&addon)), "/addons/sms-channel".into()] {
        assert_eq!(api.get(&path).await.data(), addon);
    }
    assert_eq!(api.get("/addons?limit=100").await.body, json!({ "success": true, "data": [addon], "hasMore": false }));
    let second = json!({ "name": "x", "basePrice": 0, "featureId": sms, "consumptionModel": "boolean" });
    api.post("/addons", second).await.fails(409, "feature_already_exists");
    let unknown = json!({ "name": "x", "basePrice": 0, "featureId": "nothing", "consumptionModel": "boolean" });
    api.post("/addons", unknown).await.fails(404, "feature_not_found");
    let same_name =
        json!({ "name": "sms channel!", "basePrice": 0, "featureId": "hipaa", "consumptionModel": "boolean" });
    let same_name = api.post("/addons", same_name).await.data();
    assert_eq!(same_name["slug"], "sms-channel-2");

    let update = json!({ "name": "Renamed", "basePrice": 1600, "creditCost": 9, "featureId": "hipaa" });
    let updated = api.put("/addons/sms-channel", update).await.data();
    assert_eq!((&updated["name"], &updated["slug"]), (&json!("Renamed"), &json!("sms-channel")));
    assert_eq!((&updated["creditCost"], &updated["featureCode"]), (&Value::Null, &json!("sms")));
    api.put("/addons/sms-channel", json!({ "description": null })).await.invalid(&["description"]);
    assert_eq!(api.put("/addons/sms-channel", json!({ "description": "" })).await.data()["description"], "");
    api.put("/addons/sms-channel-2", json!({ "includedUnits": 1 })).await.invalid(&["includedUnits"]);

    api.delete("/features/sms/manage").await.fails(409, "feature_in_use");
    api.delete("/addons/sms-channel").await.fails(404, "addon_not_found");
    let deleted = api.delete(&format!("/addons/{}", id(&addon))).await.data();
    assert_eq!(deleted, json!({ "id": addon["id"], "deleted": true, "object": "addon", "livemode": false }));
    api.get("/addons/sms-channel").await.fails(404, "addon_not_found");
    api.delete("/features/sms/manage").await.data();
}

#[tokio::test]
async fn what_goes_together() {
    let (api, _running) = sandbox(|_| ()).await;
    api.feature("f", "usage").await;
    let addon = |model: &str, terms: Value| {
        let mut body = json!({ "name": "n", "basePrice": 0, "featureId": "f", "consumptionModel": model });
        body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("boolean", json!({ "includedUnits": 1 }), vec!["includedUnits"]),
        ("boolean", json!({ "creditCost": 1 }), vec!["creditCost"]),
        ("metered", json!({}), vec!["includedUnits", "overageRate"]),
        ("metered", json!({ "includedUnits": 1, "overageRate": 1, "creditCost": 1 }), vec!["creditCost"]),
        ("credits", json!({}), vec!["creditCost"]),
        ("balance", json!({ "includedUnits": 1 }), vec!["includedUnits", "overageRate"]),
        ("balance", json!({ "overageRate": -1 }), vec!["overageRate"]),
        ("seats", json!({}), vec!["consumptionModel"]),
    ];
    for (model, terms, fields) in cases {
        api.post("/addons", addon(model, terms)).await.invalid(&fields);
    }
    api.post("/addons", addon("boolean", json!({ "name": "x".repeat(101) }))).await.invalid(&["name"]);
    api.post("/addons", addon("boolean", json!({ "description": "é".repeat(256) }))).await.invalid(&["description"]);
    let longest = json!({ "name": "é".repeat(100), "description": "é".repeat(255), "overageRate": 1 });
    api.post("/addons", addon("balance", longest)).await.data();
}
