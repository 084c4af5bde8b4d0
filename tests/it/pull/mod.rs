//! `pull`: what is live becomes a catalog that plans to nothing, and that makes the same again elsewhere.

mod bxb;
mod commet;
mod emitter;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pricebook::apply::{self, Run};
use pricebook::changeset::{CatalogRef, EnvironmentRef, Limits};
use pricebook::diagnostic::human;
use pricebook::diff::{Options, Selection};
use pricebook::http::{Limits as Timeouts, Pace, ReadApi, Target, WriteApi};
use pricebook::ledger::{Entry, Ledger};
use pricebook::load;
use pricebook::model::{Desired, Fields, Live, LiveObject, Readability, Resource};
use pricebook::pipeline::{self, Planned, Request};
use pricebook::provider::{Destination, Provider};
use pricebook::pull::{Pulled, Shape, files, pull};
use pricebook::sandbox::{self, Running};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::project::{Outcome, Project};
use crate::subject::Subject;

const SHAPE: Shape<'_> = Shape { split: false, name: "catalog.yaml", schemas: Some("") };

/// A provider and its sandbox in this process, driven through the library: many catalogs in little time.
struct Bench {
    subject: Subject,
    provider: &'static dyn Provider,
    runtime: Runtime,
    running: Option<Running>,
    target: Target,
}

impl Bench {
    fn new(subject: Subject) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.block_on(sandbox::start(sandbox::Options::new(subject.provider()))).unwrap();
        let provider = subject.spoken();
        let target = Target {
            base: running.base_url().to_owned(),
            headers: provider.headers(provider.sandbox_key(), subject.version()),
            limits: Timeouts { pause: Duration::from_millis(1), ..Timeouts::default() },
            waiting: Arc::new(|_| {}),
            pace: Pace::default(),
            explain: provider.failure(),
        };
        Self { subject, provider, runtime, running: Some(running), target }
    }

    fn observe(&self, desired: &Desired, ledger: &Ledger) -> Live {
        let api = ReadApi::new(&self.target).unwrap();
        self.runtime.block_on(self.provider.observe(&api, &Destination::default(), desired, ledger)).unwrap()
    }

    fn plan(&self, desired: &Desired, ledger: &Ledger) -> Planned {
        let live = self.observe(desired, ledger);
        let request = Request {
            desired,
            live: &live,
            ledger,
            environment: EnvironmentRef {
                name: "test".into(),
                provider: self.provider.name().into(),
                title: self.provider.title().into(),
                api_version: self.subject.version().into(),
                url: self.target.base.clone(),
                mode: None,
            },
            key_livemode: None,
            catalog: CatalogRef {
                flags: Vec::new(),
                revision: None,
                path: String::new(),
                digest: String::new(),
                overlay: None,
                from: None,
                partial: None,
            },
            limits: Limits::default(),
            selection: Selection::default(),
            options: Options::default(),
            warnings: Vec::new(),
        };
        pipeline::changeset(self.provider, request).unwrap()
    }

    fn apply(&self, desired: &Desired) {
        let planned = self.plan(desired, &Ledger::default());
        let api = Arc::new(WriteApi::new(&self.target).unwrap());
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let run = Run::new(&planned.document.digest, "test");
        let report = self.runtime.block_on(apply::execute(
            &planned.document.calls,
            &run,
            api,
            &|| 4,
            stopped,
            &mut (),
            &mut |_| {},
        ));
        assert!(report.failed.is_empty() && report.skipped.is_empty(), "{:?}", report.failed);
    }

    fn read(&self, text: &str) -> Desired {
        read(self.provider, text)
    }

    /// What is live, without files.
    fn live(&self) -> Live {
        self.observe(&Desired::default(), &Ledger::default())
    }
}

fn read(provider: &dyn Provider, text: &str) -> Desired {
    let loaded = load::text("catalog.yaml", text);
    let mut sink = loaded.sink;
    let desired = loaded.document.and_then(|document| provider.read(&document, &mut sink));
    desired.unwrap_or_else(|| panic!("{text}\n{}", human(&sink.into_findings(), false)))
}

/// A catalog in one file.
fn written(provider: &dyn Provider, live: &Live) -> (Pulled, String) {
    let pulled = pull(provider, live, &Ledger::default()).unwrap();
    let text = files(provider, &pulled.written, SHAPE).remove(0).text;
    (pulled, text)
}

/// Everything that reads show, under addresses instead of ids.
fn state(live: &Live) -> BTreeMap<String, String> {
    let object = |object: &LiveObject| {
        let resource = &object.resource;
        let currency = resource.currency;
        format!("{} {currency:?} {} {} {:?}", resource.name, object.natural_key, object.rank, resource.fields)
    };
    live.objects.iter().map(|(address, found)| (address.to_string(), object(found))).collect()
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

/// Pulled, nothing is to do; pulled again, it is the same text; applied elsewhere, it makes the same.
fn law(made: &Bench) -> String {
    let live = made.live();
    let (pulled, text) = written(made.provider, &live);
    assert_eq!(pulled.left_out, [], "{text}");
    let desired = made.read(&text);
    let plan = made.plan(&desired, &pulled.ledger).document;
    assert!(plan.changes.is_empty() && plan.calls.is_empty() && plan.guards.is_empty(), "{:?}\n{text}", plan.changes);
    let told: Vec<_> = pulled.unseen.iter().filter(|one| one.fields != ["filters"]).cloned().collect();
    assert_eq!(plan.unverifiable, told, "{text}");
    assert_eq!(plan.unmanaged, [], "{text}");
    let fresh = Bench::new(made.subject);
    fresh.apply(&desired);
    let again = fresh.live();
    assert_eq!(state(&again), state(&live), "{text}");
    assert_eq!(written(made.provider, &again).1, text);
    text
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..500)
}

/// Catalogs by chance, made live. PROPTEST_CASES asks for more.
fn of_any_catalog(subject: Subject, otherwise: u32) {
    let config = Config { failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = if asked { config } else { Config { cases: otherwise, ..config } };
    let run = TestRunner::new(config).run(&bytes(), |bytes| {
        let made = Bench::new(subject);
        made.apply(&made.read(&(subject.any)(&bytes).to_string()));
        law(&made);
        Ok(())
    });
    if let Err(why) = run {
        panic!("{why}");
    }
}

/// What would be live if a catalog had been applied: without what no read shows.
fn live_of(desired: &Desired) -> Live {
    let mut live = Live::default();
    for (address, object) in &desired.objects {
        let mut resource = object.resource.clone();
        resource.fields = shown(&resource);
        let object = LiveObject {
            resource,
            id: Some(address.to_string()),
            natural_key: address.key().into(),
            rank: 0,
            shown: None,
        };
        live.objects.insert(address.clone(), object);
    }
    live
}

fn shown(resource: &Resource) -> Fields {
    let shown = |path: &str| resource.kind.field(path).is_some_and(|(_, spec)| spec.read == Readability::Returned);
    resource.fields.iter().filter(|(path, _)| shown(path)).map(|(path, value)| (path.clone(), value.clone())).collect()
}

/// The same without a server: what is written asks for what was asked for.
fn of_many_catalogs(subject: Subject, cases: u32) {
    let provider = subject.spoken();
    let config = Config { failure_persistence: None, cases, ..Config::default() };
    let run = TestRunner::new(config).run(&bytes(), |bytes| {
        let wanted = read(provider, &(subject.any)(&bytes).to_string());
        let (pulled, text) = written(provider, &live_of(&wanted));
        prop_assert_eq!(&pulled.left_out, &[]);
        let again = read(provider, &text);
        prop_assert!(again.objects.keys().eq(wanted.objects.keys()), "{}", text);
        for (address, object) in &wanted.objects {
            let (before, after) = (shown(&object.resource), shown(&again.objects[address].resource));
            prop_assert!(before.keys().eq(after.keys()), "{}: {:?} {:?}\n{}", address, before, after, text);
            for (path, value) in &before {
                // A number set by hand may be the one that is derived.
                let same = value == after.get(path).unwrap()
                    || value.number().is_some() && value.number() == after.get(path).unwrap().number();
                prop_assert!(same, "{} {}: {} {}\n{}", address, path, value, after.get(path).unwrap(), text);
            }
        }
        Ok(())
    });
    if let Err(why) = run {
        panic!("{why}");
    }
}

/// A field of the table without a way into a file fails here: what is live of it, or remembered of it where no read
/// shows it, stands in what is written.
fn every_field_is_written(subject: Subject, catalogs: &[Value], unwritable: &[(&str, &str)]) {
    let api = subject.spoken();
    let mut seen = BTreeSet::new();
    for wanted in catalogs {
        let desired = read(api, &wanted.to_string());
        // What was written is known, even what no read shows.
        let mut ledger = Ledger::default();
        for (address, object) in &desired.objects {
            let written = object.resource.fields.clone();
            let entry = Entry { id: Some(address.to_string()), written, ..Entry::default() };
            ledger.objects.insert(address.clone(), entry);
        }
        let pulled = pull(api, &live_of(&desired), &ledger).unwrap();
        assert_eq!(pulled.left_out, []);
        let text = files(api, &pulled.written, SHAPE).remove(0).text;
        let again = read(api, &text);
        for (address, object) in &desired.objects {
            let found = again.objects.get(address).unwrap_or_else(|| panic!("{address} is not in\n{text}"));
            let fields = &object.resource.fields;
            assert!(found.resource.fields.keys().eq(fields.keys()), "{address} {:?}\n{text}", fields);
            for (path, value) in fields {
                let after = found.resource.fields.get(path).unwrap();
                // A number set by hand may be the one that is derived.
                let same = value == after || value.number().is_some() && value.number() == after.number();
                assert!(same, "{address} {path}: {value} {after}\n{text}");
                let (_, spec) = object.resource.kind.field(path).unwrap();
                seen.insert((object.resource.kind.name, spec.path));
            }
        }
        assert_eq!(again.objects.len(), desired.objects.len(), "{text}");
    }
    let all = subject.fields().map(|(kind, spec)| (kind.name, spec.path));
    let missing: Vec<_> = all.filter(|row| !seen.contains(row) && !unwritable.contains(row)).collect();
    assert_eq!(missing, [], "no catalog here has these fields");
}

/// The URL of a project's sandbox, as its pricebook.yaml has it.
fn url(project: &Project) -> String {
    let text = std::fs::read_to_string(project.path("pricebook.yaml")).unwrap();
    text.split('"').nth(1).unwrap().to_owned()
}

/// Pulls what a project's sandbox holds into a folder that does not exist yet.
fn pull_new(project: &Project, provider: &str, arguments: &[&str]) -> Outcome {
    let folder = project.path("pulled");
    let url = url(project);
    let all = ["pull", "-C", folder.to_str().unwrap(), "--url", &url, "--provider", provider];
    project.run_plain(&[&all, arguments].concat())
}

#[track_caller]
fn plans_to_nothing(project: &Project) -> Value {
    let folder = project.path("pulled");
    let place = ["plan", "-C", folder.to_str().unwrap(), "--detailed-exitcode", "--format", "json"];
    let plan = project.run_plain(&place).exits(0);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan["changes"], serde_json::json!([]));
    assert_eq!(plan["unmanaged"], serde_json::json!([]));
    plan
}

/// All files below a folder, by their paths.
fn below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
