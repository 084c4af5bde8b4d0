use clap::Args;

use crate::changeset::compare;
use crate::cli::common::{Format, Style};
use crate::cli::environments::{Both, Pair, reference};
use crate::cli::failure::Stop;
use crate::cli::{complain, exit, paint};
use crate::diff::{Options, diff, sort};
use crate::render;

/// What `diff` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pair: Pair,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Compares two live environments. Sends nothing but reads; ends with 2 when they differ.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let Both { from, unknown, to, live, .. } = arguments.pair.observe(style).await?;
    for warning in &to.warnings {
        complain(&format!("warning: {warning}"));
    }
    let mut found = diff(&to.desired, &live, &to.ledger, Options::default());
    to.provider.settle(&mut found, &to.desired, &live);
    sort(&mut found.changes, to.provider.kinds());
    let document = compare(&found, &live, unknown, (from, reference(&to, &live)), to.provider.kinds());
    to.close().await;
    let text = match arguments.format {
        Format::Human => render::comparison(&document, paint(style), style.verbose),
        Format::Json => document.to_json(),
    };
    super::print(&text, style);
    Ok(if document.differences.is_empty() { exit::DONE } else { exit::CHANGES })
}
