//! What the server answers before it looks at credentials: its root, its documents, CORS, and paths that lead nowhere
//! (bxb-api.md §1, §2).

use super::failure::{Failure, text};
use super::json::Json;
use super::routes::{self, Found};
use crate::sandbox::api::{Answer, Request};

pub(super) const BASE: &str = "/v1";

/// The answer to a request for this whole path, unless it goes to a route.
pub(super) fn answer(target: &str, request: &Request) -> Option<Answer> {
    if request.method == "OPTIONS" {
        return Some(options(request));
    }
    let path = routes::decode(target);
    match path.as_str() {
        "/" | "/openapi.json" | "/docs" if request.method != "GET" => return Some(other_method("GET")),
        "/" => return Some(root()),
        "/openapi.json" => return Some(openapi()),
        "/docs" => return Some(docs()),
        _ => {}
    }
    let below = path.strip_prefix(BASE).filter(|rest| rest.starts_with('/'));
    match below.map_or(Found::Nothing, |below| routes::find(&request.method, below)) {
        Found::Route(..) => None,
        Found::OtherMethod(method) => Some(other_method(method)),
        Found::Redirect => Some(redirect(target, request)),
        Found::Nothing => Some(Failure::detail(404, "Not Found").answer()),
    }
}

fn json(body: impl Into<Json>) -> Answer {
    Answer::new(200, body.into().to_string().into_bytes())
}

fn root() -> Answer {
    json([
        ("app", "BoxBilling".into()),
        ("version", "0.7.0".into()),
        ("domain", "example.com".into()),
        ("status", "running".into()),
    ])
}

/// Enough to see that it is there, and whose it is.
fn openapi() -> Answer {
    let info = Json::from([("title", "BoxBilling".into()), ("version", "0.7.0".into())]);
    json([("openapi", "3.1.0".into()), ("info", info), ("paths", Json::Object(Default::default()))])
}

fn docs() -> Answer {
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Answer { headers, ..Answer::new(200, b"<!DOCTYPE html><title>BoxBilling</title>".to_vec()) }
}

fn options(request: &Request) -> Answer {
    let asked = request.header("access-control-request-headers").unwrap_or("*");
    let mut answer = text(200, "OK");
    answer.headers.extend([
        ("access-control-allow-origin", "*".to_owned()),
        ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT".to_owned()),
        ("access-control-allow-headers", asked.to_owned()),
    ]);
    answer
}

fn other_method(allowed: &'static str) -> Answer {
    let answer = Failure::detail(405, "Method Not Allowed").answer();
    Answer { headers: vec![("allow", allowed.to_owned())], ..answer }
}

/// To the form with or without the slash, with the host that the server believes to have.
fn redirect(target: &str, request: &Request) -> Answer {
    let host = request.header("host").unwrap_or("localhost");
    let path = target.strip_suffix('/').map_or_else(|| format!("{target}/"), str::to_owned);
    let pairs = request.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let query = pairs.collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    Answer { headers: vec![("location", format!("http://{host}{path}{query}"))], ..Answer::new(307, Vec::new()) }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
