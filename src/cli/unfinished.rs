//! What a run that was cut off left: its journal is taken into account before anything is planned.

use crate::apply::{self, JournalError, Record};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::{complain, exit};
use crate::ledger::Ledger;
use crate::model::Live;

impl Session {
    /// Reads the live state, with what an unfinished run did brought into the ledger. In memory only.
    pub(crate) async fn observe_and_recover(&mut self) -> Result<Live, Stop> {
        let live = self.recovered().await;
        self.ask_anew();
        live
    }

    async fn recovered(&mut self) -> Result<Live, Stop> {
        let found = read(&self.journal)?;
        if let Some(why) = found.as_ref().and_then(|record| self.no_use(record)) {
            complain(&format!("note: {why}"));
        }
        let Some(record) = found.filter(|record| self.no_use(record).is_none()) else {
            if !self.ledger.pending.is_empty() {
                self.ask_once();
            }
            let live = self.observe().await?;
            // What is ours decides how some objects are looked at.
            let more = apply::claim(&mut self.ledger, &live);
            return if more { self.observe().await } else { Ok(live) };
        };
        complain(&format!("note: {}; what it did is taken into account", words(&record)));
        self.ask_once();
        let kinds = self.provider.kinds();
        let desired = self.desired.clone();
        self.desired.objects.append(&mut self.named(&record.head.changeset));
        let live = self.observe().await?;
        self.desired = desired;
        self.ledger = apply::recover(&record, kinds, &self.desired, &live, &self.ledger);
        self.observe().await
    }

    /// The journal of a run of this environment that did not end well, unless it is of no use any more.
    pub(crate) fn unfinished(&self) -> Result<Option<Record>, Stop> {
        Ok(read(&self.journal)?.filter(|record| self.no_use(record).is_none()))
    }

    /// Why nothing in a journal can be used, if so.
    fn no_use(&self, record: &Record) -> Option<String> {
        let place = self.journal.display();
        if !self.is_target_of(record) {
            let then = &record.head.changeset.environment;
            return Some(format!(
                "the journal {place} is of another target ({} {}), so nothing in it is used",
                then.provider, then.url
            ));
        }
        (!belongs(record, &self.ledger)).then(|| {
            format!(
                "the journal {place} is older than the ledger, which another run saved since; nothing in it is used"
            )
        })
    }

    fn is_target_of(&self, record: &Record) -> bool {
        let (then, now) = (&record.head.changeset.environment, &self.environment);
        (&then.provider, &then.url) == (&now.provider, &now.url)
    }

    /// Takes the journal away when the ledger knows all of it. One that stays is harmless.
    pub(super) fn finish(&self) {
        if !matches!(read(&self.journal), Ok(Some(record)) if self.is_target_of(&record)) {
            return;
        }
        if let Err(why) = apply::remove(&self.journal) {
            complain(&format!("note: the journal {} cannot be removed: {why}", self.journal.display()));
        }
    }
}

/// Whether nobody saved the ledger since, but the run itself.
pub(super) fn belongs(record: &Record, ledger: &Ledger) -> bool {
    ledger.run.as_deref() == Some(&record.head.run) || ledger.serial == record.head.serial
}

/// Reads a journal, or says what to do about one that cannot be read.
pub(super) fn read(path: &std::path::Path) -> Result<Option<Record>, Stop> {
    Record::read(path).map_err(|why| {
        let help = match why {
            JournalError::Format { .. } => "use the Pricebook that wrote it",
            _ => "move it away and run apply: it plans from what is live, and finds objects by their keys",
        };
        Stop::new(exit::ERROR, format!("{why}; nothing was sent")).help(help)
    })
}

/// `the run of 2026-11-20T12:51:09Z was cut off after 12 of 38 calls, 1 more has no answer`.
pub(super) fn words(record: &Record) -> String {
    let (done, total) = (record.done(), record.head.changeset.calls.len());
    let open = match record.doubtful().count() {
        0 => String::new(),
        1 => ", 1 more has no clear answer".to_owned(),
        more => format!(", {more} more have no clear answer"),
    };
    format!("the run of {} did not end well: {done} of {total} calls are done{open}", record.head.started)
}
