//! Scalars as they are written.

use rust_decimal::Decimal;

use super::quote::{Place, needs_escape, quoted};
use super::syntax::Style;
use super::tree::Scalar;

/// A scalar as it is written in a new place.
pub(super) fn scalar(scalar: &Scalar, place: Place) -> String {
    match scalar {
        Scalar::Plain(text) => text.clone(),
        Scalar::Text(text) => quoted(text, place),
    }
}

/// Words in double quotes, whatever they are.
fn double(text: &str) -> String {
    // A text with a line break is always written in them.
    let quoted = quoted(&format!("{text}\n"), Place::Flow);
    format!("{}\"", quoted.strip_suffix("\\n\"").unwrap_or(&quoted))
}

/// A new value in the style of the one that it replaces. `indent` is the column of a block of text's lines.
pub(super) fn restyle(old: &str, style: Style, new: &Scalar, place: Place, indent: usize, newline: &str) -> String {
    let fresh = || scalar(new, place);
    match (new, style) {
        (Scalar::Plain(text), Style::Plain) => like_number(old, text),
        // A number in quotes stays in quotes; a flag in quotes would be text.
        (Scalar::Plain(text), Style::Single) if is_number(text) => format!("'{}'", like_number(old, text)),
        (Scalar::Plain(text), Style::Double) if is_number(text) => double(&like_number(old, text)),
        (Scalar::Plain(_), _) => fresh(),
        (Scalar::Text(text), Style::Plain) => quoted(text, place),
        (Scalar::Text(text), Style::Single) if !text.chars().any(needs_escape) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        (Scalar::Text(text), Style::Single | Style::Double) => double(text),
        (Scalar::Text(text), Style::Literal | Style::Folded) => {
            block(text, style, indent, newline).unwrap_or_else(fresh)
        }
    }
}

/// A block of text, if these words can be written as one.
pub(super) fn block(text: &str, style: Style, indent: usize, newline: &str) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let sound = |c: char| c == '\n' || !needs_escape(c);
    if body.is_empty() || !text.chars().all(sound) || body.starts_with([' ', '\n', '\t']) {
        return None;
    }
    let chomp = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => return None,
    };
    let (mark, body) = match style {
        Style::Folded if body.lines().any(|line| line.is_empty() || line.starts_with([' ', '\t'])) => return None,
        Style::Folded => ('>', body.replace('\n', "\n\n")),
        _ => ('|', body.to_owned()),
    };
    let pad = " ".repeat(indent);
    let mut out = format!("{mark}{chomp}");
    for line in body.split('\n') {
        out.push_str(newline);
        if !line.is_empty() {
            out.push_str(&pad);
            out.push_str(line);
        }
    }
    Some(out)
}

fn is_number(text: &str) -> bool {
    text.strip_suffix('%').unwrap_or(text).parse::<Decimal>().is_ok()
}

/// A number with as many decimals as the one that it replaces, if that is how people write them: `49` → `59`,
/// `49.00` → `59.00`.
fn like_number(old: &str, new: &str) -> String {
    let (old, percent) = (old.trim_end_matches('%').trim(), new.ends_with('%'));
    let Ok(number) = new.trim_end_matches('%').parse::<Decimal>() else { return new.to_owned() };
    if old.parse::<Decimal>().is_err() {
        return new.to_owned();
    }
    let number = number.normalize();
    let text = match old.split_once('.').map_or(0, |(_, decimals)| decimals.len()) {
        0 if number.scale() == 0 => number.to_string(),
        2 if number.scale() <= 2 => format!("{number:.2}"),
        _ => return new.to_owned(),
    };
    if percent { format!("{text}%") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_looks() {
        let number = |old, style, new: &str| restyle(old, style, &Scalar::Plain(new.into()), Place::Block, 2, "\n");
        assert_eq!(number("49", Style::Plain, "59.00"), "59");
        assert_eq!(number("49.00", Style::Plain, "59"), "59.00");
        assert_eq!(number("49", Style::Plain, "59.50"), "59.50");
        assert_eq!(number("0.0008", Style::Plain, "0.001"), "0.001");
        assert_eq!(number("49.00", Style::Double, "59.5"), "\"59.50\"");
        assert_eq!(number("20%", Style::Plain, "25.00%"), "25%");
        assert_eq!(number("true", Style::Plain, "false"), "false");
    }

    #[test]
    fn words_keep_their_quotes() {
        let words = |style, new: &str| restyle("x", style, &Scalar::Text(new.into()), Place::Block, 2, "\n");
        assert_eq!(words(Style::Single, "it's"), "'it''s'");
        assert_eq!(words(Style::Single, "a\nb"), "\"a\\nb\"");
        assert_eq!(words(Style::Plain, "no"), "\"no\"");
        assert_eq!(words(Style::Literal, "a: b\nc\n"), "|\n  a: b\n  c");
        assert_eq!(words(Style::Folded, "a\nb"), ">-\n  a\n\n  b");
    }
}
