//! Every writable field of every object, each alone: set, changed, cleared. The plan names that address and that
//! field and nothing else; apply makes it so; the next plan is empty. What the API cannot change is shown and
//! refused, and made with `replace: true` where that is possible. The rows are each provider's; that none is missing
//! is seen from its table and from its catalog's schema.

pub(crate) mod bxb;
mod commet;

use std::collections::{BTreeMap, BTreeSet};

use pricebook::model::{Address, KindSpec, Mutability};
use serde_json::{Value, json};

use crate::project::with;
use crate::subject::Subject;

/// One edit, and what the plan must say about it: see `Plan::lines`.
#[derive(Clone, Default)]
struct Step {
    edits: Vec<(String, Value)>,
    plan: Vec<String>,
    /// Made of several, so that their order is no one's.
    mixed: bool,
}

/// What belongs together is done one after the other, from the catalog of everything and back to it.
type Rows = Vec<Step>;

fn step(edits: &[(&str, Value)], plan: &[&str]) -> Step {
    Step {
        edits: edits.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect(),
        plan: plan.iter().map(|line| (*line).to_owned()).collect(),
        mixed: false,
    }
}

/// One edit of one path.
fn edit(path: &str, value: Value, plan: Vec<String>) -> Step {
    Step { edits: vec![(path.to_owned(), value)], plan, mixed: false }
}

/// Set, changed, cleared.
fn optional(address: &str, field: &str, first: Value, second: Value) -> Rows {
    let path = format!("{address}.{field}");
    [('+', first), ('~', second), ('-', Value::Null)]
        .into_iter()
        .map(|(sign, value)| edit(&path, value, vec![format!("{sign} {address} {field}")]))
        .collect()
}

/// Changed, and changed back. The field always holds something; null in the file is its default.
fn constant(address: &str, field: &str, first: Value, back: Value) -> Rows {
    let path = format!("{address}.{field}");
    [first, back].into_iter().map(|value| edit(&path, value, vec![format!("~ {address} {field}")])).collect()
}

/// From its default to one value, to another, and back to the default by leaving it out.
fn defaulted(address: &str, field: &str, first: Value, second: Value) -> Rows {
    let path = format!("{address}.{field}");
    [first, second, Value::Null]
        .into_iter()
        .map(|value| edit(&path, value, vec![format!("~ {address} {field}")]))
        .collect()
}

/// There and not there.
fn presence(address: &str, path: &str, block: Value) -> Rows {
    vec![
        edit(path, block, vec![format!("create {address}")]),
        edit(path, Value::Null, vec![format!("delete {address}")]),
    ]
}

/// One after the other.
fn rows(all: impl IntoIterator<Item = Rows>) -> Rows {
    all.into_iter().flatten().collect()
}

/// Rows of different objects at the same time: the n-th steps of all of them are one.
fn together(all: Vec<Rows>) -> Rows {
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .map(|at| {
            let steps = all.iter().filter_map(|rows| rows.get(at));
            steps.fold(Step { mixed: true, ..Step::default() }, |mut whole, step| {
                whole.edits.extend(step.edits.clone());
                whole.plan.extend(step.plan.clone());
                whole
            })
        })
        .collect()
}

/// What the API cannot change in place: the object, the field, the edit, and what happens besides.
struct Fixed {
    address: &'static str,
    sign: char,
    field: &'static str,
    edits: Vec<(&'static str, Value)>,
    /// Whether `replace: true` makes it.
    replaceable: bool,
    /// What the plan shows besides; what is made is made with `replace: true` only.
    follows: &'static [&'static str],
}

/// The blocks of a provider's file: where the properties of each stand in which objects, and which of them hold
/// objects of their own.
struct Blocks {
    /// A block's name, and (kind, the path that its properties stand under) of each object that it is.
    places: &'static [(&'static str, &'static [(&'static str, &'static str)])],
    /// (block, property).
    holders: &'static [(&'static str, &'static str)],
    /// What is in the blocks and is no field of an object.
    directives: &'static [&'static str],
    /// Properties of the file itself.
    top: &'static [&'static str],
    /// At least so many properties are in the schema.
    least: usize,
}

/// One plan and one apply for each step. That nothing is left to do after a step is seen by the plan of the next one:
/// it holds exactly that step's lines, and a field that both change is live as the first one left it.
fn go(subject: Subject, rows: Rows) {
    let start = (subject.everything)();
    let project = subject.with(&start);
    let mut catalog = start.clone();
    let mut written: BTreeMap<String, Value> = BTreeMap::new();
    for Step { edits, plan: mut expected, mixed } in rows {
        let edits: Vec<(&str, Value)> = edits.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        catalog = with(&catalog, &edits);
        let plan = project.plan_of(&catalog);
        let mut lines = plan.lines();
        if mixed {
            lines.sort();
            expected.sort();
        }
        assert_eq!(lines, expected, "{edits:?}");
        assert!(plan.calls().count() > 0, "no call for {edits:?}");
        plan.is_ordered();
        let mut writes = BTreeMap::new();
        for change in plan.changes() {
            for field in change["fields"].as_array().unwrap() {
                let name = format!("{} {}", change["address"], field["field"]);
                if let Some(value) = written.get(&name) {
                    assert_eq!(field["before"], *value, "{name} was not left as the step before said");
                }
                writes.insert(name, field["after"].clone());
            }
        }
        written = writes;
        project.apply(&plan).exits(0);
    }
    project.in_sync();
    // Presence of a block may leave an empty map behind in the file, which says nothing.
    assert_eq!(project.plan_of(&start).lines(), Vec::<String>::new(), "the rows do not end where they began");
}

/// Each is shown with its mark, refused before anything is sent, made with `replace: true`, and made back.
fn refused_and_replaced(subject: Subject, base: &Value, fixed: Vec<Fixed>) {
    let project = subject.with(base);
    for Fixed { address, sign, field, edits, replaceable, follows } in fixed {
        let catalog = with(base, &edits);
        let shown = project.plan_of(&catalog);
        let mut expected = vec![format!("{sign} {address} {field}!")];
        let made = |line: &str| line.starts_with("create") || line.starts_with("replace");
        expected.extend(follows.iter().filter(|line| !made(line)).map(|line| (*line).to_owned()));
        assert_eq!(shown.lines(), expected, "{address} {field}");
        let before = project.writes();
        let refused = project.apply(&shown).exits(4);
        assert_eq!(project.writes(), before, "{address} {field}: something was sent");
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(said.contains(address) && said.contains(field), "{said}");
        assert_eq!(said.contains("replace: true"), replaceable, "{said}");
        if !replaceable {
            continue;
        }

        let allowed = with(&catalog, &[(&format!("{address}.replace"), json!(true))]);
        let plan = project.plan_of(&allowed);
        let mut expected = vec![format!("replace {address}"), format!("{sign} {address} {field}")];
        expected.extend(follows.iter().map(|line| (*line).to_owned()));
        assert_eq!(plan.lines(), expected, "{address} {field}");
        plan.is_ordered();
        project.apply(&plan).exits(0);
        project.in_sync();

        // And back.
        let key = address.rsplit('.').next().unwrap();
        let mut back = base.clone();
        if field == "code" {
            let (collection, old) = (address.split('.').next().unwrap(), edits[0].0.rsplit('.').next().unwrap());
            back = with(
                &back,
                &[
                    (&format!("{collection}.{old}.replace"), json!(true)),
                    (&format!("{collection}.{old}.previously"), json!(key)),
                ],
            );
        } else {
            back = with(&back, &[(&format!("{address}.replace"), json!(true))]);
        }
        project.reach(&back);
        project.reach(base);
    }
}

/// A line about a field: its sign, its kind, the field.
type Line = (char, &'static KindSpec, String);

/// Every line about a field that the rows expect.
fn field_lines(subject: Subject, steps: Rows, fixed: Vec<Fixed>) -> Vec<Line> {
    let expected = steps.into_iter().flat_map(|step| step.plan);
    let fixed = fixed.into_iter().map(|row| format!("{} {} {}", row.sign, row.address, row.field));
    expected
        .chain(fixed)
        .filter_map(|line| {
            let mut words = line.splitn(3, ' ');
            let (sign, address, field) = (words.next()?, words.next()?, words.next()?);
            Some((sign.chars().next()?, kind_of(subject, address), field.to_owned()))
        })
        .collect()
}

fn kind_of(subject: Subject, address: &str) -> &'static KindSpec {
    let address: Address = address.parse().unwrap();
    let nested = address.parent().is_some();
    subject.kinds().find(|kind| kind.collection == address.collection() && kind.parent.is_some() == nested).unwrap()
}

/// A field of the table without its row fails here. What no file can edit is named.
fn table_is_covered(subject: Subject, lines: &[Line], uneditable: &[(&str, &str)]) {
    let mut missing = Vec::new();
    for kind in subject.kinds() {
        for (_, spec) in subject.fields().filter(|(of, _)| *of == kind) {
            let its = |field: &str| kind.field(field).is_some_and(|(_, found)| found.path == spec.path);
            let rows = lines.iter().filter(|(_, of, field)| *of == kind && its(field));
            let signs: BTreeSet<char> = rows.map(|(sign, ..)| *sign).collect();
            if uneditable.contains(&(kind.name, spec.path)) {
                assert!(signs.is_empty(), "{} {} can be edited: {signs:?}", kind.name, spec.path);
                continue;
            }
            // A change, or with an immutable field whichever edit there is; where a field can be at nothing, also
            // that it is set and cleared.
            let enough = match spec.change {
                Mutability::Replace => !signs.is_empty(),
                Mutability::InPlace => signs.contains(&'~') && signs.contains(&'+') == signs.contains(&'-'),
            };
            if !enough {
                missing.push(format!("{} {}: {signs:?}", kind.name, spec.path));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// A property of the catalog's schema without its row fails here, and so does a block that is not known.
fn schema_is_covered(schema: &Value, lines: &[Line], blocks: &Blocks) {
    let (mut missing, mut seen) = (Vec::new(), 0);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let Some(properties) = objects_properties(definition) else { continue };
        // What may stand in `defaults:` are the same fields once more.
        if name == "Absent" || name.ends_with("Defaults") {
            continue;
        }
        let Some((_, kinds)) = blocks.places.iter().find(|(known, _)| known == name) else {
            missing.push(format!("the block {name}"));
            continue;
        };
        for property in properties {
            let property = property.as_str();
            if blocks.directives.contains(&property) || blocks.holders.contains(&(name.as_str(), property)) {
                continue;
            }
            for (kind, prefix) in *kinds {
                let path = format!("{prefix}{property}");
                let covered = lines.iter().any(|(_, of, field)| of.name == *kind && same(&path, field));
                seen += 1;
                if !covered {
                    missing.push(format!("{kind} {path}"));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(seen >= blocks.least, "the schema was not read: {seen}");
    let top = schema["properties"].as_object().unwrap().keys().map(String::as_str);
    let top: BTreeSet<&str> = top.filter(|key| *key != "defaults").collect();
    assert_eq!(top, blocks.top.iter().copied().collect());
}

/// The properties of a block; a block with a short form has them one level down.
fn objects_properties(definition: &Value) -> Option<Vec<String>> {
    let properties = |node: &Value| node["properties"].as_object().map(|map| map.keys().cloned().collect());
    let short = ["anyOf", "oneOf"].iter().filter_map(|of| definition[*of].as_array()).flatten().find_map(properties);
    properties(definition).or(short)
}

/// Whether a field is at this path, `*` standing for one key; what is inside a field (metadata) counts as it.
fn same(path: &str, field: &str) -> bool {
    let mut given = field.split('.');
    path.split('.').all(|want| given.next().is_some_and(|have| want == "*" || want == have))
}
