//! `plan --impact`: whom a change touches, and what that does to the monthly revenue.

use serde_json::{Value, json};

use crate::project::Project;
use crate::small::{BXB, COMMET, edited, live, plain};
use crate::workspace::{Folder, Raw, ok, refused};

/// Three ways to pay.
const SHOP: &str = "\
provider: commet
price_changes: reprice
features:
  calls: { name: API calls, type: usage }
plans:
  pro:
    name: Pro
    consumption_model: metered
    prices: { monthly: 49.00, yearly: 490.00 }
    default_price: monthly
    features:
      calls: { included_amount: 1000, overage: 0.002 }
    regions:
      eur: { exchange_rate: 0.92, prices: { monthly: 45.00 } }
      brl: { exchange_rate: 5.40 }
  team:
    name: Team
    prices: { monthly: 99.00 }
";

/// So many subscriptions like this, made behind the tool's back.
#[track_caller]
fn subscribe(project: &Project, count: usize, more: &Value) -> Vec<String> {
    let customer = project.call("POST", "/customers", json!({ "email": "a@example.com" }));
    let mut body = json!({ "customerId": customer["id"], "planCode": "pro", "billingInterval": "monthly" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let one = |_| project.call("POST", "/subscriptions", body.clone())["id"].as_str().unwrap().to_owned();
    (0..count).map(one).collect()
}

/// The impact of what the catalog asks for.
#[track_caller]
fn impact(project: &Project, catalog: &str) -> Value {
    project.write_text(catalog);
    let outcome = project.run(&["plan", "--impact", "--format", "json"]).exits(0);
    serde_json::from_str::<Value>(&outcome.stdout).unwrap()["impact"].clone()
}

/// `USD 100.00 → 200.00`, for each currency.
fn money(of: &Value) -> String {
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        format!("{} {} → {}", text("currency"), text("before"), text("after"))
    };
    of["revenue"].as_array().map_or_else(String::new, |all| all.iter().map(line).collect::<Vec<_>>().join(", "))
}

fn dearer() -> String {
    edited(SHOP, &[("monthly: 49.00", "monthly: 59.00")])
}

#[test]
fn a_repriced_price_reaches_its_subscribers_at_renewal() {
    let project = live("commet", SHOP);
    subscribe(&project, 130, &json!({}));
    subscribe(&project, 3, &json!({ "billingInterval": "yearly" }));
    subscribe(&project, 2, &json!({ "planCode": "team" }));
    let before = project.requests().len();
    let impact = impact(&project, &dearer());
    // Reading the catalog takes five requests, subscriptions three and a page more.
    let asked = project.requests().split_off(before);
    assert!(asked.iter().all(|request| request.method == "GET"), "{asked:?}");
    assert_eq!(asked.iter().filter(|request| request.path.starts_with("/subscriptions")).count(), 4, "{asked:?}");
    assert!(asked.len() <= 9, "{asked:?}");
    assert_eq!((&impact["subscriptions"], &impact["subscribers"]), (&json!(135), &json!(130)));
    assert_eq!(money(&impact), "USD 6370.00 → 7670.00");
    assert_eq!(impact["by_effect"][0]["effect"], "at_renewal");
    assert_eq!(impact["changes"][0]["address"], "plans.pro.prices.monthly");
    insta::assert_snapshot!(plain(&project, &project.run(&["plan", "--impact"]).exits(0).stdout), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 9 objects, 8 unchanged

      ~ plans.pro · Pro
          ~ prices.monthly  amount  $49.00 → $59.00  +20.4 %   new customers pay it today; existing subscribers from their next renewal

      Calls, in order
        1  Update the monthly price of Pro  PUT /plans/pln_…/prices/pp_…

      Impact: 130 of 135 subscribers · MRR $6,370.00 → $7,670.00 (+20.4 %), from their next renewal
        assumed: list prices by the month, without discounts, offers, add-ons, usage, taxes and one-time prices (-v shows 2 more)

    1 to update · 1 call · 1 change reaches existing subscribers
    "#);
}

#[test]
fn a_grandfathered_price_touches_nobody() {
    let project = live("commet", SHOP);
    subscribe(&project, 5, &json!({}));
    let kept = edited(&dearer(), &[("price_changes: reprice", "price_changes: grandfather")]);
    let found = impact(&project, &kept);
    assert_eq!((&found["subscribers"], &found["changes"][0]["subscribers"]), (&json!(0), &json!(0)));
    assert_eq!(money(&found), "");
    let text = project.run(&["plan", "--impact"]).exits(0).stdout;
    assert!(text.contains("Impact: none of 5 subscribers is touched"), "{text}");
    // Afterwards they have an archived price: the next change is not for them.
    project.run(&["apply", "--yes"]).exits(0);
    subscribe(&project, 2, &json!({}));
    let again = edited(SHOP, &[("monthly: 49.00", "monthly: 69.00")]);
    let found = impact(&project, &again);
    assert_eq!((&found["subscribers"], money(&found)), (&json!(2), "USD 118.00 → 138.00".to_owned()));
    assert!(found["assumptions"].to_string().contains("archived price"), "{found}");
}

#[test]
fn currencies_are_apart_and_derived_amounts_follow() {
    let project = live("commet", SHOP);
    subscribe(&project, 4, &json!({}));
    subscribe(&project, 3, &json!({ "currency": "eur" }));
    subscribe(&project, 2, &json!({ "currency": "brl" }));
    // Reais are derived of dollars, euros are set by hand.
    let found = impact(&project, &dearer());
    assert_eq!(found["subscribers"], 6);
    assert_eq!(money(&found), "BRL 529.20 → 637.20, USD 196.00 → 236.00");
    let found = impact(&project, &edited(SHOP, &[("monthly: 45.00", "monthly: 55.00")]));
    assert_eq!((&found["subscribers"], money(&found)), (&json!(3), "EUR 135.00 → 165.00".to_owned()));
    // The rate moves what is derived at it: the monthly price in euros is not.
    let found = impact(&project, &edited(SHOP, &[("exchange_rate: 5.40", "exchange_rate: 5.00")]));
    assert_eq!((&found["subscribers"], money(&found)), (&json!(2), "BRL 529.20 → 490.00".to_owned()));
    // So are the units, whose money depends on usage.
    assert_eq!(found["changes"][0]["depends_on_usage"], true);
    // A currency that goes takes the price along.
    let found = impact(&project, &edited(SHOP, &[("      brl: { exchange_rate: 5.40 }\n", "")]));
    assert_eq!((&found["subscribers"], money(&found)), (&json!(2), String::new()));
    assert!(found["assumptions"].to_string().contains("2 are left without a price"), "{found}");
}

#[test]
fn a_year_is_twelve_months() {
    let project = live("commet", SHOP);
    subscribe(&project, 3, &json!({ "billingInterval": "yearly" }));
    let found = impact(&project, &edited(SHOP, &[("yearly: 490.00", "yearly: 500.00")]));
    // 3 × 490 ÷ 12 and 3 × 500 ÷ 12.
    assert_eq!(money(&found), "USD 122.50 → 125.00");
}

#[test]
fn usage_has_no_number_and_moments_are_apart() {
    let project = live("commet", SHOP);
    subscribe(&project, 7, &json!({}));
    let catalog = edited(&dearer(), &[("overage: 0.002", "overage: 0.003"), ("1000,", "2000,")]);
    let found = impact(&project, &catalog);
    assert_eq!((&found["subscribers"], money(&found)), (&json!(7), "USD 343.00 → 413.00".to_owned()));
    let moments: Vec<&str> =
        found["by_effect"].as_array().unwrap().iter().map(|one| one["effect"].as_str().unwrap()).collect();
    assert_eq!(moments, ["at_renewal", "next_period", "now"]);
    assert_eq!(
        (money(&found["by_effect"][0]), money(&found["by_effect"][1])),
        ("USD 343.00 → 413.00".into(), String::new())
    );
    let gone =
        impact(&project, &edited(SHOP, &[("      calls: { included_amount: 1000, overage: 0.002 }\n", "      {}\n")]));
    assert_eq!((&gone["subscribers"], &gone["changes"][0]["depends_on_usage"]), (&json!(7), &json!(true)));
    project.write_text(&catalog);
    let feature = &found["changes"][1];
    assert_eq!((&feature["address"], &feature["depends_on_usage"]), (&json!("plans.pro.features.calls"), &json!(true)));
    assert_eq!((&feature["subscribers"], money(feature)), (&json!(7), String::new()));
    insta::assert_snapshot!(plain(&project, &project.run(&["plan", "--impact", "-v"]).exits(0).stdout), @r#"
    catalog.yaml → test · Commet 2026-07-11 · 9 objects, 7 unchanged

      ~ plans.pro · Pro
          ~ prices.monthly  amount           $49.00 → $59.00  +20.4 %   new customers pay it today; existing subscribers from their next renewal
          ~ features.calls  included_amount  1,000 → 2,000              existing subscribers have more included from now on
                            overage          $0.002 → $0.003  +50 %     existing subscribers pay more per unit from their next billing period

      Calls, in order
        1  Update the monthly price of Pro  PUT /plans/pln_…/prices/pp_…
        2  Update calls on Pro              PUT /plans/pln_…/features/ftr_…

      Impact: 7 of 7 subscribers · MRR $343.00 → $413.00 (+20.4 %)
        from their next renewal         7  $343.00 → $413.00 (+20.4 %)
        from their next billing period  7
        now                             7
        plans.pro.prices.monthly  7  $343.00 → $413.00 (+20.4 %)
        plans.pro.features.calls  7  depends on usage
        assumed: list prices by the month, without discounts, offers, add-ons, usage, taxes and one-time prices
        assumed: a weekly price counts × 52 ÷ 12, a quarterly one ÷ 3, a yearly one ÷ 12
        assumed: nobody subscribes, cancels or changes plan meanwhile
        assumed: what a change of usage prices and of what is included comes to depends on usage: no number is given

    2 to update · 2 calls · 2 changes reach existing subscribers
    "#);
}

#[test]
fn trials_and_cancellations() {
    let trial = edited(SHOP, &[("monthly: 49.00", "monthly: { amount: 49.00, trial_days: 14 }")]);
    let project = live("commet", &trial);
    subscribe(&project, 4, &json!({}));
    subscribe(&project, 3, &json!({ "skipTrial": true }));
    let ending = subscribe(&project, 2, &json!({ "skipTrial": true }));
    let over = subscribe(&project, 1, &json!({ "skipTrial": true }));
    ending.iter().for_each(|id| drop(project.call("POST", &format!("/subscriptions/{id}/cancel"), json!({}))));
    over.iter().for_each(|id| drop(project.call("DELETE", &format!("/subscriptions/{id}"), Value::Null)));
    let found = impact(&project, &edited(&trial, &[("49.00", "59.00")]));
    assert_eq!((&found["subscriptions"], &found["subscribers"], &found["trialing"]), (&json!(9), &json!(7), &json!(4)));
    assert_eq!(money(&found), "USD 147.00 → 177.00");
    // What comes at once reaches who has canceled, too.
    let found = impact(&project, &edited(&trial, &[("included_amount: 1000", "included_amount: 2000")]));
    assert_eq!(found["subscribers"], 9);
}

#[test]
fn a_plan_that_goes_leaves_its_subscribers_alone() {
    let project = live("commet", SHOP);
    subscribe(&project, 2, &json!({ "planCode": "team" }));
    let gone = edited(SHOP, &[("  team:\n    name: Team\n    prices: { monthly: 99.00 }\n", "")]);
    let found = impact(&project, &gone);
    assert_eq!((&found["subscribers"], &found["changes"][0]["address"]), (&json!(0), &json!("plans.team")));
    project.run(&["apply", "--yes", "--ack", "PB-G05"]).exits(0);
    let found = impact(&project, &edited(&gone, &[("monthly: 49.00", "monthly: 59.00")]));
    assert_eq!(found["subscriptions"], 2);
    assert!(found["assumptions"].to_string().contains("2 on plans that the API does not list"), "{found}");
}

#[test]
fn bxb_reaches_everybody_now() {
    let project = live("bxb", BXB);
    let plans = project.raw("GET", "/plans/?order_by=code:asc", Value::Null).1;
    let customer = project.raw("POST", "/customers/", json!({ "external_id": "a", "name": "A" })).1;
    let pro = plans[0]["id"].clone();
    assert_eq!(plans[0]["code"], "pro");
    let mut last = Value::Null;
    for n in 0..1005 {
        let body = json!({ "external_id": format!("s{n}"), "customer_id": customer["id"], "plan_id": pro });
        let (status, made) = project.raw("POST", "/subscriptions/", body);
        assert_eq!(status, 201, "{made}");
        last = made;
    }
    project.raw("DELETE", &format!("/subscriptions/{}", last["id"].as_str().unwrap()), Value::Null);
    let before = project.requests().len();
    let found =
        impact(&project, &edited(BXB, &[("amount: 49.00", "amount: 59.00"), ("amount: 0.002", "amount: 0.001")]));
    let asked = project.requests().split_off(before);
    assert_eq!(asked.iter().filter(|request| request.path.starts_with("/subscriptions/")).count(), 2, "{asked:?}");
    assert_eq!((&found["subscriptions"], &found["subscribers"]), (&json!(1004), &json!(1004)));
    assert_eq!(money(&found), "EUR 49196.00 → 59236.00");
    assert_eq!(
        (&found["by_effect"][0]["effect"], &found["changes"][1]["depends_on_usage"]),
        (&json!("now"), &json!(true))
    );
    // A plan's currency can change under its subscribers.
    let found =
        impact(&project, &edited(BXB, &[("amount: 49.00\n    currency: EUR", "amount: 49.00\n    currency: USD")]));
    assert_eq!(money(&found), "EUR 49196.00 → 0.00, USD 0.00 → 49196.00");
}

#[test]
fn a_file_in_place_of_the_api() {
    let project = live("commet", SHOP);
    project.write_text(&dearer());
    let before = project.requests().len();
    let csv =
        "plan,interval,currency,status,count\npro,monthly,USD,,1200\npro,monthly,usd,trialing,40\npro,yearly,,,70\n";
    let yaml = "- { plan: pro, interval: monthly, count: 1200 }\n- { plan: pro, interval: monthly, status: trialing, count: 40 }\n- { plan: pro, interval: yearly, currency: USD, count: 70 }\n";
    let json = json!([
        { "plan": "pro", "interval": "monthly", "count": 1200 },
        { "plan": "pro", "interval": "monthly", "status": "trialing", "count": 40 },
        { "plan": "pro", "interval": "yearly", "count": 70 },
    ]);
    for (name, text) in [("subscribers.csv", csv), ("subscribers.yaml", yaml), ("subscribers.json", &json.to_string())]
    {
        let path = project.path(name);
        std::fs::write(&path, text).unwrap();
        let text = project.run(&["plan", "--impact-file", path.to_str().unwrap()]).exits(0).stdout;
        let line = format!(
            "Impact: 1,240 of 1,310 subscribers in {} (40 in a trial) · MRR $58,800.00 → $70,800.00 (+20.4 %), from their next renewal",
            path.display()
        );
        assert!(text.contains(&line), "{text}");
    }
    let asked = project.requests().split_off(before);
    assert!(asked.iter().all(|request| !request.path.starts_with("/subscriptions")), "{asked:?}");
}

#[test]
fn a_file_with_mistakes() {
    let project = live("commet", SHOP);
    let path = project.path("subscribers.yaml");
    for (text, why) in [
        ("- { plan: prp, count: 1 }", "row 1: no plan `prp` is live; did you mean `pro`?"),
        ("- { plan: pro, count: 1 }", "row 1: the plan `pro` has several intervals; say which: monthly, yearly"),
        (
            "- { plan: team, count: 1 }\n- { plan: team, interval: weekly, count: 1 }",
            "row 2: the plan `team` has no interval `weekly`; it has monthly",
        ),
        ("- { plan: team, count: -1 }", "expected u64"),
        ("- { plan: team, count: 1.5 }", "1.5"),
        ("- { plan: team, count: 9999999999999999 }", "more than anybody has"),
        ("- { plan: team, cuont: 1 }", "unknown field `cuont`"),
        ("- { plan: team, currency: XX, count: 1 }", "`XX` is not a currency"),
        ("- { plan: team, currency: EUR, count: 1 }", "the plan `team` has no price in EUR"),
        ("- { plan: team, status: gone, count: 1 }", "the status `gone` is none of active, trialing, ending"),
        ("plan: team", "not a list of subscriptions"),
    ] {
        std::fs::write(&path, text).unwrap();
        let stopped = project.run(&["plan", "--impact-file", path.to_str().unwrap()]).exits(3);
        assert!(stopped.stderr.contains(why), "{why}\n{}", stopped.stderr);
        assert!(stopped.stderr.contains("rows have plan, interval, currency"), "{}", stopped.stderr);
    }
    project.run(&["plan", "--impact-file", "nowhere.csv"]).exits(3);
    let csv = project.path("subscribers.csv");
    std::fs::write(&csv, "plan,number\nteam,3\n").unwrap();
    project.run(&["plan", "--impact-file", csv.to_str().unwrap()]).exits(3);
}

#[test]
fn a_saved_changeset_shows_it_and_applies_without_it() {
    let project = live("commet", SHOP);
    subscribe(&project, 2, &json!({}));
    project.write_text(&dearer());
    let (with, without) = (project.path("with.json"), project.path("without.json"));
    project.run(&["plan", "--out", without.to_str().unwrap()]).exits(0);
    let printed = project.run(&["plan", "--impact", "--out", with.to_str().unwrap()]).exits(0).stdout;
    let shown = project.run_plain(&["show", with.to_str().unwrap()]).exits(0).stdout;
    assert_eq!(shown, printed);
    assert!(shown.contains("Impact: 2 of 2 subscribers"), "{shown}");
    let digest = |path: &std::path::Path| {
        serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()["digest"].clone()
    };
    assert_eq!(digest(&with), digest(&without));
    project.run(&["apply", with.to_str().unwrap(), "--yes"]).exits(0);
    project.in_sync();
}

#[test]
fn without_the_word_nothing_is_read() {
    let project = live("commet", COMMET);
    project.write_text(&edited(COMMET, &[("49.00", "59.00")]));
    let text = project.run(&["plan"]).exits(0).stdout;
    assert!(!text.contains("Impact"), "{text}");
    assert!(project.requests().iter().all(|request| !request.path.starts_with("/subscriptions")));
    // Add-ons are in no list of subscriptions.
    subscribe(&project, 1, &json!({}));
    let found = impact(&project, &edited(COMMET, &[("base_price: 15.00", "base_price: 20.00")]));
    assert_eq!((found["changes"][0].get("subscribers"), &found["subscribers"]), (None, &json!(0)));
}

#[test]
fn a_key_that_may_not_read_them_is_no_error() {
    let plan = json!({
        "id": "pln_1", "name": "Pro", "code": "pro", "isPublic": true, "features": [],
        "prices": [{ "id": "pp_1", "billingInterval": "monthly", "price": 4900, "isDefault": true }],
    });
    for (status, code) in [(401, "unauthorized"), (403, "forbidden"), (404, "endpoint_not_available")] {
        let plan = plan.clone();
        let api = Raw::start(move |asked, _| match asked {
            asked if asked.starts_with("GET /subscriptions") => refused(status, code, ""),
            asked if asked.starts_with("GET /plans") => ok(&json!([plan])),
            _ => ok(&json!([])),
        });
        let folder = Folder::new(
            &api.url,
            "provider: commet\nprice_changes: reprice\nplans:\n  pro: { name: Pro, prices: { monthly: 59.00 }, default_price: monthly }\n",
        );
        let text = folder.run(&["plan", "--impact"]).exits(0).stdout;
        assert!(text.contains("no impact is shown, because subscriptions cannot be read"), "{text}");
        assert!(text.contains(&status.to_string()) && text.contains("$49.00 → $59.00"), "{text}");
        folder.run(&["plan", "--impact", "--detailed-exitcode"]).exits(2);
    }
}

#[tokio::test]
async fn a_seed_makes_many() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    let steps = "\
- { path: /plans/manage, body: { name: Pro, code: pro }, as: pro }
- { path: '/plans/{pro.id}/prices', body: { billingInterval: monthly, price: 4900 } }
- { path: /customers, body: { email: 'a{n}@example.com', externalId: 'user_{n}' }, times: 2 }
- { path: /subscriptions, body: { customerId: user_2, planCode: pro, billingInterval: monthly }, times: 120 }
";
    std::fs::write(&seed, steps).unwrap();
    let (api, _running) = crate::support::sandbox(|options| options.seed = Some(seed)).await;
    assert_eq!(api.get("/customers/user_2").await.data()["email"], "a2@example.com");
    let first = api.get("/subscriptions?limit=100&status=active").await;
    assert_eq!(first.body["data"].as_array().unwrap().len(), 100);
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/subscriptions?limit=100&status=active&cursor={cursor}")).await;
    assert_eq!((rest.body["data"].as_array().unwrap().len(), &rest.body["hasMore"]), (20, &json!(false)));
}

#[test]
fn who_pays_a_price_in_a_market_is_not_known() {
    let catalog = "\
provider: commet
price_changes: reprice
markets: { south: { name: South, countries: [AR] } }
plans:
  pro:
    name: Pro
    prices:
      monthly:
        amount: 49.00
        markets: { south: { ars: 64900.00 } }
        variants: { founding: { name: Founding, markets: { south: { ars: 39900.00 } } } }
";
    let project = Project::of("commet@2026-07-31");
    project.write_text(catalog);
    project.apply(&project.plan()).exits(0);
    subscribe(&project, 3, &json!({}));
    let ledger = std::fs::read_to_string(project.ledger_path()).unwrap();
    let ledger: Value = serde_json::from_str(&ledger).unwrap();
    let variant = &ledger["objects"]["plans.pro.prices.monthly.variants.founding"]["id"];
    subscribe(&project, 2, &json!({ "priceId": variant }));
    let found = impact(&project, &catalog.replace("49.00", "59.00").replace("64900.00", "69900.00"));
    assert_eq!(money(&found), "USD 245.00 → 295.00");
    let said: Vec<&str> = found["assumptions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(said.iter().any(|said| said.starts_with("the API does not say who pays a price in a market")), "{said:?}");
    let found = impact(&project, &catalog.replace("39900.00", "41900.00"));
    assert_eq!(found["changes"][0]["subscribers"], Value::Null, "{found:#}");
}
