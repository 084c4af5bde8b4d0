//! One binary for all integration tests: linking is what costs. A file per capability.

#![cfg(test)]

mod architecture;
mod bad_input;
mod catalog_folder;
mod every_field;
mod examples;
mod generated;
mod human_output;
mod loader_laws;
mod official_client;
mod project;
mod project_file;
mod random_pairs;
mod readme;
mod sandbox;
mod schemas;
mod support;
mod transport;
mod workspace;
