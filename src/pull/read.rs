//! Files that are in memory, read as every command reads them.

use crate::diagnostic::{Finding, Severity};
use crate::edit::File;
use crate::load;
use crate::model::Desired;
use crate::provider::Provider;

/// What files say with these overlays over them, one after the other; or the findings, with errors among them.
pub fn read(provider: &dyn Provider, files: &[File], overlays: &[&[File]]) -> Result<Desired, Vec<Finding>> {
    fn pairs(files: &[File]) -> impl Iterator<Item = (&str, &str)> {
        files.iter().map(|file| (file.name.as_str(), file.text.as_str()))
    }
    let loaded = load::texts(pairs(files));
    let mut sink = loaded.sink;
    let overlays = overlays.iter().filter(|overlay| !overlay.is_empty());
    let document = loaded.document.map(|document| {
        overlays.fold(document, |document, overlay| {
            load::overlaid_texts(document, pairs(overlay), &provider.language(), &mut sink)
        })
    });
    let document = document.filter(|_| !sink.has_errors());
    let desired = document.and_then(|document| provider.read(&document, &mut sink));
    desired.ok_or_else(|| sink.into_findings())
}

/// The same; the error is the first one, in words.
pub(super) fn says(provider: &dyn Provider, files: &[File], overlays: &[&[File]]) -> Result<Desired, String> {
    read(provider, files, overlays).map_err(|findings| {
        let error = findings.iter().find(|finding| finding.severity() == Severity::Error);
        error.map_or_else(
            || "it could not be read".to_owned(),
            |finding| match &finding.location {
                Some(place) => format!("{place}: {}", finding.message),
                None => finding.message.clone(),
            },
        )
    })
}
