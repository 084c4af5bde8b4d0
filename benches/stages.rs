//! Each stage of a plan by itself, on catalogs of 100, 1,000 and 10,000 plans (2 prices, 5 features and 2 regions each).
//!
//! ```text
//! cargo bench --bench stages              everything
//! cargo bench --bench stages -- diff      what has `diff` in its name
//! ```
//!
//! Catalogs are written by `benches/catalog.py`, so this needs Python.

#![allow(clippy::expect_used, reason = "a benchmark without its catalog has nothing to say")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use divan::{Bencher, black_box};
use pricebook::changeset::{CatalogRef, Document, EnvironmentRef, Limits, Mode};
use pricebook::diff::{Options, Selection, diff};
use pricebook::ledger::{Entry, Ledger};
use pricebook::load;
use pricebook::model::{Desired, Live, LiveObject};
use pricebook::pipeline::{self, Request};
use pricebook::provider::{Provider, by_name};
use pricebook::render::{Paint, human};

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// The folder with a catalog of so many plans, one in a hundred of them changed if asked for.
fn catalog(plans: usize, changed: bool) -> PathBuf {
    static WRITING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join(format!("target/bench/{plans}{}", if changed { "-changed" } else { "" }));
    if !folder.join("pricebook.yaml").exists() {
        let mut write = Command::new("python3");
        write.arg(root.join("benches/catalog.py")).arg(plans.to_string()).arg(&folder);
        if changed {
            write.args(["--changed", "1"]);
        }
        let output = write.output().expect("python3 writes the catalogs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    folder.join("catalog")
}

fn commet() -> &'static dyn Provider {
    by_name("commet").and_then(|commet| commet.at("2026-07-11")).expect("this version")
}

fn desired(plans: usize, changed: bool) -> Desired {
    let mut loaded = load::catalog(&catalog(plans, changed));
    let document = loaded.document.expect("a catalog");
    commet().read(&document, &mut loaded.sink).expect("a valid catalog")
}

/// What is live when all of it was applied, and the ledger that says so.
fn applied(desired: &Desired) -> (Live, Ledger) {
    let mut ledger = Ledger::new("commet http://127.0.0.1");
    let mut live = Live::default();
    for (address, object) in &desired.objects {
        let resource = object.resource.clone();
        let id = Some(address.to_string());
        let written = resource.fields.clone();
        ledger.objects.insert(address.clone(), Entry { id: id.clone(), written, ..Entry::default() });
        let natural_key = address.key().to_owned();
        live.objects.insert(address.clone(), LiveObject { id, natural_key, rank: 0, resource, shown: None });
    }
    (live, ledger)
}

fn changeset(desired: &Desired, live: &Live, ledger: &Ledger) -> Document {
    let text = String::new;
    let environment = EnvironmentRef {
        name: "bench".into(),
        provider: "commet".into(),
        title: "Commet".into(),
        api_version: "2026-07-11".into(),
        url: "http://127.0.0.1".into(),
        mode: Some(Mode::Sandbox),
    };
    let catalog = CatalogRef {
        path: "catalog/".into(),
        digest: text(),
        revision: None,
        overlay: None,
        flags: Vec::new(),
        from: None,
        partial: None,
    };
    let request = Request {
        desired,
        live,
        ledger,
        environment,
        key_livemode: Some(false),
        catalog,
        limits: Limits::default(),
        selection: Selection::default(),
        options: Options::default(),
        warnings: Vec::new(),
    };
    pipeline::changeset(commet(), request).expect("an order").document
}

/// Files → a located tree.
#[divan::bench(args = SIZES)]
fn load(bencher: Bencher<'_, '_>, plans: usize) {
    let folder = catalog(plans, false);
    bencher.bench(|| load::catalog(black_box(&folder)));
}

/// The tree → checked, desired resources.
#[divan::bench(args = SIZES)]
fn read(bencher: Bencher<'_, '_>, plans: usize) {
    let loaded = load::catalog(&catalog(plans, false));
    let document = loaded.document.expect("a catalog");
    bencher.bench(|| commet().read(black_box(&document), &mut pricebook::diagnostic::Sink::new()));
}

/// The ledger's bytes → the ledger.
#[divan::bench(args = SIZES)]
fn ledger(bencher: Bencher<'_, '_>, plans: usize) {
    let bytes = applied(&desired(plans, false)).1.bytes().expect("bytes");
    bencher.bench(|| Ledger::read(black_box(&bytes), "bench"));
}

#[divan::bench(args = SIZES)]
fn diff_in_sync(bencher: Bencher<'_, '_>, plans: usize) {
    let desired = desired(plans, false);
    let (live, ledger) = applied(&desired);
    bencher.bench(|| diff(black_box(&desired), &live, &ledger, Options::default()));
}

#[divan::bench(args = SIZES)]
fn diff_1_percent_changed(bencher: Bencher<'_, '_>, plans: usize) {
    let (live, ledger) = applied(&desired(plans, false));
    let desired = desired(plans, true);
    bencher.bench(|| diff(black_box(&desired), &live, &ledger, Options::default()));
}

/// Changes → calls: what `diff` found is lowered.
#[divan::bench(args = SIZES)]
fn lower_1_percent_changed(bencher: Bencher<'_, '_>, plans: usize) {
    let (live, ledger) = applied(&desired(plans, false));
    let desired = desired(plans, true);
    let changes = diff(&desired, &live, &ledger, Options::default()).changes;
    bencher.bench(|| commet().lower(black_box(&changes), &desired, &live));
}

#[divan::bench(args = SIZES)]
fn lower_everything(bencher: Bencher<'_, '_>, plans: usize) {
    let desired = desired(plans, false);
    let (live, ledger) = (Live::default(), Ledger::default());
    let changes = diff(&desired, &live, &ledger, Options::default()).changes;
    bencher.bench(|| commet().lower(black_box(&changes), &desired, &live));
}

/// Calls → calls in an order that can run.
#[divan::bench(args = SIZES)]
fn order_everything(bencher: Bencher<'_, '_>, plans: usize) {
    let desired = desired(plans, false);
    let (live, ledger) = (Live::default(), Ledger::default());
    let changes = diff(&desired, &live, &ledger, Options::default()).changes;
    bencher
        .with_inputs(|| commet().lower(&changes, &desired, &live).drafts)
        .bench_values(|drafts| pricebook::changeset::order(drafts).expect("an order"));
}

/// All pure stages in a row.
#[divan::bench(args = SIZES)]
fn changeset_in_sync(bencher: Bencher<'_, '_>, plans: usize) {
    let desired = desired(plans, false);
    let (live, ledger) = applied(&desired);
    bencher.bench(|| changeset(black_box(&desired), &live, &ledger));
}

#[divan::bench(args = SIZES)]
fn changeset_1_percent_changed(bencher: Bencher<'_, '_>, plans: usize) {
    let (live, ledger) = applied(&desired(plans, false));
    let desired = desired(plans, true);
    bencher.bench(|| changeset(black_box(&desired), &live, &ledger));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn changeset_everything(bencher: Bencher<'_, '_>, plans: usize) {
    let desired = desired(plans, false);
    let (live, ledger) = (Live::default(), Ledger { objects: BTreeMap::new(), ..Ledger::default() });
    bencher.bench(|| changeset(black_box(&desired), &live, &ledger));
}

#[divan::bench(args = SIZES)]
fn render_1_percent_changed(bencher: Bencher<'_, '_>, plans: usize) {
    let (live, ledger) = applied(&desired(plans, false));
    let document = changeset(&desired(plans, true), &live, &ledger);
    bencher.bench(|| human(black_box(&document), Paint(false), false));
}

#[divan::bench(args = SIZES)]
fn render_json_1_percent_changed(bencher: Bencher<'_, '_>, plans: usize) {
    let (live, ledger) = applied(&desired(plans, false));
    let document = changeset(&desired(plans, true), &live, &ledger);
    bencher.bench(|| black_box(&document).to_json());
}
