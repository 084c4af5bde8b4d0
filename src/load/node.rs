use crate::diagnostic::Span;

/// One YAML value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands. Empty for a value that is not written, as after `key:`.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// A value with each scalar's own text: nothing is turned into a number before it is known what it is for.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar without quotes.
    Plain(Box<str>),
    /// A scalar in quotes, or a block of text: always text.
    Quoted(Box<str>),
    /// A list.
    Seq(Vec<Node>),
    /// A map.
    Map(Map),
}

/// A map's key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its text.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// Entries in the order of the file, each key once.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// Positions in `entries`, by key; only for maps that are worth it. A catalog can have thousands of plans.
    #[allow(clippy::box_collection, reason = "most maps have none, and a box is smaller than a list")]
    index: Option<Box<Vec<u32>>>,
}

/// Below this, walking is as fast as searching.
const WORTH_AN_INDEX: usize = 16;

impl Map {
    /// Takes entries, and hands back those whose key was there already, each with the place of the first one.
    pub fn new(mut entries: Vec<Entry>) -> (Self, Vec<(Entry, Span)>) {
        let order = order(&entries);
        let mut again = twice(&entries, &order);
        if again.is_empty() {
            // A catalog has very many small maps; what they hold in reserve adds up.
            entries.shrink_to_fit();
            return (Self { entries, index: (!order.is_empty()).then(|| Box::new(order)) }, Vec::new());
        }
        again.sort_unstable_by_key(|(at, _)| *at);
        let (mut kept, mut removed) = (Vec::with_capacity(entries.len() - again.len()), Vec::new());
        let mut next = again.into_iter().peekable();
        for (at, entry) in entries.into_iter().enumerate() {
            match next.next_if(|(again, _)| *again == at) {
                Some((_, first)) => removed.push((entry, first)),
                None => kept.push(entry),
            }
        }
        (Self::new(kept).0, removed)
    }

    /// Takes entries as they are; [`Map::new`] must see them before anything is looked up.
    pub(super) fn unsettled(entries: Vec<Entry>) -> Self {
        Self { entries, index: None }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| &*entry.key.text == key).map(|entry| &mut entry.value)
    }

    /// The values, to be changed; keys stay what they are.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// All entries, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries, to be put into another map.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        let Some(index) = &self.index else {
            return self.entries.iter().find(|entry| &*entry.key.text == key);
        };
        let at = index.binary_search_by(|at| (*self.entries[*at as usize].key.text).cmp(key)).ok()?;
        Some(&self.entries[index[at] as usize])
    }

    /// The keys, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.key.text)
    }
}

/// Positions by key and then by place; empty for a map that is too small for an index.
fn order(entries: &[Entry]) -> Vec<u32> {
    if entries.len() < WORTH_AN_INDEX {
        return Vec::new();
    }
    let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
    let key = |at: u32| &entries[at as usize].key.text;
    order.sort_unstable_by(|one, other| key(*one).cmp(key(*other)).then(one.cmp(other)));
    order
}

/// The places of entries whose key stands earlier too, each with the span of that earlier key.
fn twice(entries: &[Entry], order: &[u32]) -> Vec<(usize, Span)> {
    let mut again = Vec::new();
    if order.is_empty() {
        for (at, entry) in entries.iter().enumerate() {
            if let Some(first) = entries[..at].iter().find(|first| first.key.text == entry.key.text) {
                again.push((at, first.key.span));
            }
        }
        return again;
    }
    let mut first = order[0] as usize;
    for at in order[1..].iter().map(|at| *at as usize) {
        if entries[first].key.text == entries[at].key.text {
            again.push((at, entries[first].key.span));
        } else {
            first = at;
        }
    }
    again
}

impl Node {
    /// The text of a scalar. `None` for lists, maps and nothing.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(text) | Value::Quoted(text) => Some(text),
            _ => None,
        }
    }

    /// This node as a map.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value under a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.get(key)
    }

    /// The item at this place, if this is a list that has it.
    pub fn item(&self, at: usize) -> Option<&Node> {
        match &self.value {
            Value::Seq(items) => items.get(at),
            _ => None,
        }
    }

    /// How many nodes it has, itself among them.
    pub(super) fn count(&self) -> usize {
        match &self.value {
            Value::Seq(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Value::Map(map) => 1 + map.entries().iter().map(|entry| entry.value.count()).sum::<usize>(),
            _ => 1,
        }
    }

    /// What it is, for people: `a map`, `a list`, `text`, ….
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Plain(text) => super::scalar::kind(text),
            Value::Quoted(_) => "text",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_and_keeps_the_first_of_two() {
        let span = |start| Span { file: 0, start, end: start + 1 };
        for size in [3, 40] {
            let mut keys: Vec<String> = (0..size).map(|at| format!("k{at}")).collect();
            keys.push("k1".into());
            let entries = keys
                .iter()
                .zip(0..)
                .map(|(key, at)| Entry {
                    key: Key { text: key.as_str().into(), span: span(at) },
                    value: Node { span: span(at), value: Value::Null },
                })
                .collect();
            let (map, again) = Map::new(entries);
            assert_eq!(map.entries().len(), size);
            assert_eq!(map.get("k2").unwrap().key.span, span(2));
            assert!(map.get("nope").is_none());
            assert_eq!(again.len(), 1);
            assert_eq!((again[0].0.key.span.start as usize, again[0].1), (size, span(1)));
        }
    }
}
