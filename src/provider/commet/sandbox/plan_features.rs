//! Features of a plan (commet-api.md §3.4).

use serde_json::{Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::derive;
use super::failure::{Detail, Failure};
use super::rows::{Feature, Plan, PlanFeature};
use super::rules::{COUNT, Field, Kind, NAME, nullable, optional, required};

const ADD: &[Field] = &[
    required("featureId", NAME),
    optional("enabled", Kind::Flag),
    optional("includedAmount", COUNT),
    optional("unlimited", Kind::Flag),
    optional("overage", Kind::Object(&[required("enabled", Kind::Flag), required("unitPrice", COUNT)])),
    nullable("creditsPerUnit", COUNT),
    optional("pricingMode", Kind::OneOf(&["fixed", "ai_model"])),
    nullable("margin", COUNT),
];

/// Neither pricingMode nor margin: sent here, they are dropped without a word.
const UPDATE: &[Field] = &[
    optional("enabled", Kind::Flag),
    optional("includedAmount", COUNT),
    optional("unlimited", Kind::Flag),
    optional("overage", Kind::Object(&[optional("enabled", Kind::Flag), optional("unitPrice", COUNT)])),
    nullable("creditsPerUnit", COUNT),
];

/// Features are called by public id here; the code is not promised (commet-api.md §3.4).
pub(super) fn find<'p>(plan: &'p mut Plan, id: &str) -> Result<&'p mut PlanFeature, Failure> {
    let missing = || Failure::new("feature_not_found", format!("No feature `{id}` on this plan"));
    plan.features.iter_mut().find(|one| one.feature == id).ok_or_else(missing)
}

fn view(call: &Call<'_>, plan: &Plan, one: &PlanFeature) -> Value {
    call.object(
        call.version.object("plan", "plan_feature"),
        json!({
            "planId": plan.id,
            "featureId": one.feature,
            "enabled": one.enabled,
            "includedAmount": one.included_amount,
            "unlimited": one.unlimited,
            "overage": { "enabled": one.overage_enabled, "unitPrice": one.unit_price },
            "creditsPerUnit": one.credits_per_unit,
            "pricingMode": one.pricing_mode,
            "margin": one.margin,
        }),
    )
}

fn write(body: &Body, one: &mut PlanFeature) {
    body.set_flag("enabled", &mut one.enabled);
    body.set_int("includedAmount", &mut one.included_amount);
    body.set_flag("unlimited", &mut one.unlimited);
    if let Some(overage) = body.object("overage") {
        overage.set_flag("enabled", &mut one.overage_enabled);
        overage.set_int("unitPrice", &mut one.unit_price);
    }
    body.set_opt_int("creditsPerUnit", &mut one.credits_per_unit);
}

/// What goes together (commet-api.md §6), judged on the result: an update must leave a feature that is right.
fn check(plan: &Plan, feature: &Feature, one: &PlanFeature) -> Result<(), Failure> {
    let model = plan.consumption_model.as_deref();
    let limits = one.included_amount > 0 || one.unlimited || one.overage_enabled;
    let broken = [
        (
            feature.is_boolean() && limits,
            "featureId",
            "A boolean feature is only enabled or not: no amount, no overage",
        ),
        (one.unlimited && one.included_amount > 0, "includedAmount", "Unlimited excludes an included amount"),
        (one.unlimited && one.overage_enabled, "overage", "Unlimited excludes overage"),
        (plan.is_free && one.overage_enabled, "overage", "A free plan has no overage"),
        (
            one.overage_enabled && !matches!(model, Some("metered" | "balance")),
            "overage",
            "Only plans with the consumption model metered or balance have overage",
        ),
        (
            one.pricing_mode == "ai_model" && model != Some("balance"),
            "pricingMode",
            "Only plans with the consumption model balance have ai_model",
        ),
    ];
    let broken = broken.iter().filter(|(broken, ..)| *broken);
    Failure::unless_empty(broken.map(|(_, field, message)| Detail::new(*field, *message)).collect())
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(ADD)?;
    let mut plan = call.state.plan(call.arg(0))?;
    let feature = call.state.feature(&body.text("featureId"))?;
    if plan.features.iter().any(|one| one.feature == feature.id) {
        let message = format!("The plan already has the feature `{}`", feature.code);
        return Err(Failure::new("duplicate", message).about("featureId"));
    }
    let mut one = PlanFeature {
        feature: feature.id.clone(),
        enabled: true,
        included_amount: 0,
        unlimited: false,
        overage_enabled: false,
        unit_price: 0,
        credits_per_unit: None,
        pricing_mode: body.opt_text("pricingMode").unwrap_or_else(|| "fixed".into()),
        margin: body.opt_int("margin"),
        regional: Default::default(),
    };
    write(&body, &mut one);
    check(&plan, feature, &one)?;
    let reply = Reply::created(view(call, &plan, &one));
    plan.features.push(one);
    plan.features.sort_by(|one, other| one.feature.cmp(&other.feature));
    call.state.plans.put(plan);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut plan = call.state.plan(call.arg(0))?;
    let one = find(&mut plan, call.arg(1))?;
    write(&body, one);
    let one = one.clone();
    check(&plan, call.state.feature(call.arg(1))?, &one)?;
    derive::again(&mut plan)?;
    let reply = Reply::one(view(call, &plan, &one));
    call.state.plans.put(plan);
    Ok(reply)
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plan = call.state.plan(call.arg(0))?;
    find(&mut plan, call.arg(1))?;
    plan.features.retain(|one| one.feature != call.arg(1));
    let object = call.version.object("plan", "plan_feature");
    let reply = Reply::one(call.object(object, json!({ "id": call.arg(1), "removed": true })));
    call.state.plans.put(plan);
    Ok(reply)
}
