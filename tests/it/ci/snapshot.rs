//! A changeset without network and key, from what was written down before.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{catalog, git, shop, step};
use crate::project::{Outcome, Project};
use crate::small::{BXB, COMMET, edited};
use crate::support::binary;

/// A run without any key.
fn keyless(project: &Project, arguments: &[&str]) -> Outcome {
    let output = Command::new(binary())
        .args(arguments)
        .current_dir(project.path(""))
        .env_remove("COMMET_API_KEY")
        .env_remove("BXB_API_KEY")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn json_of(outcome: Outcome) -> Value {
    serde_json::from_str(&outcome.exits(0).stdout).unwrap()
}

fn take(project: &Project, name: &str) -> Vec<u8> {
    project.run(&["plan", "--save-snapshot", project.path(name).to_str().unwrap()]).exits(0);
    fs::read(project.path(name)).unwrap()
}

#[test]
fn it_says_what_the_api_would_say() {
    type Edits = &'static [(&'static str, &'static str)];
    let cases: [(&'static str, &str, Edits); 2] = [
        (
            "commet",
            COMMET,
            &[
                (
                    "monthly: 49.00",
                    "monthly: 59.00, yearly: 590.00 }\n    default_price: monthly\n    regions: { eur: { exchange_rate: 0.9 }",
                ),
                ("[pro, team]", "[pro, team, big]"),
                ("  team:\n", "  big: { name: Big, prices: { monthly: 900.00 } }\n  team:\n"),
            ],
        ),
        (
            "bxb",
            BXB,
            &[
                ("amount: 0.002", "amount: 0.003"),
                (
                    "  team: {",
                    "  big: { name: Big, interval: monthly, amount: 900.00, commitments: [{ amount: 5.00 }] }\n  team: {",
                ),
            ],
        ),
    ];
    for (provider, text, edits) in cases {
        let project = Project::of(provider);
        project.write_text(text);
        project.run(&["apply", "--yes"]).exits(0);
        let first = take(&project, "snapshot.json");
        assert_eq!(take(&project, "snapshot.json"), first, "nothing has changed, not even the moment");
        assert!(!String::from_utf8(first).unwrap().contains("ck_sandbox"));

        for edits in [&[][..], edits] {
            project.write_text(&edited(text, edits));
            let live = json_of(project.run_plain(&["plan", "--format", "json"]));
            let before = project.requests().len();
            let mut recorded = json_of(keyless(&project, &["plan", "--snapshot", "snapshot.json", "--format", "json"]));
            assert_eq!(project.requests().len(), before, "no network");
            let words = recorded["warnings"][0].as_str().unwrap().to_owned();
            assert!(
                words.starts_with("this is compared with the snapshot of test that was taken on 20")
                    && words.ends_with(", not with what is live now"),
                "{words}"
            );
            recorded["warnings"].as_array_mut().unwrap().remove(0);
            assert_eq!(recorded, live, "{provider}");
        }
        let human = keyless(&project, &["plan", "--snapshot", "snapshot.json"]).exits(0);
        assert!(format!("{}{}", human.stdout, human.stderr).contains("not with what is live now"), "{}", human.stdout);
    }
}

#[test]
fn it_is_of_the_moment_at_which_it_was_taken() {
    let shop = shop();
    take(&shop, "snapshot.json");
    super::meddle(&shop, 5100);
    let recorded = json_of(keyless(&shop, &["plan", "--snapshot", "snapshot.json", "--format", "json"]));
    assert_eq!(recorded["changes"][0]["fields"][0]["before"], "49.00");
}

#[test]
fn what_cannot_stand_for_the_api_is_refused() {
    let shop = shop();
    take(&shop, "snapshot.json");
    let plan = |arguments: &[&str]| keyless(&shop, &[&["plan"], arguments].concat());
    let refused = |outcome: Outcome, words: &str| {
        let outcome = outcome.exits(3);
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    };
    refused(plan(&["--snapshot", "missing.json"]), "missing.json cannot be read");
    refused(plan(&["--snapshot", "catalog.yaml"]), "catalog.yaml is not a snapshot");
    refused(plan(&["--snapshot", "snapshot.json", "--out", "x.json"]), "cannot be used with");
    refused(plan(&["--snapshot", "snapshot.json", "--url", "http://127.0.0.1:1/api/v1"]), "the snapshot is of test");
    let text = fs::read_to_string(shop.path("snapshot.json")).unwrap();
    let write = |text: String| fs::write(shop.path("other.json"), text).unwrap();
    write(text.replace("\"format\": 1", "\"format\": 2"));
    refused(plan(&["--snapshot", "other.json"]), "has the format 2");
    write(text.replace("\"name\": \"test\"", "\"name\": \"live\""));
    refused(plan(&["--snapshot", "other.json", "-e", "test"]), "the snapshot is of live");
    // Without an answer that is needed it is an error, not a plan that creates everything.
    write(text.replace("GET /features", "GET /elsewhere"));
    let outcome = plan(&["--snapshot", "other.json"]).exits(1);
    assert!(
        outcome.stderr.contains("the snapshot has no answer to GET /features: take a new one"),
        "{}",
        outcome.stderr
    );
    // Never for what writes.
    refused(keyless(&shop, &["apply", "--snapshot", "snapshot.json"]), "unexpected argument '--snapshot'");
}

#[test]
fn a_job_commits_it_when_it_changed() {
    let shop = shop();
    let remote = tempfile::tempdir().unwrap();
    git(remote.path(), &["init", "--quiet", "--bare", "--initial-branch=main"]);
    git(&shop.path(""), &["remote", "add", "origin", remote.path().to_str().unwrap()]);
    git(&shop.path(""), &["add", "pricebook.yaml", "catalog.yaml"]);
    git(&shop.path(""), &["commit", "--quiet", "-m", "Shop"]);
    git(&shop.path(""), &["push", "--quiet", "origin", "main"]);
    // CI checks out a commit, not a branch.
    git(&shop.path(""), &["checkout", "--quiet", "--detach"]);
    let variables = vec![("GITHUB_ACTIONS", "true".to_owned()), ("GITHUB_REF_NAME", "main".to_owned())];
    let log = |folder: &Path| git(folder, &["log", "--format=%s", "main"]);
    step(&shop, "snapshot", &variables).exits(0);
    assert_eq!(log(remote.path()), "Snapshot of test [skip ci]\nShop\n");
    step(&shop, "snapshot", &variables).exits(0);
    assert_eq!(log(remote.path()).lines().count(), 2, "nothing new");
    shop.reach(&catalog("59.00"));
    step(&shop, "snapshot", &variables).exits(0);
    assert_eq!(log(remote.path()).lines().count(), 3);
    let files = git(remote.path(), &["show", "--name-only", "--format=", "main"]);
    assert_eq!(files, "pricebook.snapshot.json\n", "and nothing else");
    let text = git(remote.path(), &["show", "main:pricebook.snapshot.json"]);
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(snapshot["environment"]["name"], json!("test"));
}
