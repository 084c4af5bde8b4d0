//! The JSON Schemas say everything that an editor can show, and agree with the loader.

use pricebook::load::{project::Project, schema};
use pricebook::provider::{bxb, commet};
use serde_json::{Value, json};

/// Every property has a description, and a default if it may be left out.
fn walk(path: &str, schema: &Value, problems: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in properties {
            if property.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
                problems.push(format!("{path}.{name} has no description"));
            }
            // What a field of `defaults` is when it is left out there is the object's own to say.
            let partial = path.ends_with("Defaults");
            if !required.contains(&name.as_str()) && property.get("default").is_none() && !partial {
                problems.push(format!("{path}.{name} has no default"));
            }
        }
        // Kinds of key places (`oneOf` with one property each) are closed too.
        if schema.get("additionalProperties") != Some(&json!(false)) {
            problems.push(format!("{path} takes unknown fields"));
        }
    }
    match schema {
        // `allOf` holds conditions: which fields go together, not what they are.
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "allOf")
            .for_each(|(key, value)| walk(&format!("{path}/{key}"), value, problems)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| walk(&format!("{path}/{at}"), item, problems))
        }
        _ => {}
    }
}

#[test]
fn every_field_is_described() {
    let mut problems = Vec::new();
    walk("commet", &commet::schema::catalog(), &mut problems);
    walk("bxb", &bxb::schema::catalog(), &mut problems);
    walk("project", &schema::of::<Project>("x"), &mut problems);
    assert_eq!(problems, Vec::<String>::new());
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn good_files_are_valid() {
    let validator = jsonschema::validator_for(&commet::schema::catalog()).unwrap();
    let good = yaml(include_str!("../fixtures/commet.yaml"));
    let errors: Vec<String> = validator.iter_errors(&good).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    let validator = jsonschema::validator_for(&schema::of::<Project>("x")).unwrap();
    assert!(validator.is_valid(&yaml(include_str!("../fixtures/pricebook.yaml"))));
    for bad in [
        "provider: bxb",
        "nope: 1",
        "plans: { p: {} }",
        "plans: { p: { name: x, prices: { mnthly: 1 } } }",
        "plans: { p: { name: x, prices: { monthly: -1 } } }",
        "plans: { P-1: { name: x } }",
        "plans: { p: { name: x, features: { a: 1 } } }",
    ] {
        assert!(!jsonschema::validator_for(&commet::schema::catalog()).unwrap().is_valid(&yaml(bad)), "{bad}");
    }
}

#[test]
fn a_bxb_schema_knows_charge_models_and_codes() {
    let charge = |fields: &str| {
        yaml(&format!(
            "provider: bxb\nplans: {{ p: {{ name: P, interval: monthly, charges: {{ c: {{ billable_metric: calls, {fields} }} }} }} }}"
        ))
    };
    let validator = jsonschema::validator_for(&bxb::schema::catalog()).unwrap();
    for good in [
        "charge_model: standard, amount: 1",
        "charge_model: dynamic",
        "charge_model: volume, ranges: [{ per_unit: 1 }]",
    ] {
        assert!(validator.is_valid(&charge(good)), "{good}");
    }
    for bad in [
        "charge_model: standard",
        "charge_model: dynamic, amount: 1",
        "charge_model: tiered",
        "charge_model: custom, rate: 1%",
    ] {
        assert!(!validator.is_valid(&charge(bad)), "{bad}");
    }
    let text = "provider: bxb\nbillable_metrics: { other: { name: O, aggregation_type: count } }\n";
    let loaded = pricebook::load::text("c.yaml", text);
    let mut sink = loaded.sink;
    let catalog = bxb::read(&loaded.document.unwrap(), &mut sink).unwrap();
    let validator = jsonschema::validator_for(&bxb::schema::of_catalog(&catalog)).unwrap();
    assert!(!validator.is_valid(&charge("charge_model: dynamic")));
}

#[test]
fn a_catalogs_own_schema_knows_its_codes() {
    let loaded = pricebook::load::text("c.yaml", include_str!("../fixtures/commet.yaml"));
    let mut sink = loaded.sink;
    let catalog = commet::read(&loaded.document.unwrap(), &mut sink).unwrap();
    let validator = jsonschema::validator_for(&commet::schema::of_catalog(&catalog)).unwrap();
    assert!(validator.is_valid(&yaml(include_str!("../fixtures/commet.yaml"))));
    for bad in ["plans: { p: { name: x, features: { nope: true } } }", "groups: { g: { name: x, plans: [nope] } }"] {
        assert!(!validator.is_valid(&yaml(bad)), "{bad}");
    }
}

#[test]
fn the_schemas_in_the_repository_are_current() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    let output =
        assert_cmd::Command::cargo_bin("pricebook").unwrap().args(["schema", "--check", folder]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
