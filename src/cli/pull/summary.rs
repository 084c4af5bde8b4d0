//! What `pull` says that it did.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::{Environment, Place};
use crate::diff::Unverifiable;
use crate::edit;
use crate::provider::Provider;
use crate::pull::LeftOut;

/// What was done: the JSON document, and what the words for people are made of.
#[derive(Debug, Serialize)]
pub(super) struct Summary<'p> {
    pub(super) provider: &'static str,
    pub(super) environment: Environment,
    /// How many objects of each collection were written.
    pub(super) counts: BTreeMap<&'static str, usize>,
    /// Written files, below the project's folder.
    pub(super) files: Vec<String>,
    /// Files that were there and stay as they are.
    pub(super) kept: Vec<String>,
    /// Fields that the API never shows.
    pub(super) unseen: &'p [Unverifiable],
    /// Live objects that are not in the files.
    pub(super) left_out: &'p [LeftOut],
    pub(super) remarks: &'p [String],
}

/// Lines of one list that are printed for people; `--format json` has all.
const SHOWN: usize = 20;

/// The words for people.
pub(super) fn human(summary: &Summary<'_>, provider: &dyn Provider, place: &Place) -> String {
    let environment = &summary.environment;
    let kinds = provider.kinds().iter().filter(|kind| kind.parent.is_none());
    let counts: Vec<String> = kinds
        .filter_map(|kind| {
            let count = *summary.counts.get(kind.collection)?;
            let plural = if kind.name.ends_with('x') { "es" } else { "s" };
            Some(format!("{count} {}{}", kind.name, if count == 1 { "" } else { plural }))
        })
        .collect();
    let counts = if counts.is_empty() { "nothing is live".into() } else { counts.join(", ") };
    let mut text =
        format!("{} → {} · {} {}\n", environment.url, environment.name, provider.title(), environment.api_version);
    text.push_str(&format!("{counts}\n\n"));
    for file in &summary.files {
        text.push_str(&format!("  {file}\n"));
    }
    for file in &summary.kept {
        text.push_str(&format!("  {file} (kept as it is)\n"));
    }
    let unseen = summary.unseen.iter().map(|one| format!("{}: {}", one.address, one.fields.join(", ")));
    list(&mut text, "The API does not show these, so the files do not say them. Add what you know", unseen.collect());
    let left_out = summary.left_out.iter().map(|one| match one.name.as_str() {
        "" => format!("{}: {}", one.address, one.why),
        name => format!("{} ({}): {}", one.address, edit::comment(name, 40), one.why),
    });
    list(&mut text, "Left out, because a file cannot say them. They stay live and unmanaged", left_out.collect());
    list(&mut text, "Good to know", summary.remarks.to_vec());
    let folder = match &place.root {
        root if root.as_os_str().is_empty() || root == Path::new(".") => String::new(),
        root => format!(" -C {}", root.display()),
    };
    let several = place.project.as_ref().is_some_and(|(_, environments)| *environments > 1);
    let env = if several { format!(" --env {}", environment.name) } else { String::new() };
    text.push_str(&format!(
        "\nNext:\n  pricebook plan{folder}{env}     nothing to do, until somebody changes something\n\n\
         Before a price changes, say in the catalog what that does to existing subscribers: `price_changes`\n"
    ));
    text
}

fn list(text: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    text.push_str(&format!("\n{title}:\n"));
    for line in lines.iter().take(SHOWN) {
        text.push_str(&format!("  {line}\n"));
    }
    if lines.len() > SHOWN {
        text.push_str(&format!("  … and {} more; --format json lists all\n", lines.len() - SHOWN));
    }
}
