/// A piece of YAML before it has a place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// One value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Tree>),
    /// A map, in the order in which it is written.
    Map(Map),
}

/// A value with the text that the catalog language reads: money is never a number here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A number, a flag or nothing: written as it is, without quotes.
    Plain(String),
    /// Words: quoted only where YAML, in any of its versions, would read something else without quotes.
    Text(String),
}

/// A map in the order in which it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// The entries; each key once.
    pub entries: Vec<Entry>,
    /// How it is laid out.
    pub layout: Layout,
}

/// A key, its value, and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Tree,
    /// A comment for the end of the line: what a code stands for. Without the `#`.
    pub remark: Option<String>,
    /// Comments for lines of their own above it. Without the `#`.
    pub above: Vec<String>,
}

/// How a map is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// `{ a: 1, b: 2 }` where it holds only short values and fits on the line, else a line for each key.
    #[default]
    Fit,
    /// A line for each key.
    Block,
}

impl Map {
    /// Adds an entry at the end.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Tree>) {
        self.entries.push(Entry { key: key.into(), value: value.into(), remark: None, above: Vec::new() });
    }

    /// The same with a comment for the end of the line, where there is something to say.
    pub fn put_named(&mut self, key: impl Into<String>, value: impl Into<Tree>, remark: Option<String>) {
        self.entries.push(Entry { key: key.into(), value: value.into(), remark, above: Vec::new() });
    }

    /// An empty map with a line for each key.
    pub fn block() -> Self {
        Self { layout: Layout::Block, ..Self::default() }
    }

    /// Adds a value under a path of keys; maps on the way are made where there are none.
    pub fn put_at(&mut self, path: &[&str], value: impl Into<Tree>) {
        match path {
            [] => {}
            [key] => self.put(*key, value),
            [key, rest @ ..] => {
                for entry in self.entries.iter_mut().filter(|entry| entry.key == *key) {
                    if let Tree::Map(map) = &mut entry.value {
                        return map.put_at(rest, value);
                    }
                }
                let mut map = Self::default();
                map.put_at(rest, value);
                self.put(*key, map);
            }
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

impl Tree {
    /// A number, a flag or nothing.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Scalar(Scalar::Plain(text.into()))
    }

    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Scalar(Scalar::Text(text.into()))
    }
}

impl From<Map> for Tree {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Tree>> for Tree {
    fn from(items: Vec<Tree>) -> Self {
        Self::List(items)
    }
}

impl From<Scalar> for Tree {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}
