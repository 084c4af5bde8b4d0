//! The embedded server's Commet: routes, state and rules, written from the API's contract and from nothing of the
//! client's. `docs/sandbox.md` lists what was chosen where the contract is silent.

mod addons;
mod body;
mod call;
mod credit_packs;
mod customers;
mod derive;
mod failure;
mod features;
mod groups;
mod intro;
mod market_prices;
mod markets;
mod offers;
mod page;
mod plan_features;
mod plan_view;
mod plans;
mod prices;
mod promo_codes;
mod regional;
mod routes;
mod rows;
mod rules;
mod state;
mod subscriptions;
mod table;
mod time;
mod version;

use axum::http::HeaderMap;

use self::call::Call;
use self::failure::Failure;
use self::state::State;
use self::time::Time;
use self::version::Version;
use crate::sandbox::api::{Answer, Api, Caller, Change, Refusal, Request};

/// One organization of Commet.
#[derive(Default)]
pub struct Commet {
    state: State,
}

impl Api for Commet {
    fn base_path(&self) -> &'static str {
        "/api/v1"
    }

    fn version(&self, headers: &HeaderMap) -> String {
        let asked = headers.get("commet-version").and_then(|value| value.to_str().ok());
        asked.unwrap_or(Version::July11.name()).to_owned()
    }

    /// `x-api-key: ck_…` (commet-api.md §2.1). `ck_live_…` keys are live; all others are sandbox keys.
    fn authenticate(&self, headers: &HeaderMap, only: Option<&str>) -> Result<Caller, Answer> {
        let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let opens = |key: &&str| only.map_or_else(|| key.starts_with("ck_"), |only| *key == only);
        match key.filter(opens) {
            Some(key) => Ok(Caller { livemode: key.starts_with("ck_live_"), organization: None }),
            None => {
                let failure = Failure::new("unauthorized", "The API key is missing or not valid");
                Err(failure.answer(Version::of(headers).unwrap_or(Version::July11)))
            }
        }
    }

    /// On POST, PUT and PATCH (commet-api.md §2.5).
    fn idempotency_key<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let takes = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
        request.header("idempotency-key").filter(|key| takes && !key.is_empty())
    }

    fn refuse(&self, refusal: Refusal, headers: &HeaderMap) -> Answer {
        let failure = match refusal {
            Refusal::UnknownPath => Failure::new("not_found", "The API is below /api/v1"),
            Refusal::BodyTooLarge => Failure::field("", "The request body is too large"),
            Refusal::RateLimited { .. } => Failure::new("rate_limited", "Too many requests"),
            Refusal::ServerError(_) => Failure::new("internal_error", "Something went wrong on our side"),
            Refusal::IdempotencyInProgress => Failure::new(
                "idempotency_in_progress",
                "The first request with this idempotency key is still running; retry later with the same key",
            ),
            Refusal::IdempotencyMismatch => Failure::new(
                "idempotency_key_mismatch",
                "This idempotency key was used for another operation or another payload",
            ),
        };
        let mut answer = failure.answer(Version::of(headers).unwrap_or(Version::July11));
        match refusal {
            Refusal::ServerError(status) => answer.status = status,
            Refusal::RateLimited { retry_after: Some(seconds) } => {
                answer.headers = vec![
                    ("retry-after", seconds.to_string()),
                    ("ratelimit-remaining", "0".into()),
                    ("ratelimit-reset", seconds.to_string()),
                ];
            }
            _ => {}
        }
        answer
    }

    fn handle(&mut self, request: &Request, caller: Caller) -> Answer {
        let version = match Version::of(&request.headers) {
            Ok(version) => version,
            Err(failure) => return failure.answer(Version::July11),
        };
        let reply = routes::find(&request.method, &request.path, version).and_then(|(handler, args)| {
            let Caller { livemode, .. } = caller;
            handler(&mut Call { state: &mut self.state, request, args, version, livemode, now: Time::now() })
        });
        match reply {
            Ok(reply) => reply.answer(version),
            Err(failure) => failure.answer(version),
        }
    }

    fn take_changes(&mut self) -> Vec<Change> {
        self.state.take_changes()
    }

    fn restore(&mut self, kind: &str, bytes: &[u8]) -> Result<(), String> {
        self.state.restore(kind, bytes)
    }
}
