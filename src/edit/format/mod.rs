//! The canonical form of a catalog file: fields in the documented order, two spaces of indentation, quotes where they
//! are needed, a blank line between big objects. Comments stay with what they belong to, and nothing changes its
//! meaning: that is read again before it is believed.

mod block;
mod inline;
mod order;

use crate::diagnostic::Severity;
use crate::edit::language::Language;
use crate::edit::quote::{Place, quoted};
use crate::edit::syntax;
use crate::load::{self, Node, Value};

/// A catalog file in its canonical form. The error says, in words, why it has to stay as it is.
pub fn format(text: &str, language: &Language) -> Result<String, String> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let syntax = syntax::parse(&plain)?;
    let out = block::Writer::new(&syntax).file(language.catalog())?;
    let again = syntax::parse(&out).map_err(|why| format!("the result would not be read: {why}"))?;
    if comments(&syntax) != comments(&again) {
        return Err("a comment stands where it would be lost".into());
    }
    match (meaning(&plain), meaning(&out)) {
        (Ok(before), Ok(after)) if same(&before, &after) => Ok(out),
        (Err(why), _) => Err(why),
        _ => Err("the result would mean something else".into()),
    }
}

/// All comments, in no order.
fn comments<'s>(syntax: &syntax::Syntax<'s>) -> Vec<&'s str> {
    let mut comments: Vec<&str> =
        syntax.comments.iter().map(|comment| syntax.text[comment.clone()].trim_end()).collect();
    comments.sort_unstable();
    comments
}

fn meaning(text: &str) -> Result<Node, String> {
    let loaded = load::text("catalog.yaml", text);
    let error = loaded.sink.into_findings().into_iter().find(|finding| finding.severity() == Severity::Error);
    match (error, loaded.document) {
        (None, Some(document)) => Ok(document.root().clone()),
        (error, _) => Err(error.map_or_else(|| "the file says nothing".into(), |finding| finding.message)),
    }
}

/// Whether two trees say the same. Quotes may have gone where no reader needs them.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        (Value::Plain(one), Value::Plain(other)) | (Value::Quoted(one), Value::Quoted(other)) => one == other,
        (Value::Quoted(one), Value::Plain(other)) => one == other && quoted(one, Place::Block) == **one,
        (Value::Seq(one), Value::Seq(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            one.entries().len() == other.entries().len()
                && one
                    .entries()
                    .iter()
                    .all(|entry| other.get(&entry.key.text).is_some_and(|found| same(&entry.value, &found.value)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
