use crate::diagnostic::{Code, did_you_mean, one_of};
use crate::provider::bxb::catalog::Catalog;
use crate::provider::reporter::{Reporter, finding};

/// A charge's filters are those of its own metric, with values that the metric's filter allows (bxb-api.md §6.2). The
/// server takes a filter of another metric, which then never matches.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (key, charge) in &plan.charges {
            let Some(metric) = catalog.billable_metrics.get(&charge.billable_metric) else { continue };
            let section = ["billable_metrics", &*charge.billable_metric, "filters"];
            if report.is_spoiled(&section) {
                continue;
            }
            for (filter, values) in &charge.filters {
                let path = ["plans", code, "charges", key, "filters", filter];
                let Some(allowed) = metric.filters.get(filter) else {
                    let message = format!("`{}` has no filter `{filter}`", charge.billable_metric);
                    let known = metric.filters.keys().map(String::as_str);
                    let finding = finding(Code::FilterValues, message).suggest(did_you_mean(filter, known));
                    report.key(&path, finding.help(format!("add it under `{}`", section.join("."))));
                    continue;
                };
                if values.is_empty() && !report.is_spoiled(&path) {
                    let message = "a filter without values is dropped without a trace";
                    report.key(&path, finding(Code::FilterValues, message).help("list its values, or remove it"));
                }
                for value in values.keys() {
                    let path = [&path[..], &[value]].concat();
                    if value.is_empty() || value.chars().count() > 255 {
                        report.key(&path, finding(Code::FilterValues, "the value of a filter has 1 to 255 characters"));
                    } else if !allowed.is_empty() && !allowed.contains(value) {
                        let known = || allowed.iter().map(String::as_str);
                        let message = format!("`{value}` is not among the values of the filter `{filter}`");
                        let finding = finding(Code::FilterValues, message).suggest(did_you_mean(value, known()));
                        let words = one_of(known()).replace(" or ", " and ");
                        report.key(&path, finding.help(format!("its values are {words}")));
                    }
                }
            }
        }
    }
}
