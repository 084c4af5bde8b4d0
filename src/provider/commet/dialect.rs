//! The dated versions of the API that are spoken (commet-api.md §1.2), and all that differs between them on the wire.

/// One version's way of saying the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// 2026-07-11: an envelope around answers, `/manage`, updates by PUT, introductory offers on prices.
    July11,
    /// 2026-07-31: bare objects, updates by PATCH, price ids in reads; offers, markets and price variants.
    July31,
}

impl Dialect {
    /// Every version, the one that is meant when none is named first.
    pub const ALL: [Self; 2] = [Self::July11, Self::July31];

    /// The version's date, as the header and the project file say it.
    pub fn version(self) -> &'static str {
        match self {
            Self::July11 => "2026-07-11",
            Self::July31 => "2026-07-31",
        }
    }

    /// The method that updates an object. Defaults, visibility, regional prices and the order of a group are replaced by
    /// PUT in both (§1.2).
    pub(super) fn update(self) -> &'static str {
        match self {
            Self::July11 => "PUT",
            Self::July31 => "PATCH",
        }
    }

    /// Where a feature or a plan is created: `/plans/manage` or `/plans`.
    pub(super) fn collection(self, path: &str) -> String {
        match self {
            Self::July11 => format!("{path}/manage"),
            Self::July31 => path.to_owned(),
        }
    }

    /// Where a feature or a plan is updated and deleted: `/plans/ID/manage` or `/plans/ID`.
    pub(super) fn object(self, collection: &str, id: &str) -> String {
        self.collection(&format!("{collection}/{id}"))
    }

    /// Where an answer tells the id of what was made, as a JSON pointer (§2.2).
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::July11 => "/data/id",
            Self::July31 => "/id",
        }
    }
}
