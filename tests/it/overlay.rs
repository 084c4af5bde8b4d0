//! An environment's overlay: what it changes, where its findings point, and the laws of merging.

use std::fs;

use pricebook::diagnostic::{Finding, human};
use pricebook::load::{self, Language};
use pricebook::model::Desired;
use pricebook::provider::by_name;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::subject::{BXB, JULY11, JULY31};
use crate::workspace::{Ended, Folder, World};

const CATALOG: &str = "\
provider: commet
price_changes: reprice
features:
  sso: { name: Single sign-on, type: boolean }
  calls: { name: Calls, type: usage }
plans:
  pro:
    name: Pro
    consumption_model: metered
    metadata: { tier: 2, owner: us }
    default_price: monthly
    prices:
      monthly: { amount: 49.00, trial_days: 14 }
      yearly: 490.00
    features: { sso: true, calls: { included_amount: 10, overage: 0.01 } }
  legacy: { name: Legacy }
";

/// What the catalog with this overlay asks for, and what was found.
fn read(catalog: &str, overlay: &str) -> (Option<Desired>, Vec<Finding>) {
    let provider = by_name(if catalog.contains("provider: bxb") { "bxb" } else { "commet" }).unwrap();
    let mut loaded = load::text("catalog.yaml", catalog);
    let document = loaded.document.take().unwrap();
    let document = load::overlaid_text(document, "live.yaml", overlay, &provider.language(), &mut loaded.sink);
    let desired = provider.read(&document, &mut loaded.sink);
    (desired, loaded.sink.into_findings())
}

/// `address field value` of everything that is asked for.
fn lines(desired: &Desired) -> Vec<String> {
    let fields = desired.objects.values().flat_map(|object| {
        let (resource, directives) = (&object.resource, &object.directives);
        let own = resource.fields.iter().map(move |(path, value)| format!("{} {path} {value:?}", resource.address));
        own.chain([format!("{} {directives:?}", resource.address)])
    });
    fields.collect()
}

#[track_caller]
fn good(catalog: &str, overlay: &str) -> Desired {
    let (desired, findings) = read(catalog, overlay);
    desired.unwrap_or_else(|| panic!("{}", human(&findings, false)))
}

/// The same catalog, whichever way it was written.
#[track_caller]
fn same(overlay: &str, written: &str) {
    assert_eq!(lines(&good(CATALOG, overlay)), lines(&good(written, "{}")), "{overlay}");
}

#[test]
fn maps_merge_values_replace_null_takes_away() {
    same("plans: { pro: { name: Professional } }", &CATALOG.replace("name: Pro\n", "name: Professional\n"));
    same("plans: { pro: { metadata: { tier: 3 } } }", &CATALOG.replace("tier: 2", "tier: 3"));
    same("plans: { pro: { metadata: { tier: null } } }", &CATALOG.replace("tier: 2, ", ""));
    same("plans: { legacy: ~ }", &CATALOG.replace("  legacy: { name: Legacy }\n", ""));
    same(
        "plans: { new: { name: New, prices: { weekly: 5.00 } } }",
        &format!("{CATALOG}  new: {{ name: New, prices: {{ weekly: 5.00 }} }}\n"),
    );
    same("price_changes: grandfather", &CATALOG.replace("reprice", "grandfather"));
    let (two, one) = ("groups: { g: { name: G, plans: [pro, legacy] } }\n", "groups: { g: { plans: [legacy] } }");
    let with = format!("{CATALOG}{two}");
    assert_eq!(lines(&good(&with, one)), lines(&good(&with.replace("[pro, legacy]", "[legacy]"), "{}")));
}

/// A short form is what it is short for, on both sides.
#[test]
fn short_forms_are_their_long_forms() {
    let dearer = CATALOG.replace("amount: 49.00", "amount: 59.00");
    same("plans: { pro: { prices: { monthly: 59.00 } } }", &dearer);
    same("plans: { pro: { prices: { monthly: { amount: 59.00 } } } }", &dearer);
    same(
        "plans: { pro: { prices: { yearly: { trial_days: 7 } } } }",
        &CATALOG.replace("yearly: 490.00", "yearly: { amount: 490.00, trial_days: 7 }"),
    );
    same("plans: { pro: { prices: { yearly: 500.00 } } }", &CATALOG.replace("yearly: 490.00", "yearly: 500.00"));
    same(
        "plans: { pro: { prices: { monthly: { trial_days: null } } } }",
        &CATALOG.replace("{ amount: 49.00, trial_days: 14 }", "49.00"),
    );
    same(
        "plans: { pro: { features: { calls: false } } }",
        &CATALOG.replace("{ included_amount: 10,", "{ enabled: false, included_amount: 10,"),
    );
}

/// The source of a change is the overlay where the overlay said something of the object itself.
#[test]
fn sources_point_where_the_value_stands() {
    let overlay =
        "plans:\n  pro:\n    prices:\n      monthly: 59.00\n    metadata: { tier: 3 }\n  new: { name: New }\n";
    let desired = good(CATALOG, overlay);
    let source = |address: &str| {
        let source = desired.objects[&address.parse().unwrap()].source.clone().unwrap();
        format!("{}:{}", source.file, source.line)
    };
    assert_eq!(source("plans.pro.prices.monthly"), "live.yaml:4");
    assert_eq!(source("plans.pro.prices.yearly"), "catalog.yaml:14");
    assert_eq!(source("plans.pro"), "live.yaml:2");
    assert_eq!(source("plans.new"), "live.yaml:6");
    assert_eq!(source("plans.legacy"), "catalog.yaml:16");
    let desired = good(CATALOG, "plans: { pro: { prices: { monthly: 59.00 } } }");
    assert_eq!(desired.objects[&"plans.pro".parse().unwrap()].source.as_ref().unwrap().file.as_ref(), "catalog.yaml");
}

#[test]
fn findings_point_into_the_overlay() {
    let overlay = "\
provider: bxb
plans:
  por: { prices: { monthly: 59.00 } }
  pro:
    prices:
      monthly: 59.001
      yearly: { amuont: 500.00 }
    features: { ssoo: null }
  legcy: null
";
    let (desired, findings) = read(CATALOG, overlay);
    assert!(desired.is_none());
    insta::assert_snapshot!(human(&findings, false), @"
    error[PB-E040]: the overlay is for bxb, the catalog for commet
     --> live.yaml:1:11
      |
    1 | provider: bxb
      |           ^^^
     ::: catalog.yaml:1:11
      |
    1 | provider: commet
      |           ------ the catalog says it here
      |
      = help: an environment's overlay changes the catalog that it belongs to; leave `provider` out of it

    error[PB-E042]: the overlay changes `plans.por`, which the catalog does not have
     --> live.yaml:3:3
      |
    3 |   por: { prices: { monthly: 59.00 } }
      |   ^^^
      |
      = help: did you mean `pro`?
      = help: for a new object, write all that it needs: name

    error[PB-E316]: an amount in USD has at most 2 decimals, 59.001 has 3
     --> live.yaml:6:16
      |
    6 |       monthly: 59.001
      |                ^^^^^^
      |
      = help: nothing is rounded silently; write the exact number

    error[PB-E101]: unknown field `amuont`
     --> live.yaml:7:17
      |
    7 |       yearly: { amuont: 500.00 }
      |                 ^^^^^^
      |
      = help: did you mean `amount`?
      = help: the fields are `amount`, `trial_days`, `included_balance`, `included_credits`, `intro_offer`, `markets`, `variants`, `metadata`, `price_changes`, `protect` and `ignore`

    error[PB-E041]: the overlay takes away `plans.pro.features.ssoo`, which the catalog does not have
     --> live.yaml:8:17
      |
    8 |     features: { ssoo: null }
      |                 ^^^^
      |
      = help: did you mean `sso`?
      = help: `null` takes away what the catalog's files say; another value goes before a default

    error[PB-E041]: the overlay takes away `plans.legcy`, which the catalog does not have
     --> live.yaml:9:3
      |
    9 |   legcy: null
      |   ^^^^^
      |
      = help: did you mean `legacy`?
      = help: `null` takes away what the catalog's files say; another value goes before a default
    ");
}

#[test]
fn null_where_nothing_is_and_a_value_where_a_section_is() {
    for (overlay, words) in [
        ("plans: { pro: { description: null } }", "takes away `plans.pro.description`"),
        ("addons: null", "takes away `addons`"),
        ("plans: 5", "`plans`: expected a map"),
        ("plans: { pro: [a] }", "`pro`: expected a map"),
        ("nope: 1", "unknown field `nope`"),
    ] {
        let (desired, findings) = read(CATALOG, overlay);
        let text = human(&findings, false);
        assert!(desired.is_none() && text.contains(words) && text.contains("live.yaml:1:"), "{overlay}: {text}");
    }
}

fn project(folder: &Folder, overlay: &str) {
    fs::create_dir_all(folder.path("overlays")).unwrap();
    fs::write(folder.path("overlays/live.yaml"), overlay).unwrap();
    let text = "catalog: catalog.yaml\nenvironments:\n  test: { provider: commet, url: \"sandbox:.pricebook/test\" }\n  \
                live: { provider: commet, url: \"sandbox:.pricebook/live\", overlay: overlays/live.yaml }\n  \
                eu: { provider: commet, url: \"sandbox:.pricebook/eu\", overlay: overlays/live.yaml }\n  \
                other: { provider: bxb, url: \"sandbox:.pricebook/other\", overlay: overlays/missing.yaml }\n";
    fs::write(folder.path("pricebook.yaml"), text).unwrap();
}

fn folder(overlay: &str) -> Folder {
    let folder = Folder::new("http://127.0.0.1:1/api/v1", CATALOG);
    project(&folder, overlay);
    folder
}

#[test]
fn validate_checks_the_catalog_alone_and_with_every_overlay() {
    let good = folder("plans: { legacy: null }");
    insta::assert_snapshot!(good.run(&["validate"]).exits(0).stdout, @"catalog.yaml is valid: 2 features, 2 plans; also with the overlay of eu, live");
    insta::assert_snapshot!(good.run(&["validate", "-e", "live"]).exits(0).stdout, @"catalog.yaml + overlays/live.yaml is valid: 2 features, 1 plan");
    good.run(&["validate", "-e", "test"]).exits(0).says("2 plans");
    // An overlay is for the project's own catalog.
    good.run(&["validate", "catalog.yaml"]).exits(0).says("with the overlay of eu, live");
    fs::write(good.path("other.yaml"), "provider: commet\nplans: { a: { name: A } }\n").unwrap();
    assert_eq!(good.run(&["validate", "other.yaml"]).exits(0).stdout, "other.yaml is valid: 1 plan\n");
    good.run(&["validate", "-e", "lvie"])
        .exits(3)
        .complains("there is no environment `lvie`")
        .complains("did you mean `live`?");

    // What is wrong with the catalog is said once; what is wrong with an overlay names the environments.
    let bad = folder("plans: { pro: { prices: { monthly: 1e2 } } }");
    bad.catalog(&CATALOG.replace("type: boolean", "type: bolean"));
    insta::assert_snapshot!(bad.run(&["validate"]).exits(3).stderr, @"
    error[PB-E104]: `type`: `bolean` is not one of its words
     --> catalog.yaml:4:38
      |
    4 |   sso: { name: Single sign-on, type: bolean }
      |                                      ^^^^^^
      |
      = help: did you mean `boolean`?
      = help: write `boolean`, `usage`, `seats` or `quota`

    error[PB-E105]: `amount`: an amount is written out, without an exponent
     --> overlays/live.yaml:1:36
      |
    1 | plans: { pro: { prices: { monthly: 1e2 } } }
      |                                    ^^^
      |
      = help: write it like 49.00
      = note: with the overlay of eu, live

    `pricebook explain PB-E104` says more about a code

    2 errors
    ");
    let found = bad.run(&["validate", "--format", "json"]).exits(3).json();
    let environments: Vec<&Value> =
        found["findings"].as_array().unwrap().iter().map(|one| &one["environments"]).collect();
    assert_eq!(environments, [&Value::Null, &json!(["eu", "live"])]);
    // With --env only that one's.
    bad.catalog(CATALOG);
    bad.run(&["validate", "-e", "test"]).exits(0);
    bad.run(&["validate", "-e", "live"]).exits(3).complains("overlays/live.yaml:1:36");
    bad.run(&["plan", "-e", "live"]).exits(3).complains("overlays/live.yaml:1:36");
    bad.run(&["plan", "-e", "test"]).exits(0);
}

#[test]
fn an_overlay_that_is_not_there() {
    let folder = folder("{}");
    fs::remove_file(folder.path("overlays/live.yaml")).unwrap();
    for command in [&["validate"][..], &["plan", "-e", "live"], &["drift", "-e", "live"]] {
        let ended: Ended = folder.run(command).exits(3);
        ended.complains("overlays/live.yaml does not exist");
    }
    folder.run(&["plan", "-e", "test"]).exits(0);
}

#[test]
fn an_overlay_inside_the_catalogs_folder_is_no_part_of_it() {
    let folder = folder("plans: { legacy: null }");
    fs::create_dir_all(folder.path("catalog/overlays")).unwrap();
    fs::rename(folder.path("catalog.yaml"), folder.path("catalog/catalog.yaml")).unwrap();
    fs::rename(folder.path("overlays/live.yaml"), folder.path("catalog/overlays/live.yaml")).unwrap();
    let project = fs::read_to_string(folder.path("pricebook.yaml")).unwrap();
    let project =
        project.replace("catalog: catalog.yaml", "catalog: catalog/").replace("overlay: ", "overlay: catalog/");
    fs::write(folder.path("pricebook.yaml"), project).unwrap();
    folder.run(&["validate"]).exits(0).says("2 plans").says("also with the overlay of eu, live");
    folder.run(&["validate", "-e", "live"]).exits(0).says("1 plan");
}

#[test]
fn plans_name_the_overlay_and_apply_what_it_says() {
    let world = World::new(CATALOG);
    world.project(&world.url, ", overlay: live.yaml");
    fs::write(world.path("live.yaml"), "plans: { pro: { prices: { monthly: 59.00 } }, legacy: null }\n").unwrap();
    let plan = world.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(plan["catalog"]["overlay"], "live.yaml");
    let price =
        plan["changes"].as_array().unwrap().iter().find(|one| one["address"] == "plans.pro.prices.monthly").unwrap();
    assert_eq!(price["source"], json!({ "file": "live.yaml", "line": 1 }));
    // The digest of the catalog covers the overlay.
    let digest = |text: &str| {
        fs::write(world.path("live.yaml"), text).unwrap();
        world.run(&["plan", "--format", "json"]).exits(0).json()["catalog"]["digest"].clone()
    };
    assert_ne!(digest("{}"), plan["catalog"]["digest"]);
    assert_eq!(digest("plans: { pro: { prices: { monthly: 59.00 } }, legacy: null }\n"), plan["catalog"]["digest"]);
    world.run(&["apply", "--yes"]).exits(0).says("catalog.yaml + live.yaml → test");
    assert_eq!(world.plan_codes(), ["pro"]);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    // A saved changeset knows the overlay that it was planned with.
    fs::write(world.path("live.yaml"), "plans: { pro: { prices: { monthly: 61.00 } }, legacy: null }\n").unwrap();
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    let ended = world.run(&["apply", "saved.json", "--yes"]).exits(0);
    assert!(!ended.stderr.contains("was edited"), "{}", ended.stderr);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn overlays_fit_their_schema() {
    for (provider, good, bad) in [
        (
            "commet",
            "plans: { pro: { prices: { monthly: 59.00, yearly: null }, metadata: { a: 1 } }, old: ~ }\ndefaults: { plans: { public: true } }",
            "plans: { pro: { prcies: {} } }",
        ),
        ("bxb", "plans: { pro: { amount: 5.00, charges: { calls: { amount: 1, ranges: null } } } }", "plan: {}"),
    ] {
        let validator = jsonschema::validator_for(&by_name(provider).unwrap().overlay_schema()).unwrap();
        let yaml = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
        let errors: Vec<String> = validator.iter_errors(&yaml(good)).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert!(!validator.is_valid(&yaml(bad)));
        assert!(validator.is_valid(&json!({})));
    }
}

/// The patch as the documentation puts it.
fn patched(base: &Value, patch: &Value) -> Value {
    let (Value::Object(own), Value::Object(more)) = (base, patch) else { return patch.clone() };
    let mut out: Map<String, Value> = own.clone();
    for (key, value) in more {
        match own.get(key) {
            _ if value.is_null() => drop(out.remove(key)),
            Some(own) => drop(out.insert(key.clone(), patched(own, value))),
            None => drop(out.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(out)
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<bool>().prop_map(Value::from), (0..9i64).prop_map(Value::from), Just(Value::Null)];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-d]", value, 1..5).prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn overlaid(base: &Value, patch: &Value) -> Value {
    let mut loaded = load::text("base.yaml", &base.to_string());
    let document = loaded.document.take().unwrap();
    let text = patch.to_string();
    let document = load::overlaid_text(document, "patch.yaml", &text, &Language::default(), &mut loaded.sink);
    load::decode(document.root(), &mut pricebook::diagnostic::Sink::with_sources(document.sources())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_a_merge_patch(base in tree(), patch in tree()) {
        prop_assert_eq!(overlaid(&base, &patch), patched(&base, &patch));
        prop_assert_eq!(overlaid(&base, &json!({})), base);
    }
}

/// An overlay that says nothing, or what the catalog says anyway, changes nothing.
#[test]
fn an_overlay_that_says_the_same_changes_nothing() {
    for everything in [JULY11.everything, JULY31.everything, BXB.everything] {
        let catalog = serde_yaml::to_string(&everything()).unwrap();
        let alone = lines(&good(&catalog, "{}"));
        assert_eq!(lines(&good(&catalog, &catalog)), alone);
        for (section, objects) in everything().as_object().unwrap() {
            assert_eq!(lines(&good(&catalog, &json!({ section: objects }).to_string())), alone, "{section}");
        }
    }
}
