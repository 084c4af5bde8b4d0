//! Edits inside files that people wrote: what differs is changed, every other byte stays.
//!
//! Both what the files say now and what they should say come as trees from one writer, so that comparing them needs
//! no knowledge of the language: defaults that are written out, `49` for `49.00` and short forms make no difference.
//! Whether an edit did what it should is not believed but read: the new texts must say what was wanted.

mod anchors;
mod column;
mod difference;
mod edit;
mod flow;
mod list;
mod map;
mod place;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::language::Language;
use crate::edit::syntax::{self, Kind, Node, Pair};
use crate::edit::tree::{Map, Tree};
use crate::edit::write;

pub use difference::difference;
use edit::{Editor, How, Spot, same};
pub(super) use place::Part;

/// A catalog file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, as the user would type it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A top-level object of the catalog.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its collection: `plans`.
    pub collection: String,
    /// Its key.
    pub key: String,
    /// What it says.
    pub tree: Tree,
}

/// Files that say what was wanted, as far as they could be edited.
#[derive(Debug)]
pub struct Patched {
    /// All files, changed or not, in the order in which they were given.
    pub files: Vec<File>,
    /// Objects that a person has to edit.
    pub refused: Vec<Refusal>,
    /// What the files said before, and what they say now.
    pub before: Vec<Object>,
    /// See `before`.
    pub after: Vec<Object>,
}

/// An object that could not be edited safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its collection.
    pub collection: String,
    /// Its key.
    pub key: String,
    /// Why, in words.
    pub why: String,
    /// What its block should say; nothing where it should go.
    pub block: Option<String>,
    /// The file that the block has to be merged into, where it is not the object's own block.
    pub into: Option<String>,
}

/// Reads files: what they say, canonically written and in canonical order. The error is in words.
pub type Read<'r> = dyn Fn(&[File]) -> Result<Vec<Object>, String> + 'r;

/// An alias may need the values of another one first; more than this is a circle.
const ROUNDS: usize = 6;

/// How deep a value is that belongs to a part of an object: `.plans.pro.charges`.
const INSIDE: usize = 3;

type Key<'k> = (&'k str, &'k str);

/// Makes files say what `goal` says: every object that there should be, in canonical order. What the files say and
/// the goal does not is removed. `alone`: nothing is laid over the files, so that what they say and the reading does not
/// is a default.
pub fn patch(
    files: &[File],
    goal: &[Object],
    language: &Language,
    read: &Read<'_>,
    alone: bool,
) -> Result<Patched, String> {
    let seen = read(files)?;
    let before = seen.clone();
    let mut engine =
        Engine { goal, language, read, files: files.to_vec(), seen, how: How::default(), why: BTreeMap::new() };
    engine.settle(&engine.open());
    // What was refused may have waited for something that was made after it, or may stand beside a default that is
    // written out and has no place there any more.
    // That is tried inside of objects first, so that the objects' own defaults stay.
    // At last, what comes from the catalog's own defaults is taken away where it is used.
    let (inside, anywhere) = (Some(INSIDE), Some(0));
    let ways = [(None, false), (inside, false), (inside, false), (anywhere, false), (anywhere, false)];
    for (tidy, nulls) in ways.into_iter().chain([(None, true), (anywhere, true)]) {
        let tidy = tidy.filter(|_| alone);
        engine.how = How { tidy, nulls, ..How::default() };
        let open = engine.open();
        if tidy.is_some() {
            engine.settle(&open);
        } else {
            open.into_iter().for_each(|key| engine.settle(&[key]));
        }
    }
    let refused = engine.refusals();
    Ok(Patched { files: engine.files, refused, before, after: engine.seen })
}

type Owned = (String, String);

struct Engine<'a> {
    goal: &'a [Object],
    language: &'a Language,
    read: &'a Read<'a>,
    files: Vec<File>,
    seen: Vec<Object>,
    how: How,
    why: BTreeMap<Owned, String>,
}

fn find<'o>(objects: &'o [Object], collection: &str, key: &str) -> Option<&'o Tree> {
    objects.iter().find(|object| object.collection == collection && object.key == key).map(|object| &object.tree)
}

fn index(objects: &[Object]) -> BTreeMap<Key<'_>, &Tree> {
    objects.iter().map(|object| ((object.collection.as_str(), object.key.as_str()), &object.tree)).collect()
}

impl Engine<'_> {
    /// The objects that do not say yet what they should, in canonical order; what goes comes last, backwards.
    fn open(&self) -> Vec<Owned> {
        differing(&self.seen, self.goal)
    }

    /// Edits these objects: all at once if that works, else in halves, so that only what cannot be edited is left.
    fn settle(&mut self, keys: &[Owned]) {
        if keys.is_empty() {
            return;
        }
        match self.attempt(keys) {
            Ok((files, seen)) => (self.files, self.seen) = (files, seen),
            Err(why) if keys.len() == 1 => {
                self.why.insert(keys[0].clone(), why);
            }
            Err(_) => {
                let (one, other) = keys.split_at(keys.len() / 2);
                self.settle(one);
                self.settle(other);
            }
        }
    }

    fn attempt(&self, keys: &[Owned]) -> Result<(Vec<File>, Vec<Object>), String> {
        let chosen: BTreeSet<Owned> = keys.iter().cloned().collect();
        // What was not chosen stays as it is.
        let goal = self.goal_for(&chosen);
        let mut files = self.files.clone();
        let mut seen = self.seen.clone();
        for round in 0..ROUNDS {
            if differing(&seen, &goal).is_empty() {
                return Ok((files, seen));
            }
            let next = edit_files(
                &files,
                &seen,
                &goal,
                self.language,
                How { through_aliases: round > 0, nulls: self.how.nulls && round > 0, ..self.how },
            )?;
            if next == files {
                if round == 0 {
                    continue;
                }
                break;
            }
            seen = (self.read)(&next).map_err(|why| format!("the file would not be valid: {why}"))?;
            files = next;
        }
        if differing(&seen, &goal).is_empty() {
            Ok((files, seen))
        } else {
            Err("the edit would not say what is live".into())
        }
    }

    /// The goal for some objects: the others as they are.
    fn goal_for(&self, chosen: &BTreeSet<Owned>) -> Vec<Object> {
        let seen = index(&self.seen);
        let mut known = BTreeSet::new();
        let mut out = Vec::new();
        for object in self.goal {
            let key = (object.collection.clone(), object.key.clone());
            let tree = if chosen.contains(&key) {
                Some(&object.tree)
            } else {
                seen.get(&(object.collection.as_str(), object.key.as_str())).copied()
            };
            if let Some(tree) = tree {
                out.push(Object { tree: tree.clone(), collection: key.0.clone(), key: key.1.clone() });
            }
            known.insert(key);
        }
        for object in &self.seen {
            let key = (object.collection.clone(), object.key.clone());
            if !known.contains(&key) && !chosen.contains(&key) {
                out.push(object.clone());
            }
        }
        out
    }

    fn refusals(&self) -> Vec<Refusal> {
        self.open()
            .into_iter()
            .map(|(collection, key)| {
                let block = find(self.goal, &collection, &key).map(|tree| {
                    let (mut root, mut section) = (Map::block(), Map::block());
                    section.put(key.as_str(), tree.clone());
                    root.put(collection.as_str(), section);
                    write::document(&root)
                });
                let why = self.why.get(&(collection.clone(), key.clone())).cloned().unwrap_or_default();
                Refusal { collection, key, why, block, into: None }
            })
            .collect()
    }
}

/// The keys of objects that differ: first what is there in the goal, in its order, then what goes, backwards.
fn differing(seen: &[Object], goal: &[Object]) -> Vec<Owned> {
    let (now, then) = (index(seen), index(goal));
    let owned = |object: &Object| (object.collection.clone(), object.key.clone());
    let mut out: Vec<Owned> = goal
        .iter()
        .filter(|object| {
            !now.get(&(object.collection.as_str(), object.key.as_str())).is_some_and(|tree| same(tree, &object.tree))
        })
        .map(owned)
        .collect();
    out.extend(
        seen.iter()
            .rev()
            .filter(|object| !then.contains_key(&(object.collection.as_str(), object.key.as_str())))
            .map(owned),
    );
    out
}

/// One round of edits in all files.
fn edit_files(
    files: &[File],
    seen: &[Object],
    goal: &[Object],
    language: &Language,
    how: How,
) -> Result<Vec<File>, String> {
    let parsed = files
        .iter()
        .map(|file| syntax::parse(&file.text).map_err(|why| format!("{}: {why}", file.name)))
        .collect::<Result<Vec<_>, _>>()?;
    let homes = homes(&parsed, seen, goal, language);
    let mut out = Vec::new();
    for (at, (file, syntax)) in files.iter().zip(&parsed).enumerate() {
        let here = |object: &&Object| homes.get(&(object.collection.as_str(), object.key.as_str())) == Some(&at);
        let old = root(seen.iter().filter(here));
        let new = root(goal.iter().filter(here));
        if same(&Tree::Map(old.clone()), &Tree::Map(new.clone())) {
            out.push(file.clone());
            continue;
        }
        let editor = Editor { syntax, how };
        let spot = Spot { column: 0, flow: false, key_end: None, path: String::new() };
        let edits = editor
            .catalog(language, &old, &new, &spot)
            .and_then(|edits| anchors::keep(syntax, edits))
            .map_err(|why| format!("{}: {why}", file.name))?;
        let text = place::apply(&file.text, 0..file.text.len(), column::keep(syntax, edits));
        out.push(File { name: file.name.clone(), text });
    }
    Ok(out)
}

/// Objects by their sections, in their order.
fn root<'o>(objects: impl Iterator<Item = &'o Object>) -> Map {
    let mut root = Map::default();
    for object in objects {
        let section = match root.entries.iter_mut().find(|entry| entry.key == object.collection) {
            Some(entry) => &mut entry.value,
            None => {
                root.put(object.collection.as_str(), Map::default());
                match root.entries.last_mut() {
                    Some(entry) => &mut entry.value,
                    None => continue,
                }
            }
        };
        if let Tree::Map(map) = section {
            map.put(object.key.as_str(), object.tree.clone());
        }
    }
    root
}

/// In which file each object stands, or should stand: a new one where most of its kind are, or else where the
/// sections before its own are.
fn homes<'o>(
    parsed: &[syntax::Syntax<'_>],
    seen: &'o [Object],
    goal: &'o [Object],
    language: &'o Language,
) -> BTreeMap<Key<'o>, usize> {
    let sections: Vec<BTreeMap<&str, &Node>> = parsed
        .iter()
        .map(|syntax| match &syntax.root.kind {
            Kind::Map { entries, .. } => entries.iter().map(|entry| (entry.name(), &entry.value)).collect(),
            _ => BTreeMap::new(),
        })
        .collect();
    let keys: Vec<BTreeMap<&str, BTreeSet<&str>>> = sections
        .iter()
        .map(|sections| sections.iter().filter_map(|(name, node)| Some((*name, keys(node)?))).collect())
        .collect();
    let mut out = BTreeMap::new();
    for object in seen {
        let at = keys
            .iter()
            .position(|keys| {
                keys.get(object.collection.as_str()).is_some_and(|keys| keys.contains(object.key.as_str()))
            })
            // It comes through an alias or a merged map.
            .or_else(|| sections.iter().position(|sections| sections.contains_key(object.collection.as_str())));
        if let Some(at) = at {
            out.insert((object.collection.as_str(), object.key.as_str()), at);
        }
    }
    let most = |collection: &str| {
        (0..keys.len())
            .filter_map(|at| Some((keys[at].get(collection).map(BTreeSet::len)?, at)))
            .max_by_key(|(count, at)| (*count, std::cmp::Reverse(*at)))
            .map(|(_, at)| at)
    };
    let order = language.catalog().order();
    let fallback = |collection: &str| {
        let own = order.iter().position(|known| *known == collection).unwrap_or(order.len());
        let before = order[..own].iter().rev().find_map(|section| most(section));
        before.or_else(|| order.iter().skip(own + 1).find_map(|section| most(section))).unwrap_or(0)
    };
    for object in goal {
        let key = (object.collection.as_str(), object.key.as_str());
        out.entry(key).or_insert_with(|| most(key.0).unwrap_or_else(|| fallback(key.0)));
    }
    out
}

fn keys(node: &Node) -> Option<BTreeSet<&str>> {
    match &node.kind {
        Kind::Map { entries, .. } => Some(entries.iter().map(Pair::name).collect()),
        _ => None,
    }
}

impl Editor<'_> {
    /// Edits a whole file.
    fn catalog(&self, language: &Language, old: &Map, new: &Map, spot: &Spot) -> edit::Result<Vec<place::Edit>> {
        let Kind::Map { entries, .. } = &self.syntax.root.kind else {
            return Err("the top level is not a map".into());
        };
        // A file that says nothing would not be a catalog any more.
        let gone = |name: &str| old.get(name).is_some() && new.get(name).is_none();
        if new.entries.is_empty() && entries.iter().all(|entry| gone(entry.name())) {
            let mut last = new.clone();
            if let Some(entry) = entries.last() {
                last.put(entry.name(), Map::default());
            }
            return self.map(language.catalog(), &self.syntax.root, old, &last, spot);
        }
        self.map(language.catalog(), &self.syntax.root, old, new, spot)
    }
}
