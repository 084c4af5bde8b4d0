use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use crate::apply;
use crate::changeset::{Comparison, Document, Drift};
use crate::cli::common::Style;
use crate::cli::{complain, exit, print, report};
use crate::load::{self, project::Project, schema};
use crate::provider::{self, PROVIDERS};

/// What `schema` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// List the codes of this catalog wherever a file refers to them
    #[arg(value_name = "CATALOG", conflicts_with_all = ["catalog", "project_file", "write", "check"])]
    path: Option<PathBuf>,
    /// List the codes of this catalog wherever a file refers to them
    #[arg(long, value_name = "PATH", conflicts_with_all = ["project_file", "write", "check"])]
    catalog: Option<PathBuf>,
    /// Whose catalog, when none is named
    #[arg(long, value_name = "NAME", default_value = "commet")]
    provider: String,
    /// Print the schema of pricebook.yaml instead
    #[arg(long, conflicts_with_all = ["write", "check"])]
    project_file: bool,
    /// Write all schemas into a folder
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Check that the schemas in a folder are current
    #[arg(long, value_name = "DIR")]
    check: Option<PathBuf>,
}

/// Prints, writes or checks the JSON Schemas.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> u8 {
    if let Some(folder) = &arguments.write {
        return write(folder, style);
    }
    if let Some(folder) = &arguments.check {
        return compare(folder);
    }
    let schema = if let Some(path) = arguments.path.as_deref().or(arguments.catalog.as_deref()) {
        let load::Loaded { document, mut sink } = load::catalog(path);
        let schema = document.and_then(|document| {
            let name = load::provider(&document, &provider::names(), &mut sink)?;
            provider::by_name(name)?.schema_of(&document, &mut sink)
        });
        let sound = !sink.has_errors();
        report(&sink.into_findings(), style);
        schema.filter(|_| sound)
    } else if arguments.project_file {
        Some(schema::of::<Project>("Pricebook project file"))
    } else if let Some(provider) = provider::by_name(&arguments.provider) {
        Some(provider.schema())
    } else {
        complain(&format!("error: there is no provider `{}`", arguments.provider));
        complain(&format!("help: the providers are {}", provider::names().join(", ")));
        None
    };
    let Some(schema) = schema else { return exit::INVALID };
    print(&format!("{schema:#}\n"), style);
    exit::DONE
}

/// Every schema that is kept in the repository, by file name.
fn all() -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> =
        PROVIDERS.iter().map(|provider| (format!("{}.schema.json", provider.name()), provider.schema())).collect();
    let overlays = PROVIDERS.iter().map(|one| (format!("{}.overlay.schema.json", one.name()), one.overlay_schema()));
    all.extend(overlays);
    all.push(("pricebook.schema.json".into(), schema::of::<Project>("Pricebook project file")));
    all.push(("changeset.schema.json".into(), schema::of::<Document>("Pricebook changeset")));
    all.push(("journal.schema.json".into(), schema::of::<apply::Line<'static>>("A line of a Pricebook journal")));
    all.push(("drift.schema.json".into(), schema::of::<Drift>("Pricebook drift")));
    all.push(("diff.schema.json".into(), schema::of::<Comparison>("Pricebook diff")));
    all
}

fn write(folder: &Path, style: &Style) -> u8 {
    for (name, schema) in all() {
        let path = folder.join(&name);
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&path, format!("{schema:#}\n"))) {
            complain(&format!("error: {} cannot be written: {error}", path.display()));
            return exit::ERROR;
        }
        print(&format!("wrote {}\n", path.display()), style);
    }
    exit::DONE
}

fn compare(folder: &Path) -> u8 {
    let mut code = exit::DONE;
    for (name, schema) in all() {
        let path = folder.join(&name);
        if fs::read_to_string(&path).ok().as_deref() != Some(format!("{schema:#}\n").as_str()) {
            complain(&format!(
                "{} is not current\nhelp: run `pricebook schema --write {}`",
                path.display(),
                folder.display()
            ));
            code = exit::CHANGES;
        }
    }
    code
}
