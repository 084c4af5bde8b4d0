//! The offer that new subscriptions of a price get by themselves. The API only shows it; what sets it is the dashboard
//! (commet-api.md §1.2), which here is a route of the sandbox's own.

use super::call::{Call, Reply};
use super::failure::Failure;
use super::market_prices;
use super::offers::is_open_ended;
use super::plan_view;
use super::prices;
use super::rows::{Offer, Phase, Plan};
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
    let price = price.clone();
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
        }
        state.plans.put(plan);
    }
}
