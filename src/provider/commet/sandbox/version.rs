//! The dated API versions (commet-api.md §1).

use axum::http::HeaderMap;

use super::failure::Failure;

/// The contract that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 2026-07-11: envelopes, `/manage`, PUT, no price ids in plan reads.
    July11,
    /// 2026-07-31: bare objects, PATCH, price ids, no intro offers.
    July31,
}

impl Version {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::July11 => "2026-07-11",
            Self::July31 => "2026-07-31",
        }
    }

    /// From the `Commet-Version` header; without one the organization's pin decides, which is 2026-07-11 here.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        match headers.get("commet-version").map(|value| value.to_str().unwrap_or("")) {
            None | Some("2026-07-11") => Ok(Self::July11),
            Some("2026-07-31") => Ok(Self::July31),
            Some(other) => Err(Failure::field(
                "commet-version",
                format!("The sandbox speaks 2026-07-11 and 2026-07-31, not `{other}`"),
            )),
        }
    }

    /// The `object` of a response: the older version gives the parts of a plan or a group their owner's name.
    pub(super) fn object(self, older: &'static str, newer: &'static str) -> &'static str {
        match self {
            Self::July11 => older,
            Self::July31 => newer,
        }
    }
}
