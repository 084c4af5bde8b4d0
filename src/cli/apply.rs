use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::sync::watch;

use crate::apply::{self, Report};
use crate::changeset::{Document, GUARDS, Guard};
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::progress::Show;
use crate::cli::session::Session;
use crate::cli::store::Locked;
use crate::cli::{complain, exit, paint, signal};
use crate::ledger::{Ledger, Then};
use crate::pipeline::Planned;
use crate::render;

/// What `apply` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A changeset that `plan --out` saved: exactly its calls are made. Without one, plan and apply in one go
    #[arg(value_name = "FILE", conflicts_with_all = ["only", "except", "write_unreadable"])]
    file: Option<PathBuf>,
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    scope: Scope,
    /// Do not ask before applying
    #[arg(long)]
    yes: bool,
    /// Let a guard pass, by its code, for this changeset
    #[arg(long, value_name = "CODE")]
    ack: Vec<String>,
    /// How many calls may be on their way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    parallel: u16,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

/// Plans and applies in one go, or applies what was planned before.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let known: BTreeSet<&str> = GUARDS.iter().map(|guard| guard.code).collect();
    if let Some(unknown) = arguments.ack.iter().find(|code| !known.contains(code.as_str())) {
        let codes: Vec<&str> = known.into_iter().collect();
        return Err(Stop::invalid(format!("--ack: there is no guard `{unknown}`"))
            .help(format!("the guards are {}", codes.join(", "))));
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
    let live = session.observe().await?;
    let Planned { document, changes } = session.changeset(&live)?;
    let remember = |report: &Report| {
        apply::remember(&session.ledger, &session.desired, &live, &changes, report, session.is_partial())
    };
    carry_out(session, &document, &remember, arguments, style).await
}

/// Guards, confirmation, the calls, the ledger, the report.
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
        confirm(document)?;
    }
    if let Some(lock) = &session.lock {
        lock.is_ours().await?;
    }

    let (stop, stopped) = watch::channel(false);
    let interrupts = tokio::spawn(listen(stop.clone()));
    let losses = session.lock.as_ref().map(|lock| lock.calls_begin(stop));
    let total = document.calls.len();
    let show = Arc::new(Show::new(total, style));
    let api = Arc::new(session.writer(show.waiting())?);
    let nonce = nonce();
    let run = apply::Run { digest: &document.digest, nonce: &nonce };
    let mut progress = |event: apply::Event<'_>| show.event(&event);
    let mut report =
        apply::execute(&document.calls, &run, api, arguments.parallel.into(), stopped, &mut progress).await;
    interrupts.abort();
    show.finish();
    if let Some(losses) = losses {
        losses.abort();
    }

    report.exit = if report.interrupted && session.lock.as_ref().is_some_and(Locked::is_lost) {
        exit::LOCKED
    } else if report.interrupted {
        exit::INTERRUPTED
    } else if report.failed.iter().any(|failed| failed.credentials) {
        exit::CREDENTIALS
    } else if report.failed.is_empty() && report.skipped.is_empty() {
        exit::DONE
    } else {
        exit::PARTIAL
    };
    // What happened is said even if it cannot be remembered.
    let saved = session.save(&remember(&report), Then::Release).await;
    if let Err(stop) = &saved {
        report.exit = stop.exit();
    }
    conclude(document, &report, arguments.format, style);
    saved?;
    Ok(report.exit)
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
fn confirm(document: &Document) -> Result<(), Stop> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Stop::invalid("there is no terminal to ask on; nothing was sent")
            .help("say --yes to apply without being asked"));
    }
    let environment = &document.environment;
    let mut stderr = anstream::stderr();
    let _ = write!(
        stderr,
        "\nMake {} {} to {} ({})? Only `yes` is taken for yes: ",
        document.calls.len(),
        if document.calls.len() == 1 { "call" } else { "calls" },
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

/// The first interrupt lets calls in flight finish; the second one ends at once.
async fn listen(stop: watch::Sender<bool>) {
    let mut second = false;
    loop {
        signal::interrupted().await;
        if second {
            #[expect(clippy::exit, reason = "a second interrupt is a request not to wait for anything")]
            std::process::exit(exit::INTERRUPTED.into());
        }
        second = true;
        complain("interrupted: calls in flight are finished; interrupt again to stop at once");
        let _ = stop.send(true);
    }
}

/// A name for this run that no other run has.
fn nonce() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = || std::hash::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn conclude(document: &Document, report: &Report, format: Format, style: &Style) {
    if format == Format::Json {
        super::print(&json(report), style);
        return;
    }
    let paint = paint(style);
    let mut text = String::new();
    if !report.failed.is_empty() || !report.skipped.is_empty() {
        text.push('\n');
    }
    for failed in &report.failed {
        text.push_str(&format!("{} {} · {}: {}", paint.red("failed"), failed.address, failed.request, failed.message));
        if let Some(id) = &failed.request_id {
            text.push_str(&format!(" [request {id}]"));
        }
        text.push('\n');
    }
    for skipped in &report.skipped {
        let summary =
            document.calls.iter().find(|call| call.id == skipped.call).map_or("", |call| call.summary.as_str());
        text.push_str(&format!("{} {} · {summary}\n", paint.yellow("not tried"), skipped.address));
    }
    let (done, total) = (report.applied.len(), document.calls.len());
    if total > 0 {
        let calls = |number: usize| format!("{number} {}", if number == 1 { "call" } else { "calls" });
        text.push_str(&if done == total {
            paint.green(&format!("\nApplied: {} made, all of them succeeded\n", calls(total)))
        } else {
            paint.red(&format!(
                "\nApplied in part: {done} of {} made, {} failed, {} not tried. Run apply again: it goes on from what is live\n",
                calls(total),
                report.failed.len(),
                report.skipped.len()
            ))
        });
    }
    super::print(&text, style);
}

pub(super) fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
