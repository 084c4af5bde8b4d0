//! From the command line to everything that a changeset is computed from: project, catalog, environment, key,
//! ledger, live state.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::changeset::{CatalogRef, EnvironmentRef, Guard, Limits, Mode, mode_mismatch};
use crate::cli::catalog::{Meant, files};
use crate::cli::chosen::Chosen;
use crate::cli::clock::Clock;
use crate::cli::common::{Scope, Style};
use crate::cli::failure::Stop;
use crate::cli::impact::is_refusal;
use crate::cli::progress::{self, Shown};
use crate::cli::snapshot::Snapshot;
use crate::cli::store::{Locked, Read, Shelf};
use crate::cli::target::{connect, in_version, timeouts, waiting};
use crate::cli::{exit, key};
use crate::diagnostic::{Sink, Source};
use crate::diff::{Options, Selection, leave_ignored};
use crate::http::{ApiError, Pace, ReadApi, Reads, Recorder, Target, Waiting, WriteApi};
use crate::ledger::{Ledger, Then, file_stem};
use crate::load::project;
use crate::model::{Desired, Live, Subscriptions};
use crate::pipeline::{self, Planned};
use crate::provider::{self, Destination, Provider};
use crate::sandbox;

/// A catalog that was read, and where it is to go.
pub(crate) struct Session {
    pub(crate) provider: &'static dyn Provider,
    pub(crate) desired: Desired,
    pub(crate) environment: EnvironmentRef,
    pub(crate) ledger: Ledger,
    /// Where a run writes down what it does.
    pub(crate) journal: PathBuf,
    /// The lock, where the command may write.
    pub(crate) lock: Option<Locked>,
    pub(crate) warnings: Vec<String>,
    pub(crate) catalog: CatalogRef,
    key: SecretString,
    target: Target,
    limits: Limits,
    selection: Selection,
    options: Options,
    destination: Destination,
    /// The embedded server, while it is needed.
    embedded: Option<sandbox::Running>,
    /// What is read instead of the API.
    recorded: Option<Arc<Reads>>,
    /// Where answers are written down, while nothing is asked twice.
    recorder: Option<Recorder>,
    /// Where the time goes, to be told at the end.
    pub(crate) clock: Clock,
    tells_time: bool,
}

/// The files' part of a session, before anything is connected.
pub(crate) struct Files {
    pub(crate) project: Option<project::Loaded>,
    pub(crate) catalog: PathBuf,
    /// The environment's overlay that was laid over the catalog.
    pub(crate) overlay: Option<PathBuf>,
    /// What was read.
    pub(crate) texts: Texts,
    pub(crate) digest: String,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) desired: Desired,
    /// The catalog's own `price_changes`.
    pub(crate) price_changes: Option<String>,
    pub(crate) sink: Sink,
}

/// The files themselves.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) catalog: Vec<Arc<Source>>,
    /// Those of the environment's overlay.
    pub(crate) overlay: Vec<Arc<Source>>,
}

impl Session {
    /// Reads everything that is on this machine and the ledger, and starts the embedded server where one is meant.
    pub(crate) async fn open(scope: &Scope, catalog: Option<&Path>, style: &Style) -> Result<Self, Stop> {
        let files = files(scope.folder.as_deref(), catalog, Meant::of(scope))?;
        let mut session = Self::of(files, scope, Access::Read, style).await?;
        let given = catalog.map(|path| ["--catalog".to_owned(), path.display().to_string()]);
        session.catalog.flags = [given.into_iter().flatten().collect(), session.catalog.flags].concat();
        Ok(session)
    }

    /// The same for a command that writes: with the lock, which is taken before anything is observed.
    pub(crate) async fn open_locked(
        scope: &Scope,
        catalog: Option<&Path>,
        command: &str,
        style: &Style,
    ) -> Result<Self, Stop> {
        let files = files(scope.folder.as_deref(), catalog, Meant::of(scope))?;
        Self::of(files, scope, Access::Write(command), style).await
    }

    /// The same for files that were read.
    pub(crate) async fn of(files: Files, scope: &Scope, access: Access<'_>, style: &Style) -> Result<Self, Stop> {
        let clock = Clock::since_start("files");
        let connecting = clock.lap("ledger");
        super::report(&files.sink.into_findings(), style);
        let chosen = Chosen::of(scope, files.project.as_ref(), Some(files.provider))?;
        let (provider, version) = in_version(scope, chosen.environment, files.provider)?;
        let root = files.project.as_ref().map_or_else(|| beside(&files.catalog), |read| read.folder.clone());
        let key = match (&chosen.url, access) {
            (_, Access::Recorded(_)) => SecretString::from(""),
            (project::Url::Sandbox(_), _) => SecretString::from(provider.sandbox_key()),
            (project::Url::Http(_), _) => {
                let place = chosen.environment.and_then(|environment| environment.api_key.as_ref());
                let patience = chosen.environment.map_or_else(Default::default, |one| one.timeouts).key_command;
                let key = key::read(place, provider, &root, Duration::from_secs(patience.into()))?;
                provider
                    .check_key(key.expose_secret())
                    .map_err(|why| Stop::new(exit::CREDENTIALS, why).help("check the key of this environment"))?;
                key
            }
        };

        let journal = journal(&root, &chosen.name);
        let shelf = Shelf::new(&root, &chosen, scope.folder.as_deref(), &files.catalog);
        let place = || shelf.place(files.project.as_ref().and_then(project::Loaded::ledger), &root);
        let target = format!("{} {}", provider.name(), chosen.url);
        let (read, lock) = match access {
            Access::Read => {
                let place = place().await?;
                let bytes = place.read().await?.contents.ledger;
                (Read::of(bytes.as_deref(), &place, &shelf, &target), None)
            }
            Access::Write(command) => {
                let (lock, bytes) = shelf.take(place().await?, command).await?;
                (Read::of(bytes.as_deref(), lock.place(), &shelf, &target), Some(lock))
            }
            Access::Recorded(snapshot) => {
                snapshot.is_of(&chosen.name, provider, &version)?;
                let ledger = snapshot.ledger.clone();
                (Ok(Read { newest: ledger.serial, ledger, warnings: vec![snapshot.words()] }), None)
            }
        };
        let opened = match (read, access) {
            (Ok(read), Access::Recorded(_)) => Ok((read, (chosen.url.to_string(), None))),
            (Ok(read), _) => connect(&chosen.url, provider, &root).await.map(|connected| (read, connected)),
            (Err(stop), _) => Err(stop),
        };
        let (Read { ledger, newest, warnings }, (base, embedded)) = match opened {
            Ok(opened) => opened,
            Err(stop) => {
                if let Some(lock) = lock {
                    lock.release().await;
                }
                return Err(stop);
            }
        };
        if let Some(lock) = &lock {
            lock.knows(&ledger, newest).await;
        }
        let mut ledger = ledger;
        ledger.speaks(provider.kinds(), &version);
        let url = chosen.url.to_string();
        let is_embedded = matches!(chosen.url, project::Url::Sandbox(_));
        let recorded = match access {
            Access::Recorded(snapshot) => Some(snapshot.reads()),
            _ => None,
        };
        let target = Target {
            base,
            headers: provider.headers(key.expose_secret(), &version),
            limits: timeouts(chosen.environment),
            waiting: waiting(style),
            pace: Pace::default(),
            explain: provider.failure(),
        };
        let flags = scope.flags(chosen.environment.map(|_| chosen.name.as_str()));
        let guards = files.project.as_ref().and_then(|read| read.project.as_ref()).map(|project| &project.guards);
        Ok(Self {
            destination: Destination {
                environment: chosen.name.clone(),
                organization: chosen.environment.and_then(|environment| environment.organization.clone()),
                stated: chosen.environment.is_some(),
                embedded: is_embedded,
            },
            environment: EnvironmentRef {
                name: chosen.name,
                provider: provider.name().to_owned(),
                title: provider.title().to_owned(),
                api_version: version,
                url,
                mode: match (is_embedded, chosen.environment.and_then(|environment| environment.mode)) {
                    (true, _) => Some(Mode::Sandbox),
                    (false, mode) => mode.map(|mode| match mode {
                        project::Mode::Sandbox => Mode::Sandbox,
                        project::Mode::Live => Mode::Live,
                    }),
                },
            },
            catalog: CatalogRef {
                revision: super::git::revision(&files.catalog),
                path: files.catalog.display().to_string(),
                digest: format!("sha256:{}", files.digest),
                overlay: files.overlay.as_ref().map(|path| path.display().to_string()),
                flags,
                from: None,
                partial: None,
            },
            limits: Limits {
                increase: guards.and_then(|guards| guards.max_price_increase).map(|percent| percent.decimal()),
                decrease: guards.and_then(|guards| guards.max_price_decrease).map(|percent| percent.decimal()),
            },
            selection: Selection { only: scope.only.clone(), except: scope.except.clone() },
            options: Options { write_unreadable: scope.write_unreadable },
            provider,
            desired: files.desired,
            ledger,
            journal,
            lock,
            warnings,
            key,
            target,
            embedded,
            recorded,
            recorder: None,
            clock: {
                drop(connecting);
                clock
            },
            tells_time: style.verbose,
        })
    }

    /// A client that can only read, of the API or of what stands for it.
    fn reader(&self) -> Result<ReadApi, Stop> {
        match &self.recorded {
            Some(reads) => Ok(ReadApi::recorded(Arc::clone(reads))),
            None => ReadApi::new(&self.target).map_err(|why| Stop::new(exit::ERROR, why)),
        }
        .map(|api| api.recording(self.recorder.clone()))
    }

    /// From now on nothing is asked twice: for looking at one live state more than once.
    pub(crate) fn ask_once(&mut self) -> Recorder {
        self.recorder.get_or_insert_default().clone()
    }

    /// From now on everything is asked anew.
    pub(crate) fn ask_anew(&mut self) {
        self.recorder = None;
    }

    /// The same target in another version of its API.
    pub(crate) fn speak(&mut self, provider: &'static dyn Provider, version: &str) {
        self.ask_anew();
        self.provider = provider;
        self.target.headers = provider.headers(self.key.expose_secret(), version);
        self.environment.api_version = version.to_owned();
        self.ledger.speaks(provider.kinds(), version);
    }

    /// Reads the live state, with a client that can do nothing else.
    pub(crate) async fn observe(&mut self) -> Result<Live, Stop> {
        let _reading = self.clock.lap("live state");
        let (title, pace, began) = (self.provider.title(), self.target.pace.clone(), Instant::now());
        let _shown = Shown::patient(move || progress::reading(title, pace.traffic(), began.elapsed()));
        let api = self.reader()?;
        let live = self.provider.observe(&api, &self.destination, &self.desired, &self.ledger).await?;
        leave_ignored(&mut self.desired, &live, &self.ledger);
        Ok(live)
    }

    /// Who subscribes; or the answer, where the key may not read that.
    pub(crate) async fn subscriptions(&self, live: &Live) -> Result<Result<Subscriptions, ApiError>, Stop> {
        let (pace, began) = (self.target.pace.clone(), Instant::now());
        let _shown = Shown::patient(move || progress::reading("subscriptions", pace.traffic(), began.elapsed()));
        let api = self.reader()?;
        match self.provider.subscriptions(&api, live).await {
            Err(error) if !is_refusal(&error) => Err(error.into()),
            answered => Ok(answered),
        }
    }

    /// Computes the changeset.
    pub(crate) fn changeset(&self, live: &Live) -> Result<Planned, Stop> {
        let _planning = self.clock.lap("changeset");
        let _shown = Shown::patient(|| "comparing the files with what is live".to_owned());
        let request = pipeline::Request {
            desired: &self.desired,
            live,
            ledger: &self.ledger,
            environment: self.environment.clone(),
            key_livemode: self.provider.key_livemode(self.key.expose_secret()),
            catalog: self.catalog.clone(),
            limits: self.limits,
            selection: self.selection.clone(),
            options: self.options,
            warnings: self.warnings.clone(),
        };
        pipeline::changeset(self.provider, request).map_err(|ring| {
            Stop::new(exit::ERROR, ring.to_string()).help("this is a mistake in Pricebook: please report it")
        })
    }

    /// Whether real money moves, as the API or else the key says.
    pub(crate) fn livemode(&self, live: &Live) -> Option<bool> {
        live.livemode.or_else(|| self.provider.key_livemode(self.key.expose_secret()))
    }

    /// How many times the ledger was saved, with this run's own saves.
    pub(crate) async fn serial(&self) -> u64 {
        let saved = match &self.lock {
            Some(lock) => lock.serial().await,
            None => None,
        };
        saved.unwrap_or(self.ledger.serial)
    }

    /// The guard that the API's own word on its mode, or the key's, makes necessary. The same for every command.
    pub(crate) fn wrong_mode(&self, live: &Live) -> Option<Guard> {
        mode_mismatch(&self.environment, [live.livemode, self.provider.key_livemode(self.key.expose_secret())])
    }

    /// Whether only some addresses were chosen.
    pub(crate) fn is_partial(&self) -> bool {
        !self.selection.only.is_empty() || !self.selection.except.is_empty()
    }

    /// How fast requests to the target are sent, reads and writes alike.
    pub(crate) fn pace(&self) -> &Pace {
        &self.target.pace
    }

    /// A client that can write. Waits are told to `waiting`.
    pub(crate) fn writer(&self, waiting: Waiting) -> Result<WriteApi, Stop> {
        let target = Target { waiting, ..self.target.clone() };
        WriteApi::new(&target).map_err(|why| Stop::new(exit::ERROR, why))
    }

    /// Writes the ledger before the first call, if it says something new.
    pub(crate) async fn prepare(&self, ledger: &Ledger) -> Result<(), Stop> {
        match &self.lock {
            Some(lock) => lock.prepare(ledger).await,
            None => Err(unlocked()),
        }
    }

    /// Writes the ledger after the calls, if it says something new.
    pub(crate) async fn save(&self, ledger: &Ledger, then: Then) -> Result<(), Stop> {
        match &self.lock {
            Some(lock) => {
                let _saving = self.clock.lap("ledger");
                lock.save(&self.ledger, ledger, then).await
            }
            None => Err(unlocked()),
        }
    }

    /// Writes the ledger of a command that made no calls, if it says something new. The error is for a person.
    pub(crate) async fn record(&self, ledger: &Ledger) -> Result<(), Stop> {
        match &self.lock {
            Some(lock) => lock.record(ledger).await,
            None => Err(unlocked()),
        }
    }

    /// Gives the lock back, and ends the embedded server, if there is one; its data is on the disk then.
    pub(crate) async fn close(self) {
        if let Some(lock) = self.lock {
            let _saving = self.clock.lap("ledger");
            lock.release().await;
        }
        if self.tells_time {
            super::complain(&self.clock.summary(self.target.pace.traffic()));
        }
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
        // The process is about to end: taking a large catalog apart before that only costs time.
        std::mem::forget((self.desired, self.ledger));
    }
}

fn unlocked() -> Stop {
    Stop::new(exit::ERROR, "the ledger is written under its lock only")
}

/// Whether a command only looks, or writes, and what it is then called in the lock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access<'a> {
    Read,
    /// Looks at a snapshot.
    Recorded(&'a Snapshot),
    Write(&'a str),
}

/// The folder that a catalog without a project stands in.
pub(crate) fn beside(catalog: &Path) -> PathBuf {
    catalog.parent().map_or_else(PathBuf::new, Path::to_owned)
}

fn journal(root: &Path, name: &str) -> PathBuf {
    root.join(".pricebook").join(format!("{}.journal.jsonl", file_stem(name)))
}

/// Where the journal of the chosen environment is, whatever the catalog is like by now.
pub(crate) fn journal_of(scope: &Scope, catalog: Option<&Path>) -> Result<PathBuf, Stop> {
    let read = project::find(scope.folder.as_deref()).map(|path| project::read(&path, &provider::names()));
    let read = match read {
        Some(read) if read.sink.has_errors() => return Err(Stop::Findings(read.sink.into_findings())),
        None if catalog.is_none() || scope.folder.is_some() => {
            return Err(Stop::Findings(vec![project::missing(scope.folder.as_deref())]));
        }
        read => read,
    };
    let root = match (&read, catalog) {
        (Some(read), _) => read.folder.clone(),
        (None, catalog) => catalog.map(beside).unwrap_or_default(),
    };
    Ok(journal(&root, &Chosen::of(scope, read.as_ref(), None)?.name))
}
