//! `price_changes`: what a changed price does to existing subscribers, as far as each API allows.

use crate::project::Project;
use crate::small::{BXB, COMMET, applies, bxb, commet, edited, live, refused, shows};

/// The catalog with another word for it.
fn saying(catalog: &str, word: &str) -> String {
    edited(catalog, &[("price_changes: reprice", &format!("price_changes: {word}"))])
}

/// With currencies: one with a price set by hand, one that is derived.
fn regional() -> String {
    let regions = "    regions:\n      eur: { exchange_rate: 0.92, prices: { monthly: 45.00 } }\n      brl: { exchange_rate: 5.40 }\n";
    let no_group = edited(COMMET, &[("plans: [pro, team]", "plans: [pro]")]);
    edited(
        &no_group,
        &[(
            "      calls: { included_amount: 1000, overage: 0.002 }\n",
            &format!("      calls: {{ included_amount: 1000, overage: 0.002 }}\n{regions}"),
        )],
    )
}

/// The paths of the writes of one apply, without ids.
fn writes(project: &Project) -> Vec<String> {
    let plan = project.plan();
    project.apply(&plan).exits(0);
    project.in_sync();
    plan.summaries().into_iter().map(str::to_owned).collect()
}

#[test]
fn grandfathering_a_price_on_commet_archives_it_and_adds_a_new_one() {
    let project = commet();
    let catalog = edited(&saying(COMMET, "grandfather"), &[("monthly: 49.00", "monthly: 59.00")]);
    insta::assert_snapshot!(shows(&project, &catalog, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.pro · Pro
          ± prices.monthly  amount  $49.00 → $59.00  +20.4 %   new customers pay it; existing subscribers keep $49.00 (archived price)

      Calls, in order
        1  Archive the monthly price of Pro  DELETE /plans/pln_…/prices/pp_…
        2  Add the monthly price to Pro      POST /plans/pln_…/prices

    1 to replace · 2 calls
    "#);
    assert_eq!(writes(&project), ["Archive the monthly price of Pro", "Add the monthly price to Pro"]);
}

#[test]
fn repricing_on_commet_updates_the_price_in_place() {
    let project = commet();
    insta::assert_snapshot!(shows(&project, &edited(COMMET, &[("monthly: 49.00", "monthly: 59.00")]), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.pro · Pro
          ~ prices.monthly  amount  $49.00 → $59.00  +20.4 %   new customers pay it today; existing subscribers from their next renewal

      Calls, in order
        1  Update the monthly price of Pro  PUT /plans/pln_…/prices/pp_…

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    assert_eq!(writes(&project), ["Update the monthly price of Pro"]);
}

/// The innermost word counts: price, plan, catalog.
#[test]
fn the_word_stands_on_catalog_plan_or_price() {
    let one_price = |text: &str, word: &str| {
        edited(text, &[("monthly: 59.00", &format!("monthly: {{ amount: 59.00, price_changes: {word} }}"))])
    };
    let on_plan = |text: &str, word: &str| {
        edited(text, &[("    name: Pro\n", &format!("    name: Pro\n    price_changes: {word}\n"))])
    };
    let dearer = edited(COMMET, &[("monthly: 49.00", "monthly: 59.00")]);
    let unsaid = edited(&dearer, &[("price_changes: reprice\n", "")]);
    let project = commet();
    for (catalog, action) in [
        (on_plan(&dearer, "grandfather"), Some("replace")),
        (one_price(&dearer, "grandfather"), Some("replace")),
        (one_price(&on_plan(&dearer, "grandfather"), "reprice"), Some("update")),
        (on_plan(&saying(&dearer, "grandfather"), "reprice"), Some("update")),
        (on_plan(&unsaid, "grandfather"), Some("replace")),
        (unsaid.clone(), None),
    ] {
        let plan = project.plan_of_text(&catalog);
        match action {
            Some(action) => {
                assert_eq!(plan.guards(), Vec::<String>::new(), "{catalog}");
                assert_eq!(plan.changes().next().unwrap()["action"], action, "{catalog}");
            }
            None => refused(&project, &["PB-G01"]),
        }
    }
}

/// A region's price is part of its price: the new price carries all currencies.
#[test]
fn grandfathering_a_price_in_one_currency_makes_the_price_anew_with_all_of_them() {
    let project = live("commet", &regional());
    let catalog = edited(&saying(&regional(), "grandfather"), &[("monthly: 45.00", "monthly: 55.00")]);
    insta::assert_snapshot!(shows(&project, &catalog, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 12 objects, 10 unchanged

      ~ plans.pro · Pro
          ± prices.monthly  archived and made anew, because regions.eur changes
          ~ regions.eur     prices.monthly.amount  €45.00 → €55.00  +22.2 %   new customers pay it; existing subscribers keep €45.00 (archived price)

      Calls, in order
        1  Archive the monthly price of Pro  DELETE /plans/pln_…/prices/pp_…
        2  Add the monthly price to Pro      POST /plans/pln_…/prices
        3  Write the BRL prices of Pro       PUT /plans/pln_…/regional
        4  Write the EUR prices of Pro       PUT /plans/pln_…/regional

    1 to update, 1 to replace · 4 calls
    "#);
    writes(&project);
}

/// A rate moves the prices that are derived from it, for everybody who pays in it.
#[test]
fn an_exchange_rate_cannot_be_grandfathered_where_prices_are_derived() {
    let project = live("commet", &regional());
    let grandfather = saying(&regional(), "grandfather");
    project.write_text(&edited(&grandfather, &[("exchange_rate: 5.40", "exchange_rate: 5.80")]));
    refused(&project, &["PB-G03"]);
    // Where the base price is set by hand, the unit price is derived all the same.
    project.write_text(&edited(&grandfather, &[("exchange_rate: 0.92", "exchange_rate: 0.95")]));
    refused(&project, &["PB-G03"]);
    // With everything set by hand, it moves nobody's price.
    let by_hand = edited(
        &regional(),
        &[("prices: { monthly: 45.00 } }", "prices: { monthly: 45.00 }, features: { calls: { overage: 0.002 } } }")],
    );
    let project = live("commet", &by_hand);
    project.write_text(&edited(&saying(&by_hand, "grandfather"), &[("exchange_rate: 0.92", "exchange_rate: 0.95")]));
    let plan = project.plan();
    assert_eq!(plan.guards(), Vec::<String>::new(), "{:#}", plan.0["guards"]);
}

#[test]
fn what_commet_cannot_grandfather_is_behind_its_guard() {
    let project = live("commet", &regional());
    let grandfather = saying(&regional(), "grandfather");
    for edit in [
        ("overage: 0.002", "overage: 0.003"),
        ("overage_rate: 0.03", "overage_rate: 0.04"),
        ("base_price: 15.00", "base_price: 16.00"),
    ] {
        project.write_text(&edited(&grandfather, &[edit]));
        refused(&project, &["PB-G03"]);
    }
    insta::assert_snapshot!(
        shows(&project, &edited(&grandfather, &[("base_price: 15.00", "base_price: 16.00")]), &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 12 objects, 11 unchanged

      ~ addons.more · More calls
            base_price  $15.00 → $16.00  +6.7 %   existing subscribers at renewal; new ones now

      Calls, in order
        1  Update add-on More calls  PUT /addons/adn_…

      PB-G03  the files say `grandfather`, but the API cannot keep the old base_price for existing subscribers: it is updated in place and reaches them. To leave them what they have, keep this add-on as it is and add a new one under a new key beside it; to let the change reach them, write `price_changes: reprice` (addons.more). Acknowledge with --ack PB-G03.

      `pricebook explain PB-G03` says what a guard means and what to do

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    // What is no price is not asked about.
    for edit in [("included_amount: 1000", "included_amount: 2000"), ("included_units: 500", "included_units: 600")] {
        project.write_text(&edited(&grandfather, &[edit]));
        assert_eq!(project.plan().guards(), Vec::<String>::new(), "{edit:?}");
    }
    applies(&project);
}

#[test]
fn bxb_has_no_archive_so_grandfathering_is_a_new_plan_code() {
    let project = bxb();
    let dearer = ("amount: 99.00", "amount: 109.00");
    insta::assert_snapshot!(shows(&project, &edited(&saying(BXB, "grandfather"), &[dearer]), &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      ~ plans.team · Team
            amount  €99.00 → €109.00  +10.1 %   new customers and existing subscribers pay it from now on

      Calls, in order
        1  Update plan Team  PUT /plans/…

      PB-G03  the files say `grandfather`, but the API cannot keep the old amount for existing subscribers: it is updated in place and reaches them. To leave them what they have, keep this plan as it is and add a new one under a new key beside it; to let the change reach them, write `price_changes: reprice` (plans.team). Acknowledge with --ack PB-G03.

      `pricebook explain PB-G03` says what a guard means and what to do

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
    refused(&project, &["PB-G03"]);
    // The same said on the plan.
    let on_plan = edited(BXB, &[("team: { name", "team: { price_changes: grandfather, name"), dearer]);
    project.write_text(&on_plan);
    refused(&project, &["PB-G03"]);
    // The way out that the guard names: the old plan stays as it is, and a new one is sold.
    let beside = edited(
        &saying(BXB, "grandfather"),
        &[("add_ons:\n", "  team_2: { name: Team, interval: monthly, amount: 109.00, currency: EUR }\nadd_ons:\n")],
    );
    let plan = project.plan_of_text(&beside);
    assert_eq!((plan.guards(), plan.lines()), (Vec::new(), vec!["create plans.team_2".to_owned()]));
    applies(&project);
}

#[test]
fn everything_that_is_a_price_on_bxb_is_behind_the_guard() {
    let project = bxb();
    let grandfather = saying(BXB, "grandfather");
    for edit in [
        ("amount: 49.00", "amount: 59.00"),
        ("charge_model: standard, amount: 0.002", "charge_model: standard, amount: 0.003"),
        ("amount: 250.00", "amount: 260.00"),
    ] {
        project.write_text(&edited(&grandfather, &[edit]));
        refused(&project, &["PB-G03"]);
    }
}

#[test]
fn repricing_on_bxb_reaches_existing_subscribers_at_once() {
    let project = bxb();
    let catalog =
        edited(BXB, &[("amount: 99.00", "amount: 109.00"), ("standard, amount: 0.002", "standard, amount: 0.001")]);
    insta::assert_snapshot!(shows(&project, &catalog, &[]), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 5 unchanged

      ~ plans.pro · Pro
          ~ charges.calls  amount  €0.002 → €0.001  −50 %      existing subscribers pay less for usage from now on
      ~ plans.team · Team
            amount                 €99.00 → €109.00  +10.1 %   new customers and existing subscribers pay it from now on

      Calls, in order
        1  Update plan Team                 PUT /plans/…
        2  Update plan Pro with its charge  PUT /plans/…

    2 to update · 2 calls · 2 changes reach existing subscribers
    "#);
    applies(&project);
}

#[test]
fn a_changed_price_on_bxb_needs_the_word_too() {
    let project = bxb();
    project.write_text(&edited(BXB, &[("price_changes: reprice\n", ""), ("amount: 99.00", "amount: 109.00")]));
    refused(&project, &["PB-G01"]);
}
