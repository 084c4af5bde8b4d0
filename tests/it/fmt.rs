//! `fmt`: one form for every catalog; comments stay, the plan stays the same.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::PROGRAM;

const UGLY: &str = "\
# yaml-language-server: $schema=x
plans:   # low to high
    pro:
        prices: {monthly: 49.00,   yearly: {trial_days: 14, amount: 490}}   # reviewed
        # what customers read
        name:    'Pro'
        features:
          sso: true


          calls:   {overage: 0.002,included_amount: 10}
          # the end
    free: {free: true, name: \"Free: it's\"}
provider: commet
features:
    sso: {type: boolean, name: \"Single sign-on\"}
    calls: {type: usage, name: \"no\"}
";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).current_dir(folder).args(arguments).output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_file_gets_its_canonical_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.yaml");
    fs::write(&path, UGLY.replace('\n', "\r\n")).unwrap();
    let (code, stdout, stderr) = said(&run(folder.path(), &["fmt", "--check", "catalog.yaml"]));
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(2), "catalog.yaml\n", ""));
    assert!(fs::read_to_string(&path).unwrap().contains("\r\n"), "--check writes nothing");
    let (code, stdout, _) = said(&run(folder.path(), &["fmt", "--check", "-v", "catalog.yaml"]));
    assert!(code == Some(2) && stdout.contains("+provider: commet\n"), "{stdout}");
    assert_eq!(said(&run(folder.path(), &["fmt", "catalog.yaml"])).0, Some(0));
    insta::assert_snapshot!(fs::read_to_string(&path).unwrap(), @r#"
    # yaml-language-server: $schema=x
    provider: commet

    features:
      sso: { name: Single sign-on, type: boolean }
      calls: { name: "no", type: usage }

    plans:   # low to high
      pro:
        # what customers read
        name: Pro
        prices: { monthly: 49.00, yearly: { amount: 490, trial_days: 14 } } # reviewed
        features:
          sso: true

          calls: { included_amount: 10, overage: 0.002 }
          # the end

      free: { name: "Free: it's", free: true }
    "#);
    let (code, stdout, _) = said(&run(folder.path(), &["fmt", "--check", "catalog.yaml"]));
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
}

#[test]
fn a_broken_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (text, code, words) in [
        ("provider: commet\nplans: {\n", 3, "catalog.yaml:2:8"),
        ("provider: commet\nplans: { a: {}, a: {} }\n", 3, "PB-E"),
        ("provider: other\n", 3, "unknown provider"),
        ("plans: {}\n", 3, "provider"),
        ("? provider\n: commet\n", 1, "stays as it is"),
    ] {
        fs::write(folder.path().join("catalog.yaml"), text).unwrap();
        let (found, _, stderr) = said(&run(folder.path(), &["fmt", "catalog.yaml"]));
        assert_eq!(found, Some(code), "{text}\n{stderr}");
        assert!(stderr.contains(words), "{text}\n{stderr}");
        assert_eq!(fs::read_to_string(folder.path().join("catalog.yaml")).unwrap(), text);
    }
    assert_eq!(said(&run(folder.path(), &["fmt", "missing.yaml"])).0, Some(3));
}

/// A catalog whose rules are broken can be brought into form while it is mended.
#[test]
fn mistakes_in_a_catalog_are_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.yaml"), "provider: commet\nplans:\n  a: {prices: {monthly: 1e5}, name: A}\n")
        .unwrap();
    assert_eq!(said(&run(folder.path(), &["fmt", "c.yaml"])).0, Some(0));
    assert_eq!(
        fs::read_to_string(folder.path().join("c.yaml")).unwrap(),
        "provider: commet\n\nplans:\n  a: { name: A, prices: { monthly: 1e5 } }\n"
    );
}

/// The examples, and what `init` writes, are in the canonical form.
#[test]
fn the_examples_are_in_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for entry in fs::read_dir(root.join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("pricebook.yaml").exists() {
            let (code, stdout, stderr) = said(&run(&folder, &["fmt", "--check", "-v"]));
            assert_eq!(code, Some(0), "{stdout}{stderr}");
            found += 1;
        }
    }
    assert!(found >= 3);
    for provider in pricebook::provider::names() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["init", "--provider", provider]);
        let (code, stdout, stderr) = said(&run(folder.path(), &["fmt", "--check", "-v"]));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
    }
}

/// A file that is a link stays one, and keeps its rights.
#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("catalog.yaml"));
    fs::write(&real, "provider:    commet\n").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert_eq!(said(&run(folder.path(), &["fmt", "catalog.yaml"])).0, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "provider: commet\n");
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
