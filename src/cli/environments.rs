//! What the commands need that look at live environments, one or two of them.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::changeset::{EnvironmentRef, Mode};
use crate::cli::catalog::{self, Meant};
use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::{Access, Files, Session, Texts};
use crate::cli::{complain, exit};
use crate::diagnostic::Sink;
use crate::load::project;
use crate::model::{Address, Desired, Live};
use crate::provider::{self, Between, Mirror};

/// One environment, looked at as a whole.
#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The environment, by its name in pricebook.yaml
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// The base URL of the API, instead of the environment's
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The version of the API, instead of the environment's
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
}

impl Target {
    /// As other commands take it, with nothing left out.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            url: self.url.clone(),
            api_version: self.api_version.clone(),
            ..whole(self.folder.clone(), self.env.clone())
        }
    }
}

/// Everything of an environment.
pub(crate) fn whole(folder: Option<PathBuf>, env: Option<String>) -> Scope {
    Scope { folder, env, url: None, api_version: None, only: Vec::new(), except: Vec::new(), write_unreadable: false }
}

/// Two environments of one project.
#[derive(Clone, Debug, Args)]
pub(crate) struct Pair {
    /// The folder with pricebook.yaml
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// One environment, by its name in pricebook.yaml
    #[arg(long, value_name = "NAME")]
    pub(crate) from: String,
    /// The other one
    #[arg(long, value_name = "NAME")]
    pub(crate) to: String,
}

/// Two live environments, both read.
pub(crate) struct Both {
    /// Where `from` leads, and what it says of itself.
    pub(crate) from: EnvironmentRef,
    /// What `from` says, as what should exist in `to`. What the files of `to` leave to the dashboard is left out.
    pub(crate) unknown: Vec<crate::diff::Unverifiable>,
    /// The session of `to`. What it wants is what `from` says.
    pub(crate) to: Session,
    /// What is live in `to`.
    pub(crate) live: Live,
    /// What the files ask of `to`.
    pub(crate) files: Desired,
    /// The catalog's own `price_changes`.
    pub(crate) price_changes: Option<String>,
}

impl Pair {
    /// Reads both. The embedded servers of both, where they are meant, run until the session of `to` is closed.
    pub(crate) async fn observe(&self, style: &Style) -> Result<Both, Stop> {
        if self.from == self.to {
            return Err(Stop::invalid(format!("--from and --to are the same environment, {}", self.from)));
        }
        let files = self.files(&self.to)?;
        let mut from = Session::of(self.files(&self.from)?, &self.scope(&self.from), Access::Read, style).await?;
        let read = self.mirror(&mut from).await;
        from.close().await;
        let (mut mirror, from) = read?;

        let price_changes = files.price_changes.clone();
        let mut to = Session::of(files, &self.scope(&self.to), Access::Read, style).await?;
        let files = std::mem::take(&mut to.desired);
        let outcome = async {
            if to.environment.provider != from.provider {
                return Err(Stop::invalid(format!(
                    "{} is {}, and {} is {}: they have nothing in common",
                    self.from, from.title, self.to, to.environment.title
                )));
            }
            let between = (from.api_version.clone(), to.environment.api_version.clone());
            let between = Between { from: &between.0, to: &between.1 };
            let lost = between.narrow(&mut mirror);
            to.desired = directed(std::mem::take(&mut mirror.desired), &files);
            let live = to.observe_and_recover().await?;
            check_mode(&to, &live)?;
            let never = between.keep(&mut to.desired, &live, &lost);
            to.warnings.extend(left_out(between, &self.to, &lost, &never));
            Ok(live)
        }
        .await;
        match outcome {
            Ok(live) => Ok(Both { from, unknown: mirror.unknown, to, live, files, price_changes }),
            Err(stop) => {
                to.close().await;
                Err(stop)
            }
        }
    }

    fn scope(&self, env: &str) -> Scope {
        whole(self.folder.clone(), Some(env.to_owned()))
    }

    /// The files as far as they can be read: they tell the names of what the API knows by no key of ours.
    fn files(&self, env: &str) -> Result<Files, Stop> {
        match catalog::files(self.folder.as_deref(), None, Meant::environment(env)) {
            Ok(files) if is_for(&files, env) => Ok(Files { sink: Sink::new(), ..files }),
            // A project may have environments of another provider than its catalog's.
            Ok(_) => without_catalog(self.folder.as_deref(), env, None),
            Err(stop) => without_catalog(self.folder.as_deref(), env, Some(stop)),
        }
    }

    async fn mirror(&self, from: &mut Session) -> Result<(Mirror, EnvironmentRef), Stop> {
        for warning in &from.warnings {
            complain(&format!("warning: {warning}"));
        }
        from.desired.whole = true;
        // Renames are between the files and one environment.
        from.desired.objects.values_mut().for_each(|object| object.directives.previously = None);
        let live = from.observe_and_recover().await?;
        check_mode(from, &live)?;
        Ok((from.provider.mirror(&live, &from.ledger), reference(from, &live)))
    }
}

/// What one version says and the other has no words for.
fn left_out(between: Between<'_>, to: &str, lost: &[Address], never: &[Address]) -> Option<String> {
    let cannot = match never {
        [] => String::new(),
        _ => format!("; what cannot be made there without it was left out: {}", listed(never)),
    };
    (!lost.is_empty()).then(|| {
        format!(
            "{to} speaks {}, which has no words for some of what {} says: it was left out of {}{cannot}",
            between.to,
            between.from,
            listed(lost)
        )
    })
}

/// The first of them, and how many more.
pub(crate) fn listed(addresses: &[Address]) -> String {
    const LISTED: usize = 5;
    let named = addresses.iter().take(LISTED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = addresses.len().saturating_sub(LISTED);
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// What the files of the target say on how to manage an object holds whatever it is to become.
fn directed(mut wanted: Desired, files: &Desired) -> Desired {
    for (address, object) in &mut wanted.objects {
        let Some(own) = files.objects.get(address) else { continue };
        let directives = &mut object.directives;
        directives.protect = own.directives.protect;
        directives.replace |= own.directives.replace;
        directives.id.clone_from(&own.directives.id);
        directives.price_changes = own.directives.price_changes;
        directives.ignore.extend(own.directives.ignore.iter().cloned());
    }
    wanted
}

/// Whether the catalog is for the provider of this environment; one that is unknown is found to be so later.
fn is_for(files: &Files, env: &str) -> bool {
    let project = files.project.as_ref().and_then(|read| read.project.as_ref());
    let environment = project.and_then(|project| project.environments.get(env));
    environment.is_none_or(|environment| environment.provider == files.provider.name())
}

/// A session's files where the catalog is missing or cannot be used: the project alone is enough.
fn without_catalog(folder: Option<&Path>, env: &str, why: Option<Stop>) -> Result<Files, Stop> {
    let broken = why.is_some();
    let stop = why.unwrap_or_else(|| Stop::invalid("pricebook.yaml is invalid"));
    let Some(path) = project::find(folder) else { return Err(stop) };
    let read = project::read(&path, &provider::names());
    let Some(project) = read.project.as_ref() else { return Err(stop) };
    let environment =
        project.environment(env, read.document.as_ref()).map_err(|finding| Stop::Findings(vec![*finding]))?;
    let Some(provider) = provider::by_name(&environment.provider) else { return Err(stop) };
    let catalog = read.folder.join(&project.catalog);
    if broken && catalog.exists() {
        complain(&format!(
            "note: {} is not valid for {env} (`pricebook validate` says why): what the API knows by no key of yours is named after what is live",
            catalog.display()
        ));
    }
    Ok(Files {
        catalog,
        project: Some(read),
        overlay: None,
        texts: Texts::default(),
        digest: String::new(),
        provider,
        desired: Desired::default(),
        price_changes: None,
        sink: Sink::new(),
    })
}

/// The environment with the mode that the API or the key says, where the project says none.
pub(crate) fn reference(session: &Session, live: &Live) -> EnvironmentRef {
    let mode = |livemode| if livemode { Mode::Live } else { Mode::Sandbox };
    let mode = session.environment.mode.or(session.livemode(live).map(mode));
    EnvironmentRef { mode, ..session.environment.clone() }
}

/// Refuses to say anything of an environment whose credentials lead elsewhere.
pub(crate) fn check_mode(session: &Session, live: &Live) -> Result<(), Stop> {
    session.wrong_mode(live).map_or(Ok(()), |guard| {
        Err(Stop::new(exit::REFUSED, format!("{}: {}; nothing was done", guard.code, guard.message))
            .help("check the key of this environment"))
    })
}
