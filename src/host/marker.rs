//! The hidden first line of a comment: by it a later run finds the comment, and sees whether it is the later one.

use sha2::{Digest, Sha256};

/// A run of a CI job: a later run has a greater one. GitHub: run id and attempt. GitLab: pipeline and job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run(pub u64, pub u64);

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Which comment of a request it is: the environment's name, and a label where one was given. Encoded.
    key: String,
    commit: Option<String>,
    run: Option<Run>,
}

const BEGIN: &str = "<!-- pricebook:comment ";
const END: &str = " -->";

impl Marker {
    /// The marker of an environment's comment. A label tells several projects in one repository apart.
    pub fn new(environment: &str, label: Option<&str>, commit: Option<&str>, run: Option<Run>) -> Self {
        let label = label.map(|label| format!("/{}", encoded(label))).unwrap_or_default();
        let commit = commit.map(encoded).filter(|commit| !commit.is_empty());
        Self { key: format!("{}{label}", encoded(environment)), commit, run }
    }

    /// The marker that a comment begins with. One further down, or in a quotation, is none.
    pub(super) fn of(body: &str) -> Option<Self> {
        let said = first_line(body).strip_prefix(BEGIN)?.strip_suffix(END)?;
        let word = |name: &str| said.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let run = word("run").and_then(|run| {
            let (first, second) = run.split_once('.')?;
            Some(Run(first.parse().ok()?, second.parse().ok()?))
        });
        Some(Self { key: word("env")?.to_owned(), commit: word("commit").map(str::to_owned), run })
    }

    /// Whether both are of the same comment.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether this run certainly began before the other.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        matches!((self.run, other.run), (Some(own), Some(other)) if own < other)
    }

    /// The run, where it is known.
    pub(super) fn run(&self) -> Option<Run> {
        self.run
    }

    /// The commit, where it is known.
    pub(super) fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    /// A comment's text with this marker.
    pub fn on(&self, text: &str) -> String {
        format!("{}\n{text}", self.line())
    }

    /// The line itself.
    pub fn line(&self) -> String {
        let commit = self.commit.as_ref().map(|commit| format!(" commit={commit}")).unwrap_or_default();
        let run = self.run.map(|Run(first, second)| format!(" run={first}.{second}")).unwrap_or_default();
        format!("{BEGIN}env={}{commit}{run}{END}", self.key)
    }
}

/// What a person reads of a comment: all but its marker. Hosts may change line ends and the space around a text.
pub(super) fn visible(body: &str) -> String {
    let text = match Marker::of(body) {
        Some(_) => body.trim_start().split_once('\n').map_or("", |(_, text)| text),
        None => body,
    };
    text.replace("\r\n", "\n").trim().to_owned()
}

fn first_line(body: &str) -> &str {
    body.trim_start().lines().next().unwrap_or_default().trim_end()
}

/// Nothing in a name can end the line or the HTML comment, nor make it long.
fn encoded(name: &str) -> String {
    const LONGEST: usize = 80;
    if name.len() > LONGEST {
        let digest = Sha256::digest(name.as_bytes());
        return format!("sha256_{}", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
    }
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let long = "x".repeat(10_000);
        for name in ["live", "eu-live", "a b", "--> <b>", "\n", "😀", &long] {
            for label in [None, Some("shop/a")] {
                let marker = Marker::new(name, label, Some("abc123"), Some(Run(7, 1)));
                let body = marker.on("Text\n");
                assert_eq!(Marker::of(&body), Some(marker));
                assert_eq!(visible(&body), "Text");
                assert!(body.lines().next().unwrap_or_default().len() < 300);
                assert_eq!(body.matches("-->").count(), 1);
            }
        }
        assert!(!Marker::new("a", None, None, None).is_of(&Marker::new("a", Some("b"), None, None)));
    }

    #[test]
    fn a_marker_in_the_middle_is_none() {
        let line = Marker::new("live", None, None, None).line();
        for body in
            [format!("> {line}\n"), format!("Look:\n{line}\n"), "<!-- pricebook:comment -->".into(), String::new()]
        {
            assert_eq!(Marker::of(&body), None, "{body}");
        }
    }

    #[test]
    fn runs_are_ordered_where_both_are_known() {
        let run = |run| Marker::new("live", None, None, run);
        assert!(run(Some(Run(7, 1))).is_before(&run(Some(Run(7, 2)))));
        assert!(run(Some(Run(9, 3))).is_before(&run(Some(Run(10, 1)))));
        assert!(!run(Some(Run(7, 1))).is_before(&run(Some(Run(7, 1)))));
        assert!(!run(None).is_before(&run(Some(Run(7, 1)))));
    }
}
