//! What changes mean for their neighbours by bxb's rules. Pure.

use std::collections::BTreeMap;

use super::table::{APPLIED_TAX, CHARGE, ENTITLEMENT, FEATURE, METRIC, METRIC_FILTER, PLAN};
use crate::diff::{Action, Change, Diff, Reason, create_change};
use crate::model::{Address, Desired, Live};

pub(super) fn settle(diff: &mut Diff, desired: &Desired, live: &Live) {
    let changes = std::mem::take(&mut diff.changes);
    let changes = changes.into_iter().map(|change| (change.address.clone(), change)).collect();
    let mut settler = Settler { changes, desired, live, unchanged: diff.unchanged };
    settler.follow();
    settler.remarks(&mut diff.remarks);
    diff.unchanged = settler.unchanged;
    diff.changes = settler.changes.into_values().collect();
}

struct Settler<'a> {
    changes: BTreeMap<Address, Change>,
    desired: &'a Desired,
    live: &'a Live,
    unchanged: usize,
}

impl Settler<'_> {
    /// What is built on something that is made anew is made anew with it: a plan's parts, a metric's filters, the
    /// entitlements to a feature (bxb-api.md §9).
    fn follow(&mut self) {
        let replaced: Vec<(Address, &str)> = self
            .changes
            .values()
            .filter(|change| change.action == Action::Replace)
            .map(|change| (change.address.clone(), change.kind.name))
            .collect();
        for (owner, kind) in replaced {
            let follows = |address: &Address, child: &str| match kind {
                _ if kind == PLAN.name || kind == METRIC.name => address != &owner && address.is_within(&owner),
                _ if kind == FEATURE.name => child == ENTITLEMENT.name && address.key() == owner.key(),
                _ => false,
            };
            let followers: Vec<Address> = self
                .live
                .objects
                .values()
                .filter(|object| follows(&object.resource.address, object.resource.kind.name))
                .map(|object| object.resource.address.clone())
                .collect();
            for address in followers {
                self.replace(&address, &owner);
            }
        }
    }

    fn replace(&mut self, address: &Address, what: &Address) {
        let reason = Reason::Follows { what: what.clone() };
        if let Some(change) = self.changes.get_mut(address) {
            if matches!(change.action, Action::Update | Action::Adopt) {
                change.action = Action::Replace;
                change.reason = reason;
                for field in &mut change.fields {
                    field.blocked = false;
                }
                change.settle_effect();
            }
            return;
        }
        let (Some(wanted), Some(found)) = (self.desired.objects.get(address), self.live.objects.get(address)) else {
            return;
        };
        let mut change = create_change(wanted);
        change.action = Action::Replace;
        change.reason = reason;
        change.fields = Vec::new();
        change.fingerprint = Some(found.fingerprint());
        change.owned = true;
        change.settle_effect();
        self.unchanged = self.unchanged.saturating_sub(1);
        self.changes.insert(address.clone(), change);
    }

    /// What nobody can know (§6.2).
    fn remarks(&self, remarks: &mut Vec<String>) {
        let copied = self
            .live
            .objects
            .values()
            .filter(|object| object.resource.kind == CHARGE)
            .filter(|object| self.desired.objects.contains_key(&object.resource.address))
            .filter(|object| object.resource.fields.keys().any(|path| path.starts_with("filters.")))
            .count();
        if copied > 0 {
            remarks.push(format!(
                "the API never shows charge filters: those of {copied} {} are compared with the copy that Pricebook keeps in the charge's properties",
                if copied == 1 { "charge" } else { "charges" }
            ));
        }
        for address in self.live.hidden.iter().filter(|address| self.desired.objects.contains_key(address)) {
            if !self.changes.contains_key(address) {
                remarks.push(format!(
                    "{address} was not written by Pricebook: whether it has filters cannot be known, because the API never shows them"
                ));
            }
        }
        // §6.1: until the plans are written again, charges with the filter bill nothing.
        for change in self.changes.values().filter(|change| change.kind == METRIC_FILTER) {
            if change.action == Action::Replace {
                remarks.push(format!(
                    "{} is made anew, which takes its values away from every charge; the plans that use it are written again right after",
                    change.address
                ));
            }
        }
        debug_assert!(self.changes.values().all(|change| change.kind != APPLIED_TAX || change.fields.is_empty()));
    }
}
