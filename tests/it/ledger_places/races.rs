//! Two applies at the same moment, twenty times over, at each place.

use std::fmt::Write;
use std::process::Stdio;

use super::{Kind, Scene};
use crate::workspace::{World, ended};

const ROUNDS: usize = 20;

fn race(kind: Kind) {
    let mut catalog = String::from("provider: commet\nfeatures:\n");
    for round in 0..ROUNDS {
        for side in ["a", "b"] {
            writeln!(catalog, "  {side}_{round}: {{ name: {side} {round}, type: boolean }}").unwrap();
        }
    }
    // Slow answers make it likely that one is in the middle when the other begins; nothing depends on it.
    let faults = "rate=1,kinds=slow,delay_ms=20";

    let world = World::with(&catalog, |options| {
        options.faults = Some(faults.to_owned());
    });
    let scene = Scene::of(kind, world);
    let machines = [("a", scene.another("one")), ("b", scene.another("two"))];
    for round in 0..ROUNDS {
        scene.world.forget_log();
        let arguments =
            |side: &str| vec!["apply".to_owned(), "--yes".to_owned(), format!("--only=features.{side}_{round}")];
        let running: Vec<_> = machines
            .iter()
            .map(|(side, machine)| {
                let arguments = arguments(side);
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let mut command = machine.command(&scene.world, &arguments);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let codes: Vec<i32> = running
            .into_iter()
            .map(|child| {
                let ended = ended(child);
                assert!(matches!(ended.code, Some(0 | 7)), "round {round}: {ended:?}");
                assert!(ended.code == Some(0) || ended.stderr.contains("is held by"), "{ended:?}");
                ended.code.unwrap()
            })
            .collect();
        assert!(codes.contains(&0), "round {round}: one of them has it");
        for ((side, machine), _) in machines.iter().zip(&codes).filter(|(_, code)| **code == 7) {
            let arguments = arguments(side);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            machine.run(&scene.world, &arguments).exits(0);
        }
        // Whoever was refused had asked nothing: each write comes after the reads of its own run, and no others.
        let log: Vec<String> =
            scene.world.log().iter().map(|line| line["method"].as_str().unwrap().to_owned()).collect();
        let runs: Vec<usize> = log.split(|method| method != "GET").map(<[String]>::len).collect();
        assert!(runs.len() == 3 && runs[0] == runs[1] && runs[2] == 0, "round {round}: {log:?}");
        let objects = scene.ledger()["objects"].as_object().unwrap().len();
        assert_eq!(objects, 2 * (round + 1), "round {round}: neither lost what the other wrote");
        assert_eq!(scene.lock(), None);
    }
    // Each run saves twice: what it is about to create, and what it did.
    assert_eq!(scene.ledger()["serial"], 4 * ROUNDS);
}

#[test]
fn in_files() {
    race(Kind::File);
}

#[test]
fn in_git() {
    race(Kind::Git);
}

#[test]
fn in_object_storage() {
    race(Kind::S3);
}
