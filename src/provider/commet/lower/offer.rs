//! Calls for offers: an update replaces all terms (commet-api.md §3.8).

use serde_json::{Map, Value as Json, json};

use super::Lowering;
use super::body::{basis_points, money, plain};
use crate::changeset::Draft;
use crate::diff::{Action, Change};
use crate::model::Fields;
use crate::provider::commet::metadata;

impl<'a> Lowering<'a> {
    /// An update replaces all terms, so that it says all of them.
    pub(super) fn offer(&mut self, change: &'a Change) {
        let address = &change.address;
        let mut draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/offers");
                // A promo code that gives it is switched off or gone before.
                draft.after = self.drafts_of("promo_codes");
                draft.summary = format!("Delete the offer {}", change.name);
                draft
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/offers");
                draft.body = Some(terms(self.wanted(address)));
                draft.summary = format!("Write the terms of the offer {}", change.name);
                draft
            }
            _ => {
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/offers");
                draft.body = Some(terms(self.wanted(address)));
                draft.learns = self.learns(address);
                draft.summary = format!("Create the offer {}", change.name);
                draft
            }
        };
        draft.after.retain(|key| !key.is_empty());
        self.push(draft);
    }

    /// The calls that take away objects of a collection.
    fn drafts_of(&self, collection: &str) -> Vec<String> {
        let gone = self.changes.values().filter(|change| change.action == Action::Delete);
        let its = gone.filter(|change| change.address.collection() == collection);
        its.map(|change| format!("{}:delete", change.address)).collect()
    }

    pub(super) fn sales_draft(&self, change: &Change, verb: &str, method: &'static str, path: &str) -> Draft {
        let path = format!("{path}/{}", self.live_id(&change.address));
        Draft::new(format!("{}:{verb}", change.address), &change.address, method, path)
    }
}

/// The whole of an offer.
fn terms(fields: &Fields) -> Json {
    let mut phases = Vec::new();
    loop {
        let path = |name: &str| format!("phases.{}.{name}", phases.len() + 1);
        let get = |name: &str| fields.get(path(name).as_str());
        let mut phase = Map::new();
        let amounts = |name: &str| -> Option<Json> {
            let prefix = format!("{}.", path(name));
            let list: Vec<Json> = fields
                .iter()
                .filter_map(|(path, value)| {
                    let code = path.strip_prefix(prefix.as_str())?;
                    Some(json!({ "currency": code, "amount": money(value, code.parse().ok()?) }))
                })
                .collect();
            (!list.is_empty()).then_some(Json::Array(list))
        };
        if let Some(days) = get("free_trial") {
            phase.insert("type".into(), "free_trial".into());
            phase.insert("durationDays".into(), plain(days));
        } else {
            if let Some(percentage) = get("percentage") {
                phase.insert("type".into(), "percentage".into());
                phase.insert("percentage".into(), basis_points(percentage));
            } else if let Some(amounts) = amounts("amount_off") {
                phase.insert("type".into(), "amount_off".into());
                phase.insert("amounts".into(), amounts);
            } else if let Some(prices) = amounts("fixed_price") {
                phase.insert("type".into(), "fixed_price".into());
                phase.insert("prices".into(), prices);
            } else {
                break;
            }
            phase.insert("durationCycles".into(), get("cycles").map_or(Json::Null, plain));
            if let Some(interval) = get("interval") {
                phase.insert("durationInterval".into(), plain(interval));
            }
        }
        phases.push(Json::Object(phase));
    }
    json!({
        "name": fields.get("name").map_or(Json::Null, plain),
        "phases": phases,
        "metadata": metadata::rebuild(fields),
        "startsAt": fields.get("starts_at").map_or(Json::Null, plain),
        "endsAt": fields.get("ends_at").map_or(Json::Null, plain),
        "active": fields.get("active").map_or(Json::Bool(true), plain),
    })
}
