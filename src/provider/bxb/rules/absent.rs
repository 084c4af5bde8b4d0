use std::collections::HashMap;

use crate::diagnostic::Code;
use crate::provider::bxb::catalog::Catalog;
use crate::provider::bxb::desired::absent;
use crate::provider::reporter::{Reporter, finding};

/// What must not exist is not also what must exist.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (section, codes) in absent(&catalog.absent) {
        let mut seen: HashMap<&str, String> = HashMap::new();
        for (at, code) in codes.iter().enumerate() {
            let at = at.to_string();
            let path = ["absent", section, &at];
            if code.is_empty() {
                report.value(&path, finding(Code::Absent, "an empty code stands for nothing"));
            } else if let Some(place) = report.place(&[section, code]) {
                let message = format!("`{code}` must not exist, but `{section}.{code}` says that it should");
                let finding = finding(Code::Absent, message).related(Some(place), "it stands here");
                report.value(&path, finding.help("remove one of the two"));
            } else if let Some(first) = seen.insert(code, at.clone()) {
                let place = report.place(&["absent", section, &first]);
                let finding = finding(Code::Absent, format!("`{code}` is listed twice"));
                report.value(&path, finding.related(place, "it is listed here first"));
            }
        }
    }
}
