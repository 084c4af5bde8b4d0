//! Everything that is particular to one billing API, a folder each.

pub mod commet;

/// The names that `provider:` can have.
pub const NAMES: &[&str] = &["commet"];
