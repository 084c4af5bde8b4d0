//! What stands below the changes: what refuses them, notes, impact, calls, and how to apply.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::changeset::{Document, Guard, Revenue};
use crate::model::{Currency, Effect, grouped};
use crate::render::markdown::{block, cell, code, prose};
use crate::render::review::{Room, lines};

/// What refuses, a code at a time, and what to do about it.
pub(super) fn guards(document: &Document, room: &Room, out: &mut String) {
    if document.guards.is_empty() {
        return;
    }
    out.push_str("#### To be decided before it can be applied\n\n");
    for (code_of, guards) in by_code(document) {
        let code_of = code(code_of);
        for guard in guards.iter().take(room.notes) {
            let _ = writeln!(out, "- **{code_of}** {}", message(guard));
        }
        if let Some(more) = guards.len().checked_sub(room.notes).filter(|more| *more > 0) {
            let _ = writeln!(out, "- **{code_of}** … and {more} more of this kind");
        }
        match guards.first() {
            Some(guard) if guard.acknowledgeable => {
                let _ = writeln!(out, "  - If this is wanted: apply with {}", code(&format!("--ack {}", guard.code)));
            }
            _ => out.push_str("  - This cannot be acknowledged: it has to be corrected first\n"),
        }
    }
    if let Some(first) = document.guards.first() {
        let _ = writeln!(out, "\n{} says more.\n", code(&format!("pricebook explain {}", first.code)));
    }
}

/// The codes alone.
pub(super) fn codes(document: &Document, out: &mut String) {
    let codes: Vec<String> =
        by_code(document).iter().map(|(code_of, guards)| format!("{} ({})", code(code_of), guards.len())).collect();
    if !codes.is_empty() {
        let _ = writeln!(out, "To be decided before it can be applied: {}\n", codes.join(", "));
    }
}

fn by_code(document: &Document) -> BTreeMap<&str, Vec<&Guard>> {
    let mut by_code: BTreeMap<&str, Vec<&Guard>> = BTreeMap::new();
    for guard in &document.guards {
        by_code.entry(&guard.code).or_default().push(guard);
    }
    by_code
}

fn message(guard: &Guard) -> String {
    let mut text = prose(&guard.message);
    let silent: Vec<String> = guard.addresses.iter().map(ToString::to_string).collect();
    if !silent.iter().all(|address| guard.message.contains(address.as_str())) {
        let more = silent.len().saturating_sub(3);
        let named: Vec<String> = silent.iter().take(3).map(|address| code(address)).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = write!(text, " ({}{more})", named.join(", "));
    }
    text
}

/// What stops nothing.
pub(super) fn notes(document: &Document, room: &Room, out: &mut String) {
    let mut said: Vec<String> = document.warnings.iter().map(|warning| format!("- {}", prose(warning))).collect();
    said.extend(document.unverifiable.iter().map(|entry| {
        let fields: Vec<String> = entry.fields.iter().take(room.fields.clamp(1, 10)).map(|field| code(field)).collect();
        let more = entry.fields.len().saturating_sub(fields.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(
            "- {}: {}{more} cannot be compared, because this API never shows it and Pricebook has not written it yet",
            code(&entry.address.to_string()),
            fields.join(", ")
        )
    }));
    if said.is_empty() && document.unmanaged.is_empty() {
        return;
    }
    out.push_str("#### Notes\n\n");
    lines(&said, room.notes, "notes", out);
    match document.unmanaged.len() {
        0 => {}
        1 => out.push_str("- 1 live object is not managed here, and is left alone\n"),
        more => {
            let _ = writeln!(out, "- {more} live objects are not managed here, and are left alone");
        }
    }
    out.push('\n');
}

/// What it means for who subscribes and for the money of each month, where that was asked for.
pub(super) fn impact(document: &Document, room: &Room, out: &mut String) {
    let Some(impact) = &document.impact else { return };
    let trial = match impact.trialing {
        0 => String::new(),
        number => format!(", {} of them in a trial", grouped(&number.to_string())),
    };
    let _ = writeln!(
        out,
        "#### Impact\n\n{} of {} subscriptions are touched{trial}.\n",
        grouped(&impact.subscribers.to_string()),
        grouped(&impact.subscriptions.to_string())
    );
    if impact.subscribers > 0 {
        out.push_str("| When | Subscriptions | Monthly revenue before | After | Difference |\n| --- | ---: | ---: | ---: | ---: |\n");
        for one in &impact.by_effect {
            rows(when(one.effect), Some(one.subscribers), &one.revenue, out);
        }
        rows("**all together**", Some(impact.subscribers), &impact.revenue, out);
        out.push('\n');
    }
    if impact.changes.len() > 1 && room.calls > 0 {
        out.push_str("<details><summary>Change by change</summary>\n\n");
        out.push_str("| Change | Subscriptions | Monthly revenue before | After | Difference |\n| --- | ---: | ---: | ---: | ---: |\n");
        for one in impact.changes.iter().take(room.calls) {
            rows(&cell(&one.address.to_string()), one.subscribers, &one.revenue, out);
        }
        let more = impact.changes.len().saturating_sub(room.calls);
        if more > 0 {
            let _ = writeln!(out, "\n… and {more} more");
        }
        out.push_str("\n</details>\n\n");
    }
    let by_use = impact.changes.iter().filter(|change| change.depends_on_usage).count();
    if by_use > 0 {
        let _ = writeln!(
            out,
            "What {by_use} of the changes do depends on how much is used: no number is given for that.\n"
        );
    }
    if !impact.assumptions.is_empty() {
        let _ = writeln!(out, "<details><summary>What was taken for granted</summary>\n");
        let said: Vec<String> = impact.assumptions.iter().map(|one| format!("- {}", prose(one))).collect();
        lines(&said, room.notes.max(5), "assumptions", out);
        out.push_str("\n</details>\n\n");
    }
}

/// A row for each currency; one where no money moves.
fn rows(what: &str, subscribers: Option<u64>, revenue: &[Revenue], out: &mut String) {
    let touched = subscribers.map_or_else(|| "not known".to_owned(), |number| grouped(&number.to_string()));
    if revenue.is_empty() {
        let _ = writeln!(out, "| {what} | {touched} | – | – | – |");
    }
    for one in revenue {
        let prefix = one.currency.parse::<Currency>().map_or_else(|_| String::new(), Currency::prefix);
        let number = |text: &str| text.parse::<Decimal>().ok();
        let shown = |text: &str| number(text).map_or_else(|| "?".into(), |_| format!("{prefix}{}", grouped(text)));
        let moved = match (number(&one.before), number(&one.after)) {
            (Some(before), Some(after)) => after.checked_sub(before),
            _ => None,
        };
        let difference = moved.map_or_else(String::new, |moved| {
            let sign = if moved.is_sign_negative() { "−" } else { "+" };
            format!("**{sign}{prefix}{}**", grouped(&moved.abs().to_string()))
        });
        let _ = writeln!(out, "| {what} | {touched} | {} | {} | {difference} |", shown(&one.before), shown(&one.after));
    }
}

fn when(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "nobody",
        Effect::NewCustomers => "new customers",
        Effect::AtRenewal => "at the next renewal",
        Effect::NextPeriod => "from the next billing period",
        Effect::Now => "at once",
    }
}

/// The calls, folded away.
pub(super) fn calls(document: &Document, room: &Room, out: &mut String) {
    if document.calls.is_empty() || room.calls == 0 {
        return;
    }
    let number = document.calls.len();
    let title = if number == 1 { "The call".to_owned() } else { format!("The {number} calls, in order") };
    let _ = writeln!(out, "<details><summary>{title}</summary>\n");
    let said: Vec<String> = document
        .calls
        .iter()
        .enumerate()
        .map(|(at, call)| {
            format!("{}. {} {}", at + 1, prose(&call.summary), code(&format!("{} {}", call.method, call.path)))
        })
        .collect();
    for line in said.iter().take(room.calls) {
        out.push_str(line);
        out.push('\n');
    }
    if let Some(more) = number.checked_sub(room.calls).filter(|more| *more > 0) {
        let _ = writeln!(out, "\n… and {more} more");
    }
    out.push_str("\n</details>\n\n");
}

/// The digest, and how to apply exactly this.
pub(super) fn end(document: &Document, shortened: bool, out: &mut String) {
    if shortened {
        out.push_str("_Shortened to fit a comment; `pricebook plan` shows all of it._\n\n");
    }
    let _ = writeln!(out, "Changeset {}\n", digest(&document.digest));
    if document.calls.is_empty() && document.changes.is_empty() {
        return;
    }
    if document.catalog.from.is_some() {
        out.push_str("To apply it, save it with `promote --out FILE`, then:\n\n");
        out.push_str(&block("sh", "pricebook apply FILE"));
        return;
    }
    let flags: Vec<String> = document.catalog.flags.iter().map(|flag| quoted(flag)).collect();
    let command = [vec!["pricebook apply".to_owned()], flags].concat().join(" ");
    out.push_str("To apply it:\n\n");
    out.push_str(&block("sh", &command));
}

/// A digest is longer than a name may be.
fn digest(digest: &str) -> String {
    let plain = digest.len() < 80 && digest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
    if plain { format!("`{digest}`") } else { code(digest) }
}

/// As a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
