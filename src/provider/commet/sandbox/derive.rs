//! Values in other currencies, derived from the US dollar value at the plan's exchange rate (commet-api.md §3.5).
//!
//! Exact, rounded half away from zero. A price is counted in the currency's minor unit, so in whole units where it
//! has none; a unit price is counted in 1/10000 whatever the currency.

use rust_decimal::{Decimal, RoundingStrategy};

use super::failure::Failure;
use super::rows::{IntroOffer, Plan, PlanFeature, Price, RegionalPrice, RegionalUnitPrice};
use super::rules::SAFE;
use crate::model::Currency;

/// The currencies of the contract, `usd` since 2026-07-22.
pub(super) const CURRENCIES: &[&str] = &[
    "usd", "ars", "brl", "clp", "cop", "pen", "uyu", "pyg", "bob", "mxn", "cad", "eur", "jpy", "cny", "krw", "hkd",
    "sgd", "twd", "inr", "thb",
];

/// US cents in another currency's minor unit.
fn amount(cents: i64, rate: Decimal, currency: &str) -> Option<i64> {
    let exponent = currency.parse::<Currency>().map_or(2, Currency::exponent);
    let dollars = Decimal::new(cents, 2);
    round(dollars.checked_mul(rate)?.checked_mul(Decimal::from(10u32.checked_pow(exponent)?))?)
}

/// A unit price of 1/10000 US dollar in another currency's 1/10000.
fn unit_price(price: i64, rate: Decimal) -> Option<i64> {
    round(Decimal::from(price).checked_mul(rate)?)
}

fn round(value: Decimal) -> Option<i64> {
    let whole = value.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(whole).ok().filter(|whole| *whole <= SAFE)
}

fn too_large(currency: &str) -> Failure {
    Failure::field("exchangeRate", format!("A value in {currency} would be larger than {SAFE}"))
}

/// A price in a currency, derived.
pub(super) fn price(base: &Price, rate: Decimal, currency: &str) -> Result<RegionalPrice, Failure> {
    let derive = |cents| amount(cents, rate, currency).ok_or_else(|| too_large(currency));
    let intro_offer = match &base.intro_offer {
        Some(offer) if offer.discount_type.as_deref() == Some("amount") => {
            Some(IntroOffer { discount_value: offer.discount_value.map(derive).transpose()?, ..offer.clone() })
        }
        other => other.clone(),
    };
    Ok(RegionalPrice {
        price: derive(base.amount)?,
        included_balance: base.included_balance.map(derive).transpose()?,
        auto_synced: true,
        intro_offer,
    })
}

/// A feature's unit price in a currency, derived.
pub(super) fn overage(base: &PlanFeature, rate: Decimal, currency: &str) -> Result<RegionalUnitPrice, Failure> {
    let unit_price = unit_price(base.unit_price, rate).ok_or_else(|| too_large(currency))?;
    Ok(RegionalUnitPrice { unit_price, auto_synced: true })
}

/// After a base value moved: derives again what was derived. Manual values stay, missing ones stay missing.
pub(super) fn again(plan: &mut Plan) -> Result<(), Failure> {
    let Plan { prices, features, exchange_rates, .. } = plan;
    for base in prices.iter_mut().filter(|price| !price.archived) {
        let rows = base.regional.iter().filter(|(_, row)| row.auto_synced);
        let rows = rows.filter_map(|(currency, _)| Some((currency, exchange_rates.get(currency)?)));
        let rows = rows.map(|(currency, rate)| Ok((currency.clone(), price(base, *rate, currency)?)));
        let rows: Vec<_> = rows.collect::<Result<_, Failure>>()?;
        base.regional.extend(rows);
    }
    for base in features {
        let rows = base.regional.iter().filter(|(_, row)| row.auto_synced);
        let rows = rows.filter_map(|(currency, _)| Some((currency, exchange_rates.get(currency)?)));
        let rows = rows.map(|(currency, rate)| Ok((currency.clone(), overage(base, *rate, currency)?)));
        let rows: Vec<_> = rows.collect::<Result<_, Failure>>()?;
        base.regional.extend(rows);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_exact_in_every_exponent() {
        assert_eq!(amount(4900, dec("5.40"), "brl"), Some(26_460));
        assert_eq!(amount(4900, dec("150"), "jpy"), Some(7350));
        assert_eq!(amount(999, dec("950.5"), "clp"), Some(9495));
        // Half away from zero: 1 cent × 0.5 is half a cent.
        assert_eq!(amount(1, dec("0.5"), "eur"), Some(1));
        assert_eq!(amount(5, dec("10"), "jpy"), Some(1));
        assert_eq!(unit_price(20, dec("5.4")), Some(108));
        assert_eq!(unit_price(15, dec("0.9")), Some(14));
        assert_eq!(amount(SAFE, dec("2"), "eur"), None);
    }
}
