//! Each rule through the real loader. A case is a catalog and the findings it must have: `CODE line:column`.

use crate::diagnostic::{Finding, human};
use crate::load;

const HEAD: &str = "provider: commet
features:
  api: { name: API, type: usage }
  sso: { name: SSO, type: boolean }
  seats: { name: Seats, type: seats }
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

/// A plan with these fields.
fn plan(fields: &str) -> String {
    format!("plans:\n  pro: {{ name: Pro, {fields} }}\n")
}

#[track_caller]
fn check_plan(cases: &[(&str, &str)]) {
    for (fields, codes) in cases {
        let text = plan(fields);
        let found: Vec<String> =
            findings(&format!("{HEAD}{text}")).into_iter().map(|finding| finding.code.to_string()).collect();
        assert_eq!(found.join(" "), *codes, "{text}");
    }
}

#[test]
fn a_good_catalog_has_no_findings() {
    let text = include_str!("../../../../tests/fixtures/commet.yaml");
    assert_eq!(human(&findings(text), false), "");
}

#[test]
fn codes_and_names() {
    check(&[
        ("plans:\n  Pro-1: { name: Pro }\n", "PB-E301 2:3"),
        ("plans:\n  pro: { name: Pro, previously: Old }\n", "PB-E301 2:33"),
        ("plans:\n  pro: { name: \" \" }\n", "PB-E302 2:16"),
        ("plans:\n  a: { name: Pro }\n  b: { name: Pro }\n", "PB-E303 3:14"),
        ("groups:\n  a: { name: G }\n  b: { name: G }\n", "PB-E303 3:14"),
        ("groups:\n  a: { name: G, id: plg_1 }\n  b: { name: G, id: plg_2 }\n", ""),
        ("groups:\n  a: { name: G, id: plg_1 }\n  b: { name: H, id: plg_1 }\n", "PB-E325 3:21"),
        ("plans:\n  a: { name: A, previously: b }\n  b: { name: B }\n", "PB-E324 2:29"),
        ("plans:\n  a: { name: A, previously: a }\n", "PB-E324 2:29"),
        ("plans:\n  a: { name: A, previously: x }\n  b: { name: B, previously: x }\n", "PB-E324 3:29"),
    ]);
    let long = format!(
        "addons:\n  a: {{ name: {}, description: {}, feature: sso, consumption_model: boolean, base_price: 1 }}\n",
        "é".repeat(101),
        "x".repeat(256)
    );
    check(&[(&long, "PB-E302 2:14, PB-E302 2:130")]);
}

#[test]
fn references() {
    check(&[
        ("plans:\n  pro: { name: Pro, features: { ap: true } }\n", "PB-E304 2:33"),
        ("groups:\n  g: { name: G, plans: [pro] }\n", "PB-E304 2:25"),
        ("addons:\n  a: { name: A, feature: ssso, consumption_model: boolean, base_price: 1 }\n", "PB-E304 2:26"),
    ]);
    insta::assert_snapshot!(
        human(&findings(&format!("{HEAD}plans:\n  pro:\n    name: Pro\n    features:\n      ssso: true\n")), false),
        @r"
    error[PB-E304]: there is no feature `ssso` in the catalog
      --> c.yaml:10:7
       |
    10 |       ssso: true
       |       ^^^^
       |
       = help: did you mean `sso`?
       = help: add it under `features:`, or remove it here
    "
    );
}

#[test]
fn groups() {
    check(&[
        ("groups:\n  g: { name: G, plans: [a, a] }\nplans:\n  a: { name: A }\n", "PB-E305 2:28"),
        (
            "groups:\n  g: { name: G, plans: [a] }\n  h: { name: H, plans: [a] }\nplans:\n  a: { name: A }\n",
            "PB-E305 3:25",
        ),
        (
            "groups:\n  g: { name: G, plans: [a, b, f] }\nplans:\n  a: { name: A, prices: { monthly: 1 }, regions: { eur: { exchange_rate: 1 } } }\n  b: { name: B, prices: { monthly: 2 } }\n  f: { name: F, free: true }\n",
            "PB-W101 5:3",
        ),
        (
            "groups:\n  g: { name: G, plans: [a, b] }\nplans:\n  a: { name: A, consumption_model: metered }\n  b: { name: B, consumption_model: credits }\n",
            "PB-W103 5:36",
        ),
    ]);
}

#[test]
fn prices() {
    check_plan(&[
        ("prices: { monthly: 1 }", ""),
        ("prices: { monthly: 1, yearly: 10 }", "PB-E306"),
        ("prices: { monthly: 1, yearly: 10 }, default_price: weekly", "PB-E306"),
        ("prices: { monthly: 1, yearly: 12 }, default_price: monthly", ""),
        ("default_price: monthly", "PB-E306"),
        ("prices: { monthly: 1, yearly: 12.01 }, default_price: monthly", "PB-W102"),
        ("free: true, prices: { monthly: 0 }", "PB-E307"),
        ("free: true, features: { seats: { overage: 1 } }", "PB-E307"),
        ("free: true, regions: { eur: { exchange_rate: 1 } }", "PB-E307"),
        ("prices: { one_time: { amount: 1, trial_days: 3 } }", "PB-E308"),
        ("prices: { monthly: 49.001 }", "PB-E316"),
        ("prices: { monthly: 49.000 }", ""),
        ("prices: { monthly: 90071992547409.91 }", ""),
        ("prices: { monthly: 90071992547409.92 }", "PB-E317"),
        ("prices: { monthly: 9999999999999999999999999999 }", "PB-E317"),
        ("prices: { monthly: { amount: 1, trial_days: 2147483648 } }", "PB-E317"),
    ]);
}

#[test]
fn features_and_models() {
    check_plan(&[
        ("features: { api: { included_amount: 1 } }", "PB-E311"),
        ("free: true, features: { api: { included_amount: 1 } }", ""),
        ("consumption_model: metered, features: { api: { overage: 0.0001 } }", ""),
        ("consumption_model: metered, features: { api: { overage: 0.00001 } }", "PB-E316"),
        ("consumption_model: metered, features: { api: {} }", "PB-W104"),
        ("consumption_model: metered, features: { api: false }", ""),
        ("consumption_model: credits, features: { api: { overage: 1 } }", "PB-E310"),
        ("features: { seats: { included_amount: 9007199254740991 } }", ""),
        ("features: { seats: { overage: 1 } }", "PB-E310"),
        ("consumption_model: credits, features: { seats: { overage: 1 } }", "PB-E310"),
        ("consumption_model: metered, features: { seats: { overage: 1 } }", ""),
        ("features: { seats: { included_amount: 9007199254740992 } }", "PB-E317"),
        ("features: { sso: { included_amount: 1, unlimited: true } }", "PB-E309 PB-E309"),
        ("features: { seats: { included_amount: 1, unlimited: true, overage: 2 } }", "PB-E309 PB-E309"),
        ("consumption_model: credits, features: { api: { credits_per_unit: 2 } }", ""),
        ("consumption_model: metered, features: { api: { included_amount: 1, credits_per_unit: 2 } }", "PB-E312"),
        ("consumption_model: balance, features: { api: { pricing_mode: ai_model, margin: 20% } }", ""),
        ("consumption_model: balance, features: { api: { margin: 20% } }", "PB-E312"),
        ("consumption_model: balance, features: { api: { pricing_mode: ai_model, margin: 20.001% } }", "PB-E316"),
        ("consumption_model: metered, features: { api: { included_amount: 1, pricing_mode: ai_model } }", "PB-E312"),
        ("block_on_exhaustion: true", "PB-E312"),
        (
            "consumption_model: balance, block_on_exhaustion: true, prices: { monthly: { amount: 1, included_balance: 5 } }",
            "",
        ),
        ("consumption_model: credits, prices: { monthly: { amount: 1, included_balance: 5 } }", "PB-E312"),
        ("consumption_model: credits, prices: { monthly: { amount: 1, included_credits: 5 } }", ""),
        ("prices: { monthly: { amount: 1, included_credits: 5 } }", "PB-E312"),
    ]);
}

#[test]
fn offers() {
    let offer = |text: &str| format!("prices: {{ monthly: {{ amount: 10.00, intro_offer: {{ {text} }} }} }}");
    for (text, code) in [
        ("percentage: 100%, cycles: 1", ""),
        ("amount: 10, cycles: 1", ""),
        ("amount: 10.01, cycles: 1", "PB-E313"),
        ("percentage: 100.01%, cycles: 1", "PB-E313"),
        ("percentage: 20.001%, cycles: 1", "PB-E316"),
        ("percentage: 20%, amount: 1, cycles: 1", "PB-E313"),
        ("cycles: 1", "PB-E313"),
        ("percentage: 20%, cycles: 0", "PB-E313"),
    ] {
        check_plan(&[(&offer(text), code)]);
    }
}

#[test]
fn regions() {
    let region = |text: &str| {
        format!(
            "consumption_model: metered, prices: {{ monthly: 10.00 }}, features: {{ seats: {{ overage: 1 }}, sso: true }}, regions: {{ {text} }}"
        )
    };
    for (text, code) in [
        ("eur: { exchange_rate: 0.92, prices: { monthly: 9 }, features: { seats: { overage: 0.9 } } }", ""),
        ("usd: { exchange_rate: 1.1 }", ""),
        ("EUR: { exchange_rate: 0.92 }", "PB-E318"),
        ("gbp: { exchange_rate: 0.92 }", "PB-E318"),
        ("eur: { exchange_rate: 0 }", "PB-E319"),
        ("eur: { exchange_rate: 0.1234567 }", "PB-E319"),
        ("jpy: { exchange_rate: 150, prices: { monthly: 1.5 } }", "PB-E316"),
        ("jpy: { exchange_rate: 150, prices: { monthly: 1500.00 } }", ""),
        ("eur: { exchange_rate: 1, prices: { yearly: 9 } }", "PB-E304"),
        ("eur: { exchange_rate: 1, features: { seat: { overage: 1 } } }", "PB-E304"),
        ("eur: { exchange_rate: 1, features: { sso: { overage: 1 } } }", "PB-E320"),
        ("eur: { exchange_rate: 1, prices: { monthly: { intro_offer: { amount: 1, cycles: 1 } } } }", "PB-E320"),
        (
            "jpy: { exchange_rate: 1, prices: { monthly: { amount: 9, intro_offer: { amount: 1.5, cycles: 1 } } } }",
            "PB-E316",
        ),
        ("eur: { exchange_rate: 1, prices: { monthly: { amount: 1, included_balance: 1 } } }", "PB-E312"),
    ] {
        check_plan(&[(&region(text), code)]);
    }
    check_plan(&[("regions: { eur: { exchange_rate: 1 } }", "PB-E320")]);
}

#[test]
fn addons() {
    for (fields, code) in [
        ("consumption_model: boolean", ""),
        ("consumption_model: boolean, included_units: 1", "PB-E314"),
        ("consumption_model: metered, included_units: 1, overage_rate: 0.03", ""),
        ("consumption_model: metered", "PB-E314, PB-E314"),
        ("consumption_model: credits, credit_cost: 1", ""),
        ("consumption_model: credits, credit_cost: 1, overage_rate: 1", "PB-E314"),
        ("consumption_model: balance, overage_rate: 1", ""),
        ("consumption_model: balance", "PB-E314"),
    ] {
        let text = format!("{HEAD}addons:\n  a: {{ name: A, feature: api, base_price: 1.00, {fields} }}\n");
        let found: Vec<_> = findings(&text).into_iter().map(|finding| finding.code.id()).collect();
        assert_eq!(found.join(", "), code, "{text}");
    }
    check(&[(
        "addons:\n  a: { name: A, feature: sso, consumption_model: boolean, base_price: 1 }\n  b: { name: B, feature: sso, consumption_model: boolean, base_price: 1 }\n",
        "PB-E315 3:26",
    )]);
}

#[test]
fn the_rest() {
    check(&[
        ("plans:\n  pro: { name: Pro, ignore: [description, metadata.tier] }\n", ""),
        ("plans:\n  pro: { name: Pro, ignore: [descripton] }\n", "PB-E321 2:30"),
        ("absent:\n  plans: [x, x]\n  features: [sso]\n", "PB-E322 2:14, PB-E322 3:14"),
        ("groups:\n  g: { name: G }\nabsent:\n  groups: [G]\n", "PB-E322 4:12"),
    ]);
}

#[test]
fn metadata_has_a_size() {
    check_plan(&[
        (&format!("metadata: {{ note: {} }}", "x".repeat(60_000)), ""),
        (&format!("metadata: {{ note: {} }}", "x".repeat(66_000)), "PB-E323"),
    ]);
}

#[test]
fn what_could_not_be_read_is_not_called_missing() {
    check(&[
        // The feature `bad` is there, but has a wrong type; the price was set aside, so `default_price` stays quiet.
        (
            "  bad: { name: Bad, type: boolan }\nplans:\n  pro: { name: Pro, prices: { monthly: $1 }, default_price: monthly, features: { bad: true, nope: true } }\n",
            "PB-E104 1:27, PB-E105 3:40, PB-E304 3:93",
        ),
    ]);
}
