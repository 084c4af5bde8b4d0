//! One apply at a time: who has the lock, who may take it, and what happens to whoever loses it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pricebook::ledger::Moment;
use serde_json::json;

use super::{KINDS, Kind, Scene, until};
use crate::workspace::{Raw, SHOP, World, ended, ok};

/// An API that answers a write when it is told to, and what it was asked.
struct Gate {
    raw: Raw,
    open: Arc<AtomicBool>,
}

impl Gate {
    fn new(blocked: &'static str) -> Self {
        let open = Arc::new(AtomicBool::new(false));
        let gate = Arc::clone(&open);
        let raw = Raw::start(move |line, _| {
            while line.starts_with(blocked) && !gate.load(Ordering::SeqCst) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            if line.starts_with("GET") { ok(&json!([])) } else { ok(&json!({ "id": "x_1" })) }
        });
        Self { raw, open }
    }

    fn scene(&self, kind: Kind) -> Scene {
        Scene::at(kind, World::new(SHOP), &self.raw.url)
    }

    fn asked(&self, method: &str) -> usize {
        self.raw.seen().iter().filter(|request| request.starts_with(method)).count()
    }

    fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

fn start(scene: &Scene, arguments: &[&str], seconds: &str) -> Child {
    let mut command = scene.here().command(&scene.world, arguments);
    command.env("PRICEBOOK_LOCK_SECONDS", seconds).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(name: &str, child: &Child) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn held_by_a_living_one() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["plan", "--out", "saved.json"]).exits(0);
        scene.locked_by_another(3600);
        let before = scene.read();
        scene.world.forget_log();
        for arguments in [&["apply", "--yes"][..], &["apply", "saved.json", "--yes"], &["apply"]] {
            let ended = here.run(&scene.world, arguments).exits(7);
            assert_eq!(ended.stdout, "");
            insta::allow_duplicates! {
                insta::assert_snapshot!(here.plain(&ended.stderr), @"
                error: the lock of test is held by bo@ci-7 (apply) since MOMENT, SOME TIME ago; nothing was sent
                  its run: https://ci.example/runs/7
                  it ends at MOMENT unless that run goes on
                help: try again when it is done; if it is not running any more: pricebook ledger unlock b0b0000000000001 --env test
                ");
            }
        }
        assert!(scene.world.log().is_empty(), "not even read");
        here.run(&scene.world, &["plan"]).exits(0);
        here.run(&scene.world, &["validate"]).exits(0);
        assert_eq!(scene.read(), before);
        let forget = here.run(&scene.world, &["ledger", "forget", "plans.pro"]).exits(7);
        assert!(forget.stderr.contains("held by bo@ci-7"));
    }
}

#[test]
fn left_over_by_time() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        scene.locked_by_another(-1);
        let ended = here.run(&scene.world, &["apply", "--yes", "-q"]).exits(0);
        insta::allow_duplicates! {
            insta::assert_snapshot!(here.plain(&ended.stderr), @"note: the lock of test was left by bo@ci-7 (apply) since MOMENT, SOME TIME ago; its time is over, so it is taken over");
        }
        assert_eq!(scene.lock(), None);
        assert_eq!(scene.ledger()["serial"], 2);
    }
}

#[test]
fn a_lock_that_cannot_be_read() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        scene.put(|contents| contents.lock = Some(b"{ what".to_vec()));
        let ended = here.run(&scene.world, &["apply", "--yes"]).exits(7);
        insta::allow_duplicates! {
            insta::assert_snapshot!(here.plain(&ended.stderr), @"
            error: the lock of test is held by somebody whose lock cannot be read; nothing was sent
            help: try again when it is done; if it is not running any more: pricebook ledger unlock LOCK --env test
            ");
        }
        let id = ended.stderr.split("unlock ").nth(1).unwrap().split(' ').next().unwrap();
        here.run(&scene.world, &["ledger", "unlock", id]).exits(0);
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
    }
}

#[test]
fn left_over_by_a_dead_process() {
    for kind in KINDS {
        let gate = Gate::new("POST");
        let scene = gate.scene(kind);
        let here = scene.here();
        let mut child = start(&scene, &["apply", "--yes", "--only", "features.sso"], "300");
        until("it writes", || gate.asked("POST") > 0);
        let lock = scene.lock().unwrap();
        assert_eq!((&lock["command"], &lock["process"]["pid"]), (&json!("apply"), &json!(child.id())));
        child.kill().unwrap();
        child.wait().unwrap();
        gate.open();
        let show = here.run(&scene.world, &["ledger", "show"]).exits(0);
        assert!(show.stdout.contains("is left over from a process that is gone"), "{}", show.stdout);
        let ended = here.run(&scene.world, &["apply", "--yes", "--only", "features.sso", "-q"]).exits(0);
        let notes: Vec<&str> = ended.stderr.lines().filter(|line| line.contains(" lock ")).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(here.plain(&notes.join("\n")), @"note: the lock of test was left by ana@HOST (apply) since MOMENT, SOME TIME ago; that process is gone, so it is taken over");
        }
        assert_eq!(scene.lock(), None);
    }
}

#[test]
fn kept_while_it_runs() {
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || kept(kind));
        }
    });
}

fn kept(kind: Kind) {
    let gate = Gate::new("POST");
    let scene = gate.scene(kind);
    let child = start(&scene, &["apply", "--yes", "--only", "features.sso"], "9");
    until("it writes", || gate.asked("POST") > 0);
    let lock = || scene.lock().unwrap();
    let end = |lock: &serde_json::Value| serde_json::from_value::<Moment>(lock["expires"].clone()).unwrap();
    let first = lock();
    // When the first end is past, there is a later one, of the same lock.
    until("its first end is past", || Moment::now() > end(&first));
    let now = lock();
    assert!(now["id"] == first["id"] && now["started"] == first["started"] && end(&now) > end(&first));
    scene.another("other").run(&scene.world, &["apply", "--yes"]).exits(7);
    gate.open();
    ended(child).exits(0);
    assert_eq!(scene.lock(), None);
    assert_eq!(scene.ledger()["objects"]["features.sso"]["id"], "x_1");
}

#[test]
fn freed_on_every_way_out() {
    for kind in KINDS {
        // A guard, an error of the API, a refused key, no terminal, a ledger of tomorrow.
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["apply"]).exits(3);
        assert_eq!(scene.lock(), None);
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        fs::write(here.path("catalog.yaml"), SHOP.replace("monthly: 49.00", "monthly: 490.00")).unwrap();
        here.run(&scene.world, &["apply", "--yes"]).exits(4);
        assert_eq!(scene.lock(), None);
        super::run(here.command(&scene.world, &["apply", "--yes"]).env("PB_KEY", "nonsense")).exits(8);
        assert_eq!(scene.lock(), None);
        let good = scene.read().ledger.unwrap();
        scene.put(|contents| contents.ledger = Some(b"{\"format\": 99}".to_vec()));
        here.run(&scene.world, &["apply", "--yes"]).exits(1).complains("update Pricebook");
        assert_eq!(scene.lock(), None);
        scene.put(|contents| contents.ledger = Some(good.clone()));

        // An interrupt while it reads, and one while it writes.
        for (blocked, name, words) in [
            ("GET", "-INT", "interrupted; nothing was sent"),
            ("GET", "-TERM", "interrupted; nothing was sent"),
            ("POST", "-INT", "calls in flight are finished"),
        ] {
            let gate = Gate::new(blocked);
            let scene = gate.scene(kind);
            let mut child = start(&scene, &["apply", "--yes", "--only", "features.*"], "300");
            until("it asks", || gate.asked(blocked) > 0);
            assert!(scene.lock().is_some());
            signal(name, &child);
            // What is on its way is finished, so that has to end.
            wait_for(&mut child, words);
            gate.open();
            ended(child).exits(130);
            assert_eq!(scene.lock(), None);
        }
    }
}

/// Standard error, line by line, while the program runs.
fn wait_for(child: &mut Child, words: &str) -> String {
    let mut seen = String::new();
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap());
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "`{words}` is not in\n{seen}");
        seen += &line;
        if line.contains(words) {
            // What was read ahead must not be lost.
            seen += &String::from_utf8_lossy(lines.buffer());
            return seen;
        }
    }
}

/// Runs an apply that loses its lock in the middle of its first write, and gives what it says.
fn losing(kind: Kind, lose: impl FnOnce(&Scene)) -> String {
    let gate = Gate::new("POST");
    let scene = gate.scene(kind);
    let here = scene.here();
    let mut child = start(&scene, &["apply", "--yes", "--only", "features.*", "--parallel", "1"], "6");
    until("it writes", || gate.asked("POST") > 0);
    lose(&scene);
    let (lost, there) = (scene.lock(), scene.read().ledger);
    let mut said = wait_for(&mut child, "No more calls are made");
    gate.open();
    child.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code();
    assert_eq!((code, gate.asked("POST")), (Some(7), 1), "{said}");
    // What it did is not lost, and what stands there is not touched.
    assert_eq!((scene.lock(), scene.read().ledger), (lost, there));
    let kept: serde_json::Value =
        serde_json::from_slice(&fs::read(here.path(".pricebook/test.unsaved.json")).unwrap()).unwrap();
    assert_eq!(kept["objects"].as_object().unwrap().len(), 1);
    let ours: Vec<&str> = said.lines().filter(|line| !line.starts_with('[')).collect();
    here.plain(&ours.join("\n"))
}

#[test]
fn taken_away_while_it_runs() {
    for kind in KINDS {
        let said = losing(kind, |scene| scene.locked_by_another(3600));
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @"
            error: the lock is now held by bo@ci-7 (apply) since MOMENT, SOME TIME ago. No more calls are made; those on their way are finished
            error: the calls were made, but the lock is now held by bo@ci-7 (apply) since MOMENT, SOME TIME ago; the ledger is not written over
              what was to be remembered is in .pricebook/test.unsaved.json
            help: run apply again when the other run is done: it goes on from what is live
            ");
        }
    }
}

#[test]
fn freed_while_it_runs() {
    for kind in KINDS {
        let said = losing(kind, |scene| {
            let id = scene.lock().unwrap()["id"].as_str().unwrap().to_owned();
            let here = scene.here();
            let unlocked = here.run(&scene.world, &["ledger", "unlock", &id]).exits(0);
            insta::allow_duplicates! {
                insta::assert_snapshot!(here.plain(&unlocked.stdout), @"
                The lock of test is free. It was held by ana@HOST (apply) since MOMENT, SOME TIME ago
                If that run still goes on, it stops when it next renews its lock, and saves no ledger
                ");
            }
        });
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @"
            error: the lock was freed by somebody. No more calls are made; those on their way are finished
            error: the calls were made, but the lock was freed by somebody; the ledger is not written over
              what was to be remembered is in .pricebook/test.unsaved.json
            help: run apply again when the other run is done: it goes on from what is live
            ");
        }
    }
}

#[test]
fn a_ledger_that_changes_under_the_lock() {
    for kind in KINDS {
        let gate = Gate::new("POST");
        let scene = gate.scene(kind);
        let here = scene.here();
        let child = start(&scene, &["apply", "--yes", "--only", "features.sso", "-q"], "300");
        until("it writes", || gate.asked("POST") > 0);
        let other = b"{ \"format\": 1, \"serial\": 9, \"target\": \"other\", \"objects\": {} }";
        scene.put(|contents| contents.ledger = Some(other.to_vec()));
        gate.open();
        let ended = ended(child).exits(1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(here.plain(&ended.stderr), @"
            error: the calls were made, but the ledger was changed by somebody who did not have the lock; it is not written over
              what was to be remembered is in .pricebook/test.unsaved.json
            help: run apply again: it goes on from what is live
            ");
        }
        assert_eq!(scene.read().ledger.unwrap(), other);
        assert!(here.path(".pricebook/test.unsaved.json").exists());
    }
}
