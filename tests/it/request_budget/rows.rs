//! The table.

use std::fs;

use serde_json::{Value, json};

use super::reading::{Requests, calls, reading, subscriptions};
use super::site::Site;
use crate::project::{Project, with};
use crate::subject::JULY31;
use crate::support::Process;

/// One command, in one of its ways.
pub(super) struct Row {
    /// As people write it.
    pub(super) line: &'static str,
    /// What it sends, in words.
    pub(super) sends: &'static str,
    /// The same, checked. Leaves everything as it was.
    pub(super) holds: fn(&mut Site),
}

const fn row(line: &'static str, sends: &'static str, holds: fn(&mut Site)) -> Row {
    Row { line, sends, holds }
}

pub(super) const NONE: &str = "none";
const ONE: &str = "1 reading";
const MADE: &str = "1 reading, and its calls";

pub(super) const ROWS: &[Row] = &[
    row("plan", ONE, |site| reads(site, &["plan"])),
    row("plan --impact-file FILE", ONE, |site| {
        fs::write(site.path("who.json"), "[]").unwrap();
        reads(site, &["plan", "--impact-file", site.path("who.json").to_str().unwrap()]);
    }),
    row("preview", ONE, |site| reads(site, &["preview"])),
    row("comment --body-only", ONE, |site| reads(site, &["comment", "--body-only"])),
    row("drift", ONE, |site| reads(site, &["drift"])),
    row("pull", ONE, |site| reads(site, &["pull"])),
    row("pull --check", ONE, |site| reads(site, &["pull", "--check"])),
    row("pull --url URL", "1 reading, of everything", |site| {
        let folder = site.path("pulled");
        let (folder, url) = (folder.to_str().unwrap(), site.project.url());
        let line = ["pull", "-C", folder, "--url", url, "--provider", site.subject.provider()];
        let line = [&line[..], &["--api-version", site.subject.version()]].concat();
        site.sends_plain(&line, 0, &everything(site));
        fs::remove_dir_all(folder).unwrap();
    }),
    row("plan --save-snapshot FILE", "1 reading, of everything", |site| {
        let file = site.path("snapshot.json");
        site.sends(&["plan", "--save-snapshot", file.to_str().unwrap()], 0, &everything(site));
    }),
    row("plan --impact", "1 reading, and the lists of subscriptions", |site| {
        site.sends(&["plan", "--impact"], 0, &(site.reading() + subscriptions(site.subject)));
    }),
    row("diff", "1 reading of each, of everything in the first", |site| two(site, "diff", 2)),
    row("promote", "1 reading of each, of everything in the first", |site| two(site, "promote", 0)),
    row("upgrade", "1 reading in each version, of everything in the newer; none where nothing is to do", |site| {
        let to = if site.subject.provider() == "bxb" { site.subject.version() } else { "2026-07-31" };
        let is_there = site.subject.version() == to;
        // The newer version shows what a promo code of the older one gives as an offer.
        let live = with(&site.catalog, &[("offers", site.catalog["promo_codes"].clone())]);
        let requests = match is_there {
            true => Requests::default(),
            false => site.reading() + reading(JULY31, &live, &(JULY31.everything)()),
        };
        site.sends(&["upgrade", "--to", to, "--check"], if is_there { 0 } else { 2 }, &requests);
    }),
    row("apply", MADE, |site| {
        reads(site, &["apply", "--yes"]);
        let plan = site.edit();
        site.sends(&["apply", "--yes", "-q"], 0, &(site.reading() + calls(&plan.0, 0)));
        site.undo();
    }),
    row("apply FILE", MADE, |site| {
        let plan = site.edit();
        let file = site.path("saved.json");
        site.project.run(&["plan", "--out", file.to_str().unwrap()]).exits(0);
        site.sends(&["apply", file.to_str().unwrap(), "--yes", "-q"], 0, &(site.reading() + calls(&plan.0, 0)));
        site.undo();
    }),
    row("apply --resume", "1 reading, and the calls that are left", |site| {
        let plan = cut_off(site);
        site.sends(&["apply", "--resume", "--yes", "-q"], 0, &(site.reading() + calls(&plan, 1)));
        site.undo();
        // The other way to go on, and looking at what is left.
        let plan = cut_off(site);
        reads(site, &["plan"]);
        site.sends(&["apply", "--yes", "-q"], 0, &(site.reading() + calls(&plan, 1)));
        site.undo();
    }),
    row("init", NONE, |site| {
        let folder = site.path("new");
        let line = ["init", folder.to_str().unwrap(), "--provider", site.subject.provider()];
        site.sends_plain(&line, 0, &Requests::default());
        fs::remove_dir_all(folder).unwrap();
    }),
    row("validate", NONE, |site| asks_nothing(site, &["validate"], 0)),
    row("fmt", NONE, |site| {
        site.project.write_text(&serde_yaml::to_string(&site.catalog).unwrap());
        asks_nothing(site, &["fmt"], 0);
    }),
    row("schema", NONE, |site| asks_nothing(site, &["schema"], 0)),
    row("explain", NONE, |site| asks_nothing(site, &["explain", "PB-G01"], 0)),
    row("show FILE", NONE, |site| on_a_file(site, &["show"])),
    row("preview FILE", NONE, |site| on_a_file(site, &["preview"])),
    row("comment FILE --body-only", NONE, |site| on_a_file(site, &["comment", "--body-only"])),
    row("plan --snapshot FILE", NONE, |site| on_a_snapshot(site, &["plan"])),
    row("comment --snapshot FILE --body-only", NONE, |site| on_a_snapshot(site, &["comment", "--body-only"])),
    row("ledger show", NONE, |site| asks_nothing(site, &["ledger", "show"], 0)),
    row("ledger unlock", NONE, |site| asks_nothing(site, &["ledger", "unlock", "0"], 0)),
    row("ledger forget", NONE, |site| {
        asks_nothing(site, &["ledger", "forget", "plans.pro"], 0);
        site.undo();
    }),
    row("sandbox", NONE, |site| {
        let before = site.project.requests().len();
        assert_eq!(Process::start(&["--provider", site.subject.provider()]).terminate(), Some(0));
        assert_eq!(site.project.requests().len(), before);
    }),
    row("completions", NONE, |site| asks_nothing(site, &["completions", "bash"], 0)),
];

#[track_caller]
fn reads(site: &Site, arguments: &[&str]) {
    site.sends(arguments, 0, &site.reading());
}

/// Run in the project's folder.
#[track_caller]
fn asks_nothing(site: &Site, arguments: &[&str], code: i32) {
    site.sends_plain(arguments, code, &Requests::default());
}

/// With a saved changeset.
#[track_caller]
fn on_a_file(site: &Site, arguments: &[&str]) {
    site.project.run(&["plan", "--out", site.path("saved.json").to_str().unwrap()]).exits(0);
    asks_nothing(site, &[arguments, &["saved.json"]].concat(), 0);
}

/// With a snapshot in the place of the API.
#[track_caller]
fn on_a_snapshot(site: &Site, arguments: &[&str]) {
    site.project.run(&["plan", "--save-snapshot", site.path("snapshot.json").to_str().unwrap()]).exits(0);
    asks_nothing(site, &[arguments, &["--snapshot", "snapshot.json"]].concat(), 0);
}

/// One reading of an environment by somebody who looks at every kind.
fn everything(site: &Site) -> Requests {
    reading(site.subject, &site.catalog, &(site.subject.everything)())
}

/// Compares this environment with one that is empty.
#[track_caller]
fn two(site: &Site, command: &str, code: i32) {
    let other = Project::of(site.subject.name);
    let before = other.requests().len();
    let name = site.path("pricebook.yaml");
    let one = fs::read_to_string(&name).unwrap();
    fs::write(&name, format!("{one}{}", other.as_environment_of(&site.path(""), "other", ""))).unwrap();
    site.sends(&[command, "--from", "test", "--to", "other"], code, &everything(site));
    let empty = json!({});
    assert_eq!(Requests::seen(&other.requests()[before..]), reading(site.subject, &empty, &site.catalog), "{command}");
    fs::write(&name, one).unwrap();
}

/// An apply that ended after its first call, because the API asks to wait for longer than anybody would. Gives the
/// changeset.
fn cut_off(site: &mut Site) -> Value {
    let plan = site.edit();
    site.project.restart(Some("nth=2,kind=429,retry_after=3600,on=POST|PUT|PATCH|DELETE"));
    site.project.run(&["apply", "--yes", "-q", "--parallel", "1"]).exits(6);
    site.project.restart(None);
    plan.0
}
