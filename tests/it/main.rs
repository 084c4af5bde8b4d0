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
mod every_field;
mod examples;
mod exit_codes;
mod explain;
mod generated;
mod guards;
mod histories;
mod human_output;
mod laws;
mod ledger;
mod loader_laws;
mod matrix;
mod official_client;
mod order;
mod origins;
mod ownership;
mod partial;
mod prepared;
mod price_changes;
mod project;
mod project_file;
mod random_pairs;
mod readme;
mod resume;
mod sandbox;
mod saved;
mod schemas;
mod small;
mod staleness;
mod subject;
mod support;
mod tampering;
mod transport;
mod vendor_blind_spots;
mod workspace;
