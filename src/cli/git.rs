use std::path::Path;
use std::process::{Command, Stdio};

/// The revision that is checked out where the catalog is, if that is in git.
pub(crate) fn revision(catalog: &Path) -> Option<String> {
    let folder = if catalog.is_dir() { Some(catalog) } else { catalog.parent() }?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let output = Command::new("git")
        .args(["rev-parse", "--verify", "--quiet", "HEAD"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let revision = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !revision.is_empty()).then_some(revision)
}
