//! Plan groups (commet-api.md §3.6). The order of their plans decides what is an upgrade.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::page::Page;
use super::rows::{Group, Plan};
use super::rules::{COUNT, Field, Kind, NAME, TEXT, nullable, optional, required};
use super::state::State;
use super::version::Version;

const CREATE: &[Field] = &[required("name", NAME), optional("description", TEXT), optional("isPublic", Kind::Flag)];
const UPDATE: &[Field] = &[optional("name", NAME), nullable("description", TEXT), optional("isPublic", Kind::Flag)];
const ADD: &[Field] = &[required("planId", NAME), optional("sortOrder", COUNT)];
const REORDER: &[Field] = &[required("planIds", Kind::Texts(1))];

/// The group's plans, low to high.
fn members<'s>(state: &'s State, group: &str) -> Vec<&'s Plan> {
    let mut plans: Vec<_> = state.plans.by("group", group).collect();
    plans.sort_by_key(|plan| plan.sort_order);
    plans
}

/// Where a plan goes that names no place: to the end.
pub(super) fn next_sort_order(state: &State, group: &str) -> i64 {
    state.plans.by("group", group).map(|plan| plan.sort_order + 1).max().unwrap_or(0)
}

fn view(call: &Call<'_>, group: &Group, plans: bool) -> Value {
    let mut view = json!({
        "id": group.id,
        "name": group.name,
        "description": group.description,
        "isPublic": group.is_public,
        "createdAt": group.created.iso(),
        "updatedAt": group.updated.iso(),
    });
    if plans {
        let plans = members(call.state, &group.id);
        let plans = plans.iter().map(|plan| json!({ "id": plan.id, "name": plan.name, "sortOrder": plan.sort_order }));
        view["plans"] = plans.collect();
    }
    call.object("plan_group", view)
}

/// On 2026-07-11 the list shows the plans too; later only the single read does.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    let plans = call.version == Version::July11;
    Ok(page.reply(&call.state.groups, |_| true, |group| view(call, group, plans)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, call.state.group(call.arg(0))?, true)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    let group = Group {
        id: call.state.new_id("plg_"),
        name: body.text("name"),
        description: body.opt_text("description"),
        is_public: body.opt_flag("isPublic").unwrap_or(true),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(view(call, &group, false));
    call.state.groups.put(group);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut group = call.state.group(call.arg(0))?.clone();
    body.set_text("name", &mut group.name);
    body.set_opt_text("description", &mut group.description);
    body.set_flag("isPublic", &mut group.is_public);
    group.updated = call.now;
    let reply = Reply::one(view(call, &group, false));
    call.state.groups.put(group);
    Ok(reply)
}

/// Unlinks its plans; they stay.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut group = call.state.group(call.arg(0))?.clone();
    let plans: Vec<_> = members(call.state, &group.id).into_iter().cloned().collect();
    for plan in plans {
        unlink(call.state, plan);
    }
    group.deleted = true;
    let reply = call.deleted("plan_group", &group.id);
    call.state.groups.put(group);
    Ok(reply)
}

fn unlink(state: &mut State, mut plan: Plan) {
    plan.group = None;
    plan.sort_order = 0;
    state.plans.put(plan);
}

/// A plan that is in a group already is refused; it must be removed there first.
pub(super) fn add_plan(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(ADD)?;
    let group = call.state.group(call.arg(0))?.id.clone();
    let mut plan = call.state.plan(&body.text("planId"))?;
    if let Some(other) = &plan.group {
        let message = format!("The plan `{}` already belongs to the plan group `{other}`", plan.code);
        return Err(Failure::new("duplicate", message).about("planId"));
    }
    plan.sort_order = body.opt_int("sortOrder").unwrap_or_else(|| next_sort_order(call.state, &group));
    plan.group = Some(group);
    call.state.plans.put(plan);
    let object = call.version.object("plan_group", "plan_group_membership");
    Ok(Reply::one(call.object(object, json!({ "success": true }))))
}

pub(super) fn remove_plan(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let group = call.state.group(call.arg(0))?.id.clone();
    let plan = call.state.plan(call.arg(1))?;
    if plan.group.as_ref() != Some(&group) {
        return Err(Failure::new("plan_not_found", format!("The plan `{}` is not in this plan group", plan.id)));
    }
    let object = call.version.object("plan_group", "plan_group_membership");
    let reply = Reply::one(call.object(object, json!({ "id": plan.id, "removed": true })));
    unlink(call.state, plan);
    Ok(reply)
}

/// Lists every plan of the group once; they are numbered from 0.
pub(super) fn reorder(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(REORDER)?;
    let group = call.state.group(call.arg(0))?.id.clone();
    let ids = body.texts("planIds");
    let listed: BTreeSet<_> = ids.iter().map(String::as_str).collect();
    let present: BTreeSet<_> = call.state.plans.by("group", &group).map(|plan| plan.id.as_str()).collect();
    if listed != present || listed.len() != ids.len() {
        return Err(Failure::field("planIds", "Must list every plan of the group, once"));
    }
    for (id, sort_order) in ids.iter().zip(0..) {
        let mut plan = call.state.plan(id)?;
        if plan.sort_order != sort_order {
            plan.sort_order = sort_order;
            call.state.plans.put(plan);
        }
    }
    let object = call.version.object("plan_group", "plan_group_order");
    Ok(Reply::one(call.object(object, json!({ "reordered": true }))))
}
