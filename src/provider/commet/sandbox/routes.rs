//! Every endpoint, by version (commet-api.md §8 and the columns of §3).

use super::call::{Call, Reply};
use super::failure::Failure;
use super::version::Version;
use super::{
    addons, credit_packs, customers, features, groups, intro, markets, offers, plan_features, plans, prices,
    promo_codes, regional, subscriptions,
};

type Handler = fn(&mut Call<'_>) -> Result<Reply, Failure>;

/// In which versions an endpoint is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Both,
    /// Until 2026-07-11.
    July11,
    /// From 2026-07-24.
    July31,
    /// Only in versions that the sandbox does not speak.
    Others,
}

impl In {
    fn has(self, version: Version) -> bool {
        match self {
            Self::Both => true,
            Self::July11 => version == Version::July11,
            Self::July31 => version == Version::July31,
            Self::Others => false,
        }
    }
}

const ROUTES: &[(&str, &str, In, Handler)] = &[
    // Features
    ("GET", "/features", In::Both, features::list),
    ("GET", "/features/{}", In::Both, features::get),
    ("POST", "/features/manage", In::July11, features::create),
    ("PUT", "/features/{}/manage", In::July11, features::update),
    ("DELETE", "/features/{}/manage", In::July11, features::delete),
    ("POST", "/features", In::July31, features::create),
    ("PATCH", "/features/{}", In::July31, features::update),
    ("DELETE", "/features/{}", In::July31, features::delete),
    // Plans
    ("GET", "/plans", In::Both, plans::list),
    ("GET", "/plans/{}", In::Both, plans::get),
    ("POST", "/plans/manage", In::July11, plans::create),
    ("PUT", "/plans/{}/manage", In::July11, plans::update),
    ("DELETE", "/plans/{}/manage", In::July11, plans::delete),
    ("POST", "/plans", In::July31, plans::create),
    ("PATCH", "/plans/{}", In::July31, plans::update),
    ("DELETE", "/plans/{}", In::July31, plans::delete),
    ("PUT", "/plans/{}/visibility", In::Both, plans::set_visibility),
    // Prices
    ("POST", "/plans/{}/prices", In::Both, prices::add),
    ("PUT", "/plans/{}/prices/{}", In::July11, prices::update),
    ("PATCH", "/plans/{}/prices/{}", In::July31, prices::update),
    ("DELETE", "/plans/{}/prices/{}", In::Both, prices::delete),
    ("PUT", "/plans/{}/prices/{}/default", In::Both, prices::set_default),
    // Plan features
    ("POST", "/plans/{}/features", In::Both, plan_features::add),
    ("PUT", "/plans/{}/features/{}", In::July11, plan_features::update),
    ("PATCH", "/plans/{}/features/{}", In::July31, plan_features::update),
    ("DELETE", "/plans/{}/features/{}", In::Both, plan_features::remove),
    // Regional prices
    ("PUT", "/plans/{}/prices/{}/regional", In::Both, regional::upsert),
    ("DELETE", "/plans/{}/prices/{}/regional", In::Both, regional::delete),
    ("PUT", "/plans/{}/regional", In::Both, regional::set_currency),
    // Plan groups
    ("GET", "/plan-groups", In::Both, groups::list),
    ("POST", "/plan-groups", In::Both, groups::create),
    ("GET", "/plan-groups/{}", In::Both, groups::get),
    ("PUT", "/plan-groups/{}", In::July11, groups::update),
    ("PATCH", "/plan-groups/{}", In::July31, groups::update),
    ("DELETE", "/plan-groups/{}", In::Both, groups::delete),
    ("POST", "/plan-groups/{}/plans", In::Both, groups::add_plan),
    ("PUT", "/plan-groups/{}/plans/reorder", In::Both, groups::reorder),
    ("DELETE", "/plan-groups/{}/plans/{}", In::Both, groups::remove_plan),
    // Add-ons
    ("GET", "/addons", In::Both, addons::list),
    ("POST", "/addons", In::Both, addons::create),
    ("GET", "/addons/{}", In::Both, addons::get),
    ("PUT", "/addons/{}", In::July11, addons::update),
    ("PATCH", "/addons/{}", In::July31, addons::update),
    ("DELETE", "/addons/{}", In::Both, addons::delete),
    ("GET", "/active-addons", In::Both, subscriptions::active_addons),
    // Customers and subscriptions
    ("GET", "/customers", In::Both, customers::list),
    ("POST", "/customers", In::Both, customers::create),
    ("GET", "/customers/{}", In::Both, customers::get),
    ("GET", "/subscriptions", In::Both, subscriptions::list),
    ("POST", "/subscriptions", In::Both, subscriptions::create),
    ("GET", "/subscriptions/{}", In::Both, subscriptions::get),
    ("DELETE", "/subscriptions/{}", In::Both, subscriptions::delete),
    ("POST", "/subscriptions/{}/cancel", In::Both, subscriptions::cancel),
    ("POST", "/subscriptions/{}/addons", In::Both, subscriptions::activate_addon),
    ("DELETE", "/subscriptions/{}/addons/{}", In::Both, subscriptions::deactivate_addon),
    // Credit packs and promo codes
    ("GET", "/credit-packs", In::Both, credit_packs::list),
    ("POST", "/credit-packs/manage", In::July11, credit_packs::create),
    ("PUT", "/credit-packs/{}", In::July11, credit_packs::update),
    ("POST", "/credit-packs", In::July31, credit_packs::create),
    ("PATCH", "/credit-packs/{}", In::July31, credit_packs::update),
    ("DELETE", "/credit-packs/{}", In::Both, credit_packs::delete),
    ("GET", "/promo-codes", In::Both, promo_codes::list),
    ("POST", "/promo-codes", In::Both, promo_codes::create),
    ("GET", "/promo-codes/{}", In::Both, promo_codes::get),
    ("PUT", "/promo-codes/{}", In::July11, promo_codes::update),
    ("PATCH", "/promo-codes/{}", In::July31, promo_codes::update),
    // Offers and markets
    ("GET", "/offers", In::July31, offers::list),
    ("POST", "/offers", In::July31, offers::create),
    ("GET", "/offers/{}", In::July31, offers::get),
    ("PATCH", "/offers/{}", In::July31, offers::update),
    ("DELETE", "/offers/{}", In::July31, offers::delete),
    ("GET", "/markets", In::July31, markets::list),
    ("POST", "/markets", In::July31, markets::create),
    ("GET", "/markets/{}", In::July31, markets::get),
    ("PATCH", "/markets/{}", In::July31, markets::update),
    ("DELETE", "/markets/{}", In::July31, markets::delete),
    ("GET", "/pricing/market-groups", In::Others, markets::list),
    ("POST", "/pricing/market-groups", In::Others, markets::create),
    ("GET", "/pricing/market-groups/{}", In::Others, markets::get),
    ("PATCH", "/pricing/market-groups/{}", In::Others, markets::update),
    ("DELETE", "/pricing/market-groups/{}", In::Others, markets::delete),
    // The sandbox's own: what only the dashboard does
    ("PUT", "/sandbox/plans/{}/prices/{}/offer", In::Both, intro::attach),
];

/// The route of a request and what stands at its `{}`.
pub(super) fn find<'r>(method: &str, path: &'r str, version: Version) -> Result<(Handler, Vec<&'r str>), Failure> {
    let matching = ROUTES.iter().filter(|route| route.0 == method);
    let matching = matching.filter_map(|route| Some((route, arguments(route.1, path)?)));
    // A literal wins over a `{}`: it takes fewer arguments.
    let mut matching: Vec<_> = matching.collect();
    matching.sort_by_key(|(_, arguments)| arguments.len());
    let elsewhere = !matching.is_empty();
    match matching.into_iter().find(|((_, _, versions, _), _)| versions.has(version)) {
        Some(((.., handler), arguments)) => Ok((*handler, arguments)),
        None if elsewhere => Err(Failure::new(
            "endpoint_not_available",
            format!("{method} {path} is not available in the API version {}", version.name()),
        )),
        None => Err(Failure::new("not_found", format!("There is no endpoint {method} {path}"))),
    }
}

fn arguments<'r>(pattern: &str, path: &'r str) -> Option<Vec<&'r str>> {
    let mut arguments = Vec::new();
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(arguments),
            (Some("{}"), Some(argument)) if !argument.is_empty() => arguments.push(argument),
            (Some(literal), Some(segment)) if literal == segment => {}
            _ => return None,
        }
    }
}
