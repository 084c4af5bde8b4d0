use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding, money};
use crate::model::{Address, Currency, PriceTag};

/// Decimals, in hundredths, that prices are made to end in.
const ENDINGS: &[i64] = &[0, 49, 50, 90, 95, 97, 98, 99];

/// A base price that ends well becomes a derived price that does not. Only where customers see it.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for plan in subject.page.plans.iter().filter(|plan| plan.public) {
        let mut odd: BTreeMap<&Address, Vec<(&PriceTag, &PriceTag)>> = BTreeMap::new();
        for tag in plan.prices.iter().filter(|tag| super::is_regional(tag) && tag.derived) {
            let Some(base) = super::base(plan, &tag.interval) else { continue };
            if ends_well(base.amount, &base.currency) && !ends_well(tag.amount, &tag.currency) {
                odd.entry(&tag.address).or_default().push((tag, base));
            }
        }
        for (region, tags) in odd {
            let words: Vec<String> = tags
                .iter()
                .map(|(tag, base)| {
                    let (derived, of) = (money(tag.amount, &tag.currency), money(base.amount, &base.currency));
                    format!("{derived} {} (from {of})", tag.interval)
                })
                .collect();
            let message =
                format!("`{}` ends oddly in {}: {}", plan.address.key(), tags[0].0.currency, words.join(", "));
            let better: Vec<String> =
                tags.iter().map(|(tag, base)| format!("{}: {}", tag.interval, well_ended(tag, base))).collect();
            let help = format!("set it by hand, such as prices: {{ {} }}", better.join(", "));
            subject.say(region, &[], finding(Code::OddEnding, message).help(help), sink);
        }
    }
}

/// Whether it ends as people make prices end. Money without decimals ends in 0 or 9.
fn ends_well(amount: Decimal, currency: &str) -> bool {
    let last = |modulus: i64| (amount % Decimal::from(modulus)).normalize();
    match exponent(currency) {
        0 => [Decimal::ZERO, Decimal::from(9)].contains(&last(10)),
        _ => ENDINGS.iter().any(|ending| amount.fract() == Decimal::new(*ending, 2)),
    }
}

fn exponent(currency: &str) -> u32 {
    currency.parse::<Currency>().map_or(2, Currency::exponent)
}

/// The nearest amount that ends as the base price does.
fn well_ended(tag: &PriceTag, base: &PriceTag) -> Decimal {
    let nearest = |number: Decimal| number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    if exponent(&tag.currency) == 0 {
        let ten = Decimal::TEN;
        return nearest(tag.amount / ten) * ten;
    }
    let ending = base.amount.fract();
    let mut amount = nearest(tag.amount - ending).max(Decimal::ZERO) + ending;
    amount.rescale(2);
    amount
}
