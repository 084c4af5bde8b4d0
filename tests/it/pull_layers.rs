//! `pull` where values come from an overlay or from `defaults:`: what cannot be edited where it stands is refused with
//! the patch to make by hand, a default is overridden at the object, and nothing is written that says something else.

use std::fs;

use crate::workspace::World;

const CATALOG: &str = "\
provider: commet
price_changes: reprice

features:
  sso: { name: Single sign-on, type: boolean }

plans:
  free: { name: Free, free: true }
  pro:
    name: Pro
    description: For teams
    default_price: monthly
    prices:
      monthly: { amount: 49.00, trial_days: 14 }
      yearly: 490.00   # ten months
";

const OVERLAY: &str = "\
plans:
  pro:
    prices: { monthly: 59.00 }   # dearer here
  extra: { name: Extra, prices: { monthly: 5.00 } }
";

const ALL: &[&str] = &[
    "--yes", "--ack", "PB-G01", "--ack", "PB-G02", "--ack", "PB-G03", "--ack", "PB-G04", "--ack", "PB-G05", "--ack",
    "PB-G06", "--ack", "PB-G07", "--ack", "PB-G08", "--ack", "PB-G09", "--ack", "PB-G10",
];

/// A sandbox that says what these files say.
fn world(catalog: &str, overlay: &str) -> World {
    let world = World::new(catalog);
    fs::write(world.path("live.yaml"), overlay).unwrap();
    world.project(&world.url, ", overlay: live.yaml");
    world.run(&[&["apply"], ALL].concat()).exits(0);
    world
}

/// Somebody makes the API say what other files say, and this project hears nothing of it.
#[track_caller]
fn clicks(world: &World, catalog: &str, overlay: &str) {
    let before = ["catalog.yaml", "live.yaml"].map(|name| fs::read_to_string(world.path(name)).unwrap());
    let ledger = fs::read(world.ledger_path()).unwrap();
    fs::write(world.path("catalog.yaml"), catalog).unwrap();
    fs::write(world.path("live.yaml"), overlay).unwrap();
    world.run(&[&["apply"], ALL].concat()).exits(0);
    fs::write(world.path("catalog.yaml"), &before[0]).unwrap();
    fs::write(world.path("live.yaml"), &before[1]).unwrap();
    fs::write(world.ledger_path(), ledger).unwrap();
    fs::remove_file(world.path(".pricebook/test.seen.json")).unwrap();
    let _ = fs::remove_file(world.path(".pricebook/test.journal.jsonl"));
}

fn text(world: &World, name: &str) -> String {
    fs::read_to_string(world.path(name)).unwrap()
}

#[track_caller]
fn in_sync(world: &World) {
    world.run(&["plan", "--detailed-exitcode"]).exits(0);
    let (files, ledger) =
        ([text(world, "catalog.yaml"), text(world, "live.yaml")], fs::read(world.ledger_path()).unwrap());
    world.run(&["pull"]).exits(0).says("The files say what is live");
    assert_eq!([text(world, "catalog.yaml"), text(world, "live.yaml")], files);
    assert_eq!(fs::read(world.ledger_path()).unwrap(), ledger, "pulling again writes nothing");
}

/// What the catalog says is edited there, although an overlay has a word in the same object.
#[test]
fn what_stands_in_the_catalog_is_edited_there() {
    let world = world(CATALOG, OVERLAY);
    let live =
        CATALOG.replace("490.00 ", "500.00 ").replace("For teams", "For all").replace("name: Free,", "name: Start,");
    clicks(&world, &live, OVERLAY);
    world.run(&["pull"]).exits(0);
    assert_eq!(text(&world, "catalog.yaml"), live);
    assert_eq!(text(&world, "live.yaml"), OVERLAY);
    in_sync(&world);
}

/// What stands in the overlay is refused: with words that say where it is, and a patch that was tried out.
#[test]
fn what_stands_in_the_overlay_is_refused_with_its_patch() {
    let world = world(CATALOG, OVERLAY);
    let live = OVERLAY
        .replace("59.00", "{ amount: 69.00, trial_days: 7 }")
        .replace("  extra: { name: Extra, prices: { monthly: 5.00 } }\n", "");
    clicks(&world, CATALOG, &live);
    let files = || [text(&world, "catalog.yaml"), text(&world, "live.yaml")];
    let before = files();
    let checked = world.run(&["pull", "--check"]).exits(2);
    let refused = world.run(&["pull"]).exits(1);
    assert_eq!(files(), before, "nothing is edited beside it");
    assert_eq!(checked.stderr, refused.stderr);
    insta::assert_snapshot!(refused.stderr, @r"
    error: plans.pro cannot be edited safely: live.yaml says something about it, and an overlay is not edited
    help: merge this into live.yaml by hand; where the catalog itself says nothing, leave out instead of `null`:
    plans:
      pro:
        prices:
          monthly:
            amount: 69.00
            trial_days: 7

    error: plans.extra cannot be edited safely: live.yaml says something about it, and an overlay is not edited
    help: it is not live any more: remove it from live.yaml by hand
    ");
    let document = world.run(&["pull", "--check", "--format", "json"]).exits(2).json();
    assert_eq!(document["refused"][0]["into"], "live.yaml");
    // The patches do what they are for.
    let patched = OVERLAY
        .replace("59.00 }", "{ amount: 69.00, trial_days: 7 } }")
        .replace("  extra: { name: Extra, prices: { monthly: 5.00 } }\n", "");
    fs::write(world.path("live.yaml"), patched).unwrap();
    world.run(&["pull"]).exits(0);
    in_sync(&world);
}

/// An object that the overlay takes away and that is live again is not written into the catalog a second time.
#[test]
fn what_an_overlay_takes_away_is_not_added() {
    let world = world(CATALOG, "plans: { pro: null }\n");
    clicks(&world, CATALOG, "plans: {}\n");
    let refused = world.run(&["pull"]).exits(1);
    assert_eq!(text(&world, "catalog.yaml"), CATALOG);
    insta::assert_snapshot!(refused.stderr, @r"
    error: plans.pro cannot be edited safely: live.yaml says something about it, and an overlay is not edited
    help: merge this into live.yaml by hand; where the catalog itself says nothing, leave out instead of `null`:
    plans:
      pro:
        name: Pro
        description: For teams
        default_price: monthly
        prices:
          monthly: { amount: 49.00, trial_days: 14 }
          yearly: 490.00
    ");
}

/// A field that is at its default because of the overlay stays written in the catalog: other environments have it.
#[test]
fn the_catalog_keeps_what_the_overlay_hides() {
    let overlay = "plans: { pro: { description: null } }\n";
    let world = world(CATALOG, overlay);
    let live = CATALOG.replace("name: Pro", "name: Professional").replace("trial_days: 14", "trial_days: 0");
    clicks(&world, &live, overlay);
    world.run(&["pull"]).exits(0);
    assert!(text(&world, "catalog.yaml").contains("description: For teams"));
    in_sync(&world);
}

const DEFAULTS: &str = "\
provider: commet
price_changes: reprice

defaults:
  plans: { description: For teams, public: false }
  plans.prices: { trial_days: 14 }

plans:
  pro:
    name: Pro
    default_price: monthly
    prices:
      monthly: 49.00   # since 2023
      yearly: { amount: 490.00, trial_days: 30 }
  big:
    name: Big
    prices: { monthly: 99.00 }
";

/// A value that comes from `defaults:` is overridden at the object, and so is a default that is not live there.
#[test]
fn a_default_is_overridden_at_the_object() {
    let world = world(DEFAULTS, "plans: {}\n");
    let live = DEFAULTS
        .replace("    name: Pro\n", "    name: Pro\n    description: For one\n    public: true\n")
        .replace("yearly: { amount: 490.00, trial_days: 30 }", "yearly: 490.00")
        .replace("monthly: 49.00 ", "monthly: { amount: 49.00, trial_days: null } ")
        .replace("    name: Big\n", "    name: Big\n    description: null\n")
        .replace("{ monthly: 99.00 }", "{ monthly: { amount: 99.00, trial_days: 3 } }")
        + "  new: { name: New, description: null, public: true, prices: { yearly: { amount: 9.00, trial_days: 0 } } }\n";
    clicks(&world, &live, "plans: {}\n");
    world.run(&["pull"]).exits(0);
    insta::assert_snapshot!(text(&world, "catalog.yaml"), @r"
    provider: commet
    price_changes: reprice

    defaults:
      plans: { description: For teams, public: false }
      plans.prices: { trial_days: 14 }

    plans:
      pro:
        name: Pro
        description: For one
        public: null
        default_price: monthly
        prices:
          monthly: { amount: 49.00, trial_days: null } # since 2023
          yearly: { amount: 490.00, trial_days: 14 }
      big:
        name: Big
        description: null
        prices: { monthly: { amount: 99.00, trial_days: 3 } }
      new:
        name: New
        description: null
        public: null
        prices:
          yearly: { amount: 9.00, trial_days: null }
    ");
    in_sync(&world);
}

/// Both at once: a default of the catalog that an overlay changes.
#[test]
fn a_default_that_an_overlay_changes() {
    let overlay = "defaults: { plans.prices: { trial_days: 7 } }\n";
    let world = world(DEFAULTS, overlay);
    let live = DEFAULTS.replace("monthly: 49.00 ", "monthly: { amount: 49.00, trial_days: 5 } ");
    clicks(&world, &live, overlay);
    world.run(&["pull"]).exits(0);
    assert_eq!(text(&world, "catalog.yaml"), live.replace("   # since", " # since"));
    assert_eq!(text(&world, "live.yaml"), overlay);
    in_sync(&world);
}
