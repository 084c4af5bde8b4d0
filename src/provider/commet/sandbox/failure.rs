//! Errors as the API words them (commet-api.md §2.3, §5).

use serde_json::{Map, Value, json};

use super::version::Version;
use crate::sandbox::api::Answer;

/// One broken rule of one field.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) field: String,
    pub(super) message: String,
}

impl Detail {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    code: &'static str,
    message: String,
    param: Option<String>,
    details: Vec<Detail>,
}

/// Code, type and status (commet-api.md §5; the statuses are inferred there).
const CODES: &[(&str, &str, u16)] = &[
    ("validation_error", "validation_error", 400),
    ("invalid_json", "validation_error", 400),
    ("unauthorized", "authentication_error", 401),
    ("not_found", "not_found_error", 404),
    ("endpoint_not_available", "not_found_error", 404),
    ("feature_not_found", "not_found_error", 404),
    ("plan_not_found", "not_found_error", 404),
    ("price_not_found", "not_found_error", 404),
    ("plan_group_not_found", "not_found_error", 404),
    ("addon_not_found", "not_found_error", 404),
    ("credit_pack_not_found", "not_found_error", 404),
    ("promo_code_not_found", "not_found_error", 404),
    ("offer_not_found", "not_found_error", 404),
    ("market_not_found", "not_found_error", 404),
    ("customer_not_found", "not_found_error", 404),
    ("subscription_not_found", "not_found_error", 404),
    ("duplicate", "conflict_error", 409),
    ("feature_already_exists", "conflict_error", 409),
    ("feature_in_use", "conflict_error", 409),
    ("addon_has_activations", "conflict_error", 409),
    ("price_in_use", "conflict_error", 409),
    ("market_in_use", "conflict_error", 409),
    ("no_prices_configured", "conflict_error", 409),
    ("idempotency_in_progress", "conflict_error", 409),
    ("idempotency_key_mismatch", "conflict_error", 409),
    ("missing_regional_price", "billing_error", 400),
    ("rate_limited", "rate_limit_error", 429),
    ("internal_error", "internal_error", 500),
];

impl Failure {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), param: None, details: Vec::new() }
    }

    /// Names the field that the refusal is about.
    pub(super) fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// A `validation_error`: every broken rule at once.
    pub(super) fn invalid(details: Vec<Detail>) -> Self {
        let param = details.first().map(|detail| detail.field.clone()).filter(|field| !field.is_empty());
        Self { code: "validation_error", message: "Validation failed".into(), param, details }
    }

    /// A `validation_error` about one field.
    pub(super) fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![Detail::new(field, message)])
    }

    /// Ok, or all that is wrong.
    pub(super) fn unless_empty(details: Vec<Detail>) -> Result<(), Self> {
        if details.is_empty() { Ok(()) } else { Err(Self::invalid(details)) }
    }

    pub(super) fn answer(&self, version: Version) -> Answer {
        let (_, kind, status) =
            CODES.iter().find(|(code, ..)| *code == self.code).copied().unwrap_or(("", "internal_error", 500));
        let mut error = Map::new();
        error.insert("type".into(), kind.into());
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.clone().into());
        if let Some(param) = &self.param {
            error.insert("param".into(), param.clone().into());
        }
        if !self.details.is_empty() {
            let details = self.details.iter().map(|one| json!({ "field": one.field, "message": one.message }));
            error.insert("details".into(), Value::Array(details.collect()));
        }
        let url = format!("https://commet.co/docs/api-reference/{}/errors/{}", version.name(), self.code);
        error.insert("doc_url".into(), url.into());
        let body = json!({ "success": false, "error": error });
        Answer::new(status, body.to_string().into_bytes())
    }
}
