//! A project in a folder of its own, with a sandbox of its own, driven through the real program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use pricebook::sandbox::{Options, Running, start};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{Client, Spoken, binary};

/// A project with one environment, which is a sandbox in this process.
pub(crate) struct Project {
    folder: TempDir,
    runtime: Runtime,
    running: Option<Running>,
    client: Client,
    provider: &'static str,
    /// What the environment says of the API's version.
    version: String,
    /// The base path of the API.
    base_path: &'static str,
    /// The variable that holds the key, and the key.
    key: (&'static str, String),
}

/// What the program answered.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// One line of the sandbox's access log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self::of("commet")
    }

    /// A project for this provider, in a version of its API if one is named: `commet@2026-07-31`.
    pub(crate) fn of(provider: &'static str) -> Self {
        Self::faulty(provider, None)
    }

    /// A project whose sandbox makes trouble.
    pub(crate) fn faulty(provider: &'static str, faults: Option<&str>) -> Self {
        Self::start(provider, faults, false)
    }

    /// A project whose sandbox keeps its data, so that it can be stopped and started again.
    pub(crate) fn lasting(provider: &'static str) -> Self {
        Self::start(provider, None, true)
    }

    fn start(name: &'static str, faults: Option<&str>, lasts: bool) -> Self {
        let Spoken { provider, version } = Spoken::of(name);
        let folder = TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut options = Options::new(provider);
        options.access_log = Some(folder.path().join("access.log"));
        options.faults = faults.map(str::to_owned);
        options.data = lasts.then(|| folder.path().join("data"));
        let running = runtime.block_on(start(options)).unwrap();
        let mut client = Client::new(running.base_url());
        let (mut base_path, mut key) = ("/api/v1", ("COMMET_API_KEY", "ck_sandbox_test".to_owned()));
        let mut more = "";
        if provider == "bxb" && faults.is_some() {
            client = client.with("authorization", "Bearer bxb_live_test");
            (base_path, key, more) = ("/v1", ("BXB_API_KEY", "bxb_live_test".into()), ", organization: sandbox");
        } else if provider == "bxb" {
            // A key of the default organization: the only one in which taxes can be applied.
            let made = runtime.block_on(client.raw("POST", "/organizations/current/api_keys", json!({})));
            let raw_key = made.1["raw_key"].as_str().unwrap().to_owned();
            client = client.with("authorization", &format!("Bearer {raw_key}"));
            (base_path, key, more) = ("/v1", ("BXB_API_KEY", raw_key), ", organization: default");
        }
        let project = format!(
            "catalog: catalog.yaml\nledger: file\nenvironments:\n  test: {{ provider: {provider}, url: \"{}\"{version}{more} }}\n",
            running.base_url()
        );
        std::fs::write(folder.path().join("pricebook.yaml"), project).unwrap();
        Self { folder, runtime, running: Some(running), client, provider, version, base_path, key }
    }

    /// The same API with the same data at the same address, with other faults. Only for one that lasts.
    pub(crate) fn restart(&mut self, faults: Option<&str>) {
        let address = self.client.base.split("://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        self.runtime.block_on(self.running.take().unwrap().shutdown());
        let mut options = Options::new(self.provider);
        options.listen = address.parse().unwrap();
        options.access_log = Some(self.path("access.log"));
        options.faults = faults.map(str::to_owned);
        options.data = Some(self.path("data"));
        // A program that another thread starts holds the folder's lock until it is itself, and a connection of the old
        // server may hold its port for a moment.
        for _ in 0..500 {
            if let Ok(running) = self.runtime.block_on(start(options.clone())) {
                self.running = Some(running);
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the sandbox does not start again at {address}");
    }

    /// Starts a command on this project and does not wait for it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut all = vec![arguments[0], "-C", self.folder.path().to_str().unwrap()];
        all.extend(&arguments[1..]);
        command(self.folder.path(), &all, &self.key).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A project whose sandbox says what the catalog says.
    #[track_caller]
    pub(crate) fn with(catalog: &Value) -> Self {
        let project = Self::new();
        project.reach(catalog);
        project
    }

    /// This project's sandbox as an environment of another project, as a YAML flow map with more words in it. The key
    /// goes into a file there.
    pub(crate) fn as_environment_of(&self, other: &Path, name: &str, more: &str) -> String {
        std::fs::write(other.join(format!("{name}.key")), &self.key.1).unwrap();
        let url = self.running.as_ref().unwrap().base_url();
        let provider = if self.base_path == "/v1" { "bxb, organization: default" } else { "commet" };
        let version = &self.version;
        format!(
            "  {name}: {{ provider: {provider}{version}, url: \"{url}\", api_key: {{ file: {name}.key }}{more} }}\n"
        )
    }

    /// Where its sandbox is.
    pub(crate) fn url(&self) -> &str {
        &self.client.base
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// JSON is YAML.
    pub(crate) fn write(&self, catalog: &Value) {
        self.write_text(&serde_json::to_string_pretty(catalog).unwrap());
    }

    pub(crate) fn write_text(&self, catalog: &str) {
        std::fs::write(self.path("catalog.yaml"), catalog).unwrap();
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.path(".pricebook/test.ledger.json")
    }

    /// Runs a command on this project.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let (command, rest) = arguments.split_first().unwrap();
        let mut all = vec![*command, "-C", self.folder.path().to_str().unwrap()];
        all.extend(rest);
        program(self.folder.path(), &all, &self.key)
    }

    /// Runs a command as it stands.
    pub(crate) fn run_plain(&self, arguments: &[&str]) -> Outcome {
        program(self.folder.path(), arguments, &self.key)
    }

    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        self.plan_with(&[])
    }

    #[track_caller]
    pub(crate) fn plan_with(&self, arguments: &[&str]) -> Plan {
        let outcome = self.run(&[&["plan", "--format", "json"], arguments].concat()).exits(0);
        Plan(serde_json::from_str(&outcome.stdout).unwrap())
    }

    /// Writes the catalog and plans it.
    #[track_caller]
    pub(crate) fn plan_of(&self, catalog: &Value) -> Plan {
        self.write(catalog);
        self.plan()
    }

    /// The same for the catalog's own text.
    #[track_caller]
    pub(crate) fn plan_of_text(&self, catalog: &str) -> Plan {
        self.write_text(catalog);
        self.plan()
    }

    /// Applies, with exactly the acknowledgements that the plan asks for.
    #[track_caller]
    pub(crate) fn apply(&self, plan: &Plan) -> Outcome {
        self.apply_with(plan, &[])
    }

    #[track_caller]
    pub(crate) fn apply_with(&self, plan: &Plan, arguments: &[&str]) -> Outcome {
        let guards = plan.guards();
        let acknowledged = guards.iter().flat_map(|code| ["--ack", code.as_str()]);
        let all: Vec<&str> =
            ["apply", "--yes"].into_iter().chain(acknowledged).chain(arguments.iter().copied()).collect();
        self.run(&all)
    }

    /// Nothing is left to do.
    #[track_caller]
    pub(crate) fn in_sync(&self) {
        let outcome = self.run(&["plan", "--detailed-exitcode", "--format", "json"]);
        let plan = if outcome.code == 1 { Vec::new() } else { Plan::of(&outcome.stdout).lines() };
        assert_eq!(plan, Vec::<String>::new(), "the next plan is not empty\n{}", outcome.stderr);
        outcome.exits(0);
    }

    /// Plans, applies, and finds nothing left to do. Gives the plan.
    #[track_caller]
    pub(crate) fn reach(&self, catalog: &Value) -> Plan {
        let plan = self.plan_of(catalog);
        self.apply(&plan).exits(0);
        self.in_sync();
        plan
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let log = std::fs::read_to_string(self.path("access.log")).unwrap();
        let line = |line: &str| {
            let entry: Value = serde_json::from_str(line).unwrap();
            Request {
                method: entry["method"].as_str().unwrap().to_owned(),
                path: entry["path"].as_str().unwrap().trim_start_matches(self.base_path).to_owned(),
            }
        };
        // The last line may just be being written.
        let (whole, _) = log.rsplit_once('\n').unwrap_or_default();
        whole.lines().map(line).collect()
    }

    /// Every request so far that was not a read.
    pub(crate) fn writes(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    /// A call behind the tool's back.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, path: &str, body: Value) -> Value {
        self.runtime.block_on(self.client.call(method, path, body)).data()
    }

    /// A call behind the tool's back in one version of the API: what it answers, without an envelope.
    #[track_caller]
    pub(crate) fn in_version(&self, version: &str, method: &str, path: &str, body: Value) -> Value {
        let client = self.client.with("commet-version", version);
        let mut reply = self.runtime.block_on(client.call(method, path, body));
        assert!(reply.status < 300, "{method} {path}: {}", reply.body);
        if reply.body.get("success").is_some() { reply.body["data"].take() } else { reply.body }
    }

    /// A call behind the tool's back, at an API without an envelope: the status and the body.
    pub(crate) fn raw(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.runtime.block_on(self.client.raw(method, path, body))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        self.call("GET", path, Value::Null)
    }

    /// A call behind the tool's back in Commet's newer version: the status and the body. Whatever the project speaks,
    /// the API shows both versions the same objects.
    pub(crate) fn raw_newer(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let newer = self.client.with("commet-version", "2026-07-31");
        self.runtime.block_on(newer.raw(method, path, body))
    }

    /// The same for one that succeeds.
    #[track_caller]
    pub(crate) fn newer(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.raw_newer(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// The id of an offer, a market or a credit pack.
    #[track_caller]
    pub(crate) fn id_of(&self, collection: &str, name: &str) -> String {
        named(&self.newer("GET", &format!("/{collection}"), Value::Null)["data"], name)
    }

    /// A live plan.
    #[track_caller]
    pub(crate) fn live_plan(&self, code: &str) -> Value {
        self.get(&format!("/plans/{code}"))
    }

    #[track_caller]
    pub(crate) fn plan_id(&self, code: &str) -> String {
        self.live_plan(code)["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn feature_id(&self, code: &str) -> String {
        self.get(&format!("/features/{code}"))["id"].as_str().unwrap().to_owned()
    }

    /// Only the newer version shows them.
    #[track_caller]
    pub(crate) fn price_id(&self, plan: &str, interval: &str) -> String {
        let plan = self.newer("GET", &format!("/plans/{plan}"), Value::Null);
        let prices = plan["prices"].as_array().unwrap_or_else(|| panic!("{plan}"));
        let is_it = |price: &&Value| price["billingInterval"] == interval && price["inheritsFromPriceId"].is_null();
        let price = prices.iter().find(is_it);
        price.unwrap_or_else(|| panic!("no {interval} price: {plan}"))["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn group_id(&self, name: &str) -> String {
        named(&self.get("/plan-groups?limit=100"), name)
    }

    #[track_caller]
    pub(crate) fn addon_id(&self, name: &str) -> String {
        named(&self.get("/addons?limit=100"), name)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

#[track_caller]
fn named(list: &Value, name: &str) -> String {
    let found = list.as_array().unwrap().iter().find(|object| object["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {list}"))["id"].as_str().unwrap().to_owned()
}

fn command(folder: &Path, arguments: &[&str], key: &(&str, String)) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .current_dir(folder)
        .env(key.0, &key.1)
        .env("PRICEBOOK_RETRY_PAUSE_MS", "1")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null());
    command
}

fn program(folder: &Path, arguments: &[&str], key: &(&str, String)) -> Outcome {
    let output = command(folder, arguments, key).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A changeset.
#[derive(Clone, Debug)]
pub(crate) struct Plan(pub(crate) Value);

impl Plan {
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}")))
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = &Value> {
        self.0["changes"].as_array().unwrap().iter()
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = &Value> {
        self.0["calls"].as_array().unwrap().iter()
    }

    /// The codes of its guards, each once.
    pub(crate) fn guards(&self) -> Vec<String> {
        let guards = self.0["guards"].as_array().unwrap().iter();
        let mut codes: Vec<String> = guards.map(|guard| guard["code"].as_str().unwrap().to_owned()).collect();
        codes.dedup();
        codes
    }

    /// The whole changeset in words that are easy to compare: `create plans.pro`, `delete plans.pro.prices.yearly`,
    /// `replace plans.pro.prices.monthly`, and for each field that differs `+ plans.pro description` (set),
    /// `~ plans.pro name` (changed), `- plans.pro description` (cleared), with `!` behind what the API cannot change.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for change in self.changes() {
            let (address, action) = (change["address"].as_str().unwrap(), change["action"].as_str().unwrap());
            if action != "update" {
                lines.push(format!("{action} {address}"));
            }
            if action == "create" {
                continue;
            }
            for field in change["fields"].as_array().unwrap() {
                let sign = match (&field["before"], &field["after"]) {
                    (Value::Null, _) => '+',
                    (_, Value::Null) => '-',
                    _ => '~',
                };
                let fixed = if field["immutable"] == true { "!" } else { "" };
                lines.push(format!("{sign} {address} {}{fixed}", field["field"].as_str().unwrap()));
            }
        }
        lines
    }

    /// Where the differences come from: `catalog`, `live`, `both`.
    pub(crate) fn origins(&self) -> Vec<&str> {
        let fields = self.changes().flat_map(|change| change["fields"].as_array().unwrap());
        let mut origins: Vec<&str> = fields.map(|field| field["origin"].as_str().unwrap()).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// `METHOD path` of every call, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        let request = |call: &Value| format!("{} {}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
        self.calls().map(request).collect()
    }

    /// What every call does, in words, in order.
    pub(crate) fn summaries(&self) -> Vec<&str> {
        self.calls().map(|call| call["summary"].as_str().unwrap()).collect()
    }

    /// Every call stands after the calls that it waits for.
    #[track_caller]
    pub(crate) fn is_ordered(&self) {
        let mut seen = Vec::new();
        for call in self.calls() {
            for before in call["after"].as_array().unwrap() {
                assert!(seen.contains(&before), "{call} stands before {before}");
            }
            seen.push(&call["id"]);
        }
    }
}

/// Sets what a dotted path leads to; null takes it away. Maps on the way are made.
pub(crate) fn set(catalog: &mut Value, path: &str, value: Value) {
    let mut steps: Vec<&str> = path.split('.').collect();
    let last = steps.pop().unwrap();
    let mut at = catalog;
    for step in steps {
        let map = at.as_object_mut().unwrap_or_else(|| panic!("{path}: no map at {step}"));
        at = map.entry(step).or_insert_with(|| Value::Object(Map::new()));
    }
    let map = at.as_object_mut().unwrap_or_else(|| panic!("{path}: no map"));
    if value.is_null() {
        map.remove(last);
    } else {
        map.insert(last.to_owned(), value);
    }
}

/// The catalog with some paths set.
pub(crate) fn with(catalog: &Value, edits: &[(&str, Value)]) -> Value {
    let mut catalog = catalog.clone();
    for (path, value) in edits {
        set(&mut catalog, path, value.clone());
    }
    catalog
}

/// A catalog with an object of every kind and every model, prices of all five intervals, and three currencies.
pub(crate) fn everything() -> Value {
    let five = || {
        json!({
            "weekly": { "amount": "10.00" },
            "monthly": { "amount": "30.00" },
            "quarterly": { "amount": "80.00" },
            "yearly": { "amount": "300.00" },
            "one_time": { "amount": "900.00" },
        })
    };
    json!({
        "provider": "commet",
        "price_changes": "reprice",
        "features": {
            "sso": { "name": "Single sign-on", "type": "boolean" },
            "calls": { "name": "Calls", "type": "usage" },
            "seats": { "name": "Seats", "type": "seats" },
            "projects": { "name": "Projects", "type": "quota" },
            "sms": { "name": "SMS", "type": "usage" },
            "images": { "name": "Images", "type": "usage" },
            "tokens": { "name": "Tokens", "type": "usage" },
            "spare": { "name": "Spare", "type": "usage" },
        },
        "groups": {
            "main": { "name": "Main", "plans": ["free", "basic"] },
            "side": { "name": "Side" },
        },
        "plans": {
            "free": { "name": "Free", "free": true, "features": { "projects": { "included_amount": 1 } } },
            "basic": { "name": "Basic", "consumption_model": "metered", "prices": { "monthly": { "amount": "9.00" } } },
            "bare": { "name": "Bare" },
            "pro": {
                "name": "Pro", "consumption_model": "metered", "default_price": "monthly", "prices": five(),
                "features": {
                    "sso": {},
                    "calls": { "included_amount": 1000 },
                    "seats": { "included_amount": 5, "overage": "12.00" },
                    "projects": {},
                },
                "regions": { "brl": { "exchange_rate": "5.40" }, "jpy": { "exchange_rate": "150" } },
            },
            "creds": {
                "name": "Credits", "consumption_model": "credits", "default_price": "monthly", "prices": five(),
                "features": { "calls": {}, "tokens": { "credits_per_unit": 3 } },
            },
            "bal": {
                "name": "Balance", "consumption_model": "balance", "default_price": "monthly", "prices": five(),
                "features": { "calls": { "overage": "0.01" }, "tokens": {} },
                "regions": {
                    "eur": { "exchange_rate": "0.92", "prices": { "monthly": { "amount": "29.00" } } },
                    "brl": { "exchange_rate": "5.40" },
                },
            },
        },
        "addons": {
            "flag": { "name": "Flag", "feature": "sso", "consumption_model": "boolean", "base_price": "5.00" },
            "text": {
                "name": "Text", "feature": "sms", "consumption_model": "metered", "base_price": "15.00",
                "included_units": 1000, "overage_rate": "0.03",
            },
            "pictures": {
                "name": "Pictures", "feature": "images", "consumption_model": "credits", "base_price": "20.00", "credit_cost": 4,
            },
            "words": {
                "name": "Words", "feature": "tokens", "consumption_model": "balance", "base_price": "25.00", "overage_rate": "0.002",
            },
        },
    })
}
