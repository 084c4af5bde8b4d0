use crate::diagnostic::{Code, Finding, did_you_mean};
use crate::provider::bxb::catalog::Catalog;
use crate::provider::reporter::{Reporter, finding};

/// What is referred to stands in the catalog: metrics of charges, features of entitlements, taxes of plans and
/// charges (bxb-api.md §6.2, §6.6, §6.9).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (at, tax) in plan.taxes.iter().enumerate() {
            if let Some(finding) = missing("taxes", "tax", tax, report) {
                report.value(&["plans", code, "taxes", &at.to_string()], finding);
            }
        }
        for (key, charge) in &plan.charges {
            if let Some(finding) = missing("billable_metrics", "billable metric", &charge.billable_metric, report) {
                report.value(&["plans", code, "charges", key, "billable_metric"], finding);
            }
            for (at, tax) in charge.taxes.iter().enumerate() {
                if let Some(finding) = missing("taxes", "tax", tax, report) {
                    report.value(&["plans", code, "charges", key, "taxes", &at.to_string()], finding);
                }
            }
        }
        for feature in plan.entitlements.keys() {
            if let Some(finding) = missing("features", "feature", feature, report) {
                report.key(&["plans", code, "entitlements", feature], finding);
            }
        }
    }
}

fn missing(section: &str, one: &str, code: &str, report: &Reporter<'_>) -> Option<Finding> {
    if report.may_exist(section, code) {
        return None;
    }
    Some(
        finding(Code::UnknownReference, format!("there is no {one} `{code}` in the catalog"))
            .suggest(did_you_mean(code, report.keys(section)))
            .help(format!("add it under `{section}:`, or remove it here")),
    )
}
