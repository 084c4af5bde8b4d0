//! How many requests to the API every command makes: exactly so many, whatever the size of the catalog. The table stands
//! in docs/performance.md as well; a command without a row fails.

mod reading;
mod rows;
mod site;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::subject::{BXB, JULY11, JULY31, Subject};
use crate::support::PROGRAM;
use rows::{NONE, ROWS};
use site::Site;

#[test]
fn of_bxb() {
    every_row_holds(BXB);
}

#[test]
fn of_july11() {
    every_row_holds(JULY11);
}

#[test]
fn of_july31() {
    every_row_holds(JULY31);
}

/// With few objects of few kinds, and with so many of all kinds that lists have more than one page.
fn every_row_holds(subject: Subject) {
    let mut site = Site::small(subject);
    ROWS.iter().for_each(|row| (row.holds)(&mut site));
    site.is_in_sync();
    let mut site = Site::large(subject);
    // What sends nothing does not send more of it.
    ROWS.iter().filter(|row| row.sends != NONE).for_each(|row| (row.holds)(&mut site));
    site.is_in_sync();
}

#[test]
fn every_command_has_a_row() {
    let mut known = BTreeSet::new();
    for command in commands(&[]) {
        let inner = commands(&[&command]);
        known.extend(inner.iter().map(|inner| format!("{command} {inner}")));
        if inner.is_empty() {
            known.insert(command);
        }
    }
    let has_row =
        |command: &&String| ROWS.iter().any(|row| format!("{} ", row.line).starts_with(&format!("{command} ")));
    let without: Vec<&String> = known.iter().filter(|command| !has_row(command)).collect();
    assert!(without.is_empty(), "how many requests do these make? {without:?}");
    let is_known = |line: &str| known.iter().any(|command| format!("{line} ").starts_with(&format!("{command} ")));
    let gone: Vec<&str> = ROWS.iter().map(|row| row.line).filter(|line| !is_known(line)).collect();
    assert!(gone.is_empty(), "there is no such command: {gone:?}");
}

/// The commands below this one, as its help lists them.
fn commands(of: &[&str]) -> Vec<String> {
    let output = Command::new(PROGRAM).args(of).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let Some((_, list)) = text.split_once("Commands:\n") else { return Vec::new() };
    let (list, _) = list.split_once("\n\n").unwrap();
    // A line that goes on is further in.
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_docs_have_the_same_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("\n## Requests\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (_, table) = section.split_once("| command | requests |\n| --- | --- |\n").unwrap();
    let table: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let mut rows: Vec<(String, &str)> = Vec::new();
    for row in ROWS {
        match rows.last_mut() {
            Some((lines, sends)) if *sends == row.sends => lines.push_str(&format!(", `{}`", row.line)),
            _ => rows.push((format!("`{}`", row.line), row.sends)),
        }
    }
    let rows: Vec<String> = rows.iter().map(|(lines, sends)| format!("| {lines} | {sends} |")).collect();
    assert_eq!(table, rows, "\n{}\n", rows.join("\n"));
}
