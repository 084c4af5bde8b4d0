//! Short forms: `monthly: 49.00` for `monthly: { amount: 49.00 }`, `sso: true` for `sso: { enabled: true }`.
//!
//! The derived implementation reads the long form (`remote = "Self"` makes it an inherent function, so that the
//! trait can be implemented here). serde's own `untagged` would lose the places and the exact digits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde_json::json;

use super::catalog::{PlanFeature, Price, PricingMode, ProviderName, RegionPrice};
use crate::model::Amount;

/// The field that a scalar stands for, by collection.
pub(super) const FORMS: &[(&str, &str)] =
    &[("plans.prices", "amount"), ("plans.features", "enabled"), ("plans.regions.prices", "amount")];

fn price(amount: Amount) -> Price {
    Price {
        amount,
        trial_days: 0,
        included_balance: None,
        included_credits: None,
        intro_offer: None,
        markets: BTreeMap::new(),
        variants: BTreeMap::new(),
        metadata: BTreeMap::new(),
        price_changes: None,
        protect: false,
        ignore: Vec::new(),
    }
}

fn region_price(amount: Amount) -> RegionPrice {
    RegionPrice { amount: Some(amount), included_balance: None, intro_offer: None }
}

fn feature(enabled: bool) -> PlanFeature {
    PlanFeature {
        enabled,
        included_amount: 0,
        unlimited: false,
        overage: None,
        credits_per_unit: None,
        pricing_mode: PricingMode::default(),
        margin: None,
        protect: false,
        ignore: Vec::new(),
        replace: false,
    }
}

macro_rules! short_amount {
    ($type:ident $from:ident) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Short;
                impl<'de> Visitor<'de> for Short {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an amount such as 49.00, or a map")
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map($from).map_err(E::custom)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        $type::deserialize(MapAccessDeserializer::new(map))
                    }
                }
                deserializer.deserialize_struct(stringify!($type), &[], Short)
            }
        }
    };
}

short_amount!(Price price);
short_amount!(RegionPrice region_price);

impl<'de> Deserialize<'de> for PlanFeature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Short;
        impl<'de> Visitor<'de> for Short {
            type Value = PlanFeature;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a map")
            }

            fn visit_bool<E: Error>(self, enabled: bool) -> Result<PlanFeature, E> {
                Ok(feature(enabled))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PlanFeature, E> {
                Err(E::invalid_type(Unexpected::Str(text), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PlanFeature, A::Error> {
                PlanFeature::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_struct("PlanFeature", &[], Short)
    }
}

impl JsonSchema for ProviderName {
    fn schema_name() -> Cow<'static, str> {
        "ProviderName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": "commet" })
    }
}

/// Lets the schema of an object also take an amount.
pub(super) fn amount(schema: &mut Schema) {
    either(schema, json!({ "$ref": "#/$defs/Amount" }));
}

/// Lets the schema of an object also take true or false.
pub(super) fn flag(schema: &mut Schema) {
    either(schema, json!({ "type": "boolean" }));
}

fn either(schema: &mut Schema, short: serde_json::Value) {
    let mut object = std::mem::take(schema.ensure_object());
    let description = object.remove("description");
    let fields: BTreeMap<_, _> = [("anyOf", json!([short, object]))].into();
    for (key, value) in fields {
        schema.insert(key.to_owned(), value);
    }
    if let Some(description) = description {
        schema.insert("description".to_owned(), description);
    }
}
