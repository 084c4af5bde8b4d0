//! From 2026-07-11's terms to those of 2026-07-31 (commet-api.md §1.2): what a catalog has to name beside what it names
//! already, and what goes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::derived;
use super::dialect::Dialect;
use super::identity::slug;
use super::table::{OFFER, PRICE, PROMO_CODE, REGION, VARIANT};
use crate::edit::{Map, Tree};
use crate::model::{
    Address, Currency, Desired, DesiredObject, FieldKind, Fields, Live, Resource, Value, path_segments,
};
use crate::provider::writing::tree;
use crate::provider::{Gone, Upgrade};

pub(super) fn upgrade(desired: &Desired, live: &Live, dialect: Dialect) -> Upgrade {
    if dialect == Dialect::July11 {
        return Upgrade::default();
    }
    let mut out = Upgrade::default();
    let offers: BTreeMap<&str, &Address> = live
        .objects
        .values()
        .filter(|object| object.resource.kind == OFFER)
        .filter_map(|object| Some((object.id.as_deref()?, &object.resource.address)))
        .collect();
    for object in live.objects.values().filter(|object| desired.objects.contains_key(&object.resource.address.root())) {
        out.named.extend(referred(&object.resource).filter(|address| live.objects.contains_key(address)));
    }
    for (address, wanted) in &desired.objects {
        let attached = live.attached.get(address).and_then(|id| offers.get(id.as_str()).copied());
        if wanted.resource.kind == PRICE {
            out.named.extend(attached.cloned());
            out.gone.extend(of_price(address, wanted, desired, attached));
        } else if wanted.resource.kind == REGION {
            out.gone.extend(of_region(address, wanted, desired));
        }
    }
    out
}

/// What a live object names: the offer of a promo code, the markets of a price.
fn referred(resource: &Resource) -> impl Iterator<Item = Address> {
    let mut out = BTreeSet::new();
    if resource.kind == PROMO_CODE {
        out.extend(resource.text("offer").map(|key| Address::new("offers", key)));
    } else if resource.kind == PRICE || resource.kind == VARIANT {
        for path in resource.fields.keys() {
            let mut segments = path_segments(path);
            if let (Some("markets"), Some(market)) = (segments.next(), segments.next()) {
                out.insert(Address::new("markets", market));
            }
        }
    }
    out.into_iter()
}

/// An introductory offer, of a price or of a price in one currency.
#[derive(Clone, Copy)]
struct Terms<'f> {
    /// `percentage` or `amount`.
    kind: &'static str,
    value: &'f Value,
    cycles: i64,
}

impl<'f> Terms<'f> {
    fn of(fields: &'f Fields, at: &str) -> Option<Self> {
        let get = |name: &str| fields.get(format!("{at}intro_offer.{name}").as_str());
        let Some(Value::Count(cycles)) = get("cycles") else { return None };
        let (kind, value) = match get("percentage") {
            Some(value) => ("percentage", value),
            None => ("amount", get("amount")?),
        };
        Some(Self { kind, value, cycles: *cycles })
    }

    /// `intro_offer, 20 % for 3 cycles`.
    fn words(self, currency: Currency) -> String {
        let value = match self.value.number() {
            Some(number) if self.kind == "percentage" => format!("{}%", number.normalize()),
            Some(number) => format!("{number} {}", currency.code()),
            None => self.value.to_string(),
        };
        format!("intro_offer, {value} for {} {}", self.cycles, if self.cycles == 1 { "cycle" } else { "cycles" })
    }
}

/// The plan that an object is in, and its name.
fn plan_of<'d>(address: &Address, desired: &'d Desired) -> (Address, &'d str) {
    let plan = address.root();
    let name = desired.objects.get(&plan).map_or("", |object| object.resource.name.as_str());
    (plan, name)
}

fn of_price(address: &Address, price: &DesiredObject, desired: &Desired, attached: Option<&Address>) -> Option<Gone> {
    let terms = Terms::of(&price.resource.fields, "")?;
    let said = terms.words(Currency::USD);
    if let Some(offer) = attached {
        let then = format!(
            "it is {offer} now, which the price gives by itself. Its terms stand under `offers:`; which offer a price gives is changed in the dashboard"
        );
        return Some(Gone { address: address.clone(), said, then, block: None });
    }
    let (_, plan) = plan_of(address, desired);
    let name = format!("{plan} {} intro offer", address.key());
    let mut phase = Map::default();
    match terms.kind {
        "percentage" => phase.put("percentage", tree(FieldKind::Percent, terms.value, None)),
        _ => phase.put("amount_off", amounts(address, terms, desired)),
    }
    phase.put("cycles", Tree::plain(terms.cycles.to_string()));
    let mut offer = Map::block();
    offer.put("name", Tree::text(&name));
    offer.put("phases", vec![Tree::Map(phase)]);
    let (mut block, mut section) = (Map::block(), Map::block());
    section.put(slug(&name), offer);
    block.put("offers", section);
    let then =
        "no call of the API gives it to a price any more, and the API does not show that the price still has it. \
                To go on with it, add this to the catalog, apply, and attach the offer to the price in the dashboard"
            .to_owned();
    Some(Gone { address: address.clone(), said, then, block: Some(block) })
}

/// An amount in US dollars, and in the currencies of the plan: as they say it, or derived at their rates as the API did.
fn amounts(price: &Address, terms: Terms<'_>, desired: &Desired) -> Map {
    let mut out = Map::default();
    out.put("usd", tree(FieldKind::Money, terms.value, Some(Currency::USD)));
    for (region, currency, own) in regions(price, desired) {
        let value = match own {
            Some(own) if own.kind == "amount" => Some(own.value.clone()),
            Some(_) => None,
            None => {
                let rate = region.resource.number("exchange_rate");
                let value = terms.value.number().zip(rate);
                value.map(|(base, rate)| Value::Decimal(derived(base, rate, FieldKind::Money, currency)))
            }
        };
        if let Some(value) = value {
            out.put(region.resource.address.key(), tree(FieldKind::Money, &value, Some(currency)));
        }
    }
    out
}

/// The currencies of a price's plan, and what they say of the price's introductory offer.
fn regions<'d>(
    price: &Address,
    desired: &'d Desired,
) -> impl Iterator<Item = (&'d DesiredObject, Currency, Option<Terms<'d>>)> {
    let (plan, at) = (price.root(), format!("prices.{}.", price.key()));
    let inside = desired.objects.range(plan.clone()..).take_while(move |(address, _)| address.is_within(&plan));
    inside.filter(|(_, object)| object.resource.kind == REGION).filter_map(move |(_, region)| {
        Some((region, region.resource.currency?, Terms::of(&region.resource.fields, &at)))
    })
}

/// What a currency says for itself, and the offer of the price cannot.
fn of_region(address: &Address, region: &DesiredObject, desired: &Desired) -> Vec<Gone> {
    let Some(currency) = region.resource.currency else { return Vec::new() };
    let (plan, _) = plan_of(address, desired);
    let mut out = Vec::new();
    for interval in super::table::INTERVALS {
        let Some(own) = Terms::of(&region.resource.fields, &format!("prices.{interval}.")) else { continue };
        let price = desired.objects.get(&plan.child("prices", interval));
        let base = price.and_then(|price| Terms::of(&price.resource.fields, ""));
        let with_the_price =
            base.is_some_and(|base| (base.kind, own.kind) == ("amount", "amount") && base.cycles == own.cycles);
        let then = if with_the_price {
            "the amounts of an offer are listed by currency: it goes with the offer of the price".to_owned()
        } else {
            "an offer is the same in every currency but for its amounts, so this needs an offer of its own, which is \
             given in the dashboard"
                .to_owned()
        };
        let said = format!("prices.{interval}.{}", own.words(currency));
        out.push(Gone { address: address.clone(), said, then, block: None });
    }
    out
}
