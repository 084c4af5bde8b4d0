//! Snapshot → live resources under the addresses that the files and the ledger use. Pure.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::fields::FieldsOf;
use super::keys;
use super::matching::{self, LiveCharge};
use super::observe::{Scope, Snapshot};
use super::properties::{major, number};
use super::table::{
    ADD_ON, APPLIED_TAX, CHARGE, COMMITMENT, COUPON, ENTITLEMENT, FEATURE, METRIC, METRIC_FILTER, PLAN, TAX, THRESHOLD,
};
use super::wire::{self, Organization};
use crate::model::{Address, Currency, Fields, KindSpec, Live, LiveObject, Resource, Value};

/// The organization of requests without credentials (bxb-api.md §1).
const DEFAULT_ORGANIZATION: &str = "00000000-0000-0000-0000-000000000001";
/// Taxes cannot be applied in this organization.
pub(super) const NO_TAXES: &str = "taxes cannot be applied";

/// Gives every live object its address and its values in the words of the catalog.
pub(super) fn resolve(snapshot: &Snapshot, scope: &Scope<'_>) -> Live {
    let mut out = Resolver { live: Live::default(), scope, snapshot, taxable: BTreeMap::new() };
    for tax in &snapshot.taxes {
        out.tax(tax);
    }
    for metric in &snapshot.metrics {
        out.metric(metric);
    }
    for feature in &snapshot.features {
        out.feature(feature);
    }
    for plan in &snapshot.plans {
        out.plan(plan);
    }
    out.entitlements();
    for add_on in &snapshot.add_ons {
        out.add_on(add_on);
    }
    for coupon in &snapshot.coupons {
        out.coupon(coupon);
    }
    out.applied_taxes();
    let Organization { id, slug, .. } = &snapshot.organization;
    if id != DEFAULT_ORGANIZATION {
        out.live.facts.insert(NO_TAXES);
    }
    out.live.organization = Some(slug.as_ref().unwrap_or(id).clone());
    out.live
}

struct Resolver<'a> {
    live: Live,
    scope: &'a Scope<'a>,
    snapshot: &'a Snapshot,
    /// Plans and charges, by kind and id.
    taxable: BTreeMap<(&'static str, &'a str), Address>,
}

fn major_percent(fraction: Decimal) -> Decimal {
    fraction.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(Decimal::MAX)
}

fn exponent(currency: &str) -> u32 {
    currency.parse::<Currency>().map_or(2, Currency::exponent)
}

fn money(cents: &serde_json::Value, exponent: u32) -> Option<Decimal> {
    number(cents).map(|cents| major(cents, exponent).normalize())
}

impl<'a> Resolver<'a> {
    fn add(
        &mut self,
        address: Address,
        kind: &'static KindSpec,
        name: &str,
        currency: Option<&str>,
        fields: FieldsOf,
        id: &str,
    ) {
        let natural_key = address.key().to_owned();
        let currency = currency.and_then(|code| code.parse().ok());
        let resource = Resource { address: address.clone(), kind, name: name.to_owned(), currency, fields: fields.0 };
        let id = Some(id.to_owned());
        self.live.objects.insert(address, LiveObject { resource, id, natural_key, rank: 0, shown: None });
    }

    fn tax(&mut self, tax: &wire::Tax) {
        // A fraction there, a percentage here (§5).
        let rate = number(&tax.rate).map(|rate| major_percent(rate).normalize());
        let fields = FieldsOf::default()
            .put("name", tax.name.as_str())
            .maybe("rate", rate)
            .text("description", tax.description.as_deref())
            .text("category", tax.category.as_deref())
            .put("applied_to_organization", tax.applied_to_organization);
        self.add(Address::new("taxes", &tax.code), TAX, &tax.name, None, fields, &tax.id);
    }

    fn metric(&mut self, metric: &wire::Metric) {
        let address = Address::new("billable_metrics", &metric.code);
        let fields = FieldsOf::default()
            .put("name", metric.name.as_str())
            .text("description", metric.description.as_deref())
            .put("aggregation_type", metric.aggregation_type.as_str())
            .text("field_name", metric.field_name.as_deref())
            .put("recurring", metric.recurring)
            .text("rounding_function", metric.rounding_function.as_deref())
            .maybe("rounding_precision", metric.rounding_precision)
            .text("expression", metric.expression.as_deref());
        self.add(address.clone(), METRIC, &metric.name, None, fields, &metric.id);
        for filter in self.snapshot.filters.get(&metric.code).into_iter().flatten() {
            let values: Vec<String> = filter
                .values
                .iter()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            let mut fields = FieldsOf::default();
            if !values.is_empty() {
                fields = fields.put("values", super::desired::sorted(values.iter().map(String::as_str)));
            }
            self.add(address.child("filters", &filter.key), METRIC_FILTER, &filter.key, None, fields, &filter.id);
        }
    }

    fn feature(&mut self, feature: &wire::Feature) {
        let fields = FieldsOf::default()
            .put("name", feature.name.as_str())
            .text("description", feature.description.as_deref())
            .put("feature_type", feature.feature_type.as_str());
        self.add(Address::new("features", &feature.code), FEATURE, &feature.name, None, fields, &feature.id);
    }

    fn plan(&mut self, plan: &'a wire::Plan) {
        let address = Address::new("plans", &plan.code);
        // The server knows no currency's decimals: an amount is a number of minor units, and means what the currency
        // that the files want makes of it.
        let wanted = self.scope.desired.objects.get(&address);
        let wanted = wanted.and_then(|object| object.resource.fields.get("currency")).and_then(Value::text);
        let exponent = exponent(wanted.unwrap_or(&plan.currency));
        let currency = Some(plan.currency.as_str());
        let fields = FieldsOf::default()
            .put("name", plan.name.as_str())
            .text("description", plan.description.as_deref())
            .put("interval", plan.interval.as_str())
            .maybe("amount", money(&plan.amount_cents, exponent))
            .put("currency", plan.currency.as_str())
            .put("trial_period_days", plan.trial_period_days);
        self.add(address.clone(), PLAN, &plan.name, currency, fields, &plan.id);
        self.taxable.insert(("plan", &plan.id), address.clone());
        if let Some(count) = self.snapshot.subscriptions.get(&plan.id).filter(|count| **count > 0) {
            let noun = if *count == 1 { "subscription" } else { "subscriptions" };
            self.live.held.insert(
                address.clone(),
                format!(
                    "it has or had {count} {noun}, and the API never deletes such a plan. Put its block back into the files: it can be changed, and there is no archive"
                ),
            );
        }
        self.charges(plan, &address, exponent);
        self.commitments(plan, &address, exponent);
        self.thresholds(plan, &address, exponent);
    }

    fn charges(&mut self, plan: &'a wire::Plan, address: &Address, exponent: u32) {
        let snapshot = self.snapshot;
        let metrics: BTreeMap<&str, &wire::Metric> =
            snapshot.metrics.iter().map(|metric| (metric.id.as_str(), metric)).collect();
        let charges: Vec<LiveCharge<'_>> = plan
            .charges
            .iter()
            .map(|charge| {
                let metric = metrics.get(charge.billable_metric_id.as_str());
                let ids = metric.and_then(|metric| snapshot.filters.get(&metric.code)).map(|filters| {
                    filters.iter().map(|filter| (filter.key.as_str(), filter.id.as_str())).collect::<BTreeMap<_, _>>()
                });
                let code = metric.map_or(charge.billable_metric_id.as_str(), |metric| metric.code.as_str());
                matching::read(charge, code, ids.as_ref(), exponent)
            })
            .collect();
        let ours = |object: &Address| object.collection() == "charges" && object.parent().as_ref() == Some(address);
        // Addresses are sorted: what is inside a plan follows it.
        let desired = self.scope.desired.objects.range(address..).take_while(|(own, _)| own.is_within(address));
        let wanted: BTreeMap<&str, &Fields> =
            desired.filter(|(own, _)| ours(own)).map(|(own, object)| (own.key(), &object.resource.fields)).collect();
        let written = self.scope.ledger.objects.range(address..).take_while(|(own, _)| own.is_within(address));
        let known: BTreeSet<&str> = written.map(|(own, _)| own).filter(|own| ours(own)).map(Address::key).collect();
        let given = matching::keys(&charges, &wanted, &known);
        for (mut charge, key) in charges.into_iter().zip(given) {
            let own = address.child("charges", &key);
            // Every charge that Pricebook writes has its mark; one that is only remembered may have filters all the same.
            if charge.key.is_none() {
                self.live.hidden.insert(own.clone());
            }
            let had = charge.fields.keys().any(|path| path.starts_with("filters."));
            // Every write of the plan's charges gives them new ids (§6.2). Somebody else's write cannot have sent the
            // filters, because nothing shows them.
            let written = self.scope.ledger.id(&own);
            if had && written.is_some_and(|id| id != charge.wire.id) {
                charge.fields.retain(|path, _| !path.starts_with("filters."));
                self.live.remarks.push(format!(
                    "the charges of {address} were written outside, or by a run that was cut off: the filters of {own} are taken for lost, because the API shows no filters and nobody else can have kept them"
                ));
            }
            self.taxable.insert(("charge", &charge.wire.id), own.clone());
            self.add(own, CHARGE, &key, Some(&plan.currency), FieldsOf(charge.fields), &charge.wire.id);
        }
    }

    fn commitments(&mut self, plan: &wire::Plan, address: &Address, exponent: u32) {
        let snapshot = self.snapshot;
        let mut all = Vec::new();
        for commitment in snapshot.commitments.get(&plan.code).into_iter().flatten() {
            let fields = FieldsOf::default()
                .maybe("amount", money(&commitment.amount_cents, exponent))
                .text("invoice_display_name", commitment.invoice_display_name.as_deref());
            all.push((commitment.commitment_type.clone(), commitment.id.as_str(), fields));
        }
        self.known_by_content(address, "commitments", COMMITMENT, &plan.currency, all);
    }

    fn thresholds(&mut self, plan: &wire::Plan, address: &Address, exponent: u32) {
        let snapshot = self.snapshot;
        let mut all = Vec::new();
        for threshold in snapshot.thresholds.get(&plan.code).into_iter().flatten() {
            let Some(amount) = money(&threshold.amount_cents, exponent) else { continue };
            let fields = FieldsOf::default()
                .put("amount", amount)
                .put("currency", threshold.currency.as_str())
                .put("recurring", threshold.recurring)
                .text("threshold_display_name", threshold.threshold_display_name.as_deref());
            all.push((keys::threshold(amount), threshold.id.as_str(), fields));
        }
        self.known_by_content(address, "usage_thresholds", THRESHOLD, &plan.currency, all);
    }

    /// Several may have one key (§6.3, §6.4). The one that was written has it, else the one that is most like what
    /// the files want; the others are named beside it.
    fn known_by_content(
        &mut self,
        plan: &Address,
        collection: &str,
        kind: &'static KindSpec,
        currency: &str,
        mut all: Vec<(String, &str, FieldsOf)>,
    ) {
        let scope = self.scope;
        all.sort_by_cached_key(|(key, id, fields)| {
            let own = plan.child(collection, if key.is_empty() { UNNAMED } else { key });
            let wanted = scope.desired.objects.get(&own).map(|object| &object.resource.fields);
            let different = wanted.map_or(0, |wanted| {
                fields.0.iter().filter(|(path, value)| wanted.get(path) != Some(*value)).count()
                    + wanted.keys().filter(|path| !fields.0.contains_key(path)).count()
            });
            (scope.ledger.id(&own) != Some(*id), different, (*id).to_owned())
        });
        for (key, id, fields) in all {
            let address = free(&self.live, plan, collection, &key);
            let name = address.key().to_owned();
            self.add(address, kind, &name, Some(currency), fields, id);
        }
    }

    fn entitlements(&mut self) {
        let snapshot = self.snapshot;
        let features: BTreeMap<&str, &str> =
            snapshot.features.iter().map(|feature| (feature.id.as_str(), feature.code.as_str())).collect();
        for entitlement in &snapshot.entitlements {
            let Some(plan) = self.taxable.get(&("plan", entitlement.plan_id.as_str())) else { continue };
            let Some(feature) = features.get(entitlement.feature_id.as_str()) else { continue };
            let fields = FieldsOf::default().put("value", entitlement.value.as_str());
            self.add(plan.child("entitlements", feature), ENTITLEMENT, feature, None, fields, &entitlement.id);
        }
    }

    fn add_on(&mut self, add_on: &wire::AddOn) {
        let address = Address::new("add_ons", &add_on.code);
        let wanted = self.scope.desired.objects.get(&address);
        let wanted = wanted.and_then(|object| object.resource.fields.get("currency")).and_then(Value::text);
        let exponent = exponent(wanted.unwrap_or(&add_on.amount_currency));
        let fields = FieldsOf::default()
            .put("name", add_on.name.as_str())
            .text("description", add_on.description.as_deref())
            .maybe("amount", money(&add_on.amount_cents, exponent))
            .put("currency", add_on.amount_currency.as_str())
            .text("invoice_display_name", add_on.invoice_display_name.as_deref());
        if let Some(count) = self.snapshot.applications.get(&add_on.id).filter(|count| **count > 0) {
            let noun = if *count == 1 { "customer" } else { "customers" };
            self.live.held.insert(
                address.clone(),
                format!("it was applied to {count} {noun}, and the API never deletes such an add-on. Put its block back into the files"),
            );
        }
        self.add(address, ADD_ON, &add_on.name, Some(&add_on.amount_currency), fields, &add_on.id);
    }

    /// A terminated coupon is as good as deleted (§6.8), but its code is taken: where the files want it, it is one
    /// that must be made active again.
    fn coupon(&mut self, coupon: &wire::Coupon) {
        let address = Address::new("coupons", &coupon.code);
        if coupon.status == "terminated" && !self.scope.desired.objects.contains_key(&address) {
            return;
        }
        let currency = coupon.amount_cents.as_ref().and(coupon.amount_currency.as_deref());
        let exponent = exponent(currency.unwrap_or("USD"));
        let fields = FieldsOf::default()
            .put("name", coupon.name.as_str())
            .text("description", coupon.description.as_deref())
            .put("coupon_type", coupon.coupon_type.as_str())
            .maybe("amount", coupon.amount_cents.as_ref().and_then(|cents| money(cents, exponent)))
            .text("currency", currency)
            .maybe("rate", coupon.percentage_rate.as_ref().and_then(number).map(|rate| rate.normalize()))
            .put("frequency", coupon.frequency.as_str())
            .maybe("duration", coupon.frequency_duration)
            .put("reusable", coupon.reusable)
            .put("expiration", coupon.expiration.as_str())
            .maybe(
                "expiration_at",
                coupon
                    .expiration_at
                    .as_deref()
                    .map(|at| Value::from(crate::provider::instant::normalized(at).unwrap_or_else(|| at.to_owned()))),
            )
            .put("status", coupon.status.as_str());
        self.add(address, COUPON, &coupon.name, currency, fields, &coupon.id);
    }

    /// Taxes on plans and charges. What else a tax is applied to decides whether it can go (§6.9, §9).
    fn applied_taxes(&mut self) {
        let snapshot = self.snapshot;
        let taxes: BTreeMap<&str, &str> =
            snapshot.taxes.iter().map(|tax| (tax.id.as_str(), tax.code.as_str())).collect();
        let mut ids: BTreeMap<(&str, &wire::Entity), &str> = BTreeMap::new();
        let entities: Vec<wire::Entity> = snapshot
            .applied
            .iter()
            .map(|row| wire::Entity { taxable_type: row.taxable_type.clone(), taxable_id: row.taxable_id.clone() })
            .collect();
        for (row, entity) in snapshot.applied.iter().zip(&entities) {
            ids.insert((row.tax_id.as_str(), entity), row.id.as_str());
        }
        for (tax_id, entities) in &snapshot.entities {
            let Some(code) = taxes.get(tax_id.as_str()) else { continue };
            let tax = Address::new("taxes", code);
            let mut elsewhere: BTreeSet<String> = BTreeSet::new();
            for entity in entities {
                let kind = ["plan", "charge"].into_iter().find(|kind| *kind == entity.taxable_type);
                let owner = kind.and_then(|kind| self.taxable.get(&(kind, entity.taxable_id.as_str()))).cloned();
                let id = ids.get(&(tax_id.as_str(), entity)).copied();
                match (owner, kind, id) {
                    (Some(owner), _, Some(id)) if self.manages(&owner) => {
                        let fields = FieldsOf::default();
                        self.add(owner.child("taxes", code), APPLIED_TAX, code, None, fields, id);
                    }
                    (Some(owner), ..) => {
                        elsewhere.insert(format!("{owner}, which is not managed here"));
                    }
                    // What it was applied to is gone; the row stays and would keep the tax (§6.9). Where the tax
                    // stays, only rows of ours were looked up.
                    (None, Some(_), Some(id)) => {
                        self.add(tax.child("applied", id), APPLIED_TAX, code, None, FieldsOf::default(), id);
                    }
                    (None, Some(_), _) => {}
                    (None, None, _) => {
                        elsewhere.insert(format!("at least one {}", entity.taxable_type));
                    }
                }
            }
            if !elsewhere.is_empty() {
                let elsewhere: Vec<String> = elsewhere.into_iter().collect();
                self.live.held.insert(
                    tax,
                    format!("it is applied to {}, and the API deletes no tax that is applied. Take it off there first, or put its block back into the files", elsewhere.join(" and ")),
                );
            }
        }
    }

    fn manages(&self, address: &Address) -> bool {
        self.scope.holds("plans", address.root().key())
    }
}

/// The key of what has an empty one.
const UNNAMED: &str = "unnamed";

/// The address under this key, or the next one that is free: the API lets equal ones stand side by side (§6.3, §6.4).
fn free(live: &Live, plan: &Address, collection: &str, key: &str) -> Address {
    let stem = if key.is_empty() { UNNAMED } else { key };
    let mut address = plan.child(collection, stem);
    let mut number = 2;
    while live.objects.contains_key(&address) {
        address = plan.child(collection, &format!("{stem}_{number}"));
        number += 1;
    }
    address
}
