use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::catalog::{self, Meant, Overlay};
use crate::cli::common::Style;
use crate::cli::failure::Stop;
use crate::cli::session::Files;
use crate::cli::target::unspoken;
use crate::cli::{annotate, complain, exit, print, report};
use crate::diagnostic::{self, Code, Finding, Severity, Sink};
use crate::load::project;
use crate::provider;

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
    /// Only for this environment: its overlay, its version of the API. Left out: the catalog alone, and for every one
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// Also look for pricing smells: PB-L01 and so on
    #[arg(long)]
    lint: bool,
    /// End with 3 when there are warnings
    #[arg(long)]
    deny_warnings: bool,
    /// The version of the API, instead of the environments'
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// In which form to print findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// GitHub workflow commands: annotations on the changed lines
    Github,
    /// A GitLab Code Quality report
    Gitlab,
    /// A SARIF 2.1.0 log
    Sarif,
}

/// Checks everything that can be known without a network.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> u8 {
    let (findings, summary) = match check(arguments) {
        Ok(outcome) => outcome,
        Err(Stop::Findings(findings)) => (findings, None),
        Err(Stop::Error { exit, message, help }) if arguments.format == Format::Github => {
            print(&annotate::error(&message, help.as_deref()), style);
            return exit;
        }
        Err(Stop::Error { exit, message, help }) => {
            complain(&format!("error: {message}"));
            help.into_iter().for_each(|help| complain(&format!("help: {help}")));
            return exit;
        }
    };
    let words = match &summary {
        Some(summary) => {
            let warnings = count(&findings, Severity::Warning);
            let warnings = if warnings > 0 { format!(" ({})", some(warnings, "warning")) } else { String::new() };
            format!("{summary}{warnings}")
        }
        None => {
            let (errors, warnings) = (count(&findings, Severity::Error), count(&findings, Severity::Warning));
            let warnings = if warnings > 0 { format!(", {}", some(warnings, "warning")) } else { String::new() };
            format!("{}{warnings}", some(errors, "error"))
        }
    };
    let sound = summary.is_some();
    match arguments.format {
        Format::Json => print(&format!("{:#}\n", diagnostic::json(&findings)), style),
        Format::Gitlab => print(&format!("{:#}\n", annotate::gitlab(&findings)), style),
        Format::Sarif => print(&format!("{:#}\n", annotate::sarif(&findings)), style),
        Format::Github => {
            print(&annotate::github(&findings), style);
            complain(&annotate::quoted(&words));
        }
        Format::Human => {
            report(&findings, style);
            match summary {
                Some(_) => print(&format!("{words}\n"), style),
                None => complain(&words),
            }
        }
    }
    let denied = arguments.deny_warnings && !findings.is_empty();
    if denied && sound {
        complain("warnings are denied here: correct them, or allow them with the reason (docs/lint.md)");
    }
    if sound && !denied { exit::DONE } else { exit::INVALID }
}

/// What was found, and the words for a catalog without errors.
fn check(arguments: &Arguments) -> Result<(Vec<Finding>, Option<String>), Stop> {
    let folder = arguments.folder.as_deref();
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let read = |overlay: Overlay<'_>| {
        let bound = matches!(overlay, Overlay::Of(_));
        let version = arguments.api_version.as_deref();
        let wanted = Meant { overlay: Some(overlay), version, bound };
        let read = if arguments.lint { catalog::linted } else { catalog::files };
        let files = read(folder, given, wanted)?;
        match version.filter(|version| files.provider.at(version).is_none()) {
            Some(version) => Err(unspoken(files.provider, version)),
            None => Ok(files),
        }
    };
    if let Some(name) = &arguments.env {
        let mut files = read(Overlay::Of(name))?;
        let project = files.project.as_ref().and_then(|read| Some((read.project.as_ref()?, read.document.as_ref())));
        let Some((project, document)) = project else {
            return Err(Stop::invalid(format!("there is no pricebook.yaml, so there is no environment `{name}`")));
        };
        project.environment(name, document).map_err(|finding| Stop::Findings(vec![*finding]))?;
        let mut findings = std::mem::take(&mut files.sink).into_findings();
        if files.overlay.is_some() {
            // What the overlay changed may be what a comment of the catalog is about.
            findings.retain(|finding| finding.code != Code::UnusedAllow || of_overlay(finding, &files));
        }
        return Ok((findings, Some(summary(&files))));
    }
    let (mut sink, mut said) = (Sink::new(), None);
    match read(Overlay::None) {
        Ok(mut files) => {
            said = Some(summary(&files));
            sink.append(std::mem::take(&mut files.sink));
        }
        Err(Stop::Findings(findings)) => findings.into_iter().for_each(|finding| sink.push(finding)),
        Err(stop) => return Err(stop),
    }
    let mut base = sink.into_findings();
    let mut more: Vec<Finding> = Vec::new();
    let project = project::find(folder).map(|path| project::read(&path, &provider::names()));
    let mut sound: Vec<String> = Vec::new();
    // An overlay is for the project's catalog; another one that is named here has nothing to do with it.
    let own = given.is_none_or(|given| catalog::is_of_project(given, project.as_ref()));
    let mut known: Vec<(Reading, Found)> = Vec::new();
    for (name, reading) in readings(project.as_ref().filter(|_| own)) {
        // Environments that read the same find the same.
        let same = known.iter().position(|(other, _)| *other == reading);
        let at = match same {
            Some(at) => at,
            None => {
                let found = match read(Overlay::Of(&name)) {
                    Ok(mut files) => {
                        let mut findings = std::mem::take(&mut files.sink).into_findings();
                        // A comment of the catalog may be needed in one environment only.
                        base.retain(|known| {
                            known.code != Code::UnusedAllow
                                || findings.iter().any(|finding| finding.says_the_same(known))
                        });
                        findings.retain(|finding| finding.code != Code::UnusedAllow || of_overlay(finding, &files));
                        Found { overlaid: files.overlay.is_some(), findings }
                    }
                    Err(Stop::Findings(findings)) => Found { overlaid: false, findings },
                    Err(stop) => return Err(stop),
                };
                known.push((reading, found));
                known.len() - 1
            }
        };
        let Found { overlaid, findings } = known[at].1.clone();
        sound.extend(overlaid.then(|| name.clone()));
        for finding in findings.into_iter().filter(|finding| !base.iter().any(|known| known.says_the_same(finding))) {
            let at = more.iter().position(|known| known.says_the_same(&finding)).unwrap_or_else(|| {
                more.push(finding);
                more.len() - 1
            });
            more[at].found_in(&name);
        }
    }
    if more.iter().any(|finding| finding.severity() == Severity::Error) {
        said = None;
    } else if let Some(said) = said.as_mut().filter(|_| !sound.is_empty()) {
        said.push_str(&format!("; also with the overlay of {}", sound.join(", ")));
    }
    let mut sink = Sink::new();
    base.into_iter().chain(more).for_each(|finding| sink.push(finding));
    Ok((sink.into_findings(), said))
}

/// Whether a finding is about a file of the overlay.
fn of_overlay(finding: &Finding, files: &Files) -> bool {
    files.texts.overlay.iter().any(|file| finding.path() == Some(file.path()))
}

/// What decides what is read for an environment: its provider, its version, its overlay.
type Reading = (String, Option<String>, Option<PathBuf>);

/// What was found for an environment.
#[derive(Clone)]
struct Found {
    /// Whether its overlay was laid over the catalog without an error.
    overlaid: bool,
    findings: Vec<Finding>,
}

/// Every environment, and how the catalog is read for it.
fn readings(read: Option<&project::Loaded>) -> Vec<(String, Reading)> {
    let Some((read, project)) = read.and_then(|read| Some((read, read.project.as_ref()?))) else { return Vec::new() };
    let reading = |environment: &project::Environment| {
        let overlay = environment.overlay.as_ref().map(|path| read.folder.join(path));
        (environment.provider.clone(), environment.api_version.clone(), overlay)
    };
    project.environments.iter().map(|(name, environment)| (name.clone(), reading(environment))).collect()
}

/// `catalog/ is valid: 3 plans, 8 features, 2 plan groups`.
fn summary(files: &Files) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for object in files.desired.objects.values().filter(|object| object.resource.address.is_root()) {
        *counts.entry(object.resource.kind.name).or_default() += 1;
    }
    let parts: Vec<String> =
        files.provider.kinds().iter().filter_map(|kind| Some(some(*counts.get(kind.name)?, kind.name))).collect();
    let parts = if parts.is_empty() { "no objects".to_owned() } else { parts.join(", ") };
    let overlay = files.overlay.as_ref().map_or_else(String::new, |path| format!(" + {}", path.display()));
    format!("{}{overlay} is valid: {parts}", files.catalog.display())
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity() == severity).count()
}

fn some(count: usize, what: &str) -> String {
    let plural = if what.ends_with('x') { "es" } else { "s" };
    format!("{count} {what}{}", if count == 1 { "" } else { plural })
}
