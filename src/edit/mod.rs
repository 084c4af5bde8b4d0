//! Live state → YAML that a person could have written, and edits inside files that people wrote.

mod emit;
mod format;
mod language;
mod patch;
mod quote;
mod remark;
mod syntax;
mod text;
mod tree;
mod write;

pub use format::format;
pub use language::Language;
pub use patch::{File, Object, Patched, Read, Refusal, difference, patch};
pub use quote::{Place, comment, quoted};
pub use remark::{Remark, remarks};
pub use tree::{Entry, Layout, Map, Scalar, Tree};
pub use write::{WIDTH, document, entry};
