//! What happens to each plan, in a line: what a page begins with.

use std::collections::BTreeSet;

use super::card::{Card, Panel, State};
use super::choice::{Choices, period};
use super::fact::{Mark, distance, money};
use super::price::{currencies, sold};
use crate::model::{PlanCard, PriceTag};

/// Lines beyond these are only counted.
pub(super) const HEADLINES: usize = 12;

/// One plan or add-on that differs.
#[derive(Clone, Debug)]
pub(super) struct Headline {
    /// Which card says more.
    pub anchor: String,
    pub name: String,
    pub state: State,
    /// The old price, if the price changes.
    pub before: String,
    /// The new one.
    pub after: String,
    pub note: String,
    /// What else there is to say: `per month`, `2 more prices change`, `1 item changes`.
    pub rest: String,
}

impl Headline {
    /// A line for a card that differs.
    pub(super) fn of(
        card: &Card,
        before: Option<&PlanCard>,
        after: Option<&PlanCard>,
        choices: &Choices,
    ) -> Option<Self> {
        let mut this = Self {
            anchor: card.anchor.clone(),
            name: card.name.clone(),
            state: card.state,
            before: String::new(),
            after: String::new(),
            note: String::new(),
            rest: String::new(),
        };
        match card.state {
            State::Same => return None,
            State::Gone => {}
            State::New => {
                let tag = after.and_then(|plan| order(choices).find_map(|(i, c)| find(plan, i, c)));
                if let Some(tag) = tag {
                    this.after = money(tag.amount, &tag.currency);
                    this.rest = period(&tag.interval);
                }
            }
            State::Changed => this.changed(card, before, after, choices),
        }
        Some(this)
    }

    fn changed(&mut self, card: &Card, before: Option<&PlanCard>, after: Option<&PlanCard>, choices: &Choices) {
        let mut amount = String::new();
        let mut rest = Vec::new();
        let mut both = BTreeSet::new();
        if let (Some(before), Some(after)) = (before, after) {
            both = currencies(before).intersection(&currencies(after)).copied().collect();
            let mut moved = order(choices).filter_map(|(interval, currency)| {
                let (old, new) = (find(before, interval, currency)?, find(after, interval, currency)?);
                (old.amount != new.amount).then_some((old, new))
            });
            if let Some((old, new)) = moved.next() {
                self.before = money(old.amount, &old.currency);
                self.after = money(new.amount, &new.currency);
                self.note = distance(old.amount, new.amount);
                amount = period(&new.interval);
            }
            match moved.count() {
                0 => {}
                1 => rest.push("1 more price changes".to_owned()),
                more => rest.push(format!("{more} more prices change")),
            }
            rest.extend(sold(before, after));
        } else if let (Some(old), Some(new)) = (&card.before, &card.after) {
            let amount = |panel: &Panel| panel.prices.first().and_then(|price| price.amount.clone());
            if let (Some(old), Some(new)) = (amount(old), amount(new))
                && new.mark == Mark::Now
            {
                (self.before, self.after, self.note) = (old.text, new.text, new.note);
            }
        }
        match card.changed_rows(&both) {
            0 => {}
            1 => rest.push("1 item changes".to_owned()),
            rows => rest.push(format!("{rows} items change")),
        }
        if rest.is_empty() && self.after.is_empty() {
            rest.push("what is said about it changes".to_owned());
        }
        rest.insert(0, amount);
        rest.retain(|part| !part.is_empty());
        self.rest = rest.join("; ");
    }
}

/// What is shown first, and then all else.
fn order(choices: &Choices) -> impl Iterator<Item = (&str, &str)> {
    let mut all: Vec<(bool, &str, &str)> = Vec::new();
    for interval in &choices.intervals.options {
        for currency in &choices.currencies.options {
            all.push((!(interval.checked && currency.checked), &interval.value, &currency.value));
        }
    }
    all.sort_by_key(|(later, _, _)| *later);
    all.into_iter().map(|(_, interval, currency)| (interval, currency))
}

fn find<'a>(plan: &'a PlanCard, interval: &str, currency: &str) -> Option<&'a PriceTag> {
    plan.prices.iter().find(|tag| tag.interval == interval && tag.currency == currency)
}
