//! Two trees → the merge patch that makes the one say what the other says (RFC 7386).

use crate::edit::language::{Language, Shape};
use crate::edit::patch::edit::{long, same};
use crate::edit::tree::{Map, Tree};

/// What has to be merged into what an object of a collection says. `null` where something should go.
pub fn difference(language: &Language, collection: &str, old: Option<&Tree>, new: Option<&Tree>) -> Tree {
    let shape = language.catalog().child(collection).child("");
    match (old, new) {
        (_, None) => nothing(),
        (None, Some(new)) => new.clone(),
        (Some(old), Some(new)) => value(shape, old, new),
    }
}

fn nothing() -> Tree {
    Tree::plain("null")
}

fn value(shape: Shape<'_>, old: &Tree, new: &Tree) -> Tree {
    if let Some(field) = shape.short() {
        return maps(shape, &long(old, field), &long(new, field));
    }
    match (old, new) {
        (Tree::Map(old), Tree::Map(new)) => maps(shape, old, new),
        _ => new.clone(),
    }
}

fn maps(shape: Shape<'_>, old: &Map, new: &Map) -> Tree {
    let mut patch = Map::block();
    for entry in &new.entries {
        match old.get(&entry.key) {
            Some(before) if same(before, &entry.value) => {}
            Some(before) => patch.put(entry.key.as_str(), value(shape.child(&entry.key), before, &entry.value)),
            None => patch.put(entry.key.as_str(), entry.value.clone()),
        }
    }
    for entry in old.entries.iter().filter(|entry| new.get(&entry.key).is_none()) {
        patch.put(entry.key.as_str(), nothing());
    }
    Tree::Map(patch)
}
