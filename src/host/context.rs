//! Which pull or merge request a CI job is about: from its variables, and from flags that override them. Pure.

use secrecy::SecretString;
use serde_json::Value as Json;

use crate::host::dialect::Kind;
use crate::host::marker::Run;

/// What the command line says itself.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The host.
    pub host: Option<Kind>,
    /// The number of the pull or merge request.
    pub number: Option<u64>,
    /// The commit that was planned.
    pub commit: Option<String>,
    /// `owner/name`, or a project's number or path.
    pub repository: Option<String>,
    /// The base URL of the API.
    pub api: Option<String>,
}

/// Where the comment goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The host.
    pub kind: Kind,
    /// The base URL of its API.
    pub api: String,
    /// The repository, as a path of the API names it.
    pub project: String,
    /// The number of the pull or merge request.
    pub number: u64,
}

/// All that posting needs.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where the comment goes.
    pub place: Place,
    /// The commit that was planned, where it is known.
    pub commit: Option<String>,
    /// The CI job's run, where it is known.
    pub run: Option<Run>,
    /// The token.
    pub token: SecretString,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// No host's CI, and none named.
    #[error("nothing says which host the comment goes to: this is neither a GitHub Actions nor a GitLab CI job")]
    NoHost,
    /// A job without a pull or merge request.
    #[error("this job is not about a {}", .0.request())]
    NoNumber(Kind),
    /// No repository.
    #[error("nothing says which repository the {} is in", .0.request())]
    NoRepository(Kind),
    /// A repository that is none.
    #[error("`{0}` is not a repository")]
    BadRepository(String),
    /// No token; whether there is GitLab's job token, which may not comment.
    #[error("there is no token for {} in {}", .0.title(), variables(*.0))]
    NoToken(Kind, bool),
}

impl ContextError {
    /// What to do next.
    pub fn help(&self) -> String {
        match self {
            Self::NoHost => "name it with --host github or --host gitlab; at another host, --body-only prints the comment".into(),
            Self::NoNumber(Kind::GitHub) => "run it for `on: pull_request`, or name the pull request with --pr NUMBER".into(),
            Self::NoNumber(Kind::GitLab) => {
                "run it in merge request pipelines (rules: - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"), or name the merge request with --mr NUMBER".into()
            }
            Self::NoRepository(_) => "name it with --repo OWNER/NAME".into(),
            Self::BadRepository(_) => "write it like acme/shop".into(),
            Self::NoToken(Kind::GitHub, _) => "give the step `env: { GITHUB_TOKEN: \"${{ github.token }}\" }`, and the job `permissions: { pull-requests: write }`".into(),
            Self::NoToken(Kind::GitLab, job) => format!(
                "make a project access token with the role Reporter and the scope `api`, and put it into the masked variable PRICEBOOK_GITLAB_TOKEN{}",
                if *job { "; GitLab does not let CI_JOB_TOKEN write comments" } else { "" }
            ),
        }
    }
}

/// Where tokens are looked for, in this order.
fn variables(kind: Kind) -> &'static str {
    match kind {
        Kind::GitHub => "PRICEBOOK_GITHUB_TOKEN or GITHUB_TOKEN",
        Kind::GitLab => "PRICEBOOK_GITLAB_TOKEN or GITLAB_TOKEN",
    }
}

impl Context {
    /// From the flags and from the job's variables. `event` is what `GITHUB_EVENT_PATH` leads to. A variable that is
    /// empty is as good as none.
    pub fn of(
        asked: &Asked,
        variable: &dyn Fn(&str) -> Option<String>,
        event: Option<&Json>,
    ) -> Result<Self, ContextError> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let kind = match asked.host {
            Some(kind) => kind,
            None if variable("GITHUB_ACTIONS").is_some() => Kind::GitHub,
            None if variable("GITLAB_CI").is_some() => Kind::GitLab,
            None => return Err(ContextError::NoHost),
        };
        match kind {
            Kind::GitHub => github(asked, &variable, event),
            Kind::GitLab => gitlab(asked, &variable),
        }
    }

    /// The commit and the run alone, for a comment that is only printed.
    pub fn origin(
        asked: &Asked,
        variable: &dyn Fn(&str) -> Option<String>,
        event: Option<&Json>,
    ) -> (Option<String>, Option<Run>) {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if variable("GITHUB_ACTIONS").is_some() {
            (github_commit(asked, &variable, event, None), github_run(&variable))
        } else {
            (gitlab_commit(asked, &variable), gitlab_run(&variable))
        }
    }
}

type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

fn github(asked: &Asked, variable: Variable<'_>, event: Option<&Json>) -> Result<Context, ContextError> {
    let kind = Kind::GitHub;
    let number = asked.number.or_else(|| github_number(variable, event)).ok_or(ContextError::NoNumber(kind))?;
    let project = asked.repository.clone().or_else(|| variable("GITHUB_REPOSITORY"));
    let project = project.ok_or(ContextError::NoRepository(kind))?;
    let plain = |part: &str| {
        !part.is_empty()
            && part != ".."
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if !matches!(project.split('/').collect::<Vec<_>>().as_slice(), [owner, name] if plain(owner) && plain(name)) {
        return Err(ContextError::BadRepository(project));
    }
    let api =
        asked.api.clone().or_else(|| variable("GITHUB_API_URL")).unwrap_or_else(|| "https://api.github.com".into());
    let token = token(variable, &["PRICEBOOK_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"]);
    Ok(Context {
        commit: github_commit(asked, variable, event, Some(number)),
        run: github_run(variable),
        token: token.ok_or(ContextError::NoToken(kind, false))?,
        place: Place { kind, api, project, number },
    })
}

/// From the event; else from `refs/pull/7/merge`.
fn github_number(variable: Variable<'_>, event: Option<&Json>) -> Option<u64> {
    let event = event.unwrap_or(&Json::Null);
    let commented = event["issue"]["number"].as_u64().filter(|_| event["issue"]["pull_request"].is_object());
    let of_ref = || variable("GITHUB_REF")?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
    event["pull_request"]["number"].as_u64().or(commented).or_else(of_ref)
}

/// The pull request's own head: what is checked out for `pull_request` is a merge commit that no one pushed, and after a
/// comment it is the default branch.
fn github_commit(asked: &Asked, variable: Variable<'_>, event: Option<&Json>, number: Option<u64>) -> Option<String> {
    let event = event.unwrap_or(&Json::Null);
    let pull = &event["pull_request"];
    if asked.commit.is_some() {
        return asked.commit.clone();
    }
    if pull.is_object() {
        let same = number.is_none() || pull["number"].as_u64() == number;
        return pull["head"]["sha"].as_str().filter(|_| same).map(str::to_owned);
    }
    let pushed = variable("GITHUB_EVENT_NAME").is_none_or(|name| name == "push" || name == "workflow_dispatch");
    variable("GITHUB_SHA").filter(|_| pushed)
}

/// A run that is started again keeps its id and gets another attempt.
fn github_run(variable: Variable<'_>) -> Option<Run> {
    let number = |name: &str| variable(name)?.trim().parse::<u64>().ok();
    let id = number("GITHUB_RUN_ID").or_else(|| number("GITHUB_RUN_NUMBER"))?;
    Some(Run(id, number("GITHUB_RUN_ATTEMPT").unwrap_or(1)))
}

fn gitlab(asked: &Asked, variable: Variable<'_>) -> Result<Context, ContextError> {
    let kind = Kind::GitLab;
    let number = asked.number.or_else(|| variable("CI_MERGE_REQUEST_IID")?.trim().parse().ok());
    let number = number.ok_or(ContextError::NoNumber(kind))?;
    // A merge request from a fork belongs to the project that it wants to change.
    let project = asked.repository.clone().or_else(|| variable("CI_MERGE_REQUEST_PROJECT_ID"));
    let project = project.or_else(|| variable("CI_PROJECT_ID")).ok_or(ContextError::NoRepository(kind))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !project.chars().all(plain) {
        return Err(ContextError::BadRepository(project));
    }
    let api = asked.api.clone().or_else(|| variable("CI_API_V4_URL"));
    let token = token(variable, &["PRICEBOOK_GITLAB_TOKEN", "GITLAB_TOKEN"]);
    Ok(Context {
        commit: gitlab_commit(asked, variable),
        run: gitlab_run(variable),
        token: token.ok_or_else(|| ContextError::NoToken(kind, variable("CI_JOB_TOKEN").is_some()))?,
        place: Place {
            kind,
            api: api.unwrap_or_else(|| "https://gitlab.com/api/v4".into()),
            project: project.replace('/', "%2F"),
            number,
        },
    })
}

/// In a pipeline for merged results, what is checked out is a merge commit; the branch's own is in a variable then.
fn gitlab_commit(asked: &Asked, variable: Variable<'_>) -> Option<String> {
    let own = || variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| variable("CI_COMMIT_SHA"));
    asked.commit.clone().or_else(own)
}

/// A job that is started again stays in its pipeline and gets another id.
fn gitlab_run(variable: Variable<'_>) -> Option<Run> {
    let number = |name: &str| variable(name)?.trim().parse::<u64>().ok();
    let pipeline = number("CI_PIPELINE_ID").or_else(|| number("CI_PIPELINE_IID"))?;
    Some(Run(pipeline, number("CI_JOB_ID").unwrap_or(0)))
}

fn token(variable: Variable<'_>, names: &[&str]) -> Option<SecretString> {
    names.iter().find_map(|name| variable(name)).map(|token| SecretString::from(token.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn of(variables: &[(&str, &str)], event: Option<Json>, asked: &Asked) -> Result<Context, ContextError> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
        Context::of(asked, &variable, event.as_ref())
    }

    const ACTIONS: &[(&str, &str)] = &[
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_SHA", "merge"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_TOKEN", "t"),
        ("GITHUB_RUN_ID", "9"),
        ("GITHUB_REF", "refs/pull/8/merge"),
    ];

    #[test]
    fn a_pull_request_is_known_by_its_event() {
        let event = json!({ "pull_request": { "number": 7, "head": { "sha": "head" } } });
        let context = of(ACTIONS, Some(event.clone()), &Asked::default()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((context.place.number, context.place.api.as_str()), (7, "https://api.github.com"));
        assert_eq!((context.commit.as_deref(), context.run), (Some("head"), Some(Run(9, 1))));
        // Another one than the event's: its head is not known.
        let other = of(ACTIONS, Some(event), &Asked { number: Some(3), ..Asked::default() });
        assert_eq!(other.map(|context| (context.place.number, context.commit)), Ok((3, None)));
        // A comment on one; what is checked out is the default branch.
        let said = json!({ "issue": { "number": 5, "pull_request": {} } });
        let context = of(&[ACTIONS, &[("x", "")]].concat(), Some(said), &Asked::default());
        assert_eq!(context.map(|context| (context.place.number, context.commit)), Ok((5, None)));
        assert_eq!(of(ACTIONS, None, &Asked::default()).map(|context| context.place.number), Ok(8));
    }

    #[test]
    fn what_is_missing_is_named() {
        let none = Asked::default();
        assert_eq!(of(&[], None, &none).err(), Some(ContextError::NoHost));
        let github = Asked { host: Some(Kind::GitHub), number: Some(1), ..Asked::default() };
        assert_eq!(of(&[], None, &github).err(), Some(ContextError::NoRepository(Kind::GitHub)));
        for bad in ["shop", "a/b/c", "a/..", "a/b?c", "/b"] {
            let asked = Asked { repository: Some(bad.into()), ..github.clone() };
            assert_eq!(of(&[], None, &asked).err(), Some(ContextError::BadRepository(bad.into())), "{bad}");
        }
        let job = [("GITLAB_CI", "true"), ("CI_PROJECT_ID", "1"), ("CI_JOB_TOKEN", "j"), ("CI_MERGE_REQUEST_IID", "2")];
        assert_eq!(of(&job, None, &none).err(), Some(ContextError::NoToken(Kind::GitLab, true)));
        assert_eq!(of(&job[..3], None, &none).err(), Some(ContextError::NoNumber(Kind::GitLab)));
    }

    #[test]
    fn a_merge_request_belongs_to_the_project_that_it_wants_to_change() {
        let job = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_ID", "99"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "42"),
            ("CI_MERGE_REQUEST_IID", "2"),
            ("CI_COMMIT_SHA", "merged"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "own"),
            ("GITLAB_TOKEN", " t\n"),
            ("PRICEBOOK_GITLAB_TOKEN", ""),
        ];
        let context = of(&job, None, &Asked::default()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((context.place.project.as_str(), context.commit.as_deref()), ("42", Some("own")));
        assert_eq!(context.token.expose_secret(), "t");
        let path = Asked { repository: Some("acme/group/shop".into()), ..Asked::default() };
        assert_eq!(of(&job, None, &path).map(|context| context.place.project), Ok("acme%2Fgroup%2Fshop".into()));
    }

    impl PartialEq for Context {
        fn eq(&self, other: &Self) -> bool {
            self.place == other.place
        }
    }
}
