//! Features and entitlements (bxb-api.md §6.5, §6.6).

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{FREE, Field, Kind, NAME, optional, required, settable};
use super::idempotency;
use super::json::{Json, Object};
use super::lists;
use super::plans::PLANS;
use super::resource::{Key, Resource};

pub(super) static FEATURES: Resource = Resource {
    table: "features",
    title: "Feature",
    audited: Some("feature"),
    key: Key::Code,
    create: &[
        required("code", Kind::Text(1, 100)),
        required("name", NAME),
        optional("description", FREE),
        required("feature_type", Kind::OneOf(&["boolean", "quantity", "custom"])),
    ],
    update: &[settable("name", NAME), settable("description", FREE)],
};

const VALUE: Kind = Kind::Text(1, usize::MAX);

pub(super) static ENTITLEMENTS: Resource = Resource {
    table: "entitlements",
    title: "Entitlement",
    audited: Some("entitlement"),
    key: Key::Id("entitlement_id"),
    create: &[required("plan_id", Kind::Id), required("feature_id", Kind::Id), required("value", VALUE)],
    update: &[settable("value", VALUE)],
};

const COPY: &[Field] = &[required("source_plan_id", Kind::Id), required("target_plan_id", Kind::Id)];

/// The only delete that is refused in words.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let id = FEATURES.named(call)?.id();
    if call.db.by(ENTITLEMENTS.table, "feature_id", id).next().is_some() {
        return Err(Failure::detail(400, "Cannot delete feature with existing entitlements"));
    }
    FEATURES.delete(call)
}

/// Features and their counts of plans, own organization only (§6.5).
pub(super) fn plan_counts(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plans: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in call.db.all("entitlements").filter(|row| call.owns(row)) {
        plans.entry(row.text("feature_id")).or_default().insert(row.text("plan_id"));
    }
    let counts: Object = plans.into_iter().map(|(feature, plans)| (feature.to_owned(), plans.len().into())).collect();
    Ok(Reply::ok(counts))
}

/// Of one plan: all of them, without pages (§3).
pub(super) fn entitlements(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let Some(plan) = call.typed_query("plan_id", Kind::Id, &mut issues) else {
        return lists::page(call, ENTITLEMENTS.table, |_| true, |_| true, |row| ENTITLEMENTS.view(call, row), issues);
    };
    let rows = call.db.by(ENTITLEMENTS.table, "plan_id", plan.as_text().unwrap_or_default());
    let rows: Vec<_> = rows.filter(|row| call.owns(row)).map(|row| ENTITLEMENTS.view(call, row)).collect();
    Ok(Reply { headers: vec![("x-total-count", rows.len().to_string())], ..Reply::ok(rows) })
}

fn is_there(call: &Call<'_>, resource: &Resource, id: &str) -> Result<(), Failure> {
    let found = call.db.find(resource.table, id).is_some_and(|row| call.owns(row));
    let refused = || Failure::detail(400, format!("{} {id} not found", resource.title));
    found.then_some(()).ok_or_else(refused)
}

fn taken(call: &Call<'_>, plan: &str, feature: &str) -> bool {
    call.db.by(ENTITLEMENTS.table, "plan_id", plan).any(|row| row.text("feature_id") == feature)
}

pub(super) fn entitle(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(ENTITLEMENTS.create)?;
    idempotency::once(call, |call| {
        let (plan, feature) = (body.text("plan_id"), body.text("feature_id"));
        is_there(call, &PLANS, plan)?;
        is_there(call, &FEATURES, feature)?;
        if taken(call, plan, feature) {
            return Err(Failure::detail(409, "Entitlement for this plan and feature already exists"));
        }
        ENTITLEMENTS.create_from(call, &body)
    })
}

/// What the target has already stays; what was copied comes back.
pub(super) fn copy(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.only_body(COPY)?;
    let (source, target) = (body.text("source_plan_id"), body.text("target_plan_id"));
    if source == target {
        return Err(Failure::detail(400, "Source and target plan must be different"));
    }
    is_there(call, &PLANS, source)?;
    is_there(call, &PLANS, target)?;
    let all: Vec<_> = call.db.by(ENTITLEMENTS.table, "plan_id", source).cloned().collect();
    let mut copied: Vec<Json> = Vec::new();
    for row in all {
        if !taken(call, target, row.text("feature_id")) {
            let row = ENTITLEMENTS.insert(call, &row.with("plan_id", target))?;
            copied.push(ENTITLEMENTS.view(call, &row));
        }
    }
    Ok(Reply::created(copied))
}
