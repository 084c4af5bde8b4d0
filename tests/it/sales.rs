//! Offers, markets, price variants, credit packs and promo codes of Commet's newer version: calls in an order that the
//! API takes, guards, what existing subscribers keep, choices, and what is found without an API.

use serde_json::{Value, json};

use crate::bad_input::refused;
use crate::project::{Plan, Project, with};
use crate::subject::JULY31;

/// Where the first call that starts with these words stands.
#[track_caller]
fn at(plan: &Plan, words: &str) -> usize {
    let summaries = plan.summaries();
    summaries.iter().position(|summary| summary.starts_with(words)).unwrap_or_else(|| panic!("{words}: {summaries:#?}"))
}

fn catalog(markets: Value) -> Value {
    json!({ "provider": "commet", "price_changes": "reprice", "markets": markets })
}

fn market(name: &str, countries: &[&str]) -> Value {
    json!({ "name": name, "countries": countries })
}

/// A plan that is sold in two markets, with variants of its price.
fn shop() -> Value {
    with(
        &catalog(json!({ "north": market("North", &["PE", "BO"]), "south": market("South", &["AR", "UY"]) })),
        &[(
            "plans",
            json!({ "pro": { "name": "Pro", "prices": { "monthly": {
                "amount": "49.00",
                "markets": { "north": { "usd": "40.00" }, "south": { "ars": "64900.00" } },
                "variants": {
                    "loyal": { "name": "Loyal", "markets": { "south": { "ars": "39900.00" } } },
                    "both": { "name": "Both", "markets": { "north": { "usd": "20.00" }, "south": { "ars": "100.00" } } },
                },
            } } } }),
        )],
    )
}

/// Applied in the order of the plan, one call after the other, and there is nothing left to do.
#[track_caller]
fn goes(project: &Project, catalog: &Value) -> Plan {
    let plan = project.plan_of(catalog);
    plan.is_ordered();
    project.apply_with(&plan, &["--parallel", "4"]).exits(0);
    project.in_sync();
    plan
}

#[test]
fn a_country_leaves_a_market_before_it_joins_another() {
    let of = |one: &[&str], two: &[&str]| catalog(json!({ "one": market("One", one), "two": market("Two", two) }));
    let project = JULY31.with(&of(&["AR", "BO"], &["PE"]));
    let plan = goes(&project, &of(&["BO"], &["PE", "AR"]));
    assert!(at(&plan, "Write the market One") < at(&plan, "Write the market Two"), "{:#?}", plan.summaries());
    // Into a market that is made, and out of one that goes.
    let three = catalog(json!({ "one": market("One", &["BO", "PE"]), "three": market("Three", &["AR"]) }));
    goes(&project, &three);
}

#[test]
fn countries_go_around_in_a_ring() {
    let of = |one: &[&str], two: &[&str], three: &[&str]| {
        catalog(json!({ "one": market("One", one), "two": market("Two", two), "three": market("Three", three) }))
    };
    let project = JULY31.with(&of(&["AR", "BO"], &["PE", "PY"], &["UY", "CL"]));
    // Each keeps one.
    let plan = goes(&project, &of(&["PE", "BO"], &["UY", "PY"], &["AR", "CL"]));
    assert_eq!(plan.calls().count(), 4, "{:#?}", plan.summaries());
    // One is given up, the others keep nothing.
    goes(&project, &of(&["UY", "PY"], &["AR", "CL"], &["PE"]));
    // A market has at least one country: where two swap all they have, one borrows a country where nobody lives.
    let before = project.writes().len();
    let plan = goes(&project, &of(&["AR", "CL"], &["UY", "PY"], &["PE"]));
    assert_eq!(plan.calls().count(), 3, "{:#?}", plan.summaries());
    assert_eq!(plan.calls().next().unwrap()["body"]["countryCodes"], json!(["BV"]));
    assert_eq!(project.writes().len() - before, 3);
    // Part of a swap is the whole of it.
    project.write(&of(&["UY", "PY"], &["AR", "CL"], &["PE"]));
    let only = ["--only", "markets.one"];
    let plan = project.plan_with(&only);
    assert_eq!(plan.lines(), ["~ markets.one countries", "~ markets.two countries"]);
    project.apply_with(&plan, &only).exits(0);
    project.in_sync();
}

/// The old market can only go when the price has left it, the price needs the new one, and that one its countries.
#[test]
fn a_market_is_replaced_by_another_one_with_its_countries() {
    let project = JULY31.with(&shop());
    let price = "plans.pro.prices.monthly";
    let andes = with(
        &shop(),
        &[
            ("markets.north", Value::Null),
            ("markets.andes", market("Andes", &["PE", "BO"])),
            (&format!("{price}.markets.north"), Value::Null),
            (&format!("{price}.markets.andes"), json!({ "usd": "41.00" })),
            (&format!("{price}.variants.both.markets.north"), Value::Null),
            (&format!("{price}.variants.both.markets.andes"), json!({ "usd": "21.00" })),
        ],
    );
    let plan = goes(&project, &andes);
    assert!(at(&plan, "Take the countries out of north") < at(&plan, "Create the market Andes"));
    assert!(at(&plan, "Create the market Andes") < at(&plan, "Delete the market North"));
}

#[test]
fn names_of_credit_packs_are_swapped() {
    let of = |one: &str, two: &str| {
        let pack = |name: &str| json!({ "name": name, "credits": 5, "price": "1.00" });
        json!({ "provider": "commet", "price_changes": "reprice", "credit_packs": { "one": pack(one), "two": pack(two) } })
    };
    let project = JULY31.with(&of("A", "B"));
    goes(&project, &of("B", "A"));
    project.write(&of("A", "C"));
    // Who takes a name waits for who has it, also when only one was chosen.
    let plan = project.plan_with(&["--only", "credit_packs.one"]);
    assert_eq!(plan.lines(), ["~ credit_packs.one name", "~ credit_packs.two name"]);
}

#[test]
fn a_price_and_its_variants_leave_and_enter_markets() {
    let project = JULY31.with(&shop());
    let price = "plans.pro.prices.monthly";
    let (north, loyal, both) =
        (format!("{price}.markets.north"), format!("{price}.variants.loyal"), format!("{price}.variants.both"));
    // Out of one of two, as a price and as its variant.
    let less = with(&shop(), &[(&north, Value::Null), (&format!("{both}.markets.north"), Value::Null)]);
    let plan = goes(&project, &less);
    assert_eq!(plan.guards(), Vec::<String>::new(), "{:?}", plan.lines());
    // In again, together with a new market and a variant that is only there.
    let more = with(
        &shop(),
        &[
            ("markets.west", market("West", &["CL"])),
            (&format!("{price}.markets.west"), json!({ "clp": "4900" })),
            (&format!("{price}.variants.west"), json!({ "name": "West", "markets": { "west": { "clp": "3900" } } })),
        ],
    );
    goes(&project, &more);
    // And gone with all of it.
    let plan = goes(&project, &shop());
    assert!(at(&plan, "Archive the variant West") < at(&plan, "Delete the market West"), "{:#?}", plan.summaries());
    // Another currency in a market: the variants in it are made anew.
    let south = format!("{price}.markets.south");
    let dollars = |amount: &str| json!({ "usd": amount });
    let plan = goes(
        &project,
        &with(
            &shop(),
            &[
                (&south, dollars("45.00")),
                (&format!("{loyal}.markets.south"), dollars("30.00")),
                (&format!("{both}.markets"), json!({ "north": { "usd": "20.00" } })),
            ],
        ),
    );
    let replaced: Vec<String> = plan.lines().into_iter().filter(|line| line.starts_with("replace")).collect();
    assert_eq!(replaced, [format!("replace {loyal}")]);
    goes(&project, &with(&shop(), &[(&format!("{both}.markets"), json!({ "north": { "usd": "20.00" } }))]));
}

#[test]
fn who_pays_a_price_in_a_market_keeps_it() {
    let kept = |catalog: &Value| with(catalog, &[("price_changes", json!("grandfather"))]);
    let project = JULY31.with(&kept(&shop()));
    let price = "plans.pro.prices.monthly";
    let before = project.price_id("pro", "monthly");
    // The variants are archived first and made anew on the new price.
    let plan = goes(&project, &kept(&with(&shop(), &[(&format!("{price}.markets.north.usd"), json!("45.00"))])));
    assert_eq!(
        plan.lines(),
        [
            format!("replace {price}"),
            format!("~ {price} markets.north.usd"),
            format!("replace {price}.variants.both"),
            format!("replace {price}.variants.loyal"),
        ]
    );
    assert_ne!(project.price_id("pro", "monthly"), before);
    // A variant alone.
    let start = kept(&with(&shop(), &[(&format!("{price}.markets.north.usd"), json!("45.00"))]));
    let base = project.price_id("pro", "monthly");
    let loyal = format!("{price}.variants.loyal");
    let plan = goes(&project, &with(&start, &[(&format!("{loyal}.markets.south.ars"), json!("42000.00"))]));
    assert_eq!(plan.lines(), [format!("replace {loyal}"), format!("~ {loyal} markets.south.ars")]);
    assert_eq!(project.price_id("pro", "monthly"), base);
    // Nothing said: nothing is sent.
    let silent =
        with(&start, &[("price_changes", Value::Null), (&format!("{loyal}.markets.south.ars"), json!("1.00"))]);
    assert!(project.plan_of(&silent).guards().contains(&"PB-G01".to_owned()));
}

#[test]
fn what_is_sold_goes_only_when_it_was_said() {
    let offers = json!({
        "launch": { "name": "Launch", "phases": [{ "free_trial": 14 }] },
        "code": { "name": "Code", "phases": [{ "percentage": "5%" }] },
    });
    let start = with(
        &shop(),
        &[
            ("offers", offers),
            ("promo_codes", json!({ "CODE": { "offer": "code" } })),
            ("credit_packs", json!({ "small": { "name": "Small", "credits": 5, "price": "1.00" } })),
        ],
    );
    let project = JULY31.with(&start);
    for (path, guards) in [
        ("offers.launch", &["PB-G05"][..]),
        ("plans.pro.prices.monthly.variants.loyal", &["PB-G05"]),
        ("credit_packs.small", &["PB-G05", "PB-G10"]),
        ("promo_codes.CODE", &["PB-G05", "PB-G10"]),
    ] {
        let plan = project.plan_of(&with(&start, &[(path, Value::Null)]));
        assert_eq!(plan.lines(), [format!("delete {path}")]);
        assert_eq!(plan.guards(), guards, "{path}");
        let before = project.writes().len();
        project.run(&["apply", "--yes"]).exits(4);
        assert_eq!(project.writes().len(), before);
    }
    // The code goes before its offer, and is not deleted but switched off.
    let plan = goes(&project, &with(&start, &[("promo_codes", Value::Null), ("offers.code", Value::Null)]));
    assert!(
        at(&plan, "Switch the promo code CODE off") < at(&plan, "Delete the offer Code"),
        "{:#?}",
        plan.summaries()
    );
}

/// The API deletes no market that a price has: what is not managed here keeps it.
#[test]
fn a_market_in_use_stays() {
    let start = shop();
    let project = JULY31.with(&start);
    let plan = project.newer("POST", "/plans", json!({ "name": "Theirs", "code": "theirs" }));
    let id = plan["id"].as_str().unwrap();
    let north = project.id_of("markets", "North");
    let price = json!({ "billingInterval": "monthly", "price": 100, "marketPrices": [{ "marketGroupId": north, "currency": "usd", "price": 90 }] });
    project.newer("POST", &format!("/plans/{id}/prices"), price);
    let gone = with(
        &start,
        &[
            ("markets.north", Value::Null),
            ("plans.pro.prices.monthly.markets.north", Value::Null),
            ("plans.pro.prices.monthly.variants.both.markets.north", Value::Null),
        ],
    );
    let plan = project.plan_of(&gone);
    assert_eq!(plan.guards(), ["PB-G05", "PB-G14"]);
    let said = plan.0["guards"].to_string();
    assert!(said.contains("plans.theirs.prices.monthly has a price in it"), "{said}");
    project.apply(&plan).exits(4);
    project.newer("DELETE", &format!("/plans/{id}"), Value::Null);
    goes(&project, &gone);
}

/// Choosing one thing brings what it needs: an offer for a code, a market for a price, a price for a variant.
#[test]
fn what_was_chosen_brings_what_it_needs() {
    let project = JULY31.empty();
    let all = with(
        &shop(),
        &[
            ("offers", json!({ "code": { "name": "Code", "phases": [{ "percentage": "5%" }] } })),
            ("promo_codes", json!({ "CODE": { "offer": "code", "plans": ["pro"] } })),
        ],
    );
    project.write(&all);
    let made = |only: &str| project.plan_with(&["--only", only]).lines();
    let price = "plans.pro.prices.monthly";
    assert_eq!(
        made(&format!("{price}.variants.loyal")),
        [
            "create plans.pro".to_owned(),
            format!("create {price}"),
            format!("create {price}.variants.loyal"),
            "create markets.north".to_owned(),
            "create markets.south".to_owned(),
        ]
    );
    let code = made("promo_codes.CODE");
    for line in ["create offers.code", "create plans.pro", "create promo_codes.CODE"] {
        assert!(code.iter().any(|known| known == line), "{line}: {code:?}");
    }
    let plan = project.plan_with(&["--only", "promo_codes.CODE"]);
    plan.is_ordered();
    project.apply_with(&plan, &["--only", "promo_codes.CODE"]).exits(0);
    goes(&project, &all);
}

#[test]
fn findings_have_their_place() {
    const PRICE: &str = "provider: commet\nmarkets:\n  south: { name: South, countries: [AR] }\nplans:\n  pro:\n    name: Pro\n    prices:\n      monthly:\n        amount: 1.00\n";
    let offer = |phases: &str| format!("provider: commet\noffers:\n  one:\n    name: One\n    phases: {phases}\n");
    let price = |more: &str| format!("{PRICE}{more}");
    let code = |fields: &str| {
        format!(
            "provider: commet\noffers: {{ five: {{ name: Five, phases: [{{ percentage: 5% }}] }} }}\npromo_codes:\n  CODE: {fields}\n"
        )
    };
    let cases = [
        ("no phase", offer("[]"), "PB-E327 5:5"),
        ("two kinds", offer("[{ free_trial: 5, percentage: 5% }]"), "PB-E327 5:14"),
        ("no kind", offer("[{ cycles: 5 }]"), "PB-E327 5:14"),
        ("a trial later", offer("[{ percentage: 5%, cycles: 1 }, { free_trial: 5 }]"), "PB-E327 5:45"),
        ("no days", offer("[{ free_trial: 0 }]"), "PB-E327 5:14"),
        ("a trial of cycles", offer("[{ free_trial: 5, cycles: 1 }]"), "PB-E327 5:14"),
        ("too much", offer("[{ percentage: 101% }]"), "PB-E327 5:14"),
        ("for ever in the middle", offer("[{ percentage: 5% }, { percentage: 5% }]"), "PB-E327 5:14"),
        ("no cycle", offer("[{ percentage: 5%, cycles: 0 }]"), "PB-E327 5:14"),
        ("an interval for ever", offer("[{ percentage: 5%, interval: monthly }]"), "PB-E327 5:14"),
        ("no dollars", offer("[{ amount_off: { ars: 5.00 } }]"), "PB-E327 5:16"),
        ("no currency", offer("[{ amount_off: { usd: 5.00, xyz: 1 } }]"), "PB-E318 5:41"),
        ("decimals", offer("[{ fixed_price: { usd: 5.001 } }]"), "PB-E316 5:36"),
        ("no moment", offer("[{ percentage: 5% }]") + "    starts_at: soon\n", "PB-E408 6:16"),
        ("no country", "provider: commet\nmarkets:\n  one: { name: One, countries: [] }\n".into(), "PB-E328 3:3"),
        ("a small country", "provider: commet\nmarkets:\n  one: { name: One, countries: [ar] }\n".into(), "PB-E328 3:33"),
        (
            "a country twice",
            "provider: commet\nmarkets:\n  one: { name: One, countries: [AR] }\n  two: { name: Two, countries: [AR] }\n".into(),
            "PB-E328 4:33",
        ),
        ("an unknown market", price("        markets: { sout: { ars: 1.00 } }\n"), "PB-E304 10:20"),
        ("two currencies", price("        markets: { south: { ars: 1.00, usd: 1.00 } }\n"), "PB-E328 10:20"),
        (
            "a variant of nothing",
            price("        variants: { v: { name: V, markets: { south: { ars: 1.00 } } } }\n"),
            "PB-E328 10:46",
        ),
        (
            "a variant in another currency",
            price("        markets: { south: { ars: 1.00 } }\n        variants: { v: { name: V, markets: { south: { usd: 1.00 } } } }\n"),
            "PB-E328 11:46",
        ),
        (
            "a variant's name in its metadata",
            price("        markets: { south: { ars: 1.00 } }\n        variants: { v: { name: V, markets: { south: { ars: 1.00 } }, metadata: { name: W } } }\n"),
            "PB-E323 11:82",
        ),
        ("a code that gives nothing", code("{ max_redemptions: 5 }"), "PB-E329 4:3"),
        ("a code that gives two things", code("{ offer: five, percentage: 5% }"), "PB-E329 4:3"),
        ("how long an offer lasts", code("{ offer: five, cycles: 5 }"), "PB-E329 4:24"),
        ("all of it", code("{ percentage: 100% }"), "PB-E329 4:23"),
        ("an unknown offer", code("{ offer: fiv }"), "PB-E304 4:18"),
        ("an unknown plan", code("{ offer: five, plans: [pro] }"), "PB-E304 4:32"),
    ];
    refused(cases.iter().map(|(name, text, expected)| (*name, text.as_bytes(), *expected)));
}

#[test]
fn a_code_whose_offer_may_be_refused_is_a_warning() {
    let offer = |phases: &str| {
        format!(
            "provider: commet\noffers:\n  two: {{ name: Two, phases: [{phases}] }}\npromo_codes: {{ CODE: {{ offer: two }} }}\n"
        )
    };
    for (phases, warned) in [
        ("{ percentage: 5% }", false),
        ("{ amount_off: { usd: 5.00 }, cycles: 2 }", false),
        ("{ percentage: 5%, cycles: 1 }, { percentage: 2% }", true),
        ("{ percentage: 100%, cycles: 1 }", true),
        ("{ free_trial: 7 }", true),
    ] {
        // What a code gives cannot be changed.
        let project = Project::of("commet@2026-07-31");
        project.write_text(&offer(phases));
        let validated = project.run(&["validate"]).exits(0);
        assert_eq!(validated.stderr.contains("PB-W105"), warned, "{phases}: {}", validated.stderr);
        // The embedded server refuses exactly these.
        let applied = project.run(&["apply", "--yes"]);
        assert_eq!(applied.code, if warned { 6 } else { 0 }, "{phases}: {}", applied.stdout);
    }
}

#[test]
fn a_market_may_have_any_key() {
    let project = Project::of("commet@2026-07-31");
    let catalog = |amount: &str| {
        format!(
            "provider: commet\nprice_changes: reprice\nmarkets:\n  'south.\"cone\"': {{ name: South, countries: [AR] }}\nplans:\n  pro:\n    name: Pro\n    prices: {{ monthly: {{ amount: 49.00, markets: {{ 'south.\"cone\"': {{ ars: {amount} }} }} }} }}\n"
        )
    };
    for amount in ["64900.00", "69900.00"] {
        project.write_text(&catalog(amount));
        project.apply(&project.plan()).exits(0);
        project.in_sync();
        let live = project.newer("GET", "/plans/pro", Value::Null);
        let minor = amount.replace('.', "").parse::<i64>().unwrap();
        assert_eq!(live["prices"][0]["marketPrices"][0]["price"], minor);
    }
    project.run(&["pull", "--check"]).exits(0);
}

#[test]
fn a_new_catalog_has_all_that_is_sold() {
    let project = JULY31.with(&(JULY31.everything)());
    let folder = project.path("pulled");
    let into = ["-C", folder.to_str().unwrap()];
    let from = ["--url", project.url(), "--provider", "commet", "--api-version", "2026-07-31"];
    let pulled = project.run_plain(&[&["pull"], &into[..], &from].concat()).exits(0);
    for what in ["offer", "market", "credit pack", "promo code"] {
        assert!(pulled.stdout.contains(what), "no {what}:\n{}", pulled.stdout);
    }
    project.run_plain(&[&["plan", "--detailed-exitcode"], &into[..]].concat()).exits(0);
}
