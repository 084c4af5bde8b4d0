use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, Finding};
use crate::provider::commet::catalog::{Catalog, ConsumptionModel, FeatureType, Plan, PricingMode};

/// Each consumption model has its own fields (commet-api.md §6).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        if report.is_spoiled(&["plans", code, "consumption_model"]) || report.is_spoiled(&["plans", code, "free"]) {
            continue;
        }
        // A free plan with usage works without a model: what is included is a plain limit.
        let usage = plan
            .features
            .keys()
            .find(|key| catalog.features.get(*key).is_some_and(|feature| feature.feature_type == FeatureType::Usage));
        if let Some(usage) = usage.filter(|_| plan.consumption_model.is_none() && !plan.free) {
            let message = format!("`{code}` has the usage feature `{usage}` and no `consumption_model`");
            let place = report.place(&["plans", code, "features", usage]);
            report.key(
                &["plans", code],
                finding(Code::ModelMissing, message)
                    .related(place, "the usage feature")
                    .help("add `consumption_model:` with `metered`, `credits` or `balance`"),
            );
        }
        fields(code, plan, report);
    }
}

fn fields(code: &str, plan: &Plan, report: &mut Reporter<'_>) {
    let (credits, balance) = (ConsumptionModel::Credits, ConsumptionModel::Balance);
    let model = plan.consumption_model;
    let wants = |field: &str, wanted: ConsumptionModel| -> Option<Finding> {
        (model != Some(wanted)).then(|| {
            let word = model.map_or_else(|| "no consumption model".into(), |model| format!("`{}`", model.word()));
            finding(Code::ModelField, format!("`{field}` is for plans with `{}`, this one has {word}", wanted.word()))
                .help("remove it")
        })
    };
    let mut say = |present: bool, path: &[&str], wanted| {
        let field = path.last().copied().unwrap_or_default();
        if let Some(finding) = present.then(|| wants(field, wanted)).flatten() {
            report.value(path, finding);
        }
    };
    say(plan.block_on_exhaustion, &["plans", code, "block_on_exhaustion"], balance);
    for (interval, price) in &plan.prices {
        let at = |field| ["plans", code, "prices", interval.word(), field];
        say(price.included_balance.is_some(), &at("included_balance"), balance);
        say(price.included_credits.is_some(), &at("included_credits"), credits);
    }
    for (key, feature) in &plan.features {
        let at = |field| ["plans", code, "features", key, field];
        say(feature.credits_per_unit.is_some(), &at("credits_per_unit"), credits);
        say(feature.pricing_mode == PricingMode::AiModel, &at("pricing_mode"), balance);
        say(feature.margin.is_some(), &at("margin"), balance);
    }
    for (currency, region) in &plan.regions {
        for (interval, price) in &region.prices {
            let path = ["plans", code, "regions", currency, "prices", interval.word(), "included_balance"];
            say(price.included_balance.is_some(), &path, balance);
        }
    }
    for (key, feature) in &plan.features {
        let spoiled = report.is_spoiled(&["plans", code, "features", key, "pricing_mode"]);
        if !spoiled
            && feature.margin.is_some()
            && feature.pricing_mode != PricingMode::AiModel
            && model == Some(balance)
        {
            let finding = finding(Code::ModelField, "`margin` is added to an AI model's own price");
            report.value(&["plans", code, "features", key, "margin"], finding.help("add `pricing_mode: ai_model`"));
        }
    }
}
