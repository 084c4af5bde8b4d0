//! The embedded server's bxb: routes, state and quirks, written from the reference (bxb-api.md) and from nothing of the
//! client's. `docs/sandbox.md` lists what was chosen where the reference is silent.
//!
//! From the outside in: `front` answers what needs no credentials, `routes` finds the handler, `organizations` says
//! whose request it is, `field` reads the body by a schema, and `database` refuses what the real one refuses.

mod audit;
mod calculate;
mod call;
mod database;
mod decimal;
mod failure;
mod features;
mod field;
mod front;
mod idempotency;
mod invoice;
mod issue;
mod json;
mod lists;
mod metrics;
mod neighbours;
mod offers;
mod organizations;
mod peephole;
mod plan_children;
mod plans;
mod reader;
mod resource;
mod routes;
mod simulate;
mod subscriptions;
mod tables;
mod taxes;
mod time;
mod usage;
mod uuid;

use std::time::Duration;

use axum::http::HeaderMap;

use self::call::Call;
use self::database::Database;
use self::failure::Failure;
use self::routes::Found;
use crate::sandbox::api::{Answer, Api, Caller, Change, Refusal, Request};

/// A bxb server with all its organizations.
pub struct Bxb {
    db: Database,
}

impl Default for Bxb {
    fn default() -> Self {
        let mut db = Database::default();
        // An empty database has room for them.
        let _ = organizations::found(&mut db);
        db.take_changes();
        Self { db }
    }
}

impl Api for Bxb {
    fn base_path(&self) -> &'static str {
        front::BASE
    }

    /// The API has no versions beside that of its path.
    fn version(&self, _: &HeaderMap) -> String {
        "v1".to_owned()
    }

    fn request_id_header(&self) -> Option<&'static str> {
        None
    }

    fn patience(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }

    fn open(&self, target: &str, request: &Request) -> Option<Answer> {
        front::answer(target, request)
    }

    fn authenticate(&self, headers: &HeaderMap, only: Option<&str>) -> Result<Caller, Answer> {
        let organization = organizations::resolve(&self.db, headers, only).map_err(Failure::answer)?;
        Ok(Caller { livemode: false, organization: Some(organization) })
    }

    /// For the access log.
    fn idempotency_key<'r>(&self, request: &'r Request) -> Option<&'r str> {
        request.header("idempotency-key").filter(|key| !key.is_empty())
    }

    /// Only some routes look at keys, and they keep them in the database (bxb-api.md §4).
    fn shell_replays(&self) -> bool {
        false
    }

    fn refuse(&self, refusal: Refusal, _: &HeaderMap) -> Answer {
        match refusal {
            Refusal::UnknownPath => Failure::detail(404, "Not Found").answer(),
            Refusal::BodyTooLarge => Failure::detail(413, "Request Entity Too Large").answer(),
            Refusal::RateLimited { retry_after } => {
                let answer = Failure::detail(429, "Too Many Requests").answer();
                let header = retry_after.map(|seconds| ("retry-after", seconds.to_string()));
                Answer { headers: header.into_iter().collect(), ..answer }
            }
            Refusal::ServerError(status) => failure::crash(status),
            // The shell keeps no keys for this API.
            Refusal::IdempotencyInProgress | Refusal::IdempotencyMismatch => Failure::Crash.answer(),
        }
    }

    fn handle(&mut self, request: &Request, caller: Caller) -> Answer {
        let Found::Route(handler, args) = routes::find(&request.method, &routes::decode(&request.path)) else {
            // A seed comes here without having been at the front.
            let target = format!("{}{}", front::BASE, request.path);
            return front::answer(&target, request).unwrap_or_else(|| Failure::Crash.answer());
        };
        let now = time::now();
        organizations::note_use(&mut self.db, &request.headers, now);
        let organization = caller.organization.unwrap_or_else(|| organizations::SANDBOX.to_owned());
        let mut call = Call { db: &mut self.db, request, args, organization, now };
        match handler(&mut call) {
            Ok(reply) => {
                self.db.commit();
                reply.answer()
            }
            Err(failure) => {
                self.db.roll_back();
                failure.answer()
            }
        }
    }

    fn take_changes(&mut self) -> Vec<Change> {
        self.db.take_changes()
    }

    fn restore(&mut self, kind: &str, bytes: &[u8]) -> Result<(), String> {
        self.db.restore(kind, bytes)
    }
}
