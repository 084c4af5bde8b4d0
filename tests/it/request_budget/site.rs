//! A project and its sandbox, both as a catalog says.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::reading::{Requests, calls, reading};
use crate::project::{Outcome, Plan, Project, with};
use crate::small;
use crate::subject::Subject;

/// A project whose files, ledger and live state say the same.
pub(super) struct Site {
    pub(super) subject: Subject,
    pub(super) project: Project,
    /// What they say.
    pub(super) catalog: Value,
}

impl Site {
    pub(super) fn small(subject: Subject) -> Self {
        let text = if subject.provider() == "bxb" { small::BXB } else { small::COMMET };
        Self::new(subject, serde_yaml::from_str(text).unwrap())
    }

    /// An object of every kind, and more than one page of those that come in pages.
    pub(super) fn large(subject: Subject) -> Self {
        let mut catalog = (subject.everything)();
        if subject.provider() == "bxb" {
            add(&mut catalog, "features", 1001, |_| json!({ "name": "F", "feature_type": "boolean" }));
            add(&mut catalog, "plans", 3, |_| json!({ "name": "P", "interval": "monthly", "amount": "1.00" }));
            return Self::new(subject, catalog);
        }
        add(&mut catalog, "features", 101, |at| json!({ "name": format!("F{at}"), "type": "usage" }));
        add(&mut catalog, "groups", 100, |at| json!({ "name": format!("G{at}") }));
        add(&mut catalog, "addons", 101, |at| {
            json!({ "name": format!("A{at}"), "feature": format!("n{at}"), "consumption_model": "metered",
                "base_price": "15.00", "included_units": 1, "overage_rate": "0.03" })
        });
        let newer = subject.version() == "2026-07-31";
        if newer {
            let offer = |at| json!({ "name": format!("O{at}"), "phases": [{ "percentage": "10%", "cycles": 1 }] });
            add(&mut catalog, "offers", 205, offer);
        }
        let codes = (0..101).map(|at| {
            let gives = json!({ "offer": format!("n{at}") });
            (format!("N{at}"), if newer { gives } else { json!({ "percentage": "10%", "cycles": 3 }) })
        });
        catalog["promo_codes"].as_object_mut().unwrap().extend(codes);
        Self::new(subject, catalog)
    }

    fn new(subject: Subject, catalog: Value) -> Self {
        let project = Project::lasting(subject.name);
        // Nothing is live yet.
        let mut site = Self { subject, project, catalog: json!({}) };
        let plan = site.project.plan_of(&catalog);
        let requests = reading(subject, &site.catalog, &catalog) + calls(&plan.0, 0);
        site.sends(&["apply", "--yes", "-q", "--parallel", "16"], 0, &requests);
        site.catalog = catalog;
        site
    }

    /// One reading of what is live, by somebody who knows what the files name.
    pub(super) fn reading(&self) -> Requests {
        reading(self.subject, &self.catalog, &self.catalog)
    }

    /// A command on this project makes these requests and no others.
    #[track_caller]
    pub(super) fn sends(&self, arguments: &[&str], code: i32, requests: &Requests) -> Outcome {
        let before = self.project.requests().len();
        let outcome = self.project.run(arguments).exits(code);
        self.sent(before, arguments, requests);
        outcome
    }

    /// The same for a command as it stands.
    #[track_caller]
    pub(super) fn sends_plain(&self, arguments: &[&str], code: i32, requests: &Requests) -> Outcome {
        let before = self.project.requests().len();
        let outcome = self.project.run_plain(arguments).exits(code);
        self.sent(before, arguments, requests);
        outcome
    }

    #[track_caller]
    fn sent(&self, before: usize, arguments: &[&str], requests: &Requests) {
        let seen = Requests::seen(&self.project.requests()[before..]);
        let (subject, plans) = (self.subject.name, self.catalog["plans"].as_object().map_or(0, serde_json::Map::len));
        assert_eq!(seen, *requests, "{arguments:?} at {subject}, {plans} plans: what was sent, and what may be");
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.project.path(name)
    }

    /// The files with something of several actions: what each call of it takes may differ.
    fn edited(&self) -> Value {
        if self.subject.provider() == "bxb" {
            let fresh = json!({ "name": "Fresh", "feature_type": "boolean" });
            let charge = json!({ "billable_metric": "calls", "charge_model": "standard", "amount": "7.00" });
            let name = ("billable_metrics.calls.name", json!("All calls"));
            let edits = [name, ("features.fresh", fresh), ("plans.pro.charges.fresh", charge)];
            return with(&self.catalog, &edits);
        }
        let fresh = json!({ "name": "Fresh", "type": "boolean" });
        let edits = [("features.fresh", fresh), ("plans.pro.name", json!("P")), ("groups.main.name", json!("Shop"))];
        with(&self.catalog, &edits)
    }

    /// The files say something else, and this is the changeset.
    pub(super) fn edit(&self) -> Plan {
        let plan = self.project.plan_of(&self.edited());
        assert!(plan.calls().count() >= 3, "{:?}", plan.lines());
        plan
    }

    /// Files and live state as they were.
    #[track_caller]
    pub(super) fn undo(&self) {
        let plan = self.project.plan_of(&self.catalog);
        self.project.apply(&plan).exits(0);
    }

    /// The rows left nothing behind.
    #[track_caller]
    pub(super) fn is_in_sync(&self) {
        self.project.write(&self.catalog);
        self.project.in_sync();
    }
}

fn add(catalog: &mut Value, collection: &str, count: usize, object: impl Fn(usize) -> Value) {
    let known = catalog.get_mut(collection).and_then(Value::as_object_mut);
    let known = known.unwrap_or_else(|| panic!("no {collection}"));
    known.extend((0..count).map(|at| (format!("n{at}"), object(at))));
}
