//! How requests are sent, sent again, and given up.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::workspace::{Ended, Folder, KEY, Raw, World, ended, http, ok, refused};

const ONE: &str = "provider: commet\nfeatures:\n  sso: { name: SSO, type: boolean }\n";
const GROUP: &str = "provider: commet\ngroups:\n  main: { name: Main }\n";

/// An API that holds nothing, but for the requests whose line begins with `what`: there, the test answers.
fn api(what: &'static str, answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Raw {
    let hits = std::sync::atomic::AtomicUsize::new(0);
    Raw::start(move |line, _| {
        if line.starts_with(what) {
            return answer(hits.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        }
        match line.split([' ', '?']).next() {
            Some("GET") => ok(&json!([])),
            _ => ok(&json!({ "id": "feat_1" })),
        }
    })
}

fn apply(api: &Raw, catalog: &str) -> Ended {
    Folder::new(&api.url, catalog).run(&["apply", "--yes"])
}

fn plan(api: &Raw) -> Ended {
    Folder::new(&api.url, ONE).run(&["plan"])
}

/// Idempotency keys of the requests of one kind, in order.
fn keys(api: &Raw, what: &str) -> Vec<String> {
    api.seen()
        .iter()
        .filter(|request| request.starts_with(what))
        .filter_map(|request| request.lines().find_map(|line| line.strip_prefix("idempotency-key: ")))
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_may_succeed_later_is_sent_again_with_the_same_key() {
    for status in [408, 429, 500, 502, 503, 504] {
        let api = api("POST /features", move |n| match n {
            0 | 1 => refused(status, "any", ""),
            _ => ok(&json!({ "id": "feat_1" })),
        });
        let why = if status == 429 { ", because the API limits the rate" } else { "" };
        apply(&api, ONE)
            .exits(0)
            .complains(&format!("waiting 0.0 s{why}: POST /features/manage: the API answered {status} any"));
        let keys = keys(&api, "POST");
        assert_eq!(keys.len(), 3, "{status}");
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 1, "{status}");
        assert!(keys[0].starts_with("pricebook-"), "{keys:?}");
    }
}

#[test]
fn a_dropped_connection_is_tried_again() {
    let api = api("POST /features", |n| if n == 0 { Vec::new() } else { ok(&json!({ "id": "feat_1" })) });
    apply(&api, ONE).exits(0).complains("waiting 0.0 s: POST /features/manage: no answer:");
    assert_eq!(keys(&api, "POST").iter().collect::<BTreeSet<_>>().len(), 1);
    // Cut in the middle of the answer.
    let api = self::api("GET /features", |n| {
        let whole = ok(&json!([]));
        if n == 0 { whole[..whole.len() - 4].to_vec() } else { whole }
    });
    plan(&api).exits(0).complains("no answer:");
}

#[test]
fn refusals_for_good_are_not_repeated() {
    for (status, code) in
        [(400, "validation_error"), (404, "plan_not_found"), (409, "duplicate"), (422, "validation_error")]
    {
        let api = api("POST /features", move |_| refused(status, code, "x-request-id: req_7\r\n"));
        let ended = apply(&api, ONE).exits(6);
        assert!(
            ended.stdout.contains(&format!("the API answered {status} {code}: so it is [request req_7]")),
            "{ended:?}"
        );
        assert_eq!(keys(&api, "POST").len(), 1);
    }
    let api = api("POST /features", |n| match n {
        0 => refused(409, "idempotency_in_progress", ""),
        _ => ok(&json!({ "id": "feat_1" })),
    });
    apply(&api, ONE).exits(0);
    assert_eq!(keys(&api, "POST").len(), 2);
}

#[test]
fn the_server_says_how_long_to_wait() {
    let api =
        api(
            "GET /features",
            |n| if n == 0 { refused(429, "rate_limited", "retry-after: 1\r\n") } else { ok(&json!([])) },
        );
    plan(&api)
        .exits(0)
        .complains("waiting 1.0 s, because the API limits the rate: GET /features: the API answered 429 rate_limited");
    // A date that has passed means now.
    let date = "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    let api = self::api("GET /features", move |n| if n == 0 { refused(503, "any", date) } else { ok(&json!([])) });
    plan(&api).exits(0).complains("waiting 0.0 s: GET /features: the API answered 503 any");
    // Longer than there is time for: an answer now, with the reason.
    for long in ["3600", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let api =
            self::api("GET /features", move |_| refused(429, "rate_limited", &format!("retry-after: {long}\r\n")));
        plan(&api).exits(1).complains("429 rate_limited").complains("and retries may take 120 s");
    }
}

#[test]
fn retries_end() {
    let api = api("GET /features", |_| refused(500, "any", ""));
    let folder = Folder::new(&api.url, ONE);
    folder.project(&api.url, ", timeouts: { retry_budget: 1 }");
    let ended = folder.run(&["plan"]).exits(1).complains("the API answered 500 any").complains(
        "given up, because retries may take 1 s (`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml)",
    );
    assert!(ended.stderr.contains("attempts)"), "{}", ended.stderr);
    assert!(ended.stderr.contains("waiting 0.0 s: GET /features"), "{}", ended.stderr);
    folder.project(&api.url, ", timeouts: { retry_budget: 0 }");
    assert!(!folder.run(&["plan"]).exits(1).stderr.contains("waiting"));
}

#[test]
fn a_silent_server_is_given_up() {
    let api = api("GET /features", |n| {
        if n == 0 {
            std::thread::sleep(std::time::Duration::from_secs(3));
        }
        ok(&json!([]))
    });
    let folder = Folder::new(&api.url, ONE);
    folder.project(&api.url, ", timeouts: { request: 1 }");
    folder.run(&["plan"]).exits(0).complains("GET /features: no answer: the request timed out");
}

#[test]
fn quiet_waits_in_silence() {
    let api = api("POST /features", |n| if n == 0 { refused(500, "any", "") } else { ok(&json!({ "id": "feat_1" })) });
    let ended = Folder::new(&api.url, ONE).run(&["apply", "--yes", "-q"]).exits(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_deletion_whose_answer_was_lost_has_happened() {
    let world = World::faulty(
        "provider: commet\nfeatures:\n  a: { name: A, type: boolean }\n  b: { name: B, type: boolean }\n",
        "nth=1,kind=lost,on=DELETE",
    );
    world.run(&["apply", "--yes"]).exits(0);
    world.catalog("provider: commet\nfeatures:\n  b: { name: B, type: boolean }\n");
    world.run(&["apply", "--yes"]).exits(0);
    let deletes: Vec<Value> = world.log().into_iter().filter(|line| line["method"] == "DELETE").collect();
    let status: Vec<_> = deletes.iter().map(|line| line["status"].as_u64()).collect();
    assert_eq!(status, [None, Some(404)]);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_redirect_gets_neither_key_nor_body() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Raw::start(|_, _| ok(&json!([])));
        let to = elsewhere.url.clone();
        let target = to.clone();
        let api = api("GET /features", move |_| http(status, &format!("location: {to}/features\r\n"), ""));
        plan(&api).exits(1).complains("redirects to").complains(&target);
        assert!(elsewhere.seen().is_empty(), "{status}: {:?}", elsewhere.seen());
        let to = target.clone();
        let api = self::api("POST", move |_| http(status, &format!("location: {to}/features/manage\r\n"), ""));
        apply(&api, ONE).exits(6).says("redirects to");
        assert!(elsewhere.seen().is_empty(), "{status}: {:?}", elsewhere.seen());
    }
}

#[test]
fn a_key_that_is_not_accepted() {
    for (status, code) in [(401, "unauthorized"), (403, "forbidden")] {
        let api = api("GET /features", move |_| refused(status, code, ""));
        plan(&api).exits(8).complains("does not accept the key").complains("help: check the key");
        assert_eq!(api.seen().iter().filter(|request| request.starts_with("GET /api/v1/features")).count(), 1);
        let api = self::api("POST", move |_| refused(status, code, ""));
        let ended = apply(&api, ONE).exits(8);
        assert!(ended.stdout.contains("does not accept the key"), "{ended:?}");
    }
    // 403 from a wall in between is not about the key.
    let api = api("GET /features", |_| http(403, "", "<html><title>Blocked</title></html>"));
    plan(&api).exits(1).complains("the API answered 403: a page for people, not the API's JSON: Blocked");
}

#[test]
fn a_key_that_is_missing_or_of_another_kind() {
    let api = api("GET /nothing", |_| Vec::new());
    let folder = Folder::new(&api.url, ONE);
    for missing in ["", "  "] {
        let ended = ended(
            folder
                .command(&["plan"])
                .env("PB_KEY", missing)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap(),
        );
        ended.exits(8).complains("PB_KEY");
    }
    let other = ended(
        folder
            .command(&["plan"])
            .env("PB_KEY", "sk_live_0123456789")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let other = other.exits(8).complains("begins with `ck_`");
    assert!(!other.stderr.contains("0123456789"));
    assert!(api.seen().is_empty());
}

#[test]
fn answers_that_are_no_answers() {
    type Case = (&'static str, Vec<u8>, &'static str);
    let cases: [Case; 8] = [
        ("empty", http(200, "", ""), "it is empty"),
        ("a page", http(200, "content-type: text/html\r\n", "<!doctype html><p>Hello"), "a page for people"),
        ("not JSON", http(200, "", "hello"), "expected value"),
        ("half of it", http(200, "", r#"{"success":true,"data":["#), "EOF"),
        ("another shape", http(200, "", r#"{"success":true,"data":{"id":1}}"#), "invalid type"),
        ("no data", http(200, "", r#"{"success":true}"#), "missing field `data`"),
        ("too much", b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n[".to_vec(), "longer than 512 MB"),
        ("invalid UTF-8", b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[\"\xff\xfe\"]}".to_vec(), "invalid"),
    ];
    for (name, answer, words) in cases {
        let api = api("GET /features", move |_| answer.clone());
        let ended = plan(&api).exits(1);
        assert!(ended.stderr.contains("the answer is not what the API documents"), "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{name}: {}", ended.stderr);
        assert!(ended.stderr.len() < 1000, "{name}: {}", ended.stderr);
    }
    let long = "x".repeat(1_000_000);
    for body in [String::new(), format!("<html><body>{long}"), long.clone(), "\u{1b}[31mred\r\n\0".into()] {
        let answer = http(400, "", &body);
        let api = api("GET /features", move |_| answer.clone());
        let ended = plan(&api).exits(1).complains("the API answered 400: ");
        assert!(ended.stderr.len() < 600 && !ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    }
    // A write that worked, and an answer without the id that the next call needs.
    for body in ["", "[]", "{\"data\":{}}", "<html>"] {
        let answer = http(201, "", body);
        let api = api("POST /features", move |_| answer.clone());
        let catalog = "provider: commet\nfeatures:\n  sso: { name: SSO, type: boolean }\nplans:\n  pro: { name: Pro, free: true, features: { sso: true } }\n";
        let ended = apply(&api, catalog).exits(6);
        assert!(ended.stdout.contains("does not tell the id of features.sso"), "{ended:?}");
        assert!(ended.stdout.contains("not tried plans.pro.features.sso"), "{ended:?}");
    }
}

#[test]
fn what_is_new_in_an_answer_does_no_harm() {
    let api = api("GET /features", |_| {
        ok(
            &json!([{ "id": "f1", "name": "SSO", "code": "sso", "type": "boolean", "object": "feature", "livemode": false,
            "brandNew": { "deep": [1, 2] }, "description": null, "unitName": null }]),
        )
    });
    plan(&api).exits(0).says("1 to adopt");
}

#[test]
fn a_list_without_children_is_completed_by_single_reads() {
    let plan_entry =
        json!({ "id": "plan_1", "name": "Pro", "code": "pro", "isPublic": true, "isFree": true, "sortOrder": 0 });
    let mut whole = plan_entry.clone();
    whole["features"] = json!([{ "code": "sso", "enabled": true }]);
    whole["prices"] = json!([]);
    let api = Raw::start(move |line, _| match line {
        "GET /features" => ok(&json!([{ "id": "f1", "name": "SSO", "code": "sso", "type": "boolean" }])),
        "GET /plans/plan_1" => ok(&whole),
        line if line.starts_with("GET /plans?") => ok(&json!([plan_entry])),
        _ => ok(&json!([])),
    });
    let catalog = "provider: commet\nfeatures:\n  sso: { name: SSO, type: boolean }\nplans:\n  pro: { name: Pro, free: true, features: { sso: true } }\n";
    let folder = Folder::new(&api.url, catalog);
    folder.run(&["plan", "--detailed-exitcode"]).exits(0).says("2 to adopt");
}

#[test]
fn pages_that_lead_nowhere() {
    let page = |more: &str| {
        http(
            200,
            "",
            &format!(r#"{{"success":true,"data":[{{"id":"grp","name":"N","isPublic":false}}],"hasMore":true{more}}}"#),
        )
    };
    let looping = page(r#","nextCursor":"again""#);
    let api = api("GET /plan-groups", move |_| looping.clone());
    Folder::new(&api.url, GROUP).run(&["plan"]).exits(1).complains("the cursor again leads to");
    let without = page("");
    let api = self::api("GET /plan-groups", move |_| without.clone());
    Folder::new(&api.url, GROUP).run(&["plan"]).exits(1).complains("there is more, but no cursor to it");
    // Two cursors that lead to one another.
    let api = self::api("GET /plan-groups", move |n| {
        let cursor = if n % 2 == 0 { "odd" } else { "even" };
        http(200, "", &format!(r#"{{"success":true,"data":[],"hasMore":true,"nextCursor":"{cursor}"}}"#))
    });
    Folder::new(&api.url, GROUP).run(&["plan"]).exits(1).complains("leads to");
}

#[test]
fn nobody_is_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}/api/v1");
    let folder = Folder::new(&url, ONE);
    folder.project(&url, ", timeouts: { retry_budget: 0 }");
    folder.run(&["plan"]).exits(1).complains("cannot connect").complains("help: check the URL");
}

#[test]
fn the_embedded_server_needs_no_certificates_and_everybody_else_does() {
    let world = World::new(ONE);
    let none = world.path("none.pem");
    std::fs::write(&none, "").unwrap();
    let without = |folder: &Folder, arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", &none);
        Ended::of(command.output().unwrap())
    };
    without(&world, &["apply", "--yes"]).exits(0);
    without(&world, &["plan", "--detailed-exitcode"]).exits(0);
    // Other systems do not keep them in files.
    if cfg!(target_os = "linux") {
        let elsewhere = Folder::new("https://127.0.0.1:1/api/v1", ONE);
        without(&elsewhere, &["plan"]).exits(1).complains("No CA certificates were loaded");
    }
}

#[test]
fn the_key_is_sent_and_never_shown() {
    let api = api("POST", |_| refused(400, "validation_error", ""));
    let folder = Folder::new(&api.url, ONE);
    let ended = folder.run(&["apply", "--yes", "-v", "--format", "json"]).exits(6);
    assert!(api.seen().iter().all(|request| request.contains(&format!("x-api-key: {KEY}"))));
    assert!(!ended.stdout.contains(KEY) && !ended.stderr.contains(KEY), "{ended:?}");
}
