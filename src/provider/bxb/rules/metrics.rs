use crate::diagnostic::Code;
use crate::provider::bxb::catalog::{AggregationType, Catalog};
use crate::provider::reporter::{Reporter, finding};

/// Fields that go together (bxb-api.md §6.1). The server checks this on create only.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, metric) in &catalog.billable_metrics {
        let kind = metric.aggregation_type;
        let at = |field| ["billable_metrics", code, field];
        let mut needs = |field: &str, present: bool| {
            let path = ["billable_metrics", code.as_str(), field];
            if !present && !report.is_spoiled(&path) {
                let message = format!("a metric of type {} needs `{field}`", kind.word());
                report.key(&["billable_metrics", code], finding(Code::MetricFields, message));
            }
        };
        let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        if !matches!(kind, AggregationType::Count | AggregationType::Custom) {
            needs("field_name", filled(&metric.field_name));
        }
        if kind == AggregationType::Custom {
            needs("expression", filled(&metric.expression));
        }
        if metric.recurring && !matches!(kind, AggregationType::Count | AggregationType::Max | AggregationType::Latest)
        {
            let message = format!("a metric of type {} cannot be recurring", kind.word());
            report.value(&at("recurring"), finding(Code::MetricFields, message).help("only count, max and latest can"));
        }
        if let Some(precision) = metric.rounding_precision {
            if precision > 15 {
                report.value(
                    &at("rounding_precision"),
                    finding(Code::OutOfRange, format!("a rounding precision is 0 to 15, not {precision}")),
                );
            }
            if metric.rounding_function.is_none() && !report.is_spoiled(&at("rounding_function")) {
                let message = "`rounding_precision` means nothing without `rounding_function`";
                report.value(&at("rounding_precision"), finding(Code::MetricFields, message));
            }
        }
        if let Some(text) = metric.expression.as_deref().filter(|text| !text.is_empty())
            && let Some(bad) = unknown_character(text)
        {
            let message = format!("an expression has names, numbers, + - * / and brackets, not `{bad}`");
            report.value(&at("expression"), finding(Code::MetricFields, message));
        }
        for (key, values) in &metric.filters {
            if key.is_empty() || key.chars().count() > 255 {
                let message = "the key of a filter has 1 to 255 characters";
                report.key(&["billable_metrics", code, "filters", key], finding(Code::BadText, message));
            }
            let mut seen = std::collections::HashSet::new();
            for (at, value) in values.iter().enumerate() {
                let path = ["billable_metrics", code, "filters", key, &at.to_string()];
                if value.chars().count() > 255 {
                    report.value(&path, finding(Code::BadText, "a filter's value has at most 255 characters"));
                }
                if !seen.insert(value) {
                    report.value(&path, finding(Code::Twice, format!("`{value}` is listed twice")));
                }
            }
        }
    }
}

/// The server parses an expression only when it bills (§6.1).
fn unknown_character(text: &str) -> Option<char> {
    text.chars().find(|c| !(c.is_alphanumeric() || c.is_whitespace() || "_.+-*/()".contains(*c)))
}
