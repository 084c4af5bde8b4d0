//! Comments at the end of lines stay in their column when what stands before them gets another length.

use crate::edit::patch::place::Edit;
use crate::edit::syntax::Syntax;

/// Adds what keeps comments in their columns.
pub(super) fn keep(syntax: &Syntax<'_>, mut edits: Vec<Edit>) -> Vec<Edit> {
    let mut more = Vec::new();
    for comment in &syntax.comments {
        let line = syntax.line_start(comment.start);
        let before = &syntax.text[line..comment.start];
        let gap = before.len() - before.trim_end_matches(' ').len();
        // One space is no column, and a line of its own has none.
        if gap < 2 || before.trim().is_empty() {
            continue;
        }
        let space = comment.start - gap;
        let own: Vec<&Edit> = edits.iter().filter(|edit| edit.range.start >= line && edit.range.end <= space).collect();
        // Deletions may overlap, and what spans lines moves the comment anyway.
        let overlap = own.iter().enumerate().any(|(at, one)| {
            own[at + 1..].iter().any(|other| one.range.start < other.range.end && other.range.start < one.range.end)
        });
        let spans = |edit: &Edit| edit.text.contains('\n');
        let touched = edits
            .iter()
            .any(|edit| edit.range.start < comment.end && edit.range.end > space || spans(edit) && own.contains(&edit));
        if own.is_empty() || overlap || touched {
            continue;
        }
        let chars = |text: &str| text.chars().count();
        let then: usize = own.iter().map(|edit| chars(&syntax.text[edit.range.clone()])).sum();
        let now: usize = own.iter().map(|edit| chars(&edit.text)).sum();
        let wanted = (gap + then).saturating_sub(now).max(1);
        if wanted != gap {
            more.push(Edit { range: space..comment.start, text: " ".repeat(wanted) });
        }
    }
    edits.extend(more);
    edits
}
