//! One plan or add-on: before and after, side by side.

use std::collections::BTreeSet;

use super::choice::{Choices, word};
use super::escape::shortened;
use super::fact::{self, Fact, Line, Mark, lines};
use super::price::{Price, currencies, moved, prices};
use crate::model::{AddOnCard, Address, Item, MarketTag, PlanCard, Term};

/// Names and addresses are cut beyond this.
pub(super) const NAME: usize = 80;
/// Descriptions and values are cut beyond this.
pub(super) const TEXT: usize = 280;
/// Rows of a card beyond these are only counted.
const ROWS: usize = 40;

/// A plan or add-on.
#[derive(Clone, Debug)]
pub(super) struct Card {
    /// What it is of.
    pub of: Address,
    /// Its name inside of the page.
    pub anchor: String,
    /// Its place in the ladder.
    pub step: Option<usize>,
    pub name: String,
    /// What it was called, if it is called something else.
    pub was: String,
    pub address: String,
    pub state: State,
    /// Words beside the name: `hidden`.
    pub badges: Vec<&'static str>,
    pub before: Option<Panel>,
    pub after: Option<Panel>,
    /// Which prices change, where not all can be seen at once.
    pub moved: String,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Same,
    Changed,
    New,
    Gone,
}

/// One side.
#[derive(Clone, Debug, Default)]
pub(super) struct Panel {
    pub prices: Vec<Price>,
    pub description: Option<Line>,
    pub rows: Vec<Row>,
    /// Rows that are not shown.
    pub more: usize,
}

/// One item or term.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub label: String,
    pub mark: Mark,
    pub lines: Vec<Shown>,
}

/// A line with the choices that show it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub class: String,
    pub line: Line,
}

impl State {
    fn of(before: bool, after: bool, same: bool) -> Self {
        match (before, after) {
            (true, true) if same => Self::Same,
            (true, true) => Self::Changed,
            (false, _) => Self::New,
            (true, false) => Self::Gone,
        }
    }

    /// In words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Same => "Unchanged",
            Self::Changed => "Changed",
            Self::New => "New",
            Self::Gone => "No longer sold",
        }
    }

    /// As a class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

impl Mark {
    pub(super) fn is_was(self) -> bool {
        self == Self::Was
    }

    pub(super) fn is_now(self) -> bool {
        self == Self::Now
    }
}

impl Card {
    /// The side that says everything where nothing changes.
    pub(super) fn only(&self) -> Option<&Panel> {
        self.after.as_ref().filter(|_| self.state == State::Same)
    }

    /// Items and terms that are not the same on both sides; that a currency comes or goes is no change of theirs.
    pub(super) fn changed_rows(&self, both: &BTreeSet<&str>) -> usize {
        let counts = |line: &Line| line.currency.as_deref().is_none_or(|currency| both.contains(currency));
        let differs = |row: &Row| {
            let mut lines = row.lines.iter().map(|one| &one.line);
            row.mark != Mark::Same || lines.any(|line| line.mark != Mark::Same && counts(line))
        };
        let rows = |panel: Option<&Panel>| -> BTreeSet<usize> {
            let rows = panel.map(|panel| panel.rows.as_slice()).unwrap_or_default();
            rows.iter().enumerate().filter(|(_, row)| differs(row)).map(|(at, _)| at).collect()
        };
        // A row stands in the same place on both sides.
        rows(self.before.as_ref()).union(&rows(self.after.as_ref())).count()
    }

    /// A plan that is on one side at least.
    pub(super) fn plan(before: Option<&PlanCard>, after: Option<&PlanCard>, choices: &Choices) -> Option<Self> {
        let named = after.or(before)?;
        let mut badges = Vec::new();
        match (before.map(|plan| plan.public), after.map(|plan| plan.public)) {
            (_, Some(false)) if before.is_some_and(|plan| plan.public) => badges.push("Hidden from now on"),
            (Some(false), Some(true)) => badges.push("Shown from now on"),
            (_, Some(false)) | (Some(false), None) => badges.push("Hidden"),
            _ => {}
        }
        let panel = |own: Option<&PlanCard>, other: Option<&PlanCard>, mark: Mark| {
            own.map(|own| Panel::plan(own, other, mark, choices))
        };
        Some(Self {
            of: named.address.clone(),
            anchor: String::new(),
            step: None,
            name: shortened(&named.name, NAME),
            was: renamed(before.map(|plan| &plan.name), after.map(|plan| &plan.name)),
            address: shortened(&named.address.to_string(), NAME),
            state: State::of(before.is_some(), after.is_some(), before == after),
            badges,
            before: panel(before, after, Mark::Was),
            after: panel(after, before, Mark::Now),
            moved: before.zip(after).map(|(before, after)| moved(before, after, choices)).unwrap_or_default(),
        })
    }

    /// An add-on that is on one side at least.
    pub(super) fn add_on(before: Option<&AddOnCard>, after: Option<&AddOnCard>) -> Option<Self> {
        let named = after.or(before)?;
        let panel = |own: Option<&AddOnCard>, other: Option<&AddOnCard>, mark: Mark| {
            own.map(|own| Panel::add_on(own, other, mark))
        };
        Some(Self {
            of: named.address.clone(),
            anchor: String::new(),
            step: None,
            name: shortened(&named.name, NAME),
            was: renamed(before.map(|one| &one.name), after.map(|one| &one.name)),
            address: shortened(&named.address.to_string(), NAME),
            state: State::of(before.is_some(), after.is_some(), before == after),
            badges: Vec::new(),
            before: panel(before, after, Mark::Was),
            after: panel(after, before, Mark::Now),
            moved: String::new(),
        })
    }
}

fn renamed(before: Option<&String>, after: Option<&String>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before != after => shortened(before, NAME),
        _ => String::new(),
    }
}

impl Panel {
    fn plan(own: &PlanCard, other: Option<&PlanCard>, mark: Mark, choices: &Choices) -> Self {
        let mut this = Self {
            prices: prices(own, other, mark, choices),
            description: description(own.description.as_deref(), other.map(|other| other.description.as_deref()), mark),
            ..Self::default()
        };
        for (address, label) in keys(&items(own), other.map(items).as_deref(), mark) {
            let find = |plan: &PlanCard| {
                plan.items.iter().find(|item| item.address == address).map(|item| item_facts(item, plan))
            };
            this.row(label, find(own), other.map(find), mark, choices);
        }
        for (address, label) in keys(&markets(own), other.map(markets).as_deref(), mark) {
            let find = |plan: &PlanCard| {
                let found = plan.market_prices.iter().find(|tag| place(tag) == address);
                found.map(|tag| {
                    vec![Fact {
                        number: Some(tag.amount),
                        ..Fact::new(&tag.currency, fact::money(tag.amount, &tag.currency))
                    }]
                })
            };
            this.row(label, find(own), other.map(find), mark, choices);
        }
        for (address, label) in keys(&terms(own), other.map(terms).as_deref(), mark) {
            let find = |plan: &PlanCard| {
                let found = plan.terms.iter().find(|term| term.address == address);
                found.map(|term| fact::term(term, currency(plan)))
            };
            this.row(label, find(own), other.map(find), mark, choices);
        }
        this.cut();
        this
    }

    fn add_on(own: &AddOnCard, other: Option<&AddOnCard>, mark: Mark) -> Self {
        let amount = |one: &AddOnCard| Fact {
            number: Some(one.amount),
            ..Fact::new("amount", fact::money(one.amount, &one.currency))
        };
        let shown = lines(&[amount(own)], other.map(|other| vec![amount(other)]).as_deref(), mark);
        let mut this = Self {
            prices: vec![Price {
                class: String::new(),
                amount: shown.into_iter().next(),
                per: String::new(),
                extras: Vec::new(),
            }],
            description: description(own.description.as_deref(), other.map(|other| other.description.as_deref()), mark),
            ..Self::default()
        };
        let facts = |one: &AddOnCard| one.item.as_ref().map(|item| fact::item(item, &one.currency, false));
        if let Some(item) = own.item.as_ref().or(other.and_then(|other| other.item.as_ref())) {
            this.row(item.name.clone(), facts(own), other.map(facts), mark, &Choices::default());
        }
        this
    }

    /// One row, in the same place on both sides.
    fn row(
        &mut self,
        label: String,
        own: Option<Vec<Fact>>,
        other: Option<Option<Vec<Fact>>>,
        mark: Mark,
        choices: &Choices,
    ) {
        let whole = match (&own, &other) {
            (Some(_), Some(None)) => mark,
            _ => Mark::Same,
        };
        let other = other.flatten().filter(|_| whole == Mark::Same);
        let shown = own.map(|own| lines(&own, other.as_deref(), mark)).unwrap_or_default();
        let lines = shown.into_iter().filter_map(|line| {
            let class = match &line.currency {
                // A currency beyond those that can be chosen.
                Some(currency) if !choices.currencies.offers(currency) => return None,
                Some(currency) => choices.currencies.position(currency).map(|at| format!("c c{at}")),
                None => None,
            };
            let line = Line { text: shortened(&line.text, TEXT), ..line };
            Some(Shown { class: class.unwrap_or_default(), line })
        });
        self.rows.push(Row { label: shortened(&label, NAME), mark: whole, lines: lines.collect() });
    }

    /// What differs is never cut before what does not.
    fn cut(&mut self) {
        self.more = self.rows.len().saturating_sub(ROWS);
        if self.more == 0 {
            return;
        }
        let differs = |row: &Row| row.mark != Mark::Same || row.lines.iter().any(|one| one.line.mark != Mark::Same);
        let mut same = ROWS.saturating_sub(self.rows.iter().filter(|row| differs(row)).count());
        self.rows.retain(|row| {
            let kept = differs(row) || same > 0;
            same = same.saturating_sub(usize::from(kept && !differs(row)));
            kept
        });
        self.rows.truncate(ROWS);
    }
}

/// The plan's own currency, for what is charged in no other.
fn currency(plan: &PlanCard) -> &str {
    plan.prices.first().map_or("USD", |tag| &tag.currency)
}

fn item_facts(item: &Item, plan: &PlanCard) -> Vec<Fact> {
    let rates: BTreeSet<&str> = item.rates.iter().map(|rate| rate.currency.as_str()).collect();
    fact::item(item, currency(plan), rates.union(&currencies(plan)).count() > 1)
}

fn items(plan: &PlanCard) -> Vec<(Address, String)> {
    plan.items.iter().map(|item| (item.address.clone(), item.name.clone())).collect()
}

/// Prices in markets, each with what it is called: `Argentina, monthly`.
fn markets(plan: &PlanCard) -> Vec<(Address, String)> {
    plan.market_prices.iter().map(|tag| (place(tag), format!("{}, {}", tag.place(), tag.interval))).collect()
}

/// Where a price in a market stands: the same on both sides.
fn place(tag: &MarketTag) -> Address {
    tag.address.child("markets", &tag.of)
}

fn terms(plan: &PlanCard) -> Vec<(Address, String)> {
    let label = |term: &Term| match term.address.parent().filter(|parent| *parent != plan.address) {
        Some(part) => format!("{} on {}", word(&term.label), part.key()),
        None => word(&term.label),
    };
    plan.terms.iter().map(|term| (term.address.clone(), label(term))).collect()
}

/// What both sides have, in one order for both: that of the side after, and then what only the side before has.
fn keys(own: &[(Address, String)], other: Option<&[(Address, String)]>, mark: Mark) -> Vec<(Address, String)> {
    let (first, second) = match (mark, other) {
        (_, None) => return own.to_vec(),
        (Mark::Was, Some(other)) => (other, own),
        (_, Some(other)) => (own, other),
    };
    let only = second.iter().filter(|(address, _)| first.iter().all(|(known, _)| known != address));
    first.iter().chain(only).cloned().collect()
}

fn description(own: Option<&str>, other: Option<Option<&str>>, mark: Mark) -> Option<Line> {
    let fact = |text: &str| vec![Fact::new("description", shortened(text.trim(), TEXT))];
    let other = other.map(|other| other.map(fact).unwrap_or_default());
    lines(&fact(own?), other.as_deref(), mark).into_iter().next()
}
