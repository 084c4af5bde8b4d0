//! bxb's rows.

use pricebook::provider::bxb::catalog::ChargeModel;
use serde_json::{Value, json};

use super::{
    Blocks, Fixed, Line, Rows, constant, edit, field_lines, go, optional, refused_and_replaced, rows,
    schema_is_covered, step, table_is_covered, together,
};
use crate::subject::BXB;

/// An object of every kind; a charge of every model, without and with a filter.
pub(crate) fn everything() -> Value {
    let ranges = |field: &str, value: &str| json!([{ "up_to": 10, field: "0" }, { field: value }]);
    let (units, rates) = (|| ranges("per_unit", "0.002"), || json!([{ "up_to": 10, "rate": "0%" }, { "rate": "1%" }]));
    let mut charges = json!({});
    for model in ChargeModel::ALL {
        let mut charge = json!({ "billable_metric": "calls", "charge_model": model.word() });
        let own = match model {
            ChargeModel::Standard | ChargeModel::Package => json!({ "amount": "1.00" }),
            ChargeModel::Graduated | ChargeModel::Volume => json!({ "ranges": units() }),
            ChargeModel::GraduatedPercentage => json!({ "ranges": rates() }),
            ChargeModel::Percentage => json!({ "rate": "2.9%" }),
            ChargeModel::Custom => json!({ "unit_price": "2.00" }),
            ChargeModel::Dynamic => json!({}),
        };
        charge.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        charges[format!("m_{}", model.word())] = charge.clone();
        charge["filters"] = json!({ "region": { "eu": {} } });
        charges[format!("f_{}", model.word())] = charge;
    }
    json!({
        "provider": "bxb",
        "price_changes": "reprice",
        "taxes": {
            "vat": { "name": "VAT", "rate": "21%" },
            "extra": { "name": "Extra", "rate": "1.5%" },
        },
        "billable_metrics": {
            "calls": { "name": "Calls", "aggregation_type": "count",
                "filters": { "region": ["eu", "us", "x.y"], "tier": [] } },
            "storage": { "name": "Storage", "aggregation_type": "max", "field_name": "gb" },
            "mixed": { "name": "Mixed", "aggregation_type": "custom", "expression": "a + b" },
            "spare": { "name": "Spare", "aggregation_type": "count" },
        },
        "features": {
            "sso": { "name": "Single sign-on", "feature_type": "boolean" },
            "seats": { "name": "Seats", "feature_type": "quantity" },
            "support": { "name": "Support", "feature_type": "custom" },
        },
        "plans": {
            "pro": {
                "name": "Pro", "interval": "monthly", "amount": "49.00", "currency": "EUR", "charges": charges,
                "taxes": ["vat"],
                "entitlements": { "sso": true, "seats": 5 },
                "commitments": [{ "amount": "100.00" }],
                "usage_thresholds": [{ "amount": "500.00" }],
            },
            "bare": {
                "name": "Bare", "interval": "yearly", "currency": "EUR",
                "charges": { "stored": { "billable_metric": "storage", "charge_model": "standard", "amount": "0.10",
                    "taxes": ["vat"] } },
                "usage_thresholds": [{ "amount": "12.50", "recurring": true }],
            },
        },
        "add_ons": { "setup": { "name": "Set-up", "amount": "250.00" } },
        "coupons": {
            "part": { "name": "Part", "coupon_type": "percentage", "rate": "20%", "frequency": "recurring", "duration": 3 },
            "sum": { "name": "Sum", "coupon_type": "fixed_amount", "amount": "5.00", "frequency": "once" },
        },
    })
}

fn usage() -> Rows {
    let metric = "billable_metrics.calls";
    together(vec![
        rows(vec![
            constant("taxes.vat", "name", json!("VAT: \"all\" # ☎"), json!("VAT")),
            constant("taxes.vat", "rate", json!("5.55%"), json!("21%")),
            optional("taxes.vat", "description", json!("On all"), json!("On most")),
            optional("taxes.vat", "category", json!("standard"), json!("reduced")),
            constant("taxes.vat", "applied_to_organization", json!(true), Value::Null),
        ]),
        rows(vec![
            constant(metric, "name", json!("API calls"), json!("Calls")),
            optional(metric, "description", json!("What is called"), json!("What was called")),
            optional(metric, "field_name", json!("id"), json!("key")),
            constant(metric, "recurring", json!(true), Value::Null),
            vec![step(
                &[(&format!("{metric}.rounding_function"), json!("ceil"))],
                &[&format!("+ {metric} rounding_function")],
            )],
            optional(metric, "rounding_precision", json!(2), json!(0)),
            constant(metric, "rounding_function", json!("floor"), json!("round")),
            vec![step(
                &[(&format!("{metric}.rounding_function"), Value::Null)],
                &[&format!("- {metric} rounding_function")],
            )],
            optional(metric, "expression", json!("a * 2"), json!("(a + b) / 2")),
        ]),
        rows(vec![
            constant("features.sso", "name", json!("SSO"), json!("Single sign-on")),
            optional("features.sso", "description", json!("One key"), json!("One key for all")),
        ]),
        vec![
            step(&[("features.fresh", json!({ "name": "F", "feature_type": "custom" }))], &["create features.fresh"]),
            step(&[("features.fresh", Value::Null)], &["delete features.fresh"]),
            step(&[("taxes.fresh", json!({ "name": "F", "rate": "1%" }))], &["create taxes.fresh"]),
            step(&[("taxes.fresh", Value::Null)], &["delete taxes.fresh"]),
            step(
                &[(
                    "billable_metrics.fresh",
                    json!({ "name": "F", "aggregation_type": "count", "filters": { "a": ["b"] } }),
                )],
                &["create billable_metrics.fresh", "create billable_metrics.fresh.filters.a"],
            ),
            step(&[("billable_metrics.fresh", Value::Null)], &["delete billable_metrics.fresh"]),
        ],
    ])
}

fn plans() -> Rows {
    let threshold = |more: Value| {
        let mut list = json!([{ "amount": "500.00" }]);
        list[0].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        list
    };
    let (thresholds, commitments) = ("plans.pro.usage_thresholds", "plans.pro.commitments");
    let replaced = |more: Value, sign: char, field: &str| {
        step(
            &[(thresholds, threshold(more))],
            &["replace plans.pro.usage_thresholds.500", &format!("{sign} plans.pro.usage_thresholds.500 {field}")],
        )
    };
    let commitment = |list: Value, line: &str| step(&[(commitments, list)], &[line]);
    together(vec![
        rows(vec![
            constant("plans.pro", "name", json!("Pro: the \"big\" one"), json!("Pro")),
            optional("plans.pro", "description", json!("For teams"), json!("For growing teams")),
            constant("plans.pro", "amount", json!("59.00"), json!("49.00")),
            constant("plans.pro", "trial_period_days", json!(14), Value::Null),
        ]),
        vec![
            // Thresholds are in the plan's currency, and are made anew with it.
            step(
                &[("plans.bare.currency", json!("USD"))],
                &[
                    "~ plans.bare currency",
                    "replace plans.bare.usage_thresholds.\"12.5\"",
                    "~ plans.bare.usage_thresholds.\"12.5\" currency",
                ],
            ),
            step(
                &[("plans.bare.currency", json!("EUR"))],
                &[
                    "~ plans.bare currency",
                    "replace plans.bare.usage_thresholds.\"12.5\"",
                    "~ plans.bare.usage_thresholds.\"12.5\" currency",
                ],
            ),
            step(
                &[("plans.bare.taxes", json!(["vat", "extra"]))],
                &["create plans.bare.taxes.extra", "create plans.bare.taxes.vat"],
            ),
            step(&[("plans.bare.taxes", json!(["extra"]))], &["delete plans.bare.taxes.vat"]),
            step(&[("plans.bare.taxes", Value::Null)], &["delete plans.bare.taxes.extra"]),
            // The tax of a charge that is written stays on it.
            step(&[("plans.bare.charges.stored.amount", json!("0.12"))], &["~ plans.bare.charges.stored amount"]),
            step(
                &[
                    ("plans.bare.charges.stored.taxes", json!(["vat", "extra"])),
                    ("plans.bare.charges.stored.amount", json!("0.10")),
                ],
                &["~ plans.bare.charges.stored amount", "create plans.bare.charges.stored.taxes.extra"],
            ),
            step(
                &[("plans.bare.charges.stored.taxes", json!(["vat"]))],
                &["delete plans.bare.charges.stored.taxes.extra"],
            ),
        ],
        rows(vec![vec![
            commitment(json!([{ "amount": "120.00" }]), "~ plans.pro.commitments.minimum_commitment amount"),
            commitment(
                json!([{ "amount": "120.00", "invoice_display_name": "Least" }]),
                "+ plans.pro.commitments.minimum_commitment invoice_display_name",
            ),
            commitment(
                json!([{ "amount": "120.00", "invoice_display_name": "Minimum" }]),
                "~ plans.pro.commitments.minimum_commitment invoice_display_name",
            ),
            commitment(
                json!([{ "amount": "120.00" }]),
                "- plans.pro.commitments.minimum_commitment invoice_display_name",
            ),
            commitment(Value::Null, "delete plans.pro.commitments.minimum_commitment"),
            commitment(json!([{ "amount": "100.00" }]), "create plans.pro.commitments.minimum_commitment"),
        ]]),
        vec![
            replaced(json!({ "recurring": true }), '~', "recurring"),
            replaced(json!({}), '~', "recurring"),
            replaced(json!({ "threshold_display_name": "Five" }), '+', "threshold_display_name"),
            replaced(json!({ "threshold_display_name": "Half" }), '~', "threshold_display_name"),
            replaced(json!({}), '-', "threshold_display_name"),
            step(
                &[(thresholds, json!([{ "amount": "600.00" }]))],
                &["create plans.pro.usage_thresholds.600", "delete plans.pro.usage_thresholds.500"],
            ),
            step(
                &[(thresholds, threshold(json!({})))],
                &["create plans.pro.usage_thresholds.500", "delete plans.pro.usage_thresholds.600"],
            ),
        ],
        vec![
            step(&[("plans.pro.entitlements.seats", json!(10))], &["~ plans.pro.entitlements.seats value"]),
            step(&[("plans.pro.entitlements.support", json!("fast"))], &["create plans.pro.entitlements.support"]),
            step(&[("plans.pro.entitlements.support", json!("faster"))], &["~ plans.pro.entitlements.support value"]),
            step(&[("plans.pro.entitlements.support", Value::Null)], &["delete plans.pro.entitlements.support"]),
            step(&[("plans.pro.entitlements.seats", json!(5))], &["~ plans.pro.entitlements.seats value"]),
            step(&[("plans.fresh", json!({ "name": "Fresh", "interval": "weekly" }))], &["create plans.fresh"]),
            step(&[("plans.fresh", Value::Null)], &["delete plans.fresh"]),
        ],
    ])
}

fn offers() -> Rows {
    let coupon = "coupons.part";
    together(vec![
        rows(vec![
            constant("add_ons.setup", "name", json!("Setting up"), json!("Set-up")),
            optional("add_ons.setup", "description", json!("Once"), json!("Only once")),
            constant("add_ons.setup", "amount", json!("260.50"), json!("250.00")),
            constant("add_ons.setup", "currency", json!("EUR"), Value::Null),
            optional("add_ons.setup", "invoice_display_name", json!("Fee"), json!("The fee")),
        ]),
        rows(vec![
            constant(coupon, "name", json!("A part"), json!("Part")),
            optional(coupon, "description", json!("Some"), json!("Some more")),
            vec![
                step(
                    &[(&format!("{coupon}.expiration_at"), json!("2030-01-31"))],
                    &[&format!("~ {coupon} expiration"), &format!("+ {coupon} expiration_at")],
                ),
                step(
                    &[(&format!("{coupon}.expiration_at"), json!("2031-01-31T10:00:00+02:00"))],
                    &[&format!("~ {coupon} expiration_at")],
                ),
                step(
                    &[(&format!("{coupon}.expiration_at"), Value::Null)],
                    &[&format!("~ {coupon} expiration"), &format!("- {coupon} expiration_at")],
                ),
            ],
        ]),
        vec![
            step(&[("add_ons.fresh", json!({ "name": "F", "amount": 1 }))], &["create add_ons.fresh"]),
            step(&[("add_ons.fresh", Value::Null)], &["delete add_ons.fresh"]),
            step(
                &[(
                    "coupons.fresh",
                    json!({ "name": "F", "coupon_type": "percentage", "rate": "1%", "frequency": "forever" }),
                )],
                &["create coupons.fresh"],
            ),
            step(&[("coupons.fresh", Value::Null)], &["delete coupons.fresh"]),
            // Its code is taken for ever: it comes back as what it was.
            step(
                &[(
                    "coupons.fresh",
                    json!({ "name": "G", "coupon_type": "percentage", "rate": "1%", "frequency": "forever" }),
                )],
                &["~ coupons.fresh name", "~ coupons.fresh status"],
            ),
            step(&[("coupons.fresh", Value::Null)], &["delete coupons.fresh"]),
        ],
    ])
}

/// Two values of a property.
fn values(property: &str) -> (Value, Value) {
    match property {
        "rate" => (json!("10%"), json!("12.5%")),
        "package_size" | "free_units" | "event_count" | "free_units_per_events" => (json!(7), json!(1000)),
        "price_field" | "quantity_field" => (json!("a"), json!("b")),
        "min_price" | "per_transaction_min_amount" => (json!("0.50"), json!("0.75")),
        _ => (json!("1.50"), json!("0.00123456789")),
    }
}

/// Every property of every model, on a charge and on a filter's value.
fn charges(filtered: bool) -> Rows {
    let of_model = |model: ChargeModel| {
        let address = format!("plans.pro.charges.{}_{}", if filtered { 'f' } else { 'm' }, model.word());
        let prefix = if filtered { "filters.region.eu." } else { "" };
        let always = match model {
            ChargeModel::Custom => "unit_price",
            ChargeModel::Percentage => "rate",
            _ => "amount",
        };
        let mut all = Rows::new();
        for property in model.properties().1 {
            let field = format!("{prefix}{property}");
            let (first, second) = values(property);
            if *property == "ranges" {
                all.extend(ranges(&address, &field, model, filtered));
            } else if !filtered && *property == always {
                let back = everything().pointer(&format!("/{}/{property}", address.replace('.', "/"))).unwrap().clone();
                all.extend(constant(&address, &field, first, back));
            } else {
                all.extend(optional(&address, &field, first, second));
            }
        }
        if filtered {
            all.extend(optional(&address, &format!("{prefix}invoice_display_name"), json!("Europe"), json!("EU")));
        }
        all
    };
    together(ChargeModel::ALL.into_iter().map(of_model).collect())
}

fn ranges(address: &str, field: &str, model: ChargeModel, filtered: bool) -> Rows {
    let price = if model.takes_rates() { "rate" } else { "per_unit" };
    let amount = |text: &str| if model.takes_rates() { json!(format!("{text}%")) } else { json!(text) };
    let path = format!("{address}.{field}");
    let last = if model.takes_rates() { "1" } else { "0.002" };
    let list = |up_to: u64, first: &str, flat: Option<&str>, middle: bool| {
        let mut list = vec![json!({ "up_to": up_to, price: amount(first) })];
        if let Some(flat) = flat {
            list[0]["flat"] = json!(flat);
        }
        if middle {
            list.push(json!({ "up_to": 50, price: amount(last) }));
        }
        list.push(json!({ price: amount(last) }));
        Value::Array(list)
    };
    let line = |sign: char, at: usize, name: &str| format!("{sign} {address} {field}.{at}.{name}");
    let row = |value: Value, lines: &[String]| edit(&path, value, lines.to_vec());
    let mut all = Rows::new();
    let there = [line('+', 1, "up_to"), line('+', 1, price), line('+', 2, price)];
    if filtered {
        all.push(row(list(10, "0", None, false), &there));
    }
    all.extend([
        row(list(20, "0", None, false), &[line('~', 1, "up_to")]),
        row(list(20, "3", None, false), &[line('~', 1, price)]),
        row(list(20, "3", Some("2.00"), false), &[line('+', 1, "flat")]),
        row(list(20, "3", Some("2.50"), false), &[line('~', 1, "flat")]),
        row(list(20, "3", None, false), &[line('-', 1, "flat")]),
        row(list(20, "3", None, true), &[line('+', 2, "up_to"), line('+', 3, price)]),
        row(list(20, "3", None, false), &[line('-', 2, "up_to"), line('-', 3, price)]),
        row(list(10, "0", None, false), &[line('~', 1, "up_to"), line('~', 1, price)]),
    ]);
    if filtered {
        all.push(row(Value::Null, &there.map(|line| line.replacen('+', "-", 1))));
    }
    all
}

/// Which filters a charge has, which metric and model, and that it is there at all.
fn shapes() -> Rows {
    let address = "plans.pro.charges.f_standard";
    let filters = format!("{address}.filters");
    let line = |sign: char, field: &str| format!("{sign} {address} {field}");
    let of = |value: Value, lines: &[String]| edit(&filters, value, lines.to_vec());
    vec![
        of(json!({ "region": { "eu": {}, "us": {} } }), &[line('~', "filters.region")]),
        of(
            json!({ "region": { "eu": {}, "x.y": { "amount": "3" } }, "tier": { "a \"b\" c": {} } }),
            &[line('+', "filters.region.\"x.y\".amount"), line('~', "filters.region"), line('+', "filters.tier")],
        ),
        of(
            json!({ "region": { "eu": {} } }),
            &[line('-', "filters.region.\"x.y\".amount"), line('~', "filters.region"), line('-', "filters.tier")],
        ),
        of(Value::Null, &[line('-', "filters.region")]),
        of(json!({ "region": { "eu": {} } }), &[line('+', "filters.region")]),
        // The charges that use the filter are written again, without being a change.
        step(
            &[("billable_metrics.calls.filters.region", json!(["eu", "us", "x.y", "ap"]))],
            &["replace billable_metrics.calls.filters.region", "~ billable_metrics.calls.filters.region values"],
        ),
        step(
            &[("billable_metrics.calls.filters.region", json!([]))],
            &["replace billable_metrics.calls.filters.region", "- billable_metrics.calls.filters.region values"],
        ),
        step(
            &[("billable_metrics.calls.filters.region", json!(["eu", "us", "x.y"]))],
            &["replace billable_metrics.calls.filters.region", "+ billable_metrics.calls.filters.region values"],
        ),
        step(
            &[("billable_metrics.spare.filters", json!({ "a": ["b"] }))],
            &["create billable_metrics.spare.filters.a"],
        ),
        step(&[("billable_metrics.spare.filters", Value::Null)], &["delete billable_metrics.spare.filters.a"]),
        step(
            &[("plans.pro.charges.m_dynamic.billable_metric", json!("spare"))],
            &["~ plans.pro.charges.m_dynamic billable_metric"],
        ),
        step(
            &[("plans.pro.charges.m_dynamic.billable_metric", json!("calls"))],
            &["~ plans.pro.charges.m_dynamic billable_metric"],
        ),
        step(
            &[("plans.pro.charges.m_graduated.charge_model", json!("volume"))],
            &["~ plans.pro.charges.m_graduated charge_model"],
        ),
        step(
            &[("plans.pro.charges.m_graduated.charge_model", json!("graduated"))],
            &["~ plans.pro.charges.m_graduated charge_model"],
        ),
        step(
            &[(
                "plans.pro.charges.fresh",
                json!({ "billable_metric": "spare", "charge_model": "dynamic", "taxes": ["extra"] }),
            )],
            &["create plans.pro.charges.fresh", "create plans.pro.charges.fresh.taxes.extra"],
        ),
        step(&[("plans.pro.charges.fresh", Value::Null)], &["delete plans.pro.charges.fresh"]),
    ]
}

#[test]
fn of_taxes_metrics_and_features() {
    go(BXB, usage());
}

#[test]
fn of_plans_and_their_parts() {
    go(BXB, plans());
}

#[test]
fn of_charges() {
    go(BXB, rows(vec![charges(false), shapes()]));
}

#[test]
fn of_charge_filters() {
    go(BXB, charges(true));
}

#[test]
fn of_add_ons_and_coupons() {
    go(BXB, offers());
}

/// What the API ignores with 200.
fn fixed() -> Vec<Fixed> {
    let row = |address, field, edits: &[(&'static str, Value)], replaceable, follows| Fixed {
        address,
        sign: '~',
        field,
        edits: edits.to_vec(),
        replaceable,
        follows,
    };
    vec![
        row(
            "billable_metrics.spare",
            "aggregation_type",
            &[
                ("billable_metrics.spare.aggregation_type", json!("custom")),
                ("billable_metrics.spare.expression", json!("a")),
            ],
            true,
            &["+ billable_metrics.spare expression"],
        ),
        row(
            "features.sso",
            "feature_type",
            &[("features.sso.feature_type", json!("custom"))],
            true,
            &["replace plans.pro.entitlements.sso"],
        ),
        row(
            "plans.bare",
            "interval",
            &[("plans.bare.interval", json!("weekly"))],
            true,
            &[
                "replace plans.bare.charges.stored",
                "replace plans.bare.charges.stored.taxes.vat",
                "replace plans.bare.usage_thresholds.\"12.5\"",
            ],
        ),
        row(
            "coupons.sum",
            "coupon_type",
            &[
                ("coupons.sum.coupon_type", json!("percentage")),
                ("coupons.sum.amount", Value::Null),
                ("coupons.sum.rate", json!("5%")),
            ],
            false,
            &["- coupons.sum amount!", "- coupons.sum currency!", "+ coupons.sum rate!"],
        ),
        row("coupons.sum", "amount", &[("coupons.sum.amount", json!("6.00"))], false, &[]),
        row("coupons.sum", "currency", &[("coupons.sum.currency", json!("EUR"))], false, &[]),
        row("coupons.part", "rate", &[("coupons.part.rate", json!("21%"))], false, &[]),
        row(
            "coupons.part",
            "frequency",
            &[("coupons.part.frequency", json!("forever")), ("coupons.part.duration", Value::Null)],
            false,
            &["- coupons.part duration!"],
        ),
        row("coupons.part", "duration", &[("coupons.part.duration", json!(4))], false, &[]),
        row("coupons.part", "reusable", &[("coupons.part.reusable", json!(false))], false, &[]),
    ]
}

#[test]
fn immutable_ones_are_shown_refused_and_replaced() {
    refused_and_replaced(BXB, &everything(), fixed());
}

fn lines() -> Vec<Line> {
    field_lines(BXB, rows([usage(), plans(), charges(false), charges(true), shapes(), offers()]), fixed())
}

#[test]
fn the_provider_table_is_covered() {
    // A threshold's amount is its key; what stands in the server's properties only is no edit of a file.
    table_is_covered(BXB, &lines(), &[("usage threshold", "amount"), ("charge", "properties.*")]);
}

const BLOCKS: Blocks = Blocks {
    places: &[
        ("Tax", &[("tax", "")]),
        ("Metric", &[("billable metric", "")]),
        ("Feature", &[("feature", "")]),
        ("Plan", &[("plan", "")]),
        ("Charge", &[("charge", "")]),
        ("ChargeFilter", &[("charge", "filters.*.*.")]),
        ("Range", &[("charge", "ranges.*."), ("charge", "filters.*.*.ranges.*.")]),
        ("Commitment", &[("commitment", "")]),
        ("UsageThreshold", &[("usage threshold", "")]),
        ("AddOn", &[("add-on", "")]),
        ("Coupon", &[("coupon", "")]),
    ],
    holders: &[
        ("Metric", "filters"),
        ("Plan", "taxes"),
        ("Plan", "charges"),
        ("Plan", "entitlements"),
        ("Plan", "commitments"),
        ("Plan", "usage_thresholds"),
        ("Charge", "taxes"),
        // What identifies an object.
        ("Commitment", "commitment_type"),
        ("UsageThreshold", "amount"),
    ],
    directives: &["protect", "ignore", "replace", "price_changes"],
    top: &[
        "provider",
        "price_changes",
        "taxes",
        "billable_metrics",
        "features",
        "plans",
        "add_ons",
        "coupons",
        "absent",
    ],
    least: 85,
};

#[test]
fn the_catalog_types_are_covered() {
    schema_is_covered(&BXB.schema(), &lines(), &BLOCKS);
}
