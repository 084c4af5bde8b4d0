//! What a change of one object means for its neighbours, by Commet's rules. Pure: changes in, changes out.

use std::collections::BTreeMap;

use crate::diff::{Action, Change, Diff, FieldChange, Origin, Reason};
use crate::model::{Address, Desired, DesiredObject, Effect, Live, PriceChanges, Value};
use crate::provider::commet::markets;
use crate::provider::commet::table::{ADDON, FEATURE, PLAN, PLAN_FEATURE, PRICE, REGION, VARIANT};

/// Settles a raw diff: replacements spread to what is built on them, what the API derives by itself is no change,
/// a region's price is part of its price.
pub(super) fn settle(diff: &mut Diff, desired: &Desired, live: &Live) {
    let mut work = Settling {
        changes: std::mem::take(&mut diff.changes).into_iter().map(|c| (c.address.clone(), c)).collect(),
        desired,
        live,
        unchanged: diff.unchanged,
    };
    work.codes();
    work.default_prices();
    work.replaced_features();
    work.replaced_plans();
    work.region_prices();
    work.market_currencies();
    work.replaced_prices();
    work.derived_rows();
    diff.unchanged = work.unchanged;
    diff.changes = work.changes.into_values().collect();
}

struct Settling<'a> {
    changes: BTreeMap<Address, Change>,
    desired: &'a Desired,
    live: &'a Live,
    unchanged: usize,
}

impl Settling<'_> {
    /// A rename of a code shows both codes.
    fn codes(&mut self) {
        for change in self.changes.values_mut() {
            if let Some(field) = change.fields.iter_mut().find(|field| field.field == "code") {
                field.after = Some(change.address.key().into());
                // A code never changes but by an edit of the files.
                field.origin = Origin::Catalog;
            }
        }
    }

    /// The default goes away with the last price; no call says so.
    fn default_prices(&mut self) {
        let plans: Vec<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == PLAN && change.action == Action::Update)
            .filter(|change| change.fields.iter().any(|field| field.field == "default_price" && field.after.is_none()))
            .map(|change| change.address.clone())
            .collect();
        for address in plans {
            self.drop_fields(&address, |field| field.field == "default_price" && field.after.is_none());
        }
    }

    /// A feature that is deleted and created again has to leave every plan and add-on first, and comes back to them.
    fn replaced_features(&mut self) {
        for what in self.replaced(FEATURE.name) {
            let on_plans: Vec<Address> = self
                .desired
                .objects
                .values()
                .filter(|object| match &object.resource.kind.name {
                    name if *name == PLAN_FEATURE.name => object.resource.address.key() == what.key(),
                    name if *name == ADDON.name => {
                        object.resource.fields.get("feature").and_then(Value::text) == Some(what.key())
                    }
                    _ => false,
                })
                .map(|object| object.resource.address.clone())
                .filter(|address| self.live.objects.contains_key(address))
                .collect();
            for address in on_plans {
                self.replace(&address, Reason::Follows { what: what.clone() });
            }
        }
    }

    /// A plan that is deleted and created again brings its children along: the delete covers them, each is created.
    fn replaced_plans(&mut self) {
        for plan in self.replaced(PLAN.name) {
            let children: Vec<&DesiredObject> = self
                .desired
                .objects
                .values()
                .filter(|object| object.resource.address != plan && object.resource.address.is_within(&plan))
                .collect();
            for child in children {
                let address = &child.resource.address;
                if self.changes.remove(address).is_none() && self.live.objects.contains_key(address) {
                    self.unchanged = self.unchanged.saturating_sub(1);
                }
                let mut change = crate::diff::create_change(child);
                change.reason = Reason::Follows { what: plan.clone() };
                change.effect = Effect::NewCustomers;
                self.changes.insert(address.clone(), change);
            }
            self.changes.retain(|address, change| {
                *address == plan || !address.is_within(&plan) || change.action != Action::Delete
            });
        }
    }

    /// DESIGN: a region's price is part of its price. Where existing subscribers keep what they have, changing it
    /// makes a new price too, which carries all regions.
    fn region_prices(&mut self) {
        let mut replace: Vec<(Address, Address)> = Vec::new();
        for change in self.changes.values_mut().filter(|change| change.kind == REGION) {
            let Some(plan) = change.address.parent() else { continue };
            if !matches!(change.action, Action::Update) {
                continue;
            }
            let moves_prices = |path: &str| path == "exchange_rate";
            let derives =
                self.desired.objects.get(&change.address).is_some_and(|object| {
                    object.resource.fields.values().any(|value| matches!(value, Value::Derived(_)))
                });
            for field in &mut change.fields {
                if moves_prices(&field.field) {
                    // With every price and unit price set by hand, the rate moves nobody's.
                    field.kept = !derives;
                    continue;
                }
                let Some(interval) = field.field.strip_prefix("prices.").and_then(|rest| rest.strip_suffix(".amount"))
                else {
                    continue;
                };
                let price = plan.child("prices", interval);
                let word = self.desired.objects.get(&price).and_then(|object| object.directives.price_changes);
                field.price_changes = word;
                if word == Some(PriceChanges::Grandfather) && field.before.is_some() && field.after.is_some() {
                    field.kept = true;
                    field.effect = field.effect.min(Effect::NewCustomers);
                    replace.push((price, change.address.clone()));
                }
            }
            change.settle_effect();
        }
        for (price, because) in replace {
            if self.live.objects.contains_key(&price) {
                self.replace(&price, Reason::Grandfather { because: Some(because) });
            }
        }
    }

    /// In a market a price and its variants have one currency, and neither can change it before the other (§3.3): where a
    /// price changes it, a variant that stays in the market is archived and made anew.
    fn market_currencies(&mut self) {
        let mut anew: Vec<(Address, String)> = Vec::new();
        for change in self.changes.values().filter(|change| change.kind == PRICE && change.action == Action::Update) {
            let gone = change.fields.iter().filter(|field| field.after.is_none() && markets::is_price(&field.field));
            for field in gone {
                let variants = self.live.objects.range(change.address.clone()..);
                let variants = variants.take_while(|(address, _)| address.is_within(&change.address));
                for (address, found) in variants.filter(|(_, found)| found.resource.kind == VARIANT) {
                    let market = field.field.rsplit_once('.').map_or("", |(market, _)| market);
                    let stays = |wanted: &DesiredObject| {
                        let mut paths = wanted.resource.fields.keys();
                        paths.any(|path| path.rsplit_once('.').is_some_and(|(own, _)| own == market))
                    };
                    let has = found.resource.fields.contains_key(&field.field);
                    if has && self.desired.objects.get(address).is_some_and(stays) {
                        anew.push((address.clone(), field.field.to_string()));
                    }
                }
            }
        }
        for (variant, field) in anew {
            self.replace(&variant, Reason::Immutable { field });
        }
    }

    /// A price that is archived and made anew takes its variants along: they are archived first and made anew upon it.
    fn replaced_prices(&mut self) {
        for price in self.replaced(PRICE.name) {
            let variants: Vec<Address> = self
                .desired
                .objects
                .range(price.clone()..)
                .map(|(address, _)| address)
                .take_while(|address| address.is_within(&price))
                .filter(|address| address.parent().as_ref() == Some(&price) && self.live.objects.contains_key(address))
                .cloned()
                .collect();
            for variant in variants {
                self.replace(&variant, Reason::Follows { what: price.clone() });
            }
        }
    }

    /// Regional rows that come and go with a price or a feature are the API's own doing.
    fn derived_rows(&mut self) {
        let regions: Vec<Address> = self
            .changes
            .values()
            .filter(|change| change.kind == REGION && change.action == Action::Update)
            .map(|change| change.address.clone())
            .collect();
        for address in regions {
            let Some(plan) = address.parent() else { continue };
            let implied: Vec<String> = self.changes.get(&address).map_or_else(Vec::new, |change| {
                change
                    .fields
                    .iter()
                    .filter(|field| self.is_implied(&plan, field))
                    .map(|field| field.field.to_string())
                    .collect()
            });
            self.drop_fields(&address, |field| implied.iter().any(|path| field.field == path.as_str()));
        }
    }

    fn is_implied(&self, plan: &Address, field: &FieldChange) -> bool {
        let mut parts = field.field.split('.');
        let (Some(collection), Some(key)) = (parts.next(), parts.next()) else { return false };
        let owner = plan.child(collection, key);
        let change = self.changes.get(&owner);
        let derived = |value: &Option<Value>| matches!(value, Some(Value::Derived(_)));
        let base = match parts.next() {
            Some("amount" | "intro_offer") => None,
            Some(base) => Some(base),
            None => return false,
        };
        match (&field.before, &field.after) {
            // A row that is still to come: its price or its overage is made in this changeset.
            (None, after) if derived(after) => change.is_some_and(|change| match change.action {
                Action::Create | Action::Replace => true,
                _ => base.is_some_and(|base| {
                    change.fields.iter().any(|f| f.field == base && f.before.is_none() && f.after.is_some())
                }),
            }),
            // A row that goes: with its price, or because its base value is cleared.
            (before, None) => match change.map(|change| change.action) {
                Some(Action::Delete) => true,
                _ => {
                    derived(before)
                        && base.is_some_and(|base| {
                            self.desired
                                .objects
                                .get(&owner)
                                .is_some_and(|object| !object.resource.fields.contains_key(base))
                        })
                }
            },
            _ => false,
        }
    }

    fn replaced(&self, kind: &str) -> Vec<Address> {
        self.changes
            .values()
            .filter(|change| change.kind.name == kind && change.action == Action::Replace)
            .map(|change| change.address.clone())
            .collect()
    }

    /// Makes a replacement out of whatever was to happen to an object that stays.
    fn replace(&mut self, address: &Address, reason: Reason) {
        if let Some(change) = self.changes.get_mut(address) {
            if matches!(change.action, Action::Update | Action::Adopt) {
                change.action = Action::Replace;
                change.reason = reason;
                for field in &mut change.fields {
                    field.blocked = false;
                }
                change.settle_effect();
            }
            return;
        }
        let (Some(wanted), Some(found)) = (self.desired.objects.get(address), self.live.objects.get(address)) else {
            return;
        };
        let mut change = crate::diff::create_change(wanted);
        change.action = Action::Replace;
        change.reason = reason;
        change.fields = Vec::new();
        change.fingerprint = Some(found.fingerprint());
        if change.kind == PRICE || change.kind == VARIANT {
            change.effect = Effect::NewCustomers;
        }
        self.unchanged = self.unchanged.saturating_sub(1);
        self.changes.insert(address.clone(), change);
    }

    fn drop_fields(&mut self, address: &Address, drop: impl Fn(&FieldChange) -> bool) {
        let Some(change) = self.changes.get_mut(address) else { return };
        change.fields.retain(|field| !drop(field));
        if change.fields.is_empty() {
            self.changes.remove(address);
            self.unchanged += 1;
        } else {
            change.settle_effect();
        }
    }
}
