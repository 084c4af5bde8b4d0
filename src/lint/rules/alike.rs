use std::collections::BTreeMap;

use crate::diagnostic::{Code, Sink};
use crate::lint::subject::{Subject, finding};
use crate::model::Address;

/// Names of one kind of object that differ in case, or in space that nobody sees.
pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let mut seen: BTreeMap<(&str, String), (&Address, &str)> = BTreeMap::new();
    for (address, object) in subject.desired.objects.iter().filter(|(address, _)| address.is_root()) {
        let name = object.resource.name.as_str();
        match seen.entry((address.collection(), folded(name))) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert((address, name));
            }
            // Two equal names are for the provider's own rules.
            std::collections::btree_map::Entry::Occupied(first) if first.get().1 != name => {
                let (other, _) = first.get();
                let message = format!("the name of `{}` looks like that of `{}`", address.key(), other.key());
                let place = subject.place(other, &["name"]);
                let found = finding(Code::NamesAlike, message).related(place, "the other name");
                subject.say(address, &["name"], found.help("they differ only in case or space"), sink);
            }
            std::collections::btree_map::Entry::Occupied(_) => {}
        }
    }
}

/// In lower case, with single spaces, without what takes no room.
fn folded(name: &str) -> String {
    let shown: String = name
        .chars()
        .filter(|char| !matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
        .collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
