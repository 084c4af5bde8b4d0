//! What is deleted: only what is ours and left the files, or is listed under `absent`; never what is protected.

use serde_json::json;

use crate::ownership::{bxb_without_team, commet_without_team, plan_codes};
use crate::small::{BXB, COMMET, applies, bxb, commet, edited, find, live, outside, refused, shows};

#[test]
fn what_left_the_files_and_is_in_the_ledger_is_deleted_on_commet() {
    let project = commet();
    insta::assert_snapshot!(shows(&project, &commet_without_team(), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 8 objects, 6 unchanged

      ~ groups.main · Main
            plans  pro, team → pro   existing subscribers now
      - plans.team · Team    no longer in the files; no new subscriptions; existing ones go on

      Calls, in order
        1  Delete plan Team  DELETE /plans/pln_…/manage

      PB-G05  deletes plans.team: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to update, 1 to delete · 1 call · 1 change reaches existing subscribers
    "#);
    refused(&project, &["PB-G05"]);
    applies(&project);
    assert_eq!(plan_codes(&project, "/plans?includePrivate=true"), ["pro"]);
}

#[test]
fn what_left_the_files_and_is_in_the_ledger_is_deleted_on_bxb() {
    let project = bxb();
    insta::assert_snapshot!(shows(&project, &bxb_without_team(), &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      - plans.team · Team   no longer in the files; nobody ever subscribed to it

      Calls, in order
        1  Delete plan Team  DELETE /plans/…

      PB-G05  deletes plans.team: nobody ever subscribed to it. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to delete · 1 call
    "#);
    refused(&project, &["PB-G05"]);
    applies(&project);
    assert_eq!(plan_codes(&project, "/plans/"), ["pro"]);
}

#[test]
fn what_is_not_ours_is_counted_and_left_on_commet() {
    let project = commet();
    let id = project.call("POST", "/plans/manage", json!({ "name": "Theirs", "code": "theirs" }))["id"].clone();
    let path = format!("/plans/{}/prices", id.as_str().unwrap());
    project.call("POST", &path, json!({ "billingInterval": "monthly", "price": 700 }));
    let theirs = project.live_plan("theirs");
    insta::assert_snapshot!(shows(&project, COMMET, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, all unchanged

    Nothing to do: test is as the files say · 1 object not managed here
    "#);
    // Also while everything of ours goes.
    project.write_text("provider: commet\n");
    applies(&project);
    assert_eq!(plan_codes(&project, "/plans?includePrivate=true"), ["theirs"]);
    assert_eq!(project.live_plan("theirs"), theirs);
}

#[test]
fn what_is_not_ours_is_counted_and_left_on_bxb() {
    let project = bxb();
    let body =
        json!({ "code": "theirs", "name": "Theirs", "interval": "monthly", "amount_cents": 700, "currency": "EUR" });
    outside(&project, "POST", "/plans/", body);
    let theirs = find(&project, "/plans/", "code", "theirs");
    insta::assert_snapshot!(shows(&project, BXB, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, all unchanged

    Nothing to do: test is as the files say · 1 object not managed here
    "#);
    project.write_text("provider: bxb\n");
    applies(&project);
    assert_eq!(plan_codes(&project, "/plans/"), ["theirs"]);
    assert_eq!(find(&project, "/plans/", "code", "theirs"), theirs);
}

#[test]
fn absent_removes_what_others_made_on_commet() {
    let project = commet();
    project.call("POST", "/plans/manage", json!({ "name": "Legacy", "code": "legacy" }));
    project.call("POST", "/plan-groups", json!({ "name": "Old plans" }));
    let catalog = format!("{COMMET}absent:\n  plans: [legacy]\n  groups: [Old plans]\n");
    insta::assert_snapshot!(shows(&project, &catalog, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 12 objects, 10 unchanged

      - groups.old_plans · Old plans   listed under absent; its plans stay, but customers can no longer switch between them; existing subscribers now
      - plans.legacy · Legacy          listed under absent; no new subscriptions; existing ones go on

      Calls, in order
        1  Delete plan group Old plans  DELETE /plan-groups/plg_…
        2  Delete plan Legacy           DELETE /plans/pln_…/manage

      PB-G05  deletes groups.old_plans: its plans stay, but customers can no longer switch between them. Acknowledge with --ack PB-G05.

      PB-G05  deletes plans.legacy: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    2 to delete · 2 calls · 1 change reaches existing subscribers
    "#);
    refused(&project, &["PB-G05"]);
    assert_eq!(applies(&project), 2);
    // What is gone is no difference, and the line may stay.
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn absent_removes_what_others_made_on_bxb() {
    let project = bxb();
    let body =
        json!({ "code": "legacy", "name": "Legacy", "interval": "monthly", "amount_cents": 700, "currency": "EUR" });
    outside(&project, "POST", "/plans/", body);
    let catalog = format!("{BXB}absent:\n  plans: [legacy]\n");
    insta::assert_snapshot!(shows(&project, &catalog, &[]), @r#"
    catalog.yaml → test · bxb v1 · 8 objects, 7 unchanged

      - plans.legacy · Legacy   listed under absent; nobody ever subscribed to it

      Calls, in order
        1  Delete plan Legacy  DELETE /plans/…

      PB-G05  deletes plans.legacy: nobody ever subscribed to it. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to delete · 1 call
    "#);
    refused(&project, &["PB-G05"]);
    assert_eq!(applies(&project), 1);
}

#[test]
fn protection_survives_the_removal_of_its_block_on_commet() {
    let project = live("commet", &edited(COMMET, &[("    name: Team\n", "    name: Team\n    protect: true\n")]));
    insta::assert_snapshot!(shows(&project, &commet_without_team(), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 8 objects, 6 unchanged

      ~ groups.main · Main
            plans  pro, team → pro   existing subscribers now
      - plans.team · Team    no longer in the files; no new subscriptions; existing ones go on

      Calls, in order
        1  Delete plan Team  DELETE /plans/pln_…/manage

      PB-G05  deletes plans.team: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      PB-G07  plans.team is protected, and would be deleted. Acknowledge with --ack PB-G07.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to update, 1 to delete · 1 call · 1 change reaches existing subscribers
    "#);
    refused(&project, &["PB-G05", "PB-G07"]);
    project.run(&["apply", "--yes", "--ack", "PB-G05"]).exits(4);
    assert_eq!(plan_codes(&project, "/plans?includePrivate=true"), ["pro", "team"]);
}

#[test]
fn protection_survives_the_removal_of_its_block_on_bxb() {
    let project = live("bxb", &edited(BXB, &[("team: { name", "team: { protect: true, name")]));
    insta::assert_snapshot!(shows(&project, &bxb_without_team(), &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      - plans.team · Team   no longer in the files; nobody ever subscribed to it

      Calls, in order
        1  Delete plan Team  DELETE /plans/…

      PB-G05  deletes plans.team: nobody ever subscribed to it. Acknowledge with --ack PB-G05.

      PB-G07  plans.team is protected, and would be deleted. Acknowledge with --ack PB-G07.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to delete · 1 call
    "#);
    refused(&project, &["PB-G05", "PB-G07"]);
    project.run(&["apply", "--yes", "--ack", "PB-G05"]).exits(4);
    assert_eq!(plan_codes(&project, "/plans/"), ["pro", "team"]);
    // Taking it away is a step of its own.
    project.write_text(BXB);
    assert_eq!(applies(&project), 0);
    project.write_text(&bxb_without_team());
    applies(&project);
}
