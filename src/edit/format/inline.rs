//! Values that stand on the line of their key: scalars, aliases, brackets.

use crate::edit::format::order::canonical;
use crate::edit::language::Shape;
use crate::edit::quote::{Place, quoted};
use crate::edit::syntax::{Kind, Node, Style, Syntax};

/// A value as lines: the first goes behind the key, the others are complete. `indent` is the column of the key or the
/// dash.
pub(super) fn lines(syntax: &Syntax<'_>, shape: Shape<'_>, node: &Node, indent: usize) -> Vec<String> {
    let own = &syntax.text[node.value..node.end];
    let properties = syntax.text[node.start..node.value].trim_end();
    let mut lines = match &node.kind {
        Kind::Scalar { style: Style::Literal | Style::Folded, .. } => block(syntax, node, indent),
        _ if !own.contains('\n') => vec![flow(syntax, shape, node, Place::Block)],
        Kind::Scalar { .. } => folded(own, indent + 2),
        _ => brackets(syntax, node, indent),
    };
    if let Some(first) = lines.first_mut().filter(|_| !properties.is_empty()) {
        *first = format!("{properties} {first}").trim_end().to_owned();
    }
    lines
}

/// A value on one line, without its anchor.
fn flow(syntax: &Syntax<'_>, shape: Shape<'_>, node: &Node, place: Place) -> String {
    let own = &syntax.text[node.value..node.end];
    match &node.kind {
        Kind::Scalar { text, style: Style::Single | Style::Double } if !node.tag && quoted(text, place) == **text => {
            text.to_string()
        }
        Kind::List { items, .. } if items.is_empty() => "[]".into(),
        Kind::List { items, .. } => {
            let items: Vec<String> = items.iter().map(|item| whole(syntax, shape.item(), &item.node)).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map { entries, .. } if entries.is_empty() => "{}".into(),
        Kind::Map { entries, .. } => {
            let entries: Vec<String> = canonical(shape, entries)
                .into_iter()
                .map(|at| {
                    let entry = &entries[at];
                    let key = &syntax.text[entry.key.start..entry.key.end];
                    let colon = syntax.text[entry.key.end..entry.end()].contains(':');
                    if matches!(entry.value.kind, Kind::Nothing) && !colon {
                        return key.to_owned();
                    }
                    format!("{key}: {}", whole(syntax, shape.child(entry.name()), &entry.value))
                })
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        _ => own.to_owned(),
    }
}

/// A value inside brackets, with its anchor.
fn whole(syntax: &Syntax<'_>, shape: Shape<'_>, node: &Node) -> String {
    let properties = syntax.text[node.start..node.value].trim_end();
    let own = flow(syntax, shape, node, Place::Flow);
    if properties.is_empty() { own } else { format!("{properties} {own}").trim_end().to_owned() }
}

/// A scalar that goes on over several lines: how far those are indented means nothing.
fn folded(own: &str, indent: usize) -> Vec<String> {
    let mut lines = own.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let pad = " ".repeat(indent);
    let rest = lines.map(|line| {
        let text = line.trim_start();
        if text.is_empty() { String::new() } else { format!("{pad}{text}") }
    });
    std::iter::once(first).chain(rest).collect()
}

/// A block of text: its lines move together, nothing in them changes.
fn block(syntax: &Syntax<'_>, node: &Node, indent: usize) -> Vec<String> {
    let own = &syntax.text[node.value..node.end];
    let mut lines = own.split('\n');
    let first = lines.next().unwrap_or_default();
    let header = first.split('#').next().unwrap_or_default().trim_end();
    let comment = first[header.len()..].to_owned();
    let body: Vec<&str> = lines.collect();
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let digit = header.chars().find_map(|c| c.to_digit(10));
    let (now, then) = match digit {
        // The header says by how much the lines are indented, counted from what holds the value.
        Some(digit) => {
            let least = body.iter().filter(|line| !line.trim().is_empty()).map(|line| spaces(line)).min().unwrap_or(0);
            let digit = digit as usize;
            (holder(syntax, node).map_or(least, |column| column + digit), indent + digit)
        }
        None => (body.iter().find(|line| !line.trim().is_empty()).map_or(indent + 2, |line| spaces(line)), indent + 2),
    };
    let pad = " ".repeat(then);
    let rest = body.into_iter().map(|line| match line.get(now..).filter(|_| spaces(line) >= now) {
        Some("") | None => String::new(),
        Some(text) => format!("{pad}{text}"),
    });
    std::iter::once(format!("{header}{}", comment.trim_end())).chain(rest).collect()
}

/// The indentation of the block that a value's key or dash is in.
fn holder(syntax: &Syntax<'_>, node: &Node) -> Option<usize> {
    let line = syntax.line_start(node.start);
    let text = &syntax.text[line..node.start];
    let inner = text.trim_start_matches([' ', '-']);
    Some(if inner.is_empty() { text.len() - text.trim_start().len() } else { text.len() - inner.len() })
}

/// Brackets over several lines: their lines stay, and are indented by how deep they are.
fn brackets(syntax: &Syntax<'_>, node: &Node, indent: usize) -> Vec<String> {
    let mut marks: Vec<(usize, bool)> = Vec::new();
    node.visit(&mut |inner| {
        if let Kind::List { flow: true, .. } | Kind::Map { flow: true, .. } = inner.kind {
            marks.push((inner.value, true));
            marks.push((inner.end - 1, false));
        }
    });
    marks.sort_unstable();
    let own = &syntax.text[node.value..node.end];
    let mut at = node.value;
    let mut out = Vec::new();
    for line in own.split('\n') {
        if at == node.value {
            out.push(line.trim_end().to_owned());
        } else {
            let text = line.trim();
            let first = at + (line.len() - line.trim_start().len());
            let mut depth = marks.iter().filter(|(mark, opens)| *mark < first && *opens).count()
                - marks.iter().filter(|(mark, opens)| *mark < first && !opens).count();
            // Closing brackets stand under what they close.
            let mut place = first;
            while marks.contains(&(place, false)) {
                depth = depth.saturating_sub(1);
                place += 1;
            }
            out.push(if text.is_empty() { String::new() } else { format!("{}{text}", " ".repeat(indent + 2 * depth)) });
        }
        at += line.len() + 1;
    }
    // Blank lines in brackets say nothing.
    out.retain(|line| !line.is_empty());
    out
}
