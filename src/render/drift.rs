use std::fmt::Write as _;

use crate::changeset::{Basis, Drift, DriftField, Drifted, Happened, Mode};
use crate::diff::Origin;
use crate::render::Paint;
use crate::render::markdown::{cell, code};
use crate::render::table::{Entry, count, table};
use crate::render::words::{clean, moved, shown};

/// What changed outside, as a person reads it. Only for a drift that has something.
pub fn drift(document: &Drift, paint: Paint) -> String {
    let environment = &document.environment;
    let mode = if environment.mode == Some(Mode::Live) { paint.red(" (live)") } else { String::new() };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}{mode} · {} {} · compared with {}\n",
        paint.bold(&clean(&environment.name)),
        environment.title,
        environment.api_version,
        basis(document.compared_with),
    );
    let guess = document.compared_with == Basis::Files;
    let entries: Vec<Entry<'_>> = document
        .drifted
        .iter()
        .map(|one| Entry {
            address: &one.address,
            name: &one.name,
            within: &one.within,
            sign: match one.happened {
                Happened::Changed => paint.yellow("~"),
                Happened::Deleted => paint.red("-"),
                Happened::Added => paint.green("+"),
            },
            whole: whole(one, guess),
            fields: match one.happened {
                Happened::Changed => {
                    one.fields.iter().map(|field| (field.field.clone(), cells(field, guess))).collect()
                }
                _ => Vec::new(),
            },
        })
        .collect();
    out.push_str(&table(&entries, &paint.yellow("~")));
    let _ = writeln!(out, "\n{}", paint.bold(&summary(document)));
    out
}

/// The same as Markdown: for a comment, an issue, a chat. What comes from outside stands in code, and cannot leave it.
pub fn drift_markdown(document: &Drift) -> String {
    let environment = &document.environment;
    let guess = document.compared_with == Basis::Files;
    let mut out = format!(
        "### {} in {}\n\n{} {}, compared with {}\n\n| object | what | {} | live | files |\n| --- | --- | --- | --- | --- |\n",
        if guess { "Not as the files say" } else { "Changed outside" },
        code(&environment.name),
        environment.title,
        environment.api_version,
        basis(document.compared_with),
        if guess { "" } else { "written last" },
    );
    for one in &document.drifted {
        let object = format!("{} {}", cell(&one.address.to_string()), cell(&one.name));
        if one.happened != Happened::Changed {
            let what = if one.happened == Happened::Deleted { "deleted" } else { "added" };
            let what = if guess && what == "deleted" { "not there" } else { what };
            let _ = writeln!(out, "| {object} | {what} | | {} | |", cell(&held(one)));
            continue;
        }
        for field in &one.fields {
            let value = |value| cell(&shown(value, field.kind, field.currency.as_deref()));
            let written = if guess { String::new() } else { value(&field.written) };
            let live = value(&field.live);
            let _ =
                writeln!(out, "| {object} | {} | {written} | {live} | {} |", cell(&field.field), value(&field.wanted));
        }
    }
    let _ = writeln!(out, "\n{}", summary(document));
    out
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Ledger => "what Pricebook wrote last",
        Basis::Files => "the files only: there is no ledger, so nobody knows who made a difference",
    }
}

fn whole(one: &Drifted, guess: bool) -> String {
    match one.happened {
        Happened::Changed => String::new(),
        Happened::Deleted if guess => "not there".into(),
        Happened::Deleted => "deleted outside".into(),
        Happened::Added => {
            let words = if guess { "not in the files" } else { "added outside" };
            let held = held(one);
            if held.is_empty() { words.to_owned() } else { format!("{words}: {held}") }
        }
    }
}

/// What an added object says, on one line.
fn held(one: &Drifted) -> String {
    let said = one.fields.iter().filter(|field| !field.live_derived);
    let said =
        said.map(|field| format!("{} {}", field.field, shown(&field.live, field.kind, field.currency.as_deref())));
    said.collect::<Vec<_>>().join(", ")
}

/// `$49.00 → $55.00  +12.2 %` and what the files want of it.
fn cells(field: &DriftField, guess: bool) -> Vec<String> {
    let value = |value| shown(value, field.kind, field.currency.as_deref());
    let live = format!("{}{}", value(&field.live), if field.live_derived { " (derived)" } else { "" });
    let wanted = format!("{}{}", value(&field.wanted), if field.wanted_derived { " (derived)" } else { "" });
    if guess {
        return vec![format!("live {live}"), format!("the files say {wanted}")];
    }
    let percent = moved(&field.written, &field.live, field.kind).map_or_else(String::new, |moved| format!("  {moved}"));
    let change = format!("{} → {live}{percent}", value(&field.written));
    let files = match field.origin {
        Origin::Both => format!("the files changed too: {wanted}"),
        _ => format!("the files say {wanted}"),
    };
    vec![change, files]
}

fn summary(document: &Drift) -> String {
    let objects = count(document.count, "object");
    let verb = if document.count == 1 { "is" } else { "are" };
    match document.compared_with {
        Basis::Ledger => format!(
            "{objects} changed outside. `pricebook plan` shows how apply would take it back; `pricebook pull` writes it into the files"
        ),
        Basis::Files => format!("{objects} {verb} not as the files say"),
    }
}
