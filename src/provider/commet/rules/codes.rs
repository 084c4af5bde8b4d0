use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// Codes are `^[a-z0-9_]+$` (commet-api.md §3.1, §3.2).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let features = catalog.features.iter().map(|(code, feature)| ("features", code, &feature.previously));
    let plans = catalog.plans.iter().map(|(code, plan)| ("plans", code, &plan.previously));
    for (section, code, previously) in features.chain(plans) {
        if let Some(finding) = bad(code) {
            report.key(&[section, code], finding);
        }
        if let Some(finding) = previously.as_deref().and_then(bad) {
            report.value(&[section, code, "previously"], finding);
        }
    }
}

fn bad(code: &str) -> Option<crate::diagnostic::Finding> {
    let fits = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    if !code.is_empty() && code.chars().all(fits) {
        return None;
    }
    let better: String = code.to_lowercase().chars().map(|char| if fits(char) { char } else { '_' }).collect();
    let finding = finding(Code::BadCode, format!("`{code}` is not a code: only a-z, 0-9 and _ are allowed"));
    let useful = better.chars().any(|char| char != '_');
    Some(if useful { finding.suggest(better.as_str()) } else { finding })
}
