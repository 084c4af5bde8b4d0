use serde_json::{Value, json};

use super::{Bench, below, every_field_is_written, law, of_any_catalog, of_many_catalogs, plans_to_nothing, pull_new};
use crate::every_field::bxb::everything;
use crate::project::Project;
use crate::random_pairs;
use crate::subject::BXB;

const LIVE: &str = "\
provider: bxb
taxes:
  vat: { name: Value added tax, rate: 21%, applied_to_organization: true }
  eco: { name: Eco, rate: 1.5%, description: On shipped goods }
billable_metrics:
  api_calls: { name: API calls, aggregation_type: count, filters: { region: [eu, us], tier: [] } }
  gb: { name: Storage, aggregation_type: max, field_name: gb, recurring: true, rounding_function: ceil, rounding_precision: 2 }
features:
  sso: { name: Single sign-on, feature_type: boolean }
  seats: { name: Seats, feature_type: quantity }
  support: { name: Support, feature_type: custom }
plans:
  pro:
    name: Pro
    interval: monthly
    amount: 49.00
    currency: EUR
    trial_period_days: 14
    taxes: [vat, eco]
    charges:
      calls:
        billable_metric: api_calls
        charge_model: graduated
        ranges: [{ up_to: 10000, per_unit: 0 }, { per_unit: 0.002, flat: 5 }]
        filters: { region: { eu: { ranges: [{ per_unit: 0.003 }], invoice_display_name: Europe }, us: {} } }
      storage: { billable_metric: gb, charge_model: standard, amount: 0.10, taxes: [vat] }
      fees: { billable_metric: gb, charge_model: percentage, rate: 2.9%, base_amount: 100, fixed_amount: 0.30, event_count: 3 }
    entitlements: { sso: true, seats: 5, support: \"24/7: by phone\" }
    commitments: [{ amount: 100.00, invoice_display_name: Minimum }]
    usage_thresholds: [{ amount: 500.00, recurring: true }, { amount: 1000.00, threshold_display_name: Large }]
  free: { name: Free, interval: yearly, currency: JPY }
add_ons:
  setup: { name: Set-up fee, amount: 25000, currency: JPY, invoice_display_name: Set-up }
coupons:
  launch: { name: Launch, coupon_type: percentage, rate: 20%, frequency: recurring, duration: 3, expiration_at: 2040-01-31 }
  FIVE: { name: Five off, coupon_type: fixed_amount, amount: 5.00, currency: EUR, frequency: once, reusable: false, expiration_at: \"2040-01-31T18:00:00Z\" }
";

#[test]
fn any_catalog() {
    of_any_catalog(BXB, 12);
}

#[test]
fn many_catalogs() {
    of_many_catalogs(BXB, 200);
}

#[test]
fn every_field() {
    let rest = json!({
        "provider": "bxb",
        "taxes": { "vat": { "name": "none", "rate": "21%", "category": "required", "description": "none" } },
        "billable_metrics": { "calls": { "name": "Calls", "aggregation_type": "count" } },
        "plans": { "pro": { "name": "required", "interval": "monthly", "charges": {
            "packs": { "billable_metric": "calls", "charge_model": "package", "amount": 5, "package_size": 1000 } } } },
        "add_ons": { "setup": { "name": "Set-up", "amount": 250, "invoice_display_name": "none" } },
    });
    let mut catalogs: Vec<Value> = vec![everything(), rest];
    for seed in 0..40_u8 {
        let bytes: Vec<u8> =
            (0..400_u32).map(|at| (at.wrapping_mul(2_654_435_761 ^ u32::from(seed) << 7) >> 13) as u8).collect();
        catalogs.push(random_pairs::bxb::catalog(&bytes));
    }
    // What stands in the server's properties and has no word in the language.
    every_field_is_written(BXB, &catalogs, &[("charge", "properties.*")]);
}

#[test]
fn reads_as_if_a_person_had_written_it() {
    let made = Bench::new(BXB);
    made.apply(&made.read(LIVE));
    insta::assert_snapshot!(law(&made), @r#"
    # yaml-language-server: $schema=bxb.schema.json
    provider: bxb

    # What a changed amount does to existing subscribers. Say it before an amount changes, with one of:
    # price_changes: reprice        # they pay the new amount at once: bxb keeps no versions
    # price_changes: grandfather    # they keep what they have: such a change is refused, a new plan is the way

    taxes:
      eco: { name: Eco, rate: 1.5%, description: On shipped goods }
      vat: { name: Value added tax, rate: 21%, applied_to_organization: true }

    billable_metrics:
      api_calls: { name: API calls, aggregation_type: count, filters: { region: [eu, us], tier: [] } }

      gb:
        name: Storage
        aggregation_type: max
        field_name: gb
        recurring: true
        rounding_function: ceil
        rounding_precision: 2

    features:
      seats: { name: Seats, feature_type: quantity }
      sso: { name: Single sign-on, feature_type: boolean }
      support: { name: Support, feature_type: custom }

    plans:
      free:
        name: Free
        interval: yearly
        currency: JPY

      pro:
        name: Pro
        interval: monthly
        amount: 49.00
        currency: EUR
        trial_period_days: 14
        taxes: [eco, vat]  # Eco, Value added tax
        charges:
          calls:
            billable_metric: api_calls
            charge_model: graduated
            ranges:
              - { up_to: 10000, per_unit: 0 }
              - { per_unit: 0.002, flat: 5 }
            filters:
              region:
                eu: { ranges: [{ per_unit: 0.003 }], invoice_display_name: Europe }
                us: {}
          fees:
            billable_metric: gb  # Storage
            charge_model: percentage
            rate: 2.9%
            base_amount: 100
            event_count: 3
            fixed_amount: 0.3
          storage: { billable_metric: gb, charge_model: standard, amount: 0.1, taxes: [vat] }  # Storage, Value added tax
        entitlements: { seats: 5, sso: true, support: "24/7: by phone" }  # Single sign-on
        commitments: [{ amount: 100.00, invoice_display_name: Minimum }]
        usage_thresholds:
          - { amount: 500.00, recurring: true }
          - { amount: 1000.00, threshold_display_name: Large }

    add_ons:
      setup: { name: Set-up fee, amount: 25000, currency: JPY, invoice_display_name: Set-up }

    coupons:
      FIVE:
        name: Five off
        coupon_type: fixed_amount
        amount: 5.00
        currency: EUR
        frequency: once
        reusable: false
        expiration_at: "2040-01-31T18:00:00Z"

      launch:
        name: Launch
        coupon_type: percentage
        rate: 20%
        frequency: recurring
        duration: 3
        expiration_at: "2040-01-31"
    "#);
}

/// Made by somebody else: no mark, codes with dots, two charges for one metric, what no file can say.
#[test]
fn a_new_project() {
    let project = Project::of("bxb");
    let made = |path: &str, body: Value| {
        let (status, body) = project.raw("POST", path, body);
        assert!(status < 300, "{status} {body}");
        body
    };
    let metric = made("/billable_metrics/", json!({ "code": "api.calls", "name": "no", "aggregation_type": "count" }));
    let charge = |amount: &str| json!({ "billable_metric_id": metric["id"], "charge_model": "standard", "properties": { "amount": amount } });
    let plan = |code: &str, charges: Value| json!({ "code": code, "name": code, "interval": "monthly", "amount_cents": 4900, "currency": "USD", "charges": charges });
    made("/plans/", plan("Pro", json!([charge("1"), charge("2.5")])));
    made("/plans/", plan("pro", json!([])));
    made("/plans/", plan("odd", json!([charge("NaN")])));
    made("/plans/", plan("with space", json!([])));
    let writes = project.writes().len();
    let pulled = pull_new(&project, "bxb", &["--split"]).exits(0);
    assert_eq!(project.writes().len(), writes, "pull wrote");
    let folder = project.path("pulled");
    let say = |text: &str| text.replace(&super::url(&project), "URL").replace(folder.to_str().unwrap(), "pulled");
    insta::assert_snapshot!(say(&pulled.stdout), @r#"
    URL → main · bxb v1
    1 billable metric, 2 plans

      catalog/catalog.yaml
      catalog/billable_metrics.yaml
      catalog/plans/Pro.yaml
      catalog/plans/pro_2.yaml
      pricebook.yaml
      .gitignore
      schemas/pricebook.schema.json
      schemas/bxb.schema.json
      .pricebook/main.ledger.json

    The API does not show these, so the files do not say them. Add what you know:
      plans.Pro.charges.api_calls: filters
      plans.Pro.charges.api_calls_2: filters

    Left out, because a file cannot say them. They stay live and unmanaged:
      plans.odd (odd): charges.api_calls: the API holds amount: "NaN", which bills nothing or breaks billing
      plans."with space" (with space): `with space` is not a code: only letters, digits, _, - and . are allowed, and no dot at the beginning

    Next:
      pricebook plan -C pulled     nothing to do, until somebody changes something

    Before a price changes, say in the catalog what that does to existing subscribers: `price_changes`
    "#);
    let files = below(&folder);
    assert!(files.contains(&"catalog/plans/pro_2.yaml".to_owned()), "{files:?}");
    let text = std::fs::read_to_string(folder.join("catalog/plans/Pro.yaml")).unwrap();
    insta::assert_snapshot!(text, @r#"
    # yaml-language-server: $schema=../../schemas/bxb.schema.json
    provider: bxb

    plans:
      Pro:
        name: Pro
        interval: monthly
        amount: 49.00
        # The API never shows the filters of a charge: add them where there are any, before a charge changes
        charges:
          api_calls: { billable_metric: api.calls, charge_model: standard, amount: 0.01 }  # no
          api_calls_2: { billable_metric: api.calls, charge_model: standard, amount: 0.025 }  # no
    "#);
    let text = std::fs::read_to_string(folder.join("pricebook.yaml")).unwrap();
    assert!(text.contains("organization: default\n"), "{text}");
    let place = ["plan", "-C", folder.to_str().unwrap(), "--detailed-exitcode", "--format", "json"];
    let plan: Value = serde_json::from_str(&project.run_plain(&place).exits(0).stdout).unwrap();
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["unmanaged"], json!(["plans.odd", "plans.\"with space\""]));
    // Nobody knows whether these have filters: the ledger does not say that somebody does.
    let ledger = std::fs::read_to_string(folder.join(".pricebook/main.ledger.json")).unwrap();
    assert!(ledger.contains("plans.Pro") && !ledger.contains("charges"), "{ledger}");
}

#[test]
fn everything_plans_to_nothing() {
    let project = Project::of("bxb");
    project.reach(&everything());
    pull_new(&project, "bxb", &[]).exits(0);
    plans_to_nothing(&project);
}
