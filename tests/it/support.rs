//! A sandbox to test against, in this process or as the real program, and a plain HTTP client for it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use pricebook::sandbox::{Options, Running, start};
use serde_json::{Value, json};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pricebook");

/// The program that a test runs: the one that was just built, or `PRICEBOOK_BIN`, a release build for example.
pub(crate) fn binary() -> std::ffi::OsString {
    std::env::var_os("PRICEBOOK_BIN").unwrap_or_else(|| PROGRAM.into())
}

/// A provider, and what an environment says of the version of its API.
pub(crate) struct Spoken {
    pub(crate) provider: &'static str,
    /// `, api_version: 2026-07-31`; nothing where none is named.
    pub(crate) version: String,
}

impl Spoken {
    /// Out of `bxb` or `commet@2026-07-31`.
    pub(crate) fn of(name: &'static str) -> Self {
        let (provider, version) = name.split_once('@').map_or((name, None), |(name, version)| (name, Some(version)));
        Self { provider, version: version.map_or_else(String::new, |version| format!(", api_version: {version}")) }
    }
}

/// One HTTP answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// `data` of a success.
    #[track_caller]
    pub(crate) fn data(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        assert_eq!(self.body["success"], true, "{}", self.body);
        self.body["data"].clone()
    }

    /// What a success of 2026-07-31 says: the object itself.
    #[track_caller]
    pub(crate) fn bare(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        assert!(self.body["object"].is_string(), "{}", self.body);
        self.body
    }

    /// A failure with this status and code.
    #[track_caller]
    pub(crate) fn fails(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["error"]["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.body["success"], false);
        for field in ["type", "message", "doc_url"] {
            assert!(self.body["error"][field].is_string(), "{field}: {}", self.body);
        }
    }

    /// A validation error about exactly these fields.
    #[track_caller]
    pub(crate) fn invalid(&self, fields: &[&str]) {
        self.fails(400, "validation_error");
        let details = self.body["error"]["details"].as_array().expect("details");
        let found: Vec<_> = details.iter().map(|detail| detail["field"].as_str().unwrap()).collect();
        assert_eq!(found, fields, "{}", self.body);
        assert!(details.iter().all(|detail| detail["message"].is_string()));
    }
}

/// A client of one sandbox.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) base: String,
    headers: Vec<(String, String)>,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        static CRYPTO: Once = Once::new();
        CRYPTO.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        // A server that is started again at the same address knows nothing of an old connection.
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .pool_max_idle_per_host(0)
            .timeout(std::time::Duration::from_secs(100))
            .build()
            .unwrap();
        let headers = vec![("x-api-key".to_owned(), "ck_sandbox_test".to_owned())];
        Self { http, base: base.to_owned(), headers }
    }

    /// The same client with a header more, or another value for it; an empty value takes it away.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            client.headers.push((name.to_owned(), value.to_owned()));
        }
        client
    }

    /// Sends a request; the error is one of the connection.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let body: Vec<u8> = body.into();
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{method} {path} is not JSON: {text}"));
        Ok(Reply { status, headers, body })
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The status and the body, whatever it is.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// The status and the body of a request to something else than the API.
    pub(crate) async fn bytes(
        &self,
        method: reqwest::Method,
        path: &str,
        authorization: &str,
        body: Vec<u8>,
    ) -> (u16, Vec<u8>) {
        let request = self.http.request(method, format!("{}/{path}", self.base));
        let reply = request.header("authorization", authorization).body(body).send().await.unwrap();
        (reply.status().as_u16(), reply.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.call("PUT", path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, Value::Null).await
    }

    /// The id of a new feature whose name is its code.
    pub(crate) async fn feature(&self, code: &str, kind: &str) -> String {
        id(&self.post("/features/manage", json!({ "name": code, "code": code, "type": kind })).await.data())
    }

    /// The id of a new plan whose name is its code, with more fields.
    pub(crate) async fn plan(&self, code: &str, more: Value) -> String {
        let mut body = json!({ "name": code, "code": code });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        id(&self.post("/plans/manage", body).await.data())
    }

    /// The id of a new price.
    pub(crate) async fn price(&self, plan: &str, interval: &str, price: i64) -> String {
        let body = json!({ "billingInterval": interval, "price": price });
        id(&self.post(&format!("/plans/{plan}/prices"), body).await.data())
    }
}

/// The `id` of an object.
#[track_caller]
pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id: {object}")).to_owned()
}

/// A sandbox in this process.
pub(crate) async fn sandbox(change: impl FnOnce(&mut Options)) -> (Client, Running) {
    let mut options = Options::new("commet");
    change(&mut options);
    let running = start(options).await.unwrap();
    (Client::new(running.base_url()), running)
}

/// The program as a process of its own; killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) base: String,
}

impl Process {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("sandbox")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim_end().to_owned() }
    }

    pub(crate) fn with_data(folder: &Path) -> Self {
        Self::start(&["--data", folder.to_str().unwrap()])
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.base)
    }

    /// Sends SIGTERM and gives the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
