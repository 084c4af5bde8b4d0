//! Applying: order, failures, interrupts, kills. What counts is the second attempt.

use std::collections::BTreeMap;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::{Value, json};

use crate::subject::{JULY11, Subject, at_every_version};
use crate::workspace::{SHOP, World, ended, speaking};

at_every_version! {
    everything_at_once_and_nothing_the_second_time
    one_at_a_time_or_several
    a_failed_call_stops_what_waits_for_it_and_nothing_else
    five_percent_of_everything_converges
    one_in_two_lost_answers_doubles_nothing
    an_interrupt_lets_calls_in_flight_finish
    a_key_that_is_withdrawn_ends_the_run
}

/// What the API holds after an undisturbed run.
fn undisturbed(catalog: &str) -> Value {
    let world = World::new(catalog);
    world.run(&["apply", "--yes"]).exits(0);
    world.state()
}

/// Waits until something is so; the time-out is only there for a test that fails.
fn until(what: impl Fn() -> bool) {
    for _ in 0..2000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never happened");
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn everything_at_once_and_nothing_the_second_time(subject: Subject) {
    speaking(subject);
    let world = World::new(SHOP);
    let ended = world.run(&["apply", "--yes"]).exits(0).says("all of them succeeded");
    // A line per call off a terminal.
    let calls = world.writes().len();
    assert_eq!(ended.stderr.lines().filter(|line| line.contains(&format!("/{calls}] "))).count(), calls);
    world.forget_log();
    // Nothing to do needs no confirmation.
    world.run(&["apply"]).exits(0).says("all unchanged");
    assert!(world.writes().is_empty());
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn one_at_a_time_or_several(subject: Subject) {
    speaking(subject);
    // A sandbox writes its line when it answers, so overlapping calls end out of order with the slow one last.
    let overlaps = |parallel: &[&str]| {
        let world = World::faulty(SHOP, "nth=1,kind=slow,on=POST,delay_ms=400");
        let mut arguments = vec!["apply", "--yes"];
        arguments.extend(parallel);
        world.run(&arguments).exits(0);
        let log = world.log();
        let writes: Vec<_> = log.iter().filter(|line| line["method"] != "GET").collect();
        writes.iter().position(|line| line["fault"] == "slow").unwrap()
    };
    assert_eq!(overlaps(&["--parallel", "1"]), 0);
    let default = overlaps(&[]);
    assert!(default > 0, "{default}");
    World::new(SHOP).run(&["apply", "--yes", "--parallel", "0"]).exits(3);
}

fn a_failed_call_stops_what_waits_for_it_and_nothing_else(subject: Subject) {
    speaking(subject);
    let plans = if subject.version() == JULY11.version() { "/plans/manage" } else { "/plans" };
    let world = World::new(SHOP);
    // Somebody has a plan of the same name under another code.
    let id = world.call("POST", "/plans/manage", json!({ "name": "Pro", "code": "other" })).data()["id"].clone();
    let ended = world.run(&["apply", "--yes"]).exits(6);
    assert!(
        ended.stdout.contains(&format!("failed plans.pro · POST {plans}: the API answered 409 duplicate")),
        "{ended:?}"
    );
    assert!(ended.stdout.contains("[request req_"), "{ended:?}");
    assert!(ended.stdout.contains("not tried plans.pro.prices.monthly"), "{ended:?}");
    assert!(ended.stdout.contains("Applied in part"), "{ended:?}");
    assert_eq!(world.plan_codes(), ["free", "other", "scale"]);
    assert!(world.ledger()["objects"].get("plans.pro").is_none());
    assert!(world.ledger()["objects"].get("plans.scale.prices.monthly").is_some());

    let again = world.run(&["apply", "--yes", "--format", "json"]).exits(6);
    let report = again.json();
    assert_eq!(report["exit"], 6);
    assert!(report["digest"].as_str().unwrap().starts_with("sha256:"));
    let failed = &report["failed"][0];
    assert_eq!((failed["address"].as_str(), failed["status"].as_u64()), (Some("plans.pro"), Some(409)));
    let request = format!("POST {plans}");
    assert_eq!((failed["code"].as_str(), failed["request"].as_str()), (Some("duplicate"), Some(&*request)));
    assert!(failed["request_id"].as_str().unwrap().starts_with("req_") && failed["message"].is_string());
    let because: BTreeMap<_, _> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["call"].as_str().unwrap(), one["because"].as_str().unwrap()))
        .collect();
    assert!(because.values().any(|because| *because == failed["call"]), "{report:#}");
    assert!(because.keys().all(|call| *call != failed["call"]));

    world.call("DELETE", &format!("/plans/{}/manage", id.as_str().unwrap()), Value::Null).data();
    world.run(&["apply", "--yes"]).exits(0);
    assert_eq!(world.state(), undisturbed(SHOP));
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn five_percent_of_everything_converges(subject: Subject) {
    speaking(subject);
    let expected = undisturbed(SHOP);
    std::thread::scope(|scope| {
        for seed in 1..=8 {
            let expected = &expected;
            scope.spawn(move || {
                let faults = format!(
                    "rate=0.05,kinds=429|429-bare|500|502|503|504|timeout|stall|lost|reset|slow,seed={seed},retry_after=0,delay_ms=50"
                );
                let world = World::faulty(SHOP, &faults);
                world.run(&["apply", "--yes"]).exits(0);
                assert_eq!(world.state(), *expected, "{seed}");
                world.run(&["plan", "--detailed-exitcode"]).exits(0);
            });
        }
    });
}

fn one_in_two_lost_answers_doubles_nothing(subject: Subject) {
    speaking(subject);
    let world = World::faulty(SHOP, "rate=0.5,kinds=lost,seed=3,on=POST|PUT");
    world.run(&["apply", "--yes"]).exits(0);
    assert_eq!(world.state(), undisturbed(SHOP));
    let lost = world.log().iter().filter(|line| line["fault"] == "lost").count();
    let replayed = world.log().iter().filter(|line| line["replayed"] == true).count();
    assert!(lost > 5 && replayed > 0, "{lost} {replayed}");
}

fn an_interrupt_lets_calls_in_flight_finish(subject: Subject) {
    speaking(subject);
    let world = World::faulty(SHOP, "nth=3,kind=slow,on=POST,delay_ms=1500");
    let child = world.spawn(&["apply", "--yes", "--parallel", "1", "--format", "json"]);
    until(|| world.writes().len() == 2);
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "-INT");
    let ended = ended(child).exits(130).complains("interrupted: calls in flight are finished");
    let report = ended.json();
    assert_eq!((report["interrupted"].as_bool(), report["exit"].as_u64()), (Some(true), Some(130)));
    assert_eq!(report["applied"].as_array().unwrap().len(), world.writes().len());
    assert!(report["failed"].as_array().unwrap().is_empty() && !report["skipped"].as_array().unwrap().is_empty());
    assert!(world.writes().len() <= 3, "{:?}", world.writes());
    world.run(&["apply", "--yes"]).exits(0);
    assert_eq!(world.state(), undisturbed(SHOP));
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

fn a_key_that_is_withdrawn_ends_the_run(subject: Subject) {
    speaking(subject);
    let refuse = |n: usize| if n == 0 { crate::workspace::refused(401, "unauthorized", "") } else { panic!("{n}") };
    let hits = std::sync::atomic::AtomicUsize::new(0);
    let api = crate::workspace::Raw::start(move |line, _| {
        if line.starts_with("GET") {
            return crate::workspace::ok(&json!([]));
        }
        refuse(hits.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
    });
    let folder = crate::workspace::Folder::new(&api.url, SHOP);
    folder.run(&["apply", "--yes", "--parallel", "1"]).exits(8).says("does not accept the key");
}
