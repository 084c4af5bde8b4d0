//! The embedded store: every touched object in one transaction, before the answer is sent.
//!
//! It must survive the end of the process at any moment, not of the machine: writes reach the operating system in
//! order but are not forced to the disk, which keeps a sandbox as fast as memory.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};

use super::api::Change;
use super::error::SandboxError;
use super::idempotency::Completed;

const OBJECTS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("objects");
const KEYS: TableDefinition<&str, &[u8]> = TableDefinition::new("idempotency");
const ABOUT: TableDefinition<&str, &str> = TableDefinition::new("about");

/// A data folder that this process owns.
pub(super) struct Store {
    database: Database,
    folder: PathBuf,
    _lock: File,
}

/// What one request leaves behind.
pub(super) struct Commit<'a> {
    pub(super) changes: &'a [Change],
    pub(super) completed: Option<(&'a str, &'a Completed)>,
    pub(super) expired: &'a [String],
}

/// All that a folder holds.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) objects: Vec<(String, Vec<u8>)>,
    pub(super) keys: Vec<(String, Completed)>,
}

/// How often a folder that seems to be in use is looked at again.
const LOOKS: u32 = 25;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(20);

impl Store {
    /// Opens or makes the folder; refuses one that another process has open or another provider wrote.
    pub(super) fn open(folder: &Path, provider: &str) -> Result<(Self, Stored), SandboxError> {
        let broken =
            |error: &dyn std::fmt::Display| SandboxError::Data { folder: folder.to_owned(), reason: error.to_string() };
        fs::create_dir_all(folder).map_err(|error| broken(&error))?;
        let lock = File::create(folder.join("sandbox.lock")).map_err(|error| broken(&error))?;
        // A process that is just being started holds a copy of every open file for a moment, locks included: one
        // more look tells it from an owner.
        let mut looks = 0;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if looks < LOOKS => {
                    looks += 1;
                    std::thread::sleep(BETWEEN_LOOKS);
                }
                Err(TryLockError::WouldBlock) => return Err(SandboxError::DataInUse { folder: folder.to_owned() }),
                Err(TryLockError::Error(error)) => return Err(broken(&error)),
            }
        }
        let mut file = File::options();
        let file = file.read(true).write(true).create(true).truncate(false);
        let file = file.open(folder.join("sandbox.redb")).map_err(|error| broken(&error))?;
        let backend = FileBackend::new(file).map_err(|error| broken(&error))?;
        let database = Database::builder().create_with_backend(Unsynced(backend)).map_err(|error| broken(&error))?;
        let store = Self { database, folder: folder.to_owned(), _lock: lock };
        let stored = store.load(provider).map_err(|error| broken(&error))?;
        match stored {
            Ok(stored) => Ok((store, stored)),
            Err(other) => Err(broken(&format!("it holds the data of a {other} sandbox, not of {provider}"))),
        }
    }

    fn load(&self, provider: &str) -> Result<Result<Stored, String>, redb::Error> {
        let writing = self.database.begin_write()?;
        {
            let mut about = writing.open_table(ABOUT)?;
            let known = about.get("provider")?.map(|name| name.value().to_owned());
            match known {
                Some(known) if known != provider => return Ok(Err(known)),
                Some(_) => {}
                None => {
                    about.insert("provider", provider)?;
                }
            }
            writing.open_table(OBJECTS)?;
            writing.open_table(KEYS)?;
        }
        writing.commit()?;
        let reading = self.database.begin_read()?;
        let mut stored = Stored::default();
        for row in reading.open_table(OBJECTS)?.iter()? {
            let (key, bytes) = row?;
            stored.objects.push((key.value().0.to_owned(), bytes.value().to_vec()));
        }
        for row in reading.open_table(KEYS)?.iter()? {
            let (key, bytes) = row?;
            if let Ok(completed) = serde_json::from_slice(bytes.value()) {
                stored.keys.push((key.value().to_owned(), completed));
            }
        }
        Ok(Ok(stored))
    }

    /// Writes all of it or nothing.
    pub(super) fn commit(&self, commit: &Commit<'_>) -> Result<(), SandboxError> {
        self.try_commit(commit)
            .map_err(|error| SandboxError::Data { folder: self.folder.clone(), reason: error.to_string() })
    }

    fn try_commit(&self, commit: &Commit<'_>) -> Result<(), redb::Error> {
        let writing = self.database.begin_write()?;
        {
            let mut objects = writing.open_table(OBJECTS)?;
            for change in commit.changes {
                let key = (change.kind, change.id.as_str());
                match &change.bytes {
                    Some(bytes) => objects.insert(key, bytes.as_slice())?,
                    None => objects.remove(key)?,
                };
            }
            let mut keys = writing.open_table(KEYS)?;
            for key in commit.expired {
                keys.remove(key.as_str())?;
            }
            if let Some((key, completed)) = commit.completed {
                let bytes = serde_json::to_vec(completed).map_err(io::Error::other)?;
                keys.insert(key, bytes.as_slice())?;
            }
        }
        writing.commit()?;
        Ok(())
    }
}

/// A file that is written in order and never forced to the disk.
#[derive(Debug)]
struct Unsynced(FileBackend);

impl StorageBackend for Unsynced {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}
