//! Runs a graph of calls. Knows nothing about billing.

mod careful;
mod execute;
mod remember;
mod report;

pub use execute::{Event, Progress, Run, execute};
pub use remember::remember;
pub use report::{Applied, Failed, Report, Skipped};
