//! Events, and what a subscription used of its plan's charges (bxb-api.md §6.2, §7).

use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};

use super::calculate::{self, For, Unreadable};
use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::{Kind, Missing, NAME, UP_TO_255, optional, or, required};
use super::issue::Issue;
use super::json::{Json, Object};
use super::organizations::DEFAULT;
use super::resource::{Key, Resource};

pub(super) static EVENTS: Resource = Resource {
    table: "events",
    title: "Event",
    audited: None,
    key: Key::Id("event_id"),
    create: &[
        required("transaction_id", NAME),
        required("external_customer_id", NAME),
        required("code", UP_TO_255),
        optional("timestamp", Kind::Moment),
        or("properties", Kind::Map, Missing::NoPairs),
    ],
    update: &[],
};

/// What was used of one charge, or of one of its filters.
pub(super) struct Line<'c> {
    pub(super) charge: &'c Object,
    pub(super) metric: &'c Object,
    /// The filter's key and value.
    filter: Option<(&'c str, &'c str)>,
    pub(super) display_name: Option<&'c str>,
    pub(super) units: Decimal,
    pub(super) cents: Decimal,
}

pub(super) fn add_event(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let mut body = call.only_body(EVENTS.create)?;
    if body.at("timestamp").is_null() {
        body.set("timestamp", call.now);
    }
    EVENTS.create_from(call, &body)
}

/// The lines of a subscription. Only the default organization's can be worked out (§1).
pub(super) fn lines<'c>(call: &'c Call<'_>, subscription: &Object) -> Result<Vec<Line<'c>>, Failure> {
    if call.organization != DEFAULT {
        return Err(Failure::Crash);
    }
    let customer = call.db.find("customers", subscription.text("customer_id")).ok_or(Failure::Crash)?;
    let mut events: Vec<_> = call.db.by("events", "external_customer_id", customer.text("external_id")).collect();
    events.retain(|event| call.owns(event));
    events.sort_by_key(|event| event.int("timestamp"));
    let mut lines = Vec::new();
    for charge in call.db.by("charges", "plan_id", subscription.text("plan_id")) {
        let metric = call.db.find("billable_metrics", charge.text("billable_metric_id")).ok_or(Failure::Crash)?;
        let of_metric = events.iter().filter(|event| event.text("code") == metric.text("code"));
        let used: Vec<_> = of_metric.filter_map(|event| event.at("properties").as_object()).collect();
        let line = of_charge(call, charge, metric, &used);
        lines.extend(line.map_err(|_| Failure::Crash)?);
    }
    Ok(lines)
}

/// With filters, only what they match, a line for each; the rest goes unbilled. A filter whose value is gone matches
/// nothing.
fn of_charge<'c>(
    call: &'c Call<'_>,
    charge: &'c Object,
    metric: &'c Object,
    used: &[&Object],
) -> Result<Vec<Line<'c>>, Unreadable> {
    let empty = Object::default();
    let own = charge.at("properties").as_object().unwrap_or(&empty);
    let bill = |properties: &Object, used: Vec<&Object>| {
        let units = units(metric, &used)?;
        calculate::amount(charge.text("charge_model"), properties, units, &For::Billing(used))
            .map(|cents| (units, cents))
    };
    let mut filters = call.db.by("charge_filters", "charge_id", charge.id()).peekable();
    if filters.peek().is_none() {
        let (units, cents) = bill(own, used.to_vec())?;
        return Ok(vec![Line { charge, metric, filter: None, display_name: None, units, cents }]);
    }
    let mut lines = Vec::new();
    for filter in filters {
        let Some(value) = call.db.by("charge_filter_values", "charge_filter_id", filter.id()).next() else { continue };
        let of_metric = call.db.find("billable_metric_filters", value.text("billable_metric_filter_id"));
        let key = of_metric.map(|filter| filter.text("key")).ok_or(Unreadable)?;
        // Filters override key by key, and match texts only.
        let mut properties = own.clone();
        for (name, value) in filter.at("properties").as_object().unwrap_or(&empty).iter() {
            properties.set(name, value.clone());
        }
        let matching = used.iter().copied().filter(|event| event.at(key) == value.at("value")).collect();
        let (units, cents) = bill(&properties, matching)?;
        let display_name = filter.at("invoice_display_name").as_text();
        lines.push(Line { charge, metric, filter: Some((key, value.text("value"))), display_name, units, cents });
    }
    Ok(lines)
}

/// Events, added up as the metric says. A field that is no number counts as zero.
fn units(metric: &Object, used: &[&Object]) -> calculate::Amount {
    let field = metric.text("field_name");
    let value = |event: &&Object| calculate::number(event.at(field)).unwrap_or_default();
    let units = match metric.text("aggregation_type") {
        "sum" | "weighted_sum" => {
            used.iter().try_fold(Decimal::ZERO, |sum, event| calculate::plus(sum, value(event)))?
        }
        "max" => used.iter().map(value).max().unwrap_or_default(),
        "latest" => used.last().map(value).unwrap_or_default(),
        "unique_count" => {
            let known = used.iter().filter_map(|event| event.get(field));
            known.map(ToString::to_string).collect::<BTreeSet<_>>().len().into()
        }
        _ => used.len().into(),
    };
    let places = u32::try_from(metric.int("rounding_precision")).unwrap_or_default();
    Ok(match metric.text("rounding_function") {
        "round" => units.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero),
        "ceil" => units.round_dp_with_strategy(places, RoundingStrategy::ToPositiveInfinity),
        "floor" => units.round_dp_with_strategy(places, RoundingStrategy::ToNegativeInfinity),
        _ => units,
    })
}

/// Cents with two decimals.
pub(super) fn money(cents: Decimal) -> Json {
    format!("{:.2}", cents.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)).into()
}

pub(super) fn current(call: &mut Call<'_>) -> Result<Reply, Failure> {
    let call = &*call;
    let Some(id) = call.query("subscription_id") else {
        let issue = Issue::new("missing", "Field required");
        return Err(Failure::Invalid(vec![issue.at(&["query".into(), "subscription_id".into()], &Json::Null)]));
    };
    let mine = |table: &str, id: &str| call.db.by(table, "external_id", id).find(|row| call.owns(row));
    let customer = mine("customers", call.arg(0)).ok_or_else(|| Failure::not_found("Customer"))?;
    let subscription = mine("subscriptions", id).filter(|row| row.text("customer_id") == customer.id());
    let subscription = subscription.ok_or_else(|| Failure::not_found("Subscription"))?;
    let plan = call.db.find("plans", subscription.text("plan_id")).ok_or(Failure::Crash)?;
    let lines = lines(call, subscription)?;
    let total: Decimal = lines.iter().map(|line| line.cents).fold(Decimal::ZERO, Decimal::saturating_add);
    let shown = lines.iter().map(|line| {
        let filters = line.filter.map(|(key, value)| Object::from([(key, value.into())])).unwrap_or_default();
        let metric = ["id", "code", "name", "aggregation_type"].map(|name| (name, line.metric.at(name).clone()));
        Json::from([
            ("billable_metric", Object::from(metric).into()),
            ("charge_model", line.charge.at("charge_model").clone()),
            ("filters", filters.into()),
            ("units", line.units.normalize().to_string().into()),
            ("amount_cents", money(line.cents)),
        ])
    });
    Ok(Reply::ok([
        ("currency", plan.at("currency").clone()),
        ("amount_cents", money(total)),
        ("charges", shown.collect::<Vec<_>>().into()),
    ]))
}
