use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::common::Style;
use crate::cli::exit;

/// What `completions` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints a completion script.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "pricebook", &mut script);
    super::print(&String::from_utf8_lossy(&script), style);
    exit::DONE
}
