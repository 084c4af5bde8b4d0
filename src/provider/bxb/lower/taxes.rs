//! Taxes on plans and charges. A charge gets a new id with every write of its plan, so what was applied to the old
//! one is taken away and applied to the new one (bxb-api.md §6.2, §6.9).

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{Lowering, care};
use crate::changeset::{Draft, Expect, Learns, placeholder, placeholder_address};
use crate::diff::Action;
use crate::model::Address;
use crate::provider::bxb::table::APPLIED_TAX;

impl Lowering<'_> {
    pub(super) fn applied_taxes(&mut self, rewritten: &BTreeSet<Address>) {
        self.left_behind();
        let is_applied = |kind: &crate::model::KindSpec| kind == APPLIED_TAX;
        let live = self.live.objects.values().filter(|object| is_applied(object.resource.kind));
        let changed = self.changes.values().filter(|change| is_applied(change.kind)).map(|change| &change.address);
        let all: BTreeSet<Address> = live
            .map(|object| &object.resource.address)
            .chain(changed)
            .filter(|address| address.root().collection() == "plans")
            .cloned()
            .collect();
        for address in all {
            let Some(owner) = address.parent() else { continue };
            let plan = address.root();
            let is_live = self.live.objects.contains_key(&address);
            let action = self.action(&address);
            let of_charge = owner != plan;
            // A charge that goes takes nothing along; a charge that is written has another id then.
            let anew = of_charge && rewritten.contains(&plan);
            let owner_goes = self.action(&owner) == Some(Action::Delete);
            let removed = is_live && (self.removed(&address) || anew);
            // What a plan that goes had is taken away with it.
            let by_plan = self.removed(&plan) && !self.removed(&address);
            if removed && !by_plan {
                self.take_off(&address);
            }
            let applied = match action {
                Some(Action::Delete) => false,
                Some(_) => true,
                None => is_live && anew && !owner_goes,
            };
            if applied && self.action(&plan) != Some(Action::Delete) {
                self.apply(&address, &owner, if of_charge { "charge" } else { "plan" }, anew);
            }
        }
    }

    /// What an interrupted run left on charges that are gone. A tax that goes takes them along itself.
    fn left_behind(&mut self) {
        let rows: Vec<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == APPLIED_TAX && change.action == Action::Delete)
            .map(|change| change.address.clone())
            .filter(|address| address.root().collection() == "taxes" && !self.removed(&address.root()))
            .collect();
        for address in rows {
            let path = format!("/taxes/applied/{}", self.live_id(&address));
            let what = format!("what is left of tax {} on a charge that is gone", address.root().key());
            let draft = self.delete(&address, &address, path, &what);
            self.push(draft);
        }
    }

    fn take_off(&mut self, address: &Address) {
        let path = format!("/taxes/applied/{}", self.live_id(address));
        let what = format!("tax {} on {}", address.key(), place(address));
        let mut draft = self.delete(address, address, path, &what);
        draft.summary = format!("Take {what} off");
        // On a charge, not before the charge is written: until then it is owed.
        draft.after = vec![format!("{}:update", address.root())];
        self.push(draft);
    }

    fn apply(&mut self, address: &Address, owner: &Address, kind: &str, anew: bool) {
        let code = address.key();
        let id = if anew || self.created(owner) || self.created(&address.root()) {
            placeholder(owner)
        } else {
            self.live_id(owner)
        };
        let mut body = Map::new();
        body.insert("tax_code".into(), code.into());
        body.insert("taxable_type".into(), kind.into());
        body.insert("taxable_id".into(), id.as_str().into());
        let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/taxes/apply");
        let path = format!("/taxes/applied?taxable_type={kind}&taxable_id={id}");
        draft.care = care::among(path, vec![Expect::new("/tax_code", code)], &Map::new());
        if placeholder_address(&id).is_some() {
            draft.ids.push("/taxable_id".into());
        }
        draft.body = Some(Json::Object(body));
        draft.learns = Some(Learns::new(address, "/id"));
        draft.after = vec![format!("{}:create", Address::new("taxes", code)), format!("{}:update", address.root())];
        draft.summary = format!("Apply tax {code} to {}", place(address));
        self.push(draft);
    }
}

/// `plan pro`, `charge calls of plan pro`.
fn place(address: &Address) -> String {
    let plan = format!("plan {}", address.root().key());
    match address.parent() {
        Some(owner) if owner != address.root() => format!("charge {} of {plan}", owner.key()),
        _ => plan,
    }
}
