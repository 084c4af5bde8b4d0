use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::apply::careful::{Request, Trouble};
use crate::apply::{Applied, Became, Failed, Log, Record, Report, Skipped};
use crate::changeset::Call;
use crate::http::{Answer, ApiError, Problem, WriteApi};
use crate::model::Address;

/// Something that happened to a call, to be shown.
#[derive(Debug)]
pub enum Event<'a> {
    /// It is on its way.
    Started(&'a Call),
    /// It succeeded.
    Done(&'a Call),
    /// It failed.
    Failed(&'a Call, &'a Failed),
}

/// One run of one changeset.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The changeset's digest.
    pub digest: &'a str,
    /// A name that no other run has. It is part of every idempotency key: a key is the same on every retry of one
    /// run, but a later run of an equal changeset (somebody changed things back in between) must not be answered
    /// from the API's memory of this one.
    pub nonce: &'a str,
    /// What the run did before it was cut off, when it goes on.
    pub earlier: Option<&'a Record>,
}

impl<'a> Run<'a> {
    /// A run that begins.
    pub fn new(digest: &'a str, nonce: &'a str) -> Self {
        Self { digest, nonce, earlier: None }
    }

    /// A run that goes on. Its keys are those of before.
    pub fn resumed(record: &'a Record) -> Self {
        let head = &record.head;
        Self { digest: &head.changeset.digest, nonce: &head.run, earlier: Some(record) }
    }

    fn became(&self, call: &Call) -> Option<&Became> {
        self.earlier?.calls.get(&call.id)
    }
}

/// Told of everything that happens.
pub type Progress<'p> = dyn FnMut(Event<'_>) + Send + 'p;

/// How many calls may be on their way at once. It may be another number each time it is asked.
pub type Parallel<'p> = dyn Fn() -> usize + Sync + 'p;

/// Runs calls, at most `parallel` at a time, each when everything it waits for has succeeded. A failed call stops
/// what waits for it and nothing else. When `stop` turns true, no further call is started; those on their way are
/// finished. What happens is written to `log`: all answers that are there and all calls that start at the same moment
/// share one sync, and no call leaves before it. A log that cannot be written stops the run.
pub async fn execute(
    calls: &[Call],
    run: &Run<'_>,
    api: Arc<WriteApi>,
    parallel: &Parallel<'_>,
    mut stop: watch::Receiver<bool>,
    log: &mut dyn Log,
    progress: &mut Progress<'_>,
) -> Report {
    let at: HashMap<&str, usize> = calls.iter().enumerate().map(|(at, call)| (call.id.as_str(), at)).collect();
    let mut report = Report { digest: run.digest.to_owned(), ..Report::default() };
    let mut settled: BTreeMap<usize, Outcome> = BTreeMap::new();
    for (here, call) in calls.iter().enumerate() {
        if let Some(Became::Done(attempts)) = run.became(call) {
            settled.insert(here, Outcome::Done(*attempts));
        }
    }
    if let Some(earlier) = run.earlier {
        report.learned.clone_from(&earlier.learned);
        report.earlier = settled.len();
    }
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    let mut open: Vec<usize> = vec![0; calls.len()];
    for (here, call) in calls.iter().enumerate() {
        let waits_for = call.after.iter().filter_map(|id| at.get(id.as_str()));
        for before in waits_for.filter(|before| !settled.contains_key(before)) {
            blocks[*before].push(here);
            open[here] += 1;
        }
    }
    let is_ready = |here: &usize| open[*here] == 0 && !settled.contains_key(here);
    let mut ready: BTreeSet<usize> = (0..calls.len()).filter(is_ready).collect();
    let mut running: JoinSet<(usize, Result<Answer, Trouble>)> = JoinSet::new();
    let mut stopped = *stop.borrow();
    // Without somebody who could interrupt, there is nothing to listen for.
    let mut listening = true;

    loop {
        // An answer and the word to stop may come at the same moment; then the word counts.
        stopped |= *stop.borrow();
        let mut starting = Vec::new();
        while !stopped && running.len() + starting.len() < parallel().max(1) {
            let Some(here) = ready.pop_first() else { break };
            let call = &calls[here];
            match Request::of(call, idempotency_key(run, call), &report.learned) {
                Ok(request) => {
                    log.sent(call);
                    starting.push((here, request));
                }
                Err(missing) => {
                    let failed = Failed::without_answer(call, format!("the id of {missing} was never told"));
                    log.failed(&failed);
                    progress(Event::Failed(call, &failed));
                    report.failed.push(failed);
                    settled.insert(here, Outcome::Failed);
                    skip(here, calls, &blocks, &mut settled, &mut report);
                }
            }
        }
        if let Err(why) = log.sync() {
            report.unwritten.get_or_insert_with(|| why.to_string());
            stopped = true;
            starting.clear();
        }
        for (here, request) in starting {
            let call = &calls[here];
            progress(Event::Started(call));
            let api = Arc::clone(&api);
            let doubtful = run.became(call).is_some_and(Became::is_doubtful);
            running.spawn(async move { (here, request.send(&api, doubtful).await) });
        }
        if running.is_empty() {
            break;
        }
        let joined = tokio::select! {
            joined = running.join_next() => joined,
            changed = stop.changed(), if listening && !stopped => {
                listening = changed.is_ok();
                stopped = *stop.borrow();
                continue;
            }
        };
        let more = std::iter::from_fn(|| running.try_join_next());
        // A task that panicked has no call to report; its call stays unsettled and is listed as not tried.
        for (here, result) in joined.into_iter().chain(more).flatten() {
            let call = &calls[here];
            let result = result
                .map_err(|trouble| match trouble {
                    Trouble::Api(error) => {
                        let mut failed = Failed::of(call, &error);
                        failed.unsent &= !run.became(call).is_some_and(Became::is_doubtful);
                        Box::new(failed)
                    }
                    Trouble::Words(words) => Box::new(Failed::without_answer(call, words)),
                })
                .and_then(|answer| Ok((learn(call, &answer)?, answer)));
            match result {
                Ok((learned, answer)) => {
                    log.done(call, answer.status, answer.attempts, &learned);
                    report.learned.extend(learned);
                    settled.insert(here, Outcome::Done(answer.attempts));
                    progress(Event::Done(call));
                    for next in &blocks[here] {
                        open[*next] -= 1;
                        if open[*next] == 0 && !settled.contains_key(next) {
                            ready.insert(*next);
                        }
                    }
                }
                Err(failed) => {
                    log.failed(&failed);
                    progress(Event::Failed(call, &failed));
                    // Nothing more will be accepted with this key.
                    stopped |= failed.credentials;
                    report.failed.push(*failed);
                    settled.insert(here, Outcome::Failed);
                    skip(here, calls, &blocks, &mut settled, &mut report);
                }
            }
        }
    }

    // The report is in the changeset's order, whatever the order of the answers was.
    for (here, call) in calls.iter().enumerate() {
        match settled.get(&here) {
            Some(Outcome::Done(attempts)) => report.applied.push(Applied {
                call: call.id.clone(),
                address: call.address.clone(),
                attempts: *attempts,
            }),
            Some(Outcome::Failed | Outcome::Skipped) => {}
            None => {
                report.skipped.push(Skipped { call: call.id.clone(), address: call.address.clone(), because: None })
            }
        }
    }
    let order = |id: &String| at.get(id.as_str()).copied();
    report.failed.sort_by_key(|failed| order(&failed.call));
    report.skipped.sort_by_key(|skipped| order(&skipped.call));
    report.interrupted = *stop.borrow();
    report
}

enum Outcome {
    Done(u32),
    Failed,
    Skipped,
}

/// Everything that waits for a call that failed.
fn skip(
    failed: usize,
    calls: &[Call],
    blocks: &[Vec<usize>],
    settled: &mut BTreeMap<usize, Outcome>,
    report: &mut Report,
) {
    let mut next: Vec<(usize, usize)> = blocks[failed].iter().map(|waiting| (*waiting, failed)).collect();
    while let Some((here, because)) = next.pop() {
        if settled.contains_key(&here) {
            continue;
        }
        settled.insert(here, Outcome::Skipped);
        report.skipped.push(Skipped {
            call: calls[here].id.clone(),
            address: calls[here].address.clone(),
            because: Some(calls[because].id.clone()),
        });
        next.extend(blocks[here].iter().map(|waiting| (*waiting, here)));
    }
}

/// The ids that an answer tells.
fn learn(call: &Call, answer: &Answer) -> Result<BTreeMap<Address, String>, Box<Failed>> {
    let mut learned = BTreeMap::new();
    if call.learns.is_none() && call.also_learns.is_empty() {
        return Ok(learned);
    }
    let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    for learns in call.learns.iter().chain(&call.also_learns) {
        let Some(id) = learns.read(&body) else {
            let mut failed =
                Failed::without_answer(call, format!("the answer does not tell the id of {}", learns.address));
            failed.status = Some(answer.status);
            failed.request_id.clone_from(&answer.request_id);
            return Err(Box::new(failed));
        };
        learned.insert(learns.address.clone(), id.to_owned());
    }
    Ok(learned)
}

/// DELETE has none.
fn idempotency_key(run: &Run<'_>, call: &Call) -> Option<String> {
    matches!(call.method.as_str(), "POST" | "PUT" | "PATCH").then(|| {
        let hash = Sha256::digest(format!("{}/{}/{}", run.digest, run.nonce, call.id).as_bytes());
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("pricebook-{hex}")
    })
}

impl Failed {
    fn of(call: &Call, error: &ApiError) -> Self {
        Self {
            status: error.status(),
            code: error.code().map(str::to_owned),
            request_id: error.request_id.clone(),
            credentials: matches!(error.problem, Problem::Credentials { .. }),
            unsent: error.attempts == 0,
            ..Self::without_answer(call, error.reason())
        }
    }

    pub(super) fn without_answer(call: &Call, message: String) -> Self {
        Self {
            call: call.id.clone(),
            address: call.address.clone(),
            request: format!("{} {}", call.method, call.path),
            status: None,
            code: None,
            message,
            request_id: None,
            credentials: false,
            unsent: false,
        }
    }
}
