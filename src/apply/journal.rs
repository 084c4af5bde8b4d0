//! What a run does, written down while it does it: a file of JSON lines beside the ledger, synced before a call leaves
//! and after its answer. With it an unfinished run can be continued, or what it did be taken into account.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::apply::Failed;
use crate::changeset::{Call, Document};
use crate::model::Address;

/// The name and version of this format.
pub const JOURNAL_FORMAT: &str = "pricebook.journal/1";

/// One line of a journal.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line<'a> {
    /// The first line: what is to be done, and from where.
    Begin(Box<Head<'a>>),
    /// A call is about to leave.
    Sent {
        /// Its id in the changeset.
        call: String,
    },
    /// A call succeeded.
    Done {
        /// Its id in the changeset.
        call: String,
        /// The HTTP status.
        status: u16,
        /// How many times it was sent.
        attempts: u32,
        /// Ids that the answer told, by address.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        learned: BTreeMap<Address, String>,
    },
    /// A call did not succeed.
    Failed {
        /// Its id in the changeset.
        call: String,
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// The API's own code.
        code: Option<String>,
        /// What went wrong, in words.
        message: String,
        /// The API's own name for the request.
        request_id: Option<String>,
        /// It never left after all.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsent: bool,
    },
    /// The run goes on.
    Resumed {
        /// When, in UTC.
        at: String,
    },
    /// The run ended, and the ledger was saved or could not be.
    Ended {
        /// The exit code.
        exit: u8,
    },
}

/// What a run is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Head<'a> {
    /// The name and version of this format: `pricebook.journal/1`.
    pub format: String,
    /// The run's name, which no other run has. Part of every idempotency key.
    pub run: String,
    /// When it began, in UTC.
    pub started: String,
    /// How many times the ledger had been saved when it began.
    pub serial: u64,
    /// Objects that the files protected.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub protect: BTreeSet<Address>,
    /// Guards that a person let pass.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub acknowledged: BTreeSet<String>,
    /// The whole changeset.
    pub changeset: Cow<'a, Document>,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read.
    #[error("the journal {} cannot be read: {why}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
    /// A line in the middle of it is not one.
    #[error("the journal {} is broken at line {line}: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Another Pricebook wrote it.
    #[error("the journal {} has the format {format}, this Pricebook reads {JOURNAL_FORMAT}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: String,
    },
}

/// What became of a call, as far as a journal says.
#[derive(Clone, Debug, PartialEq)]
pub enum Became {
    /// It left; no answer is known.
    Sent,
    /// It succeeded, after so many attempts.
    Done(u32),
    /// It did not succeed: with this status, if there was an answer.
    Failed(Option<u16>),
}

impl Became {
    /// Whether the API may have done it although nothing says so.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Sent => true,
            Self::Done(_) => false,
            Self::Failed(status) => !matches!(status, Some(400..=407 | 409..=499)),
        }
    }
}

/// A journal that was read.
#[derive(Clone, Debug)]
pub struct Record {
    /// What the run is.
    pub head: Head<'static>,
    /// What became of its calls; those that are not in here were never sent.
    pub calls: BTreeMap<String, Became>,
    /// Ids that answers told.
    pub learned: BTreeMap<Address, String>,
    /// The ids of the changeset's calls.
    known: HashSet<String>,
    /// Where whole lines end, in bytes. What follows was being written when the run was cut off.
    whole: u64,
}

impl Record {
    /// Whether nothing was written between two readings.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.head.run, self.whole) == (&other.head.run, other.whole)
    }

    /// Reads a journal. `None` when there is none, or when the run was cut off before it could send anything.
    pub fn read(path: &Path) -> Result<Option<Self>, JournalError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(JournalError::Io { path: path.to_owned(), why }),
        };
        let broken = |line: usize, why: String| JournalError::Broken { path: path.to_owned(), line, why };
        let mut record: Option<Self> = None;
        let mut whole = 0;
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            // Without its end it was being written when the run was cut off: what it says had not begun.
            if line.last() != Some(&b'\n') {
                break;
            }
            if at == 0 {
                let raw: serde_json::Value =
                    serde_json::from_slice(line).map_err(|why| broken(1, format!("it is not JSON ({why})")))?;
                let format = raw.get("format").and_then(serde_json::Value::as_str).unwrap_or("none");
                if format != JOURNAL_FORMAT {
                    return Err(JournalError::Format { path: path.to_owned(), format: format.to_owned() });
                }
            }
            let read = serde_json::from_slice(line).map_err(|why| broken(at + 1, why.to_string()))?;
            match (&mut record, read) {
                (None, Line::Begin(head)) => {
                    if crate::changeset::digest(&head.changeset) != head.changeset.digest {
                        return Err(broken(1, "its changeset was changed after it was written".into()));
                    }
                    let known = head.changeset.calls.iter().map(|call| call.id.clone()).collect();
                    record = Some(Self { head: *head, calls: BTreeMap::new(), learned: BTreeMap::new(), known, whole });
                }
                (Some(record), line) => record.take(line).map_err(|why| broken(at + 1, why))?,
                (None, _) => return Err(broken(1, "it does not say what the run is".into())),
            }
            whole += u64::try_from(line.len()).unwrap_or(0);
        }
        Ok(record.map(|record| Self { whole, ..record }))
    }

    fn take(&mut self, line: Line<'_>) -> Result<(), String> {
        let (call, became) = match line {
            Line::Begin(_) => return Err("a second run begins".into()),
            Line::Resumed { .. } | Line::Ended { .. } => return Ok(()),
            Line::Sent { call } => (call, Became::Sent),
            Line::Done { call, attempts, learned, .. } => {
                self.learned.extend(learned);
                (call, Became::Done(attempts))
            }
            Line::Failed { call, unsent: true, .. } => {
                self.calls.remove(&call);
                return Ok(());
            }
            Line::Failed { call, status, .. } => (call, Became::Failed(status)),
        };
        if !self.known.contains(&call) {
            return Err(format!("the changeset has no call {call}"));
        }
        self.calls.insert(call, became);
        Ok(())
    }

    /// How many calls are done.
    pub fn done(&self) -> usize {
        self.calls.values().filter(|became| matches!(became, Became::Done(_))).count()
    }

    /// Calls that the API may have done although nothing says so, in the changeset's order.
    pub fn doubtful(&self) -> impl Iterator<Item = &Call> {
        let doubtful = |call: &&Call| self.calls.get(&call.id).is_some_and(Became::is_doubtful);
        self.head.changeset.calls.iter().filter(doubtful)
    }
}

/// Where a run writes down what it does. Lines are on the disk when `sync` has returned.
pub trait Log: Send {
    /// A call is about to leave.
    fn sent(&mut self, call: &Call);
    /// A call succeeded.
    fn done(&mut self, call: &Call, status: u16, attempts: u32, learned: &BTreeMap<Address, String>);
    /// A call did not succeed.
    fn failed(&mut self, failed: &Failed);
    /// Makes sure that everything so far survives. Costs nothing when there is nothing new.
    fn sync(&mut self) -> io::Result<()>;
}

/// A run that nobody will want to continue.
impl Log for () {
    fn sent(&mut self, _: &Call) {}
    fn done(&mut self, _: &Call, _: u16, _: u32, _: &BTreeMap<Address, String>) {}
    fn failed(&mut self, _: &Failed) {}
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// How long it is on the disk.
    whole: u64,
    /// Lines that are not on the disk yet.
    new: Vec<u8>,
    /// It could not be written once. What would follow half of a line could not be read again.
    broken: bool,
    /// How long writing took so far.
    spent: Duration,
}

impl Journal {
    /// How long it took to make sure that its lines survive.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Begins a journal, in the place of an older one. It is on the disk when this returns.
    pub fn begin(path: &Path, head: Head<'_>) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or(Ok(()), fs::create_dir_all)?;
        // Written whole beside the old one: there is never a moment without either.
        let neighbour = path.with_extension(format!("jsonl.tmp{}", std::process::id()));
        let begin = || -> io::Result<Self> {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&neighbour)?;
            let mut journal =
                Self { path: path.to_owned(), file, whole: 0, new: Vec::new(), broken: false, spent: Duration::ZERO };
            journal.line(&Line::Begin(Box::new(head)));
            journal.sync()?;
            fs::rename(&neighbour, path)?;
            // The changeset is by far the longest line.
            journal.new = Vec::new();
            Ok(journal)
        };
        let journal = begin().inspect_err(|_| drop(fs::remove_file(&neighbour)))?;
        sync_folder(path);
        Ok(journal)
    }

    /// Goes on with a journal that was read, behind its last whole line.
    pub fn resume(path: &Path, record: &Record, at: String) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(record.whole)?;
        file.seek(SeekFrom::Start(record.whole))?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            whole: record.whole,
            new: Vec::new(),
            broken: false,
            spent: Duration::ZERO,
        };
        journal.line(&Line::Resumed { at });
        journal.sync()?;
        Ok(journal)
    }

    /// The run ended.
    pub fn ended(&mut self, exit: u8) -> io::Result<()> {
        self.line(&Line::Ended { exit });
        self.sync()
    }

    /// The run ended well, and the ledger knows all of it.
    pub fn remove(self) -> io::Result<()> {
        remove(&self.path)
    }

    fn line(&mut self, line: &Line<'_>) {
        let before = self.new.len();
        // A line of plain data can always be written as JSON.
        match serde_json::to_writer(&mut self.new, line) {
            Ok(()) => self.new.push(b'\n'),
            Err(_) => self.new.truncate(before),
        }
    }
}

impl Log for Journal {
    fn sent(&mut self, call: &Call) {
        self.line(&Line::Sent { call: call.id.clone() });
    }

    fn done(&mut self, call: &Call, status: u16, attempts: u32, learned: &BTreeMap<Address, String>) {
        self.line(&Line::Done { call: call.id.clone(), status, attempts, learned: learned.clone() });
    }

    fn failed(&mut self, failed: &Failed) {
        self.line(&Line::Failed {
            call: failed.call.clone(),
            status: failed.status,
            code: failed.code.clone(),
            message: failed.message.clone(),
            request_id: failed.request_id.clone(),
            unsent: failed.unsent,
        });
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        if self.broken {
            return Err(io::Error::other("an earlier line could not be written"));
        }
        let began = Instant::now();
        let written = self.file.write_all(&self.new).and_then(|()| self.file.sync_data());
        self.spent += began.elapsed();
        if written.is_err() {
            self.broken = true;
            let _ = self.file.set_len(self.whole);
        } else {
            self.whole += u64::try_from(self.new.len()).unwrap_or(0);
        }
        self.new.clear();
        written
    }
}

/// Takes a journal away whose facts the ledger knows.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.inspect(|()| sync_folder(path)),
    }
}

/// A name is on the disk only when its folder is; not every file system can say so.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}
