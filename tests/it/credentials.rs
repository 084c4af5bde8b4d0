//! Where a key is kept: a variable, a file, a command. It is never seen in any output.

use std::fs;
use std::process::Stdio;

use crate::workspace::{Ended, KEY, World, ended};

const CATALOG: &str = "provider: commet\nfeatures: { a: { name: A, type: boolean } }\n";

fn world(api_key: &str, more: &str) -> World {
    let world = World::new(CATALOG);
    let environment = format!("provider: commet, url: \"{}\", api_key: {api_key}{more}", world.url);
    let project = format!("catalog: catalog.yaml\nenvironments:\n  test: {{ {environment} }}\n");
    fs::write(world.path("pricebook.yaml"), project).unwrap();
    world
}

/// Runs every command that reads a key; no output of any of them has it.
#[track_caller]
fn works(world: &World) {
    for arguments in [
        &["plan"][..],
        &["plan", "-v", "--format", "json"],
        &["apply", "--yes", "-v"],
        &["drift", "-v"],
        &["drift", "--format", "json"],
    ] {
        let said = world.run(arguments).exits(0);
        assert!(!said.stdout.contains(KEY) && !said.stderr.contains(KEY), "{arguments:?}");
    }
    let ledger = fs::read_to_string(world.ledger_path()).unwrap();
    assert!(!ledger.contains(KEY));
}

#[track_caller]
fn fails(world: &World) -> Ended {
    let said = world.run(&["plan"]).exits(8);
    assert!(world.log().is_empty(), "nothing was sent");
    assert!(!said.stderr.contains(KEY) && !said.stdout.contains(KEY), "{}", said.stderr);
    said
}

#[test]
fn a_variable_a_file_a_command() {
    works(&world("{ env: PB_KEY }", ""));
    let file = world("{ file: secrets/key }", "");
    fs::create_dir(file.path("secrets")).unwrap();
    fs::write(file.path("secrets/key"), format!("{KEY}\n")).unwrap();
    works(&file);
    works(&world("{ command: 'printf %s \"$PB_KEY\"' }", ""));
    // The command runs in the project's folder, from wherever the program is run.
    let command = world("{ command: cat secrets/key }", "");
    fs::create_dir(command.path("secrets")).unwrap();
    fs::write(command.path("secrets/key"), KEY).unwrap();
    works(&command);
    let elsewhere = tempfile::tempdir().unwrap();
    let child = command
        .command(&["plan", "-C", command.path("").to_str().unwrap()])
        .current_dir(elsewhere.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    ended(child).exits(0);
}

#[test]
fn a_key_that_is_not_there() {
    fails(&world("{ env: PB_OTHER }", "")).complains("the environment variable PB_OTHER is not set");
    fails(&world("{ file: nothing }", "")).complains("the key file nothing cannot be read");
    let empty = world("{ file: empty }", "");
    fs::write(empty.path("empty"), "\n").unwrap();
    fails(&empty).complains("the key file empty is empty");
    fails(&world("{ command: 'true' }", "")).complains("it printed no key");
    fails(&world("{ command: no_such_program_at_all }", "")).complains("no_such_program_at_all");
    fails(&world("{ command: 'echo Unlock first; echo $PB_KEY' }", ""))
        .complains("it printed 2 lines, and a key is one line");
    fails(&world("{ command: 'echo hello' }", "")).complains("a Commet key begins with `ck_`");
}

/// Its own words are shown, and neither taken for the key nor trusted to hold none.
#[test]
fn a_command_that_fails_says_why() {
    let said = fails(&world("{ command: 'echo $PB_KEY; echo \"vault is sealed, token $PB_KEY\" >&2; exit 3' }", ""));
    insta::assert_snapshot!(said.stderr, @r#"
    error: the command for the API key failed: exit status: 3
      vault is sealed, token ***
    help: try it by hand: echo $PB_KEY; echo "vault is sealed, token $PB_KEY" >&2; exit 3
    "#);
    // On success what it says on stderr is not the key, and does not disturb.
    works(&world("{ command: 'echo ck_live_of_another >&2; echo $PB_KEY' }", ""));
    let many = fails(&world("{ command: 'seq 1 100000 >&2; exit 1' }", ""));
    assert!(many.stderr.contains("100000") && many.stderr.lines().count() < 20, "{}", many.stderr);
}

#[test]
fn a_command_that_hangs_is_ended() {
    let hangs = world("{ command: 'exec sleep 1000' }", ", timeouts: { key_command: 1 }");
    let said = fails(&hangs).complains("did not end within 1 s, and was ended").complains("key_command");
    assert_eq!(said.stdout, "");
    // A child of the command that goes on does not hold us up, whatever it keeps open.
    works(&world("{ command: 'sleep 3 >/dev/null 2>&1 & echo $PB_KEY' }", ""));
}

#[test]
fn the_command_itself_may_hold_no_secret_in_messages() {
    let said = fails(&world(&format!("{{ command: 'echo {KEY} > /dev/null; false' }}"), ""));
    said.complains("try it by hand: echo *** > /dev/null; false");
}
