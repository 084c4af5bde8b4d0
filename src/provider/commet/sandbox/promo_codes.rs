//! Promo codes (commet-api.md §3.8). They are never deleted, only switched off; which plans they are for is
//! write-only. What they are worth is an offer; 2026-07-11 writes and shows it as an inline discount.

use serde_json::{Map, Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::failure::{Detail, Failure};
use super::offers;
use super::page::Page;
use super::prices::{DISCOUNTS, INTERVALS};
use super::rows::{CurrencyAmount, Offer, Phase, PromoCode};
use super::rules::{COUNT, Field, Kind, NAME, nullable, optional, required};
use super::version::Version;

/// 100 % in basis points, which no promo code gives.
const WHOLE: i64 = 10_000;

// The first field is only in the newer version, the last three are only in the older: see `create`.
const CREATE: &[Field] = &[
    required("offerId", NAME),
    required("code", Kind::PromoCode),
    nullable("billingInterval", INTERVALS),
    optional("maxRedemptions", Kind::Int(1)),
    optional("expiresAt", Kind::Time),
    optional("planIds", Kind::Texts(0)),
    required("discountType", DISCOUNTS),
    required("discountValue", COUNT),
    optional("durationCycles", Kind::Int(1)),
];

const UPDATE: &[Field] = &[
    nullable("billingInterval", INTERVALS),
    nullable("maxRedemptions", Kind::Int(1)),
    nullable("expiresAt", Kind::Time),
    optional("active", Kind::Flag),
    optional("planIds", Kind::Texts(0)),
];

/// A promo code gives one discount: neither a trial nor a fixed price, and not everything.
pub(super) fn check_offer(offer: &Offer) -> Result<(), String> {
    match offer.phases.as_slice() {
        [Phase::Percentage { percentage, .. }] if *percentage >= WHOLE => {
            Err(format!("The percentage of a promo code's offer is below {WHOLE} basis points"))
        }
        [Phase::Percentage { .. } | Phase::AmountOff { .. }] => Ok(()),
        _ => Err("The offer of a promo code has exactly one phase, percentage or amount_off".into()),
    }
}

/// The terms as 2026-07-11 shows them: an amount in US cents.
fn discount(call: &Call<'_>, promo: &PromoCode) -> Map<String, Value> {
    let phase = call.state.offers.get_any(&promo.offer).and_then(|offer| offer.phases.first());
    let (kind, value, cycles) = match phase {
        Some(Phase::Percentage { percentage, duration_cycles, .. }) => {
            ("percentage", Some(*percentage), *duration_cycles)
        }
        Some(Phase::AmountOff { amounts, duration_cycles, .. }) => {
            let dollars = amounts.iter().find(|one| one.currency == "usd");
            ("amount", dollars.map(|one| one.amount), *duration_cycles)
        }
        // `check_offer` lets nothing else in.
        _ => ("amount", None, None),
    };
    let fields =
        [("discountType", Value::from(kind)), ("discountValue", value.into()), ("durationCycles", cycles.into())];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn view(call: &Call<'_>, promo: &PromoCode) -> Value {
    let mut view = Map::new();
    view.insert("id".into(), promo.id.clone().into());
    view.insert("code".into(), promo.code.clone().into());
    match call.version {
        Version::July11 => view.extend(discount(call, promo)),
        Version::July31 => {
            view.insert("offerId".into(), promo.offer.clone().into());
        }
    }
    let rest = json!({
        "billingInterval": promo.billing_interval,
        "maxRedemptions": promo.max_redemptions,
        "expiresAt": promo.expires_at,
        "isActive": promo.is_active,
        "redemptionCount": 0,
        "createdAt": promo.created.iso(),
        "updatedAt": promo.updated.iso(),
    });
    if let Value::Object(rest) = rest {
        view.extend(rest);
    }
    call.object("promo_code", Value::Object(view))
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

/// The inline discount as a phase. A percentage stays below 100 %.
fn phase(body: &Body) -> Result<Phase, Failure> {
    let (value, duration_cycles, duration_interval) = (body.int("discountValue"), body.opt_int("durationCycles"), None);
    if body.text("discountType") == "amount" {
        let amounts = vec![CurrencyAmount { currency: "usd".into(), amount: value }];
        return Ok(Phase::AmountOff { duration_cycles, duration_interval, amounts });
    }
    if value >= WHOLE {
        let detail = Detail::new("discountValue", format!("A percentage is below {WHOLE} basis points"));
        return Err(Failure::invalid(vec![detail]));
    }
    Ok(Phase::Percentage { duration_cycles, duration_interval, percentage: value })
}

/// Codes are kept in upper case.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(match call.version {
        Version::July11 => &CREATE[1..],
        Version::July31 => &CREATE[..CREATE.len() - 3],
    })?;
    let inline = match call.version {
        Version::July11 => Some(phase(&body)?),
        Version::July31 => None,
    };
    let code = body.text("code").to_uppercase();
    if call.state.promo_codes.taken("code", &code, None) {
        return Err(Failure::new("duplicate", format!("The promo code `{code}` already exists")).about("code"));
    }
    for plan in body.texts("planIds") {
        call.state.plan(&plan)?;
    }
    let offer = match inline {
        Some(phase) => {
            let offer = offers::for_promo_code(call, &code, phase);
            let id = offer.id.clone();
            call.state.offers.put(offer);
            id
        }
        None => {
            let offer = call.state.offer(&body.text("offerId"))?;
            check_offer(offer).map_err(|reason| Failure::field("offerId", reason))?;
            offer.id.clone()
        }
    };
    let promo = PromoCode {
        id: call.state.new_id("prc_"),
        code,
        offer,
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

/// What a code is worth, and its text, cannot be changed.
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
