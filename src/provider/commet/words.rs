//! The words of the catalog's enumerations; the API uses the same ones.

use crate::provider::commet::catalog::{AddonModel, BillingInterval, ConsumptionModel, FeatureType, PricingMode};

impl FeatureType {
    /// As files and the API write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Usage => "usage",
            Self::Seats => "seats",
            Self::Quota => "quota",
        }
    }
}

impl ConsumptionModel {
    /// As files and the API write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Credits => "credits",
            Self::Balance => "balance",
        }
    }
}

impl AddonModel {
    /// As files and the API write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Metered => "metered",
            Self::Credits => "credits",
            Self::Balance => "balance",
        }
    }
}

impl PricingMode {
    /// As files and the API write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::AiModel => "ai_model",
        }
    }
}

impl BillingInterval {
    /// As files and the API write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
            Self::OneTime => "one_time",
        }
    }
}
