use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use crate::diagnostic::{Code, Finding};
use crate::model::{Amount, Currency};
use crate::provider::commet::catalog::{CURRENCIES, Catalog, MarketPrices, Offer, Phase};
use crate::provider::instant;
use crate::provider::limits::{INT32, SAFE, count, money, scaled};
use crate::provider::reporter::{Reporter, finding};

/// What offers, markets, variants, credit packs and promo codes may say (commet-api.md §3.3, §3.8).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (key, offer) in &catalog.offers {
        phases(key, offer, report);
        moment(&["offers", key, "starts_at"], offer.starts_at.as_deref(), report);
        moment(&["offers", key, "ends_at"], offer.ends_at.as_deref(), report);
    }
    countries(catalog, report);
    for (code, plan) in &catalog.plans {
        for (interval, price) in &plan.prices {
            let at = ["plans", code, "prices", interval.word()];
            let path = |rest: &[&'static str]| [&at[..], rest].concat();
            market_prices(&path(&["markets"]), &price.markets, report);
            let mut names: HashMap<&str, &str> = HashMap::new();
            for (key, variant) in &price.variants {
                let own = [&path(&["variants"])[..], &[key.as_str()]].concat();
                let field = |name: &'static str| [&own[..], &[name]].concat();
                market_prices(&field("markets"), &variant.markets, report);
                if variant.markets.is_empty() {
                    report.key(&own, finding(Code::Market, "a variant has a price of its own in at least one market"));
                }
                for (market, amounts) in &variant.markets {
                    let base = price.markets.get(market);
                    let same =
                        |amounts: &BTreeMap<String, Amount>| amounts.keys().map(String::clone).collect::<Vec<_>>();
                    let path = [&field("markets")[..], &[market.as_str()]].concat();
                    if base.is_none() {
                        let finding = finding(
                            Code::Market,
                            format!("the {} price has no price in `{market}`, which this one varies", interval.word()),
                        );
                        report.key(&path, finding.help("add it under the price's own `markets:`"));
                    } else if base.is_some_and(|base| same(base) != same(amounts)) {
                        let finding = finding(
                            Code::Market,
                            format!("in `{market}` the price that this one varies is in another currency"),
                        );
                        report.key(&path, finding.help("a market has one currency for a price and its variants"));
                    }
                }
                if variant.name.trim().is_empty() {
                    report.value(&field("name"), finding(Code::BadText, "a name cannot be empty"));
                } else if let Some(first) = names.insert(&variant.name, key) {
                    let finding =
                        finding(Code::NameTaken, format!("the variant `{first}` has the name `{}` too", variant.name));
                    report.value(&field("name"), finding);
                }
                if variant.metadata.contains_key("name") {
                    let finding = finding(Code::Metadata, "a variant's metadata holds its name already");
                    report.key(&[&field("metadata")[..], &["name"]].concat(), finding.help("write it as `name:`"));
                }
            }
        }
    }
    for (key, pack) in &catalog.credit_packs {
        count(report, &["credit_packs", key, "credits"], pack.credits, INT32);
        money(report, &["credit_packs", key, "price"], pack.price.decimal(), Currency::USD, SAFE);
    }
    promo_codes(catalog, report);
}

/// 1 to 10 phases; a trial first; only the last one for ever.
fn phases(key: &str, offer: &Offer, report: &mut Reporter<'_>) {
    let path = ["offers", key, "phases"];
    if report.is_spoiled(&path) {
        return;
    }
    if offer.phases.is_empty() || offer.phases.len() > 10 {
        let message = format!("an offer has 1 to 10 phases, this one has {}", offer.phases.len());
        report.key(&path, finding(Code::OfferPhases, message));
    }
    for (at, phase) in offer.phases.iter().enumerate() {
        let number = at.to_string();
        let at_phase = [&path[..], &[number.as_str()]].concat();
        let field = |name: &'static str| [&at_phase[..], &[name]].concat();
        if let Some(finding) = shape(phase, at, offer.phases.len()) {
            report.value(&at_phase, finding);
        }
        count(report, &field("free_trial"), phase.free_trial.unwrap_or(0), INT32);
        count(report, &field("cycles"), phase.cycles.unwrap_or(0), INT32);
        if let Some(percentage) = phase.percentage {
            scaled(report, &field("percentage"), percentage.decimal(), 2, INT32, format_args!("a percentage"));
        }
        for (name, amounts) in [("amount_off", &phase.amount_off), ("fixed_price", &phase.fixed_price)] {
            let Some(amounts) = amounts else { continue };
            if !amounts.contains_key("usd") {
                let finding = finding(Code::OfferPhases, format!("`{name}` says an amount in `usd` in any case"));
                report.key(
                    &field(name),
                    finding.help("a currency that is not listed has no such price: nothing is converted"),
                );
            }
            for (code, amount) in amounts {
                in_currency(&[&field(name)[..], &[code.as_str()]].concat(), code, *amount, report);
            }
        }
    }
}

fn shape(phase: &Phase, at: usize, of: usize) -> Option<Finding> {
    let kinds = [
        phase.free_trial.is_some(),
        phase.percentage.is_some(),
        phase.amount_off.is_some(),
        phase.fixed_price.is_some(),
    ];
    let wrong = |message: &str| Some(finding(Code::OfferPhases, message));
    if kinds.iter().filter(|said| **said).count() != 1 {
        return wrong("a phase is one of `free_trial`, `percentage`, `amount_off` and `fixed_price`");
    }
    if let Some(days) = phase.free_trial {
        if at > 0 {
            return wrong("a free trial is the first phase, or none");
        }
        if days == 0 {
            return wrong("a free trial lasts at least one day");
        }
        return (phase.cycles.is_some() || phase.interval.is_some()).then(|| {
            finding(Code::OfferPhases, "a free trial is counted in days: it has no `cycles` and no `interval`")
        });
    }
    if phase
        .percentage
        .is_some_and(|percentage| percentage.decimal() > Decimal::ONE_HUNDRED || percentage.decimal().is_zero())
    {
        return wrong("a phase takes off more than nothing and at most 100%");
    }
    match phase.cycles {
        Some(0) => wrong("a phase lasts at least one billing cycle"),
        None if at + 1 < of => wrong("only the last phase goes on for ever: say `cycles`"),
        None if phase.interval.is_some() => wrong("a phase that goes on for ever has no `interval`"),
        _ => None,
    }
}

/// Countries are ISO 3166 codes, and in one market at most.
fn countries(catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut taken: HashMap<String, (&str, usize)> = HashMap::new();
    for (key, market) in &catalog.markets {
        if report.is_spoiled(&["markets", key, "countries"]) {
            continue;
        }
        if market.countries.is_empty() {
            report.key(&["markets", key], finding(Code::Market, "a market has at least one country"));
        }
        for (at, country) in market.countries.iter().enumerate() {
            let number = at.to_string();
            let path = ["markets", key, "countries", &number];
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let finding =
                    finding(Code::Market, format!("`{country}` is not a country code: write two capitals such as AR"));
                report.value(&path, finding);
            } else if let Some((first, at)) = taken.insert(country.clone(), (key, at)) {
                let place = report.place(&["markets", first, "countries", &at.to_string()]);
                let finding = finding(Code::Market, format!("{country} is in `markets.{first}` already"))
                    .related(place, "it stands here")
                    .help("a country is in one market at most");
                report.value(&path, finding);
            }
        }
    }
}

fn market_prices(path: &[&str], markets: &MarketPrices, report: &mut Reporter<'_>) {
    for (market, amounts) in markets {
        let at = [path, &[market.as_str()]].concat();
        if !report.may_exist("markets", market) {
            let finding = finding(Code::UnknownReference, format!("there is no market `{market}` in the catalog"))
                .suggest(crate::diagnostic::did_you_mean(market, report.keys("markets")))
                .help("add it under `markets:`, or remove it here");
            report.key(&at, finding);
        }
        if amounts.len() != 1 {
            let finding = finding(Code::Market, "a price has one currency in a market");
            report.key(&at, finding.help("write it like `argentina: { ars: 64900.00 }`"));
        }
        for (code, amount) in amounts {
            in_currency(&[&at[..], &[code.as_str()]].concat(), code, *amount, report);
        }
    }
}

fn in_currency(path: &[&str], code: &str, amount: Amount, report: &mut Reporter<'_>) {
    match code.parse::<Currency>() {
        Ok(currency) if CURRENCIES.contains(&code) => money(report, path, amount.decimal(), currency, SAFE),
        _ => {
            let finding =
                finding(Code::BadCurrency, format!("`{code}` is not one of the currencies that the API takes"))
                    .suggest(crate::diagnostic::did_you_mean(code, CURRENCIES.iter().copied()));
            report.key(path, finding);
        }
    }
}

/// What a promo code can give in any case (commet-api.md §3.8).
fn one_discount(offer: &Offer) -> bool {
    let discount = |phase: &Phase| {
        let part = phase.percentage.is_some_and(|percentage| percentage.decimal() < Decimal::ONE_HUNDRED);
        part || phase.amount_off.is_some()
    };
    matches!(offer.phases.as_slice(), [phase] if discount(phase))
}

fn moment(path: &[&str], text: Option<&str>, report: &mut Reporter<'_>) {
    if let Some(text) = text.filter(|text| instant::normalized(text).is_none()) {
        let finding = finding(Code::BadMoment, format!("`{text}` is not a moment"));
        report.value(path, finding.help("write it like 2026-12-31T23:59:59Z"));
    }
}

/// A code is what customers type; it gives exactly one thing.
fn promo_codes(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, promo) in &catalog.promo_codes {
        let at = |field: &'static str| ["promo_codes", code.as_str(), field];
        if code.is_empty()
            || !code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
        {
            let better: String =
                code.to_uppercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let finding =
                finding(Code::BadCode, format!("`{code}` is not a promo code: only A-Z, 0-9 and - are allowed"));
            report.key(&["promo_codes", code], finding.suggest(better.as_str()));
        }
        let gives: BTreeSet<&str> = [
            ("offer", promo.offer.is_some()),
            ("percentage", promo.percentage.is_some()),
            ("amount_off", promo.amount_off.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, said)| said.then_some(field))
        .collect();
        if gives.len() != 1 && !report.is_spoiled(&["promo_codes", code]) {
            let finding = finding(Code::PromoCode, "a promo code gives one of `offer`, `percentage` and `amount_off`");
            report.key(&["promo_codes", code], finding);
        }
        if promo.offer.is_some() && promo.cycles.is_some() {
            report.key(&at("cycles"), finding(Code::PromoCode, "how long it lasts is said by the offer"));
        }
        if let Some(offer) = promo.offer.as_ref().filter(|offer| !report.may_exist("offers", offer)) {
            let finding = finding(Code::UnknownReference, format!("there is no offer `{offer}` in the catalog"))
                .suggest(crate::diagnostic::did_you_mean(offer, report.keys("offers")))
                .help("add it under `offers:`, or remove it here");
            report.value(&at("offer"), finding);
        }
        if promo
            .percentage
            .is_some_and(|percentage| percentage.decimal() >= Decimal::ONE_HUNDRED || percentage.decimal().is_zero())
        {
            report.value(
                &at("percentage"),
                finding(Code::PromoCode, "a promo code takes off more than nothing and less than 100%"),
            );
        }
        let terms = promo.offer.as_ref().and_then(|offer| catalog.offers.get(offer));
        if terms.is_some_and(|terms| !one_discount(terms)) {
            let finding = finding(Code::PromoPhases, "the API may refuse a promo code that gives this offer");
            let help = "give it an offer with one phase, a `percentage` below 100% or an `amount_off`";
            report.value(&at("offer"), finding.help(help));
        }
        if let Some(percentage) = promo.percentage {
            scaled(report, &at("percentage"), percentage.decimal(), 2, INT32, format_args!("a percentage"));
        }
        if let Some(amount) = promo.amount_off {
            money(report, &at("amount_off"), amount.decimal(), Currency::USD, SAFE);
        }
        if promo.cycles == Some(0) {
            report.value(&at("cycles"), finding(Code::PromoCode, "a promo code lasts at least one billing cycle"));
        }
        count(report, &at("cycles"), promo.cycles.unwrap_or(0), INT32);
        count(report, &at("max_redemptions"), promo.max_redemptions.unwrap_or(0), INT32);
        moment(&at("expires_at"), promo.expires_at.as_deref(), report);
        for (position, plan) in promo.plans.iter().enumerate() {
            if !report.may_exist("plans", plan) {
                let number = position.to_string();
                let finding = finding(Code::UnknownReference, format!("there is no plan `{plan}` in the catalog"))
                    .suggest(crate::diagnostic::did_you_mean(plan, report.keys("plans")))
                    .help("add it under `plans:`, or remove it here");
                report.value(&["promo_codes", code, "plans", &number], finding);
            }
        }
    }
}
