//! What it is about, and how much.

use std::fmt::Write as _;

use crate::changeset::Mode;
use crate::render::human::count;
use crate::render::markdown::{code, prose};
use crate::render::review::Facts;

/// The title, whether real money moves, and the counts.
pub(super) fn write(facts: &Facts<'_>, out: &mut String) {
    let document = facts.document;
    let environment = &document.environment;
    let name = code(&environment.name);
    let live = environment.mode == Some(Mode::Live);
    let _ = writeln!(out, "### Pricing changes for {name}{}\n", if live { " · LIVE" } else { "" });
    let mode = match environment.mode {
        Some(Mode::Live) => "⚠️ **Live: real customers pay these prices.** ",
        Some(Mode::Sandbox) => "Sandbox: nobody pays real money here. ",
        None => "",
    };
    let asked = match &document.catalog.from {
        Some(from) => format!("to make it like {}", code(from)),
        None => format!("from {}", code(&document.catalog.path)),
    };
    let overlay = document.catalog.overlay.as_ref().map(|path| format!(" + {}", code(path))).unwrap_or_default();
    let _ = writeln!(out, "{mode}{} {}, {asked}{overlay}\n", prose(&environment.title), code(&environment.api_version));
    if let Some(partial) = &document.catalog.partial {
        let _ = writeln!(out, "**Only a part of the catalog:** {} Nothing is deleted.\n", prose(partial));
    }
    let _ = writeln!(out, "{}\n", counts(facts));
}

fn counts(facts: &Facts<'_>) -> String {
    let document = facts.document;
    let summary = &document.summary;
    let changed = summary.update + summary.replace + summary.moved;
    let parts = [(summary.delete, "removed"), (summary.create, "added"), (changed, "changed")];
    let said: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let mut text = match said.as_slice() {
        [] => "**Nothing to change.**".to_owned(),
        said => format!("**{}**", said.join(", ")),
    };
    let reached = document.changes.iter().filter(|one| one.effect.reaches_subscribers() && !facts.is_new(one)).count();
    match reached {
        0 if said.is_empty() => {}
        0 => text.push_str(" · no change reaches existing subscribers"),
        1 => text.push_str(" · **1 change reaches existing subscribers**"),
        more => {
            let _ = write!(text, " · **{more} changes reach existing subscribers**");
        }
    }
    match document.guards.len() {
        0 => {}
        1 => text.push_str(" · **1 point has to be decided before it can be applied**"),
        more => {
            let _ = write!(text, " · **{more} points have to be decided before it can be applied**");
        }
    }
    let _ = write!(text, " · {}", count(summary.calls, "call"));
    text
}
