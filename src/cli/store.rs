//! The ledger's place and its lock, as the commands use them: where it is, who may write, what is said about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cli::chosen::Chosen;
use crate::cli::failure::Stop;
use crate::cli::{complain, exit, signal};
use crate::ledger::{
    FilePlace, Found, GitPlace, Hold, Ledger, Loss, Moment, Place, PlaceError, SaveError, Seen, Standing, TakeError,
    Taken, Then, file_stem,
};
use crate::load::project;

/// How long a lock lasts when nobody renews it.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// Which environment's ledger, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    /// The folder for what belongs to this machine: `.pricebook`.
    pub(crate) folder: PathBuf,
    /// The environment's name.
    pub(crate) environment: String,
    /// What `ledger unlock` has to be told besides the lock's id.
    pub(crate) flags: String,
}

impl Shelf {
    pub(crate) fn new(root: &Path, chosen: &Chosen<'_>, project: Option<&Path>, catalog: &Path) -> Self {
        let project = project.map(|folder| format!(" -C {}", folder.display())).unwrap_or_default();
        let flags = match chosen.environment {
            Some(_) => format!("{project} --env {}", chosen.name),
            None => format!("{project} --catalog {} --url {}", catalog.display(), chosen.url),
        };
        Self { folder: root.join(".pricebook"), environment: chosen.name.clone(), flags }
    }

    /// That of an environment of a project that is being made.
    pub(crate) fn of_new(root: &Path, environment: &str, project: Option<&Path>) -> Self {
        let project = project.map(|folder| format!(" -C {}", folder.display())).unwrap_or_default();
        let flags = format!("{project} --env {environment}");
        Self { folder: root.join(".pricebook"), environment: environment.to_owned(), flags }
    }

    /// Opens the place that the project names. Asks no network.
    pub(crate) async fn place(&self, ledger: Option<&project::Ledger>, root: &Path) -> Result<Place, Stop> {
        let name = &self.environment;
        match ledger {
            None | Some(project::Ledger::File) => Ok(Place::File(FilePlace::new(&self.folder, name))),
            Some(project::Ledger::Git) => Ok(Place::Git(GitPlace::open(root, name).await?)),
            #[cfg(feature = "s3")]
            Some(project::Ledger::S3 { bucket, prefix }) => object(crate::ledger::Cloud::S3, bucket, prefix, name),
            #[cfg(feature = "gcs")]
            Some(project::Ledger::Gcs { bucket, prefix }) => object(crate::ledger::Cloud::Gcs, bucket, prefix, name),
            #[cfg(feature = "azure")]
            Some(project::Ledger::Azure { container, prefix }) => {
                object(crate::ledger::Cloud::Azure, container, prefix, name)
            }
            #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
            Some(other) => Err(Stop::invalid(format!("this Pricebook was built without what {other} needs"))
                .help("build it with the features s3, gcs and azure, or write `ledger: git` or `ledger: file`")),
        }
    }

    /// Takes the lock, or ends with who has it.
    pub(crate) async fn take(&self, place: Place, command: &str) -> Result<(Locked, Option<Vec<u8>>), Stop> {
        // An interrupt must not leave a lock behind that was just taken.
        let asked = tokio::spawn(signal::interrupted());
        let taken = tokio::select! {
            taken = Hold::take(place, command, life()) => taken,
            () = twice() => end(),
        };
        let Taken { hold, ledger, predecessor } = match taken {
            Ok(taken) => taken,
            Err(TakeError::Place(why)) => return Err(why.into()),
            Err(TakeError::Held(found)) => return Err(self.held(&found)),
        };
        if let Some(before) = predecessor {
            let who = before.found.who(Moment::now());
            complain(&match before.standing {
                Standing::Dead => {
                    format!(
                        "note: the lock of {} was left by {who}; that process is gone, so it is taken over",
                        self.environment
                    )
                }
                _ => format!(
                    "note: the lock of {} was left by {who}; its time is over, so it is taken over",
                    self.environment
                ),
            });
        }
        let hold = Arc::new(hold);
        let leaving = tokio::spawn(leave(Arc::clone(&hold), self.environment.clone(), asked));
        Ok((Locked { shelf: self.clone(), hold, leaving }, ledger))
    }

    fn held(&self, found: &Found) -> Stop {
        let mut message =
            format!("the lock of {} is held by {}; nothing was sent", self.environment, found.who(Moment::now()));
        if let Some(url) = found.run_url() {
            message.push_str(&format!("\n  its run: {url}"));
        }
        if let Found::Lock(lock) = found {
            message.push_str(&format!("\n  it ends at {} unless that run goes on", lock.expires));
        }
        Stop::new(exit::LOCKED, message).help(format!(
            "try again when it is done; if it is not running any more: pricebook ledger unlock {}{}",
            found.id(),
            self.flags
        ))
    }

    /// Whether a ledger that was read is the one that this machine knows: what there is to say about it if not, and
    /// the number of its newest save.
    pub(crate) fn compare(&self, place: &Place, target: &str, found: Option<u64>) -> (Option<String>, u64) {
        match Seen::read(&self.folder, &self.environment, &place.id(), target) {
            Some(seen) => (seen.compare(&place.name(), found), seen.serial.max(found.unwrap_or_default())),
            None => (None, found.unwrap_or_default()),
        }
    }
}

/// A ledger that was read, and what there is to say about it.
pub(crate) struct Read {
    pub(crate) ledger: Ledger,
    /// The number of the newest save that is known.
    pub(crate) newest: u64,
    pub(crate) warnings: Vec<String>,
}

impl Read {
    /// Decodes what stands in a place. `target` is what the ids in it must belong to.
    pub(crate) fn of(bytes: Option<&[u8]>, place: &Place, shelf: &Shelf, target: &str) -> Result<Self, Stop> {
        let name = place.name();
        let found = bytes
            .map(|bytes| Ledger::read(bytes, &name))
            .transpose()
            .map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
        if let Some(other) = found.as_ref().filter(|ledger| ledger.target != target) {
            let warning = format!(
                "the ledger {name} is of another target ({}), so nothing in it is used: objects are found by their keys",
                other.target
            );
            let ledger = Ledger { serial: other.serial, ..Ledger::new(target) };
            return Ok(Self { newest: other.serial, ledger, warnings: vec![warning] });
        }
        let (wrong, newest) = shelf.compare(place, target, found.as_ref().map(|ledger| ledger.serial));
        Ok(Self { ledger: found.unwrap_or_else(|| Ledger::new(target)), newest, warnings: wrong.into_iter().collect() })
    }
}

#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
fn object(cloud: crate::ledger::Cloud, bucket: &str, prefix: &str, environment: &str) -> Result<Place, Stop> {
    Ok(Place::Object(crate::ledger::ObjectPlace::open(cloud, bucket, prefix, environment)?))
}

impl From<PlaceError> for Stop {
    fn from(error: PlaceError) -> Self {
        let stop = Self::new(exit::ERROR, error.message);
        match error.help {
            Some(help) => stop.help(help),
            None => stop,
        }
    }
}

/// A lock that this process has.
pub(crate) struct Locked {
    shelf: Shelf,
    hold: Arc<Hold>,
    /// Frees the lock when the program is interrupted before anything was sent.
    leaving: JoinHandle<()>,
}

impl Locked {
    /// The ledger that stands there, so that an equal one need not be written.
    pub(crate) async fn knows(&self, ledger: &Ledger, newest: u64) {
        self.hold.knows(ledger.clone(), newest).await;
    }

    /// Where the ledger is.
    pub(crate) fn place(&self) -> &Place {
        self.hold.place()
    }

    /// From here on an interrupt is answered by whoever makes the calls. A lock that is lost is one, too.
    pub(crate) fn calls_begin(&self, stop: watch::Sender<bool>) -> JoinHandle<()> {
        self.leaving.abort();
        let lost = self.hold.lost();
        tokio::spawn(async move {
            let loss = lost.await;
            let _ = stop.send(true);
            complain(&format!("error: {loss}. No more calls are made; those on their way are finished"));
        })
    }

    /// Ends the command if the lock was lost before anything was sent, such as while it waited for an answer.
    pub(crate) async fn is_ours(&self) -> Result<(), Stop> {
        self.hold.ensure().await.map_err(|why| match why {
            SaveError::Place(why) => why.into(),
            SaveError::Lost(loss) => Stop::new(exit::LOCKED, format!("{loss}; nothing was sent")).help(AGAIN),
        })
    }

    /// Whether somebody else has it by now.
    pub(crate) fn is_lost(&self) -> bool {
        self.hold.is_lost().is_some()
    }

    /// Writes the ledger.
    pub(crate) async fn put(&self, ledger: &Ledger, then: Then) -> Result<(), SaveError> {
        self.hold.save(ledger, then).await?;
        self.seen(&ledger.target).await;
        Ok(())
    }

    /// The number of saves of the ledger that stands there, if there is one.
    pub(crate) async fn serial(&self) -> Option<u64> {
        self.hold.serial().await
    }

    /// Writes the ledger before any call is made.
    pub(crate) async fn prepare(&self, ledger: &Ledger) -> Result<(), Stop> {
        self.put(ledger, Then::Keep).await.map_err(|why| match why {
            SaveError::Place(why) => Stop::new(exit::ERROR, format!("{}; nothing was sent", why.message))
                .help("run apply again once the ledger can be written"),
            SaveError::Lost(loss) => Stop::new(exit::LOCKED, format!("{loss}; nothing was sent")).help(AGAIN),
        })
    }

    /// Writes the ledger after calls were made. One that cannot be written where it belongs is kept on this machine.
    pub(crate) async fn save(&self, before: &Ledger, ledger: &Ledger, then: Then) -> Result<(), Stop> {
        let Err(why) = self.put(ledger, then).await else { return Ok(()) };
        if ledger.says(before) {
            return match why {
                // Nothing was to be written. That the lock is still there is said at the end.
                SaveError::Place(_) => Ok(()),
                why => Err(Stop::new(exit::LOCKED, why.to_string()).help(AGAIN)),
            };
        }
        let path = self.shelf.folder.join(format!("{}.unsaved.json", file_stem(&self.shelf.environment)));
        let kept = std::fs::create_dir_all(&self.shelf.folder)
            .and_then(|()| ledger.bytes().map_err(std::io::Error::other))
            .and_then(|bytes| std::fs::write(&path, bytes));
        let kept = match kept {
            Ok(()) => format!("what was to be remembered is in {}", path.display()),
            Err(why) => format!("nor could what was to be remembered be written to {}: {why}", path.display()),
        };
        Err(match why {
            SaveError::Place(why) => {
                Stop::new(exit::ERROR, format!("the calls were made, but {}\n  {kept}", why.message))
                    .help("run apply again once the ledger can be written: objects are found again by their keys")
            }
            SaveError::Lost(Loss::Overwritten) => Stop::new(
                exit::ERROR,
                format!("the calls were made, but {}; it is not written over\n  {kept}", Loss::Overwritten),
            )
            .help("run apply again: it goes on from what is live"),
            SaveError::Lost(loss) => Stop::new(
                exit::LOCKED,
                format!("the calls were made, but {loss}; the ledger is not written over\n  {kept}"),
            )
            .help(AGAIN),
        })
    }

    /// Writes the ledger of a command that makes no calls.
    pub(crate) async fn record(&self, ledger: &Ledger) -> Result<(), Stop> {
        self.put(ledger, Then::Release).await.map_err(|why| match why {
            SaveError::Place(why) => why.into(),
            SaveError::Lost(loss) => Stop::new(exit::LOCKED, format!("{loss}; the ledger is not written over")),
        })
    }

    /// Gives the lock back, on every way out. That it cannot be is said, and changes nothing that was done.
    pub(crate) async fn release(self) {
        self.leaving.abort();
        // Who lost the lock was told so.
        if let Err(SaveError::Place(why)) = self.hold.release().await {
            complain(&format!(
                "warning: the lock of {} is not freed: {}\n  it ends by itself at {}",
                self.shelf.environment,
                why.message,
                self.hold.expires().await
            ));
        }
    }

    /// Remembers on this machine which save was seen last.
    async fn seen(&self, target: &str) {
        let Shelf { folder, environment, .. } = &self.shelf;
        match self.hold.serial().await {
            Some(serial) => {
                let seen = Seen { place: self.place().id(), target: target.to_owned(), serial };
                seen.write(folder, environment);
            }
            None => Seen::forget(folder, environment),
        }
    }
}

const AGAIN: &str = "run apply again when the other run is done: it goes on from what is live";

/// Frees the lock when the program is interrupted while it has sent nothing.
async fn leave(hold: Arc<Hold>, environment: String, asked: JoinHandle<()>) {
    let _ = asked.await;
    complain("interrupted; nothing was sent");
    tokio::select! {
        freed = hold.release() => {
            if let Err(SaveError::Place(why)) = freed {
                complain(&format!("warning: the lock of {environment} is not freed: {why}"));
            }
        }
        () = signal::interrupted() => {}
    }
    end()
}

/// A second interrupt is a request not to wait for anything.
async fn twice() {
    signal::interrupted().await;
    complain("interrupted: waiting to hear about the lock; interrupt again to stop at once");
    signal::interrupted().await;
}

fn end() -> ! {
    #[expect(clippy::exit, reason = "the command may be waiting for an answer to its question")]
    std::process::exit(exit::INTERRUPTED.into())
}

/// For tests, and for places that are slow to answer: how many seconds a lock lasts.
fn life() -> Duration {
    let given = std::env::var("PRICEBOOK_LOCK_SECONDS").ok().and_then(|text| text.parse().ok());
    given.filter(|seconds| *seconds > 0).map_or(LIFE, Duration::from_secs)
}
