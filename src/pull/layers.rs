//! An object whose values come from an environment's overlay: what a person has to write into which file.

use crate::edit::{File, Language, Map, Object, Refusal, Tree, difference, document};
use crate::load::{self, Node, Value};

/// Says which overlay has a word in an object that could not be edited, and what to merge into it. What is proposed
/// was read: `with` reads all files with one more laid over them.
pub(super) fn explain(
    refusal: &mut Refusal,
    seen: &[Object],
    goal: &[Object],
    overlay: &[File],
    language: &Language,
    with: &dyn Fn(File) -> Result<Vec<Object>, String>,
) {
    let Some(file) = overlay.iter().find(|file| speaks(file, refusal)) else { return };
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
    refusal.why = format!("{} says something about it, and files of an environment are not edited", file.name);
    refusal.into = Some(file.name.clone());
    let more = File { name: "merged.yaml".into(), text: text.clone() };
    match with(more) {
        Ok(says) if find(&says) == new => refusal.block = Some(text),
        // Nothing that was not read is proposed as an edit: this is what it should say in the end.
        _ => refusal.into = None,
    }
}

fn speaks(file: &File, refusal: &Refusal) -> bool {
    let Some(document) = load::text(&file.name, &file.text).document else { return false };
    let says = |path: &[&str]| document.get(path).is_some();
    let nothing = |node: &Node| matches!(node.value, Value::Null);
    says(&[&refusal.collection, &refusal.key])
        || document.get(&[&refusal.collection]).is_some_and(nothing)
        || says(&["defaults"])
}
