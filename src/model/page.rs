use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Address, Currency, Resource};

/// Every object of one side, by its address.
pub type Objects<'a> = BTreeMap<&'a Address, &'a Resource>;

/// What customers can buy, the same for every provider: what a pricing page shows. Amounts are exact decimals in major
/// units, in JSON as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// Plans that one can move between, low to high.
    pub ladders: Vec<Ladder>,
    /// Every plan, by address.
    pub plans: Vec<PlanCard>,
    /// Every add-on, by address.
    pub add_ons: Vec<AddOnCard>,
}

/// A page as it is and as it will be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PricingPages")]
pub struct Pages {
    /// What is live.
    pub before: Page,
    /// What is live once every call has been made.
    pub after: Page,
}

/// A plan group: which plans are an upgrade of which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ladder {
    /// The group.
    pub address: Address,
    /// What people call it.
    pub name: String,
    /// Whether it is shown to customers.
    pub public: bool,
    /// Its plans, low to high.
    pub plans: Vec<Address>,
}

/// One plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanCard {
    /// The plan.
    pub address: Address,
    /// What people call it.
    pub name: String,
    /// What it says about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it costs nothing by design.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
    /// Whether it is shown to customers.
    pub public: bool,
    /// Its prices: intervals short to long, in each the base currency first.
    pub prices: Vec<PriceTag>,
    /// Its prices for the customers of some countries, which go before the others there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub market_prices: Vec<MarketTag>,
    /// What it includes and charges for.
    pub items: Vec<Item>,
    /// What is charged beside the price: commitments, thresholds, taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Term>,
}

/// One price in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceTag {
    /// The object that says it: a price, a region, a plan.
    pub address: Address,
    /// `weekly`, `monthly`, `quarterly`, `yearly`, `one_time`.
    pub interval: String,
    /// ISO 4217, upper case.
    pub currency: String,
    /// In major units.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The API works it out from the base price.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
    /// What is chosen when a customer says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
    /// Days without charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_days: Option<i64>,
    /// Prepaid usage in each period, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub included_balance: Option<Decimal>,
    /// Credits in each period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included_credits: Option<i64>,
    /// What is taken off at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// One price in a market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MarketTag {
    /// The object that says it: a price, a variant of one.
    pub address: Address,
    /// `monthly`.
    pub interval: String,
    /// The market's key: names need not be unique, and may change.
    pub of: String,
    /// What people call the market.
    pub market: String,
    /// What people call the variant, if it is one: it is given to a customer deliberately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// ISO 4217, upper case.
    pub currency: String,
    /// In major units.
    #[schemars(with = "String")]
    pub amount: Decimal,
}

impl MarketTag {
    /// `Argentina`, `Argentina, Founding customers`.
    pub fn place(&self) -> String {
        self.variant.as_ref().map_or_else(|| self.market.clone(), |variant| format!("{}, {variant}", self.market))
    }

    /// Whether another one is the same price, whatever the market is called.
    pub fn same_price(&self, other: &Self) -> bool {
        self.same_place(other) && self.currency == other.currency && self.amount == other.amount
    }

    /// Whether another one stands in its place.
    pub fn same_place(&self, other: &Self) -> bool {
        (&self.address, &self.of) == (&other.address, &other.of)
    }
}

/// What is taken off the first periods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// A number of percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub percentage: Option<Decimal>,
    /// In major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub amount: Option<Decimal>,
    /// For how many billing periods.
    pub cycles: i64,
}

/// One thing that a plan includes or charges for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The plan's feature, charge or entitlement.
    pub address: Address,
    /// What it is of: the same word in every plan that has it.
    pub of: String,
    /// What people call it.
    pub name: String,
    /// Whether a plan has it or not is all there is to say.
    pub switch: bool,
    /// Whether it is on.
    pub enabled: bool,
    /// How much of it costs nothing more. None where nothing is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<i64>,
    /// As much as one likes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlimited: bool,
    /// The word for one of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How one more is charged, in each currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RateTag>,
    /// Where the charge depends on how much is used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// How tiers are counted (`graduated`, `volume`), or a charge that no number says (`dynamic`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What an entitlement says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Credits that one of it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<i64>,
}

/// The price of more of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RateTag {
    /// ISO 4217, upper case.
    pub currency: String,
    /// In major units.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// For how many units; 1 where nothing is said.
    pub units: i64,
    /// The API works it out from the base price.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
}

/// What is charged up to an amount of usage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tier {
    /// The last unit of it; none: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
    /// For each unit, in major units of the plan's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub per_unit: Option<Decimal>,
    /// Of the amount that is counted, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub rate: Option<Decimal>,
    /// Once, in major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub flat: Option<Decimal>,
}

/// One more condition of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// The commitment, threshold or tax.
    pub address: Address,
    /// What it is: `minimum`, `invoice at`, `tax`.
    pub label: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// In major units of the plan's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub amount: Option<Decimal>,
    /// In percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub percentage: Option<Decimal>,
}

/// Something that is bought beside a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddOnCard {
    /// The add-on.
    pub address: Address,
    /// What people call it.
    pub name: String,
    /// What it says about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// ISO 4217, upper case.
    pub currency: String,
    /// In major units.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// What it includes and charges for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
}

impl Page {
    /// One plan.
    pub fn plan(&self, address: &Address) -> Option<&PlanCard> {
        self.plans.iter().find(|plan| plan.address == *address)
    }

    /// One number, one spelling, whichever side it came from: money with its currency's decimals, all else without zeros
    /// at the end.
    pub fn tidy(&mut self) {
        let money = |amount: &mut Decimal, currency: &str| {
            let decimals = currency.parse::<Currency>().map_or(2, Currency::exponent);
            *amount = amount.normalize();
            if amount.scale() < decimals {
                amount.rescale(decimals);
            }
        };
        let plain = |amount: &mut Option<Decimal>| *amount = amount.map(|amount| amount.normalize());
        for plan in &mut self.plans {
            for tag in &mut plan.prices {
                money(&mut tag.amount, &tag.currency);
                if let Some(balance) = &mut tag.included_balance {
                    money(balance, &tag.currency);
                }
                if let Some(offer) = &mut tag.offer {
                    plain(&mut offer.percentage);
                    if let Some(amount) = &mut offer.amount {
                        money(amount, &tag.currency);
                    }
                }
            }
            for tag in &mut plan.market_prices {
                money(&mut tag.amount, &tag.currency);
            }
            let currency = plan.prices.first().map_or_else(String::new, |tag| tag.currency.clone());
            for term in &mut plan.terms {
                plain(&mut term.percentage);
                if let Some(amount) = &mut term.amount {
                    money(amount, &currency);
                }
            }
        }
        for add_on in &mut self.add_ons {
            money(&mut add_on.amount, &add_on.currency);
        }
        let items = self.plans.iter_mut().flat_map(|plan| &mut plan.items);
        for item in items.chain(self.add_ons.iter_mut().flat_map(|add_on| &mut add_on.item)) {
            for rate in &mut item.rates {
                rate.amount = rate.amount.normalize();
            }
            for tier in &mut item.tiers {
                plain(&mut tier.per_unit);
                plain(&mut tier.rate);
                plain(&mut tier.flat);
            }
        }
    }

    fn keep(&mut self, plans: &BTreeSet<Address>, ladders: &BTreeSet<Address>, add_ons: &BTreeSet<Address>) {
        self.plans.retain(|plan| plans.contains(&plan.address));
        self.ladders.retain(|ladder| ladders.contains(&ladder.address));
        self.add_ons.retain(|add_on| add_ons.contains(&add_on.address));
    }
}

impl Pages {
    /// Only what differs, and the plans of its ladders: what has to be seen beside it. Nothing when nothing differs.
    pub fn changed(mut self) -> Option<Self> {
        let mut plans = differing(&self.before.plans, &self.after.plans, |plan| &plan.address);
        let mut ladders = differing(&self.before.ladders, &self.after.ladders, |ladder| &ladder.address);
        let add_ons = differing(&self.before.add_ons, &self.after.add_ons, |add_on| &add_on.address);
        if plans.is_empty() && ladders.is_empty() && add_ons.is_empty() {
            return None;
        }
        let all: Vec<&Ladder> = self.before.ladders.iter().chain(&self.after.ladders).collect();
        let around = all.iter().filter(|ladder| ladder.plans.iter().any(|plan| plans.contains(plan)));
        ladders.extend(around.map(|ladder| ladder.address.clone()));
        let beside = all.iter().filter(|ladder| ladders.contains(&ladder.address));
        plans.extend(beside.flat_map(|ladder| ladder.plans.iter().cloned()));
        self.before.keep(&plans, &ladders, &add_ons);
        self.after.keep(&plans, &ladders, &add_ons);
        Some(self)
    }
}

/// Which entries are on one side only, or not the same on both.
fn differing<T: PartialEq>(before: &[T], after: &[T], address: impl Fn(&T) -> &Address) -> BTreeSet<Address> {
    let index = |side: &'_ [T]| -> BTreeMap<Address, usize> {
        side.iter().enumerate().map(|(at, one)| (address(one).clone(), at)).collect()
    };
    let (old, new) = (index(before), index(after));
    let all: BTreeSet<&Address> = old.keys().chain(new.keys()).collect();
    let same = |one: &Address| matches!((old.get(one), new.get(one)), (Some(a), Some(b)) if before[*a] == after[*b]);
    all.into_iter().filter(|one| !same(one)).cloned().collect()
}
