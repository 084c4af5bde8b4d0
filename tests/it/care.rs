//! Calls at an API without idempotency keys, run by the executor itself: what is looked up, compared and read again.

use std::sync::Arc;
use std::time::Duration;

use pricebook::apply::{Report, Run, execute};
use pricebook::changeset::{Call, Care, Expect, Lookup, Unchanged};
use pricebook::http::{Failure, Limits, Pace, Target, WriteApi};
use pricebook::model::Address;
use pricebook::sandbox::{Options, Running, start};
use serde_json::{Value, json};

pub(crate) async fn bxb(faults: Option<&str>) -> (Running, Arc<WriteApi>) {
    let mut options = Options::new("bxb");
    options.faults = faults.map(str::to_owned);
    let running = start(options).await.unwrap();
    let limits = Limits { pause: Duration::from_millis(1), budget: Duration::from_secs(5), ..Limits::default() };
    let target = Target {
        base: running.base_url().to_owned(),
        headers: vec![("authorization", "Bearer bxb_live_test".into())],
        limits,
        pace: Pace::default(),
        waiting: Arc::new(|_| {}),
        explain: |_, body| Failure { message: String::from_utf8_lossy(body).into_owned(), ..Failure::default() },
    };
    let api = Arc::new(WriteApi::new(&target).unwrap());
    (running, api)
}

pub(crate) fn call(method: &str, path: &str, body: Value, care: Care) -> Call {
    Call {
        id: "c1".into(),
        address: Address::new("plans", "pro"),
        method: method.into(),
        path: path.into(),
        body: (!body.is_null()).then_some(body),
        ids: Vec::new(),
        after: Vec::new(),
        learns: None,
        also_learns: Vec::new(),
        care: Some(care),
        summary: String::new(),
    }
}

async fn run(api: &Arc<WriteApi>, call: Call) -> Report {
    let (_keep, stop) = tokio::sync::watch::channel(false);
    execute(&[call], &Run::new("d", "n"), Arc::clone(api), &|| 1, stop, &mut (), &mut |_| {}).await
}

async fn read(api: &WriteApi, path: &str) -> Value {
    serde_json::from_slice(&api.get(path).await.unwrap().body).unwrap()
}

fn plan() -> Value {
    json!({ "code": "pro", "name": "Pro", "interval": "monthly" })
}

#[tokio::test]
async fn a_field_that_is_ignored_is_an_error_that_names_it() {
    let (running, api) = bxb(None).await;
    let id = api.send("POST", "/plans/", Some(&plan()), None).await.unwrap();
    let id = serde_json::from_slice::<Value>(&id.body).unwrap()["id"].as_str().unwrap().to_owned();
    let care = Care { expect: vec![Expect::new("/interval", "yearly")], ..Care::default() };
    let report = run(&api, call("PUT", &format!("/plans/{id}"), json!({ "interval": "yearly" }), care)).await;
    let message = &report.failed[0].message;
    assert_eq!(
        message,
        "the API answered 200 and did not take `interval`: it says \"monthly\", and was asked for \"yearly\""
    );

    // Somebody else wrote the charges in between.
    let unchanged = Unchanged {
        path: format!("/plans/{id}"),
        list: "/charges".into(),
        item: "/id".into(),
        names: vec!["gone".into()],
        what: "the charges of plans.pro".into(),
    };
    let care = Care { unchanged: Some(unchanged), ..Care::default() };
    let report = run(&api, call("PUT", &format!("/plans/{id}"), json!({ "name": "Other" }), care)).await;
    assert!(report.failed[0].message.contains("changed after they were read; nothing was sent"), "{report:?}");
    assert_eq!(read(&api, &format!("/plans/{id}")).await["name"], "Pro");
    running.shutdown().await;
}

#[tokio::test]
async fn what_a_lost_answer_made_is_found_and_not_made_again() {
    let (running, api) = bxb(Some("nth=2,kind=lost,on=POST")).await;
    api.send("POST", "/plans/", Some(&plan()), None).await.unwrap();
    let body = json!({ "commitment_type": "minimum_commitment", "amount_cents": "1000" });
    let path = "/plans/pro/commitments";
    let lookup = Lookup { path: path.into(), pages: None, fields: vec![Expect::new("/amount_cents", "1000")] };
    let care = Care { lookup: Some(lookup), ..Care::default() };
    let report = run(&api, call("POST", path, body, care)).await;
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(report.applied[0].attempts, 1);
    assert_eq!(read(&api, path).await.as_array().unwrap().len(), 1);
    running.shutdown().await;
}

#[tokio::test]
async fn what_is_there_already_is_taken_only_if_it_says_the_same() {
    let (running, api) = bxb(None).await;
    api.send("POST", "/plans/", Some(&plan()), None).await.unwrap();
    let care = |name: &str| {
        let lookup =
            Lookup { path: "/plans/?limit=1000".into(), pages: None, fields: vec![Expect::new("/code", "pro")] };
        Care { lookup: Some(lookup), expect: vec![Expect::new("/name", name)], unchanged: None }
    };
    assert!(run(&api, call("POST", "/plans/", plan(), care("Pro"))).await.failed.is_empty());
    let report = run(&api, call("POST", "/plans/", plan(), care("Other"))).await;
    assert!(report.failed[0].message.contains("did not take `name`"), "{report:?}");
    running.shutdown().await;
}

#[tokio::test]
async fn a_bare_500_is_not_tried_for_ever() {
    let (running, api) = bxb(None).await;
    let made = api.send("POST", "/plans/", Some(&plan()), None).await.unwrap();
    let id = serde_json::from_slice::<Value>(&made.body).unwrap()["id"].as_str().unwrap().to_owned();
    let body = json!({ "amount_cents": "1000" });
    api.send("POST", "/plans/pro/commitments", Some(&body), None).await.unwrap();
    let report = run(&api, call("DELETE", &format!("/plans/{id}"), Value::Null, Care::default())).await;
    assert_eq!(report.failed[0].status, Some(500));
    // The connection that the server closed without a word is not used again.
    assert_eq!(read(&api, "/plans/").await.as_array().unwrap().len(), 1);
    running.shutdown().await;
}
