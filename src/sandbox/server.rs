//! From HTTP to the core and back: credentials, faults, the access log.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderValue, Request as HttpRequest, StatusCode, header};
use axum::response::Response;
use tokio::sync::watch;

use super::access_log::{AccessLog, Entry};
use super::api::{Answer, Caller, Refusal, Request};
use super::core::{Begin, Core};
use super::faults::{Fault, Faults, Kind};
use super::listener::Cut;

/// Larger than any catalog object; only keeps a mistake from filling the memory.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// All that a request needs.
pub(super) struct Shell {
    pub(super) core: Mutex<Core>,
    pub(super) faults: Mutex<Faults>,
    pub(super) log: Option<AccessLog>,
    pub(super) api_key: Option<String>,
    pub(super) livemode: Option<bool>,
    pub(super) base_path: &'static str,
    pub(super) request_id_header: Option<&'static str>,
    pub(super) ids: Ids,
    /// Becomes true, or is dropped, when the server stops.
    pub(super) stopping: watch::Receiver<bool>,
}

/// What happened to one request.
struct Outcome {
    /// None: the connection is dropped.
    answer: Option<Answer>,
    fault: Option<Kind>,
    replayed: bool,
    /// How long the client is left waiting before the connection is dropped.
    silence: Duration,
}

impl Outcome {
    fn plain(answer: Answer) -> Self {
        Self { answer: Some(answer), fault: None, replayed: false, silence: Duration::ZERO }
    }
}

pub(super) fn router(shell: Arc<Shell>) -> Router {
    Router::new().fallback(serve).with_state(shell)
}

async fn serve(
    State(shell): State<Arc<Shell>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: HttpRequest<Body>,
) -> Response {
    // A client that hangs up must not stop work that has begun: on a real server it does not either.
    let work = tokio::spawn(async move { shell.serve(cut, request).await });
    work.await.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

impl Shell {
    /// The core. A request that panicked has changed nothing: rows are replaced as a whole.
    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, cut: Cut, request: HttpRequest<Body>) -> Response {
        let request_id = self.ids.next();
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string);
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
        let below = parts.uri.path().strip_prefix(self.base_path).filter(|rest| rest.starts_with('/'));
        let mut request = Request {
            method: parts.method.to_string(),
            path: below.unwrap_or_default().to_owned(),
            query,
            headers: parts.headers,
            body: Default::default(),
        };
        let refuse = |refusal, request: &Request| Outcome::plain(self.core().api().refuse(refusal, &request.headers));
        let open = self.core().api().open(parts.uri.path(), &request);
        let outcome = match (to_bytes(body, LARGEST_BODY).await, open) {
            (Err(_), _) => refuse(Refusal::BodyTooLarge, &request),
            (Ok(_), Some(answer)) => Outcome::plain(answer),
            (Ok(_), None) if below.is_none() => refuse(Refusal::UnknownPath, &request),
            (Ok(bytes), None) => {
                request.body = bytes;
                match self.caller(&request) {
                    Err(answer) => Outcome::plain(answer),
                    Ok(caller) => self.answer(&request, caller).await,
                }
            }
        };
        if let Some(log) = &self.log {
            let (version, key) = {
                let core = self.core();
                (core.api().version(&request.headers), core.api().idempotency_key(&request).map(str::to_owned))
            };
            log.write(&Entry {
                method: &request.method,
                path: &target,
                status: outcome.answer.as_ref().map(|answer| answer.status),
                idempotency_key: key.as_deref(),
                version: &version,
                request_id: &request_id,
                fault: outcome.fault.map(|kind| kind.to_string()).as_deref(),
                replayed: outcome.replayed || outcome.answer.as_ref().is_some_and(|answer| answer.replayed),
            });
        }
        match outcome.answer {
            Some(answer) => {
                if answer.hang_up {
                    cut.after_answer();
                }
                response(answer, self.request_id_header.map(|header| (header, request_id.as_str())))
            }
            None => {
                self.wait(outcome.silence).await;
                cut.cut();
                Response::new(Body::empty())
            }
        }
    }

    fn caller(&self, request: &Request) -> Result<Caller, Answer> {
        let caller = self.core().api().authenticate(&request.headers, self.api_key.as_deref())?;
        Ok(Caller { livemode: self.livemode.unwrap_or(caller.livemode), ..caller })
    }

    async fn answer(&self, request: &Request, caller: Caller) -> Outcome {
        let hit = |faults: &mut Faults| faults.next(&request.method, &request.path, &request.body);
        let fault = hit(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(fault) = fault else { return self.work(request, caller, None).await };
        let refused = |refusal| self.core().api().refuse(refusal, &request.headers);
        let hit = |answer| Outcome { answer, fault: Some(fault.kind), replayed: false, silence: Duration::ZERO };
        match fault.kind {
            Kind::RateLimited => hit(Some(refused(Refusal::RateLimited { retry_after: Some(fault.retry_after) }))),
            Kind::RateLimitedBare => hit(Some(refused(Refusal::RateLimited { retry_after: None }))),
            Kind::Status(status) => hit(Some(refused(Refusal::ServerError(status)))),
            Kind::Reset => hit(None),
            Kind::Timeout => Outcome { silence: fault.delay, ..hit(None) },
            Kind::Lost | Kind::Stall | Kind::Slow => self.work(request, caller, Some(fault)).await,
        }
    }

    /// Does the work, with a fault that lets it happen.
    async fn work(&self, request: &Request, caller: Caller, fault: Option<Fault>) -> Outcome {
        let kind = fault.map(|fault| fault.kind);
        let (answer, replayed) = match fault {
            Some(Fault { kind: Kind::Slow, delay, .. }) => {
                let begin = self.core().begin(request);
                self.wait(delay).await;
                match begin {
                    Begin::Go => (self.core().finish(request, caller), false),
                    Begin::Answer { answer, replayed } => (answer, replayed),
                }
            }
            _ => {
                let mut core = self.core();
                match core.begin(request) {
                    Begin::Go => (core.finish(request, caller), false),
                    Begin::Answer { answer, replayed } => (answer, replayed),
                }
            }
        };
        let silence = fault.filter(|fault| fault.kind == Kind::Stall).map_or(Duration::ZERO, |fault| fault.delay);
        let answer = (!matches!(kind, Some(Kind::Lost | Kind::Stall))).then_some(answer);
        Outcome { answer, fault: kind, replayed, silence }
    }

    /// Waits, but not longer than the server lives.
    async fn wait(&self, delay: Duration) {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

fn response(answer: Answer, request_id: Option<(&'static str, &str)>) -> Response {
    let has_body = !answer.body.is_empty();
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some((header, id)) = request_id
        && let Ok(id) = HeaderValue::from_str(id)
    {
        headers.insert(header, id);
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Request ids: `req_` and 16 characters that differ from one start to the next.
#[derive(Default)]
pub(super) struct Ids {
    random: RandomState,
    count: AtomicU64,
}

impl Ids {
    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("req_{:016x}", self.random.hash_one(count))
    }
}
