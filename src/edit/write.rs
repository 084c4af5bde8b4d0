//! A tree → text: small maps on one line, big objects apart from each other, quotes only where they are needed.

use super::quote::{Place, comment, is_literal, quoted};
use super::{Entry, Layout, Map, Scalar, Tree};

/// The widest line that is written where it can be broken.
pub const WIDTH: usize = 100;
/// The longest remark at the end of a line.
const REMARK: usize = 70;
/// The longest key that readers take without `?` before it: YAML allows 1,024 characters.
const KEY: usize = 1_000;
/// How deep maps on one line are nested.
const NESTED: usize = 2;

/// A whole file.
pub fn document(root: &Map) -> String {
    let mut out = String::new();
    entries(&mut out, &root.entries, 0, 0);
    out
}

/// One entry of a map that stands at this indentation, with its line breaks.
pub fn entry(entry: &Entry, indent: usize) -> String {
    let mut out = String::new();
    write(&mut out, entry, indent, indent / 2);
    out
}

/// Big objects stand apart: there is an empty line between two entries of which one takes several lines, down to the
/// objects of a section.
fn entries(out: &mut String, all: &[Entry], indent: usize, depth: usize) {
    let mut was_big = false;
    for (at, one) in all.iter().enumerate() {
        let begin = out.len();
        write(out, one, indent, depth);
        let is_big = out[begin..].lines().count() > 1;
        if at > 0 && depth < 2 && (is_big || was_big || depth == 0) {
            out.insert(begin, '\n');
        }
        was_big = is_big;
    }
}

fn write(out: &mut String, entry: &Entry, indent: usize, depth: usize) {
    let pad = " ".repeat(indent);
    for line in &entry.above {
        let line = comment(line, usize::MAX);
        out.push_str(&format!("{pad}#{}{line}\n", if line.is_empty() { "" } else { " " }));
    }
    let key = quoted(&entry.key, Place::Key);
    let before = if key.len() > KEY { format!("{pad}? {key}\n{pad}:") } else { format!("{pad}{key}:") };
    let mut remarks: Vec<&str> = entry.remark.as_deref().into_iter().collect();
    let room = WIDTH.saturating_sub(before.chars().count() + 1);
    out.push_str(&before);
    match &entry.value {
        Tree::Scalar(Scalar::Text(text)) if is_literal(text) => {
            end(out, &remarks, if text.ends_with('\n') { " |" } else { " |-" });
            for line in text.lines() {
                if !line.is_empty() {
                    out.push_str(&format!("{pad}  {line}"));
                }
                out.push('\n');
            }
        }
        Tree::Scalar(scalar) => end(out, &remarks, &format!(" {}", one_line(scalar, Place::Block))),
        value => {
            let mut inner = remarks.clone();
            if let Some(text) =
                flow(value, 0, &mut inner).filter(|text| text.chars().count() <= room || is_empty(value))
            {
                remarks = inner;
                return end(out, &remarks, &format!(" {text}"));
            }
            end(out, &remarks, "");
            block(out, value, indent + 2, depth + 1);
        }
    }
}

/// The rest of a line, and what is said about it.
fn end(out: &mut String, remarks: &[&str], rest: &str) {
    out.push_str(rest);
    let said = comment(&remarks.join(", "), REMARK);
    if !said.is_empty() {
        out.push_str("  # ");
        out.push_str(&said);
    }
    out.push('\n');
}

fn block(out: &mut String, value: &Tree, indent: usize, depth: usize) {
    match value {
        Tree::Map(map) => entries(out, &map.entries, indent, depth),
        Tree::List(items) => {
            let pad = " ".repeat(indent);
            for item in items {
                out.push_str(&pad);
                out.push('-');
                let mut remarks = Vec::new();
                match flow(item, 0, &mut remarks) {
                    Some(text) if indent + 2 + text.chars().count() <= WIDTH || is_small(item) => {
                        end(out, &remarks, &format!(" {text}"));
                    }
                    _ if matches!(item, Tree::Map(_)) => {
                        // The first key stands behind the dash.
                        let mut inner = String::new();
                        block(&mut inner, item, indent + 2, depth + 1);
                        out.push_str(&inner[indent + 1..]);
                    }
                    _ => {
                        out.push('\n');
                        block(out, item, indent + 2, depth + 1);
                    }
                }
            }
        }
        Tree::Scalar(_) => {}
    }
}

fn is_empty(value: &Tree) -> bool {
    match value {
        Tree::Map(map) => map.entries.is_empty(),
        Tree::List(items) => items.is_empty(),
        Tree::Scalar(_) => false,
    }
}

/// What has no longer form.
fn is_small(value: &Tree) -> bool {
    matches!(value, Tree::Scalar(_)) || is_empty(value)
}

fn one_line(scalar: &Scalar, place: Place) -> String {
    match scalar {
        Scalar::Plain(text) => text.clone(),
        Scalar::Text(text) => quoted(text, place),
    }
}

/// A value on one line, if it is one that reads well there. Its remarks are collected for the end of the line.
fn flow<'t>(value: &'t Tree, nested: usize, remarks: &mut Vec<&'t str>) -> Option<String> {
    match value {
        Tree::Scalar(scalar) => Some(one_line(scalar, if nested == 0 { Place::Block } else { Place::Flow })),
        Tree::Map(map) if map.entries.is_empty() => Some("{}".into()),
        Tree::Map(map) => {
            if map.layout == Layout::Block || nested >= NESTED {
                return None;
            }
            let mut parts = Vec::new();
            for entry in &map.entries {
                let key = quoted(&entry.key, Place::Key);
                if key.len() > WIDTH || !entry.above.is_empty() || is_long(&entry.value) {
                    return None;
                }
                remarks.extend(entry.remark.as_deref());
                parts.push(format!("{key}: {}", flow(&entry.value, nested + 1, remarks)?));
            }
            Some(format!("{{ {} }}", parts.join(", ")))
        }
        // A list of maps is a table: a line for each.
        Tree::List(items) if items.len() > 1 && items.iter().any(|item| !matches!(item, Tree::Scalar(_))) => None,
        Tree::List(items) => {
            let parts: Option<Vec<String>> = items.iter().map(|item| flow(item, nested.max(1), remarks)).collect();
            Some(format!("[{}]", parts?.join(", ")))
        }
    }
}

/// A text of several lines reads badly in quotes.
fn is_long(value: &Tree) -> bool {
    matches!(value, Tree::Scalar(Scalar::Text(text)) if is_literal(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Tree)]) -> Map {
        let mut map = Map::default();
        for (key, value) in entries {
            map.put(*key, value.clone());
        }
        map
    }

    #[test]
    fn reads_as_if_a_person_had_written_it() {
        let range = |up_to: &str| Tree::from(map(&[("up_to", Tree::plain(up_to)), ("per_unit", Tree::plain("0.002"))]));
        let mut features = Map::default();
        features.put("sso", map(&[("name", Tree::text("Single sign-on")), ("type", Tree::text("boolean"))]));
        let mut pro = Map::block();
        pro.put("name", Tree::text("Pro: the one"));
        pro.put("description", Tree::text("Two\nlines: yes"));
        pro.put_named("taxes", vec![Tree::text("vat"), Tree::text("no")], Some("VAT, None\nat all".into()));
        pro.put("ranges", vec![range("10"), range("20")]);
        pro.put("one", vec![range("10")]);
        let mut rights = Map::default();
        rights.put_named("sso", Tree::plain("true"), Some("Single sign-on".into()));
        rights.put_named("seats", Tree::plain("5"), Some("Seats".into()));
        pro.put("entitlements", rights);
        let mut plans = Map::block();
        let mut free = Map::block();
        free.put("name", Tree::text("Free"));
        plans.put("404", free);
        plans.put("pro", pro);
        plans.entries[1].above.push("the API never shows its margin".into());
        let root = map(&[("features", features.into()), ("plans", plans.into())]);
        insta::assert_snapshot!(document(&root), @r#"
        features: { sso: { name: Single sign-on, type: boolean } }

        plans:
          "404":
            name: Free

          # the API never shows its margin
          pro:
            name: "Pro: the one"
            description: |-
              Two
              lines: yes
            taxes: [vat, "no"]  # VAT, None at all
            ranges:
              - { up_to: 10, per_unit: 0.002 }
              - { up_to: 20, per_unit: 0.002 }
            one: [{ up_to: 10, per_unit: 0.002 }]
            entitlements: { sso: true, seats: 5 }  # Single sign-on, Seats
        "#);
    }

    #[test]
    fn lists_in_lists_and_long_keys() {
        let nested = Tree::from(vec![
            Tree::from(vec![Tree::plain("1"), Tree::from(map(&[("k", Tree::plain("null"))]))]),
            Tree::from(Vec::new()),
            Tree::from(Map::default()),
            Tree::from(map(&[(
                "a",
                map(&[("b", map(&[("c", map(&[("d", Tree::plain("1"))]).into())]).into())]).into(),
            )])),
        ]);
        let long = "k".repeat(1100);
        let root = map(&[
            ("list", nested),
            (&long, Tree::plain("1")),
            (&format!("{long}2"), map(&[("a", Tree::plain("1"))]).into()),
        ]);
        let text = document(&root);
        insta::assert_snapshot!(text.replace(&long, "LONG"), @r"
        list:
          -
            - 1
            - { k: null }
          - []
          - {}
          - a:
              b: { c: { d: 1 } }

        ? LONG
        : 1

        ? LONG2
        :
          a: 1
        ");
    }
}
