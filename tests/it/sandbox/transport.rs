//! Keys, request ids, idempotency, the data folder, the process.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Client, PROGRAM, Process, id, sandbox};

#[tokio::test]
async fn keys_and_livemode() {
    let (api, _running) = sandbox(|_| ()).await;
    for bad in ["", "nope", "CK_1"] {
        api.with("x-api-key", bad).get("/plans").await.fails(401, "unauthorized");
        api.with("x-api-key", bad).get("/nothing").await.fails(401, "unauthorized");
    }
    api.feature("f", "boolean").await;
    for (key, livemode) in [("ck_live_1", true), ("ck_test_1", false), ("ck_sandbox_1", false), ("ck_other", false)] {
        let read = api.with("x-api-key", key).get("/features/f").await.data();
        assert_eq!(read["livemode"], livemode, "{key}");
    }
    let (one, _running) = sandbox(|options| options.api_key = Some("secret".into())).await;
    one.get("/plans").await.fails(401, "unauthorized");
    assert_eq!(one.with("x-api-key", "secret").get("/plans").await.status, 200);
    let (embedded, _running) = sandbox(|options| options.livemode = Some(false)).await;
    let live = embedded.with("x-api-key", "ck_live_1");
    let made = live.post("/plans/manage", json!({ "name": "p", "code": "p" })).await.data();
    assert_eq!(made["livemode"], false);
}

#[tokio::test]
async fn every_answer_has_its_own_request_id() {
    let (api, _running) = sandbox(|_| ()).await;
    let root = Client::new(api.base.trim_end_matches("/api/v1"));
    let mut seen = std::collections::BTreeSet::new();
    for reply in [
        api.get("/plans").await,
        api.get("/nothing").await,
        api.with("x-api-key", "").get("/plans").await,
        root.get("/somewhere").await,
        api.post("/plans/manage", json!({})).await,
    ] {
        seen.insert(reply.headers["x-request-id"].to_str().unwrap().to_owned());
        assert_eq!(reply.headers["content-type"], "application/json");
    }
    assert_eq!(seen.len(), 5);
    root.get("/api/v2/plans").await.fails(404, "not_found");
}

#[tokio::test]
async fn an_idempotency_key_is_good_for_one_request() {
    let (api, _running) = sandbox(|_| ()).await;
    let keyed = api.with("idempotency-key", "one");
    let body = json!({ "name": "F", "code": "f", "type": "boolean" });
    // A refusal does not use the key up.
    keyed.post("/features/manage", json!({})).await.fails(400, "validation_error");
    let first = keyed.post("/features/manage", body.clone()).await;
    let again = keyed.post("/features/manage", body.clone()).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_ne!(first.headers["x-request-id"], again.headers["x-request-id"]);
    assert_eq!(api.get("/features").await.data().as_array().unwrap().len(), 1);
    let other = json!({ "name": "G", "code": "g", "type": "boolean" });
    keyed.post("/features/manage", other).await.fails(409, "idempotency_key_mismatch");
    keyed.put("/features/f/manage", body.clone()).await.fails(409, "idempotency_key_mismatch");
    api.post("/features/manage", body).await.fails(409, "feature_already_exists");
    // DELETE has none: the second one fails, whatever it carries.
    keyed.delete("/features/f/manage").await.data();
    keyed.delete("/features/f/manage").await.fails(404, "feature_not_found");
}

#[tokio::test]
async fn a_key_whose_request_still_runs() {
    let (api, _running) = sandbox(|options| options.faults = Some("nth=1,kind=slow,delay_ms=700".into())).await;
    let keyed = api.with("idempotency-key", "slow");
    let body = json!({ "name": "F", "code": "f", "type": "boolean" });
    let slow = tokio::spawn({
        let (keyed, body) = (keyed.clone(), body.clone());
        async move { keyed.post("/features/manage", body).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    keyed.post("/features/manage", body.clone()).await.fails(409, "idempotency_in_progress");
    let slow = slow.await.unwrap();
    assert_eq!(slow.status, 201);
    assert_eq!(keyed.post("/features/manage", body).await.body, slow.body);
}

#[tokio::test]
async fn data_and_keys_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::with_data(folder.path());
    let api = process.client();
    let feature = api.feature("f", "usage").await;
    let plan = api.plan("p", json!({ "consumptionModel": "metered", "metadata": { "z": 1, "a": [1.5] } })).await;
    let price = api.price(&plan, "monthly", 4900).await;
    let overage = json!({ "featureId": feature, "overage": { "enabled": true, "unitPrice": 15 } });
    api.post(&format!("/plans/{plan}/features"), overage).await.data();
    api.put(&format!("/plans/{plan}/regional"), json!({ "currency": "brl", "exchangeRate": 5.4 })).await.data();
    api.feature("gone", "boolean").await;
    api.delete("/features/gone/manage").await.data();
    let keyed = json!({ "name": "g" });
    let group = api.with("idempotency-key", "k").post("/plan-groups", keyed.clone()).await;
    let before = api.get("/plans/p").await.data();
    process.kill();

    let process = Process::with_data(folder.path());
    let api = process.client();
    assert_eq!(api.get("/plans/p").await.data(), before);
    api.get("/features/gone").await.fails(404, "feature_not_found");
    let again = api.with("idempotency-key", "k").post("/plan-groups", keyed).await;
    assert_eq!((again.status, &again.body), (group.status, &group.body));
    let other = api.with("idempotency-key", "k").post("/plan-groups", json!({ "name": "h" })).await;
    other.fails(409, "idempotency_key_mismatch");
    // Indexes are back: names, references and derivation work as before.
    api.post("/plans/manage", json!({ "name": "p", "code": "q" })).await.fails(409, "duplicate");
    api.delete("/features/f/manage").await.fails(409, "feature_in_use");
    api.put(&format!("/plans/{plan}/prices/{price}"), json!({ "price": 10_000 })).await.data();
    assert_eq!(api.get("/plans/p").await.data()["prices"][0]["regionalPrices"][0]["price"], 54_000);

    let second = Command::new(PROGRAM).args(["sandbox", "--data", folder.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let complaint = String::from_utf8(second.stderr).unwrap();
    assert!(complaint.contains("is in use by another sandbox"), "{complaint}");
    assert_eq!(process.terminate(), Some(0));
    assert_eq!(Process::with_data(folder.path()).terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_outlives_a_kill_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::with_data(folder.path());
    let api = process.client();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let api = api.clone();
            tokio::spawn(async move {
                let mut answered = Vec::new();
                loop {
                    let code = format!("f_{writer}_{}", answered.len());
                    let body = json!({ "name": code, "code": code, "type": "boolean" }).to_string();
                    match api.with("idempotency-key", &code).send("POST", "/features/manage", body).await {
                        Ok(reply) if reply.status == 201 => answered.push((code, reply.body)),
                        _ => return answered,
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    process.kill();
    let process = Process::with_data(folder.path());
    let api = process.client();
    for writer in writers {
        let answered = writer.await.unwrap();
        assert!(!answered.is_empty());
        for (code, body) in answered {
            let again = json!({ "name": code, "code": code, "type": "boolean" });
            assert_eq!(api.get(&format!("/features/{code}")).await.body, body);
            assert_eq!(api.with("idempotency-key", &code).post("/features/manage", again).await.body, body);
        }
    }
}

#[tokio::test]
async fn a_sandbox_in_this_process_lets_go_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let (api, running) = sandbox(|options| options.data = Some(folder.path().to_owned())).await;
        let known = api.get("/features").await.data().as_array().unwrap().len();
        api.feature(&format!("f{known}"), "boolean").await;
        running.shutdown().await;
    }
    let (api, _running) = sandbox(|options| options.data = Some(folder.path().to_owned())).await;
    assert_eq!(api.get("/features").await.data().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_seed_fills_an_empty_sandbox_once() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    let text = "
- { path: /features/manage, body: { name: Calls, code: calls, type: usage }, as: calls }
- { path: /plans/manage, body: { name: Pro, code: pro, consumptionModel: metered }, as: pro }
- { path: '/plans/{pro.id}/prices', body: { billingInterval: monthly, price: 4900 } }
- { path: '/plans/{pro.id}/features', body: { featureId: '{calls.id}', includedAmount: 10 } }
- { method: PUT, path: '/features/{calls.code}/manage', body: { unitName: call } }
";
    std::fs::write(&seed, text).unwrap();
    let data = folder.path().join("data");
    for _ in 0..2 {
        let (api, running) = sandbox(|options| {
            options.seed = Some(seed.clone());
            options.data = Some(data.clone());
        })
        .await;
        let plan = api.get("/plans/pro").await.data();
        assert_eq!((&plan["prices"][0]["price"], &plan["features"][0]["unitName"]), (&json!(4900), &json!("call")));
        running.shutdown().await;
    }
    for (bad, expected) in [
        ("- { path: /features/manage, body: {} }", "step 1, POST /features/manage: answered 400"),
        ("- { path: '/plans/{pro.id}/prices', body: {} }", "`{pro.id}` is not known"),
        ("{", "cannot apply the seed"),
    ] {
        std::fs::write(&seed, bad).unwrap();
        let refused = Command::new(PROGRAM).args(["sandbox", "--seed", seed.to_str().unwrap()]).output().unwrap();
        let complaint = String::from_utf8(refused.stderr).unwrap();
        assert!(refused.status.code() == Some(1) && complaint.contains(expected), "{complaint}");
    }
}

#[test]
fn what_does_not_start() {
    for (arguments, code, expected) in [
        (vec!["--listen", "0.0.0.0:0"], 3, "loopback"),
        (vec!["--provider", "nobody"], 3, "there is no sandbox for the provider `nobody`"),
        (vec!["--faults", "kind=500"], 3, "either `rate` or `nth`"),
        (vec!["--listen", "here"], 3, "--listen"),
        (vec!["--access-log", "/nowhere/at/all"], 1, "access log"),
    ] {
        let refused = Command::new(PROGRAM).arg("sandbox").args(&arguments).output().unwrap();
        let complaint = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {complaint}");
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
        assert!(refused.stdout.is_empty());
    }
}

#[tokio::test]
async fn many_writers_at_once() {
    let (api, _running) = sandbox(|_| ()).await;
    let mut workers = Vec::new();
    for worker in 0..8 {
        let api = api.clone();
        workers.push(tokio::spawn(async move {
            for number in 0..125 {
                api.plan(&format!("plan_{worker}_{number}"), json!({})).await;
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let plans = api.get("/plans").await.data();
    let ids: std::collections::BTreeSet<_> = plans.as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids.len(), 1000);
    assert!(plans.as_array().unwrap().iter().all(|plan| plan["prices"] == Value::Array(Vec::new())));
}
