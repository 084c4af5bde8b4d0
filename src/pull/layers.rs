//! An object whose values come from an environment's overlay: what a person has to write into which file.

use crate::edit::{File, Language, Map, Object, Refusal, Tree, difference, document};
use crate::load::{self, Node, Value};

/// Says which overlay has a word in an object that could not be edited, and what to merge into it. What is proposed
/// was read: `with` reads all files with one more laid over them.
pub(super) fn explain(
    refusal: &mut Refusal,
    seen: &[Object],
    goal: &[Object],
    (files, overlay): (&[File], &[File]),
    language: &Language,
    with: &dyn Fn(File) -> Result<Vec<Object>, String>,
) {
    let defaults = |file: &&File| {
        load::text(&file.name, &file.text).document.is_some_and(|text| text.get(&["defaults"]).is_some())
    };
    let found = overlay.iter().find(|file| speaks(file, refusal)).or_else(|| overlay.iter().find(defaults));
    let Some(file) = found else { return };
    let find = |objects: &[Object]| {
        let mut all = objects.iter();
        all.find(|one| one.collection == refusal.collection && one.key == refusal.key).map(|one| one.tree.clone())
    };
    let (old, new) = (find(seen), find(goal));
    let patch = difference(language, &refusal.collection, old.as_ref(), new.as_ref());
    let (mut root, mut section) = (Map::block(), Map::block());
    section.put(refusal.key.as_str(), patch);
    root.put(refusal.collection.as_str(), Tree::Map(section));
    let text = document(&root);
    let more = File { name: "merged.yaml".into(), text: text.clone() };
    match with(more) {
        Ok(says) if find(&says) == new => {
            refusal.why = format!("{} says something about it, and an overlay is not edited", file.name);
            // What the overlay alone says cannot be taken away from the catalog: it goes from the overlay.
            let only_there = new.is_none() && !files.iter().any(|file| speaks(file, refusal));
            (refusal.block, refusal.into) = (Some(text).filter(|_| !only_there), Some(file.name.clone()));
        }
        // Nothing that was not read is proposed as an edit: the block is what it should say in the end.
        _ => refusal.why.push_str(&format!("; {} says something about it, too", file.name)),
    }
}

/// Whether a file says something about the object itself.
fn speaks(file: &File, refusal: &Refusal) -> bool {
    let Some(document) = load::text(&file.name, &file.text).document else { return false };
    let says = |path: &[&str]| document.get(path).is_some();
    let nothing = |node: &Node| matches!(node.value, Value::Null);
    says(&[&refusal.collection, &refusal.key]) || document.get(&[&refusal.collection]).is_some_and(nothing)
}
