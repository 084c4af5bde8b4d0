//! What Pricebook remembers, and what happens when it cannot.

use std::fs;

use serde_json::{Value, json};

use crate::workspace::{KEY, SHOP, World};

fn applied() -> World {
    let world = World::new(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    world.forget_log();
    world
}

#[test]
fn a_file_that_people_can_read() {
    let world = applied();
    let text = fs::read_to_string(world.ledger_path()).unwrap();
    // Saved once before the first call, with what is about to be created, and once at the end.
    let mut lines = text.lines();
    assert_eq!(lines.by_ref().take(3).collect::<Vec<_>>(), ["{", "  \"format\": 1,", "  \"serial\": 2,"]);
    assert!(lines.next().unwrap().starts_with("  \"run\": \""));
    assert!(lines.next().unwrap().starts_with("  \"target\": \"commet http://127.0.0.1:"));
    assert!(text.ends_with("}\n") && !text.contains("pending"));
    // Nothing is left of how it was written, and nothing is written when nothing changed.
    let names: Vec<_> =
        fs::read_dir(world.path(".pricebook")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["test.ledger.json"]);
    let before = fs::metadata(world.ledger_path()).unwrap().modified().unwrap();
    world.run(&["apply", "--yes"]).exits(0);
    world.run(&["plan"]).exits(0);
    assert_eq!(fs::metadata(world.ledger_path()).unwrap().modified().unwrap(), before);
}

#[test]
fn losing_it_is_harmless() {
    let world = applied();
    let whole = world.ledger();
    fs::remove_dir_all(world.path(".pricebook")).unwrap();
    world.run(&["plan", "--detailed-exitcode"]).exits(0).says("found live as the files say");
    assert!(!world.ledger_path().exists(), "plan writes nothing");
    // Adopting makes no call, so it asks nothing.
    world.run(&["apply"]).exits(0);
    assert!(world.writes().is_empty());
    // Everything but what no read shows, and that is said to be unknown.
    let known = |ledger: &Value| {
        let mut objects = ledger["objects"].clone();
        for (_, entry) in objects.as_object_mut().unwrap() {
            entry.as_object_mut().unwrap().remove("unknown");
            entry["written"].as_object_mut().unwrap().remove("pricing_mode");
        }
        objects
    };
    assert_eq!(known(&world.ledger()), known(&whole));
    assert_eq!(whole["objects"]["plans.free.features.sso"].get("unknown"), None);
    assert!(world.ledger()["objects"]["plans.free.features.sso"]["unknown"].is_array());
    let clean = world.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert!(!clean.stdout.contains("found live"), "{}", clean.stdout);
}

#[test]
fn one_that_cannot_be_used() {
    let world = applied();
    let good = fs::read_to_string(world.ledger_path()).unwrap();
    for (bad, words) in [
        (String::new(), "is not a ledger"),
        ("{".into(), "is not a ledger"),
        ("[]".into(), "is not a ledger"),
        (good.replace("\"objects\"", "\"object\""), "is not a ledger"),
        (good.replace("\"plans.pro\":", "\"plans\":"), "is not a ledger"),
        (good[..good.len() / 2].to_owned(), "is not a ledger"),
        (
            good.replace("\"format\": 1", "\"format\": 2"),
            "was written by a newer Pricebook (ledger format 2, this one knows 1)",
        ),
        ("{\"format\": 99, \"brand\": \"new\"}".into(), "update Pricebook"),
    ] {
        fs::write(world.ledger_path(), &bad).unwrap();
        for command in [&["plan"][..], &["apply", "--yes"]] {
            world.run(command).exits(1).complains("test.ledger.json").complains(words);
        }
        assert_eq!(fs::read_to_string(world.ledger_path()).unwrap(), bad, "it is not touched");
    }
    fs::write(world.ledger_path(), b"\xff\xfe").unwrap();
    world.run(&["plan"]).exits(1).complains("is not a ledger");
    fs::remove_file(world.ledger_path()).unwrap();
    fs::create_dir(world.ledger_path()).unwrap();
    world.run(&["plan"]).exits(1).complains("cannot be read");
    assert!(world.writes().is_empty());
}

#[test]
fn one_of_another_target() {
    let world = applied();
    let mut ledger = world.ledger();
    ledger["target"] = json!("commet https://example.com/api/v1");
    fs::write(world.ledger_path(), ledger.to_string()).unwrap();
    world
        .run(&["plan", "--detailed-exitcode"])
        .exits(0)
        .says("is of another target (commet https://example.com/api/v1), so nothing in it is used")
        .says("found live as the files say");
    // What that ledger had written is nothing that could be deleted here.
    world.catalog("provider: commet\n");
    world.run(&["apply", "--yes"]).exits(0);
    assert!(world.writes().is_empty(), "{:?}", world.writes());
}

#[test]
fn one_that_cannot_be_written() {
    let world = World::new(SHOP);
    fs::write(world.path(".pricebook"), "in the way").unwrap();
    let ended = world.run(&["apply", "--yes"]).exits(1);
    assert!(ended.stderr.contains("test.ledger.json cannot be"), "{ended:?}");
    assert!(world.writes().is_empty(), "it is known before the first call");
}

#[test]
fn the_key_is_nowhere() {
    let world = World::faulty(SHOP, "rate=0.2,kinds=500|lost,seed=5");
    let mut seen = String::new();
    for arguments in [
        &["validate"][..],
        &["plan", "-v", "--out", "saved.json"],
        &["plan", "--format", "json"],
        &["apply", "--yes", "-v"],
        &["apply", "saved.json", "--yes", "-v", "--format", "json"],
        &["show", "saved.json"],
        &["plan", "-v", "--url", "http://127.0.0.1:1/api/v1", "-e", "nobody"],
    ] {
        let ended = world.run(arguments);
        seen += &ended.stdout;
        seen += &ended.stderr;
    }
    assert!(seen.contains("waiting"), "{seen}");
    let mut folders = vec![world.path("")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                seen += &String::from_utf8_lossy(&fs::read(path).unwrap());
            }
        }
    }
    assert_eq!(files, 5, "catalog, project, ledger, changeset, access log");
    assert!(!seen.contains(KEY) && !seen.contains("s3cr3t"));
}
