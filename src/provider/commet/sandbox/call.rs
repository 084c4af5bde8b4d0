//! What a route gets and what it gives back.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::Body;
use super::failure::Failure;
use super::rules::{self, Field};
use super::state::State;
use super::time::Time;
use super::version::Version;
use crate::sandbox::api::{Answer, Request};

/// One request on its way through a route.
pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    pub(super) request: &'a Request,
    /// The path's `{}` segments in their order.
    pub(super) args: Vec<&'a str>,
    pub(super) version: Version,
    pub(super) livemode: bool,
    pub(super) now: Time,
}

impl<'a> Call<'a> {
    /// The n-th `{}` of the path.
    pub(super) fn arg(&self, n: usize) -> &'a str {
        self.args.get(n).copied().unwrap_or_default()
    }

    /// A query parameter; the last one counts.
    pub(super) fn query(&self, name: &str) -> Option<&'a str> {
        self.request.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn body(&self, fields: &[Field]) -> Result<Body, Failure> {
        rules::read(&self.request.body, fields)
    }

    /// Whether the body has something in this field, known to its rules or not.
    pub(super) fn sends(&self, field: &str) -> bool {
        let body: Option<Value> = serde_json::from_slice(&self.request.body).ok();
        body.is_some_and(|body| body.get(field).is_some_and(|value| !value.is_null()))
    }

    /// Ends an object as every object of the API ends: with `object` and `livemode`.
    pub(super) fn object(&self, object: &str, value: Value) -> Value {
        let mut map = match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        map.insert("object".into(), object.into());
        map.insert("livemode".into(), self.livemode.into());
        Value::Object(map)
    }

    /// What a delete answers; the object's own name is inferred (commet-api.md §3.1).
    pub(super) fn deleted(&self, object: &str, id: &str) -> Reply {
        Reply::one(self.object(object, serde_json::json!({ "id": id, "deleted": true })))
    }
}

/// What a route answers, before the version's envelope.
pub(super) enum Reply {
    /// One object and its status.
    One(u16, Vec<u8>),
    /// A list that has no pages.
    List(Vec<u8>),
    /// One page.
    Page { items: Vec<u8>, next: Option<String> },
}

impl Reply {
    /// One object, 200.
    pub(super) fn one(value: impl Serialize) -> Self {
        Self::One(200, bytes(value))
    }

    /// A new object, 201 (the reference leaves 200 or 201 open).
    pub(super) fn created(value: impl Serialize) -> Self {
        Self::One(201, bytes(value))
    }

    /// A whole list.
    pub(super) fn list(items: impl Serialize) -> Self {
        Self::List(bytes(items))
    }

    /// One page, and the cursor of the next if there is one.
    pub(super) fn page(items: Vec<Value>, next: Option<String>) -> Self {
        Self::Page { items: bytes(items), next }
    }

    /// Wraps it as the version does (commet-api.md §2.2).
    pub(super) fn answer(self, version: Version) -> Answer {
        let (status, data, page) = match self {
            Self::One(status, data) => (status, data, None),
            Self::List(data) => (200, data, Some((None, version == Version::July31))),
            Self::Page { items, next } => (200, items, Some((next, true))),
        };
        let (before, after): (&[u8], String) = match (version, page) {
            (Version::July31, None) => (b"", String::new()),
            (Version::July11, None) => (br#"{"success":true,"data":"#, "}".into()),
            (version, Some((next, paged))) => {
                let before: &[u8] = match version {
                    Version::July11 => br#"{"success":true,"data":"#,
                    Version::July31 => br#"{"object":"list","data":"#,
                };
                let more = if paged { format!(r#","hasMore":{}"#, next.is_some()) } else { String::new() };
                // Absent on the last page.
                let next = next.map(|next| format!(r#","nextCursor":"{next}""#)).unwrap_or_default();
                (before, format!("{more}{next}}}"))
            }
        };
        Answer::new(status, [before, &data, after.as_bytes()].concat())
    }
}

fn bytes(value: impl Serialize) -> Vec<u8> {
    // The views hold only maps with text keys, so this cannot fail.
    serde_json::to_vec(&value).unwrap_or_else(|_| b"null".to_vec())
}
