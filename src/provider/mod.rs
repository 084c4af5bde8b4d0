//! Everything that is particular to one billing API, a folder each.

pub mod commet;

use crate::sandbox::api::Api;

/// The embedded server of a provider, empty; none for a name that no provider has.
pub fn sandbox(provider: &str) -> Option<Box<dyn Api>> {
    match provider {
        "commet" => Some(Box::new(commet::sandbox::Commet::default())),
        _ => None,
    }
}
