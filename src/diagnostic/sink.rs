use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Code, Finding, Location, Severity, Source, Span};

/// Collects findings, and knows the files that their spans are in.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
    sources: Vec<Arc<Source>>,
}

impl Sink {
    /// An empty sink that knows no files.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty sink that knows these files.
    pub fn with_sources(sources: &[Arc<Source>]) -> Self {
        Self { findings: Vec::new(), sources: sources.to_vec() }
    }

    /// Adds a file, and returns the number that spans in it carry.
    pub fn add_source(&mut self, source: Arc<Source>) -> u32 {
        self.sources.push(source);
        u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX)
    }

    /// The files, in the order in which they were added.
    pub fn sources(&self) -> &[Arc<Source>] {
        &self.sources
    }

    /// The place of a span. `None` for a span of a file that this sink does not know.
    pub fn locate(&self, span: Span) -> Option<Location> {
        self.sources.get(span.file as usize).map(|source| Location::new(source, span.start as usize, span.end as usize))
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds another sink's findings. Their places stay right: a location carries its file.
    pub fn append(&mut self, other: Sink) {
        self.findings.extend(other.findings);
    }

    /// Says once what was found at each of these places, however many objects it was found for.
    pub fn once_at(&mut self, places: &HashSet<Span>) {
        let starts: HashSet<(&str, usize)> = places
            .iter()
            .filter_map(|span| Some((self.sources.get(span.file as usize)?.path(), span.start as usize)))
            .collect();
        let mut kept: Vec<Finding> = Vec::with_capacity(self.findings.len());
        let mut said: HashMap<(String, usize, Code), (usize, usize)> = HashMap::new();
        for finding in std::mem::take(&mut self.findings) {
            let place = finding.location.as_ref().map(|at| (at.file(), at.span.start));
            let Some((file, start)) = place.filter(|place| starts.contains(place)) else {
                kept.push(finding);
                continue;
            };
            match said.entry((file.to_owned(), start, finding.code)) {
                Entry::Occupied(mut seen) => seen.get_mut().1 += 1,
                Entry::Vacant(free) => {
                    free.insert((kept.len(), 0));
                    kept.push(finding);
                }
            }
        }
        for (at, more) in said.into_values().filter(|(_, more)| *more > 0) {
            let objects = if more == 1 { "object" } else { "objects" };
            kept[at].help.push(format!("this default is wrong for {more} more {objects}"));
        }
        self.findings = kept;
    }

    /// Keeps the findings for which this is true.
    pub fn retain(&mut self, keep: impl FnMut(&Finding) -> bool) {
        self.findings.retain(keep);
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity() == severity).count()
    }

    /// The findings, by file, line, column and code; the same finding once.
    pub fn into_findings(mut self) -> Vec<Finding> {
        fn key(finding: &Finding) -> (&str, usize, usize, &str, &str) {
            let (line, column) = finding.location.as_ref().map_or((0, 0), |at| (at.line, at.column));
            (finding.path().unwrap_or(""), line, column, finding.code.id(), &finding.message)
        }
        self.findings.sort_by(|one, other| key(one).cmp(&key(other)));
        self.findings.dedup_by(|one, other| key(one) == key(other));
        self.findings
    }
}
