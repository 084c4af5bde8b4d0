//! Commet: hosted SaaS billing. The contract is the API as of 2026-07-11.

pub mod catalog;
pub mod schema;

mod rules;
mod short;

use crate::diagnostic::Sink;
use crate::load::{self, Document};

use self::catalog::Catalog;

/// Stage 2: a loaded document as a checked catalog. `None` after findings that are errors.
///
/// All findings come at once: what could be decoded is checked even if something else could not.
pub fn read(document: &Document, sink: &mut Sink) -> Option<Catalog> {
    let before = sink.has_errors();
    let mut found = Sink::with_sources(document.sources());
    let decoded = load::decode_partial::<Catalog>(document.root(), &mut found);
    if let Some(catalog) = &decoded.value {
        rules::check(catalog, document, &decoded.spoiled, &mut found);
    }
    let sound = !before && !found.has_errors();
    sink.append(found);
    decoded.value.filter(|_| sound)
}
