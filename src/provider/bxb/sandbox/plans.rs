//! Plans and their charges (bxb-api.md §6.2).

use std::collections::BTreeMap;

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{COUNT, CURRENCY, FREE, Field, Kind, Missing, NAME, UP_TO_255, optional, or, required, settable};
use super::json::{Json, Object};
use super::lists;
use super::organizations::DEFAULT;
use super::resource::{Key, Resource};

const CHARGE_FILTER: &[Field] = &[
    required("billable_metric_filter_id", Kind::Id),
    or("values", Kind::Texts, Missing::NoItems),
    or("properties", Kind::Map, Missing::NoPairs),
    optional("invoice_display_name", UP_TO_255),
];

const CHARGE: &[Field] = &[
    required("billable_metric_id", Kind::Id),
    required(
        "charge_model",
        Kind::OneOf(&[
            "standard",
            "graduated",
            "volume",
            "package",
            "percentage",
            "graduated_percentage",
            "custom",
            "dynamic",
        ]),
    ),
    or("properties", Kind::Map, Missing::NoPairs),
    or("filters", Kind::Models(CHARGE_FILTER), Missing::NoItems),
];

pub(super) static PLANS: Resource = Resource {
    table: "plans",
    title: "Plan",
    audited: Some("plan"),
    key: Key::Id("plan_id"),
    create: &[
        required("code", NAME),
        required("name", NAME),
        optional("description", FREE),
        required("interval", Kind::OneOf(&["weekly", "monthly", "quarterly", "yearly"])),
        or("amount_cents", COUNT, Missing::Int(0)),
        or("currency", CURRENCY, Missing::Text("USD")),
        or("trial_period_days", COUNT, Missing::Int(0)),
        or("charges", Kind::Models(CHARGE), Missing::NoItems),
    ],
    update: &[
        settable("name", NAME),
        settable("description", FREE),
        settable("amount_cents", COUNT),
        settable("currency", CURRENCY),
        settable("trial_period_days", COUNT),
        settable("charges", Kind::Models(CHARGE)),
    ],
};

const CHARGES: &str = "charges";
const FILTERS: &str = "charge_filters";
const VALUES: &str = "charge_filter_values";

/// With its charges, in the order of their ids: that order is nobody's promise, and changes with every replacement.
fn view(call: &Call<'_>, plan: &Object) -> Json {
    let charges = call.db.by(CHARGES, "plan_id", plan.id());
    let charges: Vec<Json> = charges.map(|charge| call.view(CHARGES, charge).into()).collect();
    call.view(PLANS.table, plan).with("charges", charges).into()
}

/// Metrics and metric filters must exist, in whatever organization; a filter may be another metric's.
fn check(call: &Call<'_>, charges: &[Json]) -> Result<(), Failure> {
    let missing = |what: &str, id: &str| Failure::detail(400, format!("{what} {id} not found"));
    for charge in charges.iter().filter_map(Json::as_object) {
        let metric = charge.text("billable_metric_id");
        if call.db.find("billable_metrics", metric).is_none() {
            return Err(missing("Billable metric", metric));
        }
        for filter in charge.at("filters").as_list().unwrap_or_default().iter().filter_map(Json::as_object) {
            let id = filter.text("billable_metric_filter_id");
            let known = call.db.find("billable_metric_filters", id);
            let known = known.ok_or_else(|| missing("Billable metric filter", id))?;
            let allowed = known.at("values").as_list().unwrap_or_default();
            let values = filter.at("values").as_list().unwrap_or_default();
            if let Some(value) = values.iter().find(|value| !allowed.is_empty() && !allowed.contains(value)) {
                let (value, key) = (value.as_text().unwrap_or_default(), known.text("key"));
                let allowed = allowed.iter().map(python).collect::<Vec<_>>().join(", ");
                let text = format!("Value '{value}' is not allowed for filter '{key}'. Allowed values: [{allowed}]");
                return Err(Failure::detail(400, text));
            }
        }
    }
    Ok(())
}

/// As Python shows a value in a list.
fn python(value: &Json) -> String {
    match value {
        Json::Text(text) if text.contains('\'') && !text.contains('"') => format!("\"{text}\""),
        Json::Text(text) => format!("'{}'", text.replace('\'', "\\'")),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Null => "None".to_owned(),
        value => value.to_string(),
    }
}

/// Stores charges, always with the default organization (§1), and a row for each value of a filter: a filter without
/// values leaves no trace.
fn insert(call: &mut Call<'_>, plan: &str, charges: &[Json]) -> Result<(), Failure> {
    for charge in charges.iter().filter_map(Json::as_object) {
        let row = call.db.insert(CHARGES, DEFAULT, call.now, &charge.clone().with("plan_id", plan))?;
        for filter in charge.at("filters").as_list().unwrap_or_default().iter().filter_map(Json::as_object) {
            for value in filter.at("values").as_list().unwrap_or_default() {
                let kept = call.db.insert(FILTERS, DEFAULT, call.now, &filter.clone().with("charge_id", row.id()))?;
                let value = filter.clone().with("charge_filter_id", kept.id()).with("value", value.clone());
                call.db.insert(VALUES, DEFAULT, call.now, &value)?;
            }
        }
    }
    Ok(())
}

fn take_charges(body: &mut Object) -> Option<Vec<Json>> {
    match body.remove("charges") {
        Some(Json::List(charges)) => Some(charges),
        _ => None,
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    lists::page(call, PLANS.table, |_| true, |_| true, |plan| view(call, plan), Vec::new())
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::ok(view(call, PLANS.named(call)?)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut body = call.only_body(PLANS.create)?;
    let charges = take_charges(&mut body).unwrap_or_default();
    if call.by_code(PLANS.table, body.text("code")).is_none() {
        check(call, &charges)?;
    }
    let plan = PLANS.insert(call, &body)?;
    insert(call, plan.id(), &charges)?;
    Ok(Reply::created(view(call, &plan)))
}

/// Charges that are sent replace all that there are. They are checked before the plan is looked for, and do not move
/// its `updated_at`.
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut issues = Vec::new();
    let id = PLANS.key(call, &mut issues);
    let mut body = call.body(PLANS.update, &mut issues)?;
    Failure::unless_empty(issues)?;
    let charges = take_charges(&mut body);
    check(call, charges.as_deref().unwrap_or_default())?;
    let plan = PLANS.set(call, &id, &body)?;
    if let Some(charges) = charges {
        let old: Vec<_> = call.db.by(CHARGES, "plan_id", &id).map(|charge| charge.id().to_owned()).collect();
        for charge in old {
            call.db.delete(CHARGES, &charge)?;
        }
        insert(call, &id, &charges)?;
    }
    Ok(Reply::ok(view(call, &plan)))
}

/// Subscriptions of every status; plans without any are absent (§8).
pub(super) fn subscription_counts(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::ok(counts(call.db.all("subscriptions").filter(|row| call.owns(row)), "plan_id")))
}

/// How many rows have each value of a column.
pub(super) fn counts<'r>(rows: impl Iterator<Item = &'r Object>, column: &str) -> Object {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.text(column)).or_default() += 1;
    }
    counts.into_iter().map(|(value, count)| (value.to_owned(), count.into())).collect()
}
