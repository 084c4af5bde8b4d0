//! What a plan costs in each currency and interval, and where it is not sold so.

use std::collections::BTreeSet;

use super::choice::{Choices, period};
use super::escape::capital;
use super::fact::{self, Fact, Line, Mark, lines};
use crate::model::{PlanCard, PriceTag};

/// What it costs in one currency and interval.
#[derive(Clone, Debug)]
pub(super) struct Price {
    /// Which choices show it.
    pub class: String,
    /// None where it is not sold so.
    pub amount: Option<Line>,
    /// `per month`; or why there is no amount.
    pub per: String,
    pub extras: Vec<Line>,
}

/// `Price changes monthly in USD; now also in MXN`: what cannot be seen at once.
pub(super) fn moved(before: &PlanCard, after: &PlanCard, choices: &Choices) -> String {
    let mut parts = Vec::new();
    for interval in &choices.intervals.options {
        let differs = |tag: &&PriceTag| {
            let was = before.prices.iter().find(|one| one.interval == tag.interval && one.currency == tag.currency);
            tag.interval == interval.value && was.is_some_and(|was| was.amount != tag.amount)
        };
        let currencies: Vec<&str> = after.prices.iter().filter(differs).map(|tag| tag.currency.as_str()).collect();
        if currencies.is_empty() {
            continue;
        }
        let of = if choices.intervals.is_needed() { interval.label.to_lowercase() } else { String::new() };
        let within =
            if choices.currencies.is_needed() { format!("in {}", currencies.join(", ")) } else { String::new() };
        parts.push(format!("{of} {within}").trim().to_owned());
    }
    parts.retain(|part| !part.is_empty());
    let mut said = Vec::new();
    if !parts.is_empty() {
        said.push(format!("price changes {}", parts.join("; ")));
    }
    said.extend(sold(before, after));
    capital(&said.join("; "))
}

/// `now also in MXN`, `no longer yearly`.
pub(super) fn sold(before: &PlanCard, after: &PlanCard) -> Vec<String> {
    if before.prices.is_empty() || after.prices.is_empty() {
        return Vec::new();
    }
    let list = |own: &BTreeSet<&str>, other: &BTreeSet<&str>| -> String {
        own.difference(other).map(|one| one.replace('_', " ")).collect::<Vec<_>>().join(", ")
    };
    let (old, new) = (currencies(before), currencies(after));
    let (was, now) = (intervals(before), intervals(after));
    let all = [
        ("now also in ", list(&new, &old)),
        ("no longer in ", list(&old, &new)),
        ("now also ", list(&now, &was)),
        ("no longer ", list(&was, &now)),
    ];
    all.into_iter().filter(|(_, what)| !what.is_empty()).map(|(words, what)| format!("{words}{what}")).collect()
}

pub(super) fn currencies(plan: &PlanCard) -> BTreeSet<&str> {
    plan.prices.iter().map(|tag| tag.currency.as_str()).collect()
}

fn intervals(plan: &PlanCard) -> BTreeSet<&str> {
    plan.prices.iter().map(|tag| tag.interval.as_str()).collect()
}

/// A price for every choice, also where there is none.
pub(super) fn prices(own: &PlanCard, other: Option<&PlanCard>, mark: Mark, choices: &Choices) -> Vec<Price> {
    let amount = |tag: &PriceTag| Fact {
        number: Some(tag.amount),
        ..Fact::new("amount", fact::money(tag.amount, &tag.currency))
    };
    let word = |plan: &PlanCard| if plan.free { "Free" } else { "No price" };
    if own.prices.is_empty() {
        let facts = |plan: &PlanCard| match plan.prices.is_empty() {
            true => vec![Fact::new("amount", word(plan))],
            false => Vec::new(),
        };
        let line = lines(&facts(own), other.map(facts).as_deref(), mark).into_iter().next();
        return vec![Price { class: String::new(), amount: line, per: String::new(), extras: Vec::new() }];
    }
    let intervals = intervals(own);
    let mut out = Vec::new();
    for (i, interval) in choices.intervals.options.iter().enumerate() {
        for (c, currency) in choices.currencies.options.iter().enumerate() {
            let mut classes = Vec::new();
            if choices.intervals.is_needed() {
                classes.push(format!("i i{i}"));
            }
            if choices.currencies.is_needed() {
                classes.push(format!("c c{c}"));
            }
            let find = |plan: &PlanCard| {
                let is = |tag: &&PriceTag| tag.interval == interval.value && tag.currency == currency.value;
                plan.prices.iter().find(is).cloned()
            };
            let there = other.map(find);
            let price = match find(own) {
                Some(tag) => {
                    let facts = |tag: &PriceTag| vec![amount(tag)];
                    let extras = |tag: &PriceTag| fact::extras(tag, intervals.len() > 1);
                    let beside = there.as_ref().map(|one| one.as_ref().map(facts).unwrap_or_default());
                    let below = there.as_ref().map(|one| one.as_ref().map(extras).unwrap_or_default());
                    Price {
                        class: classes.join(" "),
                        amount: lines(&facts(&tag), beside.as_deref(), mark).into_iter().next(),
                        per: period(&tag.interval),
                        extras: lines(&extras(&tag), below.as_deref(), mark),
                    }
                }
                None => Price {
                    class: classes.join(" "),
                    amount: None,
                    per: not_sold(own, &interval.value, &currency.value),
                    extras: elsewhere(own, &currency.value),
                },
            };
            out.push(price);
        }
    }
    out
}

fn not_sold(plan: &PlanCard, interval: &str, currency: &str) -> String {
    if plan.prices.iter().any(|tag| tag.currency == currency) {
        format!("No {} price", interval.replace('_', " "))
    } else {
        format!("Not sold in {currency}")
    }
}

/// What it costs in the same currency otherwise.
fn elsewhere(plan: &PlanCard, currency: &str) -> Vec<Line> {
    let tags = plan.prices.iter().filter(|tag| tag.currency == currency).take(4);
    let text = |tag: &PriceTag| format!("{} {}", fact::money(tag.amount, &tag.currency), period(&tag.interval));
    tags.map(|tag| Line { currency: None, text: text(tag), mark: Mark::Same, note: String::new() }).collect()
}
