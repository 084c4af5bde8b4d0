//! New files, all of them or none: no file that is there is ever touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files that were written and can still be taken back.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Why a file could not be written; nothing was left behind.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written: {why}; nothing was written")]
pub(crate) struct Failed {
    path: String,
    why: io::Error,
}

impl Fresh {
    /// Writes all of them, or none. Each appears under its name only when it is whole.
    pub(crate) fn write(files: &[(PathBuf, String)]) -> Result<Self, Failed> {
        let mut fresh = Self::default();
        for (path, text) in files {
            if let Err(why) = fresh.one(path, text) {
                fresh.take_back();
                return Err(Failed { path: path.display().to_string(), why });
            }
        }
        Ok(fresh)
    }

    fn one(&mut self, path: &Path, text: &str) -> io::Result<()> {
        self.folder(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let neighbour = path.with_file_name(format!(".{name}.tmp{}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = File::create_new(&neighbour)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            // A link fails where the name is taken; a rename would put the new file into its place.
            match fs::hard_link(&neighbour, path) {
                Err(why) if why.kind() != io::ErrorKind::AlreadyExists && !path.exists() => {
                    fs::rename(&neighbour, path)
                }
                done => done,
            }
        };
        let done = write();
        let _ = fs::remove_file(&neighbour);
        done?;
        self.files.push(path.to_owned());
        Ok(())
    }

    fn folder(&mut self, path: &Path) -> io::Result<()> {
        let missing: Vec<&Path> =
            path.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    /// Removes what was written.
    pub(crate) fn take_back(self) {
        for file in self.files.iter().rev() {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("there"), "old").unwrap();
        let files = [(path("a/b/c"), "1".to_owned()), (path("there"), "new".to_owned())];
        Fresh::write(&files).unwrap_err();
        assert_eq!(fs::read_to_string(path("there")).unwrap(), "old");
        assert!(!path("a").exists());
        Fresh::write(&files[..1]).unwrap();
        assert_eq!(fs::read_to_string(path("a/b/c")).unwrap(), "1");
        assert_eq!(fs::read_dir(path("a/b")).unwrap().count(), 1);
    }
}
