//! Tree → typed values, through serde, with all problems at once.
//!
//! serde stops at the first error. So when a field, an entry or an item fails, the finding is recorded with its
//! place, the node is set aside, and the value is decoded again without it; what was already found to be good is
//! skipped on the way, so that a thousand mistakes in ten thousand plans stay cheap. A value that lacks a required
//! field only because that field was set aside is set aside too, without another finding.

mod access;
mod de;
mod error;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde::de::DeserializeOwned;

use self::de::De;
use self::error::Error;
use super::node::Node;
use crate::diagnostic::{Finding, Sink, Span};

/// More problems than this in one document are not looked for.
const MOST_FINDINGS: usize = 12_000;

/// A value of which parts may have been set aside.
#[derive(Debug)]
pub struct Decoded<T> {
    /// The value without the parts that could not be decoded. `None` if nothing is left of it.
    pub value: Option<T>,
    /// The paths of keys of what was set aside.
    pub spoiled: Vec<Vec<String>>,
}

/// Decodes a node. `None` after findings; there is at least one then.
pub fn decode<T: DeserializeOwned>(node: &Node, sink: &mut Sink) -> Option<T> {
    let decoded = decode_partial(node, sink);
    decoded.value.filter(|_| decoded.spoiled.is_empty())
}

/// Decodes a node as far as possible, so that what is good in it can still be checked.
pub fn decode_partial<T: DeserializeOwned>(node: &Node, sink: &mut Sink) -> Decoded<T> {
    let state = RefCell::new(State::default());
    let mut result = T::deserialize(De::root(node, &state));
    if result.is_err() {
        state.borrow_mut().collecting = true;
        loop {
            match result {
                Ok(_) => break,
                // Not all of so many can be told apart in reasonable time, nor would anybody read them.
                Err(error) if error.handled && state.borrow().findings.len() < MOST_FINDINGS => {
                    result = T::deserialize(De::root(node, &state))
                }
                Err(error) if error.handled => break,
                Err(error) => {
                    let mut state = state.borrow_mut();
                    let start = Span { end: node.span.start, ..node.span };
                    state.fail(error, node, start, None);
                    break;
                }
            }
        }
        state.borrow_mut().collecting = false;
        result = T::deserialize(De::root(node, &state));
    }
    let state = state.into_inner();
    for (span, finding) in state.findings {
        let location = sink.locate(span);
        sink.push(finding.at(location));
    }
    Decoded { value: result.ok(), spoiled: state.spoiled }
}

/// What is known between one attempt and the next. Nodes are told apart by their address: the tree does not move
/// while it is decoded.
#[derive(Default)]
struct State<'a> {
    /// Keys from the root to where we are.
    path: Vec<&'a str>,
    /// Nodes that are passed over.
    aside: HashSet<usize>,
    /// For a map or a list: how many of its entries need no second look.
    good: HashMap<usize, usize>,
    /// Whether the result is thrown away, so that good parts can be skipped.
    collecting: bool,
    findings: Vec<(Span, Finding)>,
    spoiled: Vec<Vec<String>>,
    /// Fields that an unknown field was probably meant to be, by the node of that unknown field's object.
    meant: HashSet<(Vec<String>, String)>,
}

impl<'a> State<'a> {
    fn is_aside(&self, node: &Node) -> bool {
        !self.aside.is_empty() && self.aside.contains(&identity(node))
    }

    /// Sets a node aside because of an error in it.
    fn fail(&mut self, error: Error, node: &'a Node, span: Span, key: Option<&'a str>) {
        let mut path: Vec<String> = self.path.iter().map(|key| (*key).to_owned()).collect();
        path.extend(key.map(str::to_owned));
        // Its field is there and was set aside, or is there under a name that was found to be misspelled.
        let said = error
            .missing()
            .is_some_and(|field| node.get(field).is_some() || self.meant.contains(&(path.clone(), field.to_owned())));
        if !said {
            let subject = path.iter().rev().find(|key| key.parse::<usize>().is_err()).map(String::as_str);
            self.findings.push((span, error.finding(subject)));
        }
        self.aside.insert(identity(node));
        self.spoiled.push(path);
    }

    /// Sets a node aside because of its key.
    fn fail_key(&mut self, error: Error, node: &'a Node, span: Span, key: &'a str) {
        let mut path: Vec<String> = self.path.iter().map(|key| (*key).to_owned()).collect();
        let finding = error.finding(path.last().map(String::as_str));
        if let Some(meant) = &finding.suggestion {
            self.meant.insert((path.clone(), meant.clone()));
        }
        self.findings.push((span, finding));
        self.aside.insert(identity(node));
        path.push(key.to_owned());
        self.spoiled.push(path);
    }
}

fn identity(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}
