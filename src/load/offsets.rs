//! Where the parser's characters are in bytes.

use crate::diagnostic::Span;

/// The parser counts characters, spans are in bytes. Positions come almost in order, so the way from the last one
/// is short.
pub(super) struct Offsets<'a> {
    file: u32,
    text: &'a str,
    /// Bytes before the first character that the parser saw: a byte order mark.
    base: usize,
    ascii: bool,
    /// The last position, in characters and in bytes.
    last: (usize, usize),
}

impl<'a> Offsets<'a> {
    pub(super) fn new(file: u32, text: &'a str) -> Self {
        let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { file, text, base, ascii: text.is_ascii(), last: (0, base) }
    }

    pub(super) fn byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        let (mut char, mut byte) = if index < self.last.0 / 2 { (0, self.base) } else { self.last };
        while char > index {
            byte -= 1;
            while !self.text.is_char_boundary(byte) {
                byte -= 1;
            }
            char -= 1;
        }
        for next in self.text[byte..].chars().take(index - char) {
            byte += next.len_utf8();
            char += 1;
        }
        self.last = (char, byte);
        byte
    }

    pub(super) fn span(&mut self, at: saphyr_parser::Span) -> Span {
        let start = self.byte(at.start.index());
        let end = self.byte(at.end.index()).max(start);
        // What follows a plain scalar on its line is not part of it.
        let end = start + self.text[start..end].trim_end().len();
        self.bytes(start, end)
    }

    pub(super) fn bytes(&self, start: usize, end: usize) -> Span {
        let fit = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: fit(start), end: fit(end) }
    }
}
