//! Maps and lists with a line for each entry.

use std::ops::Range;

use crate::edit::format::inline;
use crate::edit::format::order::canonical;
use crate::edit::language::Shape;
use crate::edit::patch::Part;
use crate::edit::syntax::{Kind, Node, Pair, Style, Syntax};

type Result<T> = std::result::Result<T, String>;

/// Lines of an entry: what stands above it, and itself.
#[derive(Debug, Default)]
struct Entry {
    /// Comments and blank lines above it.
    head: Vec<String>,
    lines: Vec<String>,
    /// Whether its last blank lines are part of a text.
    open: bool,
}

/// Writes a file anew.
#[derive(Debug)]
pub(super) struct Writer<'s> {
    syntax: &'s Syntax<'s>,
}

/// Objects stand this deep: those of a section.
const OBJECTS: usize = 1;

impl<'s> Writer<'s> {
    pub(super) fn new(syntax: &'s Syntax<'s>) -> Self {
        Self { syntax }
    }

    pub(super) fn file(&self, shape: Shape<'_>) -> Result<String> {
        let syntax = self.syntax;
        let Kind::Map { flow, entries } = &syntax.root.kind else {
            return Err("the top level is not a map".into());
        };
        if *flow || syntax.root.start != syntax.root.value {
            return Err("the top level stands in brackets or has an anchor".into());
        }
        let start = self.header()?;
        let mut out: Vec<String> = syntax.text[..start].lines().map(|line| line.trim_end().to_owned()).collect();
        while out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        out.dedup_by(|one, other| one.is_empty() && other.is_empty());
        // The comment that the file begins with stays beside what it stood beside.
        let apart = start > 0 && syntax.text[..start].ends_with("\n\n");
        let (lines, _) = self.map(shape, entries, 0, 0, start..syntax.text.len())?;
        if apart && !out.is_empty() {
            out.push(String::new());
        }
        out.extend(lines);
        let mut text = out.join("\n");
        text.push('\n');
        Ok(text)
    }

    /// Where the file's own first lines end: the comment that it begins with, and the mark of its document.
    fn header(&self) -> Result<usize> {
        let (syntax, mut line, mut end) = (self.syntax, 0, 0);
        let first = syntax.line_start(syntax.root.value);
        let mut in_comment = true;
        while line < first {
            let text = syntax.text[line..syntax.line_end(line)].trim_end();
            let next = syntax.next_line(line);
            match text {
                "---" => (in_comment, end) = (true, next),
                _ if text.starts_with('%') || text.starts_with("---") => {
                    return Err("a directive, or a mark of a document with something behind it".into());
                }
                "" if in_comment && end > 0 => (in_comment, end) = (false, next),
                "" if end == line => end = next,
                "" => {}
                _ if in_comment => end = next,
                _ => {}
            }
            line = next;
        }
        Ok(end)
    }

    /// The lines of a map whose lines stand in `range`, and whether they end in the middle of a text.
    fn map(
        &self,
        shape: Shape<'_>,
        entries: &[Pair],
        indent: usize,
        depth: usize,
        range: Range<usize>,
    ) -> Result<(Vec<String>, bool)> {
        let parts: Vec<Part> = entries.iter().map(|entry| Part { start: entry.start(), end: entry.end() }).collect();
        let (regions, foot) = self.regions(&parts, range)?;
        let mut written = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let mut one =
                Entry { head: self.comments(regions[at].start..parts[at].start, indent)?, ..Entry::default() };
            self.pair(shape.child(entry.name()), entry, entries, indent, depth, regions[at].end, &mut one)?;
            written.push(Some(one));
        }
        let order = canonical(shape, entries);
        // With an open text in between, blank lines are not ours to set.
        let order = if written.iter().flatten().any(|one| one.open) { (0..entries.len()).collect() } else { order };
        let sorted = order.into_iter().filter_map(|at| written[at].take()).collect();
        Ok(self.together(sorted, self.comments(foot, indent)?, depth))
    }

    fn list(
        &self,
        shape: Shape<'_>,
        items: &[crate::edit::syntax::Item],
        indent: usize,
        depth: usize,
        range: Range<usize>,
    ) -> Result<(Vec<String>, bool)> {
        let parts: Vec<Part> =
            items.iter().map(|item| Part { start: item.dash, end: item.node.end.max(item.dash + 1) }).collect();
        let (regions, foot) = self.regions(&parts, range)?;
        let mut written = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let mut one =
                Entry { head: self.comments(regions[at].start..parts[at].start, indent)?, ..Entry::default() };
            self.item(shape.item(), item, indent, depth, regions[at].end, &mut one)?;
            written.push(one);
        }
        Ok(self.together(written, self.comments(foot, indent)?, depth.max(OBJECTS + 1)))
    }

    /// Which lines are whose: from behind the one before, to the last comment that is indented more.
    fn regions(&self, parts: &[Part], range: Range<usize>) -> Result<(Vec<Range<usize>>, Range<usize>)> {
        let mut from = range.start;
        let mut regions = Vec::new();
        for part in parts {
            let end = self.syntax.next_line(self.syntax.tail(*part)).min(range.end).max(part.end);
            regions.push(from.min(part.start)..end);
            from = end;
        }
        Ok((regions, from.min(range.end)..range.end))
    }

    /// Comments between two places, each on a line of its own, and blank lines between them.
    fn comments(&self, range: Range<usize>, indent: usize) -> Result<Vec<String>> {
        let mut out: Vec<String> = Vec::new();
        let text = &self.syntax.text[range.start..range.end.max(range.start)];
        // The indentation of what comes next is no line.
        let whole = if self.syntax.begins_line(range.end) {
            &text[..text.rfind('\n').map_or(0, |last| last + 1)]
        } else {
            text
        };
        let mut at = range.start;
        let lines: Vec<&str> = whole.lines().collect();
        for line in lines {
            let own = line.trim();
            if own.is_empty() && at == range.start && self.syntax.line_start(at) != at {
                // The rest of the line of a dash.
            } else if own.is_empty() {
                if out.last().is_none_or(|last| !last.is_empty()) {
                    out.push(String::new());
                }
            } else if let Some(hash) = line.find('#').filter(|hash| self.syntax.comment_at(at + hash).is_some()) {
                if !line[..hash].trim().is_empty() && line[..hash].trim() != "-" {
                    return Err(format!("an unusual line: {own}"));
                }
                out.push(format!("{}{}", " ".repeat(indent), line[hash..].trim_end()));
            } else if own != "-" {
                return Err(format!("an unusual line: {own}"));
            }
            at += line.len() + 1;
        }
        Ok(out)
    }

    #[allow(clippy::too_many_arguments, reason = "all of it is one entry")]
    fn pair(
        &self,
        shape: Shape<'_>,
        entry: &Pair,
        siblings: &[Pair],
        indent: usize,
        depth: usize,
        end: usize,
        out: &mut Entry,
    ) -> Result<()> {
        let syntax = self.syntax;
        let key = &syntax.text[entry.key.start..entry.key.end];
        if key.contains('\n') {
            return Err("a key over several lines".into());
        }
        let opening = Opening {
            text: format!("{}{key}:", " ".repeat(indent)),
            gap: self.gap(entry, siblings),
            after: entry.key.end,
            origin: syntax.column(entry.key.start),
            indent,
            depth,
        };
        self.value(shape, &entry.value, opening, end, out)
    }

    fn item(
        &self,
        shape: Shape<'_>,
        item: &crate::edit::syntax::Item,
        indent: usize,
        depth: usize,
        end: usize,
        out: &mut Entry,
    ) -> Result<()> {
        let pad = " ".repeat(indent);
        let node = &item.node;
        if !node.is_block() || node.start != node.value {
            let text = format!("{pad}-");
            let origin = self.syntax.column(item.dash);
            let opening = Opening { text, gap: 1, after: item.dash + 1, origin, indent, depth };
            return self.value(shape, node, opening, end, out);
        }
        // The first key or dash stands behind this one's dash.
        let (mut lines, open) = self.nested(shape, node, indent + 2, depth + 1, item.dash + 1..end)?;
        let first = lines.iter().position(|line| !line.trim_start().starts_with('#') && !line.is_empty());
        let Some(first) = first else { return Err("an item without a line".into()) };
        for line in lines.drain(..first) {
            if !line.is_empty() {
                out.head.push(format!("{pad}{}", line.trim_start()));
            }
        }
        if let Some(line) = lines.first_mut() {
            line.replace_range(indent..indent + 1, "-");
        }
        out.lines.extend(lines);
        out.open = open;
        Ok(())
    }

    fn nested(
        &self,
        shape: Shape<'_>,
        node: &Node,
        indent: usize,
        depth: usize,
        range: Range<usize>,
    ) -> Result<(Vec<String>, bool)> {
        match &node.kind {
            Kind::Map { entries, .. } => self.map(shape, entries, indent, depth, range),
            Kind::List { items, .. } => self.list(shape, items, indent, depth, range),
            _ => Ok((Vec::new(), false)),
        }
    }

    fn value(&self, shape: Shape<'_>, node: &Node, opening: Opening, end: usize, out: &mut Entry) -> Result<()> {
        let syntax = self.syntax;
        let Opening { text, gap, after, origin, indent, depth } = opening;
        if node.is_block() {
            let properties = syntax.text[node.start..node.value.max(node.start)]
                .split(['\n', '#'])
                .next()
                .unwrap_or_default()
                .trim();
            let properties = if node.start == node.value { "" } else { properties };
            // What stands on the line of the key, or of the anchor below it, stays there.
            let line = syntax.line_end(if properties.is_empty() { after } else { node.start });
            let comments = syntax.comments_in(after..line);
            if comments.len() > 1 {
                return Err("comments between a key and its anchor".into());
            }
            let mut first = if properties.is_empty() { text } else { format!("{text} {properties}") };
            if let Some(comment) = comments.first() {
                let here = syntax.line_start(comment.start) == syntax.line_start(after);
                self.remark(&mut first, comment, here.then_some(origin));
            }
            out.lines.push(first);
            let (lines, open) = self.nested(shape, node, indent + 2, depth + 1, syntax.next_line(line)..end)?;
            // No blank line between a key and what is in it.
            out.lines.extend(lines);
            out.open = open;
            return Ok(());
        }
        // Comments between a key and a value on another line go above both.
        for comment in syntax.comments_in(after..node.start) {
            out.head.push(format!("{}{}", " ".repeat(indent), &syntax.text[comment.clone()]));
        }
        let mut lines = inline::lines(syntax, shape, node, indent).into_iter();
        let own = lines.next().unwrap_or_default();
        let mut first = if own.is_empty() { text } else { format!("{text}{}{own}", " ".repeat(gap)) };
        let mut rest: Vec<String> = lines.collect();
        let line = syntax.line_end(node.end);
        if let Some(comment) = syntax.comments_in(node.end..line).first() {
            let here = syntax.line_start(comment.start) == syntax.line_start(after);
            self.remark(rest.last_mut().unwrap_or(&mut first), comment, here.then_some(origin));
        }
        out.lines.push(first.trim_end().to_owned());
        out.lines.extend(rest);
        let is_text = matches!(node.kind, Kind::Scalar { style: Style::Literal | Style::Folded, .. });
        let header = &syntax.text[node.value..node.end].lines().next().unwrap_or_default();
        out.open = is_text && header.split('#').next().is_some_and(|header| header.contains('+'));
        // Comments below it that are indented more.
        let below = syntax.next_line(line);
        if below < end {
            let mut more = self.comments(below..end, indent + 2)?;
            while more.last().is_some_and(String::is_empty) {
                more.pop();
            }
            out.lines.extend(more);
        }
        Ok(())
    }

    /// A comment at the end of a line: in its column beside the key or dash at `origin`, if there is room.
    fn remark(&self, line: &mut String, comment: &Range<usize>, origin: Option<usize>) {
        let own = line.trim_start_matches(' ').chars().count();
        let before = &self.syntax.text[self.syntax.line_start(comment.start)..comment.start];
        let gap = match origin {
            Some(origin) => self.syntax.column(comment.start).saturating_sub(origin + own),
            None => before.len() - before.trim_end_matches(' ').len(),
        };
        line.push_str(&" ".repeat(gap.max(1)));
        line.push_str(self.syntax.text[comment.clone()].trim_end());
    }

    /// The space behind a colon: one, or what brings the value into a column with a sibling's.
    fn gap(&self, entry: &Pair, siblings: &[Pair]) -> usize {
        let column = |entry: &Pair| {
            let same = self.syntax.line_start(entry.key.start) == self.syntax.line_start(entry.value.start);
            let written = !matches!(entry.value.kind, Kind::Nothing);
            (same && written).then(|| self.syntax.column(entry.value.start))
        };
        let Some(own) = column(entry) else { return 1 };
        let between = &self.syntax.text[entry.key.end..entry.value.start];
        let Some(space) = between.strip_prefix(':').filter(|space| space.chars().all(|c| c == ' ')) else { return 1 };
        let together = siblings.iter().filter(|other| column(other) == Some(own)).count() > 1;
        if together { space.len().max(1) } else { 1 }
    }

    /// Entries with the blank lines that belong between them.
    fn together(&self, entries: Vec<Entry>, mut foot: Vec<String>, depth: usize) -> (Vec<String>, bool) {
        let mut out: Vec<String> = Vec::new();
        let (mut was_big, mut open) = (false, false);
        for (at, mut entry) in entries.into_iter().enumerate() {
            let is_big = entry.lines.len() > 1;
            let apart = at > 0 && depth <= OBJECTS && (is_big || was_big);
            let begins = entry.head.first().is_some_and(String::is_empty);
            if at == 0 && begins {
                entry.head.remove(0);
            } else if apart && !begins && !open {
                entry.head.insert(0, String::new());
            }
            out.append(&mut entry.head);
            out.append(&mut entry.lines);
            (was_big, open) = (is_big, entry.open);
        }
        while foot.last().is_some_and(String::is_empty) {
            foot.pop();
        }
        let open = open && foot.is_empty();
        out.extend(foot);
        (out, open)
    }
}

/// What stands before a value.
struct Opening {
    /// The line up to the colon or the dash.
    text: String,
    /// The space behind it.
    gap: usize,
    /// Where that ends in the old text.
    after: usize,
    /// The column of the key or the dash in the old text.
    origin: usize,
    indent: usize,
    depth: usize,
}
