//! What a person reads, whole. Ids are shortened, the sandbox's port is taken out.

use std::fs;

use crate::project::Project;
use crate::readme::ids;

const CATALOG: &str = include_str!("../fixtures/commet.yaml");

/// What `plan` prints for a project, with what differs from run to run taken out.
fn plan(project: &Project, arguments: &[&str]) -> String {
    let outcome = project.run(&[&["plan"], arguments].concat()).exits(0);
    plain(project, &outcome.stdout)
}

fn plain(project: &Project, text: &str) -> String {
    let folder = project.path("").display().to_string();
    let text = text.replace(&folder, "");
    text.lines().map(|line| ids(line).trim_end().to_owned() + "\n").collect()
}

/// A project that is as the fixture says.
fn applied() -> Project {
    let project = Project::new();
    project.write_text(CATALOG);
    project.run(&["apply", "--yes"]).exits(0);
    project
}

fn edited(pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(CATALOG.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn a_price_an_allowance_a_rate() {
    let project = applied();
    project.write_text(&edited(&[
        ("monthly: 49.00 ", "monthly: 59.00 "),
        ("included_amount: 10000, overage: 0.002", "included_amount: 25000, overage: 0.0015"),
        ("exchange_rate: 5.40 ", "exchange_rate: 5.62 "),
        ("description: For growing teams", "description: For teams that grow"),
        ("metadata: { tier: 2 }", "metadata: { tier: 3, badge: new }"),
    ]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 18 unchanged

      ~ plans.pro · Pro
            description         “For growing teams” → “For teams that grow”
            metadata.badge      none → "new"
            metadata.tier       2 → 3
          ± prices.monthly      amount           $49.00 → $59.00  +20.4 %   new customers pay it; existing subscribers keep $49.00 (archived price)
          ~ features.api_calls  included_amount  10,000 → 25,000            existing subscribers have more included from now on
                                overage          $0.002 → $0.0015  −25 %    existing subscribers pay less per unit from now on
          ~ regions.brl         exchange_rate    5.40 → 5.62  +4.1 %        existing subscribers at renewal; new ones now

      Calls, in order
        1  Update plan Pro                   PUT /plans/pln_…/manage
        2  Archive the monthly price of Pro  DELETE /plans/pln_…/prices/pp_…
        3  Add the monthly price to Pro      POST /plans/pln_…/prices
        4  Update api_calls on Pro           PUT /plans/pln_…/features/ftr_…
        5  Write the BRL prices of Pro       PUT /plans/pln_…/regional
        6  Write the EUR prices of Pro       PUT /plans/pln_…/regional

      PB-G03  the files say `grandfather`, but the API cannot keep the old exchange_rate for existing subscribers: it is updated in place and reaches them. To leave them what they have, keep this plan as it is and add a new one under a new key beside it; to let the change reach them, write `price_changes: reprice` (plans.pro.regions.brl). Acknowledge with --ack PB-G03.

      PB-G03  the files say `grandfather`, but the API cannot keep the old overage for existing subscribers: it is updated in place and reaches them. To leave them what they have, keep this plan as it is and add a new one under a new key beside it; to let the change reach them, write `price_changes: reprice` (plans.pro.features.api_calls). Acknowledge with --ack PB-G03.

      `pricebook explain PB-G03` says what a guard means and what to do

    3 to update, 1 to replace · 6 calls · 2 changes reach existing subscribers
    "#);
}

#[test]
fn additions_and_removals() {
    let project = applied();
    project.write_text(&edited(&[
        ("  free:\n    name: Free\n    free: true\n    features:\n      api_calls: { included_amount: 1000 }\n", ""),
        ("plans: [free, pro, scale]", "plans: [pro, scale]"),
        ("      sso: true                   # short for { enabled: true }\n", ""),
        ("      eur: { exchange_rate: 0.92 }\n  scale:", "  scale:"),
        ("  seats:      {", "  regions: { name: Regions, type: quota }\n  seats:      {"),
    ]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 17 unchanged

      + features.regions · Regions   type quota
      ~ groups.saas · SaaS plans
            plans         free, pro, scale → pro, scale   existing subscribers now
      - plans.free · Free            no longer in the files; no new subscriptions; existing ones go on
      ~ plans.pro · Pro
          - features.sso  no longer in the files          existing subscribers lose it at their renewal
          - regions.eur   no longer in the files          subscribers who pay in it have no price in it at their renewal

      Calls, in order
        1  Create feature Regions                    POST /features/manage
        2  Delete plan Free                          DELETE /plans/pln_…/manage
        3  Remove sso from Pro                       DELETE /plans/pln_…/features/ftr_…
        4  Remove EUR from the monthly price of Pro  DELETE /plans/pln_…/prices/pp_…/regional
        5  Remove EUR from the yearly price of Pro   DELETE /plans/pln_…/prices/pp_…/regional
        6  Write the BRL prices of Pro               PUT /plans/pln_…/regional

      PB-G05  deletes plans.free: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      PB-G08  the plans of groups.saas do not have the same currencies: pro lacks EUR. A customer cannot switch to a plan that lacks theirs. Acknowledge with --ack PB-G08.

      `pricebook explain PB-G05` says what a guard means and what to do

    1 to create, 1 to update, 3 to delete · 6 calls · 3 changes reach existing subscribers
    "#);
}

#[test]
fn nothing_to_do() {
    let project = applied();
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, all unchanged

    Nothing to do: test is as the files say
    "#);
}

#[test]
fn found_live_without_a_ledger() {
    let project = applied();
    fs::remove_file(project.ledger_path()).unwrap();
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, all unchanged

      = 9 objects found live as the files say, managed here from the next apply on: features.api_calls, features.seats, features.sms_messages, features.sso, groups.saas, plans.free, plans.pro, plans.scale and 1 more

      note  6 fields cannot be compared: this API never shows them, and Pricebook has not written them yet. --write-unreadable sends what the files say
            plans.pro.regions.brl: prices.*.intro_offer.percentage, prices.*.intro_offer.amount, prices.*.intro_offer.cycles
            plans.pro.regions.eur: prices.*.intro_offer.percentage, prices.*.intro_offer.amount, prices.*.intro_offer.cycles

      note  the ledger is gone: this machine knows one that was saved 2 times, and there is none at .pricebook/test.ledger.json. Objects are found again by their keys; what it would have deleted counts as not managed. If it was moved, put it back before you apply

    9 to adopt · 0 calls
    "#);
}

#[test]
fn what_cannot_be_changed() {
    let project = applied();
    project.write_text(&edited(&[("name: API calls, type: usage", "name: API calls, type: seats")]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 21 unchanged

      ~ features.api_calls · API calls
            type  usage → seats   the API cannot change it

      PB-G11  the API cannot change `type` of features.api_calls. Use a new key for a new feature, or write `replace: true` into its block to delete it and create it again.

      `pricebook explain PB-G11` says what a guard means and what to do

    1 to update · 0 calls
    "#);
    let refused = project.run(&["apply", "--yes"]).exits(4);
    insta::assert_snapshot!(plain(&project, &refused.stderr), @r#"
    error: refused by PB-G11; nothing was sent
    "#);
}

#[test]
fn what_can_only_be_replaced() {
    let project = applied();
    project
        .write_text(&edited(&[("name: SMS messages, type: usage", "name: SMS messages, type: quota, replace: true")]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 20 unchanged

      ± features.sms_messages · SMS messages   deleted and created again, because type cannot be changed
            type  usage → quota
      ± addons.sms · SMS channel               because features.sms_messages is replaced

      Calls, in order
        1  Delete add-on SMS channel    DELETE /addons/adn_…
        2  Delete feature SMS messages  DELETE /features/sms_messages/manage
        3  Create feature SMS messages  POST /features/manage
        4  Create add-on SMS channel    POST /addons

    2 to replace · 4 calls
    "#);
}

#[test]
fn a_decision_is_missing() {
    let project = applied();
    project.write_text(&edited(&[("price_changes: grandfather ", "# "), ("monthly: 49.00 ", "monthly: 4900 ")]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 21 unchanged

      ~ plans.pro · Pro
          ~ prices.monthly  amount  $49.00 → $4,900.00  +9900 %   new customers pay it today; existing subscribers from their next renewal

      Calls, in order
        1  Update the monthly price of Pro  PUT /plans/pln_…/prices/pp_…

      PB-G01  an existing price changes, and nothing says what that does to existing subscribers. Write `price_changes: reprice` (they get the new one, when the change says) or `price_changes: grandfather` (they keep what they have) into the catalog, the plan or the price (plans.pro.prices.monthly). Acknowledge with --ack PB-G01.

      PB-G04  amount of plans.pro.prices.monthly goes from 49 to 4900: ten times or more. Amounts are in major units, 49.00 and not 4900. Acknowledge with --ack PB-G04.

      `pricebook explain PB-G01` says what a guard means and what to do

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
}

#[test]
fn a_part_only() {
    let project = applied();
    project.write_text(&edited(&[
        ("monthly: 49.00 ", "monthly: 59.00 "),
        ("name: Scale\n", "name: Scale up\n"),
        ("      sso: true                   # short for { enabled: true }\n", ""),
    ]));
    insta::assert_snapshot!(plan(&project, &["--only", "plans.pro"]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 20 objects, 19 unchanged
    partial: only plans.pro; 2 changes left out. Nothing is deleted.

      ~ plans.pro · Pro
          ± prices.monthly  amount  $49.00 → $59.00  +20.4 %   new customers pay it; existing subscribers keep $49.00 (archived price)

      Calls, in order
        1  Archive the monthly price of Pro  DELETE /plans/pln_…/prices/pp_…
        2  Add the monthly price to Pro      POST /plans/pln_…/prices
        3  Write the BRL prices of Pro       PUT /plans/pln_…/regional
        4  Write the EUR prices of Pro       PUT /plans/pln_…/regional

    1 to replace · 4 calls
    "#);
}

#[test]
fn texts_from_outside_are_only_text() {
    let project = applied();
    project.write_text(&edited(&[
        ("name: Pro\n", "name: \"Pro \\e[31m\\u202Ered 🎈\"\n"),
        (
            "description: For growing teams",
            "description: |\n      For growing teams.\n      With a second line,\n      and a third.",
        ),
    ]));
    project.run(&["apply", "--yes"]).exits(0);
    project.write_text(&edited(&[
        ("name: Pro\n", "name: Pro\n"),
        (
            "description: For growing teams",
            "description: |\n      For growing teams.\n      With another line,\n      and a third.",
        ),
    ]));
    insta::assert_snapshot!(plan(&project, &[]), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 22 objects, 21 unchanged

      ~ plans.pro · Pro
            name         “Pro \u{1b}[31m\u{202e}red 🎈” → “Pro”
            description  text changed:
              - With a second line,
              + With another line,

      Calls, in order
        1  Update plan Pro  PUT /plans/pln_…/manage

    1 to update · 1 call
    "#);
}

#[test]
fn a_report_of_a_failure() {
    let project = applied();
    // Somebody takes the name that the file wants.
    project.call("POST", "/plans/manage", serde_json::json!({ "name": "Enterprise", "code": "theirs" }));
    project.write_text(&edited(&[("name: Scale\n", "name: Enterprise\n"), ("name: Single sign-on", "name: SSO")]));
    let outcome = project.run(&["apply", "--yes", "--quiet"]).exits(6);
    let report = outcome.stdout.split("1 call").last().unwrap_or_default().to_owned();
    insta::assert_snapshot!(plain(&project, &report[report.find("failed").unwrap()..]), @r#"
    failed plans.scale · PUT /plans/pln_…/manage: the API answered 409 duplicate: A plan with the name `Enterprise` already exists [request req_…]

    Applied in part: 1 of 2 calls made, 1 failed, 0 not tried
    The journal is .pricebook/test.journal.jsonl
      pricebook apply --resume   goes on with this changeset
      pricebook apply            plans anew, from what is live now
    "#);
}
