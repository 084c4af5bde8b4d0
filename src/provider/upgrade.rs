//! From one version of an API to a newer one: what a catalog has to say then, beside what its objects say.

use std::collections::BTreeSet;

use crate::edit::Map;
use crate::model::Address;

/// What a catalog comes to in another version's terms.
#[derive(Debug, Default)]
pub struct Upgrade {
    /// Live objects that the files have to name from now on, because what they name refers to them in this version.
    pub named: BTreeSet<Address>,
    /// Words that go, because no call of this version writes them.
    pub gone: Vec<Gone>,
}

/// A word that goes.
#[derive(Debug)]
pub struct Gone {
    /// The object that said it.
    pub address: Address,
    /// What it said: `intro_offer, 20% for 3 cycles`.
    pub said: String,
    /// What stands in its place, or what a person can do, in words.
    pub then: String,
    /// What the person can add to the catalog for it.
    pub block: Option<Map>,
}
