//! Idempotency keys, on the few routes that have them (bxb-api.md §4).

use super::call::{Call, Reply};
use super::failure::Failure;
use super::json::{Json, Object};
use super::resource::Resource;

const TABLE: &str = "idempotency_records";

/// Creates one of a resource whose creation has keys.
pub(super) fn create(call: &mut Call<'_>, resource: &Resource) -> Result<Reply, Failure> {
    let body = call.only_body(resource.create)?;
    once(call, |call| resource.create_from(call, &body))
}

/// Does the work, or gives the answer of whatever succeeded with this key before: neither route nor body is compared.
pub(super) fn once(
    call: &mut Call<'_>,
    work: impl FnOnce(&mut Call<'_>) -> Result<Reply, Failure>,
) -> Result<Reply, Failure> {
    let Some(key) = call.request.header("idempotency-key").filter(|key| !key.is_empty()).map(str::to_owned) else {
        return work(call);
    };
    if let Some(first) = call.db.by(TABLE, "idempotency_key", &key).find(|row| call.owns(row)) {
        return Ok(Reply {
            status: u16::try_from(first.int("response_status")).unwrap_or(201),
            body: Some(first.at("response_body").clone()),
            headers: vec![("idempotency-replayed", "true".to_owned())],
            replayed: true,
        });
    }
    let reply = work(call)?;
    let record = Object::from([
        ("idempotency_key", key.into()),
        ("response_status", i64::from(reply.status).into()),
        ("response_body", reply.body.clone().unwrap_or(Json::Null)),
    ]);
    // A key of more than 255 characters is refused here, with all the work.
    call.insert(TABLE, &record)?;
    Ok(reply)
}
