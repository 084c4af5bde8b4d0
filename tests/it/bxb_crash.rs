//! bxb when things go wrong at random, and what the server may say that no sandbox says. Trouble at each single call is
//! in `matrix`. What counts is what stands there afterwards: what an undisturbed run makes, and nothing twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use pricebook::sandbox::{Options, Running, SandboxError, start};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, PROGRAM};
use crate::workspace::{Ended, Raw, ended, http};

const WRITES: &str = "POST|PUT|PATCH|DELETE";

/// A project and what its API has stored, both in a folder that can be copied.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    key: String,
}

/// A place whose API runs.
pub(crate) struct World {
    pub(crate) place: Place,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    client: Client,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "lock" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Place {
    /// With a key of the default organization, the only one in which taxes can be applied.
    pub(crate) fn new() -> Self {
        let mut world = World::open(Self { folder: TempDir::new().unwrap(), key: String::new() }, None);
        let made = world.runtime.block_on(world.client.raw("POST", "/organizations/current/api_keys", json!({})));
        world.place.key = made.1["raw_key"].as_str().unwrap().to_owned();
        world.close()
    }

    /// Where the catalog was applied.
    pub(crate) fn with(catalog: &Path) -> Self {
        let place = Self::new();
        place.catalog(catalog);
        let world = World::open(place, None);
        world.apply().exits(0);
        world.close()
    }

    pub(crate) fn copied(&self) -> Self {
        let folder = TempDir::new().unwrap();
        copy(self.folder.path(), folder.path());
        Self { folder, key: self.key.clone() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn catalog(&self, from: &Path) {
        let _ = fs::remove_dir_all(self.path("catalog"));
        copy(from, &self.path("catalog"));
    }
}

impl World {
    pub(crate) fn open(place: Place, faults: Option<&str>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut options = Options::new("bxb");
        options.data = Some(place.path("data"));
        options.access_log = Some(place.path("access.log"));
        options.faults = faults.map(str::to_owned);
        // A program that another thread starts holds the folder's lock until it is itself.
        let running = (0..100)
            .find_map(|_| match runtime.block_on(start(options.clone())) {
                Ok(running) => Some(running),
                Err(SandboxError::DataInUse { .. }) => {
                    std::thread::sleep(Duration::from_millis(10));
                    None
                }
                Err(why) => panic!("{why}"),
            })
            .unwrap();
        let mut client = Client::new(running.base_url());
        if !place.key.is_empty() {
            client = client.with("authorization", &format!("Bearer {}", place.key));
        }
        let project = format!(
            "catalog: catalog/\nledger: file\nenvironments:\n  test: {{ provider: bxb, url: \"{}\", organization: default }}\n",
            running.base_url()
        );
        fs::write(place.path("pricebook.yaml"), project).unwrap();
        // The same API at another port.
        let ledger = place.path(".pricebook/test.ledger.json");
        if let Ok(text) = fs::read_to_string(&ledger) {
            let mut known: Value = serde_json::from_str(&text).unwrap();
            let target = known["target"].as_str().unwrap();
            let (before, port_on) = target.split_once("http://127.0.0.1:").unwrap();
            let rest = port_on.trim_start_matches(|c: char| c.is_ascii_digit());
            let host = running.base_url().trim_end_matches("/v1");
            known["target"] = format!("{before}{host}{rest}").into();
            fs::write(&ledger, known.to_string()).unwrap();
        }
        Self { place, runtime, running: Some(running), client }
    }

    fn close(mut self) -> Place {
        self.runtime.block_on(self.running.take().unwrap().shutdown());
        self.place
    }

    /// The same API without faults.
    fn calm(self) -> Self {
        Self::open(self.close(), None)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.place.folder.path())
            .env("BXB_API_KEY", &self.place.key)
            .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).spawn().unwrap())
    }

    fn apply(&self) -> Ended {
        self.run(APPLY)
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.runtime.block_on(self.client.raw("GET", path, Value::Null));
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Everything that the API shows, and the filters that it hides, with codes for ids.
    pub(crate) fn state(&self) -> BTreeMap<String, Value> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut state: BTreeMap<String, Value> = BTreeMap::new();
        let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
        for name in ["taxes", "billable_metrics", "features", "plans", "add_ons", "coupons"] {
            let list = self.get(&format!("/{name}/?limit=1000"));
            for object in list.as_array().unwrap() {
                let code = text(object, "code");
                names.insert(text(object, "id"), code.clone());
                let mut parts = Vec::new();
                match name {
                    "billable_metrics" => parts.push(format!("/billable_metrics/{code}/filters")),
                    "plans" => {
                        parts.push(format!("/plans/{code}/commitments"));
                        parts.push(format!("/plans/{code}/usage_thresholds"));
                        parts.push(format!("/sandbox/charge_filters/{}", text(object, "id")));
                    }
                    "taxes" => parts.push(format!("/taxes/{code}/applied_entities")),
                    _ => {}
                }
                for (number, path) in parts.into_iter().enumerate() {
                    let part = self.get(&path);
                    for filter in part.as_array().unwrap().iter().filter(|_| name == "billable_metrics") {
                        names.insert(text(filter, "id"), format!("{code}/{}", text(filter, "key")));
                    }
                    state.insert(format!("{name} {code} {number}"), part);
                }
                for charge in object["charges"].as_array().into_iter().flatten() {
                    let key = charge["properties"]["_pricebook"]["key"].as_str().unwrap();
                    names.insert(text(charge, "id"), format!("{code}/{key}"));
                }
            }
            state.insert(name.into(), list);
        }
        state.insert("entitlements".into(), self.get("/entitlements/?limit=1000"));
        state.values_mut().for_each(|value| anonymous(value, &names));
        state
    }
}

/// Ids in words, no times, one order. An id of something that is not there stays to be seen.
fn anonymous(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !matches!(key.as_str(), "id" | "created_at" | "updated_at" | "charge_filter_id"));
            map.values_mut().for_each(|value| anonymous(value, names));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|value| anonymous(value, names));
            if items.iter().all(Value::is_object) {
                items.sort_by_key(ToString::to_string);
            }
        }
        Value::String(text) => {
            let is_id = text.len() == 36 && text.chars().filter(|c| *c == '-').count() == 4;
            if let Some(name) = names.get(text.as_str()) {
                *text = name.clone();
            } else if is_id && !text.starts_with("00000000-") {
                *text = "something that is gone".into();
            }
        }
        _ => {}
    }
}

const APPLY: &[&str] = &["apply", "--yes", "--parallel", "1", "--ack", "PB-G05", "--ack", "PB-G06", "--ack", "PB-G08"];

pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/usage-billing/catalog")
}

/// The example with other charges in a plan with taxes on a charge, a metric filter with other values, other
/// thresholds and commitments, and without one of its plans.
pub(crate) fn changed(folder: &Path) -> PathBuf {
    let to = folder.join("changed");
    copy(&example(), &to);
    let edit = |name: &str, edits: &[(&str, &str)]| {
        let mut text = fs::read_to_string(to.join(name)).unwrap();
        for (from, into) in edits {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, into);
        }
        fs::write(to.join(name), text).unwrap();
    };
    edit("metrics.yaml", &[("region: [eu, us, ap]", "region: [eu, us, af]")]);
    edit(
        "plans.yaml",
        &[
            ("amount: 12.00", "amount: 13.00"),
            ("amount: 49.00", "amount: 59.00"),
            ("amount: 100.00, invoice_display_name: Minimum", "amount: 120.00"),
            ("{ amount: 500.00 }", "{ amount: 700.00 }\n      - { amount: 900.00 }"),
            ("projects: 25,", "projects: 30,"),
            ("reduced: { name: VAT (reduced), rate: 5.5%", "reduced: { name: VAT (reduced), rate: 6%"),
        ],
    );
    let plans = fs::read_to_string(to.join("plans.yaml")).unwrap();
    let (kept, _) = plans.split_once("  scale:\n").unwrap();
    fs::write(to.join("plans.yaml"), kept).unwrap();
    to
}

/// What an undisturbed run does from a place to a catalog.
struct Calm {
    from: Place,
    to: PathBuf,
    state: BTreeMap<String, Value>,
}

impl Calm {
    fn new(from: Place, to: PathBuf) -> Self {
        let place = from.copied();
        place.catalog(&to);
        let world = World::open(place, None);
        world.apply().exits(0);
        let state = world.state();
        Self { from, to, state }
    }

    fn world(&self, faults: &str) -> World {
        let place = self.from.copied();
        place.catalog(&self.to);
        World::open(place, Some(faults))
    }

    /// The API holds what an undisturbed run makes, and there is nothing left to do.
    #[track_caller]
    fn is_reached(&self, world: World, what: &str) {
        let world = world.calm();
        let state = world.state();
        for (name, expected) in &self.state {
            assert_eq!(state.get(name), Some(expected), "{what}: {name}");
        }
        assert_eq!(state.len(), self.state.len(), "{what}");
        world.run(&["plan", "--detailed-exitcode"]).exits(0);
    }

    /// Runs a test of every number, several at a time.
    fn each(&self, numbers: &[(usize, &str)], test: impl Fn(&Self, usize, &str) + Sync) {
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some((at, kind)) = numbers.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                        test(self, *at, kind);
                    }
                });
            }
        });
    }

    /// Trouble at random, several calls at a time; two runs at most.
    fn unlucky(&self, faults: &str, seeds: std::ops::RangeInclusive<usize>, runs: usize) {
        let seeds: Vec<(usize, &str)> = seeds.map(|seed| (seed, faults)).collect();
        self.each(&seeds, |calm, seed, faults| {
            let world = calm.world(&format!("{faults},seed={seed}"));
            let parallel: Vec<&str> =
                APPLY.iter().copied().filter(|word| !matches!(*word, "--parallel" | "1")).collect();
            let codes: Vec<Option<i32>> = (0..runs).map(|_| world.run(&parallel).code).collect();
            assert_eq!(codes.last(), Some(&Some(0)), "{faults}, seed {seed}: {codes:?}");
            calm.is_reached(world, &format!("{faults}, seed {seed}"));
        });
    }
}

/// Waits until something is so; the time-out is only there for a test that fails.
fn until(what: impl Fn() -> bool) {
    for _ in 0..4000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never happened");
}

fn from_nothing() -> Calm {
    Calm::new(Place::new(), example())
}

fn changing() -> Calm {
    let from = Place::with(&example());
    let to = changed(from.folder.path());
    Calm::new(from, to)
}

/// One of how many is tried: all of them with `PRICEBOOK_TEST_STEP=1`, which takes minutes.
pub(crate) fn step(usual: usize) -> usize {
    std::env::var("PRICEBOOK_TEST_STEP").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The charges were written, and neither the ledger nor their taxes know.
#[test]
fn what_a_killed_run_left_is_said() {
    let calm = changing();
    let world = calm.world("nth=1,kind=stall,on=PUT,path=/plans/,delay_ms=60000");
    // One call writes the plan and its charges.
    let written = |world: &World| world.get("/plans/?limit=1000").to_string().contains("\"amount_cents\":5900");
    assert!(!written(&world));
    let mut child = world.command(APPLY).spawn().unwrap();
    until(|| written(&world));
    child.kill().unwrap();
    child.wait().unwrap();
    let world = world.calm();
    let plan = world.run(&["plan"]).exits(0).says("or by a run that was cut off");
    for tax in ["vat", "reduced"] {
        let line = format!("what is left of tax {tax} on a charge that is gone");
        assert_eq!(plan.stdout.matches(&line).count(), 1, "{}", plan.stdout);
    }
    world.apply().exits(0);
    calm.is_reached(world, "killed after the charges");
}

#[test]
fn five_percent_of_everything_converges() {
    let kinds = "429|429-bare|500|502|503|504|timeout|stall|lost|reset|slow";
    let faults = format!("rate=0.05,kinds={kinds},retry_after=0,delay_ms=20");
    from_nothing().unlucky(&faults, 1..=3, 1);
    changing().unlucky(&faults, 1..=3, 1);
}

#[test]
fn every_other_answer_lost_doubles_nothing() {
    let faults = format!("rate=0.5,kinds=lost,on={WRITES}");
    from_nothing().unlucky(&faults, 1..=2, 1);
    changing().unlucky(&faults, 1..=2, 1);
    // A bare 500 may be a refusal: after some of them the run ends, and the next one goes on.
    let faults = format!("rate=0.3,kinds=500|lost|reset,on={WRITES}");
    from_nothing().unlucky(&faults, 1..=1, 3);
    changing().unlucky(&faults, 1..=1, 3);
}

/// A project for a server that says what a test wants.
struct Told {
    folder: TempDir,
    api: Raw,
}

/// The answers of a server with one tax, whose rate is a fifth.
fn one_tax(asked: &str) -> Vec<u8> {
    let tax = json!({ "id": "t1", "code": "vat", "name": "VAT", "rate": "0.2000", "description": null,
        "category": null, "applied_to_organization": false });
    let answer = match asked.split(['?']).next().unwrap() {
        "GET /organizations/current" => json!({ "id": "o1", "slug": "ours", "name": "Ours" }),
        "GET /taxes/" => json!([tax]),
        "PUT /taxes/vat" => tax,
        _ => json!([]),
    };
    http(200, "content-type: application/json\r\n", &answer.to_string())
}

impl Told {
    fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let api = Raw::start(move |asked, _| answer(asked));
        let folder = TempDir::new().unwrap();
        let this = Self { folder, api };
        this.organization("ours");
        let catalog = json!({ "provider": "bxb", "taxes": { "vat": { "name": "VAT", "rate": "21%" } } });
        fs::write(this.folder.path().join("catalog.yaml"), catalog.to_string()).unwrap();
        this
    }

    fn organization(&self, slug: &str) {
        let text = format!(
            "catalog: catalog.yaml\nenvironments:\n  test: {{ provider: bxb, url: \"{}\", organization: {slug} }}\n",
            self.api.url
        );
        fs::write(self.folder.path().join("pricebook.yaml"), text).unwrap();
    }

    fn run(&self, arguments: &[&str], key: &str) -> Ended {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("BXB_API_KEY", key)
            .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ended(command.spawn().unwrap())
    }

    /// `GET /taxes/`, without queries.
    fn asked(&self) -> Vec<String> {
        let line = |request: &String| {
            let mut words = request.split_whitespace();
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            format!("{method} {}", path.split('?').next().unwrap().replacen("/api/v1", "", 1))
        };
        self.api.seen().iter().map(line).collect()
    }
}

const KEY: &str = "bxb_live_test";

#[test]
fn a_field_that_the_server_ignores_is_named() {
    let told = Told::new(one_tax);
    let ended = told.run(&["apply", "--yes"], KEY).exits(6);
    assert!(ended.stdout.contains("did not take `rate`"), "{ended:?}");
    assert!(ended.stdout.contains("\"0.2000\"") && ended.stdout.contains("0.21"), "{ended:?}");
    assert_eq!(told.asked().iter().filter(|asked| !asked.starts_with("GET")).count(), 1);
}

#[test]
fn nothing_reaches_another_organization() {
    let told = Told::new(one_tax);
    told.organization("theirs");
    for command in [&["plan"][..], &["apply", "--yes"], &["apply", "--yes", "--only", "taxes.vat"]] {
        let before = told.asked().len();
        let ended = told.run(command, KEY).exits(3);
        assert!(ended.stderr.contains("theirs") && ended.stderr.contains("ours"), "{ended:?}");
        assert_eq!(told.asked()[before..], ["GET /organizations/current"], "{command:?}");
    }
    told.organization("ours");
    let before = told.asked().len();
    for key in ["ck_live_x", "bxb_liv_test", "", " "] {
        for command in [&["plan"][..], &["apply", "--yes"]] {
            told.run(command, key).exits(8);
        }
    }
    assert_eq!(told.asked().len(), before, "a request was made with a key of the wrong form");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = std::sync::Arc::new(Raw::start(|asked, _| one_tax(asked)));
    for place in ["GET /organizations/current", "GET /taxes/", "PUT /taxes/vat"] {
        let to = elsewhere.url.clone();
        let told = Told::new(move |asked| {
            if asked.starts_with(place) {
                return http(307, &format!("location: {to}/taxes\r\n"), "");
            }
            one_tax(asked)
        });
        let ended = told.run(&["apply", "--yes"], KEY);
        let words = format!("{}{}", ended.stdout, ended.stderr);
        assert!(words.contains("redirect") && words.contains(&elsewhere.url), "{place}: {ended:?}");
        assert_eq!(ended.code, Some(if place.starts_with("PUT") { 6 } else { 1 }), "{place}: {ended:?}");
        assert_eq!(told.asked().iter().filter(|asked| asked.starts_with(place)).count(), 1, "{place}");
        assert!(elsewhere.seen().is_empty(), "{place}");
    }
}
