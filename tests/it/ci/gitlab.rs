//! The life of a merge request at GitLab.

use std::fs;

use serde_json::{Value, json};

use super::{Variables, catalog, left, price, shop, step, with};
use crate::hosts::GitLab;
use crate::project::Project;
use crate::workspace::{Raw, http};

const HEAD: &str = "a1a1a1a1a1";
const MERGED: &str = "eeeeeeeeee";

fn pushed(gitlab: &GitLab, run: u64) -> Variables {
    gitlab.open(7, HEAD);
    gitlab.variables(7, HEAD, run)
}

/// GitLab's API for what pipelines left: of a merge request whose head was `head`.
fn archive(shop: &Project, head: &'static str) -> Raw {
    let changeset = left(shop, "changeset.json");
    Raw::start(move |asked, _| {
        let left = "GET /projects/42/jobs/artifacts/refs%2Fmerge-requests%2F7%2Fhead/raw/pricebook-out";
        let requests = json!([
            { "iid": 3, "state": "closed", "sha": "0000", "source_project_id": 42, "target_project_id": 42 },
            { "iid": 7, "state": "merged", "sha": HEAD, "source_project_id": 42, "target_project_id": 42 },
        ]);
        if asked == format!("GET /projects/42/repository/commits/{MERGED}/merge_requests") {
            http(200, "", &requests.to_string())
        } else if asked == format!("{left}/commit?job=pricebook%20review") {
            http(200, "", &format!("{head}\n"))
        } else if asked == format!("{left}/changeset.json?job=pricebook%20review") {
            http(200, "", &changeset)
        } else {
            http(404, "", "{}")
        }
    })
}

fn after_merge(gitlab: &GitLab, archive: &Raw) -> Variables {
    let mut variables = gitlab.variables(7, MERGED, 9);
    variables.retain(|(name, _)| !name.starts_with("CI_MERGE_REQUEST"));
    with(variables, &[("CI_API_V4_URL", archive.url.clone()), ("CI_PIPELINE_SOURCE", "push".into())])
}

#[test]
fn a_merge_request_from_its_opening_to_live() {
    let (shop, gitlab) = (shop(), GitLab::start());
    step(&shop, "review", &pushed(&gitlab, 1)).exits(0);
    let first = gitlab.comments(7);
    assert_eq!(first.len(), 1);
    let report: Value = serde_json::from_slice(&fs::read(shop.path("gl-code-quality-report.json")).unwrap()).unwrap();
    assert_eq!(report, json!([]));

    shop.write(&catalog("69.00"));
    step(&shop, "review", &pushed(&gitlab, 2)).exits(0);
    let second = gitlab.comments(7);
    assert_eq!((second.len(), second[0].id), (1, first[0].id));
    assert_ne!(second[0].body, first[0].body);

    // A mistake: the report for the host, and words for the log.
    let good = fs::read(shop.path("catalog.yaml")).unwrap();
    fs::write(shop.path("catalog.yaml"), "provider: commet\nplans: { pro: { nane: Pro } }\n").unwrap();
    let said = step(&shop, "review", &pushed(&gitlab, 3)).exits(3);
    assert!(said.stderr.contains("error[PB-E101]"), "{}", said.stderr);
    let report: Value = serde_json::from_slice(&fs::read(shop.path("gl-code-quality-report.json")).unwrap()).unwrap();
    assert_eq!(report[0]["location"]["path"], "catalog.yaml");
    fs::write(shop.path("catalog.yaml"), good).unwrap();

    let archive = archive(&shop, HEAD);
    let variables = after_merge(&gitlab, &archive);
    fs::remove_dir_all(shop.path("pricebook-out")).unwrap();
    let said = step(&shop, "prepare", &variables).exits(0);
    assert!(said.stderr.contains(&format!("the changeset that was reviewed at {HEAD}")), "{}", said.stderr);
    step(&shop, "apply", &variables).exits(0);
    assert_eq!(price(&shop), 6900);
    shop.in_sync();
}

#[test]
fn what_another_commit_left_is_not_taken() {
    let (shop, gitlab) = (shop(), GitLab::start());
    step(&shop, "review", &pushed(&gitlab, 1)).exits(0);
    let archive = archive(&shop, "b2b2b2b2b2");
    fs::remove_dir_all(shop.path("pricebook-out")).unwrap();
    let said = step(&shop, "prepare", &after_merge(&gitlab, &archive)).exits(0);
    assert!(said.stderr.contains("no reviewed changeset was found"), "{}", said.stderr);
    assert!(left(&shop, "changeset.json").contains("59"));
}

#[test]
fn a_merge_request_from_a_fork_gets_no_key() {
    let (shop, gitlab) = (shop(), GitLab::start());
    shop.run(&["plan", "--save-snapshot", shop.path("pricebook.snapshot.json").to_str().unwrap()]).exits(0);
    let before = shop.requests().len();
    let fork = [
        ("CI_PROJECT_ID", "77".to_owned()),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "77".to_owned()),
        ("CI_MERGE_REQUEST_PROJECT_ID", "42".to_owned()),
        ("COMMET_API_KEY", String::new()),
        ("PRICEBOOK_GITLAB_TOKEN", String::new()),
    ];
    let said = step(&shop, "review", &with(pushed(&gitlab, 1), &fork)).exits(0);
    assert!(said.stdout.contains("Compared with what test had on 20") && said.stdout.contains("$59.00"));
    assert_eq!((shop.requests().len(), gitlab.comments(7).len()), (before, 0));
}
