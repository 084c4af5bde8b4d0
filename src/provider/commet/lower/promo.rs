//! Calls for promo codes: there is no delete, a code that is not wanted is switched off (commet-api.md §3.8).

use serde_json::{Value as Json, json};

use super::Lowering;
use super::body::{Body, basis_points, field, money, plain};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Fields, Value};

impl<'a> Lowering<'a> {
    /// There is no delete: a code that is not wanted is switched off.
    pub(super) fn promo_code(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        match change.action {
            Action::Delete => {
                if self.found(address).get("active") == Some(&Value::Flag(false)) {
                    return;
                }
                let mut draft = self.sales_draft(change, "delete", self.dialect.update(), "/promo-codes");
                draft.body = Some(json!({ "active": false }));
                draft.summary = format!("Switch the promo code {} off", change.name);
                self.push(draft);
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/promo-codes");
                let mut body = Body::default();
                for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                    let after = || changed.after.as_ref().map_or(Json::Null, plain);
                    match changed.field.as_ref() {
                        "billing_interval" => body.put("billingInterval", after()),
                        "max_redemptions" => body.put("maxRedemptions", after()),
                        "expires_at" => body.put("expiresAt", after()),
                        "active" => body.put("active", after()),
                        "plans" => {
                            let plans = self.plan_ids(fields, &mut draft.ids);
                            body.put("planIds", plans)
                        }
                        _ => continue,
                    };
                }
                if body.is_empty() {
                    return;
                }
                draft.body = body.json();
                draft.summary = format!("Update the promo code {}", change.name);
                self.push(draft);
            }
            _ => self.create_promo_code(change),
        }
    }

    fn create_promo_code(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/promo-codes");
        let mut body = Body::default();
        body.put("code", address.key());
        if let Some(offer) = fields.get("offer").and_then(Value::text) {
            let offer = Address::new("offers", offer);
            body.put("offerId", self.id(&offer));
            if self.created(&offer) {
                draft.ids.push("/offerId".into());
            }
        }
        if let Some(amount) = fields.get("amount_off") {
            body.put("discountType", "amount").put("discountValue", money(amount, Currency::USD));
        } else if let Some(percentage) = fields.get("percentage") {
            body.put("discountType", "percentage").put("discountValue", basis_points(percentage));
        }
        body.some("durationCycles", field(fields, "cycles"));
        body.some("billingInterval", field(fields, "billing_interval"));
        body.some("maxRedemptions", field(fields, "max_redemptions"));
        body.some("expiresAt", field(fields, "expires_at"));
        if fields.contains_key("plans") {
            let plans = self.plan_ids(fields, &mut draft.ids);
            body.put("planIds", plans);
        }
        draft.body = body.json();
        draft.learns = self.learns(address);
        draft.summary = format!("Create the promo code {}", change.name);
        self.push(draft);
        if fields.get("active") == Some(&Value::Flag(false)) {
            // It cannot be created switched off.
            let path = format!("/promo-codes/{}", self.id(address));
            let mut draft = Draft::new(format!("{address}:off"), address, self.dialect.update(), path);
            draft.body = Some(json!({ "active": false }));
            draft.summary = format!("Switch the promo code {} off", change.name);
            self.push(draft);
        }
    }

    fn plan_ids(&self, fields: &Fields, ids: &mut Vec<String>) -> Json {
        let codes = match fields.get("plans") {
            Some(Value::List(codes)) => &**codes,
            _ => &[],
        };
        let plans = codes.iter().filter_map(Value::text).map(|code| Address::new("plans", code));
        let id = |(at, plan): (usize, Address)| {
            if self.created(&plan) {
                ids.push(format!("/planIds/{at}"));
            }
            self.id(&plan)
        };
        plans.enumerate().map(id).collect::<Vec<_>>().into()
    }
}
