use std::collections::HashMap;

use super::reporter::{Reporter, finding};
use crate::diagnostic::Code;
use crate::provider::commet::catalog::Catalog;

/// Names are not empty; names of plans and of features are unique (commet-api.md §3.1, §3.2, §7). A group is
/// recognised by its name unless it has an id (§3.6), and so are an offer and a market; names of credit packs are unique
/// (§3.8). An add-on's texts have a length (§3.7).
pub(super) fn check(catalog: &Catalog, report: &mut Reporter<'_>) {
    let names = |section: &'static str| -> Vec<(&str, &str, bool)> {
        match section {
            "features" => catalog.features.iter().map(|(key, it)| (&**key, &*it.name, true)).collect(),
            "plans" => catalog.plans.iter().map(|(key, it)| (&**key, &*it.name, true)).collect(),
            "groups" => catalog.groups.iter().map(|(key, it)| (&**key, &*it.name, it.id.is_none())).collect(),
            "offers" => catalog.offers.iter().map(|(key, it)| (&**key, &*it.name, it.id.is_none())).collect(),
            "markets" => catalog.markets.iter().map(|(key, it)| (&**key, &*it.name, it.id.is_none())).collect(),
            "credit_packs" => catalog.credit_packs.iter().map(|(key, it)| (&**key, &*it.name, true)).collect(),
            _ => catalog.addons.iter().map(|(key, it)| (&**key, &*it.name, false)).collect(),
        }
    };
    for section in ["features", "plans", "groups", "addons", "offers", "markets", "credit_packs"] {
        let mut taken: HashMap<&str, &str> = HashMap::new();
        for (key, name, unique) in names(section) {
            let path = [section, key, "name"];
            if name.trim().is_empty() {
                report.value(&path, finding(Code::BadText, "a name cannot be empty"));
            } else if let Some(first) = unique.then(|| taken.insert(name, key)).flatten() {
                let place = report.place(&[section, first, "name"]);
                let mut finding = finding(Code::NameTaken, format!("`{section}.{first}` has the name `{name}` too"))
                    .related(place, "the other one");
                if ["groups", "offers", "markets"].contains(&section) {
                    finding = finding.help("give one of them another name, or bind both with `id:`");
                }
                report.value(&path, finding);
            }
        }
    }
    for (key, addon) in &catalog.addons {
        for (field, text, most) in [("name", Some(&addon.name), 100), ("description", addon.description.as_ref(), 255)]
        {
            let length = text.map_or(0, |text| text.chars().count());
            if length > most {
                let message = format!("an add-on's {field} has at most {most} characters, this has {length}");
                report.value(&["addons", key, field], finding(Code::BadText, message));
            }
        }
    }
}
