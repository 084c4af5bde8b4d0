//! `upgrade`: from one version of the API to a newer one, the live state unchanged and the next plan empty.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::project::Project;
use crate::readme::copy;
use crate::support::PROGRAM;

const OLD: &str = "2026-07-11";
const NEW: &str = "2026-07-31";

const CATALOG: &str = "\
provider: commet
price_changes: grandfather

plans:
  # For teams
  pro:
    name: Pro
    default_price: monthly
    prices:
      monthly: 49.00   # m
      yearly: { amount: 490.00, intro_offer: { amount: 20.00, cycles: 3 } }   # y
    regions:
      brl: { exchange_rate: 5.40 }
      eur: { exchange_rate: 0.92, prices: { yearly: { amount: 450.00, intro_offer: { amount: 15.00, cycles: 3 } } } }

promo_codes:
  # spring
  SPRING-20: { percentage: 20%, cycles: 3 }   # for the fair
  TENOFF:
    amount_off: 10.00   # dollars
    plans: [pro]
    # until
    expires_at: 2026-12-31T23:59:59Z

credit_packs:
  small: { name: Small, credits: 5, price: 1.00 }
";

/// A project whose sandbox says what this catalog says, on the older version.
fn project(catalog: &str) -> Project {
    let project = Project::new();
    project.write_text(catalog);
    project.run(&["apply", "--yes", "-q"]).exits(0);
    project
}

fn read(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path(name)).unwrap()
}

/// What is live, in one version's words, without times.
fn live(project: &Project, version: &str) -> Value {
    let lists = ["/features", "/plans?includePrivate=true", "/plan-groups?limit=100", "/addons?limit=100"];
    let more = ["/promo-codes?limit=100", "/credit-packs"];
    let paths = lists.iter().chain(&more);
    paths.map(|path| project.in_version(version, "GET", path, Value::Null)).collect()
}

#[test]
fn the_terms_change_and_nothing_else() {
    let project = project(CATALOG);
    let (writes, before) = (project.writes(), (live(&project, OLD), live(&project, NEW)));
    let files = (CATALOG.to_owned(), read(&project, "pricebook.yaml"));

    let checked = project.run(&["upgrade", "--to", NEW, "--check"]).exits(2);
    assert_eq!((read(&project, "catalog.yaml"), read(&project, "pricebook.yaml")), files, "--check writes nothing");
    assert!(checked.stdout.contains("2 files would change"), "{}", checked.stdout);
    assert!(checked.stdout.contains("-  SPRING-20: { percentage: 20%, cycles: 3 }   # for the fair"));

    let done = project.run(&["upgrade", "--to", NEW]).exits(0);
    insta::assert_snapshot!(done.stdout, @r"
      added: offers.pro_yearly_intro_offer
      added: offers.spring_20
      added: offers.tenoff
      changed: plans.pro
      changed: promo_codes.SPRING-20
      changed: promo_codes.TENOFF

      gone: plans.pro.prices.yearly intro_offer, 20.00 USD for 3 cycles: it is offers.pro_yearly_intro_offer now, which the price gives by itself. Its terms stand under `offers:`; which offer a price gives is changed in the dashboard

      gone: plans.pro.regions.eur prices.yearly.intro_offer, 15.00 EUR for 3 cycles: the amounts of an offer are listed by currency: it goes with the offer of the price

    2 files changed: test on 2026-07-31. Nothing is to do there before and after
    ");
    insta::assert_snapshot!(read(&project, "catalog.yaml"), @r"
    provider: commet
    price_changes: grandfather

    plans:
      # For teams
      pro:
        name: Pro
        default_price: monthly
        prices:
          monthly: 49.00   # m
          yearly: { amount: 490.00 }                                              # y
        regions:
          brl: { exchange_rate: 5.40 }
          eur: { exchange_rate: 0.92, prices: { yearly: { amount: 450.00 } } }

    offers:
      pro_yearly_intro_offer:
        name: Pro yearly intro offer
        phases:
          - { amount_off: { brl: 108.00, eur: 15.00, usd: 20.00 }, cycles: 3 }

      spring_20:
        name: SPRING-20
        phases: [{ percentage: 20%, cycles: 3 }]

      tenoff:
        name: TENOFF
        phases:
          - { amount_off: { usd: 10.00 } }

    promo_codes:
      # spring
      SPRING-20: { offer: spring_20 }             # for the fair
      TENOFF:
        plans: [pro]
        offer: tenoff
        # until
        expires_at: 2026-12-31T23:59:59Z

    credit_packs:
      small: { name: Small, credits: 5, price: 1.00 }
    ");
    let expected = files.1.replace(" }\n", ", api_version: 2026-07-31 }\n");
    assert_eq!(read(&project, "pricebook.yaml"), expected);

    assert_eq!(project.writes(), writes, "only reads are sent");
    assert_eq!((live(&project, OLD), live(&project, NEW)), before);
    project.run(&["validate"]).exits(0);
    let plan = project.plan();
    assert_eq!((plan.lines(), &plan.0["unmanaged"], &plan.0["unverifiable"]), (vec![], &json!([]), &json!([])));
    // What the ledger remembers of the old terms does not come back.
    assert!(!read(&project, ".pricebook/test.ledger.json").contains("intro_offer."));

    let again = project.run(&["upgrade", "--to", NEW]).exits(0);
    assert_eq!(again.stdout, "test is on 2026-07-31 already: nothing to do\n");
    assert_eq!(read(&project, "pricebook.yaml"), expected);
    // And it is a catalog like any other.
    let dearer = read(&project, "catalog.yaml").replace("monthly: 49.00", "monthly: 59.00");
    let plan = project.plan_of_text(&dearer);
    assert_eq!(plan.lines(), ["replace plans.pro.prices.monthly", "~ plans.pro.prices.monthly amount"]);
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn what_only_the_newer_version_shows_comes_into_the_files() {
    let project = project("provider: commet\nplans:\n  pro: { name: Pro, prices: { monthly: 49.00 } }   # one\n");
    let market = project.in_version(NEW, "POST", "/markets", json!({ "name": "South", "countryCodes": ["AR"] }));
    let other = json!({ "name": "North", "countryCodes": ["NO"] });
    project.in_version(NEW, "POST", "/markets", other);
    let (plan, price) = (project.plan_id("pro"), project.price_id("pro", "monthly"));
    let prices = json!({
        "metadata": { "experiment": "a" },
        "marketPrices": [{ "marketGroupId": market["id"], "currency": "ars", "price": 6_490_000 }],
    });
    project.in_version(NEW, "PATCH", &format!("/plans/{plan}/prices/{price}"), prices);
    project.run(&["upgrade", "--to", NEW]).exits(0);
    insta::assert_snapshot!(read(&project, "catalog.yaml"), @r"
    provider: commet
    plans:
      pro: { name: Pro, prices: { monthly: { amount: 49.00, markets: { south: { ars: 64900.00 } }, metadata: { experiment: a } } } } # one
    markets:
      south: { name: South, countries: [AR] }
    ");
    project.in_sync();
}

#[test]
fn an_offer_that_the_dashboard_attached_is_said() {
    let project = project(CATALOG);
    let terms = json!({ "name": "Autumn", "phases": [{ "type": "free_trial", "durationDays": 7 }] });
    let offer = project.in_version(NEW, "POST", "/offers", terms);
    let (plan, price) = (project.plan_id("pro"), project.price_id("pro", "monthly"));
    let attach = format!("/sandbox/plans/{plan}/prices/{price}/offer");
    project.in_version(NEW, "PUT", &attach, json!({ "offerId": offer["id"] }));
    project.run(&["upgrade", "--to", NEW]).exits(0);
    let text = read(&project, "catalog.yaml");
    assert!(text.contains("Autumn") && text.contains("free_trial: 7"), "{text}");
    project.in_sync();
    // A new price would come without it, and no call attaches it again.
    let dearer = text.replace("49.00", "59.00");
    project.write_text(&dearer);
    assert_eq!(project.plan().guards(), ["PB-G19"]);
    let refused = project.run(&["apply", "--yes"]).exits(4);
    assert!(
        refused
            .stdout
            .contains("plans.pro.prices.monthly is made anew and loses offers.autumn, which new customers get with it"),
        "{}",
        refused.stdout
    );
    project.write_text(&dearer.replace(": grandfather", ": reprice"));
    assert!(project.plan().guards().is_empty());
}

#[test]
fn it_starts_from_an_empty_plan() {
    let project = project(CATALOG);
    project.write_text(&CATALOG.replace("49.00", "59.00"));
    let refused = project.run(&["upgrade", "--to", NEW]).exits(1);
    assert!(refused.stderr.contains("test is not as the files say on 2026-07-11: plans.pro.prices.monthly"));
    assert!(refused.stderr.contains("`pricebook plan -e test`"), "{}", refused.stderr);
    assert!(read(&project, "catalog.yaml").contains("intro_offer"));
    assert!(!read(&project, "pricebook.yaml").contains("api_version"));
}

#[test]
fn versions_that_nobody_speaks_and_older_ones_are_refused() {
    let project = project(CATALOG);
    let unknown = project.run(&["upgrade", "--to", "2026-07-24"]).exits(3);
    assert!(unknown.stderr.contains("does not speak version 2026-07-24 of Commet"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("it speaks 2026-07-11, 2026-07-31"));
    project.run(&["upgrade"]).exits(3);
    project.run(&["upgrade", "--to", NEW, "-e", "tset"]).exits(3);
    project.run(&["upgrade", "--to", NEW]).exits(0);
    let back = project.run(&["upgrade", "--to", OLD]).exits(3);
    assert!(back.stderr.contains("an upgrade goes forward only"), "{}", back.stderr);
    let json = project.run(&["upgrade", "--to", NEW, "--format", "json"]).exits(0);
    assert_eq!(serde_json::from_str::<Value>(&json.stdout).unwrap()["files"], json!([]));
}

#[test]
fn an_overlay_is_edited_by_hand() {
    let project = project(CATALOG);
    let with = read(&project, "pricebook.yaml").replace(" }\n", ", overlay: live.yaml }\n");
    fs::write(project.path("pricebook.yaml"), &with).unwrap();
    let overlay =
        "plans:\n  pro: { prices: { monthly: { amount: 49.00, intro_offer: { percentage: 5%, cycles: 2 } } } }\n";
    fs::write(project.path("live.yaml"), overlay).unwrap();
    project.run(&["apply", "--yes", "-q"]).exits(0);
    let refused = project.run(&["upgrade", "--to", NEW]).exits(1);
    assert!(refused.stderr.contains("live.yaml by hand"), "{}", refused.stderr);
    assert_eq!((read(&project, "catalog.yaml"), read(&project, "pricebook.yaml")), (CATALOG.into(), with));
    // By hand, as it says: first in the older version, then the rest by itself.
    fs::write(project.path("live.yaml"), "plans:\n  pro: { prices: { monthly: { amount: 49.00 } } }\n").unwrap();
    project.run(&["apply", "--yes", "-q"]).exits(0);
    project.run(&["upgrade", "--to", NEW]).exits(0);
    project.in_sync();
}

#[test]
fn defaults_and_anchors_are_rewritten_where_they_stand() {
    let catalog = "\
provider: commet
defaults:
  plans.prices: { intro_offer: { percentage: 10%, cycles: 2 } }
plans:
  one: { name: One, prices: { monthly: &price { amount: 5.00, trial_days: 3 } } }   # 1
  two: { name: Two, prices: { monthly: { <<: *price, amount: 6.00 } } }             # 2
";
    let project = project(catalog);
    project.run(&["upgrade", "--to", NEW]).exits(0);
    project.in_sync();
    project.run(&["validate"]).exits(0);
    let text = read(&project, "catalog.yaml");
    insta::assert_snapshot!(text, @r"
    provider: commet
    plans:
      one: { name: One, prices: { monthly: &price { amount: 5.00, trial_days: 3 } } }   # 1
      two: { name: Two, prices: { monthly: { <<: *price, amount: 6.00 } } }             # 2
    offers:
      one_monthly_intro_offer:
        name: One monthly intro offer
        phases: [{ percentage: 10%, cycles: 2 }]

      two_monthly_intro_offer:
        name: Two monthly intro offer
        phases: [{ percentage: 10%, cycles: 2 }]
    ");
}

/// Two environments share a catalog.
struct Two {
    sandbox: Project,
    live: Project,
}

impl Two {
    fn new(catalog: &str) -> Self {
        let two = Self { sandbox: Project::new(), live: Project::new() };
        let folder = two.sandbox.path("");
        let environments = two.sandbox.as_environment_of(&folder, "sandbox", "")
            + &two.live.as_environment_of(&folder, "live", "")
            + "  local: { provider: commet, url: \"sandbox:.pricebook/local\" }   # mine\n";
        let text = format!("catalog: catalog.yaml\nenvironments:\n{environments}");
        fs::write(folder.join("pricebook.yaml"), text).unwrap();
        two.sandbox.write_text(catalog);
        for name in ["sandbox", "live"] {
            two.sandbox.run(&["apply", "-e", name, "--yes", "-q"]).exits(0);
        }
        two
    }

    #[track_caller]
    fn in_sync(&self, name: &str) {
        let plan = self.sandbox.run(&["plan", "-e", name, "--detailed-exitcode"]).exits(0);
        assert!(plan.stdout.contains("Nothing to do"), "{}", plan.stdout);
    }

    /// The versions that the project file says, by environment.
    fn versions(&self) -> Vec<(String, bool)> {
        let text = read(&self.sandbox, "pricebook.yaml");
        let line = |line: &str| (line.trim().split(':').next().unwrap().to_owned(), line.contains(NEW));
        text.lines().skip(2).map(line).collect()
    }
}

#[test]
fn environments_that_share_the_catalog_go_together() {
    let two = Two::new(CATALOG);
    let asked = two.sandbox.run(&["upgrade", "--to", NEW]).exits(3);
    assert!(asked.stderr.contains("say --all, or --env with one or more of live, local, sandbox"), "{}", asked.stderr);
    let refused = two.sandbox.run(&["upgrade", "--to", NEW, "-e", "sandbox"]).exits(1);
    insta::assert_snapshot!(refused.stderr, @r"
    error: live shares the catalog and stays on 2026-07-11: the catalog would not be valid for it: an offer came with version 2026-07-31 of the API, and this is for 2026-07-11; nothing was written
    help: upgrade them together: --env sandbox --env live, or --all; or give live a catalog of its own
    ");
    assert_eq!(read(&two.sandbox, "catalog.yaml"), CATALOG);
    let done = two.sandbox.run(&["upgrade", "--to", NEW, "-e", "sandbox", "-e", "live"]).exits(0);
    assert!(done.stdout.contains("local with them"), "{}", done.stdout);
    assert!(two.versions().iter().all(|(_, new)| *new), "{:?}", two.versions());
    assert!(read(&two.sandbox, "pricebook.yaml").contains("# mine\n"));
    two.in_sync("sandbox");
    two.in_sync("live");
}

#[test]
fn without_words_of_one_version_they_can_go_one_by_one() {
    let two = Two::new("provider: commet\nplans:\n  pro: { name: Pro, prices: { monthly: 49.00 } }\n");
    two.sandbox.run(&["upgrade", "--to", NEW, "-e", "sandbox"]).exits(0);
    let expected = [("sandbox", true), ("live", false), ("local", true)];
    assert_eq!(two.versions(), expected.map(|(name, new)| (name.to_owned(), new)));
    two.in_sync("sandbox");
    two.in_sync("live");
    // Words of the newer version then have no place for the older one.
    let more = "offers:\n  o: { name: O, phases: [{ percentage: 10% }] }\n";
    two.sandbox.write_text(&(read(&two.sandbox, "catalog.yaml") + more));
    let found = two.sandbox.run(&["validate"]).exits(3);
    insta::assert_snapshot!(found.stderr.replace(two.sandbox.path("").to_str().unwrap(), ""), @r"
    error[PB-E326]: an offer came with version 2026-07-31 of the API, and this is for 2026-07-11
     --> catalog.yaml:5:3
      |
    5 |   o: { name: O, phases: [{ percentage: 10% }] }
      |   ^
      |
      = help: write `api_version: 2026-07-31` for the environment, or remove it
      = help: a catalog in 2026-07-11's terms is rewritten by `pricebook upgrade --to 2026-07-31`, before new words come into it
      = note: for live

    `pricebook explain PB-E326` says more about a code

    1 error
    ");
    two.sandbox.run(&["validate", "-e", "sandbox"]).exits(0);
    two.sandbox.run(&["validate", "-e", "live"]).exits(3);
    two.sandbox.run(&["validate", "--api-version", NEW]).exits(0);
    two.sandbox.run(&["validate", "--api-version", OLD]).exits(3);
    let unknown = two.sandbox.run(&["validate", "--api-version", "2027-01-01"]).exits(3);
    assert!(unknown.stderr.contains("does not speak version 2027-01-01"), "{}", unknown.stderr);
    for command in ["plan", "apply"] {
        let refused = two.sandbox.run(&[command, "-e", "live"]).exits(3);
        assert!(
            refused.stderr.contains("catalog.yaml:5:3") && refused.stderr.contains("PB-E326"),
            "{}",
            refused.stderr
        );
    }
    // A catalog for itself is for nobody's version.
    let alone = tempfile::tempdir().unwrap();
    fs::copy(two.sandbox.path("catalog.yaml"), alone.path().join("c.yaml")).unwrap();
    let alone = alone.path().join("c.yaml");
    two.live.run_plain(&["validate", alone.to_str().unwrap()]).exits(0);
}

/// What one version has no words for is left out between environments, and left alone.
#[test]
fn diff_and_promote_between_versions() {
    let two = Two::new(CATALOG);
    two.sandbox.run(&["upgrade", "--to", NEW, "--all"]).exits(1);
    two.sandbox.run(&["upgrade", "--to", NEW, "-e", "sandbox", "-e", "live"]).exits(0);
    let text = read(&two.sandbox, "pricebook.yaml");
    let older: String = text
        .lines()
        .map(|line| if line.starts_with("  live:") { line.replace(&format!(", api_version: {NEW}"), "") } else { line.to_owned() } + "\n")
        .collect();
    fs::write(two.sandbox.path("pricebook.yaml"), older).unwrap();
    // The files say the newer version's words, which `live` has none for: both are read without them.
    for (from, to, lacks) in [("sandbox", "live", "2026-07-11"), ("live", "sandbox", "2026-07-31")] {
        let same = two.sandbox.run(&["diff", "--from", from, "--to", to]);
        assert_eq!((same.code, same.stdout.contains("differ")), (0, false), "{}\n{}", same.stdout, same.stderr);
        assert!(same.stderr.contains(&format!("{to} speaks {lacks}, which has no words for")), "{}", same.stderr);
        let none = two.sandbox.run(&["promote", "--from", from, "--to", to, "--detailed-exitcode"]);
        assert_eq!(none.code, 0, "{}\n{}", none.stdout, none.stderr);
    }
    // A price with all that the newer version has is made anew with it.
    let dearer = read(&two.sandbox, "catalog.yaml").replace("monthly: 49.00", "monthly: 59.00")
        + "markets:\n  south: { name: South, countries: [AR] }\n";
    let priced = dearer.replace("monthly: 59.00", "monthly: { amount: 59.00, markets: { south: { ars: 99.00 } } }");
    two.sandbox.write_text(&priced);
    two.sandbox.run(&["apply", "-e", "sandbox", "--yes", "-q"]).exits(0);
    let back = two.sandbox.run(&["promote", "--from", "live", "--to", "sandbox", "--out", "p.json"]).exits(0);
    assert!(back.stdout.contains("$59.00 → $49.00"), "{}", back.stdout);
    let file = two.sandbox.path("p.json");
    assert!(file.exists() || Path::new("p.json").exists());
    two.sandbox.run_plain(&["apply", "p.json", "-C", two.sandbox.path("").to_str().unwrap(), "--yes", "-q"]).exits(0);
    let plan = two.sandbox.in_version(NEW, "GET", "/plans/pro", Value::Null);
    let prices = plan["prices"].as_array().unwrap();
    let monthly = prices.iter().find(|price| price["billingInterval"] == "monthly").unwrap();
    assert_eq!((&monthly["price"], &monthly["marketPrices"][0]["price"]), (&json!(4900), &json!(9900)), "{monthly}");
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| {
        let project = fs::read_to_string(path.join("pricebook.yaml")).unwrap_or_default();
        project.contains("provider: commet") && !project.contains("api_version: 2026-07-31 }")
    });
    found.sort();
    assert!(found.len() >= 4, "{found:?}");
    found
}

fn lines(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".pricebook") {
            found.extend(lines(&path));
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(fs::read_to_string(&path).unwrap().lines().map(|line| (name.clone(), line.to_owned())));
        }
    }
    found.sort();
    found
}

/// Every example, applied on 2026-07-11 and upgraded, plans to nothing on 2026-07-31.
#[test]
fn the_upgrade_of_every_example_ends_in_an_empty_plan() {
    for example in examples() {
        let folder = tempfile::tempdir().unwrap();
        copy(&example, folder.path());
        let run = |arguments: &[&str]| {
            let output = Command::new(PROGRAM).current_dir(folder.path()).args(arguments).output().unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            let (stdout, stderr) = (text(output.stdout), text(output.stderr));
            assert_eq!(output.status.code(), Some(0), "{arguments:?} {}\n{stdout}{stderr}", example.display());
            stdout
        };
        run(&["apply", "--env", "local", "--yes", "-q"]);
        let before = lines(folder.path());
        run(&["upgrade", "--to", NEW, "--env", "local"]);
        run(&["validate"]);
        assert!(run(&["plan", "--env", "local", "--detailed-exitcode"]).contains("Nothing to do"));
        assert!(run(&["pull", "--env", "local"]).contains("The files say what is live"));
        let after = lines(folder.path());
        // Only what must change does: versions, introductory offers, and the offers that came of them.
        let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
        let must = |line: &str| line.contains("intro_offer") || line.contains("provider: commet, url:");
        assert!(gone.iter().all(|(_, line)| must(line)), "{gone:?}");
        let comments = |lines: &[(String, String)]| lines.iter().filter(|(_, line)| line.contains('#')).count();
        assert_eq!(comments(&before), comments(&after), "comments stay");
        assert!(!after.iter().any(|(file, line)| file != "pricebook.yaml" && line.contains(" intro_offer:")));
    }
}
