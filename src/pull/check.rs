//! Whether the tool itself reads what was written, and as what is live. What it does not, and why, by object.

use std::collections::BTreeMap;

use super::{Unreadable, root};
use crate::diagnostic::{Code, Finding, Severity};
use crate::diff::{Action, Change, Diff};
use crate::edit::{self, Map};
use crate::load::{self, Document};
use crate::model::{Address, Desired};
use crate::provider::{Provider, Written};

/// Objects that are refused, each with the first reason.
pub(super) type Refused = BTreeMap<Address, String>;

/// Reads the catalog as if it stood in one file.
pub(super) fn read(provider: &dyn Provider, written: &Written) -> Result<Result<Desired, Refused>, Unreadable> {
    let text = one_file(provider, &root(written));
    let loaded = load::text("catalog.yaml", &text);
    let Some(document) = loaded.document.filter(|_| !loaded.sink.has_errors()) else {
        // Not even the tree can be read: each object by itself shows which it is.
        return alone(provider, written).map(Err);
    };
    let mut sink = loaded.sink;
    match provider.read(&document, &mut sink) {
        Some(desired) => Ok(Ok(desired)),
        None => {
            let findings = sink.into_findings();
            let refused = by_object(written, &document, &findings);
            if refused.is_empty() {
                return Err(Unreadable(words(&findings)));
            }
            Ok(Err(refused))
        }
    }
}

fn one_file(provider: &dyn Provider, root: &Map) -> String {
    format!("provider: {}\n{}", provider.name(), edit::document(root))
}

fn alone(provider: &dyn Provider, written: &Written) -> Result<Refused, Unreadable> {
    let mut refused = Refused::new();
    for section in &written.sections {
        for entry in &section.objects.entries {
            let mut root = Map::block();
            root.put(section.collection, Map { entries: vec![entry.clone()], ..Map::block() });
            let loaded = load::text("catalog.yaml", &one_file(provider, &root));
            if loaded.document.is_none() || loaded.sink.has_errors() {
                let why = words(&loaded.sink.into_findings());
                refused.insert(Address::new(section.collection, &entry.key), why);
            }
        }
    }
    if refused.is_empty() { Err(Unreadable("no object of it is to blame".into())) } else { Ok(refused) }
}

fn words(findings: &[Finding]) -> String {
    let mut errors = findings.iter().filter(|finding| finding.severity() == Severity::Error);
    errors.next().map_or_else(|| "no reason is given".into(), |finding| finding.message.clone())
}

/// Which object each error is in: the last one that begins above it.
fn by_object(written: &Written, document: &Document, findings: &[Finding]) -> Refused {
    let mut begins: BTreeMap<usize, Address> = BTreeMap::new();
    for section in &written.sections {
        for entry in &section.objects.entries {
            if let Some(place) = document.locate_key(&[section.collection, &entry.key]) {
                begins.insert(place.line, Address::new(section.collection, &entry.key));
            }
        }
    }
    let (mut refused, mut because) = (Refused::new(), Refused::new());
    for finding in findings.iter().filter(|finding| finding.severity() == Severity::Error) {
        let refused = if is_about_others(finding.code) { &mut because } else { &mut refused };
        let line = finding.location.as_ref().map_or(0, |place| place.line);
        if let Some((_, address)) = begins.range(..=line).next_back() {
            refused.entry(address.clone()).or_insert_with(|| finding.message.clone());
        }
    }
    // When the one that is wrong by itself is gone, its neighbours may be right.
    if refused.is_empty() { because } else { refused }
}

/// Whether an error may be the fault of another object.
fn is_about_others(code: Code) -> bool {
    use Code::{AddonTaken, GroupMembership, IdTaken, NameTaken, UnknownReference};
    matches!(code, AddonTaken | GroupMembership | IdTaken | NameTaken | UnknownReference)
}

/// What would be changed by the very catalog that was written: there a file has no words for what is live.
pub(super) fn differences(diff: &Diff) -> Refused {
    let mut refused = Refused::new();
    let effective = |change: &&Change| !matches!(change.action, Action::Adopt | Action::Move);
    for change in diff.changes.iter().filter(effective) {
        let below = change.address.below_root();
        let place = if below.is_empty() { String::new() } else { format!("{below}: ") };
        let fields: Vec<String> = change
            .fields
            .iter()
            .map(|field| match &field.before {
                Some(before) => format!("{} is {before}", field.field),
                None => format!("{} is not set", field.field),
            })
            .collect();
        let what = if fields.is_empty() { "it".to_owned() } else { fields.join(", ") };
        let why = match change.action {
            Action::Delete => format!("{place}it cannot be said beside the others of its kind"),
            _ => format!("{place}{what}, which no file can say"),
        };
        refused.entry(change.address.root()).or_insert(why);
    }
    refused
}

/// A reason that was not there before other objects were left out.
pub(super) fn followed(why: String) -> String {
    match why.strip_prefix("there is no ") {
        Some(rest) => format!("it needs the {}, which is left out", rest.trim_end_matches(" in the catalog")),
        None => why,
    }
}
