use std::collections::BTreeSet;

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding};

/// Features that nobody can get, and metrics that nobody pays for.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let plans = subject.page.plans.iter().flat_map(|plan| &plan.items);
    let on = plans.chain(subject.page.add_ons.iter().filter_map(|add_on| add_on.item.as_ref()));
    let on: BTreeSet<(bool, &str)> =
        on.filter(|item| item.enabled).map(|item| (item.address.collection() == "charges", item.of.as_str())).collect();
    for address in subject.desired.objects.keys().filter(|address| address.parent().is_none()) {
        let (charged, words) = match address.collection() {
            "features" => (false, "no plan has it, and no add-on sells it"),
            "billable_metrics" => (true, "no plan charges it"),
            _ => continue,
        };
        if !on.contains(&(charged, address.key())) {
            let found = finding(Code::UnusedFeature, format!("`{}`: {words}", address.key()));
            subject.say(address, &[], found.help("add it to a plan, or remove it"), sink);
        }
    }
}
