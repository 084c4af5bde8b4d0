//! Making the calls of a changeset: journal, interrupts, progress, ledger, report.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::apply::{self, Head, JOURNAL_FORMAT, Journal, Log, Record, Report};
use crate::changeset::Document;
use crate::cli::apply::{Arguments, Parallel, json};
use crate::cli::common::{Format, Style};
use crate::cli::failure::Stop;
use crate::cli::session::Session;
use crate::cli::signal::Signals;
use crate::cli::store::Locked;
use crate::cli::{complain, exit, paint, progress};
use crate::diff::Action;
use crate::ledger::{Ledger, Then};
use crate::model::{Address, moment};
use crate::render::clean;

/// Makes the calls, or goes on with those of an earlier run.
pub(super) async fn make(
    session: &Session,
    document: &Document,
    remember: &(dyn Fn(&Report) -> Ledger + Sync),
    earlier: Option<&Record>,
    arguments: &Arguments,
    style: &Style,
) -> Result<u8, Stop> {
    if let Some(lock) = &session.lock {
        lock.is_ours().await?;
    }
    let name = earlier.map_or_else(name_of_run, |record| record.head.run.clone());
    let mut journal = prepare(session, document, earlier, &name, arguments).await?;

    let (stop, stopped) = watch::channel(false);
    let interrupts = tokio::spawn(listen(stop.clone()));
    let losses = session.lock.as_ref().map(|lock| lock.calls_begin(stop));
    let total = document.calls.len() - earlier.map_or(0, Record::done);
    let pace = session.pace();
    let (show, live) = progress::Calls::new(total, pace, style);
    let api = Arc::new(session.writer(show.waiting())?);
    let run = earlier.map_or_else(|| apply::Run::new(&document.digest, &name), apply::Run::resumed);
    let mut progress = |event: apply::Event<'_>| show.event(&event);
    let mut nowhere = ();
    let log: &mut dyn Log = match &mut journal {
        Some(journal) => journal,
        None => &mut nowhere,
    };
    let before = pace.traffic();
    if arguments.parallel == Parallel::Auto {
        pace.climb(Parallel::DEFAULT.into(), Parallel::MOST.into());
    }
    let parallel = || match arguments.parallel {
        Parallel::Fixed(number) => number.into(),
        Parallel::Auto => pace.allowance().unwrap_or(Parallel::MOST.into()),
    };
    let calling = session.clock.lap("calls");
    let began = Instant::now();
    let mut report = apply::execute(&document.calls, &run, api, &parallel, stopped, log, &mut progress).await;
    drop(calling);
    if let Some(journal) = &journal {
        session.clock.add("of these the journal", journal.spent());
    }
    interrupts.abort();
    drop(live);
    let (spent, auto) = (began.elapsed(), arguments.parallel == Parallel::Auto);
    if !document.calls.is_empty() && !style.quiet && (auto || style.verbose || spent > LONG) {
        let traffic = pace.traffic();
        let found = if auto { found(traffic.climbed, traffic.refused - before.refused) } else { String::new() };
        let made = (report.applied.len() - report.earlier) as u64;
        complain(&format!("note: {}{found}", progress::took(made, spent, traffic.waited - before.waited)));
    }
    if let Some(losses) = losses {
        losses.abort();
    }

    report.exit = if report.interrupted && session.lock.as_ref().is_some_and(Locked::is_lost) {
        exit::LOCKED
    } else if report.interrupted {
        exit::INTERRUPTED
    } else if report.failed.iter().any(|failed| failed.credentials) {
        exit::CREDENTIALS
    } else if report.unwritten.is_some() && report.applied.len() == report.earlier {
        exit::ERROR
    } else if report.is_whole() {
        exit::DONE
    } else {
        exit::PARTIAL
    };
    let mut ledger = remember(&report);
    // What a call without a clear answer may have made is still to be looked for.
    let doubtful = report.failed.iter().filter(|failed| failed.is_doubtful()).map(|failed| &failed.address);
    let creates = creates(document);
    ledger.pending = doubtful.filter(|one| creates.contains(one) && !ledger.owns(one)).cloned().collect();
    // What happened is said even if it cannot be remembered.
    ledger.run = (!document.calls.is_empty()).then_some(name);
    let saved = session.save(&ledger, Then::Release).await;
    if let Err(stop) = &saved {
        report.exit = stop.exit();
    }
    let whole = report.is_whole() && saved.is_ok();
    match journal {
        Some(mut journal) if !whole => {
            let _ = journal.ended(report.exit);
            report.journal = Some(session.journal.display().to_string());
        }
        Some(journal) => {
            if let Err(why) = journal.remove() {
                complain(&format!("note: the journal {} cannot be removed: {why}", session.journal.display()));
            }
        }
        // Nothing was to be done; an earlier run's facts are in the ledger now.
        None if whole => session.finish(),
        None => {}
    }
    if let Some(why) = &report.unwritten {
        complain(&format!(
            "error: the journal {} cannot be written: {why}; no further call was sent",
            session.journal.display()
        ));
    }
    conclude(document, &report, arguments.format, style);
    saved?;
    Ok(report.exit)
}

/// A run that takes longer says at its end how long it took.
const LONG: Duration = Duration::from_secs(10);

/// What `--parallel auto` found.
fn found(widest: usize, refused: u64) -> String {
    let limit = match refused {
        0 => "the API never asked for less".to_owned(),
        1 => "the API asked for less once".to_owned(),
        times => format!("the API asked for less {times} times"),
    };
    format!(", up to {widest} at once; {limit}")
}

/// Before the first call leaves: what is known is saved, the journal is begun, and the ledger says what is about to be
/// created, for the case that this machine is lost together with the journal.
async fn prepare(
    session: &Session,
    document: &Document,
    earlier: Option<&Record>,
    name: &str,
    arguments: &Arguments,
) -> Result<Option<Journal>, Stop> {
    if document.calls.is_empty() {
        return Ok(None);
    }
    let unwritten = |why: std::io::Error| {
        let message = format!("the journal {} cannot be written: {why}; nothing was sent", session.journal.display());
        Stop::new(exit::ERROR, message).help("make it writable, and run apply again")
    };
    let journal = match earlier {
        Some(record) => Journal::resume(&session.journal, record, now()).map_err(unwritten)?,
        None => {
            // As part of the run that is recovered: if this one ends here, the journal is still what it was.
            session.prepare(&session.ledger).await?;
            let protected = session.desired.objects.iter().filter(|(_, object)| object.directives.protect);
            let head = Head {
                format: JOURNAL_FORMAT.to_owned(),
                run: name.to_owned(),
                started: now(),
                serial: session.serial().await,
                protect: protected.map(|(address, _)| address.clone()).collect(),
                acknowledged: arguments.ack.iter().cloned().collect(),
                changeset: Cow::Borrowed(document),
            };
            Journal::begin(&session.journal, head).map_err(unwritten)?
        }
    };
    let creates = creates(document);
    let pending: BTreeSet<Address> =
        creates.into_iter().filter(|address| !session.ledger.owns(address)).cloned().collect();
    if !pending.is_empty() {
        let ledger = Ledger { pending, run: Some(name.to_owned()), ..session.ledger.clone() };
        session.prepare(&ledger).await?;
    }
    Ok(Some(journal))
}

/// What a changeset creates.
fn creates(document: &Document) -> BTreeSet<&Address> {
    document.changes.iter().filter(|change| change.action == Action::Create).map(|change| &change.address).collect()
}

/// The first interrupt lets calls in flight finish; the second one ends at once.
async fn listen(stop: watch::Sender<bool>) {
    let mut signals = Signals::new();
    let mut second = false;
    while signals.next().await {
        if second {
            #[expect(clippy::exit, reason = "a second interrupt is a request not to wait for anything")]
            std::process::exit(exit::INTERRUPTED.into());
        }
        second = true;
        complain("interrupted: calls in flight are finished; interrupt again to stop at once");
        let _ = stop.send(true);
    }
}

/// Now, in UTC.
pub(super) fn now() -> String {
    moment(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// A name for this run that no other run has.
fn name_of_run() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = || std::hash::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn conclude(document: &Document, report: &Report, format: Format, style: &Style) {
    if format == Format::Json {
        super::print(&json(report), style);
        return;
    }
    let paint = paint(style);
    let mut text = String::new();
    if !report.is_whole() {
        text.push('\n');
    }
    for failed in &report.failed {
        text.push_str(&format!(
            "{} {} · {}: {}",
            paint.red("failed"),
            failed.address,
            clean(&failed.request),
            clean(&failed.message)
        ));
        if let Some(id) = &failed.request_id {
            text.push_str(&format!(" [request {id}]"));
        }
        text.push('\n');
    }
    for skipped in &report.skipped {
        let summary =
            document.calls.iter().find(|call| call.id == skipped.call).map_or("", |call| call.summary.as_str());
        text.push_str(&format!("{} {} · {}\n", paint.yellow("not tried"), skipped.address, clean(summary)));
    }
    let (done, total) = (report.applied.len(), document.calls.len());
    if total > 0 {
        let calls = |number: usize| format!("{number} {}", if number == 1 { "call" } else { "calls" });
        let before = match report.earlier {
            0 => String::new(),
            earlier => format!(" after {earlier} of the run before"),
        };
        text.push_str(&if done == total {
            let made = calls(done - report.earlier);
            paint.green(&format!("\nApplied: {made} made{before}, all of them succeeded\n"))
        } else {
            paint.red(&format!(
                "\nApplied in part: {done} of {} made, {} failed, {} not tried\n",
                calls(total),
                report.failed.len(),
                report.skipped.len()
            ))
        });
    }
    if let Some(journal) = &report.journal {
        text.push_str(&format!(
            "The journal is {journal}\n  pricebook apply --resume   goes on with this changeset\n  pricebook apply            plans anew, from what is live now\n"
        ));
    }
    super::print(&text, style);
}
