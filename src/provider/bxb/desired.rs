//! The checked catalog → what should exist.

use super::catalog::{self, Catalog, Charge, Expiration, Range};
use super::fields::FieldsOf;
use super::keys;
use super::properties::says_nothing;
use super::table::{
    ADD_ON, APPLIED_TAX, CHARGE, COMMITMENT, COUPON, ENTITLEMENT, FEATURE, METRIC, METRIC_FILTER, PLAN, TAX, THRESHOLD,
};
use crate::model::{
    Absence, Address, Currency, Desired, DesiredObject, Directives, Fields, KindSpec, PriceChanges, Resource,
    SourceRef, Value, path_segment,
};
use crate::provider::instant;

/// Turns a checked catalog into what should exist. `locate` says where an address stands in the files.
pub(super) fn desired(catalog: &Catalog, locate: &dyn Fn(&[&str]) -> Option<SourceRef>) -> Desired {
    let mut out = Builder { desired: Desired::default(), locate };
    for (code, tax) in &catalog.taxes {
        out.tax(code, tax);
    }
    for (code, metric) in &catalog.billable_metrics {
        out.metric(code, metric);
    }
    for (code, feature) in &catalog.features {
        out.feature(code, feature);
    }
    for (code, plan) in &catalog.plans {
        out.plan(code, plan, catalog);
    }
    for (code, add_on) in &catalog.add_ons {
        out.add_on(code, add_on, catalog);
    }
    for (code, coupon) in &catalog.coupons {
        out.coupon(code, coupon);
    }
    for (collection, codes) in absent(&catalog.absent) {
        for code in codes {
            let source = locate(&["absent", collection]);
            out.desired.absent.push(Absence { collection, key: code.clone(), source });
        }
    }
    out.desired
}

/// The lists of `absent:`, by collection.
pub(super) fn absent(absent: &catalog::Absent) -> [(&'static str, &[String]); 6] {
    [
        ("taxes", &absent.taxes),
        ("billable_metrics", &absent.billable_metrics),
        ("features", &absent.features),
        ("plans", &absent.plans),
        ("add_ons", &absent.add_ons),
        ("coupons", &absent.coupons),
    ]
}

struct Builder<'a> {
    desired: Desired,
    locate: &'a dyn Fn(&[&str]) -> Option<SourceRef>,
}

fn count(number: u64) -> Value {
    // The rules refuse what does not fit.
    Value::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Values have no order: the same ones are the same list.
pub(super) fn sorted<'v>(values: impl IntoIterator<Item = &'v str>) -> Value {
    let mut values: Vec<&str> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    Value::List(values.into_iter().map(Value::from).collect())
}

/// What a charge says, as fields.
fn charge_fields(charge: &Charge) -> Fields {
    let mut fields = FieldsOf::default()
        .put("billable_metric", charge.billable_metric.as_str())
        .put("charge_model", charge.charge_model.word());
    let own = charge.properties();
    for (name, value) in own.simple {
        if !says_nothing(name, &value) {
            fields = fields.put(name, value);
        }
    }
    ranges(&mut fields.0, "", charge.charge_model, own.ranges);
    for (key, values) in charge.filters.iter().filter(|(_, values)| !values.is_empty()) {
        let filter = format!("filters.{}", path_segment(key));
        fields = fields.put(filter.clone(), sorted(values.keys().map(String::as_str)));
        for (value, other) in values {
            let prefix = format!("{filter}.{}.", path_segment(value));
            let own = other.properties();
            for (name, value) in own.simple {
                fields = fields.put(format!("{prefix}{name}"), value);
            }
            ranges(&mut fields.0, &prefix, charge.charge_model, own.ranges);
            if let Some(name) = other.invoice_display_name.as_deref().filter(|name| !name.is_empty()) {
                fields = fields.put(format!("{prefix}invoice_display_name"), name);
            }
        }
    }
    fields.0
}

fn ranges(fields: &mut Fields, prefix: &str, model: catalog::ChargeModel, ranges: Option<&[Range]>) {
    for (at, range) in ranges.into_iter().flatten().enumerate() {
        let mut put = |name: &str, value: Value| {
            fields.insert(format!("{prefix}ranges.{}.{name}", at + 1).into(), value);
        };
        if let Some(up_to) = range.up_to {
            put("up_to", count(up_to));
        }
        if model.takes_rates() {
            put("rate", Value::Decimal(range.rate.map(|rate| rate.decimal()).unwrap_or_default()));
        } else {
            put("per_unit", Value::Decimal(range.per_unit.map(|price| price.decimal()).unwrap_or_default()));
        }
        if let Some(flat) = range.flat.map(|flat| flat.decimal()).filter(|flat| !flat.is_zero()) {
            put("flat", Value::Decimal(flat));
        }
    }
}

/// One object on its way in.
struct Part<'n> {
    address: Address,
    kind: &'static KindSpec,
    name: &'n str,
    currency: Option<Currency>,
    fields: FieldsOf,
    needs: Vec<Address>,
}

impl Builder<'_> {
    fn add(&mut self, part: Part<'_>, directives: Directives) {
        let Part { address, kind, name, currency, fields, needs } = part;
        let path: Vec<&str> = address.segments().collect();
        let source = (self.locate)(&path);
        let resource = Resource { address: address.clone(), kind, name: name.to_owned(), currency, fields: fields.0 };
        self.desired.objects.insert(address, DesiredObject { resource, source, directives, needs, moot: &[] });
    }

    fn tax(&mut self, code: &str, tax: &catalog::Tax) {
        let fields = FieldsOf::default()
            .put("name", tax.name.as_str())
            .put("rate", tax.rate.decimal())
            .text("description", tax.description.as_deref())
            .text("category", tax.category.as_deref())
            .put("applied_to_organization", tax.applied_to_organization);
        let address = Address::new("taxes", code);
        let directives = Directives { protect: tax.protect, ignore: tax.ignore.clone(), ..Directives::default() };
        self.add(Part { address, kind: TAX, name: &tax.name, currency: None, fields, needs: Vec::new() }, directives);
    }

    fn metric(&mut self, code: &str, metric: &catalog::Metric) {
        let fields = FieldsOf::default()
            .put("name", metric.name.as_str())
            .text("description", metric.description.as_deref())
            .put("aggregation_type", metric.aggregation_type.word())
            .text("field_name", metric.field_name.as_deref())
            .put("recurring", metric.recurring)
            .maybe("rounding_function", metric.rounding_function.map(|function| function.word()))
            .maybe("rounding_precision", metric.rounding_precision.map(count))
            .text("expression", metric.expression.as_deref());
        let address = Address::new("billable_metrics", code);
        let directives = Directives {
            protect: metric.protect,
            ignore: metric.ignore.clone(),
            replace: metric.replace,
            ..Directives::default()
        };
        let part = Part {
            address: address.clone(),
            kind: METRIC,
            name: &metric.name,
            currency: None,
            fields,
            needs: Vec::new(),
        };
        self.add(part, directives);
        for (key, values) in &metric.filters {
            let mut fields = FieldsOf::default();
            if !values.is_empty() {
                fields = fields.put("values", sorted(values.iter().map(String::as_str)));
            }
            let needs = vec![address.clone()];
            let address = address.child("filters", key);
            self.add(
                Part { address, kind: METRIC_FILTER, name: key, currency: None, fields, needs },
                // There is no update: other values make another filter (bxb-api.md §6.1).
                Directives { replace: true, ..Directives::default() },
            );
        }
    }

    fn feature(&mut self, code: &str, feature: &catalog::Feature) {
        let fields = FieldsOf::default()
            .put("name", feature.name.as_str())
            .text("description", feature.description.as_deref())
            .put("feature_type", feature.feature_type.word());
        let address = Address::new("features", code);
        let directives = Directives {
            protect: feature.protect,
            ignore: feature.ignore.clone(),
            replace: feature.replace,
            ..Directives::default()
        };
        self.add(
            Part { address, kind: FEATURE, name: &feature.name, currency: None, fields, needs: Vec::new() },
            directives,
        );
    }

    fn plan(&mut self, code: &str, plan: &catalog::Plan, catalog: &Catalog) {
        let address = Address::new("plans", code);
        let currency = plan.currency.parse::<Currency>().ok();
        let decision = plan.price_changes.or(catalog.price_changes).map(PriceChanges::from);
        let fields = FieldsOf::default()
            .put("name", plan.name.as_str())
            .text("description", plan.description.as_deref())
            .put("interval", plan.interval.word())
            .put("amount", plan.amount.decimal())
            .put("currency", plan.currency.as_str())
            .put("trial_period_days", count(plan.trial_period_days));
        let directives = Directives {
            protect: plan.protect,
            ignore: plan.ignore.clone(),
            replace: plan.replace,
            price_changes: decision,
            ..Directives::default()
        };
        let part = Part { address: address.clone(), kind: PLAN, name: &plan.name, currency, fields, needs: Vec::new() };
        self.add(part, directives);

        let child = || Directives { price_changes: decision, ..Directives::default() };
        self.taxes(&address, &plan.taxes);
        for (key, charge) in &plan.charges {
            let metric = Address::new("billable_metrics", &charge.billable_metric);
            let mut needs = vec![address.clone(), metric.clone()];
            needs.extend(charge.filters.keys().map(|filter| metric.child("filters", filter)));
            let own = address.child("charges", key);
            let fields = FieldsOf(charge_fields(charge));
            self.add(Part { address: own.clone(), kind: CHARGE, name: key, currency, fields, needs }, child());
            self.taxes(&own, &charge.taxes);
        }
        for (feature, value) in &plan.entitlements {
            let fields = FieldsOf::default().put("value", value.0.as_str());
            let needs = vec![address.clone(), Address::new("features", feature)];
            let address = address.child("entitlements", feature);
            self.add(Part { address, kind: ENTITLEMENT, name: feature, currency: None, fields, needs }, child());
        }
        for commitment in &plan.commitments {
            let key = commitment.commitment_type.word();
            let fields = FieldsOf::default()
                .put("amount", commitment.amount.decimal())
                .text("invoice_display_name", commitment.invoice_display_name.as_deref());
            let needs = vec![address.clone()];
            let address = address.child("commitments", key);
            self.add(Part { address, kind: COMMITMENT, name: key, currency, fields, needs }, child());
        }
        for threshold in &plan.usage_thresholds {
            let key = keys::threshold(threshold.amount.decimal());
            let fields = FieldsOf::default()
                .put("amount", threshold.amount.decimal())
                .put("currency", plan.currency.as_str())
                .put("recurring", threshold.recurring)
                .text("threshold_display_name", threshold.threshold_display_name.as_deref());
            let needs = vec![address.clone()];
            let address = address.child("usage_thresholds", &key);
            let directives = Directives { replace: true, ..child() };
            self.add(Part { address, kind: THRESHOLD, name: &key, currency, fields, needs }, directives);
        }
    }

    /// Taxes on a plan or on a charge.
    fn taxes(&mut self, owner: &Address, codes: &[String]) {
        for code in codes {
            let needs = vec![owner.clone(), Address::new("taxes", code)];
            let address = owner.child("taxes", code);
            let fields = FieldsOf::default();
            self.add(
                Part { address, kind: APPLIED_TAX, name: code, currency: None, fields, needs },
                Directives::default(),
            );
        }
    }

    fn add_on(&mut self, code: &str, add_on: &catalog::AddOn, catalog: &Catalog) {
        let fields = FieldsOf::default()
            .put("name", add_on.name.as_str())
            .text("description", add_on.description.as_deref())
            .put("amount", add_on.amount.decimal())
            .put("currency", add_on.currency.as_str())
            .text("invoice_display_name", add_on.invoice_display_name.as_deref());
        let directives = Directives {
            protect: add_on.protect,
            ignore: add_on.ignore.clone(),
            price_changes: catalog.price_changes.map(PriceChanges::from),
            ..Directives::default()
        };
        let currency = add_on.currency.parse().ok();
        let address = Address::new("add_ons", code);
        self.add(Part { address, kind: ADD_ON, name: &add_on.name, currency, fields, needs: Vec::new() }, directives);
    }

    fn coupon(&mut self, code: &str, coupon: &catalog::Coupon) {
        let currency = coupon.amount.map(|_| coupon.currency.as_deref().unwrap_or("USD"));
        let limited = if coupon.expiration_at.is_some() { Expiration::TimeLimit } else { Expiration::NoExpiration };
        let fields = FieldsOf::default()
            .put("name", coupon.name.as_str())
            .text("description", coupon.description.as_deref())
            .put("coupon_type", coupon.coupon_type.word())
            .maybe("amount", coupon.amount.map(|amount| amount.decimal()))
            .maybe("currency", currency)
            .maybe("rate", coupon.rate.map(|rate| rate.decimal()))
            .put("frequency", coupon.frequency.word())
            .maybe("duration", coupon.duration.map(count))
            .put("reusable", coupon.reusable)
            .put("expiration", coupon.expiration.unwrap_or(limited).word())
            .maybe("expiration_at", coupon.expiration_at.as_deref().and_then(instant::normalized).map(Value::from))
            .put("status", "active");
        let directives = Directives { protect: coupon.protect, ignore: coupon.ignore.clone(), ..Directives::default() };
        let currency = currency.and_then(|code| code.parse().ok());
        let address = Address::new("coupons", code);
        self.add(Part { address, kind: COUPON, name: &coupon.name, currency, fields, needs: Vec::new() }, directives);
    }
}

impl From<catalog::PriceChanges> for PriceChanges {
    fn from(word: catalog::PriceChanges) -> Self {
        match word {
            catalog::PriceChanges::Reprice => Self::Reprice,
            catalog::PriceChanges::Grandfather => Self::Grandfather,
        }
    }
}
