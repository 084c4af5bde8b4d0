//! A call at an API without idempotency keys: read again just before writing, send once, and when the answer is
//! unclear look at what there is before trying again. What the answer says is compared with what was asked.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value as Json;

use crate::changeset::{Care, Expect, Lookup, placeholder_address, placeholders_in_path};
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
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Option<Json>,
    pub(super) key: Option<String>,
    pub(super) care: Care,
}

impl Request {
    /// Puts learned ids where placeholders stand.
    pub(super) fn resolve(mut self, learned: &BTreeMap<Address, String>) -> Result<Self, String> {
        let id = |text: &str| {
            let address = placeholder_address(text).ok_or_else(|| text.to_owned())?;
            learned.get(&address).cloned().ok_or_else(|| address.to_string())
        };
        if let Some(lookup) = &mut self.care.lookup {
            let placeholders: Vec<String> = placeholders_in_path(&lookup.path).map(str::to_owned).collect();
            for placeholder in placeholders {
                lookup.path = lookup.path.replace(&placeholder, &id(&placeholder)?);
            }
        }
        let fields = self.care.lookup.iter_mut().flat_map(|lookup| &mut lookup.fields);
        for expect in fields.chain(&mut self.care.expect).filter(|expect| expect.id) {
            let known = expect.value.as_str().filter(|text| placeholder_address(text).is_some()).map(id).transpose()?;
            if let Some(known) = known {
                expect.value = Json::from(known);
            }
        }
        Ok(self)
    }

    pub(super) async fn send(&self, api: &WriteApi) -> Result<Answer, Trouble> {
        self.still_as_planned(api).await?;
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let once = api.send_once(&self.method, &self.path, self.body.as_ref(), self.key.as_deref()).await;
            let mut failed = match once {
                Ok(answer) => return self.compared(Answer { attempts, ..answer }),
                Err(failed) => failed,
            };
            let status = failed.error.status();
            // The first answer to a DELETE was lost, and it had worked.
            if self.method == "DELETE" && attempts > 1 && status == Some(404) {
                let request_id = failed.error.request_id;
                return Ok(Answer { status: 404, body: b"{}".to_vec(), request_id, attempts });
            }
            let unclear = unclear(&failed);
            if (unclear || status == Some(409))
                && let Some(lookup) = &self.care.lookup
                && let Some(found) = look(api, lookup).await.map_err(Trouble::Api)?
            {
                let body = serde_json::to_vec(&found).unwrap_or_default();
                let request_id = failed.error.request_id;
                return self.compared(Answer { status: 200, body, request_id, attempts });
            }
            let again = unclear || status == Some(429);
            let spent = status == Some(500) && attempts >= TRIES_AFTER_500;
            if !again || spent || !api.wait(started, attempts, &mut failed).await {
                return Err(Trouble::Api(ApiError { attempts, ..failed.error }));
            }
        }
    }

    /// Reads once more what the call was made from.
    async fn still_as_planned(&self, api: &WriteApi) -> Result<(), Trouble> {
        let Some(unchanged) = &self.care.unchanged else { return Ok(()) };
        let answer = api.get(&unchanged.path).await.map_err(Trouble::Api)?;
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let list = body.pointer(&unchanged.list).and_then(Json::as_array);
        let mut names: Vec<&str> = list
            .into_iter()
            .flatten()
            .filter_map(|item| item.pointer(&unchanged.item).and_then(Json::as_str))
            .collect();
        names.sort_unstable();
        if names == unchanged.names {
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
        match self.care.expect.iter().find(wrong) {
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
