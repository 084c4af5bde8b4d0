//! One binary for all integration tests: linking is what costs. A file per capability.

mod bad_input;
mod catalog_folder;
mod loader_laws;
mod project_file;
mod schemas;
