//! Changeset, drift, comparison → text for people. Pure: only the document is read.

mod comparison;
mod drift;
mod html;
mod human;
mod impact;
mod markdown;
mod notes;
mod paint;
mod review;
mod table;
mod words;
mod wrap;

pub use comparison::comparison;
pub use drift::{drift, drift_markdown};
pub use html::{html, preview};
pub use human::human;
pub use paint::Paint;
pub use review::{markdown, nothing_to_change};
pub use words::{clean, sentence};
pub use wrap::wrapped;
