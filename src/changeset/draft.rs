use serde_json::Value as Json;

use crate::changeset::Care;
use crate::model::Address;

/// A call as a provider's lowering writes it: named, not yet ordered.
#[derive(Clone, Debug)]
pub struct Draft {
    /// A name that other drafts wait for. Unique in a changeset.
    pub key: String,
    /// Whose change the call belongs to.
    pub address: Address,
    /// `POST`.
    pub method: &'static str,
    /// Below the base URL; `{plans.pro#id}` stands for an id that is not known yet.
    pub path: String,
    /// The JSON body.
    pub body: Option<Json>,
    /// Where in the body an id stands that is not known yet, as JSON pointers.
    pub ids: Vec<String>,
    /// Calls that must have succeeded before, by key. Calls that learn an id used here need not be named.
    pub after: Vec<String>,
    /// The id that the answer tells.
    pub learns: Option<Learns>,
    /// Other ids that the answer tells: those of the parts that it made.
    pub also_learns: Vec<Learns>,
    /// Where the API has no idempotency keys: how the call is made all the same.
    pub care: Option<Care>,
    /// What it does, in words.
    pub summary: String,
}

/// An id that a call's answer tells.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Learns {
    /// What it is the id of.
    pub address: Address,
    /// Where in the answer (or in the item of a list) it stands, as a JSON pointer.
    pub from: String,
    /// The item of a list that it is the id of, where the answer holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<Among>,
}

/// One item of a list, known by a value in it and never by its place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Among {
    /// Where the list stands, as a JSON pointer.
    pub list: String,
    /// Where in an item the value stands, as a JSON pointer.
    pub at: String,
    /// The value.
    pub value: String,
}

impl Learns {
    /// The id of the one object that an answer shows.
    pub fn new(address: &Address, from: &str) -> Self {
        Self { address: address.clone(), from: from.to_owned(), among: None }
    }

    /// The id in an answer.
    pub fn read<'b>(&self, body: &'b Json) -> Option<&'b str> {
        let item = match &self.among {
            None => body,
            Some(among) => body
                .pointer(&among.list)?
                .as_array()?
                .iter()
                .find(|item| item.pointer(&among.at).and_then(Json::as_str) == Some(&among.value))?,
        };
        item.pointer(&self.from)?.as_str()
    }
}

impl Draft {
    /// A draft with nothing but what every call has.
    pub fn new(key: impl Into<String>, address: &Address, method: &'static str, path: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            address: address.clone(),
            method,
            path: path.into(),
            body: None,
            ids: Vec::new(),
            after: Vec::new(),
            learns: None,
            also_learns: Vec::new(),
            care: None,
            summary: String::new(),
        }
    }
}

/// How an id that is not known yet is written: `{plans.pro#id}`.
pub fn placeholder(address: &Address) -> String {
    format!("{{{address}#id}}")
}

/// The address in a placeholder.
pub fn placeholder_address(text: &str) -> Option<Address> {
    text.strip_prefix('{')?.strip_suffix("#id}")?.parse().ok()
}

/// The placeholders in a path.
pub fn placeholders_in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '=', '&']).filter(|segment| segment.starts_with('{') && segment.ends_with("#id}"))
}
