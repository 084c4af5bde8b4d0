//! Which lines belong to an entry of a block, and what is put between them.

use std::ops::Range;

use crate::edit::syntax::Syntax;

/// A piece of text instead of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub range: Range<usize>,
    pub text: String,
}

impl Edit {
    pub(super) fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }

    pub(super) fn delete(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// Makes edits inside a range of a text, and returns that range. Deletions may overlap; what is inserted at one
/// place stands in the order in which it was given.
pub(super) fn apply(text: &str, range: Range<usize>, mut edits: Vec<Edit>) -> String {
    out_of_deletions(text, &mut edits);
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end > edit.range.start));
    let mut out = String::with_capacity(range.len());
    let mut at = range.start;
    for edit in edits {
        if edit.range.start > at {
            out.push_str(&text[at..edit.range.start]);
        }
        out.push_str(&edit.text);
        at = at.max(edit.range.end);
    }
    if at < range.end {
        out.push_str(&text[at..range.end]);
    }
    out
}

/// What comes after an entry whose last lines go comes after the line before them.
fn out_of_deletions(text: &str, edits: &mut [Edit]) {
    let mut gone: Vec<Range<usize>> = edits
        .iter()
        .filter(|edit| edit.text.is_empty() && !edit.range.is_empty())
        .map(|edit| edit.range.clone())
        .collect();
    gone.sort_unstable_by_key(|range| (range.start, range.end));
    // From the end backwards, so that one move can lead to the next.
    for range in gone.iter().rev() {
        for edit in edits.iter_mut().filter(|edit| edit.range.is_empty()) {
            let at = edit.range.start;
            if at > range.start && at < range.end {
                let before = &text[..range.start];
                let line = before.strip_suffix("\r\n").or(before.strip_suffix('\n')).unwrap_or(before).len();
                edit.range = line..line;
            }
        }
    }
}

/// An entry of a block map, or an item of a block list.
#[derive(Clone, Copy, Debug)]
pub(in crate::edit) struct Part {
    /// Its key or its dash.
    pub start: usize,
    /// The end of its value.
    pub end: usize,
}

impl Syntax<'_> {
    /// Where a part's lines begin: with the comments that stand directly above it. A comment that the file begins
    /// with is the file's own.
    pub(super) fn head(&self, part: Part) -> usize {
        let column = self.column(part.start);
        let own = self.line_start(part.start);
        let mut first = own;
        while first > 0 {
            let above = self.line_start(first - 1);
            match self.comment_line(above) {
                Some(indent) if indent <= column => first = above,
                _ => break,
            }
        }
        if first == 0 && own != 0 { own } else { first }
    }

    /// Where a part's last line ends, without its line break: with its comment, and with comments below it that are
    /// indented more than it is.
    pub(in crate::edit) fn tail(&self, part: Part) -> usize {
        let column = self.column(part.start);
        let mut end = self.line_end(part.end);
        let mut next = self.next_line(part.end);
        while next < self.text.len() {
            if !self.is_blank(next) {
                match self.comment_line(next) {
                    Some(indent) if indent > column => end = self.line_end(next),
                    _ => break,
                }
            }
            next = self.next_line(next);
        }
        end
    }

    /// Takes a part away, with its comments. `before`, `after`: whether anything of its map or list stays there.
    pub(super) fn removal(&self, part: Part, before: bool, after: bool) -> Edit {
        let (mut start, last) = (self.head(part), self.tail(part));
        let mut end = self.next_line(last);
        let blank_below = end < self.text.len() && self.is_blank(end);
        if before && (blank_below || !after || end >= self.text.len()) {
            while start > 0 && self.is_blank(self.line_start(start - 1)) {
                start = self.line_start(start - 1);
            }
        } else if !before {
            while end < self.text.len() && self.is_blank(end) {
                end = self.next_line(end);
            }
        }
        // The file ends here without a line break, and goes on to do so.
        if end == self.text.len() && !self.text.ends_with('\n') && start > 0 {
            start = self.line_end(start - 1);
        }
        Edit::delete(start..end)
    }

    /// A part's own lines, with its comments.
    pub(super) fn lines(&self, part: Part) -> Range<usize> {
        self.head(part)..self.tail(part)
    }

    /// Whether a blank line stands above a part.
    pub(super) fn is_apart(&self, part: Part) -> bool {
        let head = self.head(part);
        head > 0 && self.is_blank(self.line_start(head - 1))
    }
}
