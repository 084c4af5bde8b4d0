//! Answers to reads, kept to be read again without a network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;

use super::{Answer, ApiError};

/// Answers by what was asked: `GET /plans?includePrivate=true`. The bodies as they came, so that numbers stay exact.
pub type Reads = BTreeMap<String, Box<RawValue>>;

/// Where a client that only reads writes down what it was told. What it finds there it does not ask again.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Reads>>);

impl Recorder {
    /// What was written down.
    pub fn reads(&self) -> Reads {
        self.state().clone()
    }

    fn state(&self) -> MutexGuard<'_, Reads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, asked: String, answer: &Answer) {
        // What is no JSON is an error of the caller's, who says so.
        if let Ok(body) = serde_json::from_slice(&answer.body) {
            self.state().insert(asked, body);
        }
    }

    pub(super) fn known(&self, asked: &str) -> Option<Answer> {
        self.state().get(asked).map(|body| known(body))
    }
}

fn known(body: &RawValue) -> Answer {
    Answer::known(200, body.get().as_bytes().to_vec(), None, 0)
}

/// What was asked, in one line.
pub(super) fn question(path: &str, query: &[(&str, &str)], headers: &[(&'static str, &str)]) -> String {
    let mut out = format!("GET {path}");
    for (at, (name, value)) in query.iter().enumerate() {
        out.push_str(&format!("{}{name}={value}", if at == 0 { '?' } else { '&' }));
    }
    for (name, value) in headers {
        out.push_str(&format!(" {name}: {value}"));
    }
    out
}

/// The answer that was written down.
pub(super) fn answer(reads: &Reads, path: &str, asked: &str) -> Result<Answer, ApiError> {
    let Some(body) = reads.get(asked) else {
        let why = format!("the snapshot has no answer to {asked}: take a new one with `plan --save-snapshot`");
        return Err(ApiError::unreadable(path, None, why));
    };
    Ok(known(body))
}
