//! Which organization the credentials lead to (bxb-api.md §1). The server answers a missing or mistyped key with the
//! default organization, so this is asked before anything else.

use super::observe;
use super::wire::Organization;
use crate::http::ReadApi;
use crate::provider::{Destination, ObserveError};

/// The organization, if it is the one that the environment says.
pub(super) async fn organization(api: &ReadApi, destination: &Destination) -> Result<Organization, ObserveError> {
    let wanted = match &destination.organization {
        Some(wanted) => Some(wanted),
        // The embedded server has one organization, and a URL on the command line has nowhere to say it: there a key
        // that the server knows (any other one of this form is refused with 401) says it.
        None if destination.embedded || !destination.stated => None,
        None => {
            return Err(ObserveError::Elsewhere(format!(
                "the environment {} does not say which organization it means. Write `organization:` with its id or slug into pricebook.yaml: bxb answers a wrong key with the default organization, so this is compared before anything is read or written",
                destination.environment
            )));
        }
    };
    let found = observe::organization(api).await?;
    let Some(wanted) = wanted.filter(|wanted| **wanted != found.id && found.slug.as_ref() != Some(wanted)) else {
        return Ok(found);
    };
    Err(ObserveError::Elsewhere(format!(
        "the key leads to the organization {} ({}, id {}), but the environment {} says `organization: {wanted}`; nothing else was read. Correct the key or the environment",
        found.slug.as_deref().unwrap_or("without a slug"),
        found.name,
        found.id,
        destination.environment
    )))
}
