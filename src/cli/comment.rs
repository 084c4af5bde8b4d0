use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value as Json;

use crate::changeset::Document;
use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::snapshot::Snapshot;
use crate::cli::target::{timeouts, waiting};
use crate::cli::{complain, exit, impact, show};
use crate::host::{self, Asked, Context, ContextError, HostError, Kind, Marker, Outcome, Post};
use crate::render;

/// What `comment` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A changeset that `plan --out` saved. Without it, it plans
    #[arg(value_name = "FILE", conflicts_with_all = ["catalog", "env", "url", "api_version", "only", "except", "write_unreadable", "impact", "impact_file"])]
    file: Option<PathBuf>,
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    scope: Scope,
    /// Plan against what `plan --save-snapshot` wrote instead of the API: without network and key
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "impact"])]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    impact: impact::Wanted,
    /// The host. What CI says when left out
    #[arg(long, value_enum, value_name = "HOST")]
    host: Option<Host>,
    /// The number of the pull or merge request. What CI says when left out
    #[arg(long, visible_alias = "mr", value_name = "NUMBER")]
    pr: Option<u64>,
    /// The commit that was planned. What CI says when left out
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// The repository: OWNER/NAME, at GitLab also its number. What CI says when left out
    #[arg(long, value_name = "REPOSITORY")]
    repo: Option<String>,
    /// The base URL of the host's API. What CI says when left out
    #[arg(long, value_name = "URL")]
    host_url: Option<String>,
    /// Keeps a comment of its own for this label: for several projects in one repository
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Print the comment and post nothing: for other hosts
    #[arg(long)]
    body_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Host {
    /// GitHub, or GitHub Enterprise Server
    Github,
    /// GitLab, or one's own
    Gitlab,
}

/// Posts the changeset on a pull or merge request, or updates what it posted before.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let asked = Asked {
        host: arguments.host.map(|host| match host {
            Host::Github => Kind::GitHub,
            Host::Gitlab => Kind::GitLab,
        }),
        number: arguments.pr,
        commit: arguments.commit.clone(),
        repository: arguments.repo.clone(),
        api: arguments.host_url.clone(),
    };
    let variable = |name: &str| std::env::var(name).ok();
    let event = event()?;
    if arguments.body_only {
        let (commit, run) = Context::origin(&asked, &variable, event.as_ref());
        let document = document(arguments, style).await?;
        let marker = Marker::new(&document.environment.name, arguments.label.as_deref(), commit.as_deref(), run);
        super::print(&marker.on(&text(&document, &marker)), style);
        return Ok(exit::DONE);
    }
    let context = Context::of(&asked, &variable, event.as_ref());
    // What no plan can mend is said before there is one.
    if let Err(why) = &context
        && !matches!(why, ContextError::NoToken(..))
    {
        return Err(why.clone().into());
    }
    let document = document(arguments, style).await?;
    let (commit, run) = context.as_ref().map(|known| (known.commit.as_deref(), known.run)).unwrap_or_default();
    let marker = Marker::new(&document.environment.name, arguments.label.as_deref(), commit, run);
    let text = text(&document, &marker);
    let context = match context {
        Ok(context) => context,
        Err(why) => return Err(rescue(&text, why.into(), style)),
    };
    let post = Post { marker, text: text.clone(), quiet: says_nothing(&document) };
    match host::post(&context, post, timeouts(None), waiting(style)).await {
        Ok(outcome) => {
            report(&outcome, &context, style);
            Ok(exit::DONE)
        }
        Err(why) => Err(rescue(&text, why.into(), style)),
    }
}

/// What GitHub says about what started the job.
fn event() -> Result<Option<Json>, Stop> {
    let Some(path) = std::env::var_os("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) else { return Ok(None) };
    let shown = PathBuf::from(&path).display().to_string();
    let bytes = std::fs::read(&path)
        .map_err(|why| Stop::invalid(format!("{shown}, which GITHUB_EVENT_PATH names, cannot be read: {why}")))?;
    let event = serde_json::from_slice(&bytes)
        .map_err(|why| Stop::invalid(format!("{shown}, which GITHUB_EVENT_PATH names, is not JSON: {why}")))?;
    Ok(Some(event))
}

async fn document(arguments: &Arguments, style: &Style) -> Result<Document, Stop> {
    if let Some(file) = &arguments.file {
        return show::read(file);
    }
    let catalog = arguments.catalog.as_deref();
    let mut session = match &arguments.snapshot {
        Some(path) => Session::open_recorded(&arguments.scope, catalog, &Snapshot::read(path)?, style).await?,
        None => Session::open(&arguments.scope, catalog, style).await?,
    };
    let planned = impact::planned(&mut session, &arguments.impact).await;
    session.close().await;
    planned
}

/// Nobody has to read it.
fn says_nothing(document: &Document) -> bool {
    !document.has_changes() && document.guards.is_empty()
}

/// The comment without its marker. It fits together with it.
fn text(document: &Document, marker: &Marker) -> String {
    if says_nothing(document) {
        return render::nothing_to_change(document);
    }
    render::markdown(document, host::LONGEST.saturating_sub(marker.line().len() + 1))
}

fn report(outcome: &Outcome, context: &Context, style: &Style) {
    let place = &context.place;
    let about = format!("{} {}", place.kind.request(), place.number);
    let at = |url: &Option<String>| url.as_ref().map(|url| format!(": {url}")).unwrap_or_default();
    let words = match outcome {
        Outcome::Posted(url) => format!("Commented on {about}{}", at(url)),
        Outcome::Updated(url) => format!("Updated the comment on {about}{}", at(url)),
        Outcome::Unchanged(url) => format!("The comment on {about} says this already{}", at(url)),
        Outcome::Silent => format!("Nothing to change, and nothing to say on {about}"),
        Outcome::Older => format!("A later run has commented on {about}; its comment stays"),
        Outcome::Outdated(head) => {
            let own = context.commit.as_deref().unwrap_or_default();
            format!("This run is about {own}, and {head} is the head of {about} by now; nothing was posted")
        }
    };
    if !style.quiet {
        super::print(&format!("{words}\n"), style);
    }
}

/// What could not be posted is printed, and put into the job's summary where there is one: it is not lost.
fn rescue(text: &str, why: Stop, style: &Style) -> Stop {
    super::print(text, style);
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return why };
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut summary| summary.write_all(text.as_bytes()));
    match written {
        Ok(()) => complain("note: what could not be posted stands above, and in the summary of this job"),
        Err(error) => complain(&format!("warning: the summary of this job cannot be written: {error}")),
    }
    why
}

impl From<ContextError> for Stop {
    fn from(why: ContextError) -> Self {
        let code = if matches!(why, ContextError::NoToken(..)) { exit::CREDENTIALS } else { exit::INVALID };
        Self::new(code, why.to_string()).help(why.help())
    }
}

impl From<HostError> for Stop {
    fn from(why: HostError) -> Self {
        let stop = Self::new(if why.is_about_the_token() { exit::CREDENTIALS } else { exit::ERROR }, why.to_string());
        match why.help() {
            Some(help) => stop.help(help),
            None => stop,
        }
    }
}
