//! Environments that share the catalog and are not upgraded: for them the rewritten catalog must say what it said.

use std::path::Path;

use super::choice::{Choice, Other};
use crate::cli::environments::listed;
use crate::cli::failure::Stop;
use crate::cli::{catalog, complain, exit};
use crate::diagnostic::{Finding, Severity};
use crate::edit::File;
use crate::model::{Address, Desired};
use crate::pull;

pub(super) fn check(choice: &Choice, before: &[File], after: &[File]) -> Result<(), Stop> {
    for name in &choice.along {
        let overlay = choice.overlays.iter().find(|(of, _)| of == name).map(|(_, path)| path.as_path());
        pull::read(choice.provider, after, &[&texts(overlay)?]).map_err(|findings| {
            complain(&format!(
                "error: {name} would come along, and is not valid on {}; nothing was written",
                choice.to
            ));
            Stop::Findings(errors(findings))
        })?;
    }
    choice.others.iter().try_for_each(|other| keeps(choice, other, before, after))
}

fn keeps(choice: &Choice, other: &Other, before: &[File], after: &[File]) -> Result<(), Stop> {
    let Other { name, version, overlay } = other;
    // A version that nobody speaks is said where it is connected to.
    let Some(provider) = choice.any.at(version) else { return Ok(()) };
    let overlay = texts(overlay.as_deref())?;
    // What was not valid for it before is none of this command's business.
    let Ok(before) = pull::read(provider, before, &[&overlay]) else { return Ok(()) };
    let why = match pull::read(provider, after, &[&overlay]) {
        Ok(after) => match differing(&before, &after).as_slice() {
            [] => return Ok(()),
            addresses => format!("the catalog would say something else for it in {}", listed(addresses)),
        },
        Err(findings) => match errors(findings).first() {
            Some(finding) => format!("the catalog would not be valid for it: {}", finding.message),
            None => "the catalog would not be valid for it".to_owned(),
        },
    };
    let names: Vec<&str> = choice.chosen.iter().map(String::as_str).chain([name.as_str()]).collect();
    Err(Stop::new(exit::ERROR, format!("{name} shares the catalog and stays on {version}: {why}; nothing was written"))
        .help(format!(
            "upgrade them together: --env {}, or --all; or give {name} a catalog of its own",
            names.join(" --env ")
        )))
}

fn texts(overlay: Option<&Path>) -> Result<Vec<File>, Stop> {
    overlay.map_or_else(|| Ok(Vec::new()), catalog::texts_of)
}

fn errors(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|finding| finding.severity() == Severity::Error).collect()
}

/// The objects of which two readings do not say the same.
fn differing(before: &Desired, after: &Desired) -> Vec<Address> {
    let mut all: Vec<&Address> = before.objects.keys().chain(after.objects.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let says = |desired: &Desired, address: &Address| {
        let object = desired.objects.get(address)?;
        Some((object.resource.fields.clone(), object.directives.clone()))
    };
    all.into_iter().filter(|address| says(before, address) != says(after, address)).cloned().collect()
}
