//! Plans (commet-api.md §3.2).

use serde_json::json;

use super::call::{Call, Reply};
use super::failure::Failure;
use super::groups;
use super::intro;
use super::plan_view::PlanView;
use super::rows::{Plan, Price};
use super::rules::{Field, Kind, NAME, TEXT, nullable, optional, required};
use super::version::Version;

const CREATE: &[Field] = &[
    required("name", NAME),
    required("code", Kind::Code),
    optional("description", TEXT),
    optional("consumptionModel", Kind::OneOf(&["metered", "credits", "balance"])),
    optional("isPublic", Kind::Flag),
    optional("isFree", Kind::Flag),
    optional("blockOnExhaustion", Kind::Flag),
    optional("planGroupId", NAME),
    optional("metadata", Kind::Map),
];

const UPDATE: &[Field] = &[
    optional("name", NAME),
    nullable("description", TEXT),
    optional("metadata", Kind::Map),
    optional("isPublic", Kind::Flag),
];

fn duplicate(what: &str, value: &str) -> Failure {
    Failure::new("duplicate", format!("A plan with the {what} `{value}` already exists")).about(what)
}

/// Hides private plans unless `includePrivate=true`; has no pages.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let private = match call.query("includePrivate") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Failure::field("includePrivate", "Expected one of: true, false")),
    };
    let plans = call.state.plans.live().filter(|plan| private || plan.is_public);
    Ok(Reply::list(plans.map(|plan| PlanView::new(call, plan)).collect::<Vec<_>>()))
}

/// Reads take the public id or the code.
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let plan = match call.state.plans.by("code", call.arg(0)).next() {
        Some(plan) => plan.clone(),
        None => call.state.plan(call.arg(0))?,
    };
    Ok(Reply::one(PlanView::new(call, &plan)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    let group = body.opt_text("planGroupId");
    let mut sort_order = 0;
    if let Some(group) = &group {
        call.state.group(group)?;
        sort_order = groups::next_sort_order(call.state, group);
    }
    for what in ["code", "name"] {
        if call.state.plans.taken(what, &body.text(what), None) {
            return Err(duplicate(what, &body.text(what)));
        }
    }
    let consumption_model = body.opt_text("consumptionModel");
    let default_block = (consumption_model.as_deref() == Some("balance")).then_some(false);
    let plan = Plan {
        id: call.state.new_id("pln_"),
        name: body.text("name"),
        code: body.text("code"),
        description: body.opt_text("description"),
        consumption_model,
        is_public: body.opt_flag("isPublic").unwrap_or(true),
        is_free: body.flag("isFree"),
        block_on_exhaustion: body.opt_flag("blockOnExhaustion").or(default_block),
        sort_order,
        group,
        metadata: body.map("metadata"),
        prices: Vec::new(),
        features: Vec::new(),
        exchange_rates: Default::default(),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(PlanView::new(call, &plan));
    call.state.plans.put(plan);
    Ok(reply)
}

/// Metadata is replaced as a whole (inferred in the reference).
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut plan = call.state.plan(call.arg(0))?;
    if call.state.plans.taken("name", &body.text("name"), Some(&plan.id)) {
        return Err(duplicate("name", &body.text("name")));
    }
    body.set_text("name", &mut plan.name);
    body.set_opt_text("description", &mut plan.description);
    body.set_flag("isPublic", &mut plan.is_public);
    plan.metadata = body.map("metadata").or(plan.metadata);
    plan.updated = call.now;
    let reply = Reply::one(PlanView::new(call, &plan));
    call.state.plans.put(plan);
    Ok(reply)
}

/// Soft: existing subscriptions go on.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plan = call.state.plan(call.arg(0))?;
    plan.deleted = true;
    for price in &plan.prices {
        intro::forget(call.state, &Price { archived: true, ..price.clone() });
    }
    let reply = call.deleted("plan", &plan.id);
    call.state.plans.put(plan);
    Ok(reply)
}

pub(super) fn set_visibility(call: &mut Call<'_>) -> Result<Reply, Failure> {
    const FIELDS: &[Field] = &[required("isPublic", Kind::Flag)];
    let body = call.body(FIELDS)?;
    let mut plan = call.state.plan(call.arg(0))?;
    plan.is_public = body.flag("isPublic");
    plan.updated = call.now;
    let reply = match call.version {
        Version::July11 => Reply::one(call.object("plan", json!({ "id": plan.id, "isPublic": plan.is_public }))),
        Version::July31 => Reply::one(PlanView::new(call, &plan)),
    };
    call.state.plans.put(plan);
    Ok(reply)
}
