//! One binary for all integration tests: linking is what costs. A file per capability.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod catalog_folder;
mod drift;
mod every_field;
mod laws;
mod loader_laws;
mod official_client;
mod order;
mod project;
mod project_file;
mod random_pairs;
mod sandbox;
mod schemas;
mod support;
mod vendor_blind_spots;
