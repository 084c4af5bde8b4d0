//! The project file, the catalog and an environment's overlay: read together, so that all findings come at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::cli::common::Scope;
use crate::cli::failure::Stop;
use crate::cli::progress::Shown;
use crate::cli::session::{Files, Texts};
use crate::diagnostic::{Sink, Source};
use crate::edit::File;
use crate::lint::{Allowed, Subject, lint};
use crate::load::{self, project};
use crate::model::Desired;
use crate::provider::{self, Provider};

/// Whose overlay is laid over the catalog.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Overlay<'a> {
    /// Nobody's: the catalog alone.
    None,
    /// That of the environment with this name.
    Of(&'a str),
}

/// What a catalog is read for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meant<'a> {
    /// Whose overlay; without a word, that of the only environment.
    pub(crate) overlay: Option<Overlay<'a>>,
    /// The version of the API; without a word, that of the environment.
    pub(crate) version: Option<&'a str>,
    /// Whether it is to go somewhere: then a version is meant in any case.
    pub(crate) bound: bool,
}

impl<'a> Meant<'a> {
    /// What the command line names.
    pub(crate) fn of(scope: &'a Scope) -> Self {
        let overlay = scope.env.as_deref().map(Overlay::Of).or_else(|| scope.url.as_deref().map(|_| Overlay::None));
        Self { overlay, version: scope.api_version.as_deref(), bound: true }
    }

    /// An environment, by its name.
    pub(crate) fn environment(name: &'a str) -> Self {
        Self { overlay: Some(Overlay::Of(name)), version: None, bound: true }
    }

    /// The provider in the version that is meant.
    fn provider(self, provider: &'static dyn Provider, read: Option<&project::Loaded>) -> &'static dyn Provider {
        let of_environment = || {
            let (project, name) = (read?.project.as_ref()?, chosen(read, self.overlay)?);
            project.environments.get(name)?.api_version.as_deref()
        };
        let named = self.version.or_else(of_environment);
        let version = named.or_else(|| self.bound.then(|| provider.api_versions()[0]));
        // A version that nobody speaks is said where it is connected to.
        version.and_then(|version| provider.at(version)).unwrap_or(provider)
    }
}

/// Reads everything.
pub(crate) fn files(folder: Option<&Path>, given: Option<&Path>, wanted: Meant<'_>) -> Result<Files, Stop> {
    read(folder, given, wanted, false)
}

/// The same, and looks for pricing smells. What is said of comments that allow nothing may be wrong about comments of the
/// catalog when an overlay lies over it.
pub(crate) fn linted(folder: Option<&Path>, given: Option<&Path>, wanted: Meant<'_>) -> Result<Files, Stop> {
    read(folder, given, wanted, true)
}

fn read(folder: Option<&Path>, given: Option<&Path>, wanted: Meant<'_>, smells: bool) -> Result<Files, Stop> {
    let _shown = Shown::patient(|| "reading the files".to_owned());
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
    let of_project = || loaded.as_ref().and_then(of_project);
    let Some(path) = given.map(Path::to_owned).or_else(of_project) else {
        return Err(Stop::Findings(sink.into_findings()));
    };
    let overlays = overlays(loaded.as_ref());
    let others: Vec<PathBuf> = overlays.iter().map(|(_, _, path)| path.clone()).collect();
    let mut read = load::catalog_without(&path, &others);
    let checked = read.document.take().and_then(|document| {
        let name = load::provider(&document, &provider::names(), &mut read.sink)?;
        let provider = wanted.provider(provider::by_name(name)?, loaded.as_ref());
        let meant = chosen(loaded.as_ref(), wanted.overlay);
        let found = overlays.into_iter().find(|(env, of, _)| Some(env.as_str()) == meant && of == name);
        let patch = found.map(|(_, _, path)| path);
        let base = document.sources().len();
        let document = match &patch {
            Some(patch) => load::overlaid(document, patch, &provider.language(), &mut read.sink),
            None => document,
        };
        let word = document.get(&["price_changes"]).and_then(load::Node::text).map(str::to_owned);
        let settings = loaded.as_ref().and_then(|read| read.project.as_ref()).map(|project| &project.lint);
        let allowed = settings.map(project::Lint::allowed).unwrap_or_default();
        let mut allowed = Allowed::read(document.sources(), allowed, &mut read.sink);
        let desired = provider.read(&document, &mut read.sink);
        if let Some(desired) = desired.as_ref().filter(|_| smells) {
            smell(provider, desired, &document, settings, &mut read.sink);
        }
        allowed.silence(&mut read.sink);
        let desired = desired?;
        if smells {
            allowed.unused().for_each(|finding| read.sink.push(finding));
        }
        let (catalog, overlay) = document.sources().split_at(base);
        let texts = Texts { catalog: catalog.to_vec(), overlay: overlay.to_vec() };
        Some((provider, desired, document.digest(), patch, word, texts))
    });
    sink.append(read.sink);
    match checked {
        Some((provider, desired, digest, overlay, price_changes, texts)) if !sink.has_errors() => {
            Ok(Files { project: loaded, catalog: path, overlay, texts, digest, provider, desired, price_changes, sink })
        }
        _ => Err(Stop::Findings(sink.into_findings())),
    }
}

/// How far a price may be from the exchange rate when the project says nothing, in percent.
const TOLERANCE: Decimal = Decimal::from_parts(25, 0, 0, false, 0);

fn smell(
    provider: &dyn Provider,
    desired: &Desired,
    document: &load::Document,
    settings: Option<&project::Lint>,
    sink: &mut Sink,
) {
    let objects = desired.objects.iter().map(|(address, object)| (address, &object.resource)).collect();
    let mut page = provider.page(&objects, None);
    page.tidy();
    let tolerance = settings.and_then(|settings| settings.exchange_rate_tolerance);
    let tolerance = tolerance.map_or(TOLERANCE, |percent| percent.decimal());
    lint(&Subject { page: &page, desired, document, tolerance }, sink);
}

/// Where the catalog of a project is, also if the rest of the project file has mistakes.
pub(crate) fn of_project(read: &project::Loaded) -> Option<PathBuf> {
    let catalog = read.document.as_ref()?.get(&["catalog"]).and_then(load::Node::text).unwrap_or("catalog/");
    Some(read.folder.join(catalog))
}

/// The files of an overlay.
pub(crate) fn texts_of(path: &Path) -> Result<Vec<File>, Stop> {
    let read = load::catalog(path);
    match read.document.filter(|_| !read.sink.has_errors()) {
        Some(document) => Ok(texts(document.sources())),
        None => Err(Stop::Findings(read.sink.into_findings())),
    }
}

/// Files to be edited.
pub(crate) fn texts(sources: &[Arc<Source>]) -> Vec<File> {
    let file = |source: &Arc<Source>| File { name: source.path().to_string(), text: source.text().to_owned() };
    sources.iter().map(file).collect()
}

/// Environments with an overlay: their names, their providers, and where the overlay is.
pub(crate) fn overlays(read: Option<&project::Loaded>) -> Vec<(String, String, PathBuf)> {
    let Some((read, project)) = read.and_then(|read| Some((read, read.project.as_ref()?))) else { return Vec::new() };
    let environments = project.environments.iter();
    let overlay = |(name, environment): (&String, &project::Environment)| {
        let path = environment.overlay.as_ref()?;
        Some((name.clone(), environment.provider.clone(), read.folder.join(path)))
    };
    environments.filter_map(overlay).collect()
}

/// Whether a path is that of the project's own catalog.
pub(crate) fn is_of_project(given: &Path, read: Option<&project::Loaded>) -> bool {
    let Some((read, project)) = read.and_then(|read| Some((read, read.project.as_ref()?))) else { return false };
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(given).is_some_and(|given| real(&read.folder.join(&project.catalog)) == Some(given))
}

/// The name of the environment whose overlay is meant.
fn chosen<'a>(read: Option<&'a project::Loaded>, overlay: Option<Overlay<'a>>) -> Option<&'a str> {
    match overlay {
        Some(Overlay::Of(name)) => Some(name),
        Some(Overlay::None) => None,
        None => {
            let mut names = read?.project.as_ref()?.environments.keys();
            names.next().filter(|_| names.next().is_none()).map(String::as_str)
        }
    }
}
