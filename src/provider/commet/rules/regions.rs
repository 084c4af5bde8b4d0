use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, did_you_mean, one_of};
use crate::provider::commet::catalog::{CURRENCIES, Catalog, Plan, Region};

/// Decimals of an exchange rate.
const RATE: u32 = 6;

/// Prices in other currencies (commet-api.md §3.5).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    for (code, plan) in &catalog.plans {
        let spoiled = report.is_spoiled(&["plans", code, "prices"]);
        if plan.prices.is_empty() && !spoiled && !plan.free && !plan.regions.is_empty() {
            let finding = finding(Code::RegionValues, format!("`{code}` has no prices that a region could change"));
            report.key(&["plans", code, "regions"], finding.help("add `prices:`, or remove `regions`"));
        }
        for (word, region) in &plan.regions {
            currency(code, word, report);
            rate(code, word, region, report);
            prices(code, word, plan, region, report);
            features(code, word, plan, region, report);
        }
    }
}

fn currency(code: &str, word: &str, report: &mut Reporter<'_>) {
    if CURRENCIES.contains(&word) {
        return;
    }
    let lower = word.to_lowercase();
    let finding = if CURRENCIES.contains(&lower.as_str()) {
        finding(Code::BadCurrency, format!("`{word}`: currencies are written in lower case")).suggest(lower.as_str())
    } else {
        finding(Code::BadCurrency, format!("`{word}` is not a currency that the API takes"))
            .suggest(did_you_mean(word, CURRENCIES.iter().copied()))
            .help(format!("the currencies are {}", one_of(CURRENCIES.iter().copied()).replace(" or ", " and ")))
    };
    report.key(&["plans", code, "regions", word], finding);
}

fn rate(code: &str, word: &str, region: &Region, report: &mut Reporter<'_>) {
    let path = ["plans", code, "regions", word, "exchange_rate"];
    let rate = region.exchange_rate.decimal().normalize();
    if rate.is_zero() {
        report.value(&path, finding(Code::ExchangeRate, "an exchange rate is more than zero"));
    } else if rate.scale() > RATE {
        let message = format!("an exchange rate has at most {RATE} decimals, {rate} has {}", rate.scale());
        report.value(&path, finding(Code::ExchangeRate, message));
    } else if rate > rust_decimal::Decimal::from(1_000_000_000_u64) {
        report.value(&path, finding(Code::ExchangeRate, format!("no currency is worth so little: {rate}")));
    }
}

fn prices(code: &str, word: &str, plan: &Plan, region: &Region, report: &mut Reporter<'_>) {
    for (interval, price) in &region.prices {
        let path = ["plans", code, "regions", word, "prices", interval.word()];
        // A plan without prices has been told so already.
        let spoiled = report.is_spoiled(&["plans", code, "prices"]);
        if !plan.prices.contains_key(interval) && !plan.prices.is_empty() && !spoiled {
            let known = one_of(plan.prices.keys().map(|interval| interval.word())).replace(" or ", " and ");
            let finding = finding(Code::UnknownReference, format!("`{code}` has no price `{}`", interval.word()))
                .help(format!("its prices are {known}"));
            report.key(&path, finding);
        }
        let amount_spoiled = report.is_spoiled(&[&path[..], &["amount"]].concat());
        let parts =
            [("included_balance", price.included_balance.is_some()), ("intro_offer", price.intro_offer.is_some())];
        for (field, _) in parts.iter().filter(|(_, present)| *present && price.amount.is_none() && !amount_spoiled) {
            let finding = finding(Code::RegionValues, format!("`{field}` in a currency needs the `amount` too"))
                .help("the API takes it only together with a price in that currency");
            report.key(&[&path[..], &[field]].concat(), finding);
        }
    }
}

fn features(code: &str, word: &str, plan: &Plan, region: &Region, report: &mut Reporter<'_>) {
    for key in region.features.keys() {
        let path = ["plans", code, "regions", word, "features", key];
        if report.is_spoiled(&["plans", code, "features", key]) {
            continue;
        }
        match plan.features.get(key) {
            None => {
                let finding = finding(Code::UnknownReference, format!("`{code}` has no feature `{key}`"))
                    .suggest(did_you_mean(key, plan.features.keys().map(String::as_str)))
                    .help("a region changes the unit price of a feature that the plan has");
                report.key(&path, finding);
            }
            Some(feature) if feature.overage.is_none() => {
                let finding = finding(Code::RegionValues, format!("`{key}` has no overage on `{code}`"))
                    .help("add `overage` to the plan's feature, or remove it here");
                report.key(&path, finding);
            }
            Some(_) => {}
        }
    }
}
