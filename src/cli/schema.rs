use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::validate::check;
use super::{exit, report, say};
use crate::load::{project::Project, schema};
use crate::provider::commet;

/// What `schema` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// List the codes of this catalog wherever a file refers to them
    #[arg(value_name = "CATALOG", conflicts_with_all = ["catalog", "project_file", "write", "check"])]
    path: Option<PathBuf>,
    /// List the codes of this catalog wherever a file refers to them
    #[arg(long, value_name = "PATH", conflicts_with_all = ["project_file", "write", "check"])]
    catalog: Option<PathBuf>,
    /// Print the schema of pricebook.yaml instead
    #[arg(long = "project", conflicts_with_all = ["write", "check"])]
    project_file: bool,
    /// Write all schemas into a folder
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Check that the schemas in a folder are current
    #[arg(long, value_name = "DIR")]
    check: Option<PathBuf>,
}

/// Prints, writes or checks the JSON Schemas.
pub(crate) fn run(arguments: &Arguments) -> u8 {
    if let Some(folder) = &arguments.write {
        return write(folder);
    }
    if let Some(folder) = &arguments.check {
        return compare(folder);
    }
    let given = arguments.path.as_deref().or(arguments.catalog.as_deref());
    let schema = match given {
        Some(path) => {
            let checked = check(Some(path), None);
            report(&checked.sink.into_findings());
            match checked.catalog {
                Some(catalog) => commet::schema::of_catalog(&catalog),
                None => return exit::INVALID,
            }
        }
        None if arguments.project_file => project_schema(),
        None => commet::schema::catalog(),
    };
    say(&format!("{schema:#}"));
    exit::DONE
}

fn project_schema() -> Value {
    schema::of::<Project>("Pricebook project file")
}

fn all() -> [(&'static str, Value); 2] {
    [("commet.schema.json", commet::schema::catalog()), ("pricebook.schema.json", project_schema())]
}

fn write(folder: &Path) -> u8 {
    for (name, schema) in all() {
        let path = folder.join(name);
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&path, format!("{schema:#}\n"))) {
            complain(&format!("error: {} cannot be written: {error}", path.display()));
            return exit::ERROR;
        }
        say(&format!("wrote {}", path.display()));
    }
    exit::DONE
}

fn compare(folder: &Path) -> u8 {
    let mut code = exit::DONE;
    for (name, schema) in all() {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_deref() != Some(format!("{schema:#}\n").as_str()) {
            complain(&format!(
                "{} is not current\nhelp: run `pricebook schema --write {}`",
                path.display(),
                folder.display()
            ));
            code = exit::DIFFERENT;
        }
    }
    code
}

fn complain(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stderr(), "{text}");
}
