//! An object under another key: a rename, another object, or the same one made anew.

use crate::ownership::forget;
use crate::small::{BXB, COMMET, applies, bxb, commet, edited, plain, refused, shows};

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
