//! `pull` where there is a catalog: only what differs is edited, and the next plan is empty.

use std::fs;

use serde_json::{Value, json};

use crate::project::{Outcome, Project};

const CATALOG: &str = "\
# Our prices. Ask finance before you change one.
provider: commet
price_changes: reprice

features:
  sso:   { name: Single sign-on, type: boolean }     # enterprise
  calls: { name: 'API calls', type: usage }

plans:
  # For everyone
  free:
    name: Free   # no card needed
    free: true
    public: true

  pro:
    name: \"Pro\"
    consumption_model: metered
    default_price: monthly
    prices:
      monthly: 49   # since 2023
      # ten months
      yearly: { amount: 490.00, trial_days: 14 }
    features:
      sso: true
      calls:
        included_amount: 1000
        overage: 0.002
    regions:
      eur: { exchange_rate: 0.92 }
";

const ALL: &[&str] = &[
    "--yes", "--ack", "PB-G01", "--ack", "PB-G02", "--ack", "PB-G03", "--ack", "PB-G04", "--ack", "PB-G05", "--ack",
    "PB-G06", "--ack", "PB-G07", "--ack", "PB-G08", "--ack", "PB-G09", "--ack", "PB-G10",
];

/// A project whose sandbox says what this catalog says.
fn project(catalog: &str) -> Project {
    let project = Project::new();
    project.write_text(catalog);
    project.run(&[&["apply"], ALL].concat()).exits(0);
    project
}

/// Somebody makes the API say what another catalog says.
#[track_caller]
fn clicks(project: &Project, catalog: &str) {
    let elsewhere = project.path("elsewhere");
    fs::create_dir_all(elsewhere.join(".pricebook")).unwrap();
    fs::copy(project.path("pricebook.yaml"), elsewhere.join("pricebook.yaml")).unwrap();
    fs::copy(project.ledger_path(), elsewhere.join(".pricebook/test.ledger.json")).unwrap();
    fs::write(elsewhere.join("catalog.yaml"), catalog).unwrap();
    let folder = elsewhere.to_str().unwrap();
    project.run_plain(&[&["apply", "-C", folder], ALL].concat()).exits(0);
}

fn text(project: &Project) -> String {
    fs::read_to_string(project.path("catalog.yaml")).unwrap()
}

/// Pulls; then nothing is to do, and pulling again changes nothing.
#[track_caller]
fn pulls(project: &Project) -> Outcome {
    let writes = project.writes();
    let outcome = project.run(&["pull"]).exits(0);
    project.in_sync();
    assert_eq!(project.plan().0["unmanaged"], json!([]));
    let (before, ledger) = (text(project), fs::read(project.ledger_path()).unwrap());
    assert!(project.run(&["pull"]).exits(0).stdout.contains("The files say what is live"));
    assert_eq!((text(project), fs::read(project.ledger_path()).unwrap()), (before, ledger));
    assert_eq!(project.writes(), writes, "pull only reads");
    outcome
}

#[test]
fn only_what_differs_is_edited() {
    let project = project(CATALOG);
    let live = CATALOG
        .replace("monthly: 49 ", "monthly: { amount: 59, trial_days: 7 } ")
        .replace("yearly: { amount: 490.00, trial_days: 14 }", "yearly: { amount: 590, trial_days: 14 }")
        .replace("public: true", "description: \"Free: for ever\"")
        .replace("      sso: true\n", "")
        .replace("overage: 0.002", "overage: 0.0015")
        .replace("  calls: {", "  seats: { name: Seats, type: seats }\n  calls: {")
        + "  big:\n    name: Big\n    prices: { yearly: 9900.00 }\n\ngroups:\n  all: { name: All, plans: [free, pro, big] }\n";
    clicks(&project, &live);
    let shown = project.run(&["pull", "--check"]).exits(2);
    assert_eq!(text(&project), CATALOG, "--check writes nothing");
    insta::assert_snapshot!(shown.stdout.replace(project.path("").to_str().unwrap(), ""), @r#"
    --- a/catalog.yaml
    +++ b/catalog.yaml
    @@ -5,11 +5,18 @@
     features:
       sso:   { name: Single sign-on, type: boolean }     # enterprise
       calls: { name: 'API calls', type: usage }
    +  seats: { name: Seats, type: seats }
    +
    +groups:
    +  all:
    +    name: All
    +    plans: [free, pro, big]
     
     plans:
       # For everyone
       free:
         name: Free   # no card needed
    +    description: "Free: for ever"
         free: true
         public: true
     
    @@ -18,13 +25,17 @@
         consumption_model: metered
         default_price: monthly
         prices:
    -      monthly: 49   # since 2023
    +      monthly: { amount: 59, trial_days: 7 } # since 2023
           # ten months
    -      yearly: { amount: 490.00, trial_days: 14 }
    +      yearly: { amount: 590.00, trial_days: 14 }
         features:
    -      sso: true
           calls:
             included_amount: 1000
    -        overage: 0.002
    +        overage: 0.0015
         regions:
           eur: { exchange_rate: 0.92 }
    +
    +  big:
    +    name: Big
    +    prices:
    +      yearly: 9900.00
      added: features.seats
      added: groups.all
      added: plans.big
      changed: plans.free
      changed: plans.pro
    1 file would change
    "#);
    let outcome = pulls(&project);
    insta::assert_snapshot!(outcome.stdout, @r"
      added: features.seats
      added: groups.all
      added: plans.big
      changed: plans.free
      changed: plans.pro
    1 file changed: the files say what is live in test
    ");
    insta::assert_snapshot!(text(&project), @r#"
    # Our prices. Ask finance before you change one.
    provider: commet
    price_changes: reprice

    features:
      sso:   { name: Single sign-on, type: boolean }     # enterprise
      calls: { name: 'API calls', type: usage }
      seats: { name: Seats, type: seats }

    groups:
      all:
        name: All
        plans: [free, pro, big]

    plans:
      # For everyone
      free:
        name: Free   # no card needed
        description: "Free: for ever"
        free: true
        public: true

      pro:
        name: "Pro"
        consumption_model: metered
        default_price: monthly
        prices:
          monthly: { amount: 59, trial_days: 7 } # since 2023
          # ten months
          yearly: { amount: 590.00, trial_days: 14 }
        features:
          calls:
            included_amount: 1000
            overage: 0.0015
        regions:
          eur: { exchange_rate: 0.92 }

      big:
        name: Big
        prices:
          yearly: 9900.00
    "#);
    project.run(&["pull", "--check"]).exits(0);
}

#[test]
fn what_is_gone_goes_with_its_comments() {
    let project = project(CATALOG);
    let start = CATALOG.find("  # For everyone").unwrap();
    let end = CATALOG.find("  pro:").unwrap();
    let live = format!("{}{}", &CATALOG[..start], &CATALOG[end..])
        .replace("    regions:\n      eur: { exchange_rate: 0.92 }\n", "");
    clicks(&project, &live);
    pulls(&project);
    assert_eq!(text(&project), live);
}

#[test]
fn only_some_addresses() {
    let project = project(CATALOG);
    clicks(
        &project,
        &(CATALOG.replace("monthly: 49 ", "monthly: 59 ").replace("0.002", "0.003") + "  big: { name: Big }\n"),
    );
    project.run(&["pull", "--only", "plans.pro.prices"]).exits(0);
    assert_eq!(text(&project), CATALOG.replace("monthly: 49 ", "monthly: 59 "));
    assert_eq!(project.plan().lines(), ["~ plans.pro.features.calls overage"]);
    project.run(&["pull", "--only", "plans.b*"]).exits(0);
    let expected = CATALOG.replace("monthly: 49 ", "monthly: 59 ") + "\n  big:\n    name: Big\n";
    assert_eq!(text(&project), expected);
}

#[test]
fn words_about_managing_stay() {
    let catalog = CATALOG
        .replace("    free: true\n", "    free: true\n    description: Ours\n    ignore: [description]\n")
        + "\nabsent:\n  plans: [legacy]   # since 2020\n";
    let project = project(&catalog);
    clicks(
        &project,
        &(CATALOG.replace("    free: true\n", "    free: true\n    description: Theirs\n")
            + "  legacy: { name: Old }\n"),
    );
    let outcome = project.run(&["pull"]).exits(0);
    assert_eq!(text(&project), catalog);
    assert!(outcome.stdout.contains("live, and listed under `absent:`: plans.legacy"), "{}", outcome.stdout);
    assert_eq!(project.plan().lines(), ["delete plans.legacy"]);
}

#[test]
fn a_new_object_goes_to_its_kind() {
    let project = Project::new();
    let folder = project.path("catalog");
    fs::create_dir(&folder).unwrap();
    let config = fs::read_to_string(project.path("pricebook.yaml")).unwrap();
    fs::write(project.path("pricebook.yaml"), config.replace("catalog: catalog.yaml", "catalog: catalog/")).unwrap();
    let plans = "provider: commet\n\nplans:\n  a: { name: A }\n";
    let features = "provider: commet\r\nfeatures:\r\n    one: {name: One, type: boolean}\r\n";
    fs::write(folder.join("plans.yaml"), plans).unwrap();
    fs::write(folder.join("features.yaml"), features).unwrap();
    project.run(&[&["apply"], ALL].concat()).exits(0);
    project.call("POST", "/features/manage", json!({ "name": "Two: 2", "code": "two", "type": "boolean" }));
    project.run(&["pull"]).exits(0);
    assert_eq!(fs::read_to_string(folder.join("plans.yaml")).unwrap(), plans);
    assert_eq!(
        fs::read_to_string(folder.join("features.yaml")).unwrap(),
        format!("{features}    two: {{ name: \"Two: 2\", type: boolean }}\r\n")
    );
    project.in_sync();
}

#[test]
fn what_cannot_be_edited_is_shown() {
    let catalog = CATALOG.replace("    prices:\n", "    prices: &p\n")
        + "  other:\n    name: Other\n    consumption_model: metered\n    default_price: monthly\n    prices: *p\n";
    let project = project(&catalog);
    let start = catalog.find("  pro:").unwrap();
    let end = catalog.find("  other:").unwrap();
    let mut live = format!("{}{}", &catalog[..start], &catalog[end..])
        .replace("*p", "{ monthly: 49, yearly: { amount: 490, trial_days: 14 } }");
    live = live.replace("name: Free ", "name: Gratis ");
    clicks(&project, &live);
    let outcome = project.run(&["pull"]).exits(1);
    assert_eq!(text(&project), catalog.replace("name: Free   #", "name: Gratis #"));
    assert!(
        outcome.stderr.contains("plans.pro cannot be edited safely") && outcome.stderr.contains("`&p`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn an_invalid_catalog_is_left_alone() {
    let project = project(CATALOG);
    project.write_text("provider: commet\nplans: {\n");
    project.run(&["pull"]).exits(3);
    assert_eq!(text(&project), "provider: commet\nplans: {\n");
}

#[test]
fn as_json() {
    let project = project(CATALOG);
    clicks(&project, &CATALOG.replace("monthly: 49 ", "monthly: 59 "));
    let shown = project.run(&["pull", "--check", "--format", "json"]).exits(2);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["changed"], json!(["plans.pro"]));
    assert!(shown["diff"].as_str().unwrap().contains("+      monthly: 59   # since 2023\n"), "{shown}");
}

#[test]
fn charges_keep_their_keys() {
    let project = Project::of("bxb");
    let catalog = "\
provider: bxb
price_changes: reprice
billable_metrics:
  calls: { name: Calls, aggregation_type: count }
plans:
  pro:
    name: Pro
    interval: monthly
    currency: EUR
    charges:
      our_calls:      # what most pay
        billable_metric: calls
        charge_model: graduated
        ranges:
          - { up_to: 1000, per_unit: 0 }   # free
          - { per_unit: 0.002 }
    usage_thresholds: [{ amount: 100.00 }, { amount: 500.00, recurring: true }]
";
    project.write_text(catalog);
    project.run(&[&["apply"], ALL].concat()).exits(0);
    let live = catalog
        .replace("- { per_unit: 0.002 }", "- { up_to: 5000, per_unit: 0.003 }\n          - { per_unit: 0.001 }")
        .replace("{ amount: 100.00 }, ", "");
    clicks(&project, &live);
    pulls(&project);
    assert_eq!(text(&project), live);
}
