use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::text::printable;
use super::{Finding, Severity};

/// Findings as a GitLab Code Quality report: a list of `description`, `check_name`, `fingerprint`, `severity` and
/// `location`. `place` turns a path into one relative to the repository's root; `nowhere` is the file that stands for
/// no file, because the report has no finding without one.
pub fn gitlab(findings: &[Finding], place: &dyn Fn(&str) -> String, nowhere: &str) -> Value {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let one = |finding: &Finding| {
        let path = printable(&place(finding.path().unwrap_or(nowhere)));
        let identity = format!("{}\n{path}\n{}", finding.code, finding.message);
        let before = seen.entry(identity.clone()).or_default();
        let fingerprint = fingerprint(&identity, *before);
        *before += 1;
        json!({
            "description": finding.lines().join(". "),
            "check_name": finding.code.id(),
            "fingerprint": fingerprint,
            "severity": match finding.severity() {
                Severity::Error => "critical",
                Severity::Warning => "minor",
            },
            "location": {
                "path": path,
                "lines": {
                    "begin": finding.location.as_ref().map_or(1, |at| at.line),
                    "end": finding.location.as_ref().map_or(1, |at| at.end().0),
                },
            },
        })
    };
    findings.iter().map(one).collect()
}

/// What tells a finding from others in two runs: not its line, which moves when something is written above it.
pub(super) fn fingerprint(identity: &str, before: usize) -> String {
    let hash = Sha256::digest(format!("{identity}\n{before}"));
    hash.iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
