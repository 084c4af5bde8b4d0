//! What CI runs, run: the scripts that the GitHub Action and the GitLab template call, against the embedded API and
//! stand-ins for the hosts.

mod files;
mod github;
mod gitlab;
mod snapshot;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::hosts::TOKEN;
use crate::project::{Outcome, Project};
use crate::support::binary;

/// Where the script is.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ci").join(name)
}

fn catalog(amount: &str) -> Value {
    json!({
        "provider": "commet",
        "price_changes": "reprice",
        "plans": { "pro": { "name": "Pro", "prices": { "monthly": amount } } },
    })
}

/// A repository whose live price is $49.00, and whose files say $59.00.
fn shop() -> Project {
    let shop = Project::with(&catalog("49.00"));
    shop.write(&catalog("59.00"));
    git(&shop.path(""), &["init", "--quiet", "--initial-branch=main"]);
    shop
}

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

type Variables = Vec<(&'static str, String)>;

/// Runs a step of a job, with the host's variables and no others of that kind.
fn step(shop: &Project, command: &str, variables: &Variables) -> Outcome {
    let mut bash = Command::new("bash");
    bash.arg(script("pricebook.sh")).arg(command).current_dir(shop.path(""));
    for (name, _) in std::env::vars() {
        if ["GITHUB_", "GITLAB_", "CI_", "PRICEBOOK_", "COMMET_"].iter().any(|start| name.starts_with(start)) {
            bash.env_remove(name);
        }
    }
    bash.env("PRICEBOOK_BIN", binary())
        .env("PRICEBOOK_ENV", "test")
        .env("COMMET_API_KEY", "ck_sandbox_test")
        .env("NO_PROXY", "127.0.0.1")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let output = bash.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let outcome =
        Outcome { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!format!("{outcome:?}").contains(TOKEN), "the token is shown\n{outcome:?}");
    outcome
}

/// The variables with others in their place.
fn with(mut variables: Variables, others: &[(&'static str, String)]) -> Variables {
    variables.retain(|(name, _)| others.iter().all(|(other, _)| other != name));
    variables.extend(others.iter().cloned());
    variables
}

/// A file that a job leaves for the next one.
#[track_caller]
fn left(shop: &Project, name: &str) -> String {
    fs::read_to_string(shop.path("pricebook-out").join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// Somebody changes the price in the dashboard.
fn meddle(shop: &Project, amount: i64) {
    let pro = shop.plan_id("pro");
    let price = shop.price_id("pro", "monthly");
    shop.call("PUT", &format!("/plans/{pro}/prices/{price}"), json!({ "price": amount }));
}

/// What the live price is, in minor units.
fn price(shop: &Project) -> i64 {
    let (_, plans) = shop.raw("GET", "/plans?includePrivate=true", Value::Null);
    plans["data"][0]["prices"][0]["price"].as_i64().unwrap_or_else(|| panic!("{plans}"))
}

#[test]
fn other_hosts_get_a_file_to_post() {
    let shop = shop();
    step(&shop, "review", &Vec::new()).exits(0);
    assert!(left(&shop, "comment.md").contains("$59.00"));
    let said = step(&shop, "prepare", &Vec::new()).exits(0);
    assert!(said.stderr.contains("the changeset that was reviewed"), "{}", said.stderr);
    step(&shop, "apply", &Vec::new()).exits(0);
    assert_eq!(price(&shop), 5900);
}

#[test]
fn mistakes_in_the_call_are_said() {
    let shop = shop();
    let said = step(&shop, "aply", &Vec::new()).exits(3);
    assert!(said.stderr.starts_with("usage: "), "{}", said.stderr);
    let said = step(&shop, "review", &vec![("PRICEBOOK_ENV", String::new())]).exits(3);
    assert!(said.stderr.contains("PRICEBOOK_ENV"), "{}", said.stderr);
}

#[test]
fn drift_is_an_error_with_a_report() {
    let shop = shop();
    shop.write(&catalog("49.00"));
    let summary = shop.path("summary.md");
    let variables = vec![("GITHUB_ACTIONS", "true".to_owned()), ("GITHUB_STEP_SUMMARY", summary.display().to_string())];
    step(&shop, "drift", &variables).exits(0);
    assert_eq!(fs::read_to_string(&summary).unwrap(), "");
    meddle(&shop, 5100);
    let said = step(&shop, "drift", &variables).exits(2);
    assert!(said.stdout.contains("::error title=pricebook::somebody changed test by hand"), "{}", said.stdout);
    assert!(fs::read_to_string(&summary).unwrap().contains("51.00"));
    // It could not look: another exit code, and no report.
    fs::write(shop.path("catalog.yaml"), "provider: comet\n").unwrap();
    let said = step(&shop, "drift", &variables).exits(3);
    assert!(said.stderr.contains("::error file=catalog.yaml,line=1"), "{}", said.stderr);
}
