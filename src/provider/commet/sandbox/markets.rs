//! Markets: countries that share prices (commet-api.md §3.8). The list has no pages.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::Failure;
use super::rows::Market;
use super::rules::{Field, Kind, NAME, optional, required};

/// For an update too: it replaces all of them, what it leaves out is gone.
const FIELDS: &[Field] =
    &[required("name", NAME), required("countryCodes", Kind::Countries), optional("metadata", Kind::Map)];

fn view(call: &Call<'_>, market: &Market) -> Value {
    call.object(
        "market",
        json!({
            "id": market.id,
            "name": market.name,
            "countryCodes": market.countries,
            "metadata": market.metadata,
            "createdAt": market.created.iso(),
            "updatedAt": market.updated.iso(),
        }),
    )
}

/// A country is in one market only.
fn free_countries(call: &Call<'_>, countries: &[String], except: Option<&str>) -> Result<(), Failure> {
    let taken = |country: &String| {
        let other = call.state.markets.by("country", country).find(|market| Some(market.id.as_str()) != except)?;
        let message = format!("The country {country} is in the market `{}` already", other.name);
        Some(Failure::new("duplicate", message).about("countryCodes"))
    };
    countries.iter().find_map(taken).map_or(Ok(()), Err)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::list(call.state.markets.live().map(|market| view(call, market)).collect::<Vec<_>>()))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, call.state.market(call.arg(0))?)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(FIELDS)?;
    let countries = body.texts("countryCodes");
    free_countries(call, &countries, None)?;
    let market = Market {
        id: call.state.new_id("pmg_"),
        name: body.text("name"),
        countries,
        metadata: body.map("metadata").unwrap_or_default(),
        created: call.now,
        updated: call.now,
        deleted: false,
    };
    let reply = Reply::created(view(call, &market));
    call.state.markets.put(market);
    Ok(reply)
}

/// Also while prices name it: they then hold for other countries.
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(FIELDS)?;
    let before = call.state.market(call.arg(0))?.clone();
    let countries = body.texts("countryCodes");
    free_countries(call, &countries, Some(&before.id))?;
    let market = Market {
        name: body.text("name"),
        countries,
        metadata: body.map("metadata").unwrap_or_default(),
        updated: call.now,
        ..before
    };
    let reply = Reply::one(view(call, &market));
    call.state.markets.put(market);
    Ok(reply)
}

/// Refused while a price on offer names it, or one that a subscription pays.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut market = call.state.market(call.arg(0))?.clone();
    let sold = call.state.plans.by("market", &market.id);
    let mut sold = sold.flat_map(|plan| plan.live_prices()).filter(|price| names(&price.market_prices, &market.id));
    let mut paid = call.state.subscriptions.live().filter(|one| one.canceled.is_none()).filter_map(|one| {
        let plan = call.state.plans.get_any(&one.plan)?;
        plan.prices.iter().find(|price| one.price.as_ref() == Some(&price.id))
    });
    let user = sold.next().or_else(|| paid.find(|price| names(&price.market_prices, &market.id)));
    if let Some(price) = user {
        let message = format!("The price `{}` names the market `{}`", price.id, market.name);
        return Err(Failure::new("market_in_use", message));
    }
    market.deleted = true;
    let reply = call.deleted("market", &market.id);
    call.state.markets.put(market);
    Ok(reply)
}

fn names(prices: &[super::rows::MarketPrice], market: &str) -> bool {
    prices.iter().any(|one| one.market_group_id == market)
}
