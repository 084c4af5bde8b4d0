//! `--only` and `--except`: a changeset for some addresses.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Action, Change, Diff, Reason};
use crate::model::{Address, Desired};

/// Which addresses were chosen. Nothing chosen means everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs over addresses; an address is chosen with everything inside it.
    pub only: Vec<String>,
    /// Globs over addresses that are left out.
    pub except: Vec<String>,
}

/// What a change needs beside the objects that it is built on, by the API's rules: a name or a place that another
/// change gives up.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The change that cannot be made alone.
    pub change: Address,
    /// The change that has to come first.
    pub needs: Address,
    /// Why, as a clause: `it has the name “Pro” until then`.
    pub why: String,
}

/// What is left of a changeset of which only a part was chosen.
#[derive(Debug)]
pub struct Partial {
    /// What was chosen, what was added to it and why, how much was left out.
    pub words: String,
    /// Chosen changes that need a delete, which a partial changeset never makes.
    pub blocked: Vec<Requirement>,
}

impl Selection {
    /// Whether nothing was left out.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// Whether an address was chosen.
    pub fn chooses(&self, address: &Address) -> bool {
        (self.only.is_empty() || self.only.iter().any(|glob| matches(glob, address)))
            && !self.except.iter().any(|glob| matches(glob, address))
    }

    /// Keeps the changes that were chosen, and what has to be made before or with them. Nothing when everything was
    /// chosen. Nothing is deleted by a partial changeset.
    pub fn apply(&self, diff: &mut Diff, desired: &Desired, requirements: &[Requirement]) -> Option<Partial> {
        if self.is_everything() {
            return None;
        }
        let actions: BTreeMap<&Address, Action> =
            diff.changes.iter().map(|change| (&change.address, change.action)).collect();
        let pulls = pulls(diff, desired, requirements);
        let mut keep: BTreeSet<Address> = BTreeSet::new();
        let mut added: BTreeMap<Address, String> = BTreeMap::new();
        let mut blocked: BTreeMap<(Address, Address), Requirement> = BTreeMap::new();
        let mut next: Vec<Address> = diff
            .changes
            .iter()
            .rev()
            .filter(|change| change.action != Action::Delete && self.chooses(&change.address))
            .map(|change| change.address.clone())
            .collect();
        while let Some(address) = next.pop() {
            if !keep.insert(address.clone()) {
                continue;
            }
            for (pulled, why) in pulls.get(&address).into_iter().flatten() {
                if actions.get(pulled) == Some(&Action::Delete) {
                    let requirement = Requirement { change: address.clone(), needs: pulled.clone(), why: why.clone() };
                    blocked.entry((address.clone(), pulled.clone())).or_insert(requirement);
                    continue;
                }
                if !self.chooses(pulled) && !keep.contains(pulled) {
                    added.entry(pulled.clone()).or_insert_with(|| why.clone());
                }
                next.push(pulled.clone());
            }
        }
        let left_out = diff.changes.len();
        diff.changes.retain(|change| keep.contains(&change.address));
        let left_out = left_out - diff.changes.len();
        Some(Partial { words: self.words(&added, left_out), blocked: blocked.into_values().collect() })
    }

    fn words(&self, added: &BTreeMap<Address, String>, left_out: usize) -> String {
        const SHOWN: usize = 8;
        let words = |what: &str, globs: &[String]| (!globs.is_empty()).then(|| format!("{what} {}", globs.join(", ")));
        let said: Vec<String> =
            [words("only", &self.only), words("except", &self.except)].into_iter().flatten().collect();
        let left_out = match left_out {
            0 => "nothing was".to_owned(),
            1 => "1 change".to_owned(),
            many => format!("{many} changes"),
        };
        let mut text = format!("{}; {left_out} left out.", said.join(", "));
        if !added.is_empty() {
            let mut named: Vec<String> =
                added.iter().take(SHOWN).map(|(address, why)| format!("{address} ({why})")).collect();
            if added.len() > SHOWN {
                named.push(format!("{} more", added.len() - SHOWN));
            }
            text.push_str(&format!(" Added because they are needed: {}.", named.join(", ")));
        }
        text
    }
}

/// What each change pulls along, and why.
fn pulls(diff: &Diff, desired: &Desired, requirements: &[Requirement]) -> BTreeMap<Address, Vec<(Address, String)>> {
    let made = |change: &&Change| matches!(change.action, Action::Create | Action::Replace);
    let created: BTreeSet<&Address> = diff.changes.iter().filter(made).map(|change| &change.address).collect();
    let mut pulls: BTreeMap<Address, Vec<(Address, String)>> = BTreeMap::new();
    let mut pull = |from: &Address, to: &Address, why: String| {
        pulls.entry(from.clone()).or_default().push((to.clone(), why));
    };
    for change in diff.changes.iter().filter(|change| change.action != Action::Delete) {
        let address = &change.address;
        let needs = desired.objects.get(address).map_or(&[][..], |object| &object.needs);
        for need in needs.iter().filter(|need| created.contains(need)) {
            pull(address, need, format!("{address} needs it"));
        }
        // What is made anew for the sake of another goes with it.
        if let Reason::Follows { what } | Reason::Grandfather { because: Some(what) } = &change.reason {
            pull(what, address, format!("it is made anew with {what}"));
        }
        // What is built on a sibling that is made (a region on its prices) is written with it, so as a whole.
        let parent = address.parent().filter(|_| change.action != Action::Create);
        for need in needs.iter().filter(|need| parent.is_some() && created.contains(need) && need.parent() == parent) {
            pull(need, address, format!("it is written with {need}"));
        }
    }
    for Requirement { change, needs, why } in requirements {
        pull(change, needs, why.clone());
    }
    pulls
}

/// Whether a glob chooses an address: segment by segment, `*` stands for any part of one, and what is inside a
/// chosen address is chosen with it.
fn matches(glob: &str, address: &Address) -> bool {
    let mut segments = address.segments();
    glob.split('.')
        .all(|pattern| segments.next().is_some_and(|segment| wildcard(pattern.as_bytes(), segment.as_bytes())))
}

fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    // Greedy with one point to come back to: linear in practice, never exponential.
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            p = at + 1;
            t = from + 1;
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_choose_what_is_inside() {
        let price = Address::new("plans", "pro").child("prices", "monthly");
        for yes in ["plans", "plans.pro", "plans.*", "plans.p*", "*.*.prices", "plans.pro.prices.monthly", "p*s.*o"] {
            assert!(matches(yes, &price), "{yes}");
        }
        for no in ["plan", "plans.free", "addons", "plans.pro.prices.monthly.amount", "plans.*.regions"] {
            assert!(!matches(no, &price), "{no}");
        }
    }
}
