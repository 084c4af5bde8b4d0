//! Commet: hosted SaaS billing. The contract is the API as of 2026-07-11.

pub mod catalog;
mod desired;
mod identity;
mod live;
mod lower;
mod metadata;
mod observe;
mod settle;
pub mod table;
mod wire;
mod words;
