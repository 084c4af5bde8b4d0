use std::collections::HashMap;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// `previously` names a key that is gone, and only one object can have had it. An `id` is one object's.
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    previously("features", catalog.features.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("groups", catalog.groups.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("plans", catalog.plans.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("addons", catalog.addons.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("offers", catalog.offers.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("markets", catalog.markets.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    previously("credit_packs", catalog.credit_packs.iter().map(|(key, it)| (&**key, it.previously.as_deref())), report);
    ids("offers", catalog.offers.iter().map(|(key, it)| (&**key, it.id.as_deref())), report);
    ids("markets", catalog.markets.iter().map(|(key, it)| (&**key, it.id.as_deref())), report);
    ids("credit_packs", catalog.credit_packs.iter().map(|(key, it)| (&**key, it.id.as_deref())), report);
    ids("groups", catalog.groups.iter().map(|(key, it)| (&**key, it.id.as_deref())), report);
    ids("addons", catalog.addons.iter().map(|(key, it)| (&**key, it.id.as_deref())), report);
}

fn previously<'a>(section: &str, objects: impl Iterator<Item = (&'a str, Option<&'a str>)>, report: &mut Reporter<'_>) {
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for (key, old) in objects {
        let Some(old) = old else { continue };
        let path = [section, key, "previously"];
        if old == key {
            let message = format!("`{key}` is the key that it has now");
            report.value(&path, finding(Code::Previously, message).help("write the old key, or remove `previously`"));
        } else if report.place(&[section, old]).is_some() {
            let place = report.place(&[section, old]);
            let finding = finding(Code::Previously, format!("`{section}.{old}` is still in the catalog"))
                .related(place, "it stands here")
                .help("a rename leaves no object under the old key");
            report.value(&path, finding);
        } else if let Some(first) = taken.insert(old, key) {
            let place = report.place(&[section, first, "previously"]);
            let finding = finding(Code::Previously, format!("`{section}.{first}` was `{old}` before, too"))
                .related(place, "the other one");
            report.value(&path, finding);
        }
    }
}

fn ids<'a>(section: &str, objects: impl Iterator<Item = (&'a str, Option<&'a str>)>, report: &mut Reporter<'_>) {
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for (key, id) in objects {
        let Some(id) = id else { continue };
        let path = [section, key, "id"];
        if id.trim().is_empty() {
            report.value(&path, finding(Code::BadText, "an id cannot be empty").help("leave the field out"));
        } else if let Some(first) = taken.insert(id, key) {
            let place = report.place(&[section, first, "id"]);
            let finding = finding(Code::IdTaken, format!("`{section}.{first}` is bound to `{id}` too"));
            report.value(&path, finding.related(place, "the other one"));
        }
    }
}
