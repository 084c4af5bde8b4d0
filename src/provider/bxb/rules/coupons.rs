use rust_decimal::Decimal;

use crate::diagnostic::Code;
use crate::provider::bxb::catalog::{Catalog, CouponType, Expiration, Frequency};
use crate::provider::instant;
use crate::provider::reporter::{Reporter, finding};

/// What a coupon needs and what contradicts it (bxb-api.md §6.8). The server checks none of it, and nothing of it can
/// be changed later.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, coupon) in &catalog.coupons {
        let at = |field| ["coupons", code.as_str(), field];
        let fixed = coupon.coupon_type == CouponType::FixedAmount;
        let recurring = coupon.frequency == Frequency::Recurring;
        let limited = coupon.expiration == Some(Expiration::TimeLimit);
        let kind = coupon.coupon_type.word();
        let needs = [
            (fixed, coupon.amount.is_some(), "amount", kind),
            (!fixed, coupon.rate.is_some(), "rate", kind),
            (recurring, coupon.duration.is_some(), "duration", "recurring"),
            (limited, coupon.expiration_at.is_some(), "expiration_at", "time_limit"),
        ];
        for (wanted, present, field, why) in needs {
            if wanted && !present && !report.is_spoiled(&at(field)) {
                let message = format!("a coupon with {why} needs `{field}`");
                report.key(&["coupons", code], finding(Code::CouponFields, message));
            }
        }
        let unlimited = coupon.expiration == Some(Expiration::NoExpiration);
        let excludes = [
            (!fixed, coupon.amount.is_some(), "amount", kind),
            (!fixed, coupon.currency.is_some(), "currency", kind),
            (fixed, coupon.rate.is_some(), "rate", kind),
            (!recurring, coupon.duration.is_some(), "duration", coupon.frequency.word()),
            (unlimited, coupon.expiration_at.is_some(), "expiration_at", "no_expiration"),
        ];
        for (unwanted, present, field, why) in excludes {
            if unwanted && present {
                report.value(&at(field), finding(Code::CouponFields, format!("a coupon with {why} has no `{field}`")));
            }
        }
        if coupon.duration == Some(0) {
            report
                .value(&at("duration"), finding(Code::CouponFields, "a coupon lasts for one billing period at least"));
        }
        if let Some(rate) = coupon.rate.filter(|rate| rate.decimal() > Decimal::ONE_HUNDRED || rate.decimal().is_zero())
        {
            let message = format!("a coupon takes off more than 0 % and at most 100 %, not {}", rate.decimal());
            report.value(&at("rate"), finding(Code::CouponFields, message));
        }
        if let Some(text) = coupon.expiration_at.as_deref()
            && instant::normalized(text).is_none()
        {
            let finding = finding(Code::BadMoment, "this is neither a date nor a moment");
            report.value(&at("expiration_at"), finding.help("write it like 2030-01-31 or 2030-01-31T18:00:00+01:00"));
        }
    }
}
