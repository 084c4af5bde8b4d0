//! Live state, read-only: the paged lists, and the reads that no list covers (bxb-api.md §3).
//!
//! Commitments, thresholds and metric filters have no list over all of them: they are read for what the files, the
//! ledger or `absent:` name.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::wire::{
    AddOn, AppliedTax, Commitment, Counts, Coupon, Entitlement, Entity, Feature, Metric, MetricFilter, Organization,
    Plan, Tax, Threshold,
};
use crate::http::{ApiError, ReadApi};
use crate::ledger::Ledger;
use crate::model::{Address, Desired};

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub organization: Organization,
    pub taxes: Vec<Tax>,
    pub metrics: Vec<Metric>,
    pub features: Vec<Feature>,
    pub plans: Vec<Plan>,
    pub entitlements: Vec<Entitlement>,
    pub add_ons: Vec<AddOn>,
    pub coupons: Vec<Coupon>,
    /// Subscriptions of every status, by plan id (§8).
    pub subscriptions: Counts,
    /// Customers, by add-on id.
    pub applications: Counts,
    /// By metric code.
    pub filters: BTreeMap<String, Vec<MetricFilter>>,
    /// By plan code.
    pub commitments: BTreeMap<String, Vec<Commitment>>,
    /// By plan code.
    pub thresholds: BTreeMap<String, Vec<Threshold>>,
    /// What each tax is applied to, by tax id.
    pub entities: BTreeMap<String, Vec<Entity>>,
    /// The taxes on what was looked up.
    pub applied: Vec<AppliedTax>,
}

/// What the files, the ledger or `absent:` name. Everything, when the files name nothing or everything was asked for.
pub(super) struct Scope<'a> {
    pub desired: &'a Desired,
    pub ledger: &'a Ledger,
}

impl Scope<'_> {
    pub(super) fn holds(&self, collection: &str, code: &str) -> bool {
        let address = Address::new(collection, code);
        self.desired.whole
            || self.desired.objects.is_empty() && self.desired.absent.is_empty()
            || self.desired.objects.contains_key(&address)
            || self.ledger.owns(&address)
            || self.desired.absent.iter().any(|absence| absence.collection == collection && absence.key == code)
    }
}

/// The organization that the credentials resolve to (§1).
pub(super) async fn organization(api: &ReadApi) -> Result<Organization, ApiError> {
    get(api, "/organizations/current", &[]).await
}

/// Reads the catalog.
pub(super) async fn snapshot(
    api: &ReadApi,
    organization: Organization,
    scope: &Scope<'_>,
) -> Result<Snapshot, ApiError> {
    let mut snapshot = Snapshot {
        organization,
        taxes: pages(api, "/taxes/", "code:asc").await?,
        metrics: pages(api, "/billable_metrics/", "code:asc").await?,
        features: pages(api, "/features/", "code:asc").await?,
        plans: pages(api, "/plans/", "code:asc").await?,
        entitlements: pages(api, "/entitlements/", "id:asc").await?,
        add_ons: pages(api, "/add_ons/", "code:asc").await?,
        coupons: pages(api, "/coupons/", "code:asc").await?,
        ..Snapshot::default()
    };
    if !snapshot.plans.is_empty() {
        snapshot.subscriptions = get(api, "/plans/subscription_counts", &[]).await?;
    }
    if !snapshot.add_ons.is_empty() {
        snapshot.applications = get(api, "/add_ons/application_counts", &[]).await?;
    }
    for metric in snapshot.metrics.iter().filter(|metric| scope.holds("billable_metrics", &metric.code)) {
        let path = format!("/billable_metrics/{}/filters", segment(&metric.code));
        snapshot.filters.insert(metric.code.clone(), get(api, &path, &[]).await?);
    }
    for plan in snapshot.plans.iter().filter(|plan| scope.holds("plans", &plan.code)) {
        let code = segment(&plan.code);
        let commitments = get(api, &format!("/plans/{code}/commitments"), &[]).await?;
        let thresholds = get(api, &format!("/plans/{code}/usage_thresholds"), &[]).await?;
        snapshot.commitments.insert(plan.code.clone(), commitments);
        snapshot.thresholds.insert(plan.code.clone(), thresholds);
    }
    applied(api, scope, &mut snapshot).await?;
    Ok(snapshot)
}

/// What taxes are applied to. The ids of the applications are told by another read, one for each taxed object.
async fn applied(api: &ReadApi, scope: &Scope<'_>, snapshot: &mut Snapshot) -> Result<(), ApiError> {
    let managed: BTreeSet<&str> = snapshot
        .plans
        .iter()
        .filter(|plan| scope.holds("plans", &plan.code))
        .flat_map(|plan| std::iter::once(plan.id.as_str()).chain(plan.charges.iter().map(|charge| charge.id.as_str())))
        .collect();
    let mut look_up: BTreeSet<Entity> = BTreeSet::new();
    for tax in snapshot.taxes.iter().filter(|tax| addressable(&tax.code)) {
        let path = format!("/taxes/{}/applied_entities", segment(&tax.code));
        let entities: Vec<Entity> = get(api, &path, &[]).await?;
        let wanted = scope.desired.objects.contains_key(&Address::new("taxes", &tax.code));
        let goes = !wanted && scope.holds("taxes", &tax.code);
        let matters = |entity: &&Entity| goes || managed.contains(entity.taxable_id.as_str());
        look_up.extend(entities.iter().filter(matters).cloned());
        snapshot.entities.insert(tax.id.clone(), entities);
    }
    for entity in &look_up {
        read_applied(api, entity, snapshot).await?;
    }
    // A run that ended between the write of a plan's charges and the end of its taxes left rows of ours on charges that
    // are gone. Nothing but the ledger tells whose such a row is.
    let seen: BTreeSet<&str> = snapshot.applied.iter().map(|row| row.id.as_str()).collect();
    let lost: BTreeSet<String> = left_behind(scope).filter(|id| !seen.contains(id)).map(str::to_owned).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let charges: BTreeSet<&str> =
        snapshot.plans.iter().flat_map(|plan| &plan.charges).map(|charge| charge.id.as_str()).collect();
    let orphans: BTreeSet<Entity> = snapshot
        .entities
        .values()
        .flatten()
        .filter(|entity| entity.taxable_type == "charge" && !charges.contains(entity.taxable_id.as_str()))
        .filter(|entity| !look_up.contains(entity))
        .cloned()
        .collect();
    let before = snapshot.applied.len();
    for entity in &orphans {
        read_applied(api, entity, snapshot).await?;
    }
    let found = snapshot.applied.split_off(before);
    snapshot.applied.extend(found.into_iter().filter(|row| lost.contains(&row.id)));
    Ok(())
}

/// The rows of taxes on charges that the ledger knows.
fn left_behind<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a str> {
    let on_charge = |address: &Address| {
        address.collection() == "taxes" && address.parent().is_some_and(|owner| owner.collection() == "charges")
    };
    let known = scope.ledger.objects.iter().filter(move |(address, _)| on_charge(address));
    known.filter_map(|(_, entry)| entry.id.as_deref())
}

/// The taxes on one thing.
async fn read_applied(api: &ReadApi, entity: &Entity, snapshot: &mut Snapshot) -> Result<(), ApiError> {
    let query = [("taxable_type", entity.taxable_type.as_str()), ("taxable_id", entity.taxable_id.as_str())];
    snapshot.applied.extend(get::<Vec<AppliedTax>>(api, "/taxes/applied", &query).await?);
    Ok(())
}

/// Codes that the server can be asked for one by one (§5).
fn addressable(code: &str) -> bool {
    !code.is_empty() && !code.contains('/') && !matches!(code, "." | ".." | "applied" | "application_counts")
}

/// A code as one segment of a path.
pub(super) fn segment(code: &str) -> String {
    code.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// The most that a page holds (§3).
const PAGE: usize = 1000;

/// Pages in an order that holds still, until a short one: `X-Total-Count` does not always tell (§3, §10).
pub(super) async fn pages<T: DeserializeOwned>(api: &ReadApi, path: &str, order: &str) -> Result<Vec<T>, ApiError> {
    let mut all: Vec<T> = Vec::new();
    let limit = PAGE.to_string();
    loop {
        let skip = all.len().to_string();
        let query = [("order_by", order), ("limit", limit.as_str()), ("skip", skip.as_str())];
        let page: Vec<T> = get(api, path, &query).await?;
        let short = page.len() < PAGE;
        all.extend(page);
        if short {
            return Ok(all);
        }
    }
}

async fn get<T: DeserializeOwned>(api: &ReadApi, path: &str, query: &[(&str, &str)]) -> Result<T, ApiError> {
    let answer = api.get(path, query, &[]).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|why| ApiError::unreadable(path, answer.request_id.clone(), why.to_string()))
}
