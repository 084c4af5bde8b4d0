use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::changeset::{Basis, drift};
use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::{Access, Files, Session};
use crate::cli::{catalog, complain, environments, exit, paint};
use crate::diagnostic::Sink;
use crate::diff::diff;
use crate::render;

/// What `drift` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    target: environments::Target,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// In which form to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs: always one document
    Json,
    /// For a comment, an issue or a chat
    Markdown,
}

/// Shows what changed outside. Sends nothing but reads; ends with 2 when there is something.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let scope: Scope = arguments.target.scope();
    let files = catalog::files(scope.folder.as_deref(), arguments.catalog.as_deref(), catalog::Meant::of(&scope))?;
    // What could be better in the files is for `validate` to say.
    let mut session = Session::of(Files { sink: Sink::new(), ..files }, &scope, Access::Read, style).await?;
    let outcome = look(&mut session, arguments, style).await;
    session.close().await;
    outcome
}

async fn look(session: &mut Session, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    for warning in session.warnings.iter().filter(|_| !style.quiet) {
        complain(&format!("warning: {warning}"));
    }
    let live = session.observe_and_recover().await?;
    environments::check_mode(session, &live)?;
    let mut found = diff(&session.desired, &live, &session.ledger, crate::diff::Options::default());
    session.provider.settle(&mut found, &session.desired, &live);
    crate::diff::sort(&mut found.changes, session.provider.kinds());
    let environment = environments::reference(session, &live);
    let document = drift(&found, &session.desired, &live, &session.ledger, environment, session.catalog.clone());
    if document.compared_with == Basis::Files && !style.quiet {
        complain(&format!(
            "note: there is no ledger for {} yet: the live state can be compared with the files only",
            document.environment.name
        ));
    }
    let none = document.drifted.is_empty();
    match arguments.format {
        Format::Json => super::print(&document.to_json(), style),
        Format::Human | Format::Markdown if none => {}
        Format::Human => super::print(&render::drift(&document, paint(style)), style),
        Format::Markdown => super::print(&render::drift_markdown(&document), style),
    }
    if none && !style.quiet {
        complain(&format!("No drift in {}", document.environment.name));
    }
    Ok(if none { exit::DONE } else { exit::CHANGES })
}
