use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::ledger::{FORMAT, Ledger};

/// A ledger in a file of its own, replaced whole so that a crash leaves the old one or the new one.
#[derive(Debug)]
pub struct FileLedger {
    path: PathBuf,
}

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be read or written.
    #[error("the ledger {path} cannot be {what}: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The system's words.
        why: io::Error,
    },
    /// The file is not a ledger.
    #[error("{path} is not a ledger: {why}. Move it away to start anew: objects are found again by their keys")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A newer Pricebook wrote it.
    #[error(
        "{path} was written by a newer Pricebook (ledger format {format}, this one knows {FORMAT}): update Pricebook"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
}

impl FileLedger {
    /// A ledger at this path, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it. `None` when there is none yet.
    pub fn load(&self) -> Result<Option<Ledger>, LedgerError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(LedgerError::Io { path: self.path.clone(), what: "read", why }),
        };
        let unreadable =
            |why: serde_json::Error| LedgerError::Unreadable { path: self.path.clone(), why: why.to_string() };
        let raw: serde_json::Value = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if let Some(format) = raw.get("format").and_then(serde_json::Value::as_u64)
            && format > u64::from(FORMAT)
        {
            return Err(LedgerError::Newer { path: self.path.clone(), format });
        }
        serde_json::from_value(raw).map(Some).map_err(unreadable)
    }

    /// Writes it: to a neighbour first, synced, then renamed over.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let write = || -> io::Result<()> {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let neighbour = self.path.with_extension(format!("tmp{}", std::process::id()));
            let mut bytes = serde_json::to_vec_pretty(ledger).map_err(io::Error::other)?;
            bytes.push(b'\n');
            let replace = || -> io::Result<()> {
                let mut file = fs::File::create(&neighbour)?;
                file.write_all(&bytes)?;
                file.sync_all()?;
                fs::rename(&neighbour, &self.path)
            };
            // A full disk must not leave half of a ledger lying beside the old one.
            replace().inspect_err(|_| drop(fs::remove_file(&neighbour)))?;
            // The new name is on the disk only when its folder is; not every file system can say so.
            if let Some(folder) = self.path.parent().and_then(|folder| fs::File::open(folder).ok()) {
                let _ = folder.sync_all();
            }
            Ok(())
        };
        write().map_err(|why| LedgerError::Io { path: self.path.clone(), what: "written", why })
    }
}
