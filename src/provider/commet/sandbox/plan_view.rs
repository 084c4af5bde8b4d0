//! How a plan reads: everything embedded (commet-api.md §3.2). On 2026-07-11 without price ids and variants, and
//! never with what is write-only: creditsPerUnit, pricingMode, margin and a region's intro offer.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value, json};

use super::call::Call;
use super::intro;
use super::rows::{Feature, IntroOffer, MarketPrice, Plan, PlanFeature, Price};
use super::state::State;
use super::version::Version;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanView<'a> {
    id: &'a str,
    name: &'a str,
    code: &'a str,
    description: Option<&'a str>,
    consumption_model: Option<&'a str>,
    is_public: bool,
    is_default: bool,
    is_free: bool,
    block_on_exhaustion: Option<bool>,
    sort_order: i64,
    plan_group_id: Option<&'a str>,
    metadata: Option<&'a Map<String, Value>>,
    created_at: String,
    updated_at: String,
    features: Vec<FeatureView<'a>>,
    prices: Vec<PriceView<'a>>,
    exchange_rates: Vec<RateView<'a>>,
    object: &'static str,
    livemode: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FeatureView<'a> {
    code: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    unit_name: Option<&'a str>,
    enabled: bool,
    included_amount: Option<i64>,
    unlimited: bool,
    overage: Option<OverageView>,
    regional_prices: Vec<RegionalUnitPriceView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OverageView {
    enabled: bool,
    model: Option<&'static str>,
    unit_price: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionalUnitPriceView<'a> {
    currency: &'a str,
    overage_unit_price: i64,
    auto_synced: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PriceView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    billing_interval: &'a str,
    price: i64,
    is_default: bool,
    trial_days: i64,
    included_balance: Option<i64>,
    included_credits: Option<i64>,
    #[serde(flatten)]
    terms: Terms<'a>,
    regional_prices: Vec<RegionalPriceView<'a>>,
}

/// What a price carries beside its numbers: its intro offer, and from 2026-07-24 what took the offer's place.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Terms<'a> {
    #[serde(rename_all = "camelCase")]
    July11 { intro_offer: Option<IntroOffer> },
    #[serde(rename_all = "camelCase")]
    July31 {
        offer_id: Option<&'a str>,
        inherits_from_price_id: Option<&'a str>,
        metadata: &'a Map<String, Value>,
        market_prices: &'a [MarketPrice],
    },
}

impl<'a> Terms<'a> {
    fn new(call: &Call<'_>, price: &'a Price) -> Self {
        match call.version {
            Version::July11 => Self::July11 { intro_offer: intro::shown(call.state, price) },
            Version::July31 => Self::July31 {
                offer_id: price.offer.as_deref(),
                inherits_from_price_id: price.inherits_from.as_deref(),
                metadata: &price.metadata,
                market_prices: &price.market_prices,
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionalPriceView<'a> {
    currency: &'a str,
    price: i64,
    included_balance: Option<i64>,
    auto_synced: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RateView<'a> {
    currency: &'a str,
    #[serde(serialize_with = "rate_number")]
    exchange_rate: Decimal,
}

fn rate_number<S: Serializer>(rate: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    rate_as_number(*rate).serialize(serializer)
}

/// A rate as the JSON number that it came as.
pub(super) fn rate_as_number(rate: Decimal) -> Option<Number> {
    match rate.to_i64() {
        Some(whole) if rate.is_integer() => Some(whole.into()),
        _ => rate.to_string().parse().ok().and_then(Number::from_f64),
    }
}

impl<'a> PlanView<'a> {
    pub(super) fn new(call: &'a Call<'_>, plan: &'a Plan) -> Self {
        Self {
            id: &plan.id,
            name: &plan.name,
            code: &plan.code,
            description: plan.description.as_deref(),
            consumption_model: plan.consumption_model.as_deref(),
            is_public: plan.is_public,
            // Nothing in the API writes it (commet-api.md §3.2).
            is_default: false,
            is_free: plan.is_free,
            block_on_exhaustion: plan.block_on_exhaustion,
            sort_order: plan.sort_order,
            plan_group_id: plan.group.as_deref(),
            metadata: plan.metadata.as_ref(),
            created_at: plan.created.iso(),
            updated_at: plan.updated.iso(),
            features: plan.features.iter().filter_map(|one| feature(call.state, one)).collect(),
            prices: plan
                .live_prices()
                .filter(|price| call.version == Version::July31 || price.inherits_from.is_none())
                .map(|price| price_view(call, price))
                .collect(),
            exchange_rates: plan
                .exchange_rates
                .iter()
                .map(|(currency, rate)| RateView { currency, exchange_rate: *rate })
                .collect(),
            object: "plan",
            livemode: call.livemode,
        }
    }
}

fn feature<'a>(state: &'a State, one: &'a PlanFeature) -> Option<FeatureView<'a>> {
    let feature: &Feature = state.features.get_any(&one.feature)?;
    let limits = !feature.is_boolean();
    Some(FeatureView {
        code: &feature.code,
        name: &feature.name,
        kind: &feature.kind,
        unit_name: feature.unit_name.as_deref(),
        enabled: one.enabled,
        included_amount: limits.then_some(one.included_amount),
        unlimited: one.unlimited,
        overage: limits.then_some(OverageView {
            enabled: one.overage_enabled,
            model: one.overage_enabled.then_some("per_unit"),
            unit_price: one.unit_price,
        }),
        regional_prices: one
            .regional
            .iter()
            .map(|(currency, row)| RegionalUnitPriceView {
                currency,
                overage_unit_price: row.unit_price,
                auto_synced: row.auto_synced,
            })
            .collect(),
    })
}

fn price_view<'a>(call: &Call<'_>, price: &'a Price) -> PriceView<'a> {
    PriceView {
        id: (call.version == Version::July31).then_some(&price.id),
        billing_interval: &price.interval,
        price: price.amount,
        is_default: price.is_default,
        trial_days: price.trial_days,
        included_balance: price.included_balance,
        included_credits: price.included_credits,
        terms: Terms::new(call, price),
        regional_prices: price
            .regional
            .iter()
            .map(|(currency, row)| RegionalPriceView {
                currency,
                price: row.price,
                included_balance: row.included_balance,
                auto_synced: row.auto_synced,
            })
            .collect(),
    }
}

/// A price as its own writes answer it: with id, plan and times (commet-api.md §3.3).
pub(super) fn price(call: &Call<'_>, plan: &Plan, price: &Price) -> Value {
    let mut view = json!({
        "id": price.id,
        "planId": plan.id,
        "billingInterval": price.interval,
        "price": price.amount,
        "isDefault": price.is_default,
        "trialDays": price.trial_days,
        "includedBalance": price.included_balance,
        "includedCredits": price.included_credits,
    });
    let terms = serde_json::to_value(Terms::new(call, price)).unwrap_or_default();
    if let (Some(view), Value::Object(terms)) = (view.as_object_mut(), terms) {
        view.extend(terms);
        view.insert("createdAt".into(), price.created.iso().into());
        view.insert("updatedAt".into(), price.updated.iso().into());
    }
    call.object(call.version.object("plan", "plan_price"), view)
}
