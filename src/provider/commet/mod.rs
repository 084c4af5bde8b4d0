//! Commet: hosted SaaS billing. The contract is the API as of 2026-07-11.

pub mod catalog;
pub mod sandbox;
