//! What bxb's reads return (bxb-api.md §6), as far as it matters here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::http::Failure;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Organization {
    pub id: String,
    pub name: String,
    pub slug: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tax {
    pub id: String,
    pub code: String,
    pub name: String,
    pub rate: Json,
    pub description: Option<String>,
    pub category: Option<String>,
    #[serde(default)]
    pub applied_to_organization: bool,
}

/// Something that a tax is applied to (§6.9). The contract does not name the fields of this list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Map<String, Json>")]
pub(super) struct Entity {
    pub taxable_type: String,
    pub taxable_id: String,
}

impl TryFrom<Map<String, Json>> for Entity {
    type Error = &'static str;

    fn try_from(map: Map<String, Json>) -> Result<Self, Self::Error> {
        let first = |names: [&str; 3]| {
            let text = names.into_iter().find_map(|name| map.get(name)?.as_str());
            text.map(str::to_owned).ok_or("it does not say what the tax is applied to")
        };
        Ok(Self {
            taxable_type: first(["taxable_type", "entity_type", "type"])?,
            taxable_id: first(["taxable_id", "entity_id", "id"])?,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AppliedTax {
    pub id: String,
    pub tax_id: String,
    pub taxable_type: String,
    pub taxable_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metric {
    pub id: String,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub aggregation_type: String,
    pub field_name: Option<String>,
    #[serde(default)]
    pub recurring: bool,
    pub rounding_function: Option<String>,
    pub rounding_precision: Option<i64>,
    pub expression: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MetricFilter {
    pub id: String,
    pub key: String,
    #[serde(default)]
    pub values: Vec<Json>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Feature {
    pub id: String,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub feature_type: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    pub id: String,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub interval: String,
    pub amount_cents: Json,
    pub currency: String,
    #[serde(default)]
    pub trial_period_days: i64,
    #[serde(default)]
    pub charges: Vec<Charge>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub id: String,
    pub billable_metric_id: String,
    pub charge_model: String,
    #[serde(default)]
    pub properties: Map<String, Json>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Commitment {
    pub id: String,
    pub commitment_type: String,
    pub amount_cents: Json,
    pub invoice_display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Threshold {
    pub id: String,
    pub amount_cents: Json,
    pub currency: String,
    #[serde(default)]
    pub recurring: bool,
    pub threshold_display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entitlement {
    pub id: String,
    pub plan_id: String,
    pub feature_id: String,
    pub value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct AddOn {
    pub id: String,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub amount_cents: Json,
    pub amount_currency: String,
    pub invoice_display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Coupon {
    pub id: String,
    pub code: String,
    pub name: String,
    pub description: Option<String>,
    pub coupon_type: String,
    pub amount_cents: Option<Json>,
    pub amount_currency: Option<String>,
    pub percentage_rate: Option<Json>,
    pub frequency: String,
    pub frequency_duration: Option<i64>,
    #[serde(default)]
    pub reusable: bool,
    pub expiration: String,
    pub expiration_at: Option<String>,
    pub status: String,
}

/// Numbers by id: subscriptions of plans, customers of add-ons.
pub(super) type Counts = BTreeMap<String, u64>;

/// Reads an error (§2): `{"detail": "text"}`, `{"detail": [{loc, msg}, …]}`, or a bare 500.
pub(super) fn failure(status: u16, body: &[u8]) -> Failure {
    let words = || -> String {
        String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(200).collect::<String>()
    };
    let message = match serde_json::from_slice::<Json>(body).ok().and_then(|body| body.get("detail").cloned()) {
        Some(Json::String(text)) => text,
        Some(Json::Array(problems)) => {
            let one = |problem: &Json| {
                let place: Vec<String> = problem
                    .get("loc")
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten()
                    .filter(|part| part.as_str() != Some("body"))
                    .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                    .collect();
                let why = problem.get("msg").and_then(Json::as_str).unwrap_or("refused");
                if place.is_empty() { why.to_owned() } else { format!("{}: {why}", place.join(".")) }
            };
            problems.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        // §2: the server answers so when it refuses to delete what is in use, and to numbers that are too large.
        _ if status == 500 => format!("{} (it gives no reason; mostly something still refers to the object)", words()),
        _ if words().trim().is_empty() => "no explanation".into(),
        _ => words(),
    };
    Failure { message, credentials: status == 401, ..Failure::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_error_is_read() {
        let read = |status, body: &str| failure(status, body.as_bytes()).message;
        assert_eq!(read(404, r#"{"detail":"Plan not found"}"#), "Plan not found");
        assert_eq!(
            read(
                422,
                r#"{"detail":[{"type":"enum","loc":["body","charges",0,"charge_model"],"msg":"Input should be x"},{"loc":["body"],"msg":"bad"}]}"#
            ),
            "charges.0.charge_model: Input should be x; bad"
        );
        assert!(read(500, "Internal Server Error").starts_with("Internal Server Error ("));
        assert!(failure(401, br#"{"detail":"Invalid API key"}"#).credentials);
    }
}
