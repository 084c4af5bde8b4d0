//! bxb through the real program: what changes outside is seen and put back; planning only reads; deletes know what
//! stands against them; nothing is doubled when answers are lost; the organization is checked first.

use serde_json::{Value, json};

use crate::every_field::bxb::everything;
use crate::project::{Project, with};
use crate::subject::BXB;

fn project() -> Project {
    BXB.with(&everything())
}

fn find(project: &Project, collection: &str, code: &str) -> Value {
    let (_, list) = project.raw("GET", &format!("/{collection}/?limit=1000"), Value::Null);
    let found = list.as_array().unwrap().iter().find(|object| object["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {collection}")).clone()
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

#[track_caller]
fn ok(answer: (u16, Value)) -> Value {
    assert!((200..300).contains(&answer.0), "{answer:?}");
    answer.1
}

#[test]
fn charges_that_change_outside_are_seen() {
    let project = project();
    let plan = format!("/plans/{}", id(&find(&project, "plans", "pro")));
    // A dashboard sends back what it was shown: the properties with one change, and no filters.
    let charges = |change: &dyn Fn(&str, &mut Value)| {
        let live = find(&project, "plans", "pro")["charges"].as_array().unwrap().clone();
        let mut charges: Vec<Value> = live
            .into_iter()
            .map(|charge| {
                let key = charge["properties"]["_pricebook"]["key"].as_str().unwrap_or_default().to_owned();
                let mut sent = json!({
                    "billable_metric_id": charge["billable_metric_id"],
                    "charge_model": charge["charge_model"],
                    "properties": charge["properties"],
                });
                change(&key, &mut sent);
                sent
            })
            .collect();
        charges.retain(|charge| !charge.is_null());
        Value::Array(charges)
    };
    let sent = charges(&|key, charge| {
        if key == "m_standard" {
            charge["properties"]["amount"] = json!("250");
        }
    });
    ok(project.raw("PUT", &plan, json!({ "charges": sent })));
    let seen = project.plan();
    let lines = seen.lines();
    assert!(lines.contains(&"~ plans.pro.charges.m_standard amount".to_owned()), "{lines:?}");
    // Nobody else can have sent the filters.
    let lost = lines.iter().filter(|line| line.ends_with("filters.region")).count();
    assert_eq!(lost, 8, "{lines:?}");
    assert_eq!(seen.origins(), ["live"]);
    assert_eq!(seen.calls().count(), 1);
    project.apply(&seen).exits(0);
    project.in_sync();
    let (_, rows) =
        project.raw("GET", &format!("/sandbox/charge_filters{}", plan.trim_start_matches("/plans")), Value::Null);
    assert_eq!(rows.as_array().unwrap().len(), 8, "{rows}");

    // A charge that is gone, one more, and a value that breaks billing.
    let sent = charges(&|key, charge| match key {
        "m_package" => *charge = Value::Null,
        "m_custom" => charge["properties"]["unit_price"] = json!("NaN"),
        _ => {}
    });
    let mut sent = sent.as_array().unwrap().clone();
    sent.push(
        json!({ "billable_metric_id": id(&find(&project, "billable_metrics", "spare")), "charge_model": "dynamic" }),
    );
    ok(project.raw("PUT", &plan, json!({ "charges": sent })));
    let seen = project.plan();
    let lines = seen.lines();
    for line in [
        "create plans.pro.charges.m_package",
        "delete plans.pro.charges.spare",
        "+ plans.pro.charges.m_custom unit_price",
        "- plans.pro.charges.m_custom properties.unit_price",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line}: {lines:?}");
    }
    project.apply(&seen).exits(0);
    project.in_sync();
}

/// No read shows filters, and every write of a plan's charges writes all of them. Remembering a charge is not knowing it.
#[test]
fn charges_made_elsewhere_stay_guarded_after_they_were_adopted() {
    let project = BXB.empty();
    let made = |collection: &str, body: Value| ok(project.raw("POST", &format!("/{collection}/"), body));
    let metric = made("billable_metrics", json!({ "code": "calls", "name": "Calls", "aggregation_type": "count" }));
    let charge =
        json!({ "billable_metric_id": metric["id"], "charge_model": "standard", "properties": { "amount": "2" } });
    let plan = json!({
        "code": "pro", "name": "Pro", "interval": "monthly", "amount_cents": 4900, "currency": "EUR", "charges": [charge]
    });
    made("plans", plan);
    let mut catalog = json!({
        "provider": "bxb",
        "price_changes": "reprice",
        "billable_metrics": { "calls": { "name": "Calls", "aggregation_type": "count" } },
        "plans": { "pro": {
            "name": "Pro", "interval": "monthly", "amount": "49.00", "currency": "EUR",
            "charges": { "calls": { "billable_metric": "calls", "charge_model": "standard", "amount": "0.02" } },
        } },
    });
    project.write(&catalog);
    project.run(&["apply"]).exits(0);
    assert!(project.plan().lines().is_empty());

    catalog["plans"]["pro"]["charges"]["calls"]["amount"] = json!("0.03");
    project.write(&catalog);
    assert_eq!(project.plan().guards(), ["PB-G15"]);
    project.run(&["apply", "--yes"]).exits(4);
    project.run(&["apply", "--yes", "--ack", "PB-G15"]).exits(0);
    // Now it is Pricebook's own.
    catalog["plans"]["pro"]["charges"]["calls"]["amount"] = json!("0.04");
    project.write(&catalog);
    assert!(project.plan().guards().is_empty());
    project.reach(&catalog);
}

#[test]
fn a_metric_filter_that_is_made_anew_outside_has_lost_the_charges() {
    let project = project();
    let filters = "/billable_metrics/calls/filters";
    let (_, list) = project.raw("GET", filters, Value::Null);
    let region = list.as_array().unwrap().iter().find(|filter| filter["key"] == "region").unwrap();
    ok(project.raw("DELETE", &format!("{filters}/{}", id(region)), Value::Null));
    ok(project.raw("POST", filters, json!({ "key": "region", "values": ["us", "eu", "x.y"] })));
    let plan = project.plan();
    assert!(plan.lines().iter().all(|line| line.ends_with(" filters.region")), "{:?}", plan.lines());
    assert_eq!((plan.lines().len(), plan.calls().count()), (8, 1));
    project.apply(&plan).exits(0);
    project.in_sync();
}

#[test]
fn planning_only_reads_and_says_the_same_twice() {
    let project = project();
    let changed = with(
        &everything(),
        &[("plans.pro.amount", json!("59.00")), ("plans.pro.charges.m_standard.amount", json!("2"))],
    );
    project.write(&changed);
    let before = project.writes();
    let (one, two) = (project.run(&["plan", "--format", "json"]), project.run(&["plan", "--format", "json"]));
    assert_eq!(one.stdout, two.stdout);
    assert_eq!(project.writes(), before);
    let plan = project.plan();
    // One update of the plan, with all its charges.
    assert_eq!(plan.calls().count(), 1, "{:?}", plan.requests());
    let effects: Vec<&str> = plan.changes().map(|change| change["effect"].as_str().unwrap()).collect();
    assert_eq!(effects, ["now", "now"]);
}

#[test]
fn a_plan_that_had_a_subscription_is_known_to_stay() {
    let project = project();
    let plan = find(&project, "plans", "bare");
    let customer = ok(project.raw("POST", "/customers/", json!({ "external_id": "acme", "name": "Acme" })));
    let body = json!({ "external_id": "s", "customer_id": id(&customer), "plan_id": id(&plan) });
    let subscription = ok(project.raw("POST", "/subscriptions/", body));
    ok(project.raw("DELETE", &format!("/subscriptions/{}", id(&subscription)), Value::Null));
    let gone = with(&everything(), &[("plans.bare", Value::Null)]);
    let shown = project.plan_of(&gone);
    assert!(shown.guards().contains(&"PB-G14".to_owned()), "{:?}", shown.guards());
    let before = project.writes();
    project.apply(&shown).exits(4);
    assert_eq!(project.writes(), before);
    // Changing it is another matter.
    project.reach(&with(&everything(), &[("plans.bare.amount", json!("9.00"))]));
}

#[test]
fn what_is_used_elsewhere_is_known_to_stay() {
    let project = project();
    let spare = find(&project, "billable_metrics", "spare");
    let sso = find(&project, "features", "sso");
    let body = json!({ "code": "theirs", "name": "Theirs", "interval": "monthly",
        "charges": [{ "billable_metric_id": id(&spare), "charge_model": "dynamic" }] });
    let theirs = ok(project.raw("POST", "/plans/", body));
    ok(project.raw(
        "POST",
        "/entitlements/",
        json!({ "plan_id": id(&theirs), "feature_id": id(&sso), "value": "true" }),
    ));
    ok(project.raw(
        "POST",
        "/taxes/apply",
        json!({ "tax_code": "extra", "taxable_type": "plan", "taxable_id": id(&theirs) }),
    ));
    for edits in [
        vec![("billable_metrics.spare", Value::Null)],
        vec![("features.sso", Value::Null), ("plans.pro.entitlements.sso", Value::Null)],
        vec![("taxes.extra", Value::Null)],
    ] {
        let shown = project.plan_of(&with(&everything(), &edits));
        assert!(shown.guards().contains(&"PB-G14".to_owned()), "{edits:?} {:?}", shown.guards());
        project.apply(&shown).exits(4);
    }
    // Ours to delete, with everything on it.
    let mut catalog = everything();
    catalog["absent"] = json!({ "plans": ["theirs"] });
    project.reach(&catalog);
    project.reach(&with(&everything(), &[("billable_metrics.spare", Value::Null), ("taxes.extra", Value::Null)]));
}

/// What a tax was applied to may be gone; the row stays, and would keep the tax for ever (bxb-api.md §6.9).
#[test]
fn what_is_left_of_a_tax_goes_with_it() {
    let project = project();
    let nobody = "99999999-0000-4000-8000-000000000000";
    let apply = |kind: &str| {
        ok(project.raw(
            "POST",
            "/taxes/apply",
            json!({ "tax_code": "extra", "taxable_type": kind, "taxable_id": nobody }),
        ))
    };
    apply("charge");
    project.in_sync();
    let gone = with(&everything(), &[("taxes.extra", Value::Null)]);
    let customer = apply("customer");
    let shown = project.plan_of(&gone);
    assert!(shown.guards().contains(&"PB-G14".to_owned()), "{:?}", shown.guards());
    let (status, _) = project.raw("DELETE", &format!("/taxes/applied/{}", id(&customer)), Value::Null);
    assert_eq!(status, 204);
    project.reach(&gone);
}

/// One write of a plan cannot both leave the old metric and use the new one.
#[test]
fn a_metric_that_is_made_anew_is_not_taken_up_by_the_plan_that_leaves_it() {
    let charge = |metric: &str| json!({ "billable_metric": metric, "charge_model": "dynamic" });
    let start = with(&everything(), &[("plans.bare.charges.one", charge("spare"))]);
    let project = BXB.with(&start);
    let anew = with(
        &start,
        &[
            ("billable_metrics.spare.aggregation_type", json!("unique_count")),
            ("billable_metrics.spare.field_name", json!("id")),
            ("billable_metrics.spare.replace", json!(true)),
            ("plans.bare.charges.one", Value::Null),
        ],
    );
    let shown = project.plan_of(&with(&anew, &[("plans.bare.charges.two", charge("spare"))]));
    assert!(shown.guards().contains(&"PB-G14".to_owned()), "{:?}", shown.guards());
    let before = project.writes();
    let refused = project.apply(&shown).exits(4);
    assert!(refused.stdout.contains("plans.bare.charges.two"), "{}", refused.stdout);
    assert_eq!(project.writes(), before);
    // Another plan may have it at once, and this one with the next write.
    project.reach(&with(&anew, &[("plans.pro.charges.two", charge("spare"))]));
    project.reach(&with(&anew, &[("plans.bare.charges.two", charge("spare"))]));
}

#[test]
fn everything_can_go() {
    let project = project();
    let nothing = json!({ "provider": "bxb", "taxes": { "last": { "name": "Last", "rate": "1%" } } });
    let plan = project.plan_of(&nothing);
    plan.is_ordered();
    project.apply(&plan).exits(0);
    project.in_sync();
    for collection in ["plans", "billable_metrics", "features", "entitlements", "add_ons"] {
        let (_, left) = project.raw("GET", &format!("/{collection}/"), Value::Null);
        assert_eq!(left, json!([]), "{collection}");
    }
    project.reach(&everything());
}

#[test]
fn grandfathering_is_refused_with_the_way_out() {
    let project = project();
    let changed = with(&everything(), &[("price_changes", json!("grandfather")), ("plans.pro.amount", json!("59.00"))]);
    let plan = project.plan_of(&changed);
    assert_eq!(plan.guards(), ["PB-G03"]);
    let refused = project.run(&["apply", "--yes"]).exits(4);
    assert!(refused.stdout.contains("keep this plan as it is and add a new one under a new key"), "{}", refused.stdout);
}

#[test]
fn the_organization_is_checked_before_anything_else() {
    let project = project();
    let file = project.path("pricebook.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let before = project.requests().len();
    std::fs::write(&file, text.replace("organization: default", "organization: acme")).unwrap();
    let refused = project.run(&["plan"]).exits(3);
    assert!(refused.stderr.contains("acme") && refused.stderr.contains("default"), "{}", refused.stderr);
    let asked: Vec<String> = project.requests()[before..].iter().map(|request| request.path.clone()).collect();
    assert_eq!(asked, ["/organizations/current"]);
    std::fs::write(&file, text.replace(", organization: default", "")).unwrap();
    let refused = project.run(&["plan"]).exits(3);
    assert!(refused.stderr.contains("organization:"), "{}", refused.stderr);
    assert_eq!(project.requests().len(), before + 1);
}

/// A URL on the command line has nowhere to name an organization; a key of the wrong form never gets there.
#[test]
fn keys_and_other_organizations() {
    let project = Project::faulty("bxb", Some("nth=1000000,kind=500"));
    let catalog = with(&everything(), &[("plans.bare.charges.stored.taxes", Value::Null)]);
    let plan = project.plan_of(&catalog);
    // Taxes work in the default organization only: known before the call.
    assert!(plan.guards().contains(&"PB-G17".to_owned()), "{:?}", plan.guards());
    project.apply(&plan).exits(4);
    assert!(project.writes().is_empty());
    project.reach(&with(&catalog, &[("plans.pro.taxes", Value::Null)]));

    let requests = project.requests().len();
    for key in ["ck_live_x", "bxb_live_", "bxb_test_1234"] {
        let file = project.path("key");
        std::fs::write(&file, key).unwrap();
        let text = std::fs::read_to_string(project.path("pricebook.yaml")).unwrap();
        let with_key =
            text.replace(", organization", &format!(", api_key: {{ file: {} }}, organization", file.display()));
        std::fs::write(project.path("pricebook.yaml"), with_key).unwrap();
        let refused = project.run(&["plan"]).exits(8);
        assert!(!refused.stderr.contains(key) || key == "bxb_live_", "{}", refused.stderr);
        std::fs::write(project.path("pricebook.yaml"), text).unwrap();
    }
    assert_eq!(project.requests().len(), requests, "a request was made with a key of the wrong form");
}

/// Only a part: what was not chosen stays as it is, although the API replaces the whole list.
#[test]
fn a_part_only() {
    let project = project();
    let changed = with(
        &everything(),
        &[
            ("plans.pro.charges.m_standard.amount", json!("2")),
            ("plans.pro.charges.f_standard.amount", json!("3")),
            ("plans.pro.charges.m_package", Value::Null),
            ("plans.pro.charges.fresh", json!({ "billable_metric": "spare", "charge_model": "dynamic" })),
        ],
    );
    project.write(&changed);
    project.run(&["apply", "--yes", "--only", "plans.pro.charges.m_standard"]).exits(0);
    let mut left = project.plan().lines();
    left.sort();
    assert_eq!(
        left,
        [
            "create plans.pro.charges.fresh",
            "delete plans.pro.charges.m_package",
            "~ plans.pro.charges.f_standard amount"
        ]
    );
    project.reach(&changed);
}

/// Minor units depend on the currency, and the server knows none of that.
#[test]
fn another_currency_is_another_amount() {
    let project = project();
    let yen = with(
        &everything(),
        &[
            ("plans.bare.currency", json!("JPY")),
            ("plans.bare.amount", json!(900)),
            ("plans.bare.usage_thresholds", json!([{ "amount": 1250 }])),
        ],
    );
    project.reach(&yen);
    let bare = find(&project, "plans", "bare");
    assert_eq!((bare["amount_cents"].as_i64(), &bare["currency"]), (Some(900), &json!("JPY")));
    assert_eq!(bare["charges"][0]["properties"]["amount"], "0.1");
    project.reach(&everything());
}

/// A sandbox that fails: answers are lost after the write, 500s close the connection, requests vanish.
#[test]
fn lost_answers_double_nothing() {
    let catalog =
        with(&everything(), &[("plans.pro.taxes", Value::Null), ("plans.bare.charges.stored.taxes", Value::Null)]);
    let changed = with(
        &catalog,
        &[
            ("plans.pro.amount", json!("59.00")),
            ("plans.pro.charges.m_standard.amount", json!("2")),
            ("plans.pro.usage_thresholds", json!([{ "amount": "500.00", "recurring": true }, { "amount": "700" }])),
            ("plans.pro.commitments", json!([{ "amount": "120.00" }])),
            ("billable_metrics.calls.filters.region", json!(["eu", "us", "x.y", "ap"])),
            ("plans.bare", Value::Null),
        ],
    );
    for (number, kinds) in ["lost", "lost|500|503|reset", "500"].into_iter().enumerate() {
        let rule = |method| format!("rate=0.15,kinds={kinds},on={method},seed={number}");
        let rules: Vec<String> = ["POST", "PUT", "DELETE"].into_iter().map(rule).collect();
        let project = Project::faulty("bxb", Some(&rules.join(";")));
        // A duplicate would be something to delete.
        project.reach(&catalog);
        project.reach(&changed);
        let (_, commitments) = project.raw("GET", "/plans/pro/commitments", Value::Null);
        assert_eq!(commitments.as_array().unwrap().len(), 1, "{commitments}");
        let (_, thresholds) = project.raw("GET", "/plans/pro/usage_thresholds", Value::Null);
        assert_eq!(thresholds.as_array().unwrap().len(), 2, "{thresholds}");
    }
}

/// A small generator of numbers: the same ones every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

#[test]
fn random_edits_converge() {
    let project = project();
    let mut dice = Dice(20_261_120);
    let edits: Vec<(&str, Vec<Value>)> = vec![
        ("plans.pro.amount", vec![json!("49.00"), json!("59.00"), json!("0")]),
        ("plans.pro.currency", vec![json!("EUR"), json!("USD"), json!("JPY")]),
        ("plans.pro.taxes", vec![json!(["vat"]), json!([]), json!(["extra", "vat"])]),
        (
            "plans.pro.charges.m_standard",
            vec![
                Value::Null,
                json!({ "billable_metric": "calls", "charge_model": "standard", "amount": "1", "taxes": ["extra"] }),
                json!({ "billable_metric": "spare", "charge_model": "package", "amount": "3" }),
            ],
        ),
        (
            "plans.pro.charges.f_volume",
            vec![
                Value::Null,
                json!({ "billable_metric": "calls", "charge_model": "volume", "ranges": [{ "per_unit": "0.5" }], "filters": { "region": { "us": { "ranges": [{ "flat": "3" }] } } } }),
            ],
        ),
        ("plans.pro.entitlements.support", vec![Value::Null, json!("fast"), json!("slow")]),
        (
            "plans.pro.commitments",
            vec![json!([]), json!([{ "amount": "7" }]), json!([{ "amount": "8", "invoice_display_name": "x" }])],
        ),
        (
            "plans.pro.usage_thresholds",
            vec![
                json!([]),
                json!([{ "amount": "7" }, { "amount": "9", "recurring": true }]),
                json!([{ "amount": "9" }]),
            ],
        ),
        (
            "billable_metrics.calls.filters.region",
            vec![json!(["eu", "us", "x.y"]), json!([]), json!(["us", "eu", "x.y", "ap"])],
        ),
        ("plans.bare", vec![Value::Null, everything()["plans"]["bare"].clone()]),
        ("coupons.sum", vec![Value::Null, everything()["coupons"]["sum"].clone()]),
        ("taxes.vat.rate", vec![json!("21%"), json!("9%")]),
        ("add_ons.setup.description", vec![Value::Null, json!("x")]),
    ];
    let mut catalog = everything();
    for _ in 0..12 {
        for _ in 0..=dice.next(4) {
            let (path, values) = &edits[dice.next(edits.len())];
            // Amounts in yen have no decimals.
            let value = values[dice.next(values.len())].clone();
            if *path == "plans.pro.currency" && value == "JPY" {
                continue;
            }
            catalog = with(&catalog, &[(path, value)]);
        }
        let plan = project.plan_of(&catalog);
        plan.is_ordered();
        project.apply(&plan).exits(0);
        project.in_sync();
    }
}
