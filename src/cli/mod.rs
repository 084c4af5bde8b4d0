//! The command line: the only place that knows the terminal and the exit codes.

pub mod sandbox;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps a billing catalog in git.
#[derive(Debug, Parser)]
#[command(name = "pricebook", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves a billing API on this machine, to try and test a catalog against
    Sandbox(sandbox::Args),
}

/// Runs one command line.
pub async fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let invalid = error.use_stderr();
            let _ = error.print();
            return if invalid { ExitCode::from(3) } else { ExitCode::SUCCESS };
        }
    };
    match cli.command {
        Command::Sandbox(args) => sandbox::run(args).await,
    }
}

/// One line on stderr. A closed stderr is no reason to stop.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}
