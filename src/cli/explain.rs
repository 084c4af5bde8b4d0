//! `explain`: the long form of everything that has a code. The texts stand beside the codes; this only finds them.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::changeset::GUARDS;
use crate::cli::common::{Format, Style};
use crate::cli::exit_table::EXITS;
use crate::cli::failure::Stop;
use crate::cli::{exit, explain_field, paint, print};
use crate::diagnostic::{Code, did_you_mean};
use crate::model::Effect;
use crate::provider::{PROVIDERS, by_name, names};
use crate::render::{Paint, wrapped};

/// What `explain` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A finding (PB-E101), a guard (PB-G05), an effect (at_renewal), an exit code (4), a kind (price), a field
    /// (price.amount) or its address (plans.pro.prices.monthly.amount). All codes when left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Whose fields; those of every provider when left out
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How wide lines of text are.
const WIDTH: usize = 88;

/// One thing that has a code.
struct Entry {
    code: String,
    what: &'static str,
    title: &'static str,
    explanation: &'static str,
    /// What it means at one billing API: its name for programs and for people, and the words.
    notes: Vec<(&'static str, &'static str, &'static str)>,
    /// What to do; only guards say that apart from the explanation.
    way_out: Option<&'static str>,
    acknowledgeable: Option<bool>,
}

/// Explains one code, or lists all.
pub(crate) fn run(arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let entries = entries();
    let Some(code) = &arguments.code else {
        let text = match arguments.format {
            Format::Human => list(&entries, paint(style)),
            Format::Json => {
                let rows: Vec<Json> = entries
                    .iter()
                    .map(|entry| json!({ "code": entry.code, "is": entry.what, "title": entry.title }))
                    .collect();
                format!("{:#}\n", Json::from(rows))
            }
        };
        print(&text, style);
        return Ok(exit::DONE);
    };
    let Some(entry) = entries.iter().find(|entry| entry.code.eq_ignore_ascii_case(code.trim())) else {
        return field(code, &entries, arguments, style);
    };
    let text = match arguments.format {
        Format::Human => entry.human(paint(style)),
        Format::Json => format!("{:#}\n", entry.json()),
    };
    print(&text, style);
    Ok(exit::DONE)
}

/// Explains a kind or a field, at every provider that has it.
fn field(text: &str, entries: &[Entry], arguments: &Arguments, style: &Style) -> Result<u8, Stop> {
    let providers = match &arguments.provider {
        None => PROVIDERS.to_vec(),
        Some(name) => vec![by_name(name).ok_or_else(|| {
            Stop::invalid(format!("there is no provider `{name}`")).help(format!("there are {}", names().join(", ")))
        })?],
    };
    let found = explain_field::find(text, &providers);
    if found.is_empty() {
        let stop = Stop::invalid(format!("there is no code `{text}`, and no field"));
        let codes = entries.iter().map(|entry| entry.code.as_str());
        let meant = did_you_mean(text.trim(), codes).map(str::to_owned);
        return Err(match meant.or_else(|| explain_field::like(text, &providers)) {
            Some(meant) => stop.help(format!("did you mean `{meant}`? `pricebook explain` lists all codes")),
            None => stop.help("`pricebook explain` lists all codes; fields are written like price.amount"),
        });
    }
    let text = match arguments.format {
        Format::Human => found.iter().map(|one| one.human(paint(style))).collect::<Vec<_>>().join("\n"),
        Format::Json => format!("{:#}\n", Json::from(found.iter().map(|one| one.json()).collect::<Vec<_>>())),
    };
    print(&text, style);
    Ok(exit::DONE)
}

fn entries() -> Vec<Entry> {
    let guards = GUARDS.iter().map(|guard| Entry {
        code: guard.code.to_owned(),
        what: "guard",
        title: guard.title,
        explanation: guard.explanation,
        notes: notes(guard.code),
        way_out: Some(guard.way_out),
        acknowledgeable: Some(guard.acknowledgeable),
    });
    let plain = |code: String, what, title, explanation| {
        let notes = notes(&code);
        Entry { code, what, title, explanation, notes, way_out: None, acknowledgeable: None }
    };
    let effects = Effect::ALL
        .into_iter()
        .map(|effect| plain(effect.word().to_owned(), "effect", effect.title(), effect.explanation()));
    let exits = EXITS.iter().map(|(code, title, explanation)| plain(code.to_string(), "exit code", title, explanation));
    let findings = Code::ALL
        .iter()
        .map(|code| plain(code.id().to_owned(), code.severity().word(), code.title(), code.explanation()));
    guards.chain(effects).chain(exits).chain(findings).collect()
}

fn notes(code: &str) -> Vec<(&'static str, &'static str, &'static str)> {
    let of = |provider: &'static dyn crate::provider::Provider| {
        let (_, words) = provider.notes().iter().find(|(known, _)| *known == code)?;
        Some((provider.name(), provider.title(), *words))
    };
    PROVIDERS.iter().filter_map(|provider| of(*provider)).collect()
}

fn list(entries: &[Entry], paint: Paint) -> String {
    let mut text = String::new();
    let headings = [
        ("guard", "Guards: what refuses a changeset until a person acknowledges it"),
        ("effect", "Effects: whom a change reaches, and when"),
        ("exit code", "Exit codes"),
        ("error", "Findings in files: errors"),
        ("warning", "Findings in files: warnings"),
    ];
    for (what, heading) in headings {
        let _ = writeln!(text, "{}", paint.bold(heading));
        for entry in entries.iter().filter(|entry| entry.what == what) {
            let _ = writeln!(text, "  {:<13}  {}", entry.code, entry.title);
        }
        text.push('\n');
    }
    text.push_str(
        "`pricebook explain CODE` says more about one of them; `pricebook explain price.amount` about a field\n",
    );
    text
}

impl Entry {
    fn human(&self, paint: Paint) -> String {
        let mut text = format!("{} · {}: {}\n", paint.bold(&self.code), self.what, self.title);
        let mut paragraph = |words: &str| {
            let _ = write!(text, "\n{}", wrapped(words, WIDTH));
        };
        paragraph(self.explanation);
        for (_, title, words) in &self.notes {
            paragraph(&format!("On {title}: {words}"));
        }
        if let Some(way_out) = self.way_out {
            paragraph(&format!("What to do: {way_out}"));
        }
        match self.acknowledgeable {
            Some(true) => paragraph(&format!(
                "To acknowledge it: `pricebook apply --ack {0}`, or `pricebook apply FILE --ack {0}`. That lets this \
                 one changeset pass, and says nothing about other guards or about the next changeset.",
                self.code
            )),
            Some(false) => paragraph("It cannot be acknowledged: `--ack` does not let it pass."),
            None => {}
        }
        text
    }

    fn json(&self) -> Json {
        let mut out = json!({
            "code": self.code,
            "is": self.what,
            "title": self.title,
            "explanation": self.explanation,
        });
        if !self.notes.is_empty() {
            out["providers"] =
                self.notes.iter().map(|(name, _, words)| ((*name).to_owned(), Json::from(*words))).collect();
        }
        if let Some(way_out) = self.way_out {
            out["way_out"] = way_out.into();
        }
        if let Some(acknowledgeable) = self.acknowledgeable {
            out["acknowledgeable"] = acknowledgeable.into();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_about_codes_that_exist() {
        let entries = entries();
        for provider in PROVIDERS {
            for (code, words) in provider.notes() {
                assert!(entries.iter().any(|entry| entry.code == *code), "{}: {code}", provider.name());
                assert!(words.ends_with('.'), "{}: {code}", provider.name());
            }
        }
    }
}
