//! Resources → what a customer sees on a pricing page.

use rust_decimal::Decimal;

use super::desired::derived;
use super::markets::{self, MarketPrice};
use super::table::{ADDON, GROUP, INTERVALS, PLAN};
use crate::model::{
    AddOnCard, Address, Currency, FieldKind, Item, Ladder, MarketTag, Objects, Offer, Page, PlanCard, PriceTag,
    RateTag, Resource, Value,
};

/// The page of one side. With `before`, what is derived from a base value or a rate that is another one by now is
/// worked out anew; everything else is as the API shows it.
pub(super) fn page(objects: &Objects<'_>, before: Option<&Objects<'_>>) -> Page {
    let side = Side { objects, before };
    let mut page = Page::default();
    for resource in objects.values() {
        match resource.kind.name {
            name if name == GROUP.name => page.ladders.push(ladder(resource)),
            name if name == PLAN.name => page.plans.push(side.plan(resource)),
            name if name == ADDON.name => page.add_ons.push(side.add_on(resource)),
            _ => {}
        }
    }
    page
}

fn ladder(group: &Resource) -> Ladder {
    let plans = match group.fields.get("plans") {
        Some(Value::List(codes)) => codes.iter().filter_map(Value::text).map(|code| Address::new("plans", code)),
        _ => return Ladder { plans: Vec::new(), ..named(group) },
    };
    Ladder { plans: plans.collect(), ..named(group) }
}

fn named(group: &Resource) -> Ladder {
    Ladder {
        address: group.address.clone(),
        name: group.name.clone(),
        public: group.flag("public").unwrap_or(true),
        plans: Vec::new(),
    }
}

fn offer(resource: &Resource, prefix: &str) -> Option<Offer> {
    let cycles = resource.count(&format!("{prefix}intro_offer.cycles"))?;
    Some(Offer {
        percentage: resource.number(&format!("{prefix}intro_offer.percentage")),
        amount: resource.number(&format!("{prefix}intro_offer.amount")),
        cycles,
    })
}

struct Side<'a> {
    objects: &'a Objects<'a>,
    before: Option<&'a Objects<'a>>,
}

impl<'a> Side<'a> {
    fn get(&self, address: &Address) -> Option<&'a Resource> {
        self.objects.get(address).copied()
    }

    fn children(&self, plan: &'a Address, collection: &'static str) -> impl Iterator<Item = &'a Resource> {
        let below = self.objects.range::<&Address, _>(plan..).take_while(|(address, _)| address.is_within(plan));
        below
            .filter(move |(address, _)| address.collection() == collection && *address != &plan)
            .map(|(_, resource)| *resource)
    }

    fn plan(&self, plan: &'a Resource) -> PlanCard {
        let regions: Vec<&Resource> = self.children(&plan.address, "regions").collect();
        let chosen = plan.text("default_price");
        let (mut prices, mut market_prices) = (Vec::new(), Vec::new());
        let rank = |price: &&Resource| INTERVALS.iter().position(|known| *known == price.address.key());
        let mut own: Vec<&Resource> = self.children(&plan.address, "prices").collect();
        own.sort_by_key(rank);
        for price in own {
            let interval = price.address.key();
            let tag = PriceTag {
                address: price.address.clone(),
                interval: interval.to_owned(),
                currency: Currency::USD.code().to_owned(),
                amount: price.number("amount").unwrap_or_default(),
                derived: false,
                is_default: chosen == Some(interval),
                trial_days: price.count("trial_days").filter(|days| *days > 0),
                included_balance: price.number("included_balance"),
                included_credits: price.count("included_credits"),
                offer: offer(price, ""),
            };
            prices.push(tag.clone());
            prices.extend(regions.iter().filter_map(|region| self.regional(region, price, &tag)));
            market_prices.extend(self.market_prices(price, interval, None));
            for variant in self.children(&price.address, "variants") {
                market_prices.extend(self.market_prices(variant, interval, Some(&variant.name)));
            }
        }
        PlanCard {
            address: plan.address.clone(),
            name: plan.name.clone(),
            description: plan.text("description").map(str::to_owned),
            free: plan.flag("free").unwrap_or(false),
            public: plan.flag("public").unwrap_or(true),
            prices,
            market_prices,
            items: self.children(&plan.address, "features").map(|entry| self.item(entry, &regions)).collect(),
            terms: Vec::new(),
        }
    }

    fn market_prices(&self, price: &Resource, interval: &str, variant: Option<&str>) -> Vec<MarketTag> {
        let tag = |own: MarketPrice<'_>| {
            let market = self.get(&Address::new("markets", &own.market));
            Some(MarketTag {
                address: price.address.clone(),
                interval: interval.to_owned(),
                market: market.map_or_else(|| own.market.to_string(), |market| market.name.clone()),
                of: own.market.into_owned(),
                variant: variant.map(str::to_owned),
                currency: own.currency.to_ascii_uppercase(),
                amount: own.amount.number()?,
            })
        };
        markets::prices(&price.fields).filter_map(tag).collect()
    }

    fn regional(&self, region: &Resource, price: &Resource, base: &PriceTag) -> Option<PriceTag> {
        let prefix = format!("prices.{}.", base.interval);
        let shown = region.fields.get(format!("{prefix}amount").as_str())?;
        let value = |field: &str, kind| self.value(region, &format!("{prefix}{field}"), (price, field), kind);
        Some(PriceTag {
            address: region.address.clone(),
            currency: region.name.clone(),
            amount: value("amount", FieldKind::Money).unwrap_or_default(),
            derived: matches!(shown, Value::Derived(_)),
            included_balance: value("included_balance", FieldKind::Money),
            offer: offer(region, &prefix).or_else(|| base.offer.clone().filter(|one| one.amount.is_none())),
            ..base.clone()
        })
    }

    /// One value of a region. A derived one is shown as the API shows it, unless what it hangs on moves.
    fn value(&self, region: &Resource, path: &str, base: (&Resource, &str), kind: FieldKind) -> Option<Decimal> {
        let shown = match region.fields.get(path)? {
            Value::Derived(shown) => *shown,
            other => return other.number(),
        };
        let (owner, field) = base;
        let now = owner.number(field);
        let rate = region.number("exchange_rate");
        let was = |resource: &Resource, field: &str| self.before?.get(&resource.address)?.number(field);
        let stands = was(owner, field) == now && was(region, "exchange_rate") == rate;
        match (self.before.is_some() && !stands, now, rate, region.currency) {
            (true, Some(now), Some(rate), Some(currency)) => Some(derived(now, rate, kind, currency)),
            _ => Some(shown),
        }
    }

    fn item(&self, entry: &Resource, regions: &[&Resource]) -> Item {
        let code = entry.address.key();
        let feature = self.get(&Address::new("features", code));
        let counted = feature.is_none_or(|feature| feature.text("type") != Some("boolean"));
        let mut rates = Vec::new();
        if let Some(amount) = entry.number("overage") {
            rates.push(RateTag { currency: Currency::USD.code().to_owned(), amount, units: 1, derived: false });
            for region in regions {
                let path = format!("features.{code}.overage");
                let Some(amount) = self.value(region, &path, (entry, "overage"), FieldKind::UnitPrice) else {
                    continue;
                };
                let derived = matches!(region.fields.get(path.as_str()), Some(Value::Derived(_)));
                rates.push(RateTag { currency: region.name.clone(), amount, units: 1, derived });
            }
        }
        Item {
            address: entry.address.clone(),
            of: code.to_owned(),
            name: feature.map_or_else(|| code.to_owned(), |feature| feature.name.clone()),
            switch: !counted,
            enabled: entry.flag("enabled").unwrap_or(true),
            included: entry.count("included_amount").filter(|_| counted),
            unlimited: entry.flag("unlimited").unwrap_or(false),
            unit: feature.and_then(|feature| feature.text("unit_name")).map(str::to_owned),
            rates,
            tiers: Vec::new(),
            model: None,
            value: None,
            credits: entry.count("credits_per_unit"),
        }
    }

    fn add_on(&self, add_on: &Resource) -> AddOnCard {
        let code = add_on.text("feature").unwrap_or_default().to_owned();
        let feature = self.get(&Address::new("features", &code));
        let rate = add_on.number("overage_rate");
        let currency = Currency::USD.code().to_owned();
        AddOnCard {
            address: add_on.address.clone(),
            name: add_on.name.clone(),
            description: add_on.text("description").map(str::to_owned),
            amount: add_on.number("base_price").unwrap_or_default(),
            item: Some(Item {
                address: add_on.address.clone(),
                name: feature.map_or_else(|| code.clone(), |feature| feature.name.clone()),
                of: code,
                switch: feature.is_some_and(|feature| feature.text("type") == Some("boolean")),
                enabled: true,
                included: add_on.count("included_units"),
                unlimited: false,
                unit: feature.and_then(|feature| feature.text("unit_name")).map(str::to_owned),
                rates: rate
                    .map(|amount| RateTag { currency: currency.clone(), amount, units: 1, derived: false })
                    .into_iter()
                    .collect(),
                tiers: Vec::new(),
                model: None,
                value: None,
                credits: add_on.count("credit_cost"),
            }),
            currency,
        }
    }
}
