//! Live state, read-only: the lists of the API's objects, where one matters, and what a list leaves out.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::http::{ApiError, Problem, ReadApi};
use crate::ledger::Ledger;
use crate::model::{Address, Desired};
use crate::provider::commet::dialect::Dialect;
use crate::provider::commet::table::{CREDIT_PACK, MARKET, OFFER, PROMO_CODE};
use crate::provider::commet::wire::{Addon, CreditPack, Feature, Group, List, Market, Offer, Plan, PlanIds, PromoCode};

/// Which kinds the files or the ledger have something of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    offers: bool,
    markets: bool,
    credit_packs: bool,
    promo_codes: bool,
}

impl Asked {
    pub(super) fn of(desired: &Desired, ledger: &Ledger) -> Self {
        let addresses = desired.objects.keys().chain(ledger.objects.keys()).filter(|address| address.is_root());
        let absent = desired.absent.iter().map(|absent| absent.collection);
        let mut asked = Self::default();
        for collection in addresses.map(Address::collection).chain(absent) {
            asked.names(collection);
        }
        if desired.whole {
            asked = Self { offers: true, markets: true, credit_packs: true, promo_codes: true };
        }
        asked
    }

    fn names(&mut self, collection: &str) {
        let known = [
            (OFFER.collection, &mut self.offers),
            (MARKET.collection, &mut self.markets),
            (CREDIT_PACK.collection, &mut self.credit_packs),
            (PROMO_CODE.collection, &mut self.promo_codes),
        ];
        for (name, asked) in known {
            *asked |= name == collection;
        }
    }
}

/// Everything that the lists show.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub features: Vec<Feature>,
    pub plans: Vec<Plan>,
    pub groups: Vec<Group>,
    pub addons: Vec<Addon>,
    pub offers: Vec<Offer>,
    pub markets: Vec<Market>,
    pub credit_packs: Vec<CreditPack>,
    pub promo_codes: Vec<PromoCode>,
    /// Empty when the newer version cannot be read.
    pub price_ids: Vec<PlanIds>,
    /// Why the price ids are not known, in words.
    pub price_ids_missing: Option<String>,
}

/// Reads the catalog: features, plans, plan groups and add-ons; and, where a live price comes without its id, the plan
/// list once more in the newer version, which has the ids.
///
/// Offers, markets, credit packs and promo codes are read where they matter: when `asked` says that the files or the
/// ledger have some, and markets also when a live price has a price in one.
pub(super) async fn snapshot(api: &ReadApi, asked: Asked, dialect: Dialect) -> Result<Snapshot, ApiError> {
    let plan_list = [("includePrivate", "true")];
    let newer = dialect == Dialect::July31;
    let (features, plans, groups, addons, offers, markets, credit_packs, promo_codes) = tokio::try_join!(
        list::<Feature>(api, "/features", &[], &[]),
        list::<Plan>(api, "/plans", &plan_list, &[]),
        pages::<Group>(api, "/plan-groups", &[]),
        pages::<Addon>(api, "/addons", &[]),
        // A promo code says which offer it gives, by its id.
        when(newer && (asked.offers || asked.promo_codes), pages::<Offer>(api, "/offers", &[])),
        when(newer && asked.markets, whole::<Market>(api, "/markets")),
        when(asked.credit_packs, whole::<CreditPack>(api, "/credit-packs")),
        when(asked.promo_codes, pages::<PromoCode>(api, "/promo-codes", &[])),
    )?;
    let (features, plans) = (features.data, plans.data);
    let mut snapshot =
        Snapshot { features, plans, groups, addons, offers, markets, credit_packs, promo_codes, ..Snapshot::default() };
    let priced = |plan: &Plan| plan.prices.iter().flatten().any(|price| !price.market_prices.is_empty());
    if newer && !asked.markets && snapshot.plans.iter().any(priced) {
        snapshot.markets = whole(api, "/markets").await?;
    }
    complete(api, &mut snapshot.plans, dialect).await?;
    // Only the newer version's reads carry price ids (commet-api.md §1.2, §3.3).
    if snapshot.plans.iter().flat_map(|plan| plan.prices.iter().flatten()).any(|price| price.id.is_none()) {
        match list::<PlanIds>(api, "/plans", &plan_list, &[("commet-version", Dialect::July31.version())]).await {
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
async fn complete(api: &ReadApi, plans: &mut [Plan], dialect: Dialect) -> Result<(), ApiError> {
    #[derive(serde::Deserialize)]
    struct One {
        data: Plan,
    }
    for plan in plans.iter_mut().filter(|plan| plan.features.is_none() || plan.prices.is_none()) {
        let path = format!("/plans/{}", plan.id);
        let answer = api.get(&path, &[], &[]).await?;
        let data = match dialect {
            Dialect::July11 => decode::<One>(&path, &answer)?.data,
            Dialect::July31 => decode(&path, &answer)?,
        };
        if data.features.is_none() || data.prices.is_none() {
            let why = format!("the plan {} comes without its features or prices", plan.code);
            return Err(ApiError::unreadable(&path, answer.request_id, why));
        }
        *plan = data;
    }
    Ok(())
}

async fn when<T>(asked: bool, list: impl Future<Output = Result<Vec<T>, ApiError>>) -> Result<Vec<T>, ApiError> {
    if asked { list.await } else { Ok(Vec::new()) }
}

/// A list that comes in one piece (§2.4).
async fn whole<T: DeserializeOwned>(api: &ReadApi, path: &str) -> Result<Vec<T>, ApiError> {
    Ok(list::<T>(api, path, &[], &[]).await?.data)
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
