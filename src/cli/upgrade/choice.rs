//! Which environments go to the other version, and which share the catalog with them.

use std::path::{Path, PathBuf};

use crate::cli::catalog::{self, Meant, Overlay};
use crate::cli::failure::Stop;
use crate::cli::target::unspoken;
use crate::load::project::{self, Environment, Url};
use crate::provider::Provider;

/// What an upgrade is about.
pub(super) struct Choice {
    /// The version to go to.
    pub(super) to: String,
    /// The provider in that version.
    pub(super) provider: &'static dyn Provider,
    /// The provider in no version: it reads the terms of all of them.
    pub(super) any: &'static dyn Provider,
    /// The environments that are checked and changed.
    pub(super) chosen: Vec<String>,
    /// Embedded servers that were not named: they come along.
    pub(super) along: Vec<String>,
    /// Those that were meant and are on the version already.
    pub(super) there: Vec<String>,
    /// The environments that keep their version.
    pub(super) others: Vec<Other>,
    /// Overlays of those that come along.
    pub(super) overlays: Vec<(String, PathBuf)>,
    /// The project file.
    pub(super) project: PathBuf,
}

/// An environment that shares the catalog and keeps its version.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) overlay: Option<PathBuf>,
}

impl Choice {
    pub(super) fn of(folder: Option<&Path>, to: &str, named: &[String], all: bool) -> Result<Self, Stop> {
        let Some(path) = project::find(folder) else { return Err(Stop::Findings(vec![project::missing(folder)])) };
        let base = Meant { overlay: Some(Overlay::None), version: None, bound: false };
        let files = catalog::files(folder, None, base)?;
        let any = files.provider;
        let spoken = any.api_versions();
        let Some(provider) = any.at(to) else {
            return Err(unspoken(any, to));
        };
        let Some((read, project)) = files.project.as_ref().and_then(|read| Some((read, read.project.as_ref()?))) else {
            return Err(Stop::invalid("pricebook.yaml is invalid"));
        };
        for name in named {
            let environment =
                project.environment(name, read.document.as_ref()).map_err(|finding| Stop::Findings(vec![*finding]))?;
            if environment.provider != any.name() {
                return Err(Stop::invalid(format!(
                    "the catalog is for {}, but the environment {name} is {}",
                    any.name(),
                    environment.provider
                )));
            }
        }
        let sharing = project.environments.iter().filter(|(_, environment)| environment.provider == any.name());
        let sharing: Vec<(&String, &Environment)> = sharing.collect();
        if sharing.is_empty() {
            return Err(Stop::invalid(format!("pricebook.yaml has no environment of {}", any.title())));
        }
        if named.is_empty() && !all && sharing.len() > 1 {
            let names: Vec<&str> = sharing.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Stop::invalid("which environments are meant?").help(format!(
                "they share the catalog: say --all, or --env with one or more of {}",
                names.join(", ")
            )));
        }
        let mut out = Self {
            to: to.to_owned(),
            provider,
            any,
            chosen: Vec::new(),
            along: Vec::new(),
            there: Vec::new(),
            others: Vec::new(),
            overlays: Vec::new(),
            project: path,
        };
        for (name, environment) in sharing {
            let version = environment.api_version.clone().unwrap_or_else(|| spoken[0].to_owned());
            let chosen = all || named.is_empty() || named.contains(name);
            // Dates compare as text.
            if chosen && version.as_str() > to {
                return Err(Stop::invalid(format!("{name} is on {version}, which is newer than {to}"))
                    .help("an upgrade goes forward only"));
            }
            let overlay = environment.overlay.as_ref().map(|path| read.folder.join(path));
            if version == to && chosen {
                // The catalog still has to be right for it.
                out.there.push(name.clone());
                out.others.push(Other { name: name.clone(), version, overlay });
            } else if chosen {
                out.chosen.push(name.clone());
            } else if matches!(environment.url, Url::Sandbox(_)) && version.as_str() < to {
                out.overlays.extend(overlay.map(|path| (name.clone(), path)));
                out.along.push(name.clone());
            } else {
                out.others.push(Other { name: name.clone(), version, overlay });
            }
        }
        Ok(out)
    }

    /// Every environment whose version changes.
    pub(super) fn changing(&self) -> impl Iterator<Item = &str> {
        self.chosen.iter().chain(&self.along).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use crate::provider;

    #[test]
    fn every_provider_speaks_the_versions_that_it_names() {
        for name in provider::names() {
            let provider = provider::by_name(name).unwrap();
            let mut versions = provider.api_versions().to_vec();
            assert!(versions.iter().all(|version| provider.at(version).is_some()), "{name}");
            versions.sort_unstable();
            assert_eq!(versions, provider.api_versions(), "they compare as text, oldest first");
        }
    }
}
