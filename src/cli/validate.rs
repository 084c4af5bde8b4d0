use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{exit, report, say};
use crate::diagnostic::{Finding, Severity, Sink, json};
use crate::load::{self, Document, project};
use crate::provider::{self, commet};

/// What `validate` takes.
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
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Checks everything that can be known without a network.
pub(crate) fn run(arguments: &Arguments) -> u8 {
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let checked = check(given, arguments.folder.as_deref());
    let valid = !checked.sink.has_errors();
    let warnings = checked.sink.count(Severity::Warning);
    let findings = checked.sink.into_findings();
    match arguments.format {
        Format::Json => say(&format!("{:#}", json(&findings))),
        Format::Human => {
            report(&findings);
            match (valid, &checked.catalog) {
                (true, Some(catalog)) => say(&summary(&checked.path, catalog, warnings)),
                _ => report_count(&findings),
            }
        }
    }
    if valid { exit::DONE } else { exit::INVALID }
}

/// A catalog that was read, with what was found on the way.
pub(crate) struct Checked {
    /// The catalog as the user typed it.
    pub(crate) path: PathBuf,
    pub(crate) catalog: Option<commet::catalog::Catalog>,
    pub(crate) sink: Sink,
}

/// Reads the catalog that was given, or the project's own.
pub(crate) fn check(given: Option<&Path>, folder: Option<&Path>) -> Checked {
    let mut sink = Sink::new();
    let found = project::find(folder);
    let path = match (given, &found) {
        (Some(path), _) => Some(path.to_owned()),
        (None, Some(_)) => None,
        (None, None) => {
            sink.push(project::missing(folder).help("or name the catalog: `pricebook validate PATH`"));
            return Checked { path: PathBuf::new(), catalog: None, sink };
        }
    };
    let mut of_project = None;
    if let Some(file) = found {
        let loaded = project::read(&file, provider::NAMES);
        // The catalog is checked even if another part of the project file is wrong.
        of_project = loaded
            .document
            .as_ref()
            .map(|document| document.get(&["catalog"]).and_then(load::Node::text).unwrap_or("catalog/"))
            .map(|catalog| loaded.folder.join(catalog));
        sink.append(loaded.sink);
    }
    let Some(path) = path.or(of_project) else { return Checked { path: PathBuf::new(), catalog: None, sink } };
    let loaded = load::catalog(&path);
    sink.append(loaded.sink);
    let catalog = loaded.document.and_then(|document| read(&document, &mut sink));
    Checked { path, catalog, sink }
}

fn read(document: &Document, sink: &mut Sink) -> Option<commet::catalog::Catalog> {
    match load::provider(document, provider::NAMES, sink)? {
        "commet" => commet::read(document, sink),
        _ => None,
    }
}

fn summary(path: &Path, catalog: &commet::catalog::Catalog, warnings: usize) -> String {
    let counts = [
        (catalog.plans.len(), "plan"),
        (catalog.features.len(), "feature"),
        (catalog.groups.len(), "group"),
        (catalog.addons.len(), "add-on"),
    ];
    let parts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| some(*count, what)).collect();
    let parts = if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") };
    let warnings = if warnings > 0 { format!(" ({})", some(warnings, "warning")) } else { String::new() };
    format!("{} is valid: {parts}{warnings}", path.display())
}

fn report_count(findings: &[Finding]) {
    use std::io::Write as _;
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let warnings = if warnings > 0 { format!(", {}", some(warnings, "warning")) } else { String::new() };
    let _ = writeln!(anstream::stderr(), "{}{warnings}", some(errors, "error"));
}

fn some(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
