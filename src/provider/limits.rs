//! Whether a number fits what an API counts it in. The same for every provider; the limits are the provider's own.

use std::fmt;

use rust_decimal::Decimal;

use crate::diagnostic::Code;
use crate::model::Currency;
use crate::provider::reporter::{Reporter, finding};

/// The largest whole number that JSON carries exactly: 2^53-1.
pub(in crate::provider) const SAFE: u64 = (1 << 53) - 1;
/// The largest 32-bit whole number.
pub(in crate::provider) const INT32: u64 = i32::MAX as u64;

/// An amount in major units. `most` counts in the currency's minor units.
pub(in crate::provider) fn money(
    report: &mut Reporter<'_>,
    path: &[&str],
    amount: Decimal,
    currency: Currency,
    most: u64,
) {
    scaled(report, path, amount, currency.exponent(), most, format_args!("an amount in {currency}"));
}

/// A number with a fixed count of decimals. `most` counts in units of the last decimal.
pub(in crate::provider) fn scaled(
    report: &mut Reporter<'_>,
    path: &[&str],
    number: Decimal,
    decimals: u32,
    most: u64,
    what: fmt::Arguments<'_>,
) {
    let number = number.normalize();
    if number.scale() > decimals {
        let holds = if decimals == 0 { "no decimals".to_owned() } else { format!("at most {decimals} decimals") };
        let message = format!("{what} has {holds}, {number} has {}", number.scale());
        report
            .value(path, finding(Code::Decimals, message).help("nothing is rounded silently; write the exact number"));
    } else if number.checked_mul(Decimal::from(10_u64.pow(decimals))).is_none_or(|units| units > Decimal::from(most)) {
        report.value(path, finding(Code::OutOfRange, format!("{number} is larger than the API can count")));
    }
}

/// A whole number.
pub(in crate::provider) fn count(report: &mut Reporter<'_>, path: &[&str], number: u64, most: u64) {
    if number > most {
        report.value(path, finding(Code::OutOfRange, format!("{number} is larger than {most}")));
    }
}
