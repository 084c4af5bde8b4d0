use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The revision that is checked out where the catalog is, if that is in git.
pub(crate) fn revision(catalog: &Path) -> Option<String> {
    let folder = if catalog.is_dir() { Some(catalog) } else { catalog.parent() }?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    answer(&["rev-parse", "--verify", "--quiet", "HEAD"], folder).filter(|revision| !revision.is_empty())
}

/// The top folder of the repository that this folder is in.
pub(crate) fn top_level(folder: &Path) -> Option<PathBuf> {
    let text = answer(&["rev-parse", "--show-toplevel"], folder)?;
    (!text.is_empty()).then(|| PathBuf::from(text))
}

/// What git prints when it succeeds, without the line break.
fn answer(arguments: &[&str], folder: &Path) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches(['\r', '\n']).to_owned())
}
