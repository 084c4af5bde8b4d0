//! One binary for all integration tests: linking is the cost.
// `cfg(test)` lets clippy see that helpers are test code too.

#[cfg(test)]
mod official_client;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod support;
