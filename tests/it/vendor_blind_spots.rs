//! The vendor's own command-line tool compares a feature's name, type and unit, and a plan's name, default interval,
//! the amount of each interval and which features there are. It says "up to date" when any of these eleven differ.
//! This tool exists because of them: for each, the plan shows the change.

use serde_json::{Value, json};

use crate::project::{Project, everything, with};

#[test]
fn eleven_differences_that_the_vendors_tool_does_not_see() {
    let catalog = with(&everything(), &[("plans.pro.features.calls.overage", json!("0.002"))]);
    let project = Project::with(&catalog);
    type Case = (&'static str, &'static [(&'static str, Option<&'static str>)], &'static [&'static str]);
    // What the file says next; no text takes it away.
    let cases: &[Case] = &[
        ("a trial", &[("plans.pro.prices.monthly.trial_days", Some("14"))], &["~ plans.pro.prices.monthly trial_days"]),
        (
            "an included limit",
            &[("plans.pro.features.calls.included_amount", Some("5000"))],
            &["~ plans.pro.features.calls included_amount"],
        ),
        (
            "the price of overage",
            &[("plans.pro.features.calls.overage", Some("\"0.003\""))],
            &["~ plans.pro.features.calls overage"],
        ),
        ("a description", &[("plans.pro.description", Some("\"For teams\""))], &["+ plans.pro description"]),
        ("visibility", &[("plans.pro.public", Some("false"))], &["~ plans.pro public"]),
        ("the order of a group", &[("groups.main.plans", Some("[\"basic\", \"free\"]"))], &["~ groups.main plans"]),
        (
            "the consumption model",
            &[("plans.bare.consumption_model", Some("\"metered\""))],
            &["+ plans.bare consumption_model!"],
        ),
        (
            "a price in another currency",
            &[("plans.pro.regions.brl.prices", Some("{ \"monthly\": { \"amount\": \"149.00\" } }"))],
            &["~ plans.pro.regions.brl prices.monthly.amount"],
        ),
        (
            "an introductory offer",
            &[("plans.pro.prices.yearly.intro_offer", Some("{ \"percentage\": \"20%\", \"cycles\": 1 }"))],
            &["+ plans.pro.prices.yearly intro_offer.percentage", "+ plans.pro.prices.yearly intro_offer.cycles"],
        ),
    ];
    for (what, edits, expected) in cases {
        let edits: Vec<(&str, Value)> = edits
            .iter()
            .map(|(path, text)| (*path, text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap())))
            .collect();
        assert_eq!(project.plan_of(&with(&catalog, &edits)).lines(), *expected, "{what}");
    }
    project.write(&catalog);
    let basic = project.plan_id("basic");
    project.call("POST", &format!("/plans/{basic}/prices"), json!({ "billingInterval": "yearly", "price": 9900 }));
    assert_eq!(project.plan().lines(), ["delete plans.basic.prices.yearly"], "an extra price live");
    let path = format!("/plans/{basic}/features");
    project.call("POST", &path, json!({ "featureId": project.feature_id("sso") }));
    assert_eq!(
        project.plan().lines(),
        ["delete plans.basic.prices.yearly", "delete plans.basic.features.sso"],
        "an extra feature on a live plan"
    );
}
