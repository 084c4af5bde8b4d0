//! Prices of a plan (commet-api.md §3.3).

use serde_json::json;

use super::body::Body;
use super::call::{Call, Reply};
use super::derive;
use super::failure::{Detail, Failure};
use super::intro;
use super::market_prices::{self, MARKET_PRICES};
use super::plan_view;
use super::rows::{IntroOffer, Plan, Price};
use super::rules::{COUNT, Field, Kind, nullable, optional, required};
use super::version::Version;

/// Every billing interval of the contract.
pub(super) const INTERVALS: Kind = Kind::OneOf(&["weekly", "monthly", "quarterly", "yearly", "one_time"]);
/// How a discount is counted.
pub(super) const DISCOUNTS: Kind = Kind::OneOf(&["percentage", "amount"]);
/// 100 % in basis points.
const WHOLE: i64 = 10_000;

const OFFER_TYPE: Field = nullable("discountType", DISCOUNTS);
const OFFER_VALUE: Field = nullable("discountValue", COUNT);
const OFFER_CYCLES: Field = nullable("durationCycles", Kind::Int(1));
const OFFER: &[Field] = &[required("enabled", Kind::Flag), OFFER_TYPE, OFFER_VALUE, OFFER_CYCLES];
const OFFER_UPDATE: &[Field] = &[optional("enabled", Kind::Flag), OFFER_TYPE, OFFER_VALUE, OFFER_CYCLES];

// The first two fields are only in the newer version, the last only in the older: see `of`.
const ADD: &[Field] = &[
    optional("metadata", Kind::Map),
    optional("marketPrices", MARKET_PRICES),
    required("billingInterval", INTERVALS),
    required("price", COUNT),
    optional("trialDays", COUNT),
    optional("isDefault", Kind::Flag),
    nullable("includedBalance", COUNT),
    nullable("includedCredits", COUNT),
    optional("introOffer", Kind::Object(OFFER)),
];

const UPDATE: &[Field] = &[
    optional("metadata", Kind::Map),
    optional("marketPrices", MARKET_PRICES),
    optional("price", COUNT),
    optional("isDefault", Kind::Flag),
    optional("trialDays", COUNT),
    nullable("includedBalance", COUNT),
    nullable("includedCredits", COUNT),
    optional("introOffer", Kind::Object(OFFER_UPDATE)),
];

/// Intro offers left in 2026-07-24, metadata and market prices came.
fn of(version: Version, fields: &'static [Field]) -> &'static [Field] {
    match version {
        Version::July11 => &fields[2..],
        Version::July31 => &fields[..fields.len() - 1],
    }
}

/// A live price of this plan, by id. Another plan's price is not found either.
pub(super) fn find<'p>(plan: &'p mut Plan, id: &str) -> Result<&'p mut Price, Failure> {
    let missing = || Failure::new("price_not_found", format!("No price `{id}` on this plan"));
    plan.live_prices_mut().find(|price| price.id == id).ok_or_else(missing)
}

/// What an offer must hold, with the path of the field that it stands in.
pub(super) fn check_offer(path: &str, offer: &IntroOffer, details: &mut Vec<Detail>) {
    let at = |field: &str| format!("{path}.{field}");
    if offer.discount_type.as_deref() == Some("percentage") && offer.discount_value > Some(WHOLE) {
        details.push(Detail::new(at("discountValue"), format!("A percentage is at most {WHOLE} basis points")));
    }
    if !offer.enabled {
        return;
    }
    let missing = [
        ("discountType", offer.discount_type.is_none()),
        ("discountValue", offer.discount_value.is_none()),
        ("durationCycles", offer.duration_cycles.is_none()),
    ];
    let missing = missing.iter().filter(|(_, missing)| *missing);
    details.extend(missing.map(|(field, _)| Detail::new(at(field), "Required for an enabled offer")));
}

fn check(price: &Price) -> Result<(), Failure> {
    let mut details = Vec::new();
    if price.interval == "one_time" && price.trial_days > 0 {
        details.push(Detail::new("trialDays", "A one-time price has no trial"));
    }
    if let Some(offer) = &price.intro_offer {
        check_offer("introOffer", offer, &mut details);
    }
    Failure::unless_empty(details)
}

/// Takes over what a body sends; offers merge member by member, metadata key by key.
fn write(body: &Body, price: &mut Price) {
    body.set_int("price", &mut price.amount);
    body.set_flag("isDefault", &mut price.is_default);
    body.set_int("trialDays", &mut price.trial_days);
    body.set_opt_int("includedBalance", &mut price.included_balance);
    body.set_opt_int("includedCredits", &mut price.included_credits);
    if let Some(body) = body.object("introOffer") {
        let offer = price.intro_offer.get_or_insert_default();
        body.set_flag("enabled", &mut offer.enabled);
        body.set_opt_text("discountType", &mut offer.discount_type);
        body.set_opt_int("discountValue", &mut offer.discount_value);
        body.set_opt_int("durationCycles", &mut offer.duration_cycles);
    }
    price.metadata.extend(body.map("metadata").unwrap_or_default());
}

/// Only one price of a plan is the default.
fn unset_other_defaults(plan: &mut Plan, id: &str) {
    for other in plan.live_prices_mut().filter(|other| other.id != id) {
        other.is_default = false;
    }
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, Failure> {
    if call.version == Version::July31 && market_prices::is_variant(call) {
        return market_prices::add_variant(call);
    }
    let body = call.body(of(call.version, ADD))?;
    let mut plan = call.state.plan(call.arg(0))?;
    let interval = body.text("billingInterval");
    if plan.is_free {
        return Err(Failure::field("price", "A free plan has no prices"));
    }
    if plan.base_prices().any(|price| price.interval == interval) {
        let message = format!("The plan already has a price for the interval `{interval}`");
        return Err(Failure::new("duplicate", message).about("billingInterval"));
    }
    let mut price = Price {
        id: call.state.new_id("pp_"),
        interval,
        amount: 0,
        is_default: false,
        trial_days: 0,
        included_balance: None,
        included_credits: None,
        intro_offer: None,
        offer: None,
        inherits_from: None,
        metadata: Default::default(),
        market_prices: market_prices::read(call.state, &body)?,
        regional: Default::default(),
        archived: false,
        created: call.now,
        updated: call.now,
    };
    write(&body, &mut price);
    check(&price)?;
    if price.is_default {
        unset_other_defaults(&mut plan, &price.id);
    }
    let id = price.id.clone();
    plan.prices.push(price);
    if body.has("introOffer") {
        intro::keep(call, &mut plan, &id);
    }
    let price = find(&mut plan, &id)?.clone();
    let reply = Reply::created(plan_view::price(call, &plan, &price));
    // By id, which is no order to rely on.
    plan.prices.sort_by(|one, other| one.id.cmp(&other.id));
    call.state.plans.put(plan);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(of(call.version, UPDATE))?;
    let mut plan = call.state.plan(call.arg(0))?;
    let before = plan.clone();
    let price = find(&mut plan, call.arg(1))?;
    if body.has("introOffer") {
        // It merges with what this version shows.
        price.intro_offer = intro::shown(call.state, price);
    }
    market_prices::write(call.state, &body, &before, price)?;
    write(&body, price);
    check(price)?;
    price.updated = call.now;
    if price.is_default {
        unset_other_defaults(&mut plan, call.arg(1));
    }
    derive::again(&mut plan)?;
    if body.has("introOffer") {
        let id = call.arg(1).to_owned();
        intro::keep(call, &mut plan, &id);
    }
    market_prices::inherit(&mut plan);
    let price = find(&mut plan, call.arg(1))?.clone();
    let reply = Reply::one(plan_view::price(call, &plan, &price));
    call.state.plans.put(plan);
    Ok(reply)
}

/// Archives: nobody new gets it, existing subscribers keep it. Refused while a variant inherits from it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plan = call.state.plan(call.arg(0))?;
    if let Some(variant) = plan.variants(call.arg(1)).next() {
        let message = format!("The variant `{}` inherits from this price", variant.id);
        return Err(Failure::new("price_in_use", message));
    }
    let price = find(&mut plan, call.arg(1))?;
    price.archived = true;
    price.is_default = false;
    let archived = price.clone();
    intro::forget(call.state, &archived);
    let reply = call.deleted(call.version.object("plan", "plan_price"), &archived.id);
    call.state.plans.put(plan);
    Ok(reply)
}

pub(super) fn set_default(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plan = call.state.plan(call.arg(0))?;
    let price = find(&mut plan, call.arg(1))?;
    market_prices::only_base(price, "priceId")?;
    price.is_default = true;
    price.updated = call.now;
    let price = price.clone();
    unset_other_defaults(&mut plan, &price.id);
    let reply = Reply::one(match call.version {
        Version::July11 => call.object("plan", json!({ "id": price.id, "isDefault": true })),
        Version::July31 => plan_view::price(call, &plan, &price),
    });
    call.state.plans.put(plan);
    Ok(reply)
}
