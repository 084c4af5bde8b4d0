//! What an environment had at one moment, in a file: a changeset can be computed from it without a network and without a
//! key. For pull requests of people who must not have a key.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::changeset::{EnvironmentRef, Mode};
use crate::cli::catalog::{Meant, files};
use crate::cli::common::{Scope, Style};
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::cli::session::{Access, Session};
use crate::http::Reads;
use crate::ledger::{Ledger, Moment};
use crate::load::project;
use crate::provider::Provider;

/// The version of the file.
const FORMAT: u32 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    format: u32,
    /// When it was taken.
    taken: String,
    /// The revision that was checked out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// What it was taken of.
    pub(crate) environment: EnvironmentRef,
    /// What Pricebook remembered then.
    pub(crate) ledger: Ledger,
    /// What the API answered.
    reads: Reads,
}

impl Session {
    /// Like `open`, with a snapshot in the place of the API and of the ledger.
    pub(crate) async fn open_recorded(
        scope: &Scope,
        catalog: Option<&Path>,
        snapshot: &Snapshot,
        style: &Style,
    ) -> Result<Self, Stop> {
        // Which environment is meant is known.
        let mut scope = scope.clone();
        if scope.env.is_none() && scope.url.is_none() && project::find(scope.folder.as_deref()).is_some() {
            scope.env = Some(snapshot.environment.name.clone());
        }
        let files = files(scope.folder.as_deref(), catalog, Meant::of(&scope))?;
        Self::of(files, &scope, Access::Recorded(snapshot), style).await
    }
}

impl Snapshot {
    /// Reads everything that the environment has, and writes it down. What is planned next is planned from that.
    pub(crate) async fn take(session: &mut Session, path: &Path) -> Result<(), Stop> {
        let recorder = session.ask_once();
        let mut environment = session.environment.clone();
        let desired = session.desired.clone();
        // Whoever plans from it may name other objects than these files do: all that there is, and then what these name.
        for whole in [true, false] {
            session.desired.whole = whole;
            let live = session.observe().await?;
            session.desired.clone_from(&desired);
            let said = session.livemode(&live).map(|live| if live { Mode::Live } else { Mode::Sandbox });
            environment.mode = environment.mode.or(said);
        }
        let snapshot = Self {
            format: FORMAT,
            taken: Moment::now().to_string(),
            revision: session.catalog.revision.clone(),
            environment,
            ledger: session.ledger.clone(),
            reads: recorder.reads(),
        };
        // What is the same but for its moment is the same: a file in git need not change for that.
        if Self::read(path).is_ok_and(|known| known.says(&snapshot)) {
            return Ok(());
        }
        let wrong = |why: String| Stop::new(exit::ERROR, format!("{} cannot be written: {why}", path.display()));
        let text = serde_json::to_string_pretty(&snapshot).map_err(|why| wrong(why.to_string()))?;
        std::fs::write(path, text + "\n").map_err(|why| wrong(why.to_string()))
    }

    /// Reads one.
    pub(crate) fn read(path: &Path) -> Result<Self, Stop> {
        let shown = path.display();
        let help = "take one with `pricebook plan --save-snapshot FILE`";
        let bytes =
            std::fs::read(path).map_err(|why| Stop::invalid(format!("{shown} cannot be read: {why}")).help(help))?;
        let snapshot: Self = serde_json::from_slice(&bytes)
            .map_err(|why| Stop::invalid(format!("{shown} is not a snapshot: {why}")).help(help))?;
        if snapshot.format != FORMAT {
            let format = snapshot.format;
            return Err(
                Stop::invalid(format!("{shown} has the format {format}, this Pricebook reads {FORMAT}")).help(help)
            );
        }
        Ok(snapshot)
    }

    /// Refuses to stand for another environment.
    pub(crate) fn is_of(&self, name: &str, provider: &dyn Provider, version: &str) -> Result<(), Stop> {
        let own = &self.environment;
        if (own.name.as_str(), own.provider.as_str(), own.api_version.as_str()) == (name, provider.name(), version) {
            return Ok(());
        }
        Err(Stop::invalid(format!(
            "the snapshot is of {} ({} {}), not of {name} ({} {version})",
            own.name,
            own.title,
            own.api_version,
            provider.title()
        )))
    }

    /// The answers.
    pub(crate) fn reads(&self) -> Arc<Reads> {
        Arc::new(self.reads.clone())
    }

    /// What a changeset that is computed from it has to say.
    pub(crate) fn words(&self) -> String {
        let revision = self.revision.as_deref().map_or_else(String::new, |one| format!(" at revision {:.12}", one));
        format!(
            "this is compared with the snapshot of {} that was taken on {}{revision}, not with what is live now",
            self.environment.name, self.taken
        )
    }

    fn says(&self, other: &Self) -> bool {
        let text = |reads: &Reads| {
            reads.iter().map(|(asked, body)| (asked.clone(), body.get().to_owned())).collect::<Vec<_>>()
        };
        self.environment == other.environment && self.ledger == other.ledger && text(&self.reads) == text(&other.reads)
    }
}
