//! Prices in other currencies (commet-api.md §3.5): by hand for one price, or a whole plan at an exchange rate.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::derive::{self, CURRENCIES};
use super::failure::Failure;
use super::plan_view::rate_as_number;
use super::rows::{IntroOffer, Plan, RegionalPrice};
use super::rules::{COUNT, Field, Kind, NAME, optional, required};
use super::version::Version;
use super::{intro, market_prices, plan_features, prices};

const OVERRIDES: &[Field] = &[required(
    "overrides",
    Kind::Objects(&[
        required("currency", Kind::OneOf(CURRENCIES)),
        required("price", COUNT),
        optional("includedBalance", COUNT),
    ]),
)];

// From 2026-07-24 without the last field: there are no intro offers to set.
const CURRENCY: &[Field] = &[
    required("currency", Kind::OneOf(CURRENCIES)),
    required("exchangeRate", Kind::Rate),
    optional(
        "prices",
        Kind::Objects(&[required("priceId", NAME), required("price", COUNT), optional("includedBalance", COUNT)]),
    ),
    optional("features", Kind::Objects(&[required("featureId", NAME), required("overageUnitPrice", COUNT)])),
    optional(
        "introOffers",
        Kind::Objects(&[
            required("priceId", NAME),
            required("discountType", prices::DISCOUNTS),
            required("discountValue", COUNT),
            required("durationCycles", Kind::Int(1)),
        ]),
    ),
];

/// Writes the currencies that are sent, by hand; the others stay.
pub(super) fn upsert(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(OVERRIDES)?;
    let mut plan = call.state.plan(call.arg(0))?;
    let price = prices::find(&mut plan, call.arg(1))?;
    market_prices::only_base(price, "priceId")?;
    let overrides = body.objects("overrides");
    once("overrides", "currency", &overrides)?;
    let mut echo = Vec::new();
    for one in &overrides {
        let mut shown = Map::new();
        shown.insert("currency".into(), one.text("currency").into());
        shown.insert("price".into(), one.int("price").into());
        if let Some(balance) = one.opt_int("includedBalance") {
            shown.insert("includedBalance".into(), balance.into());
        }
        echo.push(Value::Object(shown));
        let before = price.regional.remove(&one.text("currency"));
        let row = RegionalPrice {
            price: one.int("price"),
            included_balance: one.opt_int("includedBalance"),
            auto_synced: false,
            intro_offer: before.and_then(|row| row.intro_offer),
        };
        price.regional.insert(one.text("currency"), row);
    }
    let object = call.version.object("plan", "plan_regional_pricing");
    let reply = Reply::one(call.object(object, json!({ "priceId": price.id, "overrides": echo })));
    market_prices::inherit(&mut plan);
    call.state.plans.put(plan);
    Ok(reply)
}

/// Removes every currency of one price; the plan's exchange rates stay. Refused while somebody pays one of them.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut plan = call.state.plan(call.arg(0))?;
    let variants: Vec<String> = plan.variants(call.arg(1)).map(|variant| variant.id.clone()).collect();
    let price = prices::find(&mut plan, call.arg(1))?;
    market_prices::only_base(price, "priceId")?;
    let paid = std::iter::once(&price.id).chain(&variants);
    let mut subscribers = paid.flat_map(|id| call.state.subscriptions.by("price", id));
    let payer = subscribers.find(|one| price.regional.contains_key(&one.currency));
    if let Some(payer) = payer {
        let message = format!("The subscription `{}` pays this price in {}", payer.id, payer.currency);
        return Err(Failure::new("price_in_use", message));
    }
    price.regional.clear();
    let object = call.version.object("plan", "plan_regional_pricing");
    let reply = Reply::one(call.object(object, json!({ "deleted": true })));
    market_prices::inherit(&mut plan);
    call.state.plans.put(plan);
    Ok(reply)
}

/// Sets a currency's rate and every value of the plan in it: as listed, else derived, also what was set by hand.
pub(super) fn set_currency(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(match call.version {
        Version::July11 => CURRENCY,
        Version::July31 => &CURRENCY[..CURRENCY.len() - 1],
    })?;
    let mut plan = call.state.plan(call.arg(0))?;
    let (currency, rate) = (body.text("currency"), body.decimal("exchangeRate"));
    let listed = (body.objects("prices"), body.objects("features"));
    let offers = body.objects("introOffers");
    once("prices", "priceId", &listed.0)?;
    once("features", "featureId", &listed.1)?;
    once("introOffers", "priceId", &offers)?;
    for one in listed.0.iter().chain(&offers) {
        market_prices::only_base(prices::find(&mut plan, &one.text("priceId"))?, "priceId")?;
    }
    for (n, one) in listed.1.iter().enumerate() {
        let id = one.text("featureId");
        plan_features::find(&mut plan, &id)?;
        if call.state.feature(&id)?.is_boolean() {
            return Err(Failure::field(format!("features.{n}.featureId"), "A boolean feature has no unit price"));
        }
    }
    set_prices(&mut plan, &currency, rate, &listed.0, &offers)?;
    if call.version == Version::July11 {
        // Their amounts in this currency may have changed.
        for price in plan.base_prices().map(|price| price.id.clone()).collect::<Vec<_>>() {
            let price = prices::find(&mut plan, &price)?;
            let made = call.state.offers.by("price", &price.id).any(|made| price.offer.as_ref() == Some(&made.id));
            if let Some(shown) = intro::shown(call.state, price).filter(|_| made) {
                price.intro_offer = Some(shown);
                let id = price.id.clone();
                intro::keep(call, &mut plan, &id);
            }
        }
    }
    let mut features = 0;
    for one in &mut plan.features {
        let by_hand = listed.1.iter().find(|listed| listed.text("featureId") == one.feature);
        // What has no overage has nothing to derive.
        if by_hand.is_none() && !one.overage_enabled {
            one.regional.remove(&currency);
            continue;
        }
        let mut row = derive::overage(one, rate, &currency)?;
        if let Some(by_hand) = by_hand {
            row.unit_price = by_hand.int("overageUnitPrice");
            row.auto_synced = false;
        }
        one.regional.insert(currency.clone(), row);
        features += 1;
    }
    let reply = Reply::one(call.object(
        call.version.object("plan", "plan_regional_pricing"),
        json!({
            "planId": plan.id,
            "currency": currency,
            "exchangeRate": rate_as_number(rate),
            "pricesConfigured": plan.base_prices().count(),
            "featuresConfigured": features,
        }),
    ));
    plan.exchange_rates.insert(currency, rate);
    market_prices::inherit(&mut plan);
    call.state.plans.put(plan);
    Ok(reply)
}

fn set_prices(
    plan: &mut Plan,
    currency: &str,
    rate: rust_decimal::Decimal,
    listed: &[Body],
    offers: &[Body],
) -> Result<(), Failure> {
    let mut details = Vec::new();
    for price in plan.live_prices_mut() {
        let mut row = derive::price(price, rate, currency)?;
        if let Some(by_hand) = listed.iter().find(|one| one.text("priceId") == price.id) {
            row.price = by_hand.int("price");
            row.included_balance = by_hand.opt_int("includedBalance").or(row.included_balance);
            row.auto_synced = false;
        }
        let offer = offers.iter().enumerate().find(|(_, one)| one.text("priceId") == price.id);
        if let Some((n, one)) = offer {
            let offer = IntroOffer {
                enabled: true,
                discount_type: one.opt_text("discountType"),
                discount_value: one.opt_int("discountValue"),
                duration_cycles: one.opt_int("durationCycles"),
            };
            prices::check_offer(&format!("introOffers.{n}"), &offer, &mut details);
            row.intro_offer = Some(offer);
        }
        price.regional.insert(currency.to_owned(), row);
    }
    Failure::unless_empty(details)
}

/// Nothing is listed twice.
fn once(list: &str, field: &str, items: &[Body]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    let twice = items.iter().position(|item| !seen.insert(item.text(field)));
    twice.map_or(Ok(()), |n| Err(Failure::field(format!("{list}.{n}.{field}"), "Listed twice")))
}
