use std::collections::{BTreeSet, HashMap};

use super::reporter::{Reporter, finding};
use crate::diagnostic::{Code, one_of};
use crate::provider::commet::catalog::{Catalog, Group};

/// A plan is in one group, once (commet-api.md §3.6). The plans of a group have the same currencies (§3.5) and, by
/// the vendor's notes, the same consumption model.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut taken: HashMap<&str, [String; 2]> = HashMap::new();
    for (key, group) in &catalog.groups {
        for (at, plan) in group.plans.iter().enumerate() {
            let at = at.to_string();
            match taken.get(plan.as_str()) {
                Some([other, first]) => {
                    let what = if other == key {
                        format!("`{plan}` is listed twice")
                    } else {
                        format!("`{plan}` is in the group `{other}` too")
                    };
                    let place = report.place(&["groups", other, "plans", first]);
                    let finding = finding(Code::GroupMembership, what)
                        .related(place, "it is listed here first")
                        .help("a plan belongs to at most one group, once");
                    report.value(&["groups", key, "plans", &at], finding);
                }
                None => {
                    taken.insert(plan, [key.clone(), at]);
                }
            }
        }
        currencies(key, group, catalog, report);
        models(key, group, catalog, report);
    }
}

/// Free plans have no prices, so their currencies are not compared.
fn currencies(key: &str, group: &Group, catalog: &Catalog, report: &mut Reporter<'_>) {
    let sets = group.plans.iter().filter_map(|code| {
        let plan = catalog.plans.get(code).filter(|plan| !plan.prices.is_empty())?;
        if report.is_spoiled(&["plans", code, "regions"]) {
            return None;
        }
        Some((code.as_str(), plan.regions.keys().map(String::as_str).collect::<BTreeSet<_>>()))
    });
    let sets: Vec<_> = sets.collect();
    let all: BTreeSet<&str> = sets.iter().flat_map(|(_, set)| set.iter().copied()).collect();
    for (code, set) in sets {
        let lacking: Vec<&str> = all.difference(&set).copied().collect();
        if !lacking.is_empty() {
            let others = one_of(lacking.iter().copied()).replace(" or ", " and ");
            let message = format!("`{code}` is not sold in {others}, as other plans of the group `{key}` are");
            let place = report.place(&["groups", key, "plans"]);
            report.key(
                &["plans", code, "regions"],
                finding(Code::GroupCurrencies, message)
                    .related(place, "the group")
                    .help("customers switch between the plans of a group in their own currency; add the regions"),
            );
        }
    }
}

fn models(key: &str, group: &Group, catalog: &Catalog, report: &mut Reporter<'_>) {
    let mut first = None;
    for code in &group.plans {
        let Some(model) = catalog.plans.get(code).and_then(|plan| plan.consumption_model) else { continue };
        let (one, kind) = *first.get_or_insert((code, model));
        if kind != model {
            let message = format!(
                "the group `{key}` has plans with different consumption models: `{one}` {}, `{code}` {}",
                kind.word(),
                model.word()
            );
            report.value(&["plans", code, "consumption_model"], finding(Code::GroupModels, message));
            return;
        }
    }
}
