//! Edits in a small language: prices have a short form, `public: false` is the default, numbers have two decimals.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::edit::syntax::Style;
use crate::edit::tree::Scalar;

fn language() -> Language {
    let price = json!({ "anyOf": [{ "$ref": "#/$defs/Amount" }, { "type": "object", "properties": {
        "amount": { "$ref": "#/$defs/Amount" }, "trial_days": { "type": "integer" } } }] });
    Language::new(json!({
        "properties": {
            "provider": {},
            "features": { "additionalProperties": { "properties": { "name": {}, "type": {}, "note": {} } } },
            "groups": { "additionalProperties": { "properties": { "name": {}, "plans": { "items": {} } } } },
            "plans": { "additionalProperties": { "properties": {
                "name": {}, "description": {}, "public": {}, "metadata": {},
                "prices": { "additionalProperties": price },
                "ranges": { "items": { "properties": { "up_to": {}, "rate": {} } } },
                "protect": {},
            } } },
            "absent": {},
        },
        "$defs": { "Amount": { "type": "string" } },
    }))
}

fn tree<'n>(node: &'n Node, anchors: &mut HashMap<&'n str, Tree>, key: &str) -> Tree {
    let tree = match &node.kind {
        Kind::Nothing => Tree::Scalar(Scalar::Plain("null".into())),
        Kind::Alias(name) => anchors[&**name].clone(),
        Kind::Scalar { text, style: Style::Plain } if &**text == "null" => Tree::Scalar(Scalar::Plain("null".into())),
        Kind::Scalar { text, style } => {
            let number =
                text.parse::<Decimal>().ok().filter(|_| *style == Style::Plain || key == "amount" || key == "prices");
            match number {
                Some(number) => Tree::Scalar(Scalar::Plain(format!("{number:.2}"))),
                None if matches!(&**text, "true" | "false") => Tree::Scalar(Scalar::Plain((**text).into())),
                None => Tree::Scalar(Scalar::Text((**text).into())),
            }
        }
        Kind::List { items, .. } => Tree::List(items.iter().map(|item| tree(&item.node, anchors, "")).collect()),
        Kind::Map { entries, .. } => {
            let mut map = Map::default();
            for entry in entries {
                let value = tree(&entry.value, anchors, if key == "prices" { "prices" } else { entry.name() });
                if entry.is_merge() {
                    let Tree::Map(merged) = value else { panic!() };
                    for more in merged.entries {
                        if !entries.iter().any(|own| own.name() == more.key) {
                            map.entries.push(more);
                        }
                    }
                } else {
                    map.put(entry.name(), value);
                }
            }
            map.entries.retain(|entry| {
                !(entry.key == "public" && entry.value == Tree::Scalar(Scalar::Plain("false".into()))
                    || entry.key == "protect")
            });
            match &map.entries[..] {
                [only] if only.key == "amount" => only.value.clone(),
                _ => Tree::Map(map),
            }
        }
    };
    if let Some(name) = &node.anchor {
        anchors.insert(name, tree.clone());
    }
    tree
}

fn read(files: &[File]) -> Result<Vec<Object>, String> {
    let mut out = Vec::new();
    for file in files {
        let syntax = syntax::parse(&file.text)?;
        let Tree::Map(root) = tree(&syntax.root, &mut HashMap::new(), "") else { panic!() };
        for section in root.entries {
            let Tree::Map(map) = section.value else { continue };
            if section.key == "absent" {
                continue;
            }
            for entry in map.entries {
                out.push(Object { collection: section.key.clone(), key: entry.key, tree: entry.value });
            }
        }
    }
    Ok(out)
}

/// What comes of `text` when it is to say what `wanted` says.
#[track_caller]
fn edited(text: &str, wanted: &str) -> String {
    let file = |text: &str| vec![File { name: "c.yaml".into(), text: text.to_owned() }];
    let goal = read(&file(wanted)).unwrap();
    let patched = patch(&file(text), &goal, &language(), &read, true).unwrap();
    assert_eq!(patched.refused, [], "{}", patched.files[0].text);
    let again = patch(&patched.files, &goal, &language(), &read, true).unwrap();
    assert_eq!(again.files, patched.files);
    patched.files.into_iter().next().unwrap().text
}

#[test]
fn scalars_keep_their_style() {
    assert_eq!(
        edited(
            "plans:\n  a: { name: 'A', prices: { m: 49, y: \"490.00\" } } # one\n  b:\n    name: \"B\"   # two\n    public: false\n    description: |\n      x\n      y\n    prices: {m: 49.00,  y: 5.25}\n",
            "plans:\n  a: { name: it's, prices: { m: 59, y: 590.5 } }\n  b: { name: C, description: \"z\\nx\\n\", prices: { m: 59, y: 6.125 } }\n",
        ),
        "plans:\n  a: { name: 'it''s', prices: { m: 59, y: \"590.50\" } } # one\n  b:\n    name: \"C\"   # two\n    public: false\n    description: |\n      z\n      x\n    prices: {m: 59.00,  y: 6.13}\n"
            .replace("6.13", "6.12"),
    );
}

#[test]
fn comments_stay_in_their_column() {
    assert_eq!(
        edited(
            "plans:\n  a:\n    name: A       # one\n    prices:\n      m: 1        # two\n      y: 1 # three\n      w: 1  # four\n",
            "plans: { a: { name: Abc, prices: { m: 100, y: 100, w: 1000 } } }",
        ),
        "plans:\n  a:\n    name: Abc     # one\n    prices:\n      m: 100      # two\n      y: 100 # three\n      w: 1000 # four\n",
    );
}

#[test]
fn short_forms_stay_short_until_more_is_said() {
    assert_eq!(
        edited(
            "plans:\n  a:\n    prices:\n      m: 49 # monthly\n      y: 5.00\n      w: { amount: 1 }\n",
            "plans: { a: { prices: { m: { amount: 49, trial_days: 14 }, y: { amount: 6, trial_days: 7 }, w: 2 } } }\n",
        ),
        "plans:\n  a:\n    prices:\n      m: { amount: 49, trial_days: 14.00 } # monthly\n      y: { amount: 6.00, trial_days: 7.00 }\n      w: { amount: 2 }\n",
    );
}

#[test]
fn fields_go_where_canonical_order_has_them_and_leave_with_their_comments() {
    assert_eq!(
        edited(
            "# file\nplans:\n  # about a\n  a:\n    # the name\n    name: A\n\n    # floating\n\n    # goes\n    metadata: { x: y } # goes, too\n    prices: { m: 1 }   # stays\n  b: {name: B, prices: {m: 1}}\nabsent: { plans: [z] }",
            "plans: { a: { name: A, description: d, prices: { m: 1 } }, b: { description: 'x, y', prices: { m: 1 } } }\nfeatures: { f: { name: F } }\n",
        ),
        "# file\nfeatures:\n  f: { name: F }\n\nplans:\n  # about a\n  a:\n    # the name\n    name: A\n    description: d\n\n    # floating\n\n    prices: { m: 1 }   # stays\n  b: {description: \"x, y\", prices: {m: 1}}\nabsent: { plans: [z] }",
    );
}

#[test]
fn objects_come_and_go() {
    let text = "provider: x\r\n\r\nplans:\r\n  a:\r\n    name: A\r\n\r\n  # b's\r\n  b:\r\n    name: B\r\n    # end of b\r\n\r\n  d:\r\n    name: D\r\n";
    assert_eq!(
        edited(text, "plans: { a: { name: A }, c: { name: C }, d: { name: D }, e: { name: E } }"),
        "provider: x\r\n\r\nplans:\r\n  a:\r\n    name: A\r\n\r\n  c:\r\n    name: C\r\n\r\n  d:\r\n    name: D\r\n\r\n  e:\r\n    name: E\r\n",
    );
    assert_eq!(edited(text, "features: { f: { name: F } }"), "provider: x\r\n\r\nfeatures:\r\n  f: { name: F }\r\n");
    assert_eq!(edited("plans:\n  a: {}\n  b: {}", "plans: { a: {} }"), "plans:\n  a: {}");
    assert_eq!(edited("# c\nplans:\n  a: {}", "absent: {}"), "# c\nplans: {}");
}

#[test]
fn lists_are_edited_item_by_item() {
    let group = |list: &str| format!("groups: {{ g: {{ plans: {list} }} }}");
    let block = "groups:\n  g:\n    plans:\n    - free   # nothing\n    # better\n    - pro\n    - scale # big\n";
    assert_eq!(
        edited(block, &group("[free, starter, pro]")),
        "groups:\n  g:\n    plans:\n    - free   # nothing\n    - starter\n    # better\n    - pro\n"
    );
    assert_eq!(
        edited(block, &group("[scale, free, pro]")),
        "groups:\n  g:\n    plans:\n    - scale # big\n    - free   # nothing\n    # better\n    - pro\n"
    );
    let flow = "groups:\n  g:\n    plans: [\n      free,  # nothing\n      pro,   # good\n      scale  # big\n    ]\n";
    assert_eq!(
        edited(flow, &group("[pro, free, scale, huge]")),
        "groups:\n  g:\n    plans: [\n      pro,   # good\n      free,  # nothing\n      scale,  # big\n      huge\n    ]\n"
    );
    assert_eq!(edited("groups: {g: {plans: [a,b]}}", &group("[b, c]")), "groups: {g: {plans: [b,c]}}");
    assert_eq!(edited("groups: {g: {plans: [ ]}}", &group("[b, c]")), "groups: {g: {plans: [b, c]}}");
    assert_eq!(
        edited("groups:\n  g:\n    plans: [b] # all\n    name: x", "groups: { g: { name: x } }"),
        "groups:\n  g:\n    name: x"
    );
    assert_eq!(
        edited(
            "plans:\n  a:\n    ranges:\n      - { up_to: 10, rate: 1 }   # first\n      - up_to: 20  # second\n        rate: 2\n      - rate: 3\n",
            "plans: { a: { ranges: [{ up_to: 10, rate: 1 }, { up_to: 25, rate: 2 }, { up_to: 30, rate: 5 }, { rate: 3 }] } }"
        ),
        "plans:\n  a:\n    ranges:\n      - { up_to: 10, rate: 1 }   # first\n      - up_to: 25  # second\n        rate: 2\n      - { up_to: 30.00, rate: 5.00 }\n      - rate: 3\n",
    );
}

#[test]
fn aliases_follow_or_are_overridden_where_they_are_used() {
    let text = "plans:\n  a:\n    prices: &p\n      m: 1\n      z: &y 9\n  b:\n    prices: *p # same\n  c:\n    prices:\n      <<: *p\n      w: 3\n  d: { prices: { m: *y } }\n";
    let goal = |a: &str, b: &str, c: &str, d: &str| {
        format!("plans: {{ a: {{ prices: {a} }}, b: {{ prices: {b} }}, c: {{ prices: {c} }}, d: {{ prices: {d} }} }}")
    };
    // All follow.
    assert_eq!(
        edited(text, &goal("{ m: 2, z: 9 }", "{ m: 2, z: 9 }", "{ m: 2, z: 9, w: 3 }", "{ m: 9 }")),
        text.replace("m: 1", "m: 2")
    );
    // Only the owner changes: the others keep what they had.
    assert_eq!(
        edited(text, &goal("{ m: 2, z: 9 }", "{ m: 1, z: 9 }", "{ m: 2, z: 9, w: 3 }", "{ m: 9 }")),
        text.replace("m: 1", "m: 2").replace("prices: *p # same", "prices: # same\n      <<: *p\n      m: 1.00")
    );
    // A merged map is overridden, a removed key writes it out.
    assert_eq!(
        edited(text, &goal("{ m: 1, z: 9 }", "{ m: 1, z: 9 }", "{ m: 1, z: 8, w: 3 }", "{ m: 7 }")),
        text.replace("<<: *p\n", "<<: *p\n      z: 8.00\n").replace("*y }", "7.00 }")
    );
    assert_eq!(
        edited(text, &goal("{ m: 1, z: 9 }", "{ m: 1 }", "{ z: 9, w: 3 }", "{ m: 9 }")),
        text.replace("prices: *p # same", "prices: { m: 1.00 } # same")
            .replace("<<: *p\n      w: 3\n", "z: 9.00\n      w: 3\n")
    );
}

#[test]
fn what_cannot_be_edited_is_refused_and_the_rest_is_done() {
    let file = |text: &str| vec![File { name: "c.yaml".into(), text: text.to_owned() }];
    let text = "plans:\n  a:\n    prices: &p\n      m: 1\n  b: { prices: *p }\n  c: { name: C }\n";
    let goal = read(&file("plans: { b: { prices: { m: 1 } }, c: { name: D } }")).unwrap();
    let patched = patch(&file(text), &goal, &language(), &read, true).unwrap();
    assert_eq!(patched.files[0].text, text.replace("name: C", "name: D"));
    assert_eq!(patched.refused.len(), 1);
    assert!(patched.refused[0].why.contains("&p"), "{:?}", patched.refused);
}

#[test]
fn new_entries_look_like_their_siblings() {
    assert_eq!(
        edited(
            "features:\n  sso:       { name: S }\n  api_calls: { name: C }\n  x:\n",
            "features: { sso: { name: S }, seats: { name: T }, api_calls: { name: C }, x: null }",
        ),
        "features:\n  sso:       { name: S }\n  seats:     { name: T }\n  api_calls: { name: C }\n  x:\n",
    );
}
