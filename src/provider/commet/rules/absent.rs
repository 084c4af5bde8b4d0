use std::collections::HashMap;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// What must not exist is not also what must exist. Groups are listed by name, add-ons by their feature.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let features = catalog.features.keys().map(|key| (key.as_str(), key.as_str())).collect();
    let plans = catalog.plans.keys().map(|key| (key.as_str(), key.as_str())).collect();
    let groups = catalog.groups.iter().map(|(key, group)| (group.name.as_str(), key.as_str())).collect();
    let addons = catalog.addons.iter().map(|(key, addon)| (addon.feature.as_str(), key.as_str())).collect();
    list("features", &catalog.absent.features, &features, report);
    list("groups", &catalog.absent.groups, &groups, report);
    list("plans", &catalog.absent.plans, &plans, report);
    list("addons", &catalog.absent.addons, &addons, report);
}

fn list(section: &str, names: &[String], named: &HashMap<&str, &str>, report: &mut Reporter<'_>) {
    let mut seen: HashMap<&str, String> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        let at = at.to_string();
        let path = ["absent", section, &at];
        if name.trim().is_empty() {
            report.value(&path, finding(Code::Absent, "an empty name stands for nothing"));
        } else if let Some(key) = named.get(name.as_str()) {
            let place = report.place(&[section, key]);
            let finding =
                finding(Code::Absent, format!("`{name}` must not exist, but `{section}.{key}` says that it should"))
                    .related(place, "it stands here")
                    .help("remove one of the two");
            report.value(&path, finding);
        } else if let Some(first) = seen.insert(name, at.clone()) {
            let place = report.place(&["absent", section, &first]);
            let finding = finding(Code::Absent, format!("`{name}` is listed twice"));
            report.value(&path, finding.related(place, "it is listed here first"));
        }
    }
}
