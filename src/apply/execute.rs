use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::apply::careful::{Request, Trouble};
use crate::apply::{Applied, Failed, Report, Skipped};
use crate::changeset::{Call, placeholder_address, placeholders_in_path};
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
}

/// Told of everything that happens.
pub type Progress<'p> = dyn FnMut(Event<'_>) + Send + 'p;

/// Runs calls, at most `parallel` at a time, each when everything it waits for has succeeded. A failed call stops
/// what waits for it and nothing else. When `stop` turns true, no further call is started; those on their way are
/// finished.
pub async fn execute(
    calls: &[Call],
    run: &Run<'_>,
    api: Arc<WriteApi>,
    parallel: usize,
    mut stop: watch::Receiver<bool>,
    progress: &mut Progress<'_>,
) -> Report {
    let at: HashMap<&str, usize> = calls.iter().enumerate().map(|(at, call)| (call.id.as_str(), at)).collect();
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    let mut open: Vec<usize> = vec![0; calls.len()];
    for (here, call) in calls.iter().enumerate() {
        for before in call.after.iter().filter_map(|id| at.get(id.as_str())) {
            blocks[*before].push(here);
            open[here] += 1;
        }
    }
    let mut ready: BTreeSet<usize> = (0..calls.len()).filter(|here| open[*here] == 0).collect();
    let mut report = Report { digest: run.digest.to_owned(), ..Report::default() };
    let mut settled: BTreeMap<usize, Outcome> = BTreeMap::new();
    let mut running: JoinSet<(usize, Result<Answer, Trouble>)> = JoinSet::new();
    let mut stopped = *stop.borrow();
    // Without somebody who could interrupt, there is nothing to listen for.
    let mut listening = true;

    loop {
        // An answer and the word to stop may come at the same moment; then the word counts.
        stopped |= *stop.borrow();
        while !stopped && running.len() < parallel.max(1) {
            let Some(here) = ready.pop_first() else { break };
            let call = &calls[here];
            let prepared = resolve(call, &report.learned).and_then(|(path, body)| {
                let (method, key) = (call.method.clone(), idempotency_key(run, call));
                let care = call.care.clone().unwrap_or_default();
                Request { method, path, body, key, care }.resolve(&report.learned)
            });
            let request = match prepared {
                Ok(resolved) => resolved,
                Err(missing) => {
                    let failed = Failed::without_answer(call, format!("the id of {missing} was never told"));
                    progress(Event::Failed(call, &failed));
                    report.failed.push(failed);
                    settled.insert(here, Outcome::Failed);
                    skip(here, calls, &blocks, &mut settled, &mut report);
                    continue;
                }
            };
            progress(Event::Started(call));
            let (api, careful) = (Arc::clone(&api), call.care.is_some());
            running.spawn(async move {
                if careful {
                    return (here, request.send(&api).await);
                }
                let Request { method, path, body, key, .. } = request;
                (here, api.send(&method, &path, body.as_ref(), key.as_deref()).await.map_err(Trouble::Api))
            });
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
        // A task that panicked has no call to report; its call stays unsettled and is listed as not tried.
        let Some(Ok((here, result))) = joined else { continue };
        let call = &calls[here];
        match result
            .map_err(|trouble| match trouble {
                Trouble::Api(error) => Box::new(Failed::of(call, &error)),
                Trouble::Words(words) => Box::new(Failed::without_answer(call, words)),
            })
            .and_then(|answer| learn(call, &answer, &mut report.learned))
        {
            Ok(attempts) => {
                settled.insert(here, Outcome::Done(attempts));
                progress(Event::Done(call));
                for next in &blocks[here] {
                    open[*next] -= 1;
                    if open[*next] == 0 && !settled.contains_key(next) {
                        ready.insert(*next);
                    }
                }
            }
            Err(failed) => {
                progress(Event::Failed(call, &failed));
                // Nothing more will be accepted with this key.
                stopped |= failed.credentials;
                report.failed.push(*failed);
                settled.insert(here, Outcome::Failed);
                skip(here, calls, &blocks, &mut settled, &mut report);
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

/// Puts learned ids where placeholders stand. Only where the call says so: a description may look like one.
fn resolve(call: &Call, learned: &BTreeMap<Address, String>) -> Result<(String, Option<Json>), String> {
    let id = |text: &str| {
        let address = placeholder_address(text).ok_or_else(|| text.to_owned())?;
        learned.get(&address).ok_or_else(|| address.to_string())
    };
    let mut path = call.path.clone();
    let placeholders: Vec<&str> = placeholders_in_path(&call.path).collect();
    for placeholder in placeholders {
        path = path.replace(placeholder, id(placeholder)?);
    }
    let mut body = call.body.clone();
    for pointer in &call.ids {
        if let Some(slot) = body.as_mut().and_then(|body| body.pointer_mut(pointer)) {
            let text = slot.as_str().unwrap_or_default().to_owned();
            *slot = Json::from(id(&text)?.as_str());
        }
    }
    Ok((path, body))
}

fn learn(call: &Call, answer: &Answer, learned: &mut BTreeMap<Address, String>) -> Result<u32, Box<Failed>> {
    if call.learns.is_none() && call.also_learns.is_empty() {
        return Ok(answer.attempts);
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
    Ok(answer.attempts)
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
            ..Self::without_answer(call, error.reason())
        }
    }

    fn without_answer(call: &Call, message: String) -> Self {
        Self {
            call: call.id.clone(),
            address: call.address.clone(),
            request: format!("{} {}", call.method, call.path),
            status: None,
            code: None,
            message,
            request_id: None,
            credentials: false,
        }
    }
}
