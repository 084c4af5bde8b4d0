use crate::diagnostic::Code;
use crate::provider::bxb::catalog::{Catalog, FeatureType};
use crate::provider::reporter::{Reporter, finding};

/// The value of an entitlement fits the feature's type (bxb-api.md §6.6). The server takes any text.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (key, value) in &plan.entitlements {
            let Some(feature) = catalog.features.get(key) else { continue };
            let path = ["plans", code, "entitlements", key];
            let value = value.0.as_str();
            match feature.feature_type {
                _ if value.is_empty() => {
                    report.value(&path, finding(Code::EntitlementValue, "an entitlement has a value"));
                }
                FeatureType::Boolean if value == "false" => {
                    let message =
                        format!("`{code}` still entitles to `{key}`: the server takes any entitlement for access");
                    report.value(&path, finding(Code::EntitledToFalse, message).help("remove it to keep them out"));
                }
                FeatureType::Boolean if value != "true" => {
                    let message = format!("`{key}` is a boolean feature: the value is `true`");
                    report.value(&path, finding(Code::EntitlementValue, message));
                }
                FeatureType::Quantity if !value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let message = format!("`{key}` is a quantity: the value is a whole number");
                    report.value(&path, finding(Code::EntitlementValue, message));
                }
                _ => {}
            }
        }
    }
}
