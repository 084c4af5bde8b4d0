use serde_json::{Value, json};

use super::text::mask;
use super::{Finding, Location, Severity};

/// Findings as one JSON document:
/// `{ "findings": [{code, severity, message, file, line, column, help?, suggestion?, environments?,
/// related?}], "errors", "warnings" }`.
pub fn json(findings: &[Finding]) -> Value {
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    json!({
        "findings": findings.iter().map(one).collect::<Vec<_>>(),
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
    })
}

fn one(finding: &Finding) -> Value {
    let mut out = json!({
        "code": finding.code.id(),
        "severity": finding.severity().word(),
        "message": mask(&finding.message),
        "file": finding.path(),
        "line": finding.location.as_ref().map(|at| at.line),
        "column": finding.location.as_ref().map(|at| at.column),
    });
    if !finding.help.is_empty() {
        out["help"] = json!(finding.help);
    }
    if let Some(suggestion) = &finding.suggestion {
        out["suggestion"] = json!(suggestion);
    }
    if !finding.environments.is_empty() {
        out["environments"] = json!(finding.environments);
    }
    if !finding.related.is_empty() {
        out["related"] = finding.related.iter().map(|(at, message)| place(at, message)).collect();
    }
    out
}

fn place(at: &Location, message: &str) -> Value {
    json!({ "file": at.file(), "line": at.line, "column": at.column, "message": message })
}
