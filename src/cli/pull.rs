mod summary;

use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::changeset::Mode;
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::fresh::Fresh;
use crate::cli::session::{Access, Files as Read, Session, Texts};
use crate::cli::store::Shelf;
use crate::cli::{environments, exit, init, print, pull_in_place};
use crate::diagnostic::{Code, Sink};
use crate::edit::{self, Map, Tree};
use crate::ledger::{Ledger, Place as Kept};
use crate::load::{self, project, schema};
use crate::model::{Desired, Live};
use crate::provider::{self, Provider};
use crate::pull::{self, Pulled, Shape};

use summary::Summary;

/// What `pull` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of the project; it is made where there is none
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The environment, by its name in pricebook.yaml; in a new project, the name to give it
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// The base URL of the API, instead of the environment's
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The version of the API, instead of the environment's
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
    /// Whose API it is, where no environment says it; commet when left out
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The catalog: a file or a folder that is there
    #[arg(long, value_name = "PATH", conflicts_with = "split")]
    catalog: Option<PathBuf>,
    /// Only these addresses of a catalog that is there: plans.pro, plans.*.prices
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// Show how the files of a catalog that is there would change, write nothing, and end with 2 if they would
    #[arg(long)]
    check: bool,
    /// Write a folder with a file for each kind of object and one for each plan, instead of one file
    #[arg(long)]
    split: bool,
    /// How to print what was written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Writes what is live into a new catalog, or edits the one that is there, and remembers it as managed. Sends nothing
/// but reads.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    if arguments.catalog.is_some() || has_catalog(arguments) {
        return into_existing(arguments, style).await;
    }
    if arguments.check || !arguments.only.is_empty() {
        return Err(Stop::invalid("--check and --only are for a catalog that is there, and there is none"));
    }
    let place = Place::find(arguments)?;
    let Place { root, project, provider, catalog, .. } = &place;
    let files = Read {
        project: project.as_ref().map(|(path, _)| project::read(path, &provider::names())),
        catalog: root.join(catalog.path()),
        overlay: None,
        texts: Texts::default(),
        digest: String::new(),
        provider: *provider,
        // There is no file yet that could say what is asked for.
        desired: Desired { whole: true, ..Desired::default() },
        price_changes: None,
        sink: Sink::new(),
    };
    let scope = Scope {
        folder: arguments.folder.clone(),
        // A new project has no environments yet: there it is a name to give.
        env: arguments.env.clone().filter(|_| project.is_some()),
        url: arguments.url.clone(),
        api_version: arguments.api_version.clone(),
        only: Vec::new(),
        except: Vec::new(),
        write_unreadable: false,
    };
    // The ledger of a new project has another name, and nobody else knows it.
    let access = if project.is_some() { Access::Write("pull") } else { Access::Read };
    let mut session = Session::of(files, &scope, access, style).await?;
    let outcome = pull(&mut session, &place, arguments, style).await;
    session.close().await;
    outcome
}

async fn pull(session: &mut Session, place: &Place, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let live = session.observe_and_recover().await?;
    environments::check_mode(session, &live)?;
    let pulled = pull::pull(session.provider, &live, &session.ledger).map_err(|why| {
        Stop::new(exit::ERROR, why.to_string()).help("this is a mistake in Pricebook: please report it")
    })?;
    let environment = Environment::of(session, &live, place, arguments);
    let shelf = match place.project {
        Some(_) => None,
        None => Some(shelf(place, &environment, arguments).await?),
    };
    let Files { new: files, kept } = place.files(&pulled, &environment);
    let fresh = Fresh::write(&files).map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
    // What is remembered from here on is what the files say, not what a run did.
    let ledger = Ledger { run: None, ..pulled.ledger.clone() };
    let kept_in = match save(session, shelf, &ledger).await {
        Ok(name) => name,
        Err(stop) => {
            fresh.take_back();
            return Err(stop.and("nothing was written"));
        }
    };
    let mut paths: Vec<String> = files.iter().map(|(path, _)| shown(&place.root, path)).collect();
    paths.push(shown(&place.root, Path::new(&kept_in)));
    let summary = Summary {
        provider: session.provider.name(),
        environment,
        counts: pull::counts(&pulled.written).into_iter().filter(|(_, count)| *count > 0).collect(),
        files: paths,
        kept,
        unseen: &pulled.unseen,
        left_out: &pulled.left_out,
        remarks: &pulled.remarks,
    };
    let text = match arguments.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&summary).unwrap_or_default()),
        Format::Human => summary::human(&summary, session.provider, place),
    };
    print(&text, style);
    Ok(exit::DONE)
}

/// Where the catalog goes.
#[derive(Debug)]
enum Catalog {
    /// One file of this name.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
}

impl Catalog {
    fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Folder(path) => path,
        }
    }
}

/// What is to be written.
struct Files {
    new: Vec<(PathBuf, String)>,
    /// Names of files that are there already and stay as they are.
    kept: Vec<String>,
}

/// What is there already, and so what is to be written.
struct Place {
    root: PathBuf,
    /// pricebook.yaml, and how many environments it has.
    project: Option<(PathBuf, usize)>,
    provider: &'static dyn Provider,
    /// Below the root.
    catalog: Catalog,
    split: bool,
}

impl Place {
    fn find(arguments: &Arguments) -> Result<Self, Stop> {
        let given = arguments.provider.as_deref().map(named).transpose()?;
        let Some(path) = project::find(arguments.folder.as_deref()) else {
            let root = arguments.folder.clone().unwrap_or_default();
            if arguments.url.is_none() {
                return Err(Stop::invalid("there is no pricebook.yaml, and no URL was given").help(
                    "say where the API is with --url URL, and whose it is with --provider NAME; `pull` makes the project",
                ));
            }
            let catalog =
                if arguments.split { Catalog::Folder("catalog".into()) } else { Catalog::File("catalog.yaml".into()) };
            let provider = given.map_or_else(|| named("commet"), Ok)?;
            let place = Self { root, project: None, provider, catalog, split: arguments.split };
            place.is_free()?;
            return Ok(place);
        };
        let mut read = project::read(&path, &provider::names());
        let Some(project) = read.project.take() else { return Err(Stop::Findings(read.sink.into_findings())) };
        let environment = match (&arguments.env, project.environments.len()) {
            (Some(name), _) => Some(
                project.environment(name, read.document.as_ref()).map_err(|finding| Stop::Findings(vec![*finding]))?,
            ),
            (None, 1) => project.environments.values().next(),
            _ => None,
        };
        let provider = match (given, environment) {
            (Some(given), _) => given,
            (None, Some(environment)) => named(&environment.provider)?,
            (None, None) => named("commet")?,
        };
        let is_file = [".yaml", ".yml"].iter().any(|ending| project.catalog.ends_with(ending));
        let whole = read.folder.join(&project.catalog);
        let catalog = if whole.is_dir() || !is_file && !whole.is_file() {
            Catalog::Folder(project.catalog.into())
        } else {
            Catalog::File(project.catalog.into())
        };
        if let (true, Catalog::File(path)) = (arguments.split, &catalog) {
            return Err(Stop::invalid(format!(
                "--split writes a folder, but the catalog is the file {}",
                path.display()
            ))
            .help("write `catalog: catalog/` into pricebook.yaml"));
        }
        let place = Self {
            root: read.folder,
            project: Some((path, project.environments.len())),
            provider,
            catalog,
            split: arguments.split,
        };
        place.is_free()?;
        Ok(place)
    }

    /// Whether nothing is where the catalog goes.
    fn is_free(&self) -> Result<(), Stop> {
        let path = self.root.join(self.catalog.path());
        let is_empty = match &self.catalog {
            Catalog::File(_) => !path.exists(),
            Catalog::Folder(_) if !path.exists() => true,
            Catalog::Folder(_) => {
                let findings = load::catalog(&path).sink.into_findings();
                findings.iter().any(|finding| finding.code == Code::NoFiles)
            }
        };
        if is_empty { Ok(()) } else { Err(taken(&path)) }
    }

    /// The files of the catalog and, in a new project, of the project.
    fn files(&self, pulled: &Pulled, environment: &Environment) -> Files {
        let provider = self.provider;
        let (folder, name) = match &self.catalog {
            Catalog::Folder(path) => (path.clone(), "catalog.yaml"),
            Catalog::File(path) => (
                path.parent().map(Path::to_owned).unwrap_or_default(),
                path.file_name().and_then(|name| name.to_str()).unwrap_or("catalog.yaml"),
            ),
        };
        let schemas = up(&folder).map(|up| format!("{up}schemas/"));
        let shape = Shape { split: self.split, name, schemas: schemas.as_deref() };
        let mut files: Vec<(PathBuf, String)> = pull::files(provider, &pulled.written, shape)
            .into_iter()
            .map(|file| (self.root.join(&folder).join(file.path), file.text))
            .collect();
        let mut kept = Vec::new();
        let mut more = |name: String, text: String| {
            let path = self.root.join(&name);
            if path.exists() { kept.push(name) } else { files.push((path, text)) }
        };
        if self.project.is_none() {
            more(project::FILE_NAME.into(), environment.project(&self.catalog));
            more(".gitignore".into(), init::GITIGNORE.into());
            let of_project = schema::of::<project::Project>("Pricebook project file");
            more("schemas/pricebook.schema.json".into(), format!("{of_project:#}\n"));
        }
        if schemas.is_some() {
            more(format!("schemas/{}.schema.json", provider.name()), format!("{:#}\n", provider.schema()));
        }
        Files { new: files, kept }
    }
}

fn named(name: &str) -> Result<&'static dyn Provider, Stop> {
    provider::by_name(name).ok_or_else(|| {
        Stop::invalid(format!("there is no provider `{name}`"))
            .help(format!("the providers are {}", provider::names().join(", ")))
    })
}

/// Whether the project has a catalog with files in it.
fn has_catalog(arguments: &Arguments) -> bool {
    let Some(path) = project::find(arguments.folder.as_deref()) else { return false };
    let read = project::read(&path, &provider::names());
    let Some(project) = &read.project else { return false };
    let catalog = read.folder.join(&project.catalog);
    if !catalog.is_dir() {
        return catalog.exists();
    }
    !load::catalog(&catalog).sink.into_findings().iter().any(|finding| finding.code == Code::NoFiles)
}

/// Pulling into files that are there: edits in place.
async fn into_existing(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let scope = Scope {
        folder: arguments.folder.clone(),
        env: arguments.env.clone(),
        url: arguments.url.clone(),
        api_version: arguments.api_version.clone(),
        only: arguments.only.clone(),
        except: Vec::new(),
        write_unreadable: false,
    };
    if arguments.split {
        return Err(Stop::invalid("--split is for a new catalog, and there is one").help("leave it out"));
    }
    let request = pull_in_place::Request {
        scope: &scope,
        catalog: arguments.catalog.as_deref(),
        check: arguments.check,
        format: arguments.format,
    };
    pull_in_place::run(&request, style).await
}

/// A file that is there and belongs to no project.
fn taken(path: &Path) -> Stop {
    Stop::invalid(format!("{} is there already; nothing was written", path.display()))
        .help("to edit it in place, name it: --catalog PATH")
}

/// The way from a folder below the root up to it: `../` for each step. None for a path that leads elsewhere.
fn up(folder: &Path) -> Option<String> {
    folder
        .components()
        .map(|part| match part {
            Component::Normal(_) => Some("../"),
            Component::CurDir => Some(""),
            _ => None,
        })
        .collect()
}

/// Where the ledger of a new project goes.
async fn shelf(place: &Place, environment: &Environment, arguments: &Arguments) -> Result<(Shelf, Kept), Stop> {
    let shelf = Shelf::of_new(&place.root, &environment.name, arguments.folder.as_deref());
    let kept = shelf.place(None, &place.root).await?;
    if kept.read().await?.contents.ledger.is_some() {
        return Err(Stop::invalid(format!("{} is there already; nothing was written", kept.name())).help(
            "it belongs to another catalog: move it away, or give the environment another name with --env NAME",
        ));
    }
    Ok((shelf, kept))
}

/// Writes the ledger under its lock, and says where.
async fn save(session: &Session, shelf: Option<(Shelf, Kept)>, ledger: &Ledger) -> Result<String, Stop> {
    let Some((shelf, kept)) = shelf else {
        session.record(ledger).await?;
        return Ok(session.lock.as_ref().map(|lock| lock.place().name()).unwrap_or_default());
    };
    let (lock, _) = shelf.take(kept, "pull").await?;
    let name = lock.place().name();
    let saved = lock.record(ledger).await;
    lock.release().await;
    saved.map(|()| name)
}

/// What was pulled from.
#[derive(Debug, Serialize)]
struct Environment {
    name: String,
    url: String,
    api_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    #[serde(skip)]
    provider: &'static str,
    #[serde(skip)]
    key_variable: &'static str,
}

impl Environment {
    fn of(session: &Session, live: &Live, place: &Place, arguments: &Arguments) -> Self {
        let found = &session.environment;
        let says = session.livemode(live).map(|live| if live { Mode::Live } else { Mode::Sandbox });
        let mode = found.mode.or(says);
        let own = match (&arguments.env, mode) {
            (Some(name), _) => name.clone(),
            (None, Some(Mode::Live)) => "live".into(),
            (None, Some(Mode::Sandbox)) => "sandbox".into(),
            (None, None) => "main".into(),
        };
        let embedded = found.url.starts_with("sandbox:");
        let new = place.project.is_none();
        Self {
            name: if new { own } else { found.name.clone() },
            url: found.url.clone(),
            api_version: found.api_version.clone(),
            mode,
            organization: live.organization.clone().filter(|_| new && !embedded),
            provider: session.provider.name(),
            key_variable: session.provider.key_variable(),
        }
    }

    /// pricebook.yaml.
    fn project(&self, catalog: &Catalog) -> String {
        let mut environment = Map::block();
        environment.put("provider", Tree::text(self.provider));
        environment.put("url", Tree::text(&self.url));
        // The embedded server needs no more.
        if !self.url.starts_with("sandbox:") {
            environment.put("api_version", Tree::text(&self.api_version));
            environment.put_at(&["api_key", "env"], Tree::text(self.key_variable));
            if let Some(mode) = self.mode {
                environment.put("mode", Tree::text(if mode == Mode::Live { "live" } else { "sandbox" }));
            }
            if let Some(organization) = &self.organization {
                environment.put("organization", Tree::text(organization));
            }
        }
        let mut root = Map::block();
        root.put(
            "catalog",
            Tree::text(match catalog {
                Catalog::File(path) => path.display().to_string(),
                Catalog::Folder(path) => format!("{}/", path.display()),
            }),
        );
        let mut environments = Map::block();
        environments.put(&self.name, environment);
        root.put("environments", environments);
        format!("# yaml-language-server: $schema=schemas/pricebook.schema.json\n{}", edit::document(&root))
    }
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
