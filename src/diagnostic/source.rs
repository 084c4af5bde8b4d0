use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// One file as it was read.
pub struct Source {
    path: Arc<str>,
    text: String,
    /// Byte offsets at which lines begin; worked out when the first position is asked for.
    lines: OnceLock<Vec<usize>>,
    /// Whether bytes are characters, so that columns on a huge line need no counting.
    ascii: bool,
}

impl Source {
    /// A file's path, as the user would type it, and its text.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { path: path.into(), lines: OnceLock::new(), ascii: text.is_ascii(), text }
    }

    /// The path as the user would type it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same, to be kept by very many.
    pub fn shared_path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            // A byte order mark takes no column.
            let first = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            std::iter::once(first).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        })
    }

    /// The 1-based line that a byte is in.
    pub fn line(&self, byte: usize) -> usize {
        self.lines().partition_point(|start| *start <= byte).max(1)
    }

    /// The 1-based line that a byte is in, and the byte range of that line without its line break.
    fn line_at(&self, byte: usize) -> (usize, Range<usize>) {
        let (lines, line) = (self.lines(), self.line(byte));
        let start = lines[line - 1];
        let end = lines.get(line).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        (line, start..end)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.path, self.text.len())
    }
}

/// A byte range in one of the files of a load: small enough to sit on every node of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which file, by the order in which the files were read.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// Whether it covers no text, as the value of `key:` does.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// A place in a file, for people: path, line and column.
#[derive(Clone)]
pub struct Location {
    source: Arc<Source>,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Bytes of the file's text.
    pub span: Range<usize>,
}

impl Location {
    /// Resolves a byte range. A range that leaves the text or cuts a character is moved to fit.
    pub fn new(source: &Arc<Source>, start: usize, end: usize) -> Self {
        let fit = |mut at: usize| {
            at = at.min(source.text.len());
            while !source.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (fit(start), fit(end.max(start)));
        let (line, range) = source.line_at(start);
        let before = &source.text[range.start..start.min(range.end).max(range.start)];
        let column = if source.ascii { before.len() } else { before.chars().count() } + 1;
        Self { source: Arc::clone(source), line, column, span: start..end }
    }

    /// The path as the user would type it.
    pub fn file(&self) -> &str {
        self.source.path()
    }

    /// The line and column just behind it, counted as its own are.
    pub fn end(&self) -> (usize, usize) {
        let end = Self::new(&self.source, self.span.end, self.span.end);
        (end.line, end.column)
    }

    /// The text of the location's (first) line, and the location's byte range inside it.
    pub(super) fn excerpt(&self) -> (&str, Range<usize>) {
        let (_, line) = self.source.line_at(self.span.start);
        let start = self.span.start.clamp(line.start, line.end);
        let end = self.span.end.clamp(start, line.end);
        (&self.source.text[line.clone()], start - line.start..end - line.start)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file(), self.line, self.column)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.file() == other.file() && self.span == other.span
    }
}

impl Eq for Location {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_from_one_and_columns_in_characters() {
        let source = Arc::new(Source::new("a.yaml", "a: é\r\nbü: x\n"));
        let at = |start, end| {
            let location = Location::new(&source, start, end);
            let (text, span) = location.excerpt();
            (location.line, location.column, text[span].to_owned())
        };
        assert_eq!(at(3, 5), (1, 4, "é".into()));
        assert_eq!(at(4, 5), (1, 4, "é".into()));
        assert_eq!(at(12, 13), (2, 5, "x".into()));
        assert_eq!(at(14, 99), (3, 1, String::new()));
        assert_eq!(at(99, 200), (3, 1, String::new()));
    }
}
