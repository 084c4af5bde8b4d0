//! Comments that say something to the program, and what they stand on.

use std::ops::Range;

use super::syntax::{Kind, Node, Syntax, parse};

/// A comment and the block that it stands on, in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// From its `#` to the end of its line.
    pub comment: Range<usize>,
    /// From the key or the dash to the end of the value. `None` where no block begins.
    pub block: Option<Range<usize>>,
}

/// The comments that begin with this word. One behind something stands on the outermost block that begins on its line;
/// one that has the line for itself, on the outermost that begins on the next line with something on it. The error says
/// why the text's layout cannot be worked with.
pub fn remarks(text: &str, word: &str) -> Result<Vec<Remark>, String> {
    let says = |comment: &str| comment.trim_start_matches('#').trim_start().starts_with(word);
    // Most texts have none, and need not be read again.
    if !text.lines().any(|line| line.match_indices('#').any(|(at, _)| says(&line[at..]))) {
        return Ok(Vec::new());
    }
    let syntax = parse(text)?;
    let mut out = Vec::new();
    for comment in syntax.comments.iter().filter(|comment| says(&text[(*comment).clone()])) {
        let mut line = syntax.line_start(comment.start);
        if syntax.begins_line(comment.start) {
            line = next_content(&syntax, comment.start);
        }
        let block = outermost(&syntax.root, &(line..syntax.line_end(line)));
        out.push(Remark { comment: comment.clone(), block });
    }
    Ok(out)
}

/// Where the next line begins that is neither empty nor a comment.
fn next_content(syntax: &Syntax<'_>, at: usize) -> usize {
    let mut line = syntax.next_line(at);
    while line < syntax.text.len() && (syntax.is_blank(line) || syntax.comment_line(line).is_some()) {
        line = syntax.next_line(line);
    }
    line
}

/// The outermost block that begins in this range.
fn outermost(node: &Node, range: &Range<usize>) -> Option<Range<usize>> {
    if node.start > range.end || node.end < range.start {
        return None;
    }
    match &node.kind {
        Kind::Map { entries, .. } => entries.iter().find_map(|entry| {
            let begins = range.contains(&entry.start());
            if begins { Some(entry.start()..entry.end()) } else { outermost(&entry.value, range) }
        }),
        Kind::List { items, .. } => items.iter().find_map(|item| {
            let begins = range.contains(&item.dash);
            if begins { Some(item.dash..item.node.end) } else { outermost(&item.node, range) }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the remark of a text stands on.
    fn block(text: &str) -> Option<&str> {
        let found = remarks(text, "pb:").unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].block.clone().map(|block| &text[block])
    }

    #[test]
    fn a_remark_stands_on_the_outermost_block() {
        assert_eq!(block("a:\n  b: { c: 1 } # pb: x\n  d: 2\n"), Some("b: { c: 1 }"));
        assert_eq!(block("a:\n  # pb: x\n\n  # more\n  b:\n    c: 1\n  d: 2\n"), Some("b:\n    c: 1"));
        assert_eq!(block("a: # pb: x\n  b: 1\n"), Some("a: # pb: x\n  b: 1"));
        assert_eq!(block("a:\n  - b: 1\n    c: 2 # pb: x\n  - 3\n"), Some("c: 2"));
        assert_eq!(block("a:\n  - b: 1 # pb: x\n    c: 2\n  - 3\n"), Some("- b: 1 # pb: x\n    c: 2"));
        assert_eq!(block("a: {\n  b: 1, # pb: x\n  c: 2 }\n"), Some("b: 1"));
        assert_eq!(block("a: é\nb: 1 #pb: x"), Some("b: 1"));
        assert_eq!(block("a: 1\n# pb: x\n"), None);
        assert_eq!(block("a: [1,\n  2] # pb: x\n"), Some("2"));
    }

    #[test]
    fn text_is_no_remark() {
        assert_eq!(remarks("a: '# pb: x'\nb: |\n  # pb: x\nc: x#pb:y\n", "pb:").unwrap(), []);
    }
}
