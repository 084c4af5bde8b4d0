//! Taxes themselves, add-ons and coupons: all addressed by code (bxb-api.md §6.7, §6.8, §6.9).

use serde_json::Value as Json;

use super::body::{As, Row, create, update};
use super::usage::with_code;
use super::{Lowering, care};
use crate::changeset::{Draft, Learns};
use crate::diff::{Action, Change};
use crate::model::{Address, Currency, Value};
use crate::provider::bxb::observe::segment;
use crate::provider::bxb::table::APPLIED_TAX;

const TAX: &[Row] = &[
    ("name", "name", As::Plain),
    ("rate", "rate", As::Fraction),
    ("description", "description", As::Plain),
    ("category", "category", As::Plain),
    ("applied_to_organization", "applied_to_organization", As::Plain),
];

const ADD_ON: &[Row] = &[
    ("name", "name", As::Plain),
    ("description", "description", As::Plain),
    ("amount", "amount_cents", As::DecimalCents),
    ("currency", "amount_currency", As::Plain),
    ("invoice_display_name", "invoice_display_name", As::Plain),
];

const COUPON: &[Row] = &[
    ("name", "name", As::Plain),
    ("description", "description", As::Plain),
    ("coupon_type", "coupon_type", As::Plain),
    ("amount", "amount_cents", As::DecimalCents),
    ("currency", "amount_currency", As::Plain),
    ("rate", "percentage_rate", As::Percent),
    ("frequency", "frequency", As::Plain),
    ("duration", "frequency_duration", As::Plain),
    ("reusable", "reusable", As::Plain),
    ("expiration", "expiration", As::Plain),
    ("expiration_at", "expiration_at", As::Plain),
    ("status", "status", As::Plain),
];

impl<'a> Lowering<'a> {
    pub(super) fn tax(&mut self, change: &'a Change) {
        let address = &change.address;
        let code = address.key();
        if change.action == Action::Delete {
            // Rows of what is gone stay and keep the tax (§6.9).
            let orphans: Vec<Address> = self.parts(address).map(|object| object.resource.address.clone()).collect();
            for orphan in orphans {
                let path = format!("/taxes/applied/{}", self.live_id(&orphan));
                let draft =
                    self.delete(address, &orphan, path, &format!("what is left of tax {code} on something gone"));
                self.push(draft);
            }
            let path = format!("/taxes/{}", segment(code));
            let mut draft = self.delete(address, address, path, &format!("tax {}", change.name));
            draft.after = self
                .live
                .objects
                .values()
                .filter(|object| object.resource.kind == APPLIED_TAX)
                .filter(|object| object.resource.address.is_within(address) || object.resource.address.key() == code)
                .map(|object| format!("{}:delete", object.resource.address))
                .collect();
            self.push(draft);
        }
        self.offer(change, "taxes", TAX, 0);
    }

    pub(super) fn add_on(&mut self, change: &'a Change) {
        self.withdraw(change, "add_ons");
        self.offer(change, "add_ons", ADD_ON, self.own_exponent(&change.address));
    }

    /// DELETE only terminates, and the code stays taken (§6.8).
    pub(super) fn coupon(&mut self, change: &'a Change) {
        self.withdraw(change, "coupons");
        self.offer(change, "coupons", COUPON, self.own_exponent(&change.address));
    }

    fn own_exponent(&self, address: &Address) -> u32 {
        let currency = self.wanted(address).get("currency").and_then(Value::text);
        currency.and_then(|code| code.parse::<Currency>().ok()).map_or(2, Currency::exponent)
    }

    fn withdraw(&mut self, change: &'a Change, collection: &str) {
        let address = &change.address;
        if change.action == Action::Delete {
            let path = format!("/{collection}/{}", segment(address.key()));
            let mut draft = self.delete(address, address, path, &format!("{} {}", change.kind.name, change.name));
            if collection == "coupons" {
                draft.summary = format!("Terminate coupon {}", change.name);
            }
            self.push(draft);
        }
    }

    fn offer(&mut self, change: &'a Change, collection: &str, rows: &[Row], exponent: u32) {
        let address = &change.address;
        let code = address.key();
        if change.action == Action::Create {
            let mut body = with_code(code);
            body.extend(create(self.wanted(address), rows, exponent));
            // Not settable on create: a new coupon is active.
            body.shift_remove("status");
            let mut draft = Draft::new(format!("{address}:create"), address, "POST", format!("/{collection}/"));
            draft.care = care::by_code(collection, code, &body);
            draft.body = Some(Json::Object(body));
            draft.learns = Some(Learns::new(address, "/id"));
            draft.summary = format!("Create {} {}", change.kind.name, change.name);
            self.push(draft);
        }
        if change.action == Action::Update {
            let path = format!("/{collection}/{}", segment(code));
            self.update(change, "PUT", path, update(change, rows, exponent));
        }
    }
}
