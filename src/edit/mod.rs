//! Live state → YAML that a person could have written, and edits inside files that people wrote.

mod tree;

pub use tree::{Entry, Layout, Map, Scalar, Tree};
