//! What is Pricebook's to write and to delete, rule by rule, as a person reads it.

use serde_json::{Value, json};

use crate::project::Project;
use crate::small::{BXB, COMMET, applies, bxb, commet, edited, find, live, outside, plain, refused, shows};

/// Without the plan `team` and what is only on it.
fn commet_without_team() -> String {
    edited(
        COMMET,
        &[
            ("plans: [pro, team]", "plans: [pro]"),
            ("  team:\n    name: Team\n    prices: { monthly: 99.00 }\n    features: { sso: true }\n", ""),
        ],
    )
}

fn bxb_without_team() -> String {
    edited(BXB, &[("  team: { name: Team, interval: monthly, amount: 99.00, currency: EUR }\n", "")])
}

/// As if somebody else had made everything: neither the ledger is there, nor does this machine know of one.
fn forget(project: &Project) {
    std::fs::remove_file(project.ledger_path()).unwrap();
    std::fs::remove_file(project.ledger_path().with_file_name("test.seen.json")).unwrap();
}

fn plan_codes(project: &Project, path: &str) -> Vec<String> {
    let (_, answer) = project.raw("GET", path, Value::Null);
    let list = answer.get("data").unwrap_or(&answer).as_array().unwrap().clone();
    let mut codes: Vec<String> = list.iter().map(|plan| plan["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

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
fn what_was_deleted_outside_and_is_still_in_the_files_is_made_again_on_commet() {
    let project = commet();
    let id = find(&project, "/addons", "name", "More calls")["id"].as_str().unwrap().to_owned();
    project.raw("DELETE", &format!("/addons/{id}"), Value::Null);
    let price = project.price_id("team", "monthly");
    project.raw("DELETE", &format!("/plans/{}/prices/{price}", project.plan_id("team")), Value::Null);
    insta::assert_snapshot!(shows(&project, COMMET, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 7 unchanged

      ~ plans.team · Team
            default_price   none → monthly   new customers only; changed outside, back to the file
          + prices.monthly  amount $99.00    deleted outside, made again
      + addons.more · More calls   feature calls, consumption_model metered, base_price $15.00, included_units 500, overage_rate $0.03; deleted outside, made again

      Calls, in order
        1  Add the monthly price to Team  POST /plans/pln_…/prices
        2  Create add-on More calls       POST /addons

    2 to create, 1 to update · 2 calls
    "#);
    assert_eq!(project.plan().origins(), ["live"]);
    assert_eq!(applies(&project), 2);
}

#[test]
fn what_was_deleted_outside_and_is_still_in_the_files_is_made_again_on_bxb() {
    let project = bxb();
    outside(&project, "DELETE", "/add_ons/setup", Value::Null);
    insta::assert_snapshot!(shows(&project, BXB, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      + add_ons.setup · Set-up fee   amount €250.00, currency EUR; deleted outside, made again

      Calls, in order
        1  Create add-on Set-up fee  POST /add_ons/

    1 to create · 1 call
    "#);
    assert_eq!(project.plan().origins(), ["live"]);
    assert_eq!(applies(&project), 1);
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

#[test]
fn an_ignored_field_is_left_to_the_dashboard() {
    let ignoring = edited(COMMET, &[("    name: Team\n", "    name: Team\n    ignore: [description]\n")]);
    let project = live("commet", &ignoring);
    let path = format!("/plans/{}/manage", project.plan_id("team"));
    project.call("PUT", &path, json!({ "description": "Written by marketing" }));
    project.run(&["plan", "--detailed-exitcode"]).exits(0);
    // Another field of the same object is written without it.
    project.write_text(&edited(&ignoring, &[("name: Team", "name: Teams")]));
    assert_eq!(applies(&project), 1);
    assert_eq!(project.live_plan("team")["description"], "Written by marketing");
}

#[test]
fn a_key_of_ours_is_renamed_without_a_call() {
    let project = commet();
    let renamed = edited(
        COMMET,
        &[
            ("  main: { name: Main", "  all: { previously: main, name: Main"),
            ("  more: { name", "  extra: { previously: more, name"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &renamed, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 8 unchanged

      > groups.all · Main           was groups.main
      > addons.extra · More calls   was addons.more

    2 to rename · 0 calls
    "#);
    project.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert_eq!(applies(&project), 0);
    // The word may stay, or go.
    let plain = edited(&renamed, &[("previously: main, ", ""), ("previously: more, ", "")]);
    project.write_text(&plain);
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn a_key_of_ours_is_renamed_together_with_what_it_says() {
    let project = commet();
    let renamed = edited(COMMET, &[("  main: { name: Main", "  all: { previously: main, name: All plans")]);
    insta::assert_snapshot!(shows(&project, &renamed, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ groups.all · All plans   was groups.main
            name  “Main” → “All plans”

      Calls, in order
        1  Update plan group All plans  PUT /plan-groups/plg_…

    1 to update · 1 call
    "#);
    assert_eq!(applies(&project), 1);
}

#[test]
fn a_code_cannot_be_renamed() {
    let project = commet();
    let renamed = edited(
        COMMET,
        &[
            ("plans: [pro, team]", "plans: [pro, crew]"),
            ("  team:\n    name", "  crew:\n    previously: team\n    name"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &renamed, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.crew · Team
            code  team → crew   the API cannot change it

      PB-G11  the API cannot change `code` of plans.crew. Keep the key `team` if it is the same plan, or write `replace: true` into its block to delete it and create it again.

      `pricebook explain PB-G11` says what a guard means and what to do

    1 to update · 0 calls
    "#);
    refused(&project, &["PB-G11"]);
}

#[test]
fn a_replacement_shows_both_calls_on_bxb() {
    let project = bxb();
    let replaced = edited(
        BXB,
        &[
            (
                "sso: { name: Single sign-on, feature_type: boolean",
                "sso: { name: Single sign-on, replace: true, feature_type: custom",
            ),
            ("sso: true", "sso: fast"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &replaced, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 5 unchanged

      ± features.sso · Single sign-on   deleted and created again, because feature_type cannot be changed
            feature_type             boolean → custom   existing subscribers now
      ~ plans.pro · Pro
          ± entitlements.sso  value  “true” → “fast”    existing subscribers are entitled to this from now on
                              because features.sso is replaced

      Calls, in order
        1  Delete entitlement to sso of plan pro  DELETE /entitlements/…
        2  Delete feature Single sign-on          DELETE /features/sso
        3  Create feature Single sign-on          POST /features/
        4  Create entitlement to sso of plan pro  POST /entitlements/

    2 to replace · 4 calls · 2 changes reach existing subscribers
    "#);
    applies(&project);
}

#[test]
fn a_new_key_for_a_group_suggests_previously() {
    let project = commet();
    let other = edited(COMMET, &[("  main: { name: Main,", "  all: { name: All plans,")]);
    insta::assert_snapshot!(shows(&project, &other, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 11 objects, 9 unchanged

      + groups.all · All plans   description “What we sell”, plans pro, team
      - groups.main · Main       no longer in the files; its plans stay, but customers can no longer switch between them; existing subscribers now

      Calls, in order
        1  Create plan group All plans       POST /plan-groups
        2  Delete plan group Main            DELETE /plan-groups/plg_…
        3  Put pro into the plan group all   POST /plan-groups/{groups.all#id}/plans
        4  Put team into the plan group all  POST /plan-groups/{groups.all#id}/plans

      note  groups.all looks like groups.main under a new key (catalog.yaml:7): write `previously: main` in it to rename instead of removing and adding

      PB-G05  deletes groups.main: its plans stay, but customers can no longer switch between them. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to create, 1 to delete · 4 calls · 1 change reaches existing subscribers
    "#);
    // The suggestion is in the document too, and following it leaves nothing to delete.
    let plan = project.plan();
    let warnings = plan.0["warnings"].as_array().unwrap();
    assert!(warnings[0].as_str().unwrap().contains("write `previously: main` in it"), "{warnings:?}");
    let followed = edited(&other, &[("  all: { name", "  all: { previously: main, name")]);
    assert_eq!(project.plan_of_text(&followed).lines(), ["~ groups.all name"]);
}

#[test]
fn a_new_code_for_a_plan_is_said_to_be_another_plan() {
    let project = commet();
    let other = edited(
        COMMET,
        &[("plans: [pro, team]", "plans: [pro_2, team]"), ("  pro:\n    name: Pro", "  pro_2:\n    name: Pro")],
    );
    insta::assert_snapshot!(shows(&project, &other, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 11 objects, 6 unchanged

      ~ groups.main · Main
            plans           pro, team → pro_2, team   existing subscribers now
      - plans.pro · Pro      no longer in the files; no new subscriptions; existing ones go on
      + plans.pro_2 · Pro    consumption_model metered, default_price monthly
          + prices.monthly  amount $49.00
          + features.calls  included_amount 1,000, overage $0.002

      Calls, in order
        1  Delete plan Pro                         DELETE /plans/pln_…/manage
        2  Create plan Pro                         POST /plans/manage
        3  Add the monthly price to Pro            POST /plans/{plans.pro_2#id}/prices
        4  Add calls to Pro                        POST /plans/{plans.pro_2#id}/features
        5  Order the plan group main: pro_2, team  PUT /plan-groups/plg_…/plans/reorder

      note  plans.pro_2 looks like plans.pro under a new key (catalog.yaml:9). The API cannot change the code of a plan, so `previously: pro` does not rename it either. If it is the same plan, keep the key `pro`

      PB-G05  deletes plans.pro: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G05` says what a guard means and what to do

    3 to create, 1 to update, 1 to delete · 5 calls · 1 change reaches existing subscribers
    "#);
    // Other plans are other plans.
    let two = edited(
        &other,
        &[("name: Pro\n", "name: Two\n"), ("monthly: 49.00", "yearly: 900.00"), ("1000, overage: 0.002", "5")],
    );
    assert!(!shows(&project, &two, &[]).contains("looks like"));
}

#[test]
fn a_group_that_looks_like_one_that_nobody_manages_can_be_bound_to_it() {
    let project = commet();
    forget(&project);
    let other = edited(COMMET, &[("  main: { name: Main,", "  all: { name: All plans,")]);
    let said = shows(&project, &other, &[]);
    let id = project.group_id("Main");
    let words = "groups.all looks like groups.main, which is live and not managed here";
    assert!(said.contains(words) && said.contains("to take that one over instead of adding another"), "{said}");
    let bound = edited(&other, &[("  all: { name", &format!("  all: {{ id: {id}, name"))]);
    let mut lines = project.plan_of_text(&bound).lines();
    lines.retain(|line| !line.starts_with("adopt"));
    assert_eq!(lines, ["~ groups.all name"]);
}

#[test]
fn a_language_without_renames_suggests_none() {
    let project = bxb();
    let other = edited(BXB, &[("  team: { name", "  team_2: { name")]);
    project.write_text(&other);
    let plan = project.run(&["plan"]).exits(0);
    assert!(
        !plan.stdout.contains("looks like") && !plan.stdout.contains("previously"),
        "{}",
        plain(&project, &plan.stdout)
    );
}
