use crate::diagnostic::{Code, Finding};
use crate::provider::bxb::catalog::Catalog;
use crate::provider::reporter::{Reporter, finding};

/// Codes can be addressed in a URL (bxb-api.md §5): the server takes any text and then cannot find it. Keys of
/// charges are Pricebook's own.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    // Fixed sub-routes, which a code of the same name is hidden behind (§5).
    section(report, "taxes", catalog.taxes.keys(), 255, &["applied", "application_counts", "apply"]);
    section(report, "billable_metrics", catalog.billable_metrics.keys(), 255, &["plan_counts", "stats"]);
    section(report, "features", catalog.features.keys(), 100, &["plan_counts"]);
    section(report, "plans", catalog.plans.keys(), 255, &["subscription_counts"]);
    section(report, "add_ons", catalog.add_ons.keys(), 255, &["application_counts", "apply"]);
    section(report, "coupons", catalog.coupons.keys(), 255, &["apply", "applied"]);
    for (code, plan) in &catalog.plans {
        for key in plan.charges.keys() {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if key.is_empty() || !key.chars().all(plain) {
                let message = format!("`{key}` is not a key: only letters, digits, _ and - are allowed");
                report.key(&["plans", code, "charges", key], finding(Code::BadCode, message));
            }
        }
    }
}

fn section<'a>(
    report: &mut Reporter<'_>,
    section: &str,
    codes: impl Iterator<Item = &'a String>,
    most: usize,
    taken: &[&str],
) {
    for code in codes {
        if let Some(finding) = bad(code, most, taken) {
            report.key(&[section, code], finding);
        }
    }
}

fn bad(code: &str, most: usize, taken: &[&str]) -> Option<Finding> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if code.is_empty() || code.starts_with('.') || !code.chars().all(fits) {
        let better: String = code.chars().map(|c| if fits(c) { c } else { '_' }).collect();
        let better = better.trim_start_matches('.');
        let finding = finding(
            Code::BadCode,
            format!(
                "`{code}` is not a code: only letters, digits, _, - and . are allowed, and no dot at the beginning"
            ),
        );
        let useful = better != code && better.chars().any(|c| c.is_ascii_alphanumeric());
        return Some(if useful { finding.suggest(better) } else { finding });
    }
    if taken.contains(&code) {
        let message = format!("`{code}` cannot be a code: the API has another use for it in its URLs");
        return Some(finding(Code::BadCode, message));
    }
    let length = code.chars().count();
    (length > most)
        .then(|| finding(Code::BadCode, format!("a code has at most {most} characters here, this has {length}")))
}
