//! Plan groups and who is in them. A plan belongs to at most one group (§3.6), so it leaves one before it joins
//! another; a reorder lists every plan of the group.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::Lowering;
use super::body::{Body, field, plain};
use crate::changeset::{Draft, placeholder};
use crate::diff::{Action, Change};
use crate::model::{Address, Desired, Value};
use crate::provider::commet::table::GROUP;

impl<'a> Lowering<'a> {
    pub(super) fn group(&mut self, change: &'a Change) {
        let address = &change.address;
        let draft = match change.action {
            Action::Delete => {
                let path = format!("/plan-groups/{}", self.live_id(address));
                let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
                draft.summary = format!("Delete plan group {}", change.name);
                draft
            }
            Action::Create => {
                let fields = self.wanted(address);
                let mut body = Body::default();
                body.some("name", field(fields, "name"));
                body.some("description", field(fields, "description"));
                body.some("isPublic", field(fields, "public"));
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/plan-groups");
                draft.body = body.json();
                draft.learns = self.learns(address);
                draft.summary = format!("Create plan group {}", change.name);
                draft
            }
            _ => {
                let mut body = Body::default();
                for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                    let after = || changed.after.as_ref().map_or(Json::Null, plain);
                    match changed.field.as_ref() {
                        "name" => body.put("name", after()),
                        "description" => body.put("description", after()),
                        "public" => body.put("isPublic", after()),
                        _ => continue,
                    };
                }
                if body.is_empty() {
                    return;
                }
                let path = format!("/plan-groups/{}", self.live_id(address));
                let mut draft = Draft::new(format!("{address}:update"), address, self.dialect.update(), path);
                draft.body = body.json();
                draft.summary = format!("Update plan group {}", change.name);
                draft
            }
        };
        self.push(draft);
    }

    /// The group that the files put a plan into.
    pub(super) fn group_of(&self, plan: &Address) -> Option<Address> {
        let is_in = |group: &Address| self.members(group, false).iter().any(|code| code == plan.key());
        let group = self.groups.get(plan.key()).copied();
        // With `--only`, a group whose change is not chosen takes nobody in and lets nobody go.
        group.filter(|group| self.changes.contains_key(*group) || is_in(group)).cloned().or_else(|| {
            let of_files = self.desired.objects.values().filter(|object| object.resource.kind == GROUP);
            of_files
                .map(|o| &o.resource.address)
                .find(|group| !self.changes.contains_key(*group) && is_in(group))
                .cloned()
        })
    }

    /// Joins, leaves and reorders, for every group that changes or has a plan that is made anew.
    pub(super) fn memberships(&mut self) {
        let groups: Vec<(Address, Address)> = self
            .desired
            .objects
            .values()
            .filter(|object| object.resource.kind == GROUP)
            .filter_map(|object| {
                let address = object.resource.address.clone();
                let changed = self.changes.get(&address).is_some_and(|change| {
                    change.action == Action::Create || change.fields.iter().any(|field| field.field == "plans")
                });
                let renewed = self
                    .members(&address, false)
                    .iter()
                    .map(|code| Address::new("plans", code))
                    .find(|plan| self.action(plan) == Some(Action::Replace));
                if changed { Some((address.clone(), address)) } else { renewed.map(|plan| (address, plan)) }
            })
            .collect();
        for (group, because) in groups {
            self.membership(&group, &because);
        }
    }

    fn members(&self, group: &Address, wanted: bool) -> Vec<String> {
        let fields = if wanted { self.wanted(group) } else { self.found(group) };
        match fields.get("plans") {
            Some(Value::List(list)) => list.iter().filter_map(Value::text).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    fn membership(&mut self, group: &Address, because: &Address) {
        // The group's own change may not be chosen; then only what is made anew comes back to its place.
        let wanted = self.members(group, self.changes.contains_key(group));
        let found = self.members(group, false);
        let group_id = self.id(group);
        let mut waits: Vec<String> = Vec::new();

        // Who stays, in the order in which they stand now.
        let mut order: Vec<String> = Vec::new();
        for code in &found {
            let plan = Address::new("plans", code);
            match self.action(&plan) {
                // It leaves the group with its own delete; a new plan of that code joins as it is created.
                Some(Action::Delete | Action::Replace) => waits.push(format!("{plan}:delete")),
                _ if wanted.contains(code) => order.push(code.clone()),
                _ => {
                    let key = format!("{group}:leave:{code}");
                    let path = format!("/plan-groups/{group_id}/plans/{}", self.live_id(&plan));
                    let mut draft = Draft::new(key.clone(), group, "DELETE", path);
                    draft.summary = format!("Take {code} out of the plan group {}", group.key());
                    self.push(draft);
                    waits.push(key);
                }
            }
        }
        let stays: BTreeSet<String> = order.iter().cloned().collect();
        let mut next = order.iter().map(|code| self.rank(code)).max().map_or(0, |rank| rank + 1);
        let mut placed = true;
        for code in &wanted {
            let plan = Address::new("plans", code);
            if stays.contains(code) {
                continue;
            }
            order.push(code.clone());
            if self.created(&plan) {
                // Where a plan that is created into a group stands is not documented.
                waits.push(format!("{plan}:create"));
                placed = false;
                continue;
            }
            let key = format!("{group}:join:{code}");
            let mut draft = Draft::new(key.clone(), group, "POST", format!("/plan-groups/{group_id}/plans"));
            draft.body = Some(json!({ "planId": self.live_id(&plan), "sortOrder": next }));
            draft.after = self.leaves(&plan, group);
            draft.summary = format!("Put {code} into the plan group {}", group.key());
            self.push(draft);
            waits.push(key);
            next += 1;
        }
        if wanted.len() < 2 || placed && order == wanted {
            return;
        }
        let mut draft =
            Draft::new(format!("{group}:reorder"), because, "PUT", format!("/plan-groups/{group_id}/plans/reorder"));
        let mut ids = Vec::new();
        for (at, code) in wanted.iter().enumerate() {
            let plan = Address::new("plans", code);
            if self.created(&plan) {
                draft.ids.push(format!("/planIds/{at}"));
                ids.push(placeholder(&plan));
            } else {
                ids.push(self.live_id(&plan));
            }
        }
        draft.body = Some(json!({ "planIds": ids }));
        draft.after = waits;
        draft.summary = format!("Order the plan group {}: {}", group.key(), wanted.join(", "));
        self.push(draft);
    }

    fn rank(&self, code: &str) -> i64 {
        self.live.objects.get(&Address::new("plans", code)).map_or(0, |object| object.rank)
    }

    /// The calls by which a plan leaves the group that it is in now.
    fn leaves(&mut self, plan: &Address, joining: &Address) -> Vec<String> {
        let member = Value::from(plan.key());
        let Some(group) = self
            .live
            .objects
            .values()
            .filter(|object| object.resource.kind == GROUP && object.resource.address != *joining)
            .find(|object| matches!(object.resource.fields.get("plans"), Some(Value::List(list)) if list.contains(&member)))
        else {
            return Vec::new();
        };
        let address = &group.resource.address;
        if self.action(address) == Some(Action::Delete) {
            return vec![format!("{address}:delete")];
        }
        let key = format!("{address}:leave:{}", plan.key());
        // A group that the files name says by itself who leaves it.
        if !self.desired.objects.contains_key(address) {
            let path = format!("/plan-groups/{}/plans/{}", self.live_id(address), self.live_id(plan));
            let mut draft = Draft::new(key.clone(), joining, "DELETE", path);
            draft.summary = format!("Take {} out of the plan group {}", plan.key(), address.key());
            self.push(draft);
        }
        vec![key]
    }
}

/// The group that the files put a plan into, by plan code.
pub(super) fn members_of(desired: &Desired) -> BTreeMap<&str, &Address> {
    let mut groups = BTreeMap::new();
    for object in desired.objects.values().filter(|object| object.resource.kind == GROUP) {
        if let Some(Value::List(plans)) = object.resource.fields.get("plans") {
            groups.extend(plans.iter().filter_map(Value::text).map(|code| (code, &object.resource.address)));
        }
    }
    groups
}
