use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::gitlab::fingerprint;
use super::text::printable;
use super::{Code, Finding, Location, Severity};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Findings as a SARIF 2.1.0 log with one run. `place` turns a path into one relative to the repository's root; one that
/// lies outside stays absolute.
pub fn sarif(findings: &[Finding], place: &dyn Fn(&str) -> String) -> Value {
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect::<BTreeSet<_>>().into_iter().collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let result = |finding: &Finding| {
        let path = finding.path().map(place);
        let identity = format!("{}\n{}\n{}", finding.code, path.as_deref().unwrap_or_default(), finding.message);
        let before = seen.entry(identity.clone()).or_default();
        let fingerprint = fingerprint(&identity, *before);
        *before += 1;
        let mut out = json!({
            "ruleId": finding.code.id(),
            "ruleIndex": codes.iter().position(|code| *code == finding.code),
            "level": level(finding.severity()),
            "message": { "text": plain(&finding.lines().join("\n")) },
            "partialFingerprints": { "pricebookFinding/v1": fingerprint },
        });
        if let Some(path) = &path {
            out["locations"] = json!([{ "physicalLocation": physical(path, finding.location.as_ref()) }]);
        }
        if !finding.related.is_empty() {
            let related = |(id, (at, what)): (usize, &(Location, String))| {
                json!({
                    "id": id + 1,
                    "physicalLocation": physical(&place(at.file()), Some(at)),
                    "message": { "text": plain(&printable(what)) },
                })
            };
            out["relatedLocations"] = finding.related.iter().enumerate().map(related).collect();
        }
        out
    };
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "Pricebook",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.id(),
        "shortDescription": { "text": plain(code.title()) },
        "fullDescription": { "text": plain(code.title()) },
        "help": { "text": plain(code.explanation()) },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn physical(path: &str, at: Option<&Location>) -> Value {
    let artifact = match path.strip_prefix('/') {
        Some(rest) => json!({ "uri": format!("file:///{}", encoded(rest)) }),
        None => json!({ "uri": encoded(path), "uriBaseId": "%SRCROOT%" }),
    };
    let mut out = json!({ "artifactLocation": artifact });
    if let Some(at) = at {
        let (end_line, end_column) = at.end();
        out["region"] = json!({
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": end_line,
            "endColumn": end_column,
        });
    }
    out
}

/// A path as a URI reference: everything but letters, digits, `-._~` and `/` in percent (RFC 3986 §2.3).
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Text that is no link: `[words](target)` would be one (SARIF §3.11.6).
fn plain(text: &str) -> String {
    if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris_and_links_become_text() {
        assert_eq!(encoded("catalog/plans é%#?.yaml"), "catalog/plans%20%C3%A9%25%23%3F.yaml");
        assert_eq!(physical("/a:b", None)["artifactLocation"]["uri"], "file:///a%3Ab");
        assert_eq!(plain("[click](https://evil.example)"), r"\[click\](https://evil.example)");
        assert_eq!(plain("a list [1, 2]"), "a list [1, 2]");
    }
}
