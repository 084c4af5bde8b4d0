use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::text::{mask, printable};
use super::{Code, Finding, Location, Severity};

/// A longer line is cut around what is marked: a minified file must not fill the terminal.
const LONGEST_LINE: usize = 160;
/// Characters that are kept before the mark on a line that is cut.
const LEAD: usize = 40;

/// Findings for people, in the look of rustc: code and message, `--> file:line:column`, the line with the place
/// marked, and what to do next.
pub fn human(findings: &[Finding], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for finding in findings {
        let text = renderer.render(&[group(finding)]);
        // A snippet whose origin is given apart leaves an empty line of origin behind.
        let empty = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() != ":::";
        for line in text.lines().filter(empty) {
            out.push_str(line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

fn group(finding: &Finding) -> Group<'_> {
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(printable(&finding.message)).id(finding.code.id()));
    if let Some(location) = &finding.location {
        group = match finding.code {
            // The line holds what must not be shown: this text may end up in a CI log.
            Code::LiteralSecret => group.element(origin(location)),
            _ => place(group, location, AnnotationKind::Primary, finding.label.as_deref()),
        };
    } else if let Some(file) = &finding.file {
        group = group.element(Origin::path(printable(file)));
    }
    for (location, what) in &finding.related {
        group = place(group, location, AnnotationKind::Context, Some(what));
    }
    if let Some(word) = &finding.suggestion {
        group = group.element(Level::HELP.message(printable(&format!("did you mean `{word}`?"))));
    }
    for help in &finding.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    if !finding.environments.is_empty() {
        let names = printable(&finding.environments.join(", "));
        let words = if finding.code == Code::OtherVersion { "for" } else { "with the overlay of" };
        group = group.element(Level::NOTE.message(format!("{words} {names}")));
    }
    group
}

/// The origin is given apart from the snippet, because a line that was cut no longer knows its own column.
fn place<'a>(group: Group<'a>, location: &'a Location, kind: AnnotationKind, label: Option<&str>) -> Group<'a> {
    let (line, span) = location.excerpt();
    let (line, span) = shorten(&mask(line), span);
    let mut mark: Annotation<'_> = kind.span(span);
    if let Some(label) = label {
        mark = mark.label(printable(label));
    }
    group.element(origin(location)).element(Snippet::source(line).line_start(location.line).annotation(mark))
}

fn origin(location: &Location) -> Origin<'static> {
    Origin::path(printable(location.file())).line(location.line).char_column(location.column)
}

/// The part of a line that is shown, and the mark's place in it.
fn shorten(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let (mut out, mut start, mut end) = (String::new(), 0, 0);
    let before = line[..span.start].chars().count();
    let skip = if line.chars().count() > LONGEST_LINE { before.saturating_sub(LEAD) } else { 0 };
    if skip > 0 {
        out.push_str("...");
    }
    let mut marked = false;
    for (taken, (at, char)) in line.char_indices().enumerate().skip(skip) {
        if at >= span.start && !marked {
            start = out.len();
            marked = true;
        }
        if taken - skip >= LONGEST_LINE {
            out.push_str("...");
            break;
        }
        if char.is_control() && char != '\t' {
            out.extend(char.escape_default())
        } else {
            out.push(char)
        }
        if at < span.end {
            end = out.len();
        }
    }
    if !marked {
        start = out.len();
    }
    let end = end.max(start);
    (out, start..end)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Source;
    use super::*;

    #[test]
    fn shows_what_where_and_what_next() {
        let source = Arc::new(Source::new("catalog/plans.yaml", "plans:\n  pro:\n    nane: Pro\n"));
        let finding = Finding::new(Code::UnknownField, "unknown field `nane`")
            .at(Location::new(&source, 18, 22))
            .label("not a field of a plan")
            .related(Some(Location::new(&source, 9, 12)), "of this plan")
            .suggest("name")
            .help("the fields are `name` and `code`");
        insta::assert_snapshot!(human(&[finding], false), @r"
        error[PB-E101]: unknown field `nane`
         --> catalog/plans.yaml:3:5
          |
        3 |     nane: Pro
          |     ^^^^ not a field of a plan
         ::: catalog/plans.yaml:2:3
          |
        2 |   pro:
          |   --- of this plan
          |
          = help: did you mean `name`?
          = help: the fields are `name` and `code`
        ");
    }

    #[test]
    fn cuts_huge_lines_and_escapes_control_characters() {
        let text = format!("{}\u{0}bad\u{7}{}", "a".repeat(5000), "b".repeat(5000));
        let source = Arc::new(Source::new("x.yaml", text));
        let finding = Finding::new(Code::ControlCharacter, "\u{1b}[31m").at(Location::new(&source, 5000, 5001));
        let text = human(&[finding], false);
        assert!(text.contains("x.yaml:1:5001"), "{text}");
        assert!(text.len() < 700 && !text.contains(|char: char| char.is_control() && char != '\n'), "{text}");
    }
}
