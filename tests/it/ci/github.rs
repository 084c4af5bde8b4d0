//! The life of a pull request at GitHub.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::{Variables, catalog, left, meddle, price, shop, step, with};
use crate::hosts::{GitHub, REPOSITORY};
use crate::project::Project;
use crate::workspace::{Raw, http};

const HEADS: [&str; 4] = ["a1a1a1a1a1", "b2b2b2b2b2", "c3c3c3c3c3", "d4d4d4d4d4"];
const MERGED: &str = "eeeeeeeeee";

/// A push to pull request 7, and the job that it starts.
fn pushed(shop: &Project, github: &GitHub, run: u64) -> Variables {
    let head = HEADS[usize::try_from(run - 1).unwrap()];
    github.open(7, head);
    let output = shop.path("output");
    let _ = fs::remove_file(&output);
    with(github.variables(7, head, run), &[("GITHUB_OUTPUT", output.display().to_string())])
}

/// What a step told the next ones.
fn outputs(shop: &Project) -> BTreeMap<String, String> {
    let text = fs::read_to_string(shop.path("output")).unwrap();
    text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// What an artifact of a run looks like to the API.
fn artifact(run: u64, head: &str) -> Value {
    json!({
        "id": run,
        "name": format!("pricebook-test-{head}"),
        "expired": false,
        "workflow_run": { "id": 100 + run, "repository_id": 1, "head_repository_id": 1, "head_sha": head },
    })
}

/// The part of GitHub's API that knows where a commit came from, and what runs left.
fn archive(head: &'static str, artifacts: Vec<Value>) -> Raw {
    Raw::start(move |asked, _| {
        let found = format!("GET /repos/{REPOSITORY}/commits/{MERGED}/pulls");
        let body = if asked == found {
            json!([
                { "number": 3, "merged_at": null, "merge_commit_sha": MERGED, "head": { "sha": "0000" } },
                { "number": 7, "merged_at": "2026-11-20T12:00:00Z", "merge_commit_sha": MERGED, "head": { "sha": head } },
            ])
        } else if asked.starts_with(&format!("GET /repos/{REPOSITORY}/actions/artifacts?name=pricebook-test-{head}&")) {
            json!({ "total_count": artifacts.len(), "artifacts": artifacts })
        } else {
            return http(404, "", "{\"message\":\"Not Found\"}");
        };
        http(200, "content-type: application/json\r\n", &body.to_string())
    })
}

/// The variables of the job on the main branch.
fn after_merge(shop: &Project, github: &GitHub, archive: &Raw) -> Variables {
    let output = shop.path("output");
    let _ = fs::remove_file(&output);
    let mut variables = github.variables(7, MERGED, 9);
    variables.retain(|(name, _)| *name != "GITHUB_EVENT_PATH");
    with(
        variables,
        &[
            ("GITHUB_EVENT_NAME", "push".into()),
            ("GITHUB_SHA", MERGED.into()),
            ("GITHUB_API_URL", archive.url.clone()),
            ("GITHUB_OUTPUT", output.display().to_string()),
        ],
    )
}

#[test]
fn a_pull_request_from_its_opening_to_live() {
    let (shop, github) = (shop(), GitHub::start());
    // Opened: a comment.
    let said = step(&shop, "review", &pushed(&shop, &github, 1)).exits(0);
    let first = github.comments(7);
    assert_eq!(first.len(), 1, "{}", said.stdout);
    assert_eq!(outputs(&shop)["artifact"], format!("pricebook-test-{}", HEADS[0]));

    // Pushed: the same comment, with other words.
    shop.write(&catalog("69.00"));
    step(&shop, "review", &pushed(&shop, &github, 2)).exits(0);
    let second = github.comments(7);
    assert_eq!((second.len(), second[0].id), (1, first[0].id));
    assert_ne!(second[0].body, first[0].body);

    // Pushed with a mistake: an annotation at its line, and no changeset.
    let variables = pushed(&shop, &github, 3);
    fs::write(shop.path("catalog.yaml"), "provider: commet\nplans: { pro: { nane: Pro } }\n").unwrap();
    let said = step(&shop, "review", &variables).exits(3);
    assert!(said.stdout.contains("::error file=catalog.yaml,line=2,col=17,"), "{}", said.stdout);
    assert!(!shop.path("output").exists());
    assert_eq!(github.comments(7), second);

    // Pushed once more.
    shop.write(&catalog("69.00"));
    step(&shop, "review", &pushed(&shop, &github, 4)).exits(0);
    assert_eq!(github.comments(7).len(), 1);
    assert_eq!(shop.writes().len(), 2, "only what made the shop: {:?}", shop.writes());

    // Merged: what was reviewed is found, and applied.
    let archive = archive(HEADS[3], vec![artifact(4, HEADS[3])]);
    let variables = after_merge(&shop, &github, &archive);
    step(&shop, "find", &variables).exits(0);
    let told = outputs(&shop);
    assert_eq!((told["run-id"].as_str(), &told["name"]), ("104", &format!("pricebook-test-{}", HEADS[3])));
    assert_eq!(left(&shop, "commit").trim(), HEADS[3], "the download of that artifact is in its place already");
    let said = step(&shop, "prepare", &variables).exits(0);
    let words = format!("::notice title=pricebook::this is the changeset that was reviewed at {}\n", HEADS[3]);
    assert!(said.stdout.contains(&words), "{}", said.stdout);
    assert!(fs::read_to_string(github.summary()).unwrap().contains("$69.00"));
    step(&shop, "apply", &variables).exits(0);
    assert_eq!(price(&shop), 6900);
    shop.in_sync();
    // Somebody starts the job again.
    let said = step(&shop, "apply", &variables).exits(0);
    assert!(said.stdout.contains("Already applied"), "{}", said.stdout);
}

#[test]
fn what_moved_since_the_review_is_not_applied() {
    let (shop, github) = (shop(), GitHub::start());
    step(&shop, "review", &pushed(&shop, &github, 1)).exits(0);
    meddle(&shop, 5100);
    let archive = archive(HEADS[0], vec![artifact(1, HEADS[0])]);
    let variables = after_merge(&shop, &github, &archive);
    step(&shop, "prepare", &variables).exits(0);
    let said = step(&shop, "apply", &variables).exits(5);
    let words = "::error title=pricebook::what it touches was changed since the review; nothing was sent. Start this by hand: it plans anew";
    assert!(said.stdout.contains(words), "{}", said.stdout);
    assert_eq!(price(&shop), 5100);
    // By hand: planned anew, and let pass again.
    let anew = with(variables, &[("PRICEBOOK_ANEW", "true".into())]);
    let said = step(&shop, "prepare", &anew).exits(0);
    assert!(said.stdout.contains("::warning title=pricebook::no reviewed changeset was found"), "{}", said.stdout);
    step(&shop, "apply", &anew).exits(0);
    assert_eq!(price(&shop), 5900);
}

#[test]
fn a_guard_waits_for_its_code() {
    let (shop, github) = (shop(), GitHub::start());
    shop.write(
        &json!({ "provider": "commet", "plans": { "pro": { "name": "Pro", "prices": { "monthly": "59.00" } } } }),
    );
    step(&shop, "review", &pushed(&shop, &github, 1)).exits(0);
    let archive = archive(HEADS[0], vec![artifact(1, HEADS[0])]);
    let variables = after_merge(&shop, &github, &archive);
    step(&shop, "prepare", &variables).exits(0);
    let said = step(&shop, "apply", &variables).exits(4);
    assert!(said.stdout.contains("::error title=pricebook::a guard refused"), "{}", said.stdout);
    step(&shop, "apply", &with(variables, &[("PRICEBOOK_ACK", "PB-G01 PB-G02".into())])).exits(0);
    assert_eq!(price(&shop), 5900);
}

#[test]
fn only_runs_of_the_repository_itself_are_believed() {
    let (shop, github) = (shop(), GitHub::start());
    let change = |change: &dyn Fn(&mut Value)| {
        let mut artifact = artifact(1, HEADS[0]);
        change(&mut artifact);
        artifact
    };
    let fork = change(&|one| one["workflow_run"]["head_repository_id"] = json!(2));
    let other = change(&|one| one["workflow_run"]["head_sha"] = json!(HEADS[1]));
    let expired = change(&|one| one["expired"] = json!(true));
    for artifacts in
        [vec![], vec![fork.clone()], vec![other.clone()], vec![expired.clone()], vec![fork, other, expired]]
    {
        let archive = archive(HEADS[0], artifacts);
        let variables = after_merge(&shop, &github, &archive);
        step(&shop, "find", &variables).exits(0);
        assert_eq!(outputs(&shop)["run-id"], "");
        let said = step(&shop, "prepare", &variables).exits(0);
        assert!(said.stdout.contains("::warning title=pricebook::no reviewed changeset"), "{}", said.stdout);
        fs::remove_dir_all(shop.path("pricebook-out")).unwrap();
    }
    // Of two runs of one commit, the later one.
    let archive = archive(HEADS[0], vec![artifact(1, HEADS[0]), artifact(2, HEADS[0])]);
    step(&shop, "find", &after_merge(&shop, &github, &archive)).exits(0);
    assert_eq!(outputs(&shop)["run-id"], "102");
    // The host does not answer: the job fails instead of planning something else.
    let broken = Raw::start(|_, _| http(401, "", "{}"));
    assert_ne!(step(&shop, "find", &after_merge(&shop, &github, &broken)).code, 0);
}

#[test]
fn a_fork_is_planned_against_the_snapshot() {
    let (shop, github) = (shop(), GitHub::start());
    let fork = |run| {
        let mut variables = with(pushed(&shop, &github, run), &[("PRICEBOOK_FORK", "true".into())]);
        variables.push(("COMMET_API_KEY", String::new()));
        variables
    };
    // Without one there is nothing to plan against; what is in the files is checked all the same.
    let said = step(&shop, "review", &fork(1)).exits(0);
    assert!(said.stdout.contains("::warning title=pricebook::a fork gets no key"), "{}", said.stdout);

    shop.run(&["plan", "--save-snapshot", shop.path("pricebook.snapshot.json").to_str().unwrap()]).exits(0);
    let before = shop.requests().len();
    step(&shop, "review", &fork(2)).exits(0);
    let summary = fs::read_to_string(github.summary()).unwrap();
    assert!(summary.starts_with("Compared with what test had on 20"), "{summary}");
    assert!(summary.contains("$59.00"), "{summary}");
    assert_eq!(shop.requests().len(), before, "no network");
    assert_eq!(github.seen(), Vec::<String>::new(), "and no comment, for which a fork has no right");
}

/// Lines that the runner would take for commands: it trims them, and obeys none between `::stop-commands::` and its word.
fn commands(log: &str) -> Vec<&str> {
    let (mut found, mut stopped) = (Vec::new(), None);
    for line in log.lines().map(str::trim_start) {
        match &stopped {
            Some(word) if line == word => stopped = None,
            Some(_) => {}
            None => match line.strip_prefix("::stop-commands::") {
                Some(word) => stopped = Some(format!("::{word}::")),
                None if line.starts_with("::") || line.contains("##[") => found.push(line),
                None => {}
            },
        }
    }
    assert_eq!(stopped, None, "{log}");
    found
}

#[test]
fn no_name_is_a_command_of_the_runner() {
    let (shop, github) = (shop(), GitHub::start());
    let hostile = "::set-env name=PATH::/x ##[error]y\n::error::z\r\n::add-mask::q ".repeat(20);
    shop.write(&json!({
        "provider": "commet",
        "price_changes": "reprice",
        "plans": { "pro": { "name": hostile, "description": hostile, "metadata": { "::warning::k": hostile }, "prices": { "monthly": "59.00" } } },
    }));
    let said = step(&shop, "review", &pushed(&shop, &github, 1)).exits(0);
    assert!(said.stdout.contains("$59.00"), "{}", said.stdout);
    assert_eq!((commands(&said.stdout), commands(&said.stderr)), (vec![], vec![]));
    let archive = archive(HEADS[0], vec![artifact(1, HEADS[0])]);
    let variables = after_merge(&shop, &github, &archive);
    let said = step(&shop, "prepare", &variables).exits(0);
    assert_eq!(commands(&said.stdout).len(), 1, "our own notice: {}", said.stdout);
    let said = step(&shop, "apply", &variables).exits(0);
    assert_eq!((commands(&said.stdout), commands(&said.stderr)), (vec![], vec![]));
    meddle(&shop, 5100);
    let said = step(&shop, "drift", &variables).exits(2);
    assert_eq!(commands(&said.stdout).len(), 1, "our own error: {}", said.stdout);
}
