//! Promo codes (commet-api.md §3.8). They are never deleted, only switched off; which plans they are for is
//! write-only.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::failure::{Detail, Failure};
use super::page::Page;
use super::prices::{DISCOUNTS, INTERVALS};
use super::rows::PromoCode;
use super::rules::{COUNT, Field, Kind, nullable, optional, required};

const CREATE: &[Field] = &[
    required("code", Kind::PromoCode),
    required("discountType", DISCOUNTS),
    required("discountValue", COUNT),
    optional("durationCycles", Kind::Int(1)),
    nullable("billingInterval", INTERVALS),
    optional("maxRedemptions", Kind::Int(1)),
    optional("expiresAt", Kind::Time),
    optional("planIds", Kind::Texts(0)),
];

const UPDATE: &[Field] = &[
    nullable("billingInterval", INTERVALS),
    nullable("maxRedemptions", Kind::Int(1)),
    nullable("expiresAt", Kind::Time),
    optional("active", Kind::Flag),
    optional("planIds", Kind::Texts(0)),
];

fn view(call: &Call<'_>, promo: &PromoCode) -> Value {
    call.object(
        "promo_code",
        json!({
            "id": promo.id,
            "code": promo.code,
            "discountType": promo.discount_type,
            "discountValue": promo.discount_value,
            "durationCycles": promo.duration_cycles,
            "billingInterval": promo.billing_interval,
            "maxRedemptions": promo.max_redemptions,
            "expiresAt": promo.expires_at,
            "isActive": promo.is_active,
            "redemptionCount": 0,
            "createdAt": promo.created.iso(),
            "updatedAt": promo.updated.iso(),
        }),
    )
}

fn find(call: &Call<'_>) -> Result<PromoCode, Failure> {
    let missing = || Failure::new("promo_code_not_found", format!("No promo code `{}`", call.arg(0)));
    call.state.promo_codes.get(call.arg(0)).cloned().ok_or_else(missing)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    Ok(page.reply(&call.state.promo_codes, |_| true, |promo| view(call, promo)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, &find(call)?)))
}

/// Codes are kept in upper case. A percentage stays below 100 %.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    if body.text("discountType") == "percentage" && body.int("discountValue") >= 10_000 {
        let detail = Detail::new("discountValue", "A percentage is below 10000 basis points");
        return Err(Failure::invalid(vec![detail]));
    }
    let code = body.text("code").to_uppercase();
    if call.state.promo_codes.taken("code", &code, None) {
        return Err(Failure::new("duplicate", format!("The promo code `{code}` already exists")).about("code"));
    }
    for plan in body.texts("planIds") {
        call.state.plan(&plan)?;
    }
    let promo = PromoCode {
        id: call.state.new_id("prc_"),
        code,
        discount_type: body.text("discountType"),
        discount_value: body.int("discountValue"),
        duration_cycles: body.opt_int("durationCycles"),
        billing_interval: body.opt_text("billingInterval"),
        max_redemptions: body.opt_int("maxRedemptions"),
        expires_at: body.opt_text("expiresAt"),
        is_active: true,
        plans: body.texts("planIds"),
        created: call.now,
        updated: call.now,
    };
    let reply = Reply::created(view(call, &promo));
    call.state.promo_codes.put(promo);
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(UPDATE)?;
    let mut promo = find(call)?;
    for plan in body.texts("planIds") {
        call.state.plan(&plan)?;
    }
    body.set_opt_text("billingInterval", &mut promo.billing_interval);
    body.set_opt_int("maxRedemptions", &mut promo.max_redemptions);
    body.set_opt_text("expiresAt", &mut promo.expires_at);
    body.set_flag("active", &mut promo.is_active);
    if body.has("planIds") {
        promo.plans = body.texts("planIds");
    }
    promo.updated = call.now;
    let reply = Reply::one(view(call, &promo));
    call.state.promo_codes.put(promo);
    Ok(reply)
}
