//! Lists: `skip`, `limit`, `order_by`, `X-Total-Count` (bxb-api.md §3).

use std::cmp::{Ordering, Reverse};

use rust_decimal::Decimal;

use super::call::{Call, Reply};
use super::failure::Failure;
use super::field::Kind;
use super::issue::Issue;
use super::json::{Json, Object};
use super::tables::Holds;

/// One page of the caller's rows that pass; the total counts those that `counts` passes.
pub(super) fn page(
    call: &Call<'_>,
    table: &str,
    passes: impl Fn(&Object) -> bool,
    counts: impl Fn(&Object) -> bool,
    view: impl Fn(&Object) -> Json,
    mut issues: Vec<Issue>,
) -> Result<Reply, Failure> {
    let mut number = |name: &str, least: i64, most: i64, default: usize| {
        let given = call.typed_query(name, Kind::Int(least, most), &mut issues);
        // More than fits is past every end.
        given.map_or(default, |given| given.as_int().and_then(|given| given.try_into().ok()).unwrap_or(usize::MAX))
    };
    let (skip, limit) = (number("skip", 0, i64::MAX, 0), number("limit", 1, 1000, 100));
    Failure::unless_empty(issues)?;
    let order = Order::of(call, table)?;
    let mine: Vec<_> = call.db.all(table).filter(|row| call.owns(row)).collect();
    let total = mine.iter().filter(|row| counts(row)).count();
    let mut rows: Vec<_> = mine.into_iter().filter(|row| passes(row)).collect();
    order.sort(&mut rows);
    let items: Vec<_> = rows.into_iter().skip(skip).take(limit).map(view).collect();
    Ok(Reply { headers: vec![("x-total-count", total.to_string())], ..Reply::ok(items) })
}

struct Order {
    column: String,
    numeric: bool,
    ascending: bool,
}

impl Order {
    /// `column`, `column:asc`, `column:desc`. What is no column is not looked at, unless it is something else that
    /// the server's model has: that it cannot sort by.
    fn of(call: &Call<'_>, table: &str) -> Result<Self, Failure> {
        let newest = Self { column: "created_at".to_owned(), numeric: false, ascending: false };
        let Some(asked) = call.query("order_by") else { return Ok(newest) };
        let (column, direction) = asked.split_once(':').unwrap_or((asked, "asc"));
        if matches!(column, "metadata" | "registry") || (column.starts_with("__") && column.ends_with("__")) {
            return Err(Failure::Crash);
        }
        let own = call.db.table(table).map(|table| table.columns).unwrap_or_default();
        let holds = own.iter().find(|known| known.name == column).map(|known| known.holds);
        let known = holds.is_some() || ["id", "organization_id", "created_at", "updated_at"].contains(&column);
        let numeric = matches!(holds, Some(Holds::Numeric(..)));
        Ok(if known { Self { column: column.to_owned(), numeric, ascending: direction == "asc" } } else { newest })
    }

    /// Rows come in the order of their ids, which is random: so do those that are equal here.
    fn sort(&self, rows: &mut [&Object]) {
        rows.sort_by(|one, other| {
            let (one, other) = (one.at(&self.column), other.at(&self.column));
            let order = compare(one, other, self.numeric);
            if self.ascending { order } else { order.reverse() }
        });
    }
}

/// As the database compares; null is more than anything.
fn compare(one: &Json, other: &Json, numeric: bool) -> Ordering {
    match (one, other) {
        (Json::Text(one), Json::Text(other)) if numeric => one.parse::<Decimal>().ok().cmp(&other.parse().ok()),
        (Json::Text(one), Json::Text(other)) => collate(one, other),
        (Json::Bool(one), Json::Bool(other)) => one.cmp(other),
        (Json::Null, _) | (_, Json::Null) => one.is_null().cmp(&other.is_null()),
        _ => one.as_int().cmp(&other.as_int()),
    }
}

/// A collation of people, not of bytes: letters before their case, small ones first.
fn collate(one: &str, other: &str) -> Ordering {
    let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let cased = |text: &str| text.chars().map(|letter| Reverse(letter.is_lowercase())).collect::<Vec<_>>();
    (folded(one), cased(one), one).cmp(&(folded(other), cased(other), other))
}
