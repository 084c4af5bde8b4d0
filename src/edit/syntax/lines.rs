//! Lines, columns and comments.

use std::ops::Range;

use super::Syntax;

impl Syntax<'_> {
    /// Where the line of a place begins.
    pub(in crate::edit) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line of a place ends, without its line break.
    pub(in crate::edit) fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if end > at && self.text[..end].ends_with('\r') { end - 1 } else { end }
    }

    /// Where the line after the one of a place begins; the end of the text for the last one.
    pub(in crate::edit) fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// Characters before a place on its line.
    pub(in crate::edit) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].trim_start_matches('\u{feff}').chars().count()
    }

    /// The comment that begins at exactly this place.
    pub(in crate::edit) fn comment_at(&self, at: usize) -> Option<&Range<usize>> {
        self.comments.binary_search_by_key(&at, |comment| comment.start).ok().map(|found| &self.comments[found])
    }

    /// The comments in a range.
    pub(in crate::edit) fn comments_in(&self, range: Range<usize>) -> &[Range<usize>] {
        let from = self.comments.partition_point(|comment| comment.start < range.start);
        let to = self.comments.partition_point(|comment| comment.start < range.end);
        &self.comments[from..to.max(from)]
    }

    /// Whether the line that begins here holds nothing.
    pub(in crate::edit) fn is_blank(&self, line: usize) -> bool {
        self.text[line..self.line_end(line)].trim().is_empty()
    }

    /// The column of the comment on a line that holds nothing else.
    pub(in crate::edit) fn comment_line(&self, line: usize) -> Option<usize> {
        let text = &self.text[line..self.line_end(line)];
        let indent = text.len() - text.trim_start().len();
        self.comment_at(line + indent).map(|_| indent)
    }

    /// Whether nothing but space stands before a place on its line.
    pub(in crate::edit) fn begins_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim_start_matches('\u{feff}').trim().is_empty()
    }
}
