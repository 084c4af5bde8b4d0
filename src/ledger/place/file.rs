use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ledger::place::{Contents, PlaceError, Snapshot, Version};

/// How often to look whether another process is done with replacing the two files.
const PAUSE: Duration = Duration::from_millis(10);
/// How long that may take before something is wrong.
const PATIENCE: usize = 1000;

/// A ledger and a lock in files of their own, each replaced whole so that a crash leaves the old one or the new one.
#[derive(Debug)]
pub struct FilePlace {
    ledger: PathBuf,
    lock: PathBuf,
}

/// An environment's name as the first part of a file's: `NAME.ledger.json`, `NAME.journal.jsonl`.
pub fn file_stem(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' }).collect()
}

impl FilePlace {
    /// `NAME.ledger.json` and `NAME.lock.json` in this folder. Neither need exist yet.
    pub fn new(folder: &Path, name: &str) -> Self {
        let stem = file_stem(name);
        Self { ledger: folder.join(format!("{stem}.ledger.json")), lock: folder.join(format!("{stem}.lock.json")) }
    }

    pub(super) fn name(&self) -> String {
        self.ledger.display().to_string()
    }

    pub(super) fn read(&self) -> Result<Snapshot, PlaceError> {
        let contents = Contents { ledger: read(&self.ledger, "ledger")?, lock: read(&self.lock, "lock")? };
        Ok(Snapshot { contents, version: Version::Contents })
    }

    pub(super) async fn write(&self, next: &Contents, before: &Contents) -> Result<Option<Version>, PlaceError> {
        let folder = self.ledger.parent().unwrap_or(Path::new("."));
        let wrong = |why| failed(&self.ledger, "ledger", "written", why);
        fs::create_dir_all(folder).map_err(wrong)?;
        // Only one process at a time compares and replaces. The system ends this with the process.
        let _alone = alone(folder).await.map_err(wrong)?;
        if self.read()?.contents != *before {
            return Ok(None);
        }
        // The lock is freed last, and taken before anything else is written.
        if next.ledger != before.ledger {
            put(&self.ledger, next.ledger.as_deref()).map_err(wrong)?;
        }
        if next.lock != before.lock {
            put(&self.lock, next.lock.as_deref()).map_err(|why| failed(&self.lock, "lock", "written", why))?;
        }
        // New names are on the disk only when their folder is; not every file system can say so.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(Some(Version::Contents))
    }
}

fn failed(path: &Path, what: &str, done: &str, why: io::Error) -> PlaceError {
    PlaceError::new(format!("the {what} {} cannot be {done}: {why}", path.display()))
}

fn read(path: &Path, what: &str) -> Result<Option<Vec<u8>>, PlaceError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(failed(path, what, "read", why)),
    }
}

/// Waits until no other process is inside, and keeps others out until the handle is dropped.
async fn alone(folder: &Path) -> io::Result<File> {
    // Where a folder can be opened it is its own door, and nothing is left lying in it.
    let door = if cfg!(unix) {
        File::open(folder)?
    } else {
        File::options().create(true).append(true).open(folder.join(".door"))?
    };
    for _ in 0..PATIENCE {
        match door.try_lock() {
            Ok(()) => return Ok(door),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::Error(why)) => return Err(why),
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "another process keeps the folder locked"))
}

/// Writes a file: to a neighbour first, synced, then renamed over.
fn put(path: &Path, bytes: Option<&[u8]>) -> io::Result<()> {
    let Some(bytes) = bytes else { return fs::remove_file(path) };
    let neighbour = path.with_extension(format!("tmp{}", std::process::id()));
    let replace = || -> io::Result<()> {
        let mut file = File::create(&neighbour)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&neighbour, path)
    };
    // A full disk must not leave half of a ledger lying beside the old one.
    replace().inspect_err(|_| drop(fs::remove_file(&neighbour)))
}
