use std::fmt::Write as _;

use super::text::printable;
use super::{Finding, Severity};

/// Findings as GitHub's workflow commands, a line each: `::error file=…,line=…,col=…,title=PB-E105::message`. The runner
/// makes annotations of them. `place` turns a path into one relative to the repository's root.
pub fn github(findings: &[Finding], place: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = Vec::new();
        if let Some(path) = finding.path() {
            properties.push(format!("file={}", property(&printable(&place(path)))));
        }
        if let Some(at) = &finding.location {
            let (end_line, end_column) = at.end();
            properties.push(format!("line={}", at.line));
            // Columns are for one line only; the host refuses them on several.
            if end_line == at.line {
                properties.push(format!("col={}", at.column));
                properties.push(format!("endLine={end_line}"));
                properties.push(format!("endColumn={}", end_column.max(at.column)));
            } else {
                properties.push(format!("endLine={end_line}"));
            }
        }
        properties.push(format!("title={}", property(finding.code.id())));
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&finding.lines().join("\n")));
    }
    out
}

/// An error that is about no file, as a workflow command.
pub fn github_error(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(printable).collect();
    format!("::error title=pricebook::{}\n", data(&lines.join("\n")))
}

/// A command ends with its line, so what would end a line is written in percent.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property also what would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
