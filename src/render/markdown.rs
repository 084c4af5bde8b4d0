//! Text from outside inside Markdown. Names and values stand in code; sentences are plain as far as nothing in them means
//! anything, and what does stands in code too. Nothing else writes text from outside.

use crate::render::words::clean;

/// The longest text that is shown whole, in characters.
const LONGEST: usize = 80;

/// The text as code that nothing in it can end: no table, no link, no mention, no markup comes of it. Nothing for no
/// text. Not for tables.
pub(super) fn code(text: &str) -> String {
    let text = tamed(text, LONGEST);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let spaced = text.starts_with(' ') && text.ends_with(' ');
    let gap = if text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// The same inside a table: there a bar divides cells even inside code, unless a backslash stands before it, which is
/// taken away there, and only there.
pub(super) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A sentence of our own, which may have names in it. What stands between backticks is code. Words that could mean
/// something in Markdown or to a host (markup, links, mentions, numbers of issues, formulas) stand in code too.
pub(super) fn prose(text: &str) -> String {
    const LONGEST_SENTENCE: usize = 400;
    let text = tamed(text, LONGEST_SENTENCE);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        // A backtick without its other half is a sign like any other.
        let between = at % 2 == 1 && at + 1 < parts.len();
        let written = if between { code(part) } else { sentence(part, out.is_empty()) };
        // Two pieces of code side by side would become one.
        if out.ends_with('`') && written.starts_with('`') {
            out.push(' ');
        }
        out.push_str(&written);
    }
    out.trim().to_owned()
}

fn sentence(text: &str, first: bool) -> String {
    let gap = |is: bool| if is && !text.is_empty() { " " } else { "" };
    let words: Vec<String> =
        text.split_whitespace().enumerate().map(|(at, text)| word(text, first && at == 0)).collect();
    if words.is_empty() {
        return gap(true).to_owned();
    }
    format!("{}{}{}", gap(text.starts_with(' ')), words.join(" "), gap(text.ends_with(' ')))
}

fn word(text: &str, first: bool) -> String {
    let start = text.find(|c| !matches!(c, '(' | '“' | '"')).unwrap_or(text.len());
    let end = text.trim_end_matches(['.', ',', ';', ':', ')', '”', '"', '?', '…']).len().max(start);
    let (before, inner, after) = (&text[..start], &text[start..end], &text[end..]);
    match inner {
        "" => text.to_owned(),
        "→" | "±" | "·" | "+" | "−" | "–" | "=" | "%" if !first => text.to_owned(),
        plain if is_plain(plain) && !(first && starts_a_list(text)) => text.to_owned(),
        other => format!("{before}{}{after}", code(other)),
    }
}

/// A word that means nothing to anybody but the reader: letters of any language, with a hyphen or an apostrophe inside,
/// or a number. Not what a host takes for a commit or for the number of an issue.
fn is_plain(word: &str) -> bool {
    let is_number = word.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '%' | '−' | '+'));
    let is_word = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '/'))
        && !word.starts_with(['-', '/', '\'']);
    let is_commit = word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
    (is_number && word.starts_with(|c: char| c.is_ascii_digit())) && word.len() < 7 || is_word && !is_commit
}

/// `1.` and `1)` begin a list at the beginning of a line.
fn starts_a_list(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// A block of code that nothing in it can end.
pub(super) fn block(language: &str, line: &str) -> String {
    const LONGEST_LINE: usize = 1_000;
    let line = tamed(line, LONGEST_LINE);
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{line}\n{fence}\n")
}

/// A word of the catalog's language as people write it: `included_amount` → `included amount`. What is no such word is
/// code.
pub(super) fn label(name: &str) -> String {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let parts: Vec<&str> = name.split('.').collect();
    if name.len() < 60 && parts.iter().all(|part| !part.is_empty() && part.chars().all(is_word)) {
        return parts.join(" ").replace('_', " ");
    }
    cell(name)
}

/// Without control characters, and no longer than this many characters.
fn tamed(text: &str, longest: usize) -> String {
    // What is cut off anyway need not be looked at.
    let head = text.char_indices().nth(longest + 1).map_or(text, |(end, _)| &text[..end]);
    let text = clean(head);
    if text.chars().count() <= longest {
        return text;
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_code() {
        for (text, shown) in [
            ("Pro", "`Pro`"),
            ("", ""),
            ("a`b", "``a`b``"),
            ("``x", "``` ``x ```"),
            ("a | b", "`a | b`"),
            (" a ", "`  a  `"),
            ("x\n# y", "`x\\n# y`"),
            ("@team [x](javascript:0) <img>", "`@team [x](javascript:0) <img>`"),
        ] {
            assert_eq!(code(text), shown);
        }
        assert_eq!(cell("a | b"), "`a \\| b`");
        assert_eq!(code(&"x".repeat(10_000)).chars().count(), LONGEST + 2);
        assert_eq!(block("sh", "a ``` b"), "````sh\na ``` b\n````\n");
    }

    #[test]
    fn a_sentence_stays_a_sentence() {
        for (text, shown) in [
            (
                "new customers pay it today; existing subscribers at renewal",
                "new customers pay it today; existing subscribers at renewal",
            ),
            (
                "existing subscribers keep $49.00 (archived price)",
                "existing subscribers keep `$49.00` (archived price)",
            ),
            ("deletes plans.legacy_2023: gone.", "deletes `plans.legacy_2023`: gone."),
            ("write `price_changes`, or not", "write `price_changes`, or not"),
            ("it grows by 20.4 %", "it grows by 20.4 %"),
            ("ask @team (or @you), see #12 and GH-3", "ask `@team` (or `@you`), see `#12` and `GH-3`"),
            ("see www.example.com or http://x", "see `www.example.com` or `http://x`"),
            ("<b>*bold*</b> [x](y) ![z](y)", "`<b>*bold*</b>` `[x](y`) `![z](y`)"),
            ("write `price_changes: reprice`", "write `price_changes: reprice`"),
            ("`a``b` `@c", "`a` `b` `@c`"),
            (":smile:", "`:smile`:"),
            ("1. not a list", "`1`. not a list"),
            ("- not a list", "`-` not a list"),
            ("/close", "`/close`"),
            ("# not a title", "`#` not a title"),
            ("deadbeef1", "`deadbeef1`"),
        ] {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(label("intro_offer.cycles"), "intro offer cycles");
        for odd in ["metadata.@team", "a|b", "", "A.b", "<b>"] {
            assert!(label(odd).is_empty() || label(odd).starts_with('`'), "{odd}");
        }
    }
}
