use crate::diagnostic::Code;
use crate::provider::bxb::catalog::Catalog;
use crate::provider::reporter::{Reporter, finding};

/// Names are not empty, and texts are not longer than the database holds (bxb-api.md §6). NUL is a 500 there (§2).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, tax) in &catalog.taxes {
        name(report, &["taxes", code, "name"], &tax.name);
        text(report, &["taxes", code, "description"], tax.description.as_deref(), None);
        text(report, &["taxes", code, "category"], tax.category.as_deref(), Some(100));
    }
    for (code, metric) in &catalog.billable_metrics {
        let at = |field| ["billable_metrics", code, field];
        name(report, &at("name"), &metric.name);
        text(report, &at("description"), metric.description.as_deref(), None);
        text(report, &at("field_name"), metric.field_name.as_deref(), Some(255));
        text(report, &at("expression"), metric.expression.as_deref(), None);
    }
    for (code, feature) in &catalog.features {
        name(report, &["features", code, "name"], &feature.name);
        text(report, &["features", code, "description"], feature.description.as_deref(), None);
    }
    for (code, plan) in &catalog.plans {
        name(report, &["plans", code, "name"], &plan.name);
        text(report, &["plans", code, "description"], plan.description.as_deref(), None);
        for (key, charge) in &plan.charges {
            for (filter, values) in &charge.filters {
                for (value, other) in values {
                    let path = ["plans", code, "charges", key, "filters", filter, value, "invoice_display_name"];
                    text(report, &path, other.invoice_display_name.as_deref(), Some(255));
                }
            }
        }
        for (at, commitment) in plan.commitments.iter().enumerate() {
            let path = ["plans", code, "commitments", &at.to_string(), "invoice_display_name"];
            text(report, &path, commitment.invoice_display_name.as_deref(), Some(255));
        }
        for (at, threshold) in plan.usage_thresholds.iter().enumerate() {
            let path = ["plans", code, "usage_thresholds", &at.to_string(), "threshold_display_name"];
            text(report, &path, threshold.threshold_display_name.as_deref(), Some(255));
        }
    }
    for (code, add_on) in &catalog.add_ons {
        name(report, &["add_ons", code, "name"], &add_on.name);
        text(report, &["add_ons", code, "description"], add_on.description.as_deref(), None);
        text(report, &["add_ons", code, "invoice_display_name"], add_on.invoice_display_name.as_deref(), Some(255));
    }
    for (code, coupon) in &catalog.coupons {
        name(report, &["coupons", code, "name"], &coupon.name);
        text(report, &["coupons", code, "description"], coupon.description.as_deref(), None);
    }
}

fn name(report: &mut Reporter<'_>, path: &[&str], name: &str) {
    if name.trim().is_empty() {
        report.value(path, finding(Code::BadText, "a name cannot be empty"));
    }
    text(report, path, Some(name), Some(255));
}

fn text(report: &mut Reporter<'_>, path: &[&str], text: Option<&str>, most: Option<usize>) {
    let Some(text) = text else { return };
    let length = text.chars().count();
    if let Some(most) = most.filter(|most| length > *most) {
        let message = format!("this text has at most {most} characters, it has {length}");
        report.value(path, finding(Code::BadText, message));
    } else if text.contains('\0') {
        report.value(path, finding(Code::BadText, "a text cannot hold the NUL character"));
    }
}
