//! The offer that new subscriptions of a price get by themselves. 2026-07-11 writes it inline; later the API only shows
//! it, and what sets it is the dashboard (commet-api.md §1.2), which here is a route of the sandbox's own. It is one thing:
//! what one version wrote, the other shows as far as it has fields for it.

use super::call::{Call, Reply};
use super::failure::Failure;
use super::market_prices;
use super::offers::{self, is_open_ended};
use super::plan_view;
use super::prices;
use super::rows::{CurrencyAmount, IntroOffer, Offer, Phase, Plan, Price};
use super::rules::{Field, NAME, present};
use super::state::State;

const ATTACH: &[Field] = &[present("offerId", NAME)];

/// A free trial may begin, then comes at most one discount, which ends.
pub(super) fn check_offer(offer: &Offer) -> Result<(), String> {
    let discounts: Vec<_> = offer.phases.iter().filter(|phase| !matches!(phase, Phase::FreeTrial { .. })).collect();
    if discounts.iter().any(|phase| matches!(phase, Phase::FixedPrice { .. })) {
        return Err("An offer of a price has no fixed_price phase".into());
    }
    if discounts.len() > 1 || discounts.iter().any(|phase| is_open_ended(phase)) {
        return Err("An offer of a price has at most one discount phase, with an end".into());
    }
    Ok(())
}

/// `PUT /sandbox/plans/{id}/prices/{priceId}/offer` with an `offerId`, or null for none.
pub(super) fn attach(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(ATTACH)?;
    let mut plan = call.state.plan(call.arg(0))?;
    let offer = body.opt_text("offerId").map(|id| call.state.offer(&id).cloned()).transpose()?;
    if let Some(offer) = &offer {
        check_offer(offer).map_err(|reason| Failure::field("offerId", reason))?;
    }
    let price = prices::find(&mut plan, call.arg(1))?;
    market_prices::only_base(price, "offerId")?;
    price.offer = offer.map(|offer| offer.id);
    price.intro_offer = None;
    let price = price.clone();
    forget(call.state, &price);
    market_prices::inherit(&mut plan);
    let reply = Reply::one(plan_view::price(call, &plan, &price));
    call.state.plans.put(plan);
    Ok(reply)
}

/// Takes an offer away from every price that has it.
pub(super) fn detach(state: &mut State, offer: &str) {
    let plans: Vec<Plan> = state.plans.by("offer", offer).cloned().collect();
    for mut plan in plans {
        for price in plan.prices.iter_mut().filter(|price| price.offer.as_deref() == Some(offer)) {
            price.offer = None;
            price.intro_offer = None;
        }
        state.plans.put(plan);
    }
}

/// A price's offer as 2026-07-11 says it; nothing where it has no words for it.
pub(super) fn shown(state: &State, price: &Price) -> Option<IntroOffer> {
    let Some(offer) = price.offer.as_deref().and_then(|id| state.offers.get(id)) else {
        return price.intro_offer.clone();
    };
    if !offer.active || offer.starts_at.is_some() || offer.ends_at.is_some() {
        return None;
    }
    let (kind, value, cycles) = match offer.phases.as_slice() {
        [Phase::Percentage { duration_cycles: Some(cycles), duration_interval: None, percentage }] => {
            ("percentage", *percentage, *cycles)
        }
        [Phase::AmountOff { duration_cycles: Some(cycles), duration_interval: None, amounts }] => {
            ("amount", amounts.iter().find(|one| one.currency == "usd")?.amount, *cycles)
        }
        _ => return None,
    };
    Some(IntroOffer {
        enabled: true,
        discount_type: Some(kind.to_owned()),
        discount_value: Some(value),
        duration_cycles: Some(cycles),
    })
}

/// What an intro offer takes off, and for how long: in each currency that the price has, where it is an amount.
fn phase(price: &Price) -> Option<Phase> {
    let offer = price.intro_offer.as_ref().filter(|offer| offer.enabled)?;
    let value = offer.discount_value.filter(|value| *value > 0)?;
    let (duration_cycles, duration_interval) = (Some(offer.duration_cycles?), None);
    if offer.discount_type.as_deref() == Some("percentage") {
        return Some(Phase::Percentage { duration_cycles, duration_interval, percentage: value });
    }
    let regional = price.regional.iter().filter(|(currency, _)| *currency != "usd");
    let regional = regional.filter_map(|(currency, row)| {
        let own = row.intro_offer.as_ref().filter(|own| own.discount_type.as_deref() == Some("amount"))?;
        Some(CurrencyAmount { currency: currency.clone(), amount: own.discount_value.filter(|value| *value > 0)? })
    });
    let dollars = CurrencyAmount { currency: "usd".into(), amount: value };
    let amounts = std::iter::once(dollars).chain(regional).collect();
    Some(Phase::AmountOff { duration_cycles, duration_interval, amounts })
}

/// After 2026-07-11 wrote a price's intro offer: makes the offer of it, changes it, or takes it away.
pub(super) fn keep(call: &mut Call<'_>, plan: &mut Plan, id: &str) {
    let name = plan.name.clone();
    let Some(price) = plan.prices.iter_mut().find(|price| price.id == id) else { return };
    let Some(phase) = phase(price) else {
        price.offer = None;
        return forget(call.state, price);
    };
    let made = call.state.offers.by("price", id).next().cloned();
    let offer = match made.filter(|made| price.offer.as_ref() == Some(&made.id)) {
        Some(made) => Offer { phases: vec![phase], updated: call.now, ..made },
        None => offers::for_price(call, &name, price, phase),
    };
    price.offer = Some(offer.id.clone());
    call.state.offers.put(offer);
}

/// Deletes the offer that was made of a price's intro offer, where the price has it no more.
pub(super) fn forget(state: &mut State, price: &Price) {
    let has = price.offer.as_ref().filter(|_| !price.archived);
    let made: Vec<Offer> = state.offers.by("price", &price.id).cloned().collect();
    for offer in made.into_iter().filter(|offer| has != Some(&offer.id)) {
        state.offers.put(Offer { deleted: true, ..offer });
    }
}
