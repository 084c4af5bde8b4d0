use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use crate::ledger::{Contents, Found, Ledger, Lock, Moment, Place, PlaceError, Process, Replaced, Snapshot, Standing};

/// How often somebody else may be faster before that is taken for an error.
const TRIES: usize = 10;

/// The lock of one environment, kept alive while it is needed, and the only way to write its ledger.
#[derive(Debug)]
pub struct Hold {
    shared: Arc<Shared>,
    renewing: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    place: Place,
    life: Duration,
    state: Mutex<State>,
    /// Who has the lock now, once it is lost.
    lost: watch::Sender<Option<Loss>>,
}

#[derive(Debug)]
struct State {
    at: Snapshot,
    lock: Lock,
    /// The ledger as it stands there, or an empty one.
    known: Option<Ledger>,
    /// The number of the newest save that anybody knows of.
    newest: u64,
    ended: bool,
}

/// Why a lock was lost while its owner was running.
#[derive(Clone, Debug)]
pub enum Loss {
    /// Somebody else has it.
    Taken(Found),
    /// Somebody freed it.
    Freed,
    /// It could not be renewed in time, and may be anybody's.
    Expired(String),
    /// The lock is there, and yet somebody wrote another ledger.
    Overwritten,
}

/// What a lock was taken over from.
#[derive(Debug)]
pub struct Predecessor {
    /// Its lock.
    pub found: Found,
    /// Why it could be taken.
    pub standing: Standing,
}

/// What came of wanting a lock.
#[derive(Debug)]
pub struct Taken {
    /// The lock.
    pub hold: Hold,
    /// The ledger's bytes, as they were when the lock was taken.
    pub ledger: Option<Vec<u8>>,
    /// Whose lock it was, if that was left over.
    pub predecessor: Option<Predecessor>,
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A living owner has it.
    #[error("the lock is held by {}", .0.who(Moment::now()))]
    Held(Found),
    /// The place does not work.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// What happens to the lock when the ledger is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// More is to come.
    Keep,
    /// This was the last.
    Release,
}

/// Why a ledger was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The lock is not ours any more.
    #[error("{0}")]
    Lost(Loss),
    /// The place does not work.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken(found) => write!(f, "the lock is now held by {}", found.who(Moment::now())),
            Self::Freed => f.write_str("the lock was freed by somebody"),
            Self::Expired(why) => write!(f, "the lock ran out, because it could not be renewed: {why}"),
            Self::Overwritten => f.write_str("the ledger was changed by somebody who did not have the lock"),
        }
    }
}

impl Hold {
    /// Takes the lock, or says who has it. From then on it is renewed at every third of its life.
    pub async fn take(place: Place, command: &str, life: Duration) -> Result<Taken, TakeError> {
        let mut at = place.read().await?;
        for _ in 0..TRIES {
            let found = at.contents.lock.as_deref().map(Found::read);
            let now = Moment::now();
            let predecessor = match found {
                None => None,
                Some(found) => match found.standing(now, Process::is_gone) {
                    Standing::Held => return Err(TakeError::Held(found)),
                    standing => Some(Predecessor { found, standing }),
                },
            };
            let lock = Lock::new(command, now, life);
            let next = Contents { lock: Some(bytes(&lock)?), ledger: at.contents.ledger.clone() };
            match place.replace(&next, &at).await? {
                Replaced::Done(now) => {
                    let ledger = now.contents.ledger.clone();
                    return Ok(Taken { hold: Self::new(place, life, now, lock), ledger, predecessor });
                }
                Replaced::Moved(now) => at = now,
            }
        }
        Err(PlaceError { message: format!("{} changes all the time", place.name()), help: Some("try again".into()) }
            .into())
    }

    fn new(place: Place, life: Duration, at: Snapshot, lock: Lock) -> Self {
        let state = Mutex::new(State { at, lock, known: None, newest: 0, ended: false });
        let shared = Arc::new(Shared { place, life, state, lost: watch::Sender::new(None) });
        Self { renewing: tokio::spawn(renew(Arc::clone(&shared))), shared }
    }

    /// Where the ledger is.
    pub fn place(&self) -> &Place {
        &self.shared.place
    }

    /// What the ledger that stands there says, so that an equal one need not be written. Saves are counted on from
    /// `newest`, which is more where an older copy stands.
    pub async fn knows(&self, ledger: Ledger, newest: u64) {
        let mut state = self.shared.state.lock().await;
        (state.known, state.newest) = (Some(ledger), newest);
    }

    /// The number of saves of the ledger that stands there, if there is one.
    pub async fn serial(&self) -> Option<u64> {
        let state = self.shared.state.lock().await;
        state.at.contents.ledger.as_ref().and(state.known.as_ref()).map(|known| known.serial)
    }

    /// Ends when the lock is lost; never, when it is not.
    pub fn lost(&self) -> impl Future<Output = Loss> + Send + use<> {
        let mut lost = self.shared.lost.subscribe();
        async move {
            let lost = lost.wait_for(Option::is_some).await.ok().and_then(|loss| loss.clone());
            match lost {
                Some(loss) => loss,
                None => std::future::pending().await,
            }
        }
    }

    /// Whether it is lost by now.
    pub fn is_lost(&self) -> Option<Loss> {
        self.shared.lost.borrow().clone()
    }

    /// Fails if the lock is lost. One whose time passed unnoticed, on a machine that slept, is renewed first.
    pub async fn ensure(&self) -> Result<(), SaveError> {
        let mut state = self.shared.state.lock().await;
        if let Some(loss) = self.is_lost() {
            return Err(SaveError::Lost(loss));
        }
        let now = Moment::now();
        if now >= state.lock.expires {
            let next = Lock { expires: now.after(self.shared.life), ..state.lock.clone() };
            self.shared.put(&mut state, Change { ledger: None, lock: Some(bytes(&next)?) }).await?;
            state.lock = next;
        }
        Ok(())
    }

    /// Writes the ledger, if it differs from the one that stands there, as one save more.
    pub async fn save(&self, ledger: &Ledger, then: Then) -> Result<(), SaveError> {
        let mut state = self.shared.state.lock().await;
        // One that only ran out may still be ours; what stands there says so.
        if let Some(loss) = self.is_lost().filter(|loss| !matches!(loss, Loss::Expired(_))) {
            return Err(SaveError::Lost(loss));
        }
        if let Some(known) = &state.known
            && known.says(ledger)
        {
            return match then {
                Then::Keep => Ok(()),
                Then::Release => self.shared.free(&mut state).await,
            };
        }
        let serial = state.known.as_ref().map_or(ledger.serial, |known| known.serial).max(state.newest) + 1;
        let next = Ledger { serial, ..ledger.clone() };
        let change = Change {
            ledger: Some(next.bytes().map_err(wrong)?),
            lock: match then {
                Then::Keep => Some(bytes(&state.lock)?),
                Then::Release => None,
            },
        };
        self.shared.put(&mut state, change).await?;
        state.known = Some(next);
        state.ended = then == Then::Release;
        Ok(())
    }

    /// Frees the lock, if it was not freed or lost before.
    pub async fn release(&self) -> Result<(), SaveError> {
        let mut state = self.shared.state.lock().await;
        self.renewing.abort();
        self.shared.free(&mut state).await
    }

    /// When the lock ends by itself.
    pub async fn expires(&self) -> Moment {
        self.shared.state.lock().await.lock.expires
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Shared {
    async fn free(&self, state: &mut State) -> Result<(), SaveError> {
        if state.ended {
            return Ok(());
        }
        self.put(state, Change { ledger: None, lock: None }).await?;
        state.ended = true;
        Ok(())
    }

    /// Replaces what stands there while the lock is ours. Only `change` is laid over it: the rest stays.
    async fn put(&self, state: &mut State, change: Change) -> Result<(), SaveError> {
        for _ in 0..TRIES {
            let next = Contents {
                ledger: change.ledger.clone().or_else(|| state.at.contents.ledger.clone()),
                lock: change.lock.clone(),
            };
            let now = match self.place.replace(&next, &state.at).await? {
                Replaced::Done(now) => {
                    state.at = now;
                    return Ok(());
                }
                Replaced::Moved(now) => now,
            };
            let loss = match now.contents.lock.as_deref().map(Found::read) {
                Some(found) if found.id() == state.lock.id => {
                    let same = now.contents.ledger == state.at.contents.ledger;
                    state.at = now;
                    // A renewal of ours, whose answer was lost.
                    if same {
                        continue;
                    }
                    Loss::Overwritten
                }
                other => {
                    state.ended = true;
                    other.map_or(Loss::Freed, Loss::Taken)
                }
            };
            self.lost.send_replace(Some(loss.clone()));
            return Err(SaveError::Lost(loss));
        }
        Err(wrong("it changes all the time".to_owned()).into())
    }
}

/// What to lay over what stands in a place.
struct Change {
    /// Another ledger, or the one that is there.
    ledger: Option<Vec<u8>>,
    /// The lock, or none.
    lock: Option<Vec<u8>>,
}

/// Puts the end of the lock off, again and again. What is wrong for a moment is tried again, until the time is over.
async fn renew(shared: Arc<Shared>) {
    let mut pause = shared.life / 3;
    loop {
        tokio::time::sleep(pause).await;
        let mut state = shared.state.lock().await;
        if state.ended {
            return;
        }
        let now = Moment::now();
        let next = Lock { expires: now.after(shared.life), ..state.lock.clone() };
        let Ok(lock) = bytes(&next) else { return };
        match shared.put(&mut state, Change { ledger: None, lock: Some(lock) }).await {
            Ok(()) => {
                state.lock = next;
                pause = shared.life / 3;
            }
            Err(SaveError::Place(_)) if Moment::now() < state.lock.expires => {
                pause = shared.life / 15;
            }
            Err(SaveError::Place(why)) => {
                shared.lost.send_replace(Some(Loss::Expired(why.message)));
                return;
            }
            Err(SaveError::Lost(_)) => return,
        }
    }
}

fn bytes(lock: &Lock) -> Result<Vec<u8>, PlaceError> {
    lock.bytes().map_err(wrong)
}

fn wrong(why: String) -> PlaceError {
    PlaceError { message: format!("the ledger cannot be written as JSON: {why}"), help: None }
}
