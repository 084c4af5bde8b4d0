//! Whom a change reaches, in words: what a pricing person reads.

use serde_json::Value;

use crate::project::Project;
use crate::small::{BXB, COMMET, bxb, commet, edited};

/// The words of one field in the changeset; of the change itself for no field.
#[track_caller]
fn words(project: &Project, address: &str, field: &str) -> String {
    let document: Value = serde_json::from_str(&project.run(&["plan", "--format", "json"]).exits(0).stdout).unwrap();
    let change = document["changes"].as_array().unwrap().iter().find(|change| change["address"] == address).unwrap();
    if field.is_empty() {
        return change["words"].as_str().unwrap_or_default().to_owned();
    }
    let field = change["fields"].as_array().unwrap().iter().find(|one| one["field"] == field).unwrap();
    field["words"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn on_commet_by_direction() {
    let project = commet();
    let (price, calls) = ("plans.pro.prices.monthly", "plans.pro.features.calls");
    for (from, to, address, field, says) in [
        (
            "monthly: 49.00",
            "monthly: 59.00",
            price,
            "amount",
            "new customers pay it today; existing subscribers from their next renewal",
        ),
        ("49.00 }", "{ amount: 49.00, trial_days: 14 } }", price, "trial_days", "who starts a trial from now on"),
        ("1000,", "2000,", calls, "included_amount", "existing subscribers have more included from now on"),
        ("1000,", "500,", calls, "included_amount", "existing subscribers have less included from their next renewal"),
        ("0.002", "0.001", calls, "overage", "existing subscribers pay less per unit from now on"),
        ("0.002", "0.003", calls, "overage", "existing subscribers pay more per unit from their next billing period"),
        ("0.002", "0.003", calls, "", "existing subscribers pay more per unit from their next billing period"),
        (
            "      calls: {",
            "      sso: true\n      calls: {",
            "plans.pro.features.sso",
            "",
            "existing subscribers have it from now on",
        ),
        (
            "    features: { sso: true }\n",
            "",
            "plans.team.features.sso",
            "",
            "existing subscribers lose it at their renewal",
        ),
        (
            "plans: [pro, team]",
            "plans: [team, pro]",
            "groups.main",
            "plans",
            "what existing subscribers can switch to, and what is an upgrade, changes now",
        ),
        ("name: Team", "name: Crew", "plans.team", "name", "only a text changes: nobody pays or gets anything else"),
        ("type: boolean", "type: seats", "features.sso", "type", "the API cannot change it"),
    ] {
        project.write_text(&edited(COMMET, &[(from, to)]));
        assert_eq!(words(&project, address, field), says, "{to}");
    }
}

#[test]
fn a_grandfathered_price_says_what_existing_subscribers_keep() {
    let project = commet();
    let changes = [("price_changes: reprice", "price_changes: grandfather"), ("monthly: 49.00", "monthly: 59.00")];
    project.write_text(&edited(COMMET, &changes));
    assert_eq!(
        words(&project, "plans.pro.prices.monthly", "amount"),
        "new customers pay it; existing subscribers keep $49.00 (archived price)"
    );
    assert!(words(&project, "plans.pro.prices.monthly", "").starts_with("archived and made anew: "));
}

#[test]
fn on_bxb_everything_is_now() {
    let project = bxb();
    for (from, to, address, field, says) in [
        ("49.00", "59.00", "plans.pro", "amount", "new customers and existing subscribers pay it from now on"),
        ("0.002", "0.001", "plans.pro.charges.calls", "amount", "existing subscribers pay less for usage from now on"),
        ("    entitlements: { sso: true }\n", "", "plans.pro.entitlements.sso", "", "existing subscribers lose it"),
        (
            "name: Set-up fee",
            "name: Setup",
            "add_ons.setup",
            "name",
            "only a text changes: nobody pays or gets anything else",
        ),
    ] {
        project.write_text(&edited(BXB, &[(from, to)]));
        assert_eq!(words(&project, address, field), says, "{to}");
    }
}

#[test]
fn verbosely_all_words_are_printed() {
    let project = commet();
    project.write_text(&edited(COMMET, &[("plans: [pro, team]", "plans: [team, pro]")]));
    let long = "what existing subscribers can switch to, and what is an upgrade, changes now";
    assert!(!project.run(&["plan"]).exits(0).stdout.contains(long));
    let all = project.run(&["plan", "-v"]).exits(0).stdout;
    assert!(all.contains(long), "{all}");
}

#[test]
fn words_are_no_part_of_the_digest() {
    let project = commet();
    project.write_text(&edited(COMMET, &[("monthly: 49.00", "monthly: 59.00")]));
    let saved = project.path("changeset.json");
    project.run(&["plan", "--out", saved.to_str().unwrap()]).exits(0);
    let text = std::fs::read_to_string(&saved).unwrap();
    assert!(text.contains("new customers pay it today"), "{text}");
    std::fs::write(&saved, text.replace("new customers pay it today", "in other words")).unwrap();
    project.run(&["apply", saved.to_str().unwrap(), "--yes"]).exits(0);
    project.in_sync();
}
