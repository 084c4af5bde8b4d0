//! An apply from one state to another, told with trouble at any call, for both providers: kill it, run it again, and
//! compare with what an undisturbed run leaves, live and in the ledger.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bxb_crash::{self, Place, changed, example};
use crate::workspace::{Ended, SHOP, World, ended};

/// A project and its API, whoever's it is.
pub(crate) trait Site {
    /// The program in this project.
    fn command(&self, arguments: &[&str]) -> Command;
    /// A file of the project.
    fn file(&self, name: &str) -> PathBuf;
    /// Everything that the API shows, without what differs from run to run.
    fn live(&self) -> Value;

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn go(&self, arguments: &[&str]) -> Ended {
        ended(self.start(arguments))
    }

    fn journal(&self) -> PathBuf {
        self.file(".pricebook/test.journal.jsonl")
    }

    /// How often the journal says this: `sent`, `done`.
    fn journaled(&self, event: &str) -> usize {
        let text = fs::read_to_string(self.journal()).unwrap_or_default();
        text.matches(&format!("{{\"event\":\"{event}\"")).count()
    }

    /// What the ledger knows, ids aside.
    fn known(&self) -> Value {
        let text = fs::read_to_string(self.file(".pricebook/test.ledger.json")).unwrap();
        let ledger: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(ledger.get("pending"), None, "{ledger:#}");
        let mut objects = ledger["objects"].clone();
        for (_, entry) in objects.as_object_mut().unwrap() {
            entry.as_object_mut().unwrap().remove("id");
            for (_, value) in entry["written"].as_object_mut().unwrap() {
                // `11.04` and `11.0400` are one number.
                for number in value.as_object_mut().unwrap().iter_mut().filter(|(kind, _)| *kind != "text") {
                    if let Some(text) = number.1.as_str().filter(|text| text.contains('.')) {
                        *number.1 = text.trim_end_matches('0').trim_end_matches('.').into();
                    }
                }
            }
        }
        objects
    }
}

impl Site for World {
    fn command(&self, arguments: &[&str]) -> Command {
        self.folder.command(arguments)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path(name)
    }

    fn live(&self) -> Value {
        self.state()
    }
}

impl Site for bxb_crash::World {
    fn command(&self, arguments: &[&str]) -> Command {
        self.command(arguments)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    fn live(&self) -> Value {
        json!(self.state())
    }
}

/// One call at a time, with every guard that the stories here meet.
pub(crate) const APPLY: &[&str] =
    &["apply", "--yes", "--parallel", "1", "--ack", "PB-G03", "--ack", "PB-G05", "--ack", "PB-G06", "--ack", "PB-G08"];
pub(crate) const RESUME: &[&str] = &["apply", "--resume", "--yes", "--parallel", "1"];
pub(crate) const WRITES: &str = "POST|PUT|PATCH|DELETE";

/// Makes a site; asked with how many writes it had before, the inner function says which faults it gets.
pub(crate) type MakeSite<'a> = dyn Fn(&dyn Fn(usize) -> String) -> Box<dyn Site> + Sync + 'a;

/// What an undisturbed apply does from one state to another, and a way to have that moment again with trouble.
pub(crate) struct Story<'a> {
    /// A site just before the apply. Faults count its calls from the first.
    pub(crate) site: Box<MakeSite<'a>>,
    pub(crate) live: Value,
    pub(crate) known: Value,
    pub(crate) calls: usize,
}

impl<'a> Story<'a> {
    pub(crate) fn of(site: impl Fn(&dyn Fn(usize) -> String) -> Box<dyn Site> + Sync + 'a) -> Self {
        let calm = site(&|_| String::new());
        let report = calm.go(&[APPLY, &["--format", "json"]].concat()).exits(0).json();
        let calls = report["applied"].as_array().unwrap().len();
        assert!(!calm.journal().exists(), "a run that ended well leaves no journal");
        let (live, known) = (calm.live(), calm.known());
        Self { site: Box::new(site), live, known, calls }
    }

    /// The site, with trouble at its n-th call.
    pub(crate) fn with(&self, kind: &str, at: usize) -> Box<dyn Site> {
        self.with_all(&[(kind, at)])
    }

    pub(crate) fn with_all(&self, troubles: &[(&str, usize)]) -> Box<dyn Site> {
        (self.site)(&|before| {
            let rule =
                |(kind, at): &(&str, usize)| format!("nth={},kind={kind},on={WRITES},delay_ms=20000", before + at);
            troubles.iter().map(rule).collect::<Vec<_>>().join(";")
        })
    }

    /// Everything is as an undisturbed run leaves it, and there is nothing left to do.
    #[track_caller]
    pub(crate) fn is_reached(&self, site: &dyn Site, what: &str) {
        same(&site.live(), &self.live, &format!("{what}: live"));
        same(&site.known(), &self.known, &format!("{what}: ledger"));
        assert!(!site.journal().exists(), "{what}");
        site.go(&["plan", "--detailed-exitcode"]).exits(0);
    }

    /// Kills before and after calls, and what comes then.
    pub(crate) fn killed(&self, step: usize, then: &[&[&str]]) {
        let kinds = ["timeout", "stall"];
        let all = (1..=self.calls)
            .flat_map(|at| kinds.iter().flat_map(move |kind| then.iter().map(move |then| (at, *kind, *then))));
        let some: Vec<_> = all.enumerate().filter(|(number, _)| number % step == 0).map(|(_, one)| one).collect();
        each(&some, |(at, kind, then)| {
            let what = format!("{kind} at call {at}, then {}", then.join(" "));
            let site = self.with(kind, *at);
            killed(&*site, APPLY, *at);
            let ended = site.go(then);
            assert_eq!(ended.code, Some(0), "{what}: {}\n{}", ended.stdout, ended.stderr);
            self.is_reached(&*site, &what);
        });
    }
}

/// Equal, or the places where they are not.
#[track_caller]
pub(crate) fn same(found: &Value, expected: &Value, what: &str) {
    fn differ(path: &str, found: &Value, expected: &Value, out: &mut Vec<String>) {
        match (found, expected) {
            (Value::Object(one), Value::Object(other)) => {
                let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    differ(&format!("{path}/{key}"), &found[key], &expected[key], out);
                }
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                one.iter()
                    .zip(other)
                    .enumerate()
                    .for_each(|(at, (one, other))| differ(&format!("{path}/{at}"), one, other, out));
            }
            _ if found == expected => {}
            _ => out.push(format!("{path}: {found} instead of {expected}")),
        }
    }
    let mut out = Vec::new();
    differ("", found, expected, &mut out);
    assert!(out.is_empty(), "{what}\n{}", out.join("\n"));
}

/// Runs a test of everything, several at a time.
pub(crate) fn each<T: Sync>(all: &[T], test: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    test(one);
                }
            });
        }
    });
}

/// Waits until something is so; the time-out is only there for a test that fails.
pub(crate) fn until(what: impl Fn() -> bool) {
    for _ in 0..4000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never happened");
}

/// Starts an apply and kills it while its n-th call (of all runs in this journal) has no answer.
pub(crate) fn killed(site: &dyn Site, arguments: &[&str], at: usize) {
    let mut child = site.start(arguments);
    until(|| site.journaled("sent") >= at);
    // Whether the server has the call by now does not matter to what is tested.
    std::thread::sleep(Duration::from_millis(100));
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(crate) fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

pub(crate) fn commet(from: Option<&'static str>, to: &'static str) -> Story<'static> {
    Story::of(move |faults| {
        let before = from.map_or(0, |from| {
            let world = World::new(from);
            world.run(APPLY).exits(0);
            world.writes().len()
        });
        let faults = faults(before);
        let world =
            if faults.is_empty() { World::new(from.unwrap_or(to)) } else { World::faulty(from.unwrap_or(to), &faults) };
        if from.is_some() {
            world.run(APPLY).exits(0);
            world.catalog(to);
        }
        world.forget_log();
        Box::new(world)
    })
}

/// Everything that a shop can have, with a field that no read shows.
pub(crate) fn shop() -> &'static str {
    static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        SHOP.replace("regions:\n      eur: { exchange_rate: 0.92, prices: { monthly: 189.00 } }", "regions:\n      eur: { exchange_rate: 0.92, prices: { monthly: { amount: 189.00, intro_offer: { percentage: 20%, cycles: 3 } } } }")
            .replace("scale:\n    name: Scale", "scale:\n    public: false\n    name: Scale")
    });
    assert!(TEXT.contains("intro_offer") && TEXT.contains("public: false"));
    &TEXT
}

pub(crate) fn other_shop() -> &'static str {
    static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let scale = &shop()[shop().find("  scale:\n").unwrap()..shop().find("addons:").unwrap()];
        shop()
            .replace("price_changes: reprice", "price_changes: grandfather")
            .replace("monthly: 49.00, yearly: 490.00", "monthly: 59.00, quarterly: 150.00")
            .replace("eur: { exchange_rate: 0.92 }", "eur: { exchange_rate: 0.95 }\n      brl: { exchange_rate: 5.40 }")
            .replace("free: true, features: { sso: true }", "free: true, public: false, description: For all")
            .replace(scale, "  team:\n    name: Team\n    consumption_model: metered\n    prices: { monthly: 99.00 }\n    features: { seats: { included_amount: 3, overage: 9.00 } }\n")
            .replace("[free, pro, scale]", "[team, free, pro]")
            .replace("name: Main", "name: Plans")
    });
    assert!(!TEXT.contains("scale") && TEXT.contains("team"));
    &TEXT
}

pub(crate) fn bxb(from: Place, to: PathBuf) -> Story<'static> {
    Story::of(move |faults| {
        let place = from.copied();
        place.catalog(&to);
        let faults = faults(0);
        Box::new(bxb_crash::World::open(place, (!faults.is_empty()).then_some(&*faults)))
    })
}

pub(crate) fn bxb_changing() -> Story<'static> {
    let from = Place::with(&example());
    let to = changed(from.folder.path());
    bxb(from, to)
}
