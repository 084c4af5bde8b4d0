//! What usage costs: the eight charge models, typed, because the server validates nothing and a bad value breaks
//! billing for every subscriber of the plan (bxb-api.md §7).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Percent, UnitPrice, Value};

/// How usage becomes money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeModel {
    /// Every unit costs `amount`.
    Standard,
    /// Each range prices the units that fall into it.
    Graduated,
    /// The range that the total falls into prices all units.
    Volume,
    /// Every begun package of `package_size` units costs `amount`.
    Package,
    /// A part of `base_amount`, plus `fixed_amount` for each event.
    Percentage,
    /// Each range takes a part of what falls into it.
    GraduatedPercentage,
    /// `custom_amount` as it is, or every unit at `unit_price`.
    Custom,
    /// Each event names its own price and quantity.
    Dynamic,
}

impl ChargeModel {
    /// Every model.
    pub const ALL: [Self; 8] = [
        Self::Standard,
        Self::Graduated,
        Self::Volume,
        Self::Package,
        Self::Percentage,
        Self::GraduatedPercentage,
        Self::Custom,
        Self::Dynamic,
    ];

    /// The word that files and the API use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Graduated => "graduated",
            Self::Volume => "volume",
            Self::Package => "package",
            Self::Percentage => "percentage",
            Self::GraduatedPercentage => "graduated_percentage",
            Self::Custom => "custom",
            Self::Dynamic => "dynamic",
        }
    }

    /// The model with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.word() == word)
    }

    /// The properties that it reads (bxb-api.md §7); the first ones, as many as the number says, it cannot do
    /// without.
    pub fn properties(self) -> (usize, &'static [&'static str]) {
        match self {
            Self::Standard => (1, &["amount", "min_price", "max_price"]),
            Self::Graduated | Self::Volume => (1, &["ranges"]),
            Self::Package => (1, &["amount", "package_size", "free_units"]),
            Self::Percentage => (
                1,
                &[
                    "rate",
                    "base_amount",
                    "event_count",
                    "fixed_amount",
                    "free_units_per_events",
                    "per_transaction_min_amount",
                    "per_transaction_max_amount",
                ],
            ),
            Self::GraduatedPercentage => (1, &["ranges", "base_amount"]),
            Self::Custom => (0, &["custom_amount", "unit_price"]),
            Self::Dynamic => (0, &["price_field", "quantity_field"]),
        }
    }

    /// Whether its ranges hold a `rate` rather than a `per_unit`.
    pub fn takes_rates(self) -> bool {
        self == Self::GraduatedPercentage
    }
}

/// One range of a graduated, volume or graduated percentage charge. Ranges have no gaps: each begins where the one
/// before it ends, and the last one is open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The last unit that is in this range. Left out on the last range, which is open. `up_to: 10000` on the first
    /// range bills exactly 10,000 units there: the server counts the units of a graduated range as `to_value -
    /// from_value + 1` and those of a graduated percentage range as `to_value - from_value`, so Pricebook sends
    /// ranges that begin at 1 to the former and at 0 to the latter.
    #[serde(default)]
    pub up_to: Option<u64>,
    /// With `graduated` and `volume`: the price of one unit.
    #[serde(default)]
    pub per_unit: Option<UnitPrice>,
    /// With `graduated_percentage`: which part is charged.
    #[serde(default)]
    pub rate: Option<Percent>,
    /// Charged once as soon as something falls into this range.
    #[serde(default)]
    pub flat: Option<UnitPrice>,
}

/// Declares a struct with fields of its own and the properties of all charge models between them.
macro_rules! with_properties {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* } then { $($more:tt)* }) => {
        $(#[$meta])*
        pub struct $name {
            $($own)*
            /// `standard`: the price of one unit. `package`: the price of one package. As many decimals as it needs.
            #[serde(default)]
            pub amount: Option<UnitPrice>,
            /// `standard`: the charge comes to this much at least.
            #[serde(default)]
            pub min_price: Option<UnitPrice>,
            /// `standard`: the charge comes to this much at most.
            #[serde(default)]
            pub max_price: Option<UnitPrice>,
            /// `package`: units in one package. 1 when left out.
            #[serde(default)]
            pub package_size: Option<u64>,
            /// `package`: units that cost nothing.
            #[serde(default)]
            pub free_units: Option<u64>,
            /// `percentage`: which part of the base is charged.
            #[serde(default)]
            pub rate: Option<Percent>,
            /// `percentage`: what the rate is taken of. The server does not take it from usage: without it the rate
            /// brings nothing. `graduated_percentage`: what the ranges divide, usage when left out.
            #[serde(default)]
            pub base_amount: Option<UnitPrice>,
            /// `percentage`: how many events `fixed_amount` is charged for. The server does not take it from usage.
            #[serde(default)]
            pub event_count: Option<u64>,
            /// `percentage`: charged for each event.
            #[serde(default)]
            pub fixed_amount: Option<UnitPrice>,
            /// `percentage`: events that `fixed_amount` is not charged for.
            #[serde(default)]
            pub free_units_per_events: Option<u64>,
            /// `percentage`: the charge comes to this much at least.
            #[serde(default)]
            pub per_transaction_min_amount: Option<UnitPrice>,
            /// `percentage`: the charge comes to this much at most.
            #[serde(default)]
            pub per_transaction_max_amount: Option<UnitPrice>,
            /// `custom`: the charge, whatever the usage is.
            #[serde(default)]
            pub custom_amount: Option<UnitPrice>,
            /// `custom`: the price of one unit, where there is no `custom_amount`.
            #[serde(default)]
            pub unit_price: Option<UnitPrice>,
            /// `dynamic`: the event property that holds the price. `unit_price` when left out.
            #[serde(default)]
            pub price_field: Option<String>,
            /// `dynamic`: the event property that holds the quantity. `quantity` when left out.
            #[serde(default)]
            pub quantity_field: Option<String>,
            /// `graduated`, `volume`, `graduated_percentage`: the ranges, from low to high.
            #[serde(default)]
            pub ranges: Option<Vec<Range>>,
            $($more)*
        }

        impl $name {
            /// What is set, in the words of the catalog.
            pub fn properties(&self) -> Properties<'_> {
                let money = |value: Option<UnitPrice>| value.map(|price| Value::Decimal(price.decimal()));
                let percent = |value: Option<Percent>| value.map(|rate| Value::Decimal(rate.decimal()));
                let count = |value: Option<u64>| value.map(|count| Value::Count(i64::try_from(count).unwrap_or(i64::MAX)));
                let text = |value: &Option<String>| value.as_deref().map(Value::from);
                let simple = [
                    ("amount", money(self.amount)),
                    ("min_price", money(self.min_price)),
                    ("max_price", money(self.max_price)),
                    ("package_size", count(self.package_size)),
                    ("free_units", count(self.free_units)),
                    ("rate", percent(self.rate)),
                    ("base_amount", money(self.base_amount)),
                    ("event_count", count(self.event_count)),
                    ("fixed_amount", money(self.fixed_amount)),
                    ("free_units_per_events", count(self.free_units_per_events)),
                    ("per_transaction_min_amount", money(self.per_transaction_min_amount)),
                    ("per_transaction_max_amount", money(self.per_transaction_max_amount)),
                    ("custom_amount", money(self.custom_amount)),
                    ("unit_price", money(self.unit_price)),
                    ("price_field", text(&self.price_field)),
                    ("quantity_field", text(&self.quantity_field)),
                ];
                Properties {
                    simple: simple.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
                    ranges: self.ranges.as_deref(),
                }
            }
        }
    };
}

with_properties! {
    /// What the usage of one metric costs.
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(transform = super::schema::models)]
    pub struct Charge {
        /// The code of the metric that measures the usage.
        pub billable_metric: String,
        /// How usage becomes money. Decides which of the other fields there are.
        pub charge_model: ChargeModel,
    } then {
        /// Other prices for some values of one of the metric's filters: filter → value → properties, which stand
        /// in for the charge's own one by one. A charge with filters bills only the usage that matches one of them.
        #[serde(default)]
        pub filters: BTreeMap<String, BTreeMap<String, ChargeFilter>>,
        /// Codes of the taxes on it. They come before the plan's.
        #[serde(default)]
        pub taxes: Vec<String>,
    }
}

with_properties! {
    /// The price of usage with one value of a filter. What is not set is as on the charge.
    #[derive(Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct ChargeFilter {
    } then {
        /// What the invoice calls it.
        #[serde(default)]
        pub invoice_display_name: Option<String>,
    }
}

/// The properties that are set on a charge or on one of its filters.
#[derive(Debug)]
pub struct Properties<'a> {
    /// All but the ranges.
    pub simple: Vec<(&'static str, Value)>,
    /// The ranges.
    pub ranges: Option<&'a [Range]>,
}

impl Properties<'_> {
    /// The names of what is set.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.simple.iter().map(|(name, _)| *name).chain(self.ranges.map(|_| "ranges"))
    }
}
