//! What the API would refuse, or what is surely a slip, found without a network. One idea per file; a rule gets the
//! catalog and a reporter that turns a path of keys into a place.

mod absent;
mod addons;
mod codes;
mod features;
mod groups;
mod identity;
mod ignore;
mod metadata;
mod models;
mod names;
mod numbers;
mod offers;
mod prices;
mod references;
mod regions;
mod sales;

mod versions;

#[cfg(test)]
mod tests;

use crate::diagnostic::Sink;
use crate::load::Document;

use super::catalog::Catalog;
use super::dialect::Dialect;
use crate::provider::reporter::{self, Reporter};

type Rule = fn(&Catalog, &mut Reporter<'_>);

/// Every rule, in the order in which a person would think of them.
const RULES: &[Rule] = &[
    codes::check,
    names::check,
    identity::check,
    references::check,
    groups::check,
    prices::default_price,
    prices::free,
    prices::one_time,
    prices::longer_interval,
    models::check,
    features::check,
    numbers::check,
    offers::check,
    regions::check,
    addons::check,
    sales::check,
    ignore::check,
    metadata::check,
    absent::check,
];

/// Runs every rule; those on versions where a version is meant. `spoiled` are the paths of what could not be decoded: rules do not complain that it is missing.
pub(super) fn check(
    catalog: &Catalog,
    document: &Document,
    dialect: Option<Dialect>,
    spoiled: &[Vec<String>],
    sink: &mut Sink,
) {
    let mut reporter = Reporter::new(document, spoiled, sink);
    for rule in RULES {
        rule(catalog, &mut reporter);
    }
    if let Some(dialect) = dialect {
        versions::check(catalog, dialect, &mut reporter);
    }
}
