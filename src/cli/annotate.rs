//! Findings for the hosts of repositories, which want paths from the repository's root.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::cli::git;
use crate::diagnostic::{self, Finding};
use crate::load::project;

/// As GitHub's workflow commands.
pub(crate) fn github(findings: &[Finding]) -> String {
    diagnostic::github(findings, &places())
}

/// An error that is about no file.
pub(crate) fn error(message: &str, help: Option<&str>) -> String {
    diagnostic::github_error(&[Some(message), help].into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

/// As a GitLab Code Quality report.
pub(crate) fn gitlab(findings: &[Finding]) -> Value {
    diagnostic::gitlab(findings, &places(), project::FILE_NAME)
}

/// As a SARIF log.
pub(crate) fn sarif(findings: &[Finding]) -> Value {
    diagnostic::sarif(findings, &places())
}

/// Text that the runner of GitHub does not take for a command, on one line.
pub(crate) fn quoted(text: &str) -> String {
    let one_line: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    one_line.replace("::", ": :").replace("##[", "## [")
}

/// Turns a path as it was typed into one from the repository's root: the top of the git repository that the working
/// folder is in, or else the working folder. A path outside of it stays absolute.
fn places() -> impl Fn(&str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let root = git::top_level(&here).unwrap_or_else(|| here.clone());
    move |path| {
        let absolute = normal(&here.join(path));
        // The folder may have been reached through a link.
        let real = || {
            let file = Path::new(path).file_name()?;
            let folder = std::fs::canonicalize(absolute.parent()?).ok()?;
            Some(folder.join(file))
        };
        let below = |path: &Path| path.strip_prefix(&root).ok().map(slashed);
        below(&absolute).or_else(|| below(&real()?)).unwrap_or_else(|| slashed(&absolute))
    }
}

/// Without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn slashed(path: &Path) -> String {
    match path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/") {
        empty if empty.is_empty() => ".".to_owned(),
        path => path,
    }
}
