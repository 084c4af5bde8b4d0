//! Plans and what hangs on them: entitlements, commitments, usage thresholds.

use serde_json::{Map, Value as Json};

use super::body::{As, Row, create, update};
use super::usage::with_code;
use super::{Lowering, care};
use crate::changeset::{Draft, Expect, Learns, placeholder_address};
use crate::diff::{Action, Change};
use crate::model::Address;
use crate::provider::bxb::observe::segment;
use crate::provider::bxb::table::{
    APPLIED_TAX, CHARGE, COMMITMENT as COMMITMENTS, ENTITLEMENT, THRESHOLD as THRESHOLDS,
};

const PLAN: &[Row] = &[
    ("name", "name", As::Plain),
    ("description", "description", As::Plain),
    ("interval", "interval", As::Plain),
    ("amount", "amount_cents", As::Cents),
    ("currency", "currency", As::Plain),
    ("trial_period_days", "trial_period_days", As::Plain),
];

const COMMITMENT: &[Row] =
    &[("amount", "amount_cents", As::DecimalCents), ("invoice_display_name", "invoice_display_name", As::Plain)];

const THRESHOLD: &[Row] = &[
    ("amount", "amount_cents", As::DecimalCents),
    // Defaults to US dollars there, whatever the plan's currency is (§6.4).
    ("currency", "currency", As::Plain),
    ("recurring", "recurring", As::Plain),
    ("threshold_display_name", "threshold_display_name", As::Plain),
];

impl<'a> Lowering<'a> {
    /// Plans are addressed by id (§6.2). `rewritten`: its charges change.
    pub(super) fn plan(&mut self, change: &'a Change, rewritten: bool) {
        let address = &change.address;
        if self.removed(address) {
            self.remove_plan(change);
        }
        if self.created(address) {
            let code = address.key();
            let mut body = with_code(code);
            body.extend(create(self.wanted(address), PLAN, self.exponent(address)));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/plans/");
            draft.care = care::listed("plans", code, &body);
            draft.learns = Some(Learns::new(address, "/id"));
            let charges = self.charge_list(address);
            let count = charges.learns.len();
            if count > 0 {
                body.insert("charges".into(), charges.json);
                draft.ids = charges.ids;
                draft.also_learns = charges.learns;
            }
            draft.body = Some(Json::Object(body));
            draft.after = vec![format!("{address}:delete")];
            draft.summary = format!("Create plan {}{}", change.name, with_charges(count));
            self.push(draft);
        }
        if change.action == Action::Update {
            let body = update(change, PLAN, self.exponent(address));
            self.put_plan(address, &change.name, body, rewritten);
        }
    }

    /// Only the charges of a plan change.
    pub(super) fn write_charges(&mut self, plan: &Address) {
        let name =
            self.live.objects.get(plan).map_or_else(|| plan.key().to_owned(), |object| object.resource.name.clone());
        self.put_plan(plan, &name, Map::new(), true);
    }

    fn put_plan(&mut self, address: &Address, name: &str, mut body: Map<String, Json>, rewritten: bool) {
        if body.is_empty() && !rewritten {
            return;
        }
        let path = format!("/plans/{}", self.live_id(address));
        let mut draft = Draft::new(format!("{address}:update"), address, "PUT", path);
        draft.care = care::update(&body);
        draft.summary = format!("Update plan {name}");
        if rewritten {
            let charges = self.charge_list(address);
            draft.summary = match charges.learns.len() {
                0 => format!("Update plan {name}, without charges"),
                count => format!("Update plan {name}{}", with_charges(count)),
            };
            body.insert("charges".into(), charges.json);
            draft.ids = charges.ids;
            draft.also_learns = charges.learns;
            if let Some(care) = &mut draft.care {
                care.unchanged = Some(self.unchanged_charges(address));
            }
        }
        draft.body = Some(Json::Object(body));
        self.push(draft);
    }

    /// Entitlements, commitments and thresholds keep a plan; taxes would stay behind as rows that keep the tax (§9).
    fn remove_plan(&mut self, change: &'a Change) {
        let address = &change.address;
        let mut after = Vec::new();
        let parts: Vec<_> = self.parts(address).filter(|object| object.resource.kind != CHARGE).collect();
        for part in parts {
            let own = &part.resource.address;
            after.push(format!("{own}:delete"));
            if self.removed(own) {
                continue;
            }
            let path = match part.resource.kind.name {
                name if name == ENTITLEMENT.name => format!("/entitlements/{}", self.live_id(own)),
                name if name == COMMITMENTS.name => format!("/commitments/{}", self.live_id(own)),
                name if name == THRESHOLDS.name => format!("/usage_thresholds/{}", self.live_id(own)),
                name if name == APPLIED_TAX.name => format!("/taxes/applied/{}", self.live_id(own)),
                _ => continue,
            };
            let what = format!("{} {} of plan {}", part.resource.kind.name, part.resource.name, change.name);
            let draft = self.delete(address, own, path, &what);
            self.push(draft);
        }
        let path = format!("/plans/{}", self.live_id(address));
        let mut draft = self.delete(address, address, path, &format!("plan {}", change.name));
        draft.after = after;
        self.push(draft);
    }

    pub(super) fn entitlement(&mut self, change: &'a Change) {
        let address = &change.address;
        let Some(plan) = address.parent() else { return };
        let what = format!("entitlement to {} of plan {}", change.name, plan.key());
        if self.removed(address) {
            let path = format!("/entitlements/{}", self.live_id(address));
            let draft = self.delete(address, address, path, &what);
            self.push(draft);
        }
        if self.created(address) {
            let feature = self.id(&Address::new("features", address.key()));
            let plan_id = self.id(&plan);
            let mut body = Map::new();
            body.insert("plan_id".into(), plan_id.as_str().into());
            body.insert("feature_id".into(), feature.as_str().into());
            body.extend(create(self.wanted(address), &[("value", "value", As::Plain)], 0));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/entitlements/");
            let path = format!("/entitlements/?plan_id={plan_id}");
            draft.care = care::among(path, vec![Expect::id("/feature_id", feature.as_str())], &body);
            for expect in draft.care.iter_mut().flat_map(|care| &mut care.expect) {
                expect.id = expect.at.ends_with("_id");
            }
            for (id, place) in [(&plan_id, "/plan_id"), (&feature, "/feature_id")] {
                if placeholder_address(id).is_some() {
                    draft.ids.push(place.into());
                }
            }
            draft.body = Some(Json::Object(body));
            draft.learns = Some(Learns::new(address, "/id"));
            draft.after = vec![format!("{address}:delete")];
            draft.summary = format!("Create {what}");
            self.push(draft);
        }
        if change.action == Action::Update {
            let path = format!("/entitlements/{}", self.live_id(address));
            self.update(change, "PATCH", path, update(change, &[("value", "value", As::Plain)], 0));
        }
    }

    pub(super) fn commitment(&mut self, change: &'a Change) {
        let address = &change.address;
        if self.removed(address) {
            let path = format!("/commitments/{}", self.live_id(address));
            let draft = self.delete(address, address, path, &self.part_of(change));
            self.push(draft);
        }
        if self.created(address) {
            let mut own = Map::new();
            own.insert("commitment_type".into(), address.key().into());
            self.plan_part(change, "commitments", own, COMMITMENT);
        }
        if change.action == Action::Update {
            let path = format!("/commitments/{}", self.live_id(address));
            let exponent = self.exponent(&address.root());
            self.update(change, "PUT", path, update(change, COMMITMENT, exponent));
        }
    }

    /// There is no update: a threshold is deleted and created (§6.4).
    pub(super) fn threshold(&mut self, change: &'a Change) {
        let address = &change.address;
        if self.removed(address) {
            let path = format!("/usage_thresholds/{}", self.live_id(address));
            let draft = self.delete(address, address, path, &self.part_of(change));
            self.push(draft);
        }
        if self.created(address) {
            self.plan_part(change, "usage_thresholds", Map::new(), THRESHOLD);
        }
    }

    fn part_of(&self, change: &Change) -> String {
        format!("{} {} of plan {}", change.kind.name, change.name, change.address.root().key())
    }

    /// Nothing keeps the server from making one twice: it is known by everything that it says (§6.3, §6.4).
    fn plan_part(&mut self, change: &'a Change, collection: &str, mut body: Map<String, Json>, rows: &[Row]) {
        let address = &change.address;
        let plan = address.root();
        body.extend(create(self.wanted(address), rows, self.exponent(&plan)));
        let path = format!("/plans/{}/{collection}", segment(plan.key()));
        let mut draft = Draft::new(format!("{address}:create"), address, "POST", path.clone());
        draft.care = care::among(path, care::expect(&body), &body);
        draft.body = Some(Json::Object(body));
        draft.learns = Some(Learns::new(address, "/id"));
        draft.after = vec![format!("{plan}:create"), format!("{address}:delete")];
        draft.summary = format!("Create {}", self.part_of(change));
        self.push(draft);
    }
}

fn with_charges(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " with its charge".into(),
        count => format!(" with its {count} charges"),
    }
}
