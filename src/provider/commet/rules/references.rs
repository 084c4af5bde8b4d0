use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, did_you_mean};
use crate::provider::commet::catalog::Catalog;

/// What is referred to stands in the catalog: features of plans and of add-ons, plans of groups.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for feature in plan.features.keys() {
            if let Some(finding) = missing("features", feature, report) {
                report.key(&["plans", code, "features", feature], finding);
            }
        }
    }
    for (key, group) in &catalog.groups {
        for (at, plan) in group.plans.iter().enumerate() {
            if let Some(finding) = missing("plans", plan, report) {
                report.value(&["groups", key, "plans", &at.to_string()], finding);
            }
        }
    }
    for (key, addon) in &catalog.addons {
        if let Some(finding) = missing("features", &addon.feature, report) {
            report.value(&["addons", key, "feature"], finding);
        }
    }
}

fn missing(section: &str, key: &str, report: &Reporter<'_>) -> Option<crate::diagnostic::Finding> {
    if report.may_exist(section, key) {
        return None;
    }
    let one = section.trim_end_matches('s');
    Some(
        finding(Code::UnknownReference, format!("there is no {one} `{key}` in the catalog"))
            .suggest(did_you_mean(key, report.keys(section)))
            .help(format!("add it under `{section}:`, or remove it here")),
    )
}
