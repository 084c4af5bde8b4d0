//! Organizations, their keys, and which of them a request is about (bxb-api.md §1).

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use super::call::{Call, Reply};
use super::database::{Database, Refused};
use super::failure::Failure;
use super::field::{CURRENCY, Field, Kind, Missing, NAME, UP_TO_255, optional, or, required};
use super::json::{Json, Object};
use super::{time, uuid};

/// The organization of everybody who does not say otherwise.
pub(super) const DEFAULT: &str = "00000000-0000-0000-0000-000000000001";
/// The organization of every `bxb_live_…` key that the server has not issued.
pub(super) const SANDBOX: &str = "5a9db0c5-0000-4000-8000-000000000001";

/// What the sandbox takes for `BXB_ADMIN_SECRET`.
const ADMIN_SECRET: &str = "bxb_sandbox_admin_secret_0123456789";
const PREFIX: &str = "bxb_live_";

const TABLE: &str = "organizations";
const KEYS: &str = "api_keys";

const ORGANIZATION: &[Field] = &[
    required("name", NAME),
    optional("slug", UP_TO_255),
    or("default_currency", CURRENCY, Missing::Text("USD")),
    or("timezone", UP_TO_255, Missing::Text("UTC")),
];
const KEY: &[Field] = &[optional("name", UP_TO_255), optional("expires_at", Kind::Moment)];

fn organization(name: &str, slug: &str) -> Object {
    [("name", name.into()), ("slug", slug.into()), ("default_currency", "USD".into()), ("timezone", "UTC".into())]
        .into()
}

/// The two organizations that are always there.
pub(super) fn found(db: &mut Database) -> Result<(), Refused> {
    for (id, name, slug) in [(DEFAULT, "Default Organization", "default"), (SANDBOX, "Sandbox", "sandbox")] {
        db.insert_as(TABLE, id, time::now(), &organization(name, slug), id.to_owned())?;
    }
    db.commit();
    Ok(())
}

fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a request, when it has the form of one.
fn token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("authorization")?.to_str().ok()?;
    header.strip_prefix("Bearer ").map(str::trim)
}

/// The organization that credentials open. It need not exist.
pub(super) fn resolve(db: &Database, headers: &HeaderMap, only: Option<&str>) -> Result<String, Failure> {
    let refused = |text: &str| Failure::detail(401, text);
    if let Some(id) = headers.get("x-organization-id") {
        let id = id.to_str().ok().and_then(|id| uuid::parse(id).ok());
        return id.ok_or_else(|| Failure::detail(400, "Invalid X-Organization-Id header"));
    }
    let Some(header) = headers.get("authorization") else { return Ok(DEFAULT.to_owned()) };
    let token = match (token(headers), header.as_bytes()) {
        // On its way here, a header loses the spaces at its end.
        (Some(""), _) | (None, b"Bearer") => return Err(refused("API key is required")),
        (None, _) => return Err(refused("Invalid authorization header format")),
        (Some(token), _) => token,
    };
    if only == Some(token) {
        return Ok(SANDBOX.to_owned());
    }
    if !token.starts_with(PREFIX) {
        return Ok(DEFAULT.to_owned());
    }
    match db.by(KEYS, "key_hash", &hash(token)).next() {
        Some(key) if !key.at("revoked_at").is_null() => Err(refused("API key has been revoked")),
        Some(key) if key.at("expires_at").as_int().is_some_and(|end| end <= time::now()) => {
            Err(refused("API key has expired"))
        }
        Some(key) => Ok(key.text("organization_id").to_owned()),
        None if only.is_none() => Ok(SANDBOX.to_owned()),
        None => Err(refused("Invalid API key")),
    }
}

/// Every request with a key that the server issued moves its `last_used_at`.
pub(super) fn note_use(db: &mut Database, headers: &HeaderMap, now: i64) {
    if headers.contains_key("x-organization-id") {
        return;
    }
    let key = token(headers).and_then(|token| db.by(KEYS, "key_hash", &hash(token)).next());
    if let Some(id) = key.map(|key| key.id().to_owned()) {
        // It fails only without the row.
        let _ = db.update(KEYS, &id, now, &[("last_used_at", now.into())].into());
        db.commit();
    }
}

pub(super) fn current(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let row = call.db.find(TABLE, &call.organization);
    let row = row.ok_or_else(|| Failure::not_found("Organization"))?;
    Ok(Reply::ok(call.view(TABLE, row)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(ORGANIZATION)?;
    if call.request.header("x-admin-secret") != Some(ADMIN_SECRET) {
        return Err(Failure::detail(401, "Invalid admin secret"));
    }
    let slug = match body.at("slug").as_text() {
        Some(slug) => slug.to_owned(),
        None => body.text("name").to_lowercase().split_whitespace().collect::<Vec<_>>().join("-"),
    };
    let id = call.db.random.uuid();
    let row = call.db.insert_as(TABLE, &id, call.now, &body.with("slug", slug), id.clone())?;
    let key = issue(call, &id, &[("name", "Default".into())].into())?;
    Ok(Reply::created(call.view(TABLE, &row).with("api_key", key)))
}

fn view_key(call: &Call<'_>, row: &Object) -> Object {
    let mut shown = call.view(KEYS, row);
    shown.remove("key_hash");
    shown
}

/// A new key, with the only sight of its secret.
fn issue(call: &mut Call<'_>, organization: &str, values: &Object) -> Result<Object, Failure> {
    let raw = format!("{PREFIX}{}", call.db.random.secret());
    let prefix = raw.get(..PREFIX.len() + 8).unwrap_or(PREFIX);
    let values = values.clone().with("key_prefix", prefix).with("key_hash", hash(&raw));
    let row = call.db.insert(KEYS, organization, call.now, &values)?;
    Ok(view_key(call, &row).with("raw_key", raw))
}

pub(super) fn create_key(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(KEY)?;
    let organization = call.organization.clone();
    Ok(Reply::created(issue(call, &organization, &body)?))
}

pub(super) fn keys(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mine = call.db.all(KEYS).filter(|row| call.owns(row));
    Ok(Reply::ok(mine.map(|row| view_key(call, row).into()).collect::<Vec<Json>>()))
}

/// The caller's key of the path; it is revoked.
fn revoked(call: &mut Call<'_>) -> Result<Object, Failure> {
    let id = call.only_id(0, "api_key_id")?;
    let row = call.db.find(KEYS, &id).filter(|row| call.owns(row)).cloned();
    let row = row.ok_or_else(|| Failure::not_found("API key"))?;
    call.db.update(KEYS, &id, call.now, &[("revoked_at", call.now.into())].into())?;
    Ok(row)
}

pub(super) fn revoke_key(call: &mut Call<'_>) -> Result<Reply, Failure> {
    revoked(call).map(|_| Reply::gone())
}

pub(super) fn rotate_key(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let old = revoked(call)?;
    let organization = call.organization.clone();
    let values = [("name", old.at("name").clone()), ("expires_at", old.at("expires_at").clone())].into();
    Ok(Reply::ok(issue(call, &organization, &values)?))
}
