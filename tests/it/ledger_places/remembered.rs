//! A ledger that is lost, older than it was, or of a newer version.

use std::fs;

use super::{KINDS, Scene};
use crate::workspace::SHOP;

const MORE: &str = "  audit: { name: Audit log, type: boolean }\n";

fn with_more() -> String {
    SHOP.replace("features:\n  sso", &format!("features:\n{MORE}  sso"))
}

#[test]
fn nothing_is_said_of_a_first_run() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        for arguments in [&["plan"][..], &["apply", "--yes", "-q"], &["plan"], &["apply", "--yes", "-q"]] {
            let ended = here.run(&scene.world, arguments).exits(0);
            assert!(!ended.stdout.contains("ledger") && ended.stderr.is_empty(), "{ended:?}");
        }
        // On a machine that saw nothing yet, nothing is missing either.
        let other = scene.another("other").run(&scene.world, &["plan"]).exits(0);
        assert!(!other.stdout.contains("ledger"), "{}", other.stdout);
    }
}

#[test]
fn lost() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        scene.put(|contents| contents.lock = None);
        lose(&scene);
        // The plan without an object that is only ours by the ledger: it stays.
        fs::write(here.path("catalog.yaml"), SHOP.split("addons:").next().unwrap()).unwrap();
        let plan = here.run(&scene.world, &["plan"]).exits(0);
        let ours: Vec<&str> = plan
            .stdout
            .lines()
            .filter(|line| line.contains("ledger") || line.contains("to adopt") || line.contains("not managed"))
            .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(ours.join("\n").replace(&place(&scene), "PLACE"), @"
              note  the ledger is gone: this machine knows one that was saved 2 times, and there is none at PLACE. Objects are found again by their keys; what it would have deleted counts as not managed. If it was moved, put it back before you apply
            7 to adopt · 0 calls · 1 object not managed here
            ");
        }
        scene.world.forget_log();
        // A run that is refused or asks forgets nothing; one that ends well has been told.
        here.run(&scene.world, &["apply", "--yes", "-q"]).exits(0);
        assert!(scene.world.writes().is_empty(), "nothing is deleted: {:?}", scene.world.writes());
        assert_eq!(scene.ledger()["serial"], 3, "saves are counted on");
        let clean = here.run(&scene.world, &["plan"]).exits(0);
        assert!(!clean.stdout.contains("ledger"), "{}", clean.stdout);
    }
}

fn lose(scene: &Scene) {
    match scene.kind {
        super::Kind::File => fs::remove_file(scene.world.ledger_path()).unwrap(),
        super::Kind::Git => drop(super::git(&scene.remote(), &["update-ref", "-d", "refs/pricebook/test"])),
        super::Kind::S3 => super::server::put(&scene.key("ledger"), None),
    }
}

fn place(scene: &Scene) -> String {
    let show = scene.here().run(&scene.world, &["ledger", "show"]).exits(0);
    let line = show.stdout.lines().next().unwrap().to_owned();
    line.split("there is no ledger at ").nth(1).or_else(|| line.split(" · ").nth(2)).unwrap().to_owned()
}

#[test]
fn older() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        let old = scene.read().ledger;
        fs::write(here.path("catalog.yaml"), with_more()).unwrap();
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        assert_eq!(scene.ledger()["serial"], 4);
        scene.put(|contents| contents.ledger.clone_from(&old));
        let plan = here.run(&scene.world, &["plan"]).exits(0);
        let ours: Vec<&str> = plan.stdout.lines().filter(|line| line.contains("ledger")).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(ours.join("\n").replace(&place(&scene), "PLACE"), @"  note  the ledger is an older copy: this machine knows one that was saved 4 times, and the one at PLACE was saved 2 times. What was written in between may show as changed outside, or as not managed. If you have the newer one, put it back before you apply");
        }
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        assert_eq!(scene.ledger()["serial"], 5, "newer than any copy");
        let clean = here.run(&scene.world, &["plan", "--detailed-exitcode"]).exits(0);
        assert!(!clean.stdout.contains("older"), "{}", clean.stdout);
    }
}

#[test]
fn of_a_newer_version_and_of_an_older_one() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        let mut ledger = scene.ledger();
        // As the first versions wrote it.
        ledger.as_object_mut().unwrap().remove("serial");
        scene.put(|contents| contents.ledger = Some(ledger.to_string().into_bytes()));
        fs::remove_file(here.path(".pricebook/test.seen.json")).unwrap();
        fs::write(here.path("catalog.yaml"), with_more()).unwrap();
        here.run(&scene.world, &["plan"]).exits(0).says("1 to create");
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        assert_eq!((&scene.ledger()["serial"], &scene.ledger()["format"]), (&2.into(), &1.into()));

        ledger["format"] = 2.into();
        scene.put(|contents| contents.ledger = Some(ledger.to_string().into_bytes()));
        let before = scene.read();
        for command in [&["plan"][..], &["apply", "--yes"], &["ledger", "show"], &["ledger", "forget", "plans.pro"]] {
            let ended = here.run(&scene.world, command).exits(1);
            insta::allow_duplicates! {
                insta::assert_snapshot!(ended.stderr.trim_end().replace(&at(&scene), "PLACE"), @"error: PLACE was written by a newer Pricebook (ledger format 2, this one knows 1): update Pricebook");
            }
        }
        assert_eq!(scene.read(), before);
    }
}

/// The place's name, where `ledger show` cannot tell it.
fn at(scene: &Scene) -> String {
    let ended = scene.here().run(&scene.world, &["plan"]);
    let said = ended.stderr.strip_prefix("error: ").unwrap().to_owned();
    said.split(" was written").next().unwrap().to_owned()
}
