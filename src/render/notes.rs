//! What stands below the changes: notes, and the guards.

use std::fmt::Write as _;

use crate::changeset::Document;
use crate::render::Paint;
use crate::render::human::count;
use crate::render::words::clean;

/// What stops nothing.
pub(super) fn notes(document: &Document, verbose: bool, paint: Paint, out: &mut String) {
    let fields: usize = document.unverifiable.iter().map(|entry| entry.fields.len()).sum();
    if fields > 0 {
        let _ = writeln!(
            out,
            "\n  {}  {} cannot be compared: this API never shows them, and Pricebook has not written them yet. --write-unreadable sends what the files say",
            paint.yellow("note"),
            count(fields, "field"),
        );
        let most = if verbose { usize::MAX } else { 5 };
        for entry in document.unverifiable.iter().take(most) {
            let _ = writeln!(out, "        {}: {}", entry.address, entry.fields.join(", "));
        }
        if let Some(more) = document.unverifiable.len().checked_sub(most).filter(|more| *more > 0) {
            let _ = writeln!(out, "        … and {} (-v shows all)", count(more, "more object"));
        }
    }
    for warning in &document.warnings {
        let _ = writeln!(out, "\n  {}  {}", paint.yellow("note"), clean(warning));
    }
}

/// What refuses.
pub(super) fn guards(document: &Document, paint: Paint, out: &mut String) {
    for guard in &document.guards {
        let way_out =
            if guard.acknowledgeable { format!(" Acknowledge with --ack {}.", guard.code) } else { String::new() };
        let about: Vec<String> = guard.addresses.iter().map(ToString::to_string).collect();
        let about = if about.iter().all(|address| guard.message.contains(address.as_str())) {
            String::new()
        } else {
            format!(" ({})", shortened(&about))
        };
        let _ = writeln!(out, "\n  {}  {}{about}.{way_out}", paint.red(&guard.code), clean(&guard.message));
    }
    if let Some(first) = document.guards.first() {
        let hint = format!("`pricebook explain {}` says what a guard means and what to do", first.code);
        let _ = writeln!(out, "\n  {}", paint.dim(&hint));
    }
}

fn shortened(addresses: &[String]) -> String {
    let more = addresses.len().saturating_sub(5);
    let named = addresses.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}
