//! Resources → what a customer sees on a pricing page. Plans here have one interval and one currency.

use super::table::{ADD_ON, APPLIED_TAX, CHARGE, COMMITMENT, ENTITLEMENT, PLAN, THRESHOLD};
use crate::model::{
    AddOnCard, Address, Currency, Item, Objects, Page, PlanCard, PriceTag, RateTag, Resource, Term, Tier,
};

/// The page of one side. There are no plan groups and nothing is derived.
pub(super) fn page(objects: &Objects<'_>) -> Page {
    let mut page = Page::default();
    for resource in objects.values() {
        if resource.kind == PLAN {
            page.plans.push(plan(resource, objects));
        } else if resource.kind == ADD_ON {
            page.add_ons.push(add_on(resource));
        }
    }
    page
}

fn currency(resource: &Resource) -> String {
    resource.text("currency").unwrap_or_else(|| resource.currency.unwrap_or(Currency::USD).code()).to_owned()
}

fn plan(plan: &Resource, objects: &Objects<'_>) -> PlanCard {
    let currency = currency(plan);
    let amount = plan.number("amount").unwrap_or_default();
    let mut card = PlanCard {
        address: plan.address.clone(),
        name: plan.name.clone(),
        description: plan.text("description").map(str::to_owned),
        free: false,
        public: true,
        prices: vec![PriceTag {
            address: plan.address.clone(),
            interval: plan.text("interval").unwrap_or_default().to_owned(),
            currency: currency.clone(),
            amount,
            derived: false,
            is_default: true,
            trial_days: plan.count("trial_period_days").filter(|days| *days > 0),
            included_balance: None,
            included_credits: None,
            offer: None,
        }],
        market_prices: Vec::new(),
        items: Vec::new(),
        terms: Vec::new(),
    };
    let address = &plan.address;
    for (_, part) in objects.range::<&Address, _>(address..).take_while(|(below, _)| below.is_within(address)) {
        if part.kind == CHARGE {
            card.items.push(charge(part, &currency, objects));
        } else if part.kind == ENTITLEMENT {
            card.items.push(entitlement(part, objects));
        } else if part.kind == COMMITMENT {
            card.terms.push(term(part, "minimum", "invoice_display_name"));
        } else if part.kind == THRESHOLD {
            card.terms.push(term(part, "invoice at", "threshold_display_name"));
        } else if part.kind == APPLIED_TAX {
            let tax = objects.get(&Address::new("taxes", part.address.key()));
            card.terms.push(Term {
                address: part.address.clone(),
                label: "tax".into(),
                name: tax.map_or_else(|| part.address.key().to_owned(), |tax| tax.name.clone()),
                amount: None,
                percentage: tax.and_then(|tax| tax.number("rate")),
            });
        }
    }
    card
}

fn term(part: &Resource, label: &str, name: &str) -> Term {
    Term {
        address: part.address.clone(),
        label: label.to_owned(),
        name: part.text(name).unwrap_or_default().to_owned(),
        amount: part.number("amount"),
        percentage: None,
    }
}

fn entitlement(part: &Resource, objects: &Objects<'_>) -> Item {
    let code = part.address.key();
    let feature = objects.get(&Address::new("features", code));
    let switch = feature.is_some_and(|feature| feature.text("feature_type") == Some("boolean"));
    let value = part.text("value").map(str::to_owned);
    Item {
        enabled: !switch || value.as_deref() != Some("false"),
        value: value.filter(|_| !switch),
        switch,
        ..item(part, code, feature.map_or(code, |feature| feature.name.as_str()))
    }
}

fn item(part: &Resource, of: &str, name: &str) -> Item {
    Item {
        address: part.address.clone(),
        of: of.to_owned(),
        name: name.to_owned(),
        switch: false,
        enabled: true,
        included: None,
        unlimited: false,
        unit: None,
        rates: Vec::new(),
        tiers: Vec::new(),
        model: None,
        value: None,
        credits: None,
    }
}

/// A charge by its model (bxb-api.md §7). What filters change about it is only counted among its changes, not shown.
fn charge(part: &Resource, currency: &str, objects: &Objects<'_>) -> Item {
    let code = part.text("billable_metric").unwrap_or_default().to_owned();
    let metric = objects.get(&Address::new("billable_metrics", &code));
    let model = part.text("charge_model").unwrap_or_default().to_owned();
    let rate = |path: &str, units: i64| {
        let amount = part.number(path)?;
        Some(RateTag { currency: currency.to_owned(), amount, units, derived: false })
    };
    let (rates, tiers, included) = match model.as_str() {
        "standard" => (rate("amount", 1), Vec::new(), None),
        "package" => (rate("amount", part.count("package_size").unwrap_or(1)), Vec::new(), part.count("free_units")),
        "percentage" => {
            let tier =
                Tier { up_to: None, per_unit: None, rate: part.number("rate"), flat: part.number("fixed_amount") };
            (None, vec![tier], part.count("free_units_per_events"))
        }
        "custom" => (rate("custom_amount", 1).or_else(|| rate("unit_price", 1)), Vec::new(), None),
        _ => (None, tiers(part), None),
    };
    Item {
        included: included.filter(|units| *units > 0),
        rates: rates.into_iter().collect(),
        tiers,
        model: Some(model).filter(|model| !matches!(model.as_str(), "standard" | "package" | "percentage")),
        ..item(part, &code, metric.map_or(code.as_str(), |metric| metric.name.as_str()))
    }
}

fn add_on(add_on: &Resource) -> AddOnCard {
    AddOnCard {
        address: add_on.address.clone(),
        name: add_on.name.clone(),
        description: add_on.text("description").map(str::to_owned),
        currency: currency(add_on),
        amount: add_on.number("amount").unwrap_or_default(),
        item: None,
    }
}

fn tiers(charge: &Resource) -> Vec<Tier> {
    let mut tiers = Vec::new();
    loop {
        let path = |name: &str| format!("ranges.{}.{name}", tiers.len() + 1);
        let tier = Tier {
            up_to: charge.count(&path("up_to")),
            per_unit: charge.number(&path("per_unit")),
            rate: charge.number(&path("rate")),
            flat: charge.number(&path("flat")),
        };
        if tier.up_to.is_none() && tier.per_unit.is_none() && tier.rate.is_none() && tier.flat.is_none() {
            return tiers;
        }
        tiers.push(tier);
    }
}
