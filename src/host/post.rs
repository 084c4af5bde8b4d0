//! Towards one comment: look, do the next thing, look again, until nothing is left to do. So two runs at once come to one
//! comment, whoever is first.

use std::collections::BTreeSet;

use crate::host::client::{Client, HostError};
use crate::host::context::Context;
use crate::host::dialect::Comment;
use crate::host::marker::Marker;
use crate::host::sticky::{Step, Wanted, next};
use crate::http::{Limits, Waiting};

/// What to say.
#[derive(Clone, Debug)]
pub struct Post {
    /// Of which environment and run.
    pub marker: Marker,
    /// The text.
    pub text: String,
    /// Whether it is only said where something else was said before.
    pub quiet: bool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to say, and nothing was said before.
    Silent,
    /// A first comment. Where it is, if the host says.
    Posted(Option<String>),
    /// The comment says something else now.
    Updated(Option<String>),
    /// The comment says this already.
    Unchanged(Option<String>),
    /// A later run of the job has spoken.
    Older,
    /// There are commits that this run does not know: its head by now.
    Outdated(String),
}

/// How often it is looked again. Each look is one step; more than a few only happen when many runs meet.
const LOOKS: usize = 12;

/// Makes the comment say what this run wants, unless a later run has spoken.
pub async fn post(context: &Context, post: Post, limits: Limits, waiting: Waiting) -> Result<Outcome, HostError> {
    let client = Client::new(context, limits, waiting)?;
    let wanted = Wanted { marker: post.marker, text: post.text, quiet: post.quiet };
    let mut author: Option<String> = None;
    let mut asked = false;
    let mut denied: BTreeSet<u64> = BTreeSet::new();
    let mut outcome: Option<Outcome> = None;
    for _ in 0..LOOKS {
        let mut marked = client.comments().await?;
        marked.retain(|comment| {
            !denied.contains(&comment.id) && Marker::of(&comment.body).is_some_and(|found| found.is_of(&wanted.marker))
        });
        if !marked.is_empty() && author.is_none() && !asked {
            author = client.account().await?;
            asked = true;
        }
        // Anybody can paste a marker. Where the host does not say who we are, we are a program; a comment of another
        // program that we may not change is found out by trying.
        marked.retain(|comment| match &author {
            Some(author) => comment.author == *author,
            None => comment.program,
        });
        let url = |id: u64| marked.iter().find(|comment| comment.id == id).and_then(|comment| comment.url.clone());
        let step = next(&marked, &wanted);
        let quiet_end = match &step {
            Step::Silent => Some(Outcome::Silent),
            Step::Stands { id } => Some(Outcome::Unchanged(url(*id))),
            Step::Older { .. } => Some(Outcome::Older),
            Step::Create | Step::Update { .. } | Step::Delete { .. } => None,
        };
        if let Some(end) = quiet_end {
            return Ok(outcome.unwrap_or(end));
        }
        if outcome.is_none()
            && let (Some(own), Some(head)) = (wanted.marker.commit(), client.head().await?)
            && !same_commit(own, &head)
        {
            return Ok(Outcome::Outdated(head));
        }
        match step {
            Step::Create => {
                let Comment { author: own, url, .. } = client.create(&wanted.marker.on(&wanted.text)).await?;
                // From now on it is known who we are, also where nobody could be asked.
                author = Some(own);
                outcome = Some(Outcome::Posted(url));
            }
            Step::Update { id, body } => match client.update(id, &body).await? {
                Some(comment) => outcome = Some(Outcome::Updated(comment.url)),
                None => drop(denied.insert(id)),
            },
            Step::Delete { id } => {
                if !client.delete(id).await? {
                    denied.insert(id);
                }
            }
            Step::Silent | Step::Stands { .. } | Step::Older { .. } => {}
        }
    }
    Ok(outcome.unwrap_or(Outcome::Older))
}

/// Also when one of the two is shortened.
fn same_commit(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 7;
    let shorter = one.len().min(other.len());
    let begins = |text: &str| text.get(..shorter).map(str::to_ascii_lowercase);
    begins(one) == begins(other) && (shorter >= SHORTEST || one.len() == other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_commit_is_its_long_form() {
        assert!(same_commit("0123456789abcdef", "0123456"));
        assert!(same_commit("ABCDEF012", "abcdef012345"));
        assert!(!same_commit("012345", "0123456789abcdef"));
        assert!(!same_commit("0123456789", "0123457"));
        assert!(same_commit("a1", "a1"));
    }
}
