//! A saved changeset that is not what was saved: refused, in words, and nothing is sent.

use serde_json::{Value, json};

use crate::project::Project;
use crate::small::{BXB, COMMET, bxb, commet, edited, plain};

/// A changeset that a guard refuses, saved.
fn saved(project: &Project, catalog: &str) -> Value {
    project.write_text(&edited(catalog, &[("99.00", "990.00")]));
    project.run(&["plan", "--out", "saved.json"]).exits(0);
    serde_json::from_slice(&std::fs::read(project.path("saved.json")).unwrap()).unwrap()
}

/// Refused with 3 by `apply` and by `show`, in the same words.
#[track_caller]
fn refused(project: &Project, text: &str) -> String {
    std::fs::write(project.path("changed.json"), text).unwrap();
    let before = project.writes().len();
    let applied = project.run(&["apply", "changed.json", "--yes", "--ack", "PB-G04"]).exits(3);
    assert_eq!(applied.stdout, "");
    let shown = project.run_plain(&["show", "changed.json"]).exits(3);
    assert_eq!(applied.stderr, shown.stderr);
    assert_eq!(project.writes().len(), before, "something was sent");
    plain(project, &applied.stderr)
}

/// Whatever says what is done to what: changing it is seen.
fn anything(project: &Project, document: &Value) {
    for (pointer, value) in [
        ("/calls/0/body", json!({})),
        ("/calls/0/path", json!("/plans/other")),
        ("/calls/0/method", json!("DELETE")),
        ("/calls/0/after", json!(["nothing"])),
        ("/changes/0/fields/0/after", json!("1.00")),
        ("/changes/0/fingerprint", json!("0000000000000000")),
        ("/changes/0/address", json!("plans.other")),
        ("/guards", json!([])),
        ("/environment/url", json!("https://example.com/v1")),
        ("/environment/mode", json!("live")),
        ("/digest", json!("sha256:00")),
    ] {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        let said = refused(project, &changed.to_string());
        assert!(said.contains("its digest does not fit"), "{pointer}: {said}");
    }
}

#[test]
fn a_changed_file_is_refused_on_commet() {
    let project = commet();
    let document = saved(&project, COMMET);
    anything(&project, &document);
    let mut without_guards = document.clone();
    without_guards["guards"] = json!([]);
    insta::assert_snapshot!(refused(&project, &without_guards.to_string()), @r#"
    error: changed.json was changed after it was saved: its digest does not fit
    help: plan again
    "#);
    // As it was saved it is refused by its guard only, and that can be acknowledged.
    project.run(&["apply", "saved.json", "--yes"]).exits(4);
    project.run(&["apply", "saved.json", "--yes", "--ack", "PB-G04"]).exits(0);
    project.in_sync();
}

#[test]
fn a_changed_file_is_refused_on_bxb() {
    let project = bxb();
    let document = saved(&project, BXB);
    anything(&project, &document);
    project.run(&["apply", "saved.json", "--yes"]).exits(4);
    project.run(&["apply", "saved.json", "--yes", "--ack", "PB-G04"]).exits(0);
    project.in_sync();
}

#[test]
fn half_a_file_another_file_and_one_of_a_newer_version() {
    let project = commet();
    let text = saved(&project, COMMET).to_string();
    let half = refused(&project, &text[..text.len() / 2]);
    assert!(half.contains("changed.json is not a changeset") && half.contains("pricebook plan --out FILE"), "{half}");
    insta::assert_snapshot!(refused(&project, "{}"), @r#"
    error: changed.json has the format none, this Pricebook reads pricebook.changeset/1
    help: plan again, and use the same Pricebook for both
    "#);
    insta::assert_snapshot!(refused(&project, &text.replace("pricebook.changeset/1", "pricebook.changeset/2")), @r#"
    error: changed.json has the format pricebook.changeset/2, this Pricebook reads pricebook.changeset/1
    help: plan again, and use the same Pricebook for both
    "#);
}
