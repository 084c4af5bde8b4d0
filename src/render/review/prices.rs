//! A table of prices before and after for each plan in which one moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::changeset::{ChangeDoc, Document};
use crate::diff::Action;
use crate::model::{Address, Currency, Item, MarketTag, Pages, PlanCard, PriceTag, RateTag, grouped};
use crate::render::markdown::{cell, code, label};
use crate::render::review::{Facts, Room, changes, lines};

/// One plan whose prices differ.
pub(super) struct Table<'d> {
    pub(super) address: &'d Address,
    before: Option<&'d PlanCard>,
    after: &'d PlanCard,
}

/// The plans in which a price moves or that are new, low to high where a group says so. One that is deleted has no table.
pub(super) fn plans<'d>(document: &'d Document, before: &BTreeMap<&'d Address, &'d PlanCard>) -> Vec<Table<'d>> {
    let Some(Pages { after, .. }) = &document.page else { return Vec::new() };
    let by_address: BTreeMap<&Address, &PlanCard> = after.plans.iter().map(|plan| (&plan.address, plan)).collect();
    let shown_first = after.ladders.iter().filter(|ladder| ladder.public);
    let ladders = shown_first.chain(after.ladders.iter().filter(|ladder| !ladder.public));
    let on_ladders = ladders.flat_map(|ladder| &ladder.plans).filter_map(|address| by_address.get(address).copied());
    let mut seen: BTreeSet<&Address> = BTreeSet::new();
    let mut tables = Vec::new();
    for plan in on_ladders.chain(&after.plans) {
        let old = before.get(&plan.address).copied();
        let same = old.is_some_and(|old| {
            let markets = old.market_prices.iter().zip(&plan.market_prices);
            old.prices == plan.prices
                && old.market_prices.len() == plan.market_prices.len()
                && markets.into_iter().all(|(old, new)| old.same_price(new))
        });
        if seen.insert(&plan.address) && !same {
            tables.push(Table { address: &plan.address, before: old, after: plan });
        }
    }
    tables
}

/// The tables, and under each what else changes in its plan.
pub(super) fn write(facts: &Facts<'_>, room: &Room, out: &mut String) {
    let tables = &facts.tables;
    if tables.is_empty() {
        return;
    }
    out.push_str("#### Prices\n\n");
    for table in tables.iter().take(room.tables) {
        table.write(room, out);
        let inside = facts.inside.get(table.address).into_iter().flatten();
        let inside = inside.filter(|change| !(table.before.is_none() && table.says(&change.address)));
        let said: Vec<String> = inside.flat_map(|change| changes::small(facts, change, room, true)).collect();
        lines(&said, room.small.max(1), "changes in this plan", out);
        if !said.is_empty() {
            out.push('\n');
        }
        table.items(room, out);
    }
    if let Some(more) = tables.len().checked_sub(room.tables).filter(|more| *more > 0) {
        let _ = writeln!(out, "… and the prices of {more} more plans\n");
    }
}

/// `, $19.00 monthly` of a plan that goes.
pub(super) fn was(facts: &Facts<'_>, change: &ChangeDoc) -> String {
    let Some(plan) = facts.before.get(&change.address) else { return String::new() };
    let gone = change.action == Action::Delete;
    let tags = plan.prices.iter().filter(|tag| !tag.derived && gone).take(3);
    tags.map(|tag| format!(", {} {}", code(&amount(tag.amount, &tag.currency)), label(&tag.interval))).collect()
}

impl Table<'_> {
    fn write(&self, room: &Room, out: &mut String) {
        let name = Some(code(&self.after.name)).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| code(self.address.key()));
        let is_new = self.before.is_none();
        let _ = writeln!(out, "**{name}**{}\n", if is_new { ", a new plan" } else { "" });
        let old = self.before.map_or(&[][..], |plan| &plan.prices);
        let mut rows = Vec::new();
        let mut unchanged = 0;
        for tag in &self.after.prices {
            match old.iter().find(|other| same_place(other, tag)) {
                Some(other) if other == tag => unchanged += 1,
                other => rows.push(row(other, Some(tag))),
            }
        }
        let gone = old.iter().filter(|tag| !self.after.prices.iter().any(|other| same_place(other, tag)));
        rows.extend(gone.map(|tag| row(Some(tag), None)));
        let old = self.before.map_or(&[][..], |plan| &plan.market_prices);
        for tag in &self.after.market_prices {
            match old.iter().find(|other| other.same_place(tag)) {
                Some(other) if other.same_price(tag) => unchanged += 1,
                other => rows.push(market_row(other, Some(tag))),
            }
        }
        let gone = old.iter().filter(|tag| !self.after.market_prices.iter().any(|other| other.same_place(tag)));
        rows.extend(gone.map(|tag| market_row(Some(tag), None)));
        if rows.is_empty() {
            let _ = writeln!(out, "{}\n", if self.after.free { "It is free." } else { "It has no price." });
        } else {
            out.push_str("| Billed | Currency | Before | After | Difference |\n| --- | --- | ---: | ---: | --- |\n");
            let more = rows.len().saturating_sub(room.rows);
            rows.iter().take(room.rows).for_each(|row| out.push_str(row));
            out.push('\n');
            let mut left = Vec::new();
            if more > 0 {
                left.push(format!("{more} more prices change"));
            }
            match unchanged {
                0 => {}
                1 => left.push("1 price of this plan stays as it is".to_owned()),
                _ => left.push(format!("{unchanged} prices of this plan stay as they are")),
            }
            if !left.is_empty() {
                let _ = writeln!(out, "{}.\n", left.join("; "));
            }
        }
    }

    /// What a new plan includes.
    fn items(&self, room: &Room, out: &mut String) {
        if self.before.is_some() || self.after.items.is_empty() {
            return;
        }
        out.push_str("It includes:\n\n");
        let items: Vec<String> = self.after.items.iter().map(|one| format!("- {}", item(one))).collect();
        lines(&items, room.fields, "features", out);
        out.push('\n');
    }

    /// Whether a new plan's prices and list of features say all there is to say of an object.
    fn says(&self, address: &Address) -> bool {
        address.collection() == "prices" || self.after.items.iter().any(|item| item.address == *address)
    }
}

fn same_place(one: &PriceTag, other: &PriceTag) -> bool {
    one.interval == other.interval && one.currency == other.currency
}

/// `| monthly | USD | $49.00 | $59.00 | +$10.00 (+20.4 %) |`
fn row(before: Option<&PriceTag>, after: Option<&PriceTag>) -> String {
    let Some(tag) = after.or(before) else { return String::new() };
    let shown = |tag: Option<&PriceTag>| tag.map_or_else(|| "–".to_owned(), price);
    let difference = match (before, after) {
        (Some(old), Some(new)) if old.amount == new.amount => "terms".to_owned(),
        (Some(old), Some(new)) => difference(old.amount, new.amount, &new.currency),
        (None, _) => "new".to_owned(),
        (_, None) => "removed".to_owned(),
    };
    let (before, after) = (shown(before), shown(after));
    format!("| {} | {} | {before} | {after} | {difference} |\n", label(&tag.interval), currency(&tag.currency))
}

/// `| monthly, Argentina | ARS | ARS 64,900.00 | ARS 69,900.00 | +ARS 5,000.00 (+7.7 %) |`
fn market_row(before: Option<&MarketTag>, after: Option<&MarketTag>) -> String {
    let Some(tag) = after.or(before) else { return String::new() };
    let shown = |tag: Option<&MarketTag>| tag.map_or_else(|| "–".to_owned(), |tag| amount(tag.amount, &tag.currency));
    let difference = match (before, after) {
        (Some(old), Some(new)) if old.currency == new.currency => difference(old.amount, new.amount, &new.currency),
        (Some(_), Some(_)) => "another currency".to_owned(),
        (None, _) => "new".to_owned(),
        (_, None) => "removed".to_owned(),
    };
    let (before, after) = (shown(before), shown(after));
    let place = cell(&tag.place());
    format!("| {}, {place} | {} | {before} | {after} | {difference} |\n", label(&tag.interval), currency(&tag.currency))
}

/// `$490.00, 14 days trial, 20% off the first period`. Where more than one amount stands in a cell, they are code: two
/// currency signs could be taken for a formula.
fn price(tag: &PriceTag) -> String {
    let own = amount(tag.amount, &tag.currency);
    let more_money = tag.included_balance.is_some() || tag.offer.as_ref().is_some_and(|offer| offer.amount.is_some());
    let mut said = vec![if more_money { cell(&own) } else { own }];
    if tag.derived {
        said[0].push_str(" (by the exchange rate)");
    }
    if let Some(days) = tag.trial_days {
        said.push(format!("{days} days trial"));
    }
    if let Some(offer) = &tag.offer {
        let off = match (offer.percentage, offer.amount) {
            (Some(percent), _) => format!("{percent}%"),
            (None, Some(off)) => cell(&amount(off, &tag.currency)),
            (None, None) => "something".to_owned(),
        };
        said.push(match offer.cycles {
            1 => format!("{off} off the first period"),
            cycles => format!("{off} off the first {cycles} periods"),
        });
    }
    if let Some(balance) = tag.included_balance {
        said.push(format!("{} of usage included", cell(&amount(balance, &tag.currency))));
    }
    if let Some(credits) = tag.included_credits {
        said.push(format!("{} credits included", grouped(&credits.to_string())));
    }
    said.join(", ")
}

fn difference(before: Decimal, after: Decimal, currency: &str) -> String {
    let Some(moved) = after.checked_sub(before) else { return String::new() };
    let sign = if moved.is_sign_negative() { "−" } else { "+" };
    let percent = moved.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(before));
    let percent = percent.map(|percent| percent.abs()).map(|percent| {
        let rounded = percent.round_dp(if percent < Decimal::ONE { 2 } else { 1 }).normalize();
        format!(" ({sign}{rounded} %)")
    });
    format!("**{sign}{}{}**", amount(moved.abs(), currency), percent.unwrap_or_default())
}

/// `$1,490.00`.
fn amount(amount: Decimal, currency: &str) -> String {
    let prefix = currency.parse::<Currency>().map_or_else(|_| String::new(), Currency::prefix);
    format!("{prefix}{}", grouped(&amount.to_string()))
}

fn currency(code: &str) -> String {
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) { code.to_owned() } else { cell(code) }
}

/// `` `API calls`: 10,000 included, then `$0.002` each ``
fn item(item: &Item) -> String {
    let name = Some(code(&item.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| code(&item.of));
    if !item.enabled {
        return format!("{name}: switched off");
    }
    let mut said = Vec::new();
    match (item.unlimited, item.included, &item.value) {
        (true, ..) => said.push("unlimited".to_owned()),
        (_, Some(included), _) => said.push(format!("{} included", grouped(&included.to_string()))),
        (.., Some(value)) => said.push(code(value)),
        _ if item.rates.is_empty() && item.tiers.is_empty() => said.push("included".to_owned()),
        _ => {}
    }
    if !item.rates.is_empty() {
        let rate = |rate: &RateTag| match rate.units {
            1 => code(&amount(rate.amount, &rate.currency)),
            units => format!("{} for {}", code(&amount(rate.amount, &rate.currency)), grouped(&units.to_string())),
        };
        let rates: Vec<String> = item.rates.iter().take(4).map(rate).collect();
        let then = if said.is_empty() { "" } else { "then " };
        said.push(format!("{then}{} each", rates.join(" or ")));
    }
    if !item.tiers.is_empty() {
        said.push(format!("charged in {} tiers", item.tiers.len()));
    }
    if let Some(credits) = item.credits {
        said.push(format!("{} credits each", grouped(&credits.to_string())));
    }
    format!("{name}: {}", said.join(", "))
}
