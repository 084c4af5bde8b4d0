//! Everything that is particular to one billing API, a folder each.

pub mod commet;
