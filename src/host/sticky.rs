//! Which comment is ours, and what must happen to it. Pure: the comments that are there in, one step out.

use crate::host::dialect::Comment;
use crate::host::marker::{Marker, visible};

/// What a run wants to say.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) marker: Marker,
    /// The text below the marker.
    pub(super) text: String,
    /// Whether it is only said where something else was said before.
    pub(super) quiet: bool,
}

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing was said, and nothing is to be said.
    Silent,
    /// It stands there already.
    Stands { id: u64 },
    /// A later run has spoken.
    Older { id: u64 },
    /// A first comment.
    Create,
    /// Another text for the comment that is there.
    Update { id: u64, body: String },
    /// Two runs at once made two comments: one goes.
    Delete { id: u64 },
}

/// The next step towards one comment that says what the latest run wants. `ours` are the comments with our marker whose
/// author we are, in any order.
pub(super) fn next(ours: &[Comment], wanted: &Wanted) -> Step {
    // The oldest stays, so that every run keeps the same one.
    let Some(keep) = ours.iter().min_by_key(|comment| comment.id) else {
        return if wanted.quiet { Step::Silent } else { Step::Create };
    };
    let mut marked: Vec<(&Comment, Marker)> =
        ours.iter().filter_map(|comment| Some((comment, Marker::of(&comment.body)?))).collect();
    marked.sort_by_key(|(comment, marker)| (marker.run(), comment.id));
    let later = marked.iter().rev().find(|(_, marker)| wanted.marker.is_before(marker)).map(|(comment, _)| *comment);
    let body = later.map_or_else(|| wanted.marker.on(&wanted.text), |later| later.body.clone());
    // Of several, the one that stays takes over whose run it says too: it speaks for those that go.
    let takes_over = ours.len() > 1 && keep.body.trim() != body.trim();
    if takes_over || visible(&keep.body) != visible(&body) {
        return Step::Update { id: keep.id, body };
    }
    if let Some(spare) = ours.iter().filter(|comment| comment.id != keep.id).max_by_key(|comment| comment.id) {
        return Step::Delete { id: spare.id };
    }
    if later.is_some() { Step::Older { id: keep.id } } else { Step::Stands { id: keep.id } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::marker::Run;

    fn wanted(run: u64, text: &str) -> Wanted {
        let marker = Marker::new("live", None, Some("abc"), Some(Run(run, 1)));
        Wanted { marker, text: text.to_owned(), quiet: text == "quiet" }
    }

    fn comment(id: u64, run: u64, text: &str) -> Comment {
        let body = wanted(run, text).marker.on(text);
        Comment { id, body, author: "bot".into(), program: true, url: None }
    }

    #[test]
    fn one_comment_follows_the_runs() {
        assert_eq!(next(&[], &wanted(1, "quiet")), Step::Silent);
        assert_eq!(next(&[], &wanted(1, "A")), Step::Create);
        assert_eq!(next(&[comment(5, 1, "A")], &wanted(2, "A")), Step::Stands { id: 5 });
        let body = wanted(2, "B").marker.on("B");
        assert_eq!(next(&[comment(5, 1, "A")], &wanted(2, "B")), Step::Update { id: 5, body });
        assert_eq!(next(&[comment(5, 3, "C")], &wanted(2, "B")), Step::Older { id: 5 });
        assert_eq!(next(&[comment(5, 3, "C")], &wanted(2, "quiet")), Step::Older { id: 5 });
    }

    /// Whoever tidies up, in whatever order: one comment stays, and it says what the latest run wants.
    #[test]
    fn two_runs_at_once_come_to_one_comment() {
        for texts in [["A", "B", "B"], ["A", "A", "A"], ["A", "B", "A"]] {
            for last in 0..3 {
                let runs: Vec<Wanted> = (0..3).map(|at| wanted(at as u64 + 1, texts[at])).collect();
                // Posted in another order than they began.
                let mut there: Vec<Comment> = (0..3)
                    .map(|at| comment(at as u64 + 1, (at as u64 + last) % 3 + 1, texts[(at + last as usize) % 3]))
                    .collect();
                for run in [&runs[0], &runs[2], &runs[1]] {
                    loop {
                        match next(&there, run) {
                            Step::Update { id, body } => {
                                there.iter_mut().filter(|one| one.id == id).for_each(|one| one.body = body.clone());
                            }
                            Step::Delete { id } => there.retain(|one| one.id != id),
                            _ => break,
                        }
                    }
                }
                assert_eq!(there.len(), 1, "{there:?}");
                assert_eq!((there[0].id, visible(&there[0].body).as_str()), (1, texts[2]));
            }
        }
    }
}
