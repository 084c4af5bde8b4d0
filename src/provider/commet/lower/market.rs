//! Calls for markets: an update replaces everything, and a country is in one market at most (commet-api.md §3.8).

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::Lowering;
use super::body::plain;
use crate::changeset::{Draft, ids_used};
use crate::diff::{Action, Change};
use crate::model::{Address, Fields, Value};
use crate::provider::commet::markets;
use crate::provider::commet::metadata;
use crate::provider::commet::table::{MARKET, PLAN, PRICE, VARIANT};

/// Countries of ISO 3166-1 where nobody lives: Bouvet Island, Heard and McDonald Islands, South Georgia, the French
/// Southern Territories, the United States Minor Outlying Islands, Antarctica.
const UNINHABITED: &[&str] = &["BV", "HM", "GS", "TF", "UM", "AQ"];

impl<'a> Lowering<'a> {
    /// An update replaces name, countries and metadata. A country is in one market at most: it leaves one before it
    /// joins another.
    pub(super) fn market(&mut self, change: &'a Change) {
        let address = &change.address;
        let fields = self.wanted(address);
        let body = || {
            json!({
                "name": fields.get("name").map_or(Json::Null, plain),
                "countryCodes": words(fields.get("countries")),
                "metadata": metadata::rebuild(fields),
            })
        };
        let mut draft = match change.action {
            Action::Delete => {
                let mut draft = self.sales_draft(change, "delete", "DELETE", "/markets");
                draft.summary = format!("Delete the market {}", change.name);
                draft.after = self.users_of_market(address);
                draft
            }
            Action::Update => {
                let mut draft = self.sales_draft(change, "update", self.dialect.update(), "/markets");
                draft.body = Some(body());
                draft.summary = format!("Write the market {}", change.name);
                draft
            }
            _ => {
                let mut draft = Draft::new(format!("{address}:create"), address, "POST", "/markets");
                draft.body = Some(body());
                draft.learns = self.learns(address);
                draft.summary = format!("Create the market {}", change.name);
                draft
            }
        };
        if change.action != Action::Delete {
            draft.after.extend(self.givers(address));
        }
        self.push(draft);
    }

    /// Where countries move around in a ring, one market steps back before the others move: to what no other one gets,
    /// or, as a market has at least one country, to one where nobody lives. The same for a market that goes when its
    /// prices have left it, and they leave it for one that gets its countries.
    pub(super) fn market_rings(&mut self) {
        let of_markets = |change: &&&Change| change.kind == MARKET;
        let moving: Vec<(Address, String)> = self
            .changes
            .values()
            .filter(of_markets)
            .filter_map(|change| match change.action {
                Action::Update => Some((change.address.clone(), format!("{}:update", change.address))),
                Action::Delete => Some((change.address.clone(), format!("{}:delete", change.address))),
                _ => None,
            })
            .collect();
        let mut empty = self.uninhabited().into_iter();
        for (address, own) in moving {
            if !self.waits_for_itself(&own) {
                continue;
            }
            let taken: BTreeSet<&str> = self
                .changes
                .values()
                .filter(of_markets)
                .filter(|change| change.address != address && change.action != Action::Delete)
                .flat_map(|change| countries(self.wanted(&change.address)))
                .collect();
            let mut kept: Vec<&str> =
                countries(self.found(&address)).into_iter().filter(|code| !taken.contains(code)).collect();
            if kept.is_empty() {
                kept.extend(empty.next());
            }
            if kept.is_empty() {
                continue;
            }
            let key = format!("{address}:aside");
            let fields = self.found(&address);
            let path = format!("/markets/{}", self.live_id(&address));
            let mut draft = Draft::new(key.clone(), &address, self.dialect.update(), path);
            draft.body = Some(json!({
                "name": fields.get("name").map_or(Json::Null, plain),
                "countryCodes": kept,
                "metadata": metadata::rebuild(fields),
            }));
            draft.summary = format!("Take the countries out of {} that other markets get", address.key());
            // Who waited for its countries waits for this call only.
            for other in self.drafts.iter_mut().filter(|other| other.key != own) {
                for after in other.after.iter_mut().filter(|after| **after == own) {
                    after.clone_from(&key);
                }
            }
            if let Some(own) = self.drafts.iter_mut().find(|draft| draft.key == own) {
                own.after.push(key);
            }
            self.push(draft);
        }
    }

    /// Countries of no market, of no customer either: a market borrows one for a moment.
    fn uninhabited(&self) -> Vec<&'static str> {
        let live = self.live.objects.values().map(|object| &object.resource);
        let wanted = self.desired.objects.values().map(|object| &object.resource);
        let taken: BTreeSet<&str> = live
            .chain(wanted)
            .filter(|resource| resource.kind == MARKET)
            .flat_map(|resource| countries(&resource.fields))
            .collect();
        UNINHABITED.iter().copied().filter(|code| !taken.contains(code)).collect()
    }

    /// Whether a draft can only come after itself. What a draft has a placeholder of comes before it, too.
    fn waits_for_itself(&self, own: &str) -> bool {
        let (mut open, mut seen) = (vec![own.to_owned()], BTreeSet::new());
        while let Some(key) = open.pop() {
            for draft in self.drafts.iter().filter(|draft| draft.key == key) {
                let learned = ids_used(draft).map(|address| format!("{address}:create"));
                for after in draft.after.iter().cloned().chain(learned) {
                    if after == own {
                        return true;
                    }
                    if seen.insert(after.clone()) {
                        open.push(after);
                    }
                }
            }
        }
        false
    }

    /// The calls by which other markets let go of countries that this one gets.
    fn givers(&self, market: &Address) -> Vec<String> {
        let wanted = countries(self.wanted(market));
        let gives = |change: &&&Change| {
            change.kind == MARKET
                && change.address != *market
                && countries(self.found(&change.address)).iter().any(|code| wanted.contains(code))
        };
        let verb = |change: &&Change| match change.action {
            Action::Delete => format!("{}:delete", change.address),
            _ => format!("{}:update", change.address),
        };
        self.changes.values().filter(gives).map(verb).collect()
    }

    /// The calls after which no price is in a market any more.
    fn users_of_market(&self, market: &Address) -> Vec<String> {
        let uses = |address: &Address| markets::names(self.found(address), market.key());
        let mut keys = Vec::new();
        for change in self.changes.values().filter(|change| change.kind == PRICE || change.kind == VARIANT) {
            if uses(&change.address) {
                let verb = if change.action == Action::Update { "update" } else { "delete" };
                keys.push(format!("{}:{verb}", change.address));
                keys.push(format!("{}:trim", change.address));
            }
        }
        let goes = |change: &&&Change| matches!(change.action, Action::Delete | Action::Replace);
        for change in self.changes.values().filter(|change| change.kind == PLAN).filter(goes) {
            keys.push(format!("{}:delete", change.address));
        }
        keys
    }
}

fn words(list: Option<&Value>) -> Json {
    match list {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).map(Json::from).collect(),
        _ => Json::Array(Vec::new()),
    }
}

fn countries(fields: &Fields) -> BTreeSet<&str> {
    match fields.get("countries") {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).collect(),
        _ => BTreeSet::new(),
    }
}
