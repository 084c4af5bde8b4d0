//! The pricing page, before and after: ladders of plans, and add-ons.

use std::collections::BTreeSet;

use super::card::{Card, NAME, State};
use super::choice::Choices;
use super::escape::shortened;
use super::headline::{HEADLINES, Headline};
use crate::model::{Address, Ladder, Page, Pages, PlanCard};

/// Cards beyond these are only counted. What changes is never cut before what does not.
const CARDS: usize = 200;
/// Prices and rates in all cards together, in every currency: what the size of the file comes from.
const NUMBERS: usize = 20_000;

/// The pricing page.
#[derive(Clone, Debug, Default)]
pub(super) struct PageView {
    pub choices: Choices,
    pub sections: Vec<Section>,
    pub add_ons: Vec<Card>,
    /// How many plans and add-ons are not shown.
    pub left_out: usize,
    /// What differs, a line each.
    pub headlines: Vec<Headline>,
    /// Lines that are not shown.
    pub more_headlines: usize,
}

/// Plans that one can move between; or all others.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub title: String,
    pub address: String,
    pub badges: Vec<&'static str>,
    /// The ladder, low to high, where it is one.
    pub before: Vec<Step>,
    /// Empty where it is as before.
    pub after: Vec<Step>,
    pub cards: Vec<Card>,
}

/// One step of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub name: String,
}

impl PageView {
    /// Everything that the pages say.
    pub(super) fn of(pages: &Pages) -> Self {
        let choices = Choices::of(pages);
        let shown = chosen(pages, &choices);
        let mut this = Self { left_out: total(pages).saturating_sub(shown.len()), ..Self::default() };
        let mut seen: BTreeSet<Address> = BTreeSet::new();
        for address in ladders(pages) {
            let find = |page: &'_ Page| page.ladders.iter().find(|one| one.address == address).cloned();
            let (before, after) = (find(&pages.before), find(&pages.after));
            this.sections.extend(section(pages, before.as_ref(), after.as_ref(), &shown, &choices, &mut seen));
        }
        let others: Vec<Address> =
            union(pages.after.plans.iter().map(|plan| &plan.address), &pages.before.plans, |plan| &plan.address);
        let cards: Vec<Card> = others
            .iter()
            .filter(|address| shown.contains(*address) && !seen.contains(*address))
            .filter_map(|address| Card::plan(pages.before.plan(address), pages.after.plan(address), &choices))
            .collect();
        if !cards.is_empty() {
            this.sections.push(Section {
                title: if this.sections.is_empty() { "Plans" } else { "Plans in no group" }.to_owned(),
                address: String::new(),
                badges: Vec::new(),
                before: Vec::new(),
                after: Vec::new(),
                cards,
            });
        }
        let add_ons =
            union(pages.after.add_ons.iter().map(|one| &one.address), &pages.before.add_ons, |one| &one.address);
        for address in add_ons.iter().filter(|address| shown.contains(*address)) {
            let find = |page: &'_ Page| page.add_ons.iter().find(|one| one.address == *address).cloned();
            this.add_ons.extend(Card::add_on(find(&pages.before).as_ref(), find(&pages.after).as_ref()));
        }
        this.choices = choices;
        this.name(pages);
        this
    }

    /// Gives every card its anchor, and those that differ a line.
    fn name(&mut self, pages: &Pages) {
        let cards = self.sections.iter_mut().flat_map(|section| &mut section.cards).chain(&mut self.add_ons);
        for (at, card) in cards.enumerate() {
            card.anchor = format!("p{at}");
            let plan = |page: &'_ Page| page.plans.iter().find(|plan| plan.address == card.of).cloned();
            let (before, after) = (plan(&pages.before), plan(&pages.after));
            let line = Headline::of(card, before.as_ref(), after.as_ref(), &self.choices);
            self.headlines.extend(line);
        }
        self.more_headlines = self.headlines.len().saturating_sub(HEADLINES);
        self.headlines.truncate(HEADLINES);
    }

    /// Whether there is anything to see.
    pub(super) fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.add_ons.is_empty()
    }

    /// Plans and add-ons that are shown and differ.
    pub(super) fn differing(&self) -> usize {
        let cards = self.sections.iter().flat_map(|section| &section.cards).chain(&self.add_ons);
        cards.filter(|card| card.state != State::Same).count()
    }
}

fn section(
    pages: &Pages,
    before: Option<&Ladder>,
    after: Option<&Ladder>,
    shown: &BTreeSet<Address>,
    choices: &Choices,
    seen: &mut BTreeSet<Address>,
) -> Option<Section> {
    let named = after.or(before)?;
    let steps = |ladder: Option<&Ladder>, page: &Page| -> Vec<Step> {
        let plans = ladder.map(|ladder| ladder.plans.as_slice()).unwrap_or_default();
        let step = |address: &Address| {
            let name = page.plan(address).map_or_else(|| address.key(), |plan| plan.name.as_str());
            Step { name: shortened(name, NAME) }
        };
        plans.iter().map(step).collect()
    };
    let (old, new) = (steps(before, &pages.before), steps(after, &pages.after));
    let mut cards = Vec::new();
    let mut add = |address: &Address, step: Option<usize>| {
        if !shown.contains(address) || !seen.insert(address.clone()) {
            return;
        }
        let card = Card::plan(pages.before.plan(address), pages.after.plan(address), choices);
        cards.extend(card.map(|card| Card { step, ..card }));
    };
    let now = after.map(|ladder| ladder.plans.as_slice()).unwrap_or_default();
    for (at, address) in now.iter().enumerate() {
        add(address, Some(at + 1));
    }
    for address in before.iter().flat_map(|ladder| &ladder.plans).filter(|address| !now.contains(address)) {
        add(address, None);
    }
    let mut badges = Vec::new();
    match (before, after) {
        (None, Some(_)) => badges.push("New group"),
        (Some(_), None) => badges.push("Group removed"),
        (Some(before), Some(after)) if before.public && !after.public => badges.push("Hidden from now on"),
        (Some(before), Some(after)) if !before.public && after.public => badges.push("Shown from now on"),
        _ => {}
    }
    if badges.is_empty() && !named.public {
        badges.push("Hidden");
    }
    Some(Section {
        title: shortened(&named.name, NAME),
        address: shortened(&named.address.to_string(), NAME),
        badges,
        after: if old == new { Vec::new() } else { new },
        before: old,
        cards,
    })
    .filter(|section| !section.cards.is_empty())
}

/// Every ladder: those that customers see first.
fn ladders(pages: &Pages) -> Vec<Address> {
    let mut all = union(pages.after.ladders.iter().map(|one| &one.address), &pages.before.ladders, |one| &one.address);
    let public = |address: &Address| {
        let find = |page: &'_ Page| page.ladders.iter().find(|one| one.address == *address).map(|one| one.public);
        find(&pages.after).or_else(|| find(&pages.before)).unwrap_or(true)
    };
    all.sort_by_key(|address| !public(address));
    all
}

/// The addresses of one side, and then those that only the other has.
fn union<'a, T>(
    first: impl Iterator<Item = &'a Address>,
    second: &'a [T],
    address: impl Fn(&'a T) -> &'a Address,
) -> Vec<Address> {
    let mut out: Vec<Address> = first.cloned().collect();
    let known: BTreeSet<Address> = out.iter().cloned().collect();
    out.extend(second.iter().map(address).filter(|one| !known.contains(*one)).cloned());
    out
}

fn total(pages: &Pages) -> usize {
    let plans = union(pages.after.plans.iter().map(|one| &one.address), &pages.before.plans, |one| &one.address);
    let add_ons = union(pages.after.add_ons.iter().map(|one| &one.address), &pages.before.add_ons, |one| &one.address);
    plans.len() + add_ons.len()
}

/// Which plans and add-ons are shown: what changes first, as many as there is room for.
fn chosen(pages: &Pages, choices: &Choices) -> BTreeSet<Address> {
    let combinations = choices.currencies.options.len().max(1) * choices.intervals.options.len().max(1);
    let numbers = |plan: Option<&PlanCard>| {
        plan.map_or(0, |plan| combinations + plan.items.iter().map(|item| item.rates.len().max(1)).sum::<usize>())
    };
    let mut rows: Vec<(bool, Address, usize)> = Vec::new();
    for address in union(pages.after.plans.iter().map(|one| &one.address), &pages.before.plans, |one| &one.address) {
        let (before, after) = (pages.before.plan(&address), pages.after.plan(&address));
        let same = before == after;
        let cost = numbers(after) + if same { 0 } else { numbers(before) };
        rows.push((same, address, cost));
    }
    for address in union(pages.after.add_ons.iter().map(|one| &one.address), &pages.before.add_ons, |one| &one.address)
    {
        let find = |page: &'_ Page| page.add_ons.iter().find(|one| one.address == address).cloned();
        rows.push((find(&pages.before) == find(&pages.after), address, 2));
    }
    rows.sort_by_key(|(same, _, _)| *same);
    let mut room = NUMBERS;
    let fits = |(_, address, cost): (bool, Address, usize)| {
        room = room.checked_sub(cost)?;
        Some(address)
    };
    rows.into_iter().take(CARDS).map_while(fits).collect()
}
