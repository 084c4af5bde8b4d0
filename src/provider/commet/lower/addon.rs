use serde_json::Value as Json;

use super::Lowering;
use super::body::{Body, field, money, plain, unit_price};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Value};
use crate::provider::commet::table::ADDON;

impl<'a> Lowering<'a> {
    pub(super) fn addon(&mut self, change: &'a Change) {
        let address = &change.address;
        if matches!(change.action, Action::Delete | Action::Replace) {
            let path = format!("/addons/{}", self.live_id(address));
            let mut draft = Draft::new(format!("{address}:delete"), address, "DELETE", path);
            draft.summary = format!("Delete add-on {}", change.name);
            self.push(draft);
        }
        if matches!(change.action, Action::Create | Action::Replace) {
            let fields = self.wanted(address);
            let mut body = Body::default();
            body.some("name", field(fields, "name"));
            body.some("description", field(fields, "description"));
            body.some("basePrice", fields.get("base_price").map(|amount| money(amount, Currency::USD)));
            // The one place that takes a feature's code as well as its id (§3.7).
            body.some("featureId", field(fields, "feature"));
            body.some("consumptionModel", field(fields, "consumption_model"));
            body.some("includedUnits", field(fields, "included_units"));
            body.some("overageRate", fields.get("overage_rate").map(unit_price));
            body.some("creditCost", field(fields, "credit_cost"));
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/addons");
            draft.body = body.json();
            draft.learns = self.learns(address);
            draft.summary = format!("Create add-on {}", change.name);
            let feature = fields.get("feature").and_then(Value::text).unwrap_or_default();
            if self.created(&Address::new("features", feature)) {
                draft.after.push(format!("{}:create", Address::new("features", feature)));
            }
            // One add-on per feature: the one that has it goes first.
            for other in self.uses.get(feature).into_iter().flatten() {
                let is_addon = other.collection() == ADDON.collection;
                if is_addon && matches!(self.action(other), Some(Action::Delete | Action::Replace)) {
                    draft.after.push(format!("{other}:delete"));
                }
            }
            self.push(draft);
        }
        if change.action == Action::Update {
            let mut body = Body::default();
            for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                let after = changed.after.as_ref();
                match changed.field.as_ref() {
                    "name" => body.some("name", after.map(plain)),
                    // Not nullable (§3.7): an empty text clears it.
                    "description" => body.put("description", after.map_or(Json::from(""), plain)),
                    "base_price" => body.some("basePrice", after.map(|amount| money(amount, Currency::USD))),
                    "included_units" => body.put("includedUnits", after.map_or(Json::from(0), plain)),
                    "overage_rate" => body.put("overageRate", after.map_or(Json::from(0), unit_price)),
                    _ => continue,
                };
            }
            if body.is_empty() {
                return;
            }
            let path = format!("/addons/{}", self.live_id(address));
            let mut draft = Draft::new(format!("{address}:update"), address, self.dialect.update(), path);
            draft.body = body.json();
            draft.summary = format!("Update add-on {}", change.name);
            self.push(draft);
        }
    }
}
