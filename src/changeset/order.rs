//! Named drafts → a graph of calls in an order that can run. Pure and deterministic.

use std::collections::{BTreeMap, BTreeSet};

use crate::changeset::{Call, Draft, placeholder_address, placeholders_in_path};
use crate::model::Address;

/// Calls that wait for one another in a ring. A provider's lowering should never produce one.
#[derive(Debug, thiserror::Error)]
#[error("these calls wait for one another and none can be first: {}", ring.join(" → "))]
pub struct Cycle {
    /// The calls, by what they do.
    pub ring: Vec<String>,
}

/// Puts drafts into an order in which each comes after what it waits for, and otherwise into the order in which
/// they were written. Names in `after` that no draft has are dropped: what they stood for needs no call.
pub fn order(drafts: Vec<Draft>) -> Result<Vec<Call>, Cycle> {
    let by_key: BTreeMap<&str, usize> = drafts.iter().enumerate().map(|(at, draft)| (draft.key.as_str(), at)).collect();
    let learned: BTreeMap<&Address, usize> = drafts
        .iter()
        .enumerate()
        .flat_map(|(at, draft)| draft.learns.iter().chain(&draft.also_learns).map(move |learns| (&learns.address, at)))
        .collect();
    let waits: Vec<BTreeSet<usize>> = drafts
        .iter()
        .enumerate()
        .map(|(at, draft)| {
            let named = draft.after.iter().filter_map(|key| by_key.get(key.as_str()).copied());
            let ids = ids_used(draft).filter_map(|address| learned.get(&address).copied());
            named.chain(ids).filter(|other| *other != at).collect()
        })
        .collect();
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    let mut open: Vec<usize> = Vec::with_capacity(drafts.len());
    for (at, waits) in waits.iter().enumerate() {
        open.push(waits.len());
        for other in waits {
            blocks[*other].push(at);
        }
    }
    let mut ready: BTreeSet<usize> = (0..drafts.len()).filter(|at| open[*at] == 0).collect();
    let mut sorted = Vec::with_capacity(drafts.len());
    while let Some(at) = ready.pop_first() {
        sorted.push(at);
        for next in &blocks[at] {
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.insert(*next);
            }
        }
    }
    if sorted.len() < drafts.len() {
        let ring = (0..drafts.len()).filter(|at| open[*at] > 0).map(|at| drafts[at].summary.clone()).collect();
        return Err(Cycle { ring });
    }
    let mut id = vec![String::new(); drafts.len()];
    for (number, at) in sorted.iter().enumerate() {
        id[*at] = format!("c{}", number + 1);
    }
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    Ok(sorted
        .iter()
        .filter_map(|at| {
            let draft = drafts[*at].take()?;
            let mut after: Vec<usize> = waits[*at].iter().copied().collect();
            after.sort_by_key(|other| id[*other][1..].parse::<usize>().unwrap_or(0));
            Some(Call {
                id: id[*at].clone(),
                address: draft.address,
                method: draft.method.to_owned(),
                path: draft.path,
                body: draft.body,
                ids: draft.ids,
                after: after.into_iter().map(|other| id[other].clone()).collect(),
                learns: draft.learns,
                also_learns: draft.also_learns,
                care: draft.care,
                summary: draft.summary,
            })
        })
        .collect())
}

/// The objects whose ids a draft needs.
pub fn ids_used(draft: &Draft) -> impl Iterator<Item = Address> {
    let in_path = placeholders_in_path(&draft.path).filter_map(placeholder_address);
    let body = draft.body.as_ref();
    let in_body = draft.ids.iter().filter_map(move |pointer| placeholder_address(body?.pointer(pointer)?.as_str()?));
    in_path.chain(in_body).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changeset::{Learns, placeholder};

    fn draft(key: &str, after: &[&str]) -> Draft {
        let mut draft = Draft::new(key, &Address::new("plans", key), "POST", "/x");
        draft.after = after.iter().map(|key| (*key).to_owned()).collect();
        draft.summary = key.to_owned();
        draft
    }

    #[test]
    fn what_is_waited_for_comes_first() {
        let calls = order(vec![draft("c", &["b", "gone"]), draft("a", &[]), draft("b", &["a"])]).unwrap();
        let order: Vec<&str> = calls.iter().map(|call| call.summary.as_str()).collect();
        assert_eq!(order, ["a", "b", "c"]);
        assert_eq!(calls[2].after, ["c2"]);
    }

    #[test]
    fn an_id_is_learned_before_it_is_used() {
        let plan = Address::new("plans", "pro");
        let mut price = draft("price", &[]);
        price.path = format!("/plans/{}/prices", placeholder(&plan));
        let mut create = draft("plan", &[]);
        create.learns = Some(Learns::new(&plan, "/data/id"));
        let calls = order(vec![price, create]).unwrap();
        assert_eq!(calls[0].summary, "plan");
        assert_eq!(calls[1].after, ["c1"]);
    }

    #[test]
    fn a_ring_is_named() {
        let ring = order(vec![draft("a", &["b"]), draft("b", &["a"])]).unwrap_err();
        assert_eq!(ring.to_string(), "these calls wait for one another and none can be first: a → b");
    }
}
