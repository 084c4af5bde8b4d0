//! Keys of objects that have none in the API.

use rust_decimal::Decimal;

/// A threshold is known by its amount: `500`, `500.5`.
pub(super) fn threshold(amount: Decimal) -> String {
    amount.normalize().to_string()
}
