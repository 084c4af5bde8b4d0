//! One JSON line per request, written before its answer leaves.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::error::SandboxError;

/// One line.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    pub(super) method: &'a str,
    /// With the query, as it came.
    pub(super) path: &'a str,
    /// Null when the connection was dropped without an answer.
    pub(super) status: Option<u16>,
    pub(super) idempotency_key: Option<&'a str>,
    pub(super) version: &'a str,
    pub(super) request_id: &'a str,
    /// The injected fault, when one hit.
    pub(super) fault: Option<&'a str>,
    /// Whether the answer is an earlier one, given again for the same idempotency key.
    pub(super) replayed: bool,
}

/// The file, appended to.
pub(super) struct AccessLog(Mutex<File>);

impl AccessLog {
    pub(super) fn open(path: &Path) -> Result<Self, SandboxError> {
        let file = File::options().create(true).append(true).open(path);
        file.map(|file| Self(Mutex::new(file)))
            .map_err(|reason| SandboxError::AccessLog { path: path.to_owned(), reason })
    }

    /// One write call a line, so that a reader and a killed process never see half of one.
    pub(super) fn write(&self, entry: &Entry<'_>) {
        let Ok(mut line) = serde_json::to_vec(entry) else { return };
        line.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not take the server down with it.
        let _ = file.write_all(&line);
    }
}
