//! One binary for all integration tests: linking is what costs. A file per capability.

#![cfg(test)]

mod apply;
mod architecture;
mod bad_input;
mod bxb_crash;
mod bxb_reconcile;
mod bxb_sandbox;
mod care;
mod catalog_folder;
mod drift;
mod edits;
mod every_field;
mod examples;
mod exit_codes;
mod fmt;
mod generated;
mod guards;
mod human_output;
mod laws;
mod ledger;
mod loader_laws;
mod official_client;
mod order;
mod project;
mod project_file;
mod pull;
mod pull_in_place;
mod random_pairs;
mod readme;
mod sandbox;
mod saved;
mod schemas;
mod subject;
mod support;
mod transport;
mod vendor_blind_spots;
mod workspace;
