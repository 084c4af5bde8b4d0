//! Two live environments: `diff` and `promote`. And one check of the mode for every command that talks to an API.

use std::fs;

use pricebook::changeset::Comparison;
use pricebook::load::schema;
use serde_json::{Value, json};

use crate::project::{Outcome, Plan, Project, with};
use crate::readme::ids;
use crate::subject::{BXB, COMMET, JULY31, Subject};
use crate::workspace::World;

/// A project with the environments `sandbox` and `live`, each a sandbox in this process.
struct Two {
    sandbox: Project,
    live: Project,
}

impl Two {
    fn new(subject: Subject) -> Self {
        let two = Self { sandbox: subject.empty(), live: subject.empty() };
        two.project("");
        two
    }

    /// pricebook.yaml, with more words in the environment `live`.
    fn project(&self, more: &str) {
        let folder = self.sandbox.path("");
        let environments = self.sandbox.as_environment_of(&folder, "sandbox", "")
            + &self.live.as_environment_of(&folder, "live", more);
        fs::write(folder.join("pricebook.yaml"), format!("catalog: catalog.yaml\nenvironments:\n{environments}"))
            .unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.sandbox.run(arguments)
    }

    /// Both say what the catalog says.
    #[track_caller]
    fn apply(&self, environment: &str, catalog: &Value) {
        self.sandbox.write(catalog);
        let plan = Plan::of(&self.run(&["plan", "-e", environment, "--format", "json"]).exits(0).stdout);
        let guards = plan.guards();
        let acks = guards.iter().flat_map(|code| ["--ack", code.as_str()]);
        let all: Vec<&str> = ["apply", "-e", environment, "--yes", "-q"].into_iter().chain(acks).collect();
        self.run(&all).exits(0);
    }

    fn diff(&self, more: &[&str]) -> Outcome {
        self.run(&[&["diff", "--from", "sandbox", "--to", "live"], more].concat())
    }

    fn promote(&self, more: &[&str]) -> Outcome {
        self.run(&[&["promote", "--from", "sandbox", "--to", "live"], more].concat())
    }

    /// Promotes through a file.
    #[track_caller]
    fn promoted(&self, more: &[&str]) -> Plan {
        let file = self.sandbox.path("promotion.json");
        let file = file.to_str().unwrap();
        let before = self.writes();
        let planned = self.promote(&[&["--out", file, "--format", "json"], more].concat()).exits(0);
        assert_eq!(self.writes(), before, "promote sends nothing");
        let plan = Plan::of(&planned.stdout);
        assert_eq!(fs::read_to_string(file).unwrap(), planned.stdout);
        self.sandbox.run_plain(&["show", file]).exits(0);
        let guards = plan.guards();
        let acks = guards.iter().flat_map(|code| ["--ack", code.as_str()]);
        let all: Vec<&str> = ["apply", file, "--yes", "-q"].into_iter().chain(acks).collect();
        self.run(&all).exits(0);
        plan
    }

    fn writes(&self) -> usize {
        self.sandbox.writes().len() + self.live.writes().len()
    }

    fn plain(&self, text: &str) -> String {
        let folder = format!("{}/", self.sandbox.path("").display());
        text.replace(&folder, "").lines().map(|line| ids(line).trim_end().to_owned() + "\n").collect()
    }
}

/// What `live` says where it is not like `sandbox`: something of every action.
fn behind(subject: Subject) -> Value {
    let everything = (subject.everything)();
    if subject.provider() == "commet" {
        let edits = [
            ("features.calls.name", json!("API: \"calls\"")),
            ("plans.pro.description", json!("For teams")),
            ("plans.pro.prices.monthly.amount", json!("33.00")),
            ("plans.pro.prices.weekly", Value::Null),
            ("plans.pro.regions.eur", json!({ "exchange_rate": "0.92" })),
            ("plans.pro.regions.brl", json!({ "exchange_rate": "5.60", "prices": { "monthly": "170.00" } })),
            ("plans.bal", Value::Null),
            ("plans.creds.features.tokens.credits_per_unit", json!(8)),
            ("plans.fresh", json!({ "name": "Fresh", "prices": { "monthly": { "amount": "1.00" } } })),
            ("groups.main.plans", json!(["basic", "fresh", "free"])),
            ("groups.side", Value::Null),
            ("addons.flag", Value::Null),
            ("addons.text.included_units", json!(5)),
        ];
        return with(&everything, &edits);
    }
    let edits = [
        ("billable_metrics.calls.name", json!("API: \"calls\"")),
        ("taxes.vat.rate", json!("19%")),
        ("plans.pro.amount", json!("59.00")),
        ("plans.pro.charges.m_standard.amount", json!("2.00")),
        ("plans.pro.charges.m_package", Value::Null),
        ("plans.pro.charges.f_standard.filters", json!({ "region": { "us": {} } })),
        ("plans.pro.entitlements.seats", Value::Null),
        ("plans.pro.commitments", json!([{ "amount": "120.00" }])),
        ("plans.pro.usage_thresholds", json!([{ "amount": "700.00" }])),
        ("plans.bare", Value::Null),
        ("plans.fresh", json!({ "name": "Fresh", "interval": "weekly", "taxes": ["vat", "extra"] })),
        ("add_ons.setup", Value::Null),
        ("coupons.part", Value::Null),
    ];
    with(&everything, &edits)
}

/// Promoted and applied, the two are the same; the ledgers know it, and the plan of the files for `live` is empty.
fn promoted_and_applied(subject: Subject) {
    let two = Two::new(subject);
    two.apply("live", &behind(subject));
    two.apply("sandbox", &(subject.everything)());
    let (before, found) = (two.writes(), two.diff(&["--format", "json"]).exits(2));
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    let sides: Vec<&Value> = found["differences"].as_array().unwrap().iter().map(|one| &one["side"]).collect();
    assert!(["both", "only_from", "only_to"].iter().all(|side| sides.contains(&&json!(side))), "{found:#}");
    assert_eq!(found["incomparable"], json!([]), "both ledgers know everything");
    assert_eq!(two.writes(), before);

    let plan = two.promoted(&[]);
    plan.is_ordered();
    assert!(plan.0["warnings"].as_array().unwrap().iter().all(|one| !one.as_str().unwrap().contains("otherwise")));
    let said = two.diff(&[]);
    assert!(said.code == 0 && said.stdout.contains("sandbox and live say the same"), "{said:#?}");
    let next = Plan::of(&two.run(&["plan", "-e", "live", "--format", "json"]).exits(0).stdout);
    assert_eq!(next.lines(), Vec::<String>::new());
    // The other way round, and once more: nothing to do.
    two.run(&["diff", "--from", "live", "--to", "sandbox"]).exits(0);
    let again = Plan::of(&two.promote(&["--format", "json", "--detailed-exitcode"]).exits(0).stdout);
    assert_eq!(again.lines(), Vec::<String>::new());
}

#[test]
fn promoted_and_applied_on_commet_the_two_are_the_same() {
    promoted_and_applied(COMMET);
}

#[test]
fn promoted_and_applied_on_bxb_the_two_are_the_same() {
    promoted_and_applied(BXB);
}

/// Into an environment that holds nothing, and without files.
#[test]
fn everything_is_promoted_into_an_empty_environment() {
    for subject in [COMMET, JULY31, BXB] {
        let two = Two::new(subject);
        two.apply("sandbox", &(subject.everything)());
        fs::remove_file(two.sandbox.path("catalog.yaml")).unwrap();
        two.diff(&[]).exits(2);
        let plan = two.promoted(&[]);
        assert!(plan.lines().iter().all(|line| line.starts_with("create")), "{:#?}", plan.lines());
        two.diff(&[]).exits(0);
    }
}

fn small(edits: &[(&str, Value)]) -> Value {
    let catalog = json!({
        "provider": "commet",
        "features": { "sso": { "name": "Single sign-on", "type": "boolean" }, "calls": { "name": "Calls", "type": "usage" } },
        "groups": { "main": { "name": "Plans", "plans": ["pro"] } },
        "plans": {
            "pro": {
                "name": "Pro", "consumption_model": "metered", "default_price": "monthly",
                "prices": { "monthly": "49.00", "yearly": "490.00" },
                "features": { "sso": true, "calls": { "included_amount": 1000, "overage": "0.01" } },
                "regions": { "eur": { "exchange_rate": "0.92" } },
            },
        },
    });
    with(&catalog, edits)
}

#[test]
fn what_a_person_reads() {
    let two = Two::new(COMMET);
    two.apply(
        "live",
        &small(&[
            ("plans.pro.prices", json!({ "monthly": "39.00" })),
            ("plans.pro.description", json!("For teams")),
            ("plans.old", json!({ "name": "Old" })),
            ("price_changes", json!("reprice")),
        ]),
    );
    let feature = json!({ "name": "Made by hand", "code": "hand", "type": "boolean" });
    two.live.call("POST", "/features/manage", feature);
    two.apply(
        "sandbox",
        &small(&[("plans.pro.features.calls.included_amount", json!(2000)), ("plans.new", json!({ "name": "New" }))]),
    );
    insta::assert_snapshot!(two.plain(&two.diff(&[]).exits(2).stdout), @"
    sandbox and live · Commet 2026-07-11 · 5 objects the same in both

      > features.hand · Made by hand   only in live
      < plans.new · New                only in sandbox
      > plans.old · Old                only in live
      ~ plans.pro · Pro
            description                      sandbox none    live “For teams”
          ~ prices.monthly  amount           sandbox $49.00  live $39.00
          < prices.yearly   only in sandbox
          ~ features.calls  included_amount  sandbox 2,000   live 1,000

    3 differ · 2 only in sandbox · 2 only in live
    ");
    let document: Value = serde_json::from_str(&two.diff(&["--format", "json"]).exits(2).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema::of::<Comparison>("x")).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    // Nothing says what a changed price does: the guard asks. The word on the command line is enough.
    insta::assert_snapshot!(two.plain(&two.promote(&[]).exits(0).stdout), @r#"
    sandbox → live · Commet 2026-07-11 · 11 objects, 5 unchanged

      + plans.new · New
      - plans.old · Old   not in sandbox; no new subscriptions; existing ones go on
      ~ plans.pro · Pro
            description     “For teams” → none
          ~ prices.monthly  amount           $39.00 → $49.00  +25.6 %   new customers pay it today; existing subscribers from their next renewal
          + prices.yearly   amount $490.00
          ~ features.calls  included_amount  1,000 → 2,000              existing subscribers have more included from now on

      Calls, in order
        1  Create plan New                  POST /plans/manage
        2  Delete plan Old                  DELETE /plans/pln_…/manage
        3  Update plan Pro                  PUT /plans/pln_…/manage
        4  Update the monthly price of Pro  PUT /plans/pln_…/prices/pp_…
        5  Add the yearly price to Pro      POST /plans/pln_…/prices
        6  Update calls on Pro              PUT /plans/pln_…/features/ftr_…
        7  Write the EUR prices of Pro      PUT /plans/pln_…/regional

      PB-G01  an existing price changes, and nothing says what that does to existing subscribers. Write `price_changes: reprice` (they get the new one, when the change says) or `price_changes: grandfather` (they keep what they have) into the catalog, the plan or the price (plans.pro.prices.monthly). Acknowledge with --ack PB-G01.

      PB-G05  deletes plans.old: no new subscriptions; existing ones go on. Acknowledge with --ack PB-G05.

      `pricebook explain PB-G01` says what a guard means and what to do

    2 to create, 3 to update, 1 to delete · 7 calls · 2 changes reach existing subscribers · 1 object not managed here
    "#);
    let guards =
        |more: &[&str]| Plan::of(&two.promote(&[&["--format", "json"], more].concat()).exits(0).stdout).guards();
    assert!(guards(&[]).contains(&"PB-G01".to_owned()));
    for word in ["grandfather", "reprice"] {
        assert!(!guards(&["--price-changes", word]).contains(&"PB-G01".to_owned()));
    }
    two.promote(&["--price-changes", "both"]).exits(3);
    // What only live has and Pricebook did not make is left alone, also afterwards.
    two.promoted(&["--price-changes", "reprice"]);
    let said = two.diff(&[]).exits(2);
    assert!(said.stdout.contains("> features.hand · Made by hand   only in live"), "{}", said.stdout);
    assert_eq!(two.live.get("/features/hand")["name"], "Made by hand");
}

/// What the files of the target leave to the dashboard, protect or say otherwise.
#[test]
fn the_targets_own_files_are_heard() {
    let two = Two::new(COMMET);
    let catalog = small(&[("price_changes", json!("reprice"))]);
    two.apply("sandbox", &catalog);
    two.apply("live", &catalog);
    let id = two.sandbox.plan_id("pro");
    two.sandbox.call("PUT", &format!("/plans/{id}/manage"), json!({ "description": "new", "name": "Pro 2" }));
    fs::write(two.sandbox.path("live.yaml"), "plans: { pro: { ignore: [description] } }").unwrap();
    two.project(", overlay: live.yaml");
    let plan = Plan::of(&two.promote(&["--format", "json"]).exits(0).stdout);
    assert_eq!(plan.lines(), ["~ plans.pro name"]);
    let warnings = plan.0["warnings"].to_string();
    assert!(warnings.contains("the files say otherwise for live in plans.pro."), "{warnings}");
    // An object that the files do not name becomes managed by being written; that would not last.
    let feature = json!({ "name": "By hand", "code": "hand", "type": "boolean" });
    two.sandbox.call("POST", "/features/manage", feature.clone());
    let plan = Plan::of(&two.promote(&["--format", "json"]).exits(0).stdout);
    assert_eq!(plan.lines(), ["create features.hand", "~ plans.pro name"]);
    assert!(plan.0["warnings"].to_string().contains("do not name features.hand"), "{}", plan.0["warnings"]);
    // One that is in both already is not taken over.
    two.live.call("POST", "/features/manage", feature);
    let plan = two.promoted(&[]);
    assert_eq!(plan.lines(), ["~ plans.pro name"]);
    let ledger = fs::read_to_string(two.sandbox.path(".pricebook/live.ledger.json")).unwrap();
    assert!(!ledger.contains("features.hand"));
    two.diff(&[]).exits(0);
}

/// What no read shows is taken from the ledgers; where they do not know, that is said, and it stays as it is.
#[test]
fn what_no_read_shows() {
    let two = Two::new(COMMET);
    let catalog = |credits: i32| {
        json!({
            "provider": "commet",
            "features": { "calls": { "name": "Calls", "type": "usage" } },
            "plans": { "pro": {
                "name": "Pro", "consumption_model": "credits", "prices": { "monthly": "9.00" },
                "features": { "calls": { "credits_per_unit": credits } },
            } },
        })
    };
    two.apply("live", &catalog(3));
    two.apply("sandbox", &catalog(5));
    let said = two.diff(&[]).exits(2).stdout;
    assert!(said.contains("credits_per_unit  sandbox 5  live 3"), "{said}");
    fs::remove_file(two.sandbox.path(".pricebook/sandbox.ledger.json")).unwrap();
    let said = two.diff(&[]).exits(0).stdout;
    assert!(said.contains("plans.pro.features.calls: credits_per_unit"), "{said}");
    assert!(said.contains("1 field cannot be compared"), "{said}");
    let plan = Plan::of(&two.promote(&["--format", "json"]).exits(0).stdout);
    assert_eq!(plan.lines(), Vec::<String>::new());
    assert!(plan.0["warnings"].to_string().contains("stay as they are in live"), "{}", plan.0["warnings"]);
}

#[test]
fn environments_that_cannot_be_compared() {
    let two = Two::new(COMMET);
    two.sandbox.write(&small(&[]));
    for (arguments, words) in [
        (["diff", "--from", "live", "--to", "live"], "the same environment"),
        (["promote", "--from", "sandbox", "--to", "lvie"], "did you mean `live`?"),
        (["diff", "--from", "nobody", "--to", "live"], "there is no environment `nobody`"),
    ] {
        let said = two.run(&arguments).exits(3);
        assert!(said.stderr.contains(words), "{said:#?}");
    }
    let other = BXB.empty();
    let folder = two.sandbox.path("");
    let more = other.as_environment_of(&folder, "metered", "");
    let text = fs::read_to_string(folder.join("pricebook.yaml")).unwrap() + &more;
    fs::write(folder.join("pricebook.yaml"), text).unwrap();
    fs::remove_file(folder.join("catalog.yaml")).unwrap();
    let said = two.run(&["diff", "--from", "sandbox", "--to", "metered"]).exits(3);
    assert!(said.stderr.contains("nothing in common"), "{said:#?}");
    assert_eq!(two.writes(), 0);
}

/// Every command that talks to an API refuses an environment whose key belongs to another mode.
#[test]
fn one_check_of_the_mode_for_every_command() {
    let world = World::new("provider: commet\nfeatures: { a: { name: A, type: boolean } }\n");
    world.run(&["apply", "--yes"]).exits(0);
    let project = format!(
        "catalog: catalog.yaml\nenvironments:\n  test: {{ provider: commet, url: \"{0}\", api_key: {{ env: PB_KEY }} }}\n  \
         live: {{ provider: commet, url: \"{0}\", api_key: {{ env: PB_KEY }}, mode: live }}\n",
        world.url
    );
    fs::write(world.path("pricebook.yaml"), project).unwrap();
    world.forget_log();
    let words = "the environment live says `mode: live`, but the API answers as sandbox: the key is another one's";
    world.run(&["plan", "-e", "live"]).exits(0).says("PB-G12").says(words);
    world.run(&["apply", "-e", "live", "--yes"]).exits(4).says(words);
    world.run(&["drift", "-e", "live"]).exits(4).complains(words);
    world.run(&["diff", "--from", "test", "--to", "live"]).exits(4).complains(words);
    world.run(&["diff", "--from", "live", "--to", "test"]).exits(4).complains(words);
    world.run(&["promote", "--from", "live", "--to", "test"]).exits(4).complains(words);
    world.run(&["promote", "--from", "test", "--to", "live"]).exits(4).complains(words);
    world.run(&["pull", "-e", "live"]).exits(4).complains(words);
    fs::remove_file(world.path("catalog.yaml")).unwrap();
    world.run(&["pull", "-e", "live"]).exits(4).complains(words);
    assert!(!world.path("catalog.yaml").exists());
    assert!(world.writes().is_empty());
}
