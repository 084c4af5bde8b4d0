//! The vocabulary: addresses, money, values, resources, effects. Plain data, no I/O.

mod address;
mod calendar;
mod currency;
mod effect;
mod fields;
mod kind;
mod money;
mod page;
mod path;
mod reach;
mod resource;
mod subscription;
mod value;

pub use address::{Address, path_key, path_segment, path_segments, roots_of};
pub use calendar::{civil, days, moment, seconds};
pub use currency::Currency;
pub use effect::Effect;
pub use fields::Fields;
pub use kind::{FieldSpec, KindSpec, Mutability, Readability, Remade, Renaming, Versions};
pub use money::{Amount, BadNumber, Percent, Rate, UnitPrice, grouped};
pub use page::{
    AddOnCard, Item, Ladder, MarketTag, Objects, Offer, Page, Pages, PlanCard, PriceTag, RateTag, Term, Tier,
};
pub use path::FieldPath;
pub use reach::{EffectRule, Reach};
pub use resource::{Absence, Desired, DesiredObject, Directives, Live, LiveObject, PriceChanges, Resource, SourceRef};
pub use subscription::{Standing, Subscription, Subscriptions};
pub use value::{FieldKind, Value};
