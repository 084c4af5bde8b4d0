use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Lowering;
use super::body::{Body, field};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Live, Value};
use crate::provider::commet::table::{ADDON, PLAN_FEATURE};

impl<'a> Lowering<'a> {
    /// Features are addressed by code (§3.1).
    pub(super) fn feature(&mut self, change: &'a Change) {
        let address = &change.address;
        let old_code = self.live.objects.get(address).map_or(address.key(), |object| &object.natural_key);
        if matches!(change.action, Action::Delete | Action::Replace) {
            let mut draft =
                Draft::new(format!("{address}:delete"), address, "DELETE", self.dialect.object("/features", old_code));
            draft.after = self.uses_given_up(old_code);
            draft.summary = format!("Delete feature {}", change.name);
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            let fields = self.wanted(address);
            let mut body = Body::default();
            body.some("name", field(fields, "name"));
            body.put("code", address.key());
            body.some("type", field(fields, "type"));
            body.some("description", field(fields, "description"));
            body.some("unitName", field(fields, "unit_name"));
            let mut draft =
                Draft::new(format!("{address}:create"), address, "POST", self.dialect.collection("/features"));
            draft.body = body.json();
            draft.learns = self.learns(address);
            draft.summary = format!("Create feature {}", change.name);
            if change.action == Action::Replace {
                draft.after.push(format!("{address}:delete"));
            }
            self.push(draft);
        }
        if change.action == Action::Update {
            let mut body = Body::default();
            for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                let key = match changed.field.as_ref() {
                    "name" => "name",
                    "description" => "description",
                    "unit_name" => "unitName",
                    _ => continue,
                };
                body.put(key, changed.after.as_ref().map_or(Json::Null, super::body::plain));
            }
            if body.is_empty() {
                return;
            }
            let mut draft = Draft::new(
                format!("{address}:update"),
                address,
                self.dialect.update(),
                self.dialect.object("/features", old_code),
            );
            draft.body = body.json();
            draft.summary = format!("Update feature {}", change.name);
            self.push(draft);
        }
    }

    /// A feature can go when no plan and no add-on has it any more (`feature_in_use`).
    fn uses_given_up(&self, code: &str) -> Vec<String> {
        let mut after = Vec::new();
        for address in self.uses.get(code).into_iter().flatten() {
            // What is on a plan goes with the plan.
            for owner in [address.root(), (*address).clone()] {
                if matches!(self.action(&owner), Some(Action::Delete | Action::Replace)) {
                    after.push(format!("{owner}:delete"));
                    break;
                }
            }
        }
        after
    }
}

/// What has a feature now, by feature code: plan features and add-ons.
pub(super) fn uses(live: &Live) -> BTreeMap<&str, Vec<&Address>> {
    let mut uses: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for object in live.objects.values() {
        let resource = &object.resource;
        let code = match resource.kind.name {
            name if name == PLAN_FEATURE.name => Some(resource.address.key()),
            name if name == ADDON.name => resource.fields.get("feature").and_then(Value::text),
            _ => None,
        };
        if let Some(code) = code {
            uses.entry(code).or_default().push(&resource.address);
        }
    }
    uses
}
