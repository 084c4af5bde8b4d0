use crate::cli::exit;
use crate::diagnostic::Finding;
use crate::http::{ApiError, Problem};
use crate::provider::ObserveError;

/// Why a command ends early: the exit code, what to say, what to do next.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Findings about files.
    Findings(Vec<Finding>),
    /// Anything else.
    Error {
        /// The exit code.
        exit: u8,
        /// What went wrong.
        message: String,
        /// What to do next.
        help: Option<String>,
    },
}

impl Stop {
    pub(crate) fn new(exit: u8, message: impl Into<String>) -> Self {
        Self::Error { exit, message: message.into(), help: None }
    }

    pub(crate) fn help(self, words: impl Into<String>) -> Self {
        match self {
            Self::Error { exit, message, .. } => Self::Error { exit, message, help: Some(words.into()) },
            findings => findings,
        }
    }

    /// Says more about what went wrong.
    pub(crate) fn and(self, words: &str) -> Self {
        match self {
            Self::Error { exit, message, help } => Self::Error { exit, message: format!("{message}; {words}"), help },
            findings => findings,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(exit::INVALID, message)
    }

    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Findings(_) => exit::INVALID,
            Self::Error { exit, .. } => *exit,
        }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        let help = match &error.problem {
            Problem::Credentials { .. } => Some("check the key of this environment"),
            Problem::Network(_) => Some("check the URL of this environment, and whether the API is up"),
            _ => None,
        };
        let exit = if help == Some("check the key of this environment") { exit::CREDENTIALS } else { exit::ERROR };
        Self::Error { exit, message: error.to_string(), help: help.map(str::to_owned) }
    }
}

impl From<ObserveError> for Stop {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::Api(error) => error.into(),
            other => Self::invalid(other.to_string()),
        }
    }
}
