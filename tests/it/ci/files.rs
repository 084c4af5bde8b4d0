//! The files that hosts read: they are YAML, and what they name exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::support::PROGRAM;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[track_caller]
fn read(path: &Path) -> (String, Value) {
    let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let value = serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    (text, value)
}

/// The words that the script takes.
fn commands() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("ci/pricebook.sh")).unwrap();
    let list = text.lines().find(|line| line.trim_start().starts_with("validate | review")).unwrap();
    let own = list.split(')').next().unwrap().split('|').map(|word| word.trim().to_owned());
    own.chain(["snapshot".to_owned(), "find".to_owned()]).collect()
}

/// Every map below a value.
fn maps<'v>(value: &'v Value, see: &mut impl FnMut(&'v serde_yaml::Mapping)) {
    match value {
        Value::Mapping(map) => {
            see(map);
            map.values().for_each(|value| maps(value, see));
        }
        Value::Sequence(items) => items.iter().for_each(|item| maps(item, see)),
        _ => {}
    }
}

fn init(arguments: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(PROGRAM).arg("init").arg(folder.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    folder
}

#[test]
fn the_action_calls_the_scripts() {
    let (text, action) = read(&root().join("action.yml"));
    assert_eq!(action["runs"]["using"], "composite");
    let inputs: BTreeSet<&str> =
        action["inputs"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap()).collect();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    for step in steps {
        match step["uses"].as_str() {
            Some(uses) => assert!(uses.starts_with("actions/") && uses.ends_with("@v4"), "{uses}"),
            None => {
                assert_eq!(step["shell"], "bash");
                let run = step["run"].as_str().unwrap();
                assert!(run.contains("$GITHUB_ACTION_PATH/ci/"), "{run}");
                // What stands in `${{ }}` would be read as code.
                assert!(!run.contains("${{"), "{run}");
            }
        }
    }
    for part in text.split("inputs.").skip(1) {
        let name = part.split(|char: char| !char.is_ascii_lowercase()).next().unwrap();
        assert!(inputs.contains(name), "{name}");
    }
    for (at, _) in text.match_indices("/ci/") {
        let name = text[at + 4..].split(|char: char| !char.is_ascii_lowercase() && char != '.').next().unwrap();
        assert!(root().join("ci").join(name).exists(), "{name}");
    }
}

/// Steps that use the action say what it takes.
#[test]
fn the_workflows_fit_the_action() {
    let (_, action) = read(&root().join("action.yml"));
    let inputs = action["inputs"].as_mapping().unwrap();
    let made = [init(&[]), init(&["--provider", "bxb"])];
    let mut files = vec![
        root().join("examples/ci/github.yml"),
        root().join("examples/ci/github-snapshot.yml"),
        root().join("examples/multi-env/.github/workflows/pricebook.yml"),
    ];
    files.extend(made.iter().map(|folder| folder.path().join(".github/workflows/pricebook.yml")));
    for file in files {
        let (text, workflow) = read(&file);
        let mut used = 0;
        maps(&workflow["jobs"], &mut |map| {
            let Some(uses) = map.get("uses").and_then(Value::as_str) else { return };
            if uses.starts_with("actions/") {
                assert!(uses.ends_with("@v4"), "{uses}");
                return;
            }
            assert_eq!(uses, "OWNER/pricebook@main");
            used += 1;
            let with = map["with"].as_mapping().unwrap();
            assert!(with.keys().all(|name| inputs.contains_key(name)), "{with:?}");
            assert!(commands().contains(with["command"].as_str().unwrap()), "{with:?}");
            assert!(with.contains_key("env"), "{with:?}");
        });
        assert!(used > 0 && !text.contains("KEY }}") || text.contains("_KEY }}"), "{}", file.display());
        assert!(!text.contains("secrets.KEY") && !text.contains("ENVIRONMENT"), "{text}");
    }
}

#[test]
fn the_template_calls_the_scripts() {
    let (text, template) = read(&root().join("ci/gitlab.yml"));
    for (name, job) in template.as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        if !name.starts_with("pricebook ") {
            continue;
        }
        assert_eq!(job["extends"], ".pricebook", "{name}");
        let run = job["script"][0].as_str().unwrap();
        let command = run.strip_prefix(".pricebook-ci/source/ci/pricebook.sh ").unwrap();
        assert!(commands().contains(command) && name.ends_with(command), "{name}: {command}");
    }
    // The name under which the script looks for what a review left.
    assert!(template.get("pricebook review").is_some());
    assert!(text.contains("gl-code-quality-report.json"));
    for file in [root().join("examples/ci/gitlab.yml"), init(&["--ci", "gitlab"]).keep().join(".gitlab-ci.yml")] {
        let (text, pipeline) = read(&file);
        assert!(pipeline["include"][0]["remote"].as_str().unwrap().ends_with("/ci/gitlab.yml"));
        for variable in pipeline["variables"].as_mapping().unwrap().keys() {
            assert!(text.contains("PRICEBOOK_ENV") && variable.as_str().unwrap().starts_with("PRICEBOOK_"));
        }
        if file.starts_with(std::env::temp_dir()) {
            fs::remove_dir_all(file.parent().unwrap()).unwrap();
        }
    }
}

#[test]
fn init_writes_what_is_asked_for() {
    let none = init(&["--ci", "none"]);
    assert!(!none.path().join(".github").exists() && !none.path().join(".gitlab-ci.yml").exists());
    let gitlab = init(&["--ci", "gitlab"]);
    assert!(!gitlab.path().join(".github").exists() && gitlab.path().join(".gitlab-ci.yml").exists());
    let bxb = fs::read_to_string(init(&["--provider", "bxb"]).path().join(".github/workflows/pricebook.yml")).unwrap();
    assert!(bxb.contains("env: { BXB_API_KEY: \"${{ secrets.BXB_API_KEY }}\" }"), "{bxb}");
}

/// The example is what `init` writes, for live.
#[test]
fn the_example_is_what_init_writes() {
    let made = fs::read_to_string(init(&[]).path().join(".github/workflows/pricebook.yml")).unwrap();
    let example = fs::read_to_string(root().join("examples/ci/github.yml")).unwrap();
    let made = made.replace("env: sandbox", "env: live").replace("COMMET_SANDBOX_KEY", "COMMET_LIVE_KEY");
    let made = made.replace("environment: sandbox", "environment: live").replace("pricebook-sandbox", "pricebook-live");
    assert_eq!(made.replace("Environments → sandbox", "Environments → live"), example);
}

#[test]
fn the_key_of_the_sources_is_a_word() {
    let run = |argument: &str| Command::new("bash").arg(root().join("ci/install.sh")).arg(argument).output().unwrap();
    let key = run("--key");
    let word = String::from_utf8(key.stdout.clone()).unwrap();
    assert!(word.trim().len() == 16 && word.trim().bytes().all(|byte| byte.is_ascii_hexdigit()), "{word}");
    assert_eq!(run("--key").stdout, key.stdout);
    assert_eq!(run("--nothing").status.code(), Some(3));
}
