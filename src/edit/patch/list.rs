//! A list against what it should hold: items are added, taken away and moved one by one.

use crate::edit::emit;
use crate::edit::language::Shape;
use crate::edit::patch::edit::{Editor, Result, Spot, like, same};
use crate::edit::patch::flow::{Flow, Segment};
use crate::edit::patch::place::{Edit, Part};
use crate::edit::syntax::{Item, Kind, Node};
use crate::edit::tree::Tree;

/// Where an item of the new list comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// It stays where it is.
    Stays(usize),
    /// It is the item at this place of the file, and moves.
    Moves(usize),
    /// It is new.
    New(usize),
}

impl Editor<'_> {
    /// Edits a list. `old` is what it says now.
    pub(super) fn list(
        &self,
        shape: Shape<'_>,
        node: &Node,
        old: &[Tree],
        new: &[Tree],
        spot: &Spot,
    ) -> Result<Vec<Edit>> {
        let Kind::List { flow, items } = &node.kind else { return Ok(Vec::new()) };
        let places = places(items, old);
        let ordered = places.iter().flatten().is_sorted();
        let (sources, changed) = align(&places, ordered, old, new);
        let mut inside: Vec<Vec<Edit>> = vec![Vec::new(); items.len()];
        for (at, before, after) in changed {
            let inner = Spot {
                column: self.syntax.column(items[at].dash),
                flow: *flow,
                key_end: None,
                path: format!("{}.{}", spot.path, at + 1),
            };
            inside[at] = self.value(shape.item(), &items[at].node, Some(&old[before]), &new[after], &inner)?;
        }
        // What the old reading does not show (a repeated value of a set) stays.
        let unseen = (0..items.len()).filter(|at| !places.contains(&Some(*at)));
        let mut whole: Vec<Source> = sources;
        for at in unseen {
            if !old.is_empty() || new.is_empty() {
                whole.insert(at.min(whole.len()), Source::Stays(at));
            }
        }
        let stay: Vec<usize> =
            whole.iter().filter_map(|from| if let Source::Stays(at) = from { Some(*at) } else { None }).collect();
        if stay.len() == items.len() && whole.len() == items.len() {
            return Ok(inside.into_iter().flatten().collect());
        }
        if *flow {
            self.flow_list(node, items, &whole, inside, new)
        } else {
            self.block_list(items, &whole, inside, new)
        }
    }

    fn flow_list(
        &self,
        node: &Node,
        items: &[Item],
        whole: &[Source],
        inside: Vec<Vec<Edit>>,
        new: &[Tree],
    ) -> Result<Vec<Edit>> {
        let parts: Vec<_> =
            items.iter().zip(inside).map(|(item, edits)| (item.node.start..item.node.end, edits)).collect();
        let mut flow = Flow::split(self.syntax, node, &parts).ok_or("brackets that are laid out unusually")?;
        let old = std::mem::take(&mut flow.segments);
        flow.segments = whole
            .iter()
            .map(|from| match from {
                Source::Stays(at) | Source::Moves(at) => old[*at].clone(),
                Source::New(at) => Segment::new(emit::flow(&new[*at])),
            })
            .collect();
        Ok(vec![flow.join(self.syntax)])
    }

    fn block_list(&self, items: &[Item], whole: &[Source], inside: Vec<Vec<Edit>>, new: &[Tree]) -> Result<Vec<Edit>> {
        let syntax = self.syntax;
        let part = |at: usize| Part { start: items[at].dash, end: items[at].node.end.max(items[at].dash + 1) };
        if items.iter().any(|item| !syntax.begins_line(item.dash)) {
            return Err("a list that begins behind a dash".into());
        }
        let column = items.first().map_or(0, |item| syntax.column(item.dash));
        let mut text_of = |from: &Source| match from {
            Source::New(at) => emit::item(&new[*at], column).join(syntax.newline),
            Source::Stays(at) | Source::Moves(at) => self.moved(part(*at), inside[*at].clone()),
        };
        let stays = |at: &usize| whole.contains(&Source::Stays(*at));
        // What is added inside an item stands before what is added after it, though at the same place.
        let mut edits: Vec<Edit> = (0..items.len()).filter(stays).flat_map(|at| inside[at].clone()).collect();
        let first = whole.iter().find_map(|from| if let Source::Stays(at) = from { Some(*at) } else { None });
        let mut removals: Vec<usize> = (0..items.len()).filter(|at| !whole.contains(&Source::Stays(*at))).collect();
        let mut after: Option<usize> = None;
        if first.is_none() && !removals.is_empty() {
            let lines = syntax.lines(part(removals.remove(0)));
            let text: Vec<String> = whole.iter().map(&mut text_of).collect();
            edits.push(Edit { range: lines, text: text.join(syntax.newline) });
        } else {
            for from in whole {
                if let Source::Stays(at) = from {
                    after = Some(*at);
                    continue;
                }
                let text = text_of(from);
                edits.push(match (after, first) {
                    (Some(at), _) => Edit::insert(syntax.tail(part(at)), format!("{}{text}", syntax.newline)),
                    (None, Some(at)) => Edit::insert(syntax.head(part(at)), format!("{text}{}", syntax.newline)),
                    (None, None) => return Err("a list without a place for items".into()),
                });
            }
        }
        for at in removals {
            let kept = |from: &Source, beyond: bool| matches!(from, Source::Stays(other) if if beyond { *other > at } else { *other < at });
            let before = first.is_none() || whole.iter().any(|from| kept(from, false));
            edits.push(syntax.removal(part(at), before, whole.iter().any(|from| kept(from, true))));
        }
        Ok(edits)
    }
}

/// For each item of the old reading, its place in the file: the same value where there is one, else what is left, in
/// order.
fn places(items: &[Item], old: &[Tree]) -> Vec<Option<usize>> {
    let mut taken = vec![false; items.len()];
    let mut out = vec![None; old.len()];
    // A list that is read in its own order needs no search.
    if items.len() == old.len() && old.iter().zip(items).all(|(tree, item)| like(&item.node, tree)) {
        return (0..items.len()).map(Some).collect();
    }
    for (at, tree) in old.iter().enumerate() {
        if let Some(found) = (0..items.len()).find(|place| !taken[*place] && like(&items[*place].node, tree)) {
            taken[found] = true;
            out[at] = Some(found);
        }
    }
    let mut rest = (0..items.len()).filter(|place| !taken[*place]).collect::<Vec<_>>().into_iter();
    for (at, place) in out.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
        if !matches!(old[at], Tree::Scalar(_)) {
            *place = rest.next();
        }
    }
    out
}

type Changed = Vec<(usize, usize, usize)>;

/// The new list by where its items come from; and what changes inside items that stay: place in the file, in the old
/// reading, in the new one.
fn align(places: &[Option<usize>], ordered: bool, old: &[Tree], new: &[Tree]) -> (Vec<Source>, Changed) {
    if !ordered {
        return as_set(places, old, new);
    }
    let pairs = common(old, new);
    let mut out = Vec::new();
    let mut changed = Changed::new();
    let mut spare: Vec<usize> = (0..old.len()).filter(|at| !pairs.iter().any(|(old, _)| old == at)).collect();
    let (mut done_old, mut done_new) = (0, 0);
    for (next_old, next_new) in pairs.iter().copied().chain(std::iter::once((old.len(), new.len()))) {
        // Maps between two that stay are the same ones, changed. A scalar is its own identity.
        let mut between = (done_old..next_old).filter(|at| !matches!(old[*at], Tree::Scalar(_)));
        for fresh in done_new..next_new {
            let twin = spare.iter().position(|at| same(&old[*at], &new[fresh]) && places[*at].is_some());
            if let Some(twin) = twin {
                out.push(places[spare.remove(twin)].map_or(Source::New(fresh), Source::Moves));
                continue;
            }
            let partner = if matches!(new[fresh], Tree::Scalar(_)) {
                None
            } else {
                between.find(|at| {
                    spare.contains(at) && places[*at].is_some() && !new.iter().any(|other| same(other, &old[*at]))
                })
            };
            match partner.and_then(|at| Some((at, places[at]?))) {
                Some((at, place)) => {
                    spare.retain(|other| *other != at);
                    changed.push((place, at, fresh));
                    out.push(Source::Stays(place));
                }
                None => out.push(Source::New(fresh)),
            }
        }
        if next_old < old.len() {
            out.push(places[next_old].map_or(Source::New(next_new), Source::Stays));
        }
        (done_old, done_new) = (next_old + 1, next_new + 1);
    }
    (out, changed)
}

/// A list whose order means nothing: what stays keeps the file's order, what is new comes at the end.
fn as_set(places: &[Option<usize>], old: &[Tree], new: &[Tree]) -> (Vec<Source>, Changed) {
    let (mut stay, mut changed) = (Vec::new(), Changed::new());
    let mut fresh: Vec<usize> = (0..new.len()).filter(|at| !old.iter().any(|other| same(other, &new[*at]))).collect();
    for (at, tree) in old.iter().enumerate() {
        let Some(place) = places[at] else { continue };
        if new.iter().any(|other| same(tree, other)) {
            stay.push(place);
        } else if let Some(twin) = fresh.iter().position(|fresh| is_twin(tree, &new[*fresh])) {
            changed.push((place, at, fresh.remove(twin)));
            stay.push(place);
        }
    }
    stay.sort_unstable();
    (stay.into_iter().map(Source::Stays).chain(fresh.into_iter().map(Source::New)).collect(), changed)
}

/// Whether two maps are the same one, changed: what they begin with is what they are known by.
fn is_twin(one: &Tree, other: &Tree) -> bool {
    match (one, other) {
        (Tree::Map(one), Tree::Map(other)) => match (one.entries.first(), other.entries.first()) {
            (Some(one), Some(other)) => one.key == other.key && same(&one.value, &other.value),
            _ => false,
        },
        _ => false,
    }
}

/// Comparing every item with every other one has an end.
const MOST: usize = 4_000_000;

/// The longest run of equal items, as places in both.
fn common(old: &[Tree], new: &[Tree]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(one, other)| same(one, other)).count();
    let (rest, other) = (&old[head..], &new[head..]);
    let mut out: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    if rest.len().saturating_mul(other.len()) <= MOST {
        out.extend(longest(rest, other).into_iter().map(|(one, other)| (one + head, other + head)));
    }
    out
}

fn longest(old: &[Tree], new: &[Tree]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            longest[i][j] =
                if same(one, other) { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if same(&old[i], &new[j]) && longest[i][j] == longest[i + 1][j + 1] + 1 {
            out.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}
