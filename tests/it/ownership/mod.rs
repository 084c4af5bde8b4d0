//! What is Pricebook's to write and to delete, rule by rule, as a person reads it.

mod adoption;
mod keys;
mod outside;
mod removal;

use serde_json::Value;

use crate::project::Project;
use crate::small::{BXB, COMMET, edited};

/// Without the plan `team` and what is only on it.
fn commet_without_team() -> String {
    edited(
        COMMET,
        &[
            ("plans: [pro, team]", "plans: [pro]"),
            ("  team:\n    name: Team\n    prices: { monthly: 99.00 }\n    features: { sso: true }\n", ""),
        ],
    )
}

fn bxb_without_team() -> String {
    edited(BXB, &[("  team: { name: Team, interval: monthly, amount: 99.00, currency: EUR }\n", "")])
}

/// As if somebody else had made everything: neither the ledger is there, nor does this machine know of one.
fn forget(project: &Project) {
    std::fs::remove_file(project.ledger_path()).unwrap();
    std::fs::remove_file(project.ledger_path().with_file_name("test.seen.json")).unwrap();
}

fn plan_codes(project: &Project, path: &str) -> Vec<String> {
    let (_, answer) = project.raw("GET", path, Value::Null);
    let list = answer.get("data").unwrap_or(&answer).as_array().unwrap().clone();
    let mut codes: Vec<String> = list.iter().map(|plan| plan["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}
