//! GitHub's REST API 2022-11-28, as far as comments on a pull request need it.

use std::ops::Deref;

use serde_json::{Value, json};

use super::{Account, Asked, Board, Comment, Host, REPOSITORY, Said, TOKEN};

/// The longest comment, in characters.
const LONGEST: usize = 65_536;

/// A stand-in for GitHub.
pub(crate) struct GitHub(Host);

impl Deref for GitHub {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

impl GitHub {
    /// With the token of a workflow, which may comment.
    pub(crate) fn start() -> Self {
        let host = Host::start("", answer);
        host.account(TOKEN, Account::app("github-actions[bot]"));
        Self(host)
    }

    /// The variables of a workflow that a push to a pull request started. The event is a file, as there.
    pub(crate) fn variables(&self, number: u64, head: &str, run: u64) -> Vec<(&'static str, String)> {
        let event = self.0.folder.path().join(format!("event-{number}-{run}.json"));
        let said = json!({
            "action": "synchronize",
            "number": number,
            "pull_request": { "number": number, "head": { "sha": head }, "base": { "ref": "main" } },
            "repository": { "full_name": REPOSITORY },
        });
        std::fs::write(&event, said.to_string()).unwrap();
        let own = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_REPOSITORY", REPOSITORY),
            ("GITHUB_RUN_ATTEMPT", "1"),
            // What is checked out is the merge of the pull request into its base, not its head.
            ("GITHUB_SHA", "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed"),
            ("GITHUB_TOKEN", TOKEN),
        ];
        let mut variables: Vec<(&'static str, String)> =
            own.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        variables.push(("GITHUB_API_URL", self.url().to_owned()));
        variables.push(("GITHUB_EVENT_PATH", event.display().to_string()));
        variables.push(("GITHUB_RUN_ID", (9_000_000_000 + run).to_string()));
        variables.push(("GITHUB_RUN_NUMBER", run.to_string()));
        variables.push(("GITHUB_STEP_SUMMARY", self.summary().display().to_string()));
        variables
    }

    /// The file that a workflow's summary is written to.
    pub(crate) fn summary(&self) -> std::path::PathBuf {
        self.0.folder.path().join("summary.md")
    }
}

fn refuse(status: u16, message: &str) -> Said {
    let docs = "https://docs.github.com/rest";
    Said::new(status, json!({ "message": message, "documentation_url": docs, "status": status.to_string() }))
}

fn missing() -> Said {
    refuse(404, "Not Found")
}

fn answer(board: &mut Board, asked: &Asked) -> Said {
    if asked.header("user-agent").is_none() {
        return refuse(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
        );
    }
    let given = asked.header("authorization");
    let token = given.and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("token ")));
    let Some(account) = board.account(token) else { return refuse(401, "Bad credentials") };
    if asked.path == "/user" {
        return match account.app {
            true => refuse(403, "Resource not accessible by integration"),
            false => Said::new(200, user(&account.login)),
        };
    }
    let Some(rest) = asked.path.strip_prefix(&format!("/repos/{REPOSITORY}/")) else { return missing() };
    let steps: Vec<&str> = rest.split('/').collect();
    let writes = asked.method != "GET";
    if writes && !account.comments {
        return refuse(
            403,
            if account.app { "Resource not accessible by integration" } else { "Must have write access" },
        );
    }
    match (asked.method.as_str(), steps.as_slice()) {
        ("GET", ["pulls", number]) => match number.parse().ok().and_then(|number| board.requests.get(&number)) {
            Some(open) => Said::new(
                200,
                json!({ "number": number.parse::<u64>().unwrap(), "state": "open", "head": { "sha": open.head } }),
            ),
            None => missing(),
        },
        ("GET", ["issues", number, "comments"]) => list(board, asked, number),
        ("POST", ["issues", number, "comments"]) => {
            let Some(number) = number.parse().ok().filter(|number| board.requests.contains_key(number)) else {
                return missing();
            };
            if board.requests[&number].locked {
                return refuse(403, "Unable to create comment because issue is locked.");
            }
            let body = match body(asked) {
                Ok(body) => body,
                Err(said) => return said,
            };
            let id = board.say(number, &account.login, &body);
            Said::new(201, shown(board, number, &Comment { id, author: account.login, body }))
        }
        (method, ["issues", "comments", id]) => {
            let Some((number, at)) = id.parse().ok().and_then(|id| board.place_of(id)) else { return missing() };
            let author = board.requests[&number].comments[at].author.clone();
            if writes && author != account.login && !account.maintains {
                return refuse(403, "Must have admin rights to Repository.");
            }
            match method {
                "GET" => {}
                "PATCH" => match body(asked) {
                    Ok(body) => board.requests.get_mut(&number).unwrap().comments[at].body = body,
                    Err(said) => return said,
                },
                "DELETE" => {
                    board.requests.get_mut(&number).unwrap().comments.remove(at);
                    return Said::new(204, Value::Null);
                }
                _ => return missing(),
            }
            Said::new(200, shown(board, number, &board.requests[&number].comments[at]))
        }
        _ => missing(),
    }
}

fn body(asked: &Asked) -> Result<String, Said> {
    let unprocessable = |message: &str| {
        let error = json!({ "resource": "IssueComment", "code": "unprocessable", "field": "data", "message": message });
        Said::new(422, json!({ "message": "Validation Failed", "errors": [error], "status": "422" }))
    };
    match asked.body["body"].as_str() {
        None | Some("") => Err(unprocessable("Body cannot be blank")),
        Some(body) if body.chars().count() > LONGEST => {
            Err(unprocessable("Body is too long (maximum is 65536 characters)"))
        }
        Some(body) => Ok(body.to_owned()),
    }
}

/// Oldest first, with `Link` to the neighbours; their address is not the one that was asked for.
fn list(board: &Board, asked: &Asked, number: &str) -> Said {
    let Some((number, open)) = number.parse().ok().and_then(|number| board.requests.get_key_value(&number)) else {
        return missing();
    };
    let (page, length) = asked.page(30, board.most_a_page);
    let shown: Vec<Value> =
        open.comments.iter().skip((page - 1) * length).take(length).map(|one| shown(board, *number, one)).collect();
    let last = open.comments.len().div_ceil(length).max(1);
    let said = Said::new(200, Value::Array(shown));
    let mut links = Vec::new();
    for (name, to, there) in
        [("prev", page - 1, page > 1), ("next", page + 1, page < last), ("last", last, page < last)]
    {
        if there {
            let base = &board.base;
            links.push(format!(
                "<{base}/repositories/1/issues/{number}/comments?per_page={length}&page={to}>; rel=\"{name}\""
            ));
        }
    }
    if links.is_empty() { said } else { said.header("link", links.join(", ")) }
}

fn shown(board: &Board, number: u64, comment: &Comment) -> Value {
    let Comment { id, author, body } = comment;
    json!({
        "id": id,
        "body": body,
        "user": user(author),
        "performed_via_github_app": if author.ends_with("[bot]") { json!({ "slug": author.trim_end_matches("[bot]") }) } else { Value::Null },
        "html_url": format!("https://github.com/{REPOSITORY}/pull/{number}#issuecomment-{id}"),
        "url": format!("{}/repos/{REPOSITORY}/issues/comments/{id}", board.base),
    })
}

fn user(login: &str) -> Value {
    let id: u64 = login.bytes().map(u64::from).sum();
    json!({ "login": login, "id": id, "type": if login.ends_with("[bot]") { "Bot" } else { "User" } })
}
