//! Parts of the docs that are made from tables in the code. `UPDATE_DOCS=1` writes them.

use std::fs;
use std::path::Path;

use pricebook::changeset::GUARDS;
use pricebook::diagnostic::{Code, Severity};
use pricebook::lint::RULES;
use pricebook::model::{Effect, EffectRule, FieldKind, Mutability, Reach, Readability, Remade};
use pricebook::provider::PROVIDERS;

#[test]
fn field_references_are_current() {
    for provider in PROVIDERS {
        let mut text = format!(
            "# Every field of {}\n\nMade from the provider's table of kinds; sections are those of the API's contract.\n",
            provider.title()
        );
        for kind in provider.kinds() {
            let place = kind.parent.map_or_else(String::new, |parent| format!(" of a {parent}"));
            let versions = kind.versions.words().map_or_else(String::new, |words| format!(", {words}"));
            text.push_str(&format!(
                "\n## {}{place}\n\nIn `{}`{versions}. A new one reaches {}. Removing one reaches {}. Source: {}.\n\n",
                capital(kind.name),
                kind.collection,
                both(kind.created),
                both(kind.removed),
                kind.source
            ));
            if !kind.anew.is_empty() {
                text.push_str(&format!("Made anew: {}.\n\n", kind.anew));
            }
            text.push_str("| field | holds | default | changed | a change reaches | in words | source |\n| --- | --- | --- | --- | --- | --- | --- |\n");
            for field in kind.fields {
                let mut changed = match (field.change, kind.remade) {
                    (Mutability::InPlace, _) => "in place".to_owned(),
                    (Mutability::Replace, Remade::Asked) => "only by `replace: true`".to_owned(),
                    (Mutability::Replace, Remade::Always) => "by making it anew".to_owned(),
                    (Mutability::Replace, Remade::Never) => {
                        "never: only a new one, under a new key, has another".to_owned()
                    }
                };
                if field.read == Readability::WriteOnly {
                    changed.push_str("; no read shows it");
                }
                let versions = field.versions.words().map_or_else(String::new, |words| format!(", {words}"));
                text.push_str(&format!(
                    "| `{}`{versions} | {} | {} | {changed} | {} | {} | {} |\n",
                    field.path,
                    holds(field.kind),
                    field.default,
                    rule(&field.effect),
                    in_words(&field.effect),
                    field.sources()
                ));
            }
        }
        same(&format!("docs/{}-fields.md", provider.name()), &text);
    }
}

#[test]
fn the_table_of_guards_is_current() {
    let mut table = String::from("| code | watches | acknowledge |\n| --- | --- | --- |\n");
    for guard in GUARDS {
        let acknowledge = if guard.acknowledgeable { "`--ack`" } else { "never" };
        table.push_str(&format!("| {} | {} | {acknowledge} |\n", guard.code, guard.title));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/changeset.md")).unwrap();
    let start = text.find("| code | watches").unwrap_or_else(|| text.find("GUARDS\n").unwrap());
    let end = start + text[start..].find("\n\n").unwrap() + 1;
    let end = if text[start..].starts_with("GUARDS") { start + "GUARDS\n".len() } else { end };
    same("docs/changeset.md", &format!("{}{table}{}", &text[..start], &text[end..]));
}

#[test]
fn the_table_of_smells_is_current() {
    let mut table = String::from("| code | smell | ");
    let titles: Vec<&str> = PROVIDERS.iter().map(|provider| provider.title()).collect();
    table.push_str(&format!("{} |\n| --- | --- |{}\n", titles.join(" | "), " --- |".repeat(titles.len())));
    for rule in RULES {
        let has = |provider: &&'static dyn pricebook::provider::Provider| {
            if rule.providers.contains(&provider.name()) { "yes" } else { "-" }
        };
        let has: Vec<&str> = PROVIDERS.iter().map(has).collect();
        table.push_str(&format!("| {} | {} | {} |\n", rule.code, rule.code.title(), has.join(" | ")));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/lint.md")).unwrap();
    let start = text.find("| code | smell").unwrap();
    let end = start + text[start..].find("\n\n").unwrap() + 1;
    same("docs/lint.md", &format!("{}{table}{}", &text[..start], &text[end..]));
    let named: Vec<&str> = RULES.iter().map(|rule| rule.code.id()).collect();
    let known: Vec<&str> = Code::ALL.iter().filter(|code| code.is_lint()).map(|code| code.id()).collect();
    assert_eq!(named, known, "a rule for every code, in order");
}

#[test]
fn the_list_of_codes_is_current() {
    let mut text = String::from(
        "# Every code\n\nMade from the tables in the code; `pricebook explain CODE` prints the same, and exit codes too.\n\n## Guards\n\n\
         A guard refuses a changeset until a person acknowledges it by its code: `apply --ack PB-G05`.\n",
    );
    for guard in GUARDS {
        let way = if guard.acknowledgeable { "" } else { " It cannot be acknowledged." };
        text.push_str(&format!("\n**{}: {}.** {}\n", guard.code, guard.title, guard.explanation));
        text.push_str(&notes(guard.code));
        text.push_str(&format!("\n*What to do.* {}{way}\n", guard.way_out));
    }
    text.push_str("\n## Effects\n\nWhom a change reaches, and when, from the mildest.\n");
    for effect in Effect::ALL {
        text.push_str(&format!("\n**`{}`: {}.** {}\n", effect.word(), effect.title(), effect.explanation()));
        text.push_str(&notes(effect.word()));
    }
    for (severity, heading) in [(Severity::Error, "Errors in files"), (Severity::Warning, "Warnings about files")] {
        text.push_str(&format!("\n## {heading}\n"));
        for code in Code::ALL.iter().filter(|code| code.severity() == severity && !code.is_lint()) {
            text.push_str(&format!("\n**{code}: {}.** {}\n", code.title(), code.explanation()));
        }
    }
    text.push_str("\n## Pricing smells\n\nWarnings of `validate --lint`. How to allow them: [lint.md](lint.md).\n");
    for code in Code::ALL.iter().filter(|code| code.is_lint()) {
        text.push_str(&format!("\n**{code}: {}.** {}\n", code.title(), code.explanation()));
    }
    same("docs/codes.md", &text);
}

/// What a guard or an effect means at each API.
fn notes(code: &str) -> String {
    let note = |provider: &&'static dyn pricebook::provider::Provider| {
        let (_, words) = provider.notes().iter().find(|(known, _)| *known == code)?;
        Some(format!("\n*{}.* {words}\n", provider.title()))
    };
    PROVIDERS.iter().filter_map(note).collect()
}

#[track_caller]
fn same(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "{file} is not current: run UPDATE_DOCS=1 cargo test --test it generated");
}

fn capital(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

fn holds(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Money => "money",
        FieldKind::UnitPrice => "price of one unit, up to 4 decimals",
        FieldKind::Percent => "percentage",
        FieldKind::Rate => "units of the currency for 1 USD",
        FieldKind::Count => "whole number",
        FieldKind::Text => "text",
        FieldKind::Choice => "one of a set",
        FieldKind::Flag => "true or false",
        FieldKind::List => "list",
        FieldKind::Any => "any value",
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "nobody",
        Effect::NewCustomers => "new customers",
        Effect::AtRenewal => "existing subscribers at renewal",
        Effect::NextPeriod => "existing subscribers from the next period",
        Effect::Now => "existing subscribers now",
    }
}

fn both(reach: Reach) -> String {
    format!("{} ({})", words(reach.effect), reach.words)
}

/// What is the same in every direction is said once.
fn rule(rule: &EffectRule) -> String {
    let EffectRule { up, down, set, cleared, .. } = *rule;
    if rule.directions().iter().all(|(_, reach)| reach.effect == up.effect) {
        return words(up.effect).to_owned();
    }
    let mut parts = vec![format!("more: {}", words(up.effect)), format!("less: {}", words(down.effect))];
    if set.effect != up.effect {
        parts.push(format!("set: {}", words(set.effect)));
    }
    if cleared.effect != down.effect {
        parts.push(format!("cleared: {}", words(cleared.effect)));
    }
    parts.join("; ")
}

fn in_words(rule: &EffectRule) -> String {
    let EffectRule { up, down, set, cleared, .. } = *rule;
    let mut parts = Vec::new();
    if down.words == up.words && set.words == up.words && cleared.words == up.words {
        parts.push(up.words.to_owned());
    } else {
        parts.push(format!("more: {}", up.words));
        parts.push(format!("less: {}", down.words));
        if set.words != up.words {
            parts.push(format!("set: {}", set.words));
        }
        if cleared.words != down.words {
            parts.push(format!("cleared: {}", cleared.words));
        }
    }
    parts.extend(rule.kept.map(|kept| format!("kept: {}", kept.replace("{before}", "the old amount"))));
    parts.join("<br>")
}
