//! What a changeset means for who subscribes today, and for the money that comes in each month: `plan --impact`.

mod billing;
mod compute;

pub use billing::{Billing, State};
pub use compute::impact;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Address, Effect};

/// Whom a changeset touches and how their monthly recurring revenue moves. Counts are of subscriptions. Amounts are exact
/// decimals in text, in major units, rounded to the currency's decimals: `"60760.00"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// Where the subscriptions were read.
    pub source: ImpactSource,
    /// All subscriptions that were counted, touched or not.
    pub subscriptions: u64,
    /// Those that any change touches; each counts once. Who is in a trial is among them.
    pub subscribers: u64,
    /// How many of `subscribers` are in a trial. They pay nothing yet, and no revenue is counted for them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub trialing: u64,
    /// What those that are touched pay each month, before and after all changes. Only currencies in which something
    /// moves, in alphabetical order.
    pub revenue: Vec<Revenue>,
    /// The same by the moment at which it happens, soonest last. One subscription may be touched at several moments.
    pub by_effect: Vec<EffectImpact>,
    /// Change by change, in the order of the changeset's `changes`. Only changes that could touch a subscriber.
    pub changes: Vec<ChangeImpact>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
}

/// Where subscriptions were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ImpactSource {
    /// The billing API.
    Api,
    /// `--impact-file`.
    File {
        /// The file, as it was given.
        path: String,
    },
}

/// Monthly recurring revenue in one currency, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revenue {
    /// `USD`.
    pub currency: String,
    /// An exact decimal in text.
    pub before: String,
    /// An exact decimal in text.
    pub after: String,
}

/// What happens at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffectImpact {
    /// When.
    pub effect: Effect,
    /// Subscriptions that something reaches then.
    pub subscribers: u64,
    /// How many of them are in a trial.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub trialing: u64,
    /// How their monthly recurring revenue moves then; empty when what happens then moves none that can be counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revenue: Vec<Revenue>,
}

/// What one change means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeImpact {
    /// Which change.
    pub address: Address,
    /// Subscriptions that it touches: 0 for a grandfathered price. Nothing where it cannot be known whom it touches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<u64>,
    /// How many of them are in a trial.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub trialing: u64,
    /// How this change alone moves the monthly recurring revenue of those that it touches; empty when it moves none that
    /// can be counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revenue: Vec<Revenue>,
    /// The same by the moment at which it happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_effect: Vec<EffectImpact>,
    /// What it does to the money depends on how much subscribers use: no number is given for that part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub depends_on_usage: bool,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
