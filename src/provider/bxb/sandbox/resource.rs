//! What most resources have in common: a schema to create by, one to update by, and an address.

use super::audit;
use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::Field;
use super::issue::Issue;
use super::json::{Json, Object};
use super::lists;

/// How a path names one object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// By its id; the server's name of the path's parameter.
    Id(&'static str),
    Code,
}

/// One resource of the API (bxb-api.md §6).
pub(super) struct Resource {
    pub(super) table: &'static str,
    /// In refusals: `Add-on`.
    pub(super) title: &'static str,
    /// In the audit trail; none: not there.
    pub(super) audited: Option<&'static str>,
    pub(super) key: Key,
    pub(super) create: &'static [Field],
    /// What is not here cannot be changed, and nobody says so.
    pub(super) update: &'static [Field],
}

impl Resource {
    fn find<'c>(&self, call: &'c Call<'_>, key: &str) -> Result<&'c Object, Failure> {
        let row = match self.key {
            Key::Id(_) => call.db.find(self.table, key).filter(|row| call.owns(row)),
            Key::Code => call.by_code(self.table, key),
        };
        row.ok_or_else(|| Failure::not_found(self.title))
    }

    /// The object's id or code in the path.
    pub(super) fn key(&self, call: &Call<'_>, issues: &mut Vec<Issue>) -> String {
        match self.key {
            Key::Id(name) => call.id(0, name, issues),
            Key::Code => call.arg(0).to_owned(),
        }
    }

    /// The object that the path names.
    pub(super) fn named<'c>(&self, call: &'c Call<'_>) -> Result<&'c Object, Failure> {
        let mut issues = Vec::new();
        let key = self.key(call, &mut issues);
        Failure::unless_empty(issues)?;
        self.find(call, &key)
    }

    pub(super) fn view(&self, call: &Call<'_>, row: &Object) -> Json {
        call.view(self.table, row).into()
    }

    pub(super) fn list(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        lists::page(call, self.table, |_| true, |_| true, |row| self.view(call, row), Vec::new())
    }

    pub(super) fn get(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        Ok(Reply::ok(self.view(call, self.named(call)?)))
    }

    pub(super) fn create(&self, call: &mut Call<'_>) -> Result<Reply, Failure> {
        let body = call.only_body(self.create)?;
        self.create_from(call, &body)
    }

    /// Creates it from a body that its schema has passed.
    pub(super) fn create_from(&self, call: &mut Call<'_>, body: &Object) -> Result<Reply, Failure> {
        let row = self.insert(call, body)?;
        Ok(Reply::created(self.view(call, &row)))
    }

    /// The row of a body that its schema has passed.
    pub(super) fn insert(&self, call: &mut Call<'_>, body: &Object) -> Result<Object, Failure> {
        if let Some(code) = body.get("code").and_then(Json::as_text)
            && call.by_code(self.table, code).is_some()
        {
            return Err(Failure::detail(409, format!("{} with this code already exists", self.title)));
        }
        let row = call.insert(self.table, body)?;
        audit::created(call, self.audited, &row)?;
        Ok(row)
    }

    pub(super) fn update(&self, call: &mut Call<'_>) -> Result<Reply, Failure> {
        let mut issues = Vec::new();
        let key = self.key(call, &mut issues);
        let body = call.body(self.update, &mut issues)?;
        Failure::unless_empty(issues)?;
        let row = self.set(call, &key, &body)?;
        Ok(Reply::ok(self.view(call, &row)))
    }

    /// The row after an update by a body that its schema has passed.
    pub(super) fn set(&self, call: &mut Call<'_>, key: &str, body: &Object) -> Result<Object, Failure> {
        let id = self.find(call, key)?.id().to_owned();
        let changed = call.db.update(self.table, &id, call.now, body)?;
        audit::updated(call, self.audited, &id, changed)?;
        call.db.find(self.table, &id).cloned().ok_or(Failure::Crash)
    }

    pub(super) fn delete(&self, call: &mut Call<'_>) -> Result<Reply, Failure> {
        let id = self.named(call)?.id().to_owned();
        audit::deleted(call, self.audited, &id)?;
        call.db.delete(self.table, &id)?;
        Ok(Reply::gone())
    }
}
