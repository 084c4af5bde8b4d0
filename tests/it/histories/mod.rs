//! Random histories: a catalog is edited, objects are renamed, changed, deleted and added outside, runs are killed or
//! meet trouble, the ledger is lost, saved changesets come too late. Whatever happened: an apply or two later nothing
//! is left to do, nothing is there twice, and what others made is as they left it.
//!
//! `PRICEBOOK_HISTORIES=1000` runs as many; `PRICEBOOK_HISTORY=17` runs one by its seed and prints it.

mod bxb;
mod commet;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::project::{Outcome, Plan, Project};

/// SplitMix64: the same seed, the same history.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap()
    }

    pub(super) fn one_of<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        if values.is_empty() { None } else { values.get(self.below(values.len())) }
    }
}

/// One thing that happens. A number in it is the seed of whatever is chosen.
#[derive(Clone, Debug)]
enum Step {
    /// Another catalog.
    Rewrite(u64),
    /// The same catalog with something else in it.
    Edit(u64),
    /// A new key, with `previously`.
    Rename(u64),
    /// Somebody changes an object of ours.
    Change(u64),
    /// Somebody deletes an object of ours.
    Delete(u64),
    /// Somebody makes an object of their own.
    Foreign(u64),
    /// An apply without trouble.
    Apply,
    /// An apply that is killed while its n-th write waits for an answer that was lost, or before it was done.
    Kill { write: usize, done: bool, parallel: bool },
    /// An apply in bad weather.
    Trouble(u64),
    /// The ledger is gone.
    Lose,
    /// A changeset is saved; something may happen; it is applied.
    Saved(Option<Box<Step>>),
}

fn step(random: &mut Random) -> Step {
    match random.below(23) {
        0 | 1 => Step::Rewrite(random.next()),
        2..=5 => Step::Edit(random.next()),
        6 => Step::Rename(random.next()),
        7..=9 => Step::Change(random.next()),
        10 | 11 => Step::Delete(random.next()),
        12 | 13 => Step::Foreign(random.next()),
        14..=16 => Step::Apply,
        17 | 18 => {
            Step::Kill { write: 1 + random.below(14), done: random.below(2) == 0, parallel: random.below(2) == 0 }
        }
        19 => Step::Trouble(random.next()),
        20 => Step::Lose,
        _ => Step::Saved(match random.below(3) {
            0 => None,
            1 => Some(Box::new(Step::Edit(random.next()))),
            _ => Some(Box::new(Step::Change(random.next()))),
        }),
    }
}

fn history(seed: u64) -> Vec<Step> {
    let mut random = Random(seed);
    let mut steps = vec![Step::Rewrite(random.next())];
    // Most begin with something live.
    if random.below(4) > 0 {
        steps.push(Step::Apply);
    }
    let length = 3 + random.below(8);
    steps.extend((0..length).map(|_| step(&mut random)));
    steps
}

/// A top-level object that is live: where it stands in a catalog, the key by which `absent:` names it, its id, and
/// all that the API shows of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thing {
    pub(super) collection: &'static str,
    pub(super) key: String,
    pub(super) id: String,
    pub(super) shown: Value,
}

/// What a billing API adds to the law.
pub(super) struct Party {
    /// `bxb`, `commet@2026-07-31`.
    pub(super) name: &'static str,
    /// A valid catalog.
    pub(super) catalog: fn(&[u8]) -> Value,
    /// The top-level objects of a catalog: collection and the key of `absent:`.
    pub(super) named: fn(&Value) -> Vec<(&'static str, String)>,
    /// All top-level objects that are live.
    pub(super) live: fn(&Project) -> Vec<Thing>,
    /// Gives something another key, if this language can.
    pub(super) rename: fn(&mut Value, &mut Random, usize),
    /// Changes an object outside. The number is one that nothing else has.
    pub(super) change: fn(&Project, &Thing, &mut Random, usize),
    /// Deletes an object, or a part of it, outside.
    pub(super) delete: fn(&Project, &Thing, &mut Random),
    /// Makes an object outside.
    pub(super) make: fn(&Project, &mut Random, usize),
}

/// Collections of which two objects may have one name.
const SHARED: &[&str] = &["groups", "offers", "markets"];

struct World<'p> {
    party: &'p Party,
    project: Project,
    bytes: Vec<u8>,
    catalog: Value,
    /// What a catalog named at some time.
    named: BTreeSet<(&'static str, String)>,
    /// What somebody else made, as they left it.
    foreign: Vec<Thing>,
    /// The ids of objects that a lost ledger knew, or that a killed run made: where the API lets two objects share a
    /// name, one of them may be left, and it is told.
    forgotten: BTreeSet<String>,
    count: usize,
    said: Vec<String>,
}

impl<'p> World<'p> {
    fn new(party: &'p Party) -> Self {
        Self {
            party,
            project: Project::lasting(party.name),
            bytes: Vec::new(),
            catalog: json!({ "provider": party.name.split('@').next() }),
            named: BTreeSet::new(),
            foreign: Vec::new(),
            forgotten: BTreeSet::new(),
            count: 0,
            said: Vec::new(),
        }
    }

    fn write(&mut self, catalog: Value) {
        self.catalog = catalog;
        self.project.write(&self.catalog);
        self.named.extend((self.party.named)(&self.catalog));
        // What a catalog names is its business from now on.
        let named = &self.named;
        self.foreign.retain(|thing| !named.contains(&(thing.collection, thing.key.clone())));
    }

    /// Live objects that the tool made or was told to take over.
    fn ours(&self) -> Vec<Thing> {
        let mut things = (self.party.live)(&self.project);
        things.retain(|thing| !self.foreign.iter().any(|foreign| foreign.id == thing.id));
        things
    }

    fn happens(&mut self, step: &Step) {
        self.count += 1;
        match step {
            Step::Rewrite(seed) => {
                let mut random = Random(*seed);
                self.bytes = (0..420).map(|_| random.next().to_le_bytes()[0]).collect();
                self.write((self.party.catalog)(&self.bytes));
            }
            Step::Edit(seed) => {
                let mut random = Random(*seed);
                for _ in 0..=random.below(3) {
                    let at = random.below(self.bytes.len());
                    self.bytes[at] = random.next().to_le_bytes()[0];
                }
                self.write((self.party.catalog)(&self.bytes));
            }
            Step::Rename(seed) => {
                let mut catalog = self.catalog.clone();
                (self.party.rename)(&mut catalog, &mut Random(*seed), self.count);
                self.write(catalog);
            }
            Step::Change(seed) => {
                let mut random = Random(*seed);
                if let Some(thing) = random.one_of(&self.ours()) {
                    (self.party.change)(&self.project, thing, &mut random, self.count);
                }
            }
            Step::Delete(seed) => {
                let mut random = Random(*seed);
                if let Some(thing) = random.one_of(&self.ours()) {
                    (self.party.delete)(&self.project, thing, &mut random);
                }
            }
            Step::Foreign(seed) => {
                let before: BTreeSet<String> =
                    (self.party.live)(&self.project).into_iter().map(|thing| thing.id).collect();
                (self.party.make)(&self.project, &mut Random(*seed), self.count);
                let made = (self.party.live)(&self.project).into_iter().filter(|thing| !before.contains(&thing.id));
                self.foreign.extend(made.filter(|thing| !self.named.contains(&(thing.collection, thing.key.clone()))));
            }
            Step::Apply => {
                let arguments = self.arguments(&["apply", "--yes"]);
                self.watched(|world| world.run(&arguments));
            }
            Step::Kill { write, done, parallel } => self.killed(*write, *done, *parallel),
            Step::Trouble(seed) => {
                let kinds = "429|500|502|504|lost|reset";
                let arguments = self.arguments(&["apply", "--yes"]);
                let faults = format!("rate=0.2,kinds={kinds},retry_after=0,seed={}", seed % 1_000_000);
                self.watched(|world| {
                    world.project.restart(Some(&faults));
                    let outcome = world.run(&arguments);
                    world.project.restart(None);
                    outcome
                });
            }
            Step::Lose => {
                let ids: Vec<String> = self.ours().into_iter().map(|thing| thing.id).collect();
                self.forgotten.extend(ids);
                let _ = std::fs::remove_file(self.project.ledger_path());
            }
            Step::Saved(between) => {
                let planned = self.run(&["plan".into(), "--out".into(), "saved.json".into()]);
                let arguments = self.arguments(&["apply", "saved.json", "--yes"]);
                if let Some(step) = between {
                    self.happens(step);
                }
                if planned.code == 0 {
                    self.watched(|world| world.run(&arguments));
                }
            }
        }
    }

    /// A command with the acknowledgements that the plan of now asks for.
    fn arguments(&self, command: &[&str]) -> Vec<String> {
        let mut plan = vec!["plan", "--format", "json"];
        plan.extend(command.iter().filter(|word| **word == "--write-unreadable"));
        let planned = self.project.run(&plan);
        let mut arguments: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        if planned.code == 0 {
            for guard in Plan::of(&planned.stdout).guards() {
                arguments.extend(["--ack".to_owned(), guard]);
            }
        }
        arguments
    }

    fn run(&mut self, arguments: &[String]) -> Outcome {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome = self.project.run(&arguments);
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        assert!(matches!(outcome.code, 0 | 3 | 4 | 5 | 6), "{arguments:?} {outcome:?}");
        self.said.push(format!("{} → {}", arguments.join(" "), outcome.code));
        outcome
    }

    /// A run of the program, and the law about what it may write.
    fn watched(&mut self, run: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.project.requests().len();
        let outcome = run(self);
        let requests = self.project.requests();
        let writes: Vec<_> = requests[before..].iter().filter(|request| request.method != "GET").collect();
        if matches!(outcome.code, 3..=5) {
            assert!(writes.is_empty(), "refused, and sent {writes:?}\n{outcome:?}");
        }
        for request in writes {
            for thing in &self.foreign {
                let is_theirs = |segment: &str| segment == thing.id || segment == thing.key;
                let path = request.path.split('?').next().unwrap_or_default();
                assert!(!path.split('/').any(is_theirs), "{request:?} is about {thing:?}\n{}", outcome.stdout);
            }
        }
        outcome
    }

    /// Killed while the n-th write waits for its answer; `done` says whether the server did the work.
    fn killed(&mut self, write: usize, done: bool, parallel: bool) {
        let mut arguments = self.arguments(&["apply", "--yes", "--parallel"]);
        arguments.insert(3, if parallel { "4" } else { "1" }.to_owned());
        let kind = if done { "stall" } else { "timeout" };
        self.watched(|world| {
            let before = world.project.writes().len();
            world.project.restart(Some(&format!("nth={write},kind={kind},on=POST|PUT|PATCH|DELETE,delay_ms=60000")));
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut child = world.project.spawn(&arguments);
            // The time-out is only there for a test that fails.
            for _ in 0..6000 {
                let ended = child.try_wait().unwrap().is_some();
                if ended || world.project.writes().len() - before + 1 >= write {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(Duration::from_millis(50));
            let _ = child.kill();
            let status = child.wait().unwrap();
            world.project.restart(None);
            world.said.push(format!("killed at write {write}: {status}"));
            let ids: Vec<String> = world.ours().into_iter().map(|thing| thing.id).collect();
            world.forgotten.extend(ids);
            Outcome { code: status.code().unwrap_or(-1), stdout: String::new(), stderr: String::new() }
        });
    }

    /// An apply or two later everything is as the files say, and nothing else was touched.
    fn converges(&mut self) {
        // What a lost ledger forgot stays live, and only `absent:` takes it away.
        let wanted: BTreeSet<(&str, String)> = (self.party.named)(&self.catalog).into_iter().collect();
        let mut catalog = self.catalog.clone();
        for thing in self.ours() {
            if !wanted.contains(&(thing.collection, thing.key.clone())) {
                let absent = &mut catalog["absent"][thing.collection];
                if absent.is_null() {
                    *absent = json!([]);
                }
                let list = absent.as_array_mut().unwrap();
                if !list.contains(&json!(thing.key)) {
                    list.push(json!(thing.key));
                }
            }
        }
        self.write(catalog);
        let mut last = String::new();
        for _ in 0..3 {
            let arguments = self.arguments(&["apply", "--yes", "--write-unreadable"]);
            let outcome = self.watched(|world| world.run(&arguments));
            last = format!("{}\n{}", outcome.stdout, outcome.stderr);
            if outcome.code == 0 && self.project.run(&["plan", "--detailed-exitcode"]).code == 0 {
                break;
            }
        }
        let plan = self.project.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, 0, "not converged\n{}\n{}\nafter\n{last}", plan.stdout, plan.stderr);

        let live = (self.party.live)(&self.project);
        for thing in &self.foreign {
            assert!(live.contains(thing), "was {thing:#?}\nis {:#?}", live.iter().find(|one| one.id == thing.id));
        }
        let ours = self.ours();
        let unmanaged = Plan::of(&self.project.run(&["plan", "--format", "json"]).stdout).0["unmanaged"].clone();
        let mut left: Vec<(&str, String)> = Vec::new();
        let mut leftovers = 0;
        // Some may share a name. One that was forgotten is counted as not managed, and no word names it.
        let (forgotten, known): (Vec<&Thing>, Vec<&Thing>) =
            ours.iter().partition(|thing| self.forgotten.contains(&thing.id));
        for thing in known.into_iter().chain(forgotten) {
            let key = (thing.collection, thing.key.clone());
            if SHARED.contains(&thing.collection) && self.forgotten.contains(&thing.id) && left.contains(&key) {
                leftovers += 1;
            } else {
                left.push(key);
            }
        }
        left.sort();
        assert_eq!(unmanaged.as_array().unwrap().len(), self.foreign.len() + leftovers, "{unmanaged}");
        assert_eq!(left, wanted.into_iter().collect::<Vec<_>>(), "something is missing, or there twice");
    }
}

/// Plays a history; the words say what broke.
fn play(party: &Party, steps: &[Step]) -> Result<(), String> {
    let mut world = World::new(party);
    let run = catch_unwind(AssertUnwindSafe(|| {
        for step in steps {
            world.happens(step);
        }
        world.converges();
    }));
    run.map_err(|why| {
        let text = why.downcast_ref::<String>().cloned();
        let text = text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        format!("{text}\nruns: {:#?}\ncatalog: {}", world.said, world.catalog)
    })
}

/// The shortest history that still breaks, as far as leaving out one step after another finds it.
fn shortened(party: &Party, mut steps: Vec<Step>, mut why: String) -> (Vec<Step>, String) {
    let mut at = steps.len();
    while at > 0 {
        at -= 1;
        let mut fewer = steps.clone();
        fewer.remove(at);
        // The first one writes the catalog.
        if at > 0
            && let Err(words) = play(party, &fewer)
        {
            (steps, why) = (fewer, words);
        }
    }
    (steps, why)
}

fn seeds(usual: u64, share: (u64, u64)) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    // One seed, or a range of them: `17` or `301-400`.
    if let Ok(text) = std::env::var("PRICEBOOK_HISTORY") {
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        return (first.parse().unwrap()..=last.parse().unwrap()).collect();
    }
    let count = number("PRICEBOOK_HISTORIES").map_or(usual, |all| all * share.0 / share.1);
    (1..=count).collect()
}

/// Parties take turns, by the seed.
fn all(parties: &[&Party], seeds: &[u64]) {
    let party = |seed: u64| parties[usize::try_from(seed).unwrap() % parties.len()];
    let (next, broken) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(why) = play(party(*seed), &history(*seed)) {
                        broken.lock().unwrap().push((*seed, why));
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    let Some((seed, why)) = broken.first() else { return };
    let (steps, why) = shortened(party(*seed), history(*seed), why.clone());
    let seeds: Vec<u64> = broken.iter().map(|(seed, _)| *seed).collect();
    panic!("{} histories broke, by their seeds {seeds:?}; {seed} in short:\n{steps:#?}\n{why}", seeds.len());
}

#[test]
fn of_commet() {
    all(&[&commet::JULY11, &commet::JULY31], &seeds(30, (2, 3)));
}

#[test]
fn of_bxb() {
    all(&[&bxb::PARTY], &seeds(15, (1, 3)));
}
