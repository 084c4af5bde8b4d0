//! Snapshot → live resources under the addresses that the files and the ledger use. Pure.

mod sales;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::ledger::Ledger;
use crate::model::{Address, Currency, Desired, FieldKind, Fields, KindSpec, Live, LiveObject, Resource, Value};
use crate::provider::ObserveError;
use crate::provider::commet::desired::derived;
use crate::provider::commet::identity::{Candidate, Naming, addresses, renamed};
use crate::provider::commet::metadata;
use crate::provider::commet::observe::Snapshot;
use crate::provider::commet::table::{ADDON, FEATURE, GROUP, OFFER, PLAN, PLAN_FEATURE, PRICE, REGION};
use crate::provider::commet::wire;

/// Gives every live object its address and its values in the words of the catalog.
pub(super) fn resolve(mut snapshot: Snapshot, desired: &Desired, ledger: &Ledger) -> Result<Live, ObserveError> {
    let mut out = Resolver { live: Live::default(), ledger };
    // After `previously: old` the live object stands under its new address, so that the difference shows as a
    // changed code and not as one object gone and another come.
    let codes = snapshot.features.iter().map(|feature| feature.code.as_str()).collect();
    let renamed_features = renamed(desired, "features", &codes);
    let codes = snapshot.plans.iter().map(|plan| plan.code.as_str()).collect();
    let renamed_plans = renamed(desired, "plans", &codes);
    let address = |renames: &BTreeMap<String, Address>, collection, code: &str| {
        renames.get(code).cloned().unwrap_or_else(|| Address::new(collection, code))
    };
    for feature in &snapshot.features {
        out.feature(feature, address(&renamed_features, "features", &feature.code));
    }
    let members = members(&snapshot.plans, &renamed_plans);
    let plans = std::mem::take(&mut snapshot.plans);
    let price_ids = snapshot.price_ids.iter().map(|plan| (plan.code.as_str(), plan.prices.as_slice())).collect();
    let named = snapshot.markets.iter().map(|market| (market.id.as_str(), market.name.as_str()));
    let markets = sales::keys("markets", named, desired, ledger)?;
    // What a plan took in the answer serves the next one's resources.
    for plan in plans {
        let address = address(&renamed_plans, "plans", &plan.code);
        out.plan(&plan, address.clone(), &price_ids, &markets);
        out.variants(&address, &plan, desired, &markets);
    }
    out.sales(&snapshot, desired, &markets)?;
    out.say_attached(desired);
    let groups: Vec<Candidate<'_>> =
        snapshot.groups.iter().map(|group| Candidate { id: &group.id, natural: &group.name }).collect();
    let naming = Naming { collection: "groups", field: "name", unique: false };
    for (group, address) in snapshot.groups.iter().zip(addresses(&naming, &groups, desired, ledger)?) {
        out.group(group, address, members.get(&group.id));
    }
    let addons: Vec<Candidate<'_>> =
        snapshot.addons.iter().map(|addon| Candidate { id: &addon.id, natural: &addon.feature_code }).collect();
    let naming = Naming { collection: "addons", field: "feature", unique: true };
    for (addon, address) in snapshot.addons.iter().zip(addresses(&naming, &addons, desired, ledger)?) {
        out.addon(addon, address);
    }
    if let Some(why) = &snapshot.price_ids_missing {
        out.live.remarks.push(format!("price ids could not be read, the ledger's are used: {why}"));
    }
    align(&mut out.live, desired);
    Ok(out.live)
}

/// The keys of each group's plans in their order there, by the group's id.
fn members(plans: &[wire::Plan], renamed: &BTreeMap<String, Address>) -> HashMap<String, Vec<Value>> {
    let mut members: HashMap<&str, Vec<&wire::Plan>> = HashMap::new();
    for plan in plans {
        if let Some(group) = &plan.plan_group_id {
            members.entry(group).or_default().push(plan);
        }
    }
    // By the keys under which the plans stand here: a group does not change because `previously` was written.
    let key = |plan: &&wire::Plan| renamed.get(&plan.code).map_or(plan.code.as_str(), Address::key).into();
    let ordered = members.into_iter().map(|(group, mut plans)| {
        plans.sort_by_key(|plan| (plan.sort_order, &plan.id));
        (group.to_owned(), plans.iter().map(key).collect())
    });
    ordered.collect()
}

/// Ids of prices by their plan's code, where another version of the API had to be asked for them.
type PriceIds<'a> = HashMap<&'a str, &'a [wire::PriceId]>;

struct Resolver<'a> {
    live: Live,
    ledger: &'a Ledger,
}

impl Resolver<'_> {
    fn add(&mut self, mut resource: Resource, id: Option<&str>, natural_key: &str, rank: i64) {
        resource.fields.settle();
        let natural_key = if resource.address.is_root() { natural_key.to_owned() } else { String::new() };
        let object = LiveObject { id: id.map(str::to_owned), natural_key, rank, resource, shown: None };
        self.live.objects.insert(object.resource.address.clone(), object);
    }

    /// Prices that the files name and that give an offer by themselves.
    fn say_attached(&mut self, desired: &Desired) {
        let named = |address: &&Address| desired.whole || desired.objects.contains_key(address);
        let said = |(address, id): (&Address, &String)| {
            let offer = offer_named(&self.live, id);
            format!(
                "{address} gives {offer} to new customers: it was attached in the dashboard, and no call of the API changes that"
            )
        };
        let remarks: Vec<String> = self.live.attached.iter().filter(|(address, _)| named(address)).map(said).collect();
        self.live.remarks.extend(remarks);
    }

    fn livemode(&mut self, livemode: Option<bool>) {
        if self.live.livemode.is_none() {
            self.live.livemode = livemode;
        }
    }

    fn feature(&mut self, feature: &wire::Feature, address: Address) {
        let mut fields = Fields::new();
        fields.insert("name".into(), feature.name.as_str().into());
        fields.insert("type".into(), feature.feature_type.as_str().into());
        put_text(&mut fields, "description", feature.description.as_deref());
        put_text(&mut fields, "unit_name", feature.unit_name.as_deref());
        put_code(&mut fields, &address, &feature.code);
        self.livemode(feature.livemode);
        self.add(resource(address, FEATURE, &feature.name, None, fields), Some(&feature.id), &feature.code, 0);
    }

    fn plan(&mut self, plan: &wire::Plan, address: Address, price_ids: &PriceIds<'_>, markets: &sales::Keys) {
        let mut fields = Fields::new();
        fields.insert("name".into(), plan.name.as_str().into());
        put_text(&mut fields, "description", plan.description.as_deref());
        put_text(&mut fields, "consumption_model", plan.consumption_model.as_deref());
        fields.insert("public".into(), plan.is_public.into());
        fields.insert("free".into(), plan.is_free.into());
        fields.insert("block_on_exhaustion".into(), plan.block_on_exhaustion.unwrap_or(false).into());
        if let Some(metadata) = &plan.metadata {
            metadata::flatten(&mut fields, metadata);
        }
        let default = plan.prices.iter().flatten().find(|price| price.is_default);
        put_text(&mut fields, "default_price", default.map(|price| price.billing_interval.as_str()));
        put_code(&mut fields, &address, &plan.code);
        self.livemode(plan.livemode);
        self.add(
            resource(address.clone(), PLAN, &plan.name, None, fields),
            Some(&plan.id),
            &plan.code,
            plan.sort_order,
        );

        for price in plan.prices.iter().flatten().filter(|price| price.inherits_from_price_id.is_none()) {
            self.price(&address, plan, price, price_ids, markets);
        }
        for feature in plan.features.iter().flatten() {
            self.plan_feature(&address, feature);
        }
        self.regions(&address, plan);
    }

    fn price(
        &mut self,
        plan: &Address,
        owner: &wire::Plan,
        price: &wire::Price,
        price_ids: &PriceIds<'_>,
        markets: &sales::Keys,
    ) {
        let address = plan.child("prices", &price.billing_interval);
        if self.live.objects.contains_key(&address) {
            let remark =
                format!("{plan} has more than one {} price; Pricebook looks at the first", price.billing_interval);
            self.live.remarks.push(remark);
            return;
        }
        let mut fields = Fields::new();
        fields.insert("amount".into(), cents(price.price, Currency::USD).into());
        fields.insert("trial_days".into(), price.trial_days.into());
        if let Some(balance) = price.included_balance {
            fields.insert("included_balance".into(), cents(balance, Currency::USD).into());
        }
        if let Some(credits) = price.included_credits {
            fields.insert("included_credits".into(), credits.into());
        }
        if let Some(offer) = price.intro_offer.as_ref().filter(|offer| offer.enabled) {
            let value = offer.discount_value.unwrap_or(0);
            match offer.discount_type.as_deref() {
                Some("amount") => fields.insert("intro_offer.amount".into(), cents(value, Currency::USD).into()),
                _ => fields.insert("intro_offer.percentage".into(), Decimal::new(value, 2).into()),
            };
            fields.insert("intro_offer.cycles".into(), offer.duration_cycles.unwrap_or(0).into());
        }
        sales::market_prices(&mut fields, &price.market_prices, markets);
        metadata::flatten(&mut fields, price.metadata.iter().flatten());
        if let Some(offer) = &price.offer_id {
            self.live.attached.insert(address.clone(), offer.clone());
        }
        let known = price
            .id
            .as_deref()
            .or_else(|| id_of(price_ids.get(owner.code.as_str())?, &price.billing_interval))
            .or_else(|| if price_ids.is_empty() { self.ledger.id(&address) } else { None })
            .map(str::to_owned);
        let name = price.billing_interval.clone();
        self.add(resource(address, PRICE, &name, Some(Currency::USD), fields), known.as_deref(), &name, 0);
    }

    fn plan_feature(&mut self, plan: &Address, feature: &wire::PlanFeature) {
        let mut fields = Fields::new();
        fields.insert("enabled".into(), feature.enabled.into());
        fields.insert("included_amount".into(), feature.included_amount.unwrap_or(0).into());
        fields.insert("unlimited".into(), feature.unlimited.into());
        if let Some(overage) = feature.overage.as_ref().filter(|overage| overage.enabled) {
            fields.insert("overage".into(), Decimal::new(overage.unit_price.unwrap_or(0), 4).into());
        }
        let address = plan.child("features", &feature.code);
        self.add(resource(address, PLAN_FEATURE, &feature.code, Some(Currency::USD), fields), None, &feature.code, 0);
    }

    fn regions(&mut self, plan: &Address, owner: &wire::Plan) {
        let mut regions: BTreeMap<String, Fields> = BTreeMap::new();
        let value =
            |number: Decimal, derived: bool| if derived { Value::Derived(number) } else { Value::Decimal(number) };
        for rate in &owner.exchange_rates {
            let fields = regions.entry(rate.currency.to_ascii_lowercase()).or_default();
            fields.insert("exchange_rate".into(), rate.exchange_rate.0.into());
        }
        for price in owner.prices.iter().flatten().filter(|price| price.inherits_from_price_id.is_none()) {
            for row in &price.regional_prices {
                let Ok(currency) = row.currency.parse::<Currency>() else { continue };
                let fields = regions.entry(row.currency.to_ascii_lowercase()).or_default();
                let path = format!("prices.{}", price.billing_interval);
                fields.insert(format!("{path}.amount").into(), value(cents(row.price, currency), row.auto_synced));
                if let Some(balance) = row.included_balance {
                    let number = value(cents(balance, currency), row.auto_synced);
                    fields.insert(format!("{path}.included_balance").into(), number);
                }
            }
        }
        for feature in owner.features.iter().flatten() {
            for row in &feature.regional_prices {
                let Some(price) = row.overage_unit_price else { continue };
                let fields = regions.entry(row.currency.to_ascii_lowercase()).or_default();
                let number = value(Decimal::new(price, 4), row.auto_synced);
                fields.insert(format!("features.{}.overage", feature.code).into(), number);
            }
        }
        for (code, fields) in regions {
            let Ok(currency) = code.parse::<Currency>() else {
                self.live.remarks.push(format!("{plan} has prices in `{code}`, which is no currency known here"));
                continue;
            };
            let address = plan.child("regions", &code);
            self.add(resource(address, REGION, currency.code(), Some(currency), fields), None, &code, 0);
        }
    }

    fn group(&mut self, group: &wire::Group, address: Address, members: Option<&Vec<Value>>) {
        let mut fields = Fields::new();
        fields.insert("name".into(), group.name.as_str().into());
        put_text(&mut fields, "description", group.description.as_deref());
        fields.insert("public".into(), group.is_public.into());
        if let Some(members) = members {
            fields.insert("plans".into(), Value::List(members.as_slice().into()));
        }
        self.livemode(group.livemode);
        self.add(resource(address, GROUP, &group.name, None, fields), Some(&group.id), &group.name, 0);
    }

    fn addon(&mut self, addon: &wire::Addon, address: Address) {
        let mut fields = Fields::new();
        fields.insert("name".into(), addon.name.as_str().into());
        put_text(&mut fields, "description", addon.description.as_deref());
        fields.insert("feature".into(), addon.feature_code.as_str().into());
        fields.insert("consumption_model".into(), addon.consumption_model.as_str().into());
        fields.insert("base_price".into(), cents(addon.base_price, Currency::USD).into());
        if let Some(units) = addon.included_units {
            fields.insert("included_units".into(), units.into());
        }
        if let Some(rate) = addon.overage_rate {
            fields.insert("overage_rate".into(), Decimal::new(rate, 4).into());
        }
        if let Some(cost) = addon.credit_cost {
            fields.insert("credit_cost".into(), cost.into());
        }
        self.livemode(addon.livemode);
        let resource = resource(address, ADDON, &addon.name, Some(Currency::USD), fields);
        self.add(resource, Some(&addon.id), &addon.feature_code, 0);
    }
}

fn resource(
    address: Address,
    kind: &'static KindSpec,
    name: &str,
    currency: Option<Currency>,
    fields: Fields,
) -> Resource {
    Resource { address, kind, name: name.to_owned(), currency, fields }
}

/// Of two prices of one interval the last one, as in a map of them.
fn id_of<'a>(prices: &'a [wire::PriceId], interval: &str) -> Option<&'a str> {
    let own = |price: &&wire::PriceId| price.inherits_from_price_id.is_none() && price.billing_interval == interval;
    prices.iter().rfind(own).map(|price| price.id.as_str())
}

fn put_text(fields: &mut Fields, path: &'static str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        fields.insert(path.into(), text.into());
    }
}

/// The code is a field only where it differs from the address, that is after `previously:`.
fn put_code(fields: &mut Fields, address: &Address, code: &str) {
    if address.key() != code {
        fields.insert("code".into(), code.into());
    }
}

/// Minor units → major units.
fn cents(minor: i64, currency: Currency) -> Decimal {
    Decimal::new(minor, currency.exponent())
}

/// What an offer is called here: its address where it was read, else its id.
pub(super) fn offer_named(live: &Live, id: &str) -> String {
    let its = |object: &&LiveObject| object.resource.kind == OFFER && object.id.as_deref() == Some(id);
    live.objects.values().find(its).map_or_else(|| id.to_owned(), |offer| offer.resource.address.to_string())
}

/// Brings live regions into a form that can be compared: what cannot be told apart is made equal, what no call
/// can remove is left out and mentioned.
pub(super) fn align(live: &mut Live, desired: &Desired) {
    let regions: Vec<Address> = live
        .objects
        .values()
        .filter(|object| object.resource.kind == REGION)
        .map(|o| o.resource.address.clone())
        .collect();
    for address in regions {
        let Some(plan) = address.parent() else { continue };
        if !desired.objects.contains_key(&plan) {
            continue;
        }
        let has_prices = live
            .objects
            .get(&address)
            .is_some_and(|object| object.resource.fields.keys().any(|path| path.starts_with("prices.")));
        let wanted = desired.objects.get(&address);
        // No call removes an exchange rate or a feature's regional value (commet-api.md §3.5): a currency
        // without a price is one that was removed as far as it can be.
        let prices_wanted = wanted.is_some_and(|w| w.resource.fields.keys().any(|path| path.starts_with("prices.")));
        if !has_prices && (wanted.is_none() || prices_wanted) {
            live.objects.remove(&address);
            if wanted.is_none() {
                live.remarks.push(format!(
                    "{plan} keeps its exchange rate for {}: the API cannot remove it. No price in that currency is left",
                    address.key().to_ascii_uppercase()
                ));
            }
            continue;
        }
        let Some(wanted) = wanted else { continue };
        let base = |interval: &str| {
            let price = live.objects.get(&plan.child("prices", interval))?;
            price.resource.fields.get("included_balance").and_then(Value::number)
        };
        let mut changes: Vec<(String, Option<Value>)> = Vec::new();
        let Some(object) = live.objects.get(&address) else { continue };
        let fields = &object.resource.fields;
        let rate = fields.get("exchange_rate").and_then(Value::number);
        let by_hand = |interval: &str| {
            matches!(fields.get(format!("prices.{interval}.amount").as_str()), Some(Value::Decimal(_)))
        };
        // A price set by hand whose balance was not: the API may answer nothing or the derived number.
        for path in wanted.resource.fields.keys().chain(fields.keys()) {
            let Some(interval) = path.strip_prefix("prices.").and_then(|rest| rest.strip_suffix(".included_balance"))
            else {
                continue;
            };
            let own = wanted.resource.fields.get(path);
            if !by_hand(interval) || !matches!(own, None | Some(Value::Derived(_))) {
                continue;
            }
            let expected = base(interval)
                .zip(rate)
                .zip(object.resource.currency)
                .map(|((base, rate), currency)| derived(base, rate, FieldKind::Money, currency));
            match (fields.get(path).and_then(Value::number), own) {
                (None, Some(own)) => changes.push((path.to_string(), Some(own.clone()))),
                (None, None) => {}
                (found, _) if found == expected => changes.push((path.to_string(), expected.map(Value::Derived))),
                _ => {}
            }
        }
        for path in fields.keys() {
            // Overage is off: what stands in the region's row has no meaning, and no call removes it.
            if path.starts_with("features.") && !wanted.resource.fields.contains_key(path) {
                changes.push((path.to_string(), None));
            }
        }
        if let Some(object) = live.objects.get_mut(&address).filter(|_| !changes.is_empty()) {
            object.shown = Some(object.resource.fields.clone());
            for (path, value) in changes {
                match value {
                    Some(value) => object.resource.fields.insert(path.into(), value),
                    None => object.resource.fields.remove(path.as_str()),
                };
            }
        }
    }
}
