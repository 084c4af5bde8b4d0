//! What others did to objects that are ours: taken back, but for fields that are left to them.

use serde_json::{Value, json};

use crate::small::{BXB, COMMET, applies, bxb, commet, edited, find, live, outside, shows};

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
