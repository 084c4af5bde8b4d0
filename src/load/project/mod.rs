//! The project file, `pricebook.yaml`: which catalog, which environments, where the ledger is.

mod check;
mod environment;
mod ledger;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Document, files, merge};
use crate::diagnostic::{Code, Finding, Sink, did_you_mean, one_of};
use crate::model::Percent;

pub use environment::{ApiKey, Environment, Mode, Timeouts, Url};
pub use ledger::Ledger;

/// The name of the project file.
pub const FILE_NAME: &str = "pricebook.yaml";

/// A Pricebook project.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The catalog: one YAML file, or a folder of them. Relative to this file.
    #[serde(default = "default_catalog")]
    pub catalog: String,
    /// Where Pricebook remembers what it manages: `file`, `git`, or an object store such as `s3://bucket/prefix`.
    #[serde(default)]
    pub ledger: Ledger,
    /// The targets, by name.
    #[serde(default)]
    pub environments: BTreeMap<String, Environment>,
    /// Limits beyond which a changeset needs an acknowledgement.
    #[serde(default)]
    pub guards: Guards,
    /// What `validate --lint` looks at.
    #[serde(default)]
    pub lint: Lint,
}

fn default_catalog() -> String {
    "catalog/".into()
}

/// Limits beyond which a changeset needs an acknowledgement.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// The largest increase of a price that needs none, such as `25%`. No limit when left out.
    #[serde(default)]
    pub max_price_increase: Option<Percent>,
    /// The largest decrease of a price that needs none, such as `50%`. No limit when left out.
    #[serde(default)]
    pub max_price_decrease: Option<Percent>,
}

/// What `validate --lint` looks at, and warnings that the project lives with.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    /// Codes of warnings, such as `PB-L07`, that are silenced in the whole project, in every command.
    #[serde(default)]
    pub allow: Vec<String>,
    /// How far a price that is set by hand in another currency may be from the exchange rate, such as `40%`. 25% when
    /// left out.
    #[serde(default)]
    pub exchange_rate_tolerance: Option<Percent>,
}

impl Lint {
    /// The codes that are silenced.
    pub fn allowed(&self) -> Vec<Code> {
        self.allow.iter().filter_map(|id| Code::from_id(id)).collect()
    }
}

/// What came of reading a project file.
#[derive(Debug)]
pub struct Loaded {
    /// The project, if the file has no errors.
    pub project: Option<Project>,
    /// The file's tree, to find places in it.
    pub document: Option<Document>,
    /// The folder that paths in the file are relative to.
    pub folder: PathBuf,
    /// What was found on the way.
    pub sink: Sink,
}

impl Loaded {
    /// Where the ledger is to be, if the project says so.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.project.as_ref().map(|project| &project.ledger)
    }
}

/// The project file in this folder; without a folder, the nearest one in the current folder and those above it.
/// The path comes back the way a user would type it.
pub fn find(folder: Option<&Path>) -> Option<PathBuf> {
    if let Some(folder) = folder {
        return Some(folder.join(FILE_NAME)).filter(|path| path.exists());
    }
    let depth = std::env::current_dir().map_or(1, |folder| folder.ancestors().count());
    (0..depth).map(|up| PathBuf::from("../".repeat(up)).join(FILE_NAME)).find(|path| path.exists())
}

/// Reads and checks a project file. `providers` are the names that an environment may use.
pub fn read(path: &Path, providers: &[&str]) -> Loaded {
    let mut sink = Sink::new();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let document = files::read(path, &mut sink).and_then(|file| merge(vec![file], &mut sink));
    let project = document.as_ref().and_then(|document| {
        let decoded = super::decode_partial::<Project>(document.root(), &mut sink);
        if let Some(project) = &decoded.value {
            check::check(project, document, providers, &mut sink);
        }
        decoded.value.filter(|_| !sink.has_errors())
    });
    Loaded { project, document, folder, sink }
}

/// The finding for a command that needs a project where there is none.
pub fn missing(folder: Option<&Path>) -> Finding {
    let place = folder.map_or_else(|| "this folder or in one above it".to_owned(), files::shown);
    Finding::new(Code::NoProject, format!("there is no {FILE_NAME} in {place}"))
        .help("`pricebook init` makes one; `-C DIR` names a project elsewhere")
}

impl Project {
    /// The environment of this name, or a finding that lists those that exist.
    pub fn environment(&self, name: &str, document: Option<&Document>) -> Result<&Environment, Box<Finding>> {
        let names = || self.environments.keys().map(String::as_str);
        self.environments.get(name).ok_or_else(|| {
            let finding = Finding::new(Code::UnknownEnvironment, format!("there is no environment `{name}`"))
                .at(document.and_then(|document| document.locate(&["environments"])))
                .suggest(did_you_mean(name, names()));
            Box::new(match names().next() {
                Some(_) => finding.help(format!("the environments are {}", one_of(names()).replace(" or ", " and "))),
                None => finding.help("pricebook.yaml has no environments; add one under `environments:`"),
            })
        })
    }
}
