use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::{Catalog, ConsumptionModel, FeatureType, PlanFeature, PricingMode};

/// What a feature can be on a plan (commet-api.md §6): boolean features are on or off, unlimited is all there is,
/// and overage is charged only where the plan's model charges it.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (key, feature) in &plan.features {
            if report.is_spoiled(&["plans", code, "features", key]) {
                continue;
            }
            let at = |field| ["plans", code, "features", key, field];
            let kind = catalog.features.get(key).map(|feature| feature.feature_type);
            if kind == Some(FeatureType::Boolean) {
                for field in values(feature) {
                    let finding =
                        finding(Code::FeatureValues, format!("`{key}` is a boolean feature and has no `{field}`"));
                    report.value(&at(field), finding.help("write `true` or `false`"));
                }
                continue;
            }
            if feature.unlimited {
                let over = [("included_amount", feature.included_amount > 0), ("overage", feature.overage.is_some())];
                for (field, _) in over.iter().filter(|(_, present)| *present) {
                    let finding = finding(Code::FeatureValues, format!("`unlimited` excludes `{field}`"));
                    report.value(&at(field), finding.help(format!("remove `{field}`, or `unlimited`")));
                }
            }
            let charged = matches!(plan.consumption_model, Some(ConsumptionModel::Metered | ConsumptionModel::Balance));
            let usage = kind == Some(FeatureType::Usage);
            // Without any model that is what has to be said first.
            let model_is_missing = usage && plan.consumption_model.is_none();
            if feature.overage.is_some() && !feature.unlimited && !charged && !plan.free && !model_is_missing {
                let (what, help) = match plan.consumption_model {
                    Some(_) => (
                        "a credits plan charges no overage",
                        "usage stops when the credits are used up; remove `overage`",
                    ),
                    None => (
                        "overage needs a consumption model",
                        "write `consumption_model: metered` or `balance` into the plan, or remove `overage`",
                    ),
                };
                report.value(&at("overage"), finding(Code::Overage, what).help(help));
            }
            let limited = plan.free || plan.consumption_model == Some(ConsumptionModel::Metered);
            let spoiled = report.is_spoiled(&["plans", code, "consumption_model"]);
            let nothing = !spoiled && feature.included_amount == 0 && !feature.unlimited && feature.overage.is_none();
            if usage && limited && nothing && feature.enabled {
                let finding = finding(Code::NothingIncluded, format!("nobody can use `{key}` on `{code}`"));
                report.key(
                    &["plans", code, "features", key],
                    finding.help("add `included_amount`, `unlimited` or `overage`, or write `false`"),
                );
            }
        }
    }
}

/// The fields that were set to something.
fn values(feature: &PlanFeature) -> impl Iterator<Item = &'static str> {
    [
        ("included_amount", feature.included_amount > 0),
        ("unlimited", feature.unlimited),
        ("overage", feature.overage.is_some()),
        ("credits_per_unit", feature.credits_per_unit.is_some()),
        ("pricing_mode", feature.pricing_mode != PricingMode::Fixed),
        ("margin", feature.margin.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, set)| set.then_some(field))
}
