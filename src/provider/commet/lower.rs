//! Changes → calls, by the operations of commet-api.md §8. Pure. What must wait for what is said here; the order
//! itself is found later.

mod addon;
mod body;
mod feature;
mod group;
mod market;
mod offer;
mod pack;
mod plan;
mod promo;
mod region;
mod variant;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::{Draft, Learns, placeholder};
use crate::diff::{Action, Change};
use crate::model::{Address, Desired, Fields, Live};
use crate::provider::Lowered;
use crate::provider::commet::dialect::Dialect;
use crate::provider::commet::table::{
    ADDON, CREDIT_PACK, FEATURE, GROUP, MARKET, OFFER, PLAN, PLAN_FEATURE, PRICE, PROMO_CODE, REGION, VARIANT,
};

/// The calls that make all changes.
pub(super) fn lower(changes: &[Change], desired: &Desired, live: &Live, dialect: Dialect) -> Lowered {
    let mut out = Lowering {
        changes: changes.iter().map(|change| (&change.address, change)).collect(),
        desired,
        live,
        dialect,
        drafts: Vec::new(),
        plans: BTreeMap::new(),
        groups: group::members_of(desired),
        uses: feature::uses(live),
        unknown_ids: RefCell::new(BTreeSet::new()),
    };
    for change in changes {
        if let (Some(plan), true) = (change.address.parent(), change.is_effective()) {
            out.plans.entry(plan).or_default().push(change);
        }
    }
    for change in changes.iter().filter(|change| change.is_effective()) {
        match change.kind.name {
            name if name == FEATURE.name => out.feature(change),
            name if name == GROUP.name => out.group(change),
            name if name == PLAN.name => out.plan(change),
            name if name == PRICE.name => out.price(change),
            name if name == PLAN_FEATURE.name => out.plan_feature(change),
            name if name == ADDON.name => out.addon(change),
            name if name == OFFER.name => out.offer(change),
            name if name == MARKET.name => out.market(change),
            name if name == VARIANT.name => out.variant(change),
            name if name == CREDIT_PACK.name => out.credit_pack(change),
            name if name == PROMO_CODE.name => out.promo_code(change),
            name => debug_assert_eq!(name, REGION.name),
        }
    }
    let plans: Vec<Address> = out.plans.keys().cloned().collect();
    for plan in plans {
        out.regions(&plan);
    }
    out.market_rings();
    out.memberships();
    out.names();
    Lowered { drafts: out.drafts, unknown_ids: out.unknown_ids.into_inner().into_iter().collect() }
}

struct Lowering<'a> {
    changes: BTreeMap<&'a Address, &'a Change>,
    desired: &'a Desired,
    live: &'a Live,
    dialect: Dialect,
    drafts: Vec<Draft>,
    /// Effective changes of children, by plan.
    plans: BTreeMap<Address, Vec<&'a Change>>,
    /// The group that the files put a plan into, by plan code.
    groups: BTreeMap<&'a str, &'a Address>,
    /// What has a feature now, by feature code: plan features and add-ons.
    uses: BTreeMap<&'a str, Vec<&'a Address>>,
    /// Live objects that a call needs the id of, and whose id nothing tells.
    unknown_ids: RefCell<BTreeSet<Address>>,
}

impl<'a> Lowering<'a> {
    /// The id in the answer of a create.
    fn learns(&self, address: &Address) -> Option<Learns> {
        Some(Learns::new(address, self.dialect.id()))
    }

    fn action(&self, address: &Address) -> Option<Action> {
        self.changes.get(address).map(|change| change.action)
    }

    fn created(&self, address: &Address) -> bool {
        matches!(self.action(address), Some(Action::Create | Action::Replace))
    }

    fn wanted(&self, address: &Address) -> &'a Fields {
        static NOTHING: Fields = Fields::new();
        self.desired.objects.get(address).map_or(&NOTHING, |object| &object.resource.fields)
    }

    fn found(&self, address: &Address) -> &'a Fields {
        static NOTHING: Fields = Fields::new();
        self.live.objects.get(address).map_or(&NOTHING, |object| &object.resource.fields)
    }

    /// The id that a live object has now. Where nothing tells it, that is remembered: a guard stands before such
    /// a call.
    fn live_id(&self, address: &Address) -> String {
        let id = self.live.objects.get(address).and_then(|object| object.id.clone());
        id.unwrap_or_else(|| {
            self.unknown_ids.borrow_mut().insert(address.clone());
            "unknown".into()
        })
    }

    /// The id that an object has when the call is made: known, or learned by then.
    fn id(&self, address: &Address) -> String {
        if self.created(address) { placeholder(address) } else { self.live_id(address) }
    }

    /// What people call an object, for summaries.
    fn name(&self, address: &Address) -> String {
        let wanted = self.desired.objects.get(address).map(|object| &object.resource.name);
        let name = wanted.or_else(|| self.live.objects.get(address).map(|object| &object.resource.name));
        name.map_or_else(|| address.key().to_owned(), Clone::clone)
    }

    fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Children of `plan` with an effective change of this kind.
    fn children(&self, plan: &Address, kind: &str) -> Vec<&'a Change> {
        self.plans.get(plan).into_iter().flatten().copied().filter(|change| change.kind.name == kind).collect()
    }

    /// Names are unique (commet-api.md §3.1, §3.2): who takes a name waits for who gives it up. Two that swap get a
    /// step in between.
    fn names(&mut self) {
        let mut edges: Vec<(String, String)> = Vec::new();
        let mut detours: Vec<&'a Change> = Vec::new();
        for kind in [FEATURE.name, PLAN.name, CREDIT_PACK.name] {
            let of_kind = || self.changes.values().copied().filter(|change| change.kind.name == kind);
            let mut freed: BTreeMap<&str, &'a Change> = BTreeMap::new();
            for change in of_kind() {
                let gives_up = match change.action {
                    Action::Delete | Action::Replace => true,
                    _ => change.fields.iter().any(|field| field.field == "name" && field.before.is_some()),
                };
                if let (true, Some(name)) =
                    (gives_up, self.found(&change.address).get("name").and_then(crate::model::Value::text))
                {
                    freed.insert(name, change);
                }
            }
            let next = |change: &'a Change| {
                let takes = change.fields.iter().find(|field| field.field == "name")?.after.as_ref()?.text()?;
                freed.get(takes).copied().filter(|giver| giver.address != change.address)
            };
            let mut settled: BTreeSet<&Address> = BTreeSet::new();
            for taker in of_kind() {
                let Some(giver) = next(taker) else { continue };
                edges.push((name_key(taker), frees_key(giver)));
                // Follow who waits for whom; back at the start means a ring, which one detour opens.
                let (mut at, mut seen) = (giver, BTreeSet::from([&taker.address]));
                while seen.insert(&at.address) && at.action == Action::Update {
                    let Some(further) = next(at) else { break };
                    at = further;
                }
                let ring = at.address == taker.address && taker.action == Action::Update;
                if ring && seen.iter().all(|address| !settled.contains(*address)) {
                    settled.extend(seen);
                    detours.push(taker);
                }
            }
        }
        for change in detours {
            self.detour(change);
            let (key, aside) = (name_key(change), format!("{}:aside", change.address));
            // Who waited for this name to be given up waits for the detour only.
            for (_, giver) in edges.iter_mut().filter(|(_, giver)| *giver == key) {
                giver.clone_from(&aside);
            }
        }
        for (taker, giver) in edges {
            if let Some(draft) = self.drafts.iter_mut().find(|draft| draft.key == taker) {
                draft.after.push(giver);
            }
        }
    }

    /// A name that nobody else has, for the moment in which two objects swap theirs.
    fn detour(&mut self, change: &'a Change) {
        let key = name_key(change);
        let Some(update) = self.drafts.iter_mut().find(|draft| draft.key == key) else { return };
        let aside = format!("{}:aside", change.address);
        let mut draft = Draft::new(aside.clone(), &change.address, update.method, update.path.clone());
        draft.body =
            Some(serde_json::json!({ "name": format!("{} (renaming {})", change.name, change.address.key()) }));
        draft.summary =
            format!("Set the name of {} {} aside, because another takes it", change.kind.name, change.address.key());
        update.after.push(aside);
        self.drafts.push(draft);
    }
}

/// The draft that gives an object its name.
fn name_key(change: &Change) -> String {
    let verb = if change.action == Action::Update { "update" } else { "create" };
    format!("{}:{verb}", change.address)
}

/// The draft after which an object's old name is free.
fn frees_key(change: &Change) -> String {
    let verb = if change.action == Action::Update { "update" } else { "delete" };
    format!("{}:{verb}", change.address)
}
