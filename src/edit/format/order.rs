//! The order of fields.

use crate::edit::language::Shape;
use crate::edit::syntax::Pair;

/// The places of a map's entries in canonical order: merged maps first, then the documented order. Keys that are the
/// user's own stay in theirs, and no alias comes before its anchor.
pub(super) fn canonical(shape: Shape<'_>, entries: &[Pair]) -> Vec<usize> {
    let original: Vec<usize> = (0..entries.len()).collect();
    let order = shape.order();
    if order.is_empty() {
        return original;
    }
    let rank = |at: &usize| {
        let entry = &entries[*at];
        if entry.is_merge() {
            return 0;
        }
        order.iter().position(|known| *known == entry.name()).unwrap_or(order.len()) + 1
    };
    let mut sorted = original.clone();
    sorted.sort_by_key(rank);
    if is_sound(&sorted, entries) { sorted } else { original }
}

/// Whether every two entries that share an anchor stand as they stood.
fn is_sound(sorted: &[usize], entries: &[Pair]) -> bool {
    let names: Vec<(Vec<&str>, Vec<&str>)> = entries
        .iter()
        .map(|entry| {
            let (mut anchors, mut aliases) = (Vec::new(), Vec::new());
            entry.value.anchors(&mut anchors);
            entry.key.anchors(&mut anchors);
            entry.value.aliases(&mut aliases);
            (anchors, aliases)
        })
        .collect();
    if names.iter().all(|(anchors, _)| anchors.is_empty()) {
        return true;
    }
    let shares = |one: usize, other: usize| {
        let ((anchors, aliases), (more, used)) = (&names[one], &names[other]);
        anchors.iter().any(|name| more.contains(name) || used.contains(name))
            || aliases.iter().any(|name| more.contains(name))
    };
    sorted.iter().enumerate().all(|(at, one)| sorted[at + 1..].iter().all(|other| one < other || !shares(*one, *other)))
}
