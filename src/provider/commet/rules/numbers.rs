use rust_decimal::Decimal;

use super::reporter::Reporter;
use crate::model::Currency;
use crate::provider::commet::catalog::{Catalog, IntroOffer};
use crate::provider::limits::{self, INT32, SAFE, count, scaled};

/// Decimals of a unit price: the API counts it in 1/10000 (commet-api.md §3.9).
const UNIT_PRICE: u32 = 4;
/// Decimals of a percentage: the API counts it in basis points (commet-api.md §3.9).
const PERCENT: u32 = 2;

/// Numbers fit the API's units and sizes (commet-api.md §3.9).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let usd = Currency::USD;
    for (code, plan) in &catalog.plans {
        for (interval, price) in &plan.prices {
            let at = |field| ["plans", code, "prices", interval.word(), field];
            money(report, &at("amount"), price.amount.decimal(), usd);
            if let Some(balance) = price.included_balance {
                money(report, &at("included_balance"), balance.decimal(), usd);
            }
            count(report, &at("trial_days"), price.trial_days, INT32);
            count(report, &at("included_credits"), price.included_credits.unwrap_or(0), INT32);
            if let Some(intro) = &price.intro_offer {
                offer(report, &at("intro_offer"), intro, usd);
            }
        }
        for (key, feature) in &plan.features {
            let at = |field| ["plans", code, "features", key, field];
            count(report, &at("included_amount"), feature.included_amount, SAFE);
            count(report, &at("credits_per_unit"), feature.credits_per_unit.unwrap_or(0), INT32);
            if let Some(overage) = feature.overage {
                scaled(report, &at("overage"), overage.decimal(), UNIT_PRICE, SAFE, format_args!("a unit price"));
            }
            if let Some(margin) = feature.margin {
                scaled(report, &at("margin"), margin.decimal(), PERCENT, INT32, format_args!("a percentage"));
            }
        }
        for (word, region) in &plan.regions {
            // What is not a currency is another rule's finding.
            let Ok(currency) = word.parse::<Currency>() else { continue };
            for (interval, price) in &region.prices {
                let at = |field| ["plans", code, "regions", word, "prices", interval.word(), field];
                if let Some(amount) = price.amount {
                    money(report, &at("amount"), amount.decimal(), currency);
                }
                if let Some(balance) = price.included_balance {
                    money(report, &at("included_balance"), balance.decimal(), currency);
                }
                if let Some(intro) = &price.intro_offer {
                    offer(report, &at("intro_offer"), intro, currency);
                }
            }
            for (key, feature) in &region.features {
                let path = ["plans", code, "regions", word, "features", key, "overage"];
                scaled(report, &path, feature.overage.decimal(), UNIT_PRICE, SAFE, format_args!("a unit price"));
            }
        }
    }
    for (key, addon) in &catalog.addons {
        let at = |field| ["addons", key, field];
        money(report, &at("base_price"), addon.base_price.decimal(), usd);
        if let Some(rate) = addon.overage_rate {
            scaled(report, &at("overage_rate"), rate.decimal(), UNIT_PRICE, SAFE, format_args!("a unit price"));
        }
        count(report, &at("included_units"), addon.included_units.unwrap_or(0), SAFE);
        count(report, &at("credit_cost"), addon.credit_cost.unwrap_or(0), INT32);
    }
}

fn offer(report: &mut Reporter<'_>, path: &[&str], offer: &IntroOffer, currency: Currency) {
    let at = |field| [path, &[field]].concat();
    if let Some(amount) = offer.amount {
        money(report, &at("amount"), amount.decimal(), currency);
    }
    if let Some(percentage) = offer.percentage {
        scaled(report, &at("percentage"), percentage.decimal(), PERCENT, INT32, format_args!("a percentage"));
    }
    count(report, &at("cycles"), offer.cycles, INT32);
}

fn money(report: &mut Reporter<'_>, path: &[&str], amount: Decimal, currency: Currency) {
    limits::money(report, path, amount, currency, SAFE);
}
