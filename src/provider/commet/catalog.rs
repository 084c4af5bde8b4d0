//! The catalog language for Commet: what a file may say. These types are also the JSON Schema.
//!
//! A value that is left out means the default that its field documents: the file is the whole truth about an
//! object that it names.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod sales;

pub use sales::{CreditPack, Market, MarketPrices, Offer, OfferInterval, Phase, PromoCode, Variant};

use super::short;
use crate::load::Defaults;
use crate::model::{Amount, Percent, Rate, UnitPrice};

/// The currencies that the API takes (commet-api.md §3.5). `usd` is the United States variant.
pub const CURRENCIES: &[&str] = &[
    "ars", "brl", "clp", "cop", "pen", "uyu", "pyg", "bob", "mxn", "cad", "eur", "jpy", "cny", "krw", "hkd", "sgd",
    "twd", "inr", "thb", "usd",
];

/// A Commet billing catalog.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Catalog {
    /// Which billing API this catalog is for.
    pub provider: ProviderName,
    /// What a changed price does to existing subscribers. Required once a price changes; a plan or a price can
    /// say its own.
    pub price_changes: Option<PriceChanges>,
    /// What customers can use, by code.
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z0-9_]+$" }))]
    pub features: BTreeMap<String, Feature>,
    /// Plan groups: which plans a customer can switch between, and which direction is up. The key is yours, the
    /// API knows a group by its id and its name.
    pub groups: BTreeMap<String, Group>,
    /// Billing plans, by code.
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z0-9_]+$" }))]
    pub plans: BTreeMap<String, Plan>,
    /// Add-ons: a feature sold on top of a plan. The key is yours; the API knows an add-on by its feature.
    pub addons: BTreeMap<String, Addon>,
    /// Offers: trials, discounts and prices for a time, by a key of yours. From 2026-07-31 on.
    pub offers: BTreeMap<String, Offer>,
    /// Markets: countries with prices of their own, by a key of yours. From 2026-07-31 on.
    pub markets: BTreeMap<String, Market>,
    /// Credit packs, by a key of yours.
    pub credit_packs: BTreeMap<String, CreditPack>,
    /// Promo codes, by the code that customers enter.
    #[schemars(extend("propertyNames" = { "pattern": "^[A-Z0-9-]+$" }))]
    pub promo_codes: BTreeMap<String, PromoCode>,
    /// Objects that must not exist: the only way to remove what Pricebook did not create.
    pub absent: Absent,
    /// Values for every object that does not say its own, by collection: `plans`, `plans.prices`. A `null` in an object
    /// goes before the default and means nothing.
    pub defaults: Defaults,
}

/// The provider of this catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// Commet, hosted SaaS billing.
    #[default]
    Commet,
}

/// What a changed amount does to who already subscribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceChanges {
    /// Update the price in place: existing subscribers pay the new amount from their next renewal.
    Reprice,
    /// Archive the price and add a new one: existing subscribers keep what they have.
    Grandfather,
}

/// What a feature measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// On or off.
    Boolean,
    /// Counted as it is used, reset every period.
    Usage,
    /// Counted by who holds one.
    Seats,
    /// A limit on how many may exist at once.
    Quota,
}

/// How a plan or an add-on charges for usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsumptionModel {
    /// An included amount for each feature, overage billed at the end of the period.
    Metered,
    /// A pool of credits; usage stops when it is empty.
    Credits,
    /// A prepaid balance of money that usage draws from.
    Balance,
}

/// How an add-on charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddonModel {
    /// Switches a feature on for the base price.
    Boolean,
    /// Included units, then a rate for each further unit.
    Metered,
    /// Every use costs credits.
    Credits,
    /// Every use costs money from the balance.
    Balance,
}

/// How one unit of a feature is priced on a balance plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricingMode {
    /// At the unit price.
    #[default]
    Fixed,
    /// At the AI model's own price plus a margin.
    AiModel,
}

/// How often a price is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillingInterval {
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Yearly,
    /// Once, without renewal.
    OneTime,
}

/// A feature: something customers can use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// The name that customers see. Unique.
    pub name: String,
    /// What the feature measures. Cannot be changed later.
    #[serde(rename = "type")]
    pub feature_type: FeatureType,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What one unit is called, such as `call` or `seat`.
    #[serde(default)]
    pub unit_name: Option<String>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// A plan group: plans that a customer can switch between.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The group's name. Without an `id`, a live group is recognised by it.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether the group is shown to customers.
    #[serde(default = "yes")]
    pub public: bool,
    /// The codes of its plans, low to high: this order decides what is an upgrade.
    #[serde(default)]
    pub plans: Vec<String>,
    /// Binds this key to one live group, when several share a name.
    #[serde(default)]
    pub id: Option<String>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
}

/// A billing plan.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name that customers see. Unique.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// How the plan charges for usage. Required when the plan has a usage feature. Cannot be changed later.
    #[serde(default)]
    pub consumption_model: Option<ConsumptionModel>,
    /// Whether the plan is shown on the pricing page.
    #[serde(default = "yes")]
    pub public: bool,
    /// A plan without prices that is active at once. Cannot be changed later.
    #[serde(default)]
    pub free: bool,
    /// On a balance plan: stop usage when the balance is used up, instead of charging overage. Cannot be changed
    /// later.
    #[serde(default)]
    pub block_on_exhaustion: bool,
    /// Your own data: any map.
    #[serde(default)]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// Which price is selected first. Required when there are several; with one price it is that one.
    #[serde(default)]
    pub default_price: Option<BillingInterval>,
    /// What a changed price of this plan does to existing subscribers. The catalog's own word when left out.
    #[serde(default)]
    pub price_changes: Option<PriceChanges>,
    /// Prices in US dollars, one for each billing interval.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "$ref": "#/$defs/BillingInterval" }))]
    pub prices: BTreeMap<BillingInterval, Price>,
    /// What the plan includes, by feature code.
    #[serde(default)]
    pub features: BTreeMap<String, PlanFeature>,
    /// Prices in other currencies, by currency code.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "enum": CURRENCIES }))]
    pub regions: BTreeMap<String, Region>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// A price of a plan for one billing interval. `49.00` is short for `{ amount: 49.00 }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(transform = short::amount)]
pub struct Price {
    /// The price in US dollars.
    pub amount: Amount,
    /// Free days before the first charge.
    #[serde(default)]
    pub trial_days: u64,
    /// On a balance plan: money to use per month, in US dollars.
    #[serde(default)]
    pub included_balance: Option<Amount>,
    /// On a credits plan: credits per month.
    #[serde(default)]
    pub included_credits: Option<u64>,
    /// A discount on the base price for a new customer's first billing cycles. Up to 2026-07-11; after that an offer is
    /// attached to a price in the dashboard.
    #[serde(default)]
    pub intro_offer: Option<IntroOffer>,
    /// Prices of its own in markets, by the market's key: `argentina: { ars: 64900.00 }`. From 2026-07-31 on.
    #[serde(default)]
    pub markets: MarketPrices,
    /// Variants that a customer can be given deliberately, by a key of yours. From 2026-07-31 on.
    #[serde(default)]
    pub variants: BTreeMap<String, Variant>,
    /// Your own data: any map. From 2026-07-31 on.
    #[serde(default)]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// What a change of this price does to existing subscribers. The plan's own word when left out.
    #[serde(default)]
    pub price_changes: Option<PriceChanges>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// A discount on the base price for a new customer's first billing cycles. Either `percentage` or `amount`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntroOffer {
    /// How much is taken off, of the price.
    #[serde(default)]
    pub percentage: Option<Percent>,
    /// How much is taken off, in money of the price's currency.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// For how many billing cycles.
    pub cycles: u64,
}

/// A feature on a plan. `true` is short for `{ enabled: true }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(transform = short::flag)]
pub struct PlanFeature {
    /// Whether the plan's customers can use it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Units that the plan includes per period.
    #[serde(default)]
    pub included_amount: u64,
    /// No limit. Excludes `included_amount` and `overage`.
    #[serde(default)]
    pub unlimited: bool,
    /// The price of one unit beyond the included amount, in US dollars, with up to 4 decimals. Usage stops at the
    /// included amount when left out.
    #[serde(default)]
    pub overage: Option<UnitPrice>,
    /// On a credits plan: credits that one unit costs.
    #[serde(default)]
    pub credits_per_unit: Option<u64>,
    /// On a balance plan: how one unit is priced. Cannot be changed later.
    #[serde(default)]
    pub pricing_mode: PricingMode,
    /// With `pricing_mode: ai_model`: what is added to the model's own price. Cannot be changed later.
    #[serde(default)]
    pub margin: Option<Percent>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Allow this object to be removed and added again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// A plan's prices in one currency. What is not listed is derived by the API at the exchange rate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Units of this currency for one US dollar.
    pub exchange_rate: Rate,
    /// Prices that are set by hand, by billing interval.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "$ref": "#/$defs/BillingInterval" }))]
    pub prices: BTreeMap<BillingInterval, RegionPrice>,
    /// Unit prices that are set by hand, by feature code.
    #[serde(default)]
    pub features: BTreeMap<String, RegionFeature>,
    /// Refuse to remove this currency, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// A price in this currency. `249.00` is short for `{ amount: 249.00 }`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(transform = short::amount)]
pub struct RegionPrice {
    /// The price in this currency. Derived when left out.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The included balance in this currency. Derived when left out.
    #[serde(default)]
    pub included_balance: Option<Amount>,
    /// The introductory offer in this currency. Derived when left out.
    #[serde(default)]
    pub intro_offer: Option<IntroOffer>,
}

/// A feature's unit price in this currency.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionFeature {
    /// The price of one unit beyond the included amount in this currency, with up to 4 decimals.
    pub overage: UnitPrice,
}

/// An add-on: a feature that is sold on top of a plan.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Addon {
    /// The name that customers see. 1 to 100 characters.
    pub name: String,
    /// What it is, for people. At most 255 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// The code of the feature that it gives. One add-on per feature: this is its identity. Cannot be changed later.
    pub feature: String,
    /// How it charges. Cannot be changed later.
    pub consumption_model: AddonModel,
    /// The price in US dollars per billing period.
    pub base_price: Amount,
    /// With `metered`: units that are included per period.
    #[serde(default)]
    pub included_units: Option<u64>,
    /// With `metered` and `balance`: the price of one further unit in US dollars, with up to 4 decimals.
    #[serde(default)]
    pub overage_rate: Option<UnitPrice>,
    /// With `credits`: credits that one use costs. Cannot be changed later.
    #[serde(default)]
    pub credit_cost: Option<u64>,
    /// Binds this key to one live add-on.
    #[serde(default)]
    pub id: Option<String>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The key that this object had before it was renamed.
    #[serde(default)]
    pub previously: Option<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// Objects that must not exist.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Absent {
    /// Codes of features.
    pub features: Vec<String>,
    /// Names of plan groups.
    pub groups: Vec<String>,
    /// Codes of plans.
    pub plans: Vec<String>,
    /// Codes of features whose add-on must not exist.
    pub addons: Vec<String>,
    /// Names of offers.
    pub offers: Vec<String>,
    /// Names of markets.
    pub markets: Vec<String>,
    /// Names of credit packs.
    pub credit_packs: Vec<String>,
    /// Promo codes that must not be active.
    pub promo_codes: Vec<String>,
}

macro_rules! words {
    ($($type:ident { $($variant:ident $word:literal)* })*) => {$(
        impl $type {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that files use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    )*};
}

words! {
    FeatureType { Boolean "boolean" Usage "usage" Seats "seats" Quota "quota" }
    ConsumptionModel { Metered "metered" Credits "credits" Balance "balance" }
    AddonModel { Boolean "boolean" Metered "metered" Credits "credits" Balance "balance" }
    PricingMode { Fixed "fixed" AiModel "ai_model" }
    OfferInterval { Weekly "weekly" Monthly "monthly" Quarterly "quarterly" Yearly "yearly" }
    BillingInterval { Weekly "weekly" Monthly "monthly" Quarterly "quarterly" Yearly "yearly" OneTime "one_time" }
}

fn yes() -> bool {
    true
}
