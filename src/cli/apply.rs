use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use crate::apply::{self, Report};
use crate::changeset::{Document, GUARDS, Guard};
use crate::cli::calls::make;
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::{complain, exit, paint};
use crate::ledger::Ledger;
use crate::pipeline::Planned;
use crate::render;

/// What `apply` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A changeset that `plan --out` saved: exactly its calls are made. Without one, plan and apply in one go
    #[arg(value_name = "FILE", conflicts_with_all = ["only", "except", "write_unreadable"])]
    pub(super) file: Option<PathBuf>,
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Option<PathBuf>,
    #[command(flatten)]
    pub(super) scope: Scope,
    /// Go on with the run of this environment that was cut off or failed in part
    #[arg(long, conflicts_with_all = ["only", "except", "write_unreadable"])]
    resume: bool,
    /// Do not ask before applying
    #[arg(long)]
    pub(super) yes: bool,
    /// Let a guard pass, by its code, for this changeset
    #[arg(long, value_name = "CODE")]
    pub(super) ack: Vec<String>,
    /// How many calls may be on their way at once: a number, or `auto` for as many as the API takes
    #[arg(long, value_name = "N|auto", default_value = "4")]
    pub(super) parallel: Parallel,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

/// How many calls may be on their way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parallel {
    /// Always as many.
    Fixed(u16),
    /// As many as the API takes.
    Auto,
}

impl Parallel {
    /// What is meant when nothing is said, and where `auto` begins.
    pub(super) const DEFAULT: u16 = 4;
    /// The most that are ever on their way at once.
    pub(super) const MOST: u16 = 64;
}

impl std::str::FromStr for Parallel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<u16>() {
            Ok(number @ 1..=Self::MOST) => Ok(Self::Fixed(number)),
            _ if text == "auto" => Ok(Self::Auto),
            _ => Err(format!("it is a number from 1 to {}, or `auto`", Self::MOST)),
        }
    }
}

/// Plans and applies in one go, or applies what was planned before.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let known: BTreeSet<&str> = GUARDS.iter().map(|guard| guard.code).collect();
    if let Some(unknown) = arguments.ack.iter().find(|code| !known.contains(code.as_str())) {
        let codes: Vec<&str> = known.into_iter().collect();
        return Err(Stop::invalid(format!("--ack: there is no guard `{unknown}`"))
            .help(format!("the guards are {}", codes.join(", "))));
    }
    if arguments.resume {
        return super::resume::run(arguments, style).await;
    }
    let catalog = arguments.catalog.as_deref();
    let Some(file) = &arguments.file else {
        let mut session = Session::open_locked(&arguments.scope, catalog, "apply", style).await?;
        let outcome = apply(&mut session, arguments, style).await;
        session.close().await;
        return outcome;
    };
    let document = super::show::read(file)?;
    let mut session = Session::open_saved(&arguments.scope, catalog, &document, style).await?;
    let outcome = super::saved::apply(&mut session, &document, arguments, style).await;
    session.close().await;
    outcome
}

async fn apply(session: &mut Session, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let live = session.observe_and_recover().await?;
    let Planned { document, changes } = session.changeset(&live)?;
    let remember = |report: &Report| {
        apply::remember(&session.ledger, &session.desired, &live, &changes, report, session.is_partial())
    };
    carry_out(session, &document, &remember, arguments, style).await
}

/// Guards, confirmation, the calls.
pub(super) async fn carry_out(
    session: &Session,
    document: &Document,
    remember: &(dyn Fn(&Report) -> Ledger + Sync),
    arguments: &Arguments,
    style: &Style,
) -> Result<u8, Stop> {
    // The report is what goes to stdout as JSON; the changeset is then for the person on stderr.
    if arguments.format == Format::Human {
        super::print(&render::human(document, paint(style), style.verbose), style);
    }
    let refused: Vec<Guard> = document
        .guards
        .iter()
        .filter(|guard| !guard.acknowledgeable || !arguments.ack.contains(&guard.code))
        .cloned()
        .collect();
    if !refused.is_empty() {
        return Ok(refuse(document, refused, arguments, style));
    }
    if !document.calls.is_empty() && !arguments.yes {
        confirm(document, document.calls.len())?;
    }
    make(session, document, remember, None, arguments, style).await
}

fn refuse(document: &Document, refused: Vec<Guard>, arguments: &Arguments, style: &Style) -> u8 {
    let codes: BTreeSet<&str> = refused.iter().map(|guard| guard.code.as_str()).collect();
    let codes = codes.into_iter().collect::<Vec<_>>().join(", ");
    complain(&format!("error: refused by {codes}; nothing was sent"));
    let acknowledge: BTreeSet<String> =
        refused.iter().filter(|guard| guard.acknowledgeable).map(|guard| format!("--ack {}", guard.code)).collect();
    if refused.iter().all(|guard| guard.acknowledgeable) {
        let acknowledge = acknowledge.into_iter().collect::<Vec<_>>().join(" ");
        complain(&format!("help: if that is what you mean, run it again with {acknowledge}"));
    }
    if arguments.format == Format::Json {
        let report = Report {
            digest: document.digest.clone(),
            refused,
            skipped: document.calls.iter().map(apply::Skipped::untried).collect(),
            exit: exit::REFUSED,
            ..Report::default()
        };
        super::print(&json(&report), style);
    }
    exit::REFUSED
}

/// Asks. Never off a terminal.
pub(super) fn confirm(document: &Document, calls: usize) -> Result<(), Stop> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Stop::invalid("there is no terminal to ask on; nothing was sent")
            .help("say --yes to apply without being asked"));
    }
    let environment = &document.environment;
    let mut stderr = anstream::stderr();
    let _ = write!(
        stderr,
        "\nMake {} {} to {} ({})? Only `yes` is taken for yes: ",
        calls,
        if calls == 1 { "call" } else { "calls" },
        environment.name,
        environment.url
    );
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && answer.trim() == "yes" {
        return Ok(());
    }
    Err(Stop::new(exit::ERROR, "not applied; nothing was sent"))
}

pub(super) fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
