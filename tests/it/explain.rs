//! `explain`: everything that has a code has a long form.

use pricebook::changeset::GUARDS;
use pricebook::diagnostic::Code;
use pricebook::model::Effect;
use serde_json::Value;

use crate::workspace::{SHOP, World};

fn world() -> World {
    World::new(SHOP)
}

#[test]
fn a_guard_says_what_it_means_and_how_to_go_on() {
    let world = world();
    insta::assert_snapshot!(world.run(&["explain", "PB-G01"]).exits(0).stdout, @r#"
    PB-G01 · guard: an existing price changes, and nothing says what that does to existing subscribers

    Somebody already pays the price that changes. Whether they pay the new amount or keep
    the old one is a decision about people's money, so it stands in the files under review
    and has no default. `price_changes: reprice` updates the price in place: existing
    subscribers pay the new amount, when the change says. `price_changes: grandfather`
    archives the price and adds a new one: existing subscribers keep what they have, and
    only new ones pay the new amount. Example: `monthly: 49.00` becomes 59.00.

    On Commet: `grandfather` archives the price and adds a new one of the same interval,
    which carries all currencies (§3.3, §6); existing subscribers keep the archived one.
    `reprice` updates the price: existing subscribers pay the new amount from their next
    renewal. An offer that the dashboard attached to a price (2026-07-31) stays with the
    archived one: attach it to the new one. Unit prices, add-ons and exchange rates can only
    be repriced: dearer units count from the next period, cheaper ones at once.

    On bxb: There are no versions and no archive (§6): subscribers read their plan's current
    values, so `reprice` reaches them at once, and it is the only thing that the API can do.
    `grandfather` is refused by PB-G03; grandfathering here is a new plan code: leave `pro`
    as it is, add `pro_2` with the new amount, and sell that one.

    What to do: Write `price_changes: reprice` or `price_changes: grandfather` at the top of
    the catalog, into the plan, or into the price; the innermost one counts. When it is
    acknowledged instead, the price is updated in place, as with `reprice`.

    To acknowledge it: `pricebook apply --ack PB-G01`, or `pricebook apply FILE --ack
    PB-G01`. That lets this one changeset pass, and says nothing about other guards or about
    the next changeset.
    "#);
    insta::assert_snapshot!(world.run(&["explain", "PB-G12"]).exits(0).stdout, @r#"
    PB-G12 · guard: the environment and the API disagree about whether real money moves

    `mode: sandbox` or `mode: live` of the environment must be what the API (or the key)
    says of itself. Example: the live key is in the variable of the sandbox environment.

    On Commet: The answers say `livemode`, and keys begin with `ck_live_`, `ck_sandbox_` or
    `ck_test_`.

    What to do: Correct the key or the environment's `mode:`. Nothing lets this pass.

    It cannot be acknowledged: `--ack` does not let it pass.
    "#);
}

#[test]
fn a_finding_an_effect_and_an_exit_code() {
    let world = world();
    insta::assert_snapshot!(world.run(&["explain", "PB-E101"]).exits(0).stdout, @r#"
    PB-E101 · error: an unknown field

    The object has no such field. Unknown fields are errors because the API ignores them
    silently: a misspelled field would be a change that never happens.
    "#);
    insta::assert_snapshot!(world.run(&["explain", "at_renewal"]).exits(0).stdout, @r#"
    at_renewal · effect: existing subscribers get the change when their subscription next renews

    New subscribers get it at once. Existing ones keep what they have until the end of what
    they paid for, and get the change with their renewal; with a yearly price that may be
    almost a year. Example: a base price that is repriced.

    On Commet: Base prices in both directions, exchange rates, and less of what is included.
    "#);
    insta::assert_snapshot!(world.run(&["explain", "4"]).exits(0).stdout, @r#"
    4 · exit code: a guard refused; nothing was sent

    The changeset is printed first, then the guards. Each has a code: `pricebook explain
    CODE` says what it means. Change the files, or run it again with `--ack CODE` where the
    guard allows it.
    "#);
}

#[test]
fn case_does_not_matter_and_an_unknown_code_suggests_one() {
    let world = world();
    let one = world.run(&["explain", "PB-G05"]).exits(0).stdout;
    assert_eq!(world.run(&["explain", "pb-g05"]).exits(0).stdout, one);
    assert_eq!(world.run(&["explain", "AT_RENEWAL"]).exits(0).stdout, world.run(&["explain", "at_renewal"]).stdout);
    world.run(&["explain", "PB-G5"]).exits(3).complains("there is no code `PB-G5`").complains("did you mean `PB-G05`?");
    world.run(&["explain", "at-renewal"]).exits(3).complains("did you mean `at_renewal`?");
    world.run(&["explain", "nonsense"]).exits(3).complains("`pricebook explain` lists all codes");
    // No project and no network is needed.
    assert!(world.log().is_empty());
}

#[test]
fn every_code_is_listed_and_explained_in_both_formats() {
    let world = world();
    let list = world.run(&["explain"]).exits(0).stdout;
    let document = world.run(&["explain", "--format", "json"]).exits(0).json();
    let rows = document.as_array().unwrap();
    let codes = GUARDS.iter().map(|guard| guard.code).chain(Effect::ALL.map(Effect::word));
    let codes: Vec<&str> = codes.chain(Code::ALL.iter().map(|code| code.id())).collect();
    for code in &codes {
        assert!(list.lines().any(|line| line.trim_start().starts_with(&format!("{code} "))), "{code}\n{list}");
        assert!(rows.iter().any(|row| row["code"] == *code), "{code}");
    }
    assert!(rows.len() > codes.len(), "exit codes are listed too");
    assert!(list.lines().all(|line| line.chars().count() <= 120), "{list}");
    for row in rows.iter().step_by(7) {
        let one = world.run(&["explain", row["code"].as_str().unwrap(), "--format", "json"]).exits(0).json();
        assert_eq!((&one["code"], &one["is"], &one["title"]), (&row["code"], &row["is"], &row["title"]));
        assert!(one["explanation"].as_str().is_some_and(|text| text.ends_with('.')), "{one}");
    }
    let guard = world.run(&["explain", "PB-G01", "--format", "json"]).exits(0).json();
    assert_eq!(guard["acknowledgeable"], true);
    assert!(guard["providers"]["bxb"].is_string() && guard["way_out"].is_string(), "{guard}");
    assert_eq!(guard["acknowledgeable"], Value::Bool(true));
}

#[test]
fn findings_and_guards_point_to_it_once() {
    let world = world();
    world.catalog("provider: commet\nplans: { pro: { nam: Pro, publik: true, name: 3 } }\n");
    let findings = world.run(&["validate"]).exits(3).stderr;
    assert_eq!(findings.matches("pricebook explain").count(), 1, "{findings}");
    world.catalog(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    world.catalog(&SHOP.replace("monthly: 49.00", "monthly: 4900").replace("price_changes: reprice\n", ""));
    let plan = world.run(&["plan"]).exits(0).stdout;
    assert!(plan.contains("PB-G01") && plan.contains("PB-G04"), "{plan}");
    assert_eq!(plan.matches("pricebook explain").count(), 1, "{plan}");
    // A program has the codes and needs no hint.
    assert!(!world.run(&["plan", "--format", "json"]).exits(0).stdout.contains("pricebook explain"));
}

#[test]
fn a_field_says_whom_its_changes_reach() {
    let world = world();
    insta::assert_snapshot!(world.run(&["explain", "price.amount"]).exits(0).stdout, @r#"
    amount · field of a price of a plan · Commet

      holds          money, in major units: 49.00
      default        required
      changed        in place
      shown          yes

    Whom a change reaches
      always         new customers pay it today; existing subscribers from their next renewal
      kept           new customers pay it; existing subscribers keep the old amount (archived price)

    Source: §6: renewal reads the price's current value; §6: base price change
    "#);
    insta::assert_snapshot!(world.run(&["explain", "plan_feature.credits_per_unit"]).exits(0).stdout, @r#"
    credits_per_unit · field of a plan feature of a plan · Commet

      holds          a whole number
      default        none
      changed        in place
      shown          never: compared with what Pricebook wrote last

    Whom a change reaches
      up             existing subscribers spend more credits per unit from their next renewal
      down           existing subscribers spend fewer credits per unit from now on
      set            existing subscribers spend credits on it from their next renewal
      cleared        existing subscribers spend no credits on it from now on

    Source: §3.4, §6; no read shows it; §6: credits per unit
    "#);
    insta::assert_snapshot!(world.run(&["explain", "plan.amount", "--provider", "bxb"]).exits(0).stdout, @r#"
    amount · field of a plan · bxb

      holds          money, in major units: 49.00
      default        0
      changed        in place
      shown          yes

    Whom a change reaches
      always         new customers and existing subscribers pay it from now on

    Source: §6.2: subscribers read the plan's current values; §6: nothing is versioned; §6.2
    "#);
    // What no API changes: made anew where the block says so, without being asked, or not at all.
    for (field, changed) in [
        ("feature.type", "not by the API: only with `replace: true`, which deletes and makes anew"),
        ("promo_code.offer", "never: only a new object, under a new key, has another"),
        ("coupon.amount", "never: only a new object, under a new key, has another"),
        ("usage_threshold.recurring", "not by the API: a change deletes and makes anew"),
    ] {
        let said = world.run(&["explain", field]).exits(0).stdout;
        assert!(said.contains(&format!("  changed        {changed}\n")), "{field}: {said}");
    }
    // However a person names it.
    let one = world.run(&["explain", "price.amount"]).exits(0).stdout;
    for same in ["prices.amount", "Price.amount", "plans.pro.prices.monthly.amount", "prices.monthly.amount"] {
        assert_eq!(world.run(&["explain", same]).exits(0).stdout, one, "{same}");
    }
    assert!(world.log().is_empty());
}

#[test]
fn a_kind_lists_its_fields() {
    let world = world();
    insta::assert_snapshot!(world.run(&["explain", "price"]).exits(0).stdout, @r#"
    price of a plan · Commet

    new: new customers can buy the plan at it
    removed: no new subscriptions at it; existing ones keep it
    made anew: archived and made anew: new customers pay the new one; existing subscribers
    keep the archived one

      amount                  new customers pay it today; existing subscribers from their next renewal
      trial_days              who starts a trial from now on
      included_balance        existing subscribers have more included from now on
      included_credits        existing subscribers have more included from now on
      intro_offer.percentage  new customers only, from now on (up to 2026-07-11)
      intro_offer.amount      new customers only, from now on (up to 2026-07-11)
      intro_offer.cycles      new customers only, from now on (up to 2026-07-11)
      markets.*.*             new customers pay it today; existing subscribers from their next renewal (from 2026-07-31 on)
      metadata.*              only your own data change: nobody pays or gets anything else (from 2026-07-31 on)

    `pricebook explain price.amount` says more about one of them
    "#);
    // Both APIs have plans.
    let plans = world.run(&["explain", "plans", "--format", "json"]).exits(0).json();
    let providers: Vec<&str> = plans.as_array().unwrap().iter().map(|one| one["provider"].as_str().unwrap()).collect();
    assert_eq!(providers, ["commet", "bxb"]);
    let amount = plans[1]["fields"].as_array().unwrap().iter().find(|field| field["field"] == "amount").unwrap();
    assert_eq!(amount["reaches"]["up"]["effect"], "now");
    assert_eq!(amount["changes_in_place"], true);
}

#[test]
fn an_unknown_field_suggests_one() {
    let world = world();
    world.run(&["explain", "price.amuont"]).exits(3).complains("did you mean `price.amount`?");
    world.run(&["explain", "price.nonsense"]).exits(3).complains("fields are written like price.amount");
    world.run(&["explain", "price.amount", "--provider", "bxb"]).exits(3).complains("there is no code `price.amount`");
    world.run(&["explain", "price", "--provider", "stripe"]).exits(3).complains("there are commet, bxb");
}
