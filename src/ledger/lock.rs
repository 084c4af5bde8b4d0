use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ledger::{Moment, Process, owner};

/// Who may write to an environment, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// What `unlock` wants to be told, so that nobody frees a lock that they did not look at.
    pub id: String,
    /// `ana@laptop`.
    pub owner: String,
    /// The process, where the system names processes for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The page of the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
    /// What it is for: `apply`.
    pub command: String,
    /// When it was taken.
    pub started: Moment,
    /// When it ends by itself. Put off while the owner runs.
    pub expires: Moment,
}

/// A lock as it was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// One that can be read.
    Lock(Box<Lock>),
    /// Something else stands there; it has a name all the same, so that it can be taken away.
    Broken {
        /// Made from its bytes.
        id: String,
    },
}

/// What a lock that was found means to somebody who wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its time is over.
    Expired,
    /// Its time is not over, but its owner is gone for certain.
    Dead,
    /// Somebody has it.
    Held,
}

impl Lock {
    /// A new one for this process.
    pub fn new(command: &str, now: Moment, life: Duration) -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self {
            id: format!("{:016x}", random()),
            owner: owner::name(),
            process: Process::this(),
            run_url: owner::run_url(),
            command: command.to_owned(),
            started: now,
            expires: now.after(life),
        }
    }

    /// As it stands in a place.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|why| why.to_string())?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl Found {
    /// Reads what stands where a lock does. Fields that a newer Pricebook added are no reason not to believe it.
    pub fn read(bytes: &[u8]) -> Self {
        match serde_json::from_slice::<Lock>(bytes) {
            Ok(lock) => Self::Lock(Box::new(lock)),
            Err(_) => {
                let id: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
                Self::Broken { id }
            }
        }
    }

    /// The name that `unlock` takes.
    pub fn id(&self) -> &str {
        match self {
            Self::Lock(lock) => &lock.id,
            Self::Broken { id } => id,
        }
    }

    /// What it means to somebody who wants it. A lock that cannot be read may be a living one's.
    pub fn standing(&self, now: Moment, is_gone: impl Fn(&Process) -> bool) -> Standing {
        match self {
            Self::Lock(lock) if lock.expires <= now => Standing::Expired,
            Self::Lock(lock) if lock.process.as_ref().is_some_and(is_gone) => Standing::Dead,
            _ => Standing::Held,
        }
    }

    /// `ana@laptop (apply) since 2026-11-20 09:48:52 UTC, 3 minutes ago`.
    pub fn who(&self, now: Moment) -> String {
        match self {
            Self::Lock(lock) => format!(
                "{} ({}) since {}, {} ago",
                plain(&lock.owner),
                plain(&lock.command),
                lock.started,
                lock.started.ago(now)
            ),
            Self::Broken { .. } => "somebody whose lock cannot be read".to_owned(),
        }
    }

    /// The page of its run, if it has one.
    pub fn run_url(&self) -> Option<String> {
        match self {
            Self::Lock(lock) => lock.run_url.as_deref().map(plain),
            Self::Broken { .. } => None,
        }
    }
}

/// Text from outside, without what would move a terminal's cursor, and not without end.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let process = Process { space: "here".into(), pid: 7, started: "1".into() };
        Lock { process: Some(process), ..Lock::new("apply", Moment(1000), Duration::from_secs(300)) }
    }

    #[test]
    fn what_a_lock_means() {
        let found = Found::read(&lock().bytes().unwrap());
        let standing = |now, gone| found.standing(Moment(now), |_| gone);
        assert_eq!(found, Found::Lock(Box::new(lock_with(found.id()))));
        assert_eq!(standing(1000, false), Standing::Held);
        assert_eq!(standing(1299, false), Standing::Held);
        assert_eq!(standing(1300, false), Standing::Expired);
        assert_eq!(standing(1001, true), Standing::Dead);
        // A clock that is behind takes nothing.
        assert_eq!(standing(-5000, false), Standing::Held);
        let anywhere = Found::Lock(Box::new(Lock { process: None, ..lock() }));
        assert_eq!(anywhere.standing(Moment(1001), |_| true), Standing::Held);
    }

    fn lock_with(id: &str) -> Lock {
        Lock { id: id.to_owned(), ..lock() }
    }

    #[test]
    fn one_that_cannot_be_read_is_held_and_can_be_named() {
        for bytes in [&b""[..], b"{}", b"\xff\xfe", b"{\"id\": 7}"] {
            let found = Found::read(bytes);
            assert_eq!(found.id().len(), 16);
            assert_eq!(found.standing(Moment(i64::MAX), |_| true), Standing::Held);
        }
        let newer = String::from_utf8(lock().bytes().unwrap()).unwrap().replace("\"owner\"", "\"mood\": 1, \"owner\"");
        assert!(matches!(Found::read(newer.as_bytes()), Found::Lock(_)));
    }

    #[test]
    fn words_from_outside_stay_words() {
        let found = Found::Lock(Box::new(Lock { owner: "a\u{1b}[2J\nb".into(), ..lock() }));
        assert_eq!(found.who(Moment(1060)), "a[2Jb (apply) since 1970-01-01 00:16:40 UTC, 60 seconds ago");
    }
}
