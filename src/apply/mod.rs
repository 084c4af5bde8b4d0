//! Runs a graph of calls. Knows nothing about billing.

mod careful;
mod execute;
mod journal;
mod recover;
mod remember;
mod report;

pub use execute::{Event, Parallel, Progress, Run, execute};
pub use journal::{Became, Head, JOURNAL_FORMAT, Journal, JournalError, Line, Log, Record, remove};
pub use recover::{claim, recover};
pub use remember::remember;
pub use report::{Applied, Failed, Report, Skipped};
