//! What is written is read as the same: by the loader, and by a library of somebody else's.

use pricebook::edit::{Layout, Map, Tree, document};
use pricebook::load;
use proptest::prelude::*;
use serde_json::Value;

/// YAML's traps, old and new.
pub(super) const TRAPS: &[&str] = &[
    "",
    " ",
    "no",
    "No",
    "on",
    "off",
    "yes",
    "y",
    "n",
    "true",
    "False",
    "null",
    "~",
    "Null",
    "NULL",
    "1e3",
    "0123",
    "0o17",
    "0x1f",
    "1_000",
    "1,000",
    "12:30",
    "190:20:30",
    "2026-01-31",
    "2026-01-31T18:00:00Z",
    ".inf",
    "-.INF",
    ".nan",
    ".5",
    "+1",
    "-1",
    "- dash",
    "-",
    "--",
    "---",
    "...",
    "? a",
    "?",
    ": a",
    ":",
    "a: b",
    "a:",
    "a:b",
    "a #b",
    "#",
    "#b",
    "a#b",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    ">",
    "|-",
    "%a",
    "@a",
    "`a`",
    "'a'",
    "\"a\"",
    "it's",
    "a\"b",
    "a\\b",
    "{a}",
    "[a]",
    "a, b",
    "a}",
    "]",
    "<<",
    "=",
    "{plans.alpha#id}",
    "20%",
    "49.00",
    "é🎈",
    "👩‍👩‍👧",
    "größe",
    "日本",
    "\u{202e}abc",
    "a\u{feff}",
    "\u{feff}",
    "a\u{2028}b",
    "a\u{85}b",
    "\u{a0}a\u{a0}",
    "a\u{0}b",
    "a\u{7}",
    "\t",
    "a\tb",
    "\ta",
    "a\t",
    " a",
    "a ",
    "  two",
    "two  ",
    "a\nb",
    "a\n",
    "a\n\n",
    "\n",
    "\n\na",
    "a\n\nb",
    "a\n b",
    " a\nb",
    "a\r\nb",
    "a\rb",
    "a \nb",
    "a\n\tb",
    "# a\n# b",
    "- a\n- b",
    "---\na",
    "a\n---\nb",
    "a\n...\n",
    "a: |\n  b",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(TRAPS).prop_map(str::to_owned),
        2 => "[ -~äö→😀\n\t\"'\\\\#:,{}\\[\\]-]{0,14}",
        1 => prop::collection::vec(any::<char>(), 0..8).prop_map(|all| all.into_iter().collect()),
        1 => "[a-z ]{90,140}",
        1 => prop::collection::vec(prop::sample::select(TRAPS), 2..4).prop_map(|all| all.join("\n")),
    ]
}

/// A tree, and the value that it stands for.
fn tree() -> impl Strategy<Value = (Tree, Value)> {
    let leaf = prop_oneof![
        6 => text().prop_map(|text| (Tree::text(&text), Value::from(text))),
        1 => any::<bool>().prop_map(|flag| (Tree::plain(flag.to_string()), flag.into())),
        1 => any::<u64>().prop_map(|number| (Tree::plain(number.to_string()), number.into())),
        1 => Just((Tree::plain("null"), Value::Null)),
    ];
    leaf.prop_recursive(5, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| {
                let (trees, values): (Vec<Tree>, Vec<Value>) = items.into_iter().unzip();
                (trees.into(), values.into())
            }),
            map(inner),
        ]
    })
}

fn map(inner: impl Strategy<Value = (Tree, Value)>) -> impl Strategy<Value = (Tree, Value)> {
    let key = prop_oneof![text(), Just("k".repeat(1_100))].prop_filter("a key", |key| !key.is_empty() && key != "<<");
    let entry = (inner, proptest::option::of(text()), prop::collection::vec(text(), 0..2));
    (prop::collection::btree_map(key, entry, 0..4), any::<bool>()).prop_map(|(entries, block)| {
        let layout = if block { Layout::Block } else { Layout::Fit };
        let (mut map, mut value) = (Map { layout, ..Map::default() }, serde_json::Map::new());
        for (key, ((tree, own), remark, above)) in entries {
            map.put_named(key.clone(), tree, remark);
            map.entries.last_mut().unwrap().above = above;
            value.insert(key, own);
        }
        (map.into(), value.into())
    })
}

fn ours(text: &str) -> Value {
    let loaded = load::text("c.yaml", text);
    let mut sink = loaded.sink;
    let value = loaded.document.and_then(|document| load::decode(document.root(), &mut sink));
    let findings = pricebook::diagnostic::human(&sink.into_findings(), false);
    value.unwrap_or_else(|| panic!("{text}\n{findings}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read((tree, value) in map(tree())) {
        let Tree::Map(map) = tree else { unreachable!() };
        prop_assume!(!map.entries.is_empty());
        let text = document(&map);
        prop_assert_eq!(&ours(&text), &value, "{}", text);
        let theirs: Value = serde_yaml::from_str(&text).map_err(|why| TestCaseError::fail(format!("{why}\n{text}")))?;
        prop_assert_eq!(&theirs, &value, "{}", text);
        prop_assert!(!text.lines().any(|line| line.ends_with(' ')), "{}", text);
    }
}

#[test]
fn every_trap_is_a_text_everywhere() {
    for trap in TRAPS {
        let (mut root, mut flow, mut list) = (Map::block(), Map::default(), Vec::new());
        flow.put("inside", Tree::text(*trap));
        list.push(Tree::text(*trap));
        root.put("value", Tree::text(*trap));
        root.put("flow", flow);
        root.put("list", list);
        if !trap.is_empty() {
            root.put_at(&["keys", trap], Tree::plain("1"));
        }
        let text = document(&root);
        let mut expected = serde_json::json!({ "value": trap, "flow": { "inside": trap }, "list": [trap] });
        if !trap.is_empty() {
            expected["keys"] = serde_json::json!({ *trap: 1 });
        }
        assert_eq!(ours(&text), expected, "{text}");
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), expected, "{text}");
    }
}
