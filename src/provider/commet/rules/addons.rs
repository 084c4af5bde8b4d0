use std::collections::HashMap;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::{AddonModel, Catalog};

/// Each model takes its own fields, and a feature has one add-on (commet-api.md §3.7).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for (key, addon) in &catalog.addons {
        if let Some(first) = taken.insert(&addon.feature, key) {
            let place = report.place(&["addons", first, "feature"]);
            let finding =
                finding(Code::AddonTaken, format!("`addons.{first}` sells the feature `{}` too", addon.feature));
            report.value(&["addons", key, "feature"], finding.related(place, "the other one"));
        }
        if report.is_spoiled(&["addons", key]) {
            continue;
        }
        let wanted: &[&str] = match addon.consumption_model {
            AddonModel::Boolean => &[],
            AddonModel::Metered => &["included_units", "overage_rate"],
            AddonModel::Credits => &["credit_cost"],
            AddonModel::Balance => &["overage_rate"],
        };
        let fields = [
            ("included_units", addon.included_units.is_some()),
            ("overage_rate", addon.overage_rate.is_some()),
            ("credit_cost", addon.credit_cost.is_some()),
        ];
        let model = addon.consumption_model.word();
        for (field, present) in fields {
            if present && !wanted.contains(&field) {
                let finding = finding(Code::AddonFields, format!("an add-on with `{model}` has no `{field}`"));
                report.value(&["addons", key, field], finding.help("remove it"));
            } else if !present && wanted.contains(&field) {
                let finding = finding(Code::AddonFields, format!("an add-on with `{model}` needs `{field}`"));
                report.value(&["addons", key, "consumption_model"], finding.help(format!("add `{field}: ...`")));
            }
        }
    }
}
