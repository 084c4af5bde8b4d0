//! `--only` and `--except`: a part is closed under what it needs, or is refused before anything is sent.

use serde_json::{Value, json};

use crate::project::{Project, everything, with};
use crate::small::{BXB, COMMET, bxb, commet, edited, plain, shows};

/// Applied with these arguments; the API takes all calls. Gives what was left to do before and after.
#[track_caller]
fn applied(project: &Project, arguments: &[&str]) -> Vec<String> {
    let plan = project.plan_with(arguments);
    project.apply_with(&plan, arguments).exits(0);
    plan.lines()
}

#[test]
fn what_is_referred_to_comes_along_on_commet() {
    let project = commet();
    let more = edited(
        COMMET,
        &[
            ("  sso: {", "  audit: { name: Audit log, type: boolean }\n  sso: {"),
            ("features: { sso: true }", "features: { sso: true, audit: true }"),
            ("monthly: 49.00", "monthly: 59.00"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &more, &["--only", "plans.team"]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 11 objects, 9 unchanged
    partial: only plans.team; 1 change left out. Added because they are needed: features.audit (plans.team.features.audit needs it). Nothing is deleted.

      + features.audit · Audit log   type boolean
      ~ plans.team · Team
          + features.audit  added   existing subscribers have it from now on

      Calls, in order
        1  Create feature Audit log  POST /features/manage
        2  Add audit to Team         POST /plans/pln_…/features

    2 to create · 2 calls · 1 change reaches existing subscribers
    "#);
    assert_eq!(
        applied(&project, &["--only", "plans.team"]),
        ["create features.audit", "create plans.team.features.audit"]
    );
    // The other side: what was excepted is needed all the same.
    assert_eq!(project.plan_with(&["--except", "features"]).lines(), ["~ plans.pro.prices.monthly amount"]);
}

#[test]
fn what_is_referred_to_comes_along_on_bxb() {
    let project = bxb();
    let more = edited(
        BXB,
        &[
            (
                "  calls: { name: API calls",
                "  storage: { name: Storage, aggregation_type: count }\n  calls: { name: API calls",
            ),
            (
                "    entitlements:",
                "      gb: { billable_metric: storage, charge_model: standard, amount: 0.1 }\n    entitlements:",
            ),
            ("amount: 250.00", "amount: 260.00"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &more, &["--only", "plans.pro"]), @r#"
    catalog.yaml → test · bxb v1 · 8 objects, 6 unchanged
    partial: only plans.pro; 1 change left out. Added because they are needed: billable_metrics.storage (plans.pro.charges.gb needs it). Nothing is deleted.

      + billable_metrics.storage · Storage   aggregation_type count
      ~ plans.pro · Pro
          + charges.gb  billable_metric storage, charge_model standard, amount €0.10   existing subscribers are charged for this usage from now on

      Calls, in order
        1  Create billable metric Storage      POST /billable_metrics/
        2  Update plan Pro with its 2 charges  PUT /plans/…

    2 to create · 2 calls · 1 change reaches existing subscribers
    "#);
    assert_eq!(
        applied(&project, &["--only", "plans.pro"]),
        ["create billable_metrics.storage", "create plans.pro.charges.gb"]
    );
}

#[test]
fn a_name_that_is_given_up_by_another_comes_along() {
    let project = commet();
    let traded = edited(
        COMMET,
        &[("    name: Pro\n", "    name: Team\n"), ("    name: Team\n    prices", "    name: Pro\n    prices")],
    );
    // After the first edit both are called Team; the second one renames the other.
    insta::assert_snapshot!(shows(&project, &traded, &["--only", "plans.pro"]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 8 unchanged
    partial: only plans.pro; nothing was left out. Added because they are needed: plans.team (it has the name “Team” that plans.pro takes). Nothing is deleted.

      ~ plans.pro · Team
            name  “Pro” → “Team”
      ~ plans.team · Pro
            name  “Team” → “Pro”

      Calls, in order
        1  Set the name of plan pro aside, because another takes it  PUT /plans/pln_…/manage
        2  Update plan Pro                                           PUT /plans/pln_…/manage
        3  Update plan Team                                          PUT /plans/pln_…/manage

    2 to update · 3 calls
    "#);
    applied(&project, &["--only", "plans.pro"]);
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn a_name_that_only_a_delete_would_free_is_refused_before_anything_is_sent() {
    let project = commet();
    let renamed = edited(
        COMMET,
        &[
            ("plans: [pro, team]", "plans: [pro]"),
            ("  team:\n    name: Team\n    prices: { monthly: 99.00 }\n    features: { sso: true }\n", ""),
            ("    name: Pro\n", "    name: Team\n"),
        ],
    );
    insta::assert_snapshot!(shows(&project, &renamed, &["--only", "plans.pro"]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 6 objects, 5 unchanged
    partial: only plans.pro; 2 changes left out. Nothing is deleted.

      ~ plans.pro · Team
            name  “Pro” → “Team”

      Calls, in order
        1  Update plan Team  PUT /plans/pln_…/manage

      PB-G18  plans.pro was chosen, and cannot be applied before plans.team is deleted: it has the name “Team” that plans.pro takes. With --only or --except nothing is deleted.

      `pricebook explain PB-G18` says what a guard means and what to do

    1 to update · 1 call
    "#);
    let before = project.writes().len();
    let refused = project.run(&["apply", "--yes", "--only", "plans.pro", "--ack", "PB-G18"]).exits(4);
    assert!(refused.stderr.contains("refused by PB-G18; nothing was sent"), "{}", refused.stderr);
    assert_eq!(project.writes().len(), before);
    // The whole changeset frees it.
    project.apply(&project.plan()).exits(0);
    project.in_sync();
}

#[test]
fn a_plan_that_moves_takes_the_group_that_it_leaves_along() {
    let two =
        edited(COMMET, &[("plans: [pro, team] }\n", "plans: [pro, team] }\n  other: { name: Other, plans: [] }\n")]);
    let project = crate::small::live("commet", &two);
    let moved = edited(
        &two,
        &[("plans: [pro, team]", "plans: [pro]"), ("name: Other, plans: []", "name: Other, plans: [team]")],
    );
    insta::assert_snapshot!(shows(&project, &moved, &["--only", "groups.other"]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 11 objects, 9 unchanged
    partial: only groups.other; nothing was left out. Added because they are needed: groups.main (plans.team leaves it for groups.other). Nothing is deleted.

      ~ groups.main · Main
            plans  pro, team → pro   existing subscribers now
      ~ groups.other · Other
            plans  none → team       existing subscribers now

      Calls, in order
        1  Take team out of the plan group main  DELETE /plan-groups/plg_…/plans/pln_…
        2  Put team into the plan group other    POST /plan-groups/plg_…/plans

    2 to update · 2 calls · 2 changes reach existing subscribers
    "#);
    applied(&project, &["--only", "groups.other"]);
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn a_default_price_takes_the_price_along() {
    let project = commet();
    let yearly = edited(
        COMMET,
        &[(
            "    prices: { monthly: 99.00 }\n",
            "    default_price: yearly\n    prices: { monthly: 99.00, yearly: 990.00 }\n",
        )],
    );
    project.write_text(&yearly);
    assert_eq!(
        applied(&project, &["--except", "plans.team.prices"]),
        ["~ plans.team default_price", "create plans.team.prices.yearly"]
    );
    assert_eq!(project.plan().lines(), Vec::<String>::new());
}

#[test]
fn a_feature_that_an_object_left_out_still_has_is_not_deleted() {
    let project = Project::with(&everything());
    // The feature is made anew; the add-on that has it is to go, and was not chosen.
    let next = with(
        &everything(),
        &[("features.sms.type", json!("quota")), ("features.sms.replace", json!(true)), ("addons.text", Value::Null)],
    );
    project.write(&next);
    let before = project.writes().len();
    let refused = project.run(&["apply", "--yes", "--only", "features.sms"]).exits(4);
    assert!(
        refused.stdout.contains("features.sms cannot be deleted: addons.text has it"),
        "{}",
        plain(&project, &refused.stdout)
    );
    assert_eq!(project.writes().len(), before);
    let plan = project.plan();
    assert!(!plan.guards().contains(&"PB-G14".to_owned()), "{:?}", plan.guards());
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn a_feature_that_somebody_else_has_is_known_to_stay() {
    let project = commet();
    let plan = project.call("POST", "/plans/manage", json!({ "name": "Theirs", "code": "theirs" }))["id"].clone();
    let body = json!({ "featureId": project.feature_id("sso") });
    project.call("POST", &format!("/plans/{}/features", plan.as_str().unwrap()), body);
    let without = edited(
        COMMET,
        &[("  sso: { name: Single sign-on, type: boolean }\n", ""), ("    features: { sso: true }\n", "")],
    );
    insta::assert_snapshot!(shows(&project, &without, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 8 unchanged

      - features.sso · Single sign-on   no longer in the files; no plan and no add-on has it any more
      ~ plans.team · Team
          - features.sso  no longer in the files   existing subscribers lose it at their renewal

      Calls, in order
        1  Remove sso from Team           DELETE /plans/pln_…/features/ftr_…
        2  Delete feature Single sign-on  DELETE /features/sso/manage

      PB-G14  features.sso cannot be deleted: plans.theirs has it, and nothing in this changeset takes it away there. Take it off first, or put its block back into the files.

      `pricebook explain PB-G14` says what a guard means and what to do

    2 to delete · 2 calls · 1 change reaches existing subscribers · 1 object not managed here
    "#);
    crate::small::refused(&project, &["PB-G14"]);
}

/// Whatever part of a random change is chosen: it is refused before anything is sent, or the API takes all of it.
#[test]
fn any_part_is_applied_or_refused() {
    let base = everything();
    let next = with(
        &base,
        &[
            ("features.fresh", json!({ "name": "Fresh", "type": "boolean" })),
            ("plans.pro.features.fresh", json!({})),
            ("plans.pro.name", base["plans"]["basic"]["name"].clone()),
            ("plans.basic.name", json!("Another")),
            ("plans.pro.regions.brl", Value::Null),
            ("plans.pro.prices.weekly", Value::Null),
            ("groups.main.plans", json!(["basic"])),
            ("groups.fresh", json!({ "name": "Fresh", "plans": ["free", "bare"] })),
            ("addons.text.name", json!("Other")),
            (
                "plans.fresh",
                json!({ "name": "Fresh", "prices": { "monthly": { "amount": "1.00" } }, "features": { "fresh": {} } }),
            ),
        ],
    );
    let parts =
        ["plans.pro", "plans.fresh", "groups.main", "groups.fresh", "plans.*.features", "plans.basic", "addons"];
    std::thread::scope(|scope| {
        for part in parts {
            let (base, next) = (&base, &next);
            scope.spawn(move || {
                let project = Project::with(base);
                project.write(next);
                let plan = project.plan_with(&["--only", part]);
                let before = project.writes().len();
                let outcome = project.apply_with(&plan, &["--only", part]);
                assert!(matches!(outcome.code, 0 | 4), "{part}: {}\n{}", outcome.stdout, outcome.stderr);
                assert!(outcome.code == 0 || project.writes().len() == before, "{part}");
                project.reach(next);
            });
        }
    });
}
