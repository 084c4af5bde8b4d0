//! The APIs under the tests that are the same for all of them.

use pricebook::model::{FieldSpec, KindSpec};
use pricebook::provider::{Provider, by_name};
use serde_json::{Value, json};

use crate::project::{Project, with};
use crate::random_pairs;

/// One API: a provider, in one version where there are several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    /// `bxb`, `commet@2026-07-31`.
    pub(crate) name: &'static str,
    /// A catalog with an object of every kind and every model.
    pub(crate) everything: fn() -> Value,
    /// A valid catalog by chance.
    pub(crate) any: fn(&[u8]) -> Value,
}

pub(crate) const BXB: Subject =
    Subject { name: "bxb", everything: crate::every_field::bxb::everything, any: random_pairs::bxb::catalog };

pub(crate) const JULY11: Subject =
    Subject { name: "commet@2026-07-11", everything: everything_of_july11, any: random_pairs::commet::of_july11 };

pub(crate) const JULY31: Subject =
    Subject { name: "commet@2026-07-31", everything: everything_of_july31, any: random_pairs::commet::of_july31 };

/// Commet in the version that is meant when none is named, with a catalog that every version understands.
pub(crate) const COMMET: Subject =
    Subject { name: "commet", everything: crate::project::everything, any: random_pairs::commet::of_both };

/// Tests that take a subject, once for each version of Commet's API: a line each.
macro_rules! at_every_version {
    ($($test:ident)*) => {
        at_every_version! { @july11 JULY11: $($test)* }
        at_every_version! { @july31 JULY31: $($test)* }
    };
    (@$module:ident $subject:ident: $($test:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $test() {
                    super::$test(crate::subject::$subject);
                }
            )*
        }
    };
}
pub(crate) use at_every_version;

impl Subject {
    pub(crate) fn provider(&self) -> &'static str {
        self.name.split('@').next().unwrap()
    }

    /// The date of its version.
    pub(crate) fn version(&self) -> &'static str {
        let named = self.name.split_once('@').map(|(_, version)| version);
        named.unwrap_or_else(|| by_name(self.provider()).unwrap().api_versions()[0])
    }

    /// The provider in its version.
    pub(crate) fn spoken(&self) -> &'static dyn Provider {
        by_name(self.provider()).unwrap().at(self.version()).unwrap()
    }

    /// The kinds of its table that its version has.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static KindSpec> + use<> {
        let version = self.version();
        by_name(self.provider()).unwrap().kinds().iter().filter(move |kind| kind.versions.has(version))
    }

    /// Their fields that its version has.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static KindSpec, &'static FieldSpec)> + use<> {
        let version = self.version();
        let fields = self.kinds().flat_map(|kind| kind.fields.iter().map(move |spec| (kind, spec)));
        fields.filter(move |(_, spec)| spec.versions.has(version))
    }

    /// Whether its version has a field of a kind.
    #[track_caller]
    pub(crate) fn has(&self, kind: &str, field: &str) -> bool {
        let known = by_name(self.provider()).unwrap().kinds().iter().find(|known| known.name == kind).unwrap();
        assert!(known.field(field).is_some(), "{kind} {field}");
        self.fields().any(|(of, spec)| of.name == kind && spec.matches(field))
    }

    pub(crate) fn schema(&self) -> Value {
        by_name(self.provider()).unwrap().schema()
    }

    /// A project whose sandbox holds nothing.
    pub(crate) fn empty(&self) -> Project {
        Project::of(self.name)
    }

    /// A project whose sandbox says what the catalog says.
    #[track_caller]
    pub(crate) fn with(&self, catalog: &Value) -> Project {
        let project = self.empty();
        project.reach(catalog);
        project
    }
}

/// What both versions of Commet's API have.
fn everything_of_both() -> Value {
    let packs = json!({
        "small": { "name": "Small pack", "credits": 500, "price": "10.00" },
        "large": { "name": "Large pack", "credits": 5000, "price": "80.00" },
    });
    with(&crate::project::everything(), &[("credit_packs", packs)])
}

fn everything_of_july11() -> Value {
    let codes = json!({
        "TENTH": { "percentage": "10%", "cycles": 3 },
        "FIVER": { "amount_off": "5.00" },
    });
    with(&everything_of_both(), &[("promo_codes", codes)])
}

fn everything_of_july31() -> Value {
    let ars = |amount: &str| json!({ "ars": amount });
    with(
        &everything_of_both(),
        &[
            (
                "markets",
                json!({
                    "argentina": { "name": "Argentina", "countries": ["AR"] },
                    "cone": { "name": "Southern Cone", "countries": ["PY", "BO", "UY"] },
                }),
            ),
            (
                "offers",
                json!({
                    "launch": {
                        "name": "Launch",
                        "phases": [
                            { "free_trial": 14 },
                            { "percentage": "50%", "cycles": 3 },
                            { "percentage": "20%" },
                        ],
                    },
                    "welcome": { "name": "Welcome", "phases": [{ "amount_off": { "usd": "10.00" }, "cycles": 2 }] },
                    "third": { "name": "A third", "phases": [{ "percentage": "33.33%", "cycles": 1 }] },
                }),
            ),
            ("promo_codes", json!({ "WELCOME": { "offer": "welcome" }, "THIRD": { "offer": "third" } })),
            ("plans.pro.prices.monthly.markets", json!({ "argentina": ars("64900.00"), "cone": { "usd": "20.00" } })),
            (
                "plans.pro.prices.monthly.variants",
                json!({ "founding": { "name": "Founding", "markets": { "argentina": ars("39900.00") } } }),
            ),
        ],
    )
}
