//! The calculators of the charge models (bxb-api.md §7). What one of them cannot read is a crash of whoever asked.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::decimal::{self, Parsed};
use super::json::{Json, Object};

/// A property that no calculator can read, or a number beyond all of them.
#[derive(Debug)]
pub(super) struct Unreadable;

pub(super) type Amount = Result<Decimal, Unreadable>;

/// Who asks, which decides what some calculators look at.
pub(super) enum For<'e> {
    /// A simulation, which takes the units for everything.
    Simulation,
    /// A bill, with the properties of the events that it is about.
    Billing(Vec<&'e Object>),
}

/// What so many units cost, by a charge's model and properties.
pub(super) fn amount(model: &str, properties: &Object, units: Decimal, asked: &For<'_>) -> Amount {
    match (model, asked) {
        ("standard", For::Simulation) => of_units(properties, units),
        ("standard", For::Billing(_)) => bounded(properties, of_units(properties, units)?),
        ("graduated", _) => graduated(properties, units),
        ("volume", _) => volume(properties, units),
        ("package", _) => package(properties, units),
        ("percentage", For::Simulation) => percentage(properties, units, Decimal::ZERO),
        // The base is what the charge says it is, whatever was used.
        ("percentage", For::Billing(_)) => {
            percentage(properties, either(properties, &["base_amount"], 0)?, either(properties, &["event_count"], 0)?)
        }
        ("graduated_percentage", _) => graduated_percentage(properties, units),
        ("custom", _) if properties.get("custom_amount").is_some() => number(properties.at("custom_amount")),
        ("custom", _) => times(units, either(properties, &["unit_price"], 0)?),
        ("dynamic", For::Billing(events)) => dynamic(properties, events),
        _ => Ok(Decimal::ZERO),
    }
}

pub(super) fn times(one: Decimal, other: Decimal) -> Amount {
    one.checked_mul(other).ok_or(Unreadable)
}

pub(super) fn plus(one: Decimal, other: Decimal) -> Amount {
    one.checked_add(other).ok_or(Unreadable)
}

fn minus(one: Decimal, other: Decimal) -> Amount {
    one.checked_sub(other).ok_or(Unreadable)
}

/// A decimal in a number or a text. Null, flags and words are none.
pub(super) fn number(value: &Json) -> Amount {
    match decimal::of(value) {
        Some(Parsed::Finite(plain)) => plain.parse().map_err(|_| Unreadable),
        _ => Err(Unreadable),
    }
}

/// The first of these properties that is there.
pub(super) fn either(properties: &Object, names: &[&str], default: i64) -> Amount {
    let found = names.iter().find_map(|name| properties.get(name));
    found.map_or(Ok(Decimal::from(default)), number)
}

fn of_units(properties: &Object, units: Decimal) -> Amount {
    times(units, either(properties, &["amount", "unit_price"], 0)?)
}

/// A step of a ladder of prices.
struct Tier {
    /// How many units it holds; none: all the rest.
    holds: Option<Decimal>,
    /// The last unit of it.
    until: Option<Decimal>,
    price: Decimal,
    flat: Decimal,
}

/// The ranges of a property in the order of their `from_value`. A range holds `extra` units more than its ends are
/// apart.
fn ranges(properties: &Object, name: &str, price: &str, extra: i64) -> Result<Option<Vec<Tier>>, Unreadable> {
    let items = match properties.at(name) {
        Json::List(items) if !items.is_empty() => items,
        Json::List(_) | Json::Null => return Ok(None),
        _ => return Err(Unreadable),
    };
    let mut ranges = Vec::new();
    for item in items {
        let range = item.as_object().ok_or(Unreadable)?;
        ranges.push((range.get("from_value").cloned().unwrap_or(Json::Int("0".to_owned())), range));
    }
    // Python does not compare numbers with texts.
    let texts = ranges.iter().filter(|(from, _)| from.as_text().is_some()).count();
    if texts != 0 && texts != ranges.len() {
        return Err(Unreadable);
    }
    let mut sorted = Vec::new();
    for (from, range) in ranges {
        sorted.push((number(&from)?, from, range));
    }
    sorted.sort_by(|(one, one_as, _), (other, other_as, _)| match (one_as, other_as) {
        (Json::Text(one), Json::Text(other)) => one.cmp(other),
        _ => one.cmp(other),
    });
    let tier = |(from, _, range): (Decimal, Json, &Object)| {
        let until = match range.at("to_value") {
            Json::Null => None,
            until => Some(number(until)?),
        };
        let holds = match until {
            Some(until) => Some(plus(minus(until, from)?, Decimal::from(extra))?),
            None => None,
        };
        Ok(Tier { holds, until, price: either(range, &[price], 0)?, flat: either(range, &["flat_amount"], 0)? })
    };
    sorted.into_iter().map(tier).collect::<Result<_, _>>().map(Some)
}

/// The other way to write a ladder: only the last tier may leave `up_to` out, none may have it null.
fn tiers(properties: &Object) -> Result<Vec<Tier>, Unreadable> {
    let items = match properties.at("tiers") {
        Json::List(items) => items.as_slice(),
        Json::Null => &[],
        _ => return Err(Unreadable),
    };
    let mut before = Decimal::ZERO;
    let mut read = Vec::new();
    for item in items {
        let tier = item.as_object().ok_or(Unreadable)?;
        let until = tier.get("up_to").map(number).transpose()?;
        let holds = until.map(|until| minus(until, before)).transpose()?;
        before = until.unwrap_or(before);
        let (price, flat) = (either(tier, &["unit_price"], 0)?, either(tier, &["flat_amount"], 0)?);
        read.push(Tier { holds, until, price, flat });
    }
    Ok(read)
}

/// Goes up a ladder: each step takes what it holds; a step that gets nothing costs nothing, and what is left above
/// the last one is free.
fn climb(tiers: &[Tier], units: Decimal, scale: Decimal) -> Amount {
    let (mut left, mut sum) = (units, Decimal::ZERO);
    for tier in tiers {
        if left <= Decimal::ZERO {
            break;
        }
        let taken = tier.holds.map_or(left, |holds| holds.min(left));
        if taken > Decimal::ZERO {
            sum = plus(sum, plus(times(times(taken, tier.price)?, scale)?, tier.flat)?)?;
            left = minus(left, taken)?;
        }
    }
    Ok(sum)
}

fn graduated(properties: &Object, units: Decimal) -> Amount {
    match ranges(properties, "graduated_ranges", "per_unit_amount", 1)? {
        Some(ranges) => climb(&ranges, units, Decimal::ONE),
        None => {
            let tiers = tiers(properties)?;
            let without_flat = tiers.into_iter().map(|tier| Tier { flat: Decimal::ZERO, ..tier });
            climb(&without_flat.collect::<Vec<_>>(), units, Decimal::ONE)
        }
    }
}

fn volume(properties: &Object, units: Decimal) -> Amount {
    let ladder = match ranges(properties, "volume_ranges", "per_unit_amount", 1)? {
        Some(ranges) => ranges,
        None => tiers(properties)?,
    };
    let reached = |tier: &&Tier| tier.until.is_none_or(|until| units <= until);
    match ladder.iter().find(reached).or(ladder.last()) {
        Some(tier) => plus(times(units, tier.price)?, tier.flat),
        None => Ok(Decimal::ZERO),
    }
}

fn package(properties: &Object, units: Decimal) -> Amount {
    let price = either(properties, &["amount", "unit_price"], 0)?;
    let size = either(properties, &["package_size"], 1)?;
    let billed = minus(units, either(properties, &["free_units"], 0)?)?;
    match billed.cmp(&Decimal::ZERO) {
        Ordering::Greater => times(billed.checked_div(size).ok_or(Unreadable)?.ceil(), price),
        // A size of zero crashes all the same.
        _ if size.is_zero() => Err(Unreadable),
        _ => Ok(Decimal::ZERO),
    }
}

fn percentage(properties: &Object, base: Decimal, events: Decimal) -> Amount {
    let rate = either(properties, &["rate", "percentage"], 0)?;
    let fixed = either(properties, &["fixed_amount"], 0)?;
    let free = either(properties, &["free_units_per_events"], 0)?;
    let billed = minus(events, free)?.max(Decimal::ZERO);
    let mut amount = plus(times(times(base, rate)?, Decimal::new(1, 2))?, times(billed, fixed)?)?;
    if properties.get("per_transaction_min_amount").is_some() {
        amount = amount.max(number(properties.at("per_transaction_min_amount"))?);
    }
    if properties.get("per_transaction_max_amount").is_some() {
        amount = amount.min(number(properties.at("per_transaction_max_amount"))?);
    }
    Ok(amount)
}

fn graduated_percentage(properties: &Object, units: Decimal) -> Amount {
    let base = properties.get("base_amount").map_or(Ok(units), number)?;
    let ranges = ranges(properties, "graduated_percentage_ranges", "rate", 0)?.unwrap_or_default();
    climb(&ranges, base, Decimal::new(1, 2))
}

/// Between `min_price` and `max_price`; zero is no bound.
fn bounded(properties: &Object, amount: Decimal) -> Amount {
    let (least, most) = (either(properties, &["min_price"], 0)?, either(properties, &["max_price"], 0)?);
    let amount = if least.is_zero() { amount } else { amount.max(least) };
    Ok(if most.is_zero() { amount } else { amount.min(most) })
}

/// Each event has its own price and quantity.
fn dynamic(properties: &Object, events: &[&Object]) -> Amount {
    let name = |name: &str, default: &'static str| properties.at(name).as_text().unwrap_or(default).to_owned();
    let (price, quantity) = (name("price_field", "unit_price"), name("quantity_field", "quantity"));
    events.iter().try_fold(Decimal::ZERO, |sum, event| {
        plus(sum, times(either(event, &[&price], 0)?, either(event, &[&quantity], 0)?)?)
    })
}
