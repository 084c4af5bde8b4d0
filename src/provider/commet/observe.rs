//! Live state, read-only: four lists and, for the price ids, the plan list once more in a newer version.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::http::{ApiError, Problem, ReadApi};
use crate::provider::commet::wire::{Addon, Feature, Group, List, Plan, PlanIds};

/// Everything that the lists show.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub features: Vec<Feature>,
    pub plans: Vec<Plan>,
    pub groups: Vec<Group>,
    pub addons: Vec<Addon>,
    /// Empty when the newer version cannot be read.
    pub price_ids: Vec<PlanIds>,
    /// Why the price ids are not known, in words.
    pub price_ids_missing: Option<String>,
}

/// The version whose plan reads carry price ids (commet-api.md §1.2, §3.3).
const WITH_PRICE_IDS: &str = "2026-07-31";

/// Reads the catalog: features, plans, plan groups, add-ons, and price ids when a plan has prices.
pub(super) async fn snapshot(api: &ReadApi) -> Result<Snapshot, ApiError> {
    let plan_list = [("includePrivate", "true")];
    let (features, plans, groups, addons) = tokio::try_join!(
        list::<Feature>(api, "/features", &[], &[]),
        list::<Plan>(api, "/plans", &plan_list, &[]),
        pages::<Group>(api, "/plan-groups", &[]),
        pages::<Addon>(api, "/addons", &[]),
    )?;
    let mut snapshot = Snapshot { features: features.data, plans: plans.data, groups, addons, ..Snapshot::default() };
    complete(api, &mut snapshot.plans).await?;
    if snapshot.plans.iter().flat_map(|plan| plan.prices.iter().flatten()).any(|price| price.id.is_none()) {
        match list::<PlanIds>(api, "/plans", &plan_list, &[("commet-version", WITH_PRICE_IDS)]).await {
            Ok(ids) => snapshot.price_ids = ids.data,
            // An organization that may not read the newer version is served by the ledger.
            Err(why) if matches!(why.problem, Problem::Refused { .. } | Problem::Unreadable(_)) => {
                snapshot.price_ids_missing = Some(why.to_string());
            }
            Err(why) => return Err(why),
        }
    }
    Ok(snapshot)
}

/// Lists of this generation may leave a plan's children out; then each such plan is read by itself, because
/// nothing shown is not the same as nothing there.
async fn complete(api: &ReadApi, plans: &mut [Plan]) -> Result<(), ApiError> {
    #[derive(serde::Deserialize)]
    struct One {
        data: Plan,
    }
    for plan in plans.iter_mut().filter(|plan| plan.features.is_none() || plan.prices.is_none()) {
        let path = format!("/plans/{}", plan.id);
        let answer = api.get(&path, &[], &[]).await?;
        let One { data } = decode(&path, &answer)?;
        if data.features.is_none() || data.prices.is_none() {
            let why = format!("the plan {} comes without its features or prices", plan.code);
            return Err(ApiError::unreadable(&path, answer.request_id, why));
        }
        *plan = data;
    }
    Ok(())
}

async fn list<T: DeserializeOwned>(
    api: &ReadApi,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&'static str, &str)],
) -> Result<List<T>, ApiError> {
    let answer = api.get(path, query, headers).await?;
    decode(path, &answer)
}

/// Paged lists: 100 is the most that a page holds (commet-api.md §2.4).
pub(super) async fn pages<T: DeserializeOwned>(
    api: &ReadApi,
    path: &str,
    filter: &[(&str, &str)],
) -> Result<Vec<T>, ApiError> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    let mut seen = BTreeSet::new();
    loop {
        let mut query = filter.to_vec();
        query.push(("limit", "100"));
        if let Some(cursor) = &cursor {
            query.push(("cursor", cursor));
        }
        let page = list::<T>(api, path, &query, &[]).await?;
        all.extend(page.data);
        match page.next_cursor {
            Some(next) if page.has_more => {
                if !seen.insert(next.clone()) {
                    return Err(ApiError::unreadable(
                        path,
                        None,
                        format!("the cursor {next} leads to where it came from"),
                    ));
                }
                cursor = Some(next);
            }
            None if page.has_more => {
                return Err(ApiError::unreadable(path, None, "there is more, but no cursor to it".into()));
            }
            _ => return Ok(all),
        }
    }
}

fn decode<T: DeserializeOwned>(path: &str, answer: &crate::http::Answer) -> Result<T, ApiError> {
    answer.json().map_err(|why| ApiError::unreadable(path, answer.request_id.clone(), why))
}
