//! The sandbox's own routes below `/sandbox`, which bxb has not: they place the rows that only billing writes, and
//! show those that no answer has. They stand for the SQL of bxb-api.md's `[O-sql]`.

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{Field, Kind, optional, required};
use super::json::{Json, Object};

const FEE: &[Field] =
    &[optional("charge_id", Kind::Id), optional("commitment_id", Kind::Id), optional("tax_id", Kind::Id)];
const CROSSING: &[Field] = &[required("usage_threshold_id", Kind::Id)];

fn place(call: &mut Call<'_>, table: &'static str, fields: &[Field]) -> Result<Reply, Failure> {
    let body = call.only_body(fields)?;
    let row = call.insert(table, &body)?;
    Ok(Reply::created(call.view(table, &row)))
}

/// A fee that holds on to a charge, a commitment or a tax.
pub(super) fn bill(call: &mut Call<'_>) -> Result<Reply, Failure> {
    place(call, "fees", FEE)
}

/// A usage threshold that a subscription crossed.
pub(super) fn cross(call: &mut Call<'_>) -> Result<Reply, Failure> {
    place(call, "applied_usage_thresholds", CROSSING)
}

/// The stored rows of a plan's charge filters, each with its value; the value is null when its metric filter is gone.
pub(super) fn charge_filters(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let plan = call.only_id(0, "plan_id")?;
    let charges = call.db.by("charges", "plan_id", &plan);
    let rows = charges.flat_map(|charge| call.db.by("charge_filters", "charge_id", charge.id()));
    let with_value = |row: &Object| -> Json {
        let value = call.db.by("charge_filter_values", "charge_filter_id", row.id()).next();
        let of_value = |name: &str| value.map_or(Json::Null, |value| value.at(name).clone());
        let shown = call.view("charge_filters", row).with("value", of_value("value"));
        shown.with("billable_metric_filter_id", of_value("billable_metric_filter_id")).into()
    };
    Ok(Reply::ok(rows.map(with_value).collect::<Vec<_>>()))
}
