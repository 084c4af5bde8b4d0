//! Changeset → text for people. Pure: only the document is read.

mod human;
mod paint;
mod words;

pub use human::human;
pub use paint::Paint;
