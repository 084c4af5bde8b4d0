//! Laws of the loader: it never panics, and it reads what the reference library reads.

use pricebook::diagnostic::{Severity, human, json};
use pricebook::{load, provider::commet};
use proptest::prelude::*;

const GOOD: &str = include_str!("../fixtures/commet.yaml");

/// Whatever comes in, either a catalog or an error with a place comes out.
fn survives(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.yaml");
    std::fs::write(&path, bytes).unwrap();
    let loaded = load::catalog(&path);
    let mut sink = loaded.sink;
    let document = loaded.document;
    let catalog = document.as_ref().and_then(|document| commet::read(document, &mut sink));
    let errors = sink.count(Severity::Error);
    assert_eq!(catalog.is_none(), errors > 0);
    let findings = sink.into_findings();
    for finding in &findings {
        let at = finding.location.as_ref().unwrap();
        assert!(at.line >= 1 && at.column >= 1);
    }
    let text = human(&findings, false);
    assert!(!text.contains(|char: char| char.is_control() && char != '\n'));
    json(&findings).to_string();
}

/// YAML values that every reader must agree on, with the text that stands for them.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        (-1e9..1e9f64).prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
        "[ -~äö→😀\n\t\"'\\\\]{0,12}".prop_map(serde_json::Value::from),
        prop::sample::select(vec![
            "no", "on", "~", "null", "1_000", "0x1F", "012", "1e3", "-.inf", "#", "- x", "a: b", "<<", "=", "!t", "&a"
        ])
        .prop_map(serde_json::Value::from),
    ];
    let value = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-zA-Zä ]{1,6}|true|12|~", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-z]{1,4}", value, 1..5)
        .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
}

fn loaded(text: &str) -> serde_json::Value {
    let loaded = load::text("c.yaml", text);
    let mut sink = loaded.sink;
    let value = loaded.document.and_then(|document| load::decode(document.root(), &mut sink));
    assert!(!sink.has_errors(), "{text}\n{}", human(&sink.into_findings(), false));
    value.unwrap()
}

/// The text under every scalar's span, read on its own, is that scalar again.
fn spans_hold_their_scalars(node: &load::Node, source: &str) {
    let under = |span: pricebook::diagnostic::Span| &source[span.start as usize..span.end as usize];
    let read = |text: &str| serde_json::from_str::<String>(text).unwrap();
    match &node.value {
        load::Value::Null => {}
        load::Value::Plain(text) => assert_eq!(under(node.span), &**text),
        load::Value::Quoted(text) => assert_eq!(read(under(node.span)), **text),
        load::Value::Seq(items) => {
            assert!(under(node.span).starts_with('[') && under(node.span).ends_with(']'));
            items.iter().for_each(|item| spans_hold_their_scalars(item, source));
        }
        load::Value::Map(map) => {
            for entry in map.entries() {
                assert_eq!(read(under(entry.key.span)), *entry.key.text);
                spans_hold_their_scalars(&entry.value, source);
            }
        }
    }
}

proptest! {
    #[test]
    fn spans_are_exact(value in document(), crlf in any::<bool>(), mark in any::<bool>()) {
        let mut text = serde_json::to_string_pretty(&value).unwrap();
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if mark {
            text.insert(0, '\u{feff}');
        }
        let document = load::text("c.yaml", &text).document.unwrap();
        spans_hold_their_scalars(document.root(), &text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes);
    }

    #[test]
    fn arbitrary_yaml_like_text_never_panics(text in "([a-c]{0,3}|[\\[\\]{}:,&*!|>'\"%@`?#~\\-\t\r ]|\n {0,6}|<<|é|\u{feff}|\u{85}|---|: |- ){0,60}") {
        survives(text.as_bytes());
    }

    #[test]
    fn mutated_catalogs_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4usize, prop_oneof![Just("\n"), Just("{"), Just("]"), Just("\""), Just(": "), Just("- "), Just("\t"), Just("*a"), Just("&a "), Just("é"), Just("1e9"), Just("\0")]), 1..6)
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        for (at, remove, insert) in edits {
            let at = at.index(bytes.len());
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, insert.bytes());
        }
        survives(&bytes);
    }

    #[test]
    fn values_agree_with_the_reference_library(value in document()) {
        let yaml = serde_yaml::to_string(&value).unwrap();
        prop_assert_eq!(&loaded(&yaml), &serde_yaml::from_str::<serde_json::Value>(&yaml).unwrap(), "{}", yaml);
        // JSON is YAML as well, in flow style.
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&loaded(&json), &value, "{}", json);
    }
}
