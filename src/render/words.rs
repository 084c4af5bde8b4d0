//! Values and effects in words. No billing API is known here.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::changeset::{ChangeDoc, FieldDoc};
use crate::diff::{Action, Origin, Reason};
use crate::model::{Currency, Effect, FieldKind, grouped};

/// Text from outside, safe for a terminal: no control characters, no bidirectional overrides.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// One value as a person writes it: `$1,490.00`, `10,000`, `yes`, `"For teams"`.
pub(super) fn value(value: &Json, field: &FieldDoc) -> String {
    shown(value, field.kind, field.currency.as_deref())
}

/// The same for a value that stands in another document.
pub(super) fn shown(value: &Json, kind: FieldKind, currency: Option<&str>) -> String {
    match (kind, value) {
        (_, Json::Null) => "none".into(),
        (FieldKind::Money | FieldKind::UnitPrice, Json::String(number)) => {
            let prefix =
                currency.and_then(|code| code.parse::<Currency>().ok()).map_or_else(String::new, Currency::prefix);
            format!("{prefix}{}", grouped(number))
        }
        (FieldKind::Count, number) => grouped(&number.to_string()),
        (FieldKind::Flag, Json::Bool(flag)) => if *flag { "yes" } else { "no" }.into(),
        (FieldKind::Text, Json::String(text)) => format!("“{}”", shortened(&clean(text))),
        (FieldKind::Any, Json::String(text)) => format!("\"{}\"", shortened(&clean(text))),
        (_, Json::String(text)) => clean(text),
        (FieldKind::List, Json::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), clean))
            .collect::<Vec<_>>()
            .join(", "),
        (_, other) => shortened(&clean(&other.to_string())),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST - 1).collect();
    format!("{head}…")
}

/// `$49.00 → $59.00  +20.4 %`.
pub(super) fn change(field: &FieldDoc) -> String {
    let before = if field.unknown { "unknown".into() } else { value(&field.before, field) };
    let mut text = format!("{before} → {}", value(&field.after, field));
    if field.after_derived {
        text.push_str(" (derived)");
    }
    if let Some(percent) = percent(field) {
        text.push_str("  ");
        text.push_str(&percent);
    }
    text
}

fn percent(field: &FieldDoc) -> Option<String> {
    moved(&field.before, &field.after, field.kind)
}

/// How far a price or a rate moves.
pub(super) fn moved(before: &Json, after: &Json, kind: FieldKind) -> Option<String> {
    if !matches!(kind, FieldKind::Money | FieldKind::UnitPrice | FieldKind::Rate) {
        return None;
    }
    let number = |value: &Json| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
    let (before, after) = (number(before)?, number(after)?);
    let percent = (after - before).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before)?;
    let rounded = percent.abs().round_dp(if percent.abs() < Decimal::ONE { 2 } else { 1 }).normalize();
    Some(format!("{}{rounded} %", if percent.is_sign_negative() { "−" } else { "+" }))
}

/// Whom a field's change reaches, and who made it: in a phrase, or in all words.
pub(super) fn reach(change: &ChangeDoc, field: &FieldDoc, verbose: bool) -> String {
    let mut parts: Vec<String> = Vec::new();
    if field.immutable {
        parts.push("the API cannot change it".into());
    } else if field.effect != Effect::None || matches!(change.reason, Reason::Grandfather { .. }) {
        parts.push(phrase(&field.words, field.effect, verbose));
    }
    match field.origin {
        Origin::Catalog => {}
        Origin::Live => parts.push("changed outside, back to the file".into()),
        Origin::Both => parts.push("changed in the files and outside; the file wins".into()),
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// How long words may be before a phrase stands for them.
const LONGEST: usize = 72;

/// The provider's own words where they fit on a line, or where all was asked for; else the effect's phrase.
pub(super) fn phrase(words: &str, of: Effect, verbose: bool) -> String {
    let fits = !words.is_empty() && (verbose || words.chars().count() <= LONGEST);
    if fits { clean(words) } else { effect(of).to_owned() }
}

/// A changed field as a sentence: `Pro monthly $49.00 → $59.00: new customers pay it today; existing subscribers from
/// their next renewal`. Plain text of one line, without a full stop.
pub fn sentence(change: &ChangeDoc, field: &FieldDoc) -> String {
    let mut said: Vec<String> = Vec::new();
    if change.address.parent().is_some() {
        said.push(name(&change.within, change.address.root().key()));
    }
    said.push(name(&change.name, change.address.key()));
    // The amount is what a price is about.
    if field.field != "amount" || change.address.is_root() {
        said.push(clean(&field.field));
    }
    let before = if field.unknown { "unknown".into() } else { value(&field.before, field) };
    let after = value(&field.after, field);
    said.push(if change.action == Action::Create { after } else { format!("{before} → {after}") });
    let mut text = said.join(" ");
    if !field.words.is_empty() {
        text.push_str(": ");
        text.push_str(&clean(&field.words));
    }
    text
}

/// What people call something, shortened; its key where it has no name.
fn name(name: &str, key: &str) -> String {
    let name = clean(if name.trim().is_empty() { key } else { name });
    shortened(&name)
}

/// An effect in words; nobody needs no words.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "",
        Effect::NewCustomers => "new customers only",
        Effect::AtRenewal => "existing subscribers at renewal; new ones now",
        Effect::NextPeriod => "existing subscribers from their next period; new ones now",
        Effect::Now => "existing subscribers now",
    }
}

/// Why an object is created, deleted, replaced, as far as the action does not say it.
pub(super) fn reason(change: &ChangeDoc) -> String {
    match &change.reason {
        Reason::NotInFile => "no longer in the files".into(),
        Reason::NotOurs => "not in the files, and not written by Pricebook".into(),
        Reason::NotIn { environment } => format!("not in {}", clean(environment)),
        Reason::Absent => "listed under absent".into(),
        Reason::DeletedOutside => "deleted outside, made again".into(),
        Reason::Immutable { field } if change.action == Action::Replace => {
            format!("deleted and created again, because {field} cannot be changed")
        }
        Reason::Grandfather { because: Some(region) } => {
            format!("archived and made anew, because {} changes", region.below_root())
        }
        Reason::Grandfather { because: None } => "archived and made anew".into(),
        Reason::Follows { what } => format!("because {what} is replaced"),
        Reason::Renamed { from } => format!("was {from}"),
        Reason::NotLive | Reason::Differs | Reason::FoundLive | Reason::Immutable { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_moves_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}"), "a\\u{1b}[2Jb\\nc\\u{202e}");
    }

    fn price(after: &str, words: &str) -> (ChangeDoc, FieldDoc) {
        let field = serde_json::json!({
            "field": "amount", "before": "49.00", "after": after, "kind": "money", "currency": "USD",
            "origin": "catalog", "effect": "at_renewal", "words": words,
        });
        let change = serde_json::json!({
            "address": "plans.pro.prices.monthly", "kind": "price", "name": "monthly", "within": "Pro \u{202e}\n",
            "action": "update", "reason": { "is": "differs" }, "fields": [field], "effect": "at_renewal",
            "source": null, "fingerprint": null,
        });
        let change: ChangeDoc = serde_json::from_value(change).unwrap();
        let field = change.fields[0].clone();
        (change, field)
    }

    #[test]
    fn a_change_is_a_sentence() {
        let (mut change, mut field) = price("1059.00", "new customers pay it today");
        assert_eq!(
            sentence(&change, &field),
            "Pro \\u{202e}\\n monthly $49.00 → $1,059.00: new customers pay it today"
        );
        change.within = "Pro".into();
        field.field = "trial_days".into();
        field.words = String::new();
        assert_eq!(sentence(&change, &field), "Pro monthly trial_days $49.00 → $1,059.00");
        (change.address, change.name) = (change.address.root(), "x".repeat(10_000));
        assert!(sentence(&change, &field).chars().count() < 120);
    }

    #[test]
    fn long_words_give_way_to_a_phrase() {
        let long = "word ".repeat(20);
        assert_eq!(phrase(&long, Effect::Now, false), "existing subscribers now");
        assert_eq!(phrase(&long, Effect::Now, true), long);
        assert_eq!(phrase("", Effect::AtRenewal, true), effect(Effect::AtRenewal));
    }
}
