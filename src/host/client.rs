//! The requests themselves: one client for both hosts.

use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};

use crate::host::context::Context;
use crate::host::dialect::{Comment, Dialect, Kind};
use crate::http::{Answer, ApiError, Limits, Pace, Problem, Target, Waiting, WriteApi};

/// A client for the comments of one pull or merge request.
pub(super) struct Client<'c> {
    context: &'c Context,
    dialect: &'static dyn Dialect,
    api: WriteApi,
}

impl<'c> Client<'c> {
    pub(super) fn new(context: &'c Context, limits: Limits, waiting: Waiting) -> Result<Self, HostError> {
        let dialect = context.place.kind.dialect();
        let target = Target {
            base: context.place.api.trim_end_matches('/').to_owned(),
            headers: dialect.headers(context.token.expose_secret()),
            limits,
            pace: Pace::default(),
            waiting,
            explain: dialect.failure(),
        };
        let api =
            WriteApi::new(&target).map_err(|why| HostError { context: about(context), what: What::Start(why) })?;
        Ok(Self { context, dialect, api })
    }

    /// All comments, oldest first.
    pub(super) async fn comments(&self) -> Result<Vec<Comment>, HostError> {
        let place = &self.context.place;
        let mut comments = Vec::new();
        let mut page = 1;
        loop {
            let path = format!("{}{}", self.dialect.comments(place), self.dialect.page(page));
            let answer = self.api.get(&path).await.map_err(|why| self.failed(why))?;
            let listed: Vec<Json> = self.json(&path, &answer)?;
            comments.extend(listed.iter().filter_map(|comment| self.dialect.read(place, comment)));
            // A page that leads back would never end.
            match self.dialect.next(&answer).filter(|next| *next > page) {
                Some(next) => page = next,
                None => return Ok(comments),
            }
        }
    }

    /// Who the token speaks for; none for an app, which may not ask.
    pub(super) async fn account(&self) -> Result<Option<String>, HostError> {
        match self.api.get("/user").await {
            Ok(answer) => Ok(self.dialect.account(&self.json("/user", &answer)?)),
            Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The commit that is the request's head by now; none where the token may not ask.
    pub(super) async fn head(&self) -> Result<Option<String>, HostError> {
        let path = self.dialect.request(&self.context.place);
        match self.api.get(&path).await {
            Ok(answer) => Ok(self.dialect.head(&self.json(&path, &answer)?)),
            Err(error) if error.status() == Some(403) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(super) async fn create(&self, body: &str) -> Result<Comment, HostError> {
        let path = self.dialect.comments(&self.context.place);
        let answer = self.api.send("POST", &path, Some(&json!({ "body": body })), None).await;
        self.written(&path, answer)?
            .ok_or_else(|| self.failed(ApiError::unreadable(&path, None, "it holds no comment".into())))
    }

    /// None where it is not ours to change, or gone.
    pub(super) async fn update(&self, id: u64, body: &str) -> Result<Option<Comment>, HostError> {
        let path = self.dialect.comment(&self.context.place, id);
        match self.api.send(self.dialect.update(), &path, Some(&json!({ "body": body })), None).await {
            Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(None),
            answer => self.written(&path, answer),
        }
    }

    /// False where it is not ours to delete. One that is gone is deleted.
    pub(super) async fn delete(&self, id: u64) -> Result<bool, HostError> {
        let path = self.dialect.comment(&self.context.place, id);
        match self.api.send("DELETE", &path, None, None).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(true),
            Err(error) if error.status() == Some(403) => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn written(&self, path: &str, answer: Result<Answer, ApiError>) -> Result<Option<Comment>, HostError> {
        let answer = answer.map_err(|why| self.failed(why))?;
        let comment: Json = self.json(path, &answer)?;
        Ok(self.dialect.read(&self.context.place, &comment))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, path: &str, answer: &Answer) -> Result<T, HostError> {
        let unreadable = |why| self.failed(ApiError::unreadable(path, answer.request_id.clone(), why));
        answer.json().map_err(unreadable)
    }

    fn failed(&self, error: ApiError) -> HostError {
        HostError { context: about(self.context), what: What::Api(Box::new(error)) }
    }
}

fn about(context: &Context) -> (Kind, String) {
    let place = &context.place;
    (place.kind, format!("{} {} of {}", place.kind.request(), place.number, place.project.replace("%2F", "/")))
}

/// Why a comment cannot be posted, for the person who must mend it. Never holds the token.
#[derive(Debug)]
pub struct HostError {
    context: (Kind, String),
    what: What,
}

#[derive(Debug)]
enum What {
    /// No client with this URL or this token.
    Start(String),
    Api(Box<ApiError>),
}

impl HostError {
    /// Whether it is the token that is not accepted, or may not do this.
    pub fn is_about_the_token(&self) -> bool {
        matches!(&self.what, What::Api(error) if matches!(error.problem, Problem::Credentials { .. }))
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        let What::Api(error) = &self.what else { return Some("check --api-url and the token".into()) };
        let kind = self.context.0;
        let words = match (error.status(), kind) {
            _ if error.out_of_time.is_some() => "run the job again later",
            (Some(401), Kind::GitHub) => "check the token in PRICEBOOK_GITHUB_TOKEN or GITHUB_TOKEN",
            (Some(401), Kind::GitLab) => {
                "check the token in PRICEBOOK_GITLAB_TOKEN or GITLAB_TOKEN: it may have expired"
            }
            (Some(403), Kind::GitHub) if self.is_about_the_token() => {
                "give the job `permissions: { contents: read, pull-requests: write }`; the token of a pull request from a fork can only read"
            }
            (Some(403), Kind::GitLab) => {
                "the token needs the scope `api` and the role Reporter or more in this project"
            }
            (Some(404), Kind::GitHub) => {
                "check --repo and --pr; GitHub says the same of what the token may not see: `permissions: { pull-requests: write }`"
            }
            (Some(404), Kind::GitLab) => "check --repo and --mr; GitLab says the same of what the token may not see",
            (None, _) => "check the URL of its API (--api-url), and whether it is up",
            _ => return None,
        };
        Some(words.to_owned())
    }
}

impl std::fmt::Display for HostError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, about) = &self.context;
        let title = kind.title();
        write!(f, "the comment on {about} cannot be posted: ")?;
        let error = match &self.what {
            What::Start(why) => return f.write_str(why),
            What::Api(error) => error,
        };
        match &error.problem {
            Problem::Credentials { status: 401, failure } => {
                write!(f, "{title} does not accept the token (401: {})", failure.message)
            }
            Problem::Credentials { status, failure } => {
                write!(f, "the token may not do this ({status}: {})", failure.message)
            }
            Problem::Refused { status, failure } => {
                write!(f, "{title} answered {status} to {} {}: {}", error.method, error.path, failure.message)?;
                match &error.out_of_time {
                    Some(over) => match over.asked {
                        Some(asked) => write!(f, "; it asks to wait {} s, which is too long", asked.as_secs()),
                        None => write!(f, "; given up after {} s", over.budget.as_secs()),
                    },
                    None => Ok(()),
                }
            }
            _ => write!(f, "{error}"),
        }?;
        match &error.request_id {
            Some(id) => write!(f, " [request {id}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for HostError {}
