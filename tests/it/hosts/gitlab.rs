//! GitLab's REST API v4, as far as notes on a merge request need it.

use std::ops::Deref;

use serde_json::{Value, json};

use super::{Account, Asked, Board, Comment, Host, REPOSITORY, Said, TOKEN};

/// The longest note, in characters.
const LONGEST: usize = 1_000_000;
/// The project's number.
pub(crate) const PROJECT: &str = "42";

/// A stand-in for GitLab.
pub(crate) struct GitLab(Host);

impl Deref for GitLab {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

impl GitLab {
    /// With a project access token that may write notes.
    pub(crate) fn start() -> Self {
        let host = Host::start("/api/v4", answer);
        host.account(TOKEN, Account { app: false, ..Account::app("project_42_bot_1") });
        Self(host)
    }

    /// The variables of a job in a merge request pipeline.
    pub(crate) fn variables(&self, number: u64, head: &str, run: u64) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("GITLAB_CI", "true".to_owned()),
            ("CI_API_V4_URL", self.url().to_owned()),
            ("CI_PROJECT_ID", PROJECT.to_owned()),
            ("CI_PROJECT_PATH", REPOSITORY.to_owned()),
            ("CI_MERGE_REQUEST_IID", number.to_string()),
            ("CI_COMMIT_SHA", head.to_owned()),
            ("CI_PIPELINE_SOURCE", "merge_request_event".to_owned()),
        ];
        variables.push(("CI_PIPELINE_ID", (1_000 + run).to_string()));
        variables.push(("CI_PIPELINE_IID", run.to_string()));
        variables.push(("CI_JOB_ID", (50_000 + run).to_string()));
        variables.push(("CI_JOB_TOKEN", "glcbt-job".to_owned()));
        variables.push(("PRICEBOOK_GITLAB_TOKEN", TOKEN.to_owned()));
        variables
    }
}

fn refuse(status: u16, message: &str) -> Said {
    Said::new(status, json!({ "message": format!("{status} {message}") }))
}

fn answer(board: &mut Board, asked: &Asked) -> Said {
    let bearer = asked.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
    let token = asked.header("private-token").or(bearer);
    let Some(account) = board.account(token) else { return refuse(401, "Unauthorized") };
    if asked.path == "/user" {
        return Said::new(200, user(&account.login));
    }
    let steps: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let ["projects", project, "merge_requests", number, rest @ ..] = steps.as_slice() else {
        return refuse(404, "Not Found");
    };
    if *project != PROJECT && *project != REPOSITORY.replace('/', "%2F") {
        return refuse(404, "Project Not Found");
    }
    let Some(number) = number.parse().ok().filter(|number| board.requests.contains_key(number)) else {
        return refuse(404, "Not found");
    };
    let writes = asked.method != "GET";
    if writes && !account.comments {
        return Said::new(
            403,
            json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api",
            }),
        );
    }
    match (asked.method.as_str(), rest) {
        ("GET", []) => Said::new(200, json!({ "iid": number, "state": "opened", "sha": board.requests[&number].head })),
        ("GET", ["notes"]) => list(board, asked, number),
        ("POST", ["notes"]) => {
            if board.requests[&number].locked {
                return refuse(403, "Forbidden");
            }
            let body = match body(asked) {
                Ok(body) => body,
                Err(said) => return said,
            };
            let id = board.say(number, &account.login, &body);
            Said::new(201, shown(&Comment { id, author: account.login, body }))
        }
        (method, ["notes", id]) => {
            let found = id.parse().ok().and_then(|id| board.place_of(id)).filter(|(on, _)| *on == number);
            let Some((_, at)) = found else { return refuse(404, "Not found") };
            let notes = &mut board.requests.get_mut(&number).unwrap().comments;
            // Nobody writes in another's name; maintainers may delete.
            let own = notes[at].author == account.login;
            match method {
                "GET" => {}
                "PUT" if !own => return refuse(403, "Forbidden"),
                "PUT" => match body(asked) {
                    Ok(body) => notes[at].body = body,
                    Err(said) => return said,
                },
                "DELETE" if !own && !account.maintains => return refuse(403, "Forbidden"),
                "DELETE" => {
                    notes.remove(at);
                    return Said::new(204, Value::Null);
                }
                _ => return refuse(404, "Not found"),
            }
            Said::new(200, shown(&notes[at]))
        }
        _ => refuse(404, "Not Found"),
    }
}

fn body(asked: &Asked) -> Result<String, Said> {
    match asked.body["body"].as_str() {
        None | Some("") => Err(Said::new(400, json!({ "error": "body is missing" }))),
        Some(body) if body.chars().count() > LONGEST => Err(Said::new(
            400,
            json!({ "message": "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}" }),
        )),
        Some(body) => Ok(body.to_owned()),
    }
}

/// Newest first unless asked otherwise, with the host's own words ("added 1 commit") among the notes, and the number of
/// the next page in a header, which is empty on the last.
fn list(board: &Board, asked: &Asked, number: u64) -> Said {
    let (page, length) = asked.page(20, board.most_a_page);
    let open = &board.requests[&number];
    let mut all: Vec<Value> = open.comments.iter().map(shown).collect();
    all.insert(0, json!({ "id": 0, "body": "added 1 commit", "author": user("alice"), "system": true }));
    if asked.query.get("sort").is_none_or(|sort| sort != "asc") {
        all.reverse();
    }
    let total = all.len();
    let next = if page * length < total { (page + 1).to_string() } else { String::new() };
    let shown: Vec<Value> = all.into_iter().skip((page - 1) * length).take(length).collect();
    Said::new(200, Value::Array(shown))
        .header("x-page", page)
        .header("x-per-page", length)
        .header("x-next-page", next)
        .header("x-total", total)
}

fn shown(comment: &Comment) -> Value {
    let Comment { id, author, body } = comment;
    json!({ "id": id, "body": body, "author": user(author), "system": false, "noteable_type": "MergeRequest" })
}

fn user(login: &str) -> Value {
    let id: u64 = login.bytes().map(u64::from).sum();
    json!({ "id": id, "username": login, "bot": login.contains("_bot_") })
}
