//! Every `console` block of the README and of the docs is run, and must print what it says.
//!
//! A line `...` stands for any lines. Ids are written with their prefix and `…`. Progress lines are left out, since
//! calls that do not wait for one another finish in any order.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::PROGRAM;

#[test]
fn the_readme_is_true() {
    check("README.md");
}

#[test]
fn the_docs_are_true() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for entry in fs::read_dir(docs).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            check(&format!("docs/{name}"));
        }
    }
}

#[test]
fn the_readme_of_the_environments_is_true() {
    check("examples/multi-env/README.md");
}

fn check(file: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(file)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("examples"), &folder.path().join("examples"));
    for (command, expected) in commands(&text) {
        let program = Path::new(PROGRAM).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        // A block that starts a server must fail, not wait for ever; `timeout` ends what the command started, too.
        let output = Command::new("timeout")
            .args([
                "60",
                "sh",
                "-c",
                &format!("{{ {} ; }} 2>&1", command.replace("cargo run --release --", "pricebook")),
            ])
            .current_dir(folder.path())
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .env_remove("COMMET_API_KEY")
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(124), "{file}: `{command}` does not end");
        let printed = normal(&String::from_utf8(output.stdout).unwrap());
        assert!(
            matches(&expected, &printed),
            "{file}: `{command}` prints\n{}\nand should print\n{}",
            printed.join("\n"),
            expected.join("\n")
        );
    }
}

fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match line.strip_prefix("$ ") {
                Some(command) => found.push((command.to_owned(), Vec::new())),
                None => found.last_mut().unwrap().1.push(line.trim_end().to_owned()),
            },
            _ => {}
        }
    }
    for (_, expected) in &mut found {
        while expected.last().is_some_and(String::is_empty) {
            expected.pop();
        }
    }
    found
}

fn normal(printed: &str) -> Vec<String> {
    let is_progress = |line: &&str| line.starts_with('[') && line.contains('/') && line.contains("] ");
    let mut lines: Vec<String> =
        printed.lines().filter(|line| !is_progress(line)).map(|line| ids(line).trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

pub(crate) fn ids(line: &str) -> String {
    let mut line = line.to_owned();
    for prefix in ["pln_", "pp_", "ftr_", "plg_", "adn_", "req_"] {
        let mut from = 0;
        while let Some(at) = line[from..].find(prefix).map(|at| at + from + prefix.len()) {
            let end = line[at..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(line.len(), |end| at + end);
            if end - at >= 12 {
                line.replace_range(at..end, "…");
            }
            from = at;
        }
    }
    // UUIDs, as bxb has them.
    let is_id = |text: &str| {
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    let mut from = 0;
    while from + 36 <= line.len() {
        if line.is_char_boundary(from) && line.is_char_boundary(from + 36) && is_id(&line[from..from + 36]) {
            line.replace_range(from..from + 36, "…");
        }
        from += 1;
    }
    line
}

fn matches(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((dots, rest)) if dots == "..." => (0..=printed.len()).any(|skip| matches(rest, &printed[skip..])),
        Some((line, rest)) => printed.first() == Some(line) && matches(rest, &printed[1..]),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == ".pricebook" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
