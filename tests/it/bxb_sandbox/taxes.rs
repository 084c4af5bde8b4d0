//! Taxes and where they apply, in the default organization (bxb-api.md §6.9).

use serde_json::{Value, json};

use super::client::{NOBODY, all, charge, id, sandbox};

#[tokio::test]
async fn taxes() {
    let (api, _running) = sandbox().await;
    let body = json!({ "code": "vat", "name": "", "rate": "-0.21", "category": "x".repeat(100) });
    let made = api.post("/taxes/", body.clone()).await.created();
    let expected = json!({
        "id": made["id"], "code": "vat", "name": "", "rate": "-0.2100", "description": null,
        "category": body["category"], "applied_to_organization": false, "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(made, expected);
    let change = json!({ "code": "b", "name": "V", "rate": 0.5, "category": null, "applied_to_organization": true });
    let changed = api.put("/taxes/vat", change).await.ok();
    assert_eq!((&changed["code"], &changed["rate"]), (&json!("vat"), &json!("0.5000")));
    assert_eq!((&changed["category"], &changed["applied_to_organization"]), (&Value::Null, &json!(true)));
    let long = json!({ "code": "x", "name": "n", "rate": 0, "category": "x".repeat(101) });
    api.post("/taxes/", long).await.invalid(&["string_too_long body.category"]);
    api.post("/taxes/", json!({ "code": "", "name": "n", "rate": 0 })).await.created();
    api.delete("/taxes/vat").await.gone();
    api.delete("/taxes/vat").await.says(404, "Tax not found");
}

#[tokio::test]
async fn applied_taxes() {
    let (api, _running) = sandbox().await;
    let api = api.default_organization();
    let metric = api.metric("m").await;
    let plan = api.plan("p", json!([charge(&metric, "standard", json!({}))])).await;
    let tax = api.tax("vat", "0.21").await;
    let old_charge = plan["charges"][0]["id"].as_str().unwrap().to_owned();
    let apply = |kind: &str, id: &str| json!({ "tax_code": "vat", "taxable_type": kind, "taxable_id": id });
    let made = api.post("/taxes/apply", apply("charge", &old_charge)).await.created();
    let expected = json!({
        "id": made["id"], "tax_id": tax, "taxable_type": "charge", "taxable_id": old_charge, "tax_rate": "0.2100",
        "tax_amount_cents": "0.0000", "tax_name": "vat", "tax_code": "vat", "created_at": made["created_at"],
    });
    assert_eq!(made, expected);
    api.post("/taxes/apply", apply("charge", &old_charge)).await.crashes();
    api.post("/taxes/apply", apply("bogus", NOBODY)).await.created();
    api.post("/taxes/apply", apply(&"x".repeat(51), NOBODY)).await.invalid(&["string_too_long body.taxable_type"]);
    let unknown = json!({ "tax_code": "nope", "taxable_type": "plan", "taxable_id": NOBODY });
    api.post("/taxes/apply", unknown).await.says(404, "Tax 'nope' not found");
    let applied = |id: &str| format!("/taxes/applied?taxable_type=charge&taxable_id={id}");

    // The rate is that of the moment of applying.
    api.put("/taxes/vat", json!({ "rate": "0.3" })).await.ok();
    assert_eq!(all(&api.get(&applied(&old_charge)).await.ok(), "tax_rate"), ["0.2100"]);
    // Replaced charges lose their taxes; the rows stay behind and hold on to the tax.
    let path = format!("/plans/{}", id(&plan));
    let replaced = api.put(&path, json!({ "charges": plan["charges"] })).await.ok();
    let new_charge = replaced["charges"][0]["id"].as_str().unwrap();
    assert_eq!(api.get(&applied(new_charge)).await.ok(), json!([]));
    api.delete(&path).await.gone();
    assert_eq!(api.get(&applied(&old_charge)).await.ok().as_array().unwrap().len(), 1);
    api.delete("/taxes/vat").await.crashes();
    let entities = api.get("/taxes/vat/applied_entities").await.ok();
    assert_eq!(all(&entities, "taxable_type"), ["bogus", "charge"], "newest first");
    assert_eq!(api.get("/taxes/application_counts").await.ok(), json!({ tax: 2 }));
    for entity in entities.as_array().unwrap() {
        let (kind, object) = (entity["taxable_type"].as_str().unwrap(), entity["taxable_id"].as_str().unwrap());
        let found = api.get(&format!("/taxes/applied?taxable_type={kind}&taxable_id={object}")).await.ok();
        api.delete(&format!("/taxes/applied/{}", found[0]["id"].as_str().unwrap())).await.gone();
    }
    let billed = api.tax("billed", "0.1").await;
    api.post("/sandbox/fees", json!({ "tax_id": billed })).await.created();
    api.delete("/taxes/billed").await.crashes();
    api.delete("/taxes/vat").await.gone();
}
