//! Live state as what should exist elsewhere, by Commet's rules. Pure.

use super::desired::{OFFERS, moot_of_feature};
use super::table::{PLAN_FEATURE, REGION};
use crate::ledger::Ledger;
use crate::model::{Live, LiveObject, Value};
use crate::provider::mirror::{Mirror, mirror};

pub(super) fn of(live: &Live, ledger: &Ledger) -> Mirror {
    let mut out = mirror(live, ledger, counts, |object| moot(object, live));
    let regions = out.desired.objects.values_mut().filter(|object| object.resource.kind == REGION);
    for region in regions {
        let Some(plan) = region.resource.address.parent() else { continue };
        // Where overage is off, what stands in the region's row has no meaning, and no call removes it.
        region.resource.fields.retain(|path, _| {
            let feature = path.strip_prefix("features.").and_then(|rest| rest.strip_suffix(".overage"));
            let charged = |code: &str| {
                let feature = live.objects.get(&plan.child("features", code));
                feature.is_some_and(|feature| feature.resource.fields.contains_key("overage"))
            };
            feature.is_none_or(charged)
        });
    }
    out
}

/// No call removes an exchange rate (commet-api.md §3.5): a currency without a price is one that was removed.
fn counts(object: &LiveObject) -> bool {
    let resource = &object.resource;
    resource.kind != REGION || resource.fields.keys().any(|path| path.starts_with("prices."))
}

/// The same fields that have no meaning in a catalog have none here (commet-api.md §6).
fn moot(object: &LiveObject, live: &Live) -> &'static [&'static str] {
    let Some(plan) = object.resource.address.parent() else { return &[] };
    // Addresses are sorted: what is inside a plan follows it.
    let inside = || live.objects.range(plan.clone()..).take_while(|(other, _)| other.is_within(&plan)).map(|(_, o)| o);
    let kind = object.resource.kind;
    if kind == PLAN_FEATURE {
        let model = live.objects.get(&plan).and_then(|plan| plan.resource.fields.get("consumption_model"));
        moot_of_feature(model.and_then(Value::text))
    } else if kind == REGION && !inside().any(|price| price.resource.fields.contains_key("intro_offer.cycles")) {
        OFFERS
    } else {
        &[]
    }
}
