//! Values and effects in words. No billing API is known here.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::changeset::{ChangeDoc, FieldDoc};
use crate::diff::{Action, Origin, Reason};
use crate::model::{Currency, Effect, FieldKind};

/// Text from outside, safe for a terminal: no control characters, no bidirectional overrides.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
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

/// `12500.50` → `12,500.50`.
fn grouped(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, part) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(part) = part {
        out.push('.');
        out.push_str(part);
    }
    out
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

/// Whom a field's change reaches, and who made it, in words.
pub(super) fn reach(change: &ChangeDoc, field: &FieldDoc) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if field.immutable {
        parts.push("the API cannot change it");
    } else if matches!(change.reason, Reason::Grandfather { .. }) {
        parts.push("new customers; existing subscribers keep theirs");
    } else {
        parts.push(effect(field.effect));
    }
    match field.origin {
        Origin::Catalog => {}
        Origin::Live => parts.push("changed outside, back to the file"),
        Origin::Both => parts.push("changed in the files and outside; the file wins"),
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
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
    fn numbers_are_grouped() {
        for (given, shown) in [("1", "1"), ("1000", "1,000"), ("1234567.5", "1,234,567.5"), ("-1000", "-1,000")] {
            assert_eq!(grouped(given), shown);
        }
    }

    #[test]
    fn nothing_from_outside_moves_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}"), "a\\u{1b}[2Jb\\nc\\u{202e}");
    }
}
