//! Somebody changes the live objects behind the tool's back: every field, and whole objects. The plan shows each, says
//! that it was changed outside, and apply takes it back.

mod bxb;
mod commet;

use pricebook::model::{Mutability, Readability};
use serde_json::Value;

use crate::project::Project;
use crate::subject::Subject;

/// One call behind the tool's back, and what the plan must say about it: see `Plan::lines`.
struct Row {
    method: &'static str,
    path: String,
    body: Value,
    plan: Vec<String>,
    /// In Commet's newer version.
    newer: bool,
}

fn row(method: &'static str, path: impl Into<String>, body: Value, plan: &[&str]) -> Row {
    Row { method, path: path.into(), body, plan: plan.iter().map(|line| (*line).to_owned()).collect(), newer: false }
}

/// The fields that a plan shows, as (kind, field).
type Shown = Vec<(String, String)>;

/// The live side says this; the plan says that, with the live side as its origin; apply puts it back. That nothing is
/// left to do is seen by the next plan.
#[track_caller]
fn seen_and_taken_back(project: &Project, row: &Row) -> Shown {
    let Row { method, path, body, plan: expected, newer } = row;
    let raw = if *newer { Project::raw_newer } else { Project::raw };
    let (status, answer) = raw(project, method, path, body.clone());
    assert!((200..300).contains(&status), "{method} {path} {body}: {status} {answer}");
    let plan = project.plan();
    assert_eq!(plan.lines(), *expected, "{method} {path} {body}");
    // What is created or deleted as a whole may have no fields.
    let whole = expected.iter().all(|line| line.starts_with("create") || line.starts_with("delete"));
    let origins = plan.origins();
    assert!(origins == ["live"] || whole && origins.is_empty(), "{method} {path} {body}: {origins:?}");
    let field = |change: &Value, field: &Value| {
        (change["kind"].as_str().unwrap().to_owned(), field["field"].as_str().unwrap().to_owned())
    };
    let shown = plan
        .changes()
        .flat_map(|change| {
            change["fields"].as_array().unwrap().iter().map(|one| field(change, one)).collect::<Vec<_>>()
        })
        .collect();
    project.apply(&plan).exits(0);
    shown
}

/// Every field of the table that the API shows and lets anybody change has its row; what nobody can change alone is
/// named.
fn every_field(subject: Subject, catalog: &Value, rows: impl Fn(&Project) -> Vec<Row>, never_alone: &[(&str, &str)]) {
    let project = subject.with(catalog);
    let shown: Shown = rows(&project).iter().flat_map(|row| seen_and_taken_back(&project, row)).collect();
    project.in_sync();
    let missing: Vec<String> = subject
        .fields()
        .filter(|(_, spec)| spec.read == Readability::Returned && spec.change == Mutability::InPlace)
        .filter(|(kind, spec)| {
            let its = |field: &str| kind.field(field).is_some_and(|(_, found)| found.path == spec.path);
            !shown.iter().any(|(of, field)| of == kind.name && its(field))
        })
        .filter(|(kind, spec)| !never_alone.iter().any(|(of, path)| *of == kind.name && spec.path.starts_with(path)))
        .map(|(kind, spec)| format!("{} {}", kind.name, spec.path))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
