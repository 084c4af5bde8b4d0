use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// Our own limit: the API documents none, and nobody puts this much beside a plan on purpose.
const LARGEST: usize = 64 * 1024;

/// Metadata has a sensible size. (NaN and infinity are refused when the file is read.)
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in catalog.plans.iter().filter(|(_, plan)| !plan.metadata.is_empty()) {
        let size = serde_json::to_string(&plan.metadata).map_or(0, |text| text.len());
        if size > LARGEST {
            let message = format!("the metadata of `{code}` takes {size} bytes, at most {LARGEST} are allowed");
            report.key(&["plans", code, "metadata"], finding(Code::Metadata, message));
        }
    }
}
