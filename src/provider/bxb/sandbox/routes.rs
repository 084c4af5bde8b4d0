//! Every route, in the order in which the server tries them (bxb-api.md §1, §6).

use super::call::Handler;
use super::features::{ENTITLEMENTS, FEATURES};
use super::metrics::METRICS;
use super::neighbours::{BILLING_ENTITIES, DUNNING_CAMPAIGNS};
use super::offers::{ADD_ONS, COUPONS};
use super::plan_children::{COMMITMENTS, THRESHOLDS};
use super::plans::PLANS;
use super::subscriptions::{CUSTOMERS, SUBSCRIPTIONS};
use super::taxes::TAXES;
use super::{
    audit, features, idempotency, invoice, metrics, offers, organizations, peephole, plan_children, plans, simulate,
    subscriptions, taxes, usage,
};

/// Below the base path. A `{}` is one segment that is not empty.
const ROUTES: &[(&str, &str, Handler)] = &[
    // Organizations
    ("POST", "/organizations/", organizations::create),
    ("GET", "/organizations/current", organizations::current),
    ("POST", "/organizations/current/api_keys", organizations::create_key),
    ("GET", "/organizations/current/api_keys", organizations::keys),
    ("DELETE", "/organizations/current/api_keys/{}", organizations::revoke_key),
    ("POST", "/organizations/current/api_keys/{}/rotate", organizations::rotate_key),
    // Billable metrics
    ("GET", "/billable_metrics/", |call| METRICS.list(call)),
    ("POST", "/billable_metrics/", metrics::create),
    ("GET", "/billable_metrics/stats", metrics::stats),
    ("GET", "/billable_metrics/plan_counts", metrics::plan_counts),
    ("GET", "/billable_metrics/{}", |call| METRICS.get(call)),
    ("PUT", "/billable_metrics/{}", |call| METRICS.update(call)),
    ("DELETE", "/billable_metrics/{}", |call| METRICS.delete(call)),
    ("GET", "/billable_metrics/{}/plans", metrics::plans),
    ("GET", "/billable_metrics/{}/filters", metrics::filters),
    ("POST", "/billable_metrics/{}/filters", metrics::add_filter),
    ("DELETE", "/billable_metrics/{}/filters/{}", metrics::delete_filter),
    // Plans
    ("GET", "/plans/", plans::list),
    ("POST", "/plans/", plans::create),
    ("GET", "/plans/subscription_counts", plans::subscription_counts),
    ("GET", "/plans/{}", plans::get),
    ("PUT", "/plans/{}", plans::update),
    ("DELETE", "/plans/{}", |call| PLANS.delete(call)),
    ("POST", "/plans/{}/simulate", simulate::simulate),
    ("GET", "/plans/{}/commitments", |call| plan_children::children(call, &COMMITMENTS)),
    ("POST", "/plans/{}/commitments", |call| plan_children::add_child(call, &COMMITMENTS)),
    ("PUT", "/commitments/{}", |call| COMMITMENTS.update(call)),
    ("DELETE", "/commitments/{}", |call| COMMITMENTS.delete(call)),
    ("GET", "/plans/{}/usage_thresholds", |call| plan_children::children(call, &THRESHOLDS)),
    ("POST", "/plans/{}/usage_thresholds", |call| plan_children::add_child(call, &THRESHOLDS)),
    ("DELETE", "/usage_thresholds/{}", |call| THRESHOLDS.delete(call)),
    // Features and entitlements
    ("GET", "/features/", |call| FEATURES.list(call)),
    ("POST", "/features/", |call| idempotency::create(call, &FEATURES)),
    ("GET", "/features/plan_counts", features::plan_counts),
    ("GET", "/features/{}", |call| FEATURES.get(call)),
    ("PATCH", "/features/{}", |call| FEATURES.update(call)),
    ("DELETE", "/features/{}", features::delete),
    ("GET", "/entitlements/", features::entitlements),
    ("POST", "/entitlements/", features::entitle),
    ("POST", "/entitlements/copy", features::copy),
    ("PATCH", "/entitlements/{}", |call| ENTITLEMENTS.update(call)),
    ("DELETE", "/entitlements/{}", |call| ENTITLEMENTS.delete(call)),
    // Add-ons
    ("GET", "/add_ons/", |call| ADD_ONS.list(call)),
    ("POST", "/add_ons/", |call| ADD_ONS.create(call)),
    ("GET", "/add_ons/application_counts", offers::add_on_counts),
    ("POST", "/add_ons/apply", offers::apply_add_on),
    ("GET", "/add_ons/{}", |call| ADD_ONS.get(call)),
    ("PUT", "/add_ons/{}", |call| ADD_ONS.update(call)),
    ("DELETE", "/add_ons/{}", |call| ADD_ONS.delete(call)),
    ("GET", "/add_ons/{}/applications", offers::add_on_applications),
    // Coupons
    ("GET", "/coupons/", offers::coupons),
    ("POST", "/coupons/", offers::create_coupon),
    ("POST", "/coupons/apply", offers::apply_coupon),
    ("DELETE", "/coupons/applied/{}", offers::remove_coupon),
    ("GET", "/coupons/{}", |call| COUPONS.get(call)),
    ("PUT", "/coupons/{}", |call| COUPONS.update(call)),
    ("DELETE", "/coupons/{}", offers::terminate),
    ("GET", "/coupons/{}/analytics", offers::analytics),
    ("POST", "/coupons/{}/duplicate", offers::duplicate),
    // Taxes
    ("GET", "/taxes/", |call| TAXES.list(call)),
    ("POST", "/taxes/", |call| TAXES.create(call)),
    ("POST", "/taxes/apply", taxes::apply),
    ("GET", "/taxes/applied", taxes::applied),
    ("DELETE", "/taxes/applied/{}", taxes::remove),
    ("GET", "/taxes/application_counts", taxes::application_counts),
    ("GET", "/taxes/{}", |call| TAXES.get(call)),
    ("PUT", "/taxes/{}", |call| TAXES.update(call)),
    ("DELETE", "/taxes/{}", |call| TAXES.delete(call)),
    ("GET", "/taxes/{}/applied_entities", taxes::applied_entities),
    // Customers and subscriptions
    ("GET", "/customers/", |call| CUSTOMERS.list(call)),
    ("POST", "/customers/", subscriptions::create_customer),
    ("GET", "/customers/{}", |call| CUSTOMERS.get(call)),
    ("GET", "/subscriptions/", |call| SUBSCRIPTIONS.list(call)),
    ("POST", "/subscriptions/", subscriptions::create),
    ("GET", "/subscriptions/{}", |call| SUBSCRIPTIONS.get(call)),
    ("DELETE", "/subscriptions/{}", subscriptions::terminate),
    ("GET", "/subscriptions/{}/entitlements", subscriptions::entitlements),
    ("POST", "/subscriptions/{}/change_plan_preview", subscriptions::preview_change),
    // Usage and invoices
    ("POST", "/events/", usage::add_event),
    ("GET", "/customers/{}/current_usage", usage::current),
    ("POST", "/invoices/preview", invoice::preview),
    // Neighbours
    ("GET", "/billing_entities/", |call| BILLING_ENTITIES.list(call)),
    ("POST", "/billing_entities/", |call| idempotency::create(call, &BILLING_ENTITIES)),
    ("GET", "/billing_entities/{}", |call| BILLING_ENTITIES.get(call)),
    ("PATCH", "/billing_entities/{}", |call| BILLING_ENTITIES.update(call)),
    ("DELETE", "/billing_entities/{}", |call| BILLING_ENTITIES.delete(call)),
    ("GET", "/dunning_campaigns/", |call| DUNNING_CAMPAIGNS.list(call)),
    ("POST", "/dunning_campaigns/", |call| DUNNING_CAMPAIGNS.create(call)),
    ("GET", "/dunning_campaigns/{}", |call| DUNNING_CAMPAIGNS.get(call)),
    ("PUT", "/dunning_campaigns/{}", |call| DUNNING_CAMPAIGNS.update(call)),
    ("DELETE", "/dunning_campaigns/{}", |call| DUNNING_CAMPAIGNS.delete(call)),
    ("GET", "/audit_logs/", audit::list),
    ("GET", "/audit_logs/{}/{}", audit::of_object),
    // The sandbox's own
    ("POST", "/sandbox/fees", peephole::bill),
    ("POST", "/sandbox/crossings", peephole::cross),
    ("GET", "/sandbox/charge_filters/{}", peephole::charge_filters),
];

/// Where a request goes.
pub(super) enum Found {
    /// To this route, with what stands at its `{}`.
    Route(Handler, Vec<String>),
    /// Nowhere with this method; the method of the first route that has the path.
    OtherMethod(&'static str),
    /// To the same path with or without a slash at its end.
    Redirect,
    Nothing,
}

/// `path` is decoded.
pub(super) fn find(method: &str, path: &str) -> Found {
    let matching = || ROUTES.iter().filter_map(|route| Some((route, arguments(route.1, path)?)));
    if let Some((route, arguments)) = matching().find(|(route, _)| route.0 == method) {
        return Found::Route(route.2, arguments);
    }
    if let Some((route, _)) = matching().next() {
        return Found::OtherMethod(route.0);
    }
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let elsewhere = ROUTES.iter().any(|route| arguments(route.1, &other).is_some());
    if elsewhere { Found::Redirect } else { Found::Nothing }
}

fn arguments(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(arguments),
            (Some("{}"), Some(argument)) if !argument.is_empty() => arguments.push(argument.to_owned()),
            (Some(word), Some(same)) if word == same && word != "{}" => {}
            _ => return None,
        }
    }
}

/// Decodes a path before it is routed: a `%2F` becomes a slash like any other.
pub(super) fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = path.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let code = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
