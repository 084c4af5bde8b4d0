//! One binary for all integration tests: linking is what costs. A file per capability.

#![cfg(test)]

mod apply;
mod bad_input;
mod catalog_folder;
mod exit_codes;
mod guards;
mod ledger;
mod loader_laws;
mod official_client;
mod project_file;
mod sandbox;
mod saved;
mod schemas;
mod support;
mod transport;
mod workspace;
