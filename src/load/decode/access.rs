use std::cell::RefCell;

use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess};

use super::State;
use super::de::De;
use super::error::Error;
use crate::load::node::{Entry, Node};

/// A map's entries, handed to serde one by one.
pub(super) struct Entries<'a, 's> {
    identity: usize,
    entries: &'a [Entry],
    at: usize,
    resume: bool,
    /// The fields of a struct that says which it has: others are reported without bothering the struct.
    fields: &'static [&'static str],
    state: &'s RefCell<State<'a>>,
}

impl<'a, 's> Entries<'a, 's> {
    pub(super) fn new(identity: usize, entries: &'a [Entry], resume: bool, state: &'s RefCell<State<'a>>) -> Self {
        let at = if resume { start(identity, state) } else { 0 };
        Self { identity, entries, at, resume, fields: &[], state }
    }

    pub(super) fn only(self, fields: &'static [&'static str]) -> Self {
        Self { fields, ..self }
    }

    /// Whether an entry is passed over. A field that does not exist is, after a finding.
    fn passes(&self, entry: &'a Entry) -> bool {
        if self.state.borrow().is_aside(&entry.value) {
            return true;
        }
        let unknown = !self.fields.is_empty() && !self.fields.contains(&&*entry.key.text);
        if unknown {
            let error = Error::unknown_field(&entry.key.text, self.fields);
            self.state.borrow_mut().fail_key(error, &entry.value, entry.key.span, &entry.key.text);
        }
        unknown
    }

    /// What travels on only says that something failed; the details are in the finding.
    fn failed(&self) -> Error {
        if self.resume {
            self.state.borrow_mut().good.insert(self.identity, self.at);
        }
        Error::handled()
    }
}

/// Where to begin: behind what was found good in an earlier attempt.
fn start(identity: usize, state: &RefCell<State<'_>>) -> usize {
    let state = state.borrow();
    if state.collecting { state.good.get(&identity).copied().unwrap_or(0) } else { 0 }
}

fn all_good(identity: usize, count: usize, state: &RefCell<State<'_>>) {
    let mut state = state.borrow_mut();
    if state.collecting {
        state.good.insert(identity, count);
    }
}

impl<'de, 'a> MapAccess<'de> for Entries<'a, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let entries: &'a [Entry] = self.entries;
        while entries.get(self.at).is_some_and(|entry| self.passes(entry)) {
            self.at += 1;
        }
        let Some(entry) = entries.get(self.at) else {
            if self.resume {
                all_good(self.identity, entries.len(), self.state);
            }
            return Ok(None);
        };
        let key: serde::de::value::StrDeserializer<'_, Error> = (*entry.key.text).into_deserializer();
        match seed.deserialize(key) {
            Ok(key) => Ok(Some(key)),
            Err(error) => {
                self.state.borrow_mut().fail_key(error, &entry.value, entry.key.span, &entry.key.text);
                Err(self.failed())
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let entries: &'a [Entry] = self.entries;
        let Some(entry) = entries.get(self.at) else { return Err(Error::wrong("a value", "nothing")) };
        self.state.borrow_mut().path.push(&entry.key.text);
        let result = seed.deserialize(De { node: &entry.value, state: self.state });
        self.state.borrow_mut().path.pop();
        match result {
            Ok(value) => {
                self.at += 1;
                Ok(value)
            }
            // An entry whose inside failed is looked at once more; one that failed itself is set aside.
            Err(error) => {
                if !error.handled {
                    let key = entry.value.span.is_empty() || error.missing().is_some();
                    let span = if key { entry.key.span } else { entry.value.span };
                    self.state.borrow_mut().fail(error, &entry.value, span, Some(&entry.key.text));
                }
                Err(self.failed())
            }
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len().saturating_sub(self.at))
    }
}

/// A list's items, handed to serde one by one.
pub(super) struct Items<'a, 's> {
    identity: usize,
    items: &'a [Node],
    at: usize,
    state: &'s RefCell<State<'a>>,
}

impl<'a, 's> Items<'a, 's> {
    pub(super) fn new(identity: usize, items: &'a [Node], state: &'s RefCell<State<'a>>) -> Self {
        Self { identity, items, at: start(identity, state), state }
    }
}

impl<'de, 'a> SeqAccess<'de> for Items<'a, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        while self.items.get(self.at).is_some_and(|item| self.state.borrow().is_aside(item)) {
            self.at += 1;
        }
        let items: &'a [Node] = self.items;
        let Some(item) = items.get(self.at) else {
            all_good(self.identity, items.len(), self.state);
            return Ok(None);
        };
        match seed.deserialize(De { node: item, state: self.state }) {
            Ok(value) => {
                self.at += 1;
                Ok(Some(value))
            }
            Err(error) => {
                let mut state = self.state.borrow_mut();
                if !error.handled {
                    state.fail(error, item, item.span, None);
                }
                state.good.insert(self.identity, self.at);
                Err(Error::handled())
            }
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len().saturating_sub(self.at))
    }
}
