//! Transport: credentials, retry, rate limits, idempotency keys, redaction. Knows no billing.

mod client;
mod failure;
mod pace;
mod recorded;
mod retry;

pub use client::{Headers, Once, ReadApi, Target, WriteApi};
pub use failure::{ApiError, Failure, OutOfTime, Problem};
pub use pace::{Pace, Traffic};
pub use recorded::{Reads, Recorder};
pub use retry::{Limits, Wait, Waiting};

/// An answer that the API counts as success.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
    /// The API's own name for the request, where it gives one.
    pub request_id: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// Its headers; none where it is not an answer of the API itself.
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// What an answer that was lost must have said, from what is there.
    pub fn known(status: u16, body: Vec<u8>, request_id: Option<String>, attempts: u32) -> Self {
        Self { status, body, request_id, attempts, headers: reqwest::header::HeaderMap::new() }
    }

    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; else what is wrong with it, in words.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|why| match self.body.trim_ascii() {
            [] => "it is empty".to_owned(),
            [b'<', ..] => "it is a page for people, not JSON; the URL may be that of a web site".to_owned(),
            _ => why.to_string(),
        })
    }
}
