use std::collections::HashMap;

use crate::diagnostic::Code;
use crate::provider::bxb::catalog::Catalog;
use crate::provider::reporter::{Reporter, finding};

/// Nothing keeps the server from holding the same thing twice, and then it bills both (bxb-api.md §6.3, §6.4, §6.9).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        let commitments = plan.commitments.iter().map(|it| it.commitment_type.word().to_owned());
        list(report, &["plans", code, "commitments"], commitments, |key| {
            format!("there is a {key} already, and the server bills each of them in full")
        });
        let thresholds = plan.usage_thresholds.iter().map(|it| it.amount.decimal().normalize().to_string());
        list(report, &["plans", code, "usage_thresholds"], thresholds, |key| {
            format!("there is a threshold of {key} already")
        });
        let tax = |key: &str| format!("the tax `{key}` is listed twice");
        list(report, &["plans", code, "taxes"], plan.taxes.iter().cloned(), tax);
        for (key, charge) in &plan.charges {
            list(report, &["plans", code, "charges", key, "taxes"], charge.taxes.iter().cloned(), tax);
        }
    }
}

fn list(
    report: &mut Reporter<'_>,
    path: &[&str],
    keys: impl Iterator<Item = String>,
    message: impl Fn(&str) -> String,
) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (at, key) in keys.enumerate() {
        let at = at.to_string();
        if let Some(first) = seen.get(&key) {
            let place = report.place(&[path, &[first.as_str()]].concat());
            let finding = finding(Code::Twice, message(&key)).related(place, "the first one");
            report.value(&[path, &[&at]].concat(), finding);
        } else {
            seen.insert(key, at);
        }
    }
}
