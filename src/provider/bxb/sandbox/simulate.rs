//! What a plan's charges come to for so many units (bxb-api.md §7, §8). What a calculator cannot read is a crash.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::call::{Call, Reply};
use super::decimal::{self, Parsed};
use super::failure::Failure;
use super::field::{Field, Kind, required};
use super::json::{Json, Object};
use super::plans::PLANS;

const UNITS: &[Field] = &[required("units", Kind::Units)];

/// A property that no calculator can read, or a number beyond all of them.
struct Unreadable;

type Amount = Result<Decimal, Unreadable>;

pub(super) fn simulate(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let mut issues = Vec::new();
    let id = PLANS.key(call, &mut issues);
    let body = call.body(UNITS, &mut issues)?;
    Failure::unless_empty(issues)?;
    let plan = call.db.find(PLANS.table, &id).filter(|plan| call.owns(plan));
    let plan = plan.ok_or_else(|| Failure::not_found(PLANS.title))?;
    let units = number(body.at("units")).map_err(|_| Failure::Crash)?;
    let mut total = plan.int("amount_cents");
    let mut charges = Vec::new();
    for charge in call.db.by("charges", "plan_id", &id) {
        let cents = cents(charge, units).map_err(|_| Failure::Crash)?;
        total = total.checked_add(cents).ok_or(Failure::Crash)?;
        charges.push(Json::from([
            ("charge_id", charge.id().into()),
            ("billable_metric_id", charge.at("billable_metric_id").clone()),
            ("charge_model", charge.at("charge_model").clone()),
            ("units", body.at("units").clone()),
            ("amount_cents", cents.into()),
            ("properties", charge.at("properties").clone()),
        ]));
    }
    Ok(Reply::ok([
        ("plan_id", plan.id().into()),
        ("base_amount_cents", plan.at("amount_cents").clone()),
        ("currency", plan.at("currency").clone()),
        ("charges", charges.into()),
        ("total_amount_cents", total.into()),
    ]))
}

/// What the calculator says, times 100, cut to an integer.
fn cents(charge: &Object, units: Decimal) -> Result<i64, Unreadable> {
    let empty = Object::default();
    let properties = charge.at("properties").as_object().unwrap_or(&empty);
    let amount = match charge.text("charge_model") {
        "standard" => of_units(properties, units),
        "graduated" => graduated(properties, units),
        "volume" => volume(properties, units),
        "package" => package(properties, units),
        "percentage" => percentage(properties, units),
        "graduated_percentage" => graduated_percentage(properties, units),
        "custom" if properties.get("custom_amount").is_some() => number(properties.at("custom_amount")),
        "custom" => times(units, either(properties, &["unit_price"], 0)?),
        _ => Ok(Decimal::ZERO),
    };
    times(amount?, Decimal::ONE_HUNDRED)?.trunc().to_i64().ok_or(Unreadable)
}

fn times(one: Decimal, other: Decimal) -> Amount {
    one.checked_mul(other).ok_or(Unreadable)
}

fn plus(one: Decimal, other: Decimal) -> Amount {
    one.checked_add(other).ok_or(Unreadable)
}

fn minus(one: Decimal, other: Decimal) -> Amount {
    one.checked_sub(other).ok_or(Unreadable)
}

/// A decimal in a number or a text. Null, flags and words are none.
fn number(value: &Json) -> Amount {
    match decimal::of(value) {
        Some(Parsed::Finite(plain)) => plain.parse().map_err(|_| Unreadable),
        _ => Err(Unreadable),
    }
}

/// The first of these properties that is there.
fn either(properties: &Object, names: &[&str], default: i64) -> Amount {
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

/// On `units` as the base and no events at all.
fn percentage(properties: &Object, units: Decimal) -> Amount {
    let rate = either(properties, &["rate", "percentage"], 0)?;
    let fixed = either(properties, &["fixed_amount"], 0)?;
    let free = either(properties, &["free_units_per_events"], 0)?;
    let events = (-free).max(Decimal::ZERO);
    let mut amount = plus(times(times(units, rate)?, Decimal::new(1, 2))?, times(events, fixed)?)?;
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
