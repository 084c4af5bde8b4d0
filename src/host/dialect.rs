//! What differs between the hosts' APIs. Pure: paths and answers, nothing is sent.

use serde_json::Value as Json;

use crate::host::context::Place;
use crate::host::{github, gitlab};
use crate::http::{Answer, Failure, Headers};

/// Which host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// GitHub, or GitHub Enterprise Server.
    GitHub,
    /// GitLab, or one's own.
    GitLab,
}

impl Kind {
    /// As people write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        }
    }

    /// What it calls a change that is reviewed.
    pub fn request(self) -> &'static str {
        match self {
            Self::GitHub => "pull request",
            Self::GitLab => "merge request",
        }
    }

    pub(super) fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::GitHub => &github::GitHub,
            Self::GitLab => &gitlab::GitLab,
        }
    }
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: String,
    /// Its author, in the words in which `account` names one.
    pub(super) author: String,
    /// Whether a program wrote it, as far as the host says.
    pub(super) program: bool,
    /// Where a person finds it.
    pub(super) url: Option<String>,
}

/// How one host's API is spoken.
pub(super) trait Dialect: Sync {
    /// Credentials and version.
    fn headers(&self, token: &str) -> Headers;
    /// Reads an error answer.
    fn failure(&self) -> fn(status: u16, body: &[u8]) -> Failure;
    /// The path of the request itself.
    fn request(&self, place: &Place) -> String;
    /// The commit that is its head.
    fn head(&self, request: &Json) -> Option<String>;
    /// The path of its comments.
    fn comments(&self, place: &Place) -> String;
    /// The query for a page of them, oldest first.
    fn page(&self, page: u64) -> String;
    /// The page after this one.
    fn next(&self, answer: &Answer) -> Option<u64>;
    /// The path of one of them.
    fn comment(&self, place: &Place, id: u64) -> String;
    /// The method that changes one.
    fn update(&self) -> &'static str;
    /// Reads a comment; none for what no person and no program wrote.
    fn read(&self, place: &Place, comment: &Json) -> Option<Comment>;
    /// Reads the answer to `GET /user`.
    fn account(&self, user: &Json) -> Option<String>;
}
