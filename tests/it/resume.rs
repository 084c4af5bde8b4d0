//! A run that was cut off, and the run after it: `apply --resume`, or a plain `apply`. What counts is what is live and
//! what the ledger knows then: what an undisturbed run leaves.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bxb_crash::{Place, example, step};
use crate::story::{
    APPLY, RESUME, Site, Story, WRITES, bxb, bxb_changing, commet, each, killed, other_shop, same, shop, signal, until,
};
use crate::workspace::{SHOP, World, ended};

const BOTH: &[&[&str]] = &[RESUME, APPLY];

#[test]
fn commet_killed_while_making_everything() {
    commet(None, shop()).killed(step(9), BOTH);
}

#[test]
fn commet_killed_while_changing() {
    commet(Some(shop()), other_shop()).killed(step(7), BOTH);
}

#[test]
fn bxb_killed_while_making_everything() {
    bxb(Place::new(), example()).killed(step(17), BOTH);
}

#[test]
fn bxb_killed_while_changing() {
    bxb_changing().killed(step(11), BOTH);
}

/// Killed twice in a row, the second time in the run that goes on.
#[test]
fn killed_twice() {
    let commet = commet(Some(shop()), other_shop());
    let bxb = bxb_changing();
    let ways = [(RESUME, RESUME), (APPLY, APPLY), (APPLY, RESUME), (RESUME, APPLY)];
    // A way has its turn at each call; with a step of 1, all of them.
    let all: Vec<_> = [&commet, &bxb]
        .into_iter()
        .flat_map(|story| (1..story.calls.saturating_sub(3)).map(move |at| (story, at)))
        .flat_map(|one| ways.iter().map(move |way| (one, way)))
        .enumerate()
        .filter(|(number, _)| number % step(37) == 0)
        .map(|(_, one)| one)
        .collect();
    each(&all, |((story, at), (second, third))| {
        for kind in ["stall", "timeout"] {
            let site = story.with_all(&[(kind, *at), (kind, at + 3)]);
            killed(&*site, APPLY, *at);
            // Calls are counted by the journal, which a plain apply begins anew.
            let mut child = site.start(second);
            let before = site.journaled("sent");
            let resumed = second.contains(&"--resume");
            until(|| {
                let sent = site.journaled("sent");
                if resumed { sent >= before + 2 } else { sent >= 2 && sent != before }
            });
            std::thread::sleep(Duration::from_millis(100));
            child.kill().unwrap();
            child.wait().unwrap();
            let what = format!("{kind} at {at}, {} killed, then {}", second.join(" "), third.join(" "));
            let ended = site.go(third);
            assert_eq!(ended.code, Some(0), "{what}: {}\n{}", ended.stdout, ended.stderr);
            story.is_reached(&*site, &what);
        }
    });
}

/// A shop of which some calls were made, with the journal of the run.
fn cut_off(at: usize) -> World {
    cut_off_in(shop(), at)
}

fn cut_off_in(catalog: &str, at: usize) -> World {
    let world = World::faulty(catalog, &format!("nth={at},kind=stall,on={WRITES},delay_ms=20000"));
    killed(&world, APPLY, at);
    world
}

/// Words without what differs from run to run.
fn plain(world: &World, text: &str) -> String {
    let mut text = text.replace(&world.url, "URL").replace(world.path("").to_str().unwrap(), "");
    for (mark, length, name) in
        [("the run of 20", 18, "TIME"), ("the run began at 20", 18, "TIME"), ("[request req_", 16, "ID]")]
    {
        while let Some(at) = text.find(mark) {
            let from = at + mark.len() - if name == "TIME" { 2 } else { 4 };
            let until = from + if name == "TIME" { length + 2 } else { text[from..].find(']').unwrap() + 1 };
            text.replace_range(from..until, name);
        }
    }
    text
}

#[test]
fn an_interrupt_and_then_the_rest() {
    let story = commet(None, shop());
    for (name, seconds) in [("-INT", 1), ("-TERM", 1), ("-INT", 2), ("-TERM", 2)] {
        let (kind, delay) = if seconds == 1 { ("slow", 700) } else { ("stall", 20000) };
        let world = World::faulty(shop(), &format!("nth=7,kind={kind},on={WRITES},delay_ms={delay}"));
        let child = world.start(APPLY);
        until(|| world.journaled("sent") == 7);
        signal(&child, name);
        if seconds == 2 {
            std::thread::sleep(Duration::from_millis(200));
            signal(&child, name);
        }
        let ended = ended(child).exits(130).complains("interrupted: calls in flight are finished");
        if seconds == 1 {
            assert_eq!((world.journaled("sent"), world.journaled("done"), world.journaled("ended")), (7, 7, 1));
            let told = &ended.stdout[ended.stdout.find("Applied in part").unwrap()..];
            insta::allow_duplicates! {
                insta::assert_snapshot!(told, @"
                Applied in part: 7 of 19 calls made, 0 failed, 12 not tried
                The journal is .pricebook/test.journal.jsonl
                  pricebook apply --resume   goes on with this changeset
                  pricebook apply            plans anew, from what is live now
                ");
            }
        } else {
            assert_eq!((world.journaled("sent"), world.journaled("done"), world.journaled("ended")), (7, 6, 0));
        }
        world.run(RESUME).exits(0);
        story.is_reached(&world, name);
    }
}

#[test]
fn what_a_person_reads() {
    let world = cut_off(5);
    let plan = world.run(&["plan"]).exits(0);
    insta::assert_snapshot!(plain(&world, &plan.stderr), @"note: the run of TIME did not end well: 4 of 19 calls are done, 1 more has no clear answer; what it did is taken into account");
    let before = fs::read(world.journal()).unwrap();
    let ledger = world.ledger();
    world.run(&["plan"]).exits(0);
    assert_eq!((fs::read(world.journal()).unwrap(), world.ledger()), (before, ledger), "plan writes nothing");
    world.run(&["apply", "--resume"]).exits(3).complains("there is no terminal to ask on; nothing was sent");
    let resumed = world.run(&[RESUME, &["-q"]].concat()).exits(0);
    insta::assert_snapshot!(plain(&world, &resumed.stderr), @"note: the run of TIME did not end well: 4 of 19 calls are done, 1 more has no clear answer; 15 to make");
    let told = resumed.stdout.lines().last().unwrap();
    insta::assert_snapshot!(told, @"Applied: 15 calls made after 4 of the run before, all of them succeeded");
    let again = world.run(RESUME).exits(3);
    insta::assert_snapshot!(plain(&world, &again.stderr), @"
    error: there is no unfinished run: .pricebook/test.journal.jsonl is not there; nothing was sent
    help: `pricebook apply` plans from what is live
    ");
}

#[test]
fn a_failed_call_is_put_right_and_the_run_goes_on() {
    let story = commet(None, SHOP);
    let world = World::new(SHOP);
    // Somebody has a plan of the same name under another code.
    let id = world.call("POST", "/plans/manage", json!({ "name": "Pro", "code": "other" })).data()["id"].clone();
    let failed = world.run(&["apply", "--yes"]).exits(6);
    insta::assert_snapshot!(plain(&world, &failed.stdout[failed.stdout.find("failed").unwrap()..]), @"
    failed plans.pro · POST /plans/manage: the API answered 409 duplicate: A plan with the name `Pro` already exists [request ID]
    not tried plans.pro.prices.monthly · Add the monthly price to Pro
    not tried plans.pro.prices.yearly · Add the yearly price to Pro
    not tried plans.pro.features.api_calls · Add api_calls to Pro
    not tried plans.pro.features.sso · Add sso to Pro
    not tried plans.pro.regions.eur · Write the EUR prices of Pro
    not tried groups.main · Order the plan group main: free, pro, scale

    Applied in part: 12 of 19 calls made, 1 failed, 6 not tried
    The journal is .pricebook/test.journal.jsonl
      pricebook apply --resume   goes on with this changeset
      pricebook apply            plans anew, from what is live now
    ");
    let report = world.run(&["apply", "--resume", "--yes", "--format", "json"]).exits(6).json();
    assert_eq!(report["journal"], ".pricebook/test.journal.jsonl");
    assert_eq!(report["failed"].as_array().unwrap().len(), 1);
    assert_eq!(report["earlier"], report["applied"].as_array().unwrap().len());
    world.call("DELETE", &format!("/plans/{}/manage", id.as_str().unwrap()), Value::Null).data();
    let resumed = world.run(&["apply", "--resume", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(resumed.get("journal"), None);
    story.is_reached(&world, "resumed after a failure");

    // A bare 500 that does not go away in time may have been done.
    let world = World::faulty(SHOP, "nth=8,kind=500,on=POST");
    world.project(&world.url, ", timeouts: { retry_budget: 0 }");
    world.run(&["apply", "--yes", "--parallel", "1"]).exits(6);
    assert!(world.ledger()["pending"].is_array(), "{:#}", world.ledger());
    world.run(RESUME).exits(0);
    story.is_reached(&world, "resumed after a 500");
}

#[test]
fn what_was_created_just_before_the_kill_and_left_the_files_is_deleted() {
    let less = shop()
        .replace("  calls: { name: More calls, feature: api_calls, base_price: 15.00, consumption_model: metered, included_units: 500, overage_rate: 0.03 }\n", "")
        .replace("addons:\n", "").replace("  main: { name: Main, plans: [free, pro, scale] }\n", "").replace("groups:\n", "");
    let scale = &less[less.find("  scale:\n").unwrap()..];
    let less = less.replace(scale, "");
    let story = Story::of(|_| Box::new(World::new(&less)));
    let all = commet(None, shop()).calls;
    for at in [1, all / 2, all - 1, all] {
        for journal in [true, false] {
            // Without a journal, an object is known by the key that the API has for it.
            let catalog = if journal {
                shop().to_owned()
            } else {
                shop().replace("  calls: { name: More", "  api_calls: { name: More")
            };
            let world = cut_off_in(&catalog, at);
            if !journal {
                // The machine is gone, and the journal with it; the ledger was kept elsewhere.
                fs::remove_file(world.journal()).unwrap();
            }
            world.catalog(&less);
            let plan = world.run(&["plan", "--format", "json"]).exits(0).json();
            assert_eq!(plan["unmanaged"], json!([]), "{at} {journal}");
            world.run(&[APPLY, &["--ack", "PB-G10"]].concat()).exits(0);
            same(&world.live(), &story.live, &format!("{at} {journal}"));
            let known = world.known();
            let missing: Vec<_> =
                story.known.as_object().unwrap().keys().filter(|key| known.get(key).is_none()).collect();
            assert!(missing.is_empty() && known.as_object().unwrap().len() == story.known.as_object().unwrap().len());
            world.run(&["plan", "--detailed-exitcode"]).exits(0);
        }
    }
}

#[test]
fn what_a_journal_looks_like() {
    let world = cut_off(5);
    let text = fs::read_to_string(world.journal()).unwrap();
    assert!(!text.contains(crate::workspace::KEY) && !text.contains("s3cr3t"));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["begin", "sent", "done", "sent", "done", "sent", "done", "sent", "done", "sent"]);
    assert_eq!((&events[0]["format"], &events[0]["serial"]), (&json!("pricebook.journal/1"), &json!(0)));
    let schema: Value = serde_json::from_str(include_str!("../../schemas/journal.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(events.iter().all(|event| validator.is_valid(event)));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(world.journal()).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_torn_last_line_is_no_line() {
    let story = commet(None, shop());
    for then in BOTH {
        for torn in ["{\"event\":\"do", "{\"event\":\"sent\",\"call\":\"c7\"}", "\0\0\0\0", "\u{fe}"] {
            let world = cut_off(6);
            let mut text = fs::read_to_string(world.journal()).unwrap();
            text += torn;
            fs::write(world.journal(), text).unwrap();
            world.run(then).exits(0);
            story.is_reached(&world, torn);
        }
        // Cut off in the first line: nothing had been sent.
        let world = World::new(shop());
        fs::create_dir(world.path(".pricebook")).unwrap();
        fs::write(world.journal(), "{\"event\":\"begin\",").unwrap();
        world.run(then).exits(if then.contains(&"--resume") { 3 } else { 0 });
    }
}

#[test]
fn a_broken_journal_is_said() {
    let world = cut_off(6);
    let good = fs::read_to_string(world.journal()).unwrap();
    world.forget_log();
    for (bad, words) in [
        (good.replacen("{\"event\":\"sent\"", "{\"event\":\"sen", 1), "is broken at line 2"),
        (
            good.replace("\"event\":\"sent\",\"call\":\"c3\"", "\"event\":\"sent\",\"call\":\"c300\""),
            "the changeset has no call c300",
        ),
        (good.replacen("4900", "490", 1), "its changeset was changed after it was written"),
        (good.replace("pricebook.journal/1", "pricebook.journal/2"), "has the format pricebook.journal/2"),
        (good.split_once('\n').unwrap().1.to_owned(), "has the format none"),
        (format!("{good}{good}"), "a second run begins"),
        (format!("{good}\n"), "is broken at line"),
        ("hello\n".into(), "is broken at line 1"),
        ("\u{0}\n".into(), "is broken at line 1"),
    ] {
        fs::write(world.journal(), &bad).unwrap();
        for command in [&["plan"][..], APPLY, RESUME] {
            let ended = world.run(command).exits(1).complains(words);
            assert!(ended.stderr.contains("nothing was sent") && ended.stderr.contains("help: "), "{ended:?}");
        }
        assert_eq!(fs::read_to_string(world.journal()).unwrap(), bad, "it is not touched");
    }
    fs::write(world.journal(), b"\xff\xfe\n").unwrap();
    world.run(RESUME).exits(1).complains("is broken at line 1");
    fs::remove_file(world.journal()).unwrap();
    fs::create_dir(world.journal()).unwrap();
    world.run(RESUME).exits(1).complains("cannot be read");
    assert!(world.writes().is_empty());
    // Without it, what the ledger was told before is enough.
    fs::remove_dir(world.journal()).unwrap();
    world.run(APPLY).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn of_another_target() {
    let (world, other) = (cut_off(5), World::new(shop()));
    world.run(&["apply", "--resume", "--yes", "-e", "test", "--url", &other.url]).exits(3).complains("is for the URL");
    world.project(&other.url, "");
    world.run(RESUME).exits(3).complains("is for the URL");
    world.run(&["plan"]).exits(0).complains("is of another target").complains("nothing in it is used");
    world.run(&["apply", "--resume", "--yes", "-e", "nobody"]).exits(3).complains("nobody");
    world.run(&["apply", "--resume", "--yes", "--only", "plans"]).exits(3);
    assert!(other.writes().is_empty());
    let live = world.command(RESUME).env("PB_KEY", "ck_live_1").output().unwrap();
    assert_eq!(live.status.code(), Some(3));
    world.project(&world.url, "");
    let live = world.command(RESUME).env("PB_KEY", "ck_live_1").output().unwrap();
    assert_eq!(live.status.code(), Some(5), "{}", String::from_utf8_lossy(&live.stderr));
    world.run(RESUME).exits(0);
}

#[test]
fn after_somebody_else_applied() {
    let world = cut_off(6);
    let journal = fs::read(world.journal()).unwrap();
    world.run(APPLY).exits(0);
    fs::write(world.journal(), journal).unwrap();
    world.forget_log();
    world.run(RESUME).exits(5).complains("another run saved the ledger after this one was cut off");
    world.run(&["plan", "--detailed-exitcode"]).exits(0).complains("is older than the ledger");
    assert!(world.writes().is_empty());
    // It is of no use, and an apply that ends well takes it away.
    world.run(APPLY).exits(0);
    assert!(!world.journal().exists());
}

#[test]
fn what_somebody_changed_meanwhile_is_named() {
    // Cut off in the plan pro: the add-on and the other price were not begun.
    let to: &'static str = Box::leak(
        shop()
            .replace("monthly: 49.00, yearly: 490.00", "monthly: 50.00, yearly: 500.00")
            .replace("base_price: 15.00", "base_price: 16.00")
            .into_boxed_str(),
    );
    let story = commet(Some(shop()), to);
    let site = |outside: &dyn Fn(&Change<'_>)| {
        let world = story.with("stall", 1);
        let before = world.live();
        let mut child = world.start(APPLY);
        until(|| world.live() != before);
        child.kill().unwrap();
        child.wait().unwrap();
        outside(&Change(&*world));
        world
    };
    for (path, body, words) in [
        ("addons/calls", json!({ "basePrice": 1700 }), "base_price of addons.calls was 15.00, and is 17.00 now"),
        ("yearly", json!({ "price": 52000 }), "amount of plans.pro.prices.yearly was 490.00, and is 520.00 now"),
    ] {
        let world = site(&|change| change.put(path, &body));
        let stale = world.go(RESUME).exits(5).complains(words).complains("nothing was sent");
        assert!(stale.stderr.contains("`pricebook apply` plans from what is live"), "{}", stale.stderr);
        let report = world.go(&[RESUME, &["--format", "json"]].concat()).exits(5).json();
        assert_eq!(report["stale"].as_array().unwrap().len(), 1);
        world.go(&[APPLY, &["--ack", "PB-G02"]].concat()).exits(0);
        same(&world.live(), &story.live, path);
    }
    // What the changeset does not touch does not matter.
    let world = site(&|change| change.put("plans/scale", &json!({ "description": "other" })));
    world.go(RESUME).exits(0);
}

/// Somebody at the dashboard.
struct Change<'a>(&'a dyn Site);

impl Change<'_> {
    fn put(&self, what: &str, body: &Value) {
        let ledger: Value =
            serde_json::from_slice(&fs::read(self.0.file(".pricebook/test.ledger.json")).unwrap()).unwrap();
        let id = |address: &str| ledger["objects"][address]["id"].as_str().unwrap().to_owned();
        let path = match what {
            "addons/calls" => format!("/addons/{}", id("addons.calls")),
            "yearly" => format!("/plans/{}/prices/{}", id("plans.pro"), id("plans.pro.prices.yearly")),
            _ => format!("/plans/{}/manage", id("plans.scale")),
        };
        let project = fs::read_to_string(self.0.file("pricebook.yaml")).unwrap();
        let url = &project[project.find("http://").unwrap()..];
        let url = &url[..url.find('"').unwrap()];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = crate::support::Client::new(url);
        runtime.block_on(client.put(&path, body.clone())).data();
    }
}

#[test]
fn a_day_later() {
    let world = cut_off(5);
    let text = fs::read_to_string(world.journal()).unwrap();
    let started = text[text.find("\"started\":\"").unwrap() + 11..][..20].to_owned();
    fs::write(world.journal(), text.replace(&started, "2024-02-29T10:00:00Z")).unwrap();
    world.forget_log();
    let refused = world.run(RESUME).exits(5);
    insta::assert_snapshot!(refused.stderr, @"
    error: the run began at 2024-02-29T10:00:00Z, and Commet remembers for 24 hours only whether it did a call without a clear answer (Create plan Free: POST /plans/manage); nothing was sent
    help: `pricebook apply` plans from what is live
    ");
    assert!(world.log().is_empty());
    world.run(APPLY).exits(0);
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    // Without a call in doubt, age does not matter; nor where there are no keys.
    let world = World::faulty(SHOP, "nth=3,kind=429,on=POST,retry_after=9");
    world.project(&world.url, ", timeouts: { retry_budget: 0 }");
    world.run(&["apply", "--yes", "--parallel", "1"]).exits(6);
    let text = fs::read_to_string(world.journal()).unwrap();
    let started = text[text.find("\"started\":\"").unwrap() + 11..][..20].to_owned();
    fs::write(world.journal(), text.replace(&started, "2024-02-29T10:00:00Z")).unwrap();
    world.run(RESUME).exits(0);
}

#[test]
fn a_saved_changeset_that_was_cut_off() {
    let world = World::faulty(shop(), &format!("nth=6,kind=stall,on={WRITES},delay_ms=20000"));
    world.run(&["plan", "--out", "saved.json"]).exits(0);
    world.catalog("provider: commet\n");
    world.run(&["plan", "--out", "other.json"]).exits(0);
    world.catalog(shop());
    killed(&world, &["apply", "saved.json", "--yes", "--parallel", "1", "--ack", "PB-G08"], 6);
    world.forget_log();
    let refused = world.run(&["apply", "saved.json", "--yes"]).exits(5);
    insta::assert_snapshot!(refused.stderr, @"
    error: a run of this changeset was cut off or failed in part; nothing was sent
    help: `pricebook apply --resume` goes on with it; `pricebook apply` plans from what is live
    ");
    world
        .run(&["apply", "other.json", "--resume", "--yes"])
        .exits(3)
        .complains("is of another changeset than other.json");
    assert!(world.writes().is_empty());
    // The catalog may have been edited, or be gone.
    fs::remove_file(world.path("catalog.yaml")).unwrap();
    world.run(&["apply", "saved.json", "--resume", "--yes"]).exits(0);
    world.catalog(shop());
    commet(None, shop()).is_reached(&world, "resumed with its file");
}

#[test]
fn a_journal_that_cannot_be_written() {
    let world = World::new(shop());
    fs::create_dir_all(world.journal().join("in the way")).unwrap();
    world.run(&["plan"]).exits(1).complains("cannot be read");
    fs::remove_dir_all(world.path(".pricebook")).unwrap();
    fs::create_dir(world.path(".pricebook")).unwrap();
    // A folder that nobody can write in, where the file system knows that of us.
    let folder = world.path(".pricebook");
    let mut permissions = fs::metadata(&folder).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&folder, permissions.clone()).unwrap();
    if fs::write(folder.join("probe"), "").is_err() {
        world.run(APPLY).exits(1).complains("test.journal.jsonl cannot be written").complains("nothing was sent");
        assert!(world.writes().is_empty());
    }
    #[expect(clippy::permissions_set_readonly_false, reason = "so that the folder can be removed")]
    permissions.set_readonly(false);
    fs::set_permissions(&folder, permissions).unwrap();
}
