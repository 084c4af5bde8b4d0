//! Rows by id, with hash indexes over the live ones: nothing here looks at every row to write one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sandbox::api::Change;

/// One kind of object.
pub(super) trait Row: Clone + Serialize + DeserializeOwned {
    /// Its table in the store.
    const KIND: &'static str;

    fn id(&self) -> &str;

    /// False once it is deleted: deletes are soft, the row stays for those who refer to it.
    fn is_live(&self) -> bool;

    /// What it can be found by: its own unique values and the ids that it refers to, as (index, value).
    fn keys(&self) -> Vec<(&'static str, &str)>;
}

/// All rows of one kind, in the order of their ids, which is no order that a client could rely on.
pub(super) struct Table<T> {
    rows: BTreeMap<String, T>,
    indexes: HashMap<&'static str, HashMap<String, BTreeSet<String>>>,
    touched: BTreeSet<String>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), indexes: HashMap::new(), touched: BTreeSet::new() }
    }
}

impl<T: Row> Table<T> {
    /// A live row.
    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id).filter(|row| row.is_live())
    }

    /// A row, also a deleted one.
    pub(super) fn get_any(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    /// The live rows.
    pub(super) fn live(&self) -> impl Iterator<Item = &T> {
        self.rows.values().filter(|row| row.is_live())
    }

    /// The live rows whose id comes after this one.
    pub(super) fn after(&self, id: Option<&str>) -> impl Iterator<Item = &T> {
        use std::ops::Bound;
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range::<str, _>((start, Bound::Unbounded)).map(|(_, row)| row).filter(|row| row.is_live())
    }

    /// The live rows that have this value in this index.
    pub(super) fn by<'a>(&'a self, index: &str, value: &str) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let ids = self.indexes.get(index).and_then(|index| index.get(value));
        ids.into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// Whether another live row has this value.
    pub(super) fn taken(&self, index: &str, value: &str, except: Option<&str>) -> bool {
        self.by(index, value).any(|row| Some(row.id()) != except)
    }

    /// Puts a new row, or a changed one in place of the old.
    pub(super) fn put(&mut self, row: T) {
        self.touched.insert(row.id().to_owned());
        self.place(row);
    }

    fn place(&mut self, row: T) {
        let id = row.id().to_owned();
        if let Some(old) = self.rows.get(&id).filter(|old| old.is_live()) {
            for (index, value) in old.keys() {
                if let Some(index) = self.indexes.get_mut(index)
                    && let Some(ids) = index.get_mut(value)
                {
                    ids.remove(&id);
                    if ids.is_empty() {
                        index.remove(value);
                    }
                }
            }
        }
        if row.is_live() {
            for (index, value) in row.keys() {
                let index = self.indexes.entry(index).or_default();
                index.entry(value.to_owned()).or_default().insert(id.clone());
            }
        }
        self.rows.insert(id, row);
    }

    pub(super) fn restore(&mut self, bytes: &[u8]) -> Result<(), String> {
        let row = serde_json::from_slice(bytes).map_err(|error| format!("a {} cannot be read: {error}", T::KIND))?;
        self.place(row);
        Ok(())
    }

    pub(super) fn take_changes(&mut self, changes: &mut Vec<Change>) {
        for id in std::mem::take(&mut self.touched) {
            if let Some(bytes) = self.rows.get(&id).and_then(|row| serde_json::to_vec(row).ok()) {
                changes.push(Change { kind: T::KIND, id, bytes: Some(bytes) });
            }
        }
    }
}
