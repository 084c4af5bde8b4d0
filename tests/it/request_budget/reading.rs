//! What one reading of an environment takes, as a formula of what is live and of what is asked for.

use std::collections::BTreeMap;
use std::ops::Add;

use serde_json::Value;

use crate::project::Request;
use crate::subject::Subject;

/// Requests by what they ask, and how many of each: `GET /plans/*/commitments`. All that write are `calls`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests(BTreeMap<String, usize>);

impl Requests {
    pub(super) fn of(counts: &[(&str, usize)]) -> Self {
        let some = counts.iter().filter(|(_, count)| *count > 0);
        some.fold(Self::default(), |all, (what, count)| all + Self(BTreeMap::from([((*what).to_owned(), *count)])))
    }

    /// Those of an access log.
    pub(super) fn seen(log: &[Request]) -> Self {
        log.iter().map(|request| Self::of(&[(&question(request), 1)])).fold(Self::default(), Add::add)
    }
}

impl Add for Requests {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (what, count) in other.0 {
            *self.0.entry(what).or_default() += count;
        }
        self
    }
}

/// What a request asks, whatever object it asks it of.
pub(super) fn question(request: &Request) -> String {
    if request.method != "GET" {
        return "calls".to_owned();
    }
    let path = request.path.split('?').next().unwrap();
    let steps: Vec<&str> = path.split('/').collect();
    match steps.as_slice() {
        ["", collection, _, part] => format!("GET /{collection}/*/{part}"),
        ["", "plans", code] if !matches!(*code, "" | "subscription_counts") => "GET /plans/*".to_owned(),
        _ => format!("GET {path}"),
    }
}

/// A reading of an environment that is as the catalog `live` says, for somebody who knows the kinds of `asked`: those of
/// the files and of the ledger.
pub(super) fn reading(subject: Subject, live: &Value, asked: &Value) -> Requests {
    match subject.provider() {
        "bxb" => of_bxb(live),
        _ => of_commet(subject.version(), live, asked),
    }
}

fn count(catalog: &Value, collection: &str) -> usize {
    catalog[collection].as_object().map_or(0, serde_json::Map::len)
}

/// The plans of a catalog, or what stands in each of them under this name.
fn in_plans<'c>(catalog: &'c Value, part: &str) -> impl Iterator<Item = &'c Value> {
    catalog["plans"].as_object().into_iter().flat_map(|plans| plans.values()).filter_map(move |plan| plan.get(part))
}

/// Pages of 100; the last one says that it is the last.
fn of_commet(version: &str, live: &Value, asked: &Value) -> Requests {
    let pages = |collection: &str| count(live, collection).div_ceil(100).max(1);
    let knows = |collection: &str| count(asked, collection) > 0;
    let when = |is: bool, count: usize| if is { count } else { 0 };
    let newer = version == "2026-07-31";
    let priced = in_plans(live, "prices").any(|prices| prices.as_object().is_some_and(|prices| !prices.is_empty()));
    let in_market = in_plans(live, "prices").any(|prices| prices.to_string().contains("\"markets\""));
    Requests::of(&[
        ("GET /features", 1),
        // Once more for the ids of prices, which only the newer version shows.
        ("GET /plans", 1 + when(!newer && priced, 1)),
        ("GET /plan-groups", pages("groups")),
        ("GET /addons", pages("addons")),
        ("GET /credit-packs", when(knows("credit_packs"), 1)),
        ("GET /promo-codes", when(knows("promo_codes"), pages("promo_codes"))),
        ("GET /offers", when(newer && (knows("offers") || knows("promo_codes")), pages("offers"))),
        ("GET /markets", when(newer && (knows("markets") || in_market), 1)),
    ])
}

/// Pages of 1000; one that is full is followed by another one.
fn of_bxb(live: &Value) -> Requests {
    let pages = |objects: usize| objects / 1000 + 1;
    let list = |collection: &str| pages(count(live, collection));
    let some = |collection: &str| usize::from(count(live, collection) > 0);
    let entitlements = in_plans(live, "entitlements").map(|all| all.as_object().unwrap().len()).sum();
    let charges = in_plans(live, "charges").flat_map(|all| all.as_object().unwrap().values());
    let taxed = in_plans(live, "taxes").count() + charges.filter(|charge| charge.get("taxes").is_some()).count();
    Requests::of(&[
        ("GET /organizations/current", 1),
        ("GET /taxes/", list("taxes")),
        ("GET /billable_metrics/", list("billable_metrics")),
        ("GET /features/", list("features")),
        ("GET /plans/", list("plans")),
        ("GET /entitlements/", pages(entitlements)),
        ("GET /add_ons/", list("add_ons")),
        ("GET /coupons/", list("coupons")),
        ("GET /plans/subscription_counts", some("plans")),
        ("GET /add_ons/application_counts", some("add_ons")),
        // No list holds these (bxb-api.md §6).
        ("GET /billable_metrics/*/filters", count(live, "billable_metrics")),
        ("GET /plans/*/commitments", count(live, "plans")),
        ("GET /plans/*/usage_thresholds", count(live, "plans")),
        ("GET /taxes/*/applied_entities", count(live, "taxes")),
        ("GET /taxes/applied", taxed),
    ])
}

/// Who subscribes, where nobody does: a list for each status that pays at Commet, one for all at bxb.
pub(super) fn subscriptions(subject: Subject) -> Requests {
    match subject.provider() {
        "bxb" => Requests::of(&[("GET /subscriptions/", 1)]),
        _ => Requests::of(&[("GET /subscriptions", 3)]),
    }
}

/// What the calls of a changeset take from one of them on: each is one request, and where it writes a whole list that
/// somebody else may have written meanwhile, that list is read before.
pub(super) fn calls(changeset: &Value, from: usize) -> Requests {
    let calls = changeset["calls"].as_array().unwrap().iter().skip(from);
    let of = |call: &Value| {
        let again = call["care"]["unchanged"]["path"].as_str().map(|path| {
            let request = Request { method: "GET".to_owned(), path: path.to_owned() };
            Requests::of(&[(&question(&request), 1)])
        });
        Requests::of(&[("calls", 1)]) + again.unwrap_or_default()
    };
    calls.map(of).fold(Requests::default(), Add::add)
}
