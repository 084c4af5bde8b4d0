//! The bxb sandbox against the reference, over real HTTP: the statements that it marks as observed, a file per area.

mod client;
mod credentials;
mod data;
mod deletes;
mod errors;
mod features;
mod lists;
mod metrics;
mod offers;
mod organizations;
mod plans;
mod preview;
mod taxes;
mod transport;
mod usage;
mod values;
