//! Paths, slashes, methods, connections (bxb-api.md §1).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::sandbox;
use crate::support::Process;

#[tokio::test]
async fn the_root_and_the_documents_need_no_credentials() {
    let (api, _running) = sandbox().await;
    let anyone = api.with("authorization", "nonsense");
    let root = api.base.strip_suffix("/v1").unwrap().to_owned();
    let answer = anyone.get(&format!("{root}/")).await;
    let expected = r#"{"app":"BoxBilling","version":"0.7.0","domain":"example.com","status":"running"}"#;
    assert_eq!((answer.status, answer.text.as_str()), (200, expected));
    for path in ["/openapi.json", "/docs"] {
        assert_eq!(anyone.get(&format!("{root}{path}")).await.status, 200);
    }
    for path in ["/nothing", "/v1/nothing", "/v2/plans/", "/v1"] {
        anyone.get(&format!("{root}{path}")).await.says(404, "Not Found");
    }
}

#[tokio::test]
async fn slashes_are_significant() {
    let (api, _running) = sandbox().await;
    let anyone = api.with("authorization", "nonsense");
    for (method, path, location) in [
        ("GET", "/plans", "/plans/"),
        ("POST", "/plans", "/plans/"),
        ("GET", "/plans?limit=5&order_by=code%3Aasc", "/plans/?limit=5&order_by=code%3Aasc"),
        ("GET", "/plans/some/", "/plans/some"),
        ("GET", "/plans/pro/commitments/", "/plans/pro/commitments"),
        ("GET", "/billable_metrics/m/filters/", "/billable_metrics/m/filters"),
        // Even with a method that is not there.
        ("PATCH", "/plans", "/plans/"),
    ] {
        let answer = anyone.call(method, path, json!(null)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""), "{method} {path}");
        assert_eq!(answer.headers["location"], format!("{}{location}", api.base).as_str());
    }
}

#[tokio::test]
async fn methods_that_are_not_there() {
    let (api, _running) = sandbox().await;
    for (method, path, allow) in [
        ("PATCH", "/plans/00000000-0000-0000-0000-000000000000", "GET"),
        ("PUT", "/plans/", "GET"),
        ("PUT", "/features/x", "GET"),
        ("GET", "/commitments/x", "PUT"),
        ("GET", "/usage_thresholds/x", "DELETE"),
        ("GET", "/entitlements/x", "PATCH"),
        ("PUT", "/entitlements/x", "PATCH"),
    ] {
        let answer = api.with("authorization", "nonsense").call(method, path, json!(null)).await;
        answer.says(405, "Method Not Allowed");
        assert_eq!(answer.headers["allow"], allow, "{method} {path}");
    }
    let head = api.call("HEAD", "/plans/", json!(null)).await;
    assert_eq!((head.status, head.text.as_str()), (405, ""));
    for path in ["/plans/", "/plans", "/nothing"] {
        let options = api.with("authorization", "nonsense").call("OPTIONS", path, json!(null)).await;
        assert_eq!((options.status, &options.headers["access-control-allow-origin"]), (200, &"*".parse().unwrap()));
    }
}

#[tokio::test]
async fn bodies_and_their_type() {
    let (api, _running) = sandbox().await;
    let body = json!({ "code": "f", "name": "f", "feature_type": "boolean" }).to_string();
    let refused = api.with("content-type", "text/plain").send("POST", "/features/", body.clone()).await.unwrap();
    refused.invalid(&["model_attributes_type body"]);
    assert_eq!(refused.json()["detail"][0]["input"], body);
    assert_eq!(api.send("POST", "/features/", body.clone()).await.unwrap().status, 201);
    let typed = api.with("content-type", "application/json; charset=utf-8");
    typed.send("POST", "/features/", body).await.unwrap().says(409, "Feature with this code already exists");
    api.send("POST", "/features/", "").await.unwrap().invalid(&["missing body"]);
    assert!(!api.get("/features/").await.headers.contains_key("x-request-id"));
}

/// Reads one answer: its head and a body of the length that the head says.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    loop {
        let whole = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = whole.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse::<usize>().unwrap() {
                return whole;
            }
        }
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{whole}");
        text.push(byte[0]);
    }
}

fn connect(base: &str) -> TcpStream {
    let stream = TcpStream::connect(base.trim_start_matches("http://").trim_end_matches("/v1")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// How long it takes until the server's side is closed.
fn until_closed(stream: &mut TcpStream) -> Duration {
    let start = Instant::now();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "the end of the stream");
    start.elapsed()
}

#[test]
fn after_a_500_the_connection_ends_without_a_word() {
    let process = Process::start(&["--provider", "bxb"]);
    let mut stream = connect(&process.base);
    for _ in 0..2 {
        stream.write_all(b"GET /v1/plans/ HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200"));
    }
    stream.write_all(b"GET /v1/plans/?order_by=metadata HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let answer = read_answer(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 500") && answer.ends_with("\r\n\r\nInternal Server Error"), "{answer}");
    assert!(!answer.to_lowercase().contains("connection:"), "{answer}");
    assert!(until_closed(&mut stream) < Duration::from_secs(2));
    assert_eq!(process.terminate(), Some(0));
}

#[test]
fn an_idle_connection_ends_after_five_seconds() {
    let process = Process::start(&["--provider", "bxb"]);
    let mut stream = connect(&process.base);
    stream.write_all(b"GET /v1/plans/ HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    read_answer(&mut stream);
    let waited = until_closed(&mut stream);
    assert!((Duration::from_millis(4500)..Duration::from_secs(9)).contains(&waited), "{waited:?}");
}
