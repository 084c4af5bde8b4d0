//! Every guard, from outside: shown, refused with nothing sent, acknowledged by its code.

use serde_json::{Value, json};

use crate::workspace::{Folder, Raw, SHOP, World, ended, ok};

/// From one live catalog to another: refused by exactly these guards.
struct Case {
    name: &'static str,
    from: String,
    to: String,
    guards: &'static [&'static str],
    more: &'static str,
}

fn case(name: &'static str, to: String, guards: &'static [&'static str]) -> Case {
    Case { name, from: SHOP.to_owned(), to, guards, more: "" }
}

fn guards_of(document: &Value) -> Vec<String> {
    let mut codes: Vec<String> =
        document["guards"].as_array().unwrap().iter().map(|guard| guard["code"].as_str().unwrap().to_owned()).collect();
    codes.dedup();
    codes
}

fn check(case: &Case) {
    let Case { name, from, to, guards, more } = case;
    let world = World::new(from);
    world.run(&["apply", "--yes", "--ack", "PB-G08"]).exits(0);
    world.catalog(to);
    world.project(&world.url, more);
    world.forget_log();
    // Plan shows and never refuses.
    let planned = world.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(guards_of(&planned), *guards, "{name}");
    let human = world.run(&["plan"]).exits(0).stdout;
    let refused = world.run(&["apply", "--yes"]).exits(4).complains("nothing was sent");
    assert!(refused.stdout.starts_with(&human), "{name}: the changeset comes first\n{}", refused.stdout);
    let report = world.run(&["apply", "--yes", "--format", "json"]).exits(4).json();
    assert_eq!(report["exit"], 4, "{name}");
    assert_eq!(report["refused"].as_array().unwrap().len(), planned["guards"].as_array().unwrap().len(), "{name}");
    assert!(report["applied"].as_array().unwrap().is_empty());
    for code in *guards {
        assert!(human.contains(code) && refused.stderr.contains(code), "{name} {code}");
    }
    // All but one is not enough, and neither is another one.
    let mut some = vec!["apply", "--yes", "--ack", "PB-G12"];
    some.extend(guards.iter().skip(1).flat_map(|code| ["--ack", code]));
    world.run(&some).exits(4);
    assert!(world.writes().is_empty(), "{name}: {:?}", world.writes());
    let mut all = vec!["apply", "--yes"];
    all.extend(guards.iter().flat_map(|code| ["--ack", code]));
    let acknowledgeable = planned["guards"].as_array().unwrap().iter().all(|guard| guard["acknowledgeable"] == true);
    if !acknowledgeable {
        world.run(&all).exits(4);
        assert!(world.writes().is_empty(), "{name}");
        return;
    }
    world.run(&all).exits(0);
    assert!(!world.writes().is_empty(), "{name}");
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn all(cases: Vec<Case>) {
    std::thread::scope(|scope| {
        for case in &cases {
            scope.spawn(|| check(case));
        }
    });
}

/// The shop without a top-level block or a line.
fn without(text: &str, from: &str, to: &str) -> String {
    let begin = text.find(from).unwrap();
    let end = begin + text[begin..].find(to).unwrap();
    format!("{}{}", &text[..begin], &text[end..])
}

#[test]
fn prices() {
    let unsaid = SHOP.replace("price_changes: reprice\n", "");
    let dearer = |text: &str| text.replace("monthly: 49.00", "monthly: 59.00");
    all(vec![
        case("nothing says what a changed price does", dearer(&unsaid), &["PB-G01"]),
        Case { more: "guards: { max_price_increase: 20% }", ..case("more than the limit", dearer(SHOP), &["PB-G02"]) },
        Case {
            more: "guards: { max_price_decrease: 1% }",
            ..case("less than the limit", SHOP.replace("monthly: 49.00", "monthly: 48.00"), &["PB-G02"])
        },
        case(
            "a unit price cannot be kept",
            SHOP.replace("price_changes: reprice", "price_changes: grandfather")
                .replace("overage: 0.002", "overage: 0.003"),
            &["PB-G03"],
        ),
        case("ten times", SHOP.replace("monthly: 49.00", "monthly: 4900"), &["PB-G04"]),
        case("a tenth", SHOP.replace("yearly: 490.00", "yearly: 4.90"), &["PB-G04"]),
    ]);
}

#[test]
fn removals() {
    let scale = without(SHOP, "  scale:\n", "addons:").replace(", scale]", "]");
    let addons = without(SHOP, "addons:\n", "  calls:");
    let addons = addons[..addons.find("  calls:").unwrap()].to_owned();
    let protected = SHOP.replace("  scale:\n    name: Scale\n", "  scale:\n    protect: true\n    name: Scale\n");
    let no_price = SHOP.replace("    prices: { monthly: 199.00 }\n", "");
    let no_price = without(&no_price, "    regions:\n      eur: { exchange_rate: 0.92, prices", "addons:");
    let frozen = SHOP.replace("api_calls: { name: API calls, type: usage", "api_calls: { name: API calls, type: quota");
    let guarded = SHOP.replace("seats: { name: Seats, type: seats", "seats: { protect: true, name: Seats, type: seats");
    let replaced = guarded.replace("name: Seats, type: seats", "replace: true, name: Seats, type: quota");
    all(vec![
        case("a plan", scale.clone(), &["PB-G05"]),
        case("the last add-on", addons, &["PB-G05", "PB-G10"]),
        Case { from: protected, ..case("protected once", scale, &["PB-G05", "PB-G07"]) },
        case("the last price", no_price, &["PB-G05", "PB-G08", "PB-G09"]),
        case(
            "a currency of one plan in a group",
            SHOP.replace(
                "      eur: { exchange_rate: 0.92 }\n",
                "      eur: { exchange_rate: 0.92 }\n      brl: { exchange_rate: 5.40 }\n",
            ),
            &["PB-G08"],
        ),
        case("what cannot change", frozen, &["PB-G11"]),
        case("one price of two", SHOP.replace("monthly: 49.00, yearly: 490.00", "monthly: 49.00"), &["PB-G05"]),
        case("a group", without(SHOP, "groups:\n", "plans:\n"), &["PB-G05", "PB-G10"]),
        Case { from: guarded, ..case("a protected one is replaced", replaced, &["PB-G07"]) },
    ]);
}

#[test]
fn what_somebody_else_put_there() {
    let world = World::new(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    let id = world.plan_id("pro");
    world.call("POST", &format!("/plans/{id}/prices"), json!({ "billingInterval": "weekly", "price": 1500 })).data();
    world.forget_log();
    let planned = world.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(guards_of(&planned), ["PB-G05", "PB-G06"]);
    world.run(&["apply", "--yes"]).exits(4).complains("PB-G06");
    assert!(world.writes().is_empty());
    world.run(&["apply", "--yes", "--ack", "PB-G05", "--ack", "PB-G06"]).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn protection_outlives_its_block() {
    let protected = SHOP.replace("  scale:\n", "  scale:\n    protect: true\n");
    let world = World::new(&protected);
    world.run(&["apply", "--yes"]).exits(0);
    assert_eq!(world.ledger()["objects"]["plans.scale"]["protect"], true);
    // The block goes, in one step or in two.
    world.catalog(&without(SHOP, "  scale:\n", "addons:").replace(", scale]", "]"));
    world.run(&["apply", "--yes", "--ack", "PB-G05"]).exits(4).complains("PB-G07");
    assert_eq!(world.plan_codes(), ["free", "pro", "scale"]);
    // Unprotecting is a step of its own, which a reviewer sees.
    world.catalog(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    world.catalog(&without(SHOP, "  scale:\n", "addons:").replace(", scale]", "]"));
    world.run(&["apply", "--yes", "--ack", "PB-G05"]).exits(0);
    assert_eq!(world.plan_codes(), ["free", "pro"]);
}

#[test]
fn a_price_change_is_said_on_catalog_plan_or_price() {
    let unsaid = SHOP.replace("price_changes: reprice\n", "").replace("monthly: 49.00", "monthly: 59.00");
    let catalog =
        |word: &str| unsaid.replace("provider: commet\n", &format!("provider: commet\nprice_changes: {word}\n"));
    let plan = |text: &str, word: &str| {
        text.replace("    name: Pro\n", &format!("    name: Pro\n    price_changes: {word}\n"))
    };
    let price = |text: &str, word: &str| {
        text.replace("monthly: 59.00", &format!("monthly: {{ amount: 59.00, price_changes: {word} }}"))
    };
    // In place is one update of the price; grandfathered is a new one.
    let cases = [
        (catalog("reprice"), "PUT"),
        (plan(&unsaid, "reprice"), "PUT"),
        (price(&unsaid, "reprice"), "PUT"),
        (plan(&catalog("grandfather"), "reprice"), "PUT"),
        (price(&plan(&unsaid, "grandfather"), "reprice"), "PUT"),
        (catalog("grandfather"), "POST"),
        (plan(&catalog("reprice"), "grandfather"), "POST"),
        (price(&plan(&catalog("reprice"), "reprice"), "grandfather"), "POST"),
    ];
    std::thread::scope(|scope| {
        for (text, method) in &cases {
            scope.spawn(move || {
                let world = World::new(SHOP);
                world.run(&["apply", "--yes"]).exits(0);
                world.catalog(text);
                world.forget_log();
                world.run(&["apply", "--yes"]).exits(0);
                let posts = world.writes().iter().any(|write| write.starts_with("POST") && write.ends_with("/prices"));
                assert_eq!(posts, *method == "POST", "{text}\n{:?}", world.writes());
                world.run(&["plan", "--detailed-exitcode"]).exits(0);
            });
        }
    });
}

#[test]
fn the_wrong_mode_cannot_be_acknowledged() {
    let world = World::new(SHOP);
    world.project(&world.url, ", mode: live");
    let refused = world.run(&["apply", "--yes", "--ack", "PB-G12"]).exits(4).complains("PB-G12");
    assert!(!refused.stderr.contains("--ack PB-G12"), "{}", refused.stderr);
    assert!(world.writes().is_empty());
    world.project(&world.url, ", mode: sandbox");
    world.run(&["apply", "--yes"]).exits(0);
    // The API's own word counts, even when the key says nothing.
    world.project(&world.url, ", mode: live");
    let child = world
        .command(&["apply", "--yes", "--ack", "PB-G12"])
        .env("PB_KEY", "ck_1")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    ended(child).exits(4).complains("PB-G12");
}

#[test]
fn an_id_that_nothing_tells() {
    // An API whose newer version cannot be read, and no ledger.
    let plan = json!({ "id": "plan_1", "name": "Pro", "code": "pro", "isPublic": true, "isFree": false, "sortOrder": 0,
        "consumptionModel": null, "features": [],
        "prices": [{ "billingInterval": "monthly", "price": 4900, "isDefault": true, "trialDays": 0 }] });
    let api =
        Raw::start(move |line, _| if line.starts_with("GET /plans?") { ok(&json!([plan])) } else { ok(&json!([])) });
    let catalog =
        "provider: commet\nprice_changes: reprice\nplans:\n  pro: { name: Pro, prices: { monthly: 59.00 } }\n";
    let folder = Folder::new(&api.url, catalog);
    folder.run(&["apply", "--yes", "--ack", "PB-G13"]).exits(4).complains("PB-G13").says("the ledger does not know it");
    assert!(api.seen().iter().all(|request| request.starts_with("GET ")));
}

#[test]
fn acknowledgements() {
    let world = World::new(SHOP);
    world.run(&["apply", "--yes", "--ack", "PB-G99"]).exits(3).complains("there is no guard `PB-G99`");
    world.run(&["apply", "--yes", "--ack", "all"]).exits(3);
    world.run(&["plan", "--ack", "PB-G01"]).exits(3);
    assert!(world.log().is_empty());
    // Never a prompt off a terminal.
    world.run(&["apply"]).exits(3).complains("--yes");
    assert!(world.writes().is_empty());
}

/// The changeset first, then the guards, then the refusal: as a person sees it in a terminal.
#[test]
fn a_refusal_as_a_person_reads_it() {
    use crate::small::{BXB, COMMET, bxb, commet, edited, plain};
    let project = commet();
    project.write_text(&edited(COMMET, &[("price_changes: reprice\n", ""), ("monthly: 99.00", "monthly: 109.00")]));
    let refused = project.run(&["apply", "--yes"]).exits(4);
    insta::assert_snapshot!(plain(&project, &format!("{}{}", refused.stdout, refused.stderr)), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 10 objects, 9 unchanged

      ~ plans.team · Team
          ~ prices.monthly  amount  $99.00 → $109.00  +10.1 %   new customers pay it today; existing subscribers from their next renewal

      Calls, in order
        1  Update the monthly price of Team  PUT /plans/pln_…/prices/pp_…

      PB-G01  an existing price changes, and nothing says what that does to existing subscribers. Write `price_changes: reprice` (they get the new one, when the change says) or `price_changes: grandfather` (they keep what they have) into the catalog, the plan or the price (plans.team.prices.monthly). Acknowledge with --ack PB-G01.

      `pricebook explain PB-G01` says what a guard means and what to do

    1 to update · 1 call · 1 change reaches existing subscribers
    error: refused by PB-G01; nothing was sent
    help: if that is what you mean, run it again with --ack PB-G01
    "#);
    let project = bxb();
    project.write_text(&edited(BXB, &[("price_changes: reprice\n", ""), ("amount: 99.00", "amount: 109.00")]));
    let refused = project.run(&["apply", "--yes"]).exits(4);
    insta::assert_snapshot!(plain(&project, &format!("{}{}", refused.stdout, refused.stderr)), @r#"
    catalog.yaml → test · bxb v1 · 7 objects, 6 unchanged

      ~ plans.team · Team
            amount  €99.00 → €109.00  +10.1 %   new customers and existing subscribers pay it from now on

      Calls, in order
        1  Update plan Team  PUT /plans/…

      PB-G01  an existing price changes, and nothing says what that does to existing subscribers. Write `price_changes: reprice` (they get the new one, when the change says) into the catalog or the plan. The API cannot keep the old amount for them: to leave them what they have, keep this plan as it is and add a new one under a new key (plans.team). Acknowledge with --ack PB-G01.

      `pricebook explain PB-G01` says what a guard means and what to do

    1 to update · 1 call · 1 change reaches existing subscribers
    error: refused by PB-G01; nothing was sent
    help: if that is what you mean, run it again with --ack PB-G01
    "#);
}

/// A code is for one guard and one changeset: what was let pass once is refused again.
#[test]
fn an_acknowledgement_is_for_one_changeset() {
    let world = World::new(SHOP);
    world.run(&["apply", "--yes"]).exits(0);
    let unsaid = SHOP.replace("price_changes: reprice\n", "");
    world.catalog(&unsaid.replace("monthly: 49.00", "monthly: 59.00"));
    world.run(&["apply", "--yes", "--ack", "PB-G01"]).exits(0);
    world.catalog(&unsaid.replace("monthly: 49.00", "monthly: 69.00"));
    world.forget_log();
    world.run(&["apply", "--yes"]).exits(4).complains("refused by PB-G01; nothing was sent");
    assert!(world.writes().is_empty());
}
