//! The command line: one file per command. The only place that prints and that knows exit codes.

mod schema;
mod validate;

use clap::{Parser, Subcommand};

/// Keeps a billing catalog in git.
#[derive(Debug, Parser)]
#[command(name = "pricebook", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a catalog without a network: all findings at once
    Validate(validate::Arguments),
    /// Print the JSON Schema of a catalog or of pricebook.yaml
    Schema(schema::Arguments),
}

/// Runs the command line and returns the exit code.
pub fn main() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { exit::INVALID } else { exit::DONE };
        }
    };
    match arguments.command {
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
    }
}

/// The exit codes of every command.
mod exit {
    /// Done.
    pub(super) const DONE: u8 = 0;
    /// Something that is neither the user's catalog nor the API went wrong.
    pub(super) const ERROR: u8 = 1;
    /// `--check` found differences.
    pub(super) const DIFFERENT: u8 = 2;
    /// The catalog or the command line is invalid.
    pub(super) const INVALID: u8 = 3;
}

/// Writes to stdout. A closed pipe is not our problem.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Findings that are printed for people; a machine gets all.
const SHOWN: usize = 500;

/// Writes findings to stderr, in colour if it is a terminal that wants it.
fn report(findings: &[crate::diagnostic::Finding]) {
    use std::io::Write as _;
    let (findings, rest) = findings.split_at(findings.len().min(SHOWN));
    // anstream removes the colours again where they are not wanted.
    let _ = write!(anstream::stderr(), "{}", crate::diagnostic::human(findings, true));
    if !rest.is_empty() {
        let _ = writeln!(anstream::stderr(), "... and {} more findings; `--format json` lists all\n", rest.len());
    }
}
