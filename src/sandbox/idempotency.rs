//! Idempotency keys: the first answer, kept for a day.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::api::{Answer, Request};

const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// A completed request, as it is kept and stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Completed {
    fingerprint: String,
    /// Seconds since 1970.
    at: u64,
    status: u16,
    body: String,
}

impl Completed {
    pub(super) fn new(request: &Request, answer: &Answer) -> Self {
        Self {
            fingerprint: fingerprint(request),
            at: now(),
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }

    pub(super) fn expired(&self) -> bool {
        now().saturating_sub(self.at) > WINDOW.as_secs()
    }

    fn answer(&self) -> Answer {
        Answer::new(self.status, self.body.clone().into_bytes())
    }
}

/// What a key says about a request.
pub(super) enum Known {
    /// Nothing: do the work.
    New,
    /// The same request was answered before.
    Replay(Answer),
    /// The same key was used for something else.
    Mismatch,
    /// The first request with this key has not been answered yet.
    Running,
}

/// All keys of the organization.
#[derive(Default)]
pub(super) struct Keys {
    completed: HashMap<String, Completed>,
    oldest_first: VecDeque<String>,
    running: HashSet<String>,
}

impl Keys {
    pub(super) fn look_up(&self, key: &str, request: &Request) -> Known {
        if self.running.contains(key) {
            return Known::Running;
        }
        match self.completed.get(key) {
            Some(first) if first.expired() => Known::New,
            Some(first) if first.fingerprint == fingerprint(request) => Known::Replay(first.answer()),
            Some(_) => Known::Mismatch,
            None => Known::New,
        }
    }

    pub(super) fn start(&mut self, key: &str) {
        self.running.insert(key.to_owned());
    }

    pub(super) fn finish(&mut self, key: &str) {
        self.running.remove(key);
    }

    /// Keeps a completed request; the keys that left the window meanwhile are returned for the store.
    pub(super) fn keep(&mut self, key: &str, completed: Completed) -> Vec<String> {
        self.completed.insert(key.to_owned(), completed);
        self.oldest_first.push_back(key.to_owned());
        let mut gone = Vec::new();
        while let Some(oldest) = self.oldest_first.front() {
            if self.completed.get(oldest).is_some_and(|first| !first.expired()) {
                break;
            }
            if let Some(oldest) = self.oldest_first.pop_front()
                && self.completed.remove(&oldest).is_some()
            {
                gone.push(oldest);
            }
        }
        gone
    }

    /// Takes back what was stored, in any order.
    pub(super) fn restore(&mut self, mut stored: Vec<(String, Completed)>) {
        stored.retain(|(_, completed)| !completed.expired());
        stored.sort_by_key(|(_, completed)| completed.at);
        self.oldest_first = stored.iter().map(|(key, _)| key.clone()).collect();
        self.completed = stored.into_iter().collect();
    }
}

/// Operation and payload, byte for byte: method, path, query and body.
fn fingerprint(request: &Request) -> String {
    let mut hash = Sha256::new();
    for part in [request.method.as_bytes(), request.path.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    for (name, value) in &request.query {
        hash.update(format!("{name}={value}&"));
    }
    hash.update([0]);
    hash.update(&request.body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
