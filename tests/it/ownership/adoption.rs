//! What is found live as the files say becomes ours without a call, and what nobody remembers is not ours to delete.

use serde_json::json;

use crate::ownership::{bxb_without_team, commet_without_team, forget, plan_codes};
use crate::project::Project;
use crate::small::{BXB, COMMET, applies, bxb, commet, outside, refused, shows};

#[test]
fn a_first_adoption_that_removes_children_is_guarded_on_commet() {
    let project = commet();
    forget(&project);
    let pro = project.plan_id("pro");
    let body = json!({ "billingInterval": "weekly", "price": 1500 });
    project.call("POST", &format!("/plans/{pro}/prices"), body);
    insta::assert_snapshot!(shows(&project, COMMET, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 11 objects, 10 unchanged

      ~ plans.pro · Pro
          - prices.weekly  not in the files, and not written by Pricebook   no new subscriptions at it; existing ones keep it

      = 6 objects found live as the files say, managed here from the next apply on: features.calls, features.sso, groups.main, plans.pro, plans.team, addons.more

      Calls, in order
        1  Archive the weekly price of Pro  DELETE /plans/pln_…/prices/pp_…

      PB-G05  deletes plans.pro.prices.weekly: no new subscriptions at it; existing ones keep it. Acknowledge with --ack PB-G05.

      PB-G06  plans.pro has parts that Pricebook did not write and the files do not name; they are removed. Write them into the file to keep them (plans.pro.prices.weekly). Acknowledge with --ack PB-G06.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to delete, 6 to adopt · 1 call
    "#);
    refused(&project, &["PB-G05", "PB-G06"]);
    applies(&project);
}

#[test]
fn a_first_adoption_that_removes_children_is_guarded_on_bxb() {
    let project = bxb();
    forget(&project);
    let body = json!({ "amount_cents": 50000, "commitment_type": "minimum_commitment" });
    outside(&project, "POST", "/plans/team/commitments", body);
    insta::assert_snapshot!(shows(&project, BXB, &[]), @r#"
    catalog.yaml → test · bxb v1 · 8 objects, 7 unchanged

      ~ plans.team · Team
          - commitments.minimum_commitment  not in the files, and not written by Pricebook   existing subscribers are no longer held to it

      = 5 objects found live as the files say, managed here from the next apply on: billable_metrics.calls, features.sso, plans.pro, plans.team, add_ons.setup

      Calls, in order
        1  Delete commitment minimum_commitment of plan team  DELETE /commitments/…

      PB-G06  plans.team has parts that Pricebook did not write and the files do not name; they are removed. Write them into the file to keep them (plans.team.commitments.minimum_commitment). Acknowledge with --ack PB-G06.

      `pricebook explain PB-G06` says what a guard means and what to do

    1 to delete, 5 to adopt · 1 call · 1 change reaches existing subscribers
    "#);
    refused(&project, &["PB-G06"]);
    applies(&project);
}

#[test]
fn adopting_makes_no_call_on_commet() {
    let project = commet();
    forget(&project);
    insta::assert_snapshot!(shows(&project, COMMET, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, all unchanged

      = 6 objects found live as the files say, managed here from the next apply on: features.calls, features.sso, groups.main, plans.pro, plans.team, addons.more

    6 to adopt · 0 calls
    "#);
    adopts(&project);
}

#[test]
fn adopting_makes_no_call_on_bxb() {
    let project = bxb();
    forget(&project);
    insta::assert_snapshot!(shows(&project, BXB, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, all unchanged

      = 5 objects found live as the files say, managed here from the next apply on: billable_metrics.calls, features.sso, plans.pro, plans.team, add_ons.setup

    5 to adopt · 0 calls
    "#);
    adopts(&project);
}

/// Nothing is sent, nothing counts as a change, and afterwards what leaves the files is deleted.
#[track_caller]
fn adopts(project: &Project) {
    project.run(&["plan", "--detailed-exitcode"]).exits(0);
    let before = project.writes().len();
    project.run(&["apply"]).exits(0);
    assert_eq!(project.writes().len(), before);
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn without_the_ledger_pending_deletes_are_not_ours_on_commet() {
    let project = commet();
    forget(&project);
    insta::assert_snapshot!(shows(&project, &commet_without_team(), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 7 objects, 6 unchanged

      ~ groups.main · Main
            plans  pro, team → pro   existing subscribers now

      = 4 objects found live as the files say, managed here from the next apply on: features.calls, features.sso, plans.pro, addons.more

      Calls, in order
        1  Take team out of the plan group main  DELETE /plan-groups/plg_…/plans/pln_…

    1 to update, 4 to adopt · 1 call · 1 change reaches existing subscribers · 1 object not managed here
    "#);
    project.apply(&project.plan()).exits(0);
    assert_eq!(plan_codes(&project, "/plans?includePrivate=true"), ["pro", "team"]);
}

#[test]
fn without_the_ledger_pending_deletes_are_not_ours_on_bxb() {
    let project = bxb();
    forget(&project);
    insta::assert_snapshot!(shows(&project, &bxb_without_team(), &[]), @r#"
    catalog.yaml → test · bxb v1 · 6 objects, all unchanged

      = 4 objects found live as the files say, managed here from the next apply on: billable_metrics.calls, features.sso, plans.pro, add_ons.setup

    4 to adopt · 0 calls · 1 object not managed here
    "#);
    assert_eq!(applies(&project), 0);
    assert_eq!(plan_codes(&project, "/plans/"), ["pro", "team"]);
}
