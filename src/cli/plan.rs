use std::path::{Path, PathBuf};

use clap::Args;

use crate::changeset::Document;
use crate::cli::common::{Form, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::snapshot::Snapshot;
use crate::cli::{exit, impact, paint};
use crate::{host, render};

/// What `plan` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(value_name = "CATALOG", conflicts_with = "catalog")]
    path: Option<PathBuf>,
    /// The catalog: a file or a folder
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    impact: impact::Wanted,
    /// Save the changeset, to be shown and applied later
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write what the environment has now into a file, for `--snapshot`
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    save_snapshot: Option<PathBuf>,
    /// Plan against such a file instead of the API: without network and key
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "impact"])]
    snapshot: Option<PathBuf>,
    /// How to print the changeset
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
    /// End with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Shows what `apply` would do. Sends nothing but reads.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let catalog = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let mut session = match &arguments.snapshot {
        Some(path) => Session::open_recorded(&arguments.scope, catalog, &Snapshot::read(path)?, style).await?,
        None => Session::open(&arguments.scope, catalog, style).await?,
    };
    let outcome = plan(&mut session, arguments, style).await;
    session.close().await;
    outcome
}

async fn plan(session: &mut Session, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    if let Some(path) = &arguments.save_snapshot {
        Snapshot::take(session, path).await?;
    }
    let document = impact::planned(session, &arguments.impact).await?;
    if let Some(path) = &arguments.out {
        save(&document, path)?;
    }
    show(&document, arguments.format, style);
    Ok(if arguments.detailed_exitcode && document.has_changes() { exit::CHANGES } else { exit::DONE })
}

pub(crate) fn save(document: &Document, path: &Path) -> Result<(), Stop> {
    std::fs::write(path, document.to_json())
        .map_err(|why| Stop::new(exit::ERROR, format!("{} cannot be written: {why}", path.display())))
}

/// Prints a changeset: what `plan` prints and what `show` prints are the same bytes.
pub(crate) fn show(document: &Document, format: Form, style: &Style) {
    let text = match format {
        Form::Human => render::human(document, paint(style), style.verbose),
        Form::Json => document.to_json(),
        Form::Markdown => render::markdown(document, host::LONGEST),
        Form::Html => render::html(document),
    };
    super::print(&text, style);
}
