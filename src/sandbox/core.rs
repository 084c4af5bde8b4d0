//! One request at a time: idempotency, the provider's work, the store.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::api::{Answer, Api, Caller, Refusal, Request};
use super::idempotency::{Completed, Keys, Known};
use super::store::{Commit, Store, Stored};

/// The provider's state with what surrounds it. Lives behind one lock.
pub(super) struct Core {
    api: Box<dyn Api>,
    keys: Keys,
    store: Option<Store>,
    closed: bool,
}

/// What to do with a request before its work is done.
pub(super) enum Begin {
    /// Do the work with [`Core::finish`].
    Go,
    /// Answer this instead.
    Answer {
        answer: Answer,
        /// Whether it is an earlier answer.
        replayed: bool,
    },
}

impl Core {
    pub(super) fn new(api: Box<dyn Api>, store: Option<Store>, stored: Stored) -> Result<Self, String> {
        let mut core = Self { api, keys: Keys::default(), store, closed: false };
        for (kind, bytes) in &stored.objects {
            core.api.restore(kind, bytes)?;
        }
        core.keys.restore(stored.keys);
        Ok(core)
    }

    pub(super) fn api(&self) -> &dyn Api {
        self.api.as_ref()
    }

    fn key<'r>(&self, request: &'r Request) -> Option<&'r str> {
        self.api.idempotency_key(request).filter(|_| self.api.shell_replays())
    }

    /// Looks at the idempotency key, and claims a new one until [`Core::finish`].
    pub(super) fn begin(&mut self, request: &Request) -> Begin {
        let Some(key) = self.key(request) else { return Begin::Go };
        let refused = |refusal| Begin::Answer { answer: self.api.refuse(refusal, &request.headers), replayed: false };
        match self.keys.look_up(key, request) {
            Known::New => {
                self.keys.start(key);
                Begin::Go
            }
            Known::Replay(answer) => Begin::Answer { answer, replayed: true },
            Known::Mismatch => refused(Refusal::IdempotencyMismatch),
            Known::Running => refused(Refusal::IdempotencyInProgress),
        }
    }

    /// Does the work and writes it down. Call it once after a [`Begin::Go`].
    pub(super) fn finish(&mut self, request: &Request, caller: Caller) -> Answer {
        if self.closed {
            return self.api.refuse(Refusal::ServerError(503), &request.headers);
        }
        // A mistake in one route must not take the server with it, nor keep its idempotency key.
        let work = AssertUnwindSafe(|| self.api.handle(request, caller));
        let answer =
            catch_unwind(work).unwrap_or_else(|_| self.api.refuse(Refusal::ServerError(500), &request.headers));
        let changes = self.api.take_changes();
        let key = self.key(request);
        if let Some(key) = key {
            self.keys.finish(key);
        }
        let completed = key.filter(|_| answer.is_success()).map(|key| (key, Completed::new(request, &answer)));
        let expired = match &completed {
            Some((key, completed)) => self.keys.keep(key, completed.clone()),
            None => Vec::new(),
        };
        if changes.is_empty() && completed.is_none() {
            return answer;
        }
        let commit = Commit {
            changes: &changes,
            completed: completed.as_ref().map(|(key, completed)| (*key, completed)),
            expired: &expired,
        };
        match self.store.as_ref().map(|store| store.commit(&commit)) {
            Some(Err(_)) => self.api.refuse(Refusal::ServerError(500), &request.headers),
            Some(Ok(())) | None => answer,
        }
    }

    /// Lets go of the data folder; what still comes in is refused.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.store = None;
    }
}
