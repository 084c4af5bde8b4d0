//! Where one environment's ledger and lock are: read together, and replaced only while nobody else has.

mod file;
mod git;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
mod object;

pub use file::{FilePlace, file_stem};
pub use git::GitPlace;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
pub use object::{Cloud, ObjectPlace};

/// The bytes that stand in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The ledger.
    pub ledger: Option<Vec<u8>>,
    /// The lock.
    pub lock: Option<Vec<u8>>,
}

/// What stood in a place at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The bytes.
    pub contents: Contents,
    version: Version,
}

/// What a place calls the state that it was in.
#[derive(Clone, Debug, Default)]
enum Version {
    /// The bytes themselves say it.
    #[default]
    Contents,
    /// The commit that the ref named.
    Commit(Option<String>),
    /// What the store calls the two objects.
    #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
    Objects { ledger: Option<object_store::UpdateVersion>, lock: Option<object_store::UpdateVersion> },
}

/// Why a place cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct PlaceError {
    /// What and where.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl PlaceError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, words: impl Into<String>) -> Self {
        Self { help: Some(words.into()), ..self }
    }
}

/// What came of replacing what stands in a place.
#[derive(Debug)]
pub enum Replaced {
    /// It is done.
    Done(Snapshot),
    /// Nothing was done: somebody else was there before. This stands there now.
    Moved(Snapshot),
}

/// One environment's place.
#[derive(Debug)]
pub enum Place {
    /// Two files in a folder.
    File(FilePlace),
    /// A ref in the repository's remote.
    Git(GitPlace),
    /// Two objects in a bucket.
    #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
    Object(ObjectPlace),
}

impl Place {
    /// Where the ledger is, as people would look for it.
    pub fn name(&self) -> String {
        match self {
            Self::File(place) => place.name(),
            Self::Git(place) => place.name(),
            #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
            Self::Object(place) => place.name(),
        }
    }

    /// The same, whatever folder it is looked at from.
    pub fn id(&self) -> String {
        match self {
            Self::File(_) => "file".to_owned(),
            other => other.name(),
        }
    }

    /// Reads both. Changes nothing.
    pub async fn read(&self) -> Result<Snapshot, PlaceError> {
        match self {
            Self::File(place) => place.read(),
            Self::Git(place) => place.read().await,
            #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
            Self::Object(place) => place.read().await,
        }
    }

    /// Puts `next` where `before` was read, if that still stands there; else nothing is changed.
    ///
    /// An unclear answer is settled by looking: what is there afterwards says whether it was done.
    pub async fn replace(&self, next: &Contents, before: &Snapshot) -> Result<Replaced, PlaceError> {
        const TRIES: usize = 4;
        let mut before = before.clone();
        let mut tried = 0;
        loop {
            tried += 1;
            let written = self.write(next, &before).await;
            if let Ok(Some(version)) = written {
                return Ok(Replaced::Done(Snapshot { contents: next.clone(), version }));
            }
            // Of two errors, the first one says what is wrong.
            let now = match (self.read().await, &written) {
                (Ok(now), _) => now,
                (Err(_), Err(_)) => return settled(written),
                (Err(why), Ok(_)) => return Err(why),
            };
            if now.contents == *next {
                return Ok(Replaced::Done(now));
            }
            let ours = |now: &Option<Vec<u8>>, old: &Option<Vec<u8>>, new: &Option<Vec<u8>>| now == old || now == new;
            let untouched = ours(&now.contents.ledger, &before.contents.ledger, &next.ledger)
                && ours(&now.contents.lock, &before.contents.lock, &next.lock);
            if !untouched {
                return Ok(Replaced::Moved(now));
            }
            let progress = now.contents != before.contents || written.is_ok();
            if tried == TRIES || !progress {
                return match written {
                    Ok(_) => Ok(Replaced::Moved(now)),
                    Err(why) => Err(why),
                };
            }
            before = now;
        }
    }

    /// Writes once. `None`: what was expected is not there any more.
    async fn write(&self, next: &Contents, before: &Snapshot) -> Result<Option<Version>, PlaceError> {
        match self {
            Self::File(place) => place.write(next, &before.contents).await,
            Self::Git(place) => place.write(next, before).await,
            #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
            Self::Object(place) => place.write(next, before).await,
        }
    }
}

fn settled(written: Result<Option<Version>, PlaceError>) -> Result<Replaced, PlaceError> {
    match written {
        Err(why) => Err(why),
        Ok(_) => Err(PlaceError::new("the place of the ledger cannot be read")),
    }
}

/// An environment's name as one part of a ref, a key or a path: what these cannot hold is written `%3A`, so that two
/// names never become one.
pub(super) fn encoded(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        // A dot is fine between letters; `..`, a dot at an end and `.lock` are not.
        let dot = c == '.'
            && at > 0
            && plain(chars[at - 1])
            && chars.get(at + 1).copied().is_some_and(plain)
            && !chars[at..].iter().collect::<String>().eq_ignore_ascii_case(".lock");
        if plain(c) || dot {
            out.push(c);
        } else {
            for byte in c.to_string().bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn names_stay_different_and_fit_everywhere() {
        let names = [
            "live",
            "Live",
            "a b",
            "a-b",
            "a%20b",
            "127.0.0.1:8787",
            ".x",
            "x.",
            "a..b",
            "a.lock",
            "ü",
            "a/b",
            "..",
            "@{",
        ];
        let encoded: Vec<String> = names.iter().map(|name| encoded(name)).collect();
        assert_eq!(
            encoded,
            [
                "live",
                "Live",
                "a%20b",
                "a-b",
                "a%2520b",
                "127.0.0.1%3A8787",
                "%2Ex",
                "x%2E",
                "a%2E%2Eb",
                "a%2Elock",
                "%C3%BC",
                "a%2Fb",
                "%2E%2E",
                "%40%7B"
            ]
        );
        for name in &encoded {
            let valid = std::process::Command::new("git")
                .args(["check-ref-format", &format!("refs/pricebook/{name}")])
                .status()
                .unwrap();
            assert!(valid.success(), "{name}");
        }
    }
}
