//! Pricebook keeps a billing catalog in git.
//!
//! ```text
//! files ─► load ─► provider (catalog) ─► desired resources ─┐
//!                                                           ├─► diff ─► changeset ─► guard ─► render
//! live API ─► provider (observe) ──────► live resources ────┤                          │
//! ledger ──────────────────────────────► last written ──────┘                          └─► apply
//! ```
//!
//! Everything from `diff` to `render` is pure: values in, values out. The modules below stand in
//! the order in which data passes through them; a stage uses earlier stages, never a later one.

pub mod diagnostic;
pub mod model;

pub mod load;

pub mod edit;

pub mod http;
pub mod ledger;

pub mod diff;

pub mod changeset;

pub mod provider;

pub mod lint;

pub mod pipeline;

pub mod host;
pub mod render;

pub mod apply;

pub mod pull;

pub mod sandbox;

pub mod cli;
