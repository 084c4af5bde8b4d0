//! The hosts of repositories, as far as one comment on a pull or merge request needs them: GitHub and GitLab.

mod client;
mod context;
mod dialect;
mod github;
mod gitlab;
mod marker;
mod post;
mod sticky;

pub use client::HostError;
pub use context::{Asked, Context, ContextError, Place};
pub use dialect::Kind;
pub use marker::{Marker, Run};
pub use post::{Outcome, Post, post};

/// The longest comment that every host takes, in characters: GitHub's limit; GitLab's is higher. Counted in bytes of
/// UTF-8, which are never fewer, whatever a host counts.
pub const LONGEST: usize = 65_536;
