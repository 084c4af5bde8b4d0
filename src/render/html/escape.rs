//! The one way from text to HTML. Every value that a template writes goes through it (askama.toml).

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// Escapes markup, in text and in quoted attributes, and shows what would otherwise act unseen: control characters and
/// bidirectional overrides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Escaped;

impl Escaper for Escaped {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        string.chars().try_for_each(|c| self.write_escaped_char(&mut dest, c))
    }

    fn write_escaped_char<W: Write>(&self, mut dest: W, c: char) -> fmt::Result {
        match c {
            '\n' | '\t' => dest.write_char(c),
            c if c.is_control() || acts_unseen(c) => write!(dest, "\\u{{{:x}}}", u32::from(c)),
            c => Html.write_escaped_char(dest, c),
        }
    }
}

/// Marks that turn the direction of what follows, and the line separators.
fn acts_unseen(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that is no longer than `most` characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// With a capital letter at the front.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Text with `code` in it, in pieces: whether it is code, and the text.
pub(super) fn with_code(text: &str) -> Vec<(bool, String)> {
    let pieces: Vec<&str> = text.split('`').collect();
    // A tick without its partner is only a tick.
    if pieces.len().is_multiple_of(2) {
        return vec![(false, text.to_owned())];
    }
    pieces.into_iter().enumerate().map(|(at, piece)| (at % 2 == 1, piece.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        let _ = Escaped.write_escaped_str(&mut out, text);
        out
    }

    #[test]
    fn nothing_gets_out_and_nothing_acts_unseen() {
        assert_eq!(escaped("<b a=\"x\" b='y'>&amp;"), "&#60;b a=&#34;x&#34; b=&#39;y&#39;&#62;&#38;amp;");
        assert_eq!(escaped("\u{1b}[31m \u{202e}x\u{0}\n"), "\\u{1b}[31m \\u{202e}x\\u{0}\n");
        assert_eq!(escaped("日本 ·\u{a0}é 👍"), "日本 ·\u{a0}é 👍");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("éééé", 4), "éééé");
        assert_eq!(shortened("ééééé", 4), "ééé…");
    }
}
