//! The vocabulary: addresses, money, values, effects. Plain data, no I/O.

mod address;
mod currency;
mod effect;
mod money;
mod value;

pub use address::Address;
pub use currency::Currency;
pub use effect::Effect;
pub use money::{Amount, BadNumber, Percent, Rate, UnitPrice};
pub use value::{FieldKind, Value};
