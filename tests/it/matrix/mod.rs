//! Every call of a rich apply × everything that can go wrong with it. Afterwards the API holds what an undisturbed
//! run makes, nothing twice; the ledger says the same; and there is nothing left to do. The law is one; what a rich
//! apply is, each provider's catalogs say.

mod bxb;
mod commet;
mod same;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::prepared::{Open, Place, WRITES, until};
use crate::workspace::Ended;

/// One thing that can go wrong with a call.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    name: &'static str,
    /// The sandbox's words for it; where there are several, the calls take turns.
    fault: &'static str,
    /// The program is killed while it waits for the answer.
    kill: bool,
    /// More words for the environment.
    environment: &'static str,
}

const fn trouble(name: &'static str, fault: &'static str) -> Trouble {
    Trouble { name, fault, kill: false, environment: "" }
}

const TROUBLE: &[Trouble] = &[
    Trouble { kill: true, ..trouble("SIGKILL before the server did it", "kind=timeout,delay_ms=600000") },
    Trouble { kill: true, ..trouble("SIGKILL after the server did it", "kind=stall,delay_ms=600000") },
    trouble("the answer is lost", "kind=lost"),
    trouble("500", "kind=500"),
    trouble("429 with Retry-After", "kind=429,retry_after=1"),
    trouble("429 without Retry-After", "kind=429-bare"),
    trouble("the connection is reset", "kind=reset"),
    // Half of the calls were not done, the other half were.
    Trouble {
        environment: ", timeouts: { request: 1 }",
        ..trouble("time-out", "kind=timeout,delay_ms=600000;kind=stall,delay_ms=600000")
    },
];

/// Cells that run at the same time. Many of them only wait.
const AT_ONCE: usize = 6;

/// A rich apply: from a catalog that stands there already to another one.
struct Subject {
    provider: &'static str,
    before: &'static str,
    after: &'static str,
}

/// What an undisturbed run does.
struct Calm {
    from: Place,
    after: &'static str,
    objects: Vec<String>,
    ledger: Value,
    /// `POST /plans/manage`, in order.
    calls: Vec<String>,
}

fn words(line: &Value) -> String {
    format!("{} {}", line["method"].as_str().unwrap(), line["path"].as_str().unwrap())
}

/// One at a time: the n-th call is the same one every time. Every guard that a person can let pass is let pass.
fn arguments() -> Vec<&'static str> {
    let known = pricebook::changeset::GUARDS.iter().filter(|guard| guard.acknowledgeable);
    ["apply", "--yes", "--parallel", "1"].into_iter().chain(known.flat_map(|guard| ["--ack", guard.code])).collect()
}

fn apply(open: &Open) -> Ended {
    open.run(&arguments())
}

impl Subject {
    fn calm(&self) -> Calm {
        let place = Place::new(self.provider);
        place.catalog_text(self.before);
        let open = Open::of(place, None, "");
        apply(&open).exits(0);
        open.run(&["plan", "--detailed-exitcode"]).exits(0);
        let from = open.close();

        let place = from.copied();
        place.catalog_text(self.after);
        let open = Open::of(place, None, "");
        apply(&open).exits(0);
        let calls = open.writes().iter().map(words).collect();
        open.run(&["plan", "--detailed-exitcode"]).exits(0);
        let place = open.close();
        let (objects, ledger) = same::state(&place);
        Calm { from, after: self.after, objects, ledger, calls }
    }
}

impl Calm {
    /// One cell; else what is wrong with it.
    fn cell(&self, call: usize, trouble: &Trouble) -> Result<(), String> {
        let place = self.from.copied();
        place.catalog_text(self.after);
        let kinds: Vec<&str> = trouble.fault.split(';').collect();
        let faults = format!("nth={},on={WRITES},{}", call + 1, kinds[call % kinds.len()]);
        let open = Open::of(place, Some(&faults), trouble.environment);
        if trouble.kill {
            let mut child = open.spawn(&arguments());
            until(|| open.is_hit());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let ended = apply(&open);
        if ended.code != Some(0) {
            return Err(format!("apply ends with {:?}\n{}\n{}", ended.code, ended.stdout, ended.stderr));
        }
        if !trouble.kill {
            second_attempt(&open.log())?;
        }
        // A plan follows from the catalog, the live state and the ledger: where those are what they are after an
        // undisturbed run, it is empty as after that one. A killed run leaves more behind, so there it is looked at.
        if trouble.kill {
            let next = open.run(&["plan", "--detailed-exitcode"]);
            if next.code != Some(0) {
                return Err(format!("the next plan is not empty\n{}\n{}", next.stdout, next.stderr));
            }
        }
        let (objects, ledger) = same::state(&open.close());
        same::compare("the API holds", &self.objects, &objects)?;
        same::compare_ledgers(&self.ledger, &ledger)
    }

    /// All cells.
    fn each(&self) {
        let cells: Vec<(usize, &Trouble)> =
            (0..self.calls.len()).flat_map(|call| TROUBLE.iter().map(move |trouble| (call, trouble))).collect();
        let (next, wrong) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((call, trouble)) = cells.get(next.fetch_add(1, Ordering::SeqCst)) {
                        if let Err(why) = self.cell(*call, trouble) {
                            let name = format!("{}, at call {} ({})", trouble.name, call + 1, self.calls[*call]);
                            wrong.lock().unwrap().push(format!("{name}: {why}"));
                        }
                    }
                });
            }
        });
        let wrong = wrong.into_inner().unwrap();
        assert!(wrong.is_empty(), "{} of {} cells\n\n{}", wrong.len(), cells.len(), wrong.join("\n\n"));
    }
}

/// After the trouble the same call was made again, with the same idempotency key, or it was looked up what became of
/// the first one.
fn second_attempt(log: &[Value]) -> Result<(), String> {
    let Some(hit) = log.iter().position(|line| !line["fault"].is_null()) else {
        return Err("no call was hit".into());
    };
    let again = |line: &Value| {
        line["method"] == log[hit]["method"]
            && line["path"] == log[hit]["path"]
            && line["idempotency_key"] == log[hit]["idempotency_key"]
    };
    match log.get(hit + 1) {
        Some(line) if again(line) || line["method"] == "GET" && log[hit]["status"] != 429 => Ok(()),
        next => Err(format!("after {} came {next:?}", log[hit])),
    }
}

/// The catalogs of a rich apply are rich: every method, and an object of every kind is made, changed and deleted.
fn is_rich(calm: &Calm, least: usize, paths: &[&str]) {
    let calls: BTreeSet<String> = calm.calls.iter().cloned().collect();
    assert!(calm.calls.len() >= least, "{}: {calls:#?}", calm.calls.len());
    for path in paths {
        let (method, part) = path.split_once(' ').unwrap();
        assert!(calls.iter().any(|call| call.starts_with(method) && call.contains(part)), "{path}: {calls:#?}");
    }
}
