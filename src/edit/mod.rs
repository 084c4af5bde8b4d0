//! Live state → YAML that a person could have written, and edits inside files that people wrote.

mod emit;
mod language;
mod patch;
mod syntax;
mod text;
mod tree;

pub use language::Language;
pub use patch::{File, Object, Patched, Read, Refusal, patch};
pub use tree::{Entry, Layout, Map, Scalar, Tree};
