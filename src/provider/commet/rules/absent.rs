use std::collections::HashMap;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// What must not exist is not also what must exist. Groups, offers, markets and credit packs are listed by
/// name, add-ons by their feature.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let features = catalog.features.keys().map(|key| (key.as_str(), key.as_str())).collect();
    let plans = catalog.plans.keys().map(|key| (key.as_str(), key.as_str())).collect();
    let groups = catalog.groups.iter().map(|(key, group)| (group.name.as_str(), key.as_str())).collect();
    let addons = catalog.addons.iter().map(|(key, addon)| (addon.feature.as_str(), key.as_str())).collect();
    list("features", &catalog.absent.features, &features, report);
    list("groups", &catalog.absent.groups, &groups, report);
    list("plans", &catalog.absent.plans, &plans, report);
    list("addons", &catalog.absent.addons, &addons, report);
    let offers = catalog.offers.iter().map(|(key, offer)| (offer.name.as_str(), key.as_str())).collect();
    let markets = catalog.markets.iter().map(|(key, market)| (market.name.as_str(), key.as_str())).collect();
    let packs = catalog.credit_packs.iter().map(|(key, pack)| (pack.name.as_str(), key.as_str())).collect();
    let codes = catalog.promo_codes.keys().map(|key| (key.as_str(), key.as_str())).collect();
    list("offers", &catalog.absent.offers, &offers, report);
    list("markets", &catalog.absent.markets, &markets, report);
    list("credit_packs", &catalog.absent.credit_packs, &packs, report);
    list("promo_codes", &catalog.absent.promo_codes, &codes, report);
}

fn list(section: &str, names: &[String], named: &HashMap<&str, &str>, report: &mut Reporter<'_>) {
    let mut seen: HashMap<&str, String> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        let at = at.to_string();
        let path = ["absent", section, &at];
        if name.trim().is_empty() {
            report.value(&path, finding(Code::Absent, "an empty name stands for nothing"));
        } else if let Some(key) = named.get(name.as_str()) {
            let place = report.place(&[section, key]);
            let finding =
                finding(Code::Absent, format!("`{name}` must not exist, but `{section}.{key}` says that it should"))
                    .related(place, "it stands here")
                    .help("remove one of the two");
            report.value(&path, finding);
        } else if let Some(first) = seen.insert(name, at.clone()) {
            let place = report.place(&["absent", section, &first]);
            let finding = finding(Code::Absent, format!("`{name}` is listed twice"));
            report.value(&path, finding.related(place, "it is listed here first"));
        }
    }
}
