//! The objects as they are kept. Money of prices is in the currency's minor unit, unit prices in 1/10000 of the
//! currency's unit, percentages in basis points (commet-api.md §3.9).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::table::Row;
use super::time::Time;

/// A currency as the API writes it: `brl`.
pub(super) type CurrencyCode = String;

/// commet-api.md §3.1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Feature {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) code: String,
    pub(super) kind: String,
    pub(super) description: Option<String>,
    pub(super) unit_name: Option<String>,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

impl Feature {
    pub(super) fn is_boolean(&self) -> bool {
        self.kind == "boolean"
    }
}

/// commet-api.md §3.2.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) code: String,
    pub(super) description: Option<String>,
    pub(super) consumption_model: Option<String>,
    pub(super) is_public: bool,
    pub(super) is_free: bool,
    pub(super) block_on_exhaustion: Option<bool>,
    pub(super) sort_order: i64,
    pub(super) group: Option<String>,
    pub(super) metadata: Option<Map<String, Value>>,
    pub(super) prices: Vec<Price>,
    pub(super) features: Vec<PlanFeature>,
    /// Units of a currency for one US dollar.
    pub(super) exchange_rates: BTreeMap<CurrencyCode, Decimal>,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

impl Plan {
    /// The prices that are on offer.
    pub(super) fn live_prices(&self) -> impl Iterator<Item = &Price> {
        self.prices.iter().filter(|price| !price.archived)
    }

    pub(super) fn live_prices_mut(&mut self) -> impl Iterator<Item = &mut Price> {
        self.prices.iter_mut().filter(|price| !price.archived)
    }

    /// The prices on offer that are no variants: one for each interval.
    pub(super) fn base_prices(&self) -> impl Iterator<Item = &Price> {
        self.live_prices().filter(|price| price.inherits_from.is_none())
    }

    /// The variants on offer of one price.
    pub(super) fn variants<'p>(&'p self, base: &'p str) -> impl Iterator<Item = &'p Price> {
        self.live_prices().filter(move |price| price.inherits_from.as_deref() == Some(base))
    }
}

/// commet-api.md §3.3. Archived ones stay for those who subscribed to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Price {
    pub(super) id: String,
    pub(super) interval: String,
    /// US cents.
    pub(super) amount: i64,
    pub(super) is_default: bool,
    pub(super) trial_days: i64,
    pub(super) included_balance: Option<i64>,
    pub(super) included_credits: Option<i64>,
    /// As 2026-07-11 wrote it. While it is enabled, an offer is made of it: see `offer`.
    pub(super) intro_offer: Option<IntroOffer>,
    /// The offer that new subscriptions get by themselves: that of the intro offer, or one that the dashboard attached.
    pub(super) offer: Option<String>,
    /// The base price of a variant.
    pub(super) inherits_from: Option<String>,
    pub(super) metadata: Map<String, Value>,
    pub(super) market_prices: Vec<MarketPrice>,
    pub(super) regional: BTreeMap<CurrencyCode, RegionalPrice>,
    pub(super) archived: bool,
    pub(super) created: Time,
    pub(super) updated: Time,
}

/// A price in one market, in the minor unit of its currency.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MarketPrice {
    pub(super) market_group_id: String,
    pub(super) currency: CurrencyCode,
    pub(super) price: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntroOffer {
    pub(super) enabled: bool,
    pub(super) discount_type: Option<String>,
    pub(super) discount_value: Option<i64>,
    pub(super) duration_cycles: Option<i64>,
}

/// A price in one currency, in its minor unit (whole units where it has none).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RegionalPrice {
    pub(super) price: i64,
    pub(super) included_balance: Option<i64>,
    pub(super) auto_synced: bool,
    /// Never returned (commet-api.md §4).
    pub(super) intro_offer: Option<IntroOffer>,
}

/// commet-api.md §3.4.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlanFeature {
    pub(super) feature: String,
    pub(super) enabled: bool,
    pub(super) included_amount: i64,
    pub(super) unlimited: bool,
    pub(super) overage_enabled: bool,
    /// 1/10000 US dollar.
    pub(super) unit_price: i64,
    pub(super) credits_per_unit: Option<i64>,
    pub(super) pricing_mode: String,
    pub(super) margin: Option<i64>,
    pub(super) regional: BTreeMap<CurrencyCode, RegionalUnitPrice>,
}

/// A unit price in one currency, in 1/10000 of its unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RegionalUnitPrice {
    pub(super) unit_price: i64,
    pub(super) auto_synced: bool,
}

/// commet-api.md §3.6.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) is_public: bool,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

/// commet-api.md §3.7.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Addon {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) description: Option<String>,
    /// US cents.
    pub(super) base_price: i64,
    pub(super) model: String,
    pub(super) feature: String,
    pub(super) included_units: Option<i64>,
    /// 1/10000 US dollar.
    pub(super) overage_rate: Option<i64>,
    pub(super) credit_cost: Option<i64>,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) external_id: Option<String>,
    pub(super) email: String,
    pub(super) full_name: Option<String>,
    /// ISO 3166, upper case: decides a subscription's currency.
    pub(super) country: Option<String>,
    pub(super) metadata: Option<Map<String, Value>>,
    pub(super) created: Time,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) customer: String,
    pub(super) plan: String,
    /// None on a free plan.
    pub(super) price: Option<String>,
    pub(super) currency: CurrencyCode,
    pub(super) interval: Option<String>,
    pub(super) trial_ends: Option<Time>,
    pub(super) start: Time,
    pub(super) period_end: Option<Time>,
    pub(super) cancel_at_period_end: Option<Option<String>>,
    pub(super) canceled: Option<Time>,
    /// When each active add-on was activated, by its id.
    pub(super) addons: BTreeMap<String, Time>,
    pub(super) updated: Time,
}

/// commet-api.md §3.8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CreditPack {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) credits: i64,
    /// US cents.
    pub(super) price: i64,
    pub(super) is_active: bool,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

/// commet-api.md §3.8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PromoCode {
    pub(super) id: String,
    pub(super) code: String,
    /// What it is worth. The discount that 2026-07-11 has inline is an offer too.
    pub(super) offer: String,
    pub(super) billing_interval: Option<String>,
    pub(super) max_redemptions: Option<i64>,
    pub(super) expires_at: Option<String>,
    pub(super) is_active: bool,
    pub(super) plans: Vec<String>,
    pub(super) created: Time,
    pub(super) updated: Time,
}

/// Countries that share prices (commet-api.md §3.8).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Market {
    pub(super) id: String,
    pub(super) name: String,
    /// ISO 3166, upper case.
    pub(super) countries: Vec<String>,
    pub(super) metadata: Map<String, Value>,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

/// Terms that a price, a promo code or a subscription can name (commet-api.md §3.8).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) phases: Vec<Phase>,
    pub(super) metadata: Map<String, Value>,
    pub(super) starts_at: Option<String>,
    pub(super) ends_at: Option<String>,
    pub(super) active: bool,
    /// The price whose intro offer, written on 2026-07-11, it is.
    #[serde(default)]
    pub(super) intro_of: Option<String>,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) deleted: bool,
}

/// A stretch of an offer, as the API writes it. Without cycles it has no end; without an interval the cycles are the
/// price's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum Phase {
    FreeTrial {
        duration_days: i64,
    },
    Percentage {
        duration_cycles: Option<i64>,
        duration_interval: Option<String>,
        /// Basis points.
        percentage: i64,
    },
    AmountOff {
        duration_cycles: Option<i64>,
        duration_interval: Option<String>,
        amounts: Vec<CurrencyAmount>,
    },
    FixedPrice {
        duration_cycles: Option<i64>,
        duration_interval: Option<String>,
        prices: Vec<CurrencyAmount>,
    },
}

/// In the currency's minor unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CurrencyAmount {
    pub(super) currency: CurrencyCode,
    pub(super) amount: i64,
}

macro_rules! row {
    ($type:ident, $kind:literal, $live:expr, $keys:expr) => {
        impl Row for $type {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                &self.id
            }

            fn is_live(&self) -> bool {
                let live: fn(&Self) -> bool = $live;
                live(self)
            }

            fn keys(&self) -> Vec<(&'static str, &str)> {
                let keys: for<'a> fn(&'a Self) -> Vec<(&'static str, &'a str)> = $keys;
                keys(self)
            }
        }
    };
}

row!(Feature, "feature", |row| !row.deleted, |row| vec![("code", &row.code), ("name", &row.name)]);
row!(Plan, "plan", |row| !row.deleted, |row| {
    let own = [("code", row.code.as_str()), ("name", &row.name)];
    let group = row.group.iter().map(|group| ("group", group.as_str()));
    let features = row.features.iter().map(|feature| ("feature", feature.feature.as_str()));
    let markets = row.prices.iter().flat_map(|price| &price.market_prices);
    let markets = markets.map(|one| ("market", one.market_group_id.as_str()));
    let offers = row.live_prices().filter_map(|price| price.offer.as_deref()).map(|offer| ("offer", offer));
    own.into_iter().chain(group).chain(features).chain(markets).chain(offers).collect()
});
row!(Group, "plan_group", |row| !row.deleted, |_| Vec::new());
row!(Addon, "addon", |row| !row.deleted, |row| vec![("slug", &row.slug), ("feature", &row.feature)]);
row!(Customer, "customer", |_| true, |row| { row.external_id.iter().map(|id| ("external", id.as_str())).collect() });
row!(Subscription, "subscription", |_| true, |row| {
    let customer = [("customer", row.customer.as_str())].into_iter();
    // What has ended depends on nothing any more.
    let price = row.price.iter().filter(|_| row.canceled.is_none()).map(|price| ("price", price.as_str()));
    customer.chain(price).chain(row.addons.keys().map(|addon| ("addon", addon.as_str()))).collect()
});
row!(CreditPack, "credit_pack", |row| !row.deleted, |row| vec![("name", &row.name)]);
row!(PromoCode, "promo_code", |_| true, |row| vec![("code", &row.code), ("offer", &row.offer)]);
row!(Market, "market", |row| !row.deleted, |row| {
    row.countries.iter().map(|country| ("country", country.as_str())).collect()
});
row!(Offer, "offer", |row| !row.deleted, |row| {
    row.intro_of.iter().map(|price| ("price", price.as_str())).collect()
});
