//! What the server would refuse, ignore or bill wrongly, found without a network. One idea per file; a rule gets the
//! catalog and a reporter that turns a path of keys into a place.

mod absent;
mod charges;
mod codes;
mod coupons;
mod entitlements;
mod filters;
mod ignore;
mod metrics;
mod numbers;
mod ranges;
mod references;
mod texts;
mod twice;

#[cfg(test)]
mod tests;

use crate::diagnostic::Sink;
use crate::load::Document;
use crate::provider::reporter::Reporter;

use super::catalog::Catalog;

type Rule = fn(&Catalog, &mut Reporter<'_>);

/// Every rule, in the order in which a person would think of them.
const RULES: &[Rule] = &[
    codes::check,
    texts::check,
    references::check,
    metrics::check,
    charges::check,
    ranges::check,
    filters::check,
    entitlements::check,
    twice::check,
    coupons::check,
    numbers::check,
    ignore::check,
    absent::check,
];

/// Runs every rule. `spoiled` are the paths of what could not be decoded: rules do not complain that it is missing.
pub(super) fn check(catalog: &Catalog, document: &Document, spoiled: &[Vec<String>], sink: &mut Sink) {
    let mut reporter = Reporter::new(document, spoiled, sink);
    for rule in RULES {
        rule(catalog, &mut reporter);
    }
}
