use rust_decimal::Decimal;

use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, one_of};
use crate::provider::commet::catalog::{BillingInterval, Catalog};

/// `default_price` is one of the plan's prices, and there when there is a choice (commet-api.md §3.3, §7).
pub(super) fn default_price(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        if report.is_spoiled(&["plans", code, "prices"]) || report.is_spoiled(&["plans", code, "default_price"]) {
            continue;
        }
        let words = || plan.prices.keys().map(|interval| interval.word());
        match plan.default_price {
            None if plan.prices.len() > 1 => report.key(
                &["plans", code, "prices"],
                finding(Code::DefaultPrice, format!("`{code}` has several prices and no `default_price`"))
                    .help(format!("add `default_price:` with {}", one_of(words()))),
            ),
            Some(_) if plan.prices.is_empty() => report.value(
                &["plans", code, "default_price"],
                finding(Code::DefaultPrice, "a plan without prices has no default price").help("remove it"),
            ),
            Some(interval) if !plan.prices.contains_key(&interval) => report.value(
                &["plans", code, "default_price"],
                finding(Code::DefaultPrice, format!("`{code}` has no price `{}`", interval.word()))
                    .help(format!("its prices are {}", one_of(words()).replace(" or ", " and "))),
            ),
            _ => {}
        }
    }
}

/// A free plan has no prices and no overage (commet-api.md §6).
pub(super) fn free(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in catalog.plans.iter().filter(|(_, plan)| plan.free) {
        let help = "remove it, or remove `free: true`";
        if !plan.prices.is_empty() {
            let finding = finding(Code::FreePlan, "a free plan has no prices");
            report.key(&["plans", code, "prices"], finding.help(help));
        }
        for (feature, _) in plan.features.iter().filter(|(_, feature)| feature.overage.is_some()) {
            let finding = finding(Code::FreePlan, "a free plan charges no overage");
            report.value(&["plans", code, "features", feature, "overage"], finding.help(help));
        }
        if !plan.regions.is_empty() {
            let finding = finding(Code::FreePlan, "a free plan has no prices in other currencies");
            report.key(&["plans", code, "regions"], finding.help(help));
        }
    }
}

/// A one-time price never renews, so there is nothing to try first (commet-api.md §3.3, §7).
pub(super) fn one_time(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        if plan.prices.get(&BillingInterval::OneTime).is_some_and(|price| price.trial_days > 0) {
            let finding = finding(Code::OneTimeTrial, "a one-time price has no trial");
            report.value(&["plans", code, "prices", "one_time", "trial_days"], finding.help("remove `trial_days`"));
        }
    }
}

/// Paying for longer should not cost more: often a slip of a digit.
pub(super) fn longer_interval(catalog: &Catalog, report: &mut Reporter<'_>) {
    use BillingInterval::{Monthly, Quarterly, Yearly};
    for (code, plan) in &catalog.plans {
        for (long, short, times) in [(Yearly, Monthly, 12), (Quarterly, Monthly, 3), (Yearly, Quarterly, 4)] {
            let (Some(dear), Some(base)) = (plan.prices.get(&long), plan.prices.get(&short)) else { continue };
            let limit = base.amount.decimal().checked_mul(Decimal::from(times));
            if limit.is_some_and(|limit| !limit.is_zero() && dear.amount.decimal() > limit) {
                let message = format!("{} costs more than {times} x {}", long.word(), short.word());
                let place = report.place(&["plans", code, "prices", short.word()]);
                let finding = finding(Code::DearerByTheYear, message).related(place, "the shorter one");
                report.value(&["plans", code, "prices", long.word(), "amount"], finding);
                break;
            }
        }
    }
}
