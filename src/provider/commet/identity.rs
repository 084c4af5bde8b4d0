//! Which live object is which key of the files. Features and plans are known by their codes; plan groups and
//! add-ons have a key that only we know (commet-api.md §4).

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::Ledger;
use crate::model::{Address, Desired, DesiredObject, Value, roots_of};
use crate::provider::ObserveError;

/// A live object whose key in the files is ours, not the API's.
pub(super) struct Candidate<'a> {
    /// The API's id.
    pub id: &'a str,
    /// What the API has instead of a key: a group's name, an add-on's feature.
    pub natural: &'a str,
}

/// How the natural key of a collection behaves.
pub(super) struct Naming {
    /// The collection: `groups`.
    pub collection: &'static str,
    /// The field that holds the natural key.
    pub field: &'static str,
    /// Whether the API keeps it unique and unchangeable, so that it is surer than the ledger.
    pub unique: bool,
}

/// The old codes that `previously:` names, where the new code is not live yet.
pub(super) fn renamed(desired: &Desired, collection: &str, live: &BTreeSet<&str>) -> BTreeMap<String, Address> {
    roots_of(&desired.objects, collection)
        .filter(|(address, _)| !live.contains(address.key()))
        .filter_map(|(_, object)| {
            let before = object.directives.previously.clone()?;
            let free = !desired.objects.contains_key(&Address::new(collection, &before));
            (free && live.contains(before.as_str())).then(|| (before, object.resource.address.clone()))
        })
        .collect()
}

/// An address for every candidate, in their order. What is surest goes first, over all objects, so that no weaker
/// match takes a live object away: `id:`, a unique natural key, the ledger, a natural key; then the ledger for what
/// has left the files; what nobody names is named after its natural key.
pub(super) fn addresses(
    naming: &Naming,
    candidates: &[Candidate<'_>],
    desired: &Desired,
    ledger: &Ledger,
) -> Result<Vec<Address>, ObserveError> {
    let mut matching = Matching::new(naming, candidates);
    let wanted: Vec<&DesiredObject> = roots_of(&desired.objects, naming.collection).map(|(_, object)| object).collect();

    for object in &wanted {
        if let Some(id) = object.directives.id.as_deref() {
            let Some(&at) = matching.by_id.get(id) else {
                return Err(ObserveError::Unbound { address: object.resource.address.clone(), id: id.to_owned() });
            };
            matching.give(at, &object.resource.address);
        }
    }
    let by_ledger = |matching: &mut Matching<'_, '_>| {
        for object in &wanted {
            let address = &object.resource.address;
            let before = object.directives.previously.as_deref().map(|key| Address::new(naming.collection, key));
            let id = ledger.id(address).or_else(|| before.as_ref().and_then(|before| ledger.id(before)));
            if let Some(&at) = id.and_then(|id| matching.by_id.get(id)) {
                matching.give(at, address);
            }
        }
    };
    if !naming.unique {
        by_ledger(&mut matching);
    }
    for object in &wanted {
        let natural = object.resource.fields.get(naming.field).and_then(Value::text).unwrap_or_default();
        if matching.taken.contains(&object.resource.address) {
            continue;
        }
        match matching.free(natural).as_slice() {
            [] => {}
            [at] => matching.give(*at, &object.resource.address),
            several => {
                return Err(ObserveError::Ambiguous {
                    address: object.resource.address.clone(),
                    ids: several.iter().map(|at| candidates[*at].id.to_owned()).collect(),
                });
            }
        }
    }
    if naming.unique {
        by_ledger(&mut matching);
    }
    let gone = roots_of(&ledger.objects, naming.collection);
    let gone = gone.filter(|(address, _)| !desired.objects.contains_key(*address));
    for (address, entry) in gone {
        if let Some(&at) = entry.id.as_deref().and_then(|id| matching.by_id.get(id)) {
            matching.give(at, address);
        }
    }
    matching.taken.extend(wanted.iter().map(|object| object.resource.address.clone()));
    Ok(matching.finish())
}

struct Matching<'n, 'c> {
    naming: &'n Naming,
    candidates: &'n [Candidate<'c>],
    by_id: BTreeMap<&'c str, usize>,
    by_natural: BTreeMap<&'c str, Vec<usize>>,
    given: Vec<Option<Address>>,
    taken: BTreeSet<Address>,
}

impl<'n, 'c> Matching<'n, 'c> {
    fn new(naming: &'n Naming, candidates: &'n [Candidate<'c>]) -> Self {
        let mut by_natural: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, candidate) in candidates.iter().enumerate() {
            by_natural.entry(candidate.natural).or_default().push(at);
        }
        Self {
            naming,
            candidates,
            by_id: candidates.iter().enumerate().map(|(at, candidate)| (candidate.id, at)).collect(),
            by_natural,
            given: vec![None; candidates.len()],
            taken: BTreeSet::new(),
        }
    }

    fn give(&mut self, at: usize, address: &Address) {
        if self.given[at].is_none() && self.taken.insert(address.clone()) {
            self.given[at] = Some(address.clone());
        }
    }

    fn free(&self, natural: &str) -> Vec<usize> {
        let all = self.by_natural.get(natural).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|at| self.given[*at].is_none()).collect()
    }

    /// Names the rest, in an order that does not depend on the API's.
    fn finish(mut self) -> Vec<Address> {
        let mut rest: Vec<usize> = (0..self.candidates.len()).filter(|at| self.given[*at].is_none()).collect();
        rest.sort_by_key(|at| (self.candidates[*at].natural, self.candidates[*at].id));
        for at in rest {
            let stem = slug(self.candidates[at].natural);
            let mut address = Address::new(self.naming.collection, &stem);
            let mut number = 2;
            while self.taken.contains(&address) {
                address = Address::new(self.naming.collection, &format!("{stem}_{number}"));
                number += 1;
            }
            self.give(at, &address);
        }
        self.given.into_iter().flatten().collect()
    }
}

/// `SaaS plans` → `saas_plans`.
pub(super) fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() { "unnamed".into() } else { words.join("_") }
}
