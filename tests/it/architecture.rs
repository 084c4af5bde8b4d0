//! A stage uses earlier stages, never a later one; nothing outside `cli` prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may use, besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("diagnostic", &["model"]),
    ("load", &["model", "diagnostic"]),
    ("edit", &["model", "diagnostic", "load"]),
    ("http", &[]),
    ("ledger", &["model"]),
    ("diff", &["model", "ledger"]),
    ("changeset", &["model", "ledger", "diff"]),
    // The shell of the embedded server and the providers know each other through `sandbox::api` and the registry.
    ("provider", &["model", "diagnostic", "load", "edit", "http", "ledger", "diff", "changeset", "sandbox"]),
    ("lint", &["model", "diagnostic", "load", "edit"]),
    ("pipeline", &["model", "ledger", "diff", "changeset", "provider"]),
    ("render", &["model", "diff", "changeset"]),
    ("host", &["http"]),
    ("apply", &["model", "http", "ledger", "diff", "changeset"]),
    ("pull", &["model", "diagnostic", "load", "edit", "ledger", "diff", "provider", "apply"]),
    ("sandbox", &["provider"]),
    (
        "cli",
        &[
            "model",
            "diagnostic",
            "load",
            "edit",
            "http",
            "ledger",
            "diff",
            "changeset",
            "provider",
            "lint",
            "pipeline",
            "render",
            "host",
            "apply",
            "pull",
            "sandbox",
        ],
    ),
];

#[test]
fn rooms_use_earlier_rooms_only() {
    let mut wrong = Vec::new();
    for (room, text, file) in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            if room != "lib" && room != "main" {
                wrong.push(format!("{file}: the room {room} is not in the list"));
            }
            continue;
        };
        for used in uses(&text) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{file}: {room} uses {used}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_provider_does_not_know_another() {
    let names: Vec<&str> = pricebook::provider::names();
    for (_, text, file) in sources() {
        let Some(own) = names.iter().find(|name| file.contains(&format!("provider/{name}/"))) else { continue };
        for other in names.iter().filter(|name| *name != own) {
            assert!(!text.contains(&format!("provider::{other}")), "{file} uses {other}");
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for (room, text, file) in sources() {
        if room == "cli" || room == "main" {
            continue;
        }
        for word in ["println!", "eprintln!", "print!(", "stdout()", "stderr()", "process::exit"] {
            assert!(!text.contains(word), "{file} has {word}");
        }
    }
}

#[test]
fn the_pure_rooms_have_no_clock_no_network_no_file() {
    for (room, text, file) in sources() {
        if !["model", "diff", "changeset", "pipeline", "render", "edit", "pull", "lint"].contains(&room.as_str()) {
            continue;
        }
        for word in ["std::fs", "std::time", "SystemTime", "Instant", "reqwest", "tokio", "std::env", "async "] {
            assert!(!text.contains(word), "{file} has {word}");
        }
    }
}

/// Every source file: its room, its text without tests, its path below `src`.
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                let room = below.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                let code: String =
                    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((room, code, below));
            }
        }
    }
    found.sort();
    found
}

/// The rooms that a text names as `crate::room`.
fn uses(text: &str) -> BTreeSet<String> {
    text.match_indices("crate::")
        .filter(|(at, _)| !text[..*at].ends_with('$'))
        .map(|(at, found)| {
            let rest = &text[at + found.len()..];
            rest[..rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len())].to_owned()
        })
        .filter(|room| !room.is_empty())
        .collect()
}
