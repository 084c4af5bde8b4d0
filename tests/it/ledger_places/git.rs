//! `ledger: git`: a ref in the remote, and nothing else of the repository.

use std::fs;

use super::{Kind, Machine, Scene, git, run};
use crate::workspace::{Ended, SHOP, World};

/// All of a repository that people would miss: HEAD, branches, index, state of files, what is shallow.
fn state(machine: &Machine) -> String {
    let read = |arguments: &[&str]| git(&machine.folder, arguments);
    let file = |name: &str| fs::read(machine.path(".git").join(name)).ok();
    format!(
        "{}\n{}\n{}\n{:?} {:?} {:?} {:?}",
        read(&["for-each-ref"]),
        read(&["status", "--porcelain", "--branch"]),
        read(&["stash", "list"]),
        file("HEAD"),
        file("index"),
        file("shallow"),
        file("FETCH_HEAD"),
    )
}

#[test]
fn nothing_else_is_touched() {
    let scene = Scene::new(Kind::Git);
    let whole = scene.here();
    let shallow = scene.another("shallow");
    assert!(shallow.path(".git/shallow").exists());
    let detached = scene.another("detached");
    git(&detached.folder, &["checkout", "--quiet", "--detach"]);
    // A hook of the user's that would refuse.
    for machine in [&whole, &shallow, &detached] {
        fs::write(machine.path(".gitignore"), ".pricebook/\n.gitignore\naccess.log\nsaved.json\n").unwrap();
        let hook = machine.path(".git/hooks/pre-push");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
        git(&machine.folder, &["update-index", "--refresh"]);
        std::process::Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    }
    for (machine, price) in [(&whole, "49.00"), (&shallow, "51.00"), (&detached, "52.00")] {
        fs::write(machine.path("catalog.yaml"), SHOP.replace("49.00", price)).unwrap();
        let before = state(machine);
        machine.run(&scene.world, &["plan"]).exits(0);
        machine.run(&scene.world, &["apply", "--yes"]).exits(0);
        machine.run(&scene.world, &["plan", "--detailed-exitcode"]).exits(0).says("all unchanged");
        machine.run(&scene.world, &["ledger", "show"]).exits(0);
        assert_eq!(state(machine), before);
    }
    assert_eq!(scene.ledger()["serial"], 4);
    // One commit without a parent, in a namespace of its own; a clone does not see it.
    assert_eq!(git(&scene.remote(), &["for-each-ref", "--format=%(refname)"]), "refs/heads/main\nrefs/pricebook/test");
    assert_eq!(git(&scene.remote(), &["rev-list", "--count", "refs/pricebook/test"]), "1");
    let listed = git(&scene.remote(), &["ls-tree", "--name-only", "refs/pricebook/test"]);
    assert_eq!(listed, "ledger.json", "a free lock is no file");
    let written = git(&scene.remote(), &["log", "-1", "--format=%an <%ae> %s", "refs/pricebook/test"]);
    assert_eq!(written, "Pricebook <pricebook@localhost> Pricebook ledger of test");
}

#[test]
fn planning_pushes_nothing() {
    let scene = Scene::new(Kind::Git);
    let here = scene.here();
    here.run(&scene.world, &["plan"]).exits(0);
    assert_eq!(git(&scene.remote(), &["for-each-ref", "refs/pricebook"]), "");
    here.run(&scene.world, &["apply", "--yes"]).exits(0);
    let before = git(&scene.remote(), &["for-each-ref"]);
    here.run(&scene.world, &["plan", "--out", "saved.json"]).exits(0);
    here.run(&scene.world, &["ledger", "show"]).exits(0);
    assert_eq!(git(&scene.remote(), &["for-each-ref"]), before);
}

#[test]
fn in_a_folder_of_the_repository_and_in_a_hook() {
    let scene = Scene::new(Kind::Git);
    let here = scene.here();
    let inside = here.path("billing");
    fs::create_dir(&inside).unwrap();
    for file in ["catalog.yaml", "pricebook.yaml"] {
        fs::copy(here.path(file), inside.join(file)).unwrap();
    }
    run(here.command(&scene.world, &["apply", "--yes"]).current_dir(&inside)).exits(0);
    let hook = |arguments: &[&str]| {
        run(here
            .command(&scene.world, arguments)
            .current_dir(&inside)
            .env("GIT_DIR", ".git")
            .env("GIT_INDEX_FILE", ".git/index"))
    };
    hook(&["ledger", "show"]).exits(0).says("18 objects managed");
}

fn fails(scene: &Scene, change: &[&[&str]]) -> (Ended, String) {
    let here = scene.here();
    for arguments in change {
        git(&here.folder, arguments);
    }
    let ended = here.run(&scene.world, &["apply", "--yes"]).exits(1);
    assert!(scene.world.log().is_empty(), "nothing was sent");
    let plain = here.plain(&ended.stderr);
    (ended, plain)
}

#[test]
fn where_there_is_no_remote_to_use() {
    let (_, none) = fails(&Scene::new(Kind::Git), &[&["remote", "remove", "origin"]]);
    insta::assert_snapshot!(none, @"
    error: `ledger: git` needs a remote, and this repository has none
    help: add one with `git remote add origin URL`, or write `ledger: file`
    ");

    let two: &[&[&str]] = &[&["remote", "rename", "origin", "work"], &["remote", "add", "home", "/nowhere"]];
    let (_, several) = fails(&Scene::new(Kind::Git), two);
    insta::assert_snapshot!(several, @"
    error: `ledger: git` needs to know the remote, and this repository has home, work
    help: name one of them origin: `git remote rename NAME origin`
    ");

    // The one that the branch follows.
    let scene = Scene::new(Kind::Git);
    git(&scene.here().folder, &["branch", "--quiet", "--set-upstream-to=origin/main"]);
    for arguments in two {
        git(&scene.here().folder, arguments);
    }
    scene.here().run(&scene.world, &["apply", "--yes"]).exits(0);

    let scene = Scene::new(Kind::Git);
    fs::remove_dir_all(scene.here().path(".git")).unwrap();
    let (_, outside) = fails(&scene, &[]);
    insta::assert_snapshot!(outside, @"
    error: the remotes cannot be listed: refs/pricebook/test
      fatal: not a git repository (or any of the parent directories): .git
    help: `ledger: git` keeps the ledger in the remote of the repository that pricebook.yaml is in
    ");
}

#[test]
fn a_remote_that_does_not_answer() {
    let url = "http://bot:t0k3n@127.0.0.1:9/team/catalog.git";
    let (ended, said) = fails(&Scene::new(Kind::Git), &[&["remote", "set-url", "origin", url]]);
    assert!(!ended.stderr.contains("t0k3n"), "{}", ended.stderr);
    let said: Vec<&str> = said.lines().map(|line| line.split(" after ").next().unwrap()).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    error: the remote cannot be asked for the ledger: refs/pricebook/test in origin (http://***@127.0.0.1:9/team/catalog.git)
      fatal: unable to access 'http://127.0.0.1:9/team/catalog.git/': Failed to connect to 127.0.0.1 port 9
    help: check the network and what `git fetch` needs here
    ");
}

#[test]
fn a_remote_that_refuses() {
    let hook = |scene: &Scene| {
        let hook = scene.remote().join("hooks/pre-receive");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, "#!/bin/sh\necho 'not for you'\nexit 1\n").unwrap();
        std::process::Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    };
    let scene = Scene::new(Kind::Git);
    hook(&scene);
    let (_, refused) = fails(&scene, &[]);
    insta::assert_snapshot!(refused, @"
    error: the ledger cannot be pushed: refs/pricebook/test in origin (file://ELSEWHERE/remote.git)
      remote: not for you
      ! [remote rejected] COMMIT -> refs/pricebook/test (pre-receive hook declined)
      error: failed to push some refs to 'file://ELSEWHERE/remote.git'
    help: whoever applies needs to be allowed to push refs/pricebook/test
    ");
    // Whoever may only read can still plan.
    scene.here().run(&scene.world, &["plan"]).exits(0);

    // What protects branches from being rewritten does not concern this ref.
    let scene = Scene::new(Kind::Git);
    git(&scene.remote(), &["config", "receive.denyNonFastForwards", "true"]);
    git(&scene.remote(), &["config", "receive.denyDeletes", "true"]);
    for price in ["49.00", "51.00"] {
        scene.world.catalog(&SHOP.replace("49.00", price));
        scene.here().run(&scene.world, &["apply", "--yes"]).exits(0);
    }
}

#[test]
fn without_git() {
    let scene = Scene::of(Kind::Git, World::new(SHOP));
    let here = scene.here();
    let ended = run(here.command(&scene.world, &["apply", "--yes"]).env("PATH", "/nowhere")).exits(1);
    insta::assert_snapshot!(here.plain(&ended.stderr), @"
    error: `ledger: git` needs the program git, which does not start: No such file or directory (os error 2)
    help: install git, or write `ledger: file`
    ");
}
