use rust_decimal::{Decimal, RoundingStrategy};

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding, money};

/// A price by hand in another currency is far from what the exchange rate makes of the base price.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for plan in &subject.page.plans {
        for tag in plan.prices.iter().filter(|tag| super::is_regional(tag) && !tag.derived) {
            let Some(base) = super::base(plan, &tag.interval) else { continue };
            let rate = subject.object(&tag.address).and_then(|region| region.number("exchange_rate"));
            if let Some(words) = far(subject, (tag.amount, &tag.currency), (base.amount, &base.currency), rate) {
                let message = format!("`{}` {words}", plan.address.key());
                let path = ["prices", tag.interval.as_str(), "amount"];
                let found = finding(Code::FarFromRate, message);
                let found = found.related(subject.place(&base.address, &["amount"]), "the base price");
                subject.say(&tag.address, &path, found, sink);
            }
        }
        let regions: Vec<_> = subject.children(&plan.address, "regions").collect();
        for item in &plan.items {
            let Some((base, others)) = item.rates.split_first() else { continue };
            for other in others.iter().filter(|other| !other.derived) {
                let own = |region: &&&crate::model::Resource| region.name == other.currency;
                let Some(region) = regions.iter().find(own) else { continue };
                let rate = region.number("exchange_rate");
                if let Some(words) = far(subject, (other.amount, &other.currency), (base.amount, &base.currency), rate)
                {
                    let message = format!("one more `{}` on `{}` {words}", item.of, plan.address.key());
                    subject.say(
                        &region.address,
                        &["features", &item.of, "overage"],
                        finding(Code::FarFromRate, message),
                        sink,
                    );
                }
            }
        }
    }
}

/// The words for an amount that is too far off.
fn far(
    subject: &Subject<'_>,
    (amount, currency): (Decimal, &str),
    (base, of): (Decimal, &str),
    rate: Option<Decimal>,
) -> Option<String> {
    let wanted = base.checked_mul(rate?)?;
    if wanted.is_zero() {
        return None;
    }
    let off = amount.checked_sub(wanted)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(wanted)?;
    if off.abs() <= subject.tolerance {
        return None;
    }
    let places = currency.parse::<crate::model::Currency>().map_or(2, crate::model::Currency::exponent);
    let places = places.max(wanted.normalize().scale().min(if wanted < Decimal::ONE { 4 } else { places }));
    let rounded =
        |number: Decimal, places| number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    Some(format!(
        "costs {} in {currency}, {} % {} than {} at the exchange rate, {}",
        money(amount, currency),
        rounded(off.abs(), 0).normalize(),
        if off.is_sign_negative() { "less" } else { "more" },
        money(base, of),
        money(rounded(wanted, places), currency)
    ))
}
