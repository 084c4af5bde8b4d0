//! Text that quotes a file, made safe to print.

use std::borrow::Cow;

/// A label or message that quotes the file can be no longer than this.
const LONGEST_MESSAGE: usize = 600;

/// Text with its control characters and its bidirectional overrides escaped, without API keys, and cut when it is very
/// long.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::new();
    for (count, char) in mask(text).chars().enumerate() {
        if count >= LONGEST_MESSAGE {
            out.push_str("...");
            break;
        }
        if is_hidden(char) { out.extend(char.escape_default()) } else { out.push(char) }
    }
    out
}

/// Whether a character changes how the text around it is shown, and is not seen itself.
fn is_hidden(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text without API keys, each replaced by as many stars: another finding may be on the same line.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    const KEYS: [&str; 3] = ["ck_live_", "ck_sandbox_", "ck_test_"];
    if !text.contains("ck_") {
        return text.into();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = KEYS.iter().filter_map(|key| rest.find(key)).min() {
        let key = &rest[at..];
        let end = key.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(key.len());
        out.push_str(&rest[..at]);
        out.push_str(&"*".repeat(end));
        rest = &key[end..];
    }
    out.push_str(rest);
    out.into()
}
