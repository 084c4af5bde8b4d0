use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cli::catalog;
use crate::cli::common::Style;
use crate::cli::failure::Stop;
use crate::cli::rewrite::{Change, rewrite, unified};
use crate::cli::{complain, exit, print, report};
use crate::diagnostic::Source;
use crate::edit::{self, Language};
use crate::load::{self, Document, project};
use crate::model::{Address, Desired, Directives, Fields};
use crate::provider::{self, Provider};

/// What `fmt` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The catalog: a file or a folder. The project's own when left out
    #[arg(value_name = "CATALOG", conflicts_with = "catalog")]
    path: Option<PathBuf>,
    /// The catalog: a file or a folder
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Only list the files that would change, write nothing, and end with 2 if there are any
    #[arg(long)]
    check: bool,
}

/// Writes a catalog's files, and those of the project's overlays, in their canonical form.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let (path, overlays) = places(arguments.folder.as_deref(), given)?;
    let others: Vec<PathBuf> = overlays.iter().map(|(_, path)| path.clone()).collect();
    let load::Loaded { document, mut sink } = load::catalog_without(&path, &others);
    let provider = document
        .as_ref()
        .filter(|_| !sink.has_errors())
        .and_then(|document| load::provider(document, &provider::names(), &mut sink).and_then(provider::by_name));
    let (Some(document), Some(provider)) = (document, provider) else {
        return Err(Stop::Findings(sink.into_findings()));
    };
    let mut layers: Vec<Vec<Text>> = Vec::new();
    for (_, path) in overlays.iter().filter(|(of, _)| of == provider.name()) {
        let read = load::catalog(path);
        match read.document.filter(|_| !read.sink.has_errors()) {
            Some(document) => layers.push(texts(&document)),
            None => return Err(Stop::Findings(read.sink.into_findings())),
        }
    }
    let language = Language::new(provider.schema());
    let mut base = texts(&document);
    let mut code = exit::DONE;
    for text in base.iter_mut().chain(layers.iter_mut().flatten()) {
        match edit::format(&text.before, &language) {
            Ok(after) => text.after = after,
            Err(why) => {
                complain(&format!("error: {} stays as it is: {why}", text.path));
                code = exit::ERROR;
            }
        }
    }
    if !means_the_same(provider, &base, &[]) || !layers.iter().all(|layer| means_the_same(provider, &base, layer)) {
        return Err(Stop::new(exit::ERROR, "the files would mean something else, so nothing was written")
            .help("this is a mistake in Pricebook: please report it"));
    }
    let changes: Vec<Change<'_>> = base
        .iter()
        .chain(layers.iter().flatten())
        .filter(|text| text.before != text.after)
        .map(|text| Change { path: &text.path, before: &text.before, after: &text.after })
        .collect();
    let mut out = String::new();
    for change in &changes {
        out.push_str(&format!("{}\n", change.path));
        if style.verbose {
            out.push_str(&unified(change.path, change.before, change.after));
        }
    }
    if !arguments.check {
        rewrite(&changes).map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
    }
    report(&sink.into_findings(), style);
    print(&out, style);
    Ok(if code == exit::DONE && arguments.check && !changes.is_empty() { exit::CHANGES } else { code })
}

/// Where the catalog is, as given or as the project file says, and the overlays of the project's own: whose they are,
/// and where.
fn places(folder: Option<&Path>, given: Option<&Path>) -> Result<(PathBuf, Vec<(String, PathBuf)>), Stop> {
    let read = project::find(folder).map(|path| project::read(&path, &provider::names()));
    let catalog = match (given, &read) {
        (Some(given), _) => given.to_owned(),
        (None, None) => return Err(Stop::Findings(vec![project::missing(folder).help("or name a catalog")])),
        (None, Some(found)) => match catalog::of_project(found) {
            Some(path) => path,
            None => return Err(Stop::Findings(read.map(|read| read.sink.into_findings()).unwrap_or_default())),
        },
    };
    let own = given.is_none_or(|given| catalog::is_of_project(given, read.as_ref()));
    let mut overlays: Vec<(String, PathBuf)> = Vec::new();
    for (_, of, path) in catalog::overlays(read.as_ref().filter(|_| own)) {
        // Environments can share one.
        if !overlays.iter().any(|(_, known)| *known == path) {
            overlays.push((of, path));
        }
    }
    Ok((catalog, overlays))
}

/// A file before and after.
struct Text {
    path: String,
    before: String,
    after: String,
}

fn texts(document: &Document) -> Vec<Text> {
    let text = |source: &Arc<Source>| {
        let (path, text) = (source.path().to_owned(), source.text().to_owned());
        Text { path, after: text.clone(), before: text }
    };
    document.sources().iter().map(text).collect()
}

/// Whether the provider reads the same out of both. A catalog with mistakes in it can be formatted, too: then its
/// text alone was compared.
fn means_the_same(provider: &dyn Provider, base: &[Text], overlay: &[Text]) -> bool {
    let read = |side: fn(&Text) -> (&str, &str)| {
        let load::Loaded { document, mut sink } = load::texts(base.iter().map(side));
        let document = match overlay {
            [] => document?,
            _ => load::overlaid_texts(document?, overlay.iter().map(side), &provider.language(), &mut sink),
        };
        provider.read(&document, &mut sink).filter(|_| !sink.has_errors())
    };
    let Some(wanted) = read(|text| (&text.path, &text.before)) else { return true };
    read(|text| (&text.path, &text.after)).is_some_and(|found| essence(&found) == essence(&wanted))
}

/// Everything that the files say, without where they say it.
type Essence<'d> = (Vec<(&'d Address, &'d Fields, &'d Directives)>, Vec<(&'d str, &'d str)>);

fn essence(desired: &Desired) -> Essence<'_> {
    let objects =
        desired.objects.iter().map(|(address, object)| (address, &object.resource.fields, &object.directives));
    (objects.collect(), desired.absent.iter().map(|absence| (absence.collection, absence.key.as_str())).collect())
}
