//! A project and what its API has stored, both in a folder that can be copied: what is made once serves many tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use pricebook::sandbox::{Options, Running, SandboxError, start};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{Client, PROGRAM, Spoken};
use crate::workspace::{Ended, ended};

/// Every method that can change something.
pub(crate) const WRITES: &str = "POST|PUT|PATCH|DELETE";

/// One for all sandboxes: a test of hundreds of them must not start thousands of threads.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// A project and what its API has stored, at rest.
pub(crate) struct Place {
    folder: TempDir,
    provider: &'static str,
    /// What the environment says of the API's version.
    version: String,
    key: String,
}

/// A place whose API runs.
pub(crate) struct Open {
    place: Place,
    running: Option<Running>,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "access.log" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Place {
    /// For a provider, in a version of its API if one is named: `commet@2026-07-31`.
    pub(crate) fn new(name: &'static str) -> Self {
        let Spoken { provider, version } = Spoken::of(name);
        let key = "ck_sandbox_test".to_owned();
        let place = Self { folder: TempDir::new().unwrap(), provider, version, key };
        if provider != "bxb" {
            return place;
        }
        // A key of the default organization, the only one in which taxes can be applied.
        let mut open = Open::of(place, None, "");
        let client = Client::new(open.url());
        let made = RUNTIME.block_on(client.raw("POST", "/organizations/current/api_keys", json!({})));
        open.place.key = made.1["raw_key"].as_str().unwrap().to_owned();
        open.close()
    }

    pub(crate) fn copied(&self) -> Self {
        let folder = TempDir::new().unwrap();
        copy(self.folder.path(), folder.path());
        Self { folder, provider: self.provider, version: self.version.clone(), key: self.key.clone() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The catalog is this text.
    pub(crate) fn catalog_text(&self, text: &str) {
        let _ = fs::remove_dir_all(self.path("catalog"));
        fs::create_dir_all(self.path("catalog")).unwrap();
        fs::write(self.path("catalog/all.yaml"), text).unwrap();
    }

    /// The rows that the API has stored, by their table and id. Nobody else may have the folder open.
    pub(crate) fn rows(&self) -> BTreeMap<(String, String), Value> {
        use redb::{ReadableDatabase, ReadableTable};
        let database = redb::Database::open(self.path("data/sandbox.redb")).unwrap();
        let reading = database.begin_read().unwrap();
        let table = redb::TableDefinition::<(&str, &str), &[u8]>::new("objects");
        let rows = reading.open_table(table).unwrap();
        rows.iter()
            .unwrap()
            .map(|row| {
                let (key, bytes) = row.unwrap();
                let (kind, id) = key.value();
                ((kind.to_owned(), id.to_owned()), serde_json::from_slice(bytes.value()).unwrap())
            })
            .collect()
    }

    /// What the program remembers.
    pub(crate) fn ledger(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path(".pricebook/test.ledger.json")).unwrap()).unwrap()
    }
}

impl Open {
    /// Starts the API, with faults and with more words for the environment, such as `, timeouts: { request: 1 }`.
    pub(crate) fn of(place: Place, faults: Option<&str>, more: &str) -> Self {
        let mut options = Options::new(place.provider);
        options.data = Some(place.path("data"));
        options.access_log = Some(place.path("access.log"));
        options.faults = faults.map(str::to_owned);
        // A program that another thread starts holds the folder's lock until it is itself.
        let running = (0..100)
            .find_map(|_| match RUNTIME.block_on(start(options.clone())) {
                Ok(running) => Some(running),
                Err(SandboxError::DataInUse { .. }) => {
                    std::thread::sleep(Duration::from_millis(10));
                    None
                }
                Err(why) => panic!("{why}"),
            })
            .unwrap();
        let url = running.base_url();
        let own = if place.provider == "bxb" { ", organization: default" } else { "" };
        let project = format!(
            "catalog: catalog/\nledger: file\nenvironments:\n  test: {{ provider: {}{}, url: \"{url}\"{own}{more} }}\n",
            place.provider, place.version
        );
        fs::write(place.path("pricebook.yaml"), project).unwrap();
        same_api_at_another_port(&place.path(".pricebook/test.ledger.json"), url);
        Self { place, running: Some(running) }
    }

    fn url(&self) -> &str {
        self.running.as_ref().unwrap().base_url()
    }

    pub(crate) fn close(mut self) -> Place {
        RUNTIME.block_on(self.running.take().unwrap().shutdown());
        self.place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let variable = if self.place.provider == "bxb" { "BXB_API_KEY" } else { "COMMET_API_KEY" };
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.place.folder.path())
            .env(variable, &self.place.key)
            .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).spawn().unwrap())
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Requests that reached the API since it was started here, oldest first.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("access.log")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Those that could change something.
    pub(crate) fn writes(&self) -> Vec<Value> {
        self.log().into_iter().filter(|line| line["method"] != "GET").collect()
    }

    /// Whether one of them met trouble.
    pub(crate) fn is_hit(&self) -> bool {
        let text = fs::read_to_string(self.path("access.log")).unwrap_or_default();
        text.lines().any(|line| !line.contains("\"fault\":null"))
    }
}

/// The ledger says which API it is of.
fn same_api_at_another_port(ledger: &Path, url: &str) {
    let Ok(text) = fs::read_to_string(ledger) else { return };
    let Some((before, rest)) = text.split_once("http://127.0.0.1:") else { return };
    let (host, _) = url.rsplit_once("/v1").map_or((url, ""), |(host, rest)| (host.trim_end_matches("/api"), rest));
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    fs::write(ledger, format!("{before}{host}{rest}")).unwrap();
}

/// Waits until something is so; the time-out is only there for a test that fails.
pub(crate) fn until(what: impl Fn() -> bool) {
    for _ in 0..6000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never happened");
}
