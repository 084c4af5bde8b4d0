//! The catalog language for bxb: what a file may say. These types are also the JSON Schema.
//!
//! Names are bxb's own, in snake_case. References are codes; ids never appear. Amounts are major units of the
//! plan's currency; what the server wants to read (cents, fractions) is worked out. A value that is left out means
//! the default that its field documents: the file is the whole truth about an object that it names.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::Defaults;
use crate::model::{Amount, Percent};

pub use super::charges::{Charge, ChargeFilter, ChargeModel, Range};

/// A bxb billing catalog.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Catalog {
    /// Which billing API this catalog is for.
    pub provider: ProviderName,
    /// What a changed amount does to existing subscribers. Required once an amount changes; a plan can say its own.
    pub price_changes: Option<PriceChanges>,
    /// Taxes, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub taxes: BTreeMap<String, Tax>,
    /// What usage is measured by, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub billable_metrics: BTreeMap<String, Metric>,
    /// What customers can use, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub features: BTreeMap<String, Feature>,
    /// Billing plans, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub plans: BTreeMap<String, Plan>,
    /// One-off charges, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub add_ons: BTreeMap<String, AddOn>,
    /// Discounts, by code.
    #[schemars(extend("propertyNames" = { "pattern": CODE }))]
    pub coupons: BTreeMap<String, Coupon>,
    /// Objects that must not exist: the only way to remove what Pricebook did not create.
    pub absent: Absent,
    /// Values for every object that does not say its own, by collection: `plans`, `plans.charges`. A `null` in an object
    /// goes before the default and means nothing.
    pub defaults: Defaults,
}

/// Codes that can be addressed in a URL (bxb-api.md §5).
pub(super) const CODE: &str = "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$";

/// The provider of this catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// bxb, open-source usage billing.
    #[default]
    Bxb,
}

/// What a changed amount does to who already subscribes. bxb keeps no versions of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceChanges {
    /// Update in place: existing subscribers pay the new amount at once, because they read the plan's current values.
    Reprice,
    /// Existing subscribers must keep what they have. bxb cannot do that: such a change is refused, and a new plan
    /// under a new code is the way.
    Grandfather,
}

/// A tax.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Its name on invoices.
    pub name: String,
    /// How much it adds, such as `21%`; at most two decimals.
    pub rate: Percent,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Your own grouping of taxes. At most 100 characters.
    #[serde(default)]
    pub category: Option<String>,
    /// Whether it is charged wherever neither the charge, the plan nor the customer has a tax of its own.
    #[serde(default)]
    pub applied_to_organization: bool,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// How the events of a metric become a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggregationType {
    /// How many events there are.
    Count,
    /// The sum of a field.
    Sum,
    /// The largest value of a field.
    Max,
    /// How many different values a field has.
    UniqueCount,
    /// The sum of a field, weighted by how long each value stood.
    WeightedSum,
    /// The last value of a field.
    Latest,
    /// An expression over fields.
    Custom,
}

/// How a metric's number is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingFunction {
    /// To the nearest.
    Round,
    /// Upwards.
    Ceil,
    /// Downwards.
    Floor,
}

/// What usage is measured by.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// The name that people see.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// How events become a number. Cannot be changed later.
    pub aggregation_type: AggregationType,
    /// The event property that is aggregated. Required with everything but `count` and `custom`.
    #[serde(default)]
    pub field_name: Option<String>,
    /// Whether the value lives on into the next billing period. Only with `count`, `max` and `latest`.
    #[serde(default)]
    pub recurring: bool,
    /// How the number is rounded.
    #[serde(default)]
    pub rounding_function: Option<RoundingFunction>,
    /// To how many decimals, 0 to 15. Needs `rounding_function`.
    #[serde(default)]
    pub rounding_precision: Option<u64>,
    /// With `custom`: arithmetic over event properties, made of names, numbers, `+ - * / ( )`.
    #[serde(default)]
    pub expression: Option<String>,
    /// Event properties by which charges can be told apart, each with the values that it may have. An empty list
    /// allows any value.
    #[serde(default)]
    pub filters: BTreeMap<String, Vec<String>>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// What an entitlement to a feature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// On.
    Boolean,
    /// How many.
    Quantity,
    /// Any text.
    Custom,
}

/// A feature: something that plans entitle to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// The name that people see.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What an entitlement to it says. Cannot be changed later.
    pub feature_type: FeatureType,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place.
    #[serde(default)]
    pub replace: bool,
}

/// How often a plan is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanInterval {
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Yearly,
}

/// A billing plan.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name that customers see.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// How often it is charged. Cannot be changed later.
    pub interval: PlanInterval,
    /// The base price for one interval, in the plan's currency.
    #[serde(default = "nothing")]
    #[schemars(extend("default" = 0))]
    pub amount: Amount,
    /// The plan's currency, an ISO 4217 code in capitals.
    #[serde(default = "usd")]
    pub currency: String,
    /// Free days before the first charge.
    #[serde(default)]
    pub trial_period_days: u64,
    /// What a changed amount of this plan does to existing subscribers. The catalog's own word when left out.
    #[serde(default)]
    pub price_changes: Option<PriceChanges>,
    /// Codes of the taxes on it. A charge's own taxes come before these.
    #[serde(default)]
    pub taxes: Vec<String>,
    /// What usage costs. The keys are yours: the API knows charges by their content only.
    #[serde(default)]
    pub charges: BTreeMap<String, Charge>,
    /// What the plan entitles to, by feature code: `true` for a boolean feature, a number for a quantity, any text
    /// for a custom one.
    #[serde(default)]
    pub entitlements: BTreeMap<String, Entitlement>,
    /// What a subscriber pays at least.
    #[serde(default)]
    pub commitments: Vec<Commitment>,
    /// Usage amounts at which an invoice is made before the period ends. An amount stands for itself: changing it
    /// makes another threshold.
    #[serde(default)]
    pub usage_thresholds: Vec<UsageThreshold>,
    /// Refuse to delete or replace this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Allow this object to be deleted and created again when a field changes that cannot be changed in place. The
    /// API can delete a plan only if it never had a subscription.
    #[serde(default)]
    pub replace: bool,
}

/// What a plan entitles to: `true`, a number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Entitlement(pub String);

/// What kind of commitment it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentType {
    /// The usage of one period is billed at this amount at least. The only kind that the server acts on.
    #[default]
    MinimumCommitment,
}

/// What a subscriber pays at least.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// What kind of commitment it is.
    #[serde(default)]
    pub commitment_type: CommitmentType,
    /// The least amount, in the plan's currency.
    pub amount: Amount,
    /// What the invoice calls it.
    #[serde(default)]
    pub invoice_display_name: Option<String>,
}

/// A usage amount at which an invoice is made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageThreshold {
    /// The usage amount, in the plan's currency. Each threshold of a plan has another one.
    pub amount: Amount,
    /// Whether an invoice is made every time that so much usage comes together.
    #[serde(default)]
    pub recurring: bool,
    /// What the invoice calls it.
    #[serde(default)]
    pub threshold_display_name: Option<String>,
}

/// A one-off charge.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOn {
    /// The name that people see.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What it costs, in its currency.
    pub amount: Amount,
    /// Its currency, an ISO 4217 code in capitals.
    #[serde(default = "usd")]
    pub currency: String,
    /// What the invoice calls it.
    #[serde(default)]
    pub invoice_display_name: Option<String>,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouponType {
    /// Money.
    FixedAmount,
    /// A part of the invoice.
    Percentage,
}

/// How often a coupon takes it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// One invoice.
    Once,
    /// As many billing periods as `duration` says.
    Recurring,
    /// Every invoice.
    Forever,
}

/// Whether a coupon ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expiration {
    /// It does not.
    NoExpiration,
    /// At `expiration_at`.
    TimeLimit,
}

/// A discount. What it takes off and how often cannot be changed, and its code is taken for ever, even after it has
/// been deleted: another discount needs another code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coupon {
    /// The name that people see.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What it takes off. Cannot be changed later.
    pub coupon_type: CouponType,
    /// With `fixed_amount`: how much. Cannot be changed later.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// With `fixed_amount`: of which currency, an ISO 4217 code in capitals. US dollars when left out. Cannot be
    /// changed later.
    #[serde(default)]
    pub currency: Option<String>,
    /// With `percentage`: how much, such as `20%`; at most two decimals. Cannot be changed later.
    #[serde(default)]
    pub rate: Option<Percent>,
    /// How often it is taken off. Cannot be changed later.
    pub frequency: Frequency,
    /// With `recurring`: for how many billing periods. Cannot be changed later.
    #[serde(default)]
    pub duration: Option<u64>,
    /// Whether one customer may have it more than once. Cannot be changed later.
    #[serde(default = "yes")]
    pub reusable: bool,
    /// Whether it ends. Follows from `expiration_at` when left out.
    #[serde(default)]
    pub expiration: Option<Expiration>,
    /// When it ends: a date such as `2030-01-31`, or a moment such as `2030-01-31T18:00:00+01:00`.
    #[serde(default)]
    pub expiration_at: Option<String>,
    /// Refuse to delete this object, even after this block has left the file.
    #[serde(default)]
    pub protect: bool,
    /// Fields that are left to the dashboard: neither compared nor written.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Objects that must not exist, by code.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Absent {
    /// Codes of taxes.
    pub taxes: Vec<String>,
    /// Codes of billable metrics.
    pub billable_metrics: Vec<String>,
    /// Codes of features.
    pub features: Vec<String>,
    /// Codes of plans. The API can delete a plan only if it never had a subscription.
    pub plans: Vec<String>,
    /// Codes of add-ons.
    pub add_ons: Vec<String>,
    /// Codes of coupons. A coupon is terminated; its code stays taken.
    pub coupons: Vec<String>,
}

macro_rules! words {
    ($($type:ident { $($variant:ident $word:literal)* })*) => {$(
        impl $type {
            /// The word that files and the API use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    )*};
}

words! {
    AggregationType {
        Count "count" Sum "sum" Max "max" UniqueCount "unique_count" WeightedSum "weighted_sum" Latest "latest"
        Custom "custom"
    }
    RoundingFunction { Round "round" Ceil "ceil" Floor "floor" }
    FeatureType { Boolean "boolean" Quantity "quantity" Custom "custom" }
    PlanInterval { Weekly "weekly" Monthly "monthly" Quarterly "quarterly" Yearly "yearly" }
    CommitmentType { MinimumCommitment "minimum_commitment" }
    CouponType { FixedAmount "fixed_amount" Percentage "percentage" }
    Frequency { Once "once" Recurring "recurring" Forever "forever" }
    Expiration { NoExpiration "no_expiration" TimeLimit "time_limit" }
}

fn yes() -> bool {
    true
}

fn nothing() -> Amount {
    Amount::new(rust_decimal::Decimal::ZERO)
}

fn usd() -> String {
    "USD".into()
}
