//! What a plan's charges come to for so many units (bxb-api.md §8).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::calculate::{self, For, Unreadable};
use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{Field, Kind, required};
use super::json::{Json, Object};
use super::plans::PLANS;

const UNITS: &[Field] = &[required("units", Kind::Units)];

pub(super) fn simulate(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let id = PLANS.key(call, &mut issues);
    let body = call.body(UNITS, &mut issues)?;
    Failure::unless_empty(issues)?;
    let plan = call.db.find(PLANS.table, &id).filter(|plan| call.owns(plan));
    let plan = plan.ok_or_else(|| Failure::not_found(PLANS.title))?;
    let units = calculate::number(body.at("units")).map_err(|_| Failure::Crash)?;
    let mut total = plan.int("amount_cents");
    let mut charges = Vec::new();
    for charge in call.db.by("charges", "plan_id", &id) {
        let cents = cents(charge, units).map_err(|_| Failure::Crash)?;
        total = total.checked_add(cents).ok_or(Failure::Crash)?;
        charges.push(Json::from([
            ("charge_id", charge.id().into()),
            ("billable_metric_id", charge.at("billable_metric_id").clone()),
            ("charge_model", charge.at("charge_model").clone()),
            ("units", body.at("units").clone()),
            ("amount_cents", cents.into()),
            ("properties", charge.at("properties").clone()),
        ]));
    }
    Ok(Reply::ok([
        ("plan_id", plan.id().into()),
        ("base_amount_cents", plan.at("amount_cents").clone()),
        ("currency", plan.at("currency").clone()),
        ("charges", charges.into()),
        ("total_amount_cents", total.into()),
    ]))
}

/// What the calculator says, times 100, cut to an integer.
fn cents(charge: &Object, units: Decimal) -> Result<i64, Unreadable> {
    let empty = Object::default();
    let properties = charge.at("properties").as_object().unwrap_or(&empty);
    let amount = calculate::amount(charge.text("charge_model"), properties, units, &For::Simulation)?;
    calculate::times(amount, Decimal::ONE_HUNDRED)?.trunc().to_i64().ok_or(Unreadable)
}
