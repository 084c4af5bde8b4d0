//! Features (commet-api.md §3.1).

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::rows::Feature;
use super::rules::{Field, Kind, NAME, TEXT, nullable, optional, required};

const CREATE: &[Field] = &[
    required("name", NAME),
    required("code", Kind::Code),
    required("type", Kind::OneOf(&["boolean", "usage", "seats", "quota"])),
    optional("description", TEXT),
    optional("unitName", TEXT),
];

const UPDATE: &[Field] = &[optional("name", NAME), nullable("description", TEXT), nullable("unitName", TEXT)];

fn view(call: &Call<'_>, feature: &Feature) -> Value {
    call.object(
        "feature",
        json!({
            "id": feature.id,
            "name": feature.name,
            "code": feature.code,
            "type": feature.kind,
            "description": feature.description,
            "unitName": feature.unit_name,
            "createdAt": feature.created.iso(),
            "updatedAt": feature.updated.iso(),
        }),
    )
}

fn exists(what: &str, value: &str) -> Failure {
    Failure::new("feature_already_exists", format!("A feature with the {what} `{value}` already exists")).about(what)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::list(call.state.features.live().map(|feature| view(call, feature)).collect::<Vec<_>>()))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let feature = call.state.feature_or_code(call.arg(0))?;
    Ok(Reply::one(view(call, feature)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    for what in ["code", "name"] {
        if call.state.features.taken(what, &body.text(what), None) {
            return Err(exists(what, &body.text(what)));
        }
    }
    let feature = Feature {
        id: call.state.new_id("ftr_"),
        name: body.text("name"),
        code: body.text("code"),
        kind: body.text("type"),
        description: body.opt_text("description"),
        unit_name: body.opt_text("unitName"),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(view(call, &feature));
    call.state.features.put(feature);
    Ok(reply)
}

/// Needs at least one field that it knows (commet-api.md §2.7).
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut feature = call.state.feature_or_code(call.arg(0))?.clone();
    if body.is_empty() {
        return Err(Failure::field("", "At least one field is required"));
    }
    if call.state.features.taken("name", &body.text("name"), Some(&feature.id)) {
        return Err(exists("name", &body.text("name")));
    }
    body.set_text("name", &mut feature.name);
    body.set_opt_text("description", &mut feature.description);
    body.set_opt_text("unitName", &mut feature.unit_name);
    feature.updated = call.now;
    let reply = Reply::one(view(call, &feature));
    call.state.features.put(feature);
    Ok(reply)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut feature = call.state.feature_or_code(call.arg(0))?.clone();
    let plan = call.state.plans.by("feature", &feature.id).next().map(|plan| format!("plan `{}`", plan.code));
    let addon = call.state.addons.by("feature", &feature.id).next().map(|addon| format!("add-on `{}`", addon.slug));
    if let Some(user) = plan.or(addon) {
        return Err(Failure::new(
            "feature_in_use",
            format!("The feature `{}` is attached to the {user}", feature.code),
        ));
    }
    feature.deleted = true;
    let reply = call.deleted("feature", &feature.id);
    call.state.features.put(feature);
    Ok(reply)
}
