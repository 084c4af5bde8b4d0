use crate::diagnostic::{Code, did_you_mean, one_of};
use crate::model::KindSpec;
use crate::provider::bxb::catalog::Catalog;
use crate::provider::bxb::table::{ADD_ON, COUPON, FEATURE, METRIC, PLAN, TAX};
use crate::provider::reporter::{Reporter, finding};

/// `ignore` names fields of the object that it stands in.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, it) in &catalog.taxes {
        fields(report, &["taxes", code], &it.ignore, TAX);
    }
    for (code, it) in &catalog.billable_metrics {
        fields(report, &["billable_metrics", code], &it.ignore, METRIC);
    }
    for (code, it) in &catalog.features {
        fields(report, &["features", code], &it.ignore, FEATURE);
    }
    for (code, it) in &catalog.plans {
        fields(report, &["plans", code], &it.ignore, PLAN);
    }
    for (code, it) in &catalog.add_ons {
        fields(report, &["add_ons", code], &it.ignore, ADD_ON);
    }
    for (code, it) in &catalog.coupons {
        fields(report, &["coupons", code], &it.ignore, COUPON);
    }
}

fn fields(report: &mut Reporter<'_>, path: &[&str], ignore: &[String], kind: &KindSpec) {
    for (at, name) in ignore.iter().enumerate() {
        if kind.field(name).is_none() {
            let known = || kind.fields.iter().map(|field| field.path);
            let finding = finding(Code::IgnoredField, format!("there is no field `{name}` to ignore here"))
                .suggest(did_you_mean(name, known()))
                .help(format!("the fields are {}", one_of(known()).replace(" or ", " and ")));
            report.value(&[path, &["ignore", &at.to_string()]].concat(), finding);
        }
    }
}
