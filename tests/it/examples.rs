//! The examples run: applied on the embedded server, the second plan is empty. So does what `init` makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::readme::copy;
use crate::support::PROGRAM;

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("pricebook.yaml").exists())
        .collect();
    found.sort();
    assert!(found.len() >= 3);
    found
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).current_dir(folder).args(arguments).output().unwrap()
}

#[track_caller]
fn runs(folder: &Path) {
    for (arguments, says) in [
        (&["validate"][..], "is valid"),
        (&["apply", "--env", "local", "--yes"], "all of them succeeded"),
        (&["apply", "--env", "local", "--yes"], "Nothing to do"),
        (&["plan", "--env", "local", "--detailed-exitcode"], "Nothing to do"),
    ] {
        let output = run(folder, arguments);
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?} in {}\n{stdout}{stderr}", folder.display());
        assert!(stdout.contains(says), "{arguments:?} in {}\n{stdout}", folder.display());
        assert!(!stderr.contains("warning"), "{stderr}");
    }
}

#[test]
fn every_example_runs() {
    for example in examples() {
        let folder = tempfile::tempdir().unwrap();
        copy(&example, folder.path());
        runs(folder.path());
        assert!(example.join("README.md").exists(), "{}", example.display());
    }
}

/// The first line of every file names a schema that exists and that the file fits.
#[test]
fn every_example_fits_the_schema_that_it_names() {
    let mut files = Vec::new();
    let mut folders = examples();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with(".pricebook") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                files.push(path);
            }
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap();
        let named =
            first.strip_prefix("# yaml-language-server: $schema=").unwrap_or_else(|| panic!("{}", file.display()));
        let schema = fs::read_to_string(file.parent().unwrap().join(named)).unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let mut value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        value.apply_merge().unwrap();
        let value: serde_json::Value = serde_json::to_value(value).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
    }
}

#[test]
fn init_makes_a_project_that_runs() {
    for provider in pricebook::provider::names() {
        let folder = tempfile::tempdir().unwrap();
        let output = run(folder.path(), &["init", "--provider", provider]);
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8(output.stdout).unwrap();
        for file in said.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.contains(' ')) {
            assert!(folder.path().join(file).exists(), "{file}");
        }
        runs(folder.path());
        // Nothing that is there is overwritten, and a repository that has some of it is no obstacle.
        let used = tempfile::tempdir().unwrap();
        fs::write(used.path().join(".gitignore"), "mine").unwrap();
        assert_eq!(run(used.path(), &["init", "--provider", provider]).status.code(), Some(0));
        assert_eq!(fs::read_to_string(used.path().join(".gitignore")).unwrap(), "mine");
        runs(used.path());
        let before = fs::read_to_string(folder.path().join("pricebook.yaml")).unwrap();
        let again = run(folder.path(), &["init", "--provider", provider]);
        assert_eq!(again.status.code(), Some(3));
        assert_eq!(fs::read_to_string(folder.path().join("pricebook.yaml")).unwrap(), before);
    }
}
