//! From the command line to everything that a changeset is computed from: project, catalog, environment, key,
//! ledger, live state.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::changeset::{CatalogRef, EnvironmentRef, Limits, Mode};
use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::{exit, key};
use crate::diagnostic::Sink;
use crate::diff::{Options, Selection, leave_ignored};
use crate::http::{Limits as Timeouts, ReadApi, Target, Wait, Waiting, WriteApi};
use crate::ledger::{FileLedger, Ledger};
use crate::load::{self, project};
use crate::model::{Desired, Live};
use crate::pipeline::{self, Planned};
use crate::provider::{self, Destination, Provider};
use crate::sandbox;

/// A catalog that was read, and where it is to go.
pub(crate) struct Session {
    pub(crate) provider: &'static dyn Provider,
    pub(crate) desired: Desired,
    pub(crate) environment: EnvironmentRef,
    pub(crate) ledger_file: FileLedger,
    pub(crate) ledger: Ledger,
    pub(crate) warnings: Vec<String>,
    pub(crate) catalog: CatalogRef,
    key: SecretString,
    target: Target,
    limits: Limits,
    selection: Selection,
    options: Options,
    destination: Destination,
    /// The embedded server, while it is needed.
    embedded: Option<sandbox::Running>,
}

/// The files' part of a session, before anything is connected.
pub(crate) struct Files {
    pub(crate) project: Option<project::Loaded>,
    pub(crate) catalog: PathBuf,
    pub(crate) digest: String,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) desired: Desired,
    pub(crate) sink: Sink,
}

/// Reads the project file and the catalog. All findings of both come at once.
pub(crate) fn files(folder: Option<&Path>, given: Option<&Path>) -> Result<Files, Stop> {
    let mut sink = Sink::new();
    let mut loaded = None;
    match project::find(folder) {
        Some(path) => {
            let mut read = project::read(&path, &provider::names());
            sink.append(std::mem::take(&mut read.sink));
            loaded = Some(read);
        }
        None if given.is_none() || folder.is_some() => {
            sink.push(project::missing(folder).help("or name a catalog and a URL: --catalog PATH --url URL"));
            return Err(Stop::Findings(sink.into_findings()));
        }
        None => {}
    }
    let of_project = || loaded.as_ref().and_then(catalog_of);
    let Some(path) = given.map(Path::to_owned).or_else(of_project) else {
        return Err(Stop::Findings(sink.into_findings()));
    };
    let read = load::catalog(&path);
    sink.append(read.sink);
    let checked = read.document.and_then(|document| {
        let name = load::provider(&document, &provider::names(), &mut sink)?;
        let provider = provider::by_name(name)?;
        Some((provider, provider.read(&document, &mut sink)?, document.digest()))
    });
    match checked {
        Some((provider, desired, digest)) if !sink.has_errors() => {
            Ok(Files { project: loaded, catalog: path, digest, provider, desired, sink })
        }
        _ => Err(Stop::Findings(sink.into_findings())),
    }
}

/// Where the catalog of a project is, also if the rest of the project file has mistakes.
fn catalog_of(read: &project::Loaded) -> Option<PathBuf> {
    let catalog = read.document.as_ref()?.get(&["catalog"]).and_then(load::Node::text).unwrap_or("catalog/");
    Some(read.folder.join(catalog))
}

/// Where the catalog is: as given, or as the project file says.
pub(crate) fn catalog(folder: Option<&Path>, given: Option<&Path>) -> Result<PathBuf, Stop> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    let missing = || project::missing(folder).help("or name a catalog");
    let Some(path) = project::find(folder) else { return Err(Stop::Findings(vec![missing()])) };
    let read = project::read(&path, &provider::names());
    catalog_of(&read).ok_or_else(|| Stop::Findings(read.sink.into_findings()))
}

impl Session {
    /// Reads everything that is on this machine, and starts the embedded server where one is meant.
    pub(crate) async fn open(scope: &Scope, catalog: Option<&Path>, style: &Style) -> Result<Self, Stop> {
        let files = files(scope.folder.as_deref(), catalog)?;
        Self::of(files, scope, style).await
    }

    /// The same for files that were read.
    pub(crate) async fn of(files: Files, scope: &Scope, style: &Style) -> Result<Self, Stop> {
        super::report(&files.sink.into_findings(), style);
        let provider = files.provider;
        let chosen = Chosen::of(scope, files.project.as_ref(), provider)?;
        let version = api_version(scope, chosen.environment, provider)?;

        let root = files.project.as_ref().map_or_else(|| beside(&files.catalog), |read| read.folder.clone());
        let ledger_file = ledger_file(files.project.as_ref(), &root, &chosen.name)?;
        let (base, key, embedded) = match &chosen.url {
            project::Url::Sandbox(folder) => {
                let mut options = sandbox::Options::new(provider.name());
                options.data = Some(root.join(folder));
                options.livemode = Some(false);
                let running = sandbox::start(options).await.map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
                (running.base_url().to_owned(), SecretString::from(provider.sandbox_key()), Some(running))
            }
            project::Url::Http(url) => {
                let place = chosen.environment.and_then(|environment| environment.api_key.as_ref());
                let key = key::read(place, provider, &root)?;
                provider
                    .check_key(key.expose_secret())
                    .map_err(|why| Stop::new(exit::CREDENTIALS, why).help("check the key of this environment"))?;
                (url.clone(), key, None)
            }
        };

        let mut warnings = Vec::new();
        let url = chosen.url.to_string();
        let ledger = read_ledger(&ledger_file, provider, &url, &mut warnings)?;
        let target = Target {
            base,
            headers: provider.headers(key.expose_secret(), &version),
            limits: timeouts(chosen.environment),
            waiting: waiting(style.quiet),
            explain: provider.failure(),
        };
        let guards = files.project.as_ref().and_then(|read| read.project.as_ref()).map(|project| &project.guards);
        Ok(Self {
            destination: Destination {
                environment: chosen.name.clone(),
                organization: chosen.environment.and_then(|environment| environment.organization.clone()),
                stated: chosen.environment.is_some(),
                embedded: embedded.is_some(),
            },
            environment: EnvironmentRef {
                name: chosen.name,
                provider: provider.name().to_owned(),
                title: provider.title().to_owned(),
                api_version: version,
                url,
                mode: match (&embedded, chosen.environment.and_then(|environment| environment.mode)) {
                    (Some(_), _) => Some(Mode::Sandbox),
                    (None, mode) => mode.map(|mode| match mode {
                        project::Mode::Sandbox => Mode::Sandbox,
                        project::Mode::Live => Mode::Live,
                    }),
                },
            },
            catalog: CatalogRef {
                revision: super::git::revision(&files.catalog),
                path: files.catalog.display().to_string(),
                digest: format!("sha256:{}", files.digest),
                partial: None,
            },
            limits: Limits {
                increase: guards.and_then(|guards| guards.max_price_increase).map(|percent| percent.decimal()),
                decrease: guards.and_then(|guards| guards.max_price_decrease).map(|percent| percent.decimal()),
            },
            selection: Selection { only: scope.only.clone(), except: scope.except.clone() },
            options: Options { write_unreadable: scope.write_unreadable },
            provider,
            desired: files.desired,
            ledger_file,
            ledger,
            warnings,
            key,
            target,
            embedded,
        })
    }

    /// Reads the live state, with a client that can do nothing else.
    pub(crate) async fn observe(&mut self) -> Result<Live, Stop> {
        let api = ReadApi::new(&self.target).map_err(|why| Stop::new(exit::ERROR, why))?;
        self.provider.preflight(&api, &self.destination).await?;
        let live = self.provider.observe(&api, &self.desired, &self.ledger).await?;
        leave_ignored(&mut self.desired, &live, &self.ledger);
        Ok(live)
    }

    /// The organization that the credentials lead to, where an API has them.
    pub(crate) async fn organization(&self) -> Result<Option<String>, Stop> {
        let api = ReadApi::new(&self.target).map_err(|why| Stop::new(exit::ERROR, why))?;
        Ok(self.provider.organization(&api).await?)
    }

    /// Computes the changeset.
    pub(crate) fn changeset(&self, live: &Live) -> Result<Planned, Stop> {
        let request = pipeline::Request {
            desired: &self.desired,
            live,
            ledger: &self.ledger,
            environment: self.environment.clone(),
            key_livemode: self.provider.key_livemode(self.key.expose_secret()),
            catalog: self.catalog.clone(),
            limits: self.limits,
            selection: self.selection.clone(),
            options: self.options,
            warnings: self.warnings.clone(),
        };
        pipeline::changeset(self.provider, request).map_err(|ring| {
            Stop::new(exit::ERROR, ring.to_string()).help("this is a mistake in Pricebook: please report it")
        })
    }

    /// Whether real money moves, as the API or else the key says.
    pub(crate) fn livemode(&self, live: &Live) -> Option<bool> {
        live.livemode.or_else(|| self.provider.key_livemode(self.key.expose_secret()))
    }

    /// Whether only some addresses were chosen.
    pub(crate) fn is_partial(&self) -> bool {
        !self.selection.only.is_empty() || !self.selection.except.is_empty()
    }

    /// A client that can write. Waits are told to `waiting`.
    pub(crate) fn writer(&self, waiting: Waiting) -> Result<WriteApi, Stop> {
        let target = Target { waiting, ..self.target.clone() };
        WriteApi::new(&target).map_err(|why| Stop::new(exit::ERROR, why))
    }

    /// Ends the embedded server, if there is one; its data is on the disk then.
    pub(crate) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
    }
}

/// The environment that was chosen, by name or by URL.
struct Chosen<'p> {
    name: String,
    url: project::Url,
    environment: Option<&'p project::Environment>,
}

impl<'p> Chosen<'p> {
    fn of(scope: &Scope, read: Option<&'p project::Loaded>, provider: &dyn Provider) -> Result<Self, Stop> {
        let given = scope.url.as_deref().map(str::parse::<project::Url>).transpose().map_err(|why| {
            let words = why.split_once(": ").map_or(why.as_str(), |(_, words)| words);
            let (what, help) = words.split_once('\n').unwrap_or((words, ""));
            Stop::invalid(format!("--url: {what}")).help(help)
        })?;
        let named = match (&scope.env, read) {
            (Some(name), Some(read)) => {
                let Some(project) = &read.project else { return Err(Stop::invalid("pricebook.yaml is invalid")) };
                let environment = project
                    .environment(name, read.document.as_ref())
                    .map_err(|finding| Stop::Findings(vec![*finding]))?;
                Some((name.clone(), environment))
            }
            (Some(name), None) => {
                return Err(Stop::invalid(format!("there is no pricebook.yaml, so there is no environment `{name}`")));
            }
            (None, Some(read)) if given.is_none() => {
                let Some(project) = &read.project else { return Err(Stop::invalid("pricebook.yaml is invalid")) };
                let mut environments = project.environments.iter();
                match (environments.next(), environments.next()) {
                    (Some((name, environment)), None) => Some((name.clone(), environment)),
                    (None, _) => {
                        return Err(Stop::invalid("pricebook.yaml has no environments").help("add one, or give --url"));
                    }
                    _ => {
                        let names: Vec<&str> = project.environments.keys().map(String::as_str).collect();
                        return Err(Stop::invalid("which environment is meant?")
                            .help(format!("say --env with one of {}", names.join(", "))));
                    }
                }
            }
            _ => None,
        };
        if let Some((name, environment)) = &named
            && environment.provider != provider.name()
        {
            return Err(Stop::invalid(format!(
                "the catalog is for {}, but the environment {name} is {}",
                provider.name(),
                environment.provider
            )));
        }
        match (given, named) {
            (Some(url), Some((name, environment))) => Ok(Self { name, url, environment: Some(environment) }),
            (Some(url), None) => Ok(Self { name: host(&url), url, environment: None }),
            (None, Some((name, environment))) => {
                Ok(Self { name, url: environment.url.clone(), environment: Some(environment) })
            }
            (None, None) => Err(Stop::invalid("there is no pricebook.yaml, and no URL was given")
                .help("give --url URL, or make a project with `pricebook init`")),
        }
    }
}

/// `127.0.0.1:8787` of a URL: what an environment without a name is called.
fn host(url: &project::Url) -> String {
    match url {
        project::Url::Sandbox(folder) => folder.clone(),
        project::Url::Http(url) => {
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            rest.split('/').next().unwrap_or(rest).to_owned()
        }
    }
}

fn api_version(
    scope: &Scope,
    environment: Option<&project::Environment>,
    provider: &dyn Provider,
) -> Result<String, Stop> {
    let known = provider.api_versions();
    let version = scope
        .api_version
        .clone()
        .or_else(|| environment.and_then(|environment| environment.api_version.clone()))
        .unwrap_or_else(|| known[0].to_owned());
    if known.contains(&version.as_str()) {
        return Ok(version);
    }
    Err(Stop::invalid(format!("this Pricebook does not speak version {version} of {}", provider.title()))
        .help(format!("it speaks {}", known.join(", "))))
}

/// The folder that a catalog without a project stands in.
fn beside(catalog: &Path) -> PathBuf {
    catalog.parent().map_or_else(PathBuf::new, Path::to_owned)
}

fn ledger_file(read: Option<&project::Loaded>, root: &Path, name: &str) -> Result<FileLedger, Stop> {
    let place = read.and_then(|read| read.project.as_ref()).map(|project| &project.ledger);
    if let Some(other) = place.filter(|place| **place != project::Ledger::File) {
        return Err(Stop::invalid(format!("this Pricebook keeps ledgers in files only, not in {other}"))
            .help("write `ledger: file` into pricebook.yaml"));
    }
    Ok(ledger_in(root, name))
}

/// The ledger of an environment, in a file.
pub(crate) fn ledger_in(root: &Path, name: &str) -> FileLedger {
    let stem: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' }).collect();
    FileLedger::new(root.join(".pricebook").join(format!("{stem}.ledger.json")))
}

fn read_ledger(
    file: &FileLedger,
    provider: &dyn Provider,
    url: &str,
    warnings: &mut Vec<String>,
) -> Result<Ledger, Stop> {
    let target = format!("{} {url}", provider.name());
    let found = file.load().map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
    Ok(match found {
        Some(ledger) if ledger.target == target => ledger,
        Some(ledger) => {
            warnings.push(format!(
                "the ledger {} is of another target ({}), so nothing in it is used: objects are found by their keys",
                file.path().display(),
                ledger.target
            ));
            Ledger::new(&target)
        }
        None => Ledger::new(&target),
    })
}

fn timeouts(environment: Option<&project::Environment>) -> Timeouts {
    let mut limits = Timeouts::default();
    if let Some(environment) = environment {
        limits.connect = Duration::from_secs(environment.timeouts.connect.into());
        limits.request = Duration::from_secs(environment.timeouts.request.into());
        limits.budget = Duration::from_secs(environment.timeouts.retry_budget.into());
    }
    // For tests, and for people who know their API: the first pause between attempts.
    if let Some(pause) = std::env::var("PRICEBOOK_RETRY_PAUSE_MS").ok().and_then(|text| text.parse().ok()) {
        limits.pause = Duration::from_millis(pause);
    }
    limits
}

/// Says on stderr that a request waits, and why.
fn waiting(quiet: bool) -> Waiting {
    Arc::new(move |wait: &Wait| {
        if !quiet {
            super::complain(&super::wait_line(wait));
        }
    })
}
