//! How Commet bills a subscription, as far as the price list says (commet-api.md §3.3, §3.5, §6).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::changeset::{Billing, State};
use crate::diff::{Change, FieldChange};
use crate::http::{ApiError, ReadApi};
use crate::model::{Address, Currency, Live, LiveObject, Standing, Subscription, Subscriptions, Value};
use crate::provider::commet::table::{ADDON, GROUP, MARKET, PLAN, PLAN_FEATURE, PRICE, REGION, VARIANT};
use crate::provider::commet::wire;
use crate::provider::commet::{markets, observe};

pub(super) struct Rules;

impl Billing for Rules {
    /// A renewal reads the current value of the subscription's price, in the subscription's currency. What is derived
    /// moves with the base amount and the rate.
    fn pays(&self, who: &Subscription, state: &State<'_>) -> Option<(Currency, Decimal)> {
        let interval = who.interval.as_deref().filter(|_| !who.archived)?;
        let price = who.plan.child("prices", interval);
        let base = state.value(&price, "amount")?.number()?;
        let currency = who.currency.unwrap_or(Currency::USD);
        if currency == Currency::USD {
            return Some((currency, base));
        }
        let region = region(&who.plan, currency);
        let field = format!("prices.{interval}.amount");
        let derives = || {
            let rate = state.value(&region, "exchange_rate")?.number()?;
            let places = currency.exponent();
            Some(base.checked_mul(rate)?.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
        };
        let moved = state.is_moved(&price, "amount")
            || state.is_moved(&region, "exchange_rate")
            || state.is_moved(&region, &field);
        match state.value(&region, &field)? {
            Value::Derived(shown) if !moved => Some((currency, *shown)),
            Value::Derived(_) => Some((currency, derives()?)),
            by_hand => Some((currency, by_hand.number()?)),
        }
    }

    fn concerns(&self, who: &Subscription, change: &Change, field: Option<&FieldChange>, live: &Live) -> Option<bool> {
        let kind = change.kind;
        let at = &change.address;
        if kind == GROUP {
            return Some(in_group(who, change, live));
        }
        let in_market = field.is_some_and(|field| markets::is_price(&field.field));
        // The list of subscriptions says nothing of add-ons, and not in which country somebody pays.
        if kind == ADDON || kind == MARKET || kind == VARIANT || kind == PRICE && in_market {
            return None;
        }
        if at.root() != who.plan {
            return Some(false);
        }
        let path = field.map(|field| field.field.as_ref());
        Some(match kind {
            _ if kind == PRICE => {
                let its_own = !who.archived && who.interval.as_deref() == Some(at.key());
                let inside = path.map(|path| format!("prices.{}.{path}", at.key()));
                its_own && inside.is_none_or(|inside| follows_dollars(who, &inside, live))
            }
            _ if kind == PLAN_FEATURE => match path {
                Some("overage") => follows_dollars(who, &format!("features.{}.overage", at.key()), live),
                _ => true,
            },
            _ if kind == REGION => {
                who.currency.is_some_and(|currency| region(&who.plan, currency) == *at) && in_region(who, path, live)
            }
            _ => true,
        })
    }

    fn by_usage(&self, change: &Change, field: Option<&FieldChange>, live: &Live) -> bool {
        let kind = change.kind;
        let found = live.objects.get(&change.address).map(|object| &object.resource.fields);
        let holds = |is: &dyn Fn(&str, &Value) -> bool| {
            let wanted = change.fields.iter().filter_map(|field| Some((field.field.as_ref(), field.after.as_ref()?)));
            let live = found.into_iter().flatten().map(|(path, value)| (path.as_ref(), value));
            wanted.chain(live).any(|(path, value)| is(path, value))
        };
        match field.map(|field| field.field.as_ref()) {
            Some(path) if markets::is_price(path) => false,
            Some(path) if kind == PRICE || kind == PLAN_FEATURE => path != "enabled" && path != "amount",
            // Units that are derived at the rate.
            Some("exchange_rate") => holds(&|path, value| path.starts_with("features.") && is_derived(value)),
            Some(path) if kind == REGION => !path.ends_with(".amount"),
            Some(path) => kind == ADDON && path != "base_price",
            None if kind == PLAN_FEATURE || kind == ADDON => holds(&|path, _| path.starts_with("overage")),
            None => kind == REGION && holds(&|path, _| path.starts_with("features.")),
        }
    }

    fn intervals(&self, plan: &Address, live: &Live) -> Vec<String> {
        let prices = live.objects.values().filter(|object| object.resource.kind == PRICE);
        let mine = prices.filter(|object| object.resource.address.root() == *plan);
        mine.map(|object| object.resource.address.key().to_owned()).collect()
    }

    fn assumptions(&self) -> &'static [&'static str] {
        &[]
    }
}

fn region(plan: &Address, currency: Currency) -> Address {
    plan.child("regions", &currency.code().to_ascii_lowercase())
}

/// Whether what a subscription pays moves with the amount in dollars: it pays dollars, or what is derived of them.
fn follows_dollars(who: &Subscription, field: &str, live: &Live) -> bool {
    let Some(currency) = who.currency.filter(|currency| *currency != Currency::USD) else { return true };
    let region = live.objects.get(&region(&who.plan, currency));
    let own = region.and_then(|region| region.resource.fields.get(field));
    own.is_none_or(is_derived)
}

fn is_derived(value: &Value) -> bool {
    matches!(value, Value::Derived(_))
}

/// Whether a part of its region means anything to a subscription; the whole, when none is named.
fn in_region(who: &Subscription, path: Option<&str>, live: &Live) -> bool {
    let Some(path) = path else { return true };
    let interval = who.interval.as_deref().unwrap_or_default();
    let own = |path: &str| match path.strip_prefix("prices.") {
        Some(rest) => !who.archived && rest.split('.').next() == Some(interval),
        None => path.starts_with("features."),
    };
    if path != "exchange_rate" {
        return own(path);
    }
    let region = who.currency.and_then(|currency| live.objects.get(&region(&who.plan, currency)));
    let mut fields = region.into_iter().flat_map(|region| &region.resource.fields);
    fields.any(|(path, value)| is_derived(value) && own(path))
}

/// Whether its plan is in the group, before or after.
fn in_group(who: &Subscription, change: &Change, live: &Live) -> bool {
    let found = live.objects.get(&change.address).and_then(|group| group.resource.fields.get("plans"));
    let after = change.fields.iter().filter(|field| field.field == "plans").filter_map(|field| field.after.as_ref());
    let holds = |value: &Value| match value {
        Value::List(plans) => plans.iter().any(|plan| plan.text() == Some(who.plan.key())),
        _ => false,
    };
    found.into_iter().chain(after).any(holds)
}

/// Statuses of subscriptions that go on (the published types of this generation). A payment that is late is one that is
/// still expected.
const STATUSES: [&str; 3] = ["active", "past_due", "trialing"];

/// Reads who subscribes: a list for each status, so that those that are over are not read.
pub(super) async fn subscriptions(api: &ReadApi, live: &Live) -> Result<Subscriptions, ApiError> {
    let [active, late, trialing] = STATUSES.map(|status| async move {
        observe::pages::<wire::Subscription>(api, "/subscriptions", &[("status", status)]).await
    });
    let (active, late, trialing) = tokio::try_join!(active, late, trialing)?;
    let mut seen = BTreeSet::new();
    let all = active.into_iter().chain(late).chain(trialing);
    // One that moved on while the lists were read is in two of them.
    let all: Vec<wire::Subscription> = all.filter(|one| seen.insert(one.id.clone())).collect();
    Ok(counted(&all, live))
}

/// Matches subscriptions with the plans and prices that are live.
fn counted(all: &[wire::Subscription], live: &Live) -> Subscriptions {
    let plans: BTreeMap<&str, &Address> = live
        .objects
        .values()
        .filter(|object| object.resource.kind == PLAN)
        .filter_map(|object| Some((object.id.as_deref()?, &object.resource.address)))
        .collect();
    let variants: BTreeSet<&str> = live
        .objects
        .values()
        .filter(|object| object.resource.kind == VARIANT)
        .filter_map(|object| object.id.as_deref())
        .collect();
    let mut found = Subscriptions::default();
    let mut guessed = 0_u64;
    for one in all.iter().filter(|one| STATUSES.contains(&one.status.as_str())) {
        let Some(plan) = plans.get(one.plan.id.as_str()) else {
            found.elsewhere += 1;
            continue;
        };
        let amounts = Amounts::of(one, plan, live);
        guessed += u64::from(one.currency.is_none() && !amounts.only_dollars());
        let standing = match one.status.as_str() {
            _ if one.cancel_at_period_end => Standing::Ending,
            "trialing" => Standing::Trialing,
            _ => Standing::Paying,
        };
        let subscription = Subscription {
            plan: (*plan).clone(),
            interval: one.billing_interval.clone(),
            currency: Some(amounts.currency(one)),
            standing,
            archived: one.billing_interval.is_some()
                && !one.price_id.as_deref().is_some_and(|id| variants.contains(id))
                && amounts.is_archived(one),
        };
        found.add(subscription, 1);
    }
    let in_markets = |object: &LiveObject| {
        let fields = &object.resource.fields;
        object.resource.kind == PRICE && fields.keys().any(|path| markets::is_price(path))
    };
    if live.objects.values().any(in_markets) {
        found.assumptions.push(
            "the API does not say who pays a price in a market, or a variant of one: base prices are counted for all"
                .into(),
        );
    }
    if guessed > 0 {
        found.assumptions.push(format!(
            "the API does not say the currency of {guessed} on plans with several: it is taken from their base price"
        ));
    }
    found
}

/// What the price of a subscription's interval costs today, in each currency, in minor units.
struct Amounts<'l> {
    id: Option<&'l str>,
    known: Vec<(Currency, Decimal)>,
}

impl<'l> Amounts<'l> {
    fn of(one: &wire::Subscription, plan: &Address, live: &'l Live) -> Self {
        let Some(interval) = one.billing_interval.as_deref() else { return Self { id: None, known: Vec::new() } };
        let Some(price) = live.objects.get(&plan.child("prices", interval)) else {
            return Self { id: None, known: Vec::new() };
        };
        let minor = |currency: Currency, value: &Value| {
            let amount = value.number()?.checked_mul(Decimal::from(10_u64.pow(currency.exponent().min(9))))?;
            Some((currency, amount))
        };
        let dollars = price.resource.fields.get("amount").and_then(|value| minor(Currency::USD, value));
        let field = format!("prices.{interval}.amount");
        let regions = live.objects.values().filter(|object| object.resource.kind == REGION);
        let regions = regions.filter(|object| object.resource.address.root() == *plan);
        let others = regions.filter_map(|region| {
            let currency = region.resource.address.key().parse().ok()?;
            minor(currency, region.resource.fields.get(field.as_str())?)
        });
        Self { id: price.id.as_deref(), known: dollars.into_iter().chain(others).collect() }
    }

    fn only_dollars(&self) -> bool {
        self.known.iter().all(|(currency, _)| *currency == Currency::USD)
    }

    /// The one that it says, else the one whose amount is its base price, dollars before all others.
    fn currency(&self, one: &wire::Subscription) -> Currency {
        let said = one.currency.as_deref().and_then(|code| code.parse().ok());
        let base = one.plan.base_price.map(Decimal::from);
        let same = || self.known.iter().find(|(_, amount)| Some(*amount) == base).map(|(currency, _)| *currency);
        said.or_else(same).unwrap_or(Currency::USD)
    }

    /// Its price is not the one that is sold at this interval: by the id where it is told, else by the amount.
    fn is_archived(&self, one: &wire::Subscription) -> bool {
        match (&one.price_id, self.id, one.plan.base_price) {
            _ if self.known.is_empty() => true,
            (Some(own), Some(sold), _) => own != sold,
            (_, _, Some(base)) => !self.known.iter().any(|(_, amount)| *amount == Decimal::from(base)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LiveObject, Resource};

    fn live() -> Live {
        let plan = Address::new("plans", "pro");
        let (price, euros) = (plan.child("prices", "monthly"), plan.child("regions", "eur"));
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let objects = [
            (plan, PLAN, "pln_1", vec![]),
            (price, PRICE, "pp_1", vec![("amount", Value::Decimal(number("49.00")))]),
            (euros, REGION, "", vec![("prices.monthly.amount", Value::Derived(number("45.08")))]),
        ];
        let object = |(address, kind, id, fields): (Address, _, &str, Vec<(&'static str, Value)>)| {
            let fields = fields.into_iter().map(|(path, value)| (path.into(), value)).collect();
            let resource = Resource { address: address.clone(), kind, name: String::new(), currency: None, fields };
            let id = Some(id.to_owned()).filter(|id| !id.is_empty());
            (address, LiveObject { resource, id, natural_key: String::new(), rank: 0, shown: None })
        };
        Live { objects: objects.into_iter().map(object).collect(), ..Live::default() }
    }

    /// As the published types of this generation have it: without the price's id and without a currency.
    fn published(base_price: i64) -> wire::Subscription {
        let text = format!(
            r#"{{"id": "sub_{base_price}", "plan": {{"id": "pln_1", "name": "Pro", "basePrice": {base_price}}},
                "status": "active", "billingInterval": "monthly", "cancelAtPeriodEnd": false, "object": "subscription"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn without_ids_and_currencies_the_base_price_tells() {
        let found = counted(&[published(4900), published(4508), published(3900)], &live());
        let shown: Vec<(Option<&str>, bool)> =
            found.counts.keys().map(|who| (who.currency.map(Currency::code), who.archived)).collect();
        assert_eq!(shown, [(Some("EUR"), false), (Some("USD"), false), (Some("USD"), true)]);
        assert!(found.assumptions[0].contains("currency of 3"), "{:?}", found.assumptions);
    }

    #[test]
    fn the_price_s_id_beats_its_amount() {
        let mut one = published(4900);
        (one.price_id, one.currency) = (Some("pp_0".into()), Some("usd".into()));
        let found = counted(&[one], &live());
        assert!(found.counts.keys().all(|who| who.archived) && found.assumptions.is_empty());
    }
}
