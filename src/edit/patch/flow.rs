//! Maps and lists in brackets: entries are taken out, put in and moved with the space and the comments around them.

use std::ops::Range;

use crate::edit::patch::place::{Edit, apply};
use crate::edit::syntax::{Node, Syntax};

/// An entry between two commas.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The space and the comments before it.
    lead: Option<String>,
    body: String,
    /// The comment behind its comma, on the same line.
    trail: String,
}

impl Segment {
    /// An entry that is new.
    pub(super) fn new(body: String) -> Self {
        Self { lead: None, body, trail: String::new() }
    }
}

/// A map or a list in brackets, taken apart.
#[derive(Debug)]
pub(super) struct Flow {
    pub segments: Vec<Segment>,
    range: Range<usize>,
    /// The space after the opening bracket, and that after a comma.
    first: String,
    between: String,
    /// The indentation of entries on lines of their own.
    line: Option<String>,
    open: char,
    close: char,
    /// The space before the closing bracket.
    end: String,
    trailing_comma: bool,
}

impl Flow {
    /// Takes apart what stands at `node`, whose entries are at `parts`; each part's own edits are made.
    pub(super) fn split(syntax: &Syntax<'_>, node: &Node, parts: &[(Range<usize>, Vec<Edit>)]) -> Option<Self> {
        let text = syntax.text;
        let range = node.value..node.end;
        let open = text[range.clone()].chars().next().filter(|c| "[{".contains(*c))?;
        let close = if open == '[' { ']' } else { '}' };
        let last = range.end.checked_sub(1)?;
        let (mut at, mut segments, mut trailing_comma) = (range.start + 1, Vec::new(), false);
        for (part, edits) in parts {
            let lead = Some(text.get(at..part.start)?.to_owned());
            let comma = comma(syntax, part.end, last);
            let mut body = apply(text, part.clone(), edits.clone());
            let mut from = part.end;
            if let Some(comma) = comma {
                body.push_str(&text[part.end..comma]);
                from = comma + 1;
            }
            trailing_comma = comma.is_some();
            let line_end = syntax.line_end(from).min(last);
            let trail = syntax.comments_in(from..line_end).first().map_or(from, |comment| comment.end);
            at = trail;
            segments.push(Segment { lead, body, trail: text[from..trail].to_owned() });
        }
        let leads = || segments.iter().filter_map(|segment: &Segment| segment.lead.as_deref());
        let inside = &text[range.start + 1..last];
        let space = &inside[..inside.len() - inside.trim_start_matches(' ').len()];
        let empty = inside.trim().is_empty();
        let pad = if open == '{' { " " } else { "" };
        let between = leads().skip(1).find(|lead| !lead.contains('\n')).unwrap_or(" ").to_owned();
        let line = leads().filter_map(|lead| lead.rfind('\n').map(|at| lead[at + 1..].to_owned())).next_back();
        let first = if empty { pad } else { space }.to_owned();
        let end = if empty { pad.to_owned() } else { text.get(at..last)?.to_owned() };
        Some(Self { segments, first, between, line, end, range, open, close, trailing_comma })
    }

    /// The whole, put together again.
    pub(super) fn join(self, syntax: &Syntax<'_>) -> Edit {
        let (open, close) = (self.open, self.close);
        if self.segments.is_empty() {
            return Edit { range: self.range, text: format!("{open}{close}") };
        }
        let line = self.line;
        let count = self.segments.len();
        // What follows a comment begins on another line.
        let broken = |out: &mut String, commented: bool, space: &str| {
            if commented && !space.contains('\n') {
                out.push_str(syntax.newline);
                out.push_str(line.as_deref().unwrap_or("  "));
            } else {
                out.push_str(space);
            }
        };
        let mut out = String::from(open);
        let mut commented = false;
        for (at, segment) in self.segments.into_iter().enumerate() {
            let own = segment.lead.filter(|lead| lead.contains('\n') || lead.contains('#'));
            let fresh = line.as_ref().map(|indent| format!("{}{indent}", syntax.newline));
            let space =
                own.or(fresh).unwrap_or_else(|| if at == 0 { self.first.clone() } else { self.between.clone() });
            broken(&mut out, commented, &space);
            out.push_str(&segment.body);
            if at + 1 < count || self.trailing_comma {
                out.push(',');
            }
            out.push_str(&segment.trail);
            commented = !segment.trail.is_empty();
        }
        broken(&mut out, commented, &self.end);
        out.push(close);
        Edit { range: self.range, text: out }
    }
}

/// The comma between two places, comments aside.
fn comma(syntax: &Syntax<'_>, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    for comment in syntax.comments_in(from..to) {
        if let Some(found) = syntax.text[at..comment.start].find(',') {
            return Some(at + found);
        }
        at = comment.end;
    }
    syntax.text.get(at..to)?.find(',').map(|found| at + found)
}
