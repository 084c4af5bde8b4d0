//! Billable metrics and their filters (bxb-api.md §6.1).

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{FREE, Field, Kind, Missing, NAME, UP_TO_255, optional, or, required, settable};
use super::issue::Issue;
use super::json::{Json, Object};
use super::resource::{Key, Resource};

const AGGREGATIONS: Kind = Kind::OneOf(&["count", "sum", "max", "unique_count", "weighted_sum", "latest", "custom"]);
const ROUNDING: Kind = Kind::OneOf(&["round", "ceil", "floor"]);
const PRECISION: Kind = Kind::Int(0, 15);

pub(super) static METRICS: Resource = Resource {
    table: "billable_metrics",
    title: "Billable metric",
    audited: Some("billable_metric"),
    key: Key::Id("metric_id"),
    create: &[
        required("code", NAME),
        required("name", NAME),
        optional("description", FREE),
        required("aggregation_type", AGGREGATIONS),
        optional("field_name", UP_TO_255),
        or("recurring", Kind::Flag, Missing::Flag(false)),
        optional("rounding_function", ROUNDING),
        optional("rounding_precision", PRECISION),
        optional("expression", FREE),
    ],
    update: &[
        settable("name", NAME),
        settable("description", FREE),
        settable("field_name", UP_TO_255),
        settable("recurring", Kind::Flag),
        settable("rounding_function", ROUNDING),
        settable("rounding_precision", PRECISION),
        settable("expression", FREE),
    ],
};

const FILTER: &[Field] = &[required("key", NAME), or("values", Kind::Any, Missing::NoItems)];
const FILTERS: &str = "billable_metric_filters";

/// What holds between fields when a metric is created; updates skip all of it.
fn broken_rule(metric: &Object) -> Option<String> {
    let aggregation = metric.text("aggregation_type");
    let needs_field = ["sum", "max", "unique_count", "weighted_sum", "latest"].contains(&aggregation);
    if needs_field && metric.text("field_name").is_empty() {
        return Some(format!("field_name is required for aggregation_type '{aggregation}'"));
    }
    if aggregation == "custom" && metric.text("expression").is_empty() {
        return Some("expression is required for aggregation_type 'custom'".to_owned());
    }
    if metric.at("recurring") == &Json::Bool(true) && !["count", "max", "latest"].contains(&aggregation) {
        return Some(format!("recurring is not supported for aggregation_type '{aggregation}'"));
    }
    if !metric.at("rounding_precision").is_null() && metric.at("rounding_function").is_null() {
        return Some("rounding_function is required when rounding_precision is set".to_owned());
    }
    None
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(METRICS.create)?;
    if let Some(rule) = broken_rule(&body) {
        let issue = Issue::new("value_error", format!("Value error, {rule}")).context("error", Object::default());
        return Err(Failure::Invalid(vec![issue.at(&["body".into()], &call.json()?)]));
    }
    METRICS.create_from(call, &body)
}

pub(super) fn stats(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for metric in call.db.all(METRICS.table).filter(|row| call.owns(row)) {
        *counts.entry(metric.text("aggregation_type")).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let by_type: Object = counts.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect();
    Ok(Reply::ok([("total", total.into()), ("by_aggregation_type", by_type.into())]))
}

/// Over the charges that carry the caller's organization, which is the default one for all of them (§1).
pub(super) fn plan_counts(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plans: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for charge in call.db.all("charges").filter(|row| call.owns(row)) {
        plans.entry(charge.text("billable_metric_id")).or_default().insert(charge.text("plan_id"));
    }
    let counts: Object = plans.into_iter().map(|(metric, plans)| (metric.to_owned(), plans.len().into())).collect();
    Ok(Reply::ok(counts))
}

pub(super) fn plans(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = call.only_id(0, "metric_id")?;
    let charges = call.db.by("charges", "billable_metric_id", &id).filter(|row| call.owns(row));
    let ids: BTreeSet<_> = charges.map(|charge| charge.text("plan_id")).collect();
    let plans = ids.into_iter().filter_map(|id| call.db.find("plans", id));
    let short = |plan: &Object| {
        ["id", "name", "code", "interval"].map(|name| (name.to_owned(), plan.at(name).clone())).into_iter().collect()
    };
    Ok(Reply::ok(plans.map(|plan| Json::Object(short(plan))).collect::<Vec<_>>()))
}

fn by_code(call: &Call<'_>) -> Result<Object, Failure> {
    call.by_code(METRICS.table, call.arg(0)).cloned().ok_or_else(|| Failure::not_found(METRICS.title))
}

pub(super) fn filters(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let metric = by_code(call)?;
    let filters = call.db.by(FILTERS, "billable_metric_id", metric.id());
    Ok(Reply::ok(filters.map(|row| call.view(FILTERS, row).into()).collect::<Vec<Json>>()))
}

pub(super) fn add_filter(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(FILTER)?;
    let metric = by_code(call)?;
    let row = call.insert(FILTERS, &body.with("billable_metric_id", metric.id()))?;
    Ok(Reply::created(call.view(FILTERS, &row)))
}

/// Neither the metric of the path nor the organization is looked at (§1, §6.1).
pub(super) fn delete_filter(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = call.only_id(1, "filter_id")?;
    call.db.find(FILTERS, &id).ok_or_else(|| Failure::not_found("Filter"))?;
    call.db.delete(FILTERS, &id)?;
    Ok(Reply::gone())
}
