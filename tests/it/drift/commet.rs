//! Commet's rows. The live side is changed in the older version where it can be: both show the same objects.

mod sales;

use serde_json::{Value, json};

use super::{Row, every_field, row};
use crate::project::{Project, with};
use crate::subject::{JULY11, Subject, at_every_version};

/// The catalog of these tests: every optional field that can be read holds something.
fn full(subject: Subject) -> Value {
    let mut full = with(
        &(subject.everything)(),
        &[
            ("features.calls.description", json!("What is called")),
            ("features.calls.unit_name", json!("call")),
            ("groups.main.description", json!("The plans")),
            ("plans.pro.description", json!("For teams")),
            ("plans.pro.metadata", json!({ "tier": 2 })),
            ("plans.pro.prices.monthly.trial_days", json!(14)),
            ("plans.bal.prices.monthly.included_balance", json!("20.00")),
            ("plans.bal.regions.eur.prices.monthly.included_balance", json!("18.00")),
            ("plans.creds.prices.monthly.included_credits", json!(100)),
            ("plans.pro.regions.brl.features", json!({ "seats": { "overage": "66.00" } })),
            ("addons.text.description", json!("By SMS")),
        ],
    );
    if subject.has("price", "intro_offer.cycles") {
        full = with(
            &full,
            &[
                ("plans.pro.prices.monthly.intro_offer", json!({ "percentage": "20%", "cycles": 3 })),
                ("plans.pro.prices.yearly.intro_offer", json!({ "amount": "5.00", "cycles": 3 })),
            ],
        );
    }
    with(&full, &sales::full(subject))
}

/// Ids are those of the objects as they were first created; the rows of this table never make one anew.
fn fields(subject: Subject, project: &Project) -> Vec<Row> {
    let mut rows = of_both(project);
    if subject.has("price", "intro_offer.cycles") {
        rows.extend(intro_offers(project));
    }
    rows.extend(sales::fields(subject, project));
    rows
}

fn intro_offers(project: &Project) -> Vec<Row> {
    let pro = project.plan_id("pro");
    let price = |interval: &str| format!("/plans/{pro}/prices/{}", project.price_id("pro", interval));
    let (monthly, yearly) = (price("monthly"), price("yearly"));
    vec![
        row(
            "PUT",
            monthly.as_str(),
            json!({ "introOffer": { "discountValue": 2500 } }),
            &["~ plans.pro.prices.monthly intro_offer.percentage"],
        ),
        row(
            "PUT",
            monthly.as_str(),
            json!({ "introOffer": { "durationCycles": 12 } }),
            &["~ plans.pro.prices.monthly intro_offer.cycles"],
        ),
        row(
            "PUT",
            monthly.as_str(),
            json!({ "introOffer": { "enabled": false } }),
            &["+ plans.pro.prices.monthly intro_offer.percentage", "+ plans.pro.prices.monthly intro_offer.cycles"],
        ),
        row(
            "PUT",
            yearly.as_str(),
            json!({ "introOffer": { "discountValue": 600 } }),
            &["~ plans.pro.prices.yearly intro_offer.amount"],
        ),
    ]
}

fn of_both(project: &Project) -> Vec<Row> {
    let (pro, bal, creds) = (project.plan_id("pro"), project.plan_id("bal"), project.plan_id("creds"));
    let (calls, seats) = (project.feature_id("calls"), project.feature_id("seats"));
    let projects = project.feature_id("projects");
    let monthly = project.price_id("pro", "monthly");
    let yearly = project.price_id("pro", "yearly");
    let main = project.group_id("Main");
    let text = project.addon_id("Text");
    let price = |plan: &str, id: &str| format!("/plans/{plan}/prices/{id}");
    let feature = "/features/calls/manage";
    let plan = format!("/plans/{pro}/manage");
    let group = format!("/plan-groups/{main}");
    let addon = format!("/addons/{text}");
    let at_rate = |currency: &str, rate: f64, prices: Value, features: Value| json!({ "currency": currency, "exchangeRate": rate, "prices": prices, "features": features });
    let bal_monthly = project.price_id("bal", "monthly");
    let by_hand = json!([{ "priceId": bal_monthly, "price": 2900, "includedBalance": 1800 }]);
    let seats_by_hand = json!([{ "featureId": seats, "overageUnitPrice": 660_000 }]);
    vec![
        row("PUT", feature, json!({ "name": "X" }), &["~ features.calls name"]),
        row("PUT", feature, json!({ "description": "X" }), &["~ features.calls description"]),
        row("PUT", feature, json!({ "description": null }), &["+ features.calls description"]),
        row("PUT", feature, json!({ "unitName": "X" }), &["~ features.calls unit_name"]),
        row("PUT", feature, json!({ "unitName": null }), &["+ features.calls unit_name"]),
        row("PUT", "/features/sms/manage", json!({ "description": "X" }), &["- features.sms description"]),
        row("PUT", &group, json!({ "name": "X" }), &["~ groups.main name"]),
        row("PUT", &group, json!({ "description": null }), &["+ groups.main description"]),
        row("PUT", &group, json!({ "isPublic": false }), &["~ groups.main public"]),
        row(
            "PUT",
            format!("{group}/plans/reorder"),
            json!({ "planIds": [project.plan_id("basic"), project.plan_id("free")] }),
            &["~ groups.main plans"],
        ),
        row("DELETE", format!("{group}/plans/{}", project.plan_id("free")), Value::Null, &["~ groups.main plans"]),
        row("POST", format!("{group}/plans"), json!({ "planId": project.plan_id("bare") }), &["~ groups.main plans"]),
        row("PUT", &plan, json!({ "name": "X" }), &["~ plans.pro name"]),
        row("PUT", &plan, json!({ "description": null }), &["+ plans.pro description"]),
        row("PUT", &plan, json!({ "description": "X" }), &["~ plans.pro description"]),
        row("PUT", &plan, json!({ "isPublic": false }), &["~ plans.pro public"]),
        row("PUT", format!("/plans/{pro}/visibility"), json!({ "isPublic": false }), &["~ plans.pro public"]),
        row("PUT", &plan, json!({ "metadata": { "tier": 3 } }), &["~ plans.pro metadata.tier"]),
        row("PUT", &plan, json!({ "metadata": { "tier": 2, "by": "hand" } }), &["- plans.pro metadata.by"]),
        row("PUT", &plan, json!({ "metadata": {} }), &["+ plans.pro metadata.tier"]),
        row("PUT", format!("{}/default", price(&pro, &yearly)), json!({}), &["~ plans.pro default_price"]),
        row("PUT", price(&pro, &monthly), json!({ "price": 3100 }), &["~ plans.pro.prices.monthly amount"]),
        row("PUT", price(&pro, &monthly), json!({ "trialDays": 0 }), &["~ plans.pro.prices.monthly trial_days"]),
        row("PUT", price(&pro, &yearly), json!({ "trialDays": 7 }), &["~ plans.pro.prices.yearly trial_days"]),
        row(
            "PUT",
            price(&bal, &bal_monthly),
            json!({ "includedBalance": 2100 }),
            &["~ plans.bal.prices.monthly included_balance"],
        ),
        row(
            "PUT",
            price(&bal, &bal_monthly),
            json!({ "includedBalance": null }),
            &["+ plans.bal.prices.monthly included_balance"],
        ),
        row(
            "PUT",
            price(&creds, &project.price_id("creds", "monthly")),
            json!({ "includedCredits": 99 }),
            &["~ plans.creds.prices.monthly included_credits"],
        ),
        row(
            "PUT",
            price(&creds, &project.price_id("creds", "yearly")),
            json!({ "includedCredits": 99 }),
            &["- plans.creds.prices.yearly included_credits"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{calls}"),
            json!({ "enabled": false }),
            &["~ plans.pro.features.calls enabled"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{calls}"),
            json!({ "includedAmount": 999 }),
            &["~ plans.pro.features.calls included_amount"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{projects}"),
            json!({ "unlimited": true }),
            &["~ plans.pro.features.projects unlimited"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{calls}"),
            json!({ "overage": { "enabled": true, "unitPrice": 1 } }),
            &["- plans.pro.features.calls overage"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{seats}"),
            json!({ "overage": { "unitPrice": 130_000 } }),
            &["~ plans.pro.features.seats overage"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/features/{seats}"),
            json!({ "overage": { "enabled": false } }),
            &["+ plans.pro.features.seats overage"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/regional"),
            at_rate("brl", 5.5, json!([]), seats_by_hand.clone()),
            &["~ plans.pro.regions.brl exchange_rate"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/regional"),
            at_rate("brl", 5.4, json!([{ "priceId": monthly, "price": 16000 }]), seats_by_hand.clone()),
            &["~ plans.pro.regions.brl prices.monthly.amount"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/regional"),
            at_rate("brl", 5.4, json!([]), json!([])),
            &["~ plans.pro.regions.brl features.seats.overage"],
        ),
        row(
            "PUT",
            format!("/plans/{pro}/prices/{monthly}/regional"),
            json!({ "overrides": [{ "currency": "jpy", "price": 4500 }] }),
            &["~ plans.pro.regions.jpy prices.monthly.amount"],
        ),
        row(
            "PUT",
            format!("/plans/{bal}/regional"),
            at_rate(
                "eur",
                0.92,
                json!([{ "priceId": bal_monthly, "price": 2900, "includedBalance": 1900 }]),
                json!([]),
            ),
            &["~ plans.bal.regions.eur prices.monthly.included_balance"],
        ),
        row(
            "PUT",
            format!("/plans/{bal}/regional"),
            at_rate("eur", 0.93, by_hand, json!([])),
            &["~ plans.bal.regions.eur exchange_rate"],
        ),
        row("PUT", &addon, json!({ "name": "X" }), &["~ addons.text name"]),
        row("PUT", &addon, json!({ "description": "X" }), &["~ addons.text description"]),
        row("PUT", &addon, json!({ "description": "" }), &["+ addons.text description"]),
        row("PUT", &addon, json!({ "basePrice": 1 }), &["~ addons.text base_price"]),
        row("PUT", &addon, json!({ "includedUnits": 1 }), &["~ addons.text included_units"]),
        row("PUT", &addon, json!({ "overageRate": 1 }), &["~ addons.text overage_rate"]),
    ]
}

/// A pack that somebody switched off is hidden: it is as gone (commet-api.md §3.8).
const NEVER_ALONE: &[(&str, &str)] = &[("credit pack", "active")];

fn every_field_changed_live_is_seen_and_taken_back(subject: Subject) {
    every_field(subject, &full(subject), |project| fields(subject, project), NEVER_ALONE);
}

at_every_version! {
    every_field_changed_live_is_seen_and_taken_back
    objects_that_come_and_go_live_are_seen_and_taken_back
    what_is_left_to_the_dashboard_stays_as_it_is
}

fn objects_that_come_and_go_live_are_seen_and_taken_back(subject: Subject) {
    let project = subject.with(&full(subject));
    let undo = |expected: &[&str]| {
        let plan = project.plan();
        assert_eq!(plan.lines(), expected);
        assert!(plan.origins().iter().all(|origin| *origin == "live"), "{:?}", plan.origins());
        project.apply(&plan).exits(0);
        project.in_sync();
    };
    let pro = project.plan_id("pro");
    let delete = |path: String| project.call("DELETE", &path, Value::Null);

    delete(format!("/plans/{pro}/prices/{}", project.price_id("pro", "yearly")));
    undo(&["create plans.pro.prices.yearly"]);
    // The default goes with its price, and a price goes after its variants.
    let variants = subject.has("price variant", "name");
    if variants {
        delete(format!("/plans/{pro}/prices/{}", sales::variant_id(&project)));
    }
    delete(format!("/plans/{pro}/prices/{}", project.price_id("pro", "monthly")));
    let again = ["+ plans.pro default_price", "create plans.pro.prices.monthly"];
    let variant = ["create plans.pro.prices.monthly.variants.founding"];
    undo(&[&again[..], if variants { &variant } else { &[] }].concat());
    project.call(
        "POST",
        &format!("/plans/{}/prices", project.plan_id("basic")),
        json!({ "billingInterval": "yearly", "price": 1 }),
    );
    undo(&["delete plans.basic.prices.yearly"]);
    delete(format!("/plans/{pro}/features/{}", project.feature_id("seats")));
    // Its price by hand in a currency went with it.
    undo(&["create plans.pro.features.seats", "+ plans.pro.regions.brl features.seats.overage"]);
    let spare = project.feature_id("spare");
    project.call(
        "POST",
        &format!("/plans/{pro}/features"),
        json!({ "featureId": spare, "overage": { "enabled": true, "unitPrice": 5 } }),
    );
    undo(&["delete plans.pro.features.spare"]);
    // One price's rows in every currency.
    delete(format!("/plans/{pro}/prices/{}/regional", project.price_id("pro", "weekly")));
    undo(&["+ plans.pro.regions.brl prices.weekly.amount", "+ plans.pro.regions.jpy prices.weekly.amount"]);
    project.call("PUT", &format!("/plans/{pro}/regional"), json!({ "currency": "eur", "exchangeRate": 0.9 }));
    undo(&["delete plans.pro.regions.eur"]);
    for interval in ["weekly", "monthly", "quarterly", "yearly", "one_time"] {
        delete(format!("/plans/{}/prices/{}/regional", project.plan_id("bal"), project.price_id("bal", interval)));
    }
    undo(&["create plans.bal.regions.brl", "create plans.bal.regions.eur"]);
    // Whole objects.
    delete("/features/spare/manage".into());
    undo(&["create features.spare"]);
    delete(format!("/addons/{}", project.addon_id("Text")));
    undo(&["create addons.text"]);
    delete(format!("/plan-groups/{}", project.group_id("Main")));
    undo(&["create groups.main"]);
    delete(format!("/plans/{}/manage", project.plan_id("basic")));
    undo(&["~ groups.main plans", "create plans.basic", "create plans.basic.prices.monthly"]);
    delete(format!("/plans/{}/manage", project.plan_id("bal")));
    let plan = project.plan();
    assert_eq!(plan.lines().len(), 10, "{:?}", plan.lines());
    assert!(plan.lines().iter().all(|line| line.starts_with("create plans.bal")));
    project.apply(&plan).exits(0);
    project.in_sync();

    sales::come_and_go(subject, &project);

    // What somebody else made is counted and left alone.
    project.call("POST", "/features/manage", json!({ "name": "Foreign", "code": "foreign", "type": "boolean" }));
    project.call("POST", "/plans/manage", json!({ "name": "Foreign", "code": "foreign" }));
    let plan = project.plan();
    assert_eq!(plan.lines(), Vec::<String>::new());
    assert_eq!(plan.0["unmanaged"], json!(["features.foreign", "plans.foreign"]));
}

/// An object of ours that somebody deleted and made again under the same code is another object: what we wrote to
/// the old one is not known of the new one.
#[test]
fn an_object_made_again_by_somebody_else_is_not_the_one_we_wrote() {
    let catalog = json!({
        "provider": "commet",
        "features": { "calls": { "name": "Calls", "type": "usage" } },
        "plans": { "creds": { "name": "C", "consumption_model": "credits", "features": { "calls": { "credits_per_unit": 3 } } } },
    });
    let project = JULY11.with(&catalog);
    project.call("DELETE", &format!("/plans/{}/manage", project.plan_id("creds")), Value::Null);
    let made =
        project.call("POST", "/plans/manage", json!({ "name": "C", "code": "creds", "consumptionModel": "credits" }));
    let path = format!("/plans/{}/features", made["id"].as_str().unwrap());
    project.call("POST", &path, json!({ "featureId": project.feature_id("calls"), "creditsPerUnit": 9 }));
    let plan = project.plan();
    assert_eq!(plan.lines(), ["adopt plans.creds"]);
    assert_eq!(
        plan.0["unverifiable"],
        json!([{ "address": "plans.creds.features.calls", "fields": ["credits_per_unit"] }])
    );
}

#[test]
fn what_the_api_never_shows_is_said_and_written_on_demand() {
    let catalog = with(
        &with(&full(JULY11), &[("promo_codes", Value::Null)]),
        &[
            ("plans.bal.features.tokens.pricing_mode", json!("ai_model")),
            ("plans.bal.features.tokens.margin", json!("15%")),
            (
                "plans.pro.regions.brl.prices",
                json!({ "monthly": { "amount": "149.00", "intro_offer": { "percentage": "10%", "cycles": 2 } } }),
            ),
        ],
    );
    let project = JULY11.with(&catalog);
    assert_eq!(project.plan().0["unverifiable"], json!([]));
    std::fs::remove_file(project.ledger_path()).unwrap();

    let unknown = |plan: &crate::project::Plan| -> Vec<String> {
        let list = plan.0["unverifiable"].as_array().unwrap();
        list.iter()
            .flat_map(|one| {
                let fields = one["fields"].as_array().unwrap().iter();
                fields.map(|field| format!("{} {}", one["address"].as_str().unwrap(), field.as_str().unwrap()))
            })
            .collect()
    };
    let plan = project.plan();
    assert!(plan.lines().iter().all(|line| line.starts_with("adopt ")), "{:?}", plan.lines());
    let listed = unknown(&plan);
    for expected in [
        "plans.creds.features.tokens credits_per_unit",
        "plans.creds.features.calls credits_per_unit",
        "plans.bal.features.tokens pricing_mode",
        "plans.bal.features.tokens margin",
        "plans.pro.regions.brl prices.*.intro_offer.percentage",
        "plans.pro.regions.brl prices.*.intro_offer.cycles",
    ] {
        assert!(listed.iter().any(|line| line == expected), "{expected}: {listed:#?}");
    }
    // Adopting does not make it known.
    project.apply(&plan).exits(0);
    project.in_sync();
    assert_eq!(unknown(&project.plan()), listed);

    // What can be sent is sent, also that there is nothing, and is known from then on.
    let plan = project.plan_with(&["--write-unreadable"]);
    assert_eq!(
        plan.lines(),
        [
            "+ plans.creds.features.calls credits_per_unit",
            "+ plans.creds.features.tokens credits_per_unit",
            "+ plans.pro.regions.brl prices.monthly.intro_offer.percentage",
            "+ plans.pro.regions.brl prices.*.intro_offer.amount",
            "+ plans.pro.regions.brl prices.monthly.intro_offer.cycles",
            "+ plans.pro.regions.jpy prices.*.intro_offer.percentage",
            "+ plans.pro.regions.jpy prices.*.intro_offer.amount",
            "+ plans.pro.regions.jpy prices.*.intro_offer.cycles",
        ]
    );
    assert_eq!(plan.calls().count(), 4);
    project.apply_with(&plan, &["--write-unreadable"]).exits(0);
    project.in_sync();
    let plan = project.plan_with(&["--write-unreadable"]);
    assert_eq!(plan.lines(), Vec::<String>::new());
    // What cannot be changed in place stays unknown.
    let left = unknown(&plan);
    assert!(left.iter().all(|line| line.starts_with("plans.bal.features.")), "{left:#?}");
    assert_eq!(left.len(), 4, "{left:#?}");
}

/// Where one call writes several fields, those that are left to the dashboard are written as they are live.
fn what_is_left_to_the_dashboard_stays_as_it_is(subject: Subject) {
    let intro = subject.has("price", "intro_offer.cycles");
    let start = with(
        &full(subject),
        &[
            ("plans.pro.ignore", json!(["metadata.tier", "description"])),
            ("plans.pro.metadata", json!({ "tier": 2, "team": "a" })),
            (
                "plans.pro.prices.monthly.ignore",
                if intro { json!(["intro_offer.cycles", "trial_days"]) } else { json!(["trial_days"]) },
            ),
            ("plans.pro.regions.brl.ignore", json!(["prices.monthly"])),
        ],
    );
    let project = subject.with(&start);
    let (pro, monthly) = (project.plan_id("pro"), project.price_id("pro", "monthly"));
    project.call(
        "PUT",
        &format!("/plans/{pro}/manage"),
        json!({ "metadata": { "tier": 9, "team": "a" }, "description": "By hand" }),
    );
    project.call(
        "PUT",
        &format!("/plans/{pro}/prices/{monthly}"),
        if intro {
            json!({ "trialDays": 30, "introOffer": { "durationCycles": 12 } })
        } else {
            json!({ "trialDays": 30 })
        },
    );
    let path = format!("/plans/{pro}/prices/{monthly}/regional");
    project.call("PUT", &path, json!({ "overrides": [{ "currency": "brl", "price": 14_900 }] }));
    project.in_sync();

    let plan = project.plan_of(&with(
        &start,
        &[
            ("plans.pro.metadata.team", json!("b")),
            if intro {
                ("plans.pro.prices.monthly.intro_offer.percentage", json!("30%"))
            } else {
                ("plans.pro.prices.monthly.metadata.experiment", json!("b"))
            },
            ("plans.pro.regions.brl.exchange_rate", json!("5.50")),
        ],
    ));
    assert_eq!(
        plan.lines(),
        [
            "~ plans.pro metadata.team",
            if intro {
                "~ plans.pro.prices.monthly intro_offer.percentage"
            } else {
                "~ plans.pro.prices.monthly metadata.experiment"
            },
            "~ plans.pro.regions.brl exchange_rate"
        ]
    );
    project.apply(&plan).exits(0);
    project.in_sync();
    let live = project.live_plan("pro");
    assert_eq!(live["metadata"], json!({ "tier": 9, "team": "b" }));
    assert_eq!(live["description"], "By hand");
    let price = live["prices"].as_array().unwrap().iter().find(|price| price["billingInterval"] == "monthly").unwrap();
    assert_eq!(price["trialDays"], 30);
    if intro {
        assert_eq!(price["introOffer"]["durationCycles"], 12);
    }
    let brl = price["regionalPrices"].as_array().unwrap().iter().find(|row| row["currency"] == "brl").unwrap();
    assert_eq!((&brl["price"], &brl["autoSynced"]), (&json!(14_900), &json!(false)));
}
