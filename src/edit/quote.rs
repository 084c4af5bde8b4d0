//! One text → one YAML scalar that every reader takes for that text: YAML 1.1 and 1.2, strict and lax ones.

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On its own, as a value or an item of a block.
    Block,
    /// Inside `[ ]` or `{ }`.
    Flow,
    /// Before a colon.
    Key,
}

/// What begins something else than words.
const INDICATORS: &str = "-?:,[]{}#&*!|>'\"%@`~=";

/// What YAML 1.1 or 1.2 reads as nothing, a flag or a number, in lower case.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", ".inf", "+.inf", "-.inf", ".nan"];

/// A text as a scalar on one line, in quotes only where it needs them.
pub fn quoted(text: &str, place: Place) -> String {
    if is_plain(text, place) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !text.chars().any(needs_escape) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double(text)
    }
}

/// A text as a comment: one line, nothing in it that could not be seen. Without the `#`.
pub fn comment(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if needs_escape(c) { ' ' } else { c }).collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

/// Whether a text can go on over several lines as it is (`|`): nothing that an editor or a reader would change.
pub(super) fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let first = body.chars().next();
    body.contains('\n')
        && !body.ends_with('\n')
        && first.is_some_and(|first| !first.is_whitespace())
        && !body.chars().any(|c| c != '\n' && needs_escape(c))
        && !body.lines().any(|line| line.ends_with(char::is_whitespace))
}

fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let clash = text.contains(": ") || text.ends_with(':') || text.contains(" #");
    let inside = place != Place::Block && text.contains([',', '[', ']', '{', '}', ':', '#']);
    let marker = text.starts_with("...") || text == "<<";
    text.trim() == text
        && !INDICATORS.contains(first)
        && !clash
        && !inside
        && !marker
        && !text.chars().any(needs_escape)
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
        && !looks_like_a_number(text)
}

/// Numbers, dates and times in any of YAML's forms, and more that only look like them: `1e3`, `0x1f`, `0123`,
/// `1_000`, `1,000`, `12:30`, `2026-01-31`, `1.2.3`.
fn looks_like_a_number(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '.');
    begins && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b"xXoO_+-.:,tTzZ ".contains(&byte))
}

/// Controls, line breaks of every kind, what turns the direction of writing, and what cannot be seen at all. Joiners
/// stay: they are part of emoji and of words.
pub(super) fn needs_escape(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x61c | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0xfeff | 0xfff9..=0xfffb | 0xfffe | 0xffff | 0xe0000..=0xe007f)
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if !needs_escape(c) => out.push(c),
            c => match u32::from(c) {
                code @ 0..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_they_are_needed() {
        for plain in [
            "Pro",
            "Single sign-on",
            "50% off! | >-",
            "Plans, small & large",
            "it's",
            "20%x",
            "é🎈",
            "https://a.b/c",
            "3 months",
            "10 GB",
        ] {
            assert_eq!(quoted(plain, Place::Block), plain);
        }
        for (text, written) in [
            ("no", "\"no\""),
            ("On", "\"On\""),
            ("~", "\"~\""),
            ("null", "\"null\""),
            ("1e3", "\"1e3\""),
            ("0123", "\"0123\""),
            ("0x1f", "\"0x1f\""),
            ("12:30", "\"12:30\""),
            ("2026-01-31", "\"2026-01-31\""),
            ("", "\"\""),
            (" a ", "\" a \""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("- dash", "\"- dash\""),
            ("a\tb\u{0}\u{202e}", "\"a\\tb\\x00\\u202e\""),
            ("say \"hi\", it's", "say \"hi\", it's"),
            ("\"hi\": it's", "'\"hi\": it''s'"),
            ("\"\n\\", "\"\\\"\\n\\\\\""),
        ] {
            assert_eq!(quoted(text, Place::Block), written);
        }
        assert_eq!(quoted("a, b", Place::Block), "a, b");
        assert_eq!(quoted("a, b", Place::Flow), "\"a, b\"");
        assert_eq!(quoted("a:b", Place::Flow), "\"a:b\"");
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment("a\nplans: {}\u{2028}b\u{202e}", 40), "a plans: {} b");
        assert_eq!(comment("one two three", 7), "one two…");
    }
}
