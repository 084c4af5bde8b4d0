//! The server's refusals in its words (bxb-api.md §2).

use super::database::Refused;
use super::issue::Issue;
use super::json::Json;
use crate::sandbox::api::Answer;

/// Why a request is not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// `{"detail": "…"}` with this status.
    Detail(u16, String),
    /// 422: everything that is wrong with the request.
    Invalid(Vec<Issue>),
    /// The bare 500, after which the connection ends.
    Crash,
}

impl From<Refused> for Failure {
    fn from(_: Refused) -> Self {
        Self::Crash
    }
}

impl Failure {
    pub(super) fn detail(status: u16, text: impl Into<String>) -> Self {
        Self::Detail(status, text.into())
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::Detail(404, format!("{what} not found"))
    }

    pub(super) fn unless_empty(issues: Vec<Issue>) -> Result<(), Self> {
        if issues.is_empty() { Ok(()) } else { Err(Self::Invalid(issues)) }
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::Detail(status, text) => detail(status, text.into()),
            Self::Invalid(issues) => detail(422, issues.into_iter().map(Issue::json).collect::<Vec<_>>().into()),
            Self::Crash => crash(500),
        }
    }
}

fn detail(status: u16, detail: Json) -> Answer {
    Answer::new(status, Json::from([("detail", detail)]).to_string().into_bytes())
}

/// An answer that is only words, and of a server (or of a proxy before it) that hangs up.
pub(super) fn crash(status: u16) -> Answer {
    let words = match status {
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    };
    Answer { hang_up: true, ..text(status, words) }
}

pub(super) fn text(status: u16, words: &str) -> Answer {
    let headers = vec![("content-type", "text/plain; charset=utf-8".to_owned())];
    Answer { headers, ..Answer::new(status, words.as_bytes().to_vec()) }
}
