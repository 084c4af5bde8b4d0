use pricebook::model::{Address, Value as Field};
use pricebook::provider::by_name;
use serde_json::{Value, json};

use super::{
    Bench, below, every_field_is_written, law, live_of, of_any_catalog, of_many_catalogs, plans_to_nothing, pull_new,
    read, url, written,
};
use crate::project::{Project, everything, with};
use crate::subject::{JULY11, Subject, at_every_version};

const LIVE: &str = include_str!("../../fixtures/commet.yaml");

fn any_catalog(subject: Subject) {
    of_any_catalog(subject, 12);
}

fn many_catalogs(subject: Subject) {
    of_many_catalogs(subject, 150);
}

at_every_version! { any_catalog many_catalogs every_field }

fn every_field(subject: Subject) {
    let mut catalogs: Vec<Value> = vec![(subject.everything)()];
    // Enough by chance for what one catalog cannot hold at once.
    for seed in 0..40_u8 {
        let bytes: Vec<u8> =
            (0..400_u32).map(|at| (at.wrapping_mul(2_654_435_761 ^ u32::from(seed) << 7) >> 13) as u8).collect();
        catalogs.push((subject.any)(&bytes));
    }
    // A code is a field only after a rename.
    every_field_is_written(subject, &catalogs, &[("feature", "code"), ("plan", "code")]);
}

#[test]
fn reads_as_if_a_person_had_written_it() {
    let made = Bench::new(JULY11);
    made.apply(&made.read(LIVE));
    insta::assert_snapshot!(law(&made), @r#"
    # yaml-language-server: $schema=commet.schema.json
    provider: commet

    # What a changed price does to existing subscribers. Say it before a price changes, with one of:
    # price_changes: grandfather    # they keep what they have: the old price is archived, a new one added
    # price_changes: reprice        # they pay the new amount from their next renewal

    features:
      api_calls: { name: API calls, type: usage, unit_name: call }
      seats: { name: Seats, type: seats, unit_name: seat }
      sms_messages: { name: SMS messages, type: usage, unit_name: message }
      sso: { name: Single sign-on, type: boolean }

    groups:
      saas_plans:
        name: SaaS plans
        plans: [free, pro, scale]

    plans:
      free:
        name: Free
        free: true
        features:
          api_calls: { included_amount: 1000 }

      pro:
        name: Pro
        description: For growing teams
        consumption_model: metered
        metadata: { tier: 2 }
        default_price: monthly
        prices:
          monthly: 49.00
          yearly: { amount: 490.00, trial_days: 14, intro_offer: { percentage: 20%, cycles: 3 } }
        features:
          api_calls: { included_amount: 10000, overage: 0.002 }
          seats: { included_amount: 5, overage: 12 }
          sso: true  # Single sign-on
        # The API never shows an intro_offer that was set for a currency: add it where there is one
        regions:
          brl:
            exchange_rate: 5.4
            prices: { monthly: 249.00 }
            features: { api_calls: { overage: 0.011 } }
          eur: { exchange_rate: 0.92 }

      scale:
        name: Scale
        consumption_model: metered
        prices:
          monthly: 199.00
        features:
          api_calls: { unlimited: true }
          sso: true  # Single sign-on
        regions:
          brl: { exchange_rate: 5.4 }
          eur: { exchange_rate: 0.92 }

    addons:
      sms_messages:
        name: SMS channel
        feature: sms_messages
        consumption_model: metered
        base_price: 15.00
        included_units: 1000
        overage_rate: 0.03
    "#);
}

#[test]
fn what_a_file_cannot_say_is_left_out_and_said() {
    let commet = by_name("commet").unwrap();
    let mut live = live_of(&read(commet, LIVE));
    let mut set = |collection, key, path: &'static str, value: Field| {
        let object = live.objects.get_mut(&Address::new(collection, key)).unwrap();
        object.resource.fields.insert(path.into(), value);
    };
    set("features", "seats", "type", "gauge".into());
    set("addons", "sms", "name", " ".into());
    let (pulled, text) = written(commet, &live);
    let left_out: Vec<String> = pulled.left_out.iter().map(|one| format!("{}: {}", one.address, one.why)).collect();
    insta::assert_snapshot!(left_out.join("\n"), @r#"
    addons.sms: a name cannot be empty
    features.seats: `type`: `gauge` is not one of its words
    groups.saas: it needs the plan `pro`, which is left out
    plans.pro: it needs the feature `seats`, which is left out
    "#);
    let again = read(commet, &text);
    let roots: Vec<String> =
        again.objects.keys().filter(|address| address.parent().is_none()).map(ToString::to_string).collect();
    assert_eq!(roots, ["features.api_calls", "features.sms_messages", "features.sso", "plans.free", "plans.scale"]);
    assert!(again.objects.keys().all(|address| pulled.ledger.owns(address)));
    assert!(!pulled.ledger.owns(&Address::new("plans", "pro")));
}

/// A key, a value or a shape that no file has breaks neither the file nor the rest.
#[test]
fn wild_objects_break_nothing() {
    let commet = by_name("commet").unwrap();
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let plan = |key: &str, metadata: Value| {
        let catalog = json!({ "provider": "commet", "plans": { key: { "name": key, "metadata": { "k": 1 } } } });
        let mut live = live_of(&read(commet, &catalog.to_string()));
        let object = live.objects.values_mut().next().unwrap();
        object.resource.fields.remove("metadata.k");
        let path = "metadata.\"\"".to_owned();
        let value = serde_json::from_value(metadata).unwrap();
        object.resource.fields.insert(path.into(), value);
        live
    };
    let mut live = live_of(&read(commet, LIVE));
    live.objects.extend(plan("empty_key", json!({ "count": 1 })).objects);
    let list = |value: &Value| -> Value {
        fn go(value: &Value) -> Value {
            match value {
                Value::Array(items) => json!({ "list": items.iter().map(go).collect::<Vec<_>>() }),
                other => json!({ "count": other }),
            }
        }
        go(value)
    };
    let mut deeper = plan("too_deep", list(&deep));
    let object = deeper.objects.values_mut().next().unwrap();
    let value = object.resource.fields.remove("metadata.\"\"").unwrap();
    object.resource.fields.insert("metadata.k".into(), value);
    live.objects.extend(deeper.objects);
    let mut bad = live.objects[&Address::new("features", "sso")].clone();
    let address = Address::new("features", "Bad: \"Code\"\n- x");
    bad.resource.address = address.clone();
    live.objects.insert(address, bad);
    let (pulled, text) = written(commet, &live);
    let left_out: Vec<String> = pulled.left_out.iter().map(|one| one.address.to_string()).collect();
    assert_eq!(left_out, ["features.\"Bad: \\\"Code\\\"\\n- x\"", "plans.empty_key", "plans.too_deep"]);
    assert_eq!(read(commet, &text).objects.len(), read(commet, LIVE).objects.len());
}

#[test]
fn hostile_names() {
    let project = Project::new();
    let codes = ["no", "on", "yes", "y", "null", "1e3", "0123", "0x1f", "404", "true", "12_30"];
    let mut made = 0;
    for (at, trap) in super::emitter::TRAPS.iter().enumerate() {
        let code = codes.get(at).map_or_else(|| format!("f{at}"), |code| (*code).to_owned());
        let body = json!({ "name": format!("{trap}{}", if at % 2 == 0 { "" } else { " x" }), "code": code, "type": "boolean", "description": trap, "unitName": trap });
        made += u32::from(project.raw("POST", "/features/manage", body).0 < 300);
        let body = json!({ "name": trap, "description": trap });
        let _ = project.raw("POST", "/plan-groups", body);
        let metadata = json!({ "text": trap, format!("{trap}k"): [trap, { "inside": trap }], "n": at });
        let body = json!({ "name": format!("{at}{trap}"), "code": format!("p{at}"), "metadata": metadata });
        let _ = project.raw("POST", "/plans/manage", body);
    }
    assert!(made > 60, "{made}");
    // Two of one name.
    for _ in 0..2 {
        project.raw("POST", "/plan-groups", json!({ "name": "名前: no" }));
    }
    let pulled = pull_new(&project, "commet", &["--format", "json"]).exits(0);
    let summary: Value = serde_json::from_str(&pulled.stdout).unwrap();
    let left_out: Vec<&str> =
        summary["left_out"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert!(left_out.iter().all(|why| *why == "a name cannot be empty"), "{left_out:#?}");
    let folder = project.path("pulled");
    let place = ["plan", "-C", folder.to_str().unwrap(), "--detailed-exitcode", "--format", "json"];
    let plan: Value = serde_json::from_str(&project.run_plain(&place).exits(0).stdout).unwrap();
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["unmanaged"].as_array().unwrap().len(), left_out.len());
    let text = std::fs::read_to_string(folder.join("catalog.yaml")).unwrap();
    assert!(text.contains("\n  \"no\":") && text.contains("\n  \"1e3\":") && text.contains("    id: plg_"), "{text}");
}

#[test]
fn a_new_project() {
    let project = Project::new();
    let catalog = with(&everything(), &[("features.sso.name", json!("Single: sign-on"))]);
    project.reach(&catalog);
    let writes = project.writes().len();
    let pulled = pull_new(&project, "commet", &[]).exits(0);
    assert_eq!(project.writes().len(), writes, "pull wrote");
    let folder = project.path("pulled");
    let say = |text: &str| text.replace(&url(&project), "URL").replace(folder.to_str().unwrap(), "pulled");
    insta::assert_snapshot!(say(&pulled.stdout), @r#"
    URL → sandbox · Commet 2026-07-11
    8 features, 2 plan groups, 6 plans, 4 add-ons

      catalog.yaml
      pricebook.yaml
      .gitignore
      schemas/pricebook.schema.json
      schemas/commet.schema.json
      .pricebook/sandbox.ledger.json

    The API does not show these, so the files do not say them. Add what you know:
      plans.bal.features.calls: pricing_mode, margin
      plans.bal.features.tokens: pricing_mode, margin
      plans.creds.features.calls: credits_per_unit
      plans.creds.features.tokens: credits_per_unit

    Next:
      pricebook plan -C pulled     nothing to do, until somebody changes something

    Before a price changes, say in the catalog what that does to existing subscribers: `price_changes`
    "#);
    assert_eq!(
        below(&folder),
        [
            ".gitignore",
            ".pricebook/sandbox.ledger.json",
            ".pricebook/sandbox.seen.json",
            "catalog.yaml",
            "pricebook.yaml",
            "schemas/commet.schema.json",
            "schemas/pricebook.schema.json"
        ]
    );
    insta::assert_snapshot!(say(&std::fs::read_to_string(folder.join("pricebook.yaml")).unwrap()), @r#"
    # yaml-language-server: $schema=schemas/pricebook.schema.json
    catalog: catalog.yaml

    environments:
      sandbox:
        provider: commet
        url: URL
        api_version: "2026-07-11"
        api_key: { env: COMMET_API_KEY }
        mode: sandbox
    "#);
    let plan = plans_to_nothing(&project);
    // Exactly what pull has said.
    let again = project.path("again");
    std::fs::rename(&folder, &again).unwrap();
    let summary: Value =
        serde_json::from_str(&pull_new(&project, "commet", &["--format", "json"]).exits(0).stdout).unwrap();
    assert_eq!(plan["unverifiable"], summary["unseen"]);
    assert_ne!(summary["unseen"], json!([]));
    let text = |folder: &std::path::Path| std::fs::read(folder.join("catalog.yaml")).unwrap();
    assert_eq!(text(&folder), text(&again), "the second is not the first");
}

#[test]
fn split() {
    let project = Project::with(&everything());
    pull_new(&project, "commet", &["--split", "--env", "shop"]).exits(0);
    let files = below(&project.path("pulled"));
    let catalog: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix("catalog/")).collect();
    assert!(catalog.contains(&"features.yaml") && catalog.contains(&"catalog.yaml"), "{catalog:?}");
    assert!(catalog.iter().filter(|file| file.starts_with("plans/")).count() > 1, "{catalog:?}");
    assert!(files.contains(&".pricebook/shop.ledger.json".to_owned()));
    let plan = catalog.iter().find(|file| file.starts_with("plans/")).unwrap();
    let text = std::fs::read_to_string(project.path("pulled/catalog").join(plan)).unwrap();
    assert!(
        text.starts_with(
            "# yaml-language-server: $schema=../../schemas/commet.schema.json\nprovider: commet\n\nplans:\n"
        ),
        "{text}"
    );
    plans_to_nothing(&project);
}

#[test]
fn nothing_that_is_there_is_touched() {
    let hidden = [
        ("plans.creds.features.tokens.credits_per_unit", json!(3)),
        ("plans.bal.features.tokens", json!({ "pricing_mode": "ai_model", "margin": "12.5%" })),
    ];
    let project = Project::with(&with(&everything(), &hidden));
    // The catalog is gone, the project is not: only the catalog is written, and the ledger goes on.
    std::fs::remove_file(project.path("catalog.yaml")).unwrap();
    let of_project = std::fs::read(project.path("pricebook.yaml")).unwrap();
    project.run(&["pull"]).exits(0);
    assert_eq!(std::fs::read(project.path("pricebook.yaml")).unwrap(), of_project);
    assert!(!project.path(".gitignore").exists());
    project.in_sync();
    // What no read shows was remembered, so the file says it.
    let text = std::fs::read_to_string(project.path("catalog.yaml")).unwrap();
    assert!(text.contains("credits_per_unit: 3") && text.contains("margin: 12.5%"), "{text}");
    assert_eq!(project.plan().0["unverifiable"], json!([]));
    // Other files in an empty folder stay, and are said.
    let folder = project.path("pulled");
    std::fs::create_dir_all(folder.join(".pricebook")).unwrap();
    std::fs::write(folder.join(".gitignore"), "mine\n").unwrap();
    std::fs::write(folder.join(".pricebook/sandbox.ledger.json"), "mine\n").unwrap();
    let refused = pull_new(&project, "commet", &[]).exits(3);
    assert!(refused.stderr.contains("sandbox.ledger.json is there already"), "{}", refused.stderr);
    assert_eq!(below(&folder), [".gitignore", ".pricebook/sandbox.ledger.json"]);
    let pulled = pull_new(&project, "commet", &["--env", "other"]).exits(0);
    assert!(pulled.stdout.contains(".gitignore (kept as it is)"), "{}", pulled.stdout);
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "mine\n");
}

#[test]
fn what_is_protected_stays_protected() {
    let catalog = with(&everything(), &[("features.sso.protect", json!(true))]);
    let project = Project::with(&catalog);
    std::fs::remove_file(project.path("catalog.yaml")).unwrap();
    project.run(&["pull"]).exits(0);
    let ledger: Value = serde_json::from_slice(&std::fs::read(project.ledger_path()).unwrap()).unwrap();
    assert_eq!(ledger["objects"]["features.sso"]["protect"], true);
}

#[test]
fn bad_command_lines() {
    let project = Project::new();
    let (at, empty) = (url(&project), project.path("none"));
    let empty = empty.to_str().unwrap();
    for (arguments, says) in [
        (&["pull", "-C", empty][..], "no URL was given"),
        (&["pull", "-C", empty, "--url", &at, "--provider", "stripe"], "there is no provider `stripe`"),
        (&["pull", "-C", empty, "--url", "ftp://x"], "--url"),
        (&["pull", "--split"], "--split writes a folder"),
        (&["pull", "--env", "nope"], "there is no environment `nope`"),
    ] {
        let refused = project.run_plain(arguments).exits(3);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
    assert!(!project.path("none").exists());
    assert_eq!(project.requests().len(), 0);
    // Nothing is live.
    let pulled = pull_new(&project, "commet", &[]).exits(0);
    assert!(pulled.stdout.contains("nothing is live"), "{}", pulled.stdout);
    plans_to_nothing(&project);
}
