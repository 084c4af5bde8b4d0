//! Prices by market and the variants of a price (commet-api.md §3.3, since 2026-07-24). A variant has its base price's
//! interval and everything else that the base has, but for the markets that it overrides.

use std::collections::BTreeSet;

use super::body::Body;
use super::call::{Call, Reply};
use super::derive::CURRENCIES;
use super::failure::{Detail, Failure};
use super::plan_view;
use super::prices::{self, INTERVALS};
use super::rows::{MarketPrice, Plan, Price};
use super::rules::{COUNT, Field, Kind, NAME, optional, required};
use super::state::State;

pub(super) const MARKET_PRICES: Kind = Kind::Objects(&[
    required("marketGroupId", NAME),
    required("currency", Kind::OneOf(CURRENCIES)),
    required("price", COUNT),
]);

const VARIANT: &[Field] = &[
    optional("metadata", Kind::Map),
    required("billingInterval", INTERVALS),
    required("inheritsFromPriceId", NAME),
    required("marketPrices", MARKET_PRICES),
];

/// What a variant has from its base price.
const INHERITED: &[&str] = &["price", "trialDays", "isDefault", "includedBalance", "includedCredits", "introOffer"];

/// The list that a body sends: markets that are there, each once.
pub(super) fn read(state: &State, body: &Body) -> Result<Vec<MarketPrice>, Failure> {
    let mut seen = BTreeSet::new();
    let mut list = Vec::new();
    for (n, one) in body.objects("marketPrices").iter().enumerate() {
        let field = format!("marketPrices.{n}.marketGroupId");
        let market = one.text("marketGroupId");
        state.market(&market).map_err(|failure| failure.about(&field))?;
        if !seen.insert(market.clone()) {
            return Err(Failure::field(field, "Listed twice"));
        }
        list.push(MarketPrice { market_group_id: market, currency: one.text("currency"), price: one.int("price") });
    }
    Ok(list)
}

fn find<'p>(list: &'p [MarketPrice], market: &str) -> Option<&'p MarketPrice> {
    list.iter().find(|one| one.market_group_id == market)
}

/// A variant overrides only what its base price has, in the same currency.
fn check_variant(list: &[MarketPrice], base: &Price) -> Result<(), Failure> {
    if list.is_empty() {
        return Err(Failure::field("marketPrices", "A variant overrides at least one market"));
    }
    let details =
        list.iter().enumerate().filter_map(|(n, one)| match find(&base.market_prices, &one.market_group_id) {
            None => Some(Detail::new(format!("marketPrices.{n}.marketGroupId"), "The base price has no price there")),
            Some(of_base) if of_base.currency != one.currency => {
                let message = format!("The base price is in {} there", of_base.currency);
                Some(Detail::new(format!("marketPrices.{n}.currency"), message))
            }
            Some(_) => None,
        });
    Failure::unless_empty(details.collect())
}

/// A base price keeps the markets, and their currencies, that a variant overrides.
fn check_base(list: &[MarketPrice], plan: &Plan, id: &str) -> Result<(), Failure> {
    let needed = plan.variants(id).flat_map(|variant| variant.market_prices.iter().map(move |one| (variant, one)));
    let mut missing = needed
        .filter(|(_, needed)| find(list, &needed.market_group_id).is_none_or(|kept| kept.currency != needed.currency));
    missing.next().map_or(Ok(()), |(variant, needed)| {
        let message = format!(
            "The variant `{}` overrides the price in the market `{}` in {}",
            variant.id, needed.market_group_id, needed.currency
        );
        Err(Failure::new("price_in_use", message).about("marketPrices"))
    })
}

/// Takes over the list that an update sends, as a whole. `plan` is the plan before the update.
pub(super) fn write(state: &State, body: &Body, plan: &Plan, price: &mut Price) -> Result<(), Failure> {
    if price.inherits_from.is_some() {
        refuse_inherited(|field| body.has(field))?;
    }
    if !body.has("marketPrices") {
        return Ok(());
    }
    let list = read(state, body)?;
    match price.inherits_from.as_deref() {
        None => check_base(&list, plan, &price.id)?,
        Some(base) => {
            let base = plan.live_prices().find(|price| price.id == base);
            check_variant(&list, base.ok_or_else(|| Failure::new("price_not_found", "The base price is gone"))?)?;
        }
    }
    price.market_prices = list;
    Ok(())
}

fn refuse_inherited(sent: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let sent = INHERITED.iter().filter(|field| sent(field));
    Failure::unless_empty(sent.map(|field| Detail::new(*field, "A variant has this from its base price")).collect())
}

/// Whether a new price is to be a variant.
pub(super) fn is_variant(call: &Call<'_>) -> bool {
    call.sends("inheritsFromPriceId")
}

pub(super) fn add_variant(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(VARIANT)?;
    refuse_inherited(|field| call.sends(field))?;
    let mut plan = call.state.plan(call.arg(0))?;
    let list = read(call.state, &body)?;
    let base = prices::find(&mut plan, &body.text("inheritsFromPriceId"))?.clone();
    if base.inherits_from.is_some() {
        return Err(Failure::field("inheritsFromPriceId", "A variant inherits from a base price, not from a variant"));
    }
    if base.interval != body.text("billingInterval") {
        return Err(Failure::field("billingInterval", format!("The base price is {}", base.interval)));
    }
    check_variant(&list, &base)?;
    let variant = Price {
        id: call.state.new_id("pp_"),
        is_default: false,
        intro_offer: None,
        inherits_from: Some(base.id.clone()),
        metadata: body.map("metadata").unwrap_or_default(),
        market_prices: list,
        created: call.now,
        updated: call.now,
        ..base
    };
    let reply = Reply::created(plan_view::price(call, &plan, &variant));
    plan.prices.push(variant);
    plan.prices.sort_by(|one, other| one.id.cmp(&other.id));
    call.state.plans.put(plan);
    Ok(reply)
}

/// Gives the variants what their base prices have now.
pub(super) fn inherit(plan: &mut Plan) {
    let bases: Vec<Price> = plan.base_prices().cloned().collect();
    for variant in &mut plan.prices {
        let base = bases.iter().find(|base| variant.inherits_from.as_ref() == Some(&base.id));
        if let Some(base) = base {
            variant.amount = base.amount;
            variant.trial_days = base.trial_days;
            variant.included_balance = base.included_balance;
            variant.included_credits = base.included_credits;
            variant.offer.clone_from(&base.offer);
            variant.regional.clone_from(&base.regional);
        }
    }
}

/// Refuses what only a base price can be asked for.
pub(super) fn only_base(price: &Price, field: &str) -> Result<(), Failure> {
    match price.inherits_from {
        Some(_) => Err(Failure::field(field, "A variant has this from its base price")),
        None => Ok(()),
    }
}
