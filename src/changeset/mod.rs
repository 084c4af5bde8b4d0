//! Changes → ordered calls; guards, digest, the document. Pure.

mod build;
mod care;
mod comparison;
mod document;
mod draft;
mod drift;
mod guard;
mod guard_table;
mod impact;
mod mode;
mod order;
mod rest;
mod restore;
mod stale;
mod words;

pub use build::{Inputs, build, digest};
pub use care::{Care, Expect, Lookup, Pages, Unchanged};
pub use comparison::{COMPARISON_FORMAT, ComparedField, Comparison, Difference, Side, compare};
pub use document::{Call, CatalogRef, ChangeDoc, Document, EnvironmentRef, FORMAT, FieldDoc, Mode, Summary, Touched};
pub use draft::{Among, Draft, Learns, placeholder, placeholder_address, placeholders_in_path};
pub use drift::{Basis, DRIFT_FORMAT, Drift, DriftField, Drifted, Happened, drift};
pub use guard::{Guard, Limits, guards};
pub use guard_table::{GUARDS, GuardSpec};
pub use impact::{Billing, ChangeImpact, EffectImpact, Impact, ImpactSource, Revenue, State, impact};
pub use mode::mode_mismatch;
pub use order::{Cycle, ids_used, order};
pub use rest::moved_meanwhile;
pub use restore::restore;
pub use stale::{Moved, Standing, is_done, standing};
