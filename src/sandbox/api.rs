//! The seam: what a provider brings so that the shell can serve its API.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;

/// One request, with the base path already taken off.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path below the base path: `/plans/pln_1/prices`.
    pub path: String,
    /// The query's pairs in their order, decoded.
    pub query: Vec<(String, String)>,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body's bytes, not yet read as JSON.
    pub body: Bytes,
}

impl Request {
    /// A header's text, when there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What goes back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Further headers, such as `retry-after`. A body is `application/json` unless one of them says what it is.
    pub headers: Vec<(&'static str, String)>,
    /// The body; it may be empty.
    pub body: Vec<u8>,
    /// Whether the connection ends after it, without a word about that in the headers.
    pub hang_up: bool,
    /// Whether the API gave an earlier answer again.
    pub replayed: bool,
}

impl Answer {
    /// A status and a body, and nothing else.
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, ..Self::default() }
    }

    /// Whether the request did what it asked for.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// What the answers say in `livemode`.
    pub livemode: bool,
    /// The organization that the credentials open, on servers that hold several. A seed has no credentials and none.
    pub organization: Option<String>,
}

/// What the shell refuses by itself; the provider words it in its own error shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The path is outside the API.
    UnknownPath,
    /// The body is larger than the server reads.
    BodyTooLarge,
    /// An injected 429.
    RateLimited {
        /// Seconds for the `retry-after` header; without it the header is missing too.
        retry_after: Option<u64>,
    },
    /// An injected 5xx with this status, or a failure of the sandbox itself.
    ServerError(u16),
    /// The idempotency key belongs to a request that is still running.
    IdempotencyInProgress,
    /// The idempotency key belongs to another operation or payload.
    IdempotencyMismatch,
}

/// One object that a request touched, for the store.
#[derive(Debug)]
pub struct Change {
    /// The table: `plan`, `feature`, …
    pub kind: &'static str,
    /// The object's id.
    pub id: String,
    /// The object as the provider writes it down; none when it is gone.
    pub bytes: Option<Vec<u8>>,
}

/// One provider's API: its routes, its state and its rules. The shell calls it from one thread at a time.
pub trait Api: Send {
    /// What stands before every path: `/api/v1`.
    fn base_path(&self) -> &'static str;

    /// The API version that a request asks for, for the access log.
    fn version(&self, headers: &HeaderMap) -> String;

    /// The header that names each request, where the API has one.
    fn request_id_header(&self) -> Option<&'static str> {
        Some("x-request-id")
    }

    /// How long the API lets a connection be idle before it ends it; none: for ever.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Answers what the API answers without looking at credentials. `target` is the whole path, with the base path.
    fn open(&self, _target: &str, _request: &Request) -> Option<Answer> {
        None
    }

    /// Whose request it is, or the API's refusal; `only` is the one key that opens this server, when one is set.
    fn authenticate(&self, headers: &HeaderMap, only: Option<&str>) -> Result<Caller, Answer>;

    /// The request's idempotency key, where this API has them.
    fn idempotency_key<'r>(&self, request: &'r Request) -> Option<&'r str>;

    /// Whether the shell gives answers again by their idempotency key; an API with rules of its own does it itself.
    fn shell_replays(&self) -> bool {
        true
    }

    /// The provider's own words for what the shell refuses.
    fn refuse(&self, refusal: Refusal, headers: &HeaderMap) -> Answer;

    /// Does the work. An answer that is no success must leave the state as it was.
    fn handle(&mut self, request: &Request, caller: Caller) -> Answer;

    /// The objects that were touched since the last call.
    fn take_changes(&mut self) -> Vec<Change>;

    /// Takes back one stored object; the error says why it cannot be read.
    fn restore(&mut self, kind: &str, bytes: &[u8]) -> Result<(), String>;
}
