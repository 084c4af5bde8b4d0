use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::http::pace::{Pace, Slowed};
use crate::http::recorded::{Reads, Recorder, answer, question};
use crate::http::retry::{pause, retry_after, transient, used_up};
use crate::http::{Answer, ApiError, Failure, Limits, Problem, Wait, Waiting};

/// Headers that go with every request. Values may be secret; they are never printed.
pub type Headers = Vec<(&'static str, String)>;

/// Where requests go, and how.
#[derive(Clone)]
pub struct Target {
    /// `https://commet.co/api/v1`, without a slash at the end.
    pub base: String,
    /// Credentials and the API version.
    pub headers: Headers,
    /// How long to try.
    pub limits: Limits,
    /// How fast: one for everything that is sent there.
    pub pace: Pace,
    /// Told of every wait.
    pub waiting: Waiting,
    /// How this API writes an error.
    pub explain: fn(status: u16, body: &[u8]) -> Failure,
}

struct Transport {
    /// Replaced when the server is known to have closed its end.
    client: RwLock<reqwest::Client>,
    headers: HeaderMap,
    base: Url,
    limits: Limits,
    pace: Pace,
    waiting: Waiting,
    explain: fn(u16, &[u8]) -> Failure,
}

/// A client that can only read. Planning has nothing else in scope.
pub struct ReadApi {
    from: Readable,
    recorder: Option<Recorder>,
}

enum Readable {
    Api(Box<Transport>),
    /// What was written down before; no network.
    Recorded(Arc<Reads>),
}

/// A client that can write. Only apply makes one.
pub struct WriteApi(Transport);

impl ReadApi {
    /// Connects nothing yet. Fails on a URL or a key that can never work.
    pub fn new(target: &Target) -> Result<Self, String> {
        Ok(Self { from: Readable::Api(Box::new(Transport::new(target)?)), recorder: None })
    }

    /// Answers with what was written down before.
    pub fn recorded(reads: Arc<Reads>) -> Self {
        Self { from: Readable::Recorded(reads), recorder: None }
    }

    /// Writes down what is answered from now on, and asks nothing that was answered there.
    #[must_use]
    pub fn recording(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// `GET path?query`, with headers that replace the usual ones for this request.
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&'static str, &str)],
    ) -> Result<Answer, ApiError> {
        let api = match &self.from {
            Readable::Api(api) => api,
            Readable::Recorded(reads) => return answer(reads, path, &question(path, query, headers)),
        };
        let Some(recorder) = &self.recorder else { return api.run(Method::GET, path, query, headers, None).await };
        let asked = question(path, query, headers);
        if let Some(answer) = recorder.known(&asked) {
            return Ok(answer);
        }
        let answer = api.run(Method::GET, path, query, headers, None).await?;
        recorder.note(asked, &answer);
        Ok(answer)
    }
}

impl WriteApi {
    /// Connects nothing yet. Fails on a URL or a key that can never work.
    pub fn new(target: &Target) -> Result<Self, String> {
        Transport::new(target).map(Self)
    }

    /// Sends one call until it succeeds, is refused for good, or the budget is used up. The idempotency key is
    /// the same on every attempt.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
        idempotency_key: Option<&str>,
    ) -> Result<Answer, ApiError> {
        let method = verb(method);
        let headers: Vec<(&'static str, &str)> =
            idempotency_key.into_iter().map(|key| ("idempotency-key", key)).collect();
        self.0.run(method, path, &[], &headers, body).await
    }

    /// Sends one call once. What to do after an unclear answer is the caller's to find out.
    pub async fn send_once(
        &self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
        idempotency_key: Option<&str>,
    ) -> Result<Answer, Once> {
        let method = verb(method);
        let headers: Vec<(&'static str, &str)> =
            idempotency_key.into_iter().map(|key| ("idempotency-key", key)).collect();
        self.0
            .attempt(&method, path, &[], &headers, body, &mut None)
            .await
            .map_err(|attempt| attempt.failed(&method, path, 1))
    }

    /// Reads something, to see what became of a call.
    pub async fn get(&self, path: &str) -> Result<Answer, ApiError> {
        self.0.run(Method::GET, path, &[], &[], None).await
    }

    /// Waits before the next attempt, and says so. False when the time for retries is used up; the error says so then.
    pub async fn wait(&self, started: Instant, attempt: u32, after: &mut Once) -> bool {
        self.0.wait(started, attempt, after).await
    }
}

/// Why one attempt did not succeed.
#[derive(Debug)]
pub struct Once {
    /// What went wrong.
    pub error: ApiError,
    /// How long the server asks to wait.
    retry_after: Option<Duration>,
    /// What a 429 did to the pace.
    slowed: Option<Slowed>,
}

fn verb(method: &str) -> Method {
    match method {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => Method::GET,
    }
}

impl Transport {
    fn new(target: &Target) -> Result<Self, String> {
        let base = Url::parse(&target.base).map_err(|why| format!("`{}` is not a URL: {why}", target.base))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &target.headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| format!("the value for the header {name} has characters that no header can hold"))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        // A second call finds the first one's provider installed; that is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = connect(&base, &headers, &target.limits)
            .map_err(|why| format!("the HTTP client does not start: {}", root_cause(&why)))?;
        Ok(Self {
            client: RwLock::new(client),
            headers,
            base,
            limits: target.limits.clone(),
            pace: target.pace.clone(),
            waiting: target.waiting.clone(),
            explain: target.explain,
        })
    }

    async fn run(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&'static str, &str)],
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, ApiError> {
        // The time for retries begins when the request first leaves: waiting for its turn costs nothing of it.
        let mut started = None;
        let mut attempts = 0;
        let mut before: Option<Once> = None;
        loop {
            attempts += 1;
            let mut once = match self.attempt(&method, path, query, headers, body, &mut started).await {
                Ok(mut answer) => {
                    answer.attempts = attempts;
                    return Ok(answer);
                }
                Err(attempt) => attempt.failed(&method, path, attempts),
            };
            // The first answer to a DELETE was lost, and it had worked.
            if method == Method::DELETE && attempts > 1 && once.error.status() == Some(404) {
                let request_id = once.error.request_id;
                return Ok(Answer::known(404, b"{}".to_vec(), request_id, attempts));
            }
            // The gate was closed meanwhile: what the API said last says more.
            if let (Problem::NotSent(_), Some(mut before)) = (&once.error.problem, before.take()) {
                before.error.out_of_time(&self.limits, before.retry_after);
                return Err(before.error);
            }
            let may_retry = match &once.error.problem {
                Problem::Network(_) => true,
                Problem::Refused { status, failure } => transient(*status) || failure.transient,
                _ => false,
            };
            if !may_retry || !self.wait(started.unwrap_or_else(Instant::now), attempts, &mut once).await {
                return Err(once.error);
            }
            before = Some(once);
        }
    }

    /// Waits before the next attempt, and says so. After a 429 the gate holds everyone, so there is nothing to wait
    /// for here.
    async fn wait(&self, started: Instant, attempt: u32, after: &mut Once) -> bool {
        let pause = match &after.slowed {
            Some(slowed) => slowed.pause,
            None => pause(&self.limits, attempt, after.retry_after),
        };
        // One clock for the gate and for this request, so that they come to the same end.
        let (over, spent) = match &after.slowed {
            Some(slowed) => (slowed.over, slowed.at.saturating_duration_since(started)),
            None => (false, started.elapsed()),
        };
        if over || spent.saturating_add(pause) > self.limits.budget {
            after.error.out_of_time(&self.limits, after.retry_after);
            return false;
        }
        if after.slowed.as_ref().is_none_or(|slowed| slowed.news) {
            let request = format!("{} {}", after.error.method, after.error.path);
            let allowance = after.slowed.as_ref().map(|slowed| slowed.allowance);
            (self.waiting)(&Wait { request, why: after.error.reason(), pause, allowance });
        }
        if after.slowed.is_none() {
            self.pace.again(pause);
            tokio::time::sleep(pause).await;
        }
        true
    }

    /// Some servers close the connection after a 500 without a word; the next request on it would be lost. Requests
    /// on their way are not touched.
    fn leave_connections(&self) {
        if let Ok(client) = connect(&self.base, &self.headers, &self.limits) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
        }
    }

    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&'static str, &str)],
        body: Option<&serde_json::Value>,
        first: &mut Option<Instant>,
    ) -> Result<Answer, Attempt> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut request = client.request(method.clone(), url).query(query);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let Ok(pass) = self.pace.enter().await else {
            return Err(Attempt::new(Problem::NotSent(self.limits.budget), None));
        };
        first.get_or_insert(pass.sent());
        let response = request.send().await.map_err(|why| Attempt::new(Problem::Network(network(&why)), None))?;
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let request_id = header("x-request-id");
        let now = SystemTime::now();
        let asked = header("retry-after").and_then(|value| retry_after(&value, now)).or_else(|| used_up(&header, now));
        if response.status().is_redirection() {
            let to = header("location").unwrap_or_else(|| "nowhere".into());
            return Err(Attempt::new(Problem::Redirect(to), request_id));
        }
        let success = response.status().is_success();
        let headers = if success { response.headers().clone() } else { HeaderMap::new() };
        // The gate hears of a 429 before the next request can pass it.
        let slowed = (status == 429).then(|| pass.limited(&self.limits, asked));
        let body = whole(response, self.limits.answer)
            .await
            .map_err(|problem| Attempt { slowed: None, ..Attempt::new(problem, request_id.clone()) })?;
        pass.received(body.len());
        if status != 429 && status < 500 {
            pass.good();
        }
        if success {
            return Ok(Answer { status, body, request_id, attempts: 0, headers });
        }
        if status == 500 {
            self.leave_connections();
        }
        let failure = Box::new((self.explain)(status, &body));
        let asked = asked.or(failure.pause);
        let problem = if failure.credentials {
            Problem::Credentials { status, failure }
        } else {
            Problem::Refused { status, failure }
        };
        Err(Attempt { retry_after: asked, slowed, ..Attempt::new(problem, request_id) })
    }
}

fn connect(base: &Url, headers: &HeaderMap, limits: &Limits) -> Result<reqwest::Client, reqwest::Error> {
    let client = reqwest::Client::builder()
        .default_headers(headers.clone())
        .user_agent(concat!("pricebook/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect)
        .timeout(limits.request)
        // Servers end idle connections after 5 seconds and more; ours end before that.
        .pool_idle_timeout(Duration::from_secs(4))
        .redirect(reqwest::redirect::Policy::none());
    // Reading the system's certificates takes longer than everything else before the first request.
    if needs_certificates(base) { client.build() } else { client.tls_certs_only([]).build() }
}

/// Whether a connection may be encrypted: to the target, or to a proxy on the way.
fn needs_certificates(base: &Url) -> bool {
    let proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    base.scheme() != "http" || proxies.iter().any(|name| std::env::var_os(name).is_some())
}

/// The whole body, as long as it is no longer than any catalog could be: a server that never stops sending must not
/// fill the memory.
async fn whole(mut response: reqwest::Response, most: usize) -> Result<Vec<u8>, Problem> {
    let too_long = || Problem::Unreadable(format!("it is longer than {} MB", most / 1_000_000));
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_long());
    }
    let length = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(length.unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(|why| Problem::Network(network(&why)))? {
        if body.len() + chunk.len() > most {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

struct Attempt {
    problem: Problem,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    slowed: Option<Slowed>,
}

impl Attempt {
    fn new(problem: Problem, request_id: Option<String>) -> Self {
        Self { problem, request_id, retry_after: None, slowed: None }
    }

    fn failed(self, method: &Method, path: &str, attempts: u32) -> Once {
        let Self { problem, request_id, retry_after, slowed } = self;
        // What never passed the gate is no attempt.
        let attempts = if matches!(problem, Problem::NotSent(_)) { attempts - 1 } else { attempts };
        let error =
            ApiError { method: word(method), path: path.to_owned(), attempts, request_id, problem, out_of_time: None };
        Once { error, retry_after, slowed }
    }
}

fn network(why: &reqwest::Error) -> String {
    if why.is_timeout() && why.is_connect() {
        "cannot connect (timed out)".to_owned()
    } else if why.is_timeout() {
        "the request timed out".to_owned()
    } else if why.is_connect() {
        format!("cannot connect ({})", root_cause(why))
    } else {
        root_cause(why)
    }
}

/// The innermost cause: the outer ones repeat the URL and say nothing.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "GET",
    }
}
