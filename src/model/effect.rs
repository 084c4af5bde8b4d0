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

    /// What it means, in one line.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "the change reaches nobody",
            Self::NewCustomers => "the change reaches only who buys from now on",
            Self::AtRenewal => "existing subscribers get the change when their subscription next renews",
            Self::NextPeriod => "existing subscribers get the change from their next billing period",
            Self::Now => "existing subscribers get the change at once",
        }
    }

    /// The long form: what it means, and an example.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::None => {
                "Nobody is charged anything else and nobody gets anything else. Example: a plan's description."
            }
            Self::NewCustomers => {
                "Who subscribes after the change gets it; existing subscribers keep what they have. Example: a new \
                 price, or an existing one that is grandfathered."
            }
            Self::AtRenewal => {
                "New subscribers get it at once. Existing ones keep what they have until the end of what they paid \
                 for, and get the change with their renewal; with a yearly price that may be almost a year. Example: a \
                 base price that is repriced."
            }
            Self::NextPeriod => {
                "New subscribers get it at once. For existing ones the current billing period is charged as before, \
                 and the next one with the change. Example: units that become dearer."
            }
            Self::Now => {
                "Existing subscribers get it the moment the call is made, in the middle of their billing period. There \
                 is no undo for what they do with it. Example: more included units, or units that become cheaper."
            }
        }
    }

    /// Whether somebody who already subscribes is touched.
    pub fn reaches_subscribers(self) -> bool {
        self >= Self::AtRenewal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_is_explained() {
        for effect in Effect::ALL {
            assert!(!effect.title().ends_with('.') && effect.explanation().ends_with('.'), "{}", effect.word());
        }
    }
}
