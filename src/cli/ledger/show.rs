use std::fmt::Write;

use serde_json::json;

use super::{Opened, decoded};
use crate::cli::common::{Format, Style};
use crate::cli::failure::Stop;
use crate::cli::{exit, paint};
use crate::ledger::{Entry, Found, Ledger, Moment, Process, Standing};
use crate::model::Value;

pub(super) async fn run(opened: &Opened, format: Format, style: &Style) -> Result<u8, Stop> {
    let contents = opened.place.read().await?.contents;
    let (ledger, lock) = decoded(&opened.place, &contents)?;
    let (environment, place) = (&opened.shelf.environment, opened.place.name());
    let text = match format {
        Format::Json => {
            let lock = match &lock {
                Some(Found::Lock(lock)) => json!(lock),
                Some(Found::Broken { id }) => json!({ "id": id, "broken": true }),
                None => json!(null),
            };
            let document = json!({ "environment": environment, "place": place, "ledger": ledger, "lock": lock });
            format!("{document:#}\n")
        }
        Format::Human => human(environment, &place, ledger.as_ref(), lock.as_ref(), style),
    };
    crate::cli::print(&text, style);
    Ok(exit::DONE)
}

fn human(environment: &str, place: &str, ledger: Option<&Ledger>, lock: Option<&Found>, style: &Style) -> String {
    let mut text = String::new();
    match ledger {
        None => {
            let _ = writeln!(text, "{environment}: nothing is remembered, there is no ledger at {place}");
        }
        Some(ledger) => {
            let _ = writeln!(
                text,
                "{environment} · {} · {place} · saved {}\n",
                ledger.target,
                counted(ledger.serial, "time", "times")
            );
            objects(&mut text, ledger, style);
        }
    }
    let lock = match lock {
        None => "The lock is free".to_owned(),
        Some(found) => {
            let now = Moment::now();
            let state = match found.standing(now, Process::is_gone) {
                Standing::Held => "is held by",
                Standing::Expired => "is over; it was held by",
                Standing::Dead => "is left over from a process that is gone; it was held by",
            };
            let mut words = format!("The lock {} {state} {}", found.id(), found.who(now));
            if let Some(url) = found.run_url() {
                let _ = write!(words, "\n  its run: {url}");
            }
            if let Found::Lock(lock) = found {
                let _ = write!(words, "\n  it ends at {} unless that run goes on", lock.expires);
            }
            words
        }
    };
    let _ = writeln!(text, "{lock}");
    text
}

fn objects(text: &mut String, ledger: &Ledger, style: &Style) {
    let wide = ledger.objects.keys().map(|address| address.to_string().chars().count()).max().unwrap_or_default();
    let ids = ledger.objects.values().filter_map(|entry| entry.id.as_deref());
    let id_wide = ids.map(|id| id.chars().count()).max().unwrap_or(1);
    for (address, entry) in &ledger.objects {
        let fields = counted(entry.written.len(), "field", "fields");
        let line = format!(
            "  {:wide$}  {:id_wide$}  {fields:9}  {}",
            address.to_string(),
            entry.id.as_deref().unwrap_or("-"),
            marks(entry)
        );
        let _ = writeln!(text, "{}", line.trim_end());
        if style.verbose {
            for (path, value) in &entry.written {
                let _ = writeln!(text, "      {path}: {}", shown(value));
            }
            for path in &entry.unknown {
                let _ = writeln!(text, "      {path}: {}", paint(style).yellow("not known"));
            }
        }
    }
    if !ledger.objects.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{} managed", counted(ledger.objects.len(), "object", "objects"));
}

/// A value in one line, without what would move a terminal's cursor.
fn shown(value: &Value) -> String {
    value.to_string().chars().filter(|c| !c.is_control()).collect()
}

fn marks(entry: &Entry) -> String {
    let mut marks = Vec::new();
    if entry.protect {
        marks.push("protected".to_owned());
    }
    if !entry.unknown.is_empty() {
        marks.push(format!("{} not known", entry.unknown.len()));
    }
    marks.join(", ")
}

fn counted<N: std::fmt::Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let word = if number == N::from(1) { one } else { many };
    format!("{number} {word}")
}
