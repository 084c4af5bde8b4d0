//! From 2026-07-11's terms to those of 2026-07-31 (commet-api.md §1.2): what a catalog has to name beside what it names
//! already, and what goes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::derived;
use super::dialect::Dialect;
use super::identity::slug;
use super::markets;
use super::table::{OFFER, PRICE, PROMO_CODE, REGION, VARIANT};
use crate::edit::{Map, Tree};
use crate::model::{Address, Currency, Desired, DesiredObject, FieldKind, Fields, Live, Resource, Value};
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
        out.extend(markets::markets(&resource.fields).iter().map(|market| Address::new("markets", market)));
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

    /// Whether it is an amount of the same offer in another currency.
    fn goes_with(self, base: Self) -> bool {
        (base.kind, self.kind) == ("amount", "amount") && base.cycles == self.cycles
    }

    /// `intro_offer, 20% for 3 cycles`.
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
    for (region, currency, own) in regions(price, desired).filter(|(_, currency, _)| *currency != Currency::USD) {
        let value = match own {
            Some(own) if own.goes_with(terms) => Some(own.value.clone()),
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
        let then = if base.is_some_and(|base| own.goes_with(base)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit;
    use crate::load;
    use crate::provider::Provider;
    use crate::provider::commet::Commet;

    fn gone(prices: &str, regions: &str) -> Vec<Gone> {
        let text =
            format!("provider: commet\nplans:\n  pro:\n    name: Pro\n    prices: {prices}\n    regions: {regions}\n");
        let mut loaded = load::text("c.yaml", &text);
        let desired = Commet(None).read(&loaded.document.unwrap(), &mut loaded.sink);
        let desired = desired.unwrap_or_else(|| panic!("{:?}", loaded.sink.into_findings()));
        upgrade(&desired, &Live::default(), Dialect::July31).gone
    }

    fn block(gone: &Gone) -> String {
        gone.block.as_ref().map(edit::document).unwrap_or_default()
    }

    #[test]
    fn an_offer_to_add_has_the_terms_in_every_currency() {
        let intro = "intro_offer: { amount: 10.00, cycles: 2 }";
        let regions = "{ brl: { exchange_rate: 5.40 }, \
                       eur: { exchange_rate: 0.92, prices: { monthly: { amount: 45.00, intro_offer: { amount: 9.00, cycles: 2 } } } }, \
                       jpy: { exchange_rate: 150, prices: { monthly: { amount: 7000, intro_offer: { percentage: 5%, cycles: 2 } } } } }";
        let gone = gone(&format!("{{ monthly: {{ amount: 49.00, {intro} }} }}"), regions);
        let said: Vec<&str> = gone.iter().map(|one| one.said.as_str()).collect();
        assert_eq!(
            said,
            [
                "intro_offer, 10.00 USD for 2 cycles",
                "prices.monthly.intro_offer, 9.00 EUR for 2 cycles",
                "prices.monthly.intro_offer, 5% for 2 cycles",
            ]
        );
        assert_eq!(
            block(&gone[0]),
            "offers:\n  pro_monthly_intro_offer:\n    name: Pro monthly intro offer\n    phases:\n      - { amount_off: { usd: 10.00, brl: 54.00, eur: 9.00 }, cycles: 2 }\n"
        );
        assert!(gone[0].then.contains("attach the offer to the price in the dashboard"));
        assert!(gone[1].then.contains("it goes with the offer of the price"));
        assert!(gone[2].then.contains("an offer of its own"));
    }

    #[test]
    fn a_percentage_is_one_in_every_currency() {
        let gone = gone("{ yearly: { amount: 49.00, intro_offer: { percentage: 20%, cycles: 1 } } }", "{}");
        assert_eq!(gone.len(), 1);
        assert!(block(&gone[0]).ends_with("    phases: [{ percentage: 20%, cycles: 1 }]\n"), "{}", block(&gone[0]));
        assert!(upgrade(&Desired::default(), &Live::default(), Dialect::July11).gone.is_empty());
    }
}
