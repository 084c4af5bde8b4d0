//! The providers under the tests that are the same for all of them.

use pricebook::model::KindSpec;
use pricebook::provider::by_name;
use serde_json::Value;

use crate::project::Project;

/// One provider: its name, and a catalog with an object of every kind and every model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) provider: &'static str,
    pub(crate) everything: fn() -> Value,
}

pub(crate) const COMMET: Subject = Subject { provider: "commet", everything: crate::project::everything };
pub(crate) const BXB: Subject = Subject { provider: "bxb", everything: crate::every_field::bxb::everything };

impl Subject {
    /// Its table of kinds and fields.
    pub(crate) fn kinds(&self) -> &'static [KindSpec] {
        by_name(self.provider).unwrap().kinds()
    }

    pub(crate) fn schema(&self) -> Value {
        by_name(self.provider).unwrap().schema()
    }

    /// A project whose sandbox holds nothing.
    pub(crate) fn empty(&self) -> Project {
        Project::of(self.provider)
    }

    /// A project whose sandbox says what the catalog says.
    #[track_caller]
    pub(crate) fn with(&self, catalog: &Value) -> Project {
        let project = self.empty();
        project.reach(catalog);
        project
    }
}
