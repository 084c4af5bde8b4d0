//! `drift`: what changed outside since the last apply, apart from what the files ask for.

use std::fs;

use pricebook::changeset::Drift;
use pricebook::load::schema;
use serde_json::{Value, json};

use crate::project::{Outcome, Project, everything, with};
use crate::readme::ids;
use crate::subject::{BXB, COMMET};

fn catalog(edits: &[(&str, Value)]) -> Value {
    let catalog = json!({
        "provider": "commet",
        "price_changes": "reprice",
        "features": { "sso": { "name": "Single sign-on", "type": "boolean" }, "calls": { "name": "Calls", "type": "usage" } },
        "groups": { "main": { "name": "Plans", "plans": ["pro"] } },
        "plans": {
            "pro": {
                "name": "Pro", "consumption_model": "metered", "default_price": "monthly",
                "prices": { "monthly": "49.00", "yearly": "490.00" },
                "features": { "sso": true, "calls": { "included_amount": 1000, "overage": "0.01" } },
                "regions": { "eur": { "exchange_rate": "0.92" } },
            },
            "gone": { "name": "Gone", "prices": { "monthly": "1.00" } },
        },
    });
    with(&catalog, edits)
}

fn project() -> Project {
    Project::with(&catalog(&[]))
}

/// Nothing on stdout, a word on stderr that `-q` takes away.
#[track_caller]
fn none(project: &Project) {
    for format in ["human", "markdown"] {
        let said = project.run(&["drift", "--format", format]).exits(0);
        assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", "No drift in test\n"));
        let quiet = project.run(&["drift", "-q", "--format", format]).exits(0);
        assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    }
    let document = json_of(project.run(&["drift", "-q", "--format", "json"]).exits(0));
    assert_eq!((&document["count"], &document["drifted"]), (&json!(0), &json!([])));
}

#[track_caller]
fn json_of(outcome: Outcome) -> Value {
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema::of::<Drift>("x")).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    document
}

/// `changed plans.pro description live`, a line for each field or object.
#[track_caller]
fn lines(project: &Project) -> Vec<String> {
    let document = json_of(project.run(&["drift", "--format", "json"]).exits(2));
    let mut lines = Vec::new();
    for one in document["drifted"].as_array().unwrap() {
        let (address, happened) = (one["address"].as_str().unwrap(), one["happened"].as_str().unwrap());
        if happened != "changed" {
            lines.push(format!("{happened} {address}"));
            continue;
        }
        for field in one["fields"].as_array().unwrap() {
            lines.push(format!("{address} {} {}", field["field"].as_str().unwrap(), field["origin"].as_str().unwrap()));
        }
    }
    lines
}

/// Something of everything, by hand.
fn meddle(project: &Project) {
    let pro = project.plan_id("pro");
    let description = "| `x` | @team [y](z) <b>\n\u{1b}[31m";
    project.call("PUT", &format!("/plans/{pro}/manage"), json!({ "description": description }));
    let monthly = project.price_id("pro", "monthly");
    project.call("PUT", &format!("/plans/{pro}/prices/{monthly}"), json!({ "price": 5500 }));
    project.call("POST", &format!("/plans/{pro}/prices"), json!({ "billingInterval": "weekly", "price": 500 }));
    let sso = project.feature_id("sso");
    project.call("DELETE", &format!("/plans/{pro}/features/{sso}"), Value::Null);
    let gone = project.plan_id("gone");
    project.call("DELETE", &format!("/plans/{gone}/manage"), Value::Null);
    // Whole objects that nobody manages here are no drift.
    project.call("POST", "/features/manage", json!({ "name": "Theirs", "code": "theirs", "type": "boolean" }));
}

#[test]
fn nothing_changed() {
    for subject in [COMMET, BXB] {
        none(&subject.with(&(subject.everything)()));
    }
}

#[test]
fn what_a_person_reads() {
    let project = project();
    meddle(&project);
    let before = project.writes();
    let human = project.run(&["drift"]).exits(2);
    insta::assert_snapshot!(human.stdout, @r#"
    test · Commet 2026-07-11 · compared with what Pricebook wrote last

      - plans.gone · Gone   deleted outside
      ~ plans.pro · Pro
            description             none → “| `x` | @team [y](z) <b>\n\u{1b}[31m”  the files say none
          + prices.weekly   added outside: amount $5.00
          ~ prices.monthly  amount  $49.00 → $55.00  +12.2 %  the files say $49.00
          - features.sso    deleted outside

    5 objects changed outside. `pricebook plan` shows how apply would take it back; `pricebook pull` writes it into the files
    "#);
    assert_eq!(human.stderr, "");
    insta::assert_snapshot!(project.run(&["drift", "--format", "markdown"]).exits(2).stdout, @r#"
    ### Changed outside in `test`

    Commet 2026-07-11, compared with what Pricebook wrote last

    | object | what | written last | live | files |
    | --- | --- | --- | --- | --- |
    | `plans.gone` `Gone` | deleted | |  | |
    | `plans.pro` `Pro` | `description` | `none` | ``“\| `x` \| @team [y](z) <b>\n\u{1b}[31m”`` | `none` |
    | `plans.pro.prices.weekly` `weekly` | added | | `amount $5.00` | |
    | `plans.pro.prices.monthly` `monthly` | `amount` | `$49.00` | `$55.00` | `$49.00` |
    | `plans.pro.features.sso` `sso` | deleted | |  | |

    5 objects changed outside. `pricebook plan` shows how apply would take it back; `pricebook pull` writes it into the files
    "#);
    assert_eq!(
        lines(&project),
        [
            "deleted plans.gone",
            "plans.pro description live",
            "added plans.pro.prices.weekly",
            "plans.pro.prices.monthly amount live",
            "deleted plans.pro.features.sso",
        ]
    );
    assert_eq!(project.writes(), before, "drift only reads");
    // Apply takes it back.
    project.apply(&project.plan()).exits(0);
    none(&project);
}

/// What the files ask for is no drift; what both changed is.
#[test]
fn the_files_are_heard() {
    let project = project();
    let monthly = project.price_id("pro", "monthly");
    let pro = project.plan_id("pro");
    let price = |cents: i32| project.call("PUT", &format!("/plans/{pro}/prices/{monthly}"), json!({ "price": cents }));
    // Only the files changed.
    project.write(&catalog(&[
        ("plans.pro.prices.monthly", json!("59.00")),
        ("plans.pro.prices.yearly", Value::Null),
        ("plans.new", json!({ "name": "New" })),
        ("plans.gone", Value::Null),
        ("features.sso.name", json!("SSO")),
    ]));
    none(&project);
    // Both did.
    price(5500);
    assert_eq!(lines(&project), ["plans.pro.prices.monthly amount both"]);
    let said = project.run(&["drift"]).exits(2).stdout;
    assert!(said.contains("$49.00 → $55.00  +12.2 %  the files changed too: $59.00"), "{said}");
    // Outside to what the files say.
    price(5900);
    none(&project);
    // What is left to the dashboard never shows.
    project.write(&catalog(&[("plans.pro.prices.monthly", json!({ "amount": "49.00", "ignore": ["amount"] }))]));
    none(&project);
    // An object of ours that somebody deleted, and that left the files.
    let gone = project.plan_id("gone");
    project.call("DELETE", &format!("/plans/{gone}/manage"), Value::Null);
    project.write(&catalog(&[("plans.pro.prices.monthly", json!("59.00")), ("plans.gone", Value::Null)]));
    none(&project);
}

#[test]
fn without_a_ledger_there_are_only_the_files() {
    let project = project();
    fs::remove_file(project.ledger_path()).unwrap();
    let same = project.run(&["drift"]).exits(0);
    assert_eq!(same.stdout, "");
    assert!(same.stderr.contains("there is no ledger for test yet"), "{}", same.stderr);
    meddle(&project);
    let said = project.run(&["drift"]).exits(2);
    insta::assert_snapshot!(said.stdout, @r#"
    test · Commet 2026-07-11 · compared with the files only: there is no ledger, so nobody knows who made a difference

      - plans.gone · Gone   not there
      ~ plans.pro · Pro
            description             live “| `x` | @team [y](z) <b>\n\u{1b}[31m”  the files say none
          + prices.weekly   not in the files: amount $5.00
          ~ prices.monthly  amount  live $55.00                                  the files say $49.00
          - features.sso    not there

    5 objects are not as the files say
    "#);
    let document = json_of(project.run(&["drift", "--format", "json"]).exits(2));
    assert_eq!(document["compared_with"], "files");
}

/// Objects that were found live and never applied are not ours yet.
#[test]
fn what_was_never_applied_is_not_ours() {
    let project = project();
    project.call("POST", "/features/manage", json!({ "name": "Theirs", "code": "theirs", "type": "boolean" }));
    project.write(&catalog(&[("features.theirs", json!({ "name": "Mine", "type": "boolean" }))]));
    none(&project);
}

/// On bxb: charges that somebody wrote, a tax that somebody applied, a plan with parts that somebody deleted.
#[test]
fn on_bxb() {
    let catalog = json!({
        "provider": "bxb",
        "taxes": { "vat": { "name": "VAT", "rate": "21%" } },
        "billable_metrics": { "calls": { "name": "Calls", "aggregation_type": "count" } },
        "features": { "sso": { "name": "SSO", "feature_type": "boolean" } },
        "plans": {
            "pro": {
                "name": "Pro", "interval": "monthly", "amount": "49.00", "currency": "EUR",
                "charges": { "calls": { "billable_metric": "calls", "charge_model": "standard", "amount": "1.00" } },
                "commitments": [{ "amount": "100.00" }],
            },
        },
        "add_ons": { "setup": { "name": "Set-up", "amount": "250.00" } },
    });
    let project = BXB.with(&catalog);
    let ok = |method: &str, path: &str, body: Value| {
        let (status, answer) = project.raw(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    };
    let plans = ok("GET", "/plans/?limit=1000", Value::Null);
    let plan = plans[0]["id"].as_str().unwrap().to_owned();
    ok("PUT", &format!("/plans/{plan}"), json!({ "amount_cents": 5500 }));
    let commitment = ok("GET", "/plans/pro/commitments", Value::Null)[0]["id"].as_str().unwrap().to_owned();
    ok("PUT", &format!("/commitments/{commitment}"), json!({ "amount_cents": 20000 }));
    ok("DELETE", "/add_ons/setup", Value::Null);
    ok("POST", "/taxes/apply", json!({ "tax_code": "vat", "taxable_type": "plan", "taxable_id": plan }));
    let before = project.writes();
    let said = project.run(&["drift"]).exits(2).stdout;
    assert_eq!(project.writes(), before);
    insta::assert_snapshot!(said.lines().map(|line| ids(line) + "\n").collect::<String>(), @"
    test · bxb v1 · compared with what Pricebook wrote last

      ~ plans.pro · Pro
            amount                                  €49.00 → €55.00  +12.2 %   the files say €49.00
          + taxes.vat                       added outside
          ~ commitments.minimum_commitment  amount  €100.00 → €200.00  +100 %  the files say €100.00
      - add_ons.setup · Set-up   deleted outside

    4 objects changed outside. `pricebook plan` shows how apply would take it back; `pricebook pull` writes it into the files
    ");
    project.apply(&project.plan()).exits(0);
    none(&project);
}

/// Every field of every object, after an apply: no drift. After an edit of the files: none either.
#[test]
fn edits_of_the_files_are_no_drift() {
    let project = Project::with(&everything());
    project.write(&with(
        &everything(),
        &[
            ("plans.pro.prices.monthly.amount", json!("33.00")),
            ("plans.pro.regions.brl.exchange_rate", json!("5.50")),
            ("plans.bal.features.calls", Value::Null),
            ("groups.main.plans", json!(["basic", "free"])),
            ("addons.flag", Value::Null),
        ],
    ));
    none(&project);
}
