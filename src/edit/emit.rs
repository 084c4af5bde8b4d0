//! A tree as lines inside a file that exists.

use super::quote::{Place, quoted};
use super::text;
use super::tree::{Entry, Layout, Tree};
use super::write::{self, WIDTH};

/// A value in brackets, on one line.
pub(super) fn flow(tree: &Tree) -> String {
    match tree {
        Tree::Scalar(scalar) => text::scalar(scalar, Place::Flow),
        Tree::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Tree::Map(map) if map.entries.is_empty() => "{}".into(),
        Tree::Map(map) => {
            let entries: Vec<String> = map.entries.iter().map(|entry| pair(&entry.key, &entry.value)).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// `key: value` in brackets.
pub(super) fn pair(key: &str, value: &Tree) -> String {
    format!("{}: {}", quoted(key, Place::Key), flow(value))
}

/// A key and its value, as lines with their indentation.
pub(super) fn entry(entry: &Entry, indent: usize, layout: Option<Layout>) -> Vec<String> {
    let mut entry = entry.clone();
    if let (Some(layout), Tree::Map(map)) = (layout, &mut entry.value) {
        map.layout = layout;
    }
    write::entry(&entry, indent).lines().map(str::to_owned).collect()
}

/// An item of a list, as lines with their indentation.
pub(super) fn item(value: &Tree, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let line = flow(value);
    let map = match value {
        Tree::Map(map) if indent + 2 + line.chars().count() > WIDTH => map,
        _ => return vec![format!("{pad}- {line}")],
    };
    let mut lines: Vec<String> = map.entries.iter().flat_map(|own| entry(own, indent + 2, None)).collect();
    if let Some(first) = lines.first_mut() {
        first.replace_range(indent..indent + 1, "-");
    }
    lines
}
