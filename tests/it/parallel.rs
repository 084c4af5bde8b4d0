//! `apply --parallel auto`: as many calls at once as the API takes; and `-v`: where the time went.

use crate::project::{Outcome, Project};

/// A catalog whose features do not wait for one another.
fn features(count: usize) -> String {
    let mut text = String::from("provider: commet\nfeatures:\n");
    for at in 0..count {
        text.push_str(&format!("  f{at:03}: {{ name: Feature {at:03}, type: boolean }}\n"));
    }
    text
}

/// The numbers in `note: 120 calls in 1.0 s, 120 a second, up to 9 at once; …`: calls, and how many at once.
#[track_caller]
fn found(outcome: &Outcome) -> (u64, u64) {
    let line =
        outcome.stderr.lines().find(|line| line.contains("at once")).unwrap_or_else(|| panic!("{}", outcome.stderr));
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    (numbers[0], *numbers.last().unwrap())
}

#[test]
fn auto_widens_while_the_api_takes_more() {
    let project = Project::faulty("commet", Some("rate=1,kind=slow,on=POST,delay_ms=20"));
    project.write_text(&features(120));
    let outcome = project.run(&["apply", "--yes", "--parallel", "auto"]).exits(0);
    let (calls, widest) = found(&outcome);
    assert_eq!(calls, 120);
    assert!((5..=64).contains(&widest), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("; the API never asked for less"), "{}", outcome.stderr);
    project.in_sync();
}

#[test]
fn auto_steps_back_when_the_api_asks_for_less() {
    let project = Project::faulty(
        "commet",
        Some("rate=0.05,kind=429,on=POST,retry_after=0,seed=3;rate=1,kind=slow,on=POST,delay_ms=5"),
    );
    project.write_text(&features(120));
    let outcome = project.run(&["apply", "--yes", "--parallel", "auto"]).exits(0);
    assert!(outcome.stderr.contains("; the API asked for less"), "{}", outcome.stderr);
    assert_eq!(found(&outcome).0, 120);
    assert!(project.writes().len() > 120, "some calls were sent again");
    project.in_sync();
}

#[test]
fn a_number_stays_a_number() {
    let project = Project::faulty("commet", Some("rate=1,kind=slow,on=POST,delay_ms=20"));
    project.write_text(&features(30));
    let outcome = project.run(&["apply", "--yes", "-v", "--parallel", "3"]).exits(0);
    // Reading sends what it needs at once; writing never more than was said.
    let time = outcome.stderr.lines().find(|line| line.starts_with("time: ")).unwrap();
    for phase in ["files ", "ledger ", "live state ", "changeset ", "calls ", "of these the journal "] {
        assert!(time.contains(phase), "{time}");
    }
    assert!(time.contains("; 34 requests, at most ") && found(&outcome).1 <= 4, "{time}");
    // What it took, and nothing of what was never looked for.
    let took = outcome.stderr.lines().find(|line| line.starts_with("note: 30 calls in ")).unwrap();
    assert!(took.ends_with(" a second"), "{took}");
    for bad in ["0", "65", "many", "-1"] {
        let refused = project.run(&["apply", "--yes", &format!("--parallel={bad}")]).exits(3);
        assert!(refused.stderr.contains("a number from 1 to 64, or `auto`"), "{}", refused.stderr);
    }
}
