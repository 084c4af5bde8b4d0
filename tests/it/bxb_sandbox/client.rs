//! A plain HTTP client that follows nothing and hides nothing.

use std::sync::Once;

use pricebook::sandbox::{Options, Running, start};
use serde_json::{Value, json};

/// A UUID that nothing has.
pub(super) const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
pub(super) const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
pub(super) const KEY: &str = "bxb_live_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub(super) const ADMIN: &str = "bxb_sandbox_admin_secret_0123456789";

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Reply {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} is not JSON: {}", self.status, self.text))
    }

    /// The body of a success.
    #[track_caller]
    pub(super) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    #[track_caller]
    pub(super) fn created(&self) -> Value {
        assert_eq!(self.status, 201, "{}", self.text);
        self.json()
    }

    /// 204 with nothing in it.
    #[track_caller]
    pub(super) fn gone(&self) {
        assert_eq!((self.status, self.text.as_str()), (204, ""));
    }

    /// `{"detail": "…"}` with this status.
    #[track_caller]
    pub(super) fn says(&self, status: u16, detail: &str) {
        assert_eq!((self.status, self.text.as_str()), (status, json!({ "detail": detail }).to_string().as_str()));
    }

    /// 422 with these items, each `type place`.
    #[track_caller]
    pub(super) fn invalid(&self, expected: &[&str]) {
        assert_eq!(self.status, 422, "{}", self.text);
        let body = self.json();
        let item = |item: &Value| {
            assert!(item["msg"].is_string() && item.get("input").is_some(), "{item}");
            let parts = item["loc"].as_array().unwrap().iter();
            let parts: Vec<_> = parts.map(|part| part.to_string().trim_matches('"').to_owned()).collect();
            format!("{} {}", item["type"].as_str().unwrap(), parts.join("."))
        };
        let found: Vec<_> = body["detail"].as_array().unwrap().iter().map(item).collect();
        assert_eq!(found, expected, "{body}");
    }

    /// The bare 500.
    #[track_caller]
    pub(super) fn crashes(&self) {
        assert_eq!((self.status, self.text.as_str()), (500, "Internal Server Error"));
        assert_eq!(self.headers["content-type"], "text/plain; charset=utf-8");
        assert!(!self.headers.contains_key("connection"), "{:?}", self.headers);
    }

    pub(super) fn total(&self) -> Option<&str> {
        self.headers.get("x-total-count").and_then(|total| total.to_str().ok())
    }
}

/// A client of one sandbox, as one caller.
#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    pub(super) base: String,
    headers: Vec<(String, String)>,
}

impl Api {
    pub(super) fn new(base: &str) -> Self {
        static CRYPTO: Once = Once::new();
        CRYPTO.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        // Connections are not kept: the server ends them without a word after a 500.
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(std::time::Duration::from_secs(100))
            .pool_max_idle_per_host(0);
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), headers: Vec::new() }.with("authorization", &format!("Bearer {KEY}"))
    }

    /// The same client with another value for a header; an empty one takes it away.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            client.headers.push((name.to_owned(), value.to_owned()));
        }
        client
    }

    /// The same client as the default organization.
    pub(super) fn default_organization(&self) -> Self {
        self.with("authorization", "")
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.http.request(method.parse().unwrap(), url).body(body.into());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, body).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Reply {
        self.call("PUT", path, body).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call("PATCH", path, body).await
    }

    pub(super) async fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path, Value::Null).await
    }

    /// The id of a new metric that counts.
    pub(super) async fn metric(&self, code: &str) -> String {
        let body = json!({ "code": code, "name": code, "aggregation_type": "count" });
        id(&self.post("/billable_metrics/", body).await.created())
    }

    /// The id of a new filter of a metric.
    pub(super) async fn filter(&self, metric: &str, key: &str, values: Value) -> String {
        let body = json!({ "key": key, "values": values });
        id(&self.post(&format!("/billable_metrics/{metric}/filters"), body).await.created())
    }

    /// A new monthly plan with these charges.
    pub(super) async fn plan(&self, code: &str, charges: Value) -> Value {
        let body = json!({ "code": code, "name": code, "interval": "monthly", "charges": charges });
        self.post("/plans/", body).await.created()
    }

    /// The id of a new feature.
    pub(super) async fn feature(&self, code: &str) -> String {
        let body = json!({ "code": code, "name": code, "feature_type": "boolean" });
        id(&self.post("/features/", body).await.created())
    }

    /// The id of a new entitlement.
    pub(super) async fn entitle(&self, plan: &str, feature: &str) -> String {
        let body = json!({ "plan_id": plan, "feature_id": feature, "value": "true" });
        id(&self.post("/entitlements/", body).await.created())
    }

    /// The id of a new subscription of a new customer to a plan.
    pub(super) async fn subscribe(&self, plan: &str, name: &str) -> String {
        let customer = id(&self.post("/customers/", json!({ "external_id": name, "name": name })).await.created());
        let body = json!({ "external_id": name, "customer_id": customer, "plan_id": plan });
        id(&self.post("/subscriptions/", body).await.created())
    }

    pub(super) async fn tax(&self, code: &str, rate: &str) -> String {
        id(&self.post("/taxes/", json!({ "code": code, "name": code, "rate": rate })).await.created())
    }
}

/// A charge without filters.
pub(super) fn charge(metric: &str, model: &str, properties: Value) -> Value {
    json!({ "billable_metric_id": metric, "charge_model": model, "properties": properties })
}

#[track_caller]
pub(super) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id: {object}")).to_owned()
}

/// The texts of one field of every item.
pub(super) fn all(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

pub(super) async fn sandbox_with(change: impl FnOnce(&mut Options)) -> (Api, Running) {
    let mut options = Options::new("bxb");
    change(&mut options);
    let running = start(options).await.unwrap();
    (Api::new(running.base_url()), running)
}

pub(super) async fn sandbox() -> (Api, Running) {
    sandbox_with(|_| ()).await
}
