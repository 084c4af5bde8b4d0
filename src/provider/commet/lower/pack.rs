//! Calls for credit packs (commet-api.md §3.8).

use serde_json::Value as Json;

use super::Lowering;
use super::body::{Body, field, money, plain};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::Currency;

impl<'a> Lowering<'a> {
    pub(super) fn credit_pack(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/credit-packs");
                draft.summary = format!("Delete the credit pack {}", change.name);
                draft
            }
            Action::Update => {
                let mut body = Body::default();
                for changed in change.fields.iter().filter(|changed| !changed.blocked) {
                    let after = changed.after.as_ref();
                    match changed.field.as_ref() {
                        "name" => body.some("name", after.map(plain)),
                        // Whether null clears it is not documented: an empty text says the same.
                        "description" => body.put("description", after.map_or(Json::from(""), plain)),
                        "credits" => body.some("credits", after.map(plain)),
                        "price" => body.some("price", after.map(|price| money(price, Currency::USD))),
                        "active" => body.some("isActive", after.map(plain)),
                        _ => continue,
                    };
                }
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/credit-packs");
                draft.body = body.json();
                draft.summary = format!("Update the credit pack {}", change.name);
                draft
            }
            _ => {
                let mut body = Body::default();
                body.some("name", field(fields, "name"));
                body.some("description", field(fields, "description"));
                body.some("credits", field(fields, "credits"));
                body.some("price", fields.get("price").map(|price| money(price, Currency::USD)));
                body.some("isActive", field(fields, "active"));
                let path = self.dialect.collection("/credit-packs");
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", path);
                draft.body = body.json();
                draft.learns = self.learns(address);
                draft.summary = format!("Create the credit pack {}", change.name);
                draft
            }
        };
        self.push(draft);
    }
}
