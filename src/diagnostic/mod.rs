//! What is wrong, where, and what to do next: codes, findings and how they are shown.
//!
//! A stage pushes [`Finding`]s into a [`Sink`] and goes on; the command line sorts and prints them once.

mod allow;
mod code;
mod finding;
mod github;
mod gitlab;
mod human;
mod json;
mod sarif;
mod sink;
mod source;
mod text;

pub use code::{Code, Severity};
pub use finding::Finding;
pub use github::{github, github_error};
pub use gitlab::gitlab;
pub use human::human;
pub use json::json;
pub use sarif::sarif;
pub use sink::Sink;
pub use source::{Location, Source, Span};

/// The word among `known` that was probably meant: close enough that it is not a guess.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(word.chars().count()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Words as a list for people: `` `a`, `b` or `c` ``.
pub fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_close() {
        let known = ["amount", "trial_days", "weekly"];
        assert_eq!(did_you_mean("amont", known), Some("amount"));
        assert_eq!(did_you_mean("Weekly", known), Some("weekly"));
        assert_eq!(did_you_mean("interval", known), None);
        assert_eq!(did_you_mean("", known), None);
    }
}
