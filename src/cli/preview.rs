use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::{complain, exit, show};
use crate::pipeline;
use crate::render;

/// What `preview` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A changeset that `plan --out` saved: the plans that it changes, and those of their groups. Without one, the whole
    /// pricing page
    #[arg(value_name = "FILE", conflicts_with_all = ["catalog", "env", "url", "api_version", "only", "except", "write_unreadable"])]
    file: Option<PathBuf>,
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    scope: Scope,
    /// Write the page into this file, instead of to stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Shows the pricing page before and after, as one HTML file. Sends nothing but reads.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    // Before anything is read: nobody wants to look at HTML in a terminal.
    if arguments.out.is_none() && std::io::stdout().is_terminal() {
        return Err(Stop::invalid("the preview is a page for a browser").help("say where it goes: --out preview.html"));
    }
    let page = match &arguments.file {
        Some(file) => render::preview(&show::read(file)?, None),
        None => {
            let mut session = Session::open(&arguments.scope, arguments.catalog.as_deref(), style).await?;
            let page = whole(&mut session).await;
            session.close().await;
            page?
        }
    };
    match &arguments.out {
        None => super::print(&page, style),
        Some(path) => write(path, &page, style)?,
    }
    Ok(exit::DONE)
}

/// All plans and add-ons, those that nothing changes in as well.
async fn whole(session: &mut Session) -> Result<String, Stop> {
    let live = session.observe_and_recover().await?;
    let planned = session.changeset(&live)?;
    let pages = pipeline::pages(session.provider, &session.desired, &live, &planned.changes);
    Ok(render::preview(&planned.document, Some(&pages)))
}

fn write(path: &Path, page: &str, style: &Style) -> Result<(), Stop> {
    let shown = path.display();
    std::fs::write(path, page).map_err(|why| Stop::new(exit::ERROR, format!("{shown} cannot be written: {why}")))?;
    if !style.quiet {
        complain(&format!("{shown}: open it in a browser"));
    }
    Ok(())
}
