//! A saved changeset that no longer fits: what a person reads, and that nothing is sent.

use serde_json::{Value, json};

use crate::project::Project;
use crate::small::{BXB, COMMET, bxb, commet, edited, find, outside, plain};

/// Saves the changeset of a catalog.
fn saves(project: &Project, catalog: &str) {
    project.write_text(catalog);
    project.run(&["plan", "--out", "saved.json"]).exits(0);
}

/// Refused with 5; gives what is said on stderr. The report for programs says the same.
#[track_caller]
fn stale(project: &Project) -> String {
    let before = project.writes().len();
    let refused = project.run(&["apply", "saved.json", "--yes", "--ack", "PB-G05"]).exits(5);
    assert_eq!(refused.stdout, "");
    let report = project.run(&["apply", "saved.json", "--yes", "--format", "json", "--ack", "PB-G05"]).exits(5);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let first = report["stale"][0]["message"].as_str().unwrap();
    assert!(refused.stderr.contains(first) && report["exit"] == 5, "{report}");
    assert_eq!(project.writes().len(), before, "something was sent");
    plain(project, &refused.stderr)
}

fn team_of_bxb(project: &Project) -> String {
    format!("/plans/{}", find(project, "/plans/", "code", "team")["id"].as_str().unwrap())
}

#[test]
fn a_price_that_somebody_changed_meanwhile_on_commet() {
    let project = commet();
    saves(&project, &edited(COMMET, &[("monthly: 99.00", "monthly: 109.00")]));
    let (plan, price) = (project.plan_id("team"), project.price_id("team", "monthly"));
    project.call("PUT", &format!("/plans/{plan}/prices/{price}"), json!({ "price": 8900 }));
    insta::assert_snapshot!(stale(&project), @r#"
    error: amount of plans.team.prices.monthly was 99.00, and is 89.00 now
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn a_price_that_somebody_changed_meanwhile_on_bxb() {
    let project = bxb();
    saves(&project, &edited(BXB, &[("amount: 99.00", "amount: 109.00")]));
    outside(&project, "PUT", &team_of_bxb(&project), json!({ "amount_cents": 8900 }));
    insta::assert_snapshot!(stale(&project), @r#"
    error: amount of plans.team was 99.00, and is 89.00 now
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn a_field_that_the_changeset_does_not_set() {
    let project = commet();
    saves(&project, &edited(COMMET, &[("monthly: 99.00", "monthly: 109.00")]));
    let (plan, price) = (project.plan_id("team"), project.price_id("team", "monthly"));
    project.call("PUT", &format!("/plans/{plan}/prices/{price}"), json!({ "trialDays": 30 }));
    insta::assert_snapshot!(stale(&project), @r#"
    error: trial_days of plans.team.prices.monthly was 0, and is 30 now
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn an_object_that_is_gone_on_commet() {
    let project = commet();
    saves(&project, &edited(COMMET, &[("base_price: 15.00", "base_price: 16.00")]));
    project.raw("DELETE", &format!("/addons/{}", project.addon_id("More calls")), Value::Null);
    insta::assert_snapshot!(stale(&project), @r#"
    error: addons.more is gone
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn an_object_that_is_gone_on_bxb() {
    let project = bxb();
    saves(&project, &edited(BXB, &[("amount: 250.00", "amount: 260.00")]));
    outside(&project, "DELETE", "/add_ons/setup", Value::Null);
    insta::assert_snapshot!(stale(&project), @r#"
    error: add_ons.setup is gone
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn an_object_that_somebody_made_meanwhile_on_commet() {
    let project = commet();
    saves(&project, &edited(COMMET, &[("  sso: {", "  audit: { name: Audit log, type: boolean }\n  sso: {")]));
    project.call("POST", "/features/manage", json!({ "name": "Audit", "code": "audit", "type": "boolean" }));
    insta::assert_snapshot!(stale(&project), @r#"
    error: features.audit was to be created, and exists now: name is Audit, the changeset sets Audit log
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn an_object_that_somebody_made_meanwhile_on_bxb() {
    let project = bxb();
    saves(&project, &edited(BXB, &[("  sso: {", "  audit: { name: Audit log, feature_type: boolean }\n  sso: {")]));
    let body = json!({ "name": "Audit", "code": "audit", "feature_type": "boolean" });
    outside(&project, "POST", "/features/", body);
    insta::assert_snapshot!(stale(&project), @r#"
    error: features.audit was to be created, and exists now: name is Audit, the changeset sets Audit log
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

/// What a delete would take away with it is part of what was reviewed.
#[test]
fn something_inside_of_what_is_to_be_deleted_on_bxb() {
    let project = bxb();
    saves(&project, &edited(BXB, &[("  team: { name: Team, interval: monthly, amount: 99.00, currency: EUR }\n", "")]));
    outside(&project, "PUT", &team_of_bxb(&project), json!({ "amount_cents": 12_300 }));
    insta::assert_snapshot!(stale(&project), @r#"
    error: amount of plans.team was 99.00, and is 123.00 now
    error: the changeset is stale: what it touches was changed after it was saved; nothing was sent
    help: plan again
    "#);
}

#[test]
fn what_it_does_not_touch_does_not_matter_on_bxb() {
    let project = bxb();
    saves(&project, &edited(BXB, &[("amount: 250.00", "amount: 260.00")]));
    outside(&project, "PUT", &team_of_bxb(&project), json!({ "description": "Somebody else's" }));
    let before = project.writes().len();
    project.run(&["apply", "saved.json", "--yes"]).exits(0);
    assert_eq!(project.writes().len(), before + 1);
    // The second time there is nothing left to do.
    let again = project.run(&["apply", "saved.json", "--yes"]).exits(0);
    insta::assert_snapshot!(again.stdout, @r#"
    Already applied: all that this changeset wants is so. Nothing was sent
    "#);
    assert_eq!(project.writes().len(), before + 1);
}
