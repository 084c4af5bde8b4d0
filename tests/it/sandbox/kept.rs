//! What is kept in the data folder of the kinds that came with 2026-07-31, and how a seed makes them.

use serde_json::json;

use crate::support::{Process, id, sandbox};

#[tokio::test]
async fn offers_markets_and_what_names_them_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let process = Process::with_data(&data);
    let api = process.client().with("commet-version", "2026-07-31");
    let phases = json!([
        { "type": "free_trial", "durationDays": 7 },
        { "type": "amount_off", "durationCycles": 2, "amounts": [{ "currency": "usd", "amount": 100 }] },
    ]);
    let offer = id(&api.post("/offers", json!({ "name": "o", "phases": phases })).await.bare());
    let percent = json!([{ "type": "percentage", "durationCycles": null, "percentage": 100 }]);
    let gone = id(&api.post("/offers", json!({ "name": "gone", "phases": percent })).await.bare());
    let promo = id(&api.post("/promo-codes", json!({ "code": "P", "offerId": gone })).await.bare());
    api.delete(&format!("/offers/{gone}")).await.bare();
    let market = json!({ "name": "m", "countryCodes": ["AR", "UY"], "metadata": { "a": 1 } });
    let market = id(&api.post("/markets", market).await.bare());
    let plan = id(&api.post("/plans", json!({ "name": "Pro", "code": "pro" })).await.bare());
    let prices = format!("/plans/{plan}/prices");
    let list = json!([{ "marketGroupId": market, "currency": "ars", "price": 1 }]);
    let base = json!({ "billingInterval": "monthly", "price": 1, "marketPrices": list, "metadata": { "k": "v" } });
    let base = id(&api.post(&prices, base).await.bare());
    let variant = json!({ "billingInterval": "monthly", "inheritsFromPriceId": base, "marketPrices": list });
    api.post(&prices, variant).await.bare();
    let attach = format!("/sandbox/plans/{plan}/prices/{base}/offer");
    api.put(&attach, json!({ "offerId": offer })).await.bare();
    let paths = ["/offers".to_owned(), "/markets".into(), "/promo-codes".into(), "/plans".into()];
    let mut before = Vec::new();
    for path in &paths {
        before.push(api.get(path).await.bare());
    }
    process.kill();

    let process = Process::with_data(&data);
    let api = process.client().with("commet-version", "2026-07-31");
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(api.get(path).await.bare(), before, "{path}");
    }
    // What depends on what is known again, too.
    let market_path = format!("/markets/{market}");
    api.delete(&market_path).await.fails(409, "market_in_use");
    api.post("/markets", json!({ "name": "n", "countryCodes": ["UY"] })).await.fails(409, "duplicate");
    api.delete(&format!("{prices}/{base}")).await.fails(409, "price_in_use");
    let old = process.client();
    assert_eq!(old.get(&format!("/promo-codes/{promo}")).await.data()["discountValue"], 100);
    api.delete(&format!("/offers/{offer}")).await.bare();
    assert_eq!(api.get("/plans/pro").await.bare()["prices"][0]["offerId"], json!(null));
    assert_eq!(process.terminate(), Some(0));
}

#[tokio::test]
async fn a_seed_speaks_either_version() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    let text = "
- { path: /plans/manage, body: { name: Pro, code: pro }, as: pro }
- { path: '/plans/{pro.id}/prices', body: { billingInterval: monthly, price: 4900 }, as: price }
- path: /offers
  headers: { commet-version: 2026-07-31 }
  body: { name: Welcome, phases: [{ type: free_trial, durationDays: 14 }] }
  as: welcome
- { method: PUT, path: '/sandbox/plans/{pro.id}/prices/{price.id}/offer', body: { offerId: '{welcome.id}' } }
";
    std::fs::write(&seed, text).unwrap();
    let (api, _running) = sandbox(|options| options.seed = Some(seed)).await;
    let api = api.with("commet-version", "2026-07-31");
    let offers = api.get("/offers").await.bare();
    assert_eq!(offers["data"][0]["name"], "Welcome");
    assert_eq!(api.get("/plans/pro").await.bare()["prices"][0]["offerId"], offers["data"][0]["id"]);
}
