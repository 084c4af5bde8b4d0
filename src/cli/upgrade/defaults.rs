//! Words of `defaults:` that the newer version lacks: they go where they stand, and not object by object.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{File, Language, Map, Object, Tree, patch};
use crate::load::{self, Value};
use crate::model::{KindSpec, path_segments};
use crate::provider::Provider;
use crate::pull;

/// The files without such defaults; as they are, where they would not be read any more.
pub(super) fn without(any: &dyn Provider, version: &str, files: &[File], overlay: &[File]) -> Vec<File> {
    let lacking = lacking(any.kinds(), version);
    let read = |files: &[File]| {
        let mut out = Vec::new();
        for file in files {
            out.extend(defaults(file)?);
        }
        Ok(out)
    };
    let Ok(mut goal) = read(files) else { return files.to_vec() };
    for object in &mut goal {
        if let (Tree::Map(map), Some(fields)) = (&mut object.tree, lacking.get(&object.key)) {
            map.entries.retain(|entry| !fields.contains(entry.key.as_str()));
        }
    }
    goal.retain(|object| !matches!(&object.tree, Tree::Map(map) if map.entries.is_empty()));
    match patch(files, &goal, &Language::new(any.schema()), &read, true) {
        Ok(patched) if pull::read(any, &patched.files, &[overlay]).is_ok() => patched.files,
        _ => files.to_vec(),
    }
}

/// The fields that a version lacks, by the collection as `defaults:` names it: `plans.regions.prices`.
fn lacking(kinds: &'static [KindSpec], version: &str) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut out: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for kind in kinds {
        let above = kind.parent.and_then(|name| kinds.iter().find(|one| one.name == name));
        let own =
            above.map_or_else(|| kind.collection.to_owned(), |up| format!("{}.{}", up.collection, kind.collection));
        for spec in kind.fields.iter().filter(|spec| !spec.versions.has(version)) {
            let segments: Vec<&str> = path_segments(spec.path).collect();
            match segments.as_slice() {
                [inner, "*", field, ..] => out.entry(format!("{own}.{inner}")).or_default().insert(field),
                [field, ..] => out.entry(own.clone()).or_default().insert(field),
                [] => continue,
            };
        }
    }
    out
}

/// What a file's `defaults:` say, as far as it matters here: which fields.
fn defaults(file: &File) -> Result<Vec<Object>, String> {
    let loaded = load::text(&file.name, &file.text);
    let document = loaded.document.filter(|_| !loaded.sink.has_errors()).ok_or("it cannot be read")?;
    let Some(Value::Map(collections)) = document.get(&["defaults"]).map(|node| &node.value) else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for collection in collections.entries() {
        let mut tree = Map::default();
        if let Value::Map(fields) = &collection.value.value {
            fields.entries().iter().for_each(|field| tree.put(&*field.key.text, Tree::plain("~")));
        }
        out.push(Object { collection: "defaults".into(), key: collection.key.text.to_string(), tree: tree.into() });
    }
    Ok(out)
}
