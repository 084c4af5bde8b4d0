//! The shell around it: data folder, seeds, faults, the access log, hostile bodies.

use serde_json::{Value, json};

use super::client::{Api, all, charge, id, sandbox, sandbox_with};
use crate::support::Process;

#[tokio::test]
async fn data_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let process = Process::start(&["--provider", "bxb", "--data", data]);
    let api = Api::new(&process.base);
    let metric = api.metric("m").await;
    let plan = api.plan("p", json!([charge(&metric, "standard", json!({ "z": 1e300, "a": "1.10" }))])).await;
    let path = format!("/plans/{}", id(&plan));
    api.put(&path, json!({ "charges": [charge(&metric, "volume", json!({ "b": null }))] })).await.ok();
    api.tax("gone", "0.1").await;
    api.delete("/taxes/gone").await.gone();
    let keyed = api.with("idempotency-key", "k");
    let feature = json!({ "code": "f", "name": "f", "feature_type": "boolean" });
    let first = keyed.post("/features/", feature.clone()).await;
    let key = api.post("/organizations/current/api_keys", json!({})).await.created();
    let before = api.get(&path).await;
    process.kill();

    let process = Process::start(&["--provider", "bxb", "--data", data]);
    let api = Api::new(&process.base);
    assert_eq!(api.get(&path).await.text, before.text);
    assert_eq!(api.get("/taxes/").await.ok(), json!([]));
    assert_eq!(api.with("idempotency-key", "k").post("/features/", feature).await.text, first.text);
    api.delete(&format!("/billable_metrics/{metric}")).await.crashes();
    let keyed = api.with("authorization", &format!("Bearer {}", key["raw_key"].as_str().unwrap()));
    assert_eq!(keyed.get("/organizations/current").await.ok()["slug"], "sandbox");
    assert_eq!(process.terminate(), Some(0));
}

#[tokio::test]
async fn seeds_faults_and_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (seed, log) = (folder.path().join("seed.yaml"), folder.path().join("log"));
    let text = "
- { path: /billable_metrics/, body: { code: m, name: M, aggregation_type: count }, as: m }
- { path: /plans/, body: { code: p, name: P, interval: weekly, charges: [{ billable_metric_id: '{m.id}', charge_model: dynamic }] }, as: p }
- { method: PUT, path: '/plans/{p.id}', body: { name: Q } }
";
    std::fs::write(&seed, text).unwrap();
    let (api, running) = sandbox_with(|options| {
        options.seed = Some(seed);
        options.access_log = Some(log.clone());
        options.faults = Some("nth=2,kind=lost,on=POST;nth=3,kind=500,on=POST;nth=4,kind=429,on=POST".into());
    })
    .await;
    assert_eq!(api.get("/plans/").await.ok()[0]["name"], "Q", "in the organization of every key");
    let post = |code: &str| json!({ "code": code, "name": "n", "rate": 0 }).to_string();
    assert_eq!(api.send("POST", "/taxes/", post("a")).await.unwrap().status, 201);
    assert!(api.send("POST", "/taxes/", post("b")).await.is_err());
    api.send("POST", "/taxes/", post("c")).await.unwrap().crashes();
    let limited = api.send("POST", "/taxes/", post("d")).await.unwrap();
    assert_eq!((limited.status, &limited.headers["retry-after"]), (429, &"1".parse().unwrap()));
    assert_eq!(all(&api.get("/taxes/?order_by=code").await.ok(), "code"), ["a", "b"]);
    let keyed = api.with("idempotency-key", "k");
    for _ in 0..2 {
        keyed.post("/features/", json!({ "code": "f", "name": "n", "feature_type": "custom" })).await.created();
    }
    running.shutdown().await;
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (lost, replayed) = (&lines[2], lines.last().unwrap());
    assert_eq!((&lost["path"], &lost["status"], &lost["fault"]), (&json!("/v1/taxes/"), &json!(null), &json!("lost")));
    assert_eq!((&replayed["idempotency_key"], &replayed["replayed"]), (&json!("k"), &json!(true)));
}

#[tokio::test]
async fn hostile_requests_never_break_it() {
    let (api, _running) = sandbox().await;
    let metric = api.metric("m").await;
    let deep = "[".repeat(100_000);
    let nested = format!("{}{}", r#"{"a":"#.repeat(400), "}".repeat(400));
    let bodies = [
        "null",
        "[]",
        "\"x\"",
        "1e999",
        "{\"code\":1e999}",
        "{\"code\":\"\\ud800\"}",
        &deep,
        &nested,
        "{\"a\":",
        "\u{0}",
        "{\"code\":\"c\",\"name\":\"n\",\"rate\":1e-99999999999,\"amount_cents\":\"1e99999999999999999999\"}",
        "{\"code\":\"d\",\"name\":\"n\",\"rate\":\"٣\",\"amount_cents\":NaN}",
        "{\"units\":1e308}",
        "{\"units\":\"nan\"}",
    ];
    let plan = id(&api.plan("p", json!([charge(&metric, "standard", json!({ "amount": "1e30" }))])).await);
    let paths = [
        ("POST", "/plans/".to_owned()),
        ("PUT", format!("/plans/{plan}")),
        ("POST", format!("/plans/{plan}/simulate")),
        ("POST", "/taxes/".into()),
        ("POST", "/add_ons/".into()),
        ("POST", "/plans/p/commitments".into()),
        ("POST", "/billable_metrics/m/filters".into()),
        ("PATCH", "/features/%ff%zz%".into()),
        ("POST", "/organizations/".into()),
    ];
    for (method, path) in &paths {
        for body in bodies {
            let answer = api.send(method, path, body).await.unwrap();
            assert!(answer.status < 600 && answer.status != 0, "{method} {path} {body}");
        }
        assert!(api.send(method, path, vec![0xff, 0xfe]).await.unwrap().status >= 400);
    }
    let body = json!({ "code": "x", "name": "n", "interval": "weekly", "charges": deep.get(..400) });
    assert_eq!(api.post("/plans/", body).await.status, 422);
    assert_eq!(api.get("/plans/").await.ok().as_array().unwrap().len(), 1);
}
