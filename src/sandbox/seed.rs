//! The initial state, as a list of requests: `- { method: POST, path: /features/manage, body: {…}, as: calls }`. With
//! `times: 200` one is sent as often, and `{n}` in it counts from 1.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::api::{Caller, Request};
use super::core::Core;
use super::error::SandboxError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default = "post")]
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
    /// Beside what every seed sends, which is nothing: `commet-version`, for example.
    #[serde(default)]
    headers: HashMap<String, String>,
    /// A name for what the answer says: later steps write `{name.id}`.
    #[serde(rename = "as")]
    name: Option<String>,
    /// How often it is sent. `{n}` is the number of the turn; the name is that of the last answer.
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

fn post() -> String {
    "POST".into()
}

/// Sends every step to the core; stops at the first that is refused.
pub(super) fn apply(core: &mut Core, path: &Path, livemode: bool) -> Result<(), SandboxError> {
    let failed = |reason: String| SandboxError::Seed { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let steps: Vec<Step> = serde_yaml::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let mut known = BTreeMap::new();
    for (number, step) in steps.into_iter().enumerate() {
        let failed = |reason: String| failed(format!("step {}, {} {}: {reason}", number + 1, step.method, step.path));
        for turn in 1..=step.times {
            known.insert("n".to_owned(), Value::from(turn));
            let answer = send(core, &step, &known, livemode).map_err(&failed)?;
            if let Some(name) = &step.name {
                known.insert(name.clone(), answer);
            }
        }
    }
    Ok(())
}

/// Sends one request; gives what the answer says.
fn send(core: &mut Core, step: &Step, known: &BTreeMap<String, Value>, livemode: bool) -> Result<Value, String> {
    let target = fill(&step.path, known)?;
    let body = fill_all(step.body.clone(), known)?;
    let (target, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let request = Request {
        method: step.method.to_uppercase(),
        path: target.to_owned(),
        query: pairs.map(|(name, value)| (name.into(), value.into())).collect(),
        headers: HeaderMap::try_from(&step.headers).map_err(|error| error.to_string())?,
        body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() }.into(),
    };
    let answer = core.finish(&request, Caller { livemode, organization: None });
    if !answer.is_success() {
        return Err(format!("answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    let mut value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(value.get_mut("data").map(Value::take).unwrap_or(value))
}

fn fill_all(value: Value, known: &BTreeMap<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill(&text, known)?),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| fill_all(item, known)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => Value::Object(
            map.into_iter().map(|(key, value)| Ok((key, fill_all(value, known)?))).collect::<Result<_, String>>()?,
        ),
        plain => plain,
    })
}

/// Replaces every `{name.field}`.
fn fill(text: &str, known: &BTreeMap<String, Value>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((reference, after)) = after.split_once('}') else { break };
        let mut parts = reference.split('.');
        let name = parts.next().unwrap_or_default();
        let value = known.get(name).and_then(|value| {
            parts.try_fold(value, |value, part| match part.parse::<usize>() {
                Ok(index) if value.is_array() => value.get(index),
                _ => value.get(part),
            })
        });
        filled.push_str(before);
        match value {
            Some(Value::String(text)) => filled.push_str(text),
            Some(value) => filled.push_str(&value.to_string()),
            None => return Err(format!("`{{{reference}}}` is not known from an earlier step")),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
