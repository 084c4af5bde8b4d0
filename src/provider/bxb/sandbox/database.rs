//! A small relational database: typed columns, unique and foreign keys, and transactions that leave nothing behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::decimal;
use super::json::{Json, Object};
use super::reader;
use super::tables::{Column, Holds, OnDelete, TABLES, Table};
use super::uuid::Random;
use crate::sandbox::api::Change;

/// The database refused. The server says no more than 500.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused;

struct Rows {
    table: &'static Table,
    by_id: BTreeMap<String, Object>,
    index: HashMap<(&'static str, String), BTreeSet<String>>,
}

pub(super) struct Database {
    tables: BTreeMap<&'static str, Rows>,
    /// What rows were before the transaction, oldest first.
    undo: Vec<(&'static str, String, Option<Object>)>,
    touched: BTreeSet<(&'static str, String)>,
    pub(super) random: Random,
}

impl Default for Database {
    fn default() -> Self {
        let rows = |table| Rows { table, by_id: BTreeMap::new(), index: HashMap::new() };
        let tables = TABLES.iter().map(|table| (table.name, rows(table))).collect();
        Self { tables, undo: Vec::new(), touched: BTreeSet::new(), random: Random::default() }
    }
}

impl Rows {
    fn indexed(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.table.columns.iter().filter(|column| column.indexed).map(|column| column.name)
    }

    fn set(&mut self, id: &str, row: Option<Object>) -> Option<Object> {
        if let Some(old) = self.by_id.get(id) {
            for column in self.indexed() {
                let key = (column, old.text(column).to_owned());
                if let Some(ids) = self.index.get_mut(&key) {
                    ids.remove(id);
                    if ids.is_empty() {
                        self.index.remove(&key);
                    }
                }
            }
        }
        match row {
            Some(row) => {
                for column in self.indexed() {
                    let ids = self.index.entry((column, row.text(column).to_owned())).or_default();
                    ids.insert(id.to_owned());
                }
                self.by_id.insert(id.to_owned(), row)
            }
            None => self.by_id.remove(id),
        }
    }
}

impl Database {
    pub(super) fn table(&self, name: &str) -> Option<&'static Table> {
        self.tables.get(name).map(|rows| rows.table)
    }

    pub(super) fn find(&self, table: &str, id: &str) -> Option<&Object> {
        self.tables.get(table)?.by_id.get(id)
    }

    /// In the order of their ids, which is random.
    pub(super) fn all(&self, table: &str) -> impl Iterator<Item = &Object> + use<'_> {
        self.tables.get(table).into_iter().flat_map(|rows| rows.by_id.values())
    }

    /// The rows with this value in an indexed column, in the order of their ids.
    pub(super) fn by(&self, table: &str, column: &'static str, value: &str) -> impl Iterator<Item = &Object> + use<'_> {
        let rows = self.tables.get(table);
        let ids = rows.and_then(|rows| rows.index.get(&(column, value.to_owned())));
        ids.into_iter().flatten().filter_map(move |id| rows.and_then(|rows| rows.by_id.get(id)))
    }

    fn write(&mut self, table: &'static str, id: &str, row: Option<Object>) {
        if let Some(rows) = self.tables.get_mut(table) {
            let before = rows.set(id, row);
            self.undo.push((table, id.to_owned(), before));
            self.touched.insert((table, id.to_owned()));
        }
    }

    /// A new row. Columns that are not given are null.
    pub(super) fn insert(
        &mut self,
        table: &'static str,
        organization: &str,
        now: i64,
        values: &Object,
    ) -> Result<Object, Refused> {
        let id = self.random.uuid();
        self.insert_as(table, organization, now, values, id)
    }

    /// A new row with an id that is known.
    pub(super) fn insert_as(
        &mut self,
        table: &'static str,
        organization: &str,
        now: i64,
        values: &Object,
        id: String,
    ) -> Result<Object, Refused> {
        let spec = self.table(table).ok_or(Refused)?;
        if table != "organizations" && self.find("organizations", organization).is_none() {
            return Err(Refused);
        }
        let mut row = Object::from([("id", id.as_str().into()), ("organization_id", organization.into())]);
        for column in spec.columns {
            row.set(column.name, store(column, values.at(column.name))?);
        }
        row.set("created_at", now);
        row.set("updated_at", now);
        self.check(spec, &row)?;
        self.write(table, &id, Some(row.clone()));
        Ok(row)
    }

    /// Sets columns. What changed comes back, with its old and its new value; without any, nothing is written.
    pub(super) fn update(
        &mut self,
        table: &'static str,
        id: &str,
        now: i64,
        values: &Object,
    ) -> Result<Vec<(String, Json, Json)>, Refused> {
        let spec = self.table(table).ok_or(Refused)?;
        let mut row = self.find(table, id).ok_or(Refused)?.clone();
        let mut changed = Vec::new();
        for (name, value) in values.iter() {
            let Some(column) = spec.columns.iter().find(|column| column.name == name) else { continue };
            let value = store(column, value)?;
            if row.at(name) != &value {
                changed.push((name.to_owned(), row.at(name).clone(), value.clone()));
                row.set(name, value);
            }
        }
        if !changed.is_empty() {
            row.set("updated_at", now);
            self.check(spec, &row)?;
            self.write(table, id, Some(row));
        }
        Ok(changed)
    }

    /// The unique and foreign keys of a row.
    fn check(&self, spec: &'static Table, row: &Object) -> Result<(), Refused> {
        for columns in spec.unique {
            let same = |other: &&Object| {
                other.id() != row.id() && columns.iter().all(|column| other.at(column) == row.at(column))
            };
            let indexed = spec.columns.iter().find(|column| column.indexed && columns.contains(&column.name));
            let taken = match indexed {
                Some(column) => self.by(spec.name, column.name, row.text(column.name)).any(|other| same(&other)),
                None => self.all(spec.name).any(|other| same(&other)),
            };
            if taken {
                return Err(Refused);
            }
        }
        for (column, table, _) in spec.references {
            let value = row.at(column);
            if !value.is_null() && self.find(table, row.text(column)).is_none() {
                return Err(Refused);
            }
        }
        Ok(())
    }

    /// Deletes a row and what goes with it, unless something holds on to one of them.
    pub(super) fn delete(&mut self, table: &'static str, id: &str) -> Result<(), Refused> {
        let mut gone: Vec<(&'static str, String)> = vec![(table, id.to_owned())];
        let mut next = 0;
        while let Some((parent, parent_id)) = gone.get(next).cloned() {
            next += 1;
            for child in TABLES {
                for (column, _, rule) in child.references.iter().filter(|(_, to, _)| *to == parent) {
                    let children: Vec<_> =
                        self.by(child.name, column, &parent_id).map(|row| (child.name, row.id().to_owned())).collect();
                    match rule {
                        OnDelete::Refuse if !children.is_empty() => return Err(Refused),
                        OnDelete::Refuse => {}
                        OnDelete::Cascade => gone.extend(children),
                    }
                }
            }
        }
        for (table, id) in gone {
            self.write(table, &id, None);
        }
        Ok(())
    }

    /// What was written stays, whatever comes after it.
    pub(super) fn commit(&mut self) {
        self.undo.clear();
    }

    /// Everything since the last commit has not been.
    pub(super) fn roll_back(&mut self) {
        while let Some((table, id, row)) = self.undo.pop() {
            if let Some(rows) = self.tables.get_mut(table) {
                rows.set(&id, row);
            }
        }
    }

    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        let touched = std::mem::take(&mut self.touched);
        let change = |(kind, id): (&'static str, String)| {
            let bytes = self.find(kind, &id).map(|row| Json::from(row.clone()).to_string().into_bytes());
            Change { kind, id, bytes }
        };
        touched.into_iter().map(change).collect()
    }

    pub(super) fn restore(&mut self, kind: &str, bytes: &[u8]) -> Result<(), String> {
        let broken = || format!("a row of {kind} cannot be read");
        let row = reader::read(bytes).ok().and_then(|row| row.as_object().cloned()).ok_or_else(broken)?;
        let id = row.id().to_owned();
        self.tables.get_mut(kind).ok_or_else(broken)?.set(&id, Some(row));
        Ok(())
    }
}

/// A value as its column keeps it.
fn store(column: &Column, value: &Json) -> Result<Json, Refused> {
    if value.is_null() {
        return if column.nullable { Ok(Json::Null) } else { Err(Refused) };
    }
    let fits = !value.is_unstorable()
        && match column.holds {
            Holds::Text(most) => value.as_text().is_some_and(|text| text.chars().count() <= most),
            Holds::Int32 => value.as_int().is_some_and(|number| i32::try_from(number).is_ok()),
            Holds::Numeric(..) | Holds::Flag | Holds::Moment | Holds::Id | Holds::Json => true,
        };
    match (column.holds, value.as_text()) {
        _ if !fits => Err(Refused),
        (Holds::Numeric(precision, scale), Some(plain)) => {
            decimal::fit(plain, precision, scale).map(Json::Text).ok_or(Refused)
        }
        _ => Ok(value.clone()),
    }
}
