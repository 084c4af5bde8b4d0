//! Everything that is particular to one billing API, a folder each.

pub mod commet;

use crate::http::ApiError;
use crate::model::Address;

/// Why live state cannot be read or matched with the files.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The API did not answer as it should.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Several live objects could be the one that the file names.
    #[error(
        "{address} could be any of {}: they share its name. Say which one with `id:` in its block",
        ids.join(", ")
    )]
    Ambiguous {
        /// The object in the file.
        address: Address,
        /// The live objects' ids.
        ids: Vec<String>,
    },
    /// The file binds a key to an id that is not live.
    #[error(
        "{address} is bound to `id: {id}`, which the API does not have. Correct the id, or remove it to create a new object"
    )]
    Unbound {
        /// The object in the file.
        address: Address,
        /// The id in the file.
        id: String,
    },
}
