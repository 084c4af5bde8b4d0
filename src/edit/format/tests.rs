use serde_json::json;

use super::*;

fn language() -> Language {
    Language::new(json!({ "properties": {
        "provider": {},
        "features": { "additionalProperties": { "properties": { "name": {}, "type": {} } } },
        "plans": { "additionalProperties": { "properties": { "name": {}, "description": {}, "metadata": {}, "prices": { "additionalProperties": {} },
            "ranges": { "items": { "properties": { "up_to": {}, "rate": {} } } } } } },
    } }))
}

#[track_caller]
fn formatted(text: &str) -> String {
    let once = format(text, &language()).unwrap();
    assert_eq!(format(&once, &language()).unwrap(), once, "twice");
    once
}

#[test]
fn fields_stand_in_the_documented_order() {
    insta::assert_snapshot!(formatted("\
# yaml-language-server: x
# header

# about plans
plans:   # all of them
    # the best
    pro:
        prices: {m:   1,y: [ 2,3 ]}   # prices


        # its name
        name:    'Pro'
        # end of pro
    free: {metadata: {b: 1, a: 2}, name: \"Free: it's\"}
    # end of plans
features:
  sso: { type: boolean, name: \"Single sign-on\" }
  b:   { name: \"no\" }
  # below b
provider: x
# end
"), @r#"
    # yaml-language-server: x
    # header

    provider: x

    features:
      sso: { name: Single sign-on, type: boolean }
      b:   { name: "no" }
      # below b

    # about plans
    plans:   # all of them
      # the best
      pro:
        # its name
        name: Pro
        prices: { m: 1, y: [2, 3] }   # prices
        # end of pro

      free: { name: "Free: it's", metadata: { b: 1, a: 2 } }
      # end of plans
    # end
    "#);
}

#[test]
fn texts_lists_and_brackets_keep_their_lines() {
    insta::assert_snapshot!(formatted("\
provider: x\r
plans:\r
   a:\r
      description: |-  # long\r
            Two\r
              lines\r
\r
            # no comment\r
      name: a\r
        b\r
      ranges:\r
      -   rate: 1\r
          # how far\r
          up_to: 10 # ten\r
      # the last\r
      - { rate: 2 }\r
      metadata: {\r
             a: 1, # one\r
          b: [\r
          1 ] }\r
"), @r"
    provider: x

    plans:
      a:
        name: a
          b
        description: |-  # long
          Two
            lines

          # no comment
        metadata: {
          a: 1, # one
          b: [
            1 ] }
        ranges:
          # how far
          - up_to: 10 # ten
            rate: 1
          # the last
          - { rate: 2 }
    ");
}

#[test]
fn an_anchor_stays_above_its_aliases() {
    let text = "provider: x\n\nplans:\n  a:\n    prices: &p\n      m: 1\n    metadata: *p\n    name: A\n\n  b:\n    prices:\n      <<: *p\n      y: 1\n";
    assert_eq!(formatted(text), text);
    assert_eq!(
        formatted("provider: x\nplans:\n  b:\n    prices: { y: 1, <<: &q {m: 1} }\n    name: &n x\n"),
        "provider: x\n\nplans:\n  b:\n    name: &n x\n    prices: { y: 1, <<: &q { m: 1 } }\n"
    );
}

#[test]
fn what_is_unusual_is_left_alone() {
    for text in
        ["? a\n: b\n", "%YAML 1.2\n---\nprovider: x\n", "{ provider: x }\n", "provider: x\nprovider: y\n", "a: b: c\n"]
    {
        assert!(format(text, &language()).is_err(), "{text}");
    }
    assert_eq!(formatted("---\n# c\nprovider:   x"), "---\n# c\nprovider: x\n");
    assert_eq!(
        formatted("provider: x\nplans:\n  a:\n    description: |+\n      x\n\n\n  b: {}\n"),
        "provider: x\n\nplans:\n  a:\n    description: |+\n      x\n\n\n  b: {}\n"
    );
}
