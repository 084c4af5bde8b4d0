//! Injected faults, and the access log that tells them.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, sandbox};

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn with(faults: &str) -> (Client, pricebook::sandbox::Running) {
    sandbox(|options| options.faults = Some(faults.into())).await
}

fn feature(code: &str) -> Vec<u8> {
    json!({ "name": code, "code": code, "type": "boolean" }).to_string().into_bytes()
}

#[tokio::test]
async fn refusals() {
    let (api, _running) = with("nth=1,kind=429,retry_after=3;nth=2,kind=429-bare;nth=3,kind=500;nth=4,kind=503").await;
    let limited = api.get("/plans").await;
    limited.fails(429, "rate_limited");
    assert_eq!(limited.headers["retry-after"], "3");
    let bare = api.get("/plans").await;
    bare.fails(429, "rate_limited");
    assert!(!bare.headers.contains_key("retry-after"));
    api.get("/plans").await.fails(500, "internal_error");
    // Without a key it is no API call, so it is neither counted nor hit.
    api.with("x-api-key", "").get("/plans").await.fails(401, "unauthorized");
    api.get("/plans").await.fails(503, "internal_error");
    assert_eq!(api.get("/plans").await.status, 200);
}

#[tokio::test]
async fn lost_is_done_and_reset_is_not() {
    let (api, _running) = with("nth=1,kind=lost,on=POST;nth=2,kind=reset,on=POST").await;
    assert!(api.send("POST", "/features/manage", feature("lost")).await.is_err());
    assert!(api.send("POST", "/features/manage", feature("reset")).await.is_err());
    let known = api.get("/features").await.data();
    let codes: Vec<_> = known.as_array().unwrap().iter().map(|feature| feature["code"].clone()).collect();
    assert_eq!(codes, ["lost"]);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_with_its_key() {
    let (api, _running) = with("nth=1,kind=lost").await;
    let keyed = api.with("idempotency-key", "k");
    assert!(keyed.send("POST", "/features/manage", feature("f")).await.is_err());
    let again = keyed.send("POST", "/features/manage", feature("f")).await.unwrap();
    assert_eq!((again.status, &again.body["data"]["code"]), (201, &json!("f")));
}

#[tokio::test]
async fn silence_and_slowness() {
    let (api, _running) =
        with("nth=1,kind=timeout,delay_ms=300;nth=2,kind=stall,delay_ms=300;nth=3,kind=slow,delay_ms=300").await;
    for code in ["timeout", "stall"] {
        let begin = Instant::now();
        assert!(api.send("POST", "/features/manage", feature(code)).await.is_err());
        assert!(begin.elapsed() >= Duration::from_millis(300));
    }
    let begin = Instant::now();
    let known = api.get("/features").await.data();
    assert!(begin.elapsed() >= Duration::from_millis(300));
    assert_eq!(known.as_array().unwrap().len(), 1);
    assert_eq!(known[0]["code"], "stall");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_silence() {
    let (api, running) = with("nth=1,kind=timeout").await;
    let waiting = tokio::spawn(async move { api.send("GET", "/plans", "").await.is_err() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begin = Instant::now();
    running.shutdown().await;
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn rules_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faults.yaml");
    std::fs::write(&file, "- { rate: 1, kinds: '500|502', path: /plans, seed: 7 }\n- { nth: 1, kind: 429 }\n").unwrap();
    let (api, _running) = with(file.to_str().unwrap()).await;
    assert!(matches!(api.get("/plans").await.status, 500 | 502));
    // The first call was counted by both rules.
    assert_eq!(api.get("/features").await.status, 200);
}

#[tokio::test]
async fn the_access_log_tells_everything() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.log");
    let (api, _running) = sandbox(|options| {
        options.access_log = Some(log.clone());
        options.faults = Some("nth=3,kind=lost;nth=4,kind=500".into());
    })
    .await;
    let keyed = api.with("idempotency-key", "k1");
    let first = keyed.send("POST", "/features/manage", feature("f")).await.unwrap();
    keyed.send("POST", "/features/manage", feature("f")).await.unwrap();
    assert!(api.with("commet-version", "2026-07-31").send("GET", "/plans?includePrivate=true", "").await.is_err());
    api.get("/plans").await.fails(500, "internal_error");
    api.with("x-api-key", "").get("/plans").await.fails(401, "unauthorized");
    let lines = lines(&log);
    let line = |n: usize| {
        let mut line = lines[n].clone();
        assert!(line["request_id"].as_str().unwrap().starts_with("req_"));
        line.as_object_mut().unwrap().remove("request_id");
        line
    };
    let expected =
        |method: &str, path: &str, status: Value, key: Value, version: &str, fault: Value, replayed: bool| {
            json!({
                "method": method, "path": path, "status": status, "idempotency_key": key, "version": version,
                "fault": fault, "replayed": replayed,
            })
        };
    let (old, new) = ("2026-07-11", "2026-07-31");
    let create = "/api/v1/features/manage";
    assert_eq!(line(0), expected("POST", create, json!(201), json!("k1"), old, Value::Null, false));
    assert_eq!(lines[0]["request_id"], first.headers["x-request-id"].to_str().unwrap());
    assert_eq!(line(1), expected("POST", create, json!(201), json!("k1"), old, Value::Null, true));
    let list = "/api/v1/plans?includePrivate=true";
    assert_eq!(line(2), expected("GET", list, Value::Null, Value::Null, new, json!("lost"), false));
    assert_eq!(line(3), expected("GET", "/api/v1/plans", json!(500), Value::Null, old, json!("500"), false));
    assert_eq!(line(4), expected("GET", "/api/v1/plans", json!(401), Value::Null, old, Value::Null, false));
    assert_eq!(lines.len(), 5);
}
