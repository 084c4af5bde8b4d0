use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Format, Style};
use crate::cli::failure::Stop;
use crate::cli::session::{self, Files};
use crate::cli::{complain, exit, print, report};
use crate::diagnostic::{Finding, Severity, json};

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

/// Checks everything that can be known without a network.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> u8 {
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let (findings, summary) = match session::files(arguments.folder.as_deref(), given) {
        Ok(mut files) => (std::mem::take(&mut files.sink).into_findings(), Some(summary(&files))),
        Err(Stop::Findings(findings)) => (findings, None),
        Err(Stop::Error { exit, message, .. }) => {
            complain(&format!("error: {message}"));
            return exit;
        }
    };
    match (arguments.format, &summary) {
        (Format::Json, _) => print(&format!("{:#}\n", json(&findings)), style),
        (Format::Human, Some(summary)) => {
            report(&findings, style);
            let warnings = count(&findings, Severity::Warning);
            let warnings = if warnings > 0 { format!(" ({})", some(warnings, "warning")) } else { String::new() };
            print(&format!("{summary}{warnings}\n"), style);
        }
        (Format::Human, None) => {
            report(&findings, style);
            let (errors, warnings) = (count(&findings, Severity::Error), count(&findings, Severity::Warning));
            let warnings = if warnings > 0 { format!(", {}", some(warnings, "warning")) } else { String::new() };
            complain(&format!("{}{warnings}", some(errors, "error")));
        }
    }
    if summary.is_some() { exit::DONE } else { exit::INVALID }
}

/// `catalog/ is valid: 3 plans, 8 features, 2 plan groups`.
fn summary(files: &Files) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for object in files.desired.objects.values().filter(|object| object.resource.address.parent().is_none()) {
        *counts.entry(object.resource.kind.name).or_default() += 1;
    }
    let parts: Vec<String> =
        files.provider.kinds().iter().filter_map(|kind| Some(some(*counts.get(kind.name)?, kind.name))).collect();
    let parts = if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") };
    format!("{} is valid: {parts}", files.catalog.display())
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity() == severity).count()
}

fn some(count: usize, what: &str) -> String {
    let plural = if what.ends_with('x') { "es" } else { "s" };
    format!("{count} {what}{}", if count == 1 { "" } else { plural })
}
