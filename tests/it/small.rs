//! A small catalog for each provider, for tests whose output a person reads whole.

use serde_json::Value;

use crate::project::{Plan, Project};
use crate::readme::ids;

pub(crate) const COMMET: &str = "\
provider: commet
price_changes: reprice
features:
  calls: { name: API calls, type: usage, unit_name: call }
  sso: { name: Single sign-on, type: boolean }
groups:
  main: { name: Main, description: What we sell, plans: [pro, team] }
plans:
  pro:
    name: Pro
    consumption_model: metered
    prices: { monthly: 49.00 }
    features:
      calls: { included_amount: 1000, overage: 0.002 }
  team:
    name: Team
    prices: { monthly: 99.00 }
    features: { sso: true }
addons:
  more: { name: More calls, feature: calls, base_price: 15.00, consumption_model: metered, included_units: 500, overage_rate: 0.03 }
";

pub(crate) const BXB: &str = "\
provider: bxb
price_changes: reprice
billable_metrics:
  calls: { name: API calls, aggregation_type: count }
features:
  sso: { name: Single sign-on, feature_type: boolean }
plans:
  pro:
    name: Pro
    interval: monthly
    amount: 49.00
    currency: EUR
    charges:
      calls: { billable_metric: calls, charge_model: standard, amount: 0.002 }
    entitlements: { sso: true }
  team: { name: Team, interval: monthly, amount: 99.00, currency: EUR }
add_ons:
  setup: { name: Set-up fee, amount: 250.00, currency: EUR }
";

/// Commet's small catalog, live.
#[track_caller]
pub(crate) fn commet() -> Project {
    live("commet", COMMET)
}

/// bxb's small catalog, live.
#[track_caller]
pub(crate) fn bxb() -> Project {
    live("bxb", BXB)
}

#[track_caller]
pub(crate) fn live(provider: &'static str, catalog: &str) -> Project {
    let project = Project::of(provider);
    project.write_text(catalog);
    project.run(&["apply", "--yes"]).exits(0);
    project
}

/// A catalog with some of its text replaced; every text must be there.
#[track_caller]
pub(crate) fn edited(catalog: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(catalog.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// The project plans this catalog: what a person reads, with what differs from run to run taken out.
#[track_caller]
pub(crate) fn shows(project: &Project, catalog: &str, arguments: &[&str]) -> String {
    project.write_text(catalog);
    let outcome = project.run(&[&["plan"], arguments].concat()).exits(0);
    plain(project, &outcome.stdout)
}

/// Text with the folder and the ids taken out.
pub(crate) fn plain(project: &Project, text: &str) -> String {
    let text = text.replace(&project.path("").display().to_string(), "");
    text.lines().map(|line| ids(line).trim_end().to_owned() + "\n").collect()
}

/// Applies with what the plan asks for, and nothing is left to do. Gives the writes that it took.
#[track_caller]
pub(crate) fn applies(project: &Project) -> usize {
    let before = project.writes().len();
    let plan = project.plan();
    project.apply(&plan).exits(0);
    project.in_sync();
    project.writes().len() - before
}

/// Refused by exactly these guards, after the changeset was printed; nothing is sent, also not with another one
/// acknowledged.
#[track_caller]
pub(crate) fn refused(project: &Project, codes: &[&str]) {
    let before = project.writes().len();
    let mut guards = project.plan().guards();
    guards.sort();
    assert_eq!(guards, codes);
    let printed = project.run(&["plan"]).exits(0).stdout;
    for arguments in [&["apply", "--yes"][..], &["apply", "--yes", "--ack", "PB-G12"]] {
        let refused = project.run(arguments).exits(4);
        assert!(refused.stdout.starts_with(&printed), "{}", refused.stdout);
        assert!(refused.stderr.contains("nothing was sent"), "{}", refused.stderr);
    }
    assert_eq!(project.writes().len(), before, "something was sent");
}

/// A live object of a list, by one of its fields.
#[track_caller]
pub(crate) fn find(project: &Project, path: &str, field: &str, value: &str) -> Value {
    let (status, answer) = project.raw("GET", path, Value::Null);
    assert_eq!(status, 200, "{path}: {answer}");
    let list = answer.get("data").unwrap_or(&answer).as_array().unwrap().clone();
    list.into_iter().find(|object| object[field] == value).unwrap_or_else(|| panic!("no {value} in {path}: {answer}"))
}

/// A call that succeeds, behind the tool's back.
#[track_caller]
pub(crate) fn outside(project: &Project, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = project.raw(method, path, body);
    assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    answer
}

/// The origin of every field that differs.
#[track_caller]
pub(crate) fn origins(project: &Project) -> Vec<String> {
    let plan: Plan = project.plan();
    plan.origins().into_iter().map(str::to_owned).collect()
}
