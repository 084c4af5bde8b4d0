//! `ledger`: what Pricebook remembers about an environment, and who has its lock.

mod forget;
mod show;
mod unlock;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::chosen::Chosen;
use crate::cli::common::{Format, Scope, Style};
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::cli::session::beside;
use crate::cli::store::Shelf;
use crate::ledger::{Contents, Found, Ledger, Place};
use crate::load::project;
use crate::model::Address;
use crate::provider;

/// What `ledger` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what is remembered, and who has the lock
    #[command(after_help = exit::HELP)]
    Show {
        #[command(flatten)]
        of: Of,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Free the lock of a run that is dead
    #[command(after_help = exit::HELP)]
    Unlock {
        /// The lock's id, as `apply` and `ledger show` print it
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Stop managing objects, without touching them in the API
    #[command(after_help = exit::HELP)]
    Forget {
        /// The objects, with all that is inside of them: plans.pro
        #[arg(value_name = "ADDRESS", required = true)]
        addresses: Vec<Address>,
        #[command(flatten)]
        of: Of,
    },
}

/// Which ledger.
#[derive(Debug, Args)]
struct Of {
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The environment, by its name in pricebook.yaml
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// The base URL of the API, where there is no pricebook.yaml
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The catalog, where there is no pricebook.yaml: the ledger is beside it
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
}

/// A ledger's place and what belongs to it.
struct Opened {
    shelf: Shelf,
    place: Place,
}

impl Of {
    async fn open(&self) -> Result<Opened, Stop> {
        let loaded = project::find(self.folder.as_deref()).map(|path| project::read(&path, &provider::names()));
        if let Some(read) = &loaded
            && read.sink.has_errors()
        {
            return Err(Stop::Findings(loaded.map(|read| read.sink.into_findings()).unwrap_or_default()));
        }
        if loaded.is_none() && (self.url.is_none() || self.catalog.is_none() || self.folder.is_some()) {
            let missing = project::missing(self.folder.as_deref());
            return Err(Stop::Findings(vec![missing.help("or name a catalog and a URL: --catalog PATH --url URL")]));
        }
        let scope = Scope {
            folder: self.folder.clone(),
            env: self.env.clone(),
            url: self.url.clone(),
            api_version: None,
            only: Vec::new(),
            except: Vec::new(),
            write_unreadable: false,
        };
        let chosen = Chosen::of(&scope, loaded.as_ref(), None)?;
        let catalog = self.catalog.clone().unwrap_or_default();
        let root = loaded.as_ref().map_or_else(|| beside(&catalog), |read| read.folder.clone());
        let shelf = Shelf::new(&root, &chosen, self.folder.as_deref(), &catalog);
        let place = shelf.place(loaded.as_ref().and_then(project::Loaded::ledger), &root).await?;
        Ok(Opened { shelf, place })
    }
}

/// A ledger and a lock as they were found.
fn decoded(place: &Place, contents: &Contents) -> Result<(Option<Ledger>, Option<Found>), Stop> {
    let ledger = contents.ledger.as_deref().map(|bytes| Ledger::read(bytes, &place.name())).transpose();
    let lock = contents.lock.as_deref().map(Found::read);
    Ok((ledger.map_err(|why| Stop::new(exit::ERROR, why.to_string()))?, lock))
}

/// Runs one of the three.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    match &arguments.command {
        Command::Show { of, format } => show::run(&of.open().await?, *format, style).await,
        Command::Unlock { id, of } => unlock::run(&of.open().await?, id, style).await,
        Command::Forget { addresses, of } => forget::run(of.open().await?, addresses, style).await,
    }
}
