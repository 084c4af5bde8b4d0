use std::path::PathBuf;

use clap::Args;

use crate::cli::common::Style;
use crate::cli::failure::Stop;
use crate::cli::rewrite::{Change, rewrite, unified};
use crate::cli::session;
use crate::cli::{complain, exit, print, report};
use crate::diagnostic::{Severity, Sink};
use crate::edit::{self, Language};
use crate::load::{self, Document};
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

/// Writes a catalog's files in their canonical form.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let path = session::catalog(arguments.folder.as_deref(), given)?;
    let load::Loaded { document, mut sink } = load::catalog(&path);
    let provider = document
        .as_ref()
        .filter(|_| !sink.has_errors())
        .and_then(|document| load::provider(document, &provider::names(), &mut sink).and_then(provider::by_name));
    let (Some(document), Some(provider)) = (document, provider) else {
        return Err(Stop::Findings(sink.into_findings()));
    };
    let language = Language::new(provider.schema());
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut code = exit::DONE;
    for source in document.sources() {
        let text = match edit::format(source.text(), &language) {
            Ok(text) => text,
            Err(why) => {
                complain(&format!("error: {} stays as it is: {why}", source.path()));
                code = exit::ERROR;
                source.text().to_owned()
            }
        };
        texts.push((source.path().to_owned(), text));
    }
    if !means_the_same(provider, &document, &texts) {
        return Err(Stop::new(exit::ERROR, "the files would mean something else, so nothing was written")
            .help("this is a mistake in Pricebook: please report it"));
    }
    let changes: Vec<Change<'_>> = document
        .sources()
        .iter()
        .zip(&texts)
        .filter(|(source, (_, text))| source.text() != text)
        .map(|(source, (path, text))| Change { path, before: source.text(), after: text })
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

/// Whether the provider reads the same out of both. A catalog with mistakes in it can be formatted, too: then its
/// text alone was compared.
fn means_the_same(provider: &dyn Provider, before: &Document, texts: &[(String, String)]) -> bool {
    let read = |document: &Document| {
        let mut sink = Sink::with_sources(document.sources());
        provider.read(document, &mut sink).filter(|_| sink.count(Severity::Error) == 0)
    };
    let Some(wanted) = read(before) else { return true };
    let loaded = load::texts(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let found = loaded.document.filter(|_| !loaded.sink.has_errors()).and_then(|document| read(&document));
    found.is_some_and(|found| essence(&found) == essence(&wanted))
}

/// Everything that the files say, without where they say it.
type Essence<'d> = (Vec<(&'d Address, &'d Fields, &'d Directives)>, Vec<(&'d str, &'d str)>);

fn essence(desired: &Desired) -> Essence<'_> {
    let objects =
        desired.objects.iter().map(|(address, object)| (address, &object.resource.fields, &object.directives));
    (objects.collect(), desired.absent.iter().map(|absence| (absence.collection, absence.key.as_str())).collect())
}
