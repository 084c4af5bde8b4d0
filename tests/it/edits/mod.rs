//! Edits inside files, and their canonical form: laws over catalogs by chance, in any style, with comments everywhere.

mod style;

use std::collections::{BTreeMap, BTreeSet};

use pricebook::diagnostic::human;
use pricebook::edit::{self, File, Language};
use pricebook::ledger::{Entry, Ledger};
use pricebook::load;
use pricebook::model::{Desired, Live, LiveObject, Value as Field};
use pricebook::provider::Provider;
use pricebook::pull::{Existing, InPlace, Shape, files, in_place, pull};
use serde_json::{Map, Value};

use crate::subject::{BXB, Subject, at_every_version};
use style::{Dice, Text};

fn read(provider: &dyn Provider, text: &str) -> Desired {
    let loaded = load::text("catalog.yaml", text);
    let mut sink = loaded.sink;
    let desired = loaded.document.and_then(|document| provider.read(&document, &mut sink));
    desired.unwrap_or_else(|| panic!("{text}\n{}", human(&sink.into_findings(), false)))
}

/// Two catalogs that have much in common: the same choices up to some point.
fn pair(generator: fn(&[u8]) -> Value, dice: &mut Dice) -> (Value, Value) {
    let bytes = |dice: &mut Dice| -> Vec<u8> { (0..400).map(|_| u8::try_from(dice.below(256)).unwrap()).collect() };
    let one = bytes(dice);
    let mut other = one.clone();
    match dice.below(3) {
        // From here on everything is another one.
        0 => {
            let from = dice.below(other.len());
            other.splice(from.., bytes(dice));
        }
        // A few choices are others.
        _ => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(other.len());
                other[at] = u8::try_from(dice.below(256)).unwrap();
            }
        }
    }
    (generator(&one), generator(&other))
}

/// What would be live if a catalog had been applied, and the ledger that remembers what no read shows.
fn live(desired: &Desired) -> (Live, Ledger) {
    let (mut live, mut ledger) = (Live::default(), Ledger::default());
    for (address, object) in &desired.objects {
        let resource = object.resource.clone();
        let written = resource.fields.clone();
        ledger.objects.insert(address.clone(), Entry { id: Some(address.to_string()), written, ..Entry::default() });
        let object = LiveObject {
            resource,
            id: Some(address.to_string()),
            natural_key: address.key().into(),
            rank: 0,
            shown: None,
        };
        live.objects.insert(address.clone(), object);
    }
    (live, ledger)
}

/// Pulls what `wanted` says into a file that says something else.
fn pulled(provider: &dyn Provider, text: &str, wanted: &Desired) -> InPlace {
    let (live, ledger) = live(wanted);
    let files = [File { name: "catalog.yaml".into(), text: text.to_owned() }];
    let chosen = |_: &pricebook::model::Address| true;
    in_place(Existing {
        version: provider.api_versions()[0],
        provider,
        files: &files,
        overlay: &[],
        live: &live,
        ledger: &ledger,
        chosen: &chosen,
        partial: false,
    })
    .unwrap()
}

#[track_caller]
fn says(found: &Desired, wanted: &Desired, text: &str) {
    assert!(found.objects.keys().eq(wanted.objects.keys()), "{text}");
    for (address, object) in &wanted.objects {
        let (before, after) = (&object.resource.fields, &found.objects[address].resource.fields);
        assert!(before.keys().eq(after.keys()), "{address}: {before:?} {after:?}\n{text}");
        for (path, value) in before {
            // A number set by hand may be the one that is derived.
            let derived = matches!(value, Field::Derived(_)) != matches!(after.get(path).unwrap(), Field::Derived(_));
            let same =
                value == after.get(path).unwrap() || derived && value.number() == after.get(path).unwrap().number();
            assert!(same, "{address} {path}: {value} {}\n{text}", after.get(path).unwrap());
        }
    }
}

/// Lists that say nothing when they are empty.
const EMPTY: &[&str] = &["plans", "taxes", "commitments", "usage_thresholds"];

/// Whether a value is what leaving its field out means, so that its line may go.
fn is_default(provider: &dyn Provider, path: &[String], value: &Value) -> bool {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut fields = provider.kinds().iter().flat_map(|kind| kind.fields);
    let last = path.last().map_or("", String::as_str);
    // A fixed amount of nothing is none (bxb-api.md §7).
    if last == "fixed_amount" && text == "0" {
        return true;
    }
    fields.any(|spec| spec.path.rsplit('.').next() == Some(last) && spec.default == text)
}

/// Every path of a catalog with what stands there; a map that holds something stands for itself.
fn paths(value: &Value) -> BTreeMap<Vec<String>, Value> {
    fn walk(value: &Value, path: &mut Vec<String>, out: &mut BTreeMap<Vec<String>, Value>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.insert(path.clone(), Value::Object(Map::new()));
                for (key, value) in map {
                    path.push(key.clone());
                    walk(value, path, out);
                    path.pop();
                }
            }
            // An empty map is nothing at all, and neither is an empty text.
            Value::Object(_) => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(items) if items.is_empty() && path.last().is_some_and(|key| EMPTY.contains(&key.as_str())) => {
            }
            other => {
                out.insert(path.clone(), other.clone());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(value, &mut Vec::new(), &mut out);
    out
}

/// What is about the files alone is not pulled: it stays where what it is about stays.
fn is_ours(path: &[String], now: &BTreeMap<Vec<String>, Value>) -> bool {
    match path {
        [word] => word == "provider" || word == "price_changes",
        [about @ .., word] => word == "replace" && now.contains_key(about),
        [] => false,
    }
}

/// The versions of one provider share them.
fn cases(subject: Subject, otherwise: u64) -> u64 {
    let otherwise = if subject.name.contains('@') { otherwise / 2 } else { otherwise };
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Only the lines of what differs change, and they are as many as differ.
fn the_fewest_lines(subject: Subject) {
    let provider = subject.spoken();
    for seed in 0..cases(subject, 200) {
        let (a, b) = pair(subject.any, &mut Dice(seed));
        let (wanted, Text { text, .. }) = (read(provider, &b.to_string()), style::plain(&a));
        let result = pulled(provider, &text, &wanted);
        assert_eq!(result.refused, [], "{seed}\n{text}");
        let after = &result.files[0].text;
        says(&read(provider, after), &wanted, after);
        // Independently of the edits: what the two catalogs have in common stands in lines that are the same.
        let (then, now) = (paths(&a), paths(&b));
        let left: BTreeSet<&str> = after.lines().collect();
        let belonging = belonging(&text);
        for (path, value) in &then {
            if (now.get(path) == Some(value) || is_ours(path, &now)) && !path.is_empty() {
                for line in belonging.get(path.join(" > ").as_str()).into_iter().flatten() {
                    assert!(left.contains(line), "{seed}: {line}\n--- before\n{text}\n--- after\n{after}");
                }
            }
        }
        let known: BTreeSet<&str> = text.lines().collect();
        let more = after.lines().filter(|line| !known.contains(line) && !line.trim().is_empty()).count();
        let differing = now.iter().filter(|(path, value)| then.get(*path) != Some(value));
        let differing: usize = differing.map(|(_, value)| lines(value)).sum();
        // A new object may say a default that the catalog left out.
        let new = now.keys().filter(|path| path.len() == 2 && !then.contains_key(*path)).count();
        // `true` stands for a map; where the map is there already, it says `enabled: true`.
        let reset = then.keys().filter(|path| path.ends_with(&["enabled".into()]) && !now.contains_key(*path)).count();
        assert!(
            more <= differing + new + reset,
            "{seed}: {more} lines for {differing}\n--- before\n{text}\n--- after\n{after}"
        );
        let again = pulled(provider, after, &wanted);
        assert_eq!(&again.files[0].text, after, "{seed}");
    }
}

/// A line for each part: a text of several lines can be written as such, a list of maps as a table.
fn lines(value: &Value) -> usize {
    match value {
        Value::String(text) if text.contains('\n') => 1 + text.lines().count(),
        Value::Array(items) => 1 + items.iter().map(lines).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(lines).sum::<usize>(),
        _ => 1,
    }
}

/// The lines of each path, by the comments that name it.
fn belonging(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines() {
        for (_, path) in ["# above ", "# beside "].iter().filter_map(|what| line.split_once(what)) {
            lines.entry(path).or_default().push(line);
        }
    }
    lines
}

/// In any style: the files say what is live, and what still exists keeps its comments.
fn any_style(subject: Subject) {
    let provider = subject.spoken();
    for seed in 0..cases(subject, 200) {
        let (a, b) = pair(subject.any, &mut Dice(seed + 1_000_000));
        let (wanted, Text { text, comments }) = (read(provider, &b.to_string()), style::any(&a, seed));
        let result = pulled(provider, &text, &wanted);
        assert_eq!(result.refused, [], "{seed}\n{text}");
        let after = &result.files[0].text;
        says(&read(provider, after), &wanted, after);
        assert_eq!(after.contains("\r\n"), text.contains("\r\n"));
        assert!(
            !after.replace("\r\n", "").contains('\r')
                && (!text.contains("\r\n") || !after.replace("\r\n", "").contains('\n'))
        );
        let now = paths(&b);
        for (path, comment) in &comments {
            let stays = now.get(path).is_some_and(|value| !is_default(provider, path, value));
            if stays || is_ours(path, &now) {
                assert!(
                    after.contains(comment),
                    "{seed}: {comment} is now {:?}\n--- before\n{text}\n--- after\n{after}",
                    now.get(path)
                );
            }
        }
        assert_eq!(&pulled(provider, after, &wanted).files[0].text, after, "{seed}");
        if seed % 4 == 0 {
            let same = pulled(provider, &text, &read(provider, &text));
            assert_eq!(same.files[0].text, text, "{seed}: nothing differs, and nothing changes");
        }
    }
}

/// Twice is once, nothing is lost, nothing means something else.
fn canonical(subject: Subject) {
    let provider = subject.spoken();
    let language = Language::new(provider.schema());
    for seed in 0..cases(subject, 200) {
        let (a, _) = pair(subject.any, &mut Dice(seed + 2_000_000));
        let Text { text, comments } = style::any(&a, seed);
        let once = edit::format(&text, &language).unwrap_or_else(|why| panic!("{seed}: {why}\n{text}"));
        assert_eq!(edit::format(&once, &language).unwrap(), once, "{seed}\n{text}");
        says(&read(provider, &once), &read(provider, &text), &once);
        let mut kept: Vec<&str> = comments.iter().map(|(_, comment)| comment.as_str()).collect();
        kept.push("# the file");
        kept.sort_unstable();
        let mut found: Vec<&str> = once
            .lines()
            .filter_map(|line| Some(line[line.find("# ").filter(|at| is_comment(line, *at))?..].trim_end()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, kept, "{seed}\n{text}\n---\n{once}");
    }
}

/// The comments of these tests are easy to know.
fn is_comment(line: &str, at: usize) -> bool {
    ["# above ", "# beside ", "# the file"].iter().any(|words| line[at..].starts_with(words))
}

/// What `pull` writes into a new file is in the canonical form already.
fn new_files_are_canonical(subject: Subject) {
    let provider = subject.spoken();
    let language = Language::new(provider.schema());
    for seed in 0..cases(subject, 60) {
        let (a, _) = pair(subject.any, &mut Dice(seed + 3_000_000));
        let (live, ledger) = live(&read(provider, &a.to_string()));
        let pulled = pull(provider, &live, &ledger).unwrap();
        let shape = Shape { split: false, name: "catalog.yaml", schemas: Some("") };
        let text = files(provider, &pulled.written, shape).remove(0).text;
        assert_eq!(edit::format(&text, &language).unwrap(), text, "{seed}");
    }
}

#[test]
fn of_bxb_the_fewest_lines() {
    the_fewest_lines(BXB);
}

#[test]
fn of_bxb_any_style() {
    any_style(BXB);
}

#[test]
fn of_bxb_canonical() {
    canonical(BXB);
}

#[test]
fn of_bxb_new_files_are_canonical() {
    new_files_are_canonical(BXB);
}

at_every_version! { the_fewest_lines any_style canonical new_files_are_canonical }
