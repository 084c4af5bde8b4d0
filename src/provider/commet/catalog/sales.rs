//! What is sold and how beside plans: offers, markets, price variants, credit packs, promo codes (commet-api.md §3.8).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;
use crate::model::{Amount, Percent};

/// An offer: a trial, a discount or a price for a time, independent of the plan and of how a customer gets it. From
/// 2026-07-31 on. The API has no code for it: the key is yours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The offer's name. Without an `id`, a live offer is recognised by it.
    pub name: String,
    /// What happens, one after the other. 1 to 10.
    pub phases: Vec<Phase>,
    /// From when on it can be applied, such as `2026-12-01T00:00:00Z`.
    #[serde(default)]
    pub starts_at: Option<String>,
    /// Until when it can be applied.
    #[serde(default)]
    pub ends_at: Option<String>,
    /// Whether it can be applied.
    #[serde(default = "yes")]
    pub active: bool,
    /// Your own data: any map.
    #[serde(default)]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// Binds this key to one live offer, when several share a name.
    #[serde(default)]
    pub id: Option<String>,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
}

/// One phase of an offer: exactly one of `free_trial`, `percentage`, `amount_off` and `fixed_price`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Days before the first charge. Only in the first phase.
    #[serde(default)]
    pub free_trial: Option<u64>,
    /// How much is taken off the plan's price.
    #[serde(default)]
    pub percentage: Option<Percent>,
    /// What is taken off, by currency code. `usd` is needed; a currency that is not listed has no such discount.
    #[serde(default)]
    pub amount_off: Option<BTreeMap<String, Amount>>,
    /// What is charged instead of the plan's price, by currency code. `usd` is needed.
    #[serde(default)]
    pub fixed_price: Option<BTreeMap<String, Amount>>,
    /// For how many billing cycles. Left out in the last phase: for ever.
    #[serde(default)]
    pub cycles: Option<u64>,
    /// What a cycle is. The subscription's own billing interval when left out.
    #[serde(default)]
    pub interval: Option<OfferInterval>,
}

/// What a cycle of an offer's phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferInterval {
    /// A week.
    Weekly,
    /// A month.
    Monthly,
    /// Three months.
    Quarterly,
    /// A year.
    Yearly,
}

/// A market: countries that have prices of their own. From 2026-07-31 on. The API has no code for it: the key is yours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The market's name. Without an `id`, a live market is recognised by it.
    pub name: String,
    /// Its countries, by ISO 3166 code such as `AR`. A country is in one market at most.
    pub countries: Vec<String>,
    /// Your own data: any map.
    #[serde(default)]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// Binds this key to one live market, when several share a name.
    #[serde(default)]
    pub id: Option<String>,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
}

/// A price in markets: one currency and amount for each, by the market's key: `argentina: { ars: 64900.00 }`.
pub type MarketPrices = BTreeMap<String, BTreeMap<String, Amount>>;

/// A variant of a price that a customer can be given deliberately: other prices in some of its markets. From 2026-07-31
/// on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What it is called. It is kept in the price's metadata as `name`, and a live variant is recognised by it.
    pub name: String,
    /// Its prices, by market. The price that it varies has a price in each of these markets.
    pub markets: MarketPrices,
    /// Your own data: any map, without `name`.
    #[serde(default)]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// Refuse to archive this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// A pack of credits that a customer of a credits plan can buy. The key is yours; the API knows a pack by its name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditPack {
    /// The name that customers see. Unique.
    pub name: String,
    /// How many credits it holds.
    pub credits: u64,
    /// What it costs, in US dollars.
    pub price: Amount,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it can be bought. The API hides packs that cannot: Pricebook then goes by its ledger.
    #[serde(default = "yes")]
    pub active: bool,
    /// Binds this key to one live pack.
    #[serde(default)]
    pub id: Option<String>,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
}

/// A code that a customer enters at the checkout. The API deletes none: one that leaves the files is switched off.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromoCode {
    /// The key of the offer that it gives. From 2026-07-31 on, and needed there. Cannot be changed later.
    #[serde(default)]
    pub offer: Option<String>,
    /// How much is taken off, of the price. Up to 2026-07-11, there this or `amount_off`. Cannot be changed later.
    #[serde(default)]
    pub percentage: Option<Percent>,
    /// How much is taken off, in US dollars. Up to 2026-07-11. Cannot be changed later.
    #[serde(default)]
    pub amount_off: Option<Amount>,
    /// For how many billing cycles; for ever when left out. Up to 2026-07-11. Cannot be changed later.
    #[serde(default)]
    pub cycles: Option<u64>,
    /// Only for prices of this interval.
    #[serde(default)]
    pub billing_interval: Option<super::BillingInterval>,
    /// How many times it can be redeemed.
    #[serde(default)]
    pub max_redemptions: Option<u64>,
    /// Until when, such as `2026-12-31T23:59:59Z`.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// Only for these plans, by code. The API never shows it.
    #[serde(default)]
    pub plans: Vec<String>,
    /// Whether it can be redeemed.
    #[serde(default = "yes")]
    pub active: bool,
    /// Refuse to switch it off, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}
