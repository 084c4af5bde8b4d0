//! Random pairs of catalogs: from nothing to A, to B, back to A. After each apply nothing is left to do. The law is
//! one; what a valid catalog is, each provider's generator knows.

pub(crate) mod bxb;
pub(crate) mod commet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::{Map, Value, json};

use crate::project::{Plan, Project};
use crate::subject::{BXB, Subject, at_every_version};

/// A source of choices. Shorter and smaller is simpler, so that a failing case shrinks to a small catalog.
struct Choices<'b> {
    bytes: &'b [u8],
}

impl Choices<'_> {
    /// A number below `count`; 0 when the source is exhausted.
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count
    }

    fn one_of<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.below(values.len())]
    }

    /// True in one of `of` cases.
    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    /// A selection, in any order.
    fn some<'v, T: ?Sized>(&mut self, values: &[&'v T], of: usize) -> Vec<&'v T> {
        let mut chosen: Vec<&T> = values.iter().copied().filter(|_| self.chance(of)).collect();
        self.shuffle(&mut chosen);
        chosen
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in 1..values.len() {
            let other = at - self.below(at + 1);
            values.swap(at, other);
        }
    }
}

const NAMES: &[&str] = &[
    "Pro",
    "Größe: \"XL\"",
    "它's – #1",
    "a: b, c",
    "{braces} & [brackets]",
    "50% off! | >-",
    "null",
    "- dash",
    "é🎈",
    "Back\\slash / tab\tend",
];
const TEXTS: &[&str] =
    &["", "Plain words", "Two\nlines: yes", "\"quoted\" 'twice' #no comment", "  spaces  ", "{plans.alpha#id}"];
fn text(c: &mut Choices<'_>, map: &mut Map<String, Value>, field: &str) {
    if c.chance(2) {
        map.insert(field.into(), json!(c.one_of(TEXTS)));
    }
}

/// All names, each once, in any order.
fn names(c: &mut Choices<'_>) -> std::vec::IntoIter<&'static str> {
    let mut names = NAMES.to_vec();
    c.shuffle(&mut names);
    names.into_iter()
}

/// Every guard that a person can let pass.
const ACKNOWLEDGED: &[&str] = &[
    "apply", "--yes", "--ack", "PB-G01", "--ack", "PB-G02", "--ack", "PB-G03", "--ack", "PB-G04", "--ack", "PB-G05",
    "--ack", "PB-G06", "--ack", "PB-G07", "--ack", "PB-G08", "--ack", "PB-G09", "--ack", "PB-G10",
];

fn reach(project: &Project, catalog: &Value) -> Result<(), TestCaseError> {
    project.write(catalog);
    let applied = project.run(ACKNOWLEDGED);
    prop_assert_eq!(applied.code, 0, "{}\n{}", applied.stdout, applied.stderr);
    let next = project.run(&["plan", "--format", "json", "--detailed-exitcode"]);
    prop_assert!(next.code == 0 || next.code == 2, "{}", next.stderr);
    prop_assert_eq!(
        Plan::of(&next.stdout).lines(),
        Vec::<String>::new(),
        "the next plan is not empty\n{}",
        applied.stdout
    );
    prop_assert_eq!(next.code, 0);
    Ok(())
}

fn cases(otherwise: u32) -> Config {
    let config = Config { failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    // PROPTEST_CASES asks for more.
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { Config { cases: otherwise, ..config } }
}

/// From nothing to A, to B, back to A.
fn there_and_back(subject: Subject, count: u32) {
    let bytes = || prop::collection::vec(any::<u8>(), 0..500);
    let run = TestRunner::new(cases(count)).run(&(bytes(), bytes()), |(a, b)| {
        let (a, b) = ((subject.any)(&a), (subject.any)(&b));
        let project = subject.empty();
        for next in [&a, &b, &a] {
            reach(&project, next).map_err(|why| {
                TestCaseError::fail(format!(
                    "{why}\nA: {}\nB: {}",
                    serde_json::to_string(&a).unwrap(),
                    serde_json::to_string(&b).unwrap()
                ))
            })?;
        }
        Ok(())
    });
    said(run);
}

/// Without a ledger everything is found again; what the API never shows is written once more, and is known then.
fn the_ledger_may_be_lost(subject: Subject, count: u32) {
    let bytes = prop::collection::vec(any::<u8>(), 0..500);
    let run = TestRunner::new(cases(count)).run(&bytes, |bytes| {
        let a = (subject.any)(&bytes);
        let project = subject.empty();
        reach(&project, &a)?;
        let first = project.plan().0;
        prop_assert_eq!(&first["unverifiable"], &json!([]));
        std::fs::remove_file(project.ledger_path()).unwrap();
        let again = project.run(&[ACKNOWLEDGED, &["--write-unreadable"]].concat());
        prop_assert_eq!(again.code, 0, "{}\n{}\n{}", again.stdout, again.stderr, a);
        reach(&project, &a)?;
        prop_assert_eq!(&project.plan().0["unverifiable"], &json!([]), "{}", a);
        Ok(())
    });
    said(run);
}

#[track_caller]
fn said<T: std::fmt::Debug>(run: Result<(), TestError<T>>) {
    match run {
        Ok(()) => {}
        // The bytes say nothing; the catalogs are in the reason.
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn of_commet_there_and_back(subject: Subject) {
    there_and_back(subject, 10);
}

fn of_commet_the_ledger_may_be_lost(subject: Subject) {
    the_ledger_may_be_lost(subject, 4);
}

at_every_version! { of_commet_there_and_back of_commet_the_ledger_may_be_lost }

#[test]
fn of_bxb_there_and_back() {
    there_and_back(BXB, 10);
}

#[test]
fn of_bxb_the_ledger_may_be_lost() {
    the_ledger_may_be_lost(BXB, 4);
}
