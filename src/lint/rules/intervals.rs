use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding, money};
use crate::model::{Address, MarketTag, PlanCard, PriceTag};

/// A longer interval, the shorter one, and how often that fits.
const PAIRS: &[(&str, &str, u32)] =
    &[("yearly", "monthly", 12), ("quarterly", "monthly", 3), ("yearly", "quarterly", 4)];

/// In one currency a year costs more than twelve months, although in the base currency it does not.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for plan in &subject.page.plans {
        for (region, tags) in regions(plan) {
            let Some((long, short, times)) = PAIRS.iter().find_map(|(long, short, times)| {
                let (long, short) = (tags.get(long)?, tags.get(short)?);
                let by_hand = !long.derived || !short.derived;
                (by_hand && dearer(long, short, *times) && !dearer_at_home(plan, long, short, *times))
                    .then_some((long, short, times))
            }) else {
                continue;
            };
            let message = format!(
                "in {} `{}` costs {} {}, more than {times} x {} {}",
                long.currency,
                plan.address.key(),
                money(long.amount, &long.currency),
                long.interval,
                money(short.amount, &short.currency),
                short.interval
            );
            let (own, other) = if long.derived { (short, long) } else { (long, short) };
            let derived = |tag: &PriceTag| format!("the {} price is derived from the exchange rate", tag.interval);
            let found = finding(Code::LongerIntervalAbroad, message);
            let found = if other.derived { found.help(derived(other)) } else { found };
            subject.say(region, &["prices", &own.interval], found, sink);
        }
        markets(subject, plan, sink);
    }
}

/// The same in a market.
fn markets(subject: &Subject<'_>, plan: &PlanCard, sink: &mut Sink) {
    for long in &plan.market_prices {
        let pairs = PAIRS.iter().filter(|(interval, ..)| *interval == long.interval);
        let dearer = pairs.filter_map(|(_, short, times)| {
            let there = |tag: &&MarketTag| {
                tag.interval == *short
                    && (&tag.of, &tag.variant, &tag.currency) == (&long.of, &long.variant, &long.currency)
            };
            let short = plan.market_prices.iter().find(there)?;
            let limit = short.amount.checked_mul(Decimal::from(*times))?;
            (!limit.is_zero() && long.amount > limit).then_some((short, times))
        });
        for (short, times) in dearer.take(1) {
            let message = format!(
                "in {} `{}` costs {} {}, more than {times} x {} {}",
                long.place(),
                plan.address.key(),
                money(long.amount, &long.currency),
                long.interval,
                money(short.amount, &short.currency),
                short.interval
            );
            subject.say(&long.address, &["markets"], finding(Code::LongerIntervalAbroad, message), sink);
        }
    }
}

fn dearer(long: &PriceTag, short: &PriceTag, times: u32) -> bool {
    let limit = short.amount.checked_mul(Decimal::from(times));
    limit.is_some_and(|limit| !limit.is_zero() && long.amount > limit)
}

fn dearer_at_home(plan: &PlanCard, long: &PriceTag, short: &PriceTag, times: u32) -> bool {
    match (super::base(plan, &long.interval), super::base(plan, &short.interval)) {
        (Some(long), Some(short)) => dearer(long, short, times),
        _ => false,
    }
}

/// The prices of each region, by interval.
fn regions(plan: &PlanCard) -> BTreeMap<&Address, BTreeMap<&str, &PriceTag>> {
    let mut regions: BTreeMap<&Address, BTreeMap<&str, &PriceTag>> = BTreeMap::new();
    for tag in plan.prices.iter().filter(|tag| super::is_regional(tag)) {
        regions.entry(&tag.address).or_default().insert(&tag.interval, tag);
    }
    regions
}
