//! What a route gets and what it gives back.

use super::database::Database;
use super::failure::Failure;
use super::field::{self, Field, Kind};
use super::issue::Issue;
use super::json::{Json, Object};
use super::reader::{self, Unreadable};
use super::tables::Holds;
use super::time;
use crate::sandbox::api::{Answer, Request};

pub(super) type Handler = fn(&mut Call<'_>) -> Result<Reply, Failure>;

/// One request on its way through a route.
pub(super) struct Call<'a> {
    pub(super) db: &'a mut Database,
    pub(super) request: &'a Request,
    /// What stands at the path's `{}`, decoded.
    pub(super) args: Vec<String>,
    /// The organization that the credentials resolve to. It need not exist.
    pub(super) organization: String,
    pub(super) now: i64,
}

/// What a route answers.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Json>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) replayed: bool,
}

impl Reply {
    pub(super) fn ok(body: impl Into<Json>) -> Self {
        Self { status: 200, body: Some(body.into()), headers: Vec::new(), replayed: false }
    }

    pub(super) fn created(body: impl Into<Json>) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    pub(super) fn gone() -> Self {
        Self { status: 204, body: None, headers: Vec::new(), replayed: false }
    }

    pub(super) fn answer(self) -> Answer {
        let body = self.body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        Answer { headers: self.headers, replayed: self.replayed, ..Answer::new(self.status, body) }
    }
}

impl Call<'_> {
    /// The n-th `{}` of the path.
    pub(super) fn arg(&self, n: usize) -> &str {
        self.args.get(n).map_or("", String::as_str)
    }

    /// The n-th `{}` of the path, which must be a UUID.
    pub(super) fn id(&self, n: usize, name: &str, issues: &mut Vec<Issue>) -> String {
        self.parameter("path", name, Kind::Id, &self.arg(n).into(), issues)
            .and_then(|id| id.as_text().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The only thing that is asked: the n-th `{}` of the path as a UUID.
    pub(super) fn only_id(&self, n: usize, name: &str) -> Result<String, Failure> {
        let mut issues = Vec::new();
        let id = self.id(n, name, &mut issues);
        Failure::unless_empty(issues).map(|()| id)
    }

    /// A query parameter; of several the last.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.request.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter by its schema.
    pub(super) fn typed_query(&self, name: &str, kind: Kind, issues: &mut Vec<Issue>) -> Option<Json> {
        self.parameter("query", name, kind, &self.query(name)?.into(), issues)
    }

    fn parameter(&self, of: &str, name: &str, kind: Kind, value: &Json, issues: &mut Vec<Issue>) -> Option<Json> {
        kind.read(value, &mut vec![of.into(), name.into()], issues)
    }

    /// The body by its schema. What is no JSON at all is refused before anything else is looked at.
    pub(super) fn body(&self, fields: &[Field], issues: &mut Vec<Issue>) -> Result<Object, Failure> {
        let mut place = vec!["body".into()];
        if self.request.body.is_empty() {
            issues.push(Issue::new("missing", "Field required").at(&place, &Json::Null));
            return Ok(Object::default());
        }
        let raw = || Json::Text(String::from_utf8_lossy(&self.request.body).into_owned());
        let input = if self.is_json() { self.json()? } else { raw() };
        Ok(field::read(fields, &input, &mut place, issues))
    }

    /// The body by its schema, when nothing else is asked.
    pub(super) fn only_body(&self, fields: &[Field]) -> Result<Object, Failure> {
        let mut issues = Vec::new();
        let body = self.body(fields, &mut issues)?;
        Failure::unless_empty(issues).map(|()| body)
    }

    /// `application/json`, `application/…+json`, or nothing said.
    fn is_json(&self) -> bool {
        let Some(said) = self.request.header("content-type") else { return true };
        let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
    }

    /// The body as the request has it.
    pub(super) fn json(&self) -> Result<Json, Failure> {
        reader::read(&self.request.body).map_err(|unreadable| match unreadable {
            Unreadable::At(place, message) => {
                let issue = Issue::new("json_invalid", "JSON decode error").context("error", message);
                Failure::Invalid(vec![issue.at(&["body".into(), place.into()], &Object::default().into())])
            }
            Unreadable::Beyond => Failure::detail(400, "There was an error parsing the body"),
        })
    }

    /// A row as answers show it: without its organization, and with moments as text.
    pub(super) fn view(&self, table: &str, row: &Object) -> Object {
        let columns = self.db.table(table).map(|table| table.columns).unwrap_or_default();
        let moment = |value: &Json| value.as_int().map_or(Json::Null, |moment| time::iso(moment).into());
        let shown = |(name, value): (&str, &Json)| {
            let holds = columns.iter().find(|column| column.name == name).map(|column| column.holds);
            let value = match (name, holds) {
                ("created_at" | "updated_at", _) | (_, Some(Holds::Moment)) => moment(value),
                _ => value.clone(),
            };
            (name.to_owned(), value)
        };
        row.iter().filter(|(name, _)| *name != "organization_id").map(shown).collect()
    }

    /// Whether a row is the caller's.
    pub(super) fn owns(&self, row: &Object) -> bool {
        row.text("organization_id") == self.organization
    }

    /// The caller's row with this code.
    pub(super) fn by_code(&self, table: &str, code: &str) -> Option<&Object> {
        self.db.by(table, "code", code).find(|row| self.owns(row))
    }

    /// A new row of the caller's.
    pub(super) fn insert(&mut self, table: &'static str, values: &Object) -> Result<Object, Failure> {
        Ok(self.db.insert(table, &self.organization, self.now, values)?)
    }
}
