//! Stand-ins for the hosts of repositories: what their REST APIs document about comments on pull and merge requests,
//! no more. They listen on the loopback at a port that the system chooses, and are gone when dropped.
//!
//! ```ignore
//! let github = GitHub::start();
//! github.open(7, "a1");                                  // a pull request, and its head commit
//! let variables = github.variables(7, "a1", 1);          // what a CI job finds in its environment
//! github.comments(7);                                    // what stands there by now
//! ```

mod github;
mod gitlab;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use github::GitHub;
pub(crate) use gitlab::GitLab;

/// The repository of every pull and merge request.
pub(crate) const REPOSITORY: &str = "acme/shop";
/// The token of a CI job. It must never be seen anywhere.
pub(crate) const TOKEN: &str = "t0ken_s3cr3t";

/// One comment, as the host keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) body: String,
}

/// Who a token speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) login: String,
    /// An app and no person: it cannot ask who it is.
    pub(crate) app: bool,
    /// Whether it may comment.
    pub(crate) comments: bool,
    /// Whether it may change what others wrote.
    pub(crate) maintains: bool,
}

impl Account {
    fn app(login: &str) -> Self {
        Self { login: login.to_owned(), app: true, comments: true, maintains: true }
    }

    /// A person who may comment.
    pub(crate) fn person(login: &str) -> Self {
        Self { login: login.to_owned(), app: false, comments: true, maintains: false }
    }

    pub(crate) fn may_comment(self, comments: bool) -> Self {
        Self { comments, ..self }
    }
}

/// What a host says instead of its usual answer, once.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    method: &'static str,
    path: &'static str,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
    /// Whether the request is carried out all the same.
    done: bool,
}

impl Trouble {
    /// For the next request with this method whose path has these words in it.
    pub(crate) fn at(method: &'static str, path: &'static str, status: u16, body: Value) -> Self {
        Self { method, path, status, headers: Vec::new(), body, done: false }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The request is carried out, and its answer lost.
    pub(crate) fn after_it_worked(self) -> Self {
        Self { done: true, ..self }
    }
}

/// What happens between two requests: a hook that sees the board just before a request is answered.
type Meanwhile = Box<dyn FnMut(&mut Board, &str) + Send>;

/// Everything that a host knows.
#[derive(Default)]
pub(crate) struct Board {
    /// By the number of the pull or merge request.
    pub(crate) requests: BTreeMap<u64, Open>,
    accounts: BTreeMap<String, Account>,
    troubles: VecDeque<Trouble>,
    seen: Vec<String>,
    last_id: u64,
    /// No page is longer, whatever is asked for.
    most_a_page: usize,
    base: String,
    meanwhile: Option<Meanwhile>,
}

/// One open pull or merge request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    pub(crate) head: String,
    pub(crate) comments: Vec<Comment>,
    pub(crate) locked: bool,
}

impl Board {
    /// Adds a comment, as its author would in the browser.
    pub(crate) fn say(&mut self, number: u64, author: &str, body: &str) -> u64 {
        self.last_id += 1;
        let comment = Comment { id: self.last_id, author: author.to_owned(), body: body.to_owned() };
        self.requests.entry(number).or_default().comments.push(comment);
        self.last_id
    }

    fn account(&self, token: Option<&str>) -> Option<Account> {
        self.accounts.get(token?).cloned()
    }

    /// Which request a comment is on.
    fn place_of(&self, id: u64) -> Option<(u64, usize)> {
        self.requests.iter().find_map(|(number, open)| {
            open.comments.iter().position(|comment| comment.id == id).map(|at| (*number, at))
        })
    }
}

/// One request to a host.
struct Asked {
    method: Method,
    path: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Value,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name).and_then(|text| text.parse().ok())
    }

    /// The page that is asked for, from one, and how long it is.
    fn page(&self, usual: usize, most: usize) -> (usize, usize) {
        (self.number("page").unwrap_or(1).max(1), self.number("per_page").unwrap_or(usual).clamp(1, most))
    }
}

/// One answer.
struct Said {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Said {
    fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    fn response(self) -> Response {
        let text = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let mut response = (StatusCode::from_u16(self.status).unwrap(), text).into_response();
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert("x-request-id", HeaderValue::from_static("req_1"));
        for (name, value) in self.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap());
        }
        response
    }
}

type Answers = fn(&mut Board, &Asked) -> Said;

/// A host on the loopback.
pub(crate) struct Host {
    board: Arc<Mutex<Board>>,
    url: String,
    folder: TempDir,
    // Ends the server when dropped.
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Serving {
    board: Arc<Mutex<Board>>,
    answers: Answers,
    /// The path of the API below the address.
    root: &'static str,
}

impl Host {
    fn start(root: &'static str, answers: Answers) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}{root}", listener.local_addr().unwrap());
        let board = Board { base: url.clone(), most_a_page: 100, ..Board::default() };
        let board = Arc::new(Mutex::new(board));
        let serving = Serving { board: Arc::clone(&board), answers, root };
        let router = Router::new().fallback(answer).with_state(serving);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { board, url, folder: TempDir::new().unwrap(), _runtime: runtime }
    }

    /// What the host knows, to look at and to change.
    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap()
    }

    /// The base URL of its API.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Opens a pull or merge request with this commit as its head, or pushes to it.
    pub(crate) fn open(&self, number: u64, head: &str) {
        self.board().requests.entry(number).or_default().head = head.to_owned();
    }

    /// The comments on a request, oldest first.
    pub(crate) fn comments(&self, number: u64) -> Vec<Comment> {
        self.board().requests.get(&number).map(|open| open.comments.clone()).unwrap_or_default()
    }

    /// Somebody comments.
    pub(crate) fn say(&self, number: u64, author: &str, body: &str) -> u64 {
        self.board().say(number, author, body)
    }

    /// From now on a token speaks for this account.
    pub(crate) fn account(&self, token: &str, account: Account) {
        self.board().accounts.insert(token.to_owned(), account);
    }

    /// The next request that fits gets this answer.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        self.board().troubles.push_back(trouble);
    }

    /// Is called with the board before each request, as `POST /path`, is answered.
    pub(crate) fn meanwhile(&self, hook: impl FnMut(&mut Board, &str) + Send + 'static) {
        self.board().meanwhile = Some(Box::new(hook));
    }

    /// No page is longer than this, whatever is asked for.
    pub(crate) fn short_pages(&self, most: usize) {
        self.board().most_a_page = most;
    }

    /// Every request so far, as `POST /path`, and forgets them.
    pub(crate) fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.board().seen)
    }

    /// Every request so far that was not a read, and forgets all of them.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.seen().into_iter().filter(|request| !request.starts_with("GET ")).collect()
    }
}

async fn answer(State(serving): State<Serving>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let asked = Asked {
        path: uri.path().strip_prefix(serving.root).unwrap_or(uri.path()).to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        method,
        headers,
    };
    let mut board = serving.board.lock().unwrap();
    let line = format!("{} {}", asked.method, asked.path);
    board.seen.push(line.clone());
    if let Some(mut hook) = board.meanwhile.take() {
        hook(&mut board, &line);
        board.meanwhile = Some(hook);
    }
    let fits = |trouble: &Trouble| trouble.method == asked.method.as_str() && asked.path.contains(trouble.path);
    let at = board.troubles.iter().position(fits);
    match at.and_then(|at| board.troubles.remove(at)) {
        Some(trouble) => {
            if trouble.done {
                (serving.answers)(&mut board, &asked);
            }
            Said { status: trouble.status, headers: trouble.headers, body: trouble.body }.response()
        }
        None => (serving.answers)(&mut board, &asked).response(),
    }
}
