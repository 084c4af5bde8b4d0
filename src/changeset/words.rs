//! Whom a change reaches and when, in the words of the provider's table.

use serde_json::Value as Json;

use crate::changeset::FieldDoc;
use crate::diff::{Action, Change, FieldChange};
use crate::model::{Currency, Effect, grouped};

/// What is said of a field that goes along with a grandfathered amount.
const KEPT: &str = "new customers only; existing subscribers keep what they have";

/// Of one field. A new object's fields say nothing of their own: the object does.
pub(super) fn of_field(field: &FieldChange, action: Action, before: &Json, currency: Option<Currency>) -> String {
    if action == Action::Create {
        return String::new();
    }
    if field.blocked {
        return "the API cannot change it".to_owned();
    }
    let rule = &field.spec.effect;
    match rule.kept {
        Some(words) if field.kept => return words.replace("{before}", &amount(before, currency)),
        None if field.kept && field.effect == Effect::NewCustomers => return KEPT.to_owned(),
        _ => {}
    }
    let reach = rule.of(field.before.as_ref(), field.after.as_ref());
    reach.map_or_else(String::new, |reach| reach.words.to_owned())
}

/// Of an object as a whole; of one that is updated, what its farthest-reaching field says.
pub(super) fn of_change(change: &Change, fields: &[FieldDoc]) -> String {
    let kind = change.kind;
    let words = match change.action {
        Action::Create if change.effect != kind.created.effect => "part of something new: nobody has it yet",
        Action::Create => kind.created.words,
        Action::Delete => kind.removed.words,
        Action::Replace => kind.anew,
        Action::Adopt | Action::Move => "nothing changes for anybody",
        Action::Update => {
            let farthest = fields.iter().rev().max_by_key(|field| field.effect);
            farthest.map_or("", |field| &field.words)
        }
    };
    words.to_owned()
}

/// An old amount as people write it.
fn amount(before: &Json, currency: Option<Currency>) -> String {
    match (before.as_str(), currency) {
        (Some(number), Some(currency)) => format!("{}{}", currency.prefix(), grouped(number)),
        (Some(number), None) => grouped(number),
        (None, _) => "what they have".to_owned(),
    }
}
