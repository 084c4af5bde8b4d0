use super::text::printable;
use super::{Code, Location, Severity};

/// One thing that a person must fix, or should look at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What kind of finding it is.
    pub code: Code,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to say beside the marked text, if the message alone does not explain the mark.
    pub label: Option<String>,
    /// Where. `None` when it is about a file that has no text, or about no file.
    pub location: Option<Location>,
    /// The path that it is about when there is no position in it.
    pub file: Option<String>,
    /// What to do next, one line each.
    pub help: Vec<String>,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
    /// Other places that have to do with it, each with what is there.
    pub related: Vec<(Location, String)>,
    /// The environments with whose overlay it was found; none if it is about the catalog alone.
    pub environments: Vec<String>,
}

impl Finding {
    /// A finding without a place yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            label: None,
            location: None,
            file: None,
            help: Vec::new(),
            suggestion: None,
            related: Vec::new(),
            environments: Vec::new(),
        }
    }

    /// Whether it is an error or a warning; its code says so.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }

    /// Says which path it is about when there is no position in it.
    #[must_use]
    pub fn about(mut self, path: impl Into<String>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Says something beside the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a line that says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Names the word that was probably meant.
    #[must_use]
    pub fn suggest<'a>(mut self, word: impl Into<Option<&'a str>>) -> Self {
        self.suggestion = word.into().map(str::to_owned);
        self
    }

    /// Adds another place that has to do with it.
    #[must_use]
    pub fn related(mut self, location: Option<Location>, what: impl Into<String>) -> Self {
        self.related.extend(location.map(|location| (location, what.into())));
        self
    }

    /// Names another environment with whose overlay it was found.
    pub fn found_in(&mut self, environment: &str) {
        self.environments.push(environment.to_owned());
    }

    /// Whether it says the same of the same place.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (self.code, &self.message, &self.location, &self.file)
            == (other.code, &other.message, &other.location, &other.file)
    }

    /// The path that it is in or about.
    pub fn path(&self) -> Option<&str> {
        self.location.as_ref().map(Location::file).or(self.file.as_deref())
    }

    /// What is wrong and what to do about it, a line each, without the place: for a host that shows the place itself.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![printable(&self.message)];
        lines.extend(self.label.as_deref().map(printable));
        lines.extend(self.suggestion.as_ref().map(|word| printable(&format!("did you mean `{word}`?"))));
        lines.extend(self.help.iter().map(|help| printable(help)));
        if !self.environments.is_empty() {
            lines.push(printable(&format!("with the overlay of {}", self.environments.join(", "))));
        }
        lines
    }
}
