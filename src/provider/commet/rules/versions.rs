use crate::diagnostic::Code;
use crate::provider::commet::catalog::{Catalog, IntroOffer};
use crate::provider::commet::dialect::Dialect;
use crate::provider::reporter::{Reporter, finding};

/// What the environment's version of the API lacks (commet-api.md §1.2).
pub(super) fn check(catalog: &Catalog, dialect: Dialect, report: &mut Reporter<'_>) {
    match dialect {
        Dialect::July11 => newer(catalog, report),
        Dialect::July31 => older(catalog, report),
    }
}

fn newer(catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut lacks = |path: &[&str], what: &str| {
        let finding = finding(Code::OtherVersion, format!("{what} came with version 2026-07-31 of the API, and this is for 2026-07-11"))
            .help("write `api_version: 2026-07-31` for the environment, or remove it")
            .help("a catalog in 2026-07-11's terms is rewritten by `pricebook upgrade --to 2026-07-31`, before new words come into it");
        report.key(path, finding);
    };
    for key in catalog.offers.keys() {
        lacks(&["offers", key], "an offer");
    }
    for key in catalog.markets.keys() {
        lacks(&["markets", key], "a market");
    }
    for (code, plan) in &catalog.plans {
        for (interval, price) in &plan.prices {
            let at = |field| ["plans", code.as_str(), "prices", interval.word(), field];
            if !price.markets.is_empty() {
                lacks(&at("markets"), "a price in a market");
            }
            if !price.variants.is_empty() {
                lacks(&at("variants"), "a variant of a price");
            }
            if !price.metadata.is_empty() {
                lacks(&at("metadata"), "the metadata of a price");
            }
        }
    }
    for (code, promo) in &catalog.promo_codes {
        if promo.offer.is_some() {
            lacks(&["promo_codes", code, "offer"], "a promo code that gives an offer");
        }
    }
}

fn older(catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut intro = |path: &[&str], offer: &IntroOffer| {
        let finding = finding(
            Code::OtherVersion,
            "introductory offers on prices went with version 2026-07-31 of the API: there they are offers, and no call attaches one to a price",
        )
        .help(format!(
            "add the offer under `offers:` with `phases: [{}]`, attach it to the price in the dashboard, and remove this",
            phase(offer)
        ));
        report.key(path, finding);
    };
    for (code, plan) in &catalog.plans {
        for (interval, price) in &plan.prices {
            if let Some(offer) = &price.intro_offer {
                intro(&["plans", code, "prices", interval.word(), "intro_offer"], offer);
            }
        }
        for (currency, region) in &plan.regions {
            for (interval, price) in &region.prices {
                if let Some(offer) = &price.intro_offer {
                    intro(&["plans", code, "regions", currency, "prices", interval.word(), "intro_offer"], offer);
                }
            }
        }
    }
    for (code, promo) in &catalog.promo_codes {
        let own = [
            ("percentage", promo.percentage.is_some()),
            ("amount_off", promo.amount_off.is_some()),
            ("cycles", promo.cycles.is_some()),
        ];
        for (field, _) in own.into_iter().filter(|(_, said)| *said) {
            let finding = finding(
                Code::OtherVersion,
                format!(
                    "`{field}` of a promo code went with version 2026-07-31 of the API: there a code gives an offer"
                ),
            )
            .help("write the terms under `offers:`, and the offer's key under `offer:` here");
            report.key(&["promo_codes", code, field], finding);
        }
    }
}

/// The phase that says what an introductory offer said.
fn phase(offer: &IntroOffer) -> String {
    match (offer.percentage, offer.amount) {
        (Some(percentage), _) => {
            format!("{{ percentage: {}%, cycles: {} }}", percentage.decimal().normalize(), offer.cycles)
        }
        (None, Some(amount)) => format!("{{ amount_off: {{ usd: {} }}, cycles: {} }}", amount.decimal(), offer.cycles),
        (None, None) => format!("{{ percentage: 20%, cycles: {} }}", offer.cycles),
    }
}
