use rust_decimal::Decimal;

use crate::diagnostic::Code;
use crate::model::Currency;
use crate::provider::bxb::catalog::Catalog;
use crate::provider::limits::{INT32, SAFE, count, money, scaled};
use crate::provider::reporter::{Reporter, finding};

/// Below 100,000,000 cents: a larger amount is a bare 500 (bxb-api.md §2).
const DECIMAL_CENTS: u64 = 99_999_999;
/// A tax is a fraction below 10: 999.99 % (§6.9).
const TAX: u64 = 99_999;

/// Numbers fit the server's columns, and currencies are currencies: it takes any three characters (bxb-api.md §2, §5).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, tax) in &catalog.taxes {
        scaled(report, &["taxes", code, "rate"], tax.rate.decimal(), 2, TAX, format_args!("a tax"));
    }
    for (code, plan) in &catalog.plans {
        let at = |field| ["plans", code, field];
        count(report, &at("trial_period_days"), plan.trial_period_days, INT32);
        let Some(currency) = currency(report, &at("currency"), &plan.currency) else { continue };
        money(report, &at("amount"), plan.amount.decimal(), currency, INT32);
        for (number, commitment) in plan.commitments.iter().enumerate() {
            let path = ["plans", code, "commitments", &number.to_string(), "amount"];
            money(report, &path, commitment.amount.decimal(), currency, DECIMAL_CENTS);
        }
        for (number, threshold) in plan.usage_thresholds.iter().enumerate() {
            let path = ["plans", code, "usage_thresholds", &number.to_string(), "amount"];
            money(report, &path, threshold.amount.decimal(), currency, DECIMAL_CENTS);
        }
        for (key, charge) in &plan.charges {
            let path = ["plans", code, "charges", key];
            properties(report, &path, &charge.properties());
            for (filter, values) in &charge.filters {
                for (value, other) in values {
                    properties(report, &[&path[..], &["filters", filter, value]].concat(), &other.properties());
                }
            }
        }
    }
    for (code, add_on) in &catalog.add_ons {
        if let Some(currency) = currency(report, &["add_ons", code, "currency"], &add_on.currency) {
            money(report, &["add_ons", code, "amount"], add_on.amount.decimal(), currency, DECIMAL_CENTS);
        }
    }
    for (code, coupon) in &catalog.coupons {
        let at = |field| ["coupons", code, field];
        let word = coupon.currency.as_deref().unwrap_or("USD");
        if let (Some(currency), Some(amount)) = (currency(report, &at("currency"), word), coupon.amount) {
            money(report, &at("amount"), amount.decimal(), currency, DECIMAL_CENTS);
        }
        if let Some(rate) = coupon.rate {
            scaled(report, &at("rate"), rate.decimal(), 2, SAFE, format_args!("a coupon's rate"));
        }
        if let Some(duration) = coupon.duration {
            count(report, &at("duration"), duration, INT32);
        }
    }
}

/// Amounts in properties keep all their decimals; what can be larger than a number of ours is refused.
fn properties(report: &mut Reporter<'_>, path: &[&str], own: &crate::provider::bxb::charges::Properties<'_>) {
    for (name, value) in &own.simple {
        if value.number().is_some_and(|number| number > Decimal::from(SAFE)) {
            let message = "this number is larger than can be billed exactly";
            report.value(&[path, &[*name]].concat(), finding(Code::OutOfRange, message));
        }
    }
}

/// `usd` and `USD` are two currencies to the server (§10, 18).
fn currency(report: &mut Reporter<'_>, path: &[&str], word: &str) -> Option<Currency> {
    let found = word.parse::<Currency>().ok();
    match found {
        Some(currency) if currency.code() == word => Some(currency),
        Some(currency) => {
            let finding = finding(Code::BadCurrency, format!("`{word}` is not written as a currency code"));
            report.value(path, finding.suggest(currency.code()));
            None
        }
        None => {
            let finding = finding(Code::BadCurrency, format!("`{word}` is not a currency"));
            report.value(path, finding.help("write an ISO 4217 code, such as EUR"));
            None
        }
    }
}
