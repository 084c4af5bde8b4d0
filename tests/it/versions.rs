//! Two dated versions of one API: what a catalog means does not depend on which one an environment speaks.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::project::{Plan, Project, everything, set, with};
use crate::random_pairs::commet::of_both;
use crate::subject::{JULY11, JULY31, Subject, at_every_version};

/// What a plan says will change: without the calls, and without the folder of the files and the ids of the API.
fn said(plan: &Plan) -> Value {
    fn plain(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "source" && key != "fingerprint");
                map.values_mut().for_each(plain);
            }
            Value::Array(items) => items.iter_mut().for_each(plain),
            _ => {}
        }
    }
    let whole = &plan.0;
    let mut said = json!([whole["changes"], whole["guards"], whole["page"], whole["unmanaged"], whole["unverifiable"]]);
    plain(&mut said);
    said
}

/// Applied one after the other, at both versions: the same changes, also where something is done already.
#[track_caller]
fn the_same_on_both(catalogs: &[Value]) {
    let projects = [JULY11.empty(), JULY31.empty()];
    for catalog in catalogs {
        let plans = projects.each_ref().map(|project| project.plan_of(catalog));
        let [older, newer] = plans.each_ref().map(said);
        assert_eq!(older, newer, "{catalog}");
        assert_ne!(plans[0].0["digest"], plans[1].0["digest"]);
        if plans[0].guards().contains(&"PB-G11".to_owned()) {
            return;
        }
        for (project, plan) in projects.iter().zip(&plans) {
            project.apply(plan).exits(0);
            project.in_sync();
        }
    }
}

#[test]
fn one_catalog_gives_the_same_changes_on_both() {
    let start = with(
        &everything(),
        &[("credit_packs", json!({ "small": { "name": "Small pack", "credits": 500, "price": "10.00" } }))],
    );
    let edited = with(
        &start,
        &[
            ("features.calls.name", json!("API calls")),
            ("features.spare", json!({ "name": "Spare", "type": "boolean", "replace": true })),
            ("plans.pro.prices.monthly", json!({ "amount": "33.00", "trial_days": 7 })),
            ("plans.pro.prices.weekly", Value::Null),
            ("plans.pro.metadata", json!({ "tier": 2 })),
            ("plans.pro.regions.eur", json!({ "exchange_rate": "0.92" })),
            ("plans.bal.features.calls", Value::Null),
            ("plans.basic.price_changes", json!("grandfather")),
            ("plans.basic.prices.monthly.amount", json!("9.50")),
            ("groups.main.plans", json!(["basic", "bare", "free"])),
            ("addons.flag", Value::Null),
            ("credit_packs.small.credits", json!(600)),
        ],
    );
    the_same_on_both(&[start, edited]);
}

#[test]
fn catalogs_by_chance_give_the_same_changes_on_both() {
    let bytes = || prop::collection::vec(any::<u8>(), 100..400);
    let config = Config { failure_persistence: None, max_shrink_iters: 0, cases: 3, ..Config::default() };
    let run = TestRunner::new(config).run(&(bytes(), bytes()), |(one, other)| {
        the_same_on_both(&[of_both(&one), of_both(&other)]);
        Ok(())
    });
    run.unwrap_or_else(|why| panic!("{why}"));
}

/// The example has no words of one version but introductory offers.
#[test]
fn an_example_gives_the_same_changes_on_both() {
    let mut catalog = json!({});
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/saas/catalog")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let part: Value = serde_yaml::from_str(&text).unwrap();
        catalog.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    let plans: Vec<String> = catalog["plans"].as_object().unwrap().keys().cloned().collect();
    assert!(plans.len() > 1, "{plans:?}");
    for plan in plans {
        let prices = catalog["plans"][&plan]["prices"].as_object().cloned().unwrap_or_default();
        for (interval, price) in prices {
            if price.get("intro_offer").is_some() {
                set(&mut catalog, &format!("plans.{plan}.prices.{interval}.intro_offer"), Value::Null);
            }
        }
        let regions = catalog["plans"][&plan]["regions"].as_object().cloned().unwrap_or_default();
        for (currency, region) in regions {
            for (interval, price) in region["prices"].as_object().into_iter().flatten() {
                if price.get("intro_offer").is_some() {
                    let path = format!("plans.{plan}.regions.{currency}.prices.{interval}.intro_offer");
                    set(&mut catalog, &path, Value::Null);
                }
            }
        }
    }
    the_same_on_both(&[catalog]);
}

/// The reads of one plan.
fn reads(project: &Project) -> Vec<String> {
    let before = project.requests().len();
    project.in_sync();
    let mut paths: Vec<String> = project.requests().split_off(before).into_iter().map(|one| one.path).collect();
    paths.sort();
    paths
}

/// Offers, markets, credit packs and promo codes cost a request only where there are some.
fn what_nobody_names_is_not_read(subject: Subject) {
    let project = subject.with(&everything());
    let base = reads(&project);
    let names = |paths: &[String], word: &str| paths.iter().any(|path| path.starts_with(&format!("/{word}")));
    for word in ["offers", "markets", "credit-packs", "promo-codes"] {
        assert!(!names(&base, word), "{base:#?}");
    }
    let all = subject.with(&(subject.everything)());
    let paths = reads(&all);
    assert!(paths.len() <= 8, "{paths:#?}");
    assert!(names(&paths, "credit-packs") && names(&paths, "promo-codes"), "{paths:#?}");
    // Once the files say nothing of them, the ledger still does, for as long as something is to be taken away.
    let plan = all.plan_of(&everything());
    assert!(plan.lines().iter().any(|line| line == "delete credit_packs.small"), "{:?}", plan.lines());
    all.apply(&plan).exits(0);
    assert_eq!(reads(&all), base);
}

at_every_version! { what_nobody_names_is_not_read }

/// A price in a market says the market's id: its name is read where a live price has one.
#[test]
fn markets_are_read_when_a_live_price_is_in_one() {
    let catalog = json!({
        "provider": "commet", "price_changes": "reprice",
        "plans": { "pro": { "name": "Pro", "prices": { "monthly": { "amount": "1.00" } } } },
    });
    let project = JULY31.with(&catalog);
    let made = project.newer("POST", "/markets", json!({ "name": "Theirs", "countryCodes": ["AR"] }));
    let path = format!("/plans/{}/prices/{}", project.plan_id("pro"), project.price_id("pro", "monthly"));
    let price = json!([{ "marketGroupId": made["id"], "currency": "ars", "price": 100 }]);
    project.newer("PATCH", &path, json!({ "marketPrices": price }));
    let plan = project.plan();
    assert_eq!(plan.lines(), ["- plans.pro.prices.monthly markets.theirs.ars"]);
    assert_eq!(plan.0["unmanaged"], json!(["markets.theirs"]));
    project.apply(&plan).exits(0);
    project.in_sync();
}

/// Words that the environment's version lacks are found before anything is asked of the API.
#[track_caller]
fn lacks(subject: Subject, catalog: &str, findings: &[(&str, &[&str])]) {
    let project = subject.empty();
    project.write_text(catalog);
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let stderr = project.run(command).exits(3).stderr;
        assert_eq!(stderr.matches("error[PB-E").count(), findings.len(), "{stderr}");
        for (place, words) in findings {
            let at = format!("catalog.yaml:{place}\n");
            let block =
                stderr.split("\n\n").find(|block| block.contains(&at)).unwrap_or_else(|| panic!("{at}{stderr}"));
            assert!(block.contains("error[PB-E326]") && block.contains("2026-07-31"), "{block}");
            assert!(words.iter().all(|said| block.contains(said)), "{words:?}: {block}");
        }
    }
    assert_eq!(project.requests().len(), 0);
}

#[test]
fn what_the_older_version_lacks_is_said_with_the_one_that_has_it() {
    let catalog = "\
provider: commet
offers:
  welcome: { name: Welcome, phases: [{ percentage: 5% }] }
markets:
  south: { name: South, countries: [AR] }
plans:
  pro:
    name: Pro
    prices:
      monthly:
        amount: 1.00
        metadata: { a: 1 }
        markets: { south: { ars: 5.00 } }
        variants:
          loyal: { name: Loyal, markets: { south: { ars: 4.00 } } }
promo_codes:
  CODE: { offer: welcome }
";
    let upgrade = "pricebook upgrade --to 2026-07-31";
    lacks(
        JULY11,
        catalog,
        &[
            ("3:3", &["an offer came with", upgrade]),
            ("5:3", &["a market came with", upgrade]),
            ("12:9", &["the metadata of a price came with", upgrade]),
            ("13:9", &["a price in a market came with", upgrade]),
            ("14:9", &["a variant of a price came with", upgrade]),
            ("17:11", &["a promo code that gives an offer came with", upgrade]),
        ],
    );
}

#[test]
fn what_the_newer_version_lacks_is_said_with_what_to_do_instead() {
    let catalog = "\
provider: commet
plans:
  pro:
    name: Pro
    prices:
      monthly: { amount: 1.00, intro_offer: { percentage: 20%, cycles: 3 } }
    regions:
      eur:
        exchange_rate: 0.9
        prices: { monthly: { amount: 2.00, intro_offer: { amount: 1.00, cycles: 1 } } }
promo_codes:
  CODE: { percentage: 5%, cycles: 2 }
";
    lacks(
        JULY31,
        catalog,
        &[
            ("6:32", &["phases: [{ percentage: 20%, cycles: 3 }]", "dashboard"]),
            ("10:44", &["introductory offers", "dashboard"]),
            ("12:11", &["there a code gives an offer"]),
            ("12:27", &["there a code gives an offer"]),
        ],
    );
}
