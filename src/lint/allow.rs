//! Warnings that a person has looked at: silenced where they stand, or in the whole project.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Location, Severity, Sink, Source};
use crate::edit;

/// What such a comment begins with.
const WORD: &str = "pricebook:";

/// What the comments of some files, and their project, silence.
#[derive(Debug, Default)]
pub struct Allowed {
    project: Vec<Code>,
    comments: Vec<Comment>,
}

/// One code of one comment.
#[derive(Debug)]
struct Comment {
    code: Code,
    source: Arc<Source>,
    /// Where the code stands.
    place: Range<usize>,
    /// What it is silenced in.
    block: Range<usize>,
    used: bool,
}

impl Allowed {
    /// Reads the comments of these files. Those that cannot be followed become findings.
    pub fn read(sources: &[Arc<Source>], project: Vec<Code>, sink: &mut Sink) -> Self {
        let mut allowed = Self { project, comments: Vec::new() };
        for source in sources {
            allowed.file(source, sink);
        }
        allowed
    }

    fn file(&mut self, source: &Arc<Source>, sink: &mut Sink) {
        let text = source.text();
        let remarks = match edit::remarks(text, WORD) {
            Ok(remarks) => remarks,
            Err(why) => {
                let message = format!("the `# {WORD} allow` comments of this file cannot be read: {why}");
                return sink.push(Finding::new(Code::BadAllow, message).about(source.path()));
            }
        };
        for remark in remarks {
            let say = |range: Range<usize>, finding: Finding, sink: &mut Sink| {
                sink.push(finding.at(Location::new(source, range.start, range.end)));
            };
            let mut words = words(text, remark.comment.clone()).skip(1);
            if words.next().is_none_or(|verb| &text[verb] != "allow") {
                let finding = Finding::new(Code::BadAllow, format!("after `{WORD}` comes `allow` and a code"));
                say(remark.comment, finding.help(format!("write it like # {WORD} allow PB-L04 (the reason)")), sink);
                continue;
            }
            // The reason begins with the first word that is no code.
            let codes: Vec<_> =
                words.take_while(|word| text[word.clone()].to_ascii_uppercase().starts_with("PB-")).collect();
            if codes.is_empty() {
                let finding = Finding::new(Code::BadAllow, "this comment names no code");
                say(
                    remark.comment.clone(),
                    finding.help(format!("write it like # {WORD} allow PB-L04 (the reason)")),
                    sink,
                );
            }
            let Some(block) = remark.block else {
                let finding = Finding::new(Code::BadAllow, "this comment stands on no block");
                say(remark.comment, finding.help("put it on the line of a key, or on the line above"), sink);
                continue;
            };
            for place in codes {
                match Code::to_allow(&text[place.clone()]) {
                    Ok(code) => {
                        let (source, block) = (Arc::clone(source), block.clone());
                        self.comments.push(Comment { code, source, place, block, used: false });
                    }
                    Err(finding) => say(place, *finding, sink),
                }
            }
        }
    }

    /// Takes away the warnings that are allowed.
    pub fn silence(&mut self, sink: &mut Sink) {
        sink.retain(|finding| {
            if finding.severity() == Severity::Error {
                return true;
            }
            let mut keep = !self.project.contains(&finding.code);
            let Some(at) = &finding.location else { return keep };
            for comment in self.comments.iter_mut().filter(|comment| comment.code == finding.code) {
                if comment.source.path() == at.file() && comment.block.contains(&at.span.start) {
                    comment.used = true;
                    keep = false;
                }
            }
            keep
        });
    }

    /// What silenced nothing, as findings.
    pub fn unused(&self) -> impl Iterator<Item = Finding> + '_ {
        let unused = self.comments.iter().filter(|comment| !comment.used && !self.project.contains(&Code::UnusedAllow));
        unused.map(|comment| {
            Finding::new(Code::UnusedAllow, format!("there is no {} here that could be allowed", comment.code))
                .at(Location::new(&comment.source, comment.place.start, comment.place.end))
                .help("remove the comment, or put it where the warning is")
        })
    }
}

/// The words of a comment: what stands between spaces, commas and the signs around them.
fn words(text: &str, comment: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let start = comment.start + text[comment.clone()].len() - text[comment.clone()].trim_start_matches('#').len();
    let mut rest = start..comment.end;
    std::iter::from_fn(move || {
        let divides = |char: char| char.is_whitespace() || ",;()".contains(char);
        let here = &text[rest.clone()];
        let begin = rest.start + here.find(|char| !divides(char))?;
        let end = text[begin..rest.end].find(divides).map_or(rest.end, |length| begin + length);
        rest.start = end;
        Some(begin..begin + text[begin..end].trim_end_matches(['.', ':']).len())
    })
}
