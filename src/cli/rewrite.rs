//! Files that are there and get another text: all of them or none, and only while nobody else changes them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file and its new text.
#[derive(Debug)]
pub(crate) struct Change<'c> {
    pub(crate) path: &'c str,
    pub(crate) before: &'c str,
    pub(crate) after: &'c str,
}

/// Why files were not written; they are as they were.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written: {why}")]
pub(crate) struct Failed {
    path: String,
    why: io::Error,
}

/// Writes the new texts. Each takes its file's place when all are on the disk.
pub(crate) fn rewrite(changes: &[Change<'_>]) -> Result<(), Failed> {
    let failed = |change: &Change<'_>, why| Failed { path: change.path.to_owned(), why };
    let mut ready: Vec<(PathBuf, PathBuf, &Change<'_>)> = Vec::new();
    let clean = |ready: &[(PathBuf, PathBuf, &Change<'_>)]| {
        for (neighbour, ..) in ready {
            let _ = fs::remove_file(neighbour);
        }
    };
    for change in changes {
        match beside(change) {
            Ok((neighbour, path)) => ready.push((neighbour, path, change)),
            Err(why) => {
                clean(&ready);
                return Err(failed(change, why));
            }
        }
    }
    for (at, (neighbour, path, change)) in ready.iter().enumerate() {
        if let Err(why) = fs::rename(neighbour, path) {
            clean(&ready[at..]);
            // What was replaced already is put back.
            for (_, path, change) in &ready[..at] {
                let _ = fs::write(path, change.before);
            }
            return Err(failed(change, why));
        }
    }
    Ok(())
}

/// Writes a new text beside its file. A link is followed, so that it stays one.
fn beside(change: &Change<'_>) -> io::Result<(PathBuf, PathBuf)> {
    let path = fs::canonicalize(Path::new(change.path))?;
    if fs::read(&path)? != change.before.as_bytes() {
        return Err(io::Error::other("somebody else changed it in the meantime; run the command again"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let neighbour = path.with_file_name(format!(".{name}.tmp{}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = File::create(&neighbour)?;
        file.set_permissions(fs::metadata(&path)?.permissions())?;
        file.write_all(change.after.as_bytes())?;
        file.sync_all()
    };
    if let Err(why) = write() {
        let _ = fs::remove_file(&neighbour);
        return Err(why);
    }
    Ok((neighbour, path))
}

/// The lines that differ, as `diff -u` shows them.
pub(crate) fn unified(path: &str, before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let (one, two) = (path("one"), path("two"));
        fs::write(&one, "1").unwrap();
        fs::write(&two, "changed").unwrap();
        let changes =
            [Change { path: &one, before: "1", after: "11" }, Change { path: &two, before: "2", after: "22" }];
        let why = rewrite(&changes).unwrap_err().to_string();
        assert!(why.contains("somebody else"), "{why}");
        assert_eq!(fs::read_to_string(&one).unwrap(), "1");
        rewrite(&changes[..1]).unwrap();
        assert_eq!(fs::read_to_string(&one).unwrap(), "11");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
