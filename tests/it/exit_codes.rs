//! The table of exit codes, for people and for programs; and the rest of the command line's contract.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::workspace::{Ended, Folder, Raw, SHOP, World, ended, ok, refused};

const DEARER: (&str, &str) = ("monthly: 49.00", "monthly: 59.00");

fn live() -> World {
    let world = World::new(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    world
}

fn run(command: &mut Command) -> Ended {
    ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[test]
fn the_table() {
    for format in ["human", "json"] {
        let f = ["--format", format];
        let with = |arguments: &[&'static str]| [arguments, &f].concat();
        let ended = |ended: Ended, code: i32| {
            let ended = ended.exits(code);
            // What a program reads is one document or nothing.
            if format == "json" && !ended.stdout.is_empty() {
                let document = ended.json();
                if document.get("exit").is_some() {
                    assert_eq!(document["exit"], code);
                }
            }
            ended
        };

        let world = live();
        ended(world.run(&with(&["plan"])), 0);
        ended(world.run(&with(&["plan", "--detailed-exitcode"])), 0);
        ended(world.run(&with(&["apply"])), 0);
        ended(world.run(&with(&["validate"])), 0);
        world.catalog(&SHOP.replace(DEARER.0, DEARER.1));
        ended(world.run(&with(&["plan"])), 0);
        ended(world.run(&with(&["plan", "--detailed-exitcode"])), 2);
        fs::write(world.path("schemas"), "a file where a folder should be").unwrap();
        ended(world.run(&["plan", "--out", "schemas/x.json"]), 1);
        // 3: the catalog, the command line, the project file.
        ended(world.run(&with(&["apply"])), 3);
        ended(world.run(&with(&["plan", "--env", "nobody"])), 3);
        ended(world.run(&with(&["plan", "no-such-file.yaml"])), 3);
        ended(world.run(&with(&["plan", "--frobnicate"])), 3);
        ended(world.run(&with(&["frobnicate"])), 3);
        ended(world.run(&["plan", "--format", "yaml"]), 3);
        world.catalog("provider: commet\nplans: { pro: { nam: Pro } }\n");
        ended(world.run(&with(&["validate"])), 3);
        ended(world.run(&with(&["plan"])), 3).complains("catalog.yaml:2:");
        ended(world.run(&with(&["apply", "--yes"])), 3);
        // 4: a guard.
        world.catalog(&SHOP.replace("monthly: 49.00", "monthly: 490.00"));
        ended(world.run(&with(&["apply", "--yes"])), 4);
        // 5: stale.
        world.catalog(&SHOP.replace("name: Pro\n", "name: Pro two\n"));
        world.run(&["plan", "--out", "saved.json"]).exits(0);
        let id = world.plan_id("pro");
        world.call("PUT", &format!("/plans/{id}/manage"), json!({ "name": "Pro three" })).data();
        ended(world.run(&with(&["apply", "saved.json", "--yes"])), 5);
        // 7: somebody else has the lock.
        let lock = json!({ "id": "x", "owner": "bo@ci", "command": "apply", "started": "2026-01-01T00:00:00Z", "expires": "2999-01-01T00:00:00Z" });
        fs::write(world.path(".pricebook/test.lock.json"), lock.to_string()).unwrap();
        ended(world.run(&with(&["apply", "--yes"])), 7).complains("held by bo@ci");
        ended(world.run(&with(&["plan"])), 0);
        fs::remove_file(world.path(".pricebook/test.lock.json")).unwrap();
        // 8: credentials.
        ended(run(world.command(&with(&["plan"])).env_remove("PB_KEY")), 8);
        ended(run(world.command(&with(&["apply", "--yes"])).env("PB_KEY", "nonsense")), 8);

        // 1: the API is broken; 6: one call is.
        let broken = Raw::start(|_, _| refused(400, "validation_error", ""));
        ended(Folder::new(&broken.url, SHOP).run(&with(&["plan"])), 1);
        let partly =
            Raw::start(|line, _| if line.starts_with("GET") { ok(&json!([])) } else { refused(400, "no", "") });
        ended(Folder::new(&partly.url, SHOP).run(&with(&["apply", "--yes"])), 6);
        let unknown = Raw::start(|_, _| refused(401, "unauthorized", ""));
        ended(Folder::new(&unknown.url, SHOP).run(&with(&["plan"])), 8);

        // 130: interrupted.
        let slow = Raw::start(|line, _| {
            if line.starts_with("GET") {
                return ok(&json!([]));
            }
            std::thread::sleep(std::time::Duration::from_millis(1500));
            ok(&json!({ "id": "x_1" }))
        });
        let child = Folder::new(&slow.url, SHOP);
        let process = child.spawn(&with(&["apply", "--yes"]));
        for _ in 0..2000 {
            if slow.seen().iter().any(|request| request.starts_with("POST")) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap().success());
        ended(crate::workspace::ended(process), 130);
    }
}

#[test]
fn help_lists_them() {
    let folder = Folder::new("http://127.0.0.1:1", SHOP);
    for arguments in [&["--help"][..], &["help"]] {
        let help = folder.run(arguments).exits(0).stdout;
        for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "130"] {
            assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{code}\n{help}");
        }
    }
    folder.run(&["apply", "--help"]).exits(0).says("[FILE]");
    folder.run(&["--version"]).exits(0).says("pricebook ");
    folder.run(&[]).exits(3);
}

#[test]
fn which_catalog_and_which_environment() {
    let world = live();
    let nowhere = tempfile::tempdir().unwrap();
    let elsewhere = |arguments: &[&str]| run(world.command(arguments).current_dir(nowhere.path()));
    elsewhere(&["plan"]).exits(3).complains("pricebook.yaml");
    elsewhere(&["apply", "--yes"]).exits(3);
    elsewhere(&["plan", "-C", "missing"]).exits(3);
    let project = world.path("").display().to_string();
    elsewhere(&["plan", "-C", &project]).exits(0).says("all unchanged");
    // A catalog and a URL are enough.
    let catalog = world.path("catalog.yaml").display().to_string();
    elsewhere(&["plan", &catalog]).exits(3).complains("no URL was given");
    elsewhere(&["plan", &catalog, "--url", "nonsense"]).exits(3).complains("--url");
    elsewhere(&["plan", &catalog, "--url", &world.url]).exits(8).complains("COMMET_API_KEY");
    let keyed = run(world
        .command(&["plan", &catalog, "--url", &world.url])
        .current_dir(nowhere.path())
        .env("COMMET_API_KEY", "ck_sandbox_other"));
    keyed.exits(0).says("found live");
    elsewhere(&["plan", &catalog, "--catalog", &catalog, "--url", &world.url]).exits(3);
    // Of two environments, one must be named.
    let two = format!(
        "catalog: catalog.yaml\nenvironments:\n  a: {{ provider: commet, url: \"{0}\" }}\n  b: {{ provider: commet, url: \"{0}\" }}\n",
        world.url
    );
    fs::write(world.path("pricebook.yaml"), two).unwrap();
    world.run(&["plan"]).exits(3).complains("which environment is meant?").complains("a, b");
    for broken in
        ["environments: [", "environmets: {}\n", "", "environments: { a: { provider: commet, url: ftp://x } }\n"]
    {
        fs::write(world.path("pricebook.yaml"), broken).unwrap();
        world.run(&["plan"]).exits(3).complains("pricebook.yaml");
        world.run(&["apply", "--yes"]).exits(3);
        world.run(&["apply", "--yes", "no.json"]).exits(3);
    }
    fs::write(world.path("pricebook.yaml"), "catalog: catalog.yaml\n").unwrap();
    world.run(&["plan"]).exits(3).complains("no environments");
}

#[test]
fn colour_is_asked_for() {
    let world = live();
    world.catalog(&SHOP.replace(DEARER.0, DEARER.1));
    let colours = |ended: Ended| (ended.stdout.contains('\u{1b}'), ended.stderr.contains('\u{1b}'));
    assert_eq!(colours(world.run(&["plan"]).exits(0)), (false, false));
    assert_eq!(colours(world.run(&["plan", "--color", "never"]).exits(0)), (false, false));
    assert!(colours(world.run(&["plan", "--color", "always"]).exits(0)).0);
    assert!(colours(run(world.command(&["--color=always", "plan"]).env("NO_COLOR", "1")).exits(0)).0);
    assert_eq!(colours(run(world.command(&["plan"]).env("NO_COLOR", "1")).exits(0)), (false, false));
    world.run(&["plan", "--color", "sometimes"]).exits(3);
    // A document is never coloured.
    assert_eq!(colours(world.run(&["plan", "--color", "always", "--format", "json"]).exits(0)), (false, false));
    assert!(colours(world.run(&["plan", "--color", "always", "-e", "x"]).exits(3)).1);
}

#[test]
fn data_on_stdout_and_everything_else_on_stderr() {
    let world = World::new(SHOP);
    let report = world.run(&["apply", "--yes", "--format", "json"]).exits(0);
    assert!(report.stderr.contains("[1/"), "{}", report.stderr);
    let document = report.json();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["digest", "applied", "failed", "skipped", "interrupted", "exit"]);
    assert_eq!(document["applied"].as_array().unwrap().len(), world.writes().len());
    world.catalog(&SHOP.replace(DEARER.0, DEARER.1));
    let quiet = world.run(&["apply", "--yes", "-q"]).exits(0);
    assert_eq!(quiet.stderr, "");
    world.catalog(SHOP);
    let plain = world.run(&["plan", "--out", "saved.json"]).exits(0);
    assert_eq!(plain.stderr, "");
    let verbose = world.run(&["plan", "-v"]).exits(0);
    assert!(verbose.stdout.len() >= plain.stdout.len());
    // The same bytes from the file, in every form.
    assert_eq!(world.run(&["show", "saved.json"]).exits(0).stdout, plain.stdout);
    let document = world.run(&["plan", "--format", "json"]).exits(0).stdout;
    assert_eq!(world.run(&["show", "saved.json", "--format", "json"]).exits(0).stdout, document);
    assert_eq!(fs::read_to_string(world.path("saved.json")).unwrap(), document);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["summary"]["update"], 1);
}

#[test]
fn planning_sends_nothing_but_reads() {
    let world = World::new(SHOP);
    world.run(&["plan"]).exits(0);
    world.run(&["plan", "--format", "json", "--out", "x.json"]).exits(0);
    world.run(&["validate"]).exits(0);
    world.run(&["show", "x.json"]).exits(0);
    assert!(world.writes().is_empty());
    assert!(!world.path(".pricebook").exists());
}
