//! Findings as the hosts of repositories want them: GitHub's workflow commands, GitLab's Code Quality, SARIF.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::PROGRAM;

/// Two mistakes, one of which runs over no line end, and a warning.
const CATALOG: &str = "provider: commet\nfeatures: { api: { name: API, type: usage } }\nplans:\n  pro: { name: Pro, publik: false, prices: { monthly: 1e2 } }\n  free: { name: Free, free: true, consumption_model: metered, features: { api: true } }\n";

/// A git repository with a project in a folder below its root.
fn repository(catalog: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().unwrap();
    assert!(made.success());
    let shop = folder.path().join("my shop");
    fs::create_dir_all(shop.join("catalog")).unwrap();
    fs::write(shop.join("pricebook.yaml"), "catalog: catalog/\n").unwrap();
    fs::write(shop.join("catalog/plans.yaml"), catalog).unwrap();
    folder
}

/// Exit code, stdout and stderr of a run in a folder.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(PROGRAM).args(arguments).current_dir(folder).env("COMMET_API_KEY", "ck_x").output();
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn document(folder: &Path, format: &str) -> Value {
    let (code, stdout, _) = run(folder, &["validate", "--format", format]);
    assert_eq!(code, Some(3));
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn github_commands_have_paths_from_the_root() {
    let folder = repository(CATALOG);
    let (code, stdout, stderr) = run(&folder.path().join("my shop"), &["validate", "--format", "github"]);
    assert_eq!(code, Some(3));
    insta::assert_snapshot!(stdout, @r"
    ::error file=my shop/catalog/plans.yaml,line=4,col=21,endLine=4,endColumn=27,title=PB-E101::unknown field `publik`%0Adid you mean `public`?%0Athe fields are `name`, `description`, `consumption_model`, `public`, `free`, `block_on_exhaustion`, `metadata`, `default_price`, `price_changes`, `prices`, `features`, `regions`, `protect`, `ignore`, `previously` and `replace`
    ::error file=my shop/catalog/plans.yaml,line=4,col=55,endLine=4,endColumn=58,title=PB-E105::`monthly`: an amount is written out, without an exponent%0Awrite it like 49.00
    ::warning file=my shop/catalog/plans.yaml,line=5,col=75,endLine=5,endColumn=78,title=PB-W104::nobody can use `api` on `free`%0Aadd `included_amount`, `unlimited` or `overage`, or write `false`
    ");
    assert_eq!(stderr, "2 errors, 1 warning\n");
    // From elsewhere in the repository, and from outside with the folder's whole path, they are the same.
    assert_eq!(run(folder.path(), &["validate", "-C", "my shop", "--format", "github"]).1, stdout);
    assert_eq!(run(folder.path(), &["validate", "-C", "./my shop/../my shop", "--format", "github"]).1, stdout);
}

#[test]
fn without_git_paths_are_from_the_working_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.yaml"), "provider: comet\n").unwrap();
    let (code, stdout, _) = run(folder.path(), &["validate", "bad.yaml", "--format", "github"]);
    assert_eq!(code, Some(3));
    assert!(stdout.starts_with("::error file=bad.yaml,line=1,col=11,"), "{stdout}");
    // Outside of the working folder.
    let other = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    let (_, stdout, _) = run(other.path(), &["validate", path.to_str().unwrap(), "--format", "github"]);
    assert!(stdout.starts_with(&format!("::error file={},", path.display())), "{stdout}");
    let (_, stdout, _) = run(other.path(), &["validate", path.to_str().unwrap(), "--format", "sarif"]);
    let log: Value = serde_json::from_str(&stdout).unwrap();
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(*artifact, json!({ "uri": format!("file://{}", path.display()) }));
}

#[test]
fn a_sound_catalog_ends_with_0_in_every_format() {
    let sound = "provider: commet\nplans: { free: { name: Free, free: true } }\n";
    let folder = repository(sound);
    let shop = folder.path().join("my shop");
    let (code, stdout, stderr) = run(&shop, &["validate", "--format", "github"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", "catalog/ is valid: 1 plan\n"));
    let (code, stdout, stderr) = run(&shop, &["validate", "--format", "gitlab"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "[]\n", ""));
    let (code, stdout, _) = run(&shop, &["validate", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &log["runs"][0]["results"]), (Some(0), &json!([])));
}

#[test]
fn gitlab_reports_have_what_the_host_reads() {
    let folder = repository(CATALOG);
    let report = document(folder.path().join("my shop").as_path(), "gitlab");
    let list = report.as_array().unwrap();
    assert_eq!(list.len(), 3);
    let one = &list[1];
    assert_eq!(one["description"], "`monthly`: an amount is written out, without an exponent. write it like 49.00");
    assert_eq!((&one["check_name"], &one["severity"]), (&json!("PB-E105"), &json!("critical")));
    assert_eq!(one["location"], json!({ "path": "my shop/catalog/plans.yaml", "lines": { "begin": 4, "end": 4 } }));
    assert_eq!(list[2]["severity"], "minor");
    let fingerprints: std::collections::BTreeSet<_> = list.iter().map(|one| one["fingerprint"].as_str()).collect();
    assert_eq!(fingerprints.len(), 3);

    // A line more above: the place moves, the fingerprint stays, so the host does not call it new.
    fs::write(folder.path().join("my shop/catalog/plans.yaml"), format!("# hello\n{CATALOG}")).unwrap();
    let moved = document(folder.path().join("my shop").as_path(), "gitlab");
    assert_eq!(moved[1]["location"]["lines"]["begin"], 5);
    assert_eq!(moved[1]["fingerprint"], one["fingerprint"]);
}

#[test]
fn the_same_mistake_twice_has_two_fingerprints() {
    let folder = repository("provider: commet\nplans:\n  a: { name: A, x: 1 }\n  b: { name: B, x: 1 }\n");
    let report = document(folder.path().join("my shop").as_path(), "gitlab");
    assert_eq!(report[0]["description"], report[1]["description"]);
    assert_ne!(report[0]["fingerprint"], report[1]["fingerprint"]);
}

#[test]
fn sarif_logs_are_valid() {
    let folder = repository("provider: commet\nplans:\n  p: { name: A }\n  p: { name: B }\n  q: { name: C, x: 1 }\n");
    let log = document(folder.path().join("my shop").as_path(), "sarif");
    let schema: Value = serde_json::from_str(include_str!("../fixtures/sarif-2.1.0.essential.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());

    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect::<Vec<_>>(), ["PB-E012", "PB-E101"]);
    for rule in rules {
        assert!(rule["help"]["text"].as_str().unwrap().ends_with('.') && rule.get("helpUri").is_none());
    }
    let twice = &run["results"][0];
    assert_eq!(
        (&twice["ruleId"], &twice["ruleIndex"], &twice["level"]),
        (&json!("PB-E012"), &json!(0), &json!("error"))
    );
    let place = &twice["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "my%20shop/catalog/plans.yaml", "uriBaseId": "%SRCROOT%" }));
    assert_eq!(place["region"], json!({ "startLine": 4, "startColumn": 3, "endLine": 4, "endColumn": 4 }));
    let related = &twice["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 3);
    assert_eq!(related["message"]["text"], "it stands here first");
}

/// Names that try to end the command, to begin another one, to colour the log or to be a link.
const HOSTILE: &[&str] = &[
    r"x\n::set-output name=a::b",
    r"x\r\n::add-mask::b",
    r"a,line=1,title=b::c",
    r"%0A::error::x",
    r"##[set-env name=PATH]x",
    r"\e[31mred\e[0m",
    r"\u202Eevil\u2066",
    r"</textarea><script>alert(1)</script>",
    r"[click](https://evil.example)",
    r"\u2028::error::x",
];

#[test]
fn hostile_text_stays_text() {
    for name in HOSTILE {
        let folder = repository(&format!("provider: commet\nplans: {{ pro: {{ name: Pro, \"{name}\": 1 }} }}\n"));
        let shop = folder.path().join("my shop");
        let (code, stdout, stderr) = run(&shop, &["validate", "--format", "github"]);
        assert_eq!(code, Some(3), "{name}");
        assert_eq!(stdout.lines().count(), 1, "{name}: {stdout}");
        assert!(stdout.starts_with("::error file=my shop/catalog/plans.yaml,line=2,col="), "{stdout}");
        // What stands before the text is only ours.
        let head = stdout.trim_start_matches("::error ").split_once("::").unwrap().0;
        assert_eq!(head.matches(',').count(), 5, "{head}");
        assert!(!stdout.contains("\u{202e}") && !stdout.contains("\u{2028}") && !stdout.contains('\u{1b}'), "{stdout}");
        assert!(!stderr.contains("::"), "{stderr}");
        let log = document(&shop, "sarif");
        let text = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap().to_owned();
        assert!(!text.contains('\u{1b}') && !text.contains("\u{202e}"), "{text}");
        assert!(!text.contains("[click](") || text.contains(r"\[click\]("), "{text}");
        assert_eq!(document(&shop, "gitlab").as_array().unwrap().len(), 1);
    }
}

#[test]
fn hostile_paths_stay_paths() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a,title=b::c.yaml", "%0A::error::x.yaml", "a:b\n::error::x.yaml", "ü#?.yaml"] {
        fs::write(folder.path().join(name), "provider: comet\n").unwrap();
        let (_, stdout, stderr) = run(folder.path(), &["validate", name, "--format", "github"]);
        assert_eq!(stdout.lines().count(), 1, "{stdout}");
        let head = stdout.trim_start_matches("::error ").split_once("::").unwrap().0;
        assert_eq!((head.matches(',').count(), head.matches(':').count()), (5, 0), "{head}");
        assert!(!stderr.contains("::"), "{stderr}");
        let (_, stdout, _) = run(folder.path(), &["validate", name, "--format", "sarif"]);
        let log: Value = serde_json::from_str(&stdout).unwrap();
        let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        let uri = artifact["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)), "{uri}");
    }
}

#[test]
fn other_commands_annotate_on_stderr() {
    let folder = repository(CATALOG);
    let shop = folder.path().join("my shop");
    let arguments = ["plan", "--url", "http://127.0.0.1:1/api/v1", "--findings", "github"];
    let (code, stdout, stderr) = run(&shop, &arguments);
    assert_eq!((code, stdout.as_str()), (Some(3), ""));
    assert_eq!(stderr, run(&shop, &["validate", "--format", "github"]).1);
    // What is about no file is an annotation too.
    let (code, _, stderr) = run(&shop, &["show", "missing.json", "--findings", "github"]);
    assert_eq!(code, Some(3));
    assert!(stderr.starts_with("::error title=pricebook::missing.json cannot be read"), "{stderr}");
}
