//! The command line: one file per command. The only place that prints and that knows exit codes.

mod annotate;
mod apply;
mod calls;
mod catalog;
mod chosen;
mod clock;
mod comment;
mod common;
mod completions;
mod diff;
mod drift;
mod environments;
mod exit;
mod exit_table;
mod explain;
mod explain_field;
mod failure;
mod fmt;
mod fresh;
mod git;
mod impact;
mod init;
mod key;
mod key_command;
mod ledger;
mod plan;
mod preview;
mod progress;
mod promote;
mod pull;
mod pull_in_place;
mod resume;
mod rewrite;
mod sandbox;
mod saved;
mod schema;
mod session;
mod show;
mod signal;
mod snapshot;
mod store;
mod target;
mod unfinished;
mod upgrade;
mod validate;

use std::io::{IsTerminal, Write};

use clap::{Parser, Subcommand};

use crate::cli::common::{Color, Findings, Style};
use crate::cli::failure::Stop;
use crate::diagnostic::{self, Finding};
use crate::http::Wait;
use crate::render::Paint;

/// Keeps a billing catalog in git: plans it against the live billing API, and applies exactly what was planned
#[derive(Debug, Parser)]
#[command(name = "pricebook", version, about, after_help = exit::HELP)]
struct Arguments {
    #[command(flatten)]
    style: Style,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a project that runs: catalog, pricebook.yaml, editor settings, CI workflow
    Init(init::Arguments),
    /// Check a catalog without a network: all findings at once
    Validate(validate::Arguments),
    /// Show what apply would do. Sends nothing but reads
    Plan(plan::Arguments),
    /// Show the pricing page before and after, as one HTML file. Sends nothing but reads
    Preview(preview::Arguments),
    /// Make the environment say what the files say
    Apply(apply::Arguments),
    /// Write what is live into a new catalog, or into the files that are there. Sends nothing but reads
    Pull(pull::Arguments),
    /// Rewrite a catalog for a newer version of the API; comments stay. Sends nothing but reads
    Upgrade(upgrade::Arguments),
    /// Write a catalog in its canonical form; comments stay
    Fmt(fmt::Arguments),
    /// Show what changed outside since the last apply. Sends nothing but reads
    Drift(drift::Arguments),
    /// Compare the live state of two environments. Sends nothing but reads
    Diff(diff::Arguments),
    /// Plan what would make one environment like the live state of another. Sends nothing but reads
    Promote(promote::Arguments),
    /// Print a saved changeset
    Show(show::Arguments),
    /// Post the changeset on a pull or merge request, or update what was posted before
    Comment(comment::Arguments),
    /// Say more about a finding, a guard, an effect, an exit code, or a field and whom its changes reach
    Explain(explain::Arguments),
    /// Look at what Pricebook remembers, free a lock, or forget objects
    Ledger(ledger::Arguments),
    /// Print the JSON Schema of a catalog or of pricebook.yaml
    Schema(schema::Arguments),
    /// Serve a billing API on this machine, to try and test a catalog against
    Sandbox(sandbox::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// Runs the command line and returns the exit code.
pub fn main() -> u8 {
    clock::start();
    let Arguments { style, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { exit::INVALID } else { exit::DONE };
        }
    };
    progress::begin(&style);
    let outcome = match command {
        Command::Init(arguments) => init::run(&arguments, &style),
        Command::Validate(arguments) => Ok(validate::run(&arguments, &style)),
        Command::Fmt(arguments) => fmt::run(&arguments, &style),
        Command::Schema(arguments) => Ok(schema::run(&arguments, &style)),
        Command::Show(arguments) => show::run(&arguments, &style),
        Command::Explain(arguments) => explain::run(&arguments, &style),
        Command::Completions(arguments) => Ok(completions::run(&arguments, &style)),
        Command::Plan(arguments) => waiting(plan::run(&arguments, &style)),
        Command::Preview(arguments) => waiting(preview::run(&arguments, &style)),
        Command::Pull(arguments) => waiting(pull::run(&arguments, &style)),
        Command::Upgrade(arguments) => waiting(upgrade::run(&arguments, &style)),
        Command::Comment(arguments) => waiting(comment::run(&arguments, &style)),
        Command::Apply(arguments) => waiting(apply::run(&arguments, &style)),
        Command::Ledger(arguments) => waiting(ledger::run(&arguments, &style)),
        Command::Drift(arguments) => waiting(drift::run(&arguments, &style)),
        Command::Diff(arguments) => waiting(diff::run(&arguments, &style)),
        Command::Promote(arguments) => waiting(promote::run(&arguments, &style)),
        Command::Sandbox(arguments) => waiting(async { Ok(sandbox::run(arguments).await) }),
    };
    match outcome {
        Ok(code) => code,
        Err(stop) => {
            let code = stop.exit();
            match stop {
                Stop::Findings(findings) => report(&findings, &style),
                Stop::Error { message, help, .. } if style.findings == Findings::Github => {
                    let _ = std::io::stderr().lock().write_all(annotate::error(&message, help.as_deref()).as_bytes());
                }
                Stop::Error { message, help, .. } => {
                    complain(&format!("{}: {message}", on_stderr(&style).red("error")));
                    if let Some(help) = help {
                        complain(&format!("help: {help}"));
                    }
                }
            }
            code
        }
    }
}

fn waiting(command: impl Future<Output = Result<u8, Stop>>) -> Result<u8, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|why| Stop::new(exit::ERROR, format!("the runtime does not start: {why}")))?;
    runtime.block_on(command)
}

/// Whether stdout gets colour.
fn paint(style: &Style) -> Paint {
    Paint(wants_color(style, std::io::stdout().is_terminal()))
}

fn on_stderr(style: &Style) -> Paint {
    Paint(wants_color(style, std::io::stderr().is_terminal()))
}

/// NO_COLOR beats the terminal, `--color` beats both (https://no-color.org).
fn wants_color(style: &Style, terminal: bool) -> bool {
    match style.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Data goes to stdout. A closed pipe is not our problem.
fn print(text: &str, _: &Style) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

/// Everything else goes to stderr, a line at a time.
fn complain(text: &str) {
    progress::aside(|| {
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "{text}");
    });
}

/// Findings that are printed for people; a machine gets all.
const SHOWN: usize = 500;

/// Findings go to stderr.
fn report(findings: &[Finding], style: &Style) {
    if style.findings == Findings::Github {
        let _ = std::io::stderr().lock().write_all(annotate::github(findings).as_bytes());
        return;
    }
    let (shown, rest) = findings.split_at(findings.len().min(SHOWN));
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{}", diagnostic::human(shown, on_stderr(style).0));
    if !rest.is_empty() {
        let _ = writeln!(stderr, "... and {} more findings; `validate --format json` lists all\n", rest.len());
    }
    // Once, and about what matters most: errors stand before warnings in the order of the enum.
    let first = shown.iter().min_by_key(|finding| (finding.severity(), finding.code));
    if let Some(finding) = first.filter(|_| !style.quiet) {
        let _ = writeln!(stderr, "`pricebook explain {}` says more about a code\n", finding.code);
    }
}

/// `waiting 2.0 s: POST /plans/manage: no answer: …`, or that the API limits the rate: then everything waits.
fn wait_line(wait: &Wait, style: &Style) -> String {
    let Wait { request, why, pause, allowance } = wait;
    let seconds = pause.as_secs_f64();
    match allowance {
        None => format!("waiting {seconds:.1} s: {request}: {why}"),
        Some(most) => {
            let words = format!("waiting {seconds:.1} s, because the API limits the rate: {request}: {why}");
            let requests = if *most == 1 { "request" } else { "requests" };
            if style.verbose { format!("{words}; from then on {most} {requests} at a time") } else { words }
        }
    }
}
