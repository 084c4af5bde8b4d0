use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom a change reaches, and when. Ordered from the mildest to the one that reaches a paying
/// customer soonest, so that the effect of a whole change is the largest of its fields' effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nobody: names, descriptions, metadata.
    None,
    /// Only who buys from now on.
    NewCustomers,
    /// Existing subscribers, when their subscription next renews.
    AtRenewal,
    /// Existing subscribers, from their next billing period.
    NextPeriod,
    /// Existing subscribers, at once.
    Now,
}

impl Effect {
    /// Every effect, mildest first.
    pub const ALL: [Self; 5] = [Self::None, Self::NewCustomers, Self::AtRenewal, Self::NextPeriod, Self::Now];

    /// The word that files and documents use.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NewCustomers => "new_customers",
            Self::AtRenewal => "at_renewal",
            Self::NextPeriod => "next_period",
            Self::Now => "now",
        }
    }

    /// Whether somebody who already subscribes is touched.
    pub fn reaches_subscribers(self) -> bool {
        self >= Self::AtRenewal
    }
}
