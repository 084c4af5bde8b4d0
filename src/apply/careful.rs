//! A call at an API without idempotency keys: read again just before writing, send once, and when the answer is
//! unclear look at what there is before trying again. What the answer says is compared with what was asked.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value as Json;

use crate::changeset::{Call, Care, Expect, Lookup, Unchanged, placeholder_address, placeholders_in_path};
use crate::http::{Answer, ApiError, Once, Problem, WriteApi};
use crate::model::Address;

/// A bare 500 may be a refusal that nothing explains: it is not tried for ever.
const TRIES_AFTER_500: u32 = 4;

/// Why a careful call did not succeed.
pub(super) enum Trouble {
    /// The API did not do it.
    Api(ApiError),
    /// It did something else, or what it was to change is no longer what was planned.
    Words(String),
}

/// One call, with the ids that it needs.
pub(super) struct Request {
    method: String,
    path: String,
    body: Option<Json>,
    key: Option<String>,
    /// What it needs where there are no idempotency keys.
    care: Option<Care>,
}

impl Request {
    /// Puts learned ids where placeholders stand. Only where the call says so: a description may look like one.
    pub(super) fn of(call: &Call, key: Option<String>, learned: &BTreeMap<Address, String>) -> Result<Self, String> {
        let id = |text: &str| {
            let address = placeholder_address(text).ok_or_else(|| text.to_owned())?;
            learned.get(&address).cloned().ok_or_else(|| address.to_string())
        };
        let in_path = |path: &str| {
            let placeholders: Vec<&str> = placeholders_in_path(path).collect();
            placeholders
                .into_iter()
                .try_fold(path.to_owned(), |path, one| Ok::<_, String>(path.replace(one, &id(one)?)))
        };
        let mut body = call.body.clone();
        for pointer in &call.ids {
            if let Some(slot) = body.as_mut().and_then(|body| body.pointer_mut(pointer)) {
                let text = slot.as_str().unwrap_or_default().to_owned();
                *slot = Json::from(id(&text)?);
            }
        }
        let mut care = call.care.clone();
        if let Some(care) = &mut care {
            if let Some(lookup) = &mut care.lookup {
                lookup.path = in_path(&lookup.path)?;
            }
            let fields = care.lookup.iter_mut().flat_map(|lookup| &mut lookup.fields);
            for expect in fields.chain(&mut care.expect).filter(|expect| expect.id) {
                let known =
                    expect.value.as_str().filter(|text| placeholder_address(text).is_some()).map(id).transpose()?;
                if let Some(known) = known {
                    expect.value = Json::from(known);
                }
            }
        }
        Ok(Self { method: call.method.clone(), path: in_path(&call.path)?, body, key, care })
    }

    /// Sends it. A doubtful call was sent before, by a run that did not live to see the answer.
    pub(super) async fn send(&self, api: &WriteApi, doubtful: bool) -> Result<Answer, Trouble> {
        let Some(care) = &self.care else {
            let sent = api.send(&self.method, &self.path, self.body.as_ref(), self.key.as_deref()).await;
            return match sent {
                Err(error) if doubtful && self.method == "DELETE" && error.status() == Some(404) => {
                    Ok(gone(error.request_id, error.attempts))
                }
                sent => sent.map_err(Trouble::Api),
            };
        };
        if doubtful && let Some(body) = care.made(api, self.body.as_ref()).await? {
            return care.compared(found(&body, None, 1));
        }
        care.still_as_planned(api).await?;
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let once = api.send_once(&self.method, &self.path, self.body.as_ref(), self.key.as_deref()).await;
            let mut failed = match once {
                Ok(answer) => return care.compared(Answer { attempts, ..answer }),
                Err(failed) => failed,
            };
            let status = failed.error.status();
            // The first answer to a DELETE was lost, and it had worked.
            if self.method == "DELETE" && (attempts > 1 || doubtful) && status == Some(404) {
                return Ok(gone(failed.error.request_id, attempts));
            }
            let unclear = unclear(&failed);
            if (unclear || status == Some(409))
                && let Some(lookup) = &care.lookup
                && let Some(body) = look(api, lookup).await.map_err(Trouble::Api)?
            {
                return care.compared(found(&body, failed.error.request_id, attempts));
            }
            let again = unclear || status == Some(429);
            let spent = status == Some(500) && attempts >= TRIES_AFTER_500;
            if !again || spent || !api.wait(started, attempts, &mut failed).await {
                return Err(Trouble::Api(ApiError { attempts, ..failed.error }));
            }
        }
    }
}

fn gone(request_id: Option<String>, attempts: u32) -> Answer {
    Answer::known(404, b"{}".to_vec(), request_id, attempts)
}

fn found(body: &Json, request_id: Option<String>, attempts: u32) -> Answer {
    Answer::known(200, serde_json::to_vec(body).unwrap_or_default(), request_id, attempts)
}

impl Care {
    /// What a doubtful call made, if it did: the object that it creates, or the list that it writes.
    async fn made(&self, api: &WriteApi, asked: Option<&Json>) -> Result<Option<Json>, Trouble> {
        if let Some(lookup) = &self.lookup {
            return look(api, lookup).await.map_err(Trouble::Api);
        }
        let (Some(unchanged), Some(asked)) = (&self.unchanged, asked) else { return Ok(None) };
        let answer = api.get(&unchanged.path).await.map_err(Trouble::Api)?;
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let written = unchanged.names_in(&body) != unchanged.names
            && match (asked.pointer(&unchanged.list), body.pointer(&unchanged.list)) {
                (Some(asked), Some(found)) => says(found, asked),
                _ => false,
            };
        Ok(Some(body).filter(|_| written))
    }

    /// Reads once more what the call was made from.
    async fn still_as_planned(&self, api: &WriteApi) -> Result<(), Trouble> {
        let Some(unchanged) = &self.unchanged else { return Ok(()) };
        let answer = api.get(&unchanged.path).await.map_err(Trouble::Api)?;
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        if unchanged.names_in(&body) == unchanged.names {
            return Ok(());
        }
        Err(Trouble::Words(format!(
            "{} changed after they were read; nothing was sent. Run it again: it plans from what is live then",
            unchanged.what
        )))
    }

    /// An API that ignores a field says so only by what it answers.
    fn compared(&self, answer: Answer) -> Result<Answer, Trouble> {
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let wrong = |expect: &&Expect| !expect.holds(&body);
        match self.expect.iter().find(wrong) {
            None => Ok(answer),
            Some(expect) => Err(Trouble::Words(format!(
                "the API answered {} and did not take `{}`: it says {}, and was asked for {}",
                answer.status,
                expect.at.trim_start_matches('/').replace('/', "."),
                shortened(body.pointer(&expect.at).unwrap_or(&Json::Null)),
                shortened(&expect.value)
            ))),
        }
    }
}

impl Unchanged {
    /// The names of the items, sorted.
    fn names_in<'b>(&self, body: &'b Json) -> Vec<&'b str> {
        let list = body.pointer(&self.list).and_then(Json::as_array);
        let names = list.into_iter().flatten().filter_map(|item| item.pointer(&self.item).and_then(Json::as_str));
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names
    }
}

/// Whether an answer says all that was asked, as far as it shows it. Items of lists come back in any order.
fn says(found: &Json, asked: &Json) -> bool {
    match (found, asked) {
        (Json::Object(found), Json::Object(asked)) => {
            asked.iter().all(|(key, asked)| found.get(key).is_none_or(|found| says(found, asked)))
        }
        (Json::Array(found), Json::Array(asked)) => {
            let mut left: Vec<&Json> = found.iter().collect();
            found.len() == asked.len()
                && asked.iter().all(|asked| {
                    let at = left.iter().position(|found| says(found, asked));
                    at.map(|at| left.swap_remove(at)).is_some()
                })
        }
        (found, asked) => Expect::new("", asked.clone()).holds(found),
    }
}

/// Whether the request may have been done.
fn unclear(failed: &Once) -> bool {
    match &failed.error.problem {
        Problem::Network(_) => true,
        Problem::Refused { status, failure } => *status == 408 || *status >= 500 || failure.transient,
        _ => false,
    }
}

/// The object that the call makes, if it is there.
async fn look(api: &WriteApi, lookup: &Lookup) -> Result<Option<Json>, ApiError> {
    let mut skip = 0;
    loop {
        let path = match &lookup.pages {
            Some(pages) => format!("{}&{}={skip}", lookup.path, pages.skip),
            None => lookup.path.clone(),
        };
        let answer = match api.get(&path).await {
            Ok(answer) => answer,
            Err(why) if why.status() == Some(404) => return Ok(None),
            Err(why) => return Err(why),
        };
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let is_it = |item: &Json| lookup.fields.iter().all(|field| field.holds(item));
        let Json::Array(items) = body else { return Ok(Some(body).filter(is_it)) };
        let shown = items.len();
        if let Some(found) = items.into_iter().find(is_it) {
            return Ok(Some(found));
        }
        match &lookup.pages {
            Some(pages) if shown >= pages.size => skip += shown,
            _ => return Ok(None),
        }
    }
}

fn shortened(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
