//! Live state → YAML that a person could have written, and edits inside files that people wrote.

mod quote;
mod tree;
mod write;

pub use quote::{Place, comment, quoted};
pub use tree::{Entry, Layout, Map, Scalar, Tree};
pub use write::{WIDTH, document, entry};
