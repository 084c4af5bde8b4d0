//! Offers, markets, price variants, credit packs and promo codes, as what should exist.

use super::{Builder, FieldsOf, count, text};
use crate::model::{Address, Currency, Directives, PriceChanges, Resource, Value};
use crate::provider::commet::catalog::{self, Catalog, MarketPrices};
use crate::provider::commet::table::{CREDIT_PACK, MARKET, OFFER, PROMO_CODE, VARIANT};
use crate::provider::commet::{markets, metadata};
use crate::provider::instant;

impl Builder<'_> {
    pub(super) fn sales(&mut self, catalog: &Catalog) {
        for (key, offer) in &catalog.offers {
            self.offer(key, offer);
        }
        for (key, market) in &catalog.markets {
            self.market(key, market);
        }
        for (key, pack) in &catalog.credit_packs {
            self.credit_pack(key, pack);
        }
        for (code, promo) in &catalog.promo_codes {
            self.promo_code(code, promo);
        }
    }

    fn offer(&mut self, key: &str, offer: &catalog::Offer) {
        let mut fields = FieldsOf::default();
        fields.put("name", offer.name.as_str());
        fields.put("active", offer.active);
        fields.maybe("starts_at", instant_of(offer.starts_at.as_deref()));
        fields.maybe("ends_at", instant_of(offer.ends_at.as_deref()));
        for (at, phase) in offer.phases.iter().enumerate() {
            let path = |name: &str| format!("phases.{}.{name}", at + 1);
            if let Some(days) = phase.free_trial {
                fields.put(path("free_trial"), count(days));
            }
            if let Some(percentage) = phase.percentage {
                fields.put(path("percentage"), percentage.decimal());
            }
            for (name, amounts) in [("amount_off", &phase.amount_off), ("fixed_price", &phase.fixed_price)] {
                for (currency, amount) in amounts.iter().flatten() {
                    fields.put(path(&format!("{name}.{currency}")), amount.decimal());
                }
            }
            if let Some(cycles) = phase.cycles {
                fields.put(path("cycles"), count(cycles));
            }
            if let Some(interval) = phase.interval {
                fields.put(path("interval"), interval.word());
            }
        }
        metadata::flatten(&mut fields.0, &offer.metadata);
        let directives = Directives {
            protect: offer.protect,
            ignore: offer.ignore.clone(),
            previously: offer.previously.clone(),
            id: offer.id.clone(),
            ..Directives::default()
        };
        let resource = Resource {
            address: Address::new("offers", key),
            kind: OFFER,
            name: offer.name.clone(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        self.add(resource, directives, Vec::new(), &[]);
    }

    fn market(&mut self, key: &str, market: &catalog::Market) {
        let mut fields = FieldsOf::default();
        fields.put("name", market.name.as_str());
        fields.put("countries", countries(market.countries.iter().map(String::as_str)));
        metadata::flatten(&mut fields.0, &market.metadata);
        let directives = Directives {
            protect: market.protect,
            ignore: market.ignore.clone(),
            previously: market.previously.clone(),
            id: market.id.clone(),
            ..Directives::default()
        };
        let resource = Resource {
            address: Address::new("markets", key),
            kind: MARKET,
            name: market.name.clone(),
            currency: None,
            fields: fields.0,
        };
        self.add(resource, directives, Vec::new(), &[]);
    }

    /// The variants of a price.
    pub(super) fn variants(&mut self, price: &Address, own: &catalog::Price, decision: Option<PriceChanges>) {
        for (key, variant) in &own.variants {
            let mut fields = FieldsOf::default();
            fields.put("name", variant.name.as_str());
            market_prices(&mut fields, &variant.markets);
            metadata::flatten(&mut fields.0, &variant.metadata);
            let directives = Directives {
                protect: variant.protect,
                ignore: variant.ignore.clone(),
                price_changes: decision,
                ..Directives::default()
            };
            let mut needs = vec![price.clone()];
            needs.extend(variant.markets.keys().map(|market| Address::new("markets", market)));
            let resource = Resource {
                address: price.child("variants", key),
                kind: VARIANT,
                name: variant.name.clone(),
                currency: Some(Currency::USD),
                fields: fields.0,
            };
            self.add(resource, directives, needs, &[]);
        }
    }

    fn credit_pack(&mut self, key: &str, pack: &catalog::CreditPack) {
        let mut fields = FieldsOf::default();
        fields.put("name", pack.name.as_str());
        fields.maybe("description", text(pack.description.as_ref()));
        fields.put("credits", count(pack.credits));
        fields.put("price", pack.price.decimal());
        fields.put("active", pack.active);
        let directives = Directives {
            protect: pack.protect,
            ignore: pack.ignore.clone(),
            previously: pack.previously.clone(),
            id: pack.id.clone(),
            ..Directives::default()
        };
        let resource = Resource {
            address: Address::new("credit_packs", key),
            kind: CREDIT_PACK,
            name: pack.name.clone(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        self.add(resource, directives, Vec::new(), &[]);
    }

    fn promo_code(&mut self, code: &str, promo: &catalog::PromoCode) {
        let mut fields = FieldsOf::default();
        fields.maybe("offer", promo.offer.as_deref());
        fields.maybe("percentage", promo.percentage.map(|percentage| percentage.decimal()));
        fields.maybe("amount_off", promo.amount_off.map(|amount| amount.decimal()));
        fields.maybe("cycles", promo.cycles.map(count));
        fields.maybe("billing_interval", promo.billing_interval.map(|interval| interval.word()));
        fields.maybe("max_redemptions", promo.max_redemptions.map(count));
        fields.maybe("expires_at", instant_of(promo.expires_at.as_deref()));
        if !promo.plans.is_empty() {
            fields.put("plans", sorted(promo.plans.iter().map(String::as_str)));
        }
        fields.put("active", promo.active);
        let directives = Directives { protect: promo.protect, ignore: promo.ignore.clone(), ..Directives::default() };
        let mut needs: Vec<Address> = promo.offer.iter().map(|offer| Address::new("offers", offer)).collect();
        needs.extend(promo.plans.iter().map(|plan| Address::new("plans", plan)));
        let resource = Resource {
            address: Address::new("promo_codes", code),
            kind: PROMO_CODE,
            name: code.to_owned(),
            currency: Some(Currency::USD),
            fields: fields.0,
        };
        self.add(resource, directives, needs, &[]);
    }
}

/// `markets.argentina.ars` for each.
pub(super) fn market_prices(fields: &mut FieldsOf, prices: &MarketPrices) {
    for (market, amounts) in prices {
        for (currency, amount) in amounts {
            fields.put(markets::path(market, currency), amount.decimal());
        }
    }
}

/// A moment as the API writes it back. The rules refuse what is none.
fn instant_of(text: Option<&str>) -> Option<Value> {
    text.and_then(instant::normalized).map(Value::from)
}

/// Countries have no order: the same ones are the same list.
pub(in crate::provider::commet) fn countries<'c>(codes: impl IntoIterator<Item = &'c str>) -> Value {
    let codes: Vec<String> = codes.into_iter().map(str::to_ascii_uppercase).collect();
    sorted(codes.iter().map(String::as_str))
}

fn sorted<'c>(words: impl IntoIterator<Item = &'c str>) -> Value {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_unstable();
    words.dedup();
    Value::List(words.into_iter().map(Value::from).collect())
}
