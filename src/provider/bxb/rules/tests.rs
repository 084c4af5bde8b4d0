//! Each rule through the real loader. A case is a catalog and the findings it must have: `CODE line:column`.

use crate::diagnostic::{Finding, human};
use crate::load;

const HEAD: &str = "provider: bxb
taxes: { vat: { name: VAT, rate: 21% } }
billable_metrics:
  calls: { name: Calls, aggregation_type: count, filters: { region: [eu, us], any: [] } }
features: { sso: { name: SSO, feature_type: boolean }, seats: { name: Seats, feature_type: quantity } }
";

fn findings(text: &str) -> Vec<Finding> {
    let loaded = load::text("c.yaml", text);
    let mut sink = loaded.sink;
    let catalog = loaded.document.and_then(|document| super::super::read(&document, &mut sink));
    assert_eq!(catalog.is_none(), sink.has_errors(), "{text}");
    sink.into_findings()
}

/// The codes and places of what is found in a catalog that begins with `HEAD`; lines count from after it.
fn found(body: &str) -> String {
    let places = findings(&format!("{HEAD}{body}")).into_iter().map(|finding| {
        let at = finding.location.unwrap();
        format!("{} {}:{}", finding.code, at.line as i64 - 5, at.column)
    });
    places.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        assert_eq!(found(body), *expected, "{body}");
    }
}

/// A plan with these fields; the findings' codes only.
#[track_caller]
fn check_plan(cases: &[(&str, &str)]) {
    for (fields, codes) in cases {
        let text = format!("{HEAD}plans:\n  pro: {{ name: Pro, interval: monthly, {fields} }}\n");
        let found: Vec<String> = findings(&text).into_iter().map(|finding| finding.code.to_string()).collect();
        assert_eq!(found.join(" "), *codes, "{text}");
    }
}

/// A charge with these fields.
#[track_caller]
fn check_charge(cases: &[(&str, &str)]) {
    for (fields, codes) in cases {
        check_plan(&[(&format!("charges: {{ c: {{ billable_metric: calls, {fields} }} }}"), codes)]);
    }
}

#[test]
fn a_good_catalog_has_no_findings() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/usage-billing/catalog");
    let loaded = load::catalog(std::path::Path::new(folder));
    let mut sink = loaded.sink;
    let catalog = loaded.document.and_then(|document| super::super::read(&document, &mut sink));
    assert_eq!(human(&sink.into_findings(), false), "");
    assert!(catalog.is_some());
    assert_eq!(human(&findings(include_str!("../starter.yaml")), false), "");
}

#[test]
fn codes_and_texts() {
    check(&[
        ("plans:\n  a b: { name: A, interval: monthly }\n", "PB-E301 2:3"),
        ("plans:\n  .a: { name: A, interval: monthly }\n", "PB-E301 2:3"),
        ("plans:\n  A.b-C_1: { name: A, interval: monthly }\n", ""),
        ("add_ons:\n  application_counts: { name: A, amount: 1 }\n", "PB-E301 2:3"),
        ("coupons:\n  c: { name: \" \", coupon_type: percentage, rate: 1%, frequency: once }\n", "PB-E302 2:14"),
        (
            "plans:\n  a: { name: A, interval: monthly, charges: { a.b: { billable_metric: calls, charge_model: dynamic } } }\n",
            "PB-E301 2:47",
        ),
    ]);
    let long = "x".repeat(101);
    assert_eq!(found(&format!("add_ons:\n  {long}: {{ name: A, amount: 1 }}\n")), "");
    let text = format!("provider: bxb\nfeatures:\n  {long}: {{ name: A, feature_type: custom }}\n");
    assert_eq!(findings(&text)[0].code.to_string(), "PB-E301");
}

#[test]
fn references() {
    check(&[
        ("plans:\n  p: { name: P, interval: monthly, taxes: [vta] }\n", "PB-E304 2:44"),
        ("plans:\n  p: { name: P, interval: monthly, entitlements: { ssso: true } }\n", "PB-E304 2:52"),
        (
            "plans:\n  p: { name: P, interval: monthly, charges: { c: { billable_metric: cals, charge_model: dynamic, taxes: [x] } } }\n",
            "PB-E304 2:69, PB-E304 2:106",
        ),
    ]);
    insta::assert_snapshot!(
        human(&findings(&format!("{HEAD}plans:\n  p:\n    name: P\n    interval: monthly\n    taxes: [vta]\n")), false),
        @r"
    error[PB-E304]: there is no tax `vta` in the catalog
      --> c.yaml:10:13
       |
    10 |     taxes: [vta]
       |             ^^^
       |
       = help: did you mean `vat`?
       = help: add it under `taxes:`, or remove it here
    "
    );
}

#[test]
fn metrics() {
    let metric = |fields: &str| format!("provider: bxb\nbillable_metrics:\n  m: {{ name: M, {fields} }}\n");
    for (fields, codes) in [
        ("aggregation_type: sum", "PB-E404"),
        ("aggregation_type: sum, field_name: x, recurring: true", "PB-E404"),
        ("aggregation_type: custom", "PB-E404"),
        ("aggregation_type: custom, expression: \"a; b\"", "PB-E404"),
        ("aggregation_type: count, rounding_precision: 2", "PB-E404"),
        ("aggregation_type: count, rounding_function: ceil, rounding_precision: 16", "PB-E317"),
        ("aggregation_type: count, filters: { a: [x, x] }", "PB-E405"),
        ("aggregation_type: latest, field_name: x, recurring: true", ""),
    ] {
        let found: Vec<String> =
            findings(&metric(fields)).into_iter().map(|finding| finding.code.to_string()).collect();
        assert_eq!(found.join(" "), codes, "{fields}");
    }
}

#[test]
fn charges_have_what_their_model_reads() {
    check_charge(&[
        ("charge_model: standard", "PB-E401"),
        ("charge_model: standard, amount: 1, rate: 1%", "PB-E401"),
        ("charge_model: standard, amount: 1, min_price: 2, max_price: 1", "PB-E401"),
        ("charge_model: standard, amount: 1, min_price: 2, max_price: 0", ""),
        ("charge_model: standard, amount: -1", "PB-E105"),
        ("charge_model: package, amount: 1, package_size: 0", "PB-E401"),
        ("charge_model: percentage, rate: 1%", "PB-W401"),
        ("charge_model: percentage, rate: 1%, base_amount: 10, fixed_amount: 1", "PB-W401"),
        ("charge_model: percentage, rate: 1%, base_amount: 10, fixed_amount: 1, event_count: 2", ""),
        ("charge_model: custom", "PB-E401"),
        ("charge_model: dynamic, price_field: \"\"", "PB-E302"),
        ("charge_model: dynamic", ""),
        ("charge_model: tiered", "PB-E104"),
    ]);
}

#[test]
fn ranges_are_gapless_and_ordered() {
    check_charge(&[
        ("charge_model: graduated, ranges: []", "PB-E402"),
        ("charge_model: graduated, ranges: [{ up_to: 1, per_unit: 1 }]", "PB-E402"),
        ("charge_model: graduated, ranges: [{ per_unit: 1 }, { per_unit: 2 }]", "PB-E402"),
        (
            "charge_model: graduated, ranges: [{ up_to: 5, per_unit: 1 }, { up_to: 5, per_unit: 2 }, { per_unit: 3 }]",
            "PB-E402",
        ),
        ("charge_model: graduated, ranges: [{ up_to: 0, per_unit: 1 }, { per_unit: 3 }]", "PB-E402"),
        ("charge_model: graduated, ranges: [{ rate: 1% }]", "PB-E402"),
        ("charge_model: graduated_percentage, ranges: [{ per_unit: 1 }]", "PB-E402"),
        ("charge_model: volume, ranges: [{ up_to: 3 }, { per_unit: 3 }]", "PB-E402"),
        ("charge_model: volume, ranges: [{ up_to: 3, flat: 1 }, { per_unit: 3 }]", ""),
    ]);
    insta::assert_snapshot!(
        human(&findings(&format!("{HEAD}plans:\n  p:\n    name: P\n    interval: monthly\n    charges:\n      c:\n        billable_metric: calls\n        charge_model: graduated\n        ranges:\n          - {{ up_to: 10, per_unit: 1 }}\n          - {{ up_to: 5, per_unit: 2 }}\n          - {{ per_unit: 3 }}\n")), false),
        @r"
    error[PB-E402]: this range ends at 5, but the one before it at 10
      --> c.yaml:16:22
       |
    16 |           - { up_to: 5, per_unit: 2 }
       |                      ^
       |
       = help: write ranges from low to high; each holds what is above the one before, up to and with its `up_to`
    "
    );
}

#[test]
fn filters_are_the_metrics_own() {
    check_charge(&[
        ("charge_model: dynamic, filters: { regon: { eu: {} } }", "PB-E403"),
        ("charge_model: dynamic, filters: { region: { asia: {} } }", "PB-E403"),
        ("charge_model: dynamic, filters: { region: {} }", "PB-E403"),
        ("charge_model: dynamic, filters: { region: { eu: {} }, any: { asia: {} } }", ""),
        ("charge_model: dynamic, filters: { region: { eu: { amount: 1 } } }", "PB-E401"),
    ]);
}

#[test]
fn parts_of_plans() {
    check_plan(&[
        ("entitlements: { sso: yes }", "PB-E407"),
        ("entitlements: { sso: false }", "PB-W402"),
        ("entitlements: { seats: many }", "PB-E407"),
        ("entitlements: { seats: 5, sso: true }", ""),
        ("commitments: [{ amount: 1 }, { amount: 2 }]", "PB-E405"),
        ("usage_thresholds: [{ amount: 1 }, { amount: 1.00 }]", "PB-E405"),
        ("taxes: [vat, vat]", "PB-E405"),
        ("currency: usd", "PB-E318"),
        ("currency: XYZ", "PB-E318"),
        ("amount: 1.001", "PB-E316"),
        ("amount: 1.5, currency: JPY", "PB-E316"),
        ("amount: 21474836.48", "PB-E317"),
        ("commitments: [{ amount: 1000000 }]", "PB-E317"),
        ("trial_period_days: 3000000000", "PB-E317"),
        ("ignore: [nme]", "PB-E321"),
    ]);
}

#[test]
fn offers_and_absences() {
    check(&[
        ("coupons:\n  c: { name: C, coupon_type: fixed_amount, frequency: once }\n", "PB-E406 2:3"),
        ("coupons:\n  c: { name: C, coupon_type: percentage, rate: 5%, amount: 1, frequency: once }\n", "PB-E406 2:60"),
        ("coupons:\n  c: { name: C, coupon_type: percentage, rate: 5%, frequency: recurring }\n", "PB-E406 2:3"),
        ("coupons:\n  c: { name: C, coupon_type: percentage, rate: 500%, frequency: once }\n", "PB-E406 2:48"),
        (
            "coupons:\n  c: { name: C, coupon_type: percentage, rate: 5%, frequency: once, expiration_at: soon }\n",
            "PB-E408 2:84",
        ),
        (
            "coupons:\n  c: { name: C, coupon_type: percentage, rate: 5%, frequency: once, expiration: time_limit }\n",
            "PB-E406 2:3",
        ),
        ("absent: { taxes: [vat] }\n", "PB-E322 1:19"),
        ("absent: { plans: [a, a] }\n", "PB-E322 1:22"),
    ]);
    let text = "provider: bxb\ntaxes:\n  vat: { name: VAT, rate: 20.001% }\n  big: { name: Big, rate: 1000% }\n";
    let codes: Vec<String> = findings(text).into_iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["PB-E316", "PB-E317"]);
}
