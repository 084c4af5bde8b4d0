//! Catalog → desired resources. Pure: the rules have been checked before, so every reference resolves.

mod sales;

pub(super) use sales::countries;

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::{
    Absence, Address, Amount, Currency, Desired, DesiredObject, Directives, FieldKind, FieldPath, Fields, PriceChanges,
    Resource, SourceRef, Value,
};
use crate::provider::commet::catalog::{self, Catalog};
use crate::provider::commet::metadata;
use crate::provider::commet::table::{ADDON, FEATURE, GROUP, PLAN, PLAN_FEATURE, PRICE, REGION};

/// Turns a checked catalog into what should exist. `locate` says where an address stands in the files.
pub(super) fn desired(mut catalog: Catalog, locate: &dyn Fn(&[&str]) -> Option<SourceRef>) -> Desired {
    let mut out = Builder { objects: Vec::new(), absent: Vec::new(), features: BTreeMap::new(), locate };
    let plans = std::mem::take(&mut catalog.plans);
    let catalog = &catalog;
    for (code, feature) in &catalog.features {
        out.feature(code, feature);
    }
    for (key, group) in &catalog.groups {
        out.group(key, group);
    }
    // What a plan took in the catalog serves the next one's resources.
    for (code, plan) in plans {
        out.plan(&code, &plan, catalog);
    }
    for (key, addon) in &catalog.addons {
        out.addon(key, addon, catalog);
    }
    out.sales(catalog);
    let absent = &catalog.absent;
    for (collection, keys) in [
        ("features", &absent.features),
        ("groups", &absent.groups),
        ("plans", &absent.plans),
        ("addons", &absent.addons),
        ("offers", &absent.offers),
        ("markets", &absent.markets),
        ("credit_packs", &absent.credit_packs),
        ("promo_codes", &absent.promo_codes),
    ] {
        for key in keys {
            let source = locate(&["absent", collection]);
            out.absent.push(Absence { collection, key: key.clone(), source });
        }
    }
    // Made of a list at once, the map has no gaps.
    Desired { objects: out.objects.into_iter().collect(), absent: out.absent, whole: false }
}

/// Fields of a region that override an offer.
pub(super) const OFFERS: &[&str] =
    &["prices.*.intro_offer.percentage", "prices.*.intro_offer.amount", "prices.*.intro_offer.cycles"];

/// Fields of a plan's feature that have no meaning there: credits per unit belong to credits plans, pricing mode and margin
/// to balance plans (commet-api.md §6).
pub(super) fn moot_of_feature(model: Option<&str>) -> &'static [&'static str] {
    match model {
        Some("credits") => &["pricing_mode", "margin"],
        Some("balance") => &["credits_per_unit"],
        _ => &["credits_per_unit", "pricing_mode", "margin"],
    }
}

struct Builder<'a> {
    /// In the order of the catalog.
    objects: Vec<(Address, DesiredObject)>,
    absent: Vec<Absence>,
    /// The addresses of features, to be shared by all plans that have them.
    features: BTreeMap<String, Address>,
    locate: &'a dyn Fn(&[&str]) -> Option<SourceRef>,
}

/// Fields under construction: what is at "nothing" stays out.
#[derive(Default)]
struct FieldsOf(Fields);

impl FieldsOf {
    fn put(&mut self, path: impl Into<FieldPath>, value: impl Into<Value>) {
        self.0.insert(path.into(), value.into());
    }

    fn maybe<V: Into<Value>>(&mut self, path: &'static str, value: Option<V>) {
        if let Some(value) = value {
            self.put(path, value);
        }
    }

    fn offer(&mut self, prefix: &str, offer: Option<&catalog::IntroOffer>) {
        let Some(offer) = offer else { return };
        if let Some(percentage) = offer.percentage {
            self.put(format!("{prefix}intro_offer.percentage"), percentage.decimal());
        }
        if let Some(amount) = offer.amount {
            self.put(format!("{prefix}intro_offer.amount"), amount.decimal());
        }
        self.put(format!("{prefix}intro_offer.cycles"), count(offer.cycles));
    }
}

fn count(number: u64) -> Value {
    // The rules refuse more than 2^53 - 1.
    Value::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// An empty text is no text: the API has no difference that a customer could see.
fn text(value: Option<&String>) -> Option<Value> {
    value.filter(|text| !text.is_empty()).map(|text| Value::Text(text.as_str().into()))
}

/// What the API derives for a currency: the dollar value times the rate, rounded to what the currency can hold
/// (commet-api.md §3.5; money in minor units, unit prices in 1/10000).
pub(super) fn derived(base: Decimal, rate: Decimal, kind: FieldKind, currency: Currency) -> Decimal {
    let places = if kind == FieldKind::UnitPrice { 4 } else { currency.exponent() };
    base.checked_mul(rate)
        .map_or(Decimal::MAX, |value| value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}

impl Builder<'_> {
    fn add(
        &mut self,
        mut resource: Resource,
        directives: Directives,
        mut needs: Vec<Address>,
        moot: &'static [&'static str],
    ) {
        resource.fields.settle();
        needs.shrink_to_fit();
        let path: Vec<&str> = resource.address.segments().collect();
        let source = (self.locate)(&path);
        self.objects.push((resource.address.clone(), DesiredObject { resource, source, directives, needs, moot }));
    }

    fn feature(&mut self, code: &str, feature: &catalog::Feature) {
        let mut fields = FieldsOf::default();
        fields.put("name", feature.name.as_str());
        fields.put("type", feature.feature_type.word());
        fields.maybe("description", text(feature.description.as_ref()));
        fields.maybe("unit_name", text(feature.unit_name.as_ref()));
        let address = Address::new("features", code);
        self.features.insert(code.to_owned(), address.clone());
        let resource =
            Resource { address, kind: FEATURE, name: feature.name.clone(), currency: None, fields: fields.0 };
        let directives = Directives {
            protect: feature.protect,
            ignore: feature.ignore.clone(),
            previously: feature.previously.clone(),
            replace: feature.replace,
            ..Directives::default()
        };
        self.add(resource, directives, Vec::new(), &[]);
    }

    fn group(&mut self, key: &str, group: &catalog::Group) {
        let mut fields = FieldsOf::default();
        fields.put("name", group.name.as_str());
        fields.maybe("description", text(group.description.as_ref()));
        fields.put("public", group.public);
        if !group.plans.is_empty() {
            fields.put("plans", Value::List(group.plans.iter().map(|code| code.as_str().into()).collect()));
        }
        let resource = Resource {
            address: Address::new("groups", key),
            kind: GROUP,
            name: group.name.clone(),
            currency: None,
            fields: fields.0,
        };
        let directives = Directives {
            protect: group.protect,
            ignore: group.ignore.clone(),
            previously: group.previously.clone(),
            id: group.id.clone(),
            ..Directives::default()
        };
        let needs = group.plans.iter().map(|code| Address::new("plans", code)).collect();
        self.add(resource, directives, needs, &[]);
    }

    fn plan(&mut self, code: &str, plan: &catalog::Plan, catalog: &Catalog) {
        let address = Address::new("plans", code);
        let mut fields = FieldsOf::default();
        fields.put("name", plan.name.as_str());
        fields.maybe("description", text(plan.description.as_ref()));
        fields.maybe("consumption_model", plan.consumption_model.map(|model| model.word()));
        fields.put("public", plan.public);
        fields.put("free", plan.free);
        fields.put("block_on_exhaustion", plan.block_on_exhaustion);
        metadata::flatten(&mut fields.0, &plan.metadata);
        let only = (plan.prices.len() == 1).then(|| plan.prices.keys().next().copied()).flatten();
        fields.maybe("default_price", plan.default_price.or(only).map(|interval| interval.word()));
        let resource = Resource {
            address: address.clone(),
            kind: PLAN,
            name: plan.name.clone(),
            currency: None,
            fields: fields.0,
        };
        let directives = Directives {
            protect: plan.protect,
            ignore: plan.ignore.clone(),
            previously: plan.previously.clone(),
            replace: plan.replace,
            ..Directives::default()
        };
        self.add(resource, directives, Vec::new(), &[]);

        let decision = plan.price_changes.or(catalog.price_changes);
        let mut parts = vec![address.clone()];
        for (interval, price) in &plan.prices {
            parts.push(self.price(&address, *interval, price, price.price_changes.or(decision)));
        }
        for (feature, entry) in &plan.features {
            parts.push(self.plan_feature(&address, feature, entry, plan.consumption_model, decision));
        }
        for (currency, region) in &plan.regions {
            self.region(&parts, plan, currency, region, decision);
        }
    }

    fn price(
        &mut self,
        plan: &Address,
        interval: catalog::BillingInterval,
        price: &catalog::Price,
        decision: Option<catalog::PriceChanges>,
    ) -> Address {
        let mut fields = FieldsOf::default();
        fields.put("amount", price.amount.decimal());
        fields.put("trial_days", count(price.trial_days));
        fields.maybe("included_balance", price.included_balance.map(|amount| amount.decimal()));
        fields.maybe("included_credits", price.included_credits.map(count));
        fields.offer("", price.intro_offer.as_ref());
        sales::market_prices(&mut fields, &price.markets);
        metadata::flatten(&mut fields.0, &price.metadata);
        let address = plan.child("prices", interval.word());
        let resource = Resource {
            address: address.clone(),
            kind: PRICE,
            name: interval.word().to_owned(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        let directives = Directives {
            protect: price.protect,
            ignore: price.ignore.clone(),
            price_changes: decision.map(Into::into),
            ..Directives::default()
        };
        let mut needs = vec![plan.clone()];
        needs.extend(price.markets.keys().map(|market| Address::new("markets", market)));
        self.add(resource, directives, needs, &[]);
        self.variants(&address, price, decision.map(Into::into));
        address
    }

    fn plan_feature(
        &mut self,
        plan: &Address,
        code: &str,
        entry: &catalog::PlanFeature,
        model: Option<catalog::ConsumptionModel>,
        decision: Option<catalog::PriceChanges>,
    ) -> Address {
        let mut fields = FieldsOf::default();
        fields.put("enabled", entry.enabled);
        fields.put("included_amount", count(entry.included_amount));
        fields.put("unlimited", entry.unlimited);
        fields.maybe("overage", entry.overage.map(|price| price.decimal()));
        fields.maybe("credits_per_unit", entry.credits_per_unit.map(count));
        fields.put("pricing_mode", entry.pricing_mode.word());
        fields.maybe("margin", entry.margin.map(|margin| margin.decimal()));
        let address = plan.child("features", code);
        let resource = Resource {
            address: address.clone(),
            kind: PLAN_FEATURE,
            name: code.to_owned(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        let directives = Directives {
            protect: entry.protect,
            ignore: entry.ignore.clone(),
            replace: entry.replace,
            price_changes: decision.map(Into::into),
            ..Directives::default()
        };
        let moot = moot_of_feature(model.map(|model| model.word()));
        let feature = self.features.get(code).cloned().unwrap_or_else(|| Address::new("features", code));
        self.add(resource, directives, vec![plan.clone(), feature], moot);
        address
    }

    /// A region says every value that will stand in its currency: set by hand, or derived from the dollar value.
    /// `parts` are the plan and what it prices.
    fn region(
        &mut self,
        parts: &[Address],
        base: &catalog::Plan,
        code: &str,
        region: &catalog::Region,
        decision: Option<catalog::PriceChanges>,
    ) {
        let Ok(currency) = code.parse::<Currency>() else { return };
        let rate = region.exchange_rate.decimal();
        let mut fields = FieldsOf::default();
        fields.put("exchange_rate", rate);
        for (interval, price) in &base.prices {
            let word = interval.word();
            let own = region.prices.get(interval);
            let value = |own: Option<Amount>, base: Decimal| match own {
                Some(amount) => Value::Decimal(amount.decimal()),
                None => Value::Derived(derived(base, rate, FieldKind::Money, currency)),
            };
            fields.put(format!("prices.{word}.amount"), value(own.and_then(|own| own.amount), price.amount.decimal()));
            let balance = own.and_then(|own| own.included_balance);
            if let Some(included) = price.included_balance {
                fields.put(format!("prices.{word}.included_balance"), value(balance, included.decimal()));
            } else if let Some(balance) = balance {
                fields.put(format!("prices.{word}.included_balance"), balance.decimal());
            }
            fields.offer(&format!("prices.{word}."), own.and_then(|own| own.intro_offer.as_ref()));
        }
        for (feature, entry) in &base.features {
            let own = region.features.get(feature);
            let value = match (own, entry.overage) {
                (Some(own), _) => Value::Decimal(own.overage.decimal()),
                (None, Some(overage)) => {
                    Value::Derived(derived(overage.decimal(), rate, FieldKind::UnitPrice, currency))
                }
                (None, None) => continue,
            };
            fields.put(format!("features.{feature}.overage"), value);
        }
        let Some(plan) = parts.first() else { return };
        let resource = Resource {
            address: plan.child("regions", code),
            kind: REGION,
            name: currency.code().to_owned(),
            currency: Some(currency),
            fields: fields.0,
        };
        let directives = Directives {
            protect: region.protect,
            ignore: region.ignore.clone(),
            price_changes: decision.map(Into::into),
            ..Directives::default()
        };
        // Without an offer on the price there is nothing that a currency could override.
        let offers = base.prices.values().any(|price| price.intro_offer.is_some())
            || region.prices.values().any(|price| price.intro_offer.is_some());
        self.add(resource, directives, parts.to_vec(), if offers { &[] } else { OFFERS });
    }

    fn addon(&mut self, key: &str, addon: &catalog::Addon, catalog: &Catalog) {
        let mut fields = FieldsOf::default();
        fields.put("name", addon.name.as_str());
        fields.maybe("description", text(addon.description.as_ref()));
        fields.put("feature", addon.feature.as_str());
        fields.put("consumption_model", addon.consumption_model.word());
        fields.put("base_price", addon.base_price.decimal());
        fields.maybe("included_units", addon.included_units.map(count));
        fields.maybe("overage_rate", addon.overage_rate.map(|rate| rate.decimal()));
        fields.maybe("credit_cost", addon.credit_cost.map(count));
        let resource = Resource {
            address: Address::new("addons", key),
            kind: ADDON,
            name: addon.name.clone(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        let directives = Directives {
            protect: addon.protect,
            ignore: addon.ignore.clone(),
            previously: addon.previously.clone(),
            replace: addon.replace,
            id: addon.id.clone(),
            price_changes: catalog.price_changes.map(Into::into),
        };
        self.add(resource, directives, vec![Address::new("features", &addon.feature)], &[]);
    }
}

impl From<catalog::PriceChanges> for PriceChanges {
    fn from(word: catalog::PriceChanges) -> Self {
        match word {
            catalog::PriceChanges::Reprice => Self::Reprice,
            catalog::PriceChanges::Grandfather => Self::Grandfather,
        }
    }
}
