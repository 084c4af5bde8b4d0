//! `apply FILE`: what was reviewed is what runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::apply::{self, Report};
use crate::changeset::{self, Document, EnvironmentRef, Mode, Moved, Standing};
use crate::cli::apply::{Arguments, carry_out, json};
use crate::cli::catalog::{Meant, Overlay, files};
use crate::cli::common::{Format, Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::session::{Access, Files, Session, Texts};
use crate::cli::{complain, exit};
use crate::diagnostic::Sink;
use crate::diff::{Action, Change};
use crate::ledger::Then;
use crate::load::project;
use crate::model::{Address, Desired, DesiredObject, Live};
use crate::provider;

/// What was reviewed is what runs: the saved calls are made if every object that they touch still is what it was.
pub(crate) async fn apply(
    session: &mut Session,
    document: &Document,
    arguments: &Arguments,
    style: &Style,
) -> Result<u8, Stop> {
    if session.unfinished()?.is_some_and(|record| record.head.changeset.digest == document.digest) {
        return Err(Stop::new(exit::STALE, "a run of this changeset was cut off or failed in part; nothing was sent")
            .help("`pricebook apply --resume` goes on with it; `pricebook apply` plans from what is live"));
    }
    let Known { live, changes, partial } = Known::of(session, document, true).await?;
    let remember = |changes: &[Change], report: &Report| {
        apply::remember(&session.ledger, &session.desired, &live, changes, report, partial)
    };
    match changeset::standing(document, &live, &session.ledger) {
        Standing::Fresh => carry_out(session, document, &|report| remember(&changes, report), arguments, style).await,
        Standing::Done => {
            let report = Report { digest: document.digest.clone(), ..Report::default() };
            // Whoever made what the ledger does not know: it is adopted, and what no read shows of it stays unknown.
            let adopted = |mut change: Change| {
                if change.action == Action::Create && !session.ledger.owns(&change.address) {
                    change.action = Action::Adopt;
                    change.fields.clear();
                }
                change
            };
            let changes: Vec<Change> = changes.iter().cloned().map(adopted).collect();
            session.save(&remember(&changes, &report), Then::Release).await?;
            match arguments.format {
                Format::Json => super::print(&json(&report), style),
                Format::Human => {
                    super::print("Already applied: all that this changeset wants is so. Nothing was sent\n", style);
                }
            }
            Ok(exit::DONE)
        }
        Standing::Stale(stale) => {
            say_stale(document, stale, "plan again", arguments, style);
            Ok(exit::STALE)
        }
    }
}

/// Says what moved since the changeset was computed.
pub(super) fn say_stale(document: &Document, stale: Vec<Moved>, help: &str, arguments: &Arguments, style: &Style) {
    for moved in &stale {
        complain(&format!("error: {}", moved.message));
    }
    complain("error: the changeset is stale: what it touches was changed after it was saved; nothing was sent");
    complain(&format!("help: {help}"));
    if arguments.format == Format::Json {
        let report = Report {
            digest: document.digest.clone(),
            stale,
            skipped: document.calls.iter().map(apply::Skipped::untried).collect(),
            exit: exit::STALE,
            ..Report::default()
        };
        super::print(&json(&report), style);
    }
}

/// What is known when a changeset is about to be applied that was computed before.
pub(super) struct Known {
    pub(super) live: Live,
    /// Its changes.
    pub(super) changes: Vec<Change>,
    /// Whether the files say something else by now, or said it of some addresses only.
    pub(super) partial: bool,
}

impl Known {
    /// Reads the live state as the changeset needs it. Fails when the API answers as another mode. `recover`: with what
    /// an unfinished run of another changeset left.
    pub(super) async fn of(session: &mut Session, document: &Document, recover: bool) -> Result<Self, Stop> {
        let kinds = session.provider.kinds();
        for warning in &session.warnings {
            complain(&format!("warning: {warning}"));
        }
        let edited = session.catalog.digest != document.catalog.digest;
        if edited {
            // One that another environment asked for was never what the files say.
            if document.catalog.from.is_none() {
                complain(&format!(
                    "note: {} was edited after the changeset was saved; the changeset is applied as it was reviewed",
                    session.catalog.path
                ));
            }
            session.desired.objects.append(&mut session.named(document));
        }
        let live = if recover { session.observe_and_recover().await? } else { session.observe().await? };
        if let (Some(saved), Some(found)) = (document.environment.mode, session.livemode(&live))
            && (saved == Mode::Live) != found
        {
            let word = |live| if live { "live" } else { "sandbox" };
            return Err(Stop::new(
                exit::STALE,
                format!(
                    "the changeset is for {}, but the API answers as {}; nothing was sent",
                    word(!found),
                    word(found)
                ),
            )
            .help("check the key of this environment"));
        }
        let (changes, wanted) = changeset::restore(document, kinds, &live, &session.ledger);
        if edited {
            for (address, mut object) in wanted {
                if let Some(now) = session.desired.objects.get(&address) {
                    object.directives.protect |= now.directives.protect;
                }
                session.desired.objects.insert(address, object);
            }
        }
        Ok(Self { live, changes, partial: edited || document.catalog.partial.is_some() })
    }
}

impl Session {
    /// The same for a saved changeset. What was reviewed is what is applied, so the catalog may have been edited since;
    /// it may even be gone, as long as the environment is known.
    pub(crate) async fn open_saved(
        scope: &Scope,
        catalog: Option<&Path>,
        document: &Document,
        style: &Style,
    ) -> Result<Self, Stop> {
        let saved = PathBuf::from(&document.catalog.path);
        let of_files = document.catalog.from.is_none();
        let given = catalog.map(Path::to_owned).or_else(|| (of_files && saved.exists()).then(|| saved.clone()));
        let meant = Meant::of(scope);
        let overlay = meant.overlay.or(Some(Overlay::Of(&document.environment.name)));
        let files = match files(scope.folder.as_deref(), given.as_deref(), Meant { overlay, ..meant }) {
            Ok(files) => files,
            Err(stop) => without_catalog(scope.folder.as_deref(), saved, document, stop)?,
        };
        let name = &document.environment.name;
        let project = files.project.as_ref().and_then(|read| read.project.as_ref());
        let known = project.is_some_and(|project| project.environments.contains_key(name));
        let mut scope = scope.clone();
        if scope.env.is_none() && scope.url.is_none() && known {
            scope.env = Some(name.clone());
        }
        let session = Self::of(files, &scope, Access::Write("apply"), style).await?;
        if let Err(stop) = session.is_for(&document.environment) {
            session.close().await;
            return Err(stop);
        }
        Ok(session)
    }

    /// What a changeset wants, where the files do not name it: objects whose key is only ours are found by what the
    /// changeset calls them.
    pub(super) fn named(&self, document: &Document) -> BTreeMap<Address, DesiredObject> {
        let kinds = self.provider.kinds();
        let (_, mut named) = changeset::restore(document, kinds, &Live::default(), &self.ledger);
        named.retain(|address, _| !self.desired.objects.contains_key(address));
        for object in named.values_mut().filter(|object| object.resource.kind.field("name").is_some()) {
            if !object.resource.fields.contains_key("name") {
                object.resource.fields.insert("name".into(), object.resource.name.as_str().into());
            }
        }
        named
    }

    /// Whether this is the target that a changeset was saved for.
    fn is_for(&self, saved: &EnvironmentRef) -> Result<(), Stop> {
        let here = &self.environment;
        let word = |mode: Option<Mode>| mode.map(|mode| if mode == Mode::Live { "live" } else { "sandbox" });
        let modes = match (word(saved.mode), word(here.mode)) {
            (Some(saved), Some(here)) => (saved, here),
            _ => ("", ""),
        };
        for (what, saved, here) in [
            ("provider", saved.provider.as_str(), here.provider.as_str()),
            ("URL", &saved.url, &here.url),
            ("API version", &saved.api_version, &here.api_version),
            ("mode", modes.0, modes.1),
        ] {
            if saved != here {
                return Err(Stop::invalid(format!(
                    "the changeset is for the {what} {saved}, the environment {} has {here}; nothing was sent",
                    self.environment.name
                ))
                .help("name the environment that it was planned for, or plan again"));
            }
        }
        Ok(())
    }
}

/// A session's files when only the catalog cannot be used.
fn without_catalog(folder: Option<&Path>, catalog: PathBuf, document: &Document, stop: Stop) -> Result<Files, Stop> {
    let project = match project::find(folder) {
        Some(path) => {
            let read = project::read(&path, &provider::names());
            if read.sink.has_errors() {
                return Err(stop);
            }
            Some(read)
        }
        None if folder.is_some() => return Err(stop),
        None => None,
    };
    let Some(provider) = provider::by_name(&document.environment.provider) else { return Err(stop) };
    Ok(Files {
        project,
        catalog,
        overlay: None,
        texts: Texts::default(),
        digest: String::new(),
        provider,
        desired: Desired::default(),
        price_changes: None,
        sink: Sink::new(),
    })
}
