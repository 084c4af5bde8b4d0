//! A project in a folder of its own, the API that it is for, and the program run in it as a person or a CI job would.

use std::cell::Cell;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use pricebook::sandbox::{Options, Running, start};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::subject::{JULY11, Subject};
use crate::support::{Client, PROGRAM, Reply};

/// The key of the test's environment; it must never be seen anywhere.
pub(crate) const KEY: &str = "ck_sandbox_s3cr3t_k3y";

/// A catalog with every kind of object, and calls that wait for one another.
pub(crate) const SHOP: &str = "\
provider: commet
price_changes: reprice
features:
  sso: { name: Single sign-on, type: boolean }
  api_calls: { name: API calls, type: usage, unit_name: call }
  seats: { name: Seats, type: seats }
groups:
  main: { name: Main, plans: [free, pro, scale] }
plans:
  free: { name: Free, free: true, features: { sso: true } }
  pro:
    name: Pro
    consumption_model: metered
    default_price: monthly
    prices: { monthly: 49.00, yearly: 490.00 }
    features:
      sso: true
      api_calls: { included_amount: 1000, overage: 0.002 }
    regions:
      eur: { exchange_rate: 0.92 }
  scale:
    name: Scale
    consumption_model: metered
    prices: { monthly: 199.00 }
    features:
      sso: true
      seats: { included_amount: 5, overage: 12.00 }
    regions:
      eur: { exchange_rate: 0.92, prices: { monthly: 189.00 } }
addons:
  calls: { name: More calls, feature: api_calls, base_price: 15.00, consumption_model: metered, included_units: 500, overage_rate: 0.03 }
";

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// These words are on stderr.
    #[track_caller]
    pub(crate) fn complains(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "`{words}` is not in\n{}", self.stderr);
        self
    }

    /// These words are on stdout.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "`{words}` is not in\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Stdout is one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}\n{}\n{}", self.stdout, self.stderr))
    }
}

thread_local! {
    /// The version that the projects of this test speak, where it is not the first one.
    static SPOKEN: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// From here on this test's projects speak that version of the API. Every test has a thread of its own.
pub(crate) fn speaking(subject: Subject) {
    SPOKEN.set(Some(subject.version()).filter(|version| *version != JULY11.version()));
}

/// A folder with pricebook.yaml and catalog.yaml.
pub(crate) struct Folder {
    pub(crate) folder: TempDir,
}

impl Folder {
    pub(crate) fn new(url: &str, catalog: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let this = Self { folder };
        this.project(url, "");
        this.catalog(catalog);
        this
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn catalog(&self, text: &str) {
        fs::write(self.path("catalog.yaml"), text).unwrap();
    }

    /// pricebook.yaml with one environment and more words, which may begin with `, ` to be inside of it.
    pub(crate) fn project(&self, url: &str, more: &str) {
        let (inside, below) =
            if more.starts_with(", ") { more.split_once('\n').unwrap_or((more, "")) } else { ("", more) };
        let version = SPOKEN.get().filter(|_| !more.contains("api_version"));
        let version = version.map_or_else(String::new, |version| format!(", api_version: {version}"));
        let text = format!(
            "catalog: catalog.yaml\nenvironments:\n  test: {{ provider: commet, url: \"{url}\", api_key: {{ env: PB_KEY }}{version}{inside} }}\n{below}\n"
        );
        fs::write(self.path("pricebook.yaml"), text).unwrap();
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.path(".pricebook/test.ledger.json")
    }

    pub(crate) fn ledger(&self) -> Value {
        serde_json::from_slice(&fs::read(self.ledger_path()).unwrap()).unwrap()
    }

    /// The program, in this folder, with a key and without the waiting.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("COMMET_API_KEY")
            .env_remove("NO_COLOR")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("PB_KEY", KEY)
            .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Starts the program and does not wait for it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// Waits for a program that was started.
pub(crate) fn ended(child: Child) -> Ended {
    Ended::of(child.wait_with_output().unwrap())
}

/// A folder and a sandbox to apply to.
pub(crate) struct World {
    pub(crate) folder: Folder,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    api: Client,
    pub(crate) url: String,
}

impl std::ops::Deref for World {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl World {
    pub(crate) fn new(catalog: &str) -> Self {
        Self::with(catalog, |_| {})
    }

    pub(crate) fn faulty(catalog: &str, faults: &str) -> Self {
        Self::with(catalog, |options| options.faults = Some(faults.to_owned()))
    }

    pub(crate) fn with(catalog: &str, change: impl FnOnce(&mut Options)) -> Self {
        let folder = Folder::new("http://127.0.0.1:1/api/v1", catalog);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut options = Options::new("commet");
        options.access_log = Some(folder.path("access.log"));
        change(&mut options);
        let running = runtime.block_on(start(options)).unwrap();
        let url = running.base_url().to_owned();
        folder.project(&url, "");
        Self { folder, api: Client::new(&url), runtime, running: Some(running), url }
    }

    /// Requests that reached the API, oldest first.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("access.log")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Those that could change something: `POST /plans/manage`.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.log()
            .iter()
            .filter(|line| line["method"] != "GET")
            .map(|line| {
                let path = line["path"].as_str().unwrap();
                format!("{} {}", line["method"].as_str().unwrap(), path.strip_prefix("/api/v1").unwrap_or(path))
            })
            .collect()
    }

    /// A request of somebody else's, who uses the dashboard. Faults are not meant for it.
    pub(crate) fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        for _ in 0..50 {
            match self.runtime.block_on(self.api.send(method, path, text.clone())) {
                Ok(reply) if reply.status != 429 && reply.status < 500 => return reply,
                _ => {}
            }
        }
        panic!("{method} {path} never succeeds")
    }

    /// Forgets who asked for what.
    pub(crate) fn forget_log(&self) {
        // The server appends, so an emptied file goes on from its start.
        fs::File::create(self.path("access.log")).unwrap();
    }

    /// Everything that the API shows, without ids and times, in one order.
    pub(crate) fn state(&self) -> Value {
        let read = |path: &str| {
            let mut list = self.call("GET", path, Value::Null).data();
            anonymous(&mut list);
            list
        };
        let mut plans = read("/plans?includePrivate=true");
        sort(&mut plans);
        let mut lists = [read("/features"), read("/plan-groups?limit=100"), read("/addons?limit=100")];
        lists.iter_mut().for_each(sort);
        json!([plans, lists])
    }

    /// The id of the live plan with this code.
    pub(crate) fn plan_id(&self, code: &str) -> String {
        self.call("GET", &format!("/plans/{code}"), Value::Null).data()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn plan_codes(&self) -> Vec<String> {
        let plans = self.call("GET", "/plans?includePrivate=true", Value::Null).data();
        let mut codes: Vec<_> =
            plans.as_array().unwrap().iter().map(|plan| plan["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

fn sort(list: &mut Value) {
    list.as_array_mut().unwrap().sort_by_key(ToString::to_string);
}

/// Takes away what differs from one run to the next.
fn anonymous(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !matches!(key.as_str(), "createdAt" | "updatedAt"));
            for (key, value) in map.iter_mut() {
                if key == "id" || key.ends_with("Id") {
                    *value = Value::Bool(!value.is_null());
                } else {
                    anonymous(value);
                }
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(anonymous);
            if items.iter().all(Value::is_object) {
                items.sort_by_key(ToString::to_string);
            }
        }
        _ => {}
    }
}

/// A server that answers whatever a test wants, byte by byte.
pub(crate) struct Raw {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    /// `answer` gets `GET /plans?…` and how many requests came before; an empty answer drops the connection.
    pub(crate) fn start(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// The same where somebody listens already.
    pub(crate) fn at(listener: TcpListener, answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        // Ends with the test's process; it holds nothing but a port that the system chose.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { url, seen }
    }

    /// Whole requests: head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: &dyn Fn(&str, usize) -> Vec<u8>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    let head = loop {
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8_lossy(&request[..end]).into_owned();
        }
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    };
    let length: usize = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse().unwrap()))
        .unwrap_or(0);
    while request.len() < head.len() + 4 + length {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let before = {
        let mut log = log.lock().unwrap();
        log.push(String::from_utf8_lossy(&request).into_owned());
        log.len() - 1
    };
    let line = head.lines().next().unwrap_or_default();
    let asked = line.replacen("/api/v1", "", 1).replace(" HTTP/1.1", "");
    let _ = stream.write_all(&answer(&asked, before));
}

/// An HTTP answer in text.
pub(crate) fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Any\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}

/// A success of the API.
pub(crate) fn ok(data: &Value) -> Vec<u8> {
    http(200, "content-type: application/json\r\n", &json!({ "success": true, "data": data }).to_string())
}

/// A failure of the API.
pub(crate) fn refused(status: u16, code: &str, headers: &str) -> Vec<u8> {
    let kind = if matches!(status, 401 | 403) { "authentication_error" } else { "any_error" };
    let body = json!({ "success": false, "error": { "type": kind, "code": code, "message": "so it is" } });
    http(status, headers, &body.to_string())
}
