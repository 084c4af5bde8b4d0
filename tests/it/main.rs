//! One binary for all integration tests: linking is what costs. A file per capability.

#![cfg(test)]

mod architecture;
mod bad_input;
mod catalog_folder;
mod drift;
mod every_field;
mod examples;
mod generated;
mod human_output;
mod laws;
mod loader_laws;
mod official_client;
mod order;
mod project;
mod project_file;
mod random_pairs;
mod readme;
mod sandbox;
mod schemas;
mod support;
mod transport;
mod vendor_blind_spots;
mod workspace;
