use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::apply::Became;
use crate::changeset::{Call, Guard, Moved};
use crate::model::Address;

/// What an apply did: one document, whatever happened.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Of the changeset.
    pub digest: String,
    /// Calls that succeeded.
    pub applied: Vec<Applied>,
    /// Calls that did not.
    pub failed: Vec<Failed>,
    /// Calls that were not tried, because something that they wait for failed or the run was interrupted.
    pub skipped: Vec<Skipped>,
    /// Guards that refused the changeset; then nothing was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Guard>,
    /// Objects that are not what they were when the changeset was saved; then nothing was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<Moved>,
    /// Calls of those above that an earlier run had made, when this one went on with it.
    #[serde(skip_serializing_if = "is_zero")]
    pub earlier: usize,
    /// Where the journal is, when the run did not end well: `apply --resume` goes on from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The exit code.
    pub exit: u8,
    /// Ids that answers told, by address.
    #[serde(skip)]
    pub learned: BTreeMap<Address, String>,
    /// Why what happens could not be written down any more; then nothing more was sent.
    #[serde(skip)]
    pub unwritten: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A call that succeeded.
#[derive(Clone, Debug, Serialize)]
pub struct Applied {
    /// Its id in the changeset.
    pub call: String,
    /// Whose change it belongs to.
    pub address: Address,
    /// How many times it was sent.
    pub attempts: u32,
}

/// A call that did not succeed.
#[derive(Clone, Debug, Serialize)]
pub struct Failed {
    /// Its id in the changeset.
    pub call: String,
    /// Whose change it belongs to.
    pub address: Address,
    /// The request: `POST /plans/manage`.
    pub request: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The API's own code.
    pub code: Option<String>,
    /// What went wrong, in words.
    pub message: String,
    /// The API's own name for the request.
    pub request_id: Option<String>,
    /// Whether the API does not accept the credentials.
    #[serde(skip)]
    pub credentials: bool,
    /// Whether it never left, in this run or an earlier one that it belongs to.
    #[serde(skip)]
    pub unsent: bool,
}

impl Failed {
    /// Whether the API may have done it all the same.
    pub fn is_doubtful(&self) -> bool {
        !self.unsent && Became::Failed(self.status).is_doubtful()
    }
}

/// A call that was not tried.
#[derive(Clone, Debug, Serialize)]
pub struct Skipped {
    /// Its id in the changeset.
    pub call: String,
    /// Whose change it belongs to.
    pub address: Address,
    /// The failed or skipped call that it waits for; none when the run was interrupted.
    pub because: Option<String>,
}

impl Skipped {
    /// A call that was not tried because nothing was.
    pub fn untried(call: &Call) -> Self {
        Self { call: call.id.clone(), address: call.address.clone(), because: None }
    }
}

impl Report {
    /// Whether everything was done.
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty()
    }

    /// Addresses with a call that did not succeed.
    pub fn unfinished(&self) -> BTreeSet<&Address> {
        self.failed.iter().map(|one| &one.address).chain(self.skipped.iter().map(|one| &one.address)).collect()
    }
}
