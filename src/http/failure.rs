use std::fmt;
use std::time::Duration;

use crate::http::Limits;

/// What an API said when it refused, as far as its provider could read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The API's own code, such as `feature_in_use`.
    pub code: Option<String>,
    /// The API's words, with field details joined on.
    pub message: String,
    /// Whether the same request may succeed later although its status does not say so.
    pub transient: bool,
    /// How long to wait before the same request, where the API's documentation says so and its answer does not.
    pub pause: Option<Duration>,
    /// Whether it is the key that is not accepted.
    pub credentials: bool,
}

impl Failure {
    /// An error answer that is not the API's own: what a proxy says, a page for people, nothing at all.
    pub fn foreign(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
        let text = text.trim_start();
        let page = text.starts_with('<');
        let words: String = match text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")) {
            Some((title, _)) if page => title.to_owned(),
            _ if page => String::new(),
            _ => text.to_owned(),
        };
        let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        let message = match (page, words.trim()) {
            (true, "") => "a page for people, not the API's JSON".to_owned(),
            (true, title) => format!("a page for people, not the API's JSON: {title}"),
            (false, "") => "no explanation".to_owned(),
            (false, words) => words.to_owned(),
        };
        Self { message, credentials: status == 401, ..Self::default() }
    }
}

/// A request that did not succeed, with everything that the person who must fix it needs.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// `POST`.
    pub method: &'static str,
    /// The path below the base URL. Never holds a credential.
    pub path: String,
    /// How many times the request was sent.
    pub attempts: u32,
    /// The API's own name for the last request.
    pub request_id: Option<String>,
    /// What went wrong.
    pub problem: Problem,
    /// Why it is not tried again although that might help: no time is left.
    pub out_of_time: Option<OutOfTime>,
}

/// The time for retries is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfTime {
    /// All the time there is.
    pub budget: Duration,
    /// How long the API asks to wait.
    pub asked: Option<Duration>,
}

/// What went wrong with a request.
#[derive(Clone, Debug)]
pub enum Problem {
    /// The API answered with an error.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the API said.
        failure: Box<Failure>,
    },
    /// The API does not accept the credentials (401, or 403 that concerns the key).
    Credentials {
        /// The HTTP status.
        status: u16,
        /// What the API said.
        failure: Box<Failure>,
    },
    /// No answer: a refused or dropped connection, a time-out.
    Network(String),
    /// The server sent us elsewhere. Nothing is sent there, because the key would go with it.
    Redirect(String),
    /// An answer that is not what the API documents.
    Unreadable(String),
    /// Never sent: the API went on limiting the rate until the time for retries, which this is, was over.
    NotSent(Duration),
}

impl ApiError {
    /// An answer to a GET that is not what the API documents.
    pub fn unreadable(path: &str, request_id: Option<String>, why: String) -> Self {
        let problem = Problem::Unreadable(why);
        Self { method: "GET", path: path.to_owned(), attempts: 1, request_id, problem, out_of_time: None }
    }

    /// No time is left to wait for another attempt.
    pub(super) fn out_of_time(&mut self, limits: &Limits, asked: Option<Duration>) {
        let asked = asked.filter(|asked| !asked.is_zero());
        self.out_of_time = Some(OutOfTime { budget: limits.budget, asked });
    }

    /// The API's own code, if it gave one.
    pub fn code(&self) -> Option<&str> {
        match &self.problem {
            Problem::Refused { failure, .. } | Problem::Credentials { failure, .. } => failure.code.as_deref(),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match &self.problem {
            Problem::Refused { status, .. } | Problem::Credentials { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The words without the call: `the API answered 409 feature_in_use: …`.
    pub fn reason(&self) -> String {
        let words = self.problem.words();
        match &self.out_of_time {
            None => words,
            Some(OutOfTime { budget, asked: Some(asked) }) if asked > budget => format!(
                "{words}; it asks to wait {} s, and retries may take {} s ({SETTING})",
                asked.as_secs(),
                budget.as_secs()
            ),
            Some(OutOfTime { budget, .. }) => {
                format!("{words}; given up, because retries may take {} s ({SETTING})", budget.as_secs())
            }
        }
    }
}

/// What changes the time for retries.
const SETTING: &str = "`timeouts: { retry_budget: SECONDS }` of the environment in pricebook.yaml";

impl Problem {
    fn words(&self) -> String {
        match self {
            Problem::Refused { status, failure } => match &failure.code {
                Some(code) => format!("the API answered {status} {code}: {}", failure.message),
                None => format!("the API answered {status}: {}", failure.message),
            },
            Problem::Credentials { status, failure } => {
                format!("the API does not accept the key ({status}: {})", failure.message)
            }
            Problem::Network(why) => format!("no answer: {why}"),
            Problem::Redirect(to) => {
                format!("the server redirects to {to}; nothing was sent there. Put the right URL into the environment")
            }
            Problem::Unreadable(why) => format!("the answer is not what the API documents: {why}"),
            Problem::NotSent(budget) => format!(
                "not sent, because the API went on limiting the rate and retries may take {} s ({SETTING})",
                budget.as_secs()
            ),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.reason())?;
        if self.attempts > 1 {
            write!(f, " (after {} attempts)", self.attempts)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}
