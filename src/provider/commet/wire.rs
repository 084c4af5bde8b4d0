//! What Commet's reads return (commet-api.md §3), as far as it matters here. Unknown fields are tolerated, as the
//! API's versioning policy asks (§1.1).

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::http::Failure;

/// A list, in either version's envelope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
    #[serde(default)]
    pub next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feature {
    pub id: String,
    pub name: String,
    pub code: String,
    #[serde(rename = "type")]
    pub feature_type: String,
    pub description: Option<String>,
    pub unit_name: Option<String>,
    pub livemode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    pub id: String,
    pub name: String,
    pub code: String,
    pub description: Option<String>,
    pub consumption_model: Option<String>,
    pub is_public: bool,
    #[serde(default)]
    pub is_free: bool,
    pub block_on_exhaustion: Option<bool>,
    #[serde(default)]
    pub sort_order: i64,
    pub plan_group_id: Option<String>,
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    pub livemode: Option<bool>,
    // Optional in the published types of this generation, so absence is told apart from emptiness.
    pub features: Option<Vec<PlanFeature>>,
    pub prices: Option<Vec<Price>>,
    #[serde(default)]
    pub exchange_rates: Vec<ExchangeRate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanFeature {
    pub code: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub included_amount: Option<i64>,
    #[serde(default)]
    pub unlimited: bool,
    pub overage: Option<Overage>,
    #[serde(default)]
    pub regional_prices: Vec<RegionalOverage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Overage {
    #[serde(default)]
    pub enabled: bool,
    /// 1/10000 of a dollar.
    pub unit_price: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegionalOverage {
    pub currency: String,
    /// 1/10000 of a unit of the currency.
    pub overage_unit_price: Option<i64>,
    #[serde(default)]
    pub auto_synced: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Price {
    /// Shown from 2026-07-24 on; older reads may carry it too.
    pub id: Option<String>,
    pub billing_interval: String,
    /// Cents.
    pub price: i64,
    #[serde(default)]
    pub is_default: bool,
    #[serde(default)]
    pub trial_days: i64,
    /// Cents.
    pub included_balance: Option<i64>,
    pub included_credits: Option<i64>,
    pub intro_offer: Option<IntroOffer>,
    #[serde(default)]
    pub regional_prices: Vec<RegionalPrice>,
    /// The base price that this is a variant of (from 2026-07-24 on).
    pub inherits_from_price_id: Option<String>,
    /// The offer that the dashboard attached (from 2026-07-24 on).
    pub offer_id: Option<String>,
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    pub market_prices: Vec<MarketPrice>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntroOffer {
    #[serde(default)]
    pub enabled: bool,
    pub discount_type: Option<String>,
    /// Basis points or cents, by the type.
    pub discount_value: Option<i64>,
    pub duration_cycles: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegionalPrice {
    pub currency: String,
    /// The currency's minor units.
    pub price: i64,
    /// The currency's minor units.
    pub included_balance: Option<i64>,
    #[serde(default)]
    pub auto_synced: bool,
}

/// A price in a market (§3.3).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MarketPrice {
    pub market_group_id: String,
    pub currency: String,
    /// The currency's minor units.
    pub price: i64,
}

/// An offer (§3.8).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub phases: Vec<Phase>,
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    pub starts_at: Option<String>,
    pub ends_at: Option<String>,
    #[serde(default = "yes")]
    pub active: bool,
    pub livemode: Option<bool>,
}

/// One phase of an offer; which fields it has depends on its type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Phase {
    pub duration_days: Option<i64>,
    pub duration_cycles: Option<i64>,
    pub duration_interval: Option<String>,
    /// Basis points.
    pub percentage: Option<i64>,
    /// Taken off, by currency.
    #[serde(default)]
    pub amounts: Vec<OfferAmount>,
    /// Charged instead, by currency.
    #[serde(default)]
    pub prices: Vec<OfferAmount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfferAmount {
    pub currency: String,
    /// The currency's minor units.
    pub amount: i64,
}

/// A market (§3.8).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Market {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub country_codes: Vec<String>,
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    pub livemode: Option<bool>,
}

/// A credit pack as the list shows it: active ones only (§3.8).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreditPack {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub credits: i64,
    /// Cents.
    pub price: i64,
    pub livemode: Option<bool>,
}

/// A promo code (§3.8): with the terms themselves up to 2026-07-11, with the offer that has them after it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromoCode {
    pub id: String,
    pub code: String,
    pub discount_type: Option<String>,
    /// Basis points or cents, by the type.
    pub discount_value: Option<i64>,
    pub duration_cycles: Option<i64>,
    pub offer_id: Option<String>,
    pub billing_interval: Option<String>,
    pub max_redemptions: Option<i64>,
    pub expires_at: Option<String>,
    #[serde(default = "yes")]
    pub is_active: bool,
    pub livemode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExchangeRate {
    pub currency: String,
    pub exchange_rate: ExactNumber,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    #[serde(default)]
    pub is_public: bool,
    pub livemode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Addon {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// Cents.
    pub base_price: i64,
    pub consumption_model: String,
    pub feature_code: String,
    pub included_units: Option<i64>,
    /// 1/10000 of a dollar.
    pub overage_rate: Option<i64>,
    pub credit_cost: Option<i64>,
    pub livemode: Option<bool>,
}

/// A subscription, as the published types of this generation have it. They name neither its price nor its currency; both
/// are taken where a server tells them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscription {
    pub id: String,
    pub plan: SubscribedPlan,
    pub status: String,
    pub billing_interval: Option<String>,
    #[serde(default)]
    pub cancel_at_period_end: bool,
    pub price_id: Option<String>,
    pub currency: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubscribedPlan {
    pub id: String,
    /// Minor units.
    pub base_price: Option<i64>,
}

/// The one read of the newer version: it teaches price ids.
#[derive(Debug, Deserialize)]
pub(super) struct PlanIds {
    pub code: String,
    #[serde(default)]
    pub prices: Vec<PriceId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PriceId {
    pub id: String,
    pub billing_interval: String,
    pub inherits_from_price_id: Option<String>,
}

/// A JSON number, from its own text.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExactNumber(pub Decimal);

impl<'de> Deserialize<'de> for ExactNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim_matches('"');
        Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map(Self)
            .map_err(|_| D::Error::custom(format!("`{text}` is not a number that can be held exactly")))
    }
}

fn yes() -> bool {
    true
}

/// Reads an error envelope (§2.3): `{success: false, error: {type, code, message, details?}}`.
pub(super) fn failure(status: u16, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Envelope {
        error: ErrorBody,
    }
    #[derive(Deserialize)]
    struct ErrorBody {
        #[serde(rename = "type")]
        error_type: Option<String>,
        code: Option<String>,
        message: Option<String>,
        details: Option<serde_json::Value>,
    }
    let Ok(Envelope { error }) = serde_json::from_slice(body) else {
        return Failure::foreign(status, body);
    };
    let mut message = error.message.unwrap_or_else(|| "no explanation".into());
    for detail in error.details.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten() {
        let part = |key: &str| detail.get(key).and_then(serde_json::Value::as_str);
        if let (Some(field), Some(why)) = (part("field"), part("message")) {
            message.push_str(&format!("; {field}: {why}"));
        }
    }
    let credentials = status == 401
        || error.error_type.as_deref() == Some("authentication_error") && error.code.as_deref() != Some("sandbox_only");
    Failure {
        transient: matches!(error.code.as_deref(), Some("idempotency_in_progress")),
        code: error.code,
        message,
        credentials,
        ..Failure::default()
    }
}
