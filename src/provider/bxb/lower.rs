//! Changes → calls, in the dependency order of bxb-api.md §9. Pure. What must wait for what is said here; the order
//! itself is found later.

mod body;
mod care;
mod charges;
mod offers;
mod plans;
mod taxes;
mod usage;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::{Care, Draft, placeholder};
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Desired, Fields, Live, LiveObject, Value};
use crate::provider::Lowered;

use super::table::{
    ADD_ON, APPLIED_TAX, CHARGE, COMMITMENT, COUPON, ENTITLEMENT, FEATURE, METRIC, METRIC_FILTER, PLAN, TAX, THRESHOLD,
};

/// The calls that make all changes.
pub(super) fn lower(changes: &[Change], desired: &Desired, live: &Live) -> Lowered {
    let mut out = Lowering {
        changes: changes
            .iter()
            .filter(|change| change.is_effective())
            .map(|change| (&change.address, change))
            .collect(),
        desired,
        live,
        drafts: Vec::new(),
        unknown_ids: RefCell::new(BTreeSet::new()),
    };
    let rewritten = out.rewritten();
    for change in changes.iter().filter(|change| change.is_effective()) {
        match change.kind.name {
            name if name == TAX.name => out.tax(change),
            name if name == METRIC.name => out.metric(change),
            name if name == METRIC_FILTER.name => out.metric_filter(change),
            name if name == FEATURE.name => out.feature(change),
            name if name == PLAN.name => out.plan(change, rewritten.contains(&change.address)),
            name if name == ENTITLEMENT.name => out.entitlement(change),
            name if name == COMMITMENT.name => out.commitment(change),
            name if name == THRESHOLD.name => out.threshold(change),
            name if name == ADD_ON.name => out.add_on(change),
            name if name == COUPON.name => out.coupon(change),
            // Written with their plan, and after it.
            name => debug_assert!(name == CHARGE.name || name == APPLIED_TAX.name, "{name}"),
        }
    }
    for plan in &rewritten {
        if !out.changes.contains_key(plan) {
            out.write_charges(plan);
        }
    }
    out.applied_taxes(&rewritten);
    Lowered { drafts: out.drafts, unknown_ids: out.unknown_ids.into_inner().into_iter().collect() }
}

struct Lowering<'a> {
    /// Effective changes.
    changes: BTreeMap<&'a Address, &'a Change>,
    desired: &'a Desired,
    live: &'a Live,
    drafts: Vec<Draft>,
    /// Live objects that a call needs the id of, and whose id nothing tells.
    unknown_ids: RefCell<BTreeSet<Address>>,
}

impl<'a> Lowering<'a> {
    fn action(&self, address: &Address) -> Option<Action> {
        self.changes.get(address).map(|change| change.action)
    }

    fn created(&self, address: &Address) -> bool {
        matches!(self.action(address), Some(Action::Create | Action::Replace))
    }

    fn removed(&self, address: &Address) -> bool {
        matches!(self.action(address), Some(Action::Delete | Action::Replace))
    }

    fn wanted(&self, address: &Address) -> &'a Fields {
        static NOTHING: Fields = Fields::new();
        self.desired.objects.get(address).map_or(&NOTHING, |object| &object.resource.fields)
    }

    /// Live objects inside this one.
    fn parts(&self, owner: &Address) -> impl Iterator<Item = &'a LiveObject> + use<'a> {
        let owner = owner.clone();
        // Addresses are sorted: what is inside an object follows it.
        let from = self.live.objects.range(&owner..);
        from.take_while({
            let owner = owner.clone();
            move |(address, _)| address.is_within(&owner)
        })
        .filter(move |(address, _)| **address != owner)
        .map(|(_, object)| object)
    }

    /// The id that a live object has now. Where nothing tells it, that is remembered: a guard stands before such
    /// a call.
    fn live_id(&self, address: &Address) -> String {
        let id = self.live.objects.get(address).and_then(|object| object.id.clone());
        id.unwrap_or_else(|| {
            self.unknown_ids.borrow_mut().insert(address.clone());
            "unknown".into()
        })
    }

    /// The id that an object has when the call is made: known, or learned by then.
    fn id(&self, address: &Address) -> String {
        if self.created(address) { placeholder(address) } else { self.live_id(address) }
    }

    /// Decimals of a plan's amounts.
    fn exponent(&self, plan: &Address) -> u32 {
        let currency = self.wanted(plan).get("currency").and_then(Value::text);
        let live = || self.live.objects.get(plan)?.resource.fields.get("currency")?.text();
        let currency = currency.or_else(live).and_then(|code| code.parse::<Currency>().ok());
        currency.map_or(2, Currency::exponent)
    }

    fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// A delete of a live object by a path. A refusal is a bare 500, so it is not tried for long (§2).
    fn delete(&self, owner: &Address, key: &Address, path: String, what: &str) -> Draft {
        let mut draft = Draft::new(format!("{key}:delete"), owner, "DELETE", path);
        draft.care = Some(Care::default());
        draft.summary = format!("Delete {what}");
        draft
    }
}
