//! Long work shows itself: a line that is drawn anew on a terminal, lines elsewhere. Nothing with `--quiet`.

mod calls;
mod line;
mod words;

pub(crate) use calls::Calls;
pub(crate) use line::{Shown, aside, begin};
pub(crate) use words::{reading, took};
