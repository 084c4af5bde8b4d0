//! `apply --resume`: goes on with a run that was cut off or failed in part.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::apply::{self, Record, Report};
use crate::changeset::moved_meanwhile;
use crate::cli::apply::{Arguments, confirm};
use crate::cli::calls::make;
use crate::cli::common::{Format, Style};
use crate::cli::failure::Stop;
use crate::cli::saved::{Known, say_stale};
use crate::cli::session::{Session, journal_of};
use crate::cli::unfinished::{belongs, read, words};
use crate::cli::{complain, exit, paint, show};
use crate::model::seconds;
use crate::render::{self, clean};

/// Finds the unfinished run of the chosen environment and goes on with it.
pub(crate) async fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let catalog = arguments.catalog.as_deref();
    let path = journal_of(&arguments.scope, catalog)?;
    let Some(record) = read(&path)? else {
        return Err(Stop::invalid(format!(
            "there is no unfinished run: {} is not there; nothing was sent",
            path.display()
        ))
        .help("`pricebook apply` plans from what is live"));
    };
    let document = &record.head.changeset;
    if let Some(file) = &arguments.file
        && show::read(file)?.digest != document.digest
    {
        return Err(Stop::invalid(format!(
            "the unfinished run is of another changeset than {}; nothing was sent",
            file.display()
        ))
        .help("leave the file out to go on with that run, or `--resume` to apply the file"));
    }
    let mut session = Session::open_saved(&arguments.scope, catalog, document, style).await?;
    let outcome = match still(&session, &record) {
        Ok(()) => resume(&mut session, &record, arguments, style).await,
        Err(stop) => Err(stop),
    };
    session.close().await;
    outcome
}

/// Until the lock was taken, somebody else may have gone on with the run.
fn still(session: &Session, record: &Record) -> Result<(), Stop> {
    if read(&session.journal)?.is_some_and(|now| now.is_same(record)) {
        return Ok(());
    }
    Err(Stop::new(exit::STALE, "another process went on with this run in the meantime; nothing was sent")
        .help("`pricebook plan` shows what is left"))
}

async fn resume(session: &mut Session, record: &Record, arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let document = &record.head.changeset;
    if !belongs(record, &session.ledger) {
        return Err(Stop::new(
            exit::STALE,
            "another run saved the ledger after this one was cut off, so it cannot go on; nothing was sent",
        )
        .help("`pricebook apply` plans from what is live"));
    }
    remembers(session, record)?;
    let Known { live, changes, partial } = Known::of(session, document, false).await?;
    let begun: BTreeSet<&str> = record.calls.keys().map(String::as_str).collect();
    let moved = moved_meanwhile(document, &live, &session.ledger, &begun);
    if !moved.is_empty() {
        say_stale(document, moved, "`pricebook apply` plans from what is live", arguments, style);
        return Ok(exit::STALE);
    }
    // The report is what goes to stdout as JSON.
    if arguments.format == Format::Human {
        super::print(&render::human(document, paint(style), style.verbose), style);
    }
    let left = document.calls.len() - record.done();
    complain(&format!("note: {}; {left} to make", words(record)));
    // Its guards let it pass when it began: what was acknowledged was acknowledged for this changeset.
    if left > 0 && !arguments.yes {
        confirm(document, left)?;
    }
    let session = &*session;
    let remember =
        |report: &Report| apply::remember(&session.ledger, &session.desired, &live, &changes, report, partial);
    make(session, document, &remember, Some(record), arguments, style).await
}

/// A call without a clear answer can only be sent again while the API remembers its key.
fn remembers(session: &Session, record: &Record) -> Result<(), Stop> {
    let Some(limit) = session.provider.remembers_keys() else { return Ok(()) };
    let keyed = |method: &str| matches!(method, "POST" | "PUT" | "PATCH");
    let Some(call) = record.doubtful().find(|call| call.care.is_none() && keyed(&call.method)) else { return Ok(()) };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let age = seconds(&record.head.started).map(|started| now.saturating_sub(started));
    if age.is_some_and(|age| age < limit.as_secs()) {
        return Ok(());
    }
    Err(Stop::new(
        exit::STALE,
        format!(
            "the run began at {}, and {} remembers for {} hours only whether it did a call without a clear answer ({}: {} {}); nothing was sent",
            record.head.started,
            session.provider.title(),
            limit.as_secs() / 3600,
            clean(&call.summary),
            call.method,
            call.path,
        ),
    )
    .help("`pricebook apply` plans from what is live"))
}
