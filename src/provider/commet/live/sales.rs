//! Offers, markets, price variants, credit packs and promo codes → live resources.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Resolver, cents, put_text, resource};
use crate::ledger::Ledger;
use crate::model::{Address, Currency, Desired, Fields, Value, roots_of};
use crate::provider::ObserveError;
use crate::provider::commet::desired::countries;
use crate::provider::commet::identity::{Candidate, Naming, addresses, slug};
use crate::provider::commet::observe::Snapshot;
use crate::provider::commet::table::{CREDIT_PACK, MARKET, OFFER, PROMO_CODE, VARIANT};
use crate::provider::commet::wire;
use crate::provider::commet::{markets, metadata};
use crate::provider::instant;

/// The keys under which live objects stand here, by the API's ids.
pub(super) type Keys = BTreeMap<String, Address>;

/// Names markets or offers: the API has no key for them but the name, which need not be unique.
pub(super) fn keys<'s>(
    collection: &'static str,
    named: impl Iterator<Item = (&'s str, &'s str)>,
    desired: &Desired,
    ledger: &Ledger,
) -> Result<Keys, ObserveError> {
    let candidates: Vec<Candidate<'_>> = named.map(|(id, natural)| Candidate { id, natural }).collect();
    let naming = Naming { collection, field: "name", unique: false };
    let addresses = addresses(&naming, &candidates, desired, ledger)?;
    Ok(candidates.iter().map(|candidate| candidate.id.to_owned()).zip(addresses).collect())
}

/// The prices in markets, as `markets.argentina.ars`. A market that is not listed goes by its id.
pub(super) fn market_prices(fields: &mut Fields, prices: &[wire::MarketPrice], keys: &Keys) {
    for price in prices {
        let market = keys.get(&price.market_group_id).map_or(price.market_group_id.as_str(), Address::key);
        let Ok(currency) = price.currency.parse::<Currency>() else { continue };
        let path = markets::path(market, &price.currency.to_ascii_lowercase());
        fields.insert(path.into(), cents(price.price, currency).into());
    }
}

impl Resolver<'_> {
    pub(super) fn sales(&mut self, snapshot: &Snapshot, desired: &Desired, markets: &Keys) -> Result<(), ObserveError> {
        for market in &snapshot.markets {
            let Some(address) = markets.get(&market.id) else { continue };
            let mut fields = Fields::new();
            fields.insert("name".into(), market.name.as_str().into());
            fields.insert("countries".into(), countries(market.country_codes.iter().map(String::as_str)));
            metadata::flatten(&mut fields, market.metadata.iter().flatten());
            self.livemode(market.livemode);
            self.add(resource(address.clone(), MARKET, &market.name, None, fields), Some(&market.id), &market.name, 0);
        }
        let named = snapshot.offers.iter().map(|offer| (offer.id.as_str(), offer.name.as_str()));
        let offers = keys("offers", named, desired, self.ledger)?;
        for offer in &snapshot.offers {
            let Some(address) = offers.get(&offer.id) else { continue };
            self.livemode(offer.livemode);
            let resource = resource(address.clone(), OFFER, &offer.name, Some(Currency::USD), terms(offer));
            self.add(resource, Some(&offer.id), &offer.name, 0);
        }
        self.credit_packs(snapshot, desired)?;
        for promo in &snapshot.promo_codes {
            self.promo_code(promo, desired, &offers);
        }
        Ok(())
    }

    fn credit_packs(&mut self, snapshot: &Snapshot, desired: &Desired) -> Result<(), ObserveError> {
        let named = snapshot.credit_packs.iter().map(|pack| (pack.id.as_str(), pack.name.as_str()));
        let packs = keys("credit_packs", named, desired, self.ledger)?;
        for pack in &snapshot.credit_packs {
            let Some(address) = packs.get(&pack.id) else { continue };
            let mut fields = Fields::new();
            fields.insert("name".into(), pack.name.as_str().into());
            put_text(&mut fields, "description", pack.description.as_deref());
            fields.insert("credits".into(), pack.credits.into());
            fields.insert("price".into(), cents(pack.price, Currency::USD).into());
            fields.insert("active".into(), true.into());
            self.livemode(pack.livemode);
            let resource = resource(address.clone(), CREDIT_PACK, &pack.name, Some(Currency::USD), fields);
            self.add(resource, Some(&pack.id), &pack.name, 0);
        }
        // Packs that cannot be bought are never shown (§3.8): one that was switched off from here is believed to be as
        // it was written.
        let shown: BTreeSet<&str> = snapshot.credit_packs.iter().map(|pack| pack.id.as_str()).collect();
        for (address, entry) in roots_of(&self.ledger.objects, CREDIT_PACK.collection) {
            let Some(id) = entry.id.as_deref().filter(|id| !shown.contains(id)) else { continue };
            let hidden = entry.written.get("active") == Some(&Value::Flag(false));
            if !hidden || self.live.objects.contains_key(address) {
                continue;
            }
            let fields = entry.written.clone();
            let name = fields.get("name").and_then(Value::text).unwrap_or(address.key()).to_owned();
            self.add(resource(address.clone(), CREDIT_PACK, &name, Some(Currency::USD), fields), Some(id), &name, 0);
        }
        Ok(())
    }

    /// The API deletes no code: one that is switched off and that nobody asks for is as good as gone.
    fn promo_code(&mut self, promo: &wire::PromoCode, desired: &Desired, offers: &Keys) {
        let address = Address::new("promo_codes", &promo.code);
        if !promo.is_active && !desired.whole && !desired.objects.contains_key(&address) {
            return;
        }
        let mut fields = Fields::new();
        if let Some(id) = &promo.offer_id {
            let offer = offers.get(id).map_or(id.as_str(), Address::key);
            fields.insert("offer".into(), offer.into());
        }
        if let Some(value) = promo.discount_value {
            match promo.discount_type.as_deref() {
                Some("amount") => fields.insert("amount_off".into(), cents(value, Currency::USD).into()),
                _ => fields.insert("percentage".into(), Decimal::new(value, 2).into()),
            };
        }
        let counts = [("cycles", promo.duration_cycles), ("max_redemptions", promo.max_redemptions)];
        for (path, count) in counts {
            if let Some(count) = count {
                fields.insert(path.into(), count.into());
            }
        }
        put_text(&mut fields, "billing_interval", promo.billing_interval.as_deref());
        put_instant(&mut fields, "expires_at", promo.expires_at.as_deref());
        fields.insert("active".into(), promo.is_active.into());
        self.livemode(promo.livemode);
        let resource = resource(address, PROMO_CODE, &promo.code, Some(Currency::USD), fields);
        self.add(resource, Some(&promo.id), &promo.code, 0);
    }

    /// The variants of a plan's prices, under the keys that the files, the ledger or else their names give them.
    pub(super) fn variants(&mut self, plan: &Address, owner: &wire::Plan, desired: &Desired, markets: &Keys) {
        let prices = || owner.prices.iter().flatten();
        for base in prices().filter(|price| price.inherits_from_price_id.is_none()) {
            let Some(base_id) = base.id.as_deref() else { continue };
            let price = plan.child("prices", &base.billing_interval);
            let live: Vec<&wire::Price> =
                prices().filter(|price| price.inherits_from_price_id.as_deref() == Some(base_id)).collect();
            for (variant, address) in live.iter().zip(self.variant_keys(&price, &live, desired)) {
                let Some(id) = variant.id.as_deref() else { continue };
                let name = name_of(variant).unwrap_or(address.key()).to_owned();
                let mut fields = Fields::new();
                fields.insert("name".into(), name.as_str().into());
                market_prices(&mut fields, &variant.market_prices, markets);
                let own = variant.metadata.iter().flatten().filter(|(key, _)| *key != "name");
                metadata::flatten(&mut fields, own);
                self.add(resource(address, VARIANT, &name, Some(Currency::USD), fields), Some(id), &name, 0);
            }
        }
    }

    /// By id, then by name, then named after the name.
    fn variant_keys(&self, price: &Address, live: &[&wire::Price], desired: &Desired) -> Vec<Address> {
        let below =
            |address: &Address| address.parent().as_ref() == Some(price) && address.collection() == VARIANT.collection;
        let wanted = desired.objects.range(price.clone()..).take_while(|(address, _)| address.is_within(price));
        let wanted: Vec<_> = wanted.filter(|(address, _)| below(address)).collect();
        let remembered: Vec<&Address> = self.ledger.objects.keys().filter(|address| below(address)).collect();
        let mut given: Vec<Option<Address>> = vec![None; live.len()];
        let mut taken: BTreeSet<Address> = BTreeSet::new();
        let mut give = |at: usize, address: &Address, given: &mut Vec<Option<Address>>| {
            if given[at].is_none() && taken.insert(address.clone()) {
                given[at] = Some(address.clone());
            }
        };
        for address in wanted.iter().map(|(address, _)| *address).chain(remembered) {
            let at = self.ledger.id(address).and_then(|id| live.iter().position(|one| one.id.as_deref() == Some(id)));
            if let Some(at) = at {
                give(at, address, &mut given);
            }
        }
        for (address, object) in &wanted {
            let at = (0..live.len())
                .find(|at| given[*at].is_none() && name_of(live[*at]) == Some(object.resource.name.as_str()));
            if let Some(at) = at {
                give(at, address, &mut given);
            }
        }
        for at in 0..live.len() {
            let stem = slug(name_of(live[at]).or(live[at].id.as_deref()).unwrap_or_default());
            let mut number = 1;
            while given[at].is_none() {
                let key = if number == 1 { stem.clone() } else { format!("{stem}_{number}") };
                give(at, &price.child(VARIANT.collection, &key), &mut given);
                number += 1;
            }
        }
        given.into_iter().flatten().collect()
    }
}

fn name_of(variant: &wire::Price) -> Option<&str> {
    variant.metadata.as_ref()?.get("name")?.as_str()
}

fn put_instant(fields: &mut Fields, path: &'static str, text: Option<&str>) {
    let text = text.map(|text| instant::normalized(text).unwrap_or_else(|| text.to_owned()));
    put_text(fields, path, text.as_deref());
}

fn terms(offer: &wire::Offer) -> Fields {
    let mut fields = Fields::new();
    fields.insert("name".into(), offer.name.as_str().into());
    fields.insert("active".into(), offer.active.into());
    put_instant(&mut fields, "starts_at", offer.starts_at.as_deref());
    put_instant(&mut fields, "ends_at", offer.ends_at.as_deref());
    for (at, phase) in offer.phases.iter().enumerate() {
        let mut put = |name: &str, value: Value| {
            fields.insert(format!("phases.{}.{name}", at + 1).into(), value);
        };
        if let Some(days) = phase.duration_days {
            put("free_trial", days.into());
        }
        if let Some(percentage) = phase.percentage {
            put("percentage", Decimal::new(percentage, 2).into());
        }
        for (name, amounts) in [("amount_off", &phase.amounts), ("fixed_price", &phase.prices)] {
            for one in amounts {
                let Ok(currency) = one.currency.parse::<Currency>() else { continue };
                let path = format!("{name}.{}", one.currency.to_ascii_lowercase());
                put(&path, cents(one.amount, currency).into());
            }
        }
        if let Some(cycles) = phase.duration_cycles {
            put("cycles", cycles.into());
        }
        if let Some(interval) = &phase.duration_interval {
            put("interval", interval.as_str().into());
        }
    }
    metadata::flatten(&mut fields, offer.metadata.iter().flatten());
    fields
}
