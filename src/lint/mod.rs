//! Pricing smells: what the API takes and a person would not have meant. Pure; nothing here is an error.
//!
//! A rule reads the pricing page, which is the same for every provider, and says where in the files it smells.

mod allow;
mod rules;
mod subject;

pub use allow::Allowed;
pub use rules::{RULES, Rule};
pub use subject::Subject;

use crate::diagnostic::Sink;

/// Runs every rule.
pub fn lint(subject: &Subject<'_>, sink: &mut Sink) {
    for rule in RULES {
        (rule.check)(subject, sink);
    }
}
