//! `--only` and `--except`: a changeset for some addresses.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Action, Diff, Reason};
use crate::model::{Address, Desired};

/// Which addresses were chosen. Nothing chosen means everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs over addresses; an address is chosen with everything inside it.
    pub only: Vec<String>,
    /// Globs over addresses that are left out.
    pub except: Vec<String>,
}

impl Selection {
    /// Whether an address was chosen.
    pub fn chooses(&self, address: &Address) -> bool {
        (self.only.is_empty() || self.only.iter().any(|glob| matches(glob, address)))
            && !self.except.iter().any(|glob| matches(glob, address))
    }

    /// Keeps the changes that were chosen, and what has to be created before them. Returns the words that say so,
    /// or nothing when everything was chosen. Nothing is deleted by a partial changeset.
    pub fn apply(&self, diff: &mut Diff, desired: &Desired) -> Option<String> {
        if self.only.is_empty() && self.except.is_empty() {
            return None;
        }
        let created: BTreeSet<&Address> = diff
            .changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Replace))
            .map(|change| &change.address)
            .collect();
        let mut followers: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
        for change in diff.changes.iter().filter(|change| change.action != Action::Delete) {
            // What is made anew for the sake of another goes with it.
            if let Reason::Follows { what } | Reason::Grandfather { because: Some(what) } = &change.reason {
                followers.entry(what.clone()).or_default().push(change.address.clone());
            }
            // What is built on a sibling that is made (a region on its prices) is written with it, so as a whole.
            let needs = desired.objects.get(&change.address).map_or(&[][..], |object| &object.needs);
            let parent = change.address.parent().filter(|_| change.action != Action::Create);
            for need in
                needs.iter().filter(|need| parent.is_some() && created.contains(need) && need.parent() == parent)
            {
                followers.entry(need.clone()).or_default().push(change.address.clone());
            }
        }
        let mut keep: BTreeSet<Address> = BTreeSet::new();
        let mut next: Vec<Address> = diff
            .changes
            .iter()
            .filter(|change| change.action != Action::Delete && self.chooses(&change.address))
            .map(|change| change.address.clone())
            .collect();
        while let Some(address) = next.pop() {
            if !keep.insert(address.clone()) {
                continue;
            }
            let needs = desired.objects.get(&address).map_or(&[][..], |object| &object.needs);
            next.extend(needs.iter().filter(|need| created.contains(need)).cloned());
            next.extend(followers.get(&address).into_iter().flatten().cloned());
        }
        let left_out = diff.changes.len();
        diff.changes.retain(|change| keep.contains(&change.address));
        let left_out = left_out - diff.changes.len();
        let words = |what: &str, globs: &[String]| (!globs.is_empty()).then(|| format!("{what} {}", globs.join(", ")));
        let said: Vec<String> =
            [words("only", &self.only), words("except", &self.except)].into_iter().flatten().collect();
        Some(format!("{}; {left_out} changes left out.", said.join(", ")))
    }
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
