use std::collections::BTreeSet;

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding};

/// Features that nobody can get, metrics that nobody pays for, and markets that no price names.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let plans = subject.page.plans.iter().flat_map(|plan| &plan.items);
    let on = plans.chain(subject.page.add_ons.iter().filter_map(|add_on| add_on.item.as_ref()));
    let on: BTreeSet<(bool, &str)> =
        on.filter(|item| item.enabled).map(|item| (item.address.collection() == "charges", item.of.as_str())).collect();
    let tags = subject.page.plans.iter().flat_map(|plan| &plan.market_prices);
    let named: BTreeSet<&str> = tags.map(|tag| tag.of.as_str()).collect();
    for address in subject.desired.objects.keys().filter(|address| address.is_root()) {
        let key = address.key();
        let (used, words) = match address.collection() {
            "features" => (on.contains(&(false, key)), "no plan has it, and no add-on sells it"),
            "billable_metrics" => (on.contains(&(true, key)), "no plan charges it"),
            "markets" => (named.contains(key), "no price names it"),
            _ => continue,
        };
        if !used {
            let found = finding(Code::UnusedFeature, format!("`{key}`: {words}"));
            subject.say(address, &[], found.help("add it to a plan, or remove it"), sink);
        }
    }
}
