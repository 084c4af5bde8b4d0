//! An anchor that goes while others use it: the first of them takes its value, and keeps its name.

use crate::edit::patch::edit::Result;
use crate::edit::patch::place::{Edit, apply};
use crate::edit::syntax::{Kind, Node, Syntax, parse};

/// Adds what keeps aliases valid when edits take their anchors away.
pub(super) fn keep(syntax: &Syntax<'_>, edits: Vec<Edit>) -> Result<Vec<Edit>> {
    let mut anchors = Vec::new();
    syntax.root.anchors(&mut anchors);
    if anchors.is_empty() || parse(&apply(syntax.text, 0..syntax.text.len(), edits.clone())).is_ok() {
        return Ok(edits);
    }
    let goes = |node: &Node, edits: &[Edit]| {
        edits.iter().any(|edit| edit.range.start <= node.start && node.end <= edit.range.end && !edit.range.is_empty())
    };
    let mut moved = Vec::new();
    let mut nodes: Vec<&Node> = Vec::new();
    syntax.root.visit(&mut |node| nodes.push(node));
    for (at, anchored) in nodes.iter().enumerate().filter(|(_, node)| node.anchor.is_some() && goes(node, &edits)) {
        let name = anchored.anchor.as_deref().unwrap_or_default();
        // The same name can be given again further down; aliases mean the last one above them.
        let user = nodes[at + 1..]
            .iter()
            .take_while(|node| node.anchor.as_deref() != Some(name))
            .find(|node| matches!(&node.kind, Kind::Alias(alias) if &**alias == name) && !goes(node, &edits));
        let Some(user) = user else { continue };
        let text = &syntax.text[anchored.start..anchored.end];
        if anchored.is_block() || text.contains('\n') {
            return Err(format!("`&{name}` would go, and `*{name}` is used elsewhere").into());
        }
        moved.push(Edit { range: user.start..user.end, text: text.to_owned() });
    }
    Ok(edits.into_iter().chain(moved).collect())
}
