//! An API that limits the rate: everything slows down together, says so once, goes on, and gives up in words.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::workspace::{Folder, Raw, ended, ok, refused};

/// Features that can all be made at the same time.
fn features(count: usize) -> String {
    let lines: String = (0..count).map(|n| format!("  f{n:02}: {{ name: F{n}, type: boolean }}\n")).collect();
    format!("provider: commet\nfeatures:\n{lines}")
}

/// An API that holds nothing; what a POST is answered, the test says. It is told which one it is.
fn api(answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Raw {
    let posts = AtomicUsize::new(0);
    Raw::start(move |line, _| match line.split([' ', '?']).next() {
        Some("GET") => ok(&json!([])),
        _ => answer(posts.fetch_add(1, Ordering::SeqCst)),
    })
}

fn made() -> Vec<u8> {
    ok(&json!({ "id": "feat_1" }))
}

fn posts(api: &Raw) -> Vec<String> {
    api.seen().into_iter().filter(|request| request.starts_with("POST")).collect()
}

#[test]
fn one_429_slows_all_calls_down_and_is_said_once() {
    // The first four are on their way together, and each of them is told.
    let together = std::sync::Barrier::new(4);
    let (running, most) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    let gauge = std::sync::Arc::new(most);
    let seen = std::sync::Arc::clone(&gauge);
    let api = api(move |n| {
        if n < 4 {
            together.wait();
            return refused(429, "rate_limited", "retry-after: 1\r\n");
        }
        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
        seen.lock().unwrap().push(now);
        std::thread::sleep(Duration::from_millis(20));
        running.fetch_sub(1, Ordering::SeqCst);
        made()
    });
    let folder = Folder::new(&api.url, &features(12));
    let ended = folder.run(&["apply", "--yes", "-v"]).exits(0);
    let waits: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("waiting")).collect();
    assert_eq!(waits.len(), 1, "{}", ended.stderr);
    insta::assert_snapshot!(waits[0], @"waiting 1.0 s, because the API limits the rate: POST /features/manage: the API answered 429 rate_limited: so it is; from then on 2 requests at a time");
    let gauge = gauge.lock().unwrap();
    assert_eq!(gauge.len(), 12);
    // Half of four from then on; it widens by one with every round.
    assert!(gauge[..3].iter().all(|now| *now <= 2), "{gauge:?}");
    assert!(gauge.iter().all(|now| *now <= 4), "{gauge:?}");
    // Each call was sent until it succeeded, with one key.
    let keys: Vec<String> = posts(&api)
        .iter()
        .filter_map(|request| request.lines().find_map(|line| line.strip_prefix("idempotency-key: ")))
        .map(str::to_owned)
        .collect();
    assert_eq!((keys.len(), keys.iter().collect::<BTreeSet<_>>().len()), (16, 12));
}

#[test]
fn without_v_the_wait_is_said_and_the_pace_is_not() {
    let api = api(|n| if n == 0 { refused(429, "rate_limited", "") } else { made() });
    let ended = Folder::new(&api.url, &features(1)).run(&["apply", "--yes"]).exits(0);
    insta::assert_snapshot!(ended.stderr, @r"
    waiting 0.0 s, because the API limits the rate: POST /features/manage: the API answered 429 rate_limited: so it is
    [1/1] Create feature F0
    ");
}

#[test]
fn with_v_the_end_says_how_long_the_api_was_waited_for() {
    let api = api(|n| match n {
        0 => refused(429, "rate_limited", "retry-after: 1\r\n"),
        1 => refused(503, "any", ""),
        _ => made(),
    });
    let ended = Folder::new(&api.url, &features(2)).run(&["apply", "--yes", "-v", "--parallel", "1"]).exits(0);
    let line = |begin: &str| ended.stderr.lines().find(|line| line.starts_with(begin)).unwrap().to_owned();
    assert!(line("note: 2 calls in ").ends_with(", 1.0 s of waiting for the API"), "{}", ended.stderr);
    let time = line("time: ");
    assert!(time.contains("; 1 times 429, 1.0 s held back for it; 1 sent again, 1.0 s of waiting in all"), "{time}");
}

#[test]
fn a_limit_that_never_ends_is_given_up_in_words() {
    let api = api(|_| refused(429, "rate_limited", ""));
    let folder = Folder::new(&api.url, &features(3));
    folder.project(&api.url, ", timeouts: { retry_budget: 1 }");
    let ended = folder.run(&["apply", "--yes", "--parallel", "1"]).exits(6);
    let failed: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with("failed")).collect();
    insta::assert_snapshot!(failed.join("\n"), @r"
    failed features.f00 · POST /features/manage: the API answered 429 rate_limited: so it is; given up, because retries may take 1 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)
    failed features.f01 · POST /features/manage: not sent, because the API went on limiting the rate and retries may take 1 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)
    failed features.f02 · POST /features/manage: not sent, because the API went on limiting the rate and retries may take 1 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)
    ");
    // The time is one for all: the second call was not tried for another second, it was not sent at all.
    let names: BTreeSet<String> =
        posts(&api).iter().filter_map(|post| post.lines().last().map(str::to_owned)).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_wait_that_is_longer_than_there_is_time_for_is_not_begun() {
    let api = api(|_| refused(429, "rate_limited", "retry-after: 3600\r\n"));
    let ended = Folder::new(&api.url, &features(6)).run(&["apply", "--yes", "--parallel", "1"]).exits(6);
    let failed: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with("failed")).collect();
    insta::assert_snapshot!(failed[..2].join("\n"), @r"
    failed features.f00 · POST /features/manage: the API answered 429 rate_limited: so it is; it asks to wait 3600 s, and retries may take 120 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)
    failed features.f01 · POST /features/manage: not sent, because the API went on limiting the rate and retries may take 120 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)
    ");
    assert_eq!((failed.len(), posts(&api).len()), (6, 1));
    assert!(!ended.stderr.contains("waiting"), "{}", ended.stderr);
}

#[test]
fn reads_and_calls_share_the_pace() {
    // The reads are told; what was learned from them holds for the calls.
    let (limited, posts) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let api = Raw::start(move |line, _| {
        if line.starts_with("GET /features") && limited.fetch_add(1, Ordering::SeqCst) == 0 {
            return refused(429, "rate_limited", "");
        }
        if line.starts_with("GET") {
            return ok(&json!([]));
        }
        if posts.fetch_add(1, Ordering::SeqCst) == 0 { refused(429, "rate_limited", "") } else { made() }
    });
    let ended = Folder::new(&api.url, &features(2)).run(&["apply", "--yes", "-v"]).exits(0);
    let waits: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("waiting")).collect();
    assert_eq!(waits.len(), 2, "{}", ended.stderr);
    assert!(waits.iter().all(|line| line.contains("because the API limits the rate")), "{waits:?}");
}

#[test]
fn a_date_to_come_is_waited_for() {
    let api = api(|n| {
        let at = SystemTime::now() + Duration::from_secs(2);
        let header = format!("retry-after: {}\r\n", httpdate::fmt_http_date(at));
        if n == 0 { refused(503, "any", &header) } else { made() }
    });
    let ended = Folder::new(&api.url, &features(1)).run(&["apply", "--yes"]).exits(0);
    assert_eq!(posts(&api).len(), 2);
    assert!(ended.stderr.contains("waiting ") && !ended.stderr.contains("waiting 0.0 s"), "{}", ended.stderr);
}

/// A port that is taken and that nobody listens at yet.
fn closed_port(runtime: &tokio::runtime::Runtime) -> (tokio::net::TcpSocket, SocketAddr) {
    let _inside = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let at = socket.local_addr().unwrap();
    (socket, at)
}

#[test]
fn a_server_that_comes_up_late_is_found() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (socket, at) = closed_port(&runtime);
    let folder = Folder::new(&format!("http://{at}/api/v1"), &features(1));
    let mut child = folder.spawn(&["plan"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("waiting 0.0 s: GET /") && first.contains("no answer: cannot connect"), "{first}");
    let listener = {
        let _inside = runtime.enter();
        socket.listen(64).unwrap().into_std().unwrap()
    };
    listener.set_nonblocking(false).unwrap();
    let _serving = Raw::at(listener, |_, _| ok(&json!([])));
    // Read on, so that the program is never left alone with a full pipe.
    lines.for_each(drop);
    ended(child).exits(0);
}

#[test]
fn a_server_that_does_not_take_connections_is_given_up() {
    // Connections that nobody accepts fill the queue; the next one is never answered.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (socket, at) = closed_port(&runtime);
    let _listener = {
        let _inside = runtime.enter();
        socket.listen(1).unwrap()
    };
    let mut filling = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&at, Duration::from_millis(300)) {
        filling.push(stream);
        assert!(filling.len() < 100);
    }
    let url = format!("http://{at}/api/v1");
    let folder = Folder::new(&url, &features(1));
    folder.project(&url, ", timeouts: { connect: 1, retry_budget: 0 }");
    folder.run(&["plan"]).exits(1).complains("cannot connect (timed out)").complains("retry_budget");
}
