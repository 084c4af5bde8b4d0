//! `comment`: one sticky comment on a pull or merge request, whatever happens around it.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::hosts::{Account, Comment, GitHub, GitLab, Host, TOKEN, Trouble};
use crate::project::{Outcome, Project};
use crate::support::binary;

fn catalog(amount: &str) -> Value {
    json!({
        "provider": "commet",
        "price_changes": "reprice",
        "plans": { "pro": { "name": "Pro", "default_price": "monthly", "prices": { "monthly": amount } } },
    })
}

/// A project whose live price is $49.00, and whose files say `amount`.
fn project(amount: &str) -> Project {
    let project = Project::with(&catalog("49.00"));
    project.write(&catalog(amount));
    project
}

/// Runs `comment` with a CI job's variables and no others of that kind.
fn comment(project: &Project, variables: &[(&'static str, String)], arguments: &[&str]) -> Outcome {
    let mut command = Command::new(binary());
    command.arg("comment").arg("-C").arg(project.path("")).args(arguments).current_dir(project.path(""));
    for (name, _) in std::env::vars() {
        if name.starts_with("GITHUB_") || name.starts_with("GITLAB_") || name.starts_with("CI_") || name == "GH_TOKEN" {
            command.env_remove(name);
        }
    }
    command
        .env("COMMET_API_KEY", "ck_sandbox_test")
        .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
        .env("NO_PROXY", "127.0.0.1")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let outcome =
        Outcome { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!outcome.stdout.contains(TOKEN) && !outcome.stderr.contains(TOKEN), "the token is shown\n{outcome:?}");
    outcome
}

/// The variables with others in their place; an empty one is as good as none.
fn with(mut variables: Vec<(&'static str, String)>, others: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    variables.retain(|(name, _)| others.iter().all(|(other, _)| other != name));
    variables.extend(others.iter().map(|(name, value)| (*name, (*value).to_owned())));
    variables
}

#[track_caller]
fn only(host: &Host, number: u64) -> Comment {
    let mut comments = host.comments(number);
    assert_eq!(comments.len(), 1, "{comments:#?}");
    comments.remove(0)
}

/// What holds at both hosts.
enum Both {
    Hub(GitHub),
    Lab(GitLab),
}

impl Both {
    fn each() -> [Self; 2] {
        [Self::Hub(GitHub::start()), Self::Lab(GitLab::start())]
    }

    fn host(&self) -> &Host {
        match self {
            Self::Hub(host) => host,
            Self::Lab(host) => host,
        }
    }

    fn job(&self, number: u64, head: &str, run: u64) -> Vec<(&'static str, String)> {
        match self {
            Self::Hub(host) => host.variables(number, head, run),
            Self::Lab(host) => host.variables(number, head, run),
        }
    }

    /// `POST`, or how a comment is changed.
    fn wrote(&self) -> Vec<String> {
        self.host().writes().iter().map(|line| line.split(' ').next().unwrap().replace("PUT", "PATCH")).collect()
    }
}

#[test]
fn one_comment_follows_the_pushes() {
    for both in Both::each() {
        let host = both.host();
        let project = project("59.00");
        host.open(7, "a1");
        let said = comment(&project, &both.job(7, "a1", 1), &[]).exits(0);
        assert!(said.stdout.starts_with("Commented on "), "{}", said.stdout);
        let first = only(host, 7);
        assert!(first.body.starts_with("<!-- pricebook:comment env=test commit=a1 run="), "{}", first.body);
        assert!(first.body.contains("price `monthly`"), "{}", first.body);
        assert_eq!(both.wrote(), ["POST"]);

        // A push that changes nothing about prices.
        host.open(7, "a2");
        let said = comment(&project, &both.job(7, "a2", 2), &[]).exits(0);
        assert!(said.stdout.contains("says this already"), "{}", said.stdout);
        assert_eq!((only(host, 7), both.wrote()), (first.clone(), vec![]));

        // One that does.
        host.say(7, "alice", "Looks fine");
        project.write(&catalog("69.00"));
        host.open(7, "a3");
        comment(&project, &both.job(7, "a3", 3), &[]).exits(0);
        let comments = host.comments(7);
        assert_eq!((comments.len(), comments[0].id, both.wrote()), (2, first.id, vec!["PATCH".to_owned()]));
        assert_ne!(comments[0].body, first.body);
        assert!(comments[0].body.contains("commit=a3"));

        // The change is taken back.
        project.write(&catalog("49.00"));
        host.open(7, "a4");
        comment(&project, &both.job(7, "a4", 4), &[]).exits(0);
        assert_eq!(both.wrote(), ["PATCH"]);
        let text = host.comments(7)[0].body.clone();
        assert_eq!(
            text.lines().skip(1).collect::<Vec<_>>(),
            ["No pricing changes for `test`: it is as the files say."]
        );
        host.open(7, "a5");
        comment(&project, &both.job(7, "a5", 5), &[]).exits(0);
        assert_eq!((host.comments(7)[0].body.as_str(), both.wrote()), (text.as_str(), vec![]));
    }
}

#[test]
fn silent_if_there_never_was_anything() {
    for both in Both::each() {
        both.host().open(7, "a1");
        let said = comment(&project("49.00"), &both.job(7, "a1", 1), &[]).exits(0);
        assert!(said.stdout.starts_with("Nothing to change"), "{}", said.stdout);
        assert_eq!((both.host().comments(7), both.wrote()), (vec![], vec![]));
    }
}

#[test]
fn a_saved_changeset_is_posted_as_it_was_saved() {
    let both = Both::Lab(GitLab::start());
    let project = project("59.00");
    project.run(&["plan", "--out", "saved.json"]).exits(0);
    project.write(&catalog("99.00"));
    both.host().open(7, "a1");
    let file = project.path("saved.json");
    // No project and no key is needed for it.
    comment(&project, &with(both.job(7, "a1", 1), &[("COMMET_API_KEY", "")]), &[file.to_str().unwrap()]).exits(0);
    assert_eq!(both.wrote(), ["POST"]);
    comment(&project, &both.job(7, "a1", 1), &["saved.json", "--env", "test"])
        .exits(3)
        .stderr
        .contains("cannot be used");
}

#[test]
fn each_environment_has_its_own_comment() {
    let both = Both::Hub(GitHub::start());
    let project = project("59.00");
    let other = Project::with(&catalog("49.00"));
    let text = fs::read_to_string(project.path("pricebook.yaml")).unwrap();
    let live = other.as_environment_of(&project.path(""), "eu-live", "");
    fs::write(project.path("pricebook.yaml"), text + &live).unwrap();
    both.host().open(7, "a1");
    for (run, arguments) in
        [(1, &["--env", "test"][..]), (2, &["--env", "eu-live"]), (3, &["--env", "test", "--label", "shop b"])]
    {
        comment(&project, &both.job(7, "a1", run), arguments).exits(0);
    }
    assert_eq!((both.host().comments(7).len(), both.wrote().len()), (3, 3));
    project.write(&catalog("79.00"));
    comment(&project, &both.job(7, "a1", 4), &["--env", "eu-live"]).exits(0);
    let changed: Vec<bool> =
        both.host().comments(7).iter().map(|one| one.body.contains(".4.1") || one.body.contains("004.1")).collect();
    assert_eq!((changed, both.wrote()), (vec![false, true, false], vec!["PATCH".to_owned()]));
}

#[test]
fn the_comment_is_found_behind_pages_of_others() {
    for both in Both::each() {
        let host = both.host();
        // Less than is asked for: the host decides how long a page is.
        host.short_pages(30);
        host.open(7, "a1");
        for number in 0..70 {
            host.say(7, "alice", &format!("Comment {number}"));
        }
        let project = project("59.00");
        comment(&project, &both.job(7, "a1", 1), &[]).exits(0);
        for number in 0..70 {
            host.say(7, "bob", &format!("Comment {number}"));
        }
        both.wrote();
        project.write(&catalog("69.00"));
        comment(&project, &both.job(7, "a1", 2), &[]).exits(0);
        assert_eq!((host.comments(7).len(), both.wrote()), (141, vec!["PATCH".to_owned()]));
    }
}

/// Anybody can copy a marker out of a comment's source.
#[test]
fn a_marker_that_somebody_else_pasted_is_not_ours() {
    for both in Both::each() {
        let host = both.host();
        host.open(7, "a1");
        let project = project("59.00");
        let pasted = comment(&project, &both.job(7, "a1", 1), &["--body-only"]).exits(0).stdout;
        host.say(7, "mallory", &pasted);
        host.say(7, "mallory", &format!("> {pasted}"));
        comment(&project, &both.job(7, "a1", 1), &[]).exits(0);
        assert_eq!(both.wrote(), ["POST"]);
        project.write(&catalog("49.00"));
        comment(&project, &both.job(7, "a1", 2), &[]).exits(0);
        let comments = host.comments(7);
        assert_eq!((comments.len(), both.wrote()), (3, vec!["PATCH".to_owned()]));
        assert_eq!(comments[0].body, pasted);
        assert!(comments[2].body.contains("No pricing changes"), "{}", comments[2].body);
    }
}

/// A person's own token: what the workflow's app posted is another's then.
#[test]
fn another_account_has_another_comment() {
    let both = Both::Hub(GitHub::start());
    let host = both.host();
    host.open(7, "a1");
    host.account("personal", Account::person("carol"));
    let project = project("59.00");
    comment(&project, &both.job(7, "a1", 1), &[]).exits(0);
    for (run, amount) in [(2, "69.00"), (3, "79.00")] {
        project.write(&catalog(amount));
        let own = with(both.job(7, "a1", run), &[("PRICEBOOK_GITHUB_TOKEN", "personal")]);
        comment(&project, &own, &[]).exits(0);
    }
    let authors: Vec<String> = host.comments(7).into_iter().map(|one| one.author).collect();
    assert_eq!((authors, both.wrote().len()), (vec!["github-actions[bot]".to_owned(), "carol".to_owned()], 3));
}

/// An app that is not ours has our marker, and may not be changed: then there is a new comment.
#[test]
fn what_may_not_be_changed_is_left_alone() {
    let both = Both::Hub(GitHub::start());
    let host = both.host();
    host.open(7, "a1");
    let project = project("59.00");
    let pasted = comment(&project, &both.job(7, "a1", 1), &["--body-only"]).exits(0).stdout;
    host.say(7, "mirror[bot]", &pasted);
    project.write(&catalog("69.00"));
    host.trouble(Trouble::at(
        "PATCH",
        "/comments/1",
        403,
        json!({ "message": "Must have admin rights to Repository." }),
    ));
    comment(&project, &both.job(7, "a1", 2), &[]).exits(0);
    let comments = host.comments(7);
    assert_eq!(
        (comments.len(), comments[0].body.as_str(), both.wrote()),
        (2, pasted.as_str(), vec!["PATCH".to_owned(), "POST".to_owned()])
    );
}

#[test]
fn an_older_run_writes_nothing() {
    for both in Both::each() {
        let host = both.host();
        let project = project("59.00");
        // By its commit, although nothing was posted yet.
        host.open(7, "b2");
        let said = comment(&project, &both.job(7, "a1", 1), &[]).exits(0);
        assert!(said.stdout.starts_with("This run is about a1, and b2 is the head of "), "{}", said.stdout);
        assert_eq!(both.wrote(), Vec::<String>::new());
        // By its number, where both are about the same commit.
        comment(&project, &both.job(7, "b2", 3), &[]).exits(0);
        let latest = only(host, 7);
        for amount in ["69.00", "49.00"] {
            project.write(&catalog(amount));
            let said = comment(&project, &both.job(7, "b2", 2), &[]).exits(0);
            assert!(said.stdout.starts_with("A later run has commented"), "{}", said.stdout);
        }
        assert_eq!((only(host, 7), both.wrote()), (latest, vec!["POST".to_owned()]));
    }
}

/// Another run posts between this one's look and its own comment.
#[test]
fn two_runs_at_once_come_to_one_comment() {
    for both in Both::each() {
        for (own, other) in [(1, 2), (2, 1)] {
            let host = both.host();
            let number = 10 + own;
            host.open(number, "a1");
            let project = project("59.00");
            let text = comment(&project, &both.job(number, "a1", other), &["--body-only"])
                .exits(0)
                .stdout
                .replace("$59.00", "other");
            let author = if matches!(both, Both::Hub(_)) { "github-actions[bot]" } else { "project_42_bot_1" };
            let mut said = false;
            let theirs = text.clone();
            host.meanwhile(move |board, line| {
                if line.starts_with("POST") && !said {
                    said = true;
                    board.say(number, author, &theirs);
                }
            });
            comment(&project, &both.job(number, "a1", own), &[]).exits(0);
            let stays = only(host, number);
            assert_eq!(stays.body.contains("other"), other > own, "{}", stays.body);
        }
    }
}

#[test]
fn an_answer_that_was_lost_makes_no_second_comment() {
    for both in Both::each() {
        both.host().open(7, "a1");
        both.host().trouble(Trouble::at("POST", "", 502, json!({ "message": "Bad gateway" })).after_it_worked());
        comment(&project("59.00"), &both.job(7, "a1", 1), &[]).exits(0);
        only(both.host(), 7);
    }
}

#[test]
fn a_rate_limit_is_waited_for() {
    let hub = Both::Hub(GitHub::start());
    let lab = Both::Lab(GitLab::start());
    let limited = |words: &str| json!({ "message": words });
    // The primary limit says when it ends, the secondary one how long to wait, and both may come as 403.
    let primary = Trouble::at("GET", "/comments", 403, limited("API rate limit exceeded for installation ID 1."));
    hub.host().trouble(primary.header("x-ratelimit-remaining", 0).header("x-ratelimit-reset", 1_700_000_000));
    let secondary = Trouble::at("POST", "/comments", 403, limited("You have exceeded a secondary rate limit."));
    hub.host().trouble(secondary.header("retry-after", 0));
    hub.host().trouble(Trouble::at("GET", "/pulls/", 429, limited("API rate limit exceeded")).header("retry-after", 0));
    lab.host().trouble(Trouble::at("GET", "/notes", 429, limited("429 Too Many Requests")).header("retry-after", 0));
    lab.host().trouble(Trouble::at("POST", "/notes", 503, Value::Null));
    for both in [hub, lab] {
        both.host().open(7, "a1");
        let said = comment(&project("59.00"), &both.job(7, "a1", 1), &[]).exits(0);
        assert!(said.stderr.contains("waiting"), "{}", said.stderr);
        only(both.host(), 7);
    }
}

/// Nothing is lost: the text is on stdout, and in the job's summary where there is one.
#[test]
fn what_cannot_be_posted_is_printed() {
    let hour = "4000000000";
    let cases: [(Trouble, i32, &str, &str); 6] = [
        (
            Trouble::at("POST", "", 403, json!({ "message": "Resource not accessible by integration" })),
            8,
            "the token may not do this (403: Resource not accessible by integration)",
            "pull-requests: write",
        ),
        (
            Trouble::at("GET", "", 401, json!({ "message": "Bad credentials" })),
            8,
            "GitHub does not accept the token",
            "GITHUB_TOKEN",
        ),
        (
            Trouble::at("GET", "", 404, json!({ "message": "Not Found" })),
            1,
            "GitHub answered 404",
            "check --repo and --pr",
        ),
        (
            Trouble::at(
                "POST",
                "",
                422,
                json!({ "message": "Validation Failed", "errors": [{ "message": "Body is too long (maximum is 65536 characters)" }] }),
            ),
            1,
            "422 to POST /repos/acme/shop/issues/7/comments: Validation Failed: Body is too long",
            "",
        ),
        (
            Trouble::at("GET", "", 403, json!({ "message": "API rate limit exceeded for installation ID 1." }))
                .header("x-ratelimit-remaining", 0)
                .header("x-ratelimit-reset", hour),
            1,
            "it asks to wait",
            "run the job again later",
        ),
        (
            Trouble::at("GET", "", 302, Value::Null).header("location", "http://127.0.0.1:1/"),
            1,
            "nothing was sent there",
            "",
        ),
    ];
    for (trouble, code, words, help) in cases {
        let github = GitHub::start();
        github.open(7, "a1");
        github.trouble(trouble);
        let said = comment(&project("59.00"), &github.variables(7, "a1", 1), &[]).exits(code);
        assert!(said.stderr.contains(words) && said.stderr.contains(help), "{words}\n{}", said.stderr);
        assert!(said.stderr.contains("the comment on pull request 7 of acme/shop cannot be posted"), "{}", said.stderr);
        assert!(said.stdout.contains("price `monthly`"), "{}", said.stdout);
        assert_eq!(fs::read_to_string(github.summary()).unwrap(), said.stdout);
    }
}

/// As GitHub itself says it: a locked conversation, and the token of a pull request from a fork.
#[test]
fn who_may_not_comment_is_told_what_to_do() {
    let github = GitHub::start();
    github.open(7, "a1");
    github.board().requests.get_mut(&7).unwrap().locked = true;
    let said = comment(&project("59.00"), &github.variables(7, "a1", 1), &[]).exits(1);
    assert!(said.stderr.contains("issue is locked"), "{}", said.stderr);
    let gitlab = GitLab::start();
    gitlab.open(7, "a1");
    gitlab.account("reader", Account::person("reader").may_comment(false));
    let reader = with(gitlab.variables(7, "a1", 1), &[("PRICEBOOK_GITLAB_TOKEN", ""), ("GITLAB_TOKEN", "reader")]);
    let said = comment(&project("59.00"), &reader, &[]).exits(8);
    assert!(said.stderr.contains("higher privileges") && said.stderr.contains("scope `api`"), "{}", said.stderr);
    let none = with(gitlab.variables(7, "a1", 1), &[("PRICEBOOK_GITLAB_TOKEN", "")]);
    let said = comment(&project("59.00"), &none, &[]).exits(8);
    assert!(said.stderr.contains("PRICEBOOK_GITLAB_TOKEN") && said.stderr.contains("CI_JOB_TOKEN"), "{}", said.stderr);
    assert!(said.stdout.contains("price `monthly`"), "{}", said.stdout);
}

#[test]
fn without_ci_everything_can_be_said_by_hand() {
    let github = GitHub::start();
    github.open(3, "abcdef0123456789");
    let project = project("59.00");
    let said = comment(&project, &[], &[]).exits(3);
    assert!(said.stderr.contains("--body-only"), "{}", said.stderr);
    assert_eq!(project.run(&["plan", "--format", "json"]).exits(0).code, 0);
    let arguments =
        ["--host", "github", "--pr", "3", "--commit", "abcdef0", "--repo", "acme/shop", "--host-url", github.url()];
    let said = comment(&project, &[], &arguments).exits(8);
    assert!(said.stderr.contains("there is no token for GitHub"), "{}", said.stderr);
    comment(&project, &[("GITHUB_TOKEN", TOKEN.to_owned())], &arguments).exits(0);
    assert!(only(&github, 3).body.contains("commit=abcdef0 "), "no run is known");
    // GitLab takes the path of a project as well.
    let gitlab = GitLab::start();
    gitlab.open(3, "a1");
    let arguments = ["--host", "gitlab", "--mr", "3", "--repo", "acme/shop", "--host-url", gitlab.url()];
    comment(&project, &[("GITLAB_TOKEN", TOKEN.to_owned())], &arguments).exits(0);
    only(&gitlab, 3);
}

#[test]
fn wrong_pricing_fails_before_anything_is_posted() {
    let github = GitHub::start();
    github.open(7, "a1");
    let said = comment(&project("1e2"), &github.variables(7, "a1", 1), &[]).exits(3);
    assert!(said.stderr.contains("PB-E105"), "{}", said.stderr);
    assert_eq!(github.seen(), Vec::<String>::new());
}

/// A pull request that a comment names, as `issue_comment` tells of it; and a job that is about none.
#[test]
fn the_event_says_which_pull_request() {
    let github = GitHub::start();
    github.open(5, "a1");
    let project = project("59.00");
    let event = project.path("event.json");
    fs::write(&event, json!({ "issue": { "number": 5, "pull_request": { "url": "x" } } }).to_string()).unwrap();
    let job = [("GITHUB_EVENT_PATH", event.to_str().unwrap()), ("GITHUB_EVENT_NAME", "issue_comment")];
    comment(&project, &with(github.variables(9, "x", 1), &job), &[]).exits(0);
    only(&github, 5);
    fs::write(&event, json!({ "ref": "refs/heads/main" }).to_string()).unwrap();
    let said = comment(&project, &with(github.variables(9, "x", 1), &job), &[]).exits(3);
    assert!(said.stderr.contains("not about a pull request") && said.stderr.contains("--pr"), "{}", said.stderr);
    fs::write(&event, "{").unwrap();
    let said = comment(&project, &with(github.variables(9, "x", 1), &job), &[]).exits(3);
    assert!(said.stderr.contains("is not JSON"), "{}", said.stderr);
}
