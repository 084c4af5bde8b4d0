//! How bxb bills a subscription, as far as its plan says (bxb-api.md §6, §8). Everything reads the plan's current values.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::observe;
use super::table::{ADD_ON, CHARGE, COMMITMENT, COUPON, FEATURE, METRIC, METRIC_FILTER, PLAN, TAX};
use crate::changeset::{Billing, State};
use crate::diff::{Change, FieldChange};
use crate::http::{ApiError, ReadApi};
use crate::model::{Address, Currency, Live, LiveObject, Standing, Subscription, Subscriptions, Value};

pub(super) struct Rules;

impl Billing for Rules {
    fn pays(&self, who: &Subscription, state: &State<'_>) -> Option<(Currency, Decimal)> {
        let currency = state.value(&who.plan, "currency")?.text()?.parse().ok()?;
        let amount = state.value(&who.plan, "amount").and_then(Value::number).unwrap_or_default();
        Some((currency, amount))
    }

    fn concerns(&self, who: &Subscription, change: &Change, _: Option<&FieldChange>, live: &Live) -> Option<bool> {
        let (kind, root) = (change.kind, change.address.root());
        let inside = |is: &dyn Fn(&LiveObject) -> bool| {
            let below = live.objects.range(who.plan.clone()..);
            let mut mine = below.take_while(|(address, _)| address.is_within(&who.plan));
            mine.any(|(_, object)| is(object))
        };
        match kind {
            _ if kind == METRIC || kind == METRIC_FILTER => Some(inside(&|object| {
                let metric = object.resource.fields.get("billable_metric").and_then(Value::text);
                object.resource.kind == CHARGE && metric == Some(root.key())
            })),
            _ if kind == FEATURE => Some(live.objects.contains_key(&who.plan.child("entitlements", root.key()))),
            // A tax of the organization is charged where nothing else has one, customers included: nobody knows whom.
            _ if kind == TAX => {
                let applied = inside(&|object| {
                    let address = &object.resource.address;
                    address.collection() == "taxes" && address.key() == root.key()
                });
                applied.then_some(true)
            }
            _ if kind == ADD_ON || kind == COUPON => None,
            _ => Some(root == who.plan),
        }
    }

    fn by_usage(&self, change: &Change, _: Option<&FieldChange>, _: &Live) -> bool {
        [CHARGE, COMMITMENT, METRIC, METRIC_FILTER].contains(&change.kind)
    }

    fn intervals(&self, plan: &Address, live: &Live) -> Vec<String> {
        let found = live.objects.get(plan).and_then(|plan| plan.resource.fields.get("interval"));
        found.and_then(Value::text).map(str::to_owned).into_iter().collect()
    }

    fn assumptions(&self) -> &'static [&'static str] {
        &["the API does not say who is in a trial: every active subscription counts as one that pays"]
    }
}

/// One row of the list (§8).
#[derive(Debug, Deserialize)]
struct Row {
    plan_id: String,
    status: String,
}

/// Reads who subscribes. Only `active` ones pay: the others have not begun, pause, or are over.
pub(super) async fn subscriptions(api: &ReadApi, live: &Live) -> Result<Subscriptions, ApiError> {
    let rows: Vec<Row> = observe::pages(api, "/subscriptions/", "id:asc").await?;
    let mut plans: BTreeMap<&str, &LiveObject> = BTreeMap::new();
    for object in live.objects.values().filter(|object| object.resource.kind == PLAN) {
        plans.extend(object.id.as_deref().map(|id| (id, object)));
    }
    let mut found = Subscriptions::default();
    let mut idle = 0_usize;
    for row in &rows {
        match (row.status.as_str(), plans.get(row.plan_id.as_str())) {
            ("active", Some(plan)) => found.add(subscription(plan), 1),
            ("active", None) => found.elsewhere += 1,
            ("pending" | "paused", _) => idle += 1,
            _ => {}
        }
    }
    if idle > 0 {
        found.assumptions.push(format!("{idle} that are pending or paused are not counted"));
    }
    Ok(found)
}

fn subscription(plan: &LiveObject) -> Subscription {
    let interval = plan.resource.fields.get("interval").and_then(Value::text);
    Subscription {
        plan: plan.resource.address.clone(),
        interval: interval.map(str::to_owned),
        currency: None,
        standing: Standing::Paying,
        archived: false,
    }
}
