//! The audit trail (bxb-api.md §6.10).

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{Kind, NAME};
use super::json::{Json, Object};
use super::lists;
use super::time;

const TABLE: &str = "audit_logs";

fn note(call: &mut Call<'_>, kind: &str, id: &str, action: &str, changes: Object) -> Result<(), Failure> {
    let entry = Object::from([
        ("resource_type", kind.into()),
        ("resource_id", id.into()),
        ("action", action.into()),
        ("changes", changes.into()),
        ("actor_type", "api_key".into()),
        ("actor_id", Json::Null),
    ]);
    call.insert(TABLE, &entry).map(|_| ())
}

/// A moment as the trail shows it, too.
fn shown(name: &str, value: Json) -> Json {
    match value.as_int() {
        Some(moment) if name.ends_with("_at") => time::iso(moment).into(),
        _ => value,
    }
}

pub(super) fn created(call: &mut Call<'_>, kind: Option<&str>, row: &Object) -> Result<(), Failure> {
    let Some(kind) = kind else { return Ok(()) };
    let bookkeeping = ["id", "organization_id", "created_at", "updated_at"];
    let fields = row.iter().filter(|(name, _)| !bookkeeping.contains(name));
    let changes = fields.map(|(name, value)| (name.to_owned(), shown(name, value.clone()))).collect();
    note(call, kind, row.id(), "created", changes)
}

/// An update that changed nothing is not there.
pub(super) fn updated(
    call: &mut Call<'_>,
    kind: Option<&str>,
    id: &str,
    changed: Vec<(String, Json, Json)>,
) -> Result<(), Failure> {
    let Some(kind) = kind.filter(|_| !changed.is_empty()) else { return Ok(()) };
    let action = if changed.iter().any(|(name, ..)| name == "status") { "status_changed" } else { "updated" };
    let change = |(name, old, new): (String, Json, Json)| {
        let both = Json::from([("old", shown(&name, old)), ("new", shown(&name, new))]);
        (name, both)
    };
    note(call, kind, id, action, changed.into_iter().map(change).collect())
}

/// Written and kept before the delete is tried, so that a refused one is here all the same.
pub(super) fn deleted(call: &mut Call<'_>, kind: Option<&str>, id: &str) -> Result<(), Failure> {
    let Some(kind) = kind else { return Ok(()) };
    note(call, kind, id, "deleted", Object::default())?;
    call.db.commit();
    Ok(())
}

fn view(call: &Call<'_>, row: &Object) -> Json {
    let mut entry = call.view(TABLE, row).with("organization_id", row.at("organization_id").clone());
    entry.remove("updated_at");
    entry.into()
}

/// Without a total (bxb-api.md §3).
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let wanted = ["resource_type", "action"].map(|name| (name, call.typed_query(name, NAME, &mut issues)));
    let id = ("resource_id", call.typed_query("resource_id", Kind::Id, &mut issues));
    let passes = |row: &Object| {
        wanted.iter().chain([&id]).all(|(name, value)| value.as_ref().is_none_or(|value| row.at(name) == value))
    };
    let page = lists::page(call, TABLE, passes, |_| true, |row| view(call, row), issues)?;
    Ok(Reply { headers: Vec::new(), ..page })
}

/// Of one object.
pub(super) fn of_object(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let id = call.id(1, "resource_id", &mut issues);
    let passes = |row: &Object| row.text("resource_type") == call.arg(0) && row.text("resource_id") == id;
    let page = lists::page(call, TABLE, passes, |_| true, |row| view(call, row), issues)?;
    Ok(Reply { headers: Vec::new(), ..page })
}
