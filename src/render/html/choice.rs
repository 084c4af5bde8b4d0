//! What the reader of a page can choose: one currency and one interval, for all cards at once.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::{capital, shortened};
use crate::model::{Page, Pages, PriceTag};

/// Currencies and intervals beyond these are not offered.
const MOST: usize = 24;

/// What a switch says is cut beyond this.
const LABEL: usize = 40;

/// One switch.
#[derive(Clone, Debug, Default)]
pub(super) struct Switch {
    pub options: Vec<Choice>,
}

/// One position of a switch.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// As the document writes it: `USD`, `monthly`.
    pub value: String,
    /// As people read it.
    pub label: String,
    pub checked: bool,
    /// Whether a price or a rate changes in it.
    pub changes: bool,
}

/// Both switches.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    pub currencies: Switch,
    pub intervals: Switch,
}

impl Switch {
    /// Whether there is anything to choose.
    pub(super) fn is_needed(&self) -> bool {
        self.options.len() > 1
    }

    /// Where a value stands; none where there is no choice.
    pub(super) fn position(&self, value: &str) -> Option<usize> {
        self.options.iter().position(|option| option.value == value).filter(|_| self.is_needed())
    }

    /// Whether a value is among the options.
    pub(super) fn offers(&self, value: &str) -> bool {
        self.options.iter().any(|option| option.value == value)
    }

    fn check(&mut self, changed: impl Fn(&str) -> bool) {
        for option in &mut self.options {
            option.changes = changed(&option.value);
        }
        // What is usual, unless nothing changes there and something does elsewhere.
        let wanted = match self.options.first() {
            Some(first) if !first.changes => self.options.iter().position(|option| option.changes).unwrap_or(0),
            _ => 0,
        };
        if let Some(option) = self.options.get_mut(wanted) {
            option.checked = true;
        }
    }
}

impl Choices {
    /// What the plans of both sides are sold in: the most usual first.
    pub(super) fn of(pages: &Pages) -> Self {
        let tags = |page: &'_ Page| -> Vec<PriceTag> {
            page.plans.iter().flat_map(|plan| plan.prices.iter().cloned()).collect()
        };
        let all: Vec<PriceTag> = tags(&pages.after).into_iter().chain(tags(&pages.before)).collect();
        let mut this = Self {
            currencies: Switch { options: ranked(all.iter().map(|tag| (tag.currency.as_str(), 1)), str::to_owned) },
            intervals: Switch {
                options: ranked(
                    all.iter().map(|tag| (tag.interval.as_str(), if tag.is_default { 2 } else { 1 })),
                    word,
                ),
            },
        };
        let moved = moved(pages);
        let rates = moved_rates(pages);
        this.currencies.check(|currency| moved.iter().any(|tag| tag.currency == currency) || rates.contains(currency));
        // In the currency that is shown, where something changes there.
        let shown = this.currencies.options.iter().find(|option| option.checked).map(|option| option.value.clone());
        this.intervals.check(|interval| {
            moved.iter().any(|tag| tag.interval == interval && Some(&tag.currency) == shown.as_ref())
        });
        for option in &mut this.intervals.options {
            option.changes = moved.iter().any(|tag| tag.interval == option.value);
        }
        // Chosen by use, shown short to long.
        this.intervals.options.sort_by_key(|option| length(&option.value));
        this
    }
}

/// Prices that are on one side only, or not the same on both.
fn moved(pages: &Pages) -> Vec<PriceTag> {
    let mut out = Vec::new();
    let sides = [(&pages.before, &pages.after), (&pages.after, &pages.before)];
    for (one, other) in sides {
        for plan in &one.plans {
            let there = other.plan(&plan.address);
            let same = |tag: &PriceTag| there.is_some_and(|there| there.prices.contains(tag));
            out.extend(plan.prices.iter().filter(|tag| !same(tag)).cloned());
        }
    }
    out
}

/// Currencies in which the rate of something changes that a plan has on both sides.
fn moved_rates(pages: &Pages) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for plan in &pages.after.plans {
        let Some(before) = pages.before.plan(&plan.address) else { continue };
        for item in &plan.items {
            let Some(was) = before.items.iter().find(|one| one.address == item.address) else { continue };
            let there = |currency: &str| was.rates.iter().find(|one| one.currency == currency);
            let differs = item.rates.iter().filter(|rate| there(&rate.currency).is_some_and(|was| was != *rate));
            out.extend(differs.map(|rate| rate.currency.clone()));
        }
    }
    out
}

fn ranked<'a>(values: impl Iterator<Item = (&'a str, usize)>, label: fn(&str) -> String) -> Vec<Choice> {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (at, (value, weight)) in values.enumerate() {
        found.entry(value).or_insert((0, at)).0 += weight;
    }
    let mut found: Vec<(&str, (usize, usize))> = found.into_iter().collect();
    found.sort_by_key(|(_, (weight, first))| (std::cmp::Reverse(*weight), *first));
    let choice = |(value, _): (&str, _)| Choice {
        value: value.to_owned(),
        label: shortened(&label(value), LABEL),
        checked: false,
        changes: false,
    };
    found.into_iter().take(MOST).map(choice).collect()
}

fn length(interval: &str) -> usize {
    let known = ["one_time", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly"];
    known.iter().position(|known| *known == interval).unwrap_or(known.len())
}

/// `Monthly`.
pub(super) fn word(interval: &str) -> String {
    capital(&interval.replace('_', " "))
}

/// `per month`.
pub(super) fn period(interval: &str) -> String {
    match interval {
        "daily" => "per day".into(),
        "weekly" => "per week".into(),
        "monthly" => "per month".into(),
        "quarterly" => "per quarter".into(),
        "yearly" => "per year".into(),
        "one_time" => "once".into(),
        other => shortened(&other.replace('_', " "), LABEL),
    }
}
