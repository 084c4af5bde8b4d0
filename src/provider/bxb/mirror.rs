//! Live state as what should exist elsewhere, by bxb's rules. Pure.

use super::table::{CHARGE, COUPON, TAX};
use crate::diff::Unverifiable;
use crate::ledger::Ledger;
use crate::model::{Live, LiveObject, Value};
use crate::provider::mirror::{Mirror, mirror};

pub(super) fn of(live: &Live, ledger: &Ledger) -> Mirror {
    let mut out = mirror(live, ledger, counts, |_| &[]);
    // The filters of a charge that Pricebook did not write are shown by no read (bxb-api.md §6.2).
    for address in &live.hidden {
        if live.objects.get(address).is_some_and(|object| object.resource.kind == CHARGE) {
            out.unknown.push(Unverifiable { address: address.clone(), fields: vec!["filters".to_owned()] });
            if let Some(charge) = out.desired.objects.get_mut(address) {
                charge.directives.ignore.push("filters".to_owned());
            }
        }
    }
    out
}

/// A terminated coupon is as good as deleted (§6.8); a row of a tax on what is gone is nothing to have elsewhere (§6.9).
fn counts(object: &LiveObject) -> bool {
    let resource = &object.resource;
    let terminated = resource.kind == COUPON && resource.fields.get("status").and_then(Value::text) != Some("active");
    let left_over =
        resource.address.collection() == "applied" && resource.address.root().collection() == TAX.collection;
    !(terminated || left_over)
}
