//! `page` of a changeset: what customers can buy before and after, as far as it changes.

use serde_json::{Value, json};

use crate::project::Project;
use crate::small::{BXB, COMMET, bxb, commet, edited};

/// The pricing page that a plan of this catalog shows.
#[track_caller]
fn page(project: &Project, catalog: &str) -> Value {
    project.write_text(catalog);
    project.plan().0["page"].clone()
}

/// A plan's tags: interval, currency, amount, whether it is derived.
fn tags(page: &Value, side: &str, plan: &str) -> Value {
    let plans = page[side]["plans"].as_array().unwrap();
    let card = plans.iter().find(|card| card["address"] == plan).unwrap();
    let tag = |tag: &Value| {
        let derived = if tag["derived"] == true { " derived" } else { "" };
        json!(format!(
            "{} {} {}{derived}",
            tag["interval"].as_str().unwrap(),
            tag["currency"].as_str().unwrap(),
            tag["amount"].as_str().unwrap()
        ))
    };
    card["prices"].as_array().unwrap().iter().map(tag).collect()
}

fn addresses(page: &Value, side: &str) -> Value {
    page[side]["plans"].as_array().unwrap().iter().map(|card| card["address"].clone()).collect()
}

const REGIONS: &str = "    regions:\n      eur: { exchange_rate: 0.92, prices: { monthly: 45.00 } }\n      brl: { exchange_rate: 5.40 }\n      jpy: { exchange_rate: 150 }\n";

fn regional() -> String {
    edited(
        COMMET,
        &[
            ("plans: [pro, team]", "plans: [pro]"),
            ("    prices: { monthly: 49.00 }", &format!("{REGIONS}    prices: {{ monthly: 49.00 }}")),
        ],
    )
}

#[test]
fn what_the_api_derives_moves_along() {
    let project = commet();
    project.write_text(&regional());
    project.apply(&project.plan()).exits(0);
    assert_eq!(page(&project, &regional()), Value::Null, "nothing changes");
    let page = page(&project, &edited(&regional(), &[("monthly: 49.00 }", "monthly: 59.50 }")]));
    assert_eq!(
        tags(&page, "before", "plans.pro"),
        json!(["monthly USD 49.00", "monthly BRL 264.60 derived", "monthly EUR 45.00", "monthly JPY 7350 derived"])
    );
    assert_eq!(
        tags(&page, "after", "plans.pro"),
        json!(["monthly USD 59.50", "monthly BRL 321.30 derived", "monthly EUR 45.00", "monthly JPY 8925 derived"])
    );
    let overage = &page["after"]["plans"][0]["items"][0]["rates"];
    assert_eq!(overage[2], json!({ "currency": "EUR", "amount": "0.0018", "units": 1, "derived": true }));
    // What stands there afterwards is what was shown.
    project.apply(&project.plan()).exits(0);
    let again = edited(&regional(), &[("monthly: 49.00 }", "monthly: 59.50 }"), ("name: Pro", "name: Pro Plus")]);
    project.write_text(&again);
    let shown = project.plan().0["page"].clone();
    assert_eq!(tags(&shown, "before", "plans.pro"), tags(&page, "after", "plans.pro"));
}

#[test]
fn a_changed_plan_is_shown_with_its_group_and_a_deleted_one_is_gone() {
    let project = commet();
    let page = page(&project, &edited(COMMET, &[("monthly: 99.00", "monthly: 109.00")]));
    assert_eq!(addresses(&page, "before"), json!(["plans.pro", "plans.team"]));
    assert_eq!(page["before"]["ladders"][0]["plans"], json!(["plans.pro", "plans.team"]));
    assert_eq!(page["before"]["add_ons"], json!([]));

    let gone = COMMET.split("  team:\n").next().unwrap().replace("plans: [pro, team]", "plans: [pro]")
        + "addons:\n  more: { name: More calls, feature: calls, base_price: 15.00, consumption_model: metered, included_units: 500, overage_rate: 0.03 }\n";
    let page = self::page(&project, &gone);
    assert_eq!(addresses(&page, "before"), json!(["plans.pro", "plans.team"]));
    assert_eq!(addresses(&page, "after"), json!(["plans.pro"]));
}

#[test]
fn charges_and_terms_of_bxb() {
    let project = bxb();
    let charges = "      calls: { billable_metric: calls, charge_model: graduated, ranges: [{ up_to: 1000, per_unit: 0 }, { per_unit: 0.002 }] }\n    commitments: [{ amount: 100.00 }]\n";
    let page = page(
        &project,
        &edited(BXB, &[("      calls: { billable_metric: calls, charge_model: standard, amount: 0.002 }\n", charges)]),
    );
    let (before, after) = (&page["before"]["plans"][0], &page["after"]["plans"][0]);
    assert_eq!(before["items"][0]["rates"], json!([{ "currency": "EUR", "amount": "0.002", "units": 1 }]));
    assert_eq!(after["items"][0]["tiers"], json!([{ "up_to": 1000, "per_unit": "0" }, { "per_unit": "0.002" }]));
    assert_eq!((&after["terms"][0]["label"], &after["terms"][0]["amount"]), (&json!("minimum"), &json!("100.00")));
    assert_eq!(after["items"][1]["name"], "Single sign-on");
    assert_eq!(tags(&page, "after", "plans.pro"), json!(["monthly EUR 49.00"]));
}

#[test]
fn prices_in_markets_and_their_variants() {
    let project = Project::of("commet@2026-07-31");
    let catalog = "\
provider: commet
price_changes: reprice
markets:
  argentina: { name: 'Argentina | @team', countries: [AR] }
plans:
  pro:
    name: Pro
    prices:
      monthly:
        amount: 49.00
        markets: { argentina: { ars: 64900.00 } }
        variants: { founding: { name: Founding customers, markets: { argentina: { ars: 39900.00 } } } }
";
    project.write_text(catalog);
    project.apply(&project.plan()).exits(0);
    let page = page(&project, &catalog.replace("ars: 64900.00", "ars: 69900.00"));
    let tags = |side: &str| page[side]["plans"][0]["market_prices"].clone();
    let price = "plans.pro.prices.monthly";
    let tag = |amount: &str| {
        json!({
            "address": price, "interval": "monthly", "of": "argentina", "market": "Argentina | @team", "currency": "ARS",
            "amount": amount,
        })
    };
    assert_eq!((&tags("before")[0], &tags("after")[0]), (&tag("64900.00"), &tag("69900.00")));
    assert_eq!(tags("after")[1]["variant"], "Founding customers");
    let markdown = project.run(&["plan", "--format", "markdown"]).exits(0).stdout;
    let row = r"| monthly, `Argentina \| @team` | ARS | ARS 64,900.00 | ARS 69,900.00 | **+ARS 5,000.00 (+7.7 %)** |";
    assert!(markdown.contains(row), "{markdown}");
    let html = project.run(&["plan", "--format", "html"]).exits(0).stdout;
    assert!(html.contains("Argentina | @team, monthly") && html.contains("ARS 69,900.00"), "{html}");
    // Another name for the market is no other price.
    let renamed = self::page(&project, &catalog.replace("'Argentina | @team'", "Argentina").replace("49.00", "59.00"));
    assert_eq!(renamed["after"]["plans"][0]["market_prices"][0]["market"], "Argentina");
    let said = project.run(&["plan", "--format", "markdown"]).exits(0).stdout;
    let rows = said.lines().filter(|line| line.starts_with("| monthly")).count();
    assert!(rows == 1 && said.contains("2 prices of this plan stay as they are"), "{said}");
}
