//! One rule a file.

mod alike;
mod endings;
mod features;
mod includes;
mod intervals;
mod limits;
mod order;
mod rates;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Sink};
use crate::lint::Subject;
use crate::model::{Address, Ladder, PlanCard, PriceTag};

/// A rule and what it finds.
#[derive(Debug)]
pub struct Rule {
    /// The code of its findings.
    pub code: Code,
    /// The providers that have the concept, by name.
    pub providers: &'static [&'static str],
    /// Looks.
    pub check: fn(&Subject<'_>, &mut Sink),
}

/// Every rule, by code. Groups, regions and prices of several intervals exist in Commet only; bxb's plans have one
/// interval and one currency each, and nothing says which is an upgrade of which.
pub static RULES: &[Rule] = &[
    Rule { code: Code::LongerIntervalAbroad, providers: &["commet"], check: intervals::check },
    Rule { code: Code::IncludesLess, providers: &["commet"], check: includes::check },
    Rule { code: Code::OrderAgainstPrice, providers: &["commet"], check: order::check },
    Rule { code: Code::FarFromRate, providers: &["commet"], check: rates::check },
    Rule { code: Code::UnusedFeature, providers: &["commet", "bxb"], check: features::check },
    Rule { code: Code::LimitOfZero, providers: &["commet", "bxb"], check: limits::check },
    Rule { code: Code::OddEnding, providers: &["commet"], check: endings::check },
    Rule { code: Code::NamesAlike, providers: &["commet", "bxb"], check: alike::check },
];

/// One step up in a group.
struct Place<'a> {
    ladder: &'a Ladder,
    /// Where the plan above stands in the group.
    at: usize,
}

/// Every two neighbours of every group, the lower one first.
fn steps<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (Place<'a>, &'a PlanCard, &'a PlanCard)> + use<'a> {
    let page = subject.page;
    let plans: BTreeMap<&Address, &PlanCard> = page.plans.iter().map(|plan| (&plan.address, plan)).collect();
    page.ladders.iter().flat_map(move |ladder| {
        let cards: Vec<(usize, &PlanCard)> =
            ladder.plans.iter().enumerate().filter_map(|(at, address)| Some((at, *plans.get(address)?))).collect();
        let steps: Vec<_> =
            cards.windows(2).map(|pair| (Place { ladder, at: pair[1].0 }, pair[0].1, pair[1].1)).collect();
        steps
    })
}

/// The base prices of two plans for the intervals that both have.
fn same_interval<'a>(lower: &'a PlanCard, higher: &'a PlanCard) -> impl Iterator<Item = (&'a PriceTag, &'a PriceTag)> {
    let own = |plan: &'a PlanCard| plan.prices.iter().filter(|tag| !is_regional(tag));
    own(higher)
        .filter_map(move |dear| own(lower).find(|cheap| cheap.interval == dear.interval).map(|cheap| (cheap, dear)))
}

/// Whether a price is that of a region, and not the plan's own.
fn is_regional(tag: &PriceTag) -> bool {
    tag.address.collection() == "regions"
}

/// The plan's own price for an interval.
fn base<'a>(plan: &'a PlanCard, interval: &str) -> Option<&'a PriceTag> {
    plan.prices.iter().find(|tag| !is_regional(tag) && tag.interval == interval)
}
