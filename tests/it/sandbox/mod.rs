//! The sandbox against the API's contract, over real HTTP.

mod addons;
mod catalog;
mod groups;
mod recorded;
mod regional;
mod subscribers;
mod transport;
mod trouble;
mod validation;
mod versions;
