//! The pure stages in a row: desired × live × ledger → changeset. No clock, no network, no file.

use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::{
    CatalogRef, Cycle, Document, Draft, EnvironmentRef, Guard, Inputs, Limits, Mode, Touched, build, guards,
    mode_mismatch,
};
use crate::diff::{Action, Change, Options, Reason, Requirement, Selection, diff, look_alikes, sort};
use crate::ledger::Ledger;
use crate::model::{Address, Desired, Ladder, Live, Objects, Pages};
use crate::provider::Provider;

/// What a changeset is computed from.
#[derive(Debug)]
pub struct Request<'a> {
    /// What should exist.
    pub desired: &'a Desired,
    /// What exists.
    pub live: &'a Live,
    /// What was written last.
    pub ledger: &'a Ledger,
    /// What the calls go to.
    pub environment: EnvironmentRef,
    /// What the credentials say of themselves: whether real money moves.
    pub key_livemode: Option<bool>,
    /// What asked for it.
    pub catalog: CatalogRef,
    /// How far prices may move.
    pub limits: Limits,
    /// Which addresses were chosen.
    pub selection: Selection,
    /// What to send although it cannot be compared.
    pub options: Options,
    /// What else is worth saying.
    pub warnings: Vec<String>,
}

/// A changeset and the changes that it was written from.
#[derive(Debug)]
pub struct Planned {
    /// The document.
    pub document: Document,
    /// The changes, for the ledger afterwards.
    pub changes: Vec<Change>,
}

/// Computes the changeset.
pub fn changeset(provider: &dyn Provider, request: Request<'_>) -> Result<Planned, Cycle> {
    let Request {
        desired,
        live,
        ledger,
        mut environment,
        key_livemode,
        mut catalog,
        limits,
        selection,
        options,
        warnings,
    } = request;
    let mut diff = diff(desired, live, ledger, options);
    provider.settle(&mut diff, desired, live);
    let alike = look_alikes(&diff, desired, live);
    let requirements = if selection.is_everything() { Vec::new() } else { provider.requires(&diff.changes, live) };
    let part = selection.apply(&mut diff, desired, &requirements);
    catalog.partial = part.as_ref().map(|part| part.words.clone());
    let said: Vec<String> =
        alike.iter().filter(|alike| diff.creates(&alike.created)).map(ToString::to_string).collect();
    diff.remarks.extend(said);
    sort(&mut diff.changes, provider.kinds());
    let lowered = provider.lower(&diff.changes, desired, live);
    let mut found = guards(&diff.changes, desired, live, limits);
    found.extend(provider.guards(&diff.changes, desired, live));
    found.extend(lowered.unknown_ids.into_iter().map(|address| {
        Guard::new(
            "PB-G13",
            format!(
                "{address} cannot be changed: the API does not show its id in this version, and the ledger does not know it"
            ),
            vec![address],
        )
    }));
    found.extend(part.into_iter().flat_map(|part| part.blocked).map(cannot_be_chosen));
    let says = live.livemode.or(key_livemode);
    found.extend(mode_mismatch(&environment, [live.livemode, key_livemode]));
    environment.mode = environment.mode.or(says.map(mode));
    let also_touched = also_touched(&diff.changes, &lowered.drafts, live);
    let names = names(&diff.changes, desired, live);
    let page = if diff.changes.is_empty() { None } else { changed_pages(provider, desired, live, &diff.changes) };
    let inputs = Inputs {
        environment,
        catalog,
        diff,
        drafts: lowered.drafts,
        also_touched,
        guards: found,
        warnings,
        names,
        page,
    };
    let (document, changes) = build(inputs)?;
    Ok(Planned { document, changes })
}

/// What customers can buy, before the changes and after them.
pub fn pages(provider: &dyn Provider, desired: &Desired, live: &Live, changes: &[Change]) -> Pages {
    let (before, after) = sides(desired, live, changes);
    drawn(provider, &before, &after)
}

/// The same, as far as it changes. What surely does not is not drawn first to be compared: a large catalog has very many
/// plans.
fn changed_pages(provider: &dyn Provider, desired: &Desired, live: &Live, changes: &[Change]) -> Option<Pages> {
    let (mut before, mut after) = sides(desired, live, changes);
    let from = |change: &Change| match &change.reason {
        Reason::Renamed { from } => Some(from.root()),
        _ => None,
    };
    let touched: BTreeSet<Address> =
        changes.iter().flat_map(|change| [Some(change.address.root()), from(change)]).flatten().collect();
    if touched.iter().all(|root| provider.drawn_alone().contains(&root.collection())) {
        let is_plan = |address: &Address| address.segments().next() == Some(PLANS);
        let mut kept = touched;
        for side in [&before, &after] {
            let others = side.iter().filter(|(address, _)| !is_plan(address)).map(|(address, of)| (*address, *of));
            let ladders = provider.page(&others.collect(), None).ladders;
            // Beside a plan that changes stand the others of its group.
            let around =
                |ladder: &Ladder| kept.contains(&ladder.address) || ladder.plans.iter().any(|plan| kept.contains(plan));
            let beside: Vec<Address> = ladders.into_iter().filter(around).flat_map(|ladder| ladder.plans).collect();
            kept.extend(beside);
        }
        for side in [&mut before, &mut after] {
            let mut last: Option<(&Address, bool)> = None;
            side.retain(|address, _| {
                if !is_plan(address) {
                    return true;
                }
                match last {
                    Some((root, keep)) if address.is_within(root) => keep,
                    _ => last.insert((address, kept.contains(&address.root()))).1,
                }
            });
        }
    }
    drawn(provider, &before, &after).changed()
}

/// Where plans stand, whoever the provider is.
const PLANS: &str = "plans";

fn drawn(provider: &dyn Provider, before: &Objects<'_>, after: &Objects<'_>) -> Pages {
    let mut pages = Pages { before: provider.page(before, None), after: provider.page(after, Some(before)) };
    pages.before.tidy();
    pages.after.tidy();
    pages
}

/// Every object as it is, and as it will be.
fn sides<'a>(desired: &'a Desired, live: &'a Live, changes: &[Change]) -> (Objects<'a>, Objects<'a>) {
    let before: Objects<'_> = live.objects.iter().map(|(address, object)| (address, &object.resource)).collect();
    let mut after = before.clone();
    for change in changes {
        let gone = match (change.action, &change.reason) {
            (Action::Delete, _) => Some(&change.address),
            (Action::Move, Reason::Renamed { from }) => Some(from),
            _ => None,
        };
        if let Some(gone) = gone {
            let below = after.range::<&Address, _>(gone..).take_while(|(address, _)| address.is_within(gone));
            let below: Vec<&Address> = below.map(|(address, _)| *address).collect();
            for address in below {
                after.remove(address);
            }
        }
    }
    for change in changes.iter().filter(|change| change.action != Action::Delete) {
        if let Some((address, object)) = desired.objects.get_key_value(&change.address) {
            after.insert(address, &object.resource);
        }
    }
    (before, after)
}

/// Live objects that calls write or take away although nothing changes in them. A call's key begins with the object
/// that it writes.
fn also_touched(changes: &[Change], drafts: &[Draft], live: &Live) -> Vec<Touched> {
    let written = drafts.iter().filter_map(|draft| draft.key.rsplit_once(':')?.0.parse().ok());
    let removed = changes.iter().filter(|change| {
        matches!(change.action, Action::Delete | Action::Replace)
            && !matches!(change.reason, Reason::Grandfather { .. })
    });
    let inside = removed.flat_map(|change| {
        let below = live.objects.range(change.address.clone()..).map(|(address, _)| address.clone());
        below.take_while(|address| address.is_within(&change.address))
    });
    let own: BTreeSet<&Address> =
        changes.iter().filter(|change| change.fingerprint.is_some()).map(|change| &change.address).collect();
    let addresses: BTreeSet<Address> = written.chain(inside).filter(|address| !own.contains(address)).collect();
    addresses
        .into_iter()
        .filter_map(|address| Some(Touched { fingerprint: live.objects.get(&address)?.fingerprint(), address }))
        .collect()
}

fn cannot_be_chosen(blocked: Requirement) -> Guard {
    let Requirement { change, needs, why } = blocked;
    Guard::new(
        "PB-G18",
        format!(
            "{change} was chosen, and cannot be applied before {needs} is deleted: {why}. With --only or --except nothing is deleted"
        ),
        vec![change, needs],
    )
}

fn mode(livemode: bool) -> Mode {
    if livemode { Mode::Live } else { Mode::Sandbox }
}

fn names(changes: &[Change], desired: &Desired, live: &Live) -> BTreeMap<Address, String> {
    changes
        .iter()
        .map(|change| change.address.root())
        .filter_map(|root| {
            let wanted = desired.objects.get(&root).map(|object| &object.resource.name);
            let name = wanted.or_else(|| live.objects.get(&root).map(|object| &object.resource.name))?;
            Some((root.clone(), name.clone()))
        })
        .collect()
}
