//! Every call of a rich apply × everything that can go wrong with it. Afterwards the API holds what an undisturbed
//! run makes, nothing twice; the ledger says the same; and there is nothing left to do. The law is one; what a rich
//! apply is, each provider's catalogs say.

mod bxb;
mod commet;
mod same;

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
        environment: ", timeouts: { request: 2 }",
        ..trouble("time-out", "kind=timeout,delay_ms=600000;kind=stall,delay_ms=600000")
    },
];

/// Cells that run at the same time. Many of them only wait.
const AT_ONCE: usize = 6;

/// Calls of one run that meet trouble are so far from each other.
const APART: usize = 4;

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
    /// The same calls, with trouble.
    fn open(&self, faults: &str, trouble: &Trouble) -> Open {
        let place = self.from.copied();
        place.catalog_text(self.after);
        Open::of(place, Some(faults), trouble.environment)
    }

    /// The program is killed at one call, and run again.
    fn killed(&self, call: usize, trouble: &Trouble) -> Result<(), String> {
        let open = self.open(&format!("nth={},on={WRITES},{}", call + 1, trouble.fault), trouble);
        let mut child = open.spawn(&arguments());
        // The line is in the log before the server begins not to answer.
        until(|| open.is_hit());
        child.kill().unwrap();
        child.wait().unwrap();
        succeeds("apply", &apply(&open))?;
        succeeds("the next plan", &open.run(&["plan", "--detailed-exitcode"]))?;
        self.is_reached(open)
    }

    /// The same run gets over it, at each of these calls.
    fn troubled(&self, calls: &[usize], trouble: &Trouble) -> Result<(), String> {
        let kinds: Vec<&str> = trouble.fault.split(';').collect();
        let rule = |(turn, kind): (usize, &&str)| {
            let nth: Vec<String> =
                calls.iter().skip(turn).step_by(kinds.len()).map(|call| (call + 1).to_string()).collect();
            format!("nth={},first=true,on={WRITES},{kind}", nth.join("|"))
        };
        let faults: Vec<String> = kinds.iter().enumerate().map(rule).collect();
        let open = self.open(&faults.join(";"), trouble);
        succeeds("apply", &apply(&open))?;
        let hit = second_attempts(&open.log())?;
        if hit != calls.len() {
            return Err(format!("{hit} of {} calls were hit", calls.len()));
        }
        // A plan follows from the catalog, the live state and the ledger: where those are what they are after an
        // undisturbed run, it is empty as after that one.
        self.is_reached(open)
    }

    fn is_reached(&self, open: Open) -> Result<(), String> {
        let (objects, ledger) = same::state(&open.close());
        same::compare("the API holds", &self.objects, &objects)?;
        same::compare_ledgers(&self.ledger, &ledger)
    }

    /// Every call meets every trouble. A killed run ends there; the others go on, so that one of them is enough for
    /// every so manieth call.
    fn each(&self) {
        let mut cells: Vec<(Vec<usize>, &Trouble)> = Vec::new();
        let count = self.calls.len();
        for trouble in TROUBLE {
            if trouble.kill {
                cells.extend((0..count).map(|call| (vec![call], trouble)));
            } else {
                cells.extend((0..APART).map(|first| ((first..count).step_by(APART).collect(), trouble)));
            }
        }
        let tried: usize = cells.iter().map(|(calls, _)| calls.len()).sum();
        assert_eq!(tried, count * TROUBLE.len());
        let (next, wrong) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((calls, trouble)) = cells.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let done = match calls.as_slice() {
                            [call] if trouble.kill => self.killed(*call, trouble),
                            calls => self.troubled(calls, trouble),
                        };
                        if let Err(why) = done {
                            let at: Vec<String> =
                                calls.iter().map(|call| format!("  {} {}", call + 1, self.calls[*call])).collect();
                            wrong.lock().unwrap().push(format!("{}, at\n{}\n{why}", trouble.name, at.join("\n")));
                        }
                    }
                });
            }
        });
        let wrong = wrong.into_inner().unwrap();
        assert!(wrong.is_empty(), "{} of {} runs\n\n{}", wrong.len(), cells.len(), wrong.join("\n\n"));
    }
}

fn succeeds(what: &str, ended: &Ended) -> Result<(), String> {
    if ended.code == Some(0) {
        return Ok(());
    }
    Err(format!("{what} ends with {:?}\n{}\n{}", ended.code, ended.stdout, ended.stderr))
}

/// After each trouble the same call was made again, with the same idempotency key, or it was looked up what became of
/// the first one. How many calls were hit.
fn second_attempts(log: &[Value]) -> Result<usize, String> {
    let mut hits = 0;
    for (at, hit) in log.iter().enumerate().filter(|(_, line)| !line["fault"].is_null()) {
        hits += 1;
        let again = |line: &Value| {
            ["method", "path", "idempotency_key"].iter().all(|what| line[*what] == hit[*what])
                && line["fault"].is_null()
        };
        let looks = |line: &Value| line["method"] == "GET" && hit["status"] != 429;
        match log.get(at + 1) {
            Some(line) if again(line) || looks(line) => {}
            next => return Err(format!("after {hit} came {next:?}")),
        }
    }
    Ok(hits)
}

/// Nobody made the catalogs poorer: these methods and parts of paths are among the calls.
fn is_rich(calm: &Calm, wanted: &[(&str, &[&str])]) {
    for (method, parts) in wanted {
        for part in *parts {
            let found = calm.calls.iter().any(|call| call.starts_with(method) && call.contains(part));
            assert!(found, "{method} {part}: {:#?}", calm.calls);
        }
    }
}
