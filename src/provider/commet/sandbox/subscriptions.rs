//! Subscriptions, as far as a catalog has to do with them: who pays which price, and which add-ons are active.

use serde_json::{Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::derive::CURRENCIES;
use super::failure::{Detail, Failure};
use super::page::Page;
use super::prices::INTERVALS;
use super::rows::{Customer, Plan, Price, Subscription};
use super::rules::{Field, Kind, NAME, TEXT, nullable, optional, required};

/// `priceId` and `currency` are the sandbox's own; the real API takes the interval and the customer's country.
const CREATE: &[Field] = &[
    required("customerId", NAME),
    optional("planId", NAME),
    optional("planCode", NAME),
    nullable("billingInterval", INTERVALS),
    optional("priceId", NAME),
    optional("currency", Kind::OneOf(CURRENCIES)),
    optional("skipTrial", Kind::Flag),
];

const CANCEL: &[Field] = &[optional("reason", TEXT), optional("immediate", Kind::Flag)];

/// The currency of a billing country (commet-api.md §3.5); dollars for every other country.
const COUNTRIES: &[(&str, &str)] = &[
    ("AR", "ars"),
    ("BR", "brl"),
    ("CL", "clp"),
    ("CO", "cop"),
    ("PE", "pen"),
    ("UY", "uyu"),
    ("PY", "pyg"),
    ("BO", "bob"),
    ("MX", "mxn"),
    ("CA", "cad"),
    ("DE", "eur"),
    ("ES", "eur"),
    ("FR", "eur"),
    ("IT", "eur"),
    ("NL", "eur"),
    ("PT", "eur"),
    ("AT", "eur"),
    ("BE", "eur"),
    ("IE", "eur"),
    ("FI", "eur"),
    ("JP", "jpy"),
    ("CN", "cny"),
    ("KR", "krw"),
    ("HK", "hkd"),
    ("SG", "sgd"),
    ("TW", "twd"),
    ("IN", "inr"),
    ("TH", "thb"),
];

fn days(interval: &str) -> Option<i64> {
    match interval {
        "weekly" => Some(7),
        "monthly" => Some(30),
        "quarterly" => Some(91),
        "yearly" => Some(365),
        _ => None,
    }
}

fn status(call: &Call<'_>, one: &Subscription) -> &'static str {
    match one.canceled {
        Some(_) => "canceled",
        None if one.trial_ends > Some(call.now) => "trialing",
        None => "active",
    }
}

fn view(call: &Call<'_>, one: &Subscription) -> Value {
    let plan = call.state.plans.get_any(&one.plan);
    let price = plan.and_then(|plan| plan.prices.iter().find(|price| Some(&price.id) == one.price.as_ref()));
    let amount = price.map(|price| price.regional.get(&one.currency).map_or(price.amount, |row| row.price));
    let period = one
        .period_end
        .map(|end| json!({ "start": one.start.iso(), "end": end.iso(), "daysRemaining": call.now.days_until(end) }));
    call.object(
        "subscription",
        json!({
            "id": one.id,
            "customerId": one.customer,
            "plan": { "id": one.plan, "name": plan.map(|plan| &plan.name), "basePrice": amount },
            "name": plan.map(|plan| &plan.name),
            "description": null,
            "status": status(call, one),
            "billingInterval": one.interval,
            "consumptionModel": plan.and_then(|plan| plan.consumption_model.as_ref()),
            "trialEndsAt": one.trial_ends.map(|time| time.iso()),
            "currentPeriod": period,
            "cancellation": one.cancel_at_period_end.as_ref().zip(one.period_end).map(|(reason, end)| {
                json!({ "scheduledAt": one.updated.iso(), "reason": reason, "effectiveAt": end.iso() })
            }),
            "cancelAtPeriodEnd": one.cancel_at_period_end.is_some(),
            "scheduledPlanChange": null,
            "discount": null,
            "startDate": one.start.iso(),
            "endDate": one.canceled.map(|time| time.iso()),
            "billingDayOfMonth": null,
            "nextBillingDate": one.period_end.map(|time| time.iso()),
            "checkoutUrl": null,
            "createdAt": one.start.iso(),
            "updatedAt": one.updated.iso(),
            "priceId": one.price,
            "currency": one.currency,
        }),
    )
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    let customer = call.query("customerId").map(|id| call.state.customer(id).map(|found| found.id.clone()));
    let customer = customer.transpose()?;
    let wanted = call.query("status");
    let passes = |one: &Subscription| {
        customer.as_ref().is_none_or(|id| *id == one.customer)
            && wanted.is_none_or(|wanted| wanted == status(call, one))
    };
    Ok(page.reply(&call.state.subscriptions, passes, |one| view(call, one)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, &call.state.subscription(call.arg(0))?)))
}

/// The price that is asked for: by id, by interval, else the default or the only one. None on a free plan.
fn pick<'p>(plan: &'p Plan, body: &Body) -> Result<Option<&'p Price>, Failure> {
    if plan.is_free {
        return Ok(None);
    }
    let missing =
        |what: String| Failure::new("price_not_found", format!("The plan `{}` has no price {what}", plan.code));
    if let Some(id) = body.opt_text("priceId") {
        let found = plan.live_prices().find(|price| price.id == id);
        return found.map(Some).ok_or_else(|| missing(format!("`{id}`")));
    }
    if let Some(interval) = body.opt_text("billingInterval") {
        let found = plan.base_prices().find(|price| price.interval == interval);
        return found.map(Some).ok_or_else(|| missing(format!("for the interval `{interval}`")));
    }
    let default = plan.base_prices().find(|price| price.is_default).or_else(|| plan.base_prices().next());
    let none = || Failure::new("no_prices_configured", format!("The plan `{}` has no prices", plan.code));
    default.map(Some).ok_or_else(none)
}

/// The customer's currency if the plan is sold in it, else dollars.
fn currency(plan: &Plan, price: Option<&Price>, customer: &Customer, body: &Body) -> Result<String, Failure> {
    let country = customer.country.as_deref();
    let local = COUNTRIES.iter().find(|(known, _)| Some(*known) == country).map(|(_, currency)| (*currency).to_owned());
    let asked = body.opt_text("currency");
    let wanted = asked.clone().or(local).unwrap_or_else(|| "usd".into());
    let Some(price) = price.filter(|_| wanted != "usd") else { return Ok(wanted) };
    if price.regional.contains_key(&wanted) {
        return Ok(wanted);
    }
    let sold = plan.exchange_rates.contains_key(&wanted)
        || plan.live_prices().any(|price| price.regional.contains_key(&wanted));
    if sold || asked.is_some() {
        let message = format!("The price `{}` has no value in {wanted}", price.id);
        return Err(Failure::new("missing_regional_price", message));
    }
    Ok("usd".into())
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CREATE)?;
    let customer = call.state.customer(&body.text("customerId"))?;
    let plan = match (body.opt_text("planId"), body.opt_text("planCode")) {
        (Some(id), _) => call.state.plan(&id)?,
        (None, Some(code)) => {
            let missing = || Failure::new("plan_not_found", format!("No plan `{code}`"));
            call.state.plans.by("code", &code).next().cloned().ok_or_else(missing)?
        }
        (None, None) => return Err(Failure::field("planId", "Required, or planCode")),
    };
    let price = pick(&plan, &body)?;
    let trial = price.map(|price| price.trial_days).filter(|days| *days > 0 && !body.flag("skipTrial"));
    let interval = price.map(|price| price.interval.clone());
    let one = Subscription {
        customer: customer.id.clone(),
        currency: currency(&plan, price, customer, &body)?,
        id: call.state.new_id("sub_"),
        price: price.map(|price| price.id.clone()),
        trial_ends: trial.map(|days| call.now.plus_days(days)),
        start: call.now,
        period_end: interval.as_deref().map_or(Some(30), days).map(|days| call.now.plus_days(days)),
        interval,
        plan: plan.id.clone(),
        cancel_at_period_end: None,
        canceled: None,
        addons: Default::default(),
        updated: call.now,
    };
    let reply = Reply::created(view(call, &one));
    call.state.subscriptions.put(one);
    Ok(reply)
}

pub(super) fn cancel(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(CANCEL)?;
    end(call, body.flag("immediate"), body.opt_text("reason"))
}

/// The sandbox's own: ends a subscription at once.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    end(call, true, None)
}

fn end(call: &mut Call<'_>, immediate: bool, reason: Option<String>) -> Result<Reply, Failure> {
    let mut one = live(call)?;
    if immediate || one.period_end.is_none() {
        one.canceled = Some(call.now);
        one.addons.clear();
    } else {
        one.cancel_at_period_end = Some(reason.clone());
    }
    one.updated = call.now;
    let reply = Reply::one(call.object(
        "subscription",
        json!({
            "id": one.id,
            "customerId": one.customer,
            "status": status(call, &one),
            "canceledAt": call.now.iso(),
            "cancelReason": reason,
            "scheduledCancellationDate": one.canceled.or(one.period_end).map(|time| time.iso()),
            "updatedAt": one.updated.iso(),
        }),
    ));
    call.state.subscriptions.put(one);
    Ok(reply)
}

/// The path's subscription, unless it has ended.
fn live(call: &Call<'_>) -> Result<Subscription, Failure> {
    let one = call.state.subscription(call.arg(0))?;
    match one.canceled {
        Some(_) => Err(Failure::field("id", "The subscription has been canceled")),
        None => Ok(one),
    }
}

/// A boolean add-on fits any plan, every other must have the plan's consumption model (commet-api.md §6).
pub(super) fn activate_addon(call: &mut Call<'_>) -> Result<Reply, Failure> {
    const FIELDS: &[Field] = &[required("addonId", NAME)];
    let body = call.body(FIELDS)?;
    let mut one = live(call)?;
    let addon = call.state.addon(&body.text("addonId"))?;
    let model = call.state.plans.get_any(&one.plan).and_then(|plan| plan.consumption_model.as_deref());
    if addon.model != "boolean" && model != Some(&addon.model) {
        let message = format!("A {} add-on needs a plan with that consumption model", addon.model);
        return Err(Failure::invalid(vec![Detail::new("addonId", message)]));
    }
    if one.addons.contains_key(&addon.id) {
        let message = format!("The add-on `{}` is already active on this subscription", addon.slug);
        return Err(Failure::new("duplicate", message).about("addonId"));
    }
    let charge = prorated(call, &one, addon.base_price);
    let id = addon.id.clone();
    let view = json!({ "addonId": id, "status": "active", "proratedCharge": charge });
    let reply = Reply::one(call.object(call.version.object("subscription", "subscription_addon"), view));
    one.addons.insert(id, call.now);
    one.updated = call.now;
    call.state.subscriptions.put(one);
    Ok(reply)
}

/// The share of a price for what is left of the period, in US cents.
fn prorated(call: &Call<'_>, one: &Subscription, cents: i64) -> i64 {
    let Some(end) = one.period_end else { return cents };
    let (whole, left) = (i128::from(end.0 - one.start.0), i128::from((end.0 - call.now.0).max(0)));
    let share = (i128::from(cents) * left * 2 + whole) / (whole * 2).max(1);
    i64::try_from(share).unwrap_or(cents)
}

pub(super) fn deactivate_addon(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut one = call.state.subscription(call.arg(0))?;
    let addon = call.state.addon(call.arg(1))?.id.clone();
    if one.addons.remove(&addon).is_none() {
        return Err(Failure::new("addon_not_found", format!("The add-on `{addon}` is not active here")));
    }
    one.updated = call.now;
    let view = json!({ "id": addon, "status": "inactive", "deactivatedAt": call.now.iso() });
    let reply = Reply::one(call.object(call.version.object("subscription", "subscription_addon"), view));
    call.state.subscriptions.put(one);
    Ok(reply)
}

/// All add-ons that are active for one customer.
pub(super) fn active_addons(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let Some(id) = call.query("customerId").filter(|id| !id.is_empty()) else {
        return Err(Failure::field("customerId", "Required"));
    };
    let customer = call.state.customer(id)?;
    let subscriptions = call.state.subscriptions.by("customer", &customer.id);
    let active = subscriptions.flat_map(|one| &one.addons).filter_map(|(id, since)| {
        let addon = call.state.addons.get_any(id)?;
        let feature = call.state.features.get_any(&addon.feature)?;
        let view = json!({
            "slug": addon.slug,
            "name": addon.name,
            "basePrice": addon.base_price,
            "featureCode": feature.code,
            "featureName": feature.name,
            "featureType": feature.kind,
            "consumptionModel": addon.model,
            "activatedAt": since.iso(),
        });
        Some(call.object(call.version.object("addon", "subscription_addon"), view))
    });
    Ok(Reply::list(active.collect::<Vec<_>>()))
}
