use rust_decimal::Decimal;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::model::Amount;
use crate::provider::commet::catalog::{Catalog, IntroOffer};

/// An offer is a percentage or an amount, not more than the price, for at least one cycle (commet-api.md §6).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        for (interval, price) in &plan.prices {
            if let Some(intro) = &price.intro_offer {
                offer(report, &["plans", code, "prices", interval.word(), "intro_offer"], intro, Some(price.amount));
            }
        }
        for (currency, region) in &plan.regions {
            for (interval, price) in &region.prices {
                let path = ["plans", code, "regions", currency, "prices", interval.word(), "intro_offer"];
                if let Some(intro) = &price.intro_offer {
                    offer(report, &path, intro, price.amount);
                }
            }
        }
    }
}

fn offer(report: &mut Reporter<'_>, path: &[&str], offer: &IntroOffer, price: Option<Amount>) {
    if report.is_spoiled(path) {
        return;
    }
    let at = |field| [path, &[field]].concat();
    match (offer.percentage, offer.amount) {
        (Some(_), Some(_)) | (None, None) => {
            let finding = finding(Code::IntroOffer, "an offer takes off either a percentage or an amount");
            report.key(path, finding.help("write one of `percentage: 20%` and `amount: 5.00`"));
        }
        (Some(percentage), None) if percentage.decimal() > Decimal::ONE_HUNDRED => {
            report.value(&at("percentage"), finding(Code::IntroOffer, "an offer takes off at most 100%"));
        }
        (None, Some(amount)) if price.is_some_and(|price| amount > price) => {
            report.value(&at("amount"), finding(Code::IntroOffer, "an offer cannot take off more than the price"));
        }
        _ => {}
    }
    if offer.cycles == 0 {
        report.value(&at("cycles"), finding(Code::IntroOffer, "an offer lasts at least one billing cycle"));
    }
}
