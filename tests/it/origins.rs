//! Who made a difference: the files, somebody outside, or both. In the document as a word, for a person in words.

use serde_json::json;

use crate::project::Project;
use crate::small::{BXB, COMMET, applies, bxb, commet, edited, find, origins, outside, shows};

/// Somebody sets the price of `team` in the dashboard.
fn priced_outside_on_commet(project: &Project, cents: u32) {
    let (plan, price) = (project.plan_id("team"), project.price_id("team", "monthly"));
    project.call("PUT", &format!("/plans/{plan}/prices/{price}"), json!({ "price": cents }));
}

fn priced_outside_on_bxb(project: &Project, cents: u32) {
    let id = find(project, "/plans/", "code", "team")["id"].as_str().unwrap().to_owned();
    outside(project, "PUT", &format!("/plans/{id}"), json!({ "amount_cents": cents }));
}

fn dearer(catalog: &str) -> String {
    edited(catalog, &[("99.00", "109.00")])
}

#[test]
fn the_files_changed_on_commet() {
    let project = commet();
    insta::assert_snapshot!(shows(&project, &dearer(COMMET), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.team · Team
          ~ prices.monthly  amount  $99.00 → $109.00  +10.1 %   new customers pay it today; existing subscribers from their next renewal

      Calls, in order
        1  Update the monthly price of Team  PUT /plans/pln_…/prices/pp_…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["catalog"]);
    applies(&project);
}

#[test]
fn the_files_changed_on_bxb() {
    let project = bxb();
    insta::assert_snapshot!(shows(&project, &dearer(BXB), &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      ~ plans.team · Team
            amount  €99.00 → €109.00  +10.1 %   new customers and existing subscribers pay it from now on

      Calls, in order
        1  Update plan Team  PUT /plans/…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["catalog"]);
    applies(&project);
}

#[test]
fn somebody_changed_it_outside_on_commet() {
    let project = commet();
    priced_outside_on_commet(&project, 8900);
    insta::assert_snapshot!(shows(&project, COMMET, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.team · Team
          ~ prices.monthly  amount  $89.00 → $99.00  +11.2 %   new customers pay it today; existing subscribers from their next renewal; changed outside, back to the file

      Calls, in order
        1  Update the monthly price of Team  PUT /plans/pln_…/prices/pp_…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["live"]);
    applies(&project);
}

#[test]
fn somebody_changed_it_outside_on_bxb() {
    let project = bxb();
    priced_outside_on_bxb(&project, 8900);
    insta::assert_snapshot!(shows(&project, BXB, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      ~ plans.team · Team
            amount  €89.00 → €99.00  +11.2 %   new customers and existing subscribers pay it from now on; changed outside, back to the file

      Calls, in order
        1  Update plan Team  PUT /plans/…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["live"]);
    applies(&project);
}

#[test]
fn both_changed_it_on_commet() {
    let project = commet();
    priced_outside_on_commet(&project, 8900);
    insta::assert_snapshot!(shows(&project, &dearer(COMMET), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.team · Team
          ~ prices.monthly  amount  $89.00 → $109.00  +22.5 %   new customers pay it today; existing subscribers from their next renewal; changed in the files and outside; the file wins

      Calls, in order
        1  Update the monthly price of Team  PUT /plans/pln_…/prices/pp_…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["both"]);
    applies(&project);
}

#[test]
fn both_changed_it_on_bxb() {
    let project = bxb();
    priced_outside_on_bxb(&project, 8900);
    insta::assert_snapshot!(shows(&project, &dearer(BXB), &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      ~ plans.team · Team
            amount  €89.00 → €109.00  +22.5 %   new customers and existing subscribers pay it from now on; changed in the files and outside; the file wins

      Calls, in order
        1  Update plan Team  PUT /plans/…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(origins(&project), ["both"]);
    applies(&project);
}

/// Changed on both sides to the same value: there is nothing to decide and nothing to do.
#[test]
fn both_changed_it_to_the_same_value() {
    for (project, catalog) in [(commet(), COMMET), (bxb(), BXB)] {
        if catalog == COMMET {
            priced_outside_on_commet(&project, 10_900)
        } else {
            priced_outside_on_bxb(&project, 10_900)
        }
        project.write_text(&dearer(catalog));
        assert_eq!(project.plan().lines(), Vec::<String>::new());
    }
}
