//! One binary for all integration tests: linking is the cost.

mod official_client;
mod sandbox;
mod support;
