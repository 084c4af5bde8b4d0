//! Offers: terms that a price, a promo code or a subscription names (commet-api.md §3.8, since 2026-07-24).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::body::Body;
use super::call::{Call, Reply};
use super::derive::CURRENCIES;
use super::failure::{Detail, Failure};
use super::page::Page;
use super::rows::{CurrencyAmount, Offer, Phase, Price};
use super::rules::{COUNT, Field, Kind, NAME, nullable, optional, present, required};
use super::time::Time;
use super::{intro, promo_codes};

/// 100 % in basis points.
const WHOLE: i64 = 10_000;
const MOST_PHASES: usize = 10;

const CYCLES: Field = present("durationCycles", Kind::Int(1));
const INTERVAL: Field = nullable("durationInterval", Kind::OneOf(&["weekly", "monthly", "quarterly", "yearly"]));
const CURRENCY: Field = required("currency", Kind::OneOf(CURRENCIES));

const PHASES: Kind = Kind::Typed(&[
    ("free_trial", &[required("durationDays", Kind::Int(1))]),
    ("percentage", &[CYCLES, INTERVAL, required("percentage", Kind::Int(1))]),
    (
        "amount_off",
        &[CYCLES, INTERVAL, required("amounts", Kind::Objects(&[CURRENCY, required("amount", Kind::Int(1))]))],
    ),
    ("fixed_price", &[CYCLES, INTERVAL, required("prices", Kind::Objects(&[CURRENCY, required("amount", COUNT)]))]),
]);

/// For an update too: it replaces all of them, what it leaves out gets its default again.
const FIELDS: &[Field] = &[
    required("name", NAME),
    required("phases", PHASES),
    optional("metadata", Kind::Map),
    nullable("startsAt", Kind::Time),
    nullable("endsAt", Kind::Time),
    optional("active", Kind::Flag),
];

fn view(call: &Call<'_>, offer: &Offer) -> Value {
    call.object(
        "offer",
        json!({
            "id": offer.id,
            "name": offer.name,
            "phases": offer.phases,
            "metadata": offer.metadata,
            "startsAt": offer.starts_at,
            "endsAt": offer.ends_at,
            "active": offer.active,
            "createdAt": offer.created.iso(),
            "updatedAt": offer.updated.iso(),
        }),
    )
}

/// How long a phase goes on, and in which unit; none on a free trial.
fn duration(phase: &Phase) -> Option<(Option<i64>, Option<&str>)> {
    match phase {
        Phase::FreeTrial { .. } => None,
        Phase::Percentage { duration_cycles, duration_interval, .. }
        | Phase::AmountOff { duration_cycles, duration_interval, .. }
        | Phase::FixedPrice { duration_cycles, duration_interval, .. } => {
            Some((*duration_cycles, duration_interval.as_deref()))
        }
    }
}

/// Whether a phase has no end.
pub(super) fn is_open_ended(phase: &Phase) -> bool {
    matches!(duration(phase), Some((None, _)))
}

fn check_amounts(path: &str, amounts: &[CurrencyAmount], details: &mut Vec<Detail>) {
    let mut seen = BTreeSet::new();
    for (n, one) in amounts.iter().enumerate() {
        if !seen.insert(one.currency.as_str()) {
            details.push(Detail::new(format!("{path}.{n}.currency"), "Listed twice"));
        }
    }
    if !seen.contains("usd") {
        details.push(Detail::new(path, "Needs an amount in usd: no currency stands in for another"));
    }
}

fn phases(body: &Body) -> Result<Vec<Phase>, Failure> {
    let phases: Vec<Phase> =
        serde_json::from_value(body.list("phases")).map_err(|error| Failure::field("phases", error.to_string()))?;
    let mut details = Vec::new();
    if !(1..=MOST_PHASES).contains(&phases.len()) {
        details.push(Detail::new("phases", format!("Must have 1 to {MOST_PHASES} phases")));
    }
    for (n, phase) in phases.iter().enumerate() {
        let at = |field: &str| format!("phases.{n}.{field}");
        match phase {
            Phase::FreeTrial { .. } if n > 0 => {
                details.push(Detail::new(at("type"), "Only the first phase can be a free trial"));
            }
            Phase::FreeTrial { .. } => {}
            Phase::Percentage { percentage, .. } if *percentage > WHOLE => {
                details.push(Detail::new(at("percentage"), format!("At most {WHOLE} basis points")));
            }
            Phase::Percentage { .. } => {}
            Phase::AmountOff { amounts, .. } => check_amounts(&at("amounts"), amounts, &mut details),
            Phase::FixedPrice { prices, .. } => check_amounts(&at("prices"), prices, &mut details),
        }
        match duration(phase) {
            Some((None, _)) if n + 1 < phases.len() => {
                details.push(Detail::new(at("durationCycles"), "Only the last phase can be without an end"));
            }
            Some((None, Some(_))) => {
                details.push(Detail::new(at("durationInterval"), "Does not go with a phase without an end"));
            }
            _ => {}
        }
    }
    Failure::unless_empty(details)?;
    Ok(phases)
}

/// What a body says, with the defaults for what it leaves out.
fn read(body: &Body, offer: &mut Offer) -> Result<(), Failure> {
    offer.name = body.text("name");
    offer.phases = phases(body)?;
    offer.metadata = body.map("metadata").unwrap_or_default();
    offer.starts_at = body.opt_text("startsAt");
    offer.ends_at = body.opt_text("endsAt");
    offer.active = body.opt_flag("active").unwrap_or(true);
    let time = |text: &Option<String>| text.as_deref().and_then(Time::parse);
    match (time(&offer.starts_at), time(&offer.ends_at)) {
        (Some(start), Some(end)) if end <= start => Err(Failure::field("endsAt", "Must be after startsAt")),
        _ => Ok(()),
    }
}

fn blank(call: &mut Call<'_>) -> Offer {
    Offer {
        id: call.state.new_id("ofr_"),
        name: String::new(),
        phases: Vec::new(),
        metadata: Default::default(),
        starts_at: None,
        ends_at: None,
        active: true,
        intro_of: None,
        created: call.now,
        updated: call.now,
        deleted: false,
    }
}

/// The offer behind a promo code that 2026-07-11 makes with its discount inline.
pub(super) fn for_promo_code(call: &mut Call<'_>, code: &str, phase: Phase) -> Offer {
    Offer { name: code.to_owned(), phases: vec![phase], ..blank(call) }
}

/// The offer behind an intro offer that 2026-07-11 writes.
pub(super) fn for_price(call: &mut Call<'_>, plan: &str, price: &Price, phase: Phase) -> Offer {
    let (name, intro_of) = (format!("{plan} {} intro offer", price.interval), Some(price.id.clone()));
    Offer { name, phases: vec![phase], intro_of, ..blank(call) }
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let page = Page::of(call)?;
    let wanted = match call.query("active") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Failure::field("active", "Expected one of: true, false")),
    };
    let passes = |offer: &Offer| wanted.is_none_or(|wanted| wanted == offer.active);
    Ok(page.reply(&call.state.offers, passes, |offer| view(call, offer)))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Failure> {
    Ok(Reply::one(view(call, call.state.offer(call.arg(0))?)))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(FIELDS)?;
    let mut offer = blank(call);
    read(&body, &mut offer)?;
    let reply = Reply::created(view(call, &offer));
    call.state.offers.put(offer);
    Ok(reply)
}

/// The new terms must suit the promo codes and the prices that name the offer.
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let body = call.body(FIELDS)?;
    let mut offer = call.state.offer(call.arg(0))?.clone();
    read(&body, &mut offer)?;
    if call.state.promo_codes.by("offer", &offer.id).next().is_some() {
        promo_codes::check_offer(&offer).map_err(|reason| Failure::field("phases", reason))?;
    }
    if call.state.plans.by("offer", &offer.id).next().is_some() {
        intro::check_offer(&offer).map_err(|reason| Failure::field("phases", reason))?;
    }
    offer.updated = call.now;
    let reply = Reply::one(view(call, &offer));
    call.state.offers.put(offer);
    Ok(reply)
}

/// Soft, never refused, and the answer has no id. Promo codes go on naming it; prices lose it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut offer = call.state.offer(call.arg(0))?.clone();
    intro::detach(call.state, &offer.id);
    offer.deleted = true;
    call.state.offers.put(offer);
    Ok(Reply::one(call.object("offer", json!({ "deleted": true }))))
}
