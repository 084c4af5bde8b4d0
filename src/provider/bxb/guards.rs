//! Guards that come from bxb's own rules: what the server would refuse with a bare 500, and what it would lose without
//! a word (bxb-api.md §6.1, §6.2, §9).

use std::collections::{BTreeMap, BTreeSet};

use super::live::NO_TAXES;
use super::table::{APPLIED_TAX, CHARGE, ENTITLEMENT, FEATURE, METRIC, METRIC_FILTER};
use crate::changeset::Guard;
use crate::diff::{Action, Change};
use crate::model::{Address, Desired, Fields, Live, Value, path_segment};

pub(super) fn guards(changes: &[Change], desired: &Desired, live: &Live) -> Vec<Guard> {
    let by_address: BTreeMap<&Address, &Change> = changes.iter().map(|change| (&change.address, change)).collect();
    let context = Context { changes: by_address, desired, live };
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace)) {
        if change.kind == METRIC {
            found.extend(context.metric_in_use(change));
        } else if change.kind == FEATURE {
            found.extend(context.feature_in_use(change));
        } else if change.kind == METRIC_FILTER {
            found.extend(context.filter_elsewhere(change));
        }
    }
    found.extend(context.hidden_filters());
    found.extend(context.taxes_elsewhere());
    found
}

struct Context<'a> {
    changes: BTreeMap<&'a Address, &'a Change>,
    desired: &'a Desired,
    live: &'a Live,
}

impl Context<'_> {
    fn goes(&self, address: &Address) -> bool {
        let action = |address: &Address| self.changes.get(address).map(|change| change.action);
        action(address) == Some(Action::Delete)
            || matches!(action(&address.root()), Some(Action::Delete | Action::Replace))
    }

    /// Live charges for a metric.
    fn charges(&self, metric: &str) -> impl Iterator<Item = (&Address, &Fields)> {
        let metric = Value::from(metric);
        self.live
            .objects
            .values()
            .filter(move |object| {
                object.resource.kind == CHARGE && object.resource.fields.get("billable_metric") == Some(&metric)
            })
            .map(|object| (&object.resource.address, &object.resource.fields))
    }

    /// §9: refused while any charge uses it. What stops using it is written before the delete; what goes on using it
    /// under the same code cannot be.
    fn metric_in_use(&self, change: &Change) -> Option<Guard> {
        let code = change.address.key();
        let moves_on = |charge: &Address| {
            let field = self.changes.get(charge).and_then(|change| {
                change.fields.iter().find(|field| field.field == "billable_metric" && field.before.is_some())
            });
            field.is_some_and(|field| field.after.as_ref().and_then(Value::text) != Some(code))
        };
        let mut users: BTreeSet<Address> = self
            .charges(code)
            .map(|(address, _)| address)
            .filter(|charge| !self.goes(charge) && !moves_on(charge))
            .cloned()
            .collect();
        if change.action == Action::Replace {
            users.extend(self.taken_up_again(code));
        }
        if users.is_empty() {
            return None;
        }
        let names = names(&users.into_iter().collect::<Vec<_>>());
        let way = if change.action == Action::Replace {
            "Make a metric under a new code, and let the charges use that one"
        } else {
            "Take it off there first, or put its block back into the files"
        };
        Some(Guard::new(
            "PB-G14",
            format!(
                "{} cannot be deleted: {names} charge for it, and the API deletes no metric that is used. {way}",
                change.address
            ),
            vec![change.address.clone()],
        ))
    }

    /// Charges that come to a metric that is made anew, on plans that have left it only by the same write: that write
    /// would have to stand before the delete and after the create.
    fn taken_up_again(&self, metric: &str) -> impl Iterator<Item = Address> {
        let left: BTreeSet<Address> = self.charges(metric).map(|(charge, _)| charge.root()).collect();
        let metric = Value::from(metric);
        let charges = self.desired.objects.values().filter(|object| object.resource.kind == CHARGE);
        charges
            .filter(move |object| object.resource.fields.get("billable_metric") == Some(&metric))
            .map(|object| object.resource.address.clone())
            .filter(move |charge| left.contains(&charge.root()) && !self.goes(&charge.root()))
    }

    /// §6.5: refused with any entitlement.
    fn feature_in_use(&self, change: &Change) -> Option<Guard> {
        let taken_away = |address: &Address| {
            self.goes(address) || self.changes.get(address).is_some_and(|change| change.action == Action::Replace)
        };
        let users: Vec<Address> = self
            .live
            .objects
            .values()
            .filter(|object| object.resource.kind == ENTITLEMENT)
            .map(|object| &object.resource.address)
            .filter(|address| address.key() == change.address.key() && !taken_away(address))
            .map(Address::root)
            .collect();
        (!users.is_empty()).then(|| {
            Guard::new(
                "PB-G14",
                format!(
                    "{} cannot be deleted: {} entitle to it. Take it off there first, or put its block back into the files",
                    change.address,
                    names(&users)
                ),
                vec![change.address.clone()],
            )
        })
    }

    /// §6.1: deleting a filter takes its values from every charge that has them, and such a charge then bills
    /// nothing. Plans of ours are written again; others are not.
    fn filter_elsewhere(&self, change: &Change) -> Option<Guard> {
        let metric = change.address.parent()?;
        let path = format!("filters.{}", path_segment(change.address.key()));
        let users: Vec<Address> = self
            .charges(metric.key())
            .filter(|(charge, _)| !self.desired.objects.contains_key(&charge.root()) && !self.goes(charge))
            .filter(|(charge, fields)| fields.contains_key(path.as_str()) || self.live.hidden.contains(charge))
            .map(|(charge, _)| charge.clone())
            .collect();
        (!users.is_empty()).then(|| {
            Guard::new(
                "PB-G16",
                format!(
                    "{} is deleted{}, which takes its values away from every charge; {} may have them, and are not managed here: they would then bill nothing",
                    change.address,
                    if change.action == Action::Replace { " and made anew" } else { "" },
                    names(&users)
                ),
                vec![change.address.clone()],
            )
        })
    }

    /// §1: `POST /taxes/apply` looks a tax up in the default organization, whosever the request is.
    fn taxes_elsewhere(&self) -> Option<Guard> {
        if !self.live.facts.contains(NO_TAXES) {
            return None;
        }
        let applied: Vec<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == APPLIED_TAX)
            .filter(|change| matches!(change.action, Action::Create | Action::Replace))
            .map(|change| change.address.clone())
            .collect();
        (!applied.is_empty()).then(|| {
            Guard::new(
                "PB-G17",
                format!(
                    "{} cannot be applied: the server applies taxes only in its default organization, and the key leads to another one. Take `taxes:` off plans and charges, and write `applied_to_organization: true` into the tax",
                    names(&applied)
                ),
                applied,
            )
        })
    }

    /// §6.2: a write of a plan's charges is a write of all of them, and nobody can send filters that nobody has seen.
    fn hidden_filters(&self) -> Vec<Guard> {
        let mut by_plan: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
        let written: BTreeSet<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == CHARGE && change.is_effective())
            .map(|change| change.address.root())
            .collect();
        for charge in &self.live.hidden {
            let plan = charge.root();
            let stated = self
                .desired
                .objects
                .get(charge)
                .is_some_and(|wanted| wanted.resource.fields.keys().any(|path| path.starts_with("filters.")));
            if written.contains(&plan) && !stated && !self.goes(charge) && self.desired.objects.contains_key(&plan) {
                by_plan.entry(plan).or_default().push(charge.clone());
            }
        }
        by_plan
            .into_iter()
            .map(|(plan, charges)| {
                Guard::new(
                    "PB-G15",
                    format!(
                        "writing the charges of {plan} writes all of them, and {} were not written by Pricebook: if they have filters, those are lost, because the API never shows them. Write the filters into the file to keep them",
                        names(&charges)
                    ),
                    vec![plan],
                )
            })
            .collect()
    }
}

/// The first few, and how many more.
fn names(addresses: &[Address]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = addresses.iter().take(SHOWN).map(Address::to_string).collect();
    if addresses.len() > SHOWN {
        shown.push(format!("{} more", addresses.len() - SHOWN));
    }
    shown.join(", ")
}
