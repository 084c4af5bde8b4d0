//! Pages (commet-api.md §2.4): `limit` 25 unless said, at most 100; the cursor is opaque.

use serde_json::Value;

use super::call::{Call, Reply};
use super::failure::{Detail, Failure};
use super::table::{Row, Table};

const DEFAULT: usize = 25;
const MOST: usize = 100;
const PREFIX: &str = "cur_";

/// Which page is asked for.
pub(super) struct Page {
    limit: usize,
    after: Option<String>,
}

impl Page {
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Failure> {
        let mut details = Vec::new();
        let limit = match call.query("limit").map(str::parse) {
            None => DEFAULT,
            Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
            Some(_) => {
                details.push(Detail::new("limit", format!("Must be an integer between 1 and {MOST}")));
                DEFAULT
            }
        };
        let after = call.query("cursor").map(id_of);
        if after == Some(None) {
            details.push(Detail::new("cursor", "Not a cursor that this API gave"));
        }
        Failure::unless_empty(details)?;
        Ok(Self { limit, after: after.flatten() })
    }

    /// This page of a table, of the rows that pass.
    pub(super) fn reply<T: Row>(
        &self,
        table: &Table<T>,
        passes: impl Fn(&T) -> bool,
        view: impl Fn(&T) -> Value,
    ) -> Reply {
        let mut rows = table.after(self.after.as_deref()).filter(|row| passes(row)).take(self.limit + 1).peekable();
        let mut items = Vec::new();
        let mut last = "";
        while items.len() < self.limit {
            let Some(row) = rows.next() else { break };
            last = row.id();
            items.push(view(row));
        }
        let next = rows.peek().map(|_| cursor(last));
        Reply::page(items, next)
    }
}

fn cursor(id: &str) -> String {
    id.bytes().fold(PREFIX.to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn id_of(cursor: &str) -> Option<String> {
    let hex = cursor.strip_prefix(PREFIX).filter(|hex| !hex.is_empty() && hex.len() % 2 == 0 && hex.is_ascii())?;
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}
