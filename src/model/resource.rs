use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::model::{Address, Currency, Fields, KindSpec, Value, path_segments};

/// One object with its attributes, the same for every provider: what the differ sees.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name in the catalog.
    pub address: Address,
    /// What it is.
    pub kind: &'static KindSpec,
    /// What people call it.
    pub name: String,
    /// The unit of its money fields.
    pub currency: Option<Currency>,
    /// What it says.
    pub fields: Fields,
}

impl Resource {
    /// The number in a field.
    pub fn number(&self, path: &str) -> Option<Decimal> {
        self.fields.get(path).and_then(Value::number)
    }

    /// The whole number in a field.
    pub fn count(&self, path: &str) -> Option<i64> {
        match self.fields.get(path) {
            Some(Value::Count(count)) => Some(*count),
            _ => None,
        }
    }

    /// The yes or no in a field.
    pub fn flag(&self, path: &str) -> Option<bool> {
        match self.fields.get(path) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The text in a field.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.fields.get(path).and_then(Value::text)
    }
}

/// What the files ask for.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// Every object that the files name, children included.
    pub objects: BTreeMap<Address, DesiredObject>,
    /// Top-level objects that must not exist. The key is the API's own (a code, a group's name).
    pub absent: Vec<Absence>,
    /// Look at everything that is live, and not only at what is named here.
    pub whole: bool,
}

/// One entry of the catalog's `absent:`.
#[derive(Clone, Debug)]
pub struct Absence {
    /// The collection: `plans`.
    pub collection: &'static str,
    /// The API's own key: a plan's code, a group's name, the feature of an add-on.
    pub key: String,
    /// Where it stands.
    pub source: Option<SourceRef>,
}

/// One object that the files ask for.
#[derive(Clone, Debug)]
pub struct DesiredObject {
    /// The object itself.
    pub resource: Resource,
    /// Where its block stands.
    pub source: Option<SourceRef>,
    /// What the file says about how to manage it.
    pub directives: Directives,
    /// Other objects that must exist before this one.
    pub needs: Vec<Address>,
    /// Write-only fields (by their row's path) that have no meaning on this object, and so need not be verified.
    pub moot: &'static [&'static str],
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct SourceRef {
    /// The path, as it was given.
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u32,
}

/// Words of a block that are not attributes of the live object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directives {
    /// Refuse to delete or replace it.
    pub protect: bool,
    /// Fields that are neither compared nor written.
    pub ignore: Vec<String>,
    /// The key it had before.
    pub previously: Option<String>,
    /// It may be deleted and created again when a field changes that cannot be changed in place.
    pub replace: bool,
    /// The id of the live object that it is.
    pub id: Option<String>,
    /// What a changed amount does to existing subscribers, resolved from price, plan and catalog.
    pub price_changes: Option<PriceChanges>,
}

/// What a changed amount does to who already subscribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceChanges {
    /// In place: they pay it from their next renewal.
    Reprice,
    /// A new price: they keep what they have.
    Grandfather,
}

/// What the API holds.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Every object that the API shows, children included, ours or not.
    pub objects: BTreeMap<Address, LiveObject>,
    /// What the API says of itself: whether real money moves. `None` when it showed nothing to tell by.
    pub livemode: Option<bool>,
    /// The organization that the credentials lead to, as an environment names it. `None` where an API has none.
    pub organization: Option<String>,
    /// Things worth knowing that are no change: an exchange rate that cannot be removed.
    pub remarks: Vec<String>,
    /// Objects that the API would refuse to delete whatever else happens, and why, in words: `it has had 3
    /// subscriptions`.
    pub held: BTreeMap<Address, String>,
    /// Objects with parts that the API never shows and nobody has a record of: writing them anew may lose something.
    pub hidden: BTreeSet<Address>,
    /// What was attached to an object where no call of the API does it: the id of what it has.
    pub attached: BTreeMap<Address, String>,
    /// What else the provider found out, for its own settling, lowering and guards.
    pub facts: BTreeSet<&'static str>,
}

/// One object that the API holds.
#[derive(Clone, Debug)]
pub struct LiveObject {
    /// The object itself.
    pub resource: Resource,
    /// The API's id, where it tells one.
    pub id: Option<String>,
    /// The key by which `absent:` names it: a code, a group's name, an add-on's feature. Nothing inside another object has
    /// one.
    pub natural_key: String,
    /// Its place among its siblings, as the API numbers it (a plan's `sortOrder`).
    pub rank: i64,
    /// Its fields as the API shows them, where they had to be aligned with what the files say to be compared.
    pub shown: Option<Fields>,
}

impl DesiredObject {
    /// Whether a field is left to the dashboard. `ignore: [metadata]` covers `metadata.tier`; a star, as in a row of the
    /// table, stands for one key.
    pub fn ignores(&self, path: &str) -> bool {
        let stars = |ignored: &str| {
            let mut given = path_segments(path);
            ignored.contains('*')
                && path_segments(ignored).all(|want| given.next().is_some_and(|have| want == "*" || want == have))
        };
        let covers = |ignored: &String| {
            path.strip_prefix(ignored.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                || stars(ignored)
        };
        self.directives.ignore.iter().any(covers)
    }
}
