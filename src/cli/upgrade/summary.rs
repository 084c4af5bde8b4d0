//! What an upgrade did, for people and for programs.

use std::collections::BTreeSet;

use serde::Serialize;

use super::choice::Choice;
use crate::cli::common::Format;
use crate::cli::rewrite::{Change, unified};
use crate::edit;
use crate::model::Address;
use crate::provider;
use crate::pull::InPlace;

/// What an upgrade did, or would do.
#[derive(Debug, Serialize)]
pub(super) struct Done {
    to: String,
    environments: Vec<String>,
    along: Vec<String>,
    files: Vec<String>,
    added: BTreeSet<Address>,
    changed: BTreeSet<Address>,
    gone: Vec<Gone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip)]
    there: Vec<String>,
}

/// A word that no call of the new version writes.
#[derive(Debug, PartialEq, Serialize)]
struct Gone {
    address: Address,
    said: String,
    then: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<String>,
}

impl Done {
    pub(super) fn new(choice: &Choice) -> Self {
        Self {
            to: choice.to.clone(),
            environments: choice.chosen.clone(),
            along: choice.along.clone(),
            files: Vec::new(),
            added: BTreeSet::new(),
            changed: BTreeSet::new(),
            gone: Vec::new(),
            diff: None,
            there: Vec::new(),
        }
    }

    /// Everything that was asked for is there already.
    pub(super) fn nothing(choice: &Choice) -> Self {
        Self { along: Vec::new(), there: choice.there.clone(), ..Self::new(choice) }
    }

    /// What one environment's live state brought.
    pub(super) fn take(&mut self, pulled: &InPlace, gone: Vec<provider::Gone>) {
        self.added.extend(pulled.added.iter().cloned());
        self.changed.extend(pulled.changed.iter().cloned());
        for one in gone {
            let block = one.block.as_ref().map(edit::document);
            let one = Gone { address: one.address, said: one.said, then: one.then, block };
            if !self.gone.contains(&one) {
                self.gone.push(one);
            }
        }
    }

    pub(super) fn files(&mut self, changes: &[Change<'_>]) {
        self.files = changes.iter().map(|change| change.path.to_owned()).collect();
        self.diff = Some(changes.iter().map(|change| unified(change.path, change.before, change.after)).collect());
    }

    pub(super) fn text(mut self, format: Format, check: bool) -> String {
        if !check {
            self.diff = None;
        }
        if format == Format::Json {
            return format!("{}\n", serde_json::to_string_pretty(&self).unwrap_or_default());
        }
        if self.environments.is_empty() {
            let (names, are) = (self.there.join(", "), if self.there.len() == 1 { "is" } else { "are" });
            return format!("{names} {are} on {} already: nothing to do\n", self.to);
        }
        let mut out = self.diff.unwrap_or_default();
        for (word, addresses) in [("added", &self.added), ("changed", &self.changed)] {
            for address in addresses {
                out.push_str(&format!("  {word}: {address}\n"));
            }
        }
        for one in &self.gone {
            out.push_str(&format!("\n  gone: {} {}: {}\n", one.address, one.said, one.then));
            for line in one.block.iter().flat_map(|block| block.lines()) {
                out.push_str(&format!("    {line}\n"));
            }
        }
        if !self.gone.is_empty() {
            out.push('\n');
        }
        let names = self.environments.join(", ");
        let along = match self.along.as_slice() {
            [] => String::new(),
            names => {
                format!("; {} with {}", names.join(", "), if self.environments.len() == 1 { "it" } else { "them" })
            }
        };
        let files = if self.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", self.files.len()) };
        let word = if check { "would change" } else { "changed" };
        out.push_str(&format!(
            "{files} {word}: {names} on {}{along}. Nothing is to do there before and after\n",
            self.to
        ));
        out
    }
}
