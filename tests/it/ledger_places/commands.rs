//! `ledger show`, `ledger unlock` and `ledger forget`.

use serde_json::json;

use super::{KINDS, Kind, Scene};
use crate::workspace::{Folder, SHOP, World};

const PROTECTED: (&str, &str) = ("    name: Pro\n", "    name: Pro\n    protect: true\n");

#[test]
fn show() {
    let scene = Scene::of(Kind::File, World::new(&SHOP.replace(PROTECTED.0, PROTECTED.1)));
    let here = scene.here();
    insta::assert_snapshot!(here.plain(&here.run(&scene.world, &["ledger", "show"]).exits(0).stdout), @"
    test: nothing is remembered, there is no ledger at .pricebook/test.ledger.json
    The lock is free
    ");
    here.run(&scene.world, &["apply", "--yes"]).exits(0);
    insta::assert_snapshot!(here.plain(&here.run(&scene.world, &["ledger", "show"]).exits(0).stdout), @"
    test · commet URL · .pricebook/test.ledger.json · saved 2 times

      addons.calls                  adn_…  6 fields
      features.api_calls            ftr_…  3 fields
      features.seats                ftr_…  2 fields
      features.sso                  ftr_…  2 fields
      groups.main                   plg_…  3 fields
      plans.free                    pln_…  4 fields
      plans.free.features.sso       -                     4 fields
      plans.pro                     pln_…  6 fields   protected
      plans.pro.features.api_calls  -                     5 fields
      plans.pro.features.sso        -                     4 fields
      plans.pro.prices.monthly      pp_…   2 fields
      plans.pro.prices.yearly       pp_…   2 fields
      plans.pro.regions.eur         -                     4 fields
      plans.scale                   pln_…  6 fields
      plans.scale.features.seats    -                     5 fields
      plans.scale.features.sso      -                     4 fields
      plans.scale.prices.monthly    pp_…   2 fields
      plans.scale.regions.eur       -                     3 fields

    18 objects managed
    The lock is free
    ");
    let verbose = here.plain(&here.run(&scene.world, &["ledger", "show", "-v"]).exits(0).stdout);
    let one: Vec<&str> = verbose.lines().skip_while(|line| !line.contains("plans.pro  ")).take(6).collect();
    insta::assert_snapshot!(one.join("\n"), @"
    plans.pro                     pln_…  6 fields   protected
        block_on_exhaustion: false
        consumption_model: metered
        default_price: monthly
        free: false
        name: Pro
    ");
    scene.locked_by_another(3600);
    let locked = here.plain(&here.run(&scene.world, &["ledger", "show"]).exits(0).stdout);
    let lock: Vec<&str> = locked.lines().skip_while(|line| !line.starts_with("The lock")).collect();
    insta::assert_snapshot!(lock.join("\n"), @"
    The lock b0b0000000000001 is held by bo@ci-7 (apply) since MOMENT, SOME TIME ago
      its run: https://ci.example/runs/7
      it ends at MOMENT unless that run goes on
    ");
    let document = here.run(&scene.world, &["ledger", "show", "--format", "json"]).exits(0).json();
    assert_eq!(document["ledger"], scene.ledger());
    assert_eq!(document["lock"]["id"], "b0b0000000000001");
    assert_eq!(document["environment"], "test");
    assert!(scene.world.log().len() > 1);
}

#[test]
fn unlock_wants_the_right_id() {
    for kind in KINDS {
        let scene = Scene::new(kind);
        let here = scene.here();
        here.run(&scene.world, &["ledger", "unlock", "whatever"]).exits(0).says("The lock of test is free already");
        scene.locked_by_another(3600);
        let before = scene.read();
        let wrong = here.run(&scene.world, &["ledger", "unlock", "b0b0000000000002"]).exits(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(here.plain(&wrong.stderr).replace("LOCK", "b0b0000000000002"), @"
            error: the lock of test is not b0b0000000000002: it is b0b0000000000001, held by bo@ci-7 (apply) since MOMENT, SOME TIME ago; nothing was changed
            help: unlock only what you looked at: a lock with another id is another run's
            ");
        }
        assert_eq!(scene.read(), before);
        here.run(&scene.world, &["apply", "--yes"]).exits(7);
        here.run(&scene.world, &["ledger", "unlock", "b0b0000000000001"]).exits(0).says("The lock of test is free");
        assert_eq!(scene.lock(), None);
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
    }
}

#[test]
fn forget() {
    for kind in KINDS {
        let scene = Scene::of(kind, World::new(&SHOP.replace(PROTECTED.0, PROTECTED.1)));
        let here = scene.here();
        let none = here.run(&scene.world, &["ledger", "forget", "plans.pro"]).exits(3);
        assert!(none.stderr.contains("nothing is remembered about test"), "{}", none.stderr);
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        let before = scene.ledger();
        let unknown = here.run(&scene.world, &["ledger", "forget", "plans.free", "plans.pru"]).exits(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(unknown.stderr, @"
            error: the ledger of test knows no plans.pru; nothing was changed
            help: did you mean `plans.pro`?
            ");
        }
        here.run(&scene.world, &["ledger", "forget", "not an address"]).exits(3);
        here.run(&scene.world, &["ledger", "forget"]).exits(3);
        assert_eq!(scene.ledger(), before);
        scene.world.forget_log();
        let forgot = here.run(&scene.world, &["ledger", "forget", "plans.pro", "addons.calls"]).exits(0);
        insta::allow_duplicates! {
            insta::assert_snapshot!(forgot.stdout, @"
              addons.calls
              plans.pro, with its protection
              plans.pro.features.api_calls
              plans.pro.features.sso
              plans.pro.prices.monthly
              plans.pro.prices.yearly
              plans.pro.regions.eur

            Forgot 7 objects. What is live stays as it is and is not managed any more; what the files still name is adopted by the next apply
            ");
        }
        assert!(scene.world.log().is_empty(), "the API is not asked");
        let after = scene.ledger();
        let known: Vec<&String> = after["objects"].as_object().unwrap().keys().collect();
        assert!(
            known.iter().all(|address| !address.starts_with("plans.pro") && *address != "addons.calls"),
            "{known:?}"
        );
        assert_eq!((&after["serial"], scene.lock()), (&json!(3), None));
        // Out of the files, and yet it stays: it is nobody's now.
        let without = SHOP.split("addons:").next().unwrap();
        std::fs::write(here.path("catalog.yaml"), without).unwrap();
        here.run(&scene.world, &["apply", "--yes"]).exits(0);
        assert!(scene.world.writes().is_empty(), "{:?}", scene.world.writes());
        assert!(scene.ledger()["objects"]["plans.pro"].is_object(), "adopted again");
        assert!(scene.ledger()["objects"].get("addons.calls").is_none());
    }
}

#[test]
fn without_a_project() {
    let world = World::new(SHOP);
    std::fs::remove_file(world.path("pricebook.yaml")).unwrap();
    let at = |arguments: &[&str]| {
        let more = ["--catalog", "catalog.yaml", "--url", &world.url];
        world.command(&[arguments, &more].concat()).env("COMMET_API_KEY", "ck_sandbox_x").output().unwrap()
    };
    assert!(at(&["apply", "--yes"]).status.success());
    let show = at(&["ledger", "show"]);
    assert!(String::from_utf8_lossy(&show.stdout).contains("18 objects managed"), "{show:?}");
    world.run(&["ledger", "show"]).exits(3).complains("there is no pricebook.yaml");
    world.run(&["ledger", "show", "--catalog", "catalog.yaml"]).exits(3);
}

#[test]
fn which_environment() {
    let folder = Folder::new("http://127.0.0.1:1/api/v1", SHOP);
    folder.run(&["ledger", "show"]).exits(0).says("test: nothing is remembered, there is no ledger at ");
    folder.run(&["ledger", "show", "-e", "nobody"]).exits(3).complains("there is no environment `nobody`");
    folder.run(&["ledger"]).exits(3);
    for command in ["show", "unlock", "forget"] {
        folder.run(&["ledger", command, "--help"]).exits(0).says("7    the lock is held by somebody else");
    }
}
