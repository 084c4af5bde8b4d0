//! Customers and subscriptions, as much of them as a catalog depends on (bxb-api.md §8, §9).

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{CURRENCY, Field, Kind, Missing, NAME, UP_TO_255, optional, or, required};
use super::idempotency;
use super::json::{Json, Object};
use super::resource::{Key, Resource};
use super::time::{self, DAY};

pub(super) static CUSTOMERS: Resource = Resource {
    table: "customers",
    title: "Customer",
    audited: Some("customer"),
    key: Key::Id("customer_id"),
    create: &[
        required("external_id", NAME),
        required("name", NAME),
        optional("email", UP_TO_255),
        or("currency", CURRENCY, Missing::Text("USD")),
    ],
    update: &[],
};

pub(super) static SUBSCRIPTIONS: Resource = Resource {
    table: "subscriptions",
    title: "Subscription",
    audited: Some("subscription"),
    key: Key::Id("subscription_id"),
    create: &[
        required("external_id", NAME),
        required("customer_id", Kind::Id),
        required("plan_id", Kind::Id),
        optional("started_at", Kind::Moment),
    ],
    update: &[],
};

const PREVIEW: &[Field] = &[required("new_plan_id", Kind::Id), optional("effective_date", Kind::Moment)];

fn by_external_id<'c>(call: &'c Call<'_>, table: &str, id: &str) -> Option<&'c Object> {
    call.db.by(table, "external_id", id).find(|row| call.owns(row))
}

fn refuse_twice(call: &Call<'_>, of: &Resource, body: &Object) -> Result<(), Failure> {
    let taken = by_external_id(call, of.table, body.text("external_id")).is_some();
    let text = || Failure::detail(409, format!("{} with this external_id already exists", of.title));
    if taken { Err(text()) } else { Ok(()) }
}

pub(super) fn create_customer(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(CUSTOMERS.create)?;
    idempotency::once(call, |call| {
        refuse_twice(call, &CUSTOMERS, &body)?;
        CUSTOMERS.create_from(call, &body)
    })
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(SUBSCRIPTIONS.create)?;
    idempotency::once(call, |call| {
        for (table, column, title) in [("customers", "customer_id", "Customer"), ("plans", "plan_id", "Plan")] {
            let id = body.text(column);
            if !call.db.find(table, id).is_some_and(|row| call.owns(row)) {
                return Err(Failure::detail(400, format!("{title} {id} not found")));
            }
        }
        refuse_twice(call, &SUBSCRIPTIONS, &body)?;
        let mut body = body.clone().with("status", "active");
        if body.at("started_at").is_null() {
            body.set("started_at", call.now);
        }
        SUBSCRIPTIONS.create_from(call, &body)
    })
}

/// A subscription is never deleted: it ends.
pub(super) fn terminate(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = SUBSCRIPTIONS.named(call)?.id().to_owned();
    let ended = Object::from([("status", "terminated".into()), ("canceled_at", call.now.into())]);
    call.db.update(SUBSCRIPTIONS.table, &id, call.now, &ended)?;
    Ok(Reply::gone())
}

/// Of the subscription's plan, whatever their values say (§6.6).
pub(super) fn entitlements(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let found = by_external_id(call, SUBSCRIPTIONS.table, call.arg(0));
    let plan = found.ok_or_else(|| Failure::not_found(SUBSCRIPTIONS.title))?.text("plan_id");
    let rows = call.db.by("entitlements", "plan_id", plan);
    Ok(Reply::ok(rows.map(|row| call.view("entitlements", row).into()).collect::<Vec<Json>>()))
}

/// Base amounts only, the new one prorated over the current plan's interval (§8).
pub(super) fn preview_change(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let id = SUBSCRIPTIONS.key(call, &mut issues);
    let body = call.body(PREVIEW, &mut issues)?;
    Failure::unless_empty(issues)?;
    let mine = |table: &str, id: &str| call.db.find(table, id).filter(|row| call.owns(row));
    let subscription = mine("subscriptions", &id).ok_or_else(|| Failure::not_found("Subscription"))?;
    let current = mine("plans", subscription.text("plan_id")).ok_or_else(|| Failure::not_found("Plan"))?;
    let new = mine("plans", body.text("new_plan_id")).ok_or_else(|| Failure::not_found("Plan"))?;
    let effective = body.at("effective_date").as_int().unwrap_or(call.now);
    let total = match current.text("interval") {
        "weekly" => 7,
        "monthly" => 30,
        "quarterly" => 90,
        _ => 365,
    };
    let passed = (effective - subscription.int("started_at")).div_euclid(DAY).rem_euclid(total);
    let remaining = total - passed;
    let prorated = |plan: &Object| {
        let cents = Decimal::from(plan.int("amount_cents")) * Decimal::from(remaining) / Decimal::from(total);
        cents.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().unwrap_or_default()
    };
    let (credit, charge) = (prorated(current), prorated(new));
    let short = |plan: &Object| -> Json {
        let shown = ["id", "name", "code", "interval", "amount_cents", "currency"];
        Json::Object(shown.map(|name| (name.to_owned(), plan.at(name).clone())).into_iter().collect())
    };
    let proration = Json::from([
        ("days_remaining", remaining.into()),
        ("total_days", total.into()),
        ("current_plan_credit_cents", credit.into()),
        ("new_plan_charge_cents", charge.into()),
        ("net_amount_cents", (charge - credit).into()),
    ]);
    Ok(Reply::ok([
        ("current_plan", short(current)),
        ("new_plan", short(new)),
        ("effective_date", time::iso(effective).into()),
        ("proration", proration),
    ]))
}
