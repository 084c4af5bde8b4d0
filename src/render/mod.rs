//! Changeset → text for people. Pure: only the document is read.

mod human;
mod notes;
mod paint;
mod words;
mod wrap;

pub use human::human;
pub use paint::Paint;
pub use wrap::wrapped;
