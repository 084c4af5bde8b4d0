//! What the derives cannot say: an entitlement is `true`, a number or a text; the provider has one name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::catalog::{Entitlement, ProviderName};

impl JsonSchema for Entitlement {
    fn schema_name() -> Cow<'static, str> {
        "Entitlement".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What a plan entitles to: `true` for a boolean feature, a number for a quantity, any text for a custom one",
            "type": ["boolean", "number", "string"]
        })
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
        json_schema!({ "const": "bxb" })
    }
}
