//! Guards: rules that refuse a changeset until a person acknowledges them, by code, for this one changeset.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::changeset::GUARDS;
use crate::diff::{Action, Change, FieldChange, Reason};
use crate::model::{Address, Desired, FieldKind, Live, PriceChanges, Remade, Value};

/// A rule that refuses this changeset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guard {
    /// Its code, such as `PB-G05`.
    pub code: String,
    /// What it found, and what to do.
    pub message: String,
    /// The objects that it is about.
    pub addresses: Vec<Address>,
    /// Whether `--ack` can let the changeset pass.
    pub acknowledgeable: bool,
}

/// How far a price may move in one changeset, in percent of what it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Upwards.
    pub increase: Option<Decimal>,
    /// Downwards.
    pub decrease: Option<Decimal>,
}

impl Guard {
    /// A guard by its code. Whether it can be acknowledged stands in the table.
    pub fn new(code: &str, message: String, addresses: Vec<Address>) -> Self {
        let spec = GUARDS.iter().find(|spec| spec.code == code);
        Self {
            code: code.to_owned(),
            message,
            addresses,
            acknowledgeable: spec.is_some_and(|spec| spec.acknowledgeable),
        }
    }
}

/// The guards that hold for every provider, in the order of their codes.
pub fn guards(changes: &[Change], desired: &Desired, live: &Live, limits: Limits) -> Vec<Guard> {
    let mut found = Found::default();
    for change in changes {
        prices(change, limits, &mut found);
        removals(change, desired, &mut found);
        held(change, live, &mut found);
        if let Some(field) = change.fields.iter().find(|field| field.blocked) {
            // A code is a key: the way back is the old one.
            let old = field.before.as_ref().and_then(Value::text).filter(|_| field.field == "code");
            let way = old.map_or_else(
                || format!("Use a new key for a new {}", change.kind.name),
                |old| format!("Keep the key `{old}` if it is the same {}", change.kind.name),
            );
            found.add(
                "PB-G11",
                format!(
                    "the API cannot change `{}` of {}. {way}{}",
                    field.field,
                    change.address,
                    if change.kind.remade == Remade::Asked {
                        ", or write `replace: true` into its block to delete it and create it again"
                    } else {
                        ""
                    }
                ),
                &change.address,
            );
        }
    }
    whole_kinds(changes, desired, live, &mut found);
    found.guards()
}

#[derive(Default)]
struct Found(BTreeMap<(&'static str, String), Vec<Address>>);

impl Found {
    fn add(&mut self, code: &'static str, message: String, address: &Address) {
        self.0.entry((code, message)).or_default().push(address.clone());
    }

    fn guards(self) -> Vec<Guard> {
        self.0.into_iter().map(|((code, message), addresses)| Guard::new(code, message, addresses)).collect()
    }
}

/// What an existing customer pays.
fn prices(change: &Change, limits: Limits, found: &mut Found) {
    if !matches!(change.action, Action::Update | Action::Replace) {
        return;
    }
    for field in change.fields.iter().filter(|field| field.spec.priced && !field.blocked) {
        let (Some(before), Some(after)) = (number(&field.before), number(&field.after)) else { continue };
        magnitude(change, field, before, after, limits, found);
        if field.kept {
            continue;
        }
        match field.price_changes {
            None => found.add("PB-G01", undecided(change, field), &change.address),
            Some(PriceChanges::Grandfather) => found.add(
                "PB-G03",
                format!(
                    "the files say `grandfather`, but the API cannot keep the old {} for existing subscribers: it is updated in place and reaches them. To leave them what they have, keep this {} as it is and add a new one under a new key beside it; to let the change reach them, write `price_changes: reprice`",
                    field.field,
                    root_kind(change)
                ),
                &change.address,
            ),
            Some(PriceChanges::Reprice) => {}
        }
    }
}

/// What can be decided. A price in one currency is a part of its price, which may be made anew.
fn undecided(change: &Change, field: &FieldChange) -> String {
    let what = "an existing price changes, and nothing says what that does to existing subscribers. Write";
    let reprice = "`price_changes: reprice` (they get the new one, when the change says)";
    if change.kind.grandfathers || field.field.starts_with("prices.") {
        return format!(
            "{what} {reprice} or `price_changes: grandfather` (they keep what they have) into the catalog, the plan or the price"
        );
    }
    let kind = root_kind(change);
    format!(
        "{what} {reprice} into the catalog or the {kind}. The API cannot keep the old {} for them: to leave them what they have, keep this {kind} as it is and add a new one under a new key",
        field.field
    )
}

fn magnitude(change: &Change, field: &FieldChange, before: Decimal, after: Decimal, limits: Limits, found: &mut Found) {
    let (small, large) = if before < after { (before, after) } else { (after, before) };
    let is_price = matches!(field.spec.kind, FieldKind::Money | FieldKind::UnitPrice);
    if is_price && !small.is_zero() && large.checked_div(small).is_some_and(|ratio| ratio >= Decimal::TEN) {
        found.add(
            "PB-G04",
            format!(
                "{} of {} goes from {} to {}: ten times or more. Amounts are in major units, 49.00 and not 4900",
                field.field,
                change.address,
                before.normalize(),
                after.normalize()
            ),
            &change.address,
        );
    }
    if before.is_zero() {
        return;
    }
    let Some(percent) = (after - before).checked_mul(Decimal::ONE_HUNDRED).and_then(|n| n.checked_div(before)) else {
        return;
    };
    // A range's end, the size of a package: no price that moves.
    if field.spec.kind == FieldKind::Count {
        return;
    }
    let (limit, way) =
        if percent.is_sign_positive() { (limits.increase, "increase") } else { (limits.decrease, "decrease") };
    if let Some(limit) = limit.filter(|limit| percent.abs() > *limit) {
        found.add(
            "PB-G02",
            format!(
                "{} of {} moves by {} %; the project allows an {way} of {} %",
                field.field,
                change.address,
                percent.round_dp(1).normalize(),
                limit.normalize()
            )
            .replace("an decrease", "a decrease"),
            &change.address,
        );
    }
}

fn number(value: &Option<Value>) -> Option<Decimal> {
    value.as_ref().and_then(Value::number)
}

fn removals(change: &Change, desired: &Desired, found: &mut Found) {
    let removed = change.action == Action::Delete;
    let replaced = change.action == Action::Replace && !matches!(change.reason, Reason::Grandfather { .. });
    if removed && change.kind.sold {
        found.add("PB-G05", format!("deletes {}: {}", change.address, change.kind.removed.words), &change.address);
    }
    let adopted_away =
        removed && !change.owned && change.address.parent().is_some_and(|parent| desired.objects.contains_key(&parent));
    if adopted_away {
        let parent = change.address.root();
        found.add(
            "PB-G06",
            format!(
                "{parent} has parts that Pricebook did not write and the files do not name; they are removed. Write them into the file to keep them"
            ),
            &change.address,
        );
    }
    if change.protected && (removed || replaced) {
        found.add(
            "PB-G07",
            format!("{} is protected, and would be {}", change.address, if removed { "deleted" } else { "replaced" }),
            &change.address,
        );
    }
}

/// Known before the call: the API would refuse.
fn held(change: &Change, live: &Live, found: &mut Found) {
    let goes = matches!(change.action, Action::Delete | Action::Replace)
        && !matches!(change.reason, Reason::Grandfather { .. });
    if let (true, Some(why)) = (goes, live.held.get(&change.address)) {
        found.add("PB-G14", format!("{} cannot be deleted: {why}", change.address), &change.address);
    }
}

/// What to make anew under another key: the object itself, or what it is a part of.
fn root_kind(change: &Change) -> &'static str {
    change.kind.parent.unwrap_or(change.kind.name)
}

/// The last one of a kind is a different matter from one of many.
fn whole_kinds(changes: &[Change], desired: &Desired, live: &Live, found: &mut Found) {
    let mut gone: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.action == Action::Delete && change.address.is_root()) {
        gone.entry(change.kind.name).or_default().push(change);
    }
    for (kind, deletes) in gone {
        let here = live.objects.values().filter(|object| object.resource.kind.name == kind).count();
        let stays = desired.objects.values().any(|object| object.resource.kind.name == kind);
        if !stays && deletes.len() == here {
            for change in deletes {
                found.add("PB-G10", format!("removes every {kind}"), &change.address);
            }
        }
    }
}
