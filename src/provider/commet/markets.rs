//! Prices in markets among the fields of a price or of a variant: `markets.argentina.ars` (commet-api.md §3.3).

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::{Fields, Value, path_key, path_segment, path_segments};

/// One of them.
pub(super) struct MarketPrice<'f> {
    /// The market's key.
    pub market: Cow<'f, str>,
    /// The currency's code, in small letters.
    pub currency: &'f str,
    pub amount: &'f Value,
}

/// The path of a price in a market.
pub(super) fn path(market: &str, currency: &str) -> String {
    format!("markets.{}.{currency}", path_segment(market))
}

/// Whether a path is that of a price in a market.
pub(super) fn is_price(path: &str) -> bool {
    path.starts_with("markets.")
}

/// The key of the market that a path is about.
pub(super) fn market_of(path: &str) -> Option<Cow<'_, str>> {
    let mut segments = path_segments(path);
    (segments.next() == Some("markets")).then(|| segments.next().and_then(path_key)).flatten()
}

/// All of them, by market.
pub(super) fn prices(fields: &Fields) -> impl Iterator<Item = MarketPrice<'_>> {
    fields.iter().filter_map(|(path, amount)| {
        Some(MarketPrice { market: market_of(path)?, currency: path_segments(path).nth(2)?, amount })
    })
}

/// The markets in which there is a price.
pub(super) fn markets(fields: &Fields) -> BTreeSet<Cow<'_, str>> {
    prices(fields).map(|price| price.market).collect()
}

/// Whether there is a price in a market.
pub(super) fn names(fields: &Fields, market: &str) -> bool {
    prices(fields).any(|price| price.market == market)
}
