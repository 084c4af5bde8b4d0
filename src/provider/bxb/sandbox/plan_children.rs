//! Commitments and usage thresholds: made under the plan's code, changed by their id (bxb-api.md §6.3, §6.4).

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{AMOUNT, CURRENCY, Kind, Missing, UP_TO_255, optional, or, required, settable};
use super::plans::PLANS;
use super::resource::{Key, Resource};

const TYPE: Kind = Kind::Text(0, 50);

pub(super) static COMMITMENTS: Resource = Resource {
    table: "commitments",
    title: "Commitment",
    audited: Some("commitment"),
    key: Key::Id("commitment_id"),
    create: &[
        or("commitment_type", TYPE, Missing::Text("minimum_commitment")),
        required("amount_cents", AMOUNT),
        optional("invoice_display_name", UP_TO_255),
    ],
    update: &[
        settable("commitment_type", TYPE),
        settable("amount_cents", AMOUNT),
        settable("invoice_display_name", UP_TO_255),
    ],
};

pub(super) static THRESHOLDS: Resource = Resource {
    table: "usage_thresholds",
    title: "Usage threshold",
    audited: None,
    key: Key::Id("threshold_id"),
    create: &[
        required("amount_cents", AMOUNT),
        or("currency", CURRENCY, Missing::Text("USD")),
        or("recurring", Kind::Flag, Missing::Flag(false)),
        optional("threshold_display_name", UP_TO_255),
    ],
    update: &[],
};

/// The children of the plan whose code is in the path.
pub(super) fn children(call: &Call<'_>, of: &Resource) -> Result<Reply, Failure> {
    let plan = call.by_code(PLANS.table, call.arg(0)).ok_or_else(|| Failure::not_found(PLANS.title))?;
    let rows = call.db.by(of.table, "plan_id", plan.id());
    Ok(Reply::ok(rows.map(|row| of.view(call, row)).collect::<Vec<_>>()))
}

pub(super) fn add_child(call: &mut Call<'_>, of: &Resource) -> Result<Reply, Failure> {
    let body = call.only_body(of.create)?;
    let plan = call.by_code(PLANS.table, call.arg(0)).ok_or_else(|| Failure::not_found(PLANS.title))?;
    let body = body.with("plan_id", plan.id());
    of.create_from(call, &body)
}
