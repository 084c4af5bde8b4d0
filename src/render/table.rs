//! Lines in columns under the headings of top-level objects: what `drift` and `diff` print.

use std::fmt::Write as _;

use crate::model::Address;
use crate::render::words::clean;

/// One object, and what is said of it.
pub(super) struct Entry<'d> {
    pub address: &'d Address,
    pub name: &'d str,
    /// What people call the top-level object that it is in.
    pub within: &'d str,
    /// A sign of one column.
    pub sign: String,
    /// What is said of the object as a whole.
    pub whole: String,
    /// A line for each field: its name, and cells.
    pub fields: Vec<(String, Vec<String>)>,
}

/// The widest that a column gets before a longer cell stands out of it.
const WIDEST: usize = 44;

/// Writes the entries, each top-level object under a heading of its own. `changed` is the sign of a heading whose object
/// only has something inside it.
pub(super) fn table(entries: &[Entry<'_>], changed: &str) -> String {
    // A field of a top-level object stands where the others have the object that it is in.
    let first = |entry: &Entry<'_>| match is_top(entry) {
        true => entry.fields.iter().map(|(name, _)| name.clone()).collect(),
        false => vec![entry.address.below_root()],
    };
    let objects = width(entries.iter().flat_map(first));
    let inside = entries.iter().filter(|entry| !is_top(entry));
    let names = width(inside.flat_map(|entry| entry.fields.iter().map(|(name, _)| name.clone())));
    let titles = width(entries.iter().filter(|entry| is_top(entry) && !entry.whole.is_empty()).map(title));
    let most = entries.iter().flat_map(|entry| &entry.fields).map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let cells: Vec<usize> = (0..most)
        .map(|at| {
            // The last cell of a line needs no column.
            let inner = |(_, cells): &(String, Vec<String>)| cells.get(at).filter(|_| at + 1 < cells.len()).cloned();
            width(entries.iter().flat_map(|entry| entry.fields.iter().filter_map(inner)))
        })
        .collect();
    let mut out = String::new();
    let mut shown: Option<Address> = None;
    for entry in entries {
        let root = entry.address.root();
        if shown.as_ref() != Some(&root) {
            let own = is_top(entry);
            let sign = if own { entry.sign.as_str() } else { changed };
            let whole = if own { entry.whole.as_str() } else { "" };
            let line = format!("  {sign} {}   {whole}", pad(&title(entry), if whole.is_empty() { 0 } else { titles }));
            let _ = writeln!(out, "{}", line.trim_end());
            shown = Some(root);
        }
        let object = if is_top(entry) { String::new() } else { entry.address.below_root() };
        let sign = if is_top(entry) { " " } else { entry.sign.as_str() };
        if !is_top(entry) && !entry.whole.is_empty() {
            let _ = writeln!(out, "      {sign} {}  {}", pad(&object, objects), entry.whole);
        }
        for (at, (name, values)) in entry.fields.iter().enumerate() {
            let first = at == 0 && entry.whole.is_empty();
            let (sign, object) = if first { (sign, object.as_str()) } else { (" ", "") };
            let (object, name) = if is_top(entry) { (name.as_str(), "") } else { (object, name.as_str()) };
            let mut line = format!("      {sign} {}", pad(object, objects));
            if names > 0 {
                let _ = write!(line, "  {}", pad(name, names));
            }
            for (value, width) in values.iter().zip(&cells) {
                let _ = write!(line, "  {}", pad(value, *width));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}

fn is_top(entry: &Entry<'_>) -> bool {
    entry.address.is_root()
}

/// `plans.pro · Pro`.
fn title(entry: &Entry<'_>) -> String {
    let name = if is_top(entry) { entry.name } else { entry.within };
    let root = entry.address.root();
    if name.is_empty() { root.to_string() } else { format!("{root} · {}", clean(name)) }
}

fn width(cells: impl Iterator<Item = String>) -> usize {
    cells.map(|cell| cell.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

/// `3 objects`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
