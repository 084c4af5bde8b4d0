//! A tree as lines inside a file that exists.

use super::text::{self, Place};
use super::tree::{Layout, Map, Tree};

/// A line that is longer is broken into a line for each key.
const WIDTH: usize = 110;

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
    format!("{}: {}", text::words(key, Place::Flow), flow(value))
}

/// Whether a value reads well on the line of its key.
fn fits(tree: &Tree, room: usize) -> bool {
    let short = match tree {
        Tree::Scalar(_) => return true,
        Tree::List(items) => items.iter().all(|item| matches!(item, Tree::Scalar(_))) || items.len() == 1,
        Tree::Map(map) => {
            map.layout == Layout::Fit
                && map.entries.iter().all(|entry| entry.remark.is_none())
                && map.entries.iter().all(|entry| !matches!(&entry.value, Tree::List(items) if items.iter().any(|item| !matches!(item, Tree::Scalar(_)))))
        }
    };
    let line = flow(tree);
    short && line.chars().count() <= room && !line.contains("\\n")
}

/// A key and its value, as lines; the first one without indentation, the others relative to it.
pub(super) fn entry(key: &str, value: &Tree, indent: usize, force: Option<Layout>) -> Vec<String> {
    let name = text::words(key, Place::Block);
    let room = WIDTH.saturating_sub(indent + name.chars().count() + 2);
    let empty = match value {
        Tree::Map(map) => map.entries.is_empty(),
        Tree::List(items) => items.is_empty(),
        Tree::Scalar(_) => false,
    };
    let inline = empty || (fits(value, room) && (force != Some(Layout::Block) || !matches!(value, Tree::Map(_))));
    match value {
        Tree::Scalar(scalar) => vec![format!("{name}: {}", text::scalar(scalar, Place::Block))],
        _ if inline => vec![format!("{name}: {}", flow(value))],
        _ => {
            let mut lines = vec![format!("{name}:")];
            lines.extend(block(value, indent + 2).into_iter().map(|line| format!("  {line}")));
            lines
        }
    }
}

/// A map or a list, a line for each key or item.
pub(super) fn block(tree: &Tree, indent: usize) -> Vec<String> {
    match tree {
        Tree::Scalar(scalar) => vec![text::scalar(scalar, Place::Block)],
        Tree::List(items) => items.iter().flat_map(|value| item(value, indent)).collect(),
        Tree::Map(map) => entries(map, indent),
    }
}

fn entries(map: &Map, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &map.entries {
        let mut own = entry(&one.key, &one.value, indent, None);
        if let (Some(remark), Some(first)) = (&one.remark, own.first_mut()) {
            first.push_str("  # ");
            first.push_str(&remark.replace(['\n', '\r'], " "));
        }
        lines.extend(own);
    }
    lines
}

/// An item of a list, as lines.
pub(super) fn item(value: &Tree, indent: usize) -> Vec<String> {
    if matches!(value, Tree::Scalar(_)) || fits(value, WIDTH.saturating_sub(indent + 2)) {
        let line = if let Tree::Scalar(scalar) = value { text::scalar(scalar, Place::Block) } else { flow(value) };
        return vec![format!("- {line}")];
    }
    let mut first = "- ";
    block(value, indent + 2)
        .into_iter()
        .map(|line| format!("{}{line}", std::mem::replace(&mut first, "  ")))
        .collect()
}
