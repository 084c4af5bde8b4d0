//! Laws that hold for every changeset of every provider: the same bytes for the same inputs, nothing but reads while
//! planning, a number of requests that does not grow with the catalog, calls in an order that can run, and not one
//! more than needed.

mod bxb;
mod commet;

use std::collections::BTreeSet;

use pricebook::load::schema;
use pricebook::model::Address;
use serde_json::{Map, Value, json};

use crate::project::{Plan, Project, Request, with};
use crate::subject::Subject;

/// What the laws need to know of a provider.
struct Case {
    subject: Subject,
    /// The catalog of everything with something of every action.
    edited: fn() -> Value,
    /// An edit that the API cannot make in place.
    immutable: fn() -> (&'static str, Value),
    /// A choice out of what was edited: two updates, one call each.
    chosen: &'static [&'static str],
    chosen_lines: &'static [&'static str],
    /// Another choice, after the first one was applied.
    except: &'static [&'static str],
    except_lines: &'static [&'static str],
    /// The paths of the deletes of what is made anew.
    remade: &'static [&'static str],
    /// What is left when everything was chosen: the deletes.
    left: &'static [&'static str],
    /// A catalog of so many plans.
    many: fn(usize) -> Value,
    many_counts: (usize, usize),
    /// At most so many reads for the smaller number of plans, besides those of each.
    reads_of_few: usize,
    /// The ends of the paths that the API has no list for, and that are read for each plan.
    reads_of_each: &'static [&'static str],
    /// The ends of the paths that are called several times, and how often.
    repeated: &'static [&'static str],
    repeats: usize,
    /// Several fields of the same objects, and how many objects.
    several_fields: fn() -> Vec<(&'static str, Value)>,
    several_calls: usize,
}

/// The laws as tests of a provider.
macro_rules! for_every_law {
    ($module:ident $case:ident: $($law:ident)*) => {
        mod $module {
        $(
            #[test]
            fn $law() {
                super::super::$law(&super::$case);
            }
        )*
        }
    };
    ($module:ident $case:ident) => {
        for_every_law! { $module $case:
            the_same_inputs_give_the_same_bytes
            order_and_comments_of_the_files_do_not_matter
            planning_only_reads
            a_saved_changeset_prints_the_same_bytes
            the_document_is_as_its_schema_says
            the_number_of_reads_does_not_grow_with_the_catalog
            a_partial_changeset_sends_what_was_chosen_and_deletes_nothing
            every_call_comes_after_what_it_waits_for_and_none_is_too_many
        }
    };
}
use for_every_law;

impl Case {
    fn everything(&self) -> Value {
        (self.subject.everything)()
    }

    /// A project that is as the catalog of everything says, and whose file was edited since.
    fn project(&self) -> Project {
        let project = self.subject.with(&self.everything());
        project.write(&(self.edited)());
        project
    }
}

fn the_same_inputs_give_the_same_bytes(case: &Case) {
    let project = case.project();
    for format in ["human", "json"] {
        let run = || project.run(&["plan", "--format", format]).exits(0).stdout;
        let first = run();
        assert!(!first.is_empty());
        assert!(run() == first && run() == first, "{format}");
    }
}

fn order_and_comments_of_the_files_do_not_matter(case: &Case) {
    fn turned(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().rev().map(|(key, value)| (key.clone(), turned(value))).collect(),
            other => other.clone(),
        }
    }
    let (project, edited) = (case.project(), (case.edited)());
    let first = project.plan();
    let yaml = serde_yaml::to_string(&turned(&edited)).unwrap();
    project.write_text(&format!("# A word\n{}", yaml.replace("\nplans:\n", "\n# Plans\nplans:   # of ours\n")));
    let second = project.plan();
    assert_eq!(first.0["digest"], second.0["digest"]);
    assert_eq!(first.lines(), second.lines());

    // The same in a folder of several files.
    std::fs::remove_file(project.path("catalog.yaml")).unwrap();
    std::fs::create_dir(project.path("parts")).unwrap();
    let mut sections: Map<String, Value> = edited.as_object().unwrap().clone();
    let (provider, words) = (sections.remove("provider").unwrap(), sections.remove("price_changes").unwrap());
    for (at, (section, objects)) in sections.into_iter().rev().enumerate() {
        let part = json!({ "provider": provider, section: objects });
        std::fs::write(project.path(&format!("parts/{at}.yaml")), serde_yaml::to_string(&part).unwrap()).unwrap();
    }
    let last = serde_yaml::to_string(&json!({ "provider": provider, "price_changes": words })).unwrap();
    std::fs::write(project.path("parts/z.yaml"), last).unwrap();
    let parts = project.path("parts");
    let third = project.plan_with(&["--catalog", parts.to_str().unwrap()]);
    assert_eq!(first.0["digest"], third.0["digest"]);
    assert_eq!(first.lines(), third.lines());
}

fn planning_only_reads(case: &Case) {
    let project = case.project();
    let before = project.writes();
    let saved = project.path("saved.json");
    let saved = saved.to_str().unwrap();
    project.run(&["plan"]).exits(0);
    project.run(&["plan", "--out", saved]).exits(0);
    project.run(&["plan", "--write-unreadable", "--detailed-exitcode"]).exits(2);
    let requests = project.requests().len();
    project.run(&["validate"]).exits(0);
    project.run_plain(&["show", saved]).exits(0);
    assert_eq!(project.requests().len(), requests, "validate and show need no API");
    assert_eq!(project.writes(), before);
    // Without a yes, apply is a plan.
    let refused = project.run(&["apply", "--ack", "PB-G05"]);
    assert_ne!(refused.code, 0);
    assert_eq!(project.writes(), before);
}

fn a_saved_changeset_prints_the_same_bytes(case: &Case) {
    let project = case.project();
    let saved = project.path("saved.json");
    let saved = saved.to_str().unwrap();
    let planned = project.run(&["plan", "--out", saved]).exits(0).stdout;
    let json = project.run(&["plan", "--format", "json"]).exits(0).stdout;
    assert_eq!(std::fs::read_to_string(saved).unwrap(), json);
    let shown = project.run_plain(&["show", saved]).exits(0).stdout;
    // `plan --out` may say where it saved; what it shows is the same.
    assert_eq!(shown, planned);
    assert_eq!(project.run_plain(&["show", saved, "--format", "json"]).exits(0).stdout, json);
}

fn the_document_is_as_its_schema_says(case: &Case) {
    let schema = schema::of::<pricebook::changeset::Document>("Changeset");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let project = case.subject.empty();
    let mut documents = vec![project.plan_of(&case.everything())];
    project.apply(&documents[0]).exits(0);
    documents.push(project.plan());
    documents.push(project.plan_of(&(case.edited)()));
    documents.push(project.plan_with(&["--only", "plans.pro"]));
    documents.push(project.plan_of(&with(&case.everything(), &[(case.immutable)()])));
    assert_eq!(documents[4].guards(), ["PB-G11"]);
    std::fs::remove_file(project.ledger_path()).unwrap();
    documents.push(project.plan());
    documents.push(project.plan_with(&["--write-unreadable"]));
    for Plan(document) in &documents {
        let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    assert!(!validator.is_valid(&json!({ "format": "pricebook.changeset/1" })));
}

fn the_number_of_reads_does_not_grow_with_the_catalog(case: &Case) {
    let (few, many) = case.many_counts;
    // The reads of lists, and how many there are of each plan.
    let reads = |project: &Project| {
        let before = project.requests().len();
        project.in_sync();
        let paths = project.requests().split_off(before).into_iter();
        let paths = paths.map(|Request { method, path }| format!("{method} {path}"));
        let of_each = |path: &String| case.reads_of_each.iter().any(|end| path.ends_with(end));
        let (each, mut lists): (Vec<String>, Vec<String>) = paths.partition(of_each);
        lists.sort();
        (lists, each.len())
    };
    let project = case.subject.empty();
    project.write(&(case.many)(few));
    project.run(&["apply", "--yes", "-q"]).exits(0);
    let (lists, each) = reads(&project);
    assert!(lists.len() <= case.reads_of_few, "{lists:#?}");
    assert_eq!(each, few * case.reads_of_each.len());
    project.write(&(case.many)(many));
    project.run(&["apply", "--yes", "-q", "--parallel", "16"]).exits(0);
    assert_eq!(reads(&project), (lists, many * case.reads_of_each.len()));
}

fn a_partial_changeset_sends_what_was_chosen_and_deletes_nothing(case: &Case) {
    let project = case.project();
    let whole = project.plan();
    assert!(whole.0["catalog"].get("partial").is_none());

    let plan = project.plan_with(case.chosen);
    assert_eq!(plan.lines(), case.chosen_lines);
    assert!(plan.0["catalog"]["partial"].as_str().unwrap().contains(case.chosen[1]));
    let human = project.run(&["plan", "--only", "plans.pro"]).exits(0).stdout;
    assert!(human.contains("only plans.pro"), "{human}");
    let before = project.writes().len();
    project.apply_with(&plan, case.chosen).exits(0);
    let sent = project.writes().split_off(before);
    assert_eq!(sent.len(), 2, "{sent:?}");

    assert_eq!(project.plan_with(case.except).lines(), case.except_lines);
    let plan = project.plan_with(&["--only", "*"]);
    assert!(plan.lines().iter().all(|line| !line.starts_with("delete")), "{:?}", plan.lines());
    // What is replaced is deleted and made again; nothing else is deleted.
    let deletes: Vec<_> = plan.calls().filter(|call| call["method"] == "DELETE").collect();
    let hidden = |segment: &str| if segment.len() == 36 { "ID".to_owned() } else { segment.to_owned() };
    let path = |call: &Value| call["path"].as_str().unwrap().split('/').map(hidden).collect::<Vec<_>>().join("/");
    let paths: Vec<String> = deletes.iter().map(|call| path(call)).collect();
    assert_eq!(paths, case.remade, "{:?}", plan.requests());
    let replaced = |call: &&Value| {
        plan.changes().any(|change| change["address"] == call["address"] && change["action"] == "replace")
    };
    assert!(deletes.iter().all(replaced), "{deletes:#?}");
    project.apply_with(&plan, &["--only", "*"]).exits(0);
    let rest = project.plan();
    assert_eq!(rest.lines(), case.left);
    project.apply(&rest).exits(0);
    project.in_sync();
}

fn every_call_comes_after_what_it_waits_for_and_none_is_too_many(case: &Case) {
    let project = case.subject.empty();
    let first = project.plan_of(&case.everything());
    first.is_ordered();
    project.apply(&first).exits(0);
    let plan = project.plan_of(&(case.edited)());
    plan.is_ordered();
    // No call for an object that does not change, neither itself nor a part of it that is sent with it.
    let address = |value: &Value| value["address"].as_str().unwrap().parse::<Address>().unwrap();
    let changed: BTreeSet<Address> = plan.changes().map(address).collect();
    for call in plan.calls() {
        let its = address(call);
        let carries = |one: &Address| {
            *one == its || case.subject.provider() == "bxb" && one.is_within(&its) && one.collection() == "charges"
        };
        assert!(changed.iter().any(carries), "{call}");
    }
    let mut requests = plan.requests();
    let sent = requests.len();
    requests.sort();
    requests.dedup();
    // POSTs to a collection may be several; each update and each delete is one.
    let updates = plan.requests().into_iter().filter(|call| !call.starts_with("POST")).count();
    let distinct = requests.iter().filter(|call| !call.starts_with("POST")).count();
    assert!(updates - distinct <= case.repeats, "one update of an object: {:#?}", plan.requests());
    let before = project.writes().len();
    project.apply(&plan).exits(0);
    assert_eq!(project.writes().len() - before, sent, "as many requests as calls");

    // Several fields of one object are one update.
    let plan = project.plan_of(&with(&(case.edited)(), &(case.several_fields)()));
    let repeated = |call: &&String| case.repeated.iter().any(|end| call.ends_with(end));
    let repeated = plan.requests().iter().filter(repeated).count();
    assert_eq!(plan.calls().count() - repeated, case.several_calls, "{:#?}", plan.summaries());
    project.apply(&plan).exits(0);
    project.in_sync();
}
