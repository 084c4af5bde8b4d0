//! Several files are one catalog.

use pricebook::{load, provider::commet};

fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let loaded = load::texts(files.iter().copied());
    let mut sink = loaded.sink;
    if let Some(document) = loaded.document {
        commet::read(&document, &mut sink);
    }
    let show = |finding: pricebook::diagnostic::Finding| {
        let related = finding.related.iter().map(|(at, _)| format!(" ({at})")).collect::<String>();
        format!("{} {}{related}", finding.code, finding.location.map(|at| at.to_string()).unwrap_or_default())
    };
    sink.into_findings().into_iter().map(show).collect()
}

#[test]
fn sections_are_joined() {
    let none: [&str; 0] = [];
    assert_eq!(
        findings(&[
            (
                "a.yaml",
                "provider: commet\nfeatures:\n  x: { name: X, type: boolean }\nplans:\nabsent: { plans: [u] }\n"
            ),
            (
                "b.yaml",
                "provider: commet\nplans:\n  p: { name: P, features: { x: true, y: true } }\nabsent: { plans: [v] }\n"
            ),
            ("c.yaml", "features:\n  y: { name: Y, type: boolean }\nplans: { q: { name: Q } }\n"),
        ]),
        none
    );
}

#[test]
fn what_is_set_twice_names_both_places() {
    assert_eq!(
        findings(&[
            ("a.yaml", "provider: commet\nprice_changes: reprice\nplans: { p: { name: P } }\n"),
            ("b.yaml", "price_changes: grandfather\nplans:\n  p: { name: Q }\n"),
        ]),
        ["PB-E022 b.yaml:1:1 (a.yaml:2:1)", "PB-E021 b.yaml:3:3 (a.yaml:3:10)"]
    );
}

#[test]
fn a_broken_file_does_not_make_others_look_wrong() {
    assert_eq!(
        findings(&[
            ("a.yaml", "provider: commet\nplans: { p: { name: P, features: { x: true } } }\n"),
            ("b.yaml", "features: { x: [\n"),
        ]),
        ["PB-E010 b.yaml:1:16"]
    );
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "provider: commet\nfeatures:\n  x: &x { name: X, type: boolean }\n  y:\n    <<: *x\n    name: Y\nplans:\n  p: { name: P, features: { x: true, y: true } }\n";
    let loaded = load::text("c.yaml", text);
    let mut sink = loaded.sink;
    let document = loaded.document.unwrap();
    let catalog = commet::read(&document, &mut sink).unwrap();
    assert_eq!(catalog.features["y"].name, "Y");
    assert_eq!(document.locate(&["features", "y", "type"]).unwrap().to_string(), "c.yaml:3:26");
    assert_eq!(document.locate_key(&["features", "y", "nope"]).unwrap().to_string(), "c.yaml:4:3");
    assert_eq!(document.digest().len(), 64);
}

#[test]
fn a_place_is_that_of_the_value_and_not_of_its_anchor() {
    let text = "provider: commet\nplans:\n  p:\n    name: &n Pro\n    metadata: &m !!map { tier: !!str 12, x: &e }\n";
    let document = load::text("c.yaml", text).document.unwrap();
    let at = |path: &[&str]| document.locate(path).unwrap();
    assert_eq!(at(&["plans", "p", "name"]).to_string(), "c.yaml:4:14");
    assert_eq!(&text[at(&["plans", "p", "metadata", "tier"]).span], "12");
    assert_eq!(at(&["plans", "p", "metadata", "nope"]).to_string(), "c.yaml:5:5");
    let metadata = document.get(&["plans", "p", "metadata"]).unwrap().span;
    assert_eq!(&text[metadata.start as usize..metadata.end as usize], "{ tier: !!str 12, x: &e }");
}

#[test]
fn the_order_of_the_digest_is_that_of_the_paths() {
    let digest = |files: &[(&str, &str)]| load::texts(files.iter().copied()).document.unwrap().digest();
    assert_eq!(digest(&[("a", "x: 1"), ("b", "y: 2")]), digest(&[("b", "y: 2"), ("a", "x: 1")]));
    assert_ne!(digest(&[("a", "x: 1"), ("b", "y: 2")]), digest(&[("a", "x: 1\n"), ("b", "y: 2")]));
}
