//! The `defaults:` block: the same as writing its fields out, with findings where they stand. Anchors and merge keys.

use pricebook::diagnostic::{Finding, human, json as findings_json};
use pricebook::load;
use pricebook::model::Desired;
use pricebook::provider::by_name;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn read(provider: &str, text: &str) -> (Option<Desired>, Vec<Finding>) {
    let mut loaded = load::text("c.yaml", text);
    let document = loaded.document.take();
    let desired = document.and_then(|document| by_name(provider).unwrap().read(&document, &mut loaded.sink));
    (desired, loaded.sink.into_findings())
}

fn lines(provider: &str, text: &str) -> Vec<String> {
    let (desired, findings) = read(provider, text);
    let desired = desired.unwrap_or_else(|| panic!("{text}\n{}", human(&findings, false)));
    let object = |object: &pricebook::model::DesiredObject| {
        format!("{} {:?} {:?}", object.resource.address, object.resource.fields, object.directives)
    };
    desired.objects.values().map(object).collect()
}

fn found(provider: &str, text: &str) -> String {
    human(&read(provider, text).1, false)
}

const COMMET: &str = "\
provider: commet
defaults:
  features: { type: usage, unit_name: call }
  plans: { consumption_model: metered, public: false, metadata: { owner: us, tier: 1 } }
  plans.prices: { trial_days: 14 }
  plans.features: { overage: 0.01 }
  plans.regions: { exchange_rate: 0.92 }
features:
  calls: { name: Calls }
  mails: { name: Mails, unit_name: ~ }
plans:
  pro:
    name: Pro
    metadata: { tier: 2 }
    default_price: monthly
    prices: { monthly: 49.00, yearly: { amount: 490.00, trial_days: 30 } }
    features: { calls: true, mails: { overage: ~ , included_amount: 5 } }
    regions: { eur: {}, gbp: ~ }
  open: { name: Open, public: true, consumption_model: credits, metadata: ~ }
";

#[test]
fn they_are_the_same_as_writing_them_out() {
    let written = "\
provider: commet
features:
  calls: { name: Calls, type: usage, unit_name: call }
  mails: { name: Mails, type: usage }
plans:
  pro:
    name: Pro
    consumption_model: metered
    public: false
    metadata: { owner: us, tier: 2 }
    default_price: monthly
    prices: { monthly: { amount: 49.00, trial_days: 14 }, yearly: { amount: 490.00, trial_days: 30 } }
    features: { calls: { overage: 0.01 }, mails: { included_amount: 5 } }
    regions: { eur: { exchange_rate: 0.92 } }
  open: { name: Open, public: true, consumption_model: credits }
";
    let text = COMMET.replace(", gbp: ~", "");
    assert_eq!(lines("commet", &text), lines("commet", written));
    assert_eq!(
        lines(
            "bxb",
            "provider: bxb\ndefaults: { plans: { interval: monthly, currency: EUR }, plans.usage_thresholds: { recurring: true }, plans.charges: { charge_model: standard } }\n\
             billable_metrics: { m: { name: M, aggregation_type: count } }\n\
             plans: { a: { name: A, usage_thresholds: [{ amount: 5 }, { amount: 6, recurring: false }], charges: { c: { billable_metric: m, amount: 1 } } } }"
        ),
        lines(
            "bxb",
            "provider: bxb\nbillable_metrics: { m: { name: M, aggregation_type: count } }\n\
             plans: { a: { name: A, interval: monthly, currency: EUR, usage_thresholds: [{ amount: 5, recurring: true }, { amount: 6 }], charges: { c: { billable_metric: m, charge_model: standard, amount: 1 } } } }"
        ),
    );
    for nothing in ["defaults: ~", "defaults: {}", "defaults: { plans: ~, features: {} }"] {
        let plain = "provider: commet\nplans: { a: { name: A } }\n";
        assert_eq!(lines("commet", &format!("{plain}{nothing}")), lines("commet", plain));
    }
}

#[test]
fn a_default_that_cannot_be() {
    insta::assert_snapshot!(found(
        "commet",
        "\
provider: commet
defaults:
  plans: { pubilc: true, prices: { monthly: 1 } }
  plan.prices: { trial_days: 1 }
  features: [a]
  regions: 5
plans: { a: { name: A } }
"
    ), @"
    error[PB-E101]: `plans` have no field `pubilc`
     --> c.yaml:3:12
      |
    3 |   plans: { pubilc: true, prices: { monthly: 1 } }
      |            ^^^^^^
      |
      = help: did you mean `public`?
      = help: the fields are `name`, `description`, `consumption_model`, `public`, `free`, `block_on_exhaustion`, `metadata`, `default_price`, `price_changes`, `protect`, `ignore`, `previously` and `replace`

    error[PB-E101]: `prices` are objects of their own
     --> c.yaml:3:26
      |
    3 |   plans: { pubilc: true, prices: { monthly: 1 } }
      |                          ^^^^^^
      |
      = help: write their defaults under `plans.prices`

    error[PB-E101]: there is no collection `plan.prices` to give defaults
     --> c.yaml:4:3
      |
    4 |   plan.prices: { trial_days: 1 }
      |   ^^^^^^^^^^^
      |
      = help: did you mean `plans.prices`?
      = help: the collections are `features`, `groups`, `plans`, `plans.prices`, `plans.prices.variants`, `plans.features`, `plans.regions`, `plans.regions.prices`, `plans.regions.features`, `addons`, `offers`, `offers.phases`, `markets`, `credit_packs` and `promo_codes`

    error[PB-E103]: `features`: expected a map, found a list
     --> c.yaml:5:13
      |
    5 |   features: [a]
      |             ^^^

    error[PB-E101]: there is no collection `regions` to give defaults
     --> c.yaml:6:3
      |
    6 |   regions: 5
      |   ^^^^^^^
      |
      = help: the collections are `features`, `groups`, `plans`, `plans.prices`, `plans.prices.variants`, `plans.features`, `plans.regions`, `plans.regions.prices`, `plans.regions.features`, `addons`, `offers`, `offers.phases`, `markets`, `credit_packs` and `promo_codes`
    ");
    assert!(found("commet", "provider: commet\ndefaults: 5\n").contains("`defaults`: expected a map, found a number"));
}

/// A mistake in a default is one mistake, whatever number of objects it reaches.
#[test]
fn a_bad_default_is_found_once_where_it_stands() {
    let plans: String =
        (0..1000).map(|at| format!("  p{at}: {{ name: P{at}, prices: {{ monthly: {at}.00 }} }}\n")).collect();
    let text = format!(
        "provider: commet\ndefaults:\n  plans: {{ public: yes }}\n  plans.prices: {{ trial_days: 1.5, intro_offer: {{ percentage: 200%, cycles: 1 }} }}\nplans:\n{plans}"
    );
    let findings = read("commet", &text).1;
    insta::assert_snapshot!(human(&findings, false), @"
    error[PB-E103]: `public`: expected true or false, found `yes`
     --> c.yaml:3:20
      |
    3 |   plans: { public: yes }
      |                    ^^^
      |
      = help: write `true` or `false`, without quotes
      = help: this default is wrong for 999 more objects

    error[PB-E105]: `trial_days`: a whole number has no decimals
     --> c.yaml:4:31
      |
    4 |   plans.prices: { trial_days: 1.5, intro_offer: { percentage: 200%, cycles: 1 } }
      |                               ^^^
      |
      = help: write it like 1000
      = help: this default is wrong for 999 more objects

    error[PB-E313]: an offer takes off at most 100%
     --> c.yaml:4:63
      |
    4 |   plans.prices: { trial_days: 1.5, intro_offer: { percentage: 200%, cycles: 1 } }
      |                                                               ^^^^
      |
      = help: this default is wrong for 999 more objects
    ");
    // A rule's words hold the name of the object; the place is one all the same.
    let text = text.replace("yes", "true").replace("1.5", "14");
    insta::assert_snapshot!(human(&read("commet", &text).1, false), @"
    error[PB-E313]: an offer takes off at most 100%
     --> c.yaml:4:62
      |
    4 |   plans.prices: { trial_days: 14, intro_offer: { percentage: 200%, cycles: 1 } }
      |                                                              ^^^^
      |
      = help: this default is wrong for 999 more objects
    ");
}

#[test]
fn a_bomb_is_defused() {
    let list = format!("[{}]", "1,".repeat(9_000));
    let plans: String = (0..1000).map(|at| format!("  p{at}: {{ name: P{at} }}\n")).collect();
    let text = format!("provider: commet\ndefaults: {{ plans: {{ metadata: {{ a: {list} }} }} }}\nplans:\n{plans}");
    assert!(found("commet", &text).contains("PB-E018"));
}

/// An overlay comes first: it may change a default.
#[test]
fn an_overlay_changes_defaults() {
    let provider = by_name("commet").unwrap();
    let text = COMMET.replace(", gbp: ~", "");
    let patched = |overlay: &str| {
        let mut loaded = load::text("c.yaml", &text);
        let document = loaded.document.take().unwrap();
        let document = load::overlaid_text(document, "live.yaml", overlay, &provider.language(), &mut loaded.sink);
        let desired = provider.read(&document, &mut loaded.sink);
        let findings = loaded.sink.into_findings();
        let field = |address: &str, field: &str| {
            desired
                .as_ref()?
                .objects
                .get(&address.parse().unwrap())?
                .resource
                .fields
                .get(field)
                .map(ToString::to_string)
        };
        let said = ["plans.pro.prices.monthly", "plans.pro.prices.yearly"].map(|address| field(address, "trial_days"));
        (said.map(Option::unwrap_or_default), human(&findings, false))
    };
    assert_eq!(patched("defaults: { plans.prices: { trial_days: 7 } }").0, ["7", "30"]);
    // What the overlay takes away is as if the catalog had not said it.
    assert_eq!(patched("plans: { pro: { prices: { yearly: { trial_days: null } } } }").0, ["14", "14"]);
    assert_eq!(patched("defaults: { plans.prices: null }").0, ["0", "30"]);
    let wrong = patched("defaults: { plans.prices: { trial_days: soon } }").1;
    assert!(wrong.contains("live.yaml:1:41") && wrong.matches("PB-E").count() == 1, "{wrong}");
}

#[test]
fn their_schema_knows_the_fields() {
    let schema = by_name("commet").unwrap().schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let yaml = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
    let good = yaml("provider: commet\ndefaults: { plans: { public: true }, plans.prices: { trial_days: 1 } }");
    assert!(validator.is_valid(&good));
    for bad in ["{ plans: { pubilc: true } }", "{ plans: { prices: {} } }", "{ plan: {} }", "{ plans: { public: 5 } }"]
    {
        assert!(!validator.is_valid(&yaml(&format!("provider: commet\ndefaults: {bad}"))), "{bad}");
    }
}

/// Anchors and merge keys: the value is read where it was written, and reported there.
#[test]
fn anchors_keep_positions() {
    let text = "\
provider: commet
features: { a: { name: A, type: boolean }, b: { name: B, type: usage } }
plans:
  one:
    name: One
    consumption_model: metered
    features: &both
      a: true
      b: { included_amount: 1e3 }
  two:
    name: Two
    consumption_model: metered
    features: { <<: *both, c: true }
";
    let findings = read("commet", text).1;
    let places: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.code, finding.location.as_ref().unwrap())).collect();
    // One mistake in what is anchored, and one of the plan that adds to it.
    assert_eq!(places, ["PB-E105 c.yaml:9:29", "PB-E304 c.yaml:13:28"], "{}", human(&findings, false));
    let good = text.replace("1e3", "1000").replace(", c: true", ", a: false");
    let desired = read("commet", &good).0.unwrap();
    let object = |address: &str| &desired.objects[&address.parse().unwrap()];
    assert_eq!(object("plans.two.features.b").resource.fields.get("included_amount").unwrap().to_string(), "1000");
    assert_eq!(object("plans.two.features.a").resource.fields.get("enabled").unwrap().to_string(), "false");
    assert_eq!(object("plans.two.features.b").source.as_ref().unwrap().line, 9);
    assert_eq!(object("plans.two.features.a").source.as_ref().unwrap().line, 13);
    assert_eq!(findings_json(&findings)["errors"], 2);
}

/// What the property is about: an object's own fields over its defaults, by hand.
fn written_out(object: &Value, defaults: &Map<String, Value>) -> Value {
    let mut out = object.as_object().unwrap().clone();
    for (field, value) in defaults {
        match (out.get(field), value) {
            (None, _) => drop(out.insert(field.clone(), value.clone())),
            (Some(Value::Null), _) => drop(out.remove(field)),
            (Some(own @ Value::Object(_)), Value::Object(more)) => {
                let merged = written_out(own, more);
                out.insert(field.clone(), merged);
            }
            _ => {}
        }
    }
    Value::Object(out)
}

/// A field and two values that it may have.
type Choice = (&'static str, Value, Value);

/// Fields that every object of the collection may have, with two values each.
fn pools(provider: &str) -> Vec<(&'static str, Vec<Choice>)> {
    let description = || ("description", json!("One"), json!("Two: \"x\""));
    let protect = || ("protect", json!(true), json!(false));
    match provider {
        "commet" => vec![
            ("features", vec![description(), ("unit_name", json!("call"), json!("mail")), protect()]),
            (
                "plans",
                vec![
                    description(),
                    ("public", json!(true), json!(false)),
                    ("metadata", json!({ "a": 1, "b": { "c": [1, 2] } }), json!({ "b": { "d": 2 } })),
                    ("price_changes", json!("reprice"), json!("grandfather")),
                    ("ignore", json!(["description"]), json!(["name"])),
                    protect(),
                ],
            ),
            (
                "plans.prices",
                vec![
                    ("trial_days", json!(14), json!(3)),
                    ("intro_offer", json!({ "percentage": "20%", "cycles": 3 }), json!({ "cycles": 1 })),
                    protect(),
                ],
            ),
        ],
        _ => vec![
            ("features", vec![description(), protect()]),
            (
                "plans",
                vec![
                    description(),
                    ("amount", json!("5.00"), json!("6.00")),
                    ("currency", json!("EUR"), json!("JPY")),
                    ("trial_period_days", json!(14), json!(3)),
                    protect(),
                ],
            ),
            ("plans.charges", vec![("min_price", json!("1"), json!("2")), ("max_price", json!("8"), json!("9"))]),
        ],
    }
}

fn chosen(pool: &[Choice], choices: &mut impl FnMut() -> u8) -> Map<String, Value> {
    let value = |one: &Value, other: &Value, choice: u8| match choice % 4 {
        0 => Some(one.clone()),
        1 => Some(other.clone()),
        _ => None,
    };
    pool.iter().filter_map(|(field, one, other)| Some(((*field).to_owned(), value(one, other, choices())?))).collect()
}

/// The catalog with defaults, and the same one without.
fn both(provider: &str, bytes: &[u8]) -> (Value, Value) {
    let mut bytes = bytes.iter().copied();
    let mut choices = move || bytes.next().unwrap_or(3);
    let pools = pools(provider);
    let defaults: Vec<Map<String, Value>> = pools.iter().map(|(_, pool)| chosen(pool, &mut choices)).collect();
    let (mut short, mut long) = (json!({ "provider": provider }), json!({ "provider": provider }));
    for ((path, _), own) in pools.iter().zip(&defaults) {
        short["defaults"][*path] = json!(own);
    }
    if provider == "bxb" {
        let metrics = json!({ "m": { "name": "M", "aggregation_type": "count" } });
        (short["billable_metrics"], long["billable_metrics"]) = (metrics.clone(), metrics);
    }
    let base = |collection: &str, at: usize| match (provider, collection) {
        ("commet", "features") => json!({ "name": format!("F{at}"), "type": "usage" }),
        ("commet", "plans") => json!({ "name": format!("P{at}") }),
        ("commet", _) => json!({ "amount": format!("{at}.00") }),
        (_, "features") => json!({ "name": format!("F{at}"), "feature_type": "boolean" }),
        (_, "plans") => json!({ "name": format!("P{at}"), "interval": "monthly" }),
        _ => json!({ "billable_metric": "m", "charge_model": "standard", "amount": "1" }),
    };
    let mut object = |number: usize, at: usize| {
        let (path, pool) = &pools[number];
        let mut own = base(path, at);
        own.as_object_mut().unwrap().extend(chosen(pool, &mut choices));
        if choices() % 5 == 0
            && let Some((field, ..)) = pool.first()
        {
            own[*field] = Value::Null;
        }
        let full = written_out(&own, &defaults[number]);
        (own, full)
    };
    let child = if provider == "commet" { "prices" } else { "charges" };
    for at in 0..3 {
        let (own, full) = object(0, at);
        (short["features"][format!("f{at}")], long["features"][format!("f{at}")]) = (own, full);
        let (mut own, mut full) = object(1, at);
        let (one, whole) = object(2, at + 1);
        (own[child]["monthly"], full[child]["monthly"]) = (one, whole);
        (short["plans"][format!("p{at}")], long["plans"][format!("p{at}")]) = (own, full);
    }
    (short, long)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn defaults_are_fields_written_out(bytes in prop::collection::vec(any::<u8>(), 0..90), commet in any::<bool>()) {
        let provider = if commet { "commet" } else { "bxb" };
        let (short, long) = both(provider, &bytes);
        let (one, other) = (read(provider, &short.to_string()), read(provider, &long.to_string()));
        prop_assert_eq!(one.0.is_some(), other.0.is_some(), "{}\n{}", human(&one.1, false), human(&other.1, false));
        if one.0.is_some() {
            prop_assert_eq!(lines(provider, &short.to_string()), lines(provider, &long.to_string()));
        }
    }
}
