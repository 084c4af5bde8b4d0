//! A written catalog → files: one, or one for each kind and each plan.

use std::collections::BTreeSet;

use crate::edit::{self, Entry, Map};
use crate::provider::{Provider, Written};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the catalog's folder.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// How a catalog is laid out in files.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// A file for each kind, and one for each plan.
    pub split: bool,
    /// The name of the one file.
    pub name: &'a str,
    /// The way from the catalog's folder to the folder with the schemas; none where there is no such way.
    pub schemas: Option<&'a str>,
}

/// Names that mean something else to a file system or to the loader.
const RESERVED: &[&str] = &["pricebook", "con", "prn", "aux", "nul"];
/// The longest name of a file, without its ending.
const LONGEST: usize = 100;

/// The catalog's files.
pub fn files(provider: &dyn Provider, written: &Written, shape: Shape<'_>) -> Vec<File> {
    let name = provider.name();
    let head = |up: &str| {
        let schema = shape.schemas.map(|way| format!("# yaml-language-server: $schema={up}{way}{name}.schema.json\n"));
        format!("{}provider: {name}\n", schema.unwrap_or_default())
    };
    let decisions: String = written.head.iter().map(|line| format!("# {line}\n")).collect();
    if !shape.split {
        let root = super::root(written);
        let body = edit::document(&root);
        let gap = if body.is_empty() { "" } else { "\n" };
        let text = format!("{}\n{decisions}{gap}{body}", head(""));
        return vec![File { path: shape.name.to_owned(), text }];
    }
    let mut files = vec![File { path: shape.name.to_owned(), text: format!("{}\n{decisions}", head("")) }];
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for section in written.sections.iter().filter(|section| !section.objects.entries.is_empty()) {
        let file = |objects: &[Entry], path: String, up: &str| {
            let mut root = Map::block();
            root.put(section.collection, Map { entries: objects.to_vec(), ..Map::block() });
            File { path, text: format!("{}\n{}", head(up), edit::document(&root)) }
        };
        if section.collection == "plans" {
            for plan in &section.objects.entries {
                let path = format!("plans/{}.yaml", file_name(&plan.key, &mut taken));
                files.push(file(std::slice::from_ref(plan), path, "../"));
            }
        } else {
            files.push(file(&section.objects.entries, format!("{}.yaml", section.collection), ""));
        }
    }
    files
}

/// A name for a file that is free on every file system: `Pro` and `pro` are the same file on some.
fn file_name(key: &str, taken: &mut BTreeSet<String>) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut stem: String = key.chars().take(LONGEST).map(|c| if fits(c) { c } else { '_' }).collect();
    if stem.is_empty() || stem.starts_with('.') || RESERVED.contains(&stem.to_ascii_lowercase().as_str()) {
        stem = format!("plan_{}", stem.trim_start_matches('.'));
    }
    let mut name = stem.clone();
    let mut number = 2;
    while !taken.insert(name.to_ascii_lowercase()) {
        name = format!("{stem}_{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_free_everywhere() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> = ["pro", "Pro", "pricebook", "nul", "a.b"].map(|key| file_name(key, &mut taken)).into();
        assert_eq!(names, ["pro", "Pro_2", "plan_pricebook", "plan_nul", "a.b"]);
        assert_eq!(file_name(&"x".repeat(300), &mut taken).len(), LONGEST);
    }
}
