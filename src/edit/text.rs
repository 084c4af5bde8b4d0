//! Scalars as they are written.

use rust_decimal::Decimal;

use super::syntax::Style;
use super::tree::Scalar;

/// Where a scalar stands: in brackets, more characters need quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Block,
    Flow,
}

/// Whether words can stand without quotes and are still these words, for every reader of YAML 1.1 and 1.2.
pub(super) fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let printable = |c: char| !c.is_control() && !matches!(c, '\u{feff}' | '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}');
    if !text.chars().all(printable) || text.trim() != text {
        return false;
    }
    let starts = first.is_alphanumeric() || matches!(first, '_' | '(' | '/' | '$' | '+' | '.' | '<' | '^' | '~' | ';');
    if !starts || text.contains(": ") || text.ends_with(':') || text.contains(" #") {
        return false;
    }
    if place == Place::Flow && text.contains([',', '[', ']', '{', '}', ':']) {
        return false;
    }
    !is_special(text)
}

/// Whether a reader of some version of YAML sees a flag, a number, a date or nothing in it.
fn is_special(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    if matches!(&*word, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~" | "" | "<<" | "=") {
        return true;
    }
    let begins = word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    // `1_000`, `0x1f`, `1e3`, `12:30:45`, `2001-12-14 21:59`, `.inf`: whatever is made of these could be a number.
    begins && word.chars().all(|c| c.is_ascii_hexdigit() || "_+-.,:xotz inf".contains(c))
}

/// Words in double quotes.
pub(super) fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{feff}' | '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Words as they are written in a new place.
pub(super) fn words(text: &str, place: Place) -> String {
    if is_plain(text, place) { text.to_owned() } else { double(text) }
}

/// A scalar as it is written in a new place.
pub(super) fn scalar(scalar: &Scalar, place: Place) -> String {
    match scalar {
        Scalar::Plain(text) => text.clone(),
        Scalar::Text(text) => words(text, place),
    }
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
        (Scalar::Text(text), Style::Plain) => words(text, place),
        (Scalar::Text(text), Style::Single) if !text.chars().any(char::is_control) => {
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
    let sound = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if body.is_empty() || !text.chars().all(sound) || body.starts_with([' ', '\n', '\t']) || text.contains('\u{85}') {
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
    fn quotes_where_any_reader_would_see_something_else() {
        for text in ["no", "Yes", "1e3", "0123", "null", "2030-01-31", "1_000", "12:30", "a: b", "a #b", "- x", "", " x", "x:", "*x", "&x", "!x", "%x", "@x", "`x", "'x", "\"x", "#x", "|", ">", "y", ".5", "0x1F", "+1", "a\nb", "=", "{a", "?x", "é\u{85}"] {
            assert!(!is_plain(text, Place::Block), "{text}");
        }
        for text in ["Pro", "a, b", "50% off", "it's", "Größe", "1,000 calls", "business hours", "C++", "a:b"] {
            assert!(is_plain(text, Place::Block), "{text}");
        }
        assert!(!is_plain("a, b", Place::Flow) && !is_plain("a:b", Place::Flow));
    }

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
