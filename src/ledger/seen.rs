use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ledger::place::encoded;

/// Which save of a ledger this machine saw last. With it a ledger that is gone, or an older copy of one, is told from
/// a first run. It is a hint of this machine: nothing depends on it, and it does not belong into git.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Where the ledger was: [`crate::ledger::Place::id`].
    pub place: String,
    /// What it was for.
    pub target: String,
    /// How many times it had been saved.
    pub serial: u64,
}

impl Seen {
    /// What was seen of this ledger. One that cannot be read says nothing.
    pub fn read(folder: &Path, environment: &str, place: &str, target: &str) -> Option<Self> {
        let seen: Self = serde_json::from_slice(&fs::read(path(folder, environment)).ok()?).ok()?;
        (seen.place == place && seen.target == target).then_some(seen)
    }

    /// Remembers it. That it cannot be is no reason to fail.
    pub fn write(&self, folder: &Path, environment: &str) {
        let path = path(folder, environment);
        let Ok(mut bytes) = serde_json::to_vec_pretty(self) else { return };
        bytes.push(b'\n');
        if fs::read(&path).is_ok_and(|old| old == bytes) {
            return;
        }
        if fs::create_dir_all(folder).is_ok() {
            let _ = fs::write(path, bytes);
        }
    }

    /// Forgets it: there is nothing to be missed.
    pub fn forget(folder: &Path, environment: &str) {
        let _ = fs::remove_file(path(folder, environment));
    }

    /// What there is to say about a ledger with this many saves, or about none, at this place.
    pub fn compare(&self, place: &str, found: Option<u64>) -> Option<String> {
        let serial = &self.serial;
        let times = |number: u64| format!("{number} {}", if number == 1 { "time" } else { "times" });
        match found {
            None => Some(format!(
                "the ledger is gone: this machine knows one that was saved {}, and there is none at {place}. Objects are found again by their keys; what it would have deleted counts as not managed. If it was moved, put it back before you apply",
                times(*serial)
            )),
            Some(found) if found < *serial => Some(format!(
                "the ledger is an older copy: this machine knows one that was saved {}, and the one at {place} was saved {}. What was written in between may show as changed outside, or as not managed. If you have the newer one, put it back before you apply",
                times(*serial),
                times(found)
            )),
            Some(_) => None,
        }
    }
}

fn path(folder: &Path, environment: &str) -> PathBuf {
    folder.join(format!("{}.seen.json", encoded(environment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gone_and_older_are_said_and_nothing_else() {
        let seen = Seen { place: "here".into(), target: "t".into(), serial: 3 };
        assert_eq!([seen.compare("there", Some(3)), seen.compare("there", Some(4))], [None, None]);
        assert!(
            seen.compare("there", None)
                .unwrap()
                .starts_with("the ledger is gone: this machine knows one that was saved 3 times")
        );
        assert!(seen.compare("there", Some(1)).unwrap().contains("was saved 1 time."));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Seen::read(folder.path(), "live", "here", "t"), None);
        seen.write(folder.path(), "live");
        assert_eq!(Seen::read(folder.path(), "live", "here", "t"), Some(seen));
        assert_eq!(Seen::read(folder.path(), "live", "elsewhere", "t"), None);
        assert_eq!(Seen::read(folder.path(), "live", "here", "another API"), None);
        Seen::forget(folder.path(), "live");
        assert_eq!(Seen::read(folder.path(), "live", "here", "t"), None);
    }
}
