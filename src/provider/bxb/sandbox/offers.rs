//! Add-ons and coupons, and what customers have of them (bxb-api.md §6.7, §6.8).

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{CURRENCY, FREE, Field, Kind, Missing, SIGNED, UP_TO_255, optional, or, required, settable};
use super::json::{Json, Object};
use super::plans::counts;
use super::resource::{Key, Resource};
use super::{audit, lists};

pub(super) static ADD_ONS: Resource = Resource {
    table: "add_ons",
    title: "Add-on",
    audited: Some("add_on"),
    key: Key::Code,
    create: &[
        required("code", UP_TO_255),
        required("name", UP_TO_255),
        optional("description", FREE),
        required("amount_cents", SIGNED),
        or("amount_currency", CURRENCY, Missing::Text("USD")),
        optional("invoice_display_name", UP_TO_255),
    ],
    update: &[
        settable("name", UP_TO_255),
        settable("description", FREE),
        settable("amount_cents", SIGNED),
        settable("amount_currency", CURRENCY),
        settable("invoice_display_name", UP_TO_255),
    ],
};

const EXPIRATION: Kind = Kind::OneOf(&["no_expiration", "time_limit"]);
const STATUS: Kind = Kind::OneOf(&["active", "terminated"]);

pub(super) static COUPONS: Resource = Resource {
    table: "coupons",
    title: "Coupon",
    audited: Some("coupon"),
    key: Key::Code,
    create: &[
        required("code", UP_TO_255),
        required("name", UP_TO_255),
        optional("description", FREE),
        required("coupon_type", Kind::OneOf(&["fixed_amount", "percentage"])),
        optional("amount_cents", SIGNED),
        optional("amount_currency", CURRENCY),
        optional("percentage_rate", SIGNED),
        required("frequency", Kind::OneOf(&["once", "recurring", "forever"])),
        optional("frequency_duration", Kind::Int(i64::MIN, i64::MAX)),
        or("reusable", Kind::Flag, Missing::Flag(true)),
        or("expiration", EXPIRATION, Missing::Text("no_expiration")),
        optional("expiration_at", Kind::Moment),
    ],
    update: &[
        settable("name", UP_TO_255),
        settable("description", FREE),
        settable("expiration", EXPIRATION),
        settable("expiration_at", Kind::Moment),
        settable("status", STATUS),
    ],
};

pub(super) fn create_coupon(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(COUPONS.create)?.with("status", "active");
    COUPONS.create_from(call, &body)
}

/// The total counts every status (§3).
pub(super) fn coupons(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let status = call.typed_query("status", STATUS, &mut issues);
    let passes = |row: &Object| status.as_ref().is_none_or(|status| row.at("status") == status);
    lists::page(call, COUPONS.table, passes, |_| true, |row| COUPONS.view(call, row), issues)
}

/// A coupon never goes away.
pub(super) fn terminate(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let coupon = COUPONS.named(call)?.id().to_owned();
    let ended = Object::from([("status", "terminated".into())]);
    let changed = call.db.update(COUPONS.table, &coupon, call.now, &ended)?;
    audit::updated(call, COUPONS.audited, &coupon, changed)?;
    Ok(Reply::gone())
}

pub(super) fn duplicate(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let coupon = COUPONS.named(call)?.clone();
    let code = format!("{}_copy", coupon.text("code"));
    COUPONS.create_from(call, &coupon.with("code", code).with("status", "active"))
}

pub(super) fn analytics(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let coupon = COUPONS.named(call)?;
    let applied: Vec<_> = call.db.by("applied_coupons", "coupon_id", coupon.id()).collect();
    let active = applied.iter().filter(|row| row.text("status") == "active").count();
    Ok(Reply::ok([("times_applied", applied.len().into()), ("active_applications", active.into())]))
}

// What customers have.

const APPLY_ADD_ON: &[Field] = &[
    required("add_on_code", UP_TO_255),
    required("customer_id", Kind::Id),
    optional("amount_cents", SIGNED),
    optional("amount_currency", CURRENCY),
];
const APPLY_COUPON: &[Field] = &[required("coupon_code", UP_TO_255), required("customer_id", Kind::Id)];

fn customer(call: &Call<'_>, body: &Object) -> Result<(), Failure> {
    let found = call.db.find("customers", body.text("customer_id")).is_some_and(|row| call.owns(row));
    found.then_some(()).ok_or_else(|| Failure::not_found("Customer"))
}

fn offered(call: &Call<'_>, resource: &Resource, code: &str) -> Result<Object, Failure> {
    call.by_code(resource.table, code).cloned().ok_or_else(|| Failure::not_found(resource.title))
}

pub(super) fn apply_add_on(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut body = call.only_body(APPLY_ADD_ON)?;
    let add_on = offered(call, &ADD_ONS, body.text("add_on_code"))?;
    customer(call, &body)?;
    for name in ["amount_cents", "amount_currency"] {
        if body.at(name).is_null() {
            body.set(name, add_on.at(name).clone());
        }
    }
    let row = call.insert("applied_add_ons", &body.with("add_on_id", add_on.id()))?;
    Ok(Reply::created(call.view("applied_add_ons", &row)))
}

/// Over all organizations.
pub(super) fn add_on_counts(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::ok(counts(call.db.all("applied_add_ons"), "add_on_id")))
}

pub(super) fn add_on_applications(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let add_on = ADD_ONS.named(call)?;
    let rows = call.db.by("applied_add_ons", "add_on_id", add_on.id());
    Ok(Reply::ok(rows.map(|row| call.view("applied_add_ons", row).into()).collect::<Vec<Json>>()))
}

pub(super) fn apply_coupon(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(APPLY_COUPON)?;
    let coupon = offered(call, &COUPONS, body.text("coupon_code"))?;
    customer(call, &body)?;
    let applied = body.with("coupon_id", coupon.id()).with("status", "active");
    let row = call.insert("applied_coupons", &applied)?;
    Ok(Reply::created(call.view("applied_coupons", &row)))
}

pub(super) fn remove_coupon(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = call.only_id(0, "applied_coupon_id")?;
    let mine = call.db.find("applied_coupons", &id).is_some_and(|row| call.owns(row));
    if !mine {
        return Err(Failure::not_found("Applied coupon"));
    }
    let ended = Object::from([("status", "terminated".into())]);
    call.db.update("applied_coupons", &id, call.now, &ended)?;
    Ok(Reply::gone())
}
