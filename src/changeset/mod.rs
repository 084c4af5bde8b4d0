//! Changes → ordered calls; guards, digest, the document. Pure.

mod draft;

pub use draft::{Draft, Learns, placeholder, placeholder_address, placeholders_in_path};
